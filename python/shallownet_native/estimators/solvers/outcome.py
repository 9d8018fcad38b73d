"""What a fit leaves: its last moment as an estimator's attributes, or as an exception's result."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import numpy as np

from ..._native.arrays import Floats
from ...network import Parameters
from ...training import TrainingResult
from ..fitting import stored_attributes
from .epochs import Epochs
from .lbfgs import Lbfgs
from .resuming import curve_of
from .stochastic import Stochastic

Solver = Stochastic | Lbfgs
Network = Callable[[Floats], Parameters]  # from theta to the network for data as they are given


def result_of(
    solver: Solver, epochs: Epochs, network: Network, *, stopped_by: str, seconds: float
) -> TrainingResult:
    """Return what the exceptions carry."""
    moment, curves = solver.whole, curves_of(solver, epochs)
    return TrainingResult(
        parameters=network(moment.theta),
        costs=np.array(curves["loss_curve_"], np.float64),
        validation_costs=np.array(curves["validation_loss_curve_"] or [], np.float64),
        stopped_by=stopped_by,
        n_iterations=moment.n_steps,
        n_epochs=moment.n_epochs,
        seconds=seconds,
        learning_rate=moment.rate,
    )


def attributes_after(
    solver: Solver, epochs: Epochs, network: Network, *, is_whole: bool
) -> dict[str, Any]:
    """Return the fitted attributes of the last moment.

    With early stopping a fit that was not broken off has the best parameters, if it has found any:
    scikit-learn, too, keeps a warm-started fit's last ones if none bettered earlier scores.
    """
    moment, stops_early, theta = solver.whole, epochs.stops_early, solver.whole.theta
    if is_whole and stops_early and moment.best_theta is not None:
        theta = moment.best_theta
    attributes = {
        **stored_attributes(network(theta)),
        **curves_of(solver, epochs),
        "n_iter_": moment.n_epochs,
        "loss_": moment.loss,
        "best_loss_": None if stops_early else -moment.best,
        "best_validation_score_": moment.best if stops_early else None,
        "_no_improvement_count": moment.n_stalled,
    }
    if isinstance(solver, Stochastic):
        optimizer: Any = copy.copy(solver.optimizer)
        optimizer.state, optimizer.t, optimizer.rate = moment.state, moment.n_steps, moment.rate
        attributes.update(t_=moment.n_seen, _optimizer=optimizer)
    return attributes


def curves_of(solver: Solver, epochs: Epochs) -> dict[str, list[float] | None]:
    """Return the curves up to the last moment, which they may run ahead of."""
    record, earlier, n = epochs.record, solver.earlier, solver.whole.n_epochs
    looks = curve_of(record.validation_loss_curve, earlier.validation_costs, n)
    return {
        "loss_curve_": curve_of(record.loss_curve, earlier.costs, n),
        "validation_scores_": curve_of(record.validation_scores, earlier.scores, n),
        "validation_loss_curve_": looks,
    }
