"""Training: one loop for every solver, of functions and estimators alike.

`loop` advances, records, evaluates, notifies, decides and writes, in `steps`; `protocols` says what
it is handed, `state` where a training stands, and its curves. `solvers` are its guests, by
`options`; `stopping` is patience and validation data. `single` is the function train, which makes
its loops by `building`, `many` trains several networks side by side; `outcome` and `results` are
what comes of it, `checkpoints` what is kept of it in files.
Imports `network`, `files`, `_native`, `_messages`, `_extras`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..network import activate, cost, forward, gradients, predict
from .loop import TrainingLoop
from .many import Showing, TrainingResults, run_together, share_doors, train_many
from .options import (
    DECOUPLED,
    DEFAULT_RATES,
    EVIDENCE,
    MINIMIZERS,
    SCHEDULES,
    TrainOptions,
    check_drawing,
)
from .outcome import result_of, stuck_at
from .results import (
    ConvergenceWarning,
    DivergenceError,
    EpochState,
    TrainingInterrupted,
    TrainingResult,
)
from .single import train
from .solvers import (
    FLAT,
    Evidence,
    FirstOrder,
    LevenbergMarquardt,
    Minimizer,
    QuasiNewton,
    StoppingRule,
    start_slots,
)
from .state import History, TrainingState
from .stopping import Patience, Validation

if TYPE_CHECKING:  # of use to type checkers only
    from .protocols import Callback, Take

__all__ = [
    "DEFAULT_RATES", "SCHEDULES", "ConvergenceWarning", "DivergenceError", "EpochState",
    "TrainingInterrupted", "TrainingResult", "TrainingResults", "activate", "cost", "forward",
    "gradients", "predict", "train", "train_many",
]  # fmt: skip
__dir__ = sorted(__all__).copy
