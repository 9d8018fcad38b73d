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
import pandas as pd

import shallownet_native as sn
from shallownet_native import files
from shallownet_native.files import snet
from shallownet_native.tables import Model

sys.path.insert(0, str(Path(__file__).parents[1]))
from campaigns.forgery import old_model
from campaigns.mutations_of_files import DAMAGES
from pipeline_subjects import SUBJECTS, subject

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
    facts = {"epochs": 3, "cost": 0.5, "note": None}
    softmax = {"output": "softmax", "classes": [1, 2, 3], "n_y": 3}
    linear = {"output": "identity", "classes": [], "parameters": sn.initialize(3, 0, 1, seed=0)}
    return [
        sn.initialize(3, 2, 2, seed=0, dtype=np.float32),
        sn.initialize(3, 0, 2, seed=0),
        Model.from_record(old_model(**softmax)),
        Model.from_record(old_model(training=facts, **linear)),
        Model.from_record(old_model(classes=[False, True])),
        *map(subject, SUBJECTS),
    ]


def exercise(thing: Any) -> None:
    """Use what was loaded: it comes back equal from another file, and predicts."""
    with tempfile.NamedTemporaryFile(dir=MEMORY) as again:
        sn.save(thing, again.name)
        assert same(sn.load(again.name), thing), "not equal after saving and loading"
    if isinstance(thing, sn.Parameters):
        sn.forward(thing, np.zeros((thing.n_x, 3), thing.dtype))
    elif isinstance(thing, Model):
        table = {name: thing.categories.get(name, [0.0])[:1] for name in thing.columns}
        try:
            n_predicted = len(thing.predict(table))
        except ValueError as error:  # 0 is far off by a tiny scale, a category is an empty cell
            n_predicted = sum(map(str(error).count, ("is out of range", "has no value")))
        assert n_predicted == 1
    elif (rows := rows_for(thing)) is not None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # that the columns have no names, that numbers overflow
            use(thing, rows)


def rows_for(thing: Any) -> Any:
    """Return two rows that a fitted estimator, transformer or Pipeline takes, else None."""
    steps = [step for _, step in getattr(thing, "steps", [("", thing)])]
    steps = [step for step in steps if step not in (None, "passthrough")]
    if not steps or not all(hasattr(step, "n_features_in_") for step in steps):
        return None
    n = steps[0].n_features_in_
    if n > 1000:  # of a scaler that scales nothing, and may have any number of columns
        return None
    are_words = getattr(steps[0], "is_categorical_", None)
    if are_words is None:
        return np.zeros((2, n))
    columns = [["a", "b"] if is_word else [0.0, 1.0] for is_word in are_words]
    names = getattr(steps[0], "feature_names_in_", range(n))
    frame = pd.DataFrame(dict(zip(names, columns, strict=True)))
    return frame if hasattr(steps[0], "feature_names_in_") else frame.to_numpy()


def use(thing: Any, rows: Any) -> None:
    method = thing.predict if hasattr(thing, "predict") else thing.transform
    try:
        assert len(method(rows)) == 2
    except ValueError as error:  # a scale may be so small that what comes of it is no number
        if not re.search("contains (NaN|infinity)", str(error)):
            raise


def same(one: Any, other: Any) -> bool:
    """Tell whether two loaded things are equal, to the last bit of their bytes."""
    if isinstance(one, sn.Parameters):
        return bool(one == other)
    return snet.encode(files.record_of(one)) == snet.encode(files.record_of(other))


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
