"""The network's parameters: four arrays in one vector, and their activations. Computes nothing.

Columns are examples (docs/method.md); `shapes` says what shapes the arrays have.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import numpy.typing as npt

from .._native.arrays import Floats, check_dtype, check_finite, check_floats, check_sizes
from .._native.blocks import copied, copy_to, joined, same_bytes
from .shapes import NAMES, array_shapes, fit_shapes, split
from .units import UNKNOWN, KnownUnits, check_known, described

if TYPE_CHECKING:  # files are loaded by those who save
    from ..files import Record


Maybe: TypeAlias = "npt.ArrayLike | None"


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
    hidden, output : str, optional
        What the weights are for, as `forward` describes it: its activations. With them, every
        function that takes these parameters uses these names and refuses others.
    negative_slope, quantile : float, optional
        Of leaky_relu; of the output of this name.

    Attributes
    ----------
    flat : ndarray of float32 or float64, shape (size,)
        W1, b1, W2, b2 one after the other, each in C order.
    W1, b1, W2, b2 : ndarray or None
        Writable views of `flat`.
    shape : tuple of int
        (n_x, n_h, n_y); n_h is 0 without a hidden layer.
    hidden, output, negative_slope, quantile : str, str, float and float, or None
        As given, or as `train` has set them; None where they are not known. Without a hidden layer
        there is no activation of it to know of.

    Raises
    ------
    TypeError
        If an array holds anything but real numbers.
    ValueError
        If the shapes do not fit together, a value is NaN or infinite, or a name is unknown.

    Notes
    -----
    All is float32 if every given array is, else float64. Two Parameters are equal if shape, dtype
    and every bit of `flat` are, and the activations that both know.

    Examples
    --------
    >>> parameters = Parameters([[1.0, 2.0]], [[0.5]], [[3.0]], [[0.0]])
    >>> parameters
    Parameters(n_x=2, n_h=1, n_y=1, dtype=float64)
    >>> parameters.W1 -= 1.0
    >>> parameters.flat
    array([0. , 1. , 0.5, 3. , 0. ])
    >>> Parameters(*parameters, hidden="relu", output="identity")
    Parameters(n_x=2, n_h=1, n_y=1, dtype=float64, hidden='relu', output='identity')
    """

    __module__ = "shallownet_native"

    __slots__ = ("W1", "W2", "_predictor", "b1", "b2", "flat", "known_units", "shape")
    __hash__ = None  # type: ignore[assignment]  # its value can change

    W1: Floats | None
    b1: Floats | None
    W2: Floats
    b2: Floats
    flat: Floats
    shape: tuple[int, int, int]
    known_units: KnownUnits
    _predictor: object  # what the core's predict_one has prepared

    def __init__(
        self,
        W1: Maybe,
        b1: Maybe,
        W2: npt.ArrayLike,
        b2: npt.ArrayLike,
        *,
        hidden: str | None = None,
        output: str | None = None,
        negative_slope: float | None = None,
        quantile: float | None = None,
    ) -> None:
        known = check_known(hidden, output, negative_slope, quantile)
        given = {k: v for k, v in zip(NAMES, (W1, b1, W2, b2), strict=True) if v is not None}
        arrays = {name: check_floats(value, name) for name, value in given.items()}
        shape = fit_shapes(arrays, given)
        for name, array in arrays.items():
            check_finite(array, name)
        self._adopt(joined(list(arrays.values())), shape, known)

    @classmethod
    def from_flat(
        cls,
        flat: npt.ArrayLike,
        shape: tuple[int, int, int],
        *,
        hidden: str | None = None,
        output: str | None = None,
        negative_slope: float | None = None,
        quantile: float | None = None,
    ) -> Parameters:
        """Build parameters from a copy of one vector.

        Parameters
        ----------
        flat : array_like, shape (size,)
            W1, b1, W2, b2 one after the other, each in C order.
        shape : tuple of int
            (n_x, n_h, n_y); n_h = 0 for no hidden layer.
        hidden, output, negative_slope, quantile : optional
            As in the constructor.

        Raises
        ------
        TypeError
            If `flat` holds anything but real numbers.
        ValueError
            If its length does not belong to `shape`, or as in the constructor.

        Examples
        --------
        >>> Parameters.from_flat([1.0, 2.0, 0.5], (2, 0, 1)).W2
        array([[1., 2.]])
        """
        vector = check_floats(flat, "flat")
        sizes = check_sizes(*shape)
        n_expected = sum(rows * columns for rows, columns in array_shapes(*sizes).values())
        if vector.shape != (n_expected,):
            came = f"got {vector.shape}"
            raise ValueError(f"flat must have shape ({n_expected},) for {sizes}, {came}")
        check_finite(vector, "flat")
        known = check_known(hidden, output, negative_slope, quantile)
        return cls.adopt(copied(vector, order="C"), sizes, known)

    @classmethod
    def adopt(
        cls, flat: Floats, shape: tuple[int, int, int], known: KnownUnits = UNKNOWN
    ) -> Parameters:
        """Build parameters on a vector that is known to be right and is ours: no check, no copy."""
        parameters = cls.__new__(cls)
        parameters._adopt(flat, shape, known)
        return parameters

    def _adopt(self, flat: Floats, shape: tuple[int, int, int], known: KnownUnits) -> None:
        if shape[1] == 0:
            known = KnownUnits(output=known.output, quantile=known.quantile)
        parts = {**dict(zip(NAMES, split(flat, shape), strict=True)), "flat": flat, "shape": shape}
        for name, value in {**parts, "known_units": known, "_predictor": None}.items():
            object.__setattr__(self, name, value)

    def __setattr__(self, name: str, value: Any) -> None:
        """Write into the array of that name: `parameters.W1 -= step` must not leave `flat`."""
        view = getattr(self, name)
        if name not in (*NAMES, "flat") or view is None:
            raise AttributeError(f"{name} cannot be assigned: build new Parameters instead")
        array = check_floats(value, name, view.dtype)
        if array.shape != view.shape:
            raise ValueError(f"{name} must have shape {view.shape}, got {array.shape}")
        copy_to(view, array)

    @property
    def hidden(self) -> str | None:
        """Name of the hidden activation, None if it is not known or there is none."""
        return self.known_units.hidden

    @property
    def output(self) -> str | None:
        """Name of the output unit, None if it is not known."""
        return self.known_units.output

    @property
    def negative_slope(self) -> float | None:
        """Slope of leaky_relu left of 0, None if it is not known."""
        return self.known_units.negative_slope

    @property
    def quantile(self) -> float | None:
        """Of the output of this name, None if it is not known or there is none."""
        return self.known_units.quantile

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
        return Parameters.adopt(copied(self.flat), self.shape, self.known_units)

    def freeze(self) -> Parameters:
        """Put read-only copies in the place of the arrays, for good, and return self.

        `predict_one` then need not look whether they have changed. Nothing can write to them:
        arrays that were taken before, as in ``row = parameters.W1[0]``, keep the old memory, and
        no longer belong to these parameters.

        Examples
        --------
        >>> Parameters(None, None, [[2.0]], [[1.0]]).freeze().W2.flags.writeable
        False
        """
        if not isinstance(self.flat.base, bytes):
            # of all memory, that of bytes alone can never be made writable again
            flat = np.frombuffer(self.flat.tobytes(), self.dtype)
            self._adopt(flat, self.shape, self.known_units)
        return self

    def astype(self, dtype: npt.DTypeLike) -> Parameters:
        """Return a copy in float32 or float64; ValueError if a value overflows."""
        with np.errstate(over="ignore"):
            flat = copied(self.flat, check_dtype(dtype))
        check_finite(flat, f"parameters.astype({flat.dtype})")
        return Parameters.adopt(flat, self.shape, self.known_units)

    def as_dict(self) -> dict[str, Floats | None]:
        """Return the four arrays, views of `flat`, by name: `Parameters(**d)` takes them again."""
        return dict(zip(NAMES, self, strict=True))

    def to_record(self) -> Record:
        """Return what a `.snet` file holds of them."""
        from .records import parameters_record

        return parameters_record(self.flat, self.shape, self.known_units)

    @staticmethod
    def from_record(record: Record) -> Parameters:
        """Return the parameters that a `.snet` file holds."""
        from .records import read_parameters

        return read_parameters(record, Parameters.from_flat)

    def __iter__(self) -> Iterator[Floats | None]:
        """Yield W1, b1, W2, b2."""
        return iter((self.W1, self.b1, self.W2, self.b2))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Parameters):
            return NotImplemented
        same_kind = (self.shape, self.dtype) == (other.shape, other.dtype)
        same_kind = same_kind and not self.known_units.contradictions(other.known_units)
        return same_kind and same_bytes(self.flat, other.flat)

    def __repr__(self) -> str:
        sizes = dict(zip(("n_x", "n_h", "n_y"), self.shape, strict=True))
        shown = [f"{name}={size}" for name, size in sizes.items()] + [f"dtype={self.dtype}"]
        return f"Parameters({', '.join(shown + described(self.known_units))})"

    def __reduce__(self) -> tuple[Any, ...]:
        build = functools.partial(Parameters.from_flat, **self.known_units._asdict())
        return build, (self.flat, self.shape)
