"""The starts of one fit: each as it would be alone, and which of them is best.

Start 0 is the fit with `random_state` itself, every other one that with a seed drawn from a copy of
it: so each can be had alone, and more restarts begin as fewer do.
"""

from __future__ import annotations

import copy
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from ..._extras.scikit_learn import check_random_state
from ...training import DivergenceError, TrainingLoop
from ..fitting.fit import Fit
from ..fitting.publishing import Draft

Seeds = npt.NDArray[np.int64]


class Trial(Draft):
    """A draft that waits to be told whether it is the best before its owner gets any of it.

    Parameters
    ----------
    draft : Draft
        Its owner is this one's, and its estimator, with checked data, is copied.
    random_state : int, RandomState or None
        The copy's.
    number, label : int, str
        Of the start.

    Attributes
    ----------
    fitted : dict or None
        The attributes that its fit has left.
    """

    def __init__(self, draft: Draft, random_state: Any, number: int, label: str = "") -> None:
        self.owner, self.before = draft.owner, draft.before
        self.estimator = copy.copy(draft.estimator)
        self.estimator.random_state = random_state
        self.number = number
        self.label = label
        self.fitted: dict[str, Any] | None = None

    def publish(self, fitted: dict[str, Any]) -> None:
        """Keep what the fit has left."""
        self.fitted = fitted

    def hand_over(self, more: dict[str, Any]) -> None:
        """Give it to the owner, and some attributes more."""
        assert self.fitted is not None
        self.estimator.random_state = self.before["random_state"]
        super().publish({**self.fitted, **more})


class Best(NamedTuple):
    """The best start until now: its trial, its fit if that was here, and its score."""

    trial: Trial
    fit: Fit | None
    score: float

    def fitted(self) -> Trial:
        """Return the trial with all that its fit has left, which most need not work out."""
        if self.trial.fitted is None and self.fit is not None:
            self.fit.finish(None)
        return self.trial


class Contest:
    """The starts of one fit, of which the best is kept.

    Taking in a start twice is as taking it in once, also if the first time was broken off, and
    their order does not matter.

    Parameters
    ----------
    n : int
        How many there are.

    Attributes
    ----------
    scores : dict of int to float
        By which starts are compared: log evidence, best validation score, or minus the loss.
    errors : dict of int to DivergenceError
        Of those that diverged.
    best : Best or None
        The first of equals.
    first_diverged : Trial or None
    """

    def __init__(self, n: int) -> None:
        self.n = n
        self.scores: dict[int, float] = {}
        self.errors: dict[int, DivergenceError] = {}
        self.best: Best | None = None
        self.first_diverged: Trial | None = None

    def take(self, fit: Fit) -> None:
        """Take in a start that has come to its end."""
        trial = fit.draft
        assert isinstance(trial, Trial)
        if trial.number in self.scores or trial.number in self.errors:
            return
        if fit.ended_by != "divergence" or fit.loop.stops_early:
            self.compare(Best(trial, fit, score_of(fit.loop)))
            return
        _, error = fit.finish(None)
        assert isinstance(error, DivergenceError)
        self.pass_over(trial, error)

    def compare(self, other: Best) -> None:
        """Keep a start if it is the best."""
        if self.best is None or rank(other) > rank(self.best):
            self.best = other
        self.scores[other.trial.number] = other.score

    def pass_over(self, trial: Trial, error: DivergenceError) -> None:
        """Take in a start that has diverged, and what it has left."""
        if self.first_diverged is None or trial.number < self.first_diverged.number:
            self.first_diverged = trial
        self.errors[trial.number] = error

    @property
    def is_over(self) -> bool:
        """Whether all starts have been taken in."""
        return len(self.scores) + len(self.errors) == self.n

    def divergence(self) -> DivergenceError:
        """Return the error of a contest in which all diverge."""
        first = self.errors[min(self.errors)]
        if self.n == 1:
            return first
        what = f"all {self.n} starts have diverged, the first so: {first.message}"
        return DivergenceError(what, first.result, first.where)


def rank(best: Best) -> tuple[bool, float, int]:
    """Return what starts are compared by: a NaN is below all else, and of equals the first wins."""
    is_number = not np.isnan(best.score)
    return is_number, best.score if is_number else 0.0, -best.trial.number


def restart_seeds(random_state: Any, n_restarts: int) -> Seeds:
    """Return the seeds of all starts but the first, which leave `random_state` as it is."""
    stream = copy.deepcopy(check_random_state(random_state))
    seeds: Seeds = stream.randint(np.iinfo(np.int32).max, size=n_restarts - 1, dtype=np.int64)
    return seeds


def score_of(loop: TrainingLoop) -> float:
    """Return what a fit is judged by, as far as it has come: more is better."""
    state = loop.state
    evidence = loop.solver.findings(state).get("log_evidence")
    if evidence is not None:
        return float(evidence)
    return float(state.best if loop.stops_early else -state.loss)
