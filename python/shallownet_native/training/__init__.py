"""Training: `train` in `single`, its loop, what it stops by, its results.

Imports `network`, `files`, `_native`, `_messages`.
"""

from __future__ import annotations

from ..network import activate, cost, forward, gradients, predict
from .loop import EPOCHS_PER_CALL, INDICES_PER_CALL, SLOWEST_RATE, Descent, is_true
from .options import DEFAULT_RATES, SCHEDULES, check_drawing
from .results import (
    ConvergenceWarning,
    DivergenceError,
    EpochState,
    TrainingInterrupted,
    TrainingResult,
)
from .single import train
from .state import Plan

__all__ = [
    "DEFAULT_RATES",
    "SCHEDULES",
    "ConvergenceWarning",
    "DivergenceError",
    "EpochState",
    "TrainingInterrupted",
    "TrainingResult",
    "activate",
    "cost",
    "forward",
    "gradients",
    "predict",
    "train",
]
__dir__ = sorted(__all__).copy
