"""A first-order optimizer between fits: its settings, and what it remembers. A value."""

from __future__ import annotations

import copy
import math
from typing import Any

import numpy as np

from ..._native.backend import core
from ...training import TrainingState
from ..parameters import SCHEDULED, Settings


class Optimizer:
    """One optimizer, from the fit that began it through every partial_fit after that.

    Attributes
    ----------
    options : dict
        Its settings in the core's words; they stay those of the fit that began it.
    rate : float
        The learning rate that the core takes, as the schedule has it.
    t : int
        Steps done.
    state : ndarray, shape (n_slots, size)
        What it remembers of each parameter.
    """

    def __init__(self, settings: Settings, size: int, dtype: Any) -> None:
        self.options: dict[str, Any] = {
            "optimizer": settings.solver,
            "momentum": float(settings.momentum),
            "nesterov": bool(settings.nesterovs_momentum),
            "beta_1": float(settings.beta_1),
            "beta_2": float(settings.beta_2),
            "epsilon": float(settings.epsilon),
        }
        self.schedule = settings.learning_rate if settings.solver in SCHEDULED else "constant"
        self.power_t = float(settings.power_t)
        self.learning_rate_init = float(settings.learning_rate_init)
        self.rate = self.learning_rate_init
        self.t = 0
        self.state = np.zeros((core.optimizers[settings.solver], size), dtype)

    @property
    def learning_rate(self) -> float:
        """The rate in scikit-learn's sense: with adam, the bias correction is part of it."""
        if self.options["optimizer"] != "adam" or self.t == 0:
            return self.rate
        beta_1, beta_2 = self.options["beta_1"], self.options["beta_2"]
        correction: float = math.sqrt(1 - beta_2**self.t) / (1 - beta_1**self.t)
        return self.rate * correction

    def after(self, state: TrainingState) -> Optimizer:
        """Return it as it has come out of a training."""
        other = copy.copy(self)
        other.state, other.t, other.rate = state.slots, state.n_steps, state.rate
        return other
