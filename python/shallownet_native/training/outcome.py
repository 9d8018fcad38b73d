"""What comes of a run of the loop: its result, or an exception that carries it; and a warning."""

from __future__ import annotations

import time

import numpy as np
import numpy.typing as npt

from .._messages.caller import warn_caller
from .._native.signals import finish_whole
from .loop import TrainingLoop
from .results import ConvergenceWarning, DivergenceError, TrainingInterrupted, TrainingResult
from .solvers import Minimizer


def result_of_run(loop: TrainingLoop, started: float) -> TrainingResult:
    """Run a loop that began at `started`, and return its result, or raise what ended it."""
    ends: list[str] = []

    def finish(error: BaseException | None) -> tuple[TrainingResult, BaseException | None]:
        is_interrupted = isinstance(error, KeyboardInterrupt)
        reason = "interrupt" if is_interrupted else ends[0] if ends else "error"
        result = result_of(loop, reason, time.perf_counter() - started)
        if is_interrupted:
            return result, TrainingInterrupted(
                f"training was interrupted after {result.n_epochs} complete epochs",
                result,
                ".result of this exception holds the model as it was then",
            )
        if error is None and result.stopped_by == "divergence":
            return result, divergence_of(loop, result)
        if error is None:
            warn_of_end(result, loop)
        return result, error

    return finish_whole(loop.solver.doors, lambda: ends.append(loop.run()), finish)


def divergence_of(loop: TrainingLoop, result: TrainingResult) -> DivergenceError:
    """Return the error of a training that has left the finite numbers."""
    if not loop.solver.has_rate:
        return DivergenceError(
            "the cost or its gradient is not finite where training begins: scale the inputs, or "
            "begin with smaller parameters",
            result,
            ".result of this exception holds the start",
        )
    return DivergenceError(
        f"training diverged in epoch {result.n_epochs} (learning_rate {result.learning_rate:g}): "
        "cost or parameters are no longer finite. Lower the learning_rate or scale the inputs",
        result,
        ".result of this exception holds the last finite model",
    )


def result_of(loop: TrainingLoop, stopped_by: str, seconds: float) -> TrainingResult:
    """Return the last complete epoch's model, or the best if early stopping ran its course."""
    state, is_whole = loop.state, stopped_by not in ("interrupt", "divergence")
    theta = state.theta if state.best_theta is None or not is_whole else state.best_theta
    costs = loop.history.costs_until(state)
    validation_costs, _ = loop.history.looks_until(state)
    return TrainingResult(
        parameters=loop.network(theta),
        costs=costs,
        cost_iterations=_cost_iterations(len(costs), loop),
        validation_costs=np.array(validation_costs or []),
        validation_iterations=_look_iterations(len(validation_costs or []), loop),
        stopped_by=stopped_by,
        n_iterations=state.n_steps,
        n_epochs=state.n_epochs,
        seconds=seconds,
        learning_rate=state.rate_used,
        # by a score it is an estimator's, of whose checkpoints it is no part
        best_epoch=None if loop.history.scores is not None else state.best_epoch,
        **loop.solver.findings(state),
    )


def warn_of_end(result: TrainingResult, loop: TrainingLoop) -> None:
    """Warn if training has ended where it should not have."""
    solver = loop.solver
    if isinstance(solver, Minimizer):
        largest = solver.gradient_where_stuck(loop.state)
        if largest is not None:
            warn_caller(
                stuck_at(solver.name, largest) + "scale the inputs or targets, or begin elsewhere",
                ConvergenceWarning,
            )
    elif result.stopped_by != "callback":  # those take no step up
        rise = rise_of(result, loop.cost_every)
        if rise is not None:
            warn_caller(
                f"training has ended at a cost of {rise[1]:.4g}, above its first, {rise[0]:.4g}: "
                f"lower the learning_rate ({result.learning_rate:g}) or scale the inputs",
                ConvergenceWarning,
            )


def stuck_at(name: str, largest: float) -> str:
    """Return the words on a solver that found no step, but for the remedy."""
    return (
        f"{name} has found no step that lowers the cost, although the gradient's largest component "
        f"is still {largest:.3g}, so that this may be no minimum: "
    )


def _cost_iterations(n: int, loop: TrainingLoop) -> npt.NDArray[np.int64]:
    """Return at which iteration each of n costs was taken, from what the loop has done so far.

    Mini-batches without weight are no steps; where the others lie is not recorded, so they are
    taken to be spread evenly.
    """
    if loop.solver.costs_follow:  # the last one after the last iteration
        end = max(loop.state.n_steps + 1, n)
        return np.arange(end - n, end, dtype=np.int64)
    numbers = np.arange(n, dtype=np.int64)
    if loop.counted == "n_iterations":
        return numbers * max(loop.cost_every, 1)
    middles = (2 * numbers + 1) * loop.state.n_steps / (2 * max(loop.state.n_epochs, 1))
    return np.maximum(np.ceil(middles - 1), 0).astype(np.int64)


def _look_iterations(n: int, loop: TrainingLoop) -> npt.NDArray[np.int64]:
    """Return after how many steps each of the n looks at the validation data was.

    Of looks before this training went on from a checkpoint, which does not say, the rhythm tells.
    """
    if n == 0:
        return np.zeros(0, np.int64)
    state, history = loop.state, loop.history
    epochs = np.arange(min(n, history.n_looks_before)) * max(loop.cost_every, 1) + 1
    steps_per_epoch = state.n_steps / max(state.n_epochs, 1)
    before = np.rint(epochs * steps_per_epoch).astype(np.int64)
    here = np.array(history.look_steps[: n - len(before)], dtype=np.int64)
    return np.concatenate([before, here])


def rise_of(result: TrainingResult, cost_every: int) -> tuple[float, float] | None:
    """Return the first cost and that of the parameters handed back, if that is above it."""
    costs, best = result.costs, result.best_epoch
    if costs.size < 2:
        return None
    reached = -1 if best is None else min(best // cost_every + 1, costs.size - 1)
    first, last = costs[0], costs[reached]
    rounding = np.sqrt(np.finfo(result.parameters.dtype).eps) * abs(first)
    return (first, last) if last > first + rounding else None
