"""Training: one loop for every solver, of functions and estimators alike.

`loop` (evaluate, notify, decide, write), `state` (where a training stands, and its curves),
`first_order` (gd, sgd, adam), `stopping` (patience, validation data), `options`, `single` (`train`)
and `outcome` (of its runs), `results`; `checkpoints` is a package of its own. Solvers declare what
they are and are handed in. Imports `network`, `_native`, `_messages`.
"""

from __future__ import annotations

from ..network import activate, cost, forward, gradients, predict
from .first_order import FirstOrder
from .loop import Callback, Take, TrainingLoop
from .options import DEFAULT_RATES, SCHEDULES, TrainOptions, check_drawing
from .outcome import result_of
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
