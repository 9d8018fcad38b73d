"""kill -9 while a file is written: the name always stands for the old file or for the new one.

Twice: before each single step of the interpreter within the package's code that writes, and at
random moments of a program that writes all the time. A further subject is a row in SUBJECTS: what
the victim does, and a check of what it leaves behind.
`python tests/campaigns/kills.py [--quick] [--kills N]`.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from functools import partial
from pathlib import Path
from types import FrameType
from typing import Any, NamedTuple, NoReturn

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[1]))

import shallownet_native as sn
from campaigns.common import in_child
from shallownet_native.files import models as files
from shallownet_native.files import overwriting, replacement

WRITERS = {module.__file__ for module in (files, replacement, overwriting)}
MODELS = [sn.initialize(50, n_h, 1, seed=0) for n_h in (10, 400)]  # 4 and 160 KiB


class Subject(NamedTuple):
    """What is killed and what must hold afterwards."""

    prepare: Callable[[Path], None]  # the folder, before the victim starts
    once: Callable[[Path], None]  # what the victim does, once
    check: Callable[[Path], str]  # says "old" or "new", raises for anything else


def prepare_save(folder: Path) -> None:
    sn.save(MODELS[0], folder / "model.snet")


def save(folder: Path) -> None:
    sn.save(MODELS[1], folder / "model.snet")


def check_save(folder: Path) -> str:
    loaded = sn.load(folder / "model.snet")
    check_left_overs(folder, {"model.snet"})
    assert loaded in MODELS, "neither the old model nor the new one"
    return "old" if loaded == MODELS[0] else "new"


def check_left_overs(folder: Path, names: set[str]) -> None:
    """Let a killed process leave no more behind than one temporary file of its own name."""
    rest = [name for name in os.listdir(folder) if name not in names]
    assert len(rest) <= 1 and all(n.startswith(".shallownet-") and n.endswith(".tmp") for n in rest)
    for name in rest:
        (folder / name).unlink()


SUBJECTS = {"save": Subject(prepare_save, save, check_save)}


def kill_before_step(n: int, once: Callable[[], None]) -> NoReturn:
    """Run `once`, and be killed before the n-th bytecode instruction within what writes."""
    left = n

    def trace(frame: FrameType, event: str, _: Any) -> Any:
        nonlocal left
        if frame.f_code.co_filename not in WRITERS:
            return None
        frame.f_trace_opcodes = True
        if event == "opcode":
            left -= 1
            if left < 0:
                os.kill(os.getpid(), signal.SIGKILL)
        return trace

    sys.settrace(trace)
    once()
    os._exit(0)


def killed_at_every_step(subject: Subject, folder: Path, stride: int = 1) -> Counter[str]:
    """Kill before the first step, the second ...; return how often the old and new were found."""
    found: Counter[str] = Counter()
    n = 0
    while True:
        subject.prepare(folder)
        child = in_child(partial(kill_before_step, n, partial(subject.once, folder)))
        _, status = os.waitpid(child, 0)
        if os.WIFEXITED(status):  # there is no n-th step any more: the victim reached its end
            assert os.WEXITSTATUS(status) == 0, "the victim failed"
            assert subject.check(folder) == "new"
            return found
        found[subject.check(folder)] += 1
        n += stride


def killed_at_random(subject: Subject, folder: Path, n_kills: int, seed: int) -> Counter[str]:
    """Kill so many times a child that turns the old into the new and back, all the time."""
    rng = random.Random(seed)
    found: Counter[str] = Counter()

    def go_on() -> None:
        while True:
            subject.once(folder)
            subject.prepare(folder)

    subject.prepare(folder)
    for _ in range(n_kills):
        child = in_child(go_on)
        time.sleep(rng.uniform(0.0, 0.02))
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        found[subject.check(folder)] += 1
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="every 17th step and 30 random kills")
    parser.add_argument("--kills", type=int, default=2000, help="kills at random moments")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    n_kills, stride = (30, 17) if options.quick else (options.kills, 1)
    for name, subject in SUBJECTS.items():
        started = time.perf_counter()
        with tempfile.TemporaryDirectory() as folder:
            steps = killed_at_every_step(subject, Path(folder), stride)
            at_random = killed_at_random(subject, Path(folder), n_kills, options.seed)
        found = steps + at_random
        print(
            f"{name}: killed before {steps.total()} steps and at {n_kills} random moments: "
            f"{found['old']} times the old file, {found['new']} times the new one, never neither "
            f"({time.perf_counter() - started:.0f} s)"
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
