"""Several starts of one training, one after the other: checked, trained from, the best kept."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

import numpy as np

from .._messages.caller import warn_caller
from .._native.arrays import Floats
from .._native.backend import core
from ..network import CheckedProblem, KnownUnits, Parameters, check_parameters, check_units
from .building import Asked, TrainingData
from .loop import TrainingLoop
from .outcome import result_of_run, warn_of_end
from .results import (
    ConvergenceWarning,
    DivergenceError,
    TrainingInterrupted,
    TrainingResult,
)

Judge = Callable[[TrainingResult], float]  # the lowest is the best


def check_starts(parameters: Any, starts: Any) -> list[Any]:
    """Return all that training is to start from, at least one."""
    if starts is None:
        return [parameters]
    if isinstance(starts, (Parameters, str, dict)) or not isinstance(starts, Iterable):
        hint = ": put it into a list" if isinstance(starts, Parameters) else ""
        raise TypeError(
            f"starts must be a sequence of Parameters, got {type(starts).__name__}{hint}"
        )
    networks = ([] if parameters is None else [parameters]) + list(starts)
    if not networks:
        raise ValueError("there is nothing to start from: give parameters, or starts")
    return networks


def check_alike(networks: list[Any], problem: CheckedProblem, given: KnownUnits) -> list[Floats]:
    """Return the parameters of every start, of which the first is the problem's.

    Raises
    ------
    TypeError, ValueError
        If one is no network, or of another shape, dtype or activations than the first.
    """
    thetas = [problem.theta]
    first = (problem.shape, problem.theta.dtype, problem.units)
    for k, network in enumerate(networks[1:], 1):
        one = check_parameters(network)
        for what, before, now in zip(
            ("shape (n_x, n_h, n_y)", "dtype", "activations"),
            first,
            (one.shape, one.dtype, check_units(one, given)),
            strict=True,
        ):
            if before != now:
                raise ValueError(
                    f"all starts must be of one {what}: start {k} has {now}, the first {before}"
                )
        thetas.append(one.flat)
    return thetas


def judge_of(data: TrainingData, asked: Asked) -> Judge:
    """Return what starts are compared by."""
    l2 = asked.l2
    if l2 is None:
        return lambda result: np.nan if result.log_evidence is None else -result.log_evidence
    if asked.stops_early:
        return lambda result: min(result.validation_costs, default=np.nan)
    shape, examples, units = data.shape, data.examples, data.units
    n = asked.n_threads
    return lambda result: core.cost(result.parameters.flat, shape, *examples, *units, l2, n)


class Best:
    """The best of several starts so far, the first of equals.

    Attributes
    ----------
    costs : ndarray, shape (n_starts,)
        What each is judged by; NaN of those that have not been.
    kept : tuple or None
        Its number, its result, and its loop, None of one that was broken off.
    """

    def __init__(self, n_starts: int, judge: Judge, started: float) -> None:
        self.costs = np.full(n_starts, np.nan)
        self.judge = judge
        self.started = started
        self.kept: tuple[int, TrainingResult, TrainingLoop | None] | None = None

    def consider(self, k: int, result: TrainingResult, loop: TrainingLoop | None) -> None:
        """Judge the result of start k, and keep it if it is better."""
        cost = self.costs[k] = self.judge(result)
        if self.kept is None or cost < self.costs[self.kept[0]] or np.isnan(self.lowest):
            self.kept = k, result, loop

    @property
    def lowest(self) -> float:
        """What the best is judged by."""
        return np.nan if self.kept is None else float(self.costs[self.kept[0]])

    def result(self, **changes: Any) -> TrainingResult:
        """Return the result of the best, as that of all starts."""
        assert self.kept is not None
        k, result, _ = self.kept
        seconds = time.perf_counter() - self.started
        return replace(result, best_start=k, start_costs=self.costs, seconds=seconds, **changes)


def result_of_best(
    n_starts: int, loop_from: Callable[[int], TrainingLoop], judge: Judge, started: float
) -> TrainingResult:
    """Train from each start, and return the result of the best.

    Raises
    ------
    DivergenceError
        If all diverge.
    TrainingInterrupted
        On Ctrl-C, with the best until then.
    """
    best, errors = Best(n_starts, judge, started), []
    where = ".result of this exception holds the best until then"
    k = 0
    try:
        for k in range(n_starts):
            loop = loop_from(k)
            try:
                best.consider(k, result_of_run(loop, time.perf_counter(), warns=False), loop)
            except DivergenceError as error:
                errors.append(error)
    except TrainingInterrupted as error:
        best.consider(k, error.result, None)
        message = f"of {n_starts} starts the one after {k}: {error.message}"
        raise TrainingInterrupted(message, best.result(stopped_by="interrupt"), where) from error
    except KeyboardInterrupt as error:
        if best.kept is None:
            raise
        message = f"training was interrupted after {k} of {n_starts} starts"
        raise TrainingInterrupted(message, best.result(stopped_by="interrupt"), where) from error
    if best.kept is None:
        message = f"all {n_starts} starts have diverged, the first so: {errors[0].message}"
        raise DivergenceError(message, errors[0].result, errors[0].where)
    if errors:
        warn_caller(
            f"{len(errors)} of {n_starts} starts have diverged and were passed over, the first so: "
            f"{errors[0].message}",
            ConvergenceWarning,
        )
    result = best.result()
    assert best.kept[2] is not None
    warn_of_end(result, best.kept[2])
    return result
