"""Loaders of the real sets that scikit-learn ships with itself: nothing is downloaded.

Public through `datasets`, in its orientation. Imports `_optional` alone.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from .._extras.importing import import_optional

FloatArray = npt.NDArray[np.float64]


def load_breast_cancer(*, return_rows: bool = False) -> tuple[FloatArray, Any]:
    """Load the Wisconsin breast-cancer set: tumours that are benign (1) or malignant (0).

    Parameters
    ----------
    return_rows : bool, default False
        Return rows as examples, (m, n_x) and (m,).

    Returns
    -------
    X : ndarray of float64, shape (30, 569)
        Measures of cell nuclei, unscaled: standardise them before training.
    Y : ndarray of float64 0 and 1, shape (1, 569)

    Raises
    ------
    MissingPackageError
        If scikit-learn is not installed; the message names the extra that brings it.
    """
    return _load("load_breast_cancer", 2, return_rows)


def load_digits(*, return_rows: bool = False) -> tuple[FloatArray, Any]:
    """Load scikit-learn's handwritten digits, 8 x 8 pixels each.

    Parameters
    ----------
    return_rows : bool, default False
        Return rows as examples, (m, n_x) and (m,).

    Returns
    -------
    X : ndarray of float64, shape (64, 1797)
        Grey values from 0 to 16.
    Y : ndarray of float64, one-hot, shape (10, 1797)

    Raises
    ------
    MissingPackageError
        If scikit-learn is not installed; the message names the extra that brings it.
    """
    return _load("load_digits", 10, return_rows)


def load_iris(*, return_rows: bool = False) -> tuple[FloatArray, Any]:
    """Load the iris set: three species by the size of sepals and petals.

    Parameters
    ----------
    return_rows : bool, default False
        Return rows as examples, (m, n_x) and (m,).

    Returns
    -------
    X : ndarray of float64, shape (4, 150)
        Lengths and widths in cm.
    Y : ndarray of float64, one-hot, shape (3, 150)

    Raises
    ------
    MissingPackageError
        If scikit-learn is not installed; the message names the extra that brings it.
    """
    return _load("load_iris", 3, return_rows)


def load_wine(*, return_rows: bool = False) -> tuple[FloatArray, Any]:
    """Load the wine set: three cultivars by chemical analysis.

    Parameters
    ----------
    return_rows : bool, default False
        Return rows as examples, (m, n_x) and (m,).

    Returns
    -------
    X : ndarray of float64, shape (13, 178)
        Unscaled: standardise it before training.
    Y : ndarray of float64, one-hot, shape (3, 178)

    Raises
    ------
    MissingPackageError
        If scikit-learn is not installed; the message names the extra that brings it.
    """
    return _load("load_wine", 3, return_rows)


def load_diabetes(*, return_rows: bool = False) -> tuple[FloatArray, Any]:
    """Load the diabetes set, a regression: progress of the disease after one year.

    Parameters
    ----------
    return_rows : bool, default False
        Return rows as examples, (m, n_x) and (m,).

    Returns
    -------
    X : ndarray of float64, shape (10, 442)
        Standardised by its makers to a sum of squares of 1 per input.
    Y : ndarray of float64, shape (1, 442)
        From 25 to 346.

    Raises
    ------
    MissingPackageError
        If scikit-learn is not installed; the message names the extra that brings it.
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
