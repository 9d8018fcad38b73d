"""User values in, what the core takes out, or an error that says what to do: the only such checks.

An array that is already float, aligned and in native byte order is passed on without a copy,
whatever its strides; everything else is converted here, knowingly. Imports the core and words.
"""

from __future__ import annotations

import functools
import math
import numbers
import operator
import sys
from collections.abc import Iterable
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from .._messages.remedies import code_labels, labels_in, reshaped, spelled, to_numbers
from .._messages.wording import did_you_mean, quoted
from .backend import core
from .blocks import copied

Floats: TypeAlias = npt.NDArray[np.floating[Any]]
Doubles: TypeAlias = npt.NDArray[np.float64]

MAX_UNITS = 2**31 - 1
# what targets may be, by output unit; one that is not listed takes any finite number
TARGETS = {"exp": "[0, inf)", "sigmoid": "[0, 1]", "softmax": "[0, 1]"}
# targets of a float32 softmax, summed over many classes, are this far from 1 at most
SOFTMAX_TOLERANCE = 1e-5


def check_name(value: object, argument: str, names: Iterable[str]) -> str:
    """Return `value` if it is one of `names`, else say which there are and which is nearest."""
    names = tuple(names)
    if not isinstance(value, str):
        raise TypeError(
            f"{argument} must be a string, one of {_listed(names)}; got {quoted(value)}"
        )
    if value not in names:
        hint = did_you_mean(value, names)
        raise ValueError(
            f"{argument} must be one of {_listed(names)}, got {quoted(value)}{hint and ': ' + hint}"
        )
    return value


def check_integer(value: Any, argument: str, minimum: int = 1, maximum: float = sys.maxsize) -> int:
    """Return `value` as an int between `minimum` and `maximum`, both included."""
    # asked first: NumPy's older releases warn when a truth value is taken for a number
    if isinstance(value, (bool, np.bool_)):
        raise TypeError(f"{argument} must be an integer, got the truth value {value}")
    try:
        number = operator.index(value)
    except TypeError as error:
        raise TypeError(f"{argument} must be an integer, got {_described(value)}") from error
    if not minimum <= number <= maximum:
        limit = f">= {minimum}" if number < minimum else f"<= {maximum}"
        raise ValueError(f"{argument} must be {limit}, got {number}")
    return number


def check_real(value: Any, argument: str, interval: str) -> float:
    """Return `value` as a float inside `interval`, which is written as in "[0, 1)"."""
    if isinstance(value, (bool, np.bool_)) or not isinstance(value, (float, numbers.Real)):
        raise TypeError(f"{argument} must be a real number, got {_described(value)}")
    try:
        number = float(value)
    except OverflowError:  # an int of more than 308 digits
        number = math.inf
    if not _inside(number, number, interval):
        raise ValueError(f"{argument} must be in {interval}, got {value}")
    return number


def check_flag(value: Any, argument: str) -> bool:
    """Return `value` as a bool if it is one."""
    if not isinstance(value, (bool, np.bool_)):
        raise TypeError(f"{argument} must be True or False, got {_described(value)}")
    return bool(value)


def check_floats(
    value: Any,
    argument: str,
    dtype: npt.DTypeLike | None = None,
    *,
    round_to_dtype: bool = False,
) -> Floats:
    """Return `value` as an aligned float array in native byte order, without a copy if it is one.

    Parameters
    ----------
    value : array_like of real numbers
        Integers, bool and float16 are converted, and so are Python's own lists and tuples.
    argument : str
        What errors call it.
    dtype : float32, float64 or None
        The result's dtype. None keeps float32 and float64, and makes everything else float64.
    round_to_dtype : bool
        Let float64 become float32.

    Raises
    ------
    TypeError
        If the dtype is complex, object, text, a date, longer than float64, or float64 where
        float32 is wanted; or if `value` is a masked array.
    ValueError
        If nested lists do not form an array.
    """
    array = _as_array(value, argument)
    if dtype is None:
        dtype = np.float32 if array.dtype.newbyteorder("=") == np.float32 else np.float64
    wanted = np.dtype(dtype)
    if array.dtype.kind not in "biuf" or array.dtype.itemsize > 8:
        raise not_real(array, argument, value)
    is_longer = array.dtype.kind == "f" and array.dtype.itemsize > wanted.itemsize
    if is_longer and not round_to_dtype and not isinstance(value, (list, tuple)):
        raise TypeError(
            f"{argument} is float64 but the parameters are float32: use "
            f"{spelled(value, argument, 'astype')}.astype(np.float32), or "
            "parameters.astype(np.float64)"
        )
    floats: Floats = array
    # an axis of stride 0 repeats memory: copying it shows at once whether it fits
    if array.dtype != wanted or not array.flags.aligned or 0 in array.strides:
        with np.errstate(over="ignore"):  # what overflows is infinite, and found to be
            floats = copied(array, wanted)
    return floats


def not_real(array: npt.NDArray[Any], argument: str, value: Any) -> TypeError:
    """Return the error of an array that holds something else than real numbers, such as `value`."""
    return TypeError(
        f"{argument} must hold real numbers as float64, float32, integers or bool, got dtype "
        f"{array.dtype} ({type(value).__name__}): {to_numbers(array, argument)}"
    )


