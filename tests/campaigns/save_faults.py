"""Let each system call of a save fail: an OSError, and the old file as it was; the next save works.

`faults.cpp` is preloaded into Python and makes the k-th write, fsync, rename ... return ENOSPC, EIO
or another error, or write less than it was asked to. What must hold: the file is the old one, whole
(or the new one, whole, where only the sync of the folder failed, or where nothing was raised),
nothing else is left in the folder, and saving again succeeds. Loading is tried in the same way: it
fails with an OSError, or it gives the model.

Run it as ``python tests/campaigns/save_faults.py [--quick]``; both take seconds. Linux with g++.
"""

from __future__ import annotations

import argparse
import ctypes
import errno
import os
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[1]))

import shallownet_native as sn
from campaigns.allocation_faults import compiled, preloaded

SHORT = 0  # instead of an error: half of it is written or read
ERRORS = (errno.ENOSPC, errno.EIO, errno.EDQUOT, errno.EROFS, errno.EACCES)
SAVING: dict[str, tuple[int, ...]] = {
    "open": ERRORS,
    "write": (*ERRORS, SHORT),
    "fsync": ERRORS,
    "chmod": ERRORS,
    "close": ERRORS,
    "rename": ERRORS,
}
LOADING: dict[str, tuple[int, ...]] = {"open": ERRORS, "read": (*ERRORS, SHORT), "close": ERRORS}
SIZES = ((3, 4, 1), (300, 200, 3))  # a file of some hundred bytes, and one of half a megabyte


def fault_library() -> Any:
    library = ctypes.CDLL(None)
    kinds = [ctypes.c_char_p, ctypes.c_long, ctypes.c_long, ctypes.c_int]
    library.fault_arm_calls.argtypes = kinds
    library.fault_disarm.restype = ctypes.c_long
    return library


def attempt(
    library: Any, call: Callable[[], Any], *fault: Any
) -> tuple[Any, Exception | None, int]:
    """Call with a fault armed; return the answer, the error, and how many such calls there were."""
    answer, error = None, None
    library.fault_arm_calls(*fault)
    try:
        answer = call()
    except Exception as caught:  # noqa: BLE001  (the point is to see which)
        error = caught
    finally:
        n = library.fault_disarm()
    return answer, error, n


def save_outcome(library: Any, path: str, models: tuple[Any, Any], *fault: Any) -> tuple[str, int]:
    """Replace the first model's file by the second's with a fault; return the end and the calls."""
    old, new = models
    sn.save(old, path)
    _, error, n = attempt(library, lambda: sn.save(new, path), *fault)
    found = sn.load(path)
    left = os.listdir(os.path.dirname(path))
    if error is not None and not isinstance(error, OSError):
        return f"WRONG: {error!r}", n
    if left != [os.path.basename(path)]:
        return f"WRONG: {left} is left", n
    if error is None and found != new:
        return "WRONG: no error, and not the new file", n
    if found not in (old, new):
        return "WRONG: neither file", n
    sn.save(new, path)
    if sn.load(path) != new:
        return "WRONG: the next save", n
    if error is None:
        return "done", n
    return ("OSError, old file" if found == old else "OSError after the rename, new file"), n


def load_outcome(library: Any, path: str, model: Any, *fault: Any) -> tuple[str, int]:
    """Load with a fault; return what became of it, and the number of calls."""
    sn.save(model, path)
    answer, error, n = attempt(library, lambda: sn.load(path), *fault)
    if error is not None and not isinstance(error, OSError):
        return f"WRONG: {error!r}", n
    if error is None and answer != model:
        return "WRONG: another model", n
    return ("loaded" if error is None else "OSError, not loaded"), n


def faults_of(
    run: Callable[..., tuple[str, int]], name: str, errors: tuple[int, ...]
) -> Counter[str]:
    """Let the k-th call of a name fail, alone or with all that follow, for every k and error."""
    found: Counter[str] = Counter()
    _, n = run(name.encode(), 10**9, 10**9, SHORT)  # no fault: how many calls there are
    for error, k in ((error, k) for error in errors for k in range(1, n + 1)):
        for last in (k, 10**9):
            end, _ = run(name.encode(), k, last, error)
            if end.startswith("WRONG"):
                print(f"    {name} {k}, {errno.errorcode.get(error, 'short')}: {end}", flush=True)
            found[end.split(":")[0]] += 1
    return found


def work() -> Counter[str]:
    """Go through every call, every error, every k; print what is wrong."""
    library = fault_library()
    found: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "model.snet")
        for size in SIZES:
            models = (sn.initialize(*SIZES[0], seed=0), sn.initialize(*size, seed=1))
            for table, run, model in (
                (SAVING, save_outcome, models),
                (LOADING, load_outcome, models[1]),
            ):
                for name, errors in table.items():
                    found += faults_of(partial(run, library, path, model), name, errors)
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="the same: it takes seconds")
    parser.add_argument("--work", action="store_true", help=argparse.SUPPRESS)
    if not parser.parse_args().work:
        with tempfile.TemporaryDirectory() as folder:
            environment = preloaded(compiled(folder))
            done = subprocess.run(
                [sys.executable, __file__, "--work"], env=environment, check=False
            )
        if done.returncode < 0:
            print(f"crashed: signal {-done.returncode}")
        return abs(done.returncode)
    found = work()
    ends = ", ".join(f"{n} {end}" for end, n in sorted(found.items()) if end != "WRONG")
    print(f"{found.total()} failed system calls: {ends}, {found['WRONG']} wrong")
    return found["WRONG"] > 0 or found["OSError, old file"] == 0


if __name__ == "__main__":
    sys.exit(main())
