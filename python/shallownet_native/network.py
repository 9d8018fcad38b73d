"""The network's parameters, what its two passes return, and their shapes. Computes nothing.

Columns are examples (docs/method.md): a network of `shape` (n_x, n_h, n_y) has W1 (n_h, n_x),
b1 (n_h, 1), W2 (n_y, n_h), b2 (n_y, 1). Without a hidden layer n_h = 0, W1 = b1 = None, and W2 is
(n_y, n_x). Imports `_validation`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

from ._blocks import copied, copy_to, joined, same_bytes
from ._validation import Floats, check_dtype, check_finite, check_floats, check_sizes

NAMES = ("W1", "b1", "W2", "b2")
Maybe: TypeAlias = "npt.ArrayLike | None"


class Forward(NamedTuple):
    """What the forward pass computes: each (units, m), one column per example."""

    Z1: Floats | None
    A1: Floats | None
    Z2: Floats
    A2: Floats


class Gradients(NamedTuple):
    """The cost's derivatives, each of the shape of what it belongs to; dX if it was asked for."""

    dW1: Floats | None
    db1: Floats | None
    dW2: Floats
    db2: Floats
    dX: Floats | None = None


class Parameters:
    """Weights and biases of a network with one hidden layer, or with none.

    The four arrays are views of one vector, `flat`, so writing into any of them, or assigning to
    it, changes the network.

    Parameters
    ----------
    W1 : array_like, shape (n_h, n_x), or None
        Hidden weights. None, with `b1`, for a network without a hidden layer.
    b1 : array_like, shape (n_h, 1), or None
        Hidden biases.
    W2 : array_like, shape (n_y, n_h), or (n_y, n_x) without a hidden layer
        Output weights.
    b2 : array_like, shape (n_y, 1)
        Output biases.

    Attributes
    ----------
    flat : ndarray of float32 or float64, shape (size,)
        W1, b1, W2, b2 one after the other, each in C order.
    W1, b1, W2, b2 : ndarray or None
        Writable views of `flat`.
    shape : tuple of int
        (n_x, n_h, n_y); n_h is 0 without a hidden layer.

    Raises
    ------
    TypeError
        If an array holds anything but real numbers.
    ValueError
        If the shapes do not fit together, or a value is NaN or infinite.

    Notes
    -----
    All is float32 if every given array is, else float64. Two Parameters are equal if shape, dtype
    and every bit of `flat` are.

    Examples
    --------
    >>> parameters = Parameters([[1.0, 2.0]], [[0.5]], [[3.0]], [[0.0]])
    >>> parameters
    Parameters(n_x=2, n_h=1, n_y=1, dtype=float64)
    >>> parameters.W1 -= 1.0
    >>> parameters.flat
    array([0. , 1. , 0.5, 3. , 0. ])
    """

    __slots__ = ("W1", "W2", "_predictor", "b1", "b2", "flat", "shape")
    __hash__ = None  # type: ignore[assignment]  # its value can change

    W1: Floats | None
    b1: Floats | None
    W2: Floats
    b2: Floats
    flat: Floats
    shape: tuple[int, int, int]
    _predictor: object  # what the core's predict_one has prepared

    def __init__(self, W1: Maybe, b1: Maybe, W2: npt.ArrayLike, b2: npt.ArrayLike) -> None:
        given = {k: v for k, v in zip(NAMES, (W1, b1, W2, b2), strict=True) if v is not None}
        arrays = {name: check_floats(value, name) for name, value in given.items()}
        shape = _fit_shapes(arrays)
        for name, array in arrays.items():
            check_finite(array, name)
        self._adopt(joined(list(arrays.values())), shape)

    @classmethod
    def from_flat(cls, flat: npt.ArrayLike, shape: tuple[int, int, int]) -> Parameters:
        """Build parameters from a copy of one vector.

        Parameters
        ----------
        flat : array_like, shape (size,)
            W1, b1, W2, b2 one after the other, each in C order.
        shape : tuple of int
            (n_x, n_h, n_y); n_h = 0 for no hidden layer.

        Raises
        ------
        TypeError
            If `flat` holds anything but real numbers.
        ValueError
            If its length does not belong to `shape`, or a value is NaN or infinite.

        Examples
        --------
        >>> Parameters.from_flat([1.0, 2.0, 0.5], (2, 0, 1)).W2
        array([[1., 2.]])
        """
        vector = check_floats(flat, "flat")
        sizes = check_sizes(*shape)
        n_expected = sum(rows * columns for rows, columns in shapes(*sizes).values())
        if vector.shape != (n_expected,):
            raise ValueError(
                f"flat must have shape ({n_expected},) for {sizes}, got {vector.shape}"
            )
        check_finite(vector, "flat")
        return cls.adopt(copied(vector, order="C"), sizes)

    @classmethod
    def adopt(cls, flat: Floats, shape: tuple[int, int, int]) -> Parameters:
        """Build parameters on a vector that is known to be right and is ours: no check, no copy."""
        parameters = cls.__new__(cls)
        parameters._adopt(flat, shape)
        return parameters

    def _adopt(self, flat: Floats, shape: tuple[int, int, int]) -> None:
        views = split(flat, shape)
        for name, value in zip((*NAMES, "flat", "shape"), (*views, flat, shape), strict=True):
            object.__setattr__(self, name, value)
        object.__setattr__(self, "_predictor", None)

    def __setattr__(self, name: str, value: Any) -> None:
        """Write into the array of that name: `parameters.W1 -= step` must not leave `flat`."""
        view = getattr(self, name)
        if view is None or name in ("shape", "_predictor"):
            raise AttributeError(f"{name} cannot be assigned: build new Parameters instead")
        array = check_floats(value, name, view.dtype)
        if array.shape != view.shape:
            raise ValueError(f"{name} must have shape {view.shape}, got {array.shape}")
        copy_to(view, array)

    @property
    def n_x(self) -> int:
        """Number of inputs."""
        return self.shape[0]

    @property
    def n_h(self) -> int:
        """Number of hidden units, 0 without a hidden layer."""
        return self.shape[1]

    @property
    def n_y(self) -> int:
        """Number of outputs."""
        return self.shape[2]

    @property
    def dtype(self) -> np.dtype[np.floating[Any]]:
        """float32 or float64, in which all is computed."""
        return self.flat.dtype

    @property
    def size(self) -> int:
        """Number of parameters."""
        return self.flat.size

    def copy(self) -> Parameters:
        """Return parameters that share no memory with these."""
        return Parameters.adopt(copied(self.flat), self.shape)

    def freeze(self) -> Parameters:
        """Make the arrays read-only for good, and return self.

        `predict_one` then need not look whether they have changed.

        Examples
        --------
        >>> Parameters(None, None, [[2.0]], [[1.0]]).freeze().W2.flags.writeable
        False
        """
        for array in (self.flat, *self):
            if array is not None:
                array.flags.writeable = False
        return self

    def astype(self, dtype: npt.DTypeLike) -> Parameters:
        """Return a copy in float32 or float64; ValueError if a value overflows."""
        with np.errstate(over="ignore"):
            flat = copied(self.flat, check_dtype(dtype))
        check_finite(flat, f"parameters.astype({flat.dtype})")
        return Parameters.adopt(flat, self.shape)

    def as_dict(self) -> dict[str, Floats | None]:
        """Return the four arrays, views of `flat`, by name: `Parameters(**d)` takes them again."""
        return dict(zip(NAMES, self, strict=True))

    def __iter__(self) -> Iterator[Floats | None]:
        """Yield W1, b1, W2, b2."""
        return iter((self.W1, self.b1, self.W2, self.b2))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Parameters):
            return NotImplemented
        same_kind = self.shape == other.shape and self.dtype == other.dtype
        return same_kind and same_bytes(self.flat, other.flat)

    def __repr__(self) -> str:
        n_x, n_h, n_y = self.shape
        return f"Parameters(n_x={n_x}, n_h={n_h}, n_y={n_y}, dtype={self.dtype})"

    def __reduce__(self) -> tuple[Any, ...]:
        return Parameters.from_flat, (self.flat, self.shape)


