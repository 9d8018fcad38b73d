"""Structure-aware fuzzing of the loader: what is wrong is refused, what is taken works.

Starts from the golden files and from files of every kind; a damaged file that is refused in a new
way, or taken, becomes a start for further damage. Whatever raises anything but ModelFormatError,
takes more than 50 ms of the processor's time, or is taken and does not come back equal or does not
predict, is a find: it is written to tests/regressions/, where `test_fuzz.py` keeps trying it.

`python tests/campaigns/fuzz.py [--quick] [--cases N] [--seed S]`; in a build with sanitizers, as
CONTRIBUTING.md describes it, for what the loader reaches in the core.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import os
import random
import re
import sys
import tempfile
import time
import warnings
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np

import shallownet_native as sn
from shallownet_native.files import snet
from shallownet_native.tables.model import Column, Model

sys.path.insert(0, str(Path(__file__).parents[1]))
from campaigns.mutations_of_files import DAMAGES

TESTS = Path(__file__).parents[1]
REGRESSIONS = TESTS / "regressions"
MEMORY = "/dev/shm" if os.path.isdir("/dev/shm") else None  # files without a disk
LIMIT = 0.050  # seconds
MAX_BYTES = 2**16  # larger ones are no starts: they would grow for ever


def starts() -> list[bytes]:
    """Return the bytes of whole files, of every kind."""
    with tempfile.TemporaryDirectory(dir=MEMORY) as folder:
        path = Path(folder) / "start.snet"
        contents = [file.read_bytes() for file in sorted((TESTS / "golden").glob("*.snet"))]
        for thing in things():
            sn.save(thing, path)
            contents.append(path.read_bytes())
    return contents


def things() -> list[Any]:
    columns = (Column("a", ("x", "y")), Column("b", None, 1.0, 2.0))
    facts = {"epochs": 3, "cost": 0.5, "note": None}
    return [
        sn.initialize(3, 2, 2, seed=0, dtype=np.float32),
        sn.initialize(3, 0, 2, seed=0),
        Model(sn.initialize(3, 4, 3, seed=0), "relu", "softmax", columns, "y", (1, 2, 3)),
        Model(sn.initialize(3, 0, 1, seed=0), "tanh", "identity", columns, "y", training=facts),
        Model(sn.initialize(3, 1, 1, seed=0), "tanh", "sigmoid", columns, "y", (False, True)),
    ]


def exercise(thing: Any) -> None:
    """Use what was loaded: it comes back equal from another file, and predicts."""
    with tempfile.NamedTemporaryFile(dir=MEMORY) as again:
        sn.save(thing, again.name)
        assert same(sn.load(again.name), thing), "not equal after saving and loading"
    if isinstance(thing, sn.Parameters):
        sn.forward(thing, np.zeros((thing.n_x, 3), thing.dtype))
    elif isinstance(thing, Model):
        table = {c.name: [c.categories[0] if c.categories else c.centre] for c in thing.columns}
        assert len(thing.predict(table)) == 1
    else:
        rows = np.zeros((2, thing.n_features_in_))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # that the columns have no names
            assert len(thing.predict(rows)) == 2


def same(one: Any, other: Any) -> bool:
    """Tell whether two loaded things are equal, to the last bit of their bytes."""
    if isinstance(one, sn.Parameters):
        return bool(one == other)
    return snet.encode(one.to_record()) == snet.encode(other.to_record())


def way(message: str) -> str:
    """Return a message without names and numbers: how a file was refused, not where."""
    return re.sub(r"'.*'|\".*\"|\(.*\)|\[.*|\d+", "", message)


def judge(path: Path) -> tuple[str, str]:
    """Load a file; return "refused" and how, "taken", or "find" and what is wrong."""
    try:
        thing = sn.load(path)
    except sn.ModelFormatError as error:
        message = str(error).removeprefix(f"{path}: ")
        if "\n" in message or len(message) > 1000:
            return "find", f"a message of {len(message)} characters"
        return "refused", way(message)
    except Exception as error:  # noqa: BLE001  any other is a find
        return "find", f"{type(error).__name__}: {error}"
    try:
        exercise(thing)
    except Exception as error:  # noqa: BLE001
        return "find", f"taken, then {type(error).__name__}: {error}"
    return "taken", type(thing).__name__


def seconds_to_load(path: Path) -> float:
    """Return the processor's time for it, the shortest of a few tries."""
    seconds = []
    for _ in range(4):
        started = time.thread_time()
        with contextlib.suppress(sn.ModelFormatError):
            sn.load(path)
        seconds.append(time.thread_time() - started)
        if seconds[-1] <= LIMIT:
            break
    return min(seconds)


def damaged(corpus: list[bytes], rng: random.Random) -> bytes:
    """Return a file of the corpus after one damage or a few."""
    content = rng.choice(corpus)
    with contextlib.suppress(Exception):  # damaged beyond what the next damage can split
        for _ in range(rng.choice([1, 1, 1, 2, 3])):
            content = rng.choice(DAMAGES)(content, rng)
    return content


def campaign(
    n_cases: int, seed: int, *, timed: bool = True
) -> tuple[Counter[str], Counter[str], list[str]]:
    """Try so many damaged files; return the outcomes, the ways of refusal and the finds."""
    rng = random.Random(seed)
    corpus, outcomes, ways, finds = starts(), Counter[str](), Counter[str](), list[str]()
    with tempfile.TemporaryDirectory(dir=MEMORY) as folder:
        path = Path(folder) / "case.snet"
        for _ in range(n_cases):
            content = damaged(corpus, rng)
            path.write_bytes(content)
            outcome, how = judge(path)
            if timed and (slowest := seconds_to_load(path)) > LIMIT:
                outcome, how = "find", f"{1000 * slowest:.0f} ms"
            outcomes[outcome] += 1
            if outcome == "find":
                finds.append(how)
                keep(content)
            is_new = how not in ways or (outcome == "taken" and rng.random() < 0.01)
            if is_new and outcome != "find" and len(content) < MAX_BYTES:
                corpus.append(content)
            ways[how] += 1
    return outcomes, ways, finds


def keep(content: bytes) -> None:
    REGRESSIONS.mkdir(exist_ok=True)
    name = hashlib.sha256(content).hexdigest()[:16] + ".snet"
    (REGRESSIONS / name).write_bytes(content)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="2,000 files")
    parser.add_argument("--cases", type=int, default=200_000)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--untimed", action="store_true", help="under sanitizers: no limit of time")
    options = parser.parse_args()
    warnings.simplefilter("error")
    started = time.perf_counter()
    n_cases = 2000 if options.quick else options.cases
    outcomes, ways, finds = campaign(n_cases, options.seed, timed=not options.untimed)
    for find, n in Counter(finds).most_common(20):
        print(f"find ({n} times): {find}")
    print(
        f"{n_cases} damaged files (seed {options.seed}): {outcomes['refused']} refused in "
        f"{len(ways)} ways, {outcomes['taken']} taken and working, {outcomes['find']} finds "
        f"({time.perf_counter() - started:.0f} s)"
    )
    return int(outcomes["find"] > 0)


if __name__ == "__main__":
    sys.exit(main())
