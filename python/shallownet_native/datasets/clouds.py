"""Teaching sets that are clouds of points, of any number of features, made here with NumPy.

Arguments and results are those of `synthetic`.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from .._native.arrays import MAX_UNITS, check_integer
from .._native.streams import Seed, random_stream
from .bundled import as_examples
from .making import FloatArray, class_counts, in_turn, jittered


def blobs(
    n_examples: int = 200,
    *,
    n_classes: int = 2,
    n_features: int = 2,
    spread: float = 1.0,
    seed: Seed = None,
    return_rows: bool = False,
) -> tuple[FloatArray, Any]:
    """Make round clouds of points, one per class, with centres drawn in a box.

    Parameters
    ----------
    n_examples : int, default 200, a multiple of `n_classes`
    n_classes : int, default 2
    n_features : int, default 2
    spread : float, default 1.0
        Standard deviation of each cloud; the centres are uniform between -5 and 5.
    seed, return_rows : and the result, as the module says

    Examples
    --------
    >>> X, Y = blobs(9, n_classes=3, seed=0)
    >>> X.shape, Y.shape
    ((2, 9), (3, 9))
    """
    n_each, n_classes = class_counts(n_examples, n_classes)
    n_features = check_integer(n_features, "n_features", 1, MAX_UNITS)
    random = random_stream(seed)
    centres = random.uniform(-5.0, 5.0, (n_classes, n_features))
    labels = in_turn(n_each, n_classes)
    return as_examples(
        jittered(centres[labels], spread, random, "spread"), labels, n_classes, return_rows
    )


def gaussian_quantiles(
    n_examples: int = 200,
    *,
    n_classes: int = 2,
    n_features: int = 2,
    spread: float = 1.0,
    seed: Seed = None,
    return_rows: bool = False,
) -> tuple[FloatArray, Any]:
    """Make one normal cloud cut into shells of equal size, the innermost being class 0.

    Parameters
    ----------
    n_examples : int, default 200, at least `n_classes`
    n_classes : int, default 2
    n_features : int, default 2
    spread : float, default 1.0
        Standard deviation of the cloud, whose mean is 0.
    seed, return_rows : and the result, as the module says

    Examples
    --------
    >>> X, y = gaussian_quantiles(8, n_classes=4, seed=0, return_rows=True)
    >>> y[(X**2).sum(axis=1).argsort()]
    array([0, 0, 1, 1, 2, 2, 3, 3])
    """
    n_classes = check_integer(n_classes, "n_classes", 2, MAX_UNITS)
    n_features = check_integer(n_features, "n_features", 1, MAX_UNITS)
    n_examples = check_integer(n_examples, "n_examples", n_classes, MAX_UNITS)
    points = jittered(np.zeros((n_examples, n_features)), spread, random_stream(seed), "spread")
    order = np.argsort(np.square(points).sum(axis=1), kind="stable")
    labels = np.empty(n_examples, dtype=np.int64)
    labels[order] = np.arange(n_examples) * n_classes // n_examples
    return as_examples(points, labels, n_classes, return_rows)


def no_structure(
    n_examples: int = 200,
    *,
    n_classes: int = 2,
    n_features: int = 2,
    seed: Seed = None,
    return_rows: bool = False,
) -> tuple[FloatArray, Any]:
    """Make points in a square whose classes have nothing to do with where they are.

    Whatever a network learns of them it has learned by heart: on other points of the kind it is
    right no more often than a coin.

    Parameters
    ----------
    n_examples : int, default 200, at least `n_classes`
        As many in each class, or nearly so where that does not divide, in random order.
    n_classes : int, default 2
    n_features : int, default 2
        Uniform between 0 and 1.
    seed, return_rows : and the result, as the module says

    Examples
    --------
    >>> X, Y = no_structure(100, seed=0)
    >>> X.shape, int(Y.sum()), bool((X >= 0).all() and (X < 1).all())
    ((2, 100), 50, True)
    """
    n_classes = check_integer(n_classes, "n_classes", 2, MAX_UNITS)
    n_features = check_integer(n_features, "n_features", 1, MAX_UNITS)
    n_examples = check_integer(n_examples, "n_examples", n_classes, MAX_UNITS)
    random = random_stream(seed)
    points = random.uniform(0.0, 1.0, (n_examples, n_features))
    labels = random.permutation(np.arange(n_examples, dtype=np.int64) * n_classes // n_examples)
    return as_examples(points, labels, n_classes, return_rows)
