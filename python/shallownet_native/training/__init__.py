"""Training: one loop for every solver, of functions and estimators alike.

`loop` advances, records, evaluates, notifies, decides and writes; `protocols` says what it is
handed, `state` where a training stands, and its curves. `first_order` runs epochs in the core, by
`options`, and `quasi_newton` iterations of L-BFGS; `stopping` is patience and validation data.
`single` is the function train, `outcome` and `results` what comes of it, `checkpoints` what is kept
of it in files.
Imports `network`, `files`, `_native`, `_messages`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..network import activate, cost, forward, gradients, predict
from .first_order import FirstOrder
from .loop import TrainingLoop
from .options import DEFAULT_RATES, SCHEDULES, TrainOptions, check_drawing
from .outcome import result_of
from .quasi_newton import QuasiNewton, StoppingRule, start_slots
from .results import (
    ConvergenceWarning,
    DivergenceError,
    EpochState,
    TrainingInterrupted,
    TrainingResult,
)
from .single import train
from .state import History, TrainingState
from .stopping import Patience, Validation

if TYPE_CHECKING:  # of use to type checkers only
    from .protocols import Callback, Take

__all__ = [
    "DEFAULT_RATES", "SCHEDULES", "ConvergenceWarning", "DivergenceError", "EpochState",
    "TrainingInterrupted", "TrainingResult", "activate", "cost", "forward", "gradients", "predict",
    "train",
]  # fmt: skip
__dir__ = sorted(__all__).copy
