"""The solvers lbfgs and lm as the estimators use them: scikit-learn's losses, and its endings."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ...network import Objective
from ...training import (
    EVIDENCE,
    FLAT,
    Evidence,
    LevenbergMarquardt,
    Minimizer,
    QuasiNewton,
    StoppingRule,
)
from ..parameters import Settings

GAIN = 1e7 * float(np.finfo(float).eps)  # SciPy's: of the loss, or of 1 if that is more


def minimizer(
    objective: Objective, settings: Settings, on_begin: Callable[[], None] | None
) -> Minimizer:
    """Return lbfgs or lm for an objective, which may end by `tol` and `max_fun`.

    An iteration of lbfgs that gains less than `GAIN` is its last.
    """
    where = (objective.shape, objective.units, objective.examples)
    options: dict[str, Any] = {
        "n_threads": objective.n_threads,
        "loss_scale": objective.loss_scale,
        "constant": objective.constant,
        "shows_start": False,
        "on_begin": on_begin,
    }
    tol, most = float(settings.tol), float(settings.max_fun)
    if settings.solver == "lbfgs":
        rule = StoppingRule(tol, GAIN, 1.0, 1.0, most)
        keeps = settings.checkpoint is not None
        return QuasiNewton(*where, l2=objective.l2, rule=rule, keeps_memory=keeps, **options)
    rule = StoppingRule(tol, FLAT, max_evaluations=most)
    if settings.alpha == EVIDENCE:
        return Evidence(*where, rule=rule, **options)
    return LevenbergMarquardt(*where, l2=objective.l2, rule=rule, **options)
