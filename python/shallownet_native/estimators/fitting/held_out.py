"""Data that a fit does not learn from: split off as scikit-learn does, and what they score.

The scores are those of `sklearn.metrics`, taken from the network's outputs at once.
"""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from ..._extras.scikit_learn import check_scoring, train_test_split
from ..._messages.caller import warn_caller
from ..._native.arrays import Floats
from ...network import Objective

MIN_ROWS = 2
TOO_FEW = (
    "The validation set is too small. Increase 'validation_fraction' or the size of your dataset."
)


def split_off(
    X: Any,
    y: Any,
    weights: Floats | None,
    *,
    fraction: float,
    groups: Any,
    random_state: Any,
    labels: Any = None,
) -> tuple[tuple[Any, Any, Floats | None], tuple[Any, Any, Floats | None]]:
    """Return X, y, weights to train on and those held out, drawn as scikit-learn's MLP draws them.

    Parameters
    ----------
    X, y, weights
        Rows, targets, and weights or None.
    fraction : float
        Of the rows to hold out.
    groups : ndarray or None
        Of which as many parts are held out each, if possible; None draws from all rows alike.
    random_state : RandomState
    labels : ndarray or None
        What the groups are called, by their numbers.

    Raises
    ------
    ValueError
        If fewer than two rows would be held out, or a group has a single row.
    """
    arrays = (X, y) if weights is None else (X, y, weights)
    try:
        parts = train_test_split(
            *arrays, random_state=random_state, test_size=fraction, stratify=groups
        )
    except ValueError as error:
        reason = why_not(X.shape[0], fraction, groups, labels)
        raise ValueError(f"{reason} ({error})") from error
    train, held_out = tuple(parts[0::2]), tuple(parts[1::2])
    if held_out[0].shape[0] < MIN_ROWS:
        raise ValueError(why_not(X.shape[0], fraction, None, None))
    if weights is None:
        return (*train, None), (*held_out, None)
    if not (train[2].any() and held_out[2].any()):
        raise ValueError(
            "sample_weight is 0 for all rows held out for early stopping, or for all others: pass "
            "X_val and y_val to fit instead of having rows split off."
        )
    return train, held_out


def why_not(n_rows: int, fraction: float, groups: Any, labels: Any) -> str:
    """Return why rows cannot be split, and the ways out of it."""
    numbers, counts = np.unique([] if groups is None else groups, return_counts=True)
    n_held_out, n_needed = math.ceil(fraction * n_rows), max(MIN_ROWS, len(numbers))
    if counts.size and counts.min() < MIN_ROWS:
        rare = numbers[counts.argmin()]
        return (
            f"{TOO_FEW} The least populated class, {labels[int(rare)].item()!r}, has a single row, "
            "which cannot be on both sides: "
            + ("set stratify_validation=False, or " if MIN_ROWS <= n_held_out < n_rows else "")
            + "pass X_val and y_val to fit."
        )
    if n_rows - n_held_out < n_needed <= n_held_out:
        return (
            f"The rest to train on is too small: validation_fraction={fraction:g} of {n_rows} rows "
            f"leaves {n_rows - n_held_out}, and {n_needed} are needed. Decrease it, or pass X_val "
            "and y_val to fit."
        )
    least = f" (at least {math.ceil(1000 * n_needed / n_rows) / 1000:g})"
    return (
        f"{TOO_FEW} It has {n_held_out} of {n_rows} rows, and {n_needed} are needed"
        + (f", one of each of {len(numbers)} classes" if len(numbers) else "")
        + f": set validation_fraction{least if 2 * n_needed <= n_rows else ''}"
        + (" or stratify_validation=False" if len(numbers) and n_held_out >= MIN_ROWS else "")
        + ", or pass X_val and y_val to fit."
    )


def groups_of(y: npt.NDArray[np.bool_], is_multilabel: bool, stratify: bool | None) -> Any:
    """Return the groups that a classifier's split keeps in proportion, or None for no groups.

    Parameters
    ----------
    y : ndarray of bool, shape (m, n_y)
        One column for two classes (their rows are the groups), else one-hot or labels.
    is_multilabel : bool
        Whether a row may have several labels; such data are not stratified.
    stratify : bool or None
        None is scikit-learn's rule: only two classes are groups.
    """
    if is_multilabel or stratify is False or (stratify is None and y.shape[1] > 1):
        return None
    if stratify is None:
        return y
    groups = y[:, 0] if y.shape[1] == 1 else y.argmax(axis=1)
    counts = np.unique(groups, return_counts=True)[1]
    if counts.min() >= MIN_ROWS:
        return groups
    warn_caller(
        "stratify_validation=True needs two rows of every class, and a class has only one: the "
        "rows to validate on are drawn from all rows alike.",
        UserWarning,
    )
    return None


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
    score = np.where(residual == 0, 1.0, 0.0)  # where y is constant
    np.divide(residual, spread, out=score, where=spread != 0)
    return float(np.where(spread != 0, 1 - score, score).mean())


def native_score(
    objective: Objective, metric: Callable[[Floats, Objective], float]
) -> Callable[[Floats], float]:
    """Return a function from theta to the outputs' `metric`, NaN if they are not finite."""

    def score(theta: Floats) -> float:
        outputs = objective.outputs(theta)
        return metric(outputs, objective) if np.isfinite(outputs).all() else float("nan")

    return score


def chosen_score(
    scoring: Any, model: Any, show: Callable[[Floats], Any], *, X: Any, y: Any, weights: Any
) -> Callable[[Floats], float]:
    """Return a function from theta to the score that scikit-learn's `scoring` stands for.

    Parameters
    ----------
    scoring : str or callable
    model : estimator
        A fitted copy that the scorer is given, after ``show(theta)`` has changed its weights.
    X, y, weights
        The data held out as they were given; weights go to scorers that take `sample_weight`.
    """
    scorer = check_scoring(model, scoring)
    takes = inspect.signature(scorer).parameters
    extra = {} if weights is None or "sample_weight" not in takes else {"sample_weight": weights}

    def score(theta: Floats) -> float:
        show(theta)
        return float(scorer(model, X, y, **extra))

    return score
