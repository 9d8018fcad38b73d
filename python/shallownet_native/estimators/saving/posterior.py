"""How sure a fit with evidence is of its parameters, in a record."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...files import ModelFormatError
from .parts import Arrays


def pack_posterior(attributes: dict[str, Any], arrays: Arrays) -> None:
    """Put the covariance of the parameters into `arrays`, if there is one."""
    if "covariance_" in attributes:
        arrays["covariance_"] = np.asarray(attributes["covariance_"], np.float64)


def read_posterior(arrays: Arrays, p: int, n_y: int, noise: Any) -> dict[str, Any]:
    """Return the attribute that holds it, taken out of `arrays`, beside the variance of the noise.

    Raises
    ------
    ModelFormatError
        If they are not those of p parameters and n_y outputs.
    """
    if noise is not None and (noise.shape != (n_y,) or not (noise > 0).all()):
        raise ModelFormatError(f"noise_variance_ must be {n_y} positive numbers")
    if "covariance_" not in arrays:
        return {}
    covariance = arrays.pop("covariance_")
    if covariance.shape != (p, p) or covariance.dtype != np.float64:
        raise ModelFormatError(f"covariance_ must be ({p}, {p}) numbers of float64")
    is_symmetric = bool((covariance == covariance.T).all())  # without NaN, then
    if not is_symmetric or not np.isfinite(covariance).all() or (covariance.diagonal() < 0).any():
        raise ModelFormatError("covariance_ is not the covariance of anything")
    return {"covariance_": covariance}
