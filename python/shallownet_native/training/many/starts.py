"""Several starts of one training: checked, trained from side by side, the best kept."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from ..._extras.progress import Advance
from ..._messages.caller import warn_caller
from ..._native.arrays import Floats
from ..._native.backend import core
from ..._native.signals import INTERRUPTS, Doors, finish_whole
from ...network import CheckedProblem, KnownUnits, Parameters, check_parameters, check_units
from ..building import Asked, TrainingData
from ..loop import TrainingLoop
from ..outcome import divergence_of, result_of, warn_of_end
from ..results import (
    ConvergenceWarning,
    DivergenceError,
    TrainingInterrupted,
    TrainingResult,
)
from ..state import Curve
from .showing import Showing
from .together import run_together, share_doors

Judge = Callable[[TrainingResult], float]  # the lowest is the best


def check_starts(parameters: Any, starts: Any) -> list[Any]:
    """Return all that training is to start from, at least one."""
    if starts is None:
        return [parameters]
    networks = ([] if parameters is None else [parameters]) + check_sequence(starts)
    if not networks:
        raise ValueError("there is nothing to start from: give parameters, or starts")
    return networks


def check_sequence(starts: Any) -> list[Any]:
    """Return starts as a list of what are to be Parameters."""
    is_scalar = isinstance(starts, np.ndarray) and starts.ndim == 0
    if isinstance(starts, (Parameters, str, dict)) or not isinstance(starts, Iterable) or is_scalar:
        hint = ": put it into a list" if isinstance(starts, Parameters) else ""
        raise TypeError(
            f"starts must be a sequence of Parameters, got {type(starts).__name__}{hint}"
        )
    return list(starts)


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
    given = (*units.of_passes, l2, asked.n_threads, units.quantile)
    return lambda result: core.cost(result.parameters.flat, shape, *examples, *given)


class Starts:
    """Training from all starts side by side, until the best of them can be told.

    Parameters
    ----------
    loops : sequence of TrainingLoop
        One for each start.
    judge, started
        What they are compared by; when it all began.
    advance : Advance or None
        Of a progress bar, if there is one.
    """

    def __init__(
        self,
        loops: Sequence[TrainingLoop],
        judge: Judge,
        started: float,
        advance: Advance | None = None,
    ) -> None:
        self.loops = loops
        self.judge = judge
        self.started = started
        self.show = None if advance is None else Showing(loops, advance)
        self.doors = Doors(INTERRUPTS)
        share_doors(loops, self.doors)

    def run(self, n_threads: int) -> TrainingResult:
        """Train, and return the result of the best start.

        Raises
        ------
        DivergenceError
            If all diverge.
        TrainingInterrupted
            On Ctrl-C, with the best until then.
        """

        def work() -> None:
            run_together(self.loops, n_threads, after_calls=self.show)

        result: TrainingResult = finish_whole(self.doors, work, self.finish)
        return result

    def finish(self, error: BaseException | None) -> tuple[Any, BaseException | None]:
        """Return the result of the best, and what is to be raised, if anything."""
        if error is not None and not isinstance(error, KeyboardInterrupt):
            return None, error
        reasons = [loop.ended_by or "interrupt" for loop in self.loops]
        diverged = [k for k, reason in enumerate(reasons) if reason == "divergence"]
        n = len(self.loops)
        if len(diverged) == n:
            first = self.result(0, "divergence")
            raised = divergence_of(self.loops[0], first)
            message = f"all {n} starts have diverged, the first so: {raised.message}"
            return None, DivergenceError(message, raised.result, raised.where)
        k, costs = self.best(reasons)
        reason = "interrupt" if error is not None else reasons[k]
        result = replace(self.result(k, reason), best_start=k, start_costs=costs)
        if error is not None:
            return result, TrainingInterrupted(
                f"training from {n} starts was interrupted",
                result,
                ".result of this exception holds the best until then",
            )
        if diverged:
            some = divergence_of(self.loops[diverged[0]], self.result(diverged[0], "divergence"))
            warn_caller(
                f"{len(diverged)} of {n} starts have diverged and were passed over, the first so: "
                f"{some.message}",
                ConvergenceWarning,
            )
        warn_of_end(result, self.loops[k])
        return result, None

    def best(self, reasons: Sequence[str]) -> tuple[int, Curve]:
        """Return the best start, the first of equals, and what each is judged by."""
        costs = np.full(len(self.loops), np.nan)
        whole = [k for k, reason in enumerate(reasons) if reason != "divergence"]
        for k in whole:
            costs[k] = self.judge(self.result(k, reasons[k]))
        return min(whole, key=lambda k: (np.isnan(costs[k]), costs[k])), costs

    def result(self, k: int, reason: str) -> TrainingResult:
        """Return the result of one start."""
        return result_of(self.loops[k], reason, time.perf_counter() - self.started)
