"""The end of an epoch: what is recorded, printed, looked at and called, and when it is enough.

The same for every solver; an iteration of L-BFGS is an epoch here.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from ..._native.arrays import Floats
from ...network import Parameters, Task
from ...training import EpochState, is_true

Listener = Callable[[EpochState], Any]


class Patience:
    """Count the epochs in a row that did not better the best score by `tol`: scikit-learn's rule.

    Of a loss, the score is its negative.
    """

    def __init__(self, tol: float, limit: float, best: float, n_stalled: int) -> None:
        self.tol = tol
        self.limit = limit  # so many are borne, and one more is too many
        self.best = best
        self.n_stalled = n_stalled

    def observe(self, score: float) -> bool:
        """Take in an epoch's score; return whether there was none as good."""
        self.n_stalled = self.n_stalled + 1 if score < self.best + self.tol else 0
        if score > self.best:
            self.best = score
            return True
        return False

    @property
    def is_exhausted(self) -> bool:
        """Whether it was one too many."""
        return self.n_stalled > self.limit


@dataclass
class History:
    """What fits leave to be read: the estimator's attributes of these names and a "_"."""

    loss_curve: list[float] = field(default_factory=list)
    validation_scores: list[float] | None = None
    validation_loss_curve: list[float] | None = None
    n_iter: int = 0


class HeldOut(NamedTuple):
    """Data that are not learned from; `score` is None if they are only looked at."""

    task: Task
    score: Callable[[Floats], float] | None


class Epochs:
    """All epochs of one fit, as they end.

    Attributes
    ----------
    theta, loss : ndarray, float
        The parameters after the last complete epoch, and its loss.
    best_theta : ndarray or None
        Those of the best score on the validation data. At first those it began with; None if
        earlier fits had a score, which this one has not bettered yet.
    is_asked_to_stop : bool
        Whether a listener has returned True.
    """

    def __init__(
        self,
        theta: Floats,
        record: History,
        patience: Patience,
        *,
        validation: HeldOut | None,
        listeners: list[Listener],
        snapshot: Callable[[Floats], Parameters],
        verbose: bool,
        on_begin: Callable[[], None] | None = None,
    ) -> None:
        self.theta, self.loss = theta, math.nan
        self.best_theta = theta if patience.best == -math.inf else None
        self.record = record
        self.patience = patience
        self.validation = validation
        self.listeners = listeners
        self.snapshot = snapshot  # from theta to a copy that the world may have
        self.verbose = verbose
        self.on_begin = on_begin
        self.is_asked_to_stop = False

    @property
    def stops_early(self) -> bool:
        """Whether the score on validation data decides."""
        return self.validation is not None and self.validation.score is not None

    def n_ahead(self, most: int) -> int:
        """Return how many epochs may pass before anybody looks or decides."""
        if self.verbose or self.listeners or self.validation is not None:
            return 1
        # that many at least must stall before it is one too many
        return int(max(1, min(most, self.patience.limit + 1 - self.patience.n_stalled)))

    def begin(self) -> None:
        """Say that an epoch begins, if anybody wants to know; saying it twice does no harm."""
        if self.on_begin is not None:
            self.on_begin()

    def end(self, loss: float, theta: Floats) -> None:
        """Take in an epoch that is complete; `tell` comes after it has been noted that it is."""
        self.theta, self.loss = theta, loss
        self.record.n_iter += 1
        self.record.loss_curve.append(loss)
        if self.verbose:
            print(f"Iteration {self.record.n_iter}, loss = {loss:.8f}")
        if self.validation is not None:
            self._look(self.validation)
        if not self.stops_early:
            self.patience.observe(-loss)

    def end_in_divergence(self) -> None:
        """Take in an epoch that left the finite numbers, which early stopping outlives."""
        self.record.n_iter += 1
        for values in (self.record.loss_curve, *self._validation_lists()):
            values.append(math.nan)

    def stopping_line(self) -> str:
        """Return what is printed when patience is exhausted, without what is done about it."""
        what = "Validation score" if self.stops_early else "Training loss"
        tol, limit = self.patience.tol, self.patience.limit
        return f"{what} did not improve more than tol={tol:f} for {limit:.0f} consecutive epochs."

    def _validation_lists(self) -> list[list[float]]:
        lists = (self.record.validation_scores, self.record.validation_loss_curve)
        return [values for values in lists if values is not None]

    def _look(self, validation: HeldOut) -> None:
        """Take loss and score on the validation data."""
        assert self.record.validation_loss_curve is not None
        self.record.validation_loss_curve.append(validation.task.loss(self.theta))
        if validation.score is None:
            return
        assert self.record.validation_scores is not None
        score = validation.score(self.theta)
        self.record.validation_scores.append(score)
        if self.verbose:
            print(f"Validation score: {score:f}")
        if self.patience.observe(score):
            self.best_theta = self.theta

    def tell(self, learning_rate: float) -> None:
        """Show the epoch to every listener: one that wants to stop does not hide it from others."""
        if not self.listeners:
            return
        looks = self.record.validation_loss_curve
        scores = self.record.validation_scores
        state = EpochState(
            len(self.record.loss_curve) - 1,
            float(self.loss),
            looks[-1] if looks else None,
            self.snapshot(self.theta),
            learning_rate,
            scores[-1] if scores else None,
        )
        answers = [listener(state) for listener in self.listeners]
        self.is_asked_to_stop = any(is_true(answer) for answer in answers)
