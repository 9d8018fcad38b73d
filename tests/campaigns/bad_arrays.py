"""Hand bad arrays to every function: each answer is that of a clean copy, or a typed error.

Dtypes, layouts, shapes, giants of stride 0, packed fields, objects, masked arrays, liars with an
__array__ of their own, broken sparse matrices (`bad_array_kinds`, `bad_array_sparse`), in every
argument that takes an array (`bad_array_roles`). Each role has a process of its own with bounded
memory, so that a crash, a hang or an allocation without bounds is counted and not suffered. Then
arrays are overwritten while other threads compute on them.

Run it as ``python tests/campaigns/bad_arrays.py [--quick]``; it fails unless all is well.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import threading
import time
import warnings
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import scipy.sparse as sp

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[1]))

import shallownet_native as sn
from campaigns.bad_array_kinds import BAD, KINDS, WHOLE, Kind, OwnError
from campaigns.bad_array_roles import BATCHES, FULL, NONE, SHAPE, START, WIDE, Role, X, Y, all_roles
from campaigns.bad_array_sparse import SPARSE
from shallownet_native._native import backend
from shallownet_native._native import sparse as _sparse

TYPED = (TypeError, ValueError, MemoryError, OverflowError, OwnError)
MEMORY = 8 * 2**30  # bytes of address space, beyond which every allocation fails
PATIENCE = 300.0  # seconds for a role, all of whose cases take a few
QUICK = ("predict X", "gradients Y", "train example_weights", "predict_one x", "Parameters W1",
         "classifier fit X", "classifier fit y", "regressor predict X")  # fmt: skip
SECONDS_OF_RACES = 60.0
FINE = ("equal", "refused", "not made")
IS_LINUX = sys.platform.startswith("linux")


def cases(role: Role) -> list[Kind]:
    """Return the kinds of arrays that a role is given."""
    takes_sparse = role.clean.ndim == 2 and " X" in role.name and "course" not in role.name
    may_be_none = "weight" in role.name or "_val" in role.name
    kinds = [kind for kind in KINDS if not (may_be_none and kind.name == "None")]
    return [*kinds, *(SPARSE if takes_sparse else [])]


def answer(role: Role, value: Any) -> bytes | Exception:
    try:
        return role.run(value)
    except Exception as error:  # noqa: BLE001  (the point is to see which)
        return error


def right_answers(role: Role, kind: Kind, clean: Any, value: Any) -> list[Any]:
    """Return the bits that are right: of a clean copy, or none where only an error is right."""
    answers = []
    if kind.sort != BAD:
        same = clean.astype(np.float32) if kind.name == "dtype f" else np.ascontiguousarray(clean)
        # of sparse inputs gradients are summed in another order than of dense ones
        answers.append(role.run(sp.csc_matrix(same) if kind in SPARSE else same))
    if type(value) in (np.ndarray, np.float64, float) and np.size(value) < 10**6:
        value = np.asarray(value)
        if role.is_elementwise and value.dtype.kind in "biuf" and value.dtype.itemsize <= 8:
            answers.append(answer(role, np.array(value, np.float64, order="C")))
        elif role.reads is not None:
            plain = role.reads(value)
            answers += [] if plain is None else [answer(role, plain)]
    return answers


def verdict(role: Role, kind: Kind) -> str:
    """Return "equal", "refused", or what is wrong."""
    clean = role.clean
    if kind.sort == WHOLE:
        clean = np.abs(np.sign(clean))  # 0 or 1: a bool as well
    try:
        value = kind.make(clean.copy())
    except (ValueError, TypeError) as error:  # NumPy itself refuses to make it
        return f"not made: {error}"
    is_small = type(value) is np.ndarray and value.size < 10**6
    before = value.tobytes() if is_small else None
    result = answer(role, value)
    if is_small and before != value.tobytes():
        return "WRONG: the array has been changed"
    if isinstance(result, bytes):
        is_right = result in right_answers(role, kind, clean, value)
        return "equal" if is_right else "WRONG: another result than of a clean copy"
    says_nothing = not str(result) and not isinstance(result, (OwnError, MemoryError))
    if not isinstance(result, TYPED) or says_nothing:
        return f"WRONG: {type(result).__name__}: {result}"
    return "refused"


def work(name: str, first: int) -> None:
    """Go through a role's cases from number `first` on, and print a line before and after each."""
    import resource

    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    role = next(role for role in all_roles() if role.name == name)
    for number, kind in enumerate(cases(role)[first:], first):
        print(f"{number}\t{kind.name}", end="\t", flush=True)
        print(verdict(role, kind).splitlines()[0], flush=True)


def outcomes(name: str, n_cases: int) -> list[tuple[str, str]]:
    """Run a role's cases in processes, a new one after each crash; return (kind, verdict)s."""
    found: list[tuple[str, str]] = []
    while len(found) < n_cases:
        with tempfile.TemporaryFile("w+") as output, tempfile.TemporaryFile("w+") as complaints:
            command = [sys.executable, __file__, "--role", name, "--first", str(len(found))]
            child = subprocess.Popen(command, stdout=output, stderr=complaints)
            try:
                end = f"CRASH: exit code {child.wait(PATIENCE)}"
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()
                end = f"HANG: no end after {PATIENCE:.0f} s"
            output.seek(0)
            complaints.seek(0)
            lines = [line.rstrip("\n").split("\t") for line in output]
            if not lines:
                sys.exit(f"{name} could not be run: {complaints.read()[-3000:]}")
            found += [(kind, rest[0] if rest and rest[0] else end) for _, kind, *rest in lines]
            if lines[-1][-1] and len(found) < n_cases:  # between two cases
                found.append(("(the next one)", end))
    return found


