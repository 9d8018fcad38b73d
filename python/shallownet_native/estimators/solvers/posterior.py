"""The posterior that a search for the evidence leaves, for data as users have them."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..._native.arrays import Doubles
from ...network import parameter_counts
from ...training import Evidence, TrainingLoop


def posterior_attributes(loop: TrainingLoop, inputs: Any, targets: Any) -> dict[str, Any]:
    """Return the covariance of a fit's parameters, and the variance of the targets' noise.

    `inputs` and `targets` are what standardized them: centre and scale, or None. Nothing, if the
    solver was another one, or has come to no minimum.
    """
    solver = loop.solver
    if not isinstance(solver, Evidence):
        return {}
    found = solver.posterior(loop.state)
    if found is None:
        return {}
    covariance, noise = found
    attributes: dict[str, Any] = {
        "covariance_": fold_covariance(covariance, solver.shape, inputs, targets)
    }
    if solver.units.output == "identity":
        scale = np.ones(solver.shape[2]) if targets is None else targets.scale
        attributes["noise_variance_"] = scale**2 / noise
    return attributes


def fold_covariance(
    covariance: Doubles, shape: tuple[int, int, int], inputs: Any, targets: Any
) -> Doubles:
    """Return the covariance (p, p) of the parameters that folding the scaling makes of others."""
    rows = fold_changes(covariance, shape, inputs, targets)
    folded = fold_changes(np.ascontiguousarray(rows.T), shape, inputs, targets)
    folded += folded.T.copy()  # symmetric to the last bit
    folded /= 2
    return folded


def fold_changes(rows: Doubles, shape: tuple[int, int, int], inputs: Any, targets: Any) -> Doubles:
    """Return changes (k, p) of parameters, a row each, as folding the scaling makes of them."""
    n_x, n_h, n_y = shape
    ends = np.cumsum(parameter_counts(shape))[:3]
    W1, b1, W2, b2 = (part.copy() for part in np.split(rows, ends, axis=1))
    if inputs is not None:
        W, b = (W1, b1) if n_h else (W2, b2)
        by_unit = W.reshape(len(W), -1, n_x)
        by_unit /= inputs.scale
        b -= (by_unit * inputs.centre).sum(axis=2)
    if targets is not None:
        by_output = W2.reshape(len(W2), n_y, -1)
        by_output *= targets.scale[:, None]
        b2 *= targets.scale
    return np.concatenate([W1, b1, W2, b2], axis=1)
