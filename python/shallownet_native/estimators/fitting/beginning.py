"""Where a fit begins: the batch size, and the curves and the state that earlier fits have left."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from ..._messages.caller import warn_caller
from ..._native.arrays import Floats
from ...training import MINIMIZERS, History, TrainingState, Validation, start_slots
from ..parameters import Settings
from ..solvers import Optimizer

AUTO_BATCH = 200


def batch_size(settings: Settings, m: int) -> int:
    """Return how many of m examples a batch has: at most all of them."""
    if settings.solver in ("gd", *MINIMIZERS):
        return m
    if settings.batch_size == "auto":
        return min(AUTO_BATCH, m)
    if settings.batch_size > m:
        warn_caller(
            "Got `batch_size` less than 1 or larger than sample size. It is going to be clipped",
            UserWarning,
        )
    return min(int(settings.batch_size), m)


def begin_history(earlier: Mapping[str, Any], validation: Validation | None) -> History:
    """Return the curves that this fit goes on with."""
    has_score = validation is not None and validation.score is not None
    return History(
        _kept(earlier, "loss_curve_"),
        _kept(earlier, "validation_loss_curve_") if validation is not None else None,
        _kept(earlier, "validation_scores_") if has_score else None,
    )


def begin_state(
    earlier: Mapping[str, Any], theta: Floats, optimizer: Optimizer | None, stops_early: bool
) -> TrainingState:
    """Return where this fit begins, by the attributes that earlier ones have left."""
    name, sign = ("best_validation_score_", 1) if stops_early else ("best_loss_", -1)
    best = earlier.get(name)
    best = -np.inf if best is None else sign * best
    state = TrainingState(
        theta,
        start_slots(),
        best=best,
        n_stalled=earlier.get("_no_improvement_count", 0),
        # of no score yet; earlier fits' is not bettered by what a fit begins with
        best_theta=theta if stops_early and best == -np.inf else None,
    )
    if optimizer is None:
        return state
    return state._replace(
        slots=optimizer.state,
        rate=optimizer.rate,
        n_steps=optimizer.t,
        n_seen=earlier.get("t_", 0),
    )


def _kept(earlier: Mapping[str, Any], name: str) -> list[float]:
    values = earlier.get(name)
    return [] if values is None else list(values)
