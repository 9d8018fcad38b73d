"""What `course` checks: dictionaries of arrays, and the mistakes of shape that learners make.

An error gives both shapes and the line that mends them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from .._native.arrays import Floats, check_floats
from ..network import NAMES, Forward, Parameters

Arrays: TypeAlias = dict[str, Floats]
GivenArrays: TypeAlias = Mapping[str, npt.ArrayLike]

# the line of the backward pass that gives an array its right shape
RECIPES = {
    "dW1": "np.dot(dZ1, X.T) / m",
    "db1": "np.sum(dZ1, axis=1, keepdims=True) / m",
    "dW2": "np.dot(dZ2, A1.T) / m",
    "db2": "np.sum(dZ2, axis=1, keepdims=True) / m",
}


def to_parameters(parameters: Any) -> Parameters:
    """Return a dictionary of the four arrays as Parameters."""
    if not isinstance(parameters, Mapping):
        raise TypeError(
            f'parameters must be a dict of "W1", "b1", "W2", "b2", got {type(parameters).__name__}'
        )
    missing = [name for name in NAMES if parameters.get(name) is None]
    if missing:
        raise ValueError(f"parameters must hold {', '.join(NAMES)}: add {', '.join(missing)}")
    return Parameters(*(parameters[name] for name in NAMES))


def to_dict(parameters: Parameters) -> Arrays:
    """Return Parameters as a dictionary of their arrays."""
    return {name: array for name, array in parameters.as_dict().items() if array is not None}


def check_order(X: object, signature: str) -> None:
    """Say how the function is called if `X` is the dictionary of parameters."""
    if isinstance(X, Mapping):
        raise TypeError(f"X is a dict: the order of the arguments is {signature}")


def check_pair(
    X: npt.ArrayLike, Y: npt.ArrayLike, name: str = "X"
) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Return the shapes of inputs (or outputs) and targets if both have a column per example."""
    shapes = {name: np.shape(X), "Y": np.shape(Y)}
    for argument, shape in shapes.items():
        if len(shape) != 2:
            hint = f": use {argument}.reshape(1, -1)" if len(shape) == 1 else ""
            raise ValueError(
                f"{argument} must have two dimensions, one column per example, got {shape}{hint}"
            )
    x, y = shapes.values()
    if x[1] != y[1]:
        hint = ": use Y.T" if x[1] == y[0] else f": use {name}.T" if x[0] == y[1] else ""
        raise ValueError(f"{name} is {x} and Y is {y}: both must have one column per example{hint}")
    return x, y


def check_probabilities(A2: npt.ArrayLike, Y: npt.ArrayLike) -> tuple[Floats, Floats]:
    """Return outputs and targets (n_y, m) if they belong together and A2 lies between 0 and 1."""
    a, y = check_floats(A2, "A2"), check_floats(Y, "Y")
    check_pair(a, y, "A2")
    check_shape("Y", y, a.shape, " like A2")
    if not (a.size and a.min() >= 0 and a.max() <= 1):
        raise ValueError("A2 must hold probabilities, from 0 to 1: it is sigmoid(Z2), not Z2")
    return a, y


def check_cache(cache: GivenArrays, computed: Forward) -> None:
    """Raise a ValueError unless the cache is what these parameters make of these inputs."""
    for name, expected in computed._asdict().items():
        if not name.startswith("A"):
            continue  # the backward pass has no need of Z1 and Z2
        if name not in cache:
            raise ValueError(f"cache must hold A1 and A2, got {', '.join(cache)}")
        got = check_floats(cache[name], name)
        check_shape(f'cache["{name}"]', got, expected.shape)
        if not np.allclose(got, expected, rtol=1e-5, atol=1e-6):
            raise ValueError(
                f'cache["{name}"] is not what these parameters make of X: call '
                "forward_propagation(X, parameters) anew after each update_parameters"
            )


def check_gradients(grads: GivenArrays, network: Parameters) -> Arrays:
    """Return the four derivatives if each has the shape of its parameter."""
    checked: Arrays = {}
    for name, array in to_dict(network).items():
        slope = f"d{name}"
        if slope not in grads:
            raise ValueError(f"grads must hold {slope}, got {', '.join(grads)}")
        checked[slope] = check_floats(grads[slope], slope)
        check_shape(slope, checked[slope], array.shape, f" like {name}", f": {RECIPES[slope]}")
    return checked


def check_shape(
    name: str, array: npt.NDArray[Any], shape: tuple[int, ...], like: str = "", hint: str = ""
) -> None:
    """Raise a ValueError unless the array has this shape."""
    if array.shape != shape:
        raise ValueError(f"{name} must have shape {shape}{like}, got {array.shape}{hint}")
