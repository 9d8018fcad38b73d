"""Data that a fit does not learn from: split off as scikit-learn does, and how they are scored."""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable
from typing import Any

import numpy as np

from ..._extras.scikit_learn import check_scoring, train_test_split
from ..._native.arrays import Floats
from ...network import Objective, Parameters
from ..parameters import Settings
from ..targets import Targets
from .coefs import store
from .data import MIN_ROWS, TOO_FEW, Data

Score = Callable[[Floats, float], float]  # of the parameters and their cost


def hold_out(
    settings: Settings, targets: Targets, data: Data, random_state: Any
) -> tuple[Data, Data]:
    """Return data to train on and data held out, drawn as scikit-learn's MLP draws them.

    Raises
    ------
    ValueError
        If fewer than two rows would be held out, a group has a single row, or one side no weight.
    """
    n_rows, fraction, groups = data.X.shape[0], settings.validation_fraction, targets.group(data.y)
    arrays = [array for array in data if array is not None]
    try:
        parts = train_test_split(
            *arrays, random_state=random_state, test_size=fraction, stratify=groups
        )
    except ValueError as error:
        reason = why_not(n_rows, fraction, groups, targets.classes)
        raise ValueError(f"{reason} ({error})") from error
    train, held_out = Data(*parts[0::2]), Data(*parts[1::2])
    if held_out.X.shape[0] < MIN_ROWS:
        raise ValueError(why_not(n_rows, fraction, None, None))
    if any(side.weights is not None and not side.weights.any() for side in (train, held_out)):
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


def native_score(objective: Objective, metric: Callable[[Floats, Objective], float]) -> Score:
    """Return the outputs' `metric`, NaN if they are not finite."""

    def score(theta: Floats, cost: float) -> float:
        outputs = objective.outputs(theta)
        return metric(outputs, objective) if np.isfinite(outputs).all() else float("nan")

    return score


def chosen_score(
    scoring: Any, model: Any, network: Callable[[Floats], Parameters], data: Data
) -> Score:
    """Return the score that scikit-learn's `scoring` stands for.

    Parameters
    ----------
    scoring : str or callable
    model : estimator
        A fitted copy that the scorer is given, with the weights of ``network(theta)``.
    network : callable
        From theta to the network for data as they are given.
    data : Data
        Held out, as they were given; weights go to scorers that take `sample_weight`.
    """
    scorer = check_scoring(model, scoring)
    X, y, weights = data
    extra = {} if weights is None or not takes_weights(scorer) else {"sample_weight": weights}

    def score(theta: Floats, cost: float) -> float:
        store(model, network(theta.copy()))
        return float(scorer(model, X, y, **extra))

    return score


def takes_weights(scorer: Any) -> bool:
    """Tell whether a scorer, or what it is made of, counts rows by their weights."""
    metric = getattr(scorer, "_score_func", scorer)
    return "sample_weight" in inspect.signature(metric).parameters or hasattr(scorer, "_estimator")
