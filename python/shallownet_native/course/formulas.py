"""The formulas as they stand in the lecture, in NumPy: cost, backward pass, and a descent by them.

The core computes the same, but from parameters and examples alone. These take A1 and A2 as they
are given, and targets of any value.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numpy as np

from .._native.arrays import Floats
from ..network import Parameters, activate, forward
from ..training import DivergenceError, TrainingResult
from .checks import Arrays

# g1'(Z1) of each hidden activation, from A1 and the slope of leaky_relu left of 0 ...
SLOPES: dict[str, Callable[[Floats, float], Any]] = {
    "identity": lambda A1, _: np.ones_like(A1),
    "leaky_relu": lambda A1, slope: np.where(A1 > 0, 1.0, slope),
    "relu": lambda A1, _: A1 > 0,
    "sigmoid": lambda A1, _: A1 * (1 - A1),
    "tanh": lambda A1, _: 1 - np.square(A1),
}


def _slope_of_silu(Z1: Floats) -> Floats:
    s = activate(Z1, "sigmoid")
    return s * (1 + Z1 * (1 - s))


def _slope_of_mish(Z1: Floats) -> Floats:
    t: Floats = np.tanh(np.logaddexp(0, Z1))
    slope: Floats = t + Z1 * (1 - np.square(t)) * activate(Z1, "sigmoid")
    return slope


# ... and of those that have none from A1, from Z1
SLOPES_OF_INPUT = {"mish": _slope_of_mish, "silu": _slope_of_silu}


def cross_entropy(A2: Floats, Y: Floats) -> float:
    """Return -sum(Y log A2 + (1 - Y) log(1 - A2)) / m, finite where A2 is rounded to 0 or 1."""
    a = np.clip(A2, np.finfo(A2.dtype).tiny, 1 - np.finfo(A2.dtype).epsneg)
    return float(-(Y * np.log(a) + (1 - Y) * np.log1p(-a)).sum() / a.shape[1])


def derivatives(network: Parameters, cache: Arrays, X: Any, Y: Floats) -> Arrays:
    """Return dW1, db1, dW2, db2 from A1 (n_h, m) and A2 (n_y, m), and Z1 where it is needed."""
    m = Y.shape[1]
    hidden, A1 = network.hidden or "tanh", cache["A1"]
    dZ2 = cache["A2"] - Y  # (n_y, m)
    if hidden in SLOPES_OF_INPUT:
        slope = SLOPES_OF_INPUT[hidden](cache["Z1"])
    else:
        left = network.negative_slope
        slope = SLOPES[hidden](A1, 0.01 if left is None else left)
    dZ1 = (network.W2.T @ dZ2) * slope  # (n_h, m)
    grads = {
        "dW1": dZ1 @ X.T / m,
        "db1": dZ1.sum(axis=1, keepdims=True) / m,
        "dW2": dZ2 @ A1.T / m,
        "db2": dZ2.sum(axis=1, keepdims=True) / m,
    }
    return {name: np.asarray(array, network.dtype) for name, array in grads.items()}


def descend(
    network: Parameters,
    X: Any,
    Y: Floats,
    n_iterations: int,
    learning_rate: float,
    see: Callable[[int, float], None] | None,
) -> TrainingResult:
    """Train on targets that the core refuses; `see` is told each iteration and its cost.

    Raises
    ------
    DivergenceError
        If the cost is no longer finite.
    """
    started = time.perf_counter()
    costs: list[float] = []

    def result(stopped_by: str) -> TrainingResult:
        return TrainingResult(
            parameters=network,
            costs=np.array(costs),
            cost_iterations=np.arange(len(costs), dtype=np.int64),
            validation_costs=np.array([]),
            validation_iterations=np.array([], np.int64),
            stopped_by=stopped_by,
            n_iterations=len(costs),
            n_epochs=len(costs),
            seconds=time.perf_counter() - started,
            learning_rate=learning_rate,
        )

    for iteration in range(n_iterations):
        cache = forward(network, X)._asdict()
        with np.errstate(over="ignore", invalid="ignore"):  # what overflows is found to be
            cost = cross_entropy(cache["A2"], Y)
            grads = derivatives(network, cache, X, Y)
            step = np.concatenate([array.ravel() for array in grads.values()])
            moved = network.flat - learning_rate * step
        if not (np.isfinite(cost) and np.isfinite(moved).all()):
            raise DivergenceError(
                f"training diverged in iteration {iteration} (learning_rate {learning_rate:g}): "
                "Y holds values outside [0, 1], whose cost has no minimum. Code it as 0 and 1",
                result("divergence"),
                ".result of this exception holds the last finite model",
            )
        network = Parameters.adopt(moved, network.shape, network.known_units)
        costs.append(cost)
        if see is not None:
            see(iteration, cost)
    return result("n_iterations")
