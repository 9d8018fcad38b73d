"""How much each example counts."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from .arrays import Floats, check_finite, check_floats


def check_weights(value: Any, m: int, dtype: npt.DTypeLike) -> Floats | None:
    """Return example weights (m,) >= 0 whose sum can be divided by, or None for None."""
    if value is None:
        return None
    weights = check_floats(value, "example_weights")
    if weights.shape != (m,):
        hint = ": use .ravel()" if weights.size == m else ""
        raise ValueError(
            f"example_weights must have shape ({m},), one per example, got {weights.shape}{hint}"
        )
    return weights_in(dtype, weights, "example_weights")


def weights_in(dtype: npt.DTypeLike, weights: Floats, argument: str) -> Floats:
    """Return weights (m,) in the dtype of the network, if they are right and fit into it.

    Raises
    ------
    ValueError
        If one is negative or not finite, or their sum is so small or so large that a quotient by
        it, or a product with it, leaves the dtype's numbers.
    """
    check_finite(weights, argument)
    if weights.min() < 0:
        raise ValueError(f"{argument} must be >= 0, got {weights.min():g}")
    info = np.finfo(dtype)
    least, most = float(info.tiny / info.eps), float(info.max * info.eps)
    with np.errstate(over="ignore"):
        total = float(weights.sum(dtype=np.float64))
    if not least <= total <= most:
        verb = "multiply" if total < least else "divide"
        hint = f": {verb} them all by the same number" if weights.any() else ""
        raise ValueError(
            f"{argument} must have a positive, finite sum, got {total:g}; in {info.dtype} it must "
            f"be from {least:.0e} to {most:.0e}{hint}"
        )
    return np.ascontiguousarray(weights, dtype)
