"""Let the k-th allocation of a call fail, for every k: a MemoryError, and the next call works.

`faults.cpp` is compiled and preloaded into a Python whose own memory comes from malloc. Allocations
count from everywhere, NumPy and the interpreter included, which now and then report another error
than a MemoryError, or crash with none of our modules on the stack: these are counted apart. In a
second round all from the k-th on fail, of our modules and the C++ library.
What can go on without the memory it asked for, as a team that gets fewer threads, must give the
right bits. Crashes are counted, not suffered.

Run it as ``python tests/campaigns/allocation_faults.py [--quick]``. Linux with glibc and g++.
"""

from __future__ import annotations

import argparse
import ctypes
import os
import subprocess
import sys
import tempfile
import traceback
import warnings
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[1]))

import shallownet_native as sn
from campaigns.common import bits

SOURCE = Path(__file__).with_name("faults.cpp")
QUICK = ("gradients", "predict_one", "train adam")
FOREIGN = ("can't allocate lock", "can't allocate read lock", "digital envelope routines")
MOST = 10**6  # allocations: more than any call here makes
ONLY_OURS, EVERYWHERE = "from k on, ours", "the k-th, anywhere"

RNG = np.random.default_rng(0)
X = RNG.standard_normal((5, 300))
Y = (X[:1] > 0).astype(float)
NARROW, WIDE = (sn.initialize(5, n_h, 1, "glorot_uniform", seed=0) for n_h in (3, 40))


def compiled(folder: str) -> Path:
    """Return the library that makes calls fail, compiled into a folder."""
    library = Path(folder, "faults.so")
    command = ["g++", "-std=c++17", "-O1", "-shared", "-fPIC", "-o", library, SOURCE, "-ldl"]
    subprocess.run(command, check=True)
    return library


def preloaded(library: Path) -> dict[str, str]:
    """Return the environment of a Python with that library before all others."""
    return {**os.environ, "LD_PRELOAD": str(library), "PYTHONMALLOC": "malloc"}


def trained(start: Any, **options: Any) -> bytes:
    result = sn.train(start, X, Y, **options)
    return bits(result.parameters.flat, result.costs)


def fresh(x: Any) -> bytes:
    """Predict one example with parameters that nothing has been prepared for."""
    return bits(sn.predict_one(NARROW.copy(), x), sn.predict_one(WIDE, x))


def saved_and_loaded(path: str) -> bytes:
    sn.save(WIDE, path)
    return bits(sn.load(path).flat)


def scenarios(folder: str) -> dict[str, Callable[[], bytes]]:
    """Return calls by name; each returns all bits of its answer."""
    import scipy.sparse as sp

    sparse, one = sp.csc_matrix(np.where(np.abs(X) > 1, X, 0)), X[:, 0].copy()
    batches: dict[str, Any] = {"n_epochs": 2, "batch_size": 64, "seed": 0}
    path = os.path.join(folder, "model.snet")
    found: dict[str, Callable[[], bytes]] = {
        "forward": lambda: bits(*sn.forward(WIDE, X)),
        "predict": lambda: bits(sn.predict(NARROW, X.T.copy().T, n_threads=2)),
        "predict sparse": lambda: bits(sn.predict(WIDE, sparse)),
        "predict_one": lambda: fresh(one),
        "cost": lambda: bits(sn.cost(WIDE, X, Y, n_threads=3)),
        "gradients": lambda: bits(*sn.gradients(WIDE, X, Y, want_dX=True)[1]),
        "activate": lambda: bits(sn.activate(X, "tanh")),
        "train": lambda: trained(NARROW, n_iterations=3),
        "train in two threads": lambda: trained(WIDE, n_iterations=3, n_threads=2, l2=0.1),
        "train adam": lambda: trained(WIDE, optimizer="adam", **batches),
        "train validated": lambda: trained(NARROW, validation=0.3, n_iterations=3, seed=0),
        "initialize": lambda: bits(sn.initialize(5, 3, 1, seed=0).flat),
        "save and load": lambda: saved_and_loaded(path),
    }
    if "sklearn" in sys.modules:
        model = sn.ShallowNetClassifier((8,), max_iter=2, random_state=0)
        fit = lambda: bits(*model.fit(X.T, Y[0]).coefs_, model.predict(X.T))  # noqa: E731
        found["classifier"] = fit
    return found


def our_ranges() -> list[tuple[int, int]]:
    """Return where the code of our modules and of the C++ library lies."""
    ranges = []
    with open("/proc/self/maps", encoding="ascii") as maps:
        for line in maps:
            addresses, mode, *_, name = line.split(maxsplit=5) if line.count("/") else ("", "", "")
            if "x" in mode and ("shallownet_native/_c" in name or "libstdc++" in name):
                begin, end = (int(address, 16) for address in addresses.split("-"))
                ranges.append((begin, end))
    return ranges


def shim() -> Any:
    """Return the preloaded library, told which code is ours."""
    library = ctypes.CDLL(None)
    for begin, end in our_ranges():
        library.fault_add_range(ctypes.c_size_t(begin), ctypes.c_size_t(end))
    library.fault_arm_allocations.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_int]
    library.fault_disarm.restype = ctypes.c_long
    library.fault_show_crashes()
    return library


