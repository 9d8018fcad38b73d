"""A fit from one start, or from several of which the best is kept."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, NamedTuple

import numpy as np

from ..._extras.scikit_learn import ConvergenceWarning, check_random_state
from ..._messages.caller import warn_caller
from ..._native.signals import finish_whole
from ...training import DivergenceError, Showing, TrainingInterrupted
from ..fitting.beginning import OF_SOME, prepare
from ..fitting.callbacks import Listeners
from ..fitting.data import Checked
from ..fitting.fit import Fit
from ..fitting.fit_warnings import warn_of_fit
from ..fitting.publishing import Draft
from .spreading import Task, n_workers, shares, spread
from .together import Together
from .trials import Best, Contest, Trial, rank, restart_seeds, score_of


def starts_of(owner: Any) -> Callable[[Draft, Checked, Listeners], None]:
    """Return what fits an estimator from one start or several; it is asked for before the data."""
    return Restarts(owner).run if owner.n_restarts > 1 else run_once


def run_once(draft: Draft, checked: Checked, listeners: Listeners) -> None:
    """Fit from a single start, and give the estimator what came of it; see `Fit.run`."""
    fit = Fit(draft, prepare(draft.estimator, checked), **listeners.of(draft))
    if listeners.advance is not None:
        fit.loop.after_call = Showing([fit.loop], listeners.advance)
    fit.run()
    warn_of_fit(fit)


class Restarts:
    """All fits of one call of `fit`.

    Parameters
    ----------
    owner : estimator
    states : mapping of int to int, RandomState or None
        The `random_state` of each start that is to be run here, by its number; all by default.
    """

    def __init__(self, owner: Any, states: Mapping[int, Any] | None = None) -> None:
        self.owner = owner
        self.seeds = restart_seeds(owner.random_state, int(owner.n_restarts))
        self.states = states_of(owner.random_state, self.seeds) if states is None else states
        self.contest = Contest(len(self.states))
        self.together = Together(owner.n_threads)
        self.warnings: list[tuple[str, Any]] = []  # of the best, if it was fitted afar

    def run(self, draft: Draft, checked: Checked, listeners: Listeners) -> None:
        """Run all fits and publish the best.

        Raises
        ------
        DivergenceError
            If all diverge; the estimator keeps the last finite model of the first.
        TrainingInterrupted
            On Ctrl-C; the estimator keeps the best of those complete, or if there are none, of the
            others.
        """
        here = listeners.look or self.owner.verbose
        workers = 1 if here else n_workers(len(self.states))

        def work() -> None:
            if workers > 1:
                self.run_afar(draft, checked, workers)
                if listeners.advance is not None:
                    listeners.advance(len(self.states) * self.owner.max_iter)
            else:
                self.run_here(draft, checked, listeners)

        finish_whole(self.together.doors, work, self.finish)
        self.warn()

    def run_here(self, draft: Draft, checked: Checked, listeners: Listeners | None) -> None:
        """Run the fits in this process."""
        trials = (Trial(draft, state, k, f"Start {k + 1}: ") for k, state in self.states.items())
        # the first warns of what all have in common
        begins = (partial(begin, one, checked, listeners, warns=one.number == 0) for one in trials)
        advance = None if listeners is None else listeners.advance
        self.together.run(begins, self.contest.take, advance)

    def run_afar(self, draft: Draft, checked: Checked, workers: int) -> None:
        """Let joblib's workers run the fits, and take in what they bring."""
        states = {k: stream_of(state) for k, state in self.states.items()}
        parts = shares(list(states), [1.0] * len(states), workers)
        bare = with_nothing_of_here(draft.estimator)
        tasks = [Task(run_some, bare, checked, {k: states[k] for k in part}) for part in parts]
        for brought in spread(tasks):
            for k, stream in brought.streams.items():
                states[k].set_state(stream.get_state())
            self.bring_home(draft, brought, states)

    def bring_home(self, draft: Draft, brought: Brought, states: Mapping[int, Any]) -> None:
        """Take in what a worker has brought: its best start, scores and errors."""
        k, contest = brought.number, self.contest
        trial = Trial(draft, self.states[k], k)
        there = vars(trial.estimator)
        for name in OF_SOME:
            there.pop(name, None)
        there["_random_state"] = brought.random_state if isinstance(states[k], int) else states[k]
        trial.publish({name: vars(brought.estimator)[name] for name in brought.names})
        before = contest.best
        if k in brought.scores:
            contest.compare(Best(trial, None, brought.scores[k]))
        contest.scores.update(brought.scores)
        contest.errors.update(brought.errors)
        if k in brought.errors:
            contest.pass_over(trial, brought.errors[k])
        if contest.best is not before:
            self.warnings = brought.warnings

    def finish(self, error: BaseException | None) -> tuple[None, BaseException | None]:
        """Publish the best, or what there is; return what is to be raised, if anything."""
        contest = self.contest
        for fit in self.together.ended():
            contest.take(fit)
        if contest.best is not None:
            contest.best.fitted().hand_over(self.attributes())
            return None, self.broken_off(error)
        if error is not None:
            return None, self.keep_incomplete(error)
        assert contest.first_diverged is not None
        contest.first_diverged.hand_over(self.attributes())
        return None, contest.divergence()

    def broken_off(self, error: BaseException | None) -> BaseException | None:
        """Return what is raised where some starts were complete: on Ctrl-C what holds the best."""
        contest = self.contest
        assert contest.best is not None
        if not isinstance(error, KeyboardInterrupt) or contest.best.fit is None:
            return error
        n = len(contest.scores) + len(contest.errors)
        return TrainingInterrupted(
            f"fit was interrupted with {n} of {contest.n} starts complete",
            contest.best.fit.result("interrupt"),
            ".result of this exception and the estimator hold the best of these",
        )

    def keep_incomplete(self, error: BaseException) -> BaseException:
        """Publish the start that stands best, none being complete; return what is raised."""
        fits = [fit for fit in self.together.wave if fit.ended_by == "error"]
        if not fits:
            return error
        trials = [fit.draft for fit in fits if isinstance(fit.draft, Trial)]
        standing = [
            Best(trial, fit, score_of(fit.loop)) for trial, fit in zip(trials, fits, strict=True)
        ]
        trial, fit, _ = max(standing, key=rank)
        assert fit is not None
        _, raised = fit.finish(error)
        if trial.fitted is not None:
            trial.hand_over({**self.attributes(), "best_restart_": trial.number})
        return raised or error

    def attributes(self) -> dict[str, Any]:
        """Return what the estimator keeps of all starts."""
        contest = self.contest
        return {
            "restart_seeds_": self.seeds,
            "restart_scores_": np.array([contest.scores.get(k, np.nan) for k in range(contest.n)]),
            "best_restart_": 0 if contest.best is None else contest.best.trial.number,
        }

    def warn(self) -> None:
        """Say how many have diverged, and what is wrong with where the best has ended."""
        contest = self.contest
        assert contest.best is not None
        if contest.errors:
            first = contest.errors[min(contest.errors)]
            warn_caller(
                f"{len(contest.errors)} of {contest.n} starts have diverged and were passed over, "
                f"the first so: {first.message}",
                ConvergenceWarning,
            )
        if contest.best.fit is not None:
            warn_of_fit(contest.best.fit)
        for message, category in self.warnings:
            warn_caller(message, category)


