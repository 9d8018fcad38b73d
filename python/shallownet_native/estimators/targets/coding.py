"""Targets as a network learns them: classes or quantities, with all that depends on which.

Both code what users give, decode it, group rows to split them, score outputs, and name the output
unit. The scores are those of `sklearn.metrics`, taken from the network's outputs at once.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from ..._messages.caller import warn_caller
from ..._native.arrays import Doubles, Floats
from ...network import Objective
from .labels import decide


class Constant(NamedTuple):
    """What always answering the same scores, how far from it chance may lead, and both in words."""

    score: float
    chance: float
    measure: str
    answer: str


class ClassTargets(NamedTuple):
    """Labels, coded by a LabelBinarizer; `stratify` is the estimator's `stratify_validation`."""

    binarizer: Any
    stratify: bool | None
    loss: str = "log_loss"

    @property
    def classes(self) -> npt.NDArray[Any]:
        """All labels, in order."""
        classes: npt.NDArray[Any] = self.binarizer.classes_
        return classes

    @property
    def output(self) -> str:
        """The output unit, by scikit-learn's name."""
        return "softmax" if self.binarizer.y_type_ == "multiclass" else "logistic"

    @property
    def learned_output(self) -> str:
        """The same unit with the loss that is learned by."""
        return self.output

    def code(self, y: Any) -> npt.NDArray[np.bool_]:
        """Return labels as (m, n_y): one column for two classes, else one for each."""
        classes = self.classes
        if y.ndim == 1 and y.dtype == classes.dtype and len(classes) > 1:
            places = np.searchsorted(classes, y).clip(max=len(classes) - 1)
            if (classes[places] == y).all():  # what the binarizer does after long checks
                coded: npt.NDArray[np.bool_] = places[:, None] > 0
                if self.output == "softmax":
                    coded = np.eye(len(classes), dtype=bool)[places]
                return coded
        return np.asarray(self.binarizer.transform(y), bool)

    def decode(self, coded: npt.NDArray[np.bool_]) -> npt.NDArray[Any]:
        """Return the labels that `code` has coded."""
        return decide(coded, self.classes, self.output)

    def group(self, coded: npt.NDArray[np.bool_]) -> Any:
        """Return the groups that a split keeps in proportion, or None for no groups.

        Without a word on it the rule is scikit-learn's: only two classes are groups.
        """
        n_y, stratify = coded.shape[1], self.stratify
        is_multilabel = self.output == "logistic" and n_y > 1
        if is_multilabel or stratify is False or (stratify is None and n_y > 1):
            return None
        if stratify is None:
            return coded
        groups = coded[:, 0] if n_y == 1 else coded.argmax(axis=1)
        counts = np.unique(groups, return_counts=True)[1]
        if counts.min() >= 2:
            return groups
        warn_caller(
            "stratify_validation=True needs two rows of every class, and a class has only one: the "
            "rows to validate on are drawn from all rows alike.",
            UserWarning,
        )
        return None

    def score(self, outputs: Floats, objective: Objective) -> float:
        """Return the accuracy."""
        return accuracy(outputs, objective) if len(self.classes) > 1 else 1.0

    def of_constant(self, held_out: Objective) -> Constant:
        """Return what the commonest class scores."""
        share = commonest_share(held_out)
        chance = 2 * np.sqrt(share * (1 - share) / len(held_out))  # of few rows, two deviations
        return Constant(share, chance, "accuracy", "always predicting the commonest class")


class QuantityTargets(NamedTuple):
    """Numbers; `loss` is the estimator's."""

    loss: str
    classes: None = None

    @property
    def output(self) -> str:
        """The output unit, by scikit-learn's name."""
        return "exp" if self.loss == "poisson" else "identity"

    @property
    def learned_output(self) -> str:
        """The same unit with the loss that is learned by."""
        return QUANTILE if self.loss == QUANTILE else self.output

    def code(self, y: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """Return numbers as (m, n_y)."""
        return y.reshape(-1, 1) if y.ndim == 1 else y

    def decode(self, coded: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """Return the numbers that `code` has coded."""
        return coded[:, 0] if coded.shape[1] == 1 else coded

    def group(self, coded: npt.NDArray[Any]) -> None:
        """There are no groups."""

    def score(self, outputs: Floats, objective: Objective) -> float:
        """Return the coefficient of determination, of quantiles that by their loss."""
        return d2(outputs, objective) if self.loss == QUANTILE else r2(outputs, objective)

    def of_constant(self, held_out: Objective) -> Constant:
        """Return what the mean, or the quantile, scores."""
        if self.loss == QUANTILE:
            return Constant(0.0, 0.0, "D^2", "predicting the quantile of all")
        return Constant(0.0, 0.0, "R^2", "predicting the mean")


Targets = ClassTargets | QuantityTargets
QUANTILE = "quantile"  # the loss, and the output that has it


def accuracy(outputs: Floats, objective: Objective) -> float:
    """Return the share of rows whose labels, every one of them, are predicted."""
    y = objective.examples.y
    if objective.units.output == "softmax":
        right = outputs.argmax(axis=1) == y.argmax(axis=1)
    else:
        right = ((outputs > 0.5) == (y > 0.5)).all(axis=1)
    weights = objective.examples.weights
    return float(right.mean() if weights is None else np.average(right, weights=weights))


def commonest_share(objective: Objective) -> float:
    """Return the accuracy of a network that always gives the commonest answer."""
    groups = np.unique(objective.examples.y, axis=0, return_inverse=True)[1].reshape(-1)
    weights = objective.examples.weights
    shares = np.bincount(groups, None if weights is None else weights.astype(np.float64))
    return float(shares.max() / shares.sum())


def r2(outputs: Floats, objective: Objective) -> float:
    """Return the coefficient of determination, averaged over outputs."""
    y, weights = objective.examples.y.astype(np.float64), objective.examples.weights
    with np.errstate(over="ignore"):
        residual = np.average((y - outputs) ** 2, axis=0, weights=weights)  # (n_y,)
    mean = np.average(y, axis=0, weights=weights)
    spread = np.average((y - mean) ** 2, axis=0, weights=weights)
    return explained(residual, spread)


def d2(outputs: Floats, objective: Objective) -> float:
    """Return 1 - pinball loss / that of the best constant, averaged over outputs."""
    y, weights = objective.examples.y.astype(np.float64), objective.examples.weights
    q = objective.units.quantile

    def losses(z: npt.NDArray[Any]) -> Doubles:
        with np.errstate(over="ignore", invalid="ignore"):
            one = np.where(z < y, q * (y - z), (1 - q) * (z - y))
        averages: Doubles = np.average(one, axis=0, weights=weights)
        return averages

    constant = np.array([quantile_of(column, q, weights) for column in y.T])
    residual, spread = losses(outputs), losses(constant)
    return explained(residual, spread)


def explained(residual: Floats, spread: Floats) -> float:
    """Return 1 - residual / spread (n_y,), averaged; of a constant y 1 if it is hit, else 0."""
    score = np.where(residual == 0, 1.0, 0.0)
    np.divide(residual, spread, out=score, where=spread != 0)
    return float(np.where(spread != 0, 1 - score, score).mean())


def quantile_of(y: Doubles, q: float, weights: Floats | None) -> np.float64:
    """Return the least of the numbers up to which at least a part q of their weights lies."""
    order = np.argsort(y)
    shares = np.cumsum(np.ones(len(y)) if weights is None else weights[order].astype(np.float64))
    place = min(int(np.searchsorted(shares, q * shares[-1])), len(y) - 1)
    least: np.float64 = y[order[place]]
    return least
