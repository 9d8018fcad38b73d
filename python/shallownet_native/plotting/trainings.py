"""Many trainings side by side, one thread each, all of which end soon when one must."""

from __future__ import annotations

import contextvars
import math
import threading
import warnings
from collections.abc import Callable, Iterable
from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait
from typing import Any, NamedTuple

import numpy as np

from .._messages.caller import warn_caller
from ..network import Parameters
from ..training import ConvergenceWarning, DivergenceError, TrainingResult, train

LOOKS = 50  # how often at least a training in full batch looks whether it is to end
WORK = 10**8  # weights times examples between two looks at most: about 0.1 s
REFUSED = ("callback", "checkpoint", "every")


class Trained(NamedTuple):
    """What came of one training: its result, of a diverged one the last finite one."""

    result: TrainingResult
    has_diverged: bool

    @property
    def has_risen(self) -> bool:
        """Whether it ended by itself, above its first cost."""
        costs = self.result.costs
        return not self.has_diverged and costs.size > 1 and bool(costs[-1] > costs[0])


def check_training(training: dict[str, Any], what: str) -> None:
    """Raise TypeError for options of `train` that many trainings cannot share."""
    for name in REFUSED:
        if name in training:
            raise TypeError(f"{what} takes no {name}: it trains many networks, side by side")


def train_all(
    starts: dict[int, tuple[Parameters, Any]],
    X: Any,
    Y: Any,
    training: dict[str, Any],
    n_threads: int,
) -> dict[int, Trained]:
    """Train from each of the starts, each with its seed, and say which of them failed.

    Parameters
    ----------
    starts : dict
        From a number of hidden units to parameters and seed.
    X, Y, training
        What `train` takes besides.
    n_threads : int
        How many trainings run at a time; each has one thread.

    Notes
    -----
    The longest begin first. Whatever is raised, by a training or by Ctrl-C, comes out when the
    others have stopped, which those that are under way do at their next look.
    """
    is_over = threading.Event()

    def run(size: int) -> Trained:
        start, seed = starts[size]
        often = rhythm(training, LOOKS, max(1, WORK // max(1, start.size * np.shape(X)[-1])))
        options = {**often, **training, "callback": lambda _: is_over.is_set()}
        try:
            result = train(start, X, Y, **options, seed=seed, n_threads=1)
        except DivergenceError as error:
            return Trained(error.result, has_diverged=True)
        return Trained(result, has_diverged=False)

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        done = _side_by_side(run, sorted(starts, reverse=True), n_threads, is_over)
    _report(done, caught)
    return done


def _side_by_side(
    run: Callable[[int], Trained], sizes: Iterable[int], n_threads: int, is_over: threading.Event
) -> dict[int, Trained]:
    pool = ThreadPoolExecutor(n_threads, thread_name_prefix="shallownet-sweep")
    try:
        # in copies of this context, which in some builds of Python says what warnings do
        futures: dict[int, Future[Trained]] = {
            size: pool.submit(contextvars.copy_context().run, run, size) for size in sizes
        }
        waiting: set[Future[Trained]] = set(futures.values())
        while waiting:  # with a timeout: elsewhere than on Linux a wait may not see Ctrl-C
            finished, waiting = wait(waiting, timeout=0.1, return_when=FIRST_EXCEPTION)
            for future in finished:
                future.result()
        return {size: future.result() for size, future in futures.items()}
    finally:
        is_over.set()
        pool.shutdown(wait=True, cancel_futures=True)


def rhythm(training: dict[str, Any], n_looks: int, most: float = math.inf) -> dict[str, int]:
    """Return how often to look, as an option of `train`, where it changes nothing that is learnt.

    So many times or, if there were more iterations between two than `most`, more. Only in full
    batch, where no cost decides about anything; else {}: at every epoch.
    """
    decides = ("validation", "tol", "schedule", "batch_size")
    if any(training.get(name) is not None for name in decides):
        return {}
    n = training.get("n_iterations")
    between = math.ceil((n if isinstance(n, int) else 1000) / n_looks)
    return {"cost_every": max(1, int(min(between, most)))}


def _report(done: dict[int, Trained], caught: list[warnings.WarningMessage]) -> None:
    """Say in one warning which trainings failed, and repeat what else was warned of."""
    rises = [one for one in caught if issubclass(one.category, ConvergenceWarning)]
    for one in caught:
        if one not in rises:
            warnings.warn_explicit(one.message, one.category, one.filename, one.lineno)
    diverged = sorted(size for size, one in done.items() if one.has_diverged)
    risen = sorted(size for size, one in done.items() if one.has_risen and rises)
    said = [
        f"with {', '.join(map(str, sizes))} hidden units it {what}"
        for sizes, what in ((diverged, "diverged"), (risen, "ended above its first cost"))
        if sizes
    ]
    if said:
        warn_caller(
            f"training did not succeed for every size: {'; '.join(said)}. Lower the learning_rate "
            "or scale the inputs",
            ConvergenceWarning,
        )
