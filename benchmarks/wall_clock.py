"""What comparisons share whose question is how well several processors are used: wall time.

The process is bound to as many processors as it may use, with one thread for BLAS; whoever shares
work out does so itself. Rivals take turns, and each one's best counts.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Sequence
from typing import Any

from solver_clock import ONE_THREAD, found_version


def bind(n_threads: int) -> None:
    """Start again with one thread for BLAS, on so many processors, if not started so."""
    if any(os.environ.get(name) != value for name, value in ONE_THREAD.items()):
        os.environ.update(ONE_THREAD)  # libraries read it when they are loaded
        os.execv(sys.executable, [sys.executable, *sys.argv])
    if hasattr(os, "sched_setaffinity"):  # which is all that JAX goes by
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[-n_threads:])


def by_turns(calls: Sequence[Callable[[], Any]], rounds: int) -> list[float]:
    """Return each call's best wall time in seconds, after rounds of all of them."""
    best = [float("inf")] * len(calls)
    for _ in range(rounds):
        for k, call in enumerate(calls):
            start = time.perf_counter()
            call()
            best[k] = min(best[k], time.perf_counter() - start)
    return best


def refuse_unless(is_right: object, what: str) -> None:
    """End the run if an answer is not what it should be."""
    if not is_right:
        raise SystemExit(f"wrong answer: {what}")


def is_here(*packages: str) -> bool:
    """Whether all are installed; says which one is not."""
    missing = [name for name in packages if found_version(name) is None]
    if missing:
        print(f"\nleft out: {', '.join(missing)} is not installed")
    return not missing
