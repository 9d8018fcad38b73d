"""Data to try networks on, columns as examples: drawn (`synthetic`) and real ones (`bundled`).

The same seed draws the same numbers everywhere. Imports `_native`, `_extras`.
"""

from __future__ import annotations

from .bundled import load_breast_cancer, load_diabetes, load_digits, load_iris, load_wine
from .synthetic import blobs, flower, gaussian_quantiles, noisy_circles, noisy_moons, spirals, xor

__all__ = [
    "blobs",
    "flower",
    "gaussian_quantiles",
    "load_breast_cancer",
    "load_diabetes",
    "load_digits",
    "load_iris",
    "load_wine",
    "noisy_circles",
    "noisy_moons",
    "spirals",
    "xor",
]
__dir__ = sorted(__all__).copy
