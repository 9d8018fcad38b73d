"""Columns of numbers: what is learned of them, and what they become for a network.

Pure NumPy, float64 inside. Each row of an array here is one column of a table, contiguous, so that
its sums have the same bits whatever the table was and however many columns come at once.
"""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from ..._native.arrays import Doubles
from ..._native.spread import is_constant

LIMIT = 3.0  # nothing leaves [-LIMIT, LIMIT]
MAX_CODES = 1024  # of all columns together
MAX_LOOKED_UP = 2048  # of codes that nobody multiplies out
MIN_BINS, MIN_EDGES = 4, 3
FAR = 1e9  # from here on the squashed number is LIMIT to the last bit
HUGE = 2.0**900  # above, a sum of two is halved before it is taken, so that it does not overflow
SMALLEST, LARGEST = 5e-324, float(np.finfo(np.float64).max)  # what a spread is rounded to


class Learned(NamedTuple):
    """What is known of k columns: each an array (k,)."""

    means: Doubles  # of the finite numbers, 0 where there are none
    scales: Doubles  # their standard deviations, 0 of a constant column
    has_missing: npt.NDArray[np.bool_]


def learn(x: Doubles) -> Learned:
    """Learn from columns x (k, n) what `squashed` needs; NaN is missing, infinity not counted.

    Notes
    -----
    Each column is first divided by a power of two near its largest number, which is exact: so
    squares neither overflow nor vanish, and all other numbers get the bits they would have anyway.
    """
    finite = np.isfinite(x)
    counts = finite.sum(axis=1)
    n = np.maximum(counts, 1)
    values = np.where(finite, x, 0.0)
    exponents = exponents_of(values)
    values *= np.ldexp(1.0, -exponents)[:, None]
    means = values.sum(axis=1) / n
    values = np.where(finite, values - means[:, None], 0.0)
    rests = values.sum(axis=1) / n  # what the sum above was rounded by
    variances = np.maximum(np.square(values, out=values).sum(axis=1) / n - rests**2, 0.0)
    means += rests
    powers = np.ldexp(1.0, exponents)
    with np.errstate(over="ignore"):
        spread = np.clip(np.sqrt(variances) * powers, SMALLEST, LARGEST)
    scales = np.where(is_constant(means, variances, n), 0.0, spread)
    return Learned(means * powers, scales, np.asarray(np.isnan(x).any(axis=1)))


def exponents_of(x: Doubles) -> npt.NDArray[np.int64]:
    """Return the power of two above the largest number of each row, but none too small to undo."""
    largest = np.abs(x).max(axis=1, initial=0.0)
    exponents: npt.NDArray[np.int64] = np.clip(np.frexp(largest)[1], -1000, 1023).astype(np.int64)
    return exponents


def squashed(x: Doubles, means: Doubles, scales: Doubles) -> Doubles:
    """Return columns x (k, n), standardised and then drawn into [-3, 3].

    Notes
    -----
    z = (x - mean) / sd and z / sqrt(1 + (z / 3)^2); 0 where x is missing or the column constant.
    """
    half = np.where(np.maximum(np.abs(means), scales) >= HUGE, 0.5, 1.0)
    divisors = np.where(scales == 0, 1.0, scales * half)[:, None]
    centres = means[:, None]
    z = np.where(np.isnan(x), centres, x)
    with np.errstate(over="ignore", invalid="ignore"):
        if (half != 1).any():
            z, centres = z * half[:, None], centres * half[:, None]
        z -= centres
        z /= divisors
        result = z / LIMIT
        np.square(result, out=result)
        result += 1.0
        np.sqrt(result, out=result)
        np.divide(z, result, out=result)
    np.copyto(result, np.copysign(LIMIT, z), where=np.abs(z) > FAR)
    np.clip(result, -LIMIT, LIMIT, out=result)
    result[scales == 0] = 0.0
    return result


def bins(n_bins: int, n_numbers: int, max_codes: int = MAX_CODES) -> int:
    """Return how many bins each of so many columns gets: 0 if that would be fewer than 4."""
    share = min(n_bins, max_codes // max(n_numbers, 1))
    return share if share >= MIN_BINS else 0


def learn_edges(x: Doubles, n_bins: int) -> Doubles:
    """Return the edges of a column's bins, or none if there are too few different ones.

    Parameters
    ----------
    x : ndarray of float64, shape (n,)
        Only finite numbers count.
    n_bins : int
        How many bins there are where no two edges are the same.

    Returns
    -------
    ndarray of float64, shape (0,) or (3,) to (n_bins + 1,)
        Increasing.
    """
    finite = x[np.isfinite(x)]
    if not n_bins or not finite.size:
        return np.empty(0)
    [exponent] = exponents_of(finite[None])
    # quarters: between two of them nothing overflows
    scaled = finite * np.ldexp(1.0, -exponent) * 0.25
    levels = np.linspace(0.0, 1.0, n_bins + 1)
    edges = np.unique(np.quantile(scaled, levels) * 4.0 * np.ldexp(1.0, exponent))
    return edges if edges.size >= MIN_EDGES else np.empty(0)


def write_codes(x: Doubles, mean: float, edges: Doubles, out: npt.NDArray[Any]) -> None:
    """Write how far x (n,) has come through each bin, less a half, into `out` (n, n_edges - 1).

    Notes
    -----
    clip((x - e_k) / (e_k+1 - e_k), 0, 1) - 1/2, with the mean where x is missing.
    """
    x = np.where(np.isnan(x), mean, x)
    ends = edges.tolist()
    for k, (left, right) in enumerate(pairwise(ends)):
        half = 0.5 if right - left == math.inf else 1.0
        within = np.clip(x, left, right)
        within *= half
        within -= left * half
        within /= right * half - left * half
        within -= 0.5
        out[:, k] = within


def place_in_bins(
    x: Doubles, mean: float, edges: Doubles, bins: npt.NDArray[Any], fractions: npt.NDArray[Any]
) -> None:
    """Write the bin of each x (n,), and how far it has come through that, into two columns (n,).

    Notes
    -----
    Code i of `write_codes` is 1/2 before the bin, the fraction less 1/2 in it, -1/2 behind it; the
    mean stands where x is missing.
    """
    x = np.where(np.isnan(x), mean, x)
    places = np.clip(np.searchsorted(edges, x, side="right") - 1, 0, edges.size - 2)
    left, right = edges[places], edges[places + 1]
    half = np.where(right * 0.5 - left * 0.5 > LARGEST / 2, 0.5, 1.0)  # as there
    within = np.clip(x, left, right) * half - left * half
    bins[:] = places
    fractions[:] = within / (right * half - left * half)