def check_parameters(value: object) -> Parameters:
    """Return `value` if it is finite Parameters, else say how to get there."""
    if isinstance(value, Parameters):
        check_finite(value.flat, "parameters.flat")
        return value
    hint = ""
    if isinstance(value, dict):
        hint = ": use Parameters(**parameters)"
    elif hasattr(value, "parameters"):
        hint = ": use its .parameters"
    raise TypeError(f"parameters must be Parameters, got {type(value).__name__}{hint}")


def shapes(n_x: int, n_h: int, n_y: int) -> dict[str, tuple[int, int]]:
    """Return the shape of each array by name; without a hidden layer only those of W2 and b2.

    >>> shapes(2, 4, 1)
    {'W1': (4, 2), 'b1': (4, 1), 'W2': (1, 4), 'b2': (1, 1)}
    """
    output = {"W2": (n_y, n_h or n_x), "b2": (n_y, 1)}
    return {"W1": (n_h, n_x), "b1": (n_h, 1), **output} if n_h else output


def split(
    flat: Floats, shape: tuple[int, int, int]
) -> tuple[Floats | None, Floats | None, Floats, Floats]:
    """Return W1, b1, W2, b2, or their gradients, as views of one vector."""
    views: dict[str, Floats] = {}
    start = 0
    for name, (rows, columns) in shapes(*shape).items():
        views[name] = flat[start : start + rows * columns].reshape(rows, columns)
        start += rows * columns
    return views.get("W1"), views.get("b1"), views["W2"], views["b2"]


def _fit_shapes(arrays: dict[str, Floats]) -> tuple[int, int, int]:
    """Return (n_x, n_h, n_y) if the given arrays make one network, else say which does not fit."""
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
    for name, (rows, columns) in shapes(n_x, n_h, n_y).items():
        if arrays[name].shape != (rows, columns):
            hint = f": use {name}.reshape(-1, 1)" if arrays[name].size == rows else ""
            raise ValueError(
                f"{name} must have shape ({rows}, {columns}), got {arrays[name].shape}{hint}"
            )
    return n_x, n_h, n_y
