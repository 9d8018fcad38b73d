"""What a fit gives its estimator: worked out on a copy, handed over at once or not at all."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np

from ...training import LevenbergMarquardt, TrainingLoop
from ..solvers import Optimizer, posterior_attributes
from .coefs import stored_attributes


class Draft:
    """An estimator and the copy that is being fitted in its stead.

    Attributes
    ----------
    owner : estimator
        Stays as it is until `publish`.
    estimator : estimator
        The copy; it shares all objects with the owner, and must change none of them.
    label : str
        Before what is printed of its epochs.
    """

    label = ""

    def __init__(self, owner: Any) -> None:
        self.owner = owner
        self.before = dict(vars(owner))
        self.estimator = copy.copy(owner)

    @property
    def was_fitted(self) -> bool:
        """Whether the owner has a network to lose."""
        return "coefs_" in self.before

    def publish(self, fitted: dict[str, Any]) -> None:
        """Give the owner the copy's attributes and these, and take what the copy has lost.

        What else has become of the owner meanwhile stays. The last step is one assignment: before
        it nothing has changed, and after it everything.
        """
        there = vars(self.estimator)
        old = {k: v for k, v in vars(self.owner).items() if k in there or k not in self.before}
        self.owner.__dict__ = {**old, **self.changes(), **fitted}

    def changes(self) -> dict[str, Any]:
        """Return the attributes of the copy that are new or others."""
        nothing = object()
        there = vars(self.estimator)
        return {k: v for k, v in there.items() if self.before.get(k, nothing) is not v}


def attributes_after(
    loop: TrainingLoop,
    *,
    optimizer: Optimizer | None,
    is_whole: bool,
    total: float,
    scaling: tuple[Any, Any],
) -> dict[str, Any]:
    """Return the fitted attributes of the last state.

    With early stopping a fit that was not broken off has the best parameters, if it has found any:
    scikit-learn, too, keeps a warm-started fit's last ones if none bettered earlier scores.
    `total` is the sum of the weights, which the estimators' alpha counts and the core's does not;
    `scaling` is what standardizes inputs and targets.
    """
    state, history, stops_early = loop.state, loop.history, loop.stops_early
    theta = state.theta
    if is_whole and stops_early and state.best_theta is not None:
        theta = state.best_theta
    validation_costs, scores = history.looks_until(state)
    attributes = {
        **stored_attributes(loop.network(theta)),
        "loss_curve_": list(history.costs_until(state)),
        "validation_scores_": scores,
        "validation_loss_curve_": validation_costs,
        "n_iter_": state.n_epochs,
        "loss_": state.loss,
        "best_loss_": None if stops_early else min(-state.best, state.loss),
        "best_validation_score_": state.best if stops_early else None,
        "_no_improvement_count": state.n_stalled,
    }
    if isinstance(loop.solver, LevenbergMarquardt):
        attributes.update(_found(loop, total), **posterior_attributes(loop, *scaling))
    if optimizer is not None:
        attributes.update(t_=state.n_seen, _optimizer=optimizer.after(state))
    return attributes


def _found(loop: TrainingLoop, total: float) -> dict[str, Any]:
    """Return what lm says of a fit besides; what it says of evidence, only if it was asked for."""
    found = loop.solver.findings(loop.state)
    attributes = {"n_solves_": found["n_solves"]}
    if "log_evidence" in found:
        attributes["alpha_"] = np.array(found["l2"], np.float64) * total
        attributes["log_evidence_"] = found["log_evidence"]
        attributes["n_effective_parameters_"] = found["n_effective_parameters"]
    return attributes
