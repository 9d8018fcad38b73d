"""Where pickles of version 0.1 look for estimators."""

from .estimators import ShallowNetRegressor

__all__ = ["ShallowNetRegressor"]
__dir__ = sorted(__all__).copy
