"""Targets that are numbers: what NumPy would make numbers of without a word is refused before."""

from __future__ import annotations

import datetime
from typing import Any

import numpy as np

from ._sparse import is_sparse
from ._validation import not_real

WORDS = (
    str,
    bytes,
    datetime.date,
    datetime.time,
    datetime.timedelta,
    np.datetime64,
    np.timedelta64,
)


def check_numbers(y: Any, argument: str) -> None:
    """Refuse dates, durations, text and None, also among objects, as `train` does; no others.

    Raises
    ------
    TypeError
        With the dtype, and what to do about it.
    ValueError
        With the row of the first None, which NumPy would make NaN of.
    """
    if is_sparse(y):
        return
    try:
        array = np.asarray(y)
    except (TypeError, ValueError):  # no array: scikit-learn says so
        return
    objects = list(array.ravel()) if array.dtype.kind == "O" and array.ndim else []
    words = [value for value in objects if isinstance(value, WORDS)]
    if array.dtype.kind in "mMSUT" or words:
        raise not_real(array, argument, words[0] if words else y)
    missing = next((place for place, value in enumerate(objects) if value is None), None)
    if missing is not None:
        row = missing * len(array) // len(objects)
        raise ValueError(f"{argument} has no number in row {row}, but None: leave out such rows")
