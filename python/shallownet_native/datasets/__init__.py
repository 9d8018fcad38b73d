"""Data to try networks on: `synthetic` figures, `clouds`, scikit-learn's real ones (`bundled`).

Every function returns columns as examples: X, float64 of shape (n_x, m), and Y, float64 of shape
(1, m) holding 0 and 1 for two classes, or a quantity; (n_classes, m) one-hot for more. With
return_rows=True it returns scikit-learn's orientation: X (m, n_x) and int64 class numbers, or
quantities, (m,). Without scikit-learn real ones are a MissingPackageError that names the extra. The
same seed draws the same numbers (`making`) everywhere. Imports `_native`, `_extras`.
"""

from __future__ import annotations

from .bundled import load_breast_cancer, load_diabetes, load_digits, load_iris, load_wine
from .clouds import blobs, gaussian_quantiles, no_structure
from .synthetic import flower, noisy_circles, noisy_moons, spirals, xor

__all__ = [
    "blobs", "flower", "gaussian_quantiles", "load_breast_cancer", "load_diabetes", "load_digits",
    "load_iris", "load_wine", "no_structure", "noisy_circles", "noisy_moons", "spirals", "xor",
]  # fmt: skip
__dir__ = sorted(__all__).copy
