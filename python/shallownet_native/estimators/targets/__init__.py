"""What users give as y and X: labels and numbers, checked and coded."""

from __future__ import annotations

from .checks import of_validation_data
from .coding import ClassTargets, QuantityTargets, Targets
