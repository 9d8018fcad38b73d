"""Inputs with mean 0 and deviation 1, and a network with the scaling of its training unfolded."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ..._native.arrays import Doubles, Floats
from ...models import NetworkOnData
from ...network import Parameters

BLOCK = 64

NO_DEVIATION = 1e-12, 1e-7  # relative to a column's size, in float64 and float32


def standardised(X: Floats) -> Doubles:
    """Return columns (n_x, m) with mean 0 and deviation 1; 0 where they do not vary."""
    mean, deviation = moments(X)
    varies = is_varied(X, deviation)
    values = X.astype(np.float64)
    values -= mean[:, np.newaxis]
    values *= (varies / np.where(varies, deviation, 1.0))[:, np.newaxis]
    return values


def moments(X: Floats) -> tuple[Doubles, Doubles]:
    """Return the means and the deviations (n_x,), a few columns at a time: X may be large."""
    mean, deviation = np.empty(len(X)), np.empty(len(X))
    for begin in range(0, len(X), BLOCK):
        part = X[begin : begin + BLOCK].astype(np.float64)
        mean[begin : begin + BLOCK] = part.mean(axis=1)
        deviation[begin : begin + BLOCK] = part.std(axis=1)
    return mean, deviation


def is_varied(X: Floats, deviation: Doubles) -> npt.NDArray[np.bool_]:
    """Tell of each column (n_x,) of this deviation whether it varies beyond rounding."""
    size = np.maximum(X.max(axis=1), -X.min(axis=1)).astype(np.float64)
    varied: npt.NDArray[np.bool_] = deviation > NO_DEVIATION[X.dtype == np.float32] * size
    return varied


def scaled(given: NetworkOnData, *, inputs: bool, target: bool) -> NetworkOnData:
    """Return the network for standardised examples that answers as it does for those given.

    An estimator that standardises folds that into the weights after the fit: costs and curvatures
    of its training are those of the network before.
    """
    network, X, Y = given
    if not (inputs or target):
        return given
    wide = network.astype(np.float64)
    W1, b1, W2, b2 = wide.W1, wide.b1, wide.W2, wide.b2
    if inputs:
        mean, deviation = _moments(X)
        X = standardised(X)
        if W1 is None or b1 is None:
            W2, b2 = W2 * deviation.T, b2 + W2 @ mean
        else:
            W1, b1 = W1 * deviation.T, b1 + W1 @ mean
    if target:
        mean, deviation = _moments(Y)
        Y, W2, b2 = (Y - mean) / deviation, W2 / deviation, (b2 - mean) / deviation
    units = network.known_units._asdict()
    return NetworkOnData(Parameters(W1, b1, W2, b2, **units), X.astype(np.float64), Y)


def _moments(X: Floats) -> tuple[Doubles, Doubles]:
    """Return the mean and the deviation of each row, 1 where there is none, as columns."""
    mean, deviation = moments(X)
    return mean[:, np.newaxis], np.where(deviation > 0, deviation, 1.0)[:, np.newaxis]
