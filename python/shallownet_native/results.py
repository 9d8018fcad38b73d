"""Where pickles of version 0.1 look for results."""

from .network import Forward, Gradients
from .training import (
    ConvergenceWarning,
    DivergenceError,
    EpochState,
    TrainingInterrupted,
    TrainingResult,
)

__all__ = [
    "ConvergenceWarning", "DivergenceError", "EpochState", "Forward", "Gradients",
    "TrainingInterrupted", "TrainingResult",
]  # fmt: skip
__dir__ = sorted(__all__).copy
