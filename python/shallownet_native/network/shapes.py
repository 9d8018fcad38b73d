"""The shapes of a network's four arrays, and the vector that holds them one after the other.

A network of `shape` (n_x, n_h, n_y) has W1 (n_h, n_x), b1 (n_h, 1), W2 (n_y, n_h), b2 (n_y, 1).
Without a hidden layer n_h = 0, there is no W1 and no b1, and W2 is (n_y, n_x).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from .._messages.remedies import spelled
from .._native.arrays import Floats

NAMES = ("W1", "b1", "W2", "b2")


def array_shapes(n_x: int, n_h: int, n_y: int) -> dict[str, tuple[int, int]]:
    """Return the shape of each array by name; without a hidden layer only those of W2 and b2.

    >>> array_shapes(2, 4, 1)
    {'W1': (4, 2), 'b1': (4, 1), 'W2': (1, 4), 'b2': (1, 1)}
    """
    output = {"W2": (n_y, n_h or n_x), "b2": (n_y, 1)}
    return {"W1": (n_h, n_x), "b1": (n_h, 1), **output} if n_h else output


def split(
    flat: Floats, shape: tuple[int, int, int]
) -> tuple[Floats | None, Floats | None, Floats, Floats]:
    """Return W1, b1, W2, b2, or their gradients, as views of one vector."""
    n_x, n_h, n_y = shape
    b1 = n_h * n_x  # where each begins
    W2 = b1 + n_h
    b2 = W2 + n_y * (n_h or n_x)
    output = (flat[W2:b2].reshape(n_y, n_h or n_x), flat[b2 : b2 + n_y].reshape(n_y, 1))
    if n_h == 0:
        return None, None, *output
    return flat[:b1].reshape(n_h, n_x), flat[b1:W2].reshape(n_h, 1), *output


def layers_of(arrays: Iterable[Floats | None]) -> list[tuple[Floats, Floats]]:
    """Return the weights (units, inputs) and biases (units, 1) of each layer of W1, b1, W2, b2."""
    W1, b1, W2, b2 = arrays
    return [(W, b) for W, b in ((W1, b1), (W2, b2)) if W is not None and b is not None]


def fit_shapes(arrays: dict[str, Floats], given: dict[str, Any]) -> tuple[int, int, int]:
    """Return (n_x, n_h, n_y) if the arrays make one network, else say which does not fit.

    `given` is what they were made of.
    """
    if not {"W2", "b2"} <= arrays.keys() or len(arrays) == 3:
        raise TypeError(
            f"Parameters needs W1, b1, W2, b2, or W2 and b2 with W1 = b1 = None for no hidden "
            f"layer, got only {', '.join(arrays) or 'None'}"
        )
    for name, array in arrays.items():
        if name in ("W1", "W2") and (array.ndim != 2 or array.size == 0):
            raise ValueError(
                f"{name} must have shape (units, inputs), both at least 1, got {array.shape}"
            )
    n_y, width = arrays["W2"].shape
    n_h, n_x = arrays["W1"].shape if "W1" in arrays else (0, width)
    if n_h not in (0, width):
        raise ValueError(
            f"W1 is {arrays['W1'].shape} and W2 is {arrays['W2'].shape}: the rows of W1 and the "
            "columns of W2 are the hidden units, so both numbers must be the same"
        )
    for name, (rows, columns) in array_shapes(n_x, n_h, n_y).items():
        if arrays[name].shape != (rows, columns):
            spelling = spelled(given[name], name, "reshape")
            hint = f": use {spelling}.reshape(-1, 1)" if arrays[name].size == rows else ""
            raise ValueError(
                f"{name} must have shape ({rows}, {columns}), got {arrays[name].shape}{hint}"
            )
    return n_x, n_h, n_y
