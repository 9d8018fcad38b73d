"""What is wrong with a backward pass or a training, named, and what to do about it.

`checker` has check_gradients, which holds a learner's own passes against the oracle,
`influence` importance, of each input of a network, and `diagnosing` diagnose, of a training, which
asks `symptoms` one after the other.
Imports `models`, `network`, `_native`, `_messages`.
"""

from __future__ import annotations

from .checker import GradientReport, check_gradients
from .diagnosing import Diagnosis, diagnose
from .influence import importance
from .symptoms import Finding

__all__ = ["Diagnosis", "Finding", "GradientReport", "check_gradients", "diagnose", "importance"]
__dir__ = sorted(__all__).copy
