"""Where a training stands, and its curves: what the loop holds is what checkpoints hold."""

from __future__ import annotations

import copy
import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from .._native.arrays import Floats
from .._native.streams import Position

Curve = npt.NDArray[np.float64]


class TrainingState(NamedTuple):
    """Where a training stands after a complete epoch.

    It is replaced as a whole, so that an exception at any moment finds one that is whole.

    Attributes
    ----------
    theta : ndarray, shape (size,)
    slots : ndarray, shape (n_slots, size)
        What the optimizer remembers of each parameter; of lbfgs one vector of float64, which grows.
    rate, last_rate : float, float or None
        The learning rate to go on with, NaN of a solver without; the one used last.
    n_steps, n_seen, n_epochs : int
        Steps, examples and epochs so far. Of a fit that goes on where another ended, `n_epochs`
        counts its own.
    loss : float
        Of the last epoch that has one.
    best, n_stalled : float, int
        What `Patience` compares with, and how many scores in a row have not bettered it.
    best_epoch, best_theta : int or None, ndarray or None
        Of the best score on validation data.
    n_calls, n_looks : int
        How far the curves of the `History` had come.
    position, n_after : Position or None, int
        Where the orders of the examples stand, if somebody is to go on from it: so many after a
        position, because a stream is asked for that once for many epochs.
    end_pending : bool
        Whether it is still to be notified and decided what follows.
    stopped_by : str or None
        Why training ends, whatever its length.
    """

    theta: Floats
    slots: Floats
    rate: float = math.nan
    last_rate: float | None = None
    n_steps: int = 0
    n_seen: int = 0
    n_epochs: int = 0
    loss: float = math.nan
    best: float = -math.inf
    n_stalled: int = 0
    best_epoch: int | None = None
    best_theta: Floats | None = None
    n_calls: int = 0
    n_looks: int = 0
    position: Position | None = None
    n_after: int = 0
    end_pending: bool = False
    stopped_by: str | None = None

    @property
    def rate_used(self) -> float:
        """The rate used last, or the one that would have been first."""
        return self.rate if self.last_rate is None else self.last_rate


class History:
    """The curves of a training, which may run ahead of its state: that says how far they count.

    Parameters
    ----------
    costs, validation_costs, scores : sequence of float
        What earlier trainings have left of each curve; None if there is no such curve.
    """

    def __init__(
        self,
        costs: Sequence[float] | Curve = (),
        validation_costs: Sequence[float] | Curve | None = None,
        scores: Sequence[float] | Curve | None = None,
    ) -> None:
        self.earlier = np.array(costs, np.float64)
        self.costs: list[Curve] = []  # one array a call of the solver
        self.validation_costs = None if validation_costs is None else list(validation_costs)
        self.scores = None if scores is None else list(scores)
        looks = (self.validation_costs, self.scores)
        self.n_earlier = [0 if curve is None else len(curve) for curve in looks]
        self.n_looks_before = 0  # of which a checkpoint does not say after how many steps they were
        self.look_steps: list[int] = []

    def come_to(
        self, costs: Curve, validation_costs: Curve | None, scores: Curve | None
    ) -> History:
        """Return a history of the same training that has come as far as these curves."""
        other = copy.copy(self)
        other.costs = [costs[len(self.earlier) :]]
        other.validation_costs = None if validation_costs is None else validation_costs.tolist()
        other.n_looks_before = len(other.validation_costs or [])
        other.look_steps = []
        other.scores = None if scores is None else scores.tolist()
        return other

    def costs_until(self, state: TrainingState) -> Curve:
        """Return the costs, those of earlier trainings first."""
        return np.concatenate([self.earlier, *self.costs[: state.n_calls]])

    def looks_until(self, state: TrainingState) -> list[list[float] | None]:
        """Return the validation costs and the scores, None where there is no such curve."""
        looks = zip((self.validation_costs, self.scores), self.n_earlier, strict=True)
        return [None if curve is None else curve[: n + state.n_looks] for curve, n in looks]
