"""The lines of code that errors about arrays advise: each runs on the value that was refused."""

from __future__ import annotations

import math
import warnings
from typing import Any

import numpy as np
import numpy.typing as npt

from .wording import quoted

Array = npt.NDArray[Any]

FALLBACK = "convert it to an array of numbers"


def spelled(value: Any, argument: str, attribute: str) -> str:
    """Return how code spells the argument: as it is where it has the attribute, else as an array.

    "validation Y" is the Y of validation=(X, Y).
    """
    name = argument.rpartition(" ")[2]
    return name if hasattr(value, attribute) else f"np.array({name})"


def to_numbers(array: Array, argument: str) -> str:
    """Return what makes real numbers of an array that holds something else."""
    name = argument.rpartition(" ")[2]
    if array.dtype.kind == "c":
        return f"use np.real({name}) if the imaginary parts mean nothing"
    if array.dtype.kind == "M":
        return f"use (np.array({name}) - np.min({name})) / np.timedelta64(1, 'D'), days"
    if array.dtype.kind == "m":
        return f"use np.array({name}) / np.timedelta64(1, 'D'), days"
    if _is_readable(array):
        return f"use np.asarray({name}, float)"
    words = _words(array)
    return f"code words, such as {quoted(words[0])}, as numbers" if words else FALLBACK


def as_parameters(given: dict[str, Any], name: str, constructor: str = "Parameters") -> str:
    """Return what makes Parameters of a dictionary of arrays, with the activation that it knows."""
    known = {key: getattr(given, key, None) for key in ("hidden", "negative_slope")}
    if known["hidden"] != "leaky_relu":
        known["negative_slope"] = None
    words = [f", {key}={value!r}" for key, value in known.items() if value is not None]
    return f"{constructor}(**{name}{''.join(words)})"


def kind_of(value: object) -> str:
    """Return the name of a value's type, "dict" for dictionaries of our own."""
    return "dict" if isinstance(value, dict) else type(value).__name__


def labels_in(value: Any) -> Array | None:
    """Return the array, if it holds words that are no numbers: labels."""
    try:
        array = np.asarray(value)
    except ValueError:  # lists of different lengths
        return None
    return array if _words(array) and not _is_readable(array) else None


def reshaped(value: Any, got: tuple[int, ...], argument: str, n: int, m: int | None) -> str:
    """Return how to mend the commonest mistakes where (n, m) is wanted, or nothing.

    m = None is any number of examples.
    """
    name = spelled(value, argument, "reshape")
    if len(got) == 2 and got[1] == n and m in (None, got[0]):
        return f": use {spelled(value, argument, 'T')}.T"
    if len(got) == 1 and n == 1 and m in (None, got[0]):
        return f": use {name}.reshape(1, -1)"
    if argument.endswith("Y") and m in (got[-1:] or (0,)) and math.prod(got) == m:
        return f": {code_labels(np.asarray(value), n, argument)}"
    if len(got) == 1 and got[0] == n:
        return f": a single example is {name}.reshape(-1, 1)"
    return ""


def code_labels(labels: Array, n_y: int, argument: str) -> str:
    """Return what makes targets (n_y, m) of class labels, words or numbers."""
    name = argument.rpartition(" ")[2]
    try:
        distinct = np.unique(labels)
    except TypeError:
        return "give every example a label of one type"
    n_classes = distinct.size
    if n_y == 1 and n_classes <= 2:
        last = quoted(distinct[-1].item() if isinstance(distinct[-1], np.generic) else distinct[-1])
        return f"for output 'sigmoid' use (np.array({name}) == {last}).reshape(1, -1)"
    numbers = f"np.unique({name}, return_inverse=True)[1].ravel()"
    if _are_numbers_of(distinct, n_y):
        numbers, n_classes = f"np.ravel({name}).astype(int)", n_y
    rule = f"one-hot class numbers with np.eye({n_classes})[labels].T, where labels = {numbers}"
    if n_classes == n_y:
        return rule
    return (
        f"there are {n_classes} different labels, and outputs of the network: {n_y}. Start one "
        f"with n_y={n_classes}, and {rule}"
    )


def _are_numbers_of(distinct: Array, n_classes: int) -> bool:
    """Tell whether these are numbers of so many classes as they stand, counted from 0."""
    if distinct.dtype.kind not in "biuf":
        return False
    return bool(np.isin(distinct, np.arange(n_classes)).all())


def _is_readable(array: Array) -> bool:
    """Tell whether NumPy makes finite numbers of all that is in an array."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            return bool(np.isfinite(array.astype(float)).all())
    except (TypeError, ValueError, OverflowError, Warning):
        return False


def _words(array: Array) -> list[str]:
    if array.dtype.kind not in "OUS":
        return []
    items = array.ravel().tolist()
    return [str(item) for item in items if isinstance(item, (str, bytes))]
