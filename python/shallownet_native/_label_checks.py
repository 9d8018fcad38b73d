"""What users give as targets, before and after scikit-learn's checks: which row is wrong, and why.

Looks for reasons in Python's own values only where scikit-learn's errors would not name a row.
"""

from __future__ import annotations

from typing import Any

import numpy.typing as npt

from ._caller import warn_caller
from ._sklearn import DataConversionWarning, column_or_1d


def one_column(y: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Return targets (m,) of a single column (m, 1), with scikit-learn's warning; others as is."""
    if y.ndim != 2 or y.shape[1] != 1:
        return y
    warn_caller(
        "A column-vector y was passed when a 1d array was expected. Please change the shape of y "
        "to (n_samples, ), for example using ravel().",
        DataConversionWarning,
    )
    column: npt.NDArray[Any] = column_or_1d(y)
    return column
