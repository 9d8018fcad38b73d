"""Validation data, given or split off, and early stopping on the cost that they have."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np

from .._native.arrays import Floats, check_real, check_targets
from .._native.streams import Stream
from ..network import Examples, check_rows


class EarlyStopping:
    """Count the looks in a row at which the cost was not below the best by more than `tol`.

    Every new minimum is remembered, even one too small to start the count anew.
    """

    def __init__(self, tol: float, patience: int) -> None:
        self.tol = tol
        self.patience = patience
        self.n_stalled = 0
        self.best_cost = math.inf
        self.best_epoch: int | None = None
        self.best_theta: Floats | None = None

    def observe(self, epoch: int, cost: float, theta: Floats) -> bool:
        """Take in an epoch's validation cost; return whether that was one too many without gain."""
        self.n_stalled = 0 if cost < self.best_cost - self.tol else self.n_stalled + 1
        if cost < self.best_cost:
            self.best_cost, self.best_epoch, self.best_theta = cost, epoch, theta
        return self.n_stalled > self.patience


class Validation(NamedTuple):
    """Data to look at after epochs; `stopping` is None if they are only looked at."""

    examples: Examples
    n_threads: int
    stopping: EarlyStopping | None


def hold_out(
    validation: Any, examples: Examples, output: str, stream: Stream
) -> tuple[Examples, Examples | None]:
    """Return the examples to train on and those to validate on, if any: given, or a fraction.

    A fraction takes the first ceil(fraction m) of a permutation drawn from `stream`, weights
    included; given data have none.
    """
    if validation is None:
        return examples, None
    if isinstance(validation, (tuple, list)):
        return examples, _check_given(validation, examples, output)
    m = len(examples.x)
    n_held_out = math.ceil(check_real(validation, "validation", "(0, 1)") * m)
    if n_held_out >= m:
        raise ValueError(
            f"validation={validation} of {m} examples leaves none to train on: take a smaller "
            "fraction or give more examples"
        )
    order = stream.permutation(m)
    return _take(examples, order[n_held_out:]), _take(examples, order[:n_held_out])


def _check_given(validation: Any, examples: Examples, output: str) -> Examples:
    if len(validation) != 2:
        raise ValueError(f"validation must be (X, Y) or a fraction, got {len(validation)} items")
    dtype, n_x, n_y = examples.x.dtype, examples.x.shape[1], examples.y.shape[1]
    x = check_rows(validation[0], "validation X", n_x, dtype)
    y = check_targets(validation[1], output, (n_y, len(x)), dtype, "validation Y")
    return Examples(x, y, None)


def _take(examples: Examples, order: np.ndarray[Any, np.dtype[np.int64]]) -> Examples:
    weights = None if examples.weights is None else examples.weights[order]
    if weights is not None and weights.sum(dtype=np.float64) < np.finfo(weights.dtype).tiny:
        raise ValueError(
            "example_weights are all 0, or nearly, among the examples held out for validation, or "
            "among the others: give validation=(X, Y) instead of a fraction"
        )
    return Examples(examples.x[order], examples.y[order], weights)
