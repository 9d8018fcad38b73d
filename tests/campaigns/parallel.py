"""Count the results of many threads that use everything at once, on arrays of their own and shared.

Meant for CPython without the global interpreter lock (3.13t and later), where calls truly meet;
with the lock the core still runs beside itself, because long calls free it. Every result must have
the bits of the same call made alone. Meanwhile one thread goes on writing to parameters that others
predict with: of those only finite values are asked.

Run it as `python tests/campaigns/parallel.py [--quick] [--threads N] [--rounds N]`; it fails unless
every result is the same.
"""

from __future__ import annotations

import argparse
import random
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

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[1]))

import shallownet_native as sn
from campaigns.common import digest

SHAPE = (9, 20, 3)
M = 400  # four chunks: enough for a team of threads


def gil_is_enabled() -> bool:
    return bool(getattr(sys, "_is_gil_enabled", lambda: True)())


def refusal(parameters: sn.Parameters, X: Any) -> str:
    try:
        sn.predict(parameters, X)
    except (TypeError, ValueError) as error:
        return str(error)
    return "not refused"


class Work:
    """The calls, each of which gives the same digest whenever and wherever it is made."""

    def __init__(self, folder: Path) -> None:
        rng = np.random.default_rng(0)
        self.folder = folder
        self.X = rng.standard_normal((SHAPE[0], M))
        self.Y = np.eye(SHAPE[2])[rng.integers(SHAPE[2], size=M)].T
        self.shared = sn.initialize(*SHAPE, seed=1)
        self.frozen = self.shared.copy().freeze()
        self.restless = self.shared.copy()  # written to while others read
        self.labels = np.array(["a", "b", "c"])[self.Y.argmax(axis=0)]

    def train(self) -> str:
        options: dict[str, Any] = {"output": "softmax", "n_threads": 3}
        full = sn.train(self.shared, self.X, self.Y, n_iterations=5, **options)
        batches = sn.train(
            self.shared, self.X, self.Y, n_epochs=2, batch_size=50, seed=0, optimizer="adam",
            **options,
        )  # fmt: skip
        return digest(full.parameters.flat, full.costs, batches.parameters.flat, batches.costs)

    def train_own(self) -> str:
        X, start = (
            self.X.astype(np.float32),
            sn.initialize(*SHAPE, "glorot_uniform", seed=2, dtype=np.float32),
        )
        result = sn.train(start, X, self.Y, output="softmax", n_iterations=3, n_threads=2)
        return digest(result.parameters.flat, sn.predict(result.parameters, X[:, :7], "tanh"))

    def stages(self) -> str:
        kind = ("relu", "softmax")
        J, gradients = sn.gradients(self.frozen, self.X, self.Y, *kind, want_dX=True, n_threads=2)
        forward = sn.forward(self.shared, self.X, *kind, n_threads=2)
        return digest(J, *gradients, *forward, sn.predict(self.shared, self.X, *kind))

    def one_by_one(self) -> str:
        found = []
        for i in range(30):
            x = np.ascontiguousarray(self.X[:, i])
            found.append(sn.predict_one(self.shared, x, "tanh", "softmax"))
            found.append(sn.predict_one(self.frozen, x, "relu", "identity"))
            found.append(sn.predict_one(self.shared, list(x)))  # the slow path, other names
        return digest(*found)

    def files(self) -> str:
        path = self.folder / f"{threading.get_ident()}.snet"
        sn.save(self.shared, path)
        return digest(sn.load(path).flat)

    def refusals(self) -> str:
        """Return what the errors say: raised at once in many threads, each stays in its own."""
        said = [refusal(self.shared, X) for X in (self.X[:2], self.X * np.nan, "no array")]
        return digest(said)

    def fit(self) -> str:
        model = sn.ShallowNetClassifier((8,), max_iter=3, random_state=0, n_threads=2)
        model.fit(self.X.T, self.labels)
        return digest(*model.coefs_, model.predict_proba(self.X.T))

    def settings(self) -> str:
        """Change the thread count under everybody's feet: bits do not depend on it."""
        sn.set_num_threads(random.choice([1, 2, 5, None]))
        return digest(sn.cost(self.shared, self.X, self.Y, output="softmax"))

    def restless_one(self) -> str:
        values = [sn.predict_one(self.restless, x) for x in self.X.T[:30]]
        values.append(sn.forward(self.restless, self.X).A2)
        return "finite" if all(np.isfinite(v).all() for v in values) else "not finite"

    def jobs(self) -> dict[str, Callable[[], str]]:
        names = ["train", "train_own", "stages", "one_by_one", "files", "refusals", "settings"]
        if has_scikit_learn():
            names.append("fit")
        return {name: getattr(self, name) for name in [*names, "restless_one"]}


