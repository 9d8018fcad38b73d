"""Which numbers are all the same but for rounding, and what others are divided by.

The one rule of the command line, the demo and the estimators.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from .arrays import Doubles


def deviations(mean: Any, variance: Any, n_rows: int) -> Doubles:
    """Return the standard deviation of each column, and 1 for that of a constant one.

    Parameters
    ----------
    mean, variance : array_like of float64, shape (n_x,) or ()
        Of the columns.
    n_rows : int
        From how many numbers they were taken.

    Notes
    -----
    Equal decimals seldom have a variance of 0: the mean of 36.6, 36.6, 36.6 is rounded. A column
    is constant where its variance is within what rounding makes of it, as scikit-learn has it.

    Examples
    --------
    >>> deviations([36.6, 36.6], [5e-29, 4.0], 100)
    array([1., 2.])
    """
    # of weighted sparse columns rounding may leave less than nothing
    scale = np.sqrt(np.maximum(np.asarray(variance, np.float64), 0))
    return np.where(is_constant(mean, variance, n_rows), 1.0, scale)


def is_constant(mean: Any, variance: Any, n_rows: int | npt.NDArray[Any]) -> npt.NDArray[np.bool_]:
    """Tell which columns, or whether a column, varies no more than rounding makes it."""
    mean, variance = np.asarray(mean, np.float64), np.asarray(variance, np.float64)
    n_eps = n_rows * np.finfo(np.float64).eps
    with np.errstate(over="ignore"):  # of a mean above 1e160
        return np.asarray(variance <= n_eps * variance + (n_eps * mean) ** 2)
