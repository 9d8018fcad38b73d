"""Inputs scaled to mean 0 and variance 1 for the training, and that scaling folded into a network.

(x - centre) / scale before the first layer is the same as other weights and biases in it.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from ._sklearn import mean_variance_axis
from ._sparse import is_sparse
from ._spread import deviations
from ._validation import Floats
from .network import Parameters


class Standardization(NamedTuple):
    """What is subtracted from each input, and what it is then divided by: two arrays (n_x,)."""

    centre: npt.NDArray[np.float64]
    scale: npt.NDArray[np.float64]

    def apply(self, X: Any) -> Any:
        """Return the scaled rows (m, n_x), in the dtype that they have; sparse stays sparse."""
        if is_sparse(X):
            scaled = X.copy()
            scaled.data /= self.scale.take(X.indices).astype(X.dtype, copy=False)
            return scaled
        scaled = X - self.centre
        scaled /= self.scale
        return scaled.astype(X.dtype, copy=False)

    def fold(self, parameters: Parameters) -> Parameters:
        """Return the network that does with X what the given one does with ``apply(X)``."""
        folded = parameters.astype(np.float64)
        W, b = _first_layer(folded)
        W /= self.scale
        b -= W @ self.centre[:, None]
        return folded.astype(parameters.dtype)

    def unfold(self, parameters: Parameters) -> Parameters:
        """Return the network that `fold` makes the given one of."""
        unfolded = parameters.astype(np.float64)
        W, b = _first_layer(unfolded)
        b += W @ self.centre[:, None]
        W *= self.scale
        return unfolded.astype(parameters.dtype)


def learn_standardization(X: Any, weights: Floats | None) -> Standardization:
    """Return the scaling by the (weighted) mean and deviation of rows X (m, n_x), CSR or dense.

    Sparse rows keep their zeros: they are divided, but nothing is subtracted. A constant column's
    scale is 1.

    Raises
    ------
    ValueError
        If a column's values are so large that they have no variance in float64.
    """
    with np.errstate(over="ignore", invalid="ignore"):
        if is_sparse(X):
            mean, variance = mean_variance_axis(X.astype(np.float64), axis=0, weights=weights)
        else:
            mean = np.average(X.astype(np.float64, copy=False), axis=0, weights=weights)
            variance = np.average((X - mean) ** 2, axis=0, weights=weights)
    if not np.isfinite(variance).all():
        column = int(np.flatnonzero(~np.isfinite(variance))[0])
        raise ValueError(
            f"standardize=True cannot scale column {column} of X: its values are too large. "
            "Rescale or remove it."
        )
    scale = deviations(mean, variance, X.shape[0])
    return Standardization(np.zeros_like(mean) if is_sparse(X) else mean, scale)


def _first_layer(parameters: Parameters) -> tuple[Floats, Floats]:
    """Return the weights (units, n_x) and biases (units, 1) that see the inputs, as views."""
    if parameters.W1 is None or parameters.b1 is None:
        return parameters.W2, parameters.b2
    return parameters.W1, parameters.b1
