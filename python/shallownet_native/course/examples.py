"""Examples, checked: their orientation, their order in a call, and what targets may be.

Columns are examples. A slip that shapes or values show for certain is an error with the line that
mends it; what may be meant so is a warning.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from .._messages.caller import warn_caller
from .._messages.remedies import labels_in, spelled
from .._native.arrays import Floats, check_finite, check_floats
from .._native.arrays import check_targets as check_targets_of_core
from .._native.sparse import is_sparse
from ..network import Parameters, check_rows
from .checks import check_array, check_shape

Shape = tuple[int, ...]

# from so many examples on, values that may be meant as they are begin to look like a slip
MANY = 10
# by so many roundings a probability may leave [0, 1]
ROUNDED = 8


def check_pair(X: npt.ArrayLike, Y: npt.ArrayLike, name: str = "X") -> tuple[Shape, Shape]:
    """Return the shapes of inputs (or outputs) and targets if both have a column per example."""
    x, y = _shape(X, name), _shape(Y, "Y")
    for argument, shape in ((name, x), ("Y", y)):
        if len(shape) != 2:
            raise ValueError(
                f"{argument} must have two dimensions, one column per example, got {shape}"
                + _raised(argument, shape, name, x, {name: X, "Y": Y})
            )
    if x[1] != y[1]:
        turned = f"{spelled(X, name, 'T')}.T", f"{spelled(Y, 'Y', 'T')}.T"
        hint = f": use {turned[0]} and {turned[1]}" if _are_rows(x, y) else ""
        if x[1] == y[0] or x[0] == y[1]:
            # where both could be turned, it is the one with more rows than columns
            is_first = x[1] != y[0] or (x[0] == y[1] and x[0] > x[1])
            hint = f": use {turned[0] if is_first else turned[1]}"
        raise ValueError(f"{name} is {x} and Y is {y}: both must have one column per example{hint}")
    return x, y


def check_sets(X: Any, Y: Any, signature: str) -> tuple[Shape, Shape]:
    """Return the shapes of inputs and targets of which nothing else is known."""
    check_array(X, "X", signature)
    check_array(Y, "Y", signature)
    x, y = check_pair(X, Y)
    if x[0] < y[0] and _are_both_labels(X) and _leaves_range(Y):
        raise ValueError(
            f"X {x} holds nothing but 0 and 1, and Y {y} other numbers: the order of the arguments "
            f"is {signature}"
        )
    warn_of_one_example("X", X, Y)
    return x, y


def check_inputs(network: Parameters, X: Any, signature: str) -> None:
    """Say how the function is called where targets have come for inputs."""
    n_x, _, n_y = network.shape
    x = _shape(X, "X")
    if len(x) == 2 and x[0] == n_y != n_x and x[1] != n_x and _are_labels(X):
        raise ValueError(
            f"X {x} holds nothing but 0 and 1, as Y does, but the network has n_x={n_x}: the order "
            f"of the arguments is {signature}"
        )


def check_examples(network: Parameters, X: Any, Y: Any, signature: str) -> tuple[Any, Floats]:
    """Return inputs, in the dtype of the network, and targets (n_y, m), if they fit it.

    Inputs that are sparse stay so.
    """
    check_array(X, "X", signature)
    check_array(Y, "Y", signature)
    n_x, _, n_y = network.shape
    x, y = _shape(X, "X"), _shape(Y, "Y")
    if (x[1:], y[1:]) == ((n_x,), (n_y,)) and x[0] == y[0] and (x[0], y[0]) != (n_x, n_y):
        raise ValueError(
            f"X is {x} and Y is {y}, a row per example: use {spelled(X, 'X', 'T')}.T and "
            f"{spelled(Y, 'Y', 'T')}.T, which have columns"
        )
    check_pair(X, Y)
    if (x[0], y[0]) == (n_y, n_x) != (n_x, n_y):
        raise ValueError(
            f"X is {x} and Y is {y}, but the network has n_x={n_x} and n_y={n_y}: the order of the "
            f"arguments is {signature}"
        )
    rows = check_rows(X, "X", n_x, network.dtype)
    inputs = X if is_sparse(X) else rows.T  # type: ignore[union-attr]
    return inputs, check_targets(Y, (n_y, x[1]))[0]


def check_probabilities(A2: Any, Y: Any, signature: str) -> tuple[Floats, Floats]:
    """Return outputs and targets (n_y, m) if they belong together and A2 lies between 0 and 1."""
    check_array(A2, "A2", signature)
    check_array(Y, "Y", signature)
    a = check_floats(A2, "A2")
    _refuse_words(Y, _shape(A2, "A2"))
    y = check_floats(Y, "Y")
    check_pair(A2, Y, "A2")
    if a.shape[0] > y.shape[0]:
        raise ValueError(
            f'A2 has {a.shape[0]} rows and Y {y.shape[0]}: it is cache["A2"] that goes here'
        )
    check_shape("Y", y, a.shape, " like A2")
    _check_some("A2", a)
    order = f": the order of the arguments is {signature}"
    is_within = bool(y.min() > 0 and y.max() < 1)
    if not _lie_within(a):
        mend = order if is_within else ": it is sigmoid(Z2), not Z2"
        raise ValueError(f"A2 must hold probabilities, from 0 to 1{mend}")
    if np.asarray(A2).dtype.kind in "biu":
        if is_within:
            raise ValueError(f"A2 holds labels and Y probabilities{order}")
        raise ValueError(
            "A2 holds labels, 0 or 1: the cost is that of the probabilities, before > 0.5"
        )
    if a.size >= MANY and _are_labels(a):
        warn_caller(
            "A2 is 0 or 1 for every example, as labels are: the cost is that of the probabilities, "
            "before > 0.5 or rounding" + (order.replace(":", ", and", 1) if is_within else ""),
            UserWarning,
        )
    warn_of_one_example("A2", A2, Y)
    return a, check_targets(Y, a.shape)[0]


def check_targets(Y: Any, shape: tuple[Any, ...]) -> tuple[Floats, bool]:
    """Return targets (n_y, m), and whether all lie in [0, 1]; warn if not.

    Raises
    ------
    TypeError, ValueError
        For labels in words or of -1 and 1, for what is no number, and for another shape.
    """
    _refuse_words(Y, shape)
    y = check_floats(Y, "Y")
    check_shape("Y", y, shape)
    _check_some("Y", y)
    low, high = float(y.min()), float(y.max())
    if _lie_within(y):
        return y if low >= 0 and high <= 1 else np.clip(y, 0, 1), True
    if low == -1 and bool((np.abs(y) == 1).all()):
        raise ValueError(
            "Y must hold 0 and 1, got -1 and 1: code two classes by (Y + 1) / 2, or by Y > 0"
        )
    warn_caller(
        f"Y holds values from {low:g} to {high:g}, and the cost is that of labels 0 and 1: it is "
        f"computed as the formula says, but need not have a minimum. {_labels_of(y)}",
        UserWarning,
    )
    return y, False


def warn_of_one_example(name: str, X: Any, Y: Any) -> None:
    """Warn where one column looks like a transposed row."""
    x, y = _shape(X, name), _shape(Y, "Y")
    if x[1] == 1 and x[0] == y[0] >= MANY:
        warn_caller(
            f"{name} and Y are {y}, which is one example with {y[0]} outputs: for {y[0]} examples "
            f"use {spelled(X, name, 'T')}.T and {spelled(Y, 'Y', 'T')}.T",
            UserWarning,
        )


def _shape(value: Any, name: str) -> Shape:
    try:
        return np.shape(value)
    except ValueError as error:
        raise ValueError(f"{name} is not one array of numbers: {error}") from error


def _refuse_words(Y: Any, shape: tuple[Any, ...]) -> None:
    """Say how labels in words are coded where there are any."""
    if labels_in(Y) is not None:
        wanted = shape if len(shape) == 2 else (1, *shape)[-2:]
        check_targets_of_core(Y, "sigmoid", (wanted[0], wanted[1]), np.float64)


def _check_some(name: str, array: Floats) -> None:
    """Say that there must be an example, and numbers that are finite."""
    if not array.size:
        raise ValueError(f"{name} has shape {array.shape}: give at least one example")
    check_finite(array, name)


def _lie_within(array: Floats) -> bool:
    """Tell whether all lies between 0 and 1, up to rounding."""
    eps = ROUNDED * float(np.finfo(array.dtype).eps)
    return bool(array.min() >= -eps and array.max() <= 1 + eps)


def _raised(argument: str, shape: Shape, name: str, x: Shape, values: dict[str, Any]) -> str:
    """Return what gives an array of one dimension its second, X being turned where it must be."""
    if len(shape) != 1:
        return ""
    row = f"{spelled(values[argument], argument, 'reshape')}.reshape(1, -1)"
    is_turned = argument == "Y" and len(x) == 2 and x[0] == shape[0] != x[1]
    return f": use {spelled(values[name], name, 'T')}.T and {row}" if is_turned else f": use {row}"


def _are_rows(x: Shape, y: Shape) -> bool:
    """Tell whether both look like a row per example: as many rows, and more of them than columns.

    >>> _are_rows((400, 2), (400, 1)), _are_rows((1, 400), (1, 399))
    (True, False)
    """
    return x[0] == y[0] > max(x[1], y[1])


def _are_labels(values: Any) -> bool:
    """Tell whether an array holds nothing but 0 and 1."""
    if is_sparse(values):
        return False
    array = np.asarray(values)
    return array.dtype.kind in "biuf" and bool(((array == 0) | (array == 1)).all())


def _are_both_labels(values: Any) -> bool:
    """Tell whether an array holds both 0 and 1, and nothing else: all zeros may be inputs."""
    return _are_labels(values) and np.unique(np.asarray(values)).size == 2


def _leaves_range(values: Any) -> bool:
    """Tell whether an array holds numbers that are no probabilities."""
    array = np.asarray(values)
    if array.dtype.kind not in "biuf" or not array.size:
        return False
    return bool(array.min() < 0 or array.max() > 1)


def _labels_of(y: Floats) -> str:
    """Return what makes labels of targets of other values."""
    distinct = np.unique(y)
    if distinct.size == 2:
        return f"For two classes write Y == {distinct[1]:g}"
    if bool((distinct == np.floor(distinct)).all()) and distinct.size <= MANY:
        return (
            f"For one class against the others write, for example, Y == {distinct[-1]:g}; "
            "sn.train with output='softmax' learns several"
        )
    return "For two classes write Y > 0, or whatever else parts them"
