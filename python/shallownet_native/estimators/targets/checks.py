"""What users give as targets y: which row has none, or one of another type, or is no class.

Python's own values are looked at where scikit-learn's errors would name no row; what can be an
array of numbers costs one pass of NumPy.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
import numpy.typing as npt

from ..._extras.scikit_learn import DataConversionWarning, column_or_1d
from ..._messages.caller import warn_caller
from ..._messages.wording import shortened
from ..._native.arrays import not_real
from ..._native.sparse import is_sparse
from .rows import DATES

KINDS = (
    ("str", str), ("bool", (bool, np.bool_)), ("int", (int, float, np.integer, np.floating))
)  # fmt: skip
GAPS = ("NAType", "NaTType")  # pandas' words for nothing
N_ROWS_NAMED = 3
WORDS = (str, bytes, *DATES)  # which NumPy would make numbers of without a word


def check_labels(y: Any) -> None:
    """Refuse class labels of which some are missing, or of types that do not compare.

    Raises
    ------
    ValueError
        If a row has no label, or numbers come as objects, which scikit-learn takes for no classes.
    TypeError
        If there are labels of several types, or None.
    """
    check_gaps(y, "label")
    values = _values(y)
    if values is None or values.dtype.kind != "O" or values.ndim != 1:
        return
    kinds = _first_of_each_kind(values)
    # other containers hold numbers of their own
    came_so = getattr(y, "dtype", None) == np.dtype(object)
    if len(kinds) > 1 and (came_so or "str" in kinds):
        raise TypeError(
            f"y mixes {' and '.join(kinds)} ({_rows(list(kinds.values()))}): make all labels one "
            "type, as with [str(label) for label in y]"
        )
    if came_so and kinds and kinds.keys() <= {"int", "bool"}:
        check_classes(values.astype(np.float64))
        kind = "".join(kinds)
        raise ValueError(
            f"Unknown label type: y holds {kind} as Python objects: use y.astype({kind})"
        )


def check_gaps(y: Any, noun: str) -> None:
    """Refuse targets of which some are missing.

    Raises
    ------
    ValueError
        For NaN, and for whatever is missing among numbers.
    TypeError
        For None and pandas' NA among labels of any other type, as scikit-learn does.
    """
    values = _values(y)
    kind = "" if values is None else values.dtype.kind
    if values is None or kind not in "fmMO":
        return
    if kind == "O":
        is_gap = np.fromiter(map(_is_gap, values.flat), bool, values.size).reshape(values.shape)
    else:
        is_gap = np.isnan(values) if kind == "f" else np.isnat(values)
    gaps = np.flatnonzero(is_gap if is_gap.ndim == 1 else is_gap.any(axis=1)).tolist()
    if gaps:
        first = values[is_gap][0]
        is_typed = (
            isinstance(first, float) or getattr(getattr(y, "dtype", None), "kind", "O") != "O"
        )
        raise (ValueError if is_typed or noun == "number" else TypeError)(
            f"y has no {noun} in {_rows(gaps)}, but {first} (Input y contains NaN.): leave out "
            "such rows, of X as well"
        )


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


def check_classes(y: npt.NDArray[Any], regressor: str = "ShallowNetRegressor") -> None:
    """Refuse numbers that are no classes.

    Raises
    ------
    ValueError
        If one of them is not whole.
    """
    if y.dtype.kind != "f":
        return
    broken = np.flatnonzero((y != np.floor(y)).reshape(len(y), -1).any(axis=1))
    if broken.size:
        row = int(broken[0])
        raise ValueError(
            f"Unknown label type: y holds numbers that are no classes (continuous; {y[row]} in "
            f"row {row}): use {regressor}, or make classes, as with (y > np.median(y)).astype(int)"
        )


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


@contextmanager
def of_validation_data() -> Iterator[None]:
    """Say of errors about X and y in this block that X_val and y_val are meant."""
    try:
        yield
    except (TypeError, ValueError) as error:
        kind = TypeError if isinstance(error, TypeError) else ValueError
        whose = "" if str(error).startswith("y_val ") else "of X_val and y_val: "
        raise kind(f"{whose}{error}") from error


def _values(y: Any) -> npt.NDArray[Any] | None:
    """Return targets (m,) or (m, several) as an array, of objects where NumPy has no such type.

    None if they come in another form, which is left to scikit-learn.
    """
    if isinstance(y, (list, tuple)):
        if not y or isinstance(y[0], (list, tuple, np.ndarray)):
            return _nested(y)
        listed = np.empty(len(y), object)
        listed[:] = y
        return listed
    if not hasattr(y, "__array__") or is_sparse(y) or getattr(y, "ndim", 0) not in (1, 2):
        return None
    is_numpys = isinstance(getattr(y, "dtype", None), np.dtype) or y.ndim == 2
    array = np.asarray(y) if is_numpys else np.asarray(y, object)
    return array[:, 0] if array.ndim == 2 and array.shape[1] == 1 else array


def _nested(y: Any) -> npt.NDArray[Any] | None:
    try:
        array = np.asarray(y)
    except ValueError:  # rows of different lengths
        return None
    return array if array.ndim == 2 else None


def _is_gap(value: Any) -> bool:
    if isinstance(value, (float, np.floating, np.datetime64, np.timedelta64)):
        return bool(value != value)
    return value is None or type(value).__name__ in GAPS


def _first_of_each_kind(values: npt.NDArray[Any]) -> dict[str, int]:
    """Return the kinds of labels among values, each with the first row of it."""
    kinds: dict[str, int] = {}
    for row, value in enumerate(values):
        kinds.setdefault(_kind(value), row)
    return kinds


def _kind(value: Any) -> str:
    """Return the name of a type; numbers, which compare with each other, have but one."""
    return next((name for name, types in KINDS if isinstance(value, types)), type(value).__name__)


def _rows(rows: Sequence[int]) -> str:
    return f"row{'s' if len(rows) > 1 else ''} {shortened(rows, N_ROWS_NAMED)}"
