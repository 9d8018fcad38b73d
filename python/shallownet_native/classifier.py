"""Where pickles of version 0.1 look for estimators."""

from .estimators import ShallowNetClassifier

__all__ = ["ShallowNetClassifier"]
__dir__ = sorted(__all__).copy
