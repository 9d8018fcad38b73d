"""What rows that networks never saw say of new ones: CV+ intervals of numbers, and sets of classes.

Barber, Candes, Ramdas, Tibshirani: Predictive inference with the jackknife+, Annals of Statistics
49 (2021), section 3, and for classes Romano, Sesia, Candes: Classification with valid and adaptive
coverage, NeurIPS 2020, section 2.3. Memory does not grow with the product of old and new rows.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from .folds import Fold
from .outputs import Doubles

MOST_HALVINGS = 80
EPS = float(np.finfo(np.float64).eps)


class LeftOut(NamedTuple):
    """The rows learned from, as those networks see them that left them out.

    Attributes
    ----------
    patterns : ndarray of bool, shape (G, M)
        Sets of networks: row g says which of M networks are in it.
    pattern : ndarray of int64, shape (n,)
        Of each row, which set left it out.
    scores : ndarray of float64, shape (n,)
        How far off those were: of numbers the absolute error, of classes one less the probability
        of the right one.
    places : ndarray of int64, shape (n,)
        The number of each row's class; all 0 of numbers.
    deviation : float
        The root of the weighted mean of the squared scores.
    """

    patterns: npt.NDArray[np.bool_]
    pattern: npt.NDArray[np.int64]
    scores: Doubles
    places: npt.NDArray[np.int64]
    deviation: float

    def means(self, values: Doubles) -> Doubles:
        """Return the mean over each set, (G, ...), of what networks say, (M, ...)."""
        return np.stack([values[pattern].mean(axis=0) for pattern in self.patterns])

    def sorted_scores(self, place: int | None = None) -> list[Doubles]:
        """Return the scores of each set's rows in order, of one class or of all."""
        chosen = slice(None) if place is None else self.places == place
        pattern, scores = self.pattern[chosen], self.scores[chosen]
        return [np.sort(scores[pattern == g]) for g in range(len(self.patterns))]


def check_levels(confidence_level: Any) -> Doubles:
    """Return the levels asked for, (n_levels,).

    Raises
    ------
    ValueError, TypeError
        If one is no number between 0 and 1.
    """
    several = isinstance(confidence_level, Iterable) and not isinstance(confidence_level, str)
    listed: list[Any] = list(confidence_level) if several else [confidence_level]
    for level in listed:
        if isinstance(level, (bool, np.bool_)) or not isinstance(level, (float, int, np.number)):
            raise TypeError(
                f"confidence_level must be a number between 0 and 1, or several, got {level!r}"
            )
        if not 0 < level < 1:
            hint = f": {level:g} per cent are {level / 100:g}" if 1 < level < 100 else ""
            raise ValueError(f"confidence_level must lie between 0 and 1, got {level}{hint}")
    if not listed:
        raise ValueError("confidence_level must be a number between 0 and 1, or several, got none")
    return np.array(listed, np.float64)


def bounds(means: Doubles, scores: list[Doubles], level: float) -> tuple[Doubles, Doubles]:
    """Return the lower and upper ends (n,) of intervals at a confidence level.

    Parameters
    ----------
    means : ndarray, shape (n, G)
        What each set of networks predicts.
    scores : list of G ndarrays
        The sorted errors of the rows that each left out, N together.
    level : float

    Notes
    -----
    The upper end is the ceil(level (N + 1))-th smallest of all mean_g(i) + score_i, the lower one
    likewise the largest of mean_g(i) - score_i; where there are fewer, infinity.
    """
    n_scores = sum(map(len, scores))
    k = rank(level, n_scores)
    if k > n_scores:
        far = np.full(len(means), np.inf)
        return -far, far
    return -smallest(-means, scores, k), smallest(means, scores, k)


def root_mean_square(scores: Doubles, weights: Doubles) -> float:
    """Return the root of the mean of squared scores (n,), whose weights (n,) have a sum of 1."""
    largest = float(scores.max()) or 1.0  # whose squares neither overflow nor vanish
    return float(np.sqrt((weights * np.square(scores / largest)).sum())) * largest


def rank(level: float, n: int) -> int:
    """Return ceil(level (n + 1)), where rounding does not make it one more."""
    exact = level * (n + 1)
    return max(1, math.ceil(exact - 1e-9 * max(1.0, exact)))


def smallest(means: Doubles, scores: list[Doubles], k: int) -> Doubles:
    """Return the k-th smallest of all means[:, g] + scores[g], (n,), exactly.

    Notes
    -----
    It lies between the k-th smallest score added to the least mean and to the largest. Halving
    narrows that until only k - 1 sums are at its lower end or below; the next one is it.
    """
    middle = np.partition(np.concatenate(scores), k - 1)[k - 1]
    low, high = means.min(axis=1) + middle, means.max(axis=1) + middle
    margin = 4 * EPS * (np.abs(means).max(axis=1) + abs(middle))  # of rounding
    low = np.nextafter(low - margin, -np.inf)
    high = high + margin
    going = np.arange(len(means))
    for _ in range(MOST_HALVINGS):
        going = going[_count(means[going], scores, low[going]) < k - 1]
        if not going.size:
            break
        half = low[going] + (high[going] - low[going]) / 2
        is_below = _count(means[going], scores, half) < k
        low[going[is_below]] = half[is_below]
        high[going[~is_below]] = half[~is_below]
    return _next(means, scores, low)


def _count(
    means: Doubles, scores: list[Doubles], limit: Doubles | float, side: Any = "right"
) -> npt.NDArray[np.int64]:
    """Return how many sums are at most `limit` (n,), or with side="left" below it."""
    total = np.zeros(len(means), np.int64)
    for mean, some in zip(means.T, scores, strict=True):
        total += np.searchsorted(some, limit - mean, side=side)
    return total


def _next(means: Doubles, scores: list[Doubles], limit: Doubles) -> Doubles:
    """Return the least sum above `limit` (n,)."""
    least = np.full(len(means), np.inf)
    for mean, some in zip(means.T, scores, strict=True):
        places = np.searchsorted(some, limit - mean, side="right")
        least = np.minimum(least, mean + np.append(some, np.inf)[places])
    return least


def sets(
    means: Doubles, left_out: LeftOut, levels: Doubles, class_conditional: bool
) -> npt.NDArray[np.bool_]:
    """Return which classes may be those of each row, (n, K, n_levels).

    Parameters
    ----------
    means : ndarray, shape (G, n, K)
        The probabilities by each set of networks.
    left_out : LeftOut
    levels : ndarray, shape (n_levels,)
    class_conditional : bool
        Whether a class is judged by its own rows only.

    Notes
    -----
    A class is in the set unless at least level (N + 1) of the N rows left out have a score below
    that which the row would have if this were its class.
    """
    _, n, n_classes = means.shape
    chosen = np.empty((n, n_classes, len(levels)), np.bool_)
    for k in range(n_classes):
        scores = left_out.sorted_scores(k if class_conditional else None)
        n_below = _count(means[:, :, k].T, scores, 1, "left")
        n_scores = sum(map(len, scores))
        limits = [rank(level, n_scores) for level in levels.tolist()]
        chosen[:, k, :] = n_below[:, None] < np.array(limits)
    return chosen


def patterns_of(
    folds: Sequence[Fold], n: int
) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.int64]]:
    """Return the sets of networks that leave the same rows out, (G, M), and each row's, (n,)."""
    is_out = np.zeros((n, len(folds)), np.bool_)
    for m, fold in enumerate(folds):
        is_out[fold.left_out, m] = True
    patterns, pattern = np.unique(is_out, axis=0, return_inverse=True)
    return patterns, pattern.reshape(-1).astype(np.int64)
