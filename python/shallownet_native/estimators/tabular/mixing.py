"""How much each view counts: the weights of least loss on rows left out, drawn towards equality."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from ..._extras.scikit_learn import minimize
from ..targets.labels import softmax
from .folds import Fold
from .outputs import Doubles, Outputs

PULL = 0.3  # of one row


def view_weights(
    outputs: Outputs, parts: Doubles, truth: npt.NDArray[Any], weights: Doubles
) -> Doubles:
    """Return the weight of each view, (n_views,), positive and of sum 1.

    Parameters
    ----------
    outputs : Outputs
        Whose loss it is.
    parts : ndarray of float64, shape (n_views, n, n_values)
        What each view makes of rows that it never saw.
    truth : ndarray, shape (n,)
        Numbers of classes, or numbers.
    weights : ndarray of float64, shape (n,)
        Of the rows, of sum 1.

    Notes
    -----
    softmax(z) for the z that minimises loss + (0.3 / n) |z|^2, sought from z = 0.
    """
    n_views, n = parts.shape[:2]
    if n_views == 1:
        return softmax(np.zeros(1))

    def objective(z: Doubles) -> tuple[float, Doubles]:
        w = softmax(z)
        value, slopes = outputs.loss(mixed(parts, w), parts, truth, weights)
        return value + PULL / n * float(z @ z), w * (slopes - w @ slopes) + 2 * PULL / n * z

    found = minimize(objective, np.zeros(n_views), jac=True, method="BFGS", options={"gtol": 1e-9})
    return softmax(found.x)


def mixed(parts: Doubles, weights: Doubles) -> Doubles:
    """Return the sum of parts (n_views, ...), each times its weight."""
    total: Doubles = parts[0] * weights[0]
    for part, weight in zip(parts[1:], weights[1:], strict=True):
        total = total + part * weight
    return total


def left_out_values(
    logits: Sequence[npt.NDArray[Any]], folds: Sequence[Fold], n: int, outputs: Outputs
) -> Doubles:
    """Return what a view makes of each row, (n, n_values): the mean of those that left it out.

    Each network has its logits (n_left_out, n_outputs) and its fold.
    """
    total, count = np.zeros((n, outputs.n_values)), np.zeros((n, 1))
    for fold, of_one in zip(folds, logits, strict=True):
        total[fold.left_out] += outputs.values(of_one)
        count[fold.left_out] += 1
    mean: Doubles = total / count
    return mean
