"""What is wrong with where a fit has ended, said in warnings: the weights do not show it."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..._extras.scikit_learn import ConvergenceWarning
from ..._messages.caller import warn_caller
from ...network import Objective
from ...training import TrainingLoop
from .held_out import commonest_share

FAR = 10  # deviations of y between its mean and that of y_val
UNLIKE = 30  # times the one's deviation is the other's


def warn_of_end(
    estimator: Any, loop: TrainingLoop, objective: Objective, held_out: Objective | None
) -> None:
    """Warn if the network kept scores less than a constant would, or costs more than at first."""
    if loop.stops_early and held_out is not None and estimator.scoring is None:
        _warn_of_score(estimator, loop.state.best, objective, held_out)
    _warn_of_rise(estimator, loop)


def _warn_of_score(estimator: Any, score: float, objective: Objective, held_out: Objective) -> None:
    if getattr(estimator, "class_weight", None) is not None:
        return  # which is there to answer otherwise than most rows would have it
    least, chance, name, constant = 0.0, 0.0, "R^2", "predicting the mean"
    if hasattr(estimator, "classes_"):
        least, name = commonest_share(held_out), "accuracy"
        constant = "always predicting the commonest class"
        chance = 2 * np.sqrt(least * (1 - least) / len(held_out))  # of few rows, two deviations
    if not np.isfinite(score) or score >= least - chance:
        return
    mend = f"raise n_iter_no_change, now {estimator.n_iter_no_change}, or learning_rate_init"
    if objective.units.output == "identity":
        distance = _distance(objective, held_out)
        if distance is not None:
            mend = f"y_val is not of y's scale, {distance}: give both in the same units"
        elif not estimator.standardize_target:
            mend = f"set standardize_target=True, or {mend}"
    warn_caller(
        f"Early stopping has ended at a validation score ({name}) of {score:.4g}, below the "
        f"{least:.4g} of {constant}: {mend}",
        ConvergenceWarning,
    )


def _distance(objective: Objective, held_out: Objective) -> str | None:
    """Return how far the targets held out are from those learned from, or None if they are near."""
    y, y_val = objective.examples.y.astype(np.float64), held_out.examples.y.astype(np.float64)
    spread, spread_val = y.std(axis=0), y_val.std(axis=0)
    varies = spread > 0
    if not varies.any():
        return None
    means = (np.abs(y_val.mean(axis=0) - y.mean(axis=0))[varies] / spread[varies]).max()
    if means > FAR:
        return f"its mean lies {means:.3g} deviations of y from that of y"
    ratio = (spread_val[varies] / spread[varies]).max()
    if not 1 / UNLIKE < ratio < UNLIKE:
        return f"it varies {ratio:.3g} times as much"
    return None


def _warn_of_rise(estimator: Any, loop: TrainingLoop) -> None:
    """Go by the fit's own epochs; of a loss, `tol` is what does not matter."""
    history, n = loop.history, loop.state.n_epochs
    if n < 2:
        return
    losses = history.costs_until(loop.state)[-n:]
    reached = len(losses) - 1
    if loop.stops_early and history.scores:
        scores = np.nan_to_num(history.scores[-n:], nan=-np.inf)
        reached = min(int(scores.argmax()) + 1, reached)  # a loss is taken before the step
    first, last = losses[0], losses[reached]
    if last > first + max(estimator.tol, 1e-4 * abs(first)):
        warn_caller(
            f"Training has ended at a loss of {last:.4g}, above the {first:.4g} of its first "
            f"epoch: lower learning_rate_init, now {estimator.learning_rate_init:g}, or scale the "
            "inputs, as standardize=True does",
            ConvergenceWarning,
        )
