"""How much memory a training takes beyond its data; `footprint.py` prints it.

Each rival trains in a process of its own, through the same pipes as in `measure.py`, and is looked
at from outside: Linux tells each process's resident memory, and its peak since it was last reset.

1. It trains a small problem of the same kind, so that libraries are loaded and threads started,
   and lets go of it: what is resident now is the base.
2. It draws the large problem and sets it up; the peak is reset.
3. It takes some steps. Peak - base - data (x, y, the start, and the result) is the figure.

So copies and buffers that a rival makes of the data count, whenever it makes them, and JAX's
compiling for this size does. Memory that is freed goes back to the system at once (glibc's
threshold is pinned), so that nobody is charged for garbage. True to about half a megabyte.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

from shallownet_native.bench.problems import Problem, descent, draw
from shallownet_native.bench.rivals import RemoteRival
from shallownet_native.bench.timing import check, oracle_answer

LARGE = descent(28, 300, 50000)
SMALLER = descent(28, 300, 5000)  # of a quick run
WARM_UP_EXAMPLES = 2000
N_STEPS = 5
RETURN_AT_ONCE = {"MALLOC_MMAP_THRESHOLD_": "131072"}


def can_be_measured() -> bool:
    """Return whether this system tells a process's peak and lets it be reset."""
    try:
        reset_peak("self")
    except OSError:
        return False
    return True


def reset_peak(process: int | str) -> None:
    """Make the peak what is resident now."""
    Path(f"/proc/{process}/clear_refs").write_text("5", encoding="ascii")


def kilobytes(process: int, field: str) -> int:
    """Return a field of the process's status: VmRSS is resident now, VmHWM the peak."""
    status = Path(f"/proc/{process}/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in status if line.startswith(f"{field}:"))


def data_kilobytes(problem: Problem, dtype: str) -> float:
    """Return the size of the inputs, the targets, the start and the result."""
    data = draw(problem, dtype)
    return (data.x.nbytes + data.y.nbytes + 2 * data.theta.nbytes) / 1024


def beyond_data(rival: RemoteRival, problem: Problem, dtype: str) -> dict[str, float]:
    """Return the peak beyond the data, and the distance of the answer from the oracle's."""
    process = rival.process.pid
    rival.prepare(replace(problem, m=min(WARM_UP_EXAMPLES, problem.m)), dtype)
    rival.answer(N_STEPS)
    rival.ask("close")  # lets go of the problem, not of the process
    base = kilobytes(process, "VmRSS")
    rival.prepare(problem, dtype)
    reset_peak(process)
    distance = check(rival, problem, dtype, oracle_answer(problem, dtype))
    rival.seconds(N_STEPS)
    beyond = kilobytes(process, "VmHWM") - base - data_kilobytes(problem, dtype)
    return {"mb_beyond_data": beyond / 1024, "mb_base": base / 1024, "distance": distance}


def measure_memory(
    rivals: dict[str, ModuleType], threads: int, problem: Problem, dtype: str
) -> list[dict[str, Any]]:
    """Return each rival's figures, one rival after the other."""
    rows = []
    for name, module in rivals.items():
        command = [sys.executable, str(module.__file__)]
        rival = RemoteRival(command, threads, **RETURN_AT_ONCE)
        try:
            rows.append({"rival": name, **beyond_data(rival, problem, dtype)})
        finally:
            rival.close()
    return rows
