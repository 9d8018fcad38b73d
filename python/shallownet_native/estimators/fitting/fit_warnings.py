"""What is wrong with where a fit has ended, said in warnings: the weights do not show it."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..._extras.scikit_learn import ConvergenceWarning
from ..._messages.caller import warn_caller
from ...network import Task
from ..solvers import Epochs
from .held_out import commonest_share

FAR = 10  # deviations of y between its mean and that of y_val
UNLIKE = 30  # times the one's deviation is the other's


def warn_of_end(estimator: Any, epochs: Epochs, task: Task) -> None:
    """Warn if the network kept scores less than a constant would, or costs more than at first."""
    if epochs.stops_early and estimator.scoring is None:
        _warn_of_score(estimator, epochs, task)
    _warn_of_rise(estimator, epochs)


def _warn_of_score(estimator: Any, epochs: Epochs, task: Task) -> None:
    assert epochs.validation is not None
    if getattr(estimator, "class_weight", None) is not None:
        return  # which is there to answer otherwise than most rows would have it
    held_out = epochs.validation.task
    score = epochs.patience.best
    least, chance, name, constant = 0.0, 0.0, "R^2", "predicting the mean"
    if hasattr(estimator, "classes_"):
        least, name = commonest_share(held_out), "accuracy"
        constant = "always predicting the commonest class"
        chance = 2 * np.sqrt(least * (1 - least) / len(held_out))  # of few rows, two deviations
    if not np.isfinite(score) or score >= least - chance:
        return
    mend = f"raise n_iter_no_change, now {estimator.n_iter_no_change}, or learning_rate_init"
    if task.units.output == "identity":
        distance = _distance(task, held_out)
        if distance is not None:
            mend = f"y_val is not of y's scale, {distance}: give both in the same units"
        elif not estimator.standardize_target:
            mend = f"set standardize_target=True, or {mend}"
    warn_caller(
        f"Early stopping has ended at a validation score ({name}) of {score:.4g}, below the "
        f"{least:.4g} of {constant}: {mend}",
        ConvergenceWarning,
    )


def _distance(task: Task, held_out: Task) -> str | None:
    """Return how far the targets held out are from those learned from, or None if they are near."""
    y, y_val = task.examples.y.astype(np.float64), held_out.examples.y.astype(np.float64)
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


def _warn_of_rise(estimator: Any, epochs: Epochs) -> None:
    """Go by the fit's own epochs; of a loss, `tol` is what does not matter."""
    n = epochs.record.n_iter
    losses = epochs.record.loss_curve[-n:] if n else []
    if len(losses) < 2:
        return
    reached = len(losses) - 1
    if epochs.stops_early and epochs.record.validation_scores:
        scores = np.nan_to_num(epochs.record.validation_scores[-n:], nan=-np.inf)
        reached = min(int(scores.argmax()) + 1, reached)  # a loss is taken before the step
    first, last = losses[0], losses[reached]
    if last > first + max(estimator.tol, 1e-4 * abs(first)):
        warn_caller(
            f"Training has ended at a loss of {last:.4g}, above the {first:.4g} of its first "
            f"epoch: lower learning_rate_init, now {estimator.learning_rate_init:g}, or scale the "
            "inputs, as standardize=True does",
            ConvergenceWarning,
        )
