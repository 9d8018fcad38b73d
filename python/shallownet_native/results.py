"""What the functions hand back: arrays by name, a training's result and states, its errors.

Their reprs show shapes and ends in the place of arrays. Imports `network`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import numpy.typing as npt

from ._validation import Floats
from .network import Parameters

if TYPE_CHECKING:  # files are loaded by those who save
    from ._snet import Record

__all__ = [
    "ConvergenceWarning",
    "DivergenceError",
    "EpochState",
    "Forward",
    "Gradients",
    "TrainingInterrupted",
    "TrainingResult",
]
__dir__ = sorted(__all__).copy

MAX_SHOWN = 4  # numbers of a curve; of more the first and the last two


class Forward(NamedTuple):
    """What the forward pass computes: each (units, m), one column per example."""

    Z1: Floats | None
    A1: Floats | None
    Z2: Floats
    A2: Floats

    def __repr__(self) -> str:
        return _shown("Forward", self._asdict())


class Gradients(NamedTuple):
    """The cost's derivatives, each of the shape of what it belongs to; dX if it was asked for."""

    dW1: Floats | None
    db1: Floats | None
    dW2: Floats
    db2: Floats
    dX: Floats | None = None

    def __repr__(self) -> str:
        return _shown("Gradients", self._asdict())


@dataclass(frozen=True, repr=False)
class TrainingResult:
    """The outcome of `train`.

    Attributes
    ----------
    parameters : Parameters
        Those of the last complete epoch; with early stopping, of the best one.
    costs : ndarray of float64
        The cost before the update, penalty included: of iterations 0, cost_every, 2 cost_every ...
        in full batch; of every epoch, averaged over its batches, in mini-batches.
    validation_costs : ndarray of float64
        The cost on the validation data, without penalty, after each epoch that was looked at.
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
        The one used last.
    best_epoch : int or None
        Epoch, counted from 0, after which the validation cost was lowest.
    """

    parameters: Parameters
    costs: npt.NDArray[np.float64]
    validation_costs: npt.NDArray[np.float64]
    stopped_by: str
    n_iterations: int
    n_epochs: int
    seconds: float
    learning_rate: float
    best_epoch: int | None = None

    def __repr__(self) -> str:
        return _shown("TrainingResult", {**vars(self), "seconds": round(self.seconds, 3)})

    def to_record(self) -> Record:
        """Return what a `.snet` file holds of this result: its parameters."""
        from .files import parameters_record

        return parameters_record(self.parameters)


@dataclass(frozen=True, repr=False)
class EpochState:
    """What a callback sees.

    Attributes
    ----------
    epoch : int
        The epoch (in full batch: the iteration) that has just ended, counted from 0.
    cost : float or None
        Its cost before the update; None if `cost_every` skipped it.
    validation_cost : float or None
        The cost on the validation data after it; None without such data.
    parameters : Parameters
        A copy of the present ones.
    learning_rate : float
        The one used last.
    validation_score : float or None
        Of an estimator that stops early: the score on the validation data after the epoch.
    """

    epoch: int
    cost: float | None
    validation_cost: float | None
    parameters: Parameters
    learning_rate: float
    validation_score: float | None = None

    def __repr__(self) -> str:
        return _shown("EpochState", vars(self))


class ConvergenceWarning(UserWarning):
    """A training has ended above its first cost."""


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


class DivergenceError(_WithResult, ValueError, ArithmeticError):
    """Training left the finite numbers; `result` holds the model of the last finite epoch."""


def _shown(name: str, parts: dict[str, Any]) -> str:
    """Return a repr of a few short lines."""
    shown = [f"{part}={_short(value)}" for part, value in parts.items()]
    line = f"{name}({', '.join(shown)})"
    return line if len(line) <= 100 else f"{name}(\n    " + ",\n    ".join(shown) + ",\n)"


def _short(value: Any) -> str:
    """Return a number rounded, a curve by its ends, and of other arrays the shape."""
    if isinstance(value, float):
        return f"{value:.4g}"
    if not isinstance(value, np.ndarray):
        return repr(value)
    if value.ndim != 1:
        return f"<{value.dtype} array of shape {value.shape}>"
    ends = [f"{number:.4g}" for number in value.tolist()]
    if len(ends) > MAX_SHOWN:
        ends = [*ends[:2], "...", *ends[-2:]]
    return f"<{value.size} values: {', '.join(ends)}>" if ends else "<no values>"
