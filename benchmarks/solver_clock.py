"""What the comparisons of solvers share: one core for everybody, turns, medians, tables.

Times are processor time, so that other users of the machine count little: the best of several calls
that take turns. The process is bound to one processor, with one thread for BLAS and for whatever
else asks the environment.
"""

from __future__ import annotations

import os
import platform
import shlex
import statistics
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import shallownet_native as sn

ONE_THREAD = {
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "JAX_PLATFORMS": "cpu",
}


def take_one_core() -> None:
    """Start this program again with one thread for everybody, if it was not started so."""
    if any(os.environ.get(name) != value for name, value in ONE_THREAD.items()):
        os.environ.update(ONE_THREAD)  # libraries read it when they are loaded
        os.execv(sys.executable, [sys.executable, *sys.argv])
    if hasattr(os, "sched_setaffinity"):  # which is all that JAX goes by
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})


def alternately(calls: Sequence[Callable[[], Any]], rounds: int) -> list[float]:
    """Return each call's best time in seconds (of the processor), after rounds of all of them."""
    best = [float("inf")] * len(calls)
    for _ in range(rounds):
        for k, call in enumerate(calls):
            start = time.process_time()
            call()
            best[k] = min(best[k], time.process_time() - start)
    return best


def median(numbers: Iterable[float]) -> float:
    """Return the median, nan of nothing."""
    found = list(numbers)
    return statistics.median(found) if found else float("nan")


def span(numbers: Sequence[float]) -> str:
    """Write a median with the first and the last quartile behind it."""
    if len(numbers) < 2:
        return f"{median(numbers):.3g}"
    low, middle, high = statistics.quantiles(numbers, n=4, method="inclusive")
    return f"{middle:.3g} ({low:.3g} to {high:.3g})"


def versions(*packages: str) -> str:
    """Name the machine, the command, and the packages with their versions."""
    told = ", ".join(f"{name} {found_version(name) or 'is not here'}" for name in packages)
    where = f"{processor()}, one thread, Python {platform.python_version()}"
    return f"{where}; {told}\n{shlex.join(['python', *sys.argv])}"


def found_version(package: str) -> str | None:
    """Return a package's version, or None where it is not installed."""
    if package == "shallownet-native":
        return sn.__version__
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def processor() -> str:
    """Return what the system calls its processor."""
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    except OSError:
        return platform.processor() or platform.machine()
    names = [line.split(": ", 1)[1] for line in text.splitlines() if "model name" in line]
    return names[0] if names else platform.machine()


def milliseconds(seconds: float) -> str:
    """Write a time, or a dash for nan."""
    return "-" if seconds != seconds else f"{1e3 * seconds:.3g}"


def print_table(title: str, head: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Print a Markdown table under a heading."""
    print(f"\n### {title}\n\n| {' | '.join(head)} |\n|{'---|' * len(head)}")
    for row in rows:
        print(f"| {' | '.join(map(str, row))} |", flush=True)
