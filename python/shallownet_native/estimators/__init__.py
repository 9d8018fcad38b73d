"""scikit-learn's estimators, drop-ins for its MLPs (extra "sklearn").

`classifier` and `regressor` share `base` and `parameters`. `targets` checks and codes what they are
given, `fitting` is one fit, `ensembles` are many, `solvers` is what one hands to the training
loop, `evidence` what one with evidence says of predictions, `saving` the estimator in files and
pickles. `tabular` are estimators of their own, for tables.
Imports `training`, `network`, `_native`, `_extras`.
"""

from __future__ import annotations

from .classifier import ShallowNetClassifier
from .ensembles.cv import ShallowNetClassifierCV, ShallowNetRegressorCV
from .fitting.fit_warnings import DivergenceWarning
from .regressor import ShallowNetRegressor
from .tabular import TabularShallowNetClassifier, TabularShallowNetRegressor

__all__ = [
    "DivergenceWarning", "ShallowNetClassifier", "ShallowNetClassifierCV", "ShallowNetRegressor",
    "ShallowNetRegressorCV", "TabularShallowNetClassifier", "TabularShallowNetRegressor",
]  # fmt: skip
__dir__ = sorted(__all__).copy