def is_foreign(error: BaseException) -> bool:
    """Tell whether NumPy, OpenSSL or Python reports a lack of memory as something else.

    Some of NumPy's operations forget to set an error, which Python calls a SystemError. It is
    theirs if the line that failed does not call our core.
    """
    if isinstance(error, SystemError):
        frame = traceback.extract_tb(error.__traceback__)[-1]
        return "core." not in (frame.line or "") and "predict_one" not in (frame.line or "")
    return any(text in str(error) for text in FOREIGN)


def outcome(call: Callable[[], bytes], right: bytes, library: Any, k: int, way: str) -> str:
    """Let the k-th allocation of a call fail; return what became of it."""
    ours = way == ONLY_OURS
    error: BaseException | None = None
    result = b""
    library.fault_arm_allocations(k, MOST if ours else k, ours)
    try:
        result = call()
    except BaseException as caught:  # noqa: BLE001  (the point is to see which)
        error = caught
    finally:
        library.fault_disarm()
    if error is None and result != right:
        return "WRONG: other bits"
    if error is not None and not isinstance(error, MemoryError):
        if is_foreign(error):
            return "foreign"
        return f"WRONG: {type(error).__name__}: {str(error)[:200]!r}"
    if call() != right:
        return "WRONG: the next call"
    return "done" if error is None else "MemoryError"


def work(name: str, way: str, first: int, most: int, folder: str) -> None:
    """Go through a scenario's allocations from number `first`, and print what becomes of each."""
    warnings.simplefilter("ignore")
    library = shim()
    call = scenarios(folder)[name]
    right = [call(), call()][1]  # what is made once is made now
    library.fault_arm_allocations(MOST, MOST, way == ONLY_OURS)
    call()
    n = min(library.fault_disarm() + 1, most)
    print(n, flush=True)
    for k in range(first, n + 1):
        print(k, end="\t", flush=True)
        print(outcome(call, right, library, k, way), flush=True)


def crash(done: subprocess.CompletedProcess[str]) -> str:
    """Return how a process ended that should not have, and whether our modules took part."""
    stack = [line for line in done.stderr.splitlines() if "(" in line and "[0x" in line]
    if stack and not any("shallownet_native/_c" in line for line in stack):
        return "foreign crash"
    return f"CRASH: exit code {done.returncode}: {done.stderr[-1000:]!r}"


def count(name: str, way: str, environment: dict[str, str], most: int) -> Counter[str]:
    """Run a scenario in processes, a new one after each crash; return how often each end came."""
    found: Counter[str] = Counter()
    first, n = 1, 1
    while first <= n:
        with tempfile.TemporaryFile("w+") as output, tempfile.TemporaryDirectory() as folder:
            command = [sys.executable, __file__, "--work", name, way, str(first), str(most), folder]
            done = subprocess.run(command, env=environment, stdout=output, stderr=subprocess.PIPE,
                                  text=True, timeout=3600, check=False)  # fmt: skip
            output.seek(0)
            head, *lines = output.read().splitlines() or [""]
        if not head:
            sys.exit(f"{name} could not be run: {done.stderr[-3000:]}")
        n = int(head)
        for line in lines:
            k, _, end = line.partition("\t")
            end = end or crash(done)
            found[end.split(":")[0]] += 1
            if end not in ("done", "foreign", "foreign crash", "MemoryError"):
                print(f"    {name}, {way}, k = {k}: {end}", flush=True)
            first = int(k) + 1
        if done.returncode and lines and lines[-1].partition("\t")[2]:
            found["CRASH"] += 1
            print(f"    {name}, {way}, after k = {first - 1}: {done.stderr[-1000:]}", flush=True)
            break
    return found


def campaign(names: list[str], most: int) -> Counter[str]:
    """Run scenarios, one after the other and in both ways; return all counts."""
    totals: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as folder:
        environment = preloaded(compiled(folder))
        for name in names:
            # of an estimator's ten thousand allocations almost all are scikit-learn's
            for way in (ONLY_OURS,) if name == "classifier" else (EVERYWHERE, ONLY_OURS):
                found = count(name, way, environment, most)
                ends = ", ".join(f"{n} {end}" for end, n in sorted(found.items()))
                print(f"{name}, {way}: {ends}", flush=True)
                totals += found
    return totals


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="some calls, up to k = 40")
    parser.add_argument("--only", nargs="+", metavar="NAME", help="calls of these names")
    parser.add_argument("--work", nargs=5, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if hasattr(sn, "ShallowNetClassifier"):
        import sklearn  # noqa: F401  (tells `scenarios` that it is there)
    if options.work:
        name, way, first, most, folder = options.work
        work(name, way, int(first), int(most), folder)
        return 0
    with tempfile.TemporaryDirectory() as folder:
        names = options.only or list(QUICK if options.quick else scenarios(folder))
    totals = campaign(names, 40 if options.quick else MOST)
    wrong, crashes = totals["WRONG"], totals["CRASH"]
    print(
        f"{totals.total()} failed allocations in {len(names)} calls: {totals['MemoryError']} "
        f"MemoryError, {totals['done']} done without, {totals['foreign']} other errors and "
        f"{totals['foreign crash']} crashes of NumPy, OpenSSL or Python, {wrong} wrong, "
        f"{crashes} crashes"
    )
    return wrong + crashes > 0 or totals["MemoryError"] == 0


if __name__ == "__main__":
    sys.exit(main())
