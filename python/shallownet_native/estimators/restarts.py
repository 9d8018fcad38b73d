"""Several fits of one estimator, each from a start of its own; the best is kept.

Start 0 is the fit with `random_state` itself, every other one that with a seed drawn from a copy of
it: so each can be had alone, and more restarts begin as fewer do.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from .._extras.scikit_learn import ConvergenceWarning, check_random_state
from .._messages.caller import warn_caller
from ..training import DivergenceError, TrainingInterrupted
from .fitting.fit import Fit
from .fitting.publishing import Draft

Seeds = npt.NDArray[np.int64]


class Trial(Draft):
    """A draft that waits to be told whether it is the best before its owner gets any of it.

    Attributes
    ----------
    fitted : dict or None
        The attributes that its fit has left.
    """

    def __init__(self, owner: Any, random_state: Any) -> None:
        super().__init__(owner)
        self.estimator.random_state = random_state
        self.fitted: dict[str, Any] | None = None

    def publish(self, fitted: dict[str, Any]) -> None:
        """Keep what the fit has left."""
        self.fitted = fitted

    def hand_over(self, more: dict[str, Any]) -> None:
        """Give it to the owner, and some attributes more."""
        assert self.fitted is not None
        self.estimator.random_state = self.before["random_state"]
        super().publish({**self.fitted, **more})


class Restarts:
    """All fits of one call of `fit`.

    Parameters
    ----------
    owner : estimator

    Attributes
    ----------
    seeds : ndarray of int64, shape (n_restarts - 1,)
    scores : ndarray, shape (n_restarts,)
        By which fits are compared: log evidence, best validation score, or minus the loss; NaN of
        one that diverged or was not come to.
    best : Trial or None
        The best until now, the first of equals; its number is `best_restart`.
    """

    def __init__(self, owner: Any) -> None:
        self.owner = owner
        self.n = int(owner.n_restarts)
        self.seeds = restart_seeds(owner.random_state, self.n)
        self.scores = np.full(self.n, np.nan)
        self.best: Trial | None = None
        self.best_fit: Fit | None = None
        self.best_restart = 0

    def trial(self, k: int) -> Trial:
        """Return the draft of fit k."""
        random_state = self.owner.random_state if k == 0 else int(self.seeds[k - 1])
        return Trial(self.owner, random_state)

    def run(self, first: Fit, begin: Callable[[Trial], Fit]) -> None:
        """Run the first fit, begin and run the others, and publish the best.

        Raises
        ------
        DivergenceError
            If all diverge; the estimator keeps the last finite model of the first.
        TrainingInterrupted
            On Ctrl-C; the estimator keeps the best until then.
        """
        errors: list[DivergenceError] = []
        k, fit = 0, first
        try:
            for k in range(self.n):
                fit = begin(self.trial(k)) if k else first
                try:
                    fit.run()
                except DivergenceError as error:
                    errors.append(error)
                else:
                    self.consider(k, fit)
        except BaseException as error:
            self.end_broken_off(k, fit, error)
            raise
        if self.best is None or self.best_fit is None:
            trial = first.draft
            assert isinstance(trial, Trial)
            trial.hand_over(self.attributes())
            raise DivergenceError(
                f"all {self.n} starts have diverged, the first so: {errors[0].message}",
                errors[0].result,
                errors[0].where,
            )
        self.best.hand_over(self.attributes())
        if errors:
            warn_caller(
                f"{len(errors)} of {self.n} starts have diverged and were passed over, the first "
                f"so: {errors[0].message}",
                ConvergenceWarning,
            )
        self.best_fit.warn()

    def consider(self, k: int, fit: Fit) -> None:
        """Compare a fit that is complete, and keep it if it is the best."""
        trial = fit.draft
        assert isinstance(trial, Trial) and trial.fitted is not None
        score = self.scores[k] = score_of(trial.fitted)
        best = self.scores[self.best_restart]
        if self.best is None or score > best or (np.isnan(best) and not np.isnan(score)):
            self.best, self.best_fit, self.best_restart = trial, fit, k

    def end_broken_off(self, k: int, fit: Fit, error: BaseException) -> None:
        """Publish the best, or what there is of the first; on Ctrl-C raise what holds it."""
        if self.best is not None and self.best_fit is not None:
            self.best.hand_over(self.attributes())
            if not isinstance(error, KeyboardInterrupt):
                return
            raise TrainingInterrupted(
                f"fit was interrupted in start {k + 1} of {self.n}",
                self.best_fit.result("interrupt"),
                ".result of this exception and the estimator hold the best of those before",
            ) from error
        trial = fit.draft
        assert isinstance(trial, Trial)
        if trial.fitted is not None:
            trial.hand_over(self.attributes())

    def attributes(self) -> dict[str, Any]:
        """Return what the estimator keeps of all starts."""
        return {
            "restart_seeds_": self.seeds,
            "restart_scores_": self.scores,
            "best_restart_": self.best_restart,
        }


def restart_seeds(random_state: Any, n_restarts: int) -> Seeds:
    """Return the seeds of all starts but the first, which leave `random_state` as it is."""
    stream = copy.deepcopy(check_random_state(random_state))
    seeds: Seeds = stream.randint(np.iinfo(np.int32).max, size=n_restarts - 1, dtype=np.int64)
    return seeds


def score_of(fitted: dict[str, Any]) -> float:
    """Return what a fit is judged by; more is better."""
    for name in ("log_evidence_", "best_validation_score_"):
        if fitted.get(name) is not None:
            return float(fitted[name])
    return -float(fitted["loss_"])