def count_roles(names: list[str]) -> Counter[str]:
    """Run the roles of these names, print what is wrong, and return how often each outcome came."""
    totals: Counter[str] = Counter()
    for role in all_roles():
        if role.name not in names:
            continue
        found = outcomes(role.name, len(cases(role)))
        counts = Counter(verdict.split(":")[0] for _, verdict in found)
        print(
            f"{role.name}: {', '.join(f'{n} {word}' for word, n in sorted(counts.items()))}",
            flush=True,
        )
        for kind, outcome in found:
            if outcome.split(":")[0] not in FINE:
                print(f"    {kind}: {outcome}", flush=True)
        totals += counts
    return totals


# Arrays that change while they are read


def scribble(arrays: list[Any], is_over: threading.Event) -> None:
    """Write random bits, of which some are NaN or infinite, into arrays until told to stop."""
    rng = np.random.default_rng(0)
    raw = [a.view(np.uint8).reshape(-1) for a in arrays]
    noise = rng.integers(0, 256, max(a.size for a in raw), np.uint8)
    small = rng.integers(0, 9, noise.size // 4).astype(np.float32).view(np.uint8)
    while not is_over.is_set():
        for a in raw:
            source = noise if rng.random() < 0.3 else small
            a[: source.size] = source[: a.size]


def race_calls() -> tuple[list[Any], list[Callable[[], Any]]]:
    """Return arrays, and calls that read them with the interpreter's lock released.

    Sparse indices change only for the core itself, which copies and then checks them; SciPy, which
    the public functions call before, does not.
    """
    n = 4000 // X.shape[1]
    x, y = np.tile(X, (1, n)), np.tile(Y, (1, n))
    s, small, flat = np.ones(y.size), x.astype(np.float32), START.copy()
    csc, model = sp.csc_matrix(x), sn.ShallowNetClassifier((8,), max_iter=2, random_state=0)
    rows = _sparse.check_sparse_columns(csc.copy(), "X", 2, np.float64)
    units = ("tanh", "sigmoid", 0.01)
    calls: list[Callable[[], Any]] = [
        lambda: sn.train(flat, x, y, example_weights=s, **FULL, n_threads=2),
        lambda: sn.train(WIDE, small, y, **{**BATCHES, "batch_size": 64}),
        lambda: sn.gradients(flat, x, y, example_weights=s, want_dX=True),
        lambda: sn.predict(NONE, x),
        lambda: sn.predict_one(flat, x[:, 0]),
        lambda: sn.predict(flat, csc),
        lambda: sn.train(flat, csc, y, **BATCHES),
        lambda: backend.core.predict(flat.flat, SHAPE, rows, *units, 2),
        lambda: backend.core.cost(flat.flat, SHAPE, rows, y.T, s, *units, 0.1, 1),
        lambda: sn.activate(x, "tanh"),
        lambda: model.fit(x.T, y[0] > 0).predict(x.T),
    ]
    indices = [rows.columns, rows.begins]
    return [x, y, s, small, flat.flat, csc.data, rows.numbers, *indices], calls


def races(seconds: float) -> int:
    """Call while another thread scribbles; return the calls. A wrong error comes through."""
    warnings.simplefilter("ignore")
    arrays, calls = race_calls()
    whole = [a.copy() for a in arrays]
    n, end = 0, time.monotonic() + seconds
    while time.monotonic() < end:
        for call in calls:
            for a, b in zip(arrays, whole, strict=True):
                a[...] = b
            is_over = threading.Event()
            writer = threading.Thread(target=scribble, args=(arrays, is_over))
            writer.start()
            try:
                call()
            except (*TYPED, ArithmeticError, IndexError):
                pass
            finally:
                is_over.set()
                writer.join()
            n += 1
    return n


def count_races(seconds: float) -> tuple[int, int]:
    """Run the races in a process of their own; return calls and crashes."""
    command = [sys.executable, __file__, "--races", str(seconds)]
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=20 * seconds + 300, check=False
    )
    if done.returncode == 0:
        return int(done.stdout), 0
    print(f"races: exit code {done.returncode}\n{done.stderr[-3000:]}")
    return 0, 1


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="some roles, and races of a second")
    parser.add_argument("--only", nargs="+", metavar="ROLE", help="roles with these words")
    for hidden, kind in (("--role", str), ("--first", int), ("--races", float)):
        parser.add_argument(hidden, type=kind, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.role:
        work(options.role, options.first)
        return 0
    if options.races:
        print(races(options.races))
        return 0
    names = [role.name for role in all_roles()]
    if options.quick or options.only:
        words = options.only
        names = [n for n in names if (any(w in n for w in words) if words else n in QUICK)]
    counts = count_roles(names)
    n_races, n_crashes = count_races(1.0 if options.quick else SECONDS_OF_RACES)
    wrong = counts["WRONG"] + counts["CRASH"] + counts["HANG"]
    total = counts["equal"] + counts["refused"] + wrong
    print(f"{total} bad arrays in {len(names)} roles: {counts['equal']} equal to the clean copy's, "
          f"{counts['refused']} typed errors, {counts['WRONG']} wrong, {counts['CRASH']} crashes, "
          f"{counts['HANG']} hangs")  # fmt: skip
    print(f"{n_races} calls on arrays that another thread overwrites: {n_crashes} crashes")
    return wrong > 0 or n_crashes > 0 or counts["refused"] < counts["equal"] / 10


if __name__ == "__main__":
    sys.exit(main())
