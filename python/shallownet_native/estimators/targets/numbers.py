"""Targets that are numbers: what NumPy would make numbers of without a word is refused before."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..._native.arrays import not_real
from ..._native.sparse import is_sparse
from .rows import DATES

WORDS = (str, bytes, *DATES)


def check_numbers(y: Any, argument: str) -> None:
    """Refuse dates, durations and text, also among objects, as `train` does; leave others be.

    Raises
    ------
    TypeError
        With the dtype, and what to do about it.
    """
    if is_sparse(y):
        return
    try:
        array = np.asarray(y)
    except (TypeError, ValueError):  # no array: scikit-learn says so
        return
    words = [v for v in array.ravel() if isinstance(v, WORDS)] if array.dtype.kind == "O" else []
    if array.dtype.kind in "mMSUT" or words:
        raise not_real(array, argument, words[0] if words else y)