def has_scikit_learn() -> bool:
    try:
        import sklearn  # noqa: F401
    except ModuleNotFoundError:
        return False
    return True


def write_on(parameters: Any, finished: threading.Event) -> None:
    """Write two sets of values in turn until told to stop."""
    values = [parameters.flat.copy(), -parameters.flat]
    while not finished.is_set():
        for value in values:
            parameters.flat[:] = value
        time.sleep(0)


def outcome(name: str, job: Callable[[], str], expected: str) -> str:
    try:
        return "same" if job() == expected else f"{name}: other bits"
    except Exception as error:  # noqa: BLE001 - whatever it is, it is counted and shown
        return f"{name}: {error!r}"


def run_thread(
    seed: int, n_rounds: int, work: Work, expected: dict[str, str], gate: Any, counts: Counter[str]
) -> None:
    gate.wait()  # all begin together
    order = random.Random(seed)
    for _ in range(n_rounds):
        for name in order.sample(sorted(expected), len(expected)):
            counts[outcome(name, getattr(work, name), expected[name])] += 1


def run(n_threads: int, n_rounds: int) -> tuple[Counter[str], str]:
    """Return what was counted, and the names of the jobs."""
    before = sn.get_num_threads()
    with tempfile.TemporaryDirectory() as folder:
        work = Work(Path(folder))
        expected = {name: job() for name, job in work.jobs().items()}  # alone
        tallies: list[Counter[str]] = [Counter() for _ in range(n_threads)]
        gate, finished = threading.Barrier(n_threads), threading.Event()
        writer = threading.Thread(target=write_on, args=(work.restless, finished))
        threads = [
            threading.Thread(target=run_thread, args=(i, n_rounds, work, expected, gate, tally))
            for i, tally in enumerate(tallies)
        ]
        writer.start()
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        finished.set()
        writer.join()
    sn.set_num_threads(None)
    assert sn.get_num_threads() == before
    counts = sum(tallies, Counter())
    counts["a thread ended early"] += n_threads * n_rounds * len(expected) - counts.total()
    return +counts, ", ".join(expected)


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("--quick", action="store_true", help="a few rounds, in seconds")
    parser.add_argument("--threads", type=int, default=16)
    parser.add_argument("--rounds", type=int, default=100)
    options = parser.parse_args()
    warnings.simplefilter("ignore")  # the fits are short: they say that they have not converged
    start = time.perf_counter()
    counts, names = run(options.threads, 3 if options.quick else options.rounds)
    other = counts.total() - counts["same"]
    for what, n in counts.most_common():
        if what != "same":
            print(f"{n:6d}  {what}")
    lock = "with" if gil_is_enabled() else "without"
    print(
        f"Python {sys.version.split()[0]} {lock} the global interpreter lock, {options.threads} "
        f"threads ({names}): {counts.total():,} calls, {counts['same']:,} with the same bits as "
        f"alone, {other} others, 0 crashes; {time.perf_counter() - start:.0f} s"
    )
    return int(other > 0 or counts.total() == 0)


if __name__ == "__main__":
    sys.exit(main())
