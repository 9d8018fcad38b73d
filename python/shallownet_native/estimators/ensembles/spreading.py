"""Work for joblib's workers, if somebody has set them up: `joblib.parallel_config("dask")`.

Each worker gets one task, which holds all that it needs: so data travel once, and what a worker has
left when it dies another one does. Results do not depend on where tasks are run.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, TypeVar

from ..._extras.scikit_learn import Parallel, active_workers, delayed

Thing = TypeVar("Thing")


# a function and its arguments, in one object: joblib's way to Dask would put large arguments where
# the workers fetch them, and where they are lost with the worker that has them; it does not look
# into an object
Task = partial


def run_task(task: Callable[[], Any]) -> Any:
    """Do a task, in a worker."""
    return task()


def n_workers(n_things: int) -> int:
    """Return how many workers there are for so many things to do; 1 is this process itself."""
    return max(1, min(n_things, active_workers()))


def spread(tasks: Sequence[Callable[[], Any]]) -> list[Any]:
    """Return what the tasks return, in their order, done by those workers."""
    parallel = Parallel(batch_size=1, pre_dispatch="all")
    done: list[Any] = parallel(delayed(run_task)(task) for task in tasks)
    return done


def shares(things: Sequence[Thing], costs: Sequence[float], n: int) -> list[list[Thing]]:
    """Divide things among n workers so that costs are about equal; each keeps their order."""
    loads, chosen = [0.0] * n, [[] for _ in range(n)]  # type: list[float], list[list[int]]
    for i in sorted(range(len(things)), key=lambda i: -costs[i]):
        worker = loads.index(min(loads))
        loads[worker] += costs[i]
        chosen[worker].append(i)
    return [[things[i] for i in sorted(some)] for some in chosen if some]
