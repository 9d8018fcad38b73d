"""kill -9 while a training writes checkpoints: it goes on, and its bits are those of no kill.

A child trains, is killed at a random moment, and the next one goes on from what it has left, with
another number of threads. Each time that one comes to its end, its result is compared, to the last
bit, with that of a training that was left alone; then it begins anew.
`python tests/campaigns/checkpoint_kills.py [--quick] [--kills N]`.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import sys
import tempfile
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
from campaigns.common import digest, in_child
from checkpoint_subjects import left

# what is trained: from the number of threads and options of checkpoints to a digest of the result
Subject = Callable[..., str]
RNG = np.random.default_rng(0)
X = RNG.standard_normal((20, 300))
Y = (X[:1] * X[1:2] > 0).astype(float)


def train(n_threads: int, options: dict[str, Any], how: dict[str, Any]) -> str:
    start = sn.initialize(20, 64, 1, "glorot_uniform", seed=0)
    kept = {} if not how else {"checkpoint": how["path"], "every": how["every"]}
    result = sn.train(start, X, Y, seed=0, n_threads=n_threads, **options, **kept)
    return digest(str(left(result)))


def fit(n_threads: int, options: dict[str, Any], how: dict[str, Any]) -> str:
    kept = {} if not how else {"checkpoint": how["path"], "checkpoint_every": how["every"]}
    model = sn.ShallowNetClassifier(
        (64,), random_state=0, n_threads=n_threads, tol=0, n_iter_no_change=999, **options, **kept
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it has not converged
        return digest(str(left(model.fit(X.T, Y[0].astype(int)))))


SUBJECTS: dict[str, Subject] = {
    "train, full batch": partial(
        train, options={"optimizer": "gd", "n_iterations": 60, "schedule": "adaptive"}
    ),
    "train, mini-batches": partial(
        train,
        options={
            "optimizer": "adam",
            "n_epochs": 30,
            "batch_size": 50,
            "validation": 0.2,
            "n_iter_no_change": 999,
        },
    ),
    "fit, adam": partial(fit, options={"max_iter": 30}),
    "fit, early stopping": partial(
        fit, options={"solver": "sgd", "max_iter": 30, "early_stopping": True}
    ),
}


def wait_for(path: Path) -> None:
    """Return when the file is there, or after a minute: the child may be slow, or have failed."""
    deadline = time.monotonic() + 60
    while not path.exists() and time.monotonic() < deadline:
        time.sleep(0.0005)


def run(subject: Subject, folder: Path, *, n_kills: int, seed: int) -> Counter[str]:
    """Kill so many trainings, and return counts.

    Returns
    -------
    counts : Counter
        "kills"; "resumed", how many children found a checkpoint; "same", how many trainings came to
        their end with the right bits. An error or other bits are raised.
    """
    rng = random.Random(seed)
    path, answer = folder / "training.snet", folder / "answer"
    right = subject(1, how={})
    started = time.perf_counter()
    assert subject(2, how={"path": path, "every": 1}) == right
    whole = time.perf_counter() - started  # with all its writing
    path.unlink()
    counts: Counter[str] = Counter()
    while counts["kills"] < n_kills or not counts["same"]:
        counts["resumed"] += path.exists()
        how = {"path": path, "every": rng.choice((1, 2, 5))}
        job = partial(subject, rng.choice((1, 2, 3)), how=how)
        child = in_child(lambda job=job: answer.write_text(job()))
        if counts["kills"] < n_kills:
            if counts["kills"] % 2 == 0:  # not before there is anything to go on with
                wait_for(path)
            time.sleep(rng.uniform(0, 0.5 * whole))
            os.kill(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
        if os.WIFSIGNALED(status):
            counts["kills"] += 1
            continue
        assert os.WEXITSTATUS(status) == 0, "a training failed"
        assert answer.read_text() == right, "other bits than without a kill"
        counts["same"] += 1
        path.unlink()
    return counts


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="10 kills of each training")
    parser.add_argument("--kills", type=int, default=500, help="of each training")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    n_kills = 10 if options.quick else options.kills
    for name, subject in SUBJECTS.items():
        started = time.perf_counter()
        with tempfile.TemporaryDirectory() as folder:
            counts = run(subject, Path(folder), n_kills=n_kills, seed=options.seed)
        print(
            f"{name}: {counts['kills']} kills, {counts['resumed']} trainings gone on with, "
            f"{counts['same']} ended, all with the bits of no kill "
            f"({time.perf_counter() - started:.0f} s)",
            flush=True,
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