def check_columns(
    value: Any,
    argument: str,
    shape: tuple[int, int | None],
    dtype: npt.DTypeLike,
    *,
    round_to_dtype: bool = False,
) -> Floats:
    """Return a finite array of `shape` (n, m), m = None being any but 0, as its (m, n) view."""
    columns = check_floats(value, argument, dtype, round_to_dtype=round_to_dtype)
    n, m = shape
    if columns.ndim != 2 or columns.shape[0] != n or (m is not None and columns.shape[1] != m):
        wanted = f"({n}, {'m' if m is None else m})"
        raise ValueError(
            f"{argument} must have shape {wanted}, one column per example, got {columns.shape}"
            + reshaped(value, columns.shape, argument, n, m)
        )
    if columns.shape[1] == 0:
        raise ValueError(f"{argument} has shape {columns.shape}: give at least one example")
    check_finite(columns, argument)
    rows: Floats = columns.T
    return rows


def check_targets(
    value: Any,
    output: str,
    shape: tuple[int, int],
    dtype: npt.DTypeLike,
    argument: str = "Y",
) -> Floats:
    """Return targets of `shape` (n_y, m), fit for the output unit, as their (m, n_y) view."""
    labels = labels_in(value)
    if labels is not None:
        raise TypeError(
            f"{argument} must hold real numbers, got labels in words: "
            + code_labels(labels, shape[0], argument)
        )
    y = check_columns(value, argument, shape, dtype, round_to_dtype=True)
    interval = TARGETS.get(output)
    if interval is None:
        return y
    low, high = float(y.min()), float(y.max())
    if not _inside(low, high, interval):
        raise ValueError(
            f"{argument} must be in {interval} for output {output!r}, got values from {low:g} to "
            f"{high:g}: code two classes as 0 and 1, more as one-hot columns for output 'softmax', "
            "and use output 'identity' for other numbers"
        )
    if output == "softmax":
        off = np.abs(y.sum(axis=1) - 1)  # (m,)
        worst = int(off.argmax())
        if off[worst] > SOFTMAX_TOLERANCE and shape[0] == 1:
            raise ValueError(
                f"output 'softmax' of a single output is always 1, but {argument} is not: use "
                "output='sigmoid' for two classes, or a network with an output for each class"
            )
        if off[worst] > SOFTMAX_TOLERANCE:
            raise ValueError(
                f"each column of {argument} must sum to 1 for output 'softmax', column {worst} "
                f"sums to {y[worst].sum():g}: one-hot class numbers with "
                f"np.eye({shape[0]})[labels].T, or use output 'sigmoid' where an example may have "
                "several classes"
            )
    return y


def check_finite(array: Floats, argument: str) -> None:
    """Raise a ValueError that names the first NaN or infinity in `array`, if there is one."""
    if not core.all_finite(array if array.flags.c_contiguous else array.T):
        index = tuple(int(i) for i in np.argwhere(~np.isfinite(array))[0])
        raise ValueError(
            f"{argument} must be finite, got {array[index]} at {list(index)}: "
            "remove, replace or rescale such values"
        )


def check_dtype(value: Any) -> np.dtype[np.floating[Any]]:
    """Return `value` as the dtype float32 or float64."""
    try:
        dtype: np.dtype[np.floating[Any]] = np.dtype(value)
    except TypeError as error:
        raise TypeError(f"dtype must be float32 or float64, got {quoted(value)}") from error
    if dtype not in (np.float32, np.float64):
        raise TypeError(f"dtype must be float32 or float64, got {dtype}")
    return dtype


def check_sizes(n_x: Any, n_h: Any, n_y: Any, itemsize: int = 8) -> tuple[int, int, int]:
    """Return a network's sizes as ints; n_h = None is 0, no hidden layer. Refuse to overflow."""
    shape = (
        check_integer(n_x, "n_x", 1, MAX_UNITS),
        check_integer(0 if n_h is None else n_h, "n_h", 0, MAX_UNITS),
        check_integer(n_y, "n_y", 1, MAX_UNITS),
    )
    width = shape[1] or shape[0]  # of what the output layer sees
    n_parameters = shape[1] * (shape[0] + 1) + shape[2] * (width + 1)
    if n_parameters > sys.maxsize // itemsize:
        raise ValueError(
            f"n_x, n_h, n_y = {shape} make {n_parameters} parameters, more than memory can "
            "address: choose a smaller n_h"
        )
    return shape


def _as_array(value: Any, argument: str) -> npt.NDArray[Any]:
    if type(value) is np.ndarray:
        return value
    if isinstance(value, np.ma.MaskedArray):
        raise TypeError(f"{argument} is a masked array: replace what is masked, as with .filled(0)")
    try:
        return np.asarray(value)
    except ValueError as error:
        raise ValueError(f"{argument} is not one array of numbers: {error}") from error


def _inside(low: float, high: float, interval: str) -> bool:
    """Tell whether all from low to high lies in an interval like "(0, 1]"; NaN lies in none."""
    left, right = _ends(interval)
    above = left <= low if interval[0] == "[" else left < low
    return above and (high <= right if interval[-1] == "]" else high < right)


@functools.cache
def _ends(interval: str) -> tuple[float, float]:
    left, right = interval[1:-1].split(",")
    return float(left), float(right)


def _listed(names: tuple[str, ...]) -> str:
    return ", ".join(repr(name) for name in names)


def _described(value: object) -> str:
    return f"{quoted(value)} ({type(value).__name__})"