class Brought(NamedTuple):
    """What a worker brings: of its starts the best, or the first that diverged if all have.

    Attributes
    ----------
    number : int
        Of that start.
    estimator, names
        Who has its attributes, and which these are.
    random_state : RandomState
        Where its random numbers stand.
    scores, errors, streams : dict
        Of all its starts, by number; streams only of those that had no seed.
    warnings : list of tuple
        What there is to say of it.
    """

    number: int
    estimator: Any
    names: list[str]
    random_state: Any
    scores: dict[int, float]
    errors: dict[int, DivergenceError]
    streams: dict[int, Any]
    warnings: list[tuple[str, Any]]


def run_some(estimator: Any, checked: Checked, states: Mapping[int, Any]) -> Brought:
    """Run some starts of a checked estimator, in a worker."""
    restarts = Restarts(estimator, states)
    contest = restarts.contest
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        restarts.run_here(Draft(estimator), checked, None)
        if contest.best is not None and contest.best.fit is not None:
            warn_of_fit(contest.best.fit)
    trial = contest.first_diverged if contest.best is None else contest.best.fitted()
    assert trial is not None and trial.fitted is not None
    fitted = {**trial.changes(), **trial.fitted}
    random_state = fitted.pop("_random_state")
    vars(trial.estimator).update(fitted, random_state=None)
    fitted.pop("random_state", None)
    return Brought(
        trial.number,
        trial.estimator,
        list(fitted),
        random_state,
        contest.scores,
        contest.errors,
        {k: state for k, state in states.items() if not isinstance(state, int)},
        [(str(one.message), one.category) for one in caught],
    )


def begin(trial: Trial, checked: Checked, listeners: Listeners | None, *, warns: bool) -> Fit:
    """Begin the fit of a trial, listened to or not."""
    told: dict[str, Any] = {"callbacks": []} if listeners is None else listeners.of(trial)
    return Fit(trial, prepare(trial.estimator, checked), warns=warns, **told)


def states_of(random_state: Any, seeds: Any) -> dict[int, Any]:
    """Return the `random_state` of every start: the first one's is the estimator's own."""
    return dict(enumerate([random_state, *seeds.tolist()]))


def stream_of(random_state: Any) -> Any:
    """Return an int as it is, and else the stream itself, which a worker can go on with."""
    is_seed = isinstance(random_state, (int, np.integer))
    return int(random_state) if is_seed else check_random_state(random_state)


def with_nothing_of_here(estimator: Any) -> Any:
    """Return an estimator's copy without what its workers do not need, or could not have."""
    bare = estimator.__copy__()
    bare.callbacks, bare.random_state, bare.progress = None, None, False
    return bare
