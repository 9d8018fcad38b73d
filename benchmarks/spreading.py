"""Spread a search over two single-thread workers of Dask, beside this process on one thread.

    pip install '.[dask]'
    python benchmarks/spreading.py            # a minute

The search is that of `many.py`, 12 points in 5 folds on breast cancer by adam, of `--epochs` each.
Every answer is compared with that of this process, bit for bit; then the two take turns, and each
one's best counts. A search that is next to no work shows what sending and collecting cost, and one
in which a worker is killed what that costs. Run it on a machine that does nothing else.
"""

from __future__ import annotations

import argparse
import os
import platform
import shlex
import signal
import sys
import threading
import warnings
from collections.abc import Callable
from typing import Any

import joblib
import numpy as np
from distributed import Client, LocalCluster
from sklearn.datasets import load_breast_cancer

import shallownet_native as sn
from shallownet_native._native import backend
from solver_clock import found_version, print_table, processor
from wall_clock import bind, by_turns, refuse_unless

SIZES, ALPHAS = [16, 32, 64], [0.001, 0.1, 1.0, 10.0]


def search(n_epochs: int) -> Any:
    """Return a fitted search, whose fits all have so many epochs."""
    X, y = load_breast_cancer(return_X_y=True)
    model = sn.ShallowNetClassifierCV(
        SIZES, alphas=ALPHAS, cv=5, max_iter=n_epochs, n_iter_no_change=n_epochs, random_state=0,
        n_threads=1,
    )  # fmt: skip
    return model.fit(X, y)


def spread_search(n_epochs: int) -> Any:
    with joblib.parallel_config("dask"):
        return search(n_epochs)


def check_same(here: Any, afar: Any) -> None:
    """Compare two searches: every score, and the network kept."""
    for key in here.cv_results_:
        if key.endswith("_test_score"):
            refuse_unless(np.array_equal(here.cv_results_[key], afar.cv_results_[key]), key)
    for mine, theirs in zip(
        here.coefs_ + here.intercepts_, afar.coefs_ + afar.intercepts_, strict=True
    ):
        refuse_unless(np.array_equal(mine, theirs), "the network fitted on all rows")


def timed(call: Callable[[], Any]) -> tuple[float, Any]:
    """Return the seconds that a call takes, and what it returns."""
    answers: list[Any] = []
    seconds = by_turns([lambda: answers.append(call())], 1)[0]
    return seconds, answers[0]


def with_one_killed(client: Any, n_epochs: int, after: float) -> tuple[float, Any]:
    """Return the same of a search during which the first worker is killed."""
    victim = min(client.run(os.getpid).values())
    killer = threading.Timer(after, os.kill, (victim, signal.SIGKILL))
    killer.start()
    seconds, answer = timed(lambda: spread_search(n_epochs))
    killer.join()
    client.wait_for_workers(2)
    refuse_unless(victim not in client.run(os.getpid).values(), "the worker was not killed")
    return seconds, answer


def compare(client: Any, n_epochs: int, rounds: int) -> list[list[str]]:
    """Return the rows of the table."""
    here = search(n_epochs)
    check_same(here, spread_search(n_epochs))
    check_same(search(1), spread_search(1))
    calls: list[Callable[[], Any]] = [
        lambda: search(n_epochs), lambda: spread_search(n_epochs),
        lambda: search(1), lambda: spread_search(1),
    ]  # fmt: skip
    alone, spread, little, little_spread = by_turns(calls, rounds)
    overhead = little_spread - little / 2
    killed, answer = with_one_killed(client, n_epochs, spread / 3)
    check_same(here, answer)
    return [
        ["two workers, times as fast as one thread here", f"{alone / spread:.2f}"],
        ["sending and collecting, of the time of two workers", f"{overhead / spread:.1%}"],
        ["the same, of one thread's time for one fit", f"{overhead / (alone / 61):.1f}"],
        ["a worker killed after a third: times as long", f"{killed / spread:.2f}"],
    ]


def main() -> None:
    description = (__doc__ or "").partition("\n")[0]
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--epochs", type=int, default=2000)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    bind(2)
    warnings.simplefilter("ignore")  # that fits end by their epochs
    print(f"{processor()}, Python {platform.python_version()}, {backend.level}")
    print(f"dask {found_version('dask')}, distributed {found_version('distributed')}")
    print(f"command: {shlex.join(sys.argv)}")
    workers = {"n_workers": 2, "threads_per_worker": 1, "dashboard_address": None}
    with LocalCluster(**workers) as cluster, Client(cluster) as client:
        rows = compare(client, options.epochs, options.rounds)
    print_table("A search over two single-thread workers", ["what", "ratio"], rows)


if __name__ == "__main__":
    main()
