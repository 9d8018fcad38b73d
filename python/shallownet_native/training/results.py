"""What a training hands back: its result, its states, its errors and warnings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from .._messages.reprs import shown
from ..network import Parameters

if TYPE_CHECKING:  # files are loaded by those who save
    from ..files import Record


@dataclass(frozen=True, repr=False)
class TrainingResult:
    """The outcome of `train`.

    Attributes
    ----------
    parameters : Parameters
        Those of the last complete epoch; with early stopping, of the best one.
    costs : ndarray of float64
        The cost before the update, penalty included: of iterations 0, cost_every, 2 cost_every ...
        in full batch; of every epoch, averaged over its batches, in mini-batches. With lbfgs that
        of the start and then one after each iteration, `n_iterations` + 1.
    cost_iterations : ndarray of int64
        At which iteration each cost was taken: after so many steps. Of an epoch of mini-batches,
        whose cost is an average, the middle.
    validation_costs : ndarray of float64
        The cost on the validation data, without penalty, after each epoch that was looked at.
    validation_iterations : ndarray of int64
        After how many steps each of these was taken.
    stopped_by : str
        "n_iterations", "n_epochs", "tol", "early_stopping", "learning_rate" (the adaptive schedule
        came to its end) or "callback"; in the result of an error "divergence" or "interrupt".
    n_iterations : int
        Steps of the optimizer.
    n_epochs : int
        Complete passes over the data.
    seconds : float
        Time that `train` took.
    learning_rate : float
        The one used last; NaN with lbfgs, which has none.
    best_epoch : int or None
        Epoch, counted from 0, after which the validation cost was lowest.
    """

    __module__ = "shallownet_native"

    parameters: Parameters
    costs: npt.NDArray[np.float64]
    cost_iterations: npt.NDArray[np.int64]
    validation_costs: npt.NDArray[np.float64]
    validation_iterations: npt.NDArray[np.int64]
    stopped_by: str
    n_iterations: int
    n_epochs: int
    seconds: float
    learning_rate: float
    best_epoch: int | None = None

    def __repr__(self) -> str:
        return shown("TrainingResult", {**vars(self), "seconds": round(self.seconds, 3)})

    def to_record(self) -> Record:
        """Return what a `.snet` file holds of this result: its parameters."""
        return self.parameters.to_record()


@dataclass(frozen=True, repr=False)
class EpochState:
    """What a callback sees.

    Attributes
    ----------
    epoch : int
        The epoch (in full batch: the iteration) that has just ended, counted from 0.
    cost : float or None
        Its cost before the update (with lbfgs: after it); None if `cost_every` skipped it.
    validation_cost : float or None
        The cost on the validation data after it; None without such data.
    parameters : Parameters
        A copy of the present ones.
    learning_rate : float
        The one used last; NaN with lbfgs.
    validation_score : float or None
        Of an estimator that stops early: the score on the validation data after the epoch.
    """

    __module__ = "shallownet_native"

    epoch: int
    cost: float | None
    validation_cost: float | None
    parameters: Parameters
    learning_rate: float
    validation_score: float | None = None

    def __repr__(self) -> str:
        return shown("EpochState", vars(self))


class ConvergenceWarning(UserWarning):
    """A training has ended above its first cost."""

    __module__ = "shallownet_native"


class _WithResult(BaseException):
    """An exception with the TrainingResult of the last complete epoch as its `result`.

    Its `message` says what happened; `str` adds where the model is, to those who have Python.
    """

    def __init__(self, message: str, result: TrainingResult, where: str = "") -> None:
        super().__init__(f"{message}; {where}" if where else message)
        self.message = message
        self.result = result
        self.where = where

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.message, self.result, self.where)


class TrainingInterrupted(_WithResult, KeyboardInterrupt):
    """Ctrl-C ended a training; `result` holds the model of the last complete epoch."""

    __module__ = "shallownet_native"


class DivergenceError(_WithResult, ValueError, ArithmeticError):
    """Training left the finite numbers; `result` holds the model of the last finite epoch."""

    __module__ = "shallownet_native"
