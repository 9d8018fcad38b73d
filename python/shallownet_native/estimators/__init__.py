"""scikit-learn's estimators: `ShallowNetClassifier`, `ShallowNetRegressor` (extra "sklearn")."""

from __future__ import annotations

from .classifier import ShallowNetClassifier
from .fitting.fit_warnings import DivergenceWarning
from .regressor import ShallowNetRegressor

__all__ = ["DivergenceWarning", "ShallowNetClassifier", "ShallowNetRegressor"]
__dir__ = sorted(__all__).copy
