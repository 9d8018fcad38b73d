"""What the functions are given, made one: dictionaries of arrays, and our own tuples and results.

An error says what came in the place of what, and the line that mends it.
"""

from __future__ import annotations

from collections.abc import Mapping
from numbers import Real
from typing import Any, TypeAlias

import numpy.typing as npt

from .._messages.remedies import kind_of
from .._native.arrays import Floats, check_floats, check_real
from ..network import NAMES, Forward, Gradients, Parameters
from ..training import TrainingResult

Arrays: TypeAlias = dict[str, Floats]
GivenArrays: TypeAlias = Mapping[str, npt.ArrayLike]

# the line of the backward pass that gives an array its right shape
RECIPES = {
    "dW1": "np.dot(dZ1, X.T) / m",
    "db1": "np.sum(dZ1, axis=1, keepdims=True) / m",
    "dW2": "np.dot(dZ2, A1.T) / m",
    "db2": "np.sum(dZ2, axis=1, keepdims=True) / m",
}
# the arrays by which each dictionary is known, and those that cannot be done without
HOLDS = {"parameters": NAMES, "cache": ("A1", "A2", "Z1", "Z2"), "grads": tuple(RECIPES)}
NEEDS = {**HOLDS, "cache": ("A1", "A2")}
UNPACKED = {
    "parameters": "parameters, costs = ...",
    "cache": "A2, cache = forward_propagation(X, parameters)",
    "grads": "J, grads = sn.gradients(parameters, X, Y)",
}
# the lines that make a cache and gradients anew
REMADE = {
    "cache": UNPACKED["cache"],
    "grads": "grads = backward_propagation(parameters, cache, X, Y)",
}
NOTHING = "got None: does the function that made it end with return?"


def check_entries(given: Any, role: str, signature: str) -> GivenArrays:
    """Return the arrays by their names, if all are there that a `role` of `HOLDS` needs."""
    arrays = _by_name(given)
    if arrays is None:
        raise TypeError(_no_dictionary(given, role, signature))
    missing = [name for name in NEEDS[role] if arrays.get(name) is None]
    if not missing:
        return arrays
    other, came = _role_of(arrays), ", ".join(map(str, arrays)) or "nothing"
    if other not in (None, role):
        raise TypeError(
            f"{role} holds {came}, as {other} would: the order of the arguments is {signature}"
        )
    if role == "parameters":
        raise ValueError(f"parameters must hold {', '.join(NAMES)}: add {', '.join(missing)}")
    needed = "A1 and A2" if role == "cache" else missing[0]
    raise ValueError(f"{role} must hold {needed}, got {came}")


def check_array(given: Any, name: str, signature: str) -> None:
    """Say how the function is called where a dictionary, or a pair, has come for an array."""
    if given is None:
        raise TypeError(f"{name} must be an array, {NOTHING}")
    pair = _pair(given)
    if pair is not None:
        raise TypeError(f"{name} {pair}")
    arrays = _by_name(given)
    if arrays is None:
        if isinstance(given, Real):
            raise TypeError(
                f"{name} must be an array, got the number {given}: the order of the arguments is "
                f"{signature}"
            )
        return
    kind = kind_of(given)
    if name == "A2" and "A2" in arrays:
        spelled = 'cache["A2"]' if isinstance(given, Mapping) else "cache.A2"
        raise TypeError(f"A2 is the whole cache, a {kind}: it is {spelled} that goes here")
    raise TypeError(f"{name} is a {kind}: the order of the arguments is {signature}")


def check_gradients(grads: Any, network: Parameters, signature: str) -> Arrays:
    """Return the four derivatives if each has the shape of its parameter."""
    arrays = check_entries(grads, "grads", signature)
    checked: Arrays = {}
    for slope, name in zip(RECIPES, NAMES, strict=True):
        checked[slope] = check_floats(arrays[slope], slope)
        shape = getattr(network, name).shape
        check_shape(slope, checked[slope], shape, f" like {name}", f": {RECIPES[slope]}")
    return checked


def check_rate(value: Any, signature: str | None = None) -> float:
    """Return the learning rate, if it is a number above 0; `signature` is for one by position."""
    if signature is not None and (_by_name(value) is not None or getattr(value, "shape", ()) != ()):
        kind = kind_of(value)
        raise TypeError(f"learning_rate is a {kind}: the order of the arguments is {signature}")
    return check_real(value, "learning_rate", "(0, inf)")


def check_shape(
    name: str, array: npt.NDArray[Any], shape: tuple[int, ...], like: str = "", hint: str = ""
) -> None:
    """Raise a ValueError unless the array has this shape."""
    if array.shape != shape:
        raise ValueError(f"{name} must have shape {shape}{like}, got {array.shape}{hint}")


def _by_name(given: Any) -> GivenArrays | None:
    """Return the arrays that something holds by name, None if it is nothing of the kind."""
    if isinstance(given, TrainingResult):
        given = given.parameters
    if isinstance(given, Parameters):
        return given.as_dict()  # type: ignore[return-value]  # those without a layer hold None
    if isinstance(given, (Forward, Gradients)):
        return given._asdict()
    return given if isinstance(given, Mapping) else None


def _role_of(arrays: GivenArrays) -> str | None:
    return next((role for role, names in HOLDS.items() if {*names} & {*arrays}), None)


def _pair(given: Any) -> str | None:
    """Say how to unpack what a function has returned, or examples with their targets."""
    if not isinstance(given, (list, tuple)) or isinstance(given, (Forward, Gradients)):
        return None
    roles = [_role_of(arrays) for arrays in map(_by_name, given) if arrays is not None]
    line = UNPACKED.get(roles[0] or "") if roles else None
    if len(given) == 2 and all(hasattr(each, "shape") for each in given):
        # two rows would be an array of numbers like any other
        line = "X, Y = ..." if max(len(each.shape) for each in given) > 1 else None
    kind = kind_of(given)
    return f"is a {kind} of {len(given)}, not yet unpacked: write {line}" if line else None


def _no_dictionary(given: Any, role: str, signature: str) -> str:
    pair = _pair(given)
    if pair is not None:
        return f"{role} {pair}"
    names = ", ".join(f'"{name}"' for name in NEEDS[role])
    wanted = f"{role} must be a dict of {names}, "
    if given is None:
        return wanted + NOTHING
    kind = kind_of(given)
    is_array = hasattr(given, "shape") or isinstance(given, Real)
    order = f": the order of the arguments is {signature}" if is_array else ""
    return f"{wanted}got {kind}{order}"
