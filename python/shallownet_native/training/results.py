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


# attributes of some trainings only, which are not shown of the others
OF_SOME = ("n_solves", "n_effective_parameters", "log_evidence", "best_start", "start_costs")
NOT_SHOWN = ("optimizer", "momentum")  # what was asked for, which a diagnosis goes by


@dataclass(frozen=True, repr=False)
class TrainingResult:
    """The outcome of `train`.

    Attributes
    ----------
    parameters : Parameters
        Those of the last complete epoch; with early stopping, of the best one; with
        `average` that of these.
    costs : ndarray of float64
        The cost before the update, penalty included: of iterations 0, cost_every, 2 cost_every ...
        in full batch; of every epoch, averaged over its batches, in mini-batches. With lbfgs and
        lm that of the start and then one after each iteration, `n_iterations` + 1.
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
        The one used last; NaN with lbfgs and lm, which have none.
    best_epoch : int or None
        Epoch, counted from 0, after which the validation cost was lowest.
    l2 : float, tuple of float or None
        The penalty's strength; with evidence that of W1 and that of W2, None until they are found.
    n_solves : int or None
        With lm, the linear systems solved: one for each iteration, and one for each step refused.
    n_effective_parameters, log_evidence : float or None
        With l2="evidence": how many parameters the data determine, and the logarithm of the
        evidence, by which the strengths were found.
    best_start : int or None
        Of several starts the one that this is the result of, counted from 0; None of one alone.
    start_costs : ndarray of float64 or None, shape (n_starts,)
        What the starts were judged by, the lowest kept: the cost of their parameters; with early
        stopping the best on the validation data; with evidence minus its logarithm. NaN of one that
        diverged or was not come to.
    optimizer : str or None
        Its name; None in results of older versions.
    momentum : float or None
        Of sgd.
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
    l2: float | tuple[float, float] | None = 0.0
    n_solves: int | None = None
    n_effective_parameters: float | None = None
    log_evidence: float | None = None
    best_start: int | None = None
    start_costs: npt.NDArray[np.float64] | None = None
    optimizer: str | None = None
    momentum: float | None = None

    def __repr__(self) -> str:
        parts = {**vars(self), "seconds": round(self.seconds, 3)}
        of_all = [name for name in parts if name not in OF_SOME or parts[name] is not None]
        of_all = [name for name in of_all if name not in NOT_SHOWN]
        return shown("TrainingResult", {name: parts[name] for name in of_all})

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
        Its cost before the update (with lbfgs and lm: after it); None if `cost_every` skipped it.
    validation_cost : float or None
        The cost on the validation data after it; None without such data.
    parameters : Parameters
        A copy of the present ones.
    learning_rate : float
        The one used last; NaN with lbfgs and lm.
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
    """A training has ended above its first cost, or where no step goes down but one should."""

    __module__ = "shallownet_native"


class _WithResult(BaseException):
    """An exception with the TrainingResult of the last complete epoch as its `result`.

    Its `message` says what happened; `str` adds where the model is, to those who have Python.
    """

    def __init__(self, message: str, result: Any, where: str = "") -> None:
        super().__init__(f"{message}; {where}" if where else message)
        self.message = message
        self.result = result
        self.where = where

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.message, self.result, self.where)


class TrainingInterrupted(_WithResult, KeyboardInterrupt):
    """Ctrl-C ended a training; `result` holds the model of the last complete epoch.

    Of many networks it is their `TrainingResults`.
    """

    __module__ = "shallownet_native"


class DivergenceError(_WithResult, ValueError, ArithmeticError):
    """Training left the finite numbers; `result` holds the model of the last finite epoch."""

    __module__ = "shallownet_native"
