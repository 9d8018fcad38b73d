"""Mixed trainings, fits, predictions and files from 16 threads for long: flat memory, same bits.

Every thread draws one job after the other and compares the digest of its result with that of the
same job done alone at the start. Forty times all of them rest and resident memory is read. The
allocator is told to use one arena and to give back what is free, else it keeps 60 to 100 MiB, now
more, now less, for so many threads.
`python tests/campaigns/soak.py [--quick] [--minutes M] [--threads N]`.
"""

from __future__ import annotations

import argparse
import os
import random
import statistics
import sys
import tempfile
import threading
import time
import warnings
from collections import Counter
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[1]))

import shallownet_native as sn
from campaigns.common import MEMORY, digest, resident

MIB = 2**20
LIMIT = MIB
N_RESTS = 40

Job = Callable[[], str]


def train(shape: tuple[int, int, int], m: int, dtype: Any, n_threads: int, **options: Any) -> str:
    rng = np.random.default_rng([m, *shape])
    X = rng.standard_normal((shape[0], m)).astype(dtype)
    Y = (X[:1] > 0).astype(dtype)
    start = sn.initialize(*shape, seed=0, dtype=dtype)
    result = sn.train(start, X, Y, n_threads=n_threads, seed=0, **options)
    J, gradients = sn.gradients(result.parameters, X, Y, n_threads=n_threads, want_dX=True)
    passed = sn.forward(result.parameters, X, n_threads=n_threads)
    one = sn.predict_one(result.parameters, np.ascontiguousarray(X[:, 0]))
    return digest(result.parameters.flat, result.costs, J, *gradients, *passed, one)


def fit(solver: str, n_threads: int) -> str:
    X = np.random.default_rng(0).standard_normal((400, 10))
    y = (X[:, 0] + X[:, 1] > 0).astype(int)
    options: dict[str, Any] = {"max_iter": 5, "random_state": 0, "n_threads": n_threads}
    model = sn.ShallowNetClassifier((20,), solver=solver, **options).fit(X, y)
    return digest(*model.coefs_, *model.intercepts_, model.predict_proba(X), model.predict(X[:1]))


def save_and_load(folder: str, n_h: int) -> str:
    parameters = sn.initialize(30, n_h, 2, seed=n_h)
    path = Path(folder) / f"{threading.get_ident()}.snet"
    sn.save(parameters, path)
    return digest(sn.load(path).flat)


def fail(n_threads: int) -> str:
    """Diverge, be refused, leave by a callback's error: none of it may stay behind."""
    X, start = np.ones((3, 50)), sn.initialize(3, 4, 1, seed=0)
    caught = []
    for options in ({"learning_rate": 1e300, "output": "identity"}, {"l2": -1}, {"callback": int}):
        train = partial(sn.train, start, X, X[:1], n_threads=n_threads, n_iterations=20)
        caught.append(type(error_of(partial(train, **options))).__name__)
    return " ".join(caught)


def error_of(call: Callable[[], Any]) -> Exception | None:
    try:
        call()
    except (ValueError, TypeError) as error:
        return error
    return None


def all_jobs(folder: str) -> dict[str, Job]:
    jobs: dict[str, Job] = {}
    small, middle, large = (2, 4, 1), (30, 16, 1), (50, 128, 1)
    batches: dict[str, Any] = {"n_epochs": 2, "batch_size": 50, "validation": 0.2}
    for n in (1, 2, 4):
        for shape, m in ((small, 400), (middle, 569), (large, 2000)):
            for dtype in (np.float32, np.float64):
                name = f"{shape} {m} {np.dtype(dtype)} {n}"
                jobs[f"full {name}"] = partial(train, shape, m, dtype, n, n_iterations=5)
                adam = partial(train, shape, m, dtype, n, optimizer="adam", **batches)
                jobs[f"batches {name}"] = adam
        for solver in ("gd", "sgd", "adam", "lbfgs", "lm"):
            jobs[f"fit {solver} {n}"] = partial(fit, solver, n)
        jobs[f"file {n}"] = partial(save_and_load, folder, 50 * n)
        jobs[f"fail {n}"] = partial(fail, n)
    return jobs


class Soak:
    """Threads that work until told to stop, and what they found."""

    def __init__(self, jobs: dict[str, Job], seed: int) -> None:
        self.jobs = jobs
        self.seed = seed
        self.expected = {name: job() for name, job in jobs.items()}
        self.done: Counter[str] = Counter()
        self.wrong: list[str] = []
        self.over = threading.Event()
        self.go = threading.Event()
        self.n_resting = 0
        self.lock = threading.Lock()

    def work(self, number: int) -> None:
        rng = random.Random(self.seed + number)
        names = list(self.jobs)
        while not self.over.is_set():
            name = rng.choice(names)
            try:
                answer = self.jobs[name]()
            except Exception as error:  # noqa: BLE001  a result that is counted
                answer = f"{type(error).__name__}: {error}"
            with self.lock:
                self.done[name] += 1
                if answer != self.expected[name]:
                    self.wrong.append(f"{name}: {answer}")
            if not self.go.is_set():
                with self.lock:
                    self.n_resting += 1
                self.go.wait()

    def run(self, n_threads: int, seconds: float) -> list[int]:
        """Run so long; return the resident memory whenever all threads rested."""
        threads = [
            threading.Thread(target=self.work, args=(k,), daemon=True) for k in range(n_threads)
        ]
        self.go.set()
        for thread in threads:
            thread.start()
        memory = []
        for _ in range(N_RESTS):
            time.sleep(seconds / N_RESTS)
            with self.lock:
                self.go.clear()
                self.n_resting = 0
            patience = time.monotonic() + 300
            while self.n_resting < n_threads:
                time.sleep(0.001)
                assert time.monotonic() < patience, "a thread hangs"
            memory.append(resident(is_trimmed=True))
            self.go.set()
        self.over.set()
        for thread in threads:
            thread.join()
        return memory


def growth(memory: list[int]) -> float:
    """Return the growth from the second tenth of the rests to the last, of medians."""
    tenth = len(memory) // 10
    return statistics.median(memory[-tenth:]) - statistics.median(memory[tenth : 2 * tenth])


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="10 seconds")
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--threads", type=int, default=16)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    if "MALLOC_ARENA_MAX" not in os.environ:  # read when a process starts
        os.execve(
            sys.executable, [sys.executable, *sys.argv], {**os.environ, "MALLOC_ARENA_MAX": "1"}
        )
    warnings.simplefilter("ignore")  # that five epochs are few
    seconds = 10.0 if options.quick else 60 * options.minutes
    with tempfile.TemporaryDirectory(dir=MEMORY) as folder:
        soak = Soak(all_jobs(folder), options.seed)
        memory = soak.run(options.threads, seconds)
    for wrong in soak.wrong[:20]:
        print(wrong)
    grown = growth(memory)
    tenths = [f"{memory[k] / MIB:.1f}" for k in (*range(0, N_RESTS, 4), -1)]
    print("resident memory at rest, MiB:", *tenths)
    print(
        f"{options.threads} threads, {seconds:.0f} s: {soak.done.total()} jobs of "
        f"{len(soak.jobs)} kinds, {len(soak.wrong)} with other bits; memory at rest grew by "
        f"{grown / MIB:.2f} MiB from the second tenth of the time to the last"
    )
    unflat = not options.quick and grown > LIMIT
    return int(bool(soak.wrong) or unflat)


if __name__ == "__main__":
    sys.exit(main())
