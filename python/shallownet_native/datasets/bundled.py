"""Loaders of the real sets that scikit-learn ships with itself: nothing is downloaded.

Every function returns what `datasets` says; targets are one-hot for more than two classes.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from .._extras.importing import import_optional

FloatArray = npt.NDArray[np.float64]


def load_breast_cancer(*, return_rows: bool = False) -> tuple[FloatArray, Any]:
    """Load the Wisconsin breast-cancer set: tumours that are benign (1) or malignant (0).

    X (30, 569), measures of cell nuclei, unscaled: standardise them before training; Y (1, 569);
    the result, as `datasets` says.
    """
    return _load("load_breast_cancer", 2, return_rows)


def load_digits(*, return_rows: bool = False) -> tuple[FloatArray, Any]:
    """Load scikit-learn's handwritten digits, 8 x 8 pixels each.

    X (64, 1797), grey values from 0 to 16; Y (10, 1797); the result, as `datasets` says.
    """
    return _load("load_digits", 10, return_rows)


def load_iris(*, return_rows: bool = False) -> tuple[FloatArray, Any]:
    """Load the iris set: three species by the size of sepals and petals.

    X (4, 150), lengths and widths in cm; Y (3, 150); the result, as `datasets` says.
    """
    return _load("load_iris", 3, return_rows)


def load_wine(*, return_rows: bool = False) -> tuple[FloatArray, Any]:
    """Load the wine set: three cultivars by chemical analysis.

    X (13, 178), unscaled: standardise it before training; Y (3, 178); the result, as
    `datasets` says.
    """
    return _load("load_wine", 3, return_rows)


def load_diabetes(*, return_rows: bool = False) -> tuple[FloatArray, Any]:
    """Load the diabetes set, a regression: progress of the disease after one year.

    X (10, 442), standardised by its makers to a sum of squares of 1 per input; Y (1, 442), from 25
    to 346; the result, as `datasets` says.
    """
    return _load("load_diabetes", 0, return_rows)


def _load(name: str, n_classes: int, return_rows: bool) -> tuple[FloatArray, Any]:
    """Call scikit-learn's loader of this name; no classes: the target is a quantity."""
    module = import_optional("sklearn.datasets", extra="sklearn", purpose=f"datasets.{name}")
    X, y = getattr(module, name)(return_X_y=True)
    X = X.astype(np.float64)
    return as_examples(X, y.astype(np.int64 if n_classes else np.float64), n_classes, return_rows)


def as_examples(
    rows: FloatArray, y: npt.NDArray[Any], n_classes: int, return_rows: bool
) -> tuple[FloatArray, Any]:
    """Orient a set given as rows (m, n_x) and labels or quantities (m,), as `datasets` says.

    More than two classes become a one-hot row of targets for each.
    """
    if return_rows:
        return rows, y
    targets = y[np.newaxis]
    if n_classes > 2:
        targets = targets == np.arange(n_classes)[:, np.newaxis]
    return np.ascontiguousarray(rows.T), targets.astype(np.float64)
