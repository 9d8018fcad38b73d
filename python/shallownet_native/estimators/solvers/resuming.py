"""A fit's moments as checkpoints and back, for the solvers that go on epoch by epoch."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from ..._native.arrays import Floats
from ..._native.streams import Position
from ...network import Task
from ...training import Plan
from ...training.checkpoints import FOR_GOOD, Checkpoint, Expected, Fingerprint, fingerprint_of
from .epochs import Epochs
from .optimizer import Optimizer

# constructor's parameters that change no bit of an epoch, or stand elsewhere in the fingerprint
FREE = {
    "activation", "callbacks", "checkpoint", "checkpoint_every", "class_weight",
    "hidden_layer_sizes", "max_fun", "max_iter", "n_threads", "negative_slope", "progress",
    "standardize_target", "verbose", "warm_start",
}  # fmt: skip


class FitMoment(NamedTuple):
    """Where a fit stands after an epoch, in so far as it is not in lists that only grow.

    Replaced as a whole, so that an interrupt at any place finds one that is whole.
    """

    theta: Floats
    loss: float
    state: Floats | None  # None, like the rate that is not a number, of a solver without
    rate: float
    n_steps: int
    n_seen: int
    n_epochs: int
    n_stalled: int
    best: float
    best_theta: Floats | None
    is_open: bool  # whether it is still to be decided what follows
    stopped_by: str | None


class Earlier(NamedTuple):
    """How many values of each curve come from earlier fits; None where there is no curve."""

    costs: int
    validation_costs: int | None
    scores: int | None


def fit_fingerprint(
    estimator: Any, task: Task, epochs: Epochs, *, n_seen: int, batch_size: int
) -> Fingerprint:
    """Return what must be the same for a fit to go on."""
    options = {
        name: value.__name__ if hasattr(value, "__name__") else value
        for name, value in estimator.get_params(deep=False).items()
        if name not in FREE
    }
    record, validation = epochs.record, epochs.validation
    curves = (record.loss_curve, record.validation_loss_curve, record.validation_scores)
    return fingerprint_of(
        network=(task.shape, epochs.theta.dtype.str, task.units),
        options=(type(estimator).__name__, {**options, "batch_size": batch_size}),
        data=(task.examples, None if validation is None else validation.task.examples),
        start=(
            epochs.theta,
            n_seen,
            epochs.patience.best,
            epochs.patience.n_stalled,
            [None if curve is None else np.array(curve, np.float64) for curve in curves],
        ),
    )


def earlier_of(epochs: Epochs) -> Earlier:
    """Return how long the curves are that a fit begins with."""
    record = epochs.record
    looks, scores = record.validation_loss_curve, record.validation_scores
    return Earlier(
        len(record.loss_curve),
        None if looks is None else len(looks),
        None if scores is None else len(scores),
    )


def expected_of_fit(plan: Plan, dtype: np.dtype[Any], earlier: Earlier, max_iter: int) -> Expected:
    """Return what a fit's checkpoints have."""

    def curve(n_earlier: int) -> Callable[[int], tuple[int, int]]:
        return lambda n_epochs: (n_earlier + n_epochs, n_earlier + n_epochs)

    return Expected(
        shape=plan.shape,
        dtype=dtype,
        optimizer=plan.options["optimizer"],
        n_examples=len(plan.examples.x),
        n_epochs=max_iter,
        stream=None if plan.stream is None else "MT19937",
        stops_early=False,
        curves={name: curve(n) for name, n in earlier._asdict().items() if n is not None},
    )


def moment_of(
    epochs: Epochs,
    optimizer: Optimizer | None,
    n_seen: int,
    *,
    is_open: bool = False,
    stopped_by: str | None = None,
) -> FitMoment:
    """Return where the fit stands now."""
    return FitMoment(
        epochs.theta,
        epochs.loss,
        None if optimizer is None else optimizer.state,
        math.nan if optimizer is None else optimizer.rate,
        epochs.record.n_iter if optimizer is None else optimizer.t,
        n_seen,
        epochs.record.n_iter,
        epochs.patience.n_stalled,
        epochs.patience.best,
        epochs.best_theta if epochs.stops_early else None,
        is_open,
        stopped_by,
    )


def curve_of(values: list[float] | None, n_earlier: int | None, n_epochs: int) -> Any:
    """Return a curve as long as it was after so many epochs of this fit."""
    return None if values is None or n_earlier is None else values[: n_earlier + n_epochs]


def checkpoint_of(
    moment: FitMoment,
    epochs: Epochs,
    earlier: Earlier,
    *,
    shape: tuple[int, int, int],
    position: Position | None,
    stopped_by: str | None,
    seconds: float,
) -> Checkpoint:
    """Return a moment as a checkpoint; `stopped_by` is why the fit ended there, if it did."""
    record, n = epochs.record, moment.n_epochs

    def curve(values: list[float] | None, n_earlier: int | None) -> Any:
        values = curve_of(values, n_earlier, n)
        return None if values is None else np.array(values, np.float64)

    assert moment.state is not None
    return Checkpoint(
        shape=shape,
        theta=moment.theta,
        state=moment.state,
        learning_rate=moment.rate,
        last_rate=moment.rate if n else None,
        n_steps=moment.n_steps,
        n_seen=moment.n_seen,
        n_epochs=n,
        n_stalled=moment.n_stalled,
        best=float(moment.best),
        costs=curve(record.loss_curve, earlier.costs),
        validation_costs=curve(record.validation_loss_curve, earlier.validation_costs),
        scores=curve(record.validation_scores, earlier.scores),
        best_theta=moment.best_theta,
        early_stopping=None,
        position=position,
        is_open=moment.is_open,
        stopped_by=None if moment.is_open else moment.stopped_by or stopped_by,
        seconds=seconds,
    )


def restore(checkpoint: Checkpoint, epochs: Epochs, optimizer: Optimizer) -> FitMoment:
    """Bring epochs and optimizer to where the checkpoint was taken, and return that moment."""
    record, patience = epochs.record, epochs.patience
    epochs.theta = checkpoint.theta
    if checkpoint.n_epochs:
        epochs.loss = checkpoint.costs[-1]
    if epochs.stops_early:
        epochs.best_theta = checkpoint.best_theta
    record.n_iter = checkpoint.n_epochs
    record.loss_curve = list(checkpoint.costs)
    if checkpoint.validation_costs is not None:
        record.validation_loss_curve = checkpoint.validation_costs.tolist()
    if checkpoint.scores is not None:
        record.validation_scores = checkpoint.scores.tolist()
    # losses are NumPy's floats, scores are not
    patience.best = checkpoint.best if epochs.stops_early else np.float64(checkpoint.best)
    patience.n_stalled = checkpoint.n_stalled
    optimizer.state, optimizer.t = checkpoint.state, checkpoint.n_steps
    optimizer.rate = checkpoint.learning_rate
    for_good = checkpoint.stopped_by if checkpoint.stopped_by in FOR_GOOD else None
    return moment_of(
        epochs, optimizer, checkpoint.n_seen, is_open=checkpoint.is_open, stopped_by=for_good
    )
