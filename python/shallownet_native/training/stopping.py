"""Validation data, given or split off, and when enough epochs have not bettered the best."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from .._native.arrays import Floats, check_real, check_targets
from .._native.streams import Stream
from ..network import Examples, check_rows


class Patience(NamedTuple):
    """When to stop: after more than `limit` scores in a row that did not better the best by `tol`.

    Attributes
    ----------
    tol, limit : float
    equal_counts : bool
        Whether a score that betters the best by `tol` exactly counts as better: so it does in
        scikit-learn.
    reason : str
        What training is then stopped by.
    watches : {"core", "costs", "scores"}
        Who counts, and what: the core its own costs, or the loop these or those on validation data.
    """

    tol: float
    limit: float
    equal_counts: bool
    reason: str
    watches: str

    def observe(self, score: float, best: float, n_stalled: int) -> tuple[float, int]:
        """Take in a score, of a cost its negative; return the new `best` and `n_stalled`.

        Every new best is remembered, even one too small to start the count anew.
        """
        threshold = best + self.tol
        is_stalled = score < threshold if self.equal_counts else not score > threshold
        return score if score > best else best, n_stalled + 1 if is_stalled else 0


class OutputRange(NamedTuple):
    """Between which numbers, one for each output, outputs for data held out are clipped."""

    low: Floats
    high: Floats

    def clip(self, outputs: Floats) -> Floats:
        """Return the outputs (m, n_y), none beyond its range; NaN stays."""
        clipped: Floats = np.clip(outputs, self.low, self.high)
        return clipped

    def cost(self, outputs: Floats, examples: Examples) -> float:
        """Return the mean of half the squared errors of the clipped outputs (m, n_y)."""
        errors = self.clip(outputs).astype(np.float64) - examples.y
        return float(np.average((errors**2).sum(axis=1) / 2, weights=examples.weights))


class Validation(NamedTuple):
    """What is taken of data held out, after epochs.

    Attributes
    ----------
    cost : callable
        Of the parameters, without penalty.
    score : callable or None
        Of the parameters and their cost, to stop early by; None if they are only looked at.
    output_range : OutputRange or None
        To which the outputs are clipped before.
    """

    cost: Callable[[Floats], float]
    score: Callable[[Floats, float], float] | None = None
    output_range: OutputRange | None = None


def check_output_range(
    output_range: Any, output: str, y: Floats, is_judged: bool
) -> OutputRange | None:
    """Return the range that is given, or that of the targets y (m, n_y), if one is asked for.

    `is_judged` says whether any data are held out.
    """
    if output_range is None:
        return None
    if output != "identity":
        raise ValueError(
            f"output_range is for output='identity', got output={output!r}, whose outputs have a "
            "range of their own: leave it out"
        )
    if not is_judged:
        raise ValueError(
            "output_range clips outputs for data held out, and there are none: give validation "
            "(in train_many held_out), or leave it out"
        )
    if isinstance(output_range, str) and output_range == "targets":
        return OutputRange(y.min(axis=0), y.max(axis=0))
    if isinstance(output_range, str) or np.shape(output_range) != (2,):
        raise ValueError(
            f"output_range must be (low, high), 'targets' or None, got {output_range!r}"
        )
    low, high = (check_real(one, "output_range", "(-inf, inf)") for one in output_range)
    if low > high:
        raise ValueError(f"output_range must be (low, high), low first, got ({low}, {high})")
    return OutputRange(*(np.full(y.shape[1], one, y.dtype) for one in (low, high)))


def hold_out(
    validation: Any, examples: Examples, output: str, stream: Stream | None
) -> tuple[Examples, Examples | None]:
    """Return the examples to train on and those to validate on, if any: given, or a fraction.

    A fraction takes the first ceil(fraction m) of a permutation drawn from `stream`, weights
    included; given data have none. Without a fraction no stream is needed.
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
    assert stream is not None
    order = stream.permutation(m)
    which = (
        "held out for validation, or among the others: give validation=(X, Y) instead of a fraction"
    )
    return examples.take(order[n_held_out:], which), examples.take(order[:n_held_out], which)


def _check_given(validation: Any, examples: Examples, output: str) -> Examples:
    if len(validation) != 2:
        raise ValueError(f"validation must be (X, Y) or a fraction, got {len(validation)} items")
    dtype, n_x, n_y = examples.x.dtype, examples.x.shape[1], examples.y.shape[1]
    x = check_rows(validation[0], "validation X", n_x, dtype)
    y = check_targets(validation[1], output, (n_y, len(x)), dtype, "validation Y")
    return Examples(x, y, None)
