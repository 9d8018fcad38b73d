"""A descent's moments as checkpoints and back.

Imports `_checkpoint` and `_plan`.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from ..._native.arrays import Floats
from ..._native.streams import Position
from ..state import Moment, Plan, Point
from ..stopping import EarlyStopping
from .file import CheckpointFile, Expected, check_path
from .fingerprint import Fingerprint, fingerprint_of
from .record import FOR_GOOD, Checkpoint, Memory

Curve = npt.NDArray[np.float64]

FREE = ("n_threads", "keeps_state")  # options that change no bit


def checkpoint_file(
    path: Any, every: int, plan: Plan, theta: Floats, *, data: Any, draws: Any
) -> CheckpointFile:
    """Return the file that checkpoints go to, for `Descent.keep`.

    Parameters
    ----------
    path, every
        As the user has given them.
    plan, theta
        Of the training.
    data
        All examples, before any are split off, and those given to validate on.
    draws
        What decides about anything that is drawn, or None.

    Raises
    ------
    TypeError, FileNotFoundError
        As `check_path` does.
    """
    return CheckpointFile(check_path(path), every, _fingerprint(plan, theta, data, draws))


def _fingerprint(plan: Plan, theta: Floats, data: Any, draws: Any) -> Fingerprint:
    """Return what must be the same: the data, and all of the plan but its length."""
    options = {name: value for name, value in plan.options.items() if name not in FREE}
    stopping = _stopping(plan)
    return fingerprint_of(
        network=(plan.shape, theta.dtype.str, plan.units),
        options=(
            "train",
            plan.counted,
            options,
            plan.adaptive,
            plan.stream is not None,
            plan.validation is not None,
            None if stopping is None else (stopping.tol, stopping.patience),
            draws,
        ),
        data=data,
        start=theta,
    )


def expected(plan: Plan, dtype: np.dtype[Any]) -> Expected:
    """Return what the plan's checkpoints have."""
    every = plan.options["cost_every"]

    def n_costs(n_epochs: int) -> tuple[int, int]:
        n = math.ceil(n_epochs / every) if every else 0
        return n, n

    curves: dict[str, Callable[[int], tuple[int, int]]] = {"costs": n_costs}
    if plan.validation is not None:
        curves["validation_costs"] = lambda n_epochs: (0, n_epochs)
    return Expected(
        shape=plan.shape,
        dtype=dtype,
        optimizer=plan.options["optimizer"],
        n_examples=len(plan.examples.x),
        n_epochs=plan.n_epochs,
        stream=None if plan.stream is None else "PCG64",
        stops_early=_stopping(plan) is not None,
        curves=curves,
    )


def to_checkpoint(
    plan: Plan,
    moment: Moment,
    costs: Curve,
    validation_costs: Curve,
    *,
    position: Position | None,
    stopped_by: str | None,
    seconds: float,
) -> Checkpoint:
    """Return a moment as a checkpoint; `stopped_by` is why training ended there, if it did."""
    point, stopping = moment.point, moment.stopping
    memory = None
    if stopping is not None:
        memory = Memory(stopping.n_stalled, stopping.best_cost, stopping.best_epoch)
    return Checkpoint(
        shape=plan.shape,
        theta=point.theta,
        state=point.state,
        learning_rate=point.learning_rate,
        last_rate=point.last_rate,
        n_steps=point.steps_done,
        n_seen=point.seen,
        n_epochs=point.n_epochs,
        n_stalled=point.stalled,
        best=point.best_cost,
        costs=costs,
        validation_costs=None if plan.validation is None else validation_costs[: moment.n_looks],
        scores=None,
        best_theta=None if stopping is None else stopping.best_theta,
        early_stopping=memory,
        position=position,
        is_open=moment.is_open,
        stopped_by=None if moment.is_open else moment.stopped_by or stopped_by,
        seconds=seconds,
    )


def from_checkpoint(plan: Plan, checkpoint: Checkpoint) -> Moment:
    """Return the moment to go on from, and give the plan's early stopping its memory back."""
    point = Point(
        theta=checkpoint.theta,
        state=checkpoint.state,
        learning_rate=checkpoint.learning_rate,
        steps_done=checkpoint.n_steps,
        seen=checkpoint.n_seen,
        best_cost=checkpoint.best,
        stalled=checkpoint.n_stalled,
        n_epochs=checkpoint.n_epochs,
        n_calls=1,
        last_rate=checkpoint.last_rate,
    )
    stopping, memory = _stopping(plan), checkpoint.early_stopping
    if stopping is not None and memory is not None:
        stopping.n_stalled, stopping.best_cost, stopping.best_epoch = memory
        stopping.best_theta = checkpoint.best_theta
    curve = checkpoint.validation_costs
    return Moment(
        point,
        0 if curve is None else len(curve),
        copy.copy(stopping),
        checkpoint.is_open,
        checkpoint.stopped_by if checkpoint.stopped_by in FOR_GOOD else None,
    )


def _stopping(plan: Plan) -> EarlyStopping | None:
    return None if plan.validation is None else plan.validation.stopping
