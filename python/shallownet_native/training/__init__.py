"""training"""

from __future__ import annotations

from .loop import Descent, EPOCHS_PER_CALL, INDICES_PER_CALL, SLOWEST_RATE, is_true
from .options import check_drawing
from .results import ConvergenceWarning, EpochState, TrainingInterrupted
from .single import DEFAULT_RATES, DivergenceError, TrainingResult, train
from .state import Plan

__all__ = ["DEFAULT_RATES", "DivergenceError", "EpochState", "SCHEDULES", "TrainingInterrupted", "TrainingResult", "activate", "cost", "forward", "gradients", "predict", "train"]
__dir__ = sorted(__all__).copy
