"""Epochs of many networks, one after the other of all of them: for callbacks, and the best one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np

from ..._native.arrays import Floats
from ..loop import TrainingLoop, is_true
from ..results import EpochState
from ..stopping import Patience
from .asked import Network


class Epochs:
    """What is done whenever every network has ended an epoch.

    Parameters
    ----------
    loops : sequence of TrainingLoop
        They pause after each from now on.
    callback : callable or None
        Shown a list of `EpochState`, None of a network that has ended; True ends all.
    pool : Pool or None
    """

    def __init__(
        self, loops: Sequence[TrainingLoop], callback: Callable[..., Any] | None, pool: Pool | None
    ) -> None:
        self.loops = loops
        self.callback = callback
        self.pool = pool
        self.states: list[EpochState | None] = [None] * len(loops)
        for k, loop in enumerate(loops):
            loop.pauses = True
            loop.callbacks = (partial(self.keep, k),)

    def keep(self, k: int, state: EpochState) -> None:
        """Take in the epoch that network k has ended."""
        self.states[k] = state

    def end(self) -> None:
        """Look at the epochs that have ended."""
        states, self.states = self.states, [None] * len(self.loops)
        if not any(states):
            return
        epoch = max(state.epoch for state in states if state is not None)
        if self.pool is not None and self.pool.observe(epoch):
            for loop in self.loops:
                if loop.state.stopped_by is None:
                    loop.state = loop.state._replace(stopped_by="early_stopping")
        if self.callback is not None and is_true(self.callback(states)):
            for loop in self.loops:
                loop.is_asked_to_stop = True


class Pool:
    """The one epoch after which all networks together did best on what they were not shown.

    A network that has ended counts with its last epoch. One that diverges, or whose cost is not
    finite, counts no longer, and the choice begins anew.

    Attributes
    ----------
    best_epoch : int or None
    thetas : list of ndarray
        Of all networks, after it.
    """

    def __init__(
        self, networks: Sequence[Network], loops: Sequence[TrainingLoop], patience: Patience | None
    ) -> None:
        self.loops = loops
        self.patience = patience
        held_out = [one.data.held_out for one in networks]
        self.counts = [0 if examples is None else len(examples.y) for examples in held_out]
        self.lowest, self.score, self.n_stalled = np.inf, -np.inf, 0
        self.best_epoch: int | None = None
        self.thetas: list[Floats] = []

    def observe(self, epoch: int) -> bool:
        """Take in an epoch; return whether the loss has stalled for too long."""
        costs = [last_cost(loop) for loop in self.loops]
        for k, cost in enumerate(costs):
            if self.counts[k] and not np.isfinite(cost):
                self.counts[k] = 0
                self.lowest, self.score, self.n_stalled = np.inf, -np.inf, 0
        if not any(self.counts):
            return False
        mean = sum(n * cost for n, cost in zip(self.counts, costs, strict=True) if n)
        mean /= sum(self.counts)
        if mean < self.lowest:
            self.lowest, self.best_epoch = mean, epoch
            self.thetas = [loop.state.theta for loop in self.loops]
        if self.patience is None:
            return False
        self.score, self.n_stalled = self.patience.observe(-mean, self.score, self.n_stalled)
        return self.n_stalled > self.patience.limit

    def hand_over(self) -> None:
        """Give all loops the parameters of the best epoch."""
        if self.best_epoch is None:
            return
        for loop, theta in zip(self.loops, self.thetas, strict=True):
            epoch = min(self.best_epoch, loop.state.n_epochs - 1)
            if epoch >= 0:
                loop.state = loop.state._replace(best_theta=theta, best_epoch=epoch)


def last_cost(loop: TrainingLoop) -> float:
    """Return a network's last cost on what it was not shown; NaN if it has none, or diverged."""
    costs = loop.history.validation_costs
    return np.nan if loop.ended_by == "divergence" or not costs else costs[-1]
