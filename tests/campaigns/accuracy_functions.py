"""The functions whose accuracy is counted: how they are computed exactly, and what must hold."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

MAX_ULP = 3.0  # what vector_math.hpp promises; a `Function` may have a limit of its own
MAX_DECREASE = 2  # ulp, between neighbouring numbers
INF = float("inf")


def sigmoid(z: Any) -> Any:
    """Return 1 / (1 + e^-z) to a few roundings, for an array of any floating type."""
    e = np.exp(-np.abs(z))
    return np.where(z < 0, e, 1) / (1 + e)


def softplus(z: Any) -> Any:
    """Return log(1 + e^z) to a few roundings, for an array of any floating type."""
    return np.maximum(z, 0) + np.log1p(np.exp(-np.abs(z)))


def mish(z: Any) -> Any:
    """Return z tanh(log(1 + e^z)) to a few roundings, for an array of any floating type."""
    low = np.clip(z, -5000, 50)  # the ends are -0 and z
    n = np.exp(low) * (np.exp(low) + 2)
    return np.where(z < 0, low, z) * (n / (n + 2))


def silu(z: Any) -> Any:
    """Return z / (1 + e^-z) to a few roundings, for an array of any floating type."""
    return np.where(z < 0, np.maximum(z, -5000), z) * sigmoid(np.maximum(z, -5000))


@dataclass(frozen=True)
class Function:
    """What a function's results must be, besides close to `exact`."""

    exact: Callable[[Any], Any]
    is_odd: bool  # the sign of the argument, else never a sign
    bounds: tuple[tuple[float, float], tuple[float, float]]  # of |f(x)| for x >= 0 and for x <= 0
    special: dict[float, float]  # exact values, that of 0 for -0 too: `is_odd` parts them
    falls_below: float = -INF  # this argument; else it grows
    max_ulp: float = MAX_ULP
    max_decrease: int = MAX_DECREASE


FUNCTIONS = {
    "exp": Function(np.exp, False, ((1, INF), (0, 1)), {0.0: 1, INF: INF, -INF: 0}),
    "expm1": Function(np.expm1, True, ((0, INF), (0, 1)), {0.0: 0, INF: INF, -INF: -1}),
    "log1p": Function(np.log1p, True, ((0, INF), (0, INF)),
                      {0.0: 0, INF: INF, -1.0: -INF}),
    "mish": Function(mish, True, ((0, INF), (0, 0.308844)), {0.0: 0, INF: INF, -INF: 0},
                     -1.192449, 4.5, 4),
    "sigmoid": Function(sigmoid, False, ((0.5, 1), (0, 0.5)), {0.0: 0.5, INF: 1, -INF: 0}),
    "silu": Function(silu, True, ((0, INF), (0, 0.278465)), {0.0: 0, INF: INF, -INF: 0},
                     -1.278465, 3.5, 4),
    "softplus": Function(softplus, False, ((0, INF), (0, 1)), {INF: INF, -INF: 0}),
    "tanh": Function(np.tanh, True, ((0, 1), (0, 1)), {0.0: 0, INF: 1, -INF: -1}),
}  # fmt: skip
