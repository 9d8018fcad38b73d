"""The solver lbfgs as the estimators use it: scikit-learn's losses, and its rules of ending."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ...network import Objective
from ...training import QuasiNewton, StoppingRule
from ..parameters import Settings

GAIN = 1e7 * float(np.finfo(float).eps)  # SciPy's: of the loss, or of 1 if that is more


def minimizer(
    objective: Objective, settings: Settings, on_begin: Callable[[], None] | None
) -> QuasiNewton:
    """Return lbfgs for an objective; an iteration that gains less than `GAIN` is its last."""
    return QuasiNewton(
        objective.shape,
        objective.units,
        objective.examples,
        l2=objective.l2,
        n_threads=objective.n_threads,
        rule=StoppingRule(float(settings.tol), GAIN, 1.0, 1.0, float(settings.max_fun)),
        loss_scale=objective.loss_scale,
        constant=objective.constant,
        shows_start=False,
        keeps_memory=settings.checkpoint is not None,
        on_begin=on_begin,
    )
