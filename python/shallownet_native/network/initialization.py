"""Initial parameters, drawn by NumPy: `INITIALIZERS` is the list, one row per scheme.

Weights are drawn in float64, W1 before W2, each of shape (n_units, n_inputs), and then rounded to
the wanted dtype.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from .._native.arrays import check_dtype, check_name, check_sizes
from .._native.blocks import BLOCK, copy_to, fill
from .._native.streams import Seed, Stream, random_stream
from .parameters import Parameters
from .shapes import array_shapes

Weights: TypeAlias = npt.NDArray[np.float64]
# from a stream and a network's shape: the arrays that do not stay 0, by name
Initializer: TypeAlias = "Callable[[Stream, tuple[int, int, int]], dict[str, Weights]]"


def initialize(
    n_x: int,
    n_h: int | None,
    n_y: int,
    scheme: str = "small_normal",
    seed: Seed = None,
    dtype: npt.DTypeLike = np.float64,
) -> Parameters:
    """Draw a network's initial parameters.

    Parameters
    ----------
    n_x, n_h, n_y : int
        Numbers of inputs, hidden units and outputs. n_h = 0 or None: no hidden layer.
    scheme : str, default "small_normal"
        A name in `INITIALIZERS`. Biases are 0 except in "nguyen_widrow"
        and "ntk".
    seed : int, numpy.random.Generator, numpy.random.RandomState or None
        An int seeds a new Generator; None takes fresh entropy.
    dtype : float32 or float64, default float64

    Returns
    -------
    Parameters

    Raises
    ------
    TypeError
        If a size is not an integer, or for an unknown kind of seed or dtype.
    ValueError
        If a size is out of range, or for an unknown scheme or a negative seed.

    Notes
    -----
    The standard deviation of the normal schemes and the bound of the uniform ones, for a layer of
    n_in inputs and n_out units: small_normal 0.01; Glorot sqrt(2 / (n_in + n_out)) and
    sqrt(6 / (n_in + n_out)), for tanh and sigmoid; He sqrt(2 / n_in) and sqrt(6 / n_in), for relu,
    leaky_relu, mish and silu. Nguyen-Widrow, for inputs between -1 and 1, spreads the units' active
    regions over the inputs: rows of W1 of length 0.7 n_h^(1/n_x) in random directions, b1 uniform
    up to that length, W2 uniform up to 1/2. Sources: Glorot and Bengio 2010; He et al. 2015; Nguyen
    and Widrow 1990. "ntk", for `train` with rates="ntk" and inputs of standard deviation 1: rows of
    W1 of length 1 or so, normal, b1 standard normal, W2 = 0, so that outputs begin at 0 (Jacot et
    al. 2018 draw W2, too). With `zeros` the hidden units stay equal for ever.

    Examples
    --------
    >>> initialize(2, 4, 1, seed=0)
    Parameters(n_x=2, n_h=4, n_y=1, dtype=float64)
    >>> initialize(2, 4, 1, seed=0) == initialize(2, 4, 1, seed=0)
    True
    """
    draw = INITIALIZERS[check_name(scheme, "scheme", INITIALIZERS)]
    dtype = check_dtype(dtype)
    shape = check_sizes(n_x, n_h, n_y)
    n_parameters = sum(rows * columns for rows, columns in array_shapes(*shape).values())
    parameters = Parameters.adopt(np.zeros(n_parameters, dtype), shape)
    for name, values in draw(random_stream(seed), shape).items():
        copy_to(getattr(parameters, name), values)
    return parameters


def _each_layer(
    draw: Callable[[Stream, float, int], Weights], spread: Callable[[int, int], float]
) -> Initializer:
    """Return a scheme that draws weights of some spread, a function of (n_in, n_out)."""

    def initializer(stream: Stream, shape: tuple[int, int, int]) -> dict[str, Weights]:
        drawn = {}
        for name, (n_out, n_in) in array_shapes(*shape).items():
            if name in ("W1", "W2"):
                drawn[name] = _drawn((n_out, n_in), partial(draw, stream, spread(n_in, n_out)))
        return drawn

    return initializer


def _normal(stream: Stream, deviation: float, n: int) -> Weights:
    return stream.standard_normal(n) * deviation


def _uniform(stream: Stream, bound: float, n: int) -> Weights:
    return stream.uniform(-bound, bound, n)


def _drawn(shape: tuple[int, int], draw: Callable[[int], Weights]) -> Weights:
    weights = np.empty(shape)
    fill(weights, draw)
    return weights


def _nguyen_widrow(stream: Stream, shape: tuple[int, int, int]) -> dict[str, Weights]:
    n_x, n_h, _ = shape
    drawn: dict[str, Weights] = {}
    if n_h:
        length = 0.7 * n_h ** (1 / n_x)
        drawn["W1"] = _drawn((n_h, n_x), lambda n: stream.uniform(-1, 1, n))
        step = max(1, BLOCK // n_x)
        for rows in (drawn["W1"][begin : begin + step] for begin in range(0, n_h, step)):
            rows[...] = length * rows / np.linalg.norm(rows, axis=1, keepdims=True)
        drawn["b1"] = _drawn((n_h, 1), lambda n: stream.uniform(-length, length, n))
    drawn["W2"] = _drawn(array_shapes(*shape)["W2"], lambda n: stream.uniform(-0.5, 0.5, n))
    return drawn


def _ntk(stream: Stream, shape: tuple[int, int, int]) -> dict[str, Weights]:
    n_x, n_h, _ = shape
    if not n_h:
        return {}
    W1 = _drawn((n_h, n_x), partial(_normal, stream, 1 / math.sqrt(n_x)))
    return {"W1": W1, "b1": _drawn((n_h, 1), stream.standard_normal)}


INITIALIZERS: dict[str, Initializer] = {
    "glorot_normal": _each_layer(_normal, lambda n_in, n_out: math.sqrt(2 / (n_in + n_out))),
    "glorot_uniform": _each_layer(_uniform, lambda n_in, n_out: math.sqrt(6 / (n_in + n_out))),
    "he_normal": _each_layer(_normal, lambda n_in, n_out: math.sqrt(2 / n_in)),
    "he_uniform": _each_layer(_uniform, lambda n_in, n_out: math.sqrt(6 / n_in)),
    "nguyen_widrow": _nguyen_widrow,
    "ntk": _ntk,
    "small_normal": _each_layer(_normal, lambda n_in, n_out: 0.01),
    "zeros": lambda stream, shape: {},
}
