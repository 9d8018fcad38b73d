"""A search: the networks of all points and folds side by side, each scored on the rows left out."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from numbers import Real
from typing import Any, NamedTuple

import numpy as np

from ..._extras.scikit_learn import ClassifierMixin, ConvergenceWarning, _safe_indexing
from ..._messages.caller import warn_caller
from ..._messages.wording import quoted
from ..._native.arrays import Doubles
from ...training import DivergenceError, FirstOrder
from ..fitting.callbacks import Listeners
from ..fitting.fit import Fit
from ..fitting.publishing import Draft
from .folds import Folds
from .orders import Common
from .restarts import begin, states_of, with_nothing_of_here
from .spreading import Task, n_workers, shares, spread
from .together import Together
from .trials import Contest, Trial, restart_seeds

Point = dict[str, Any]
NO_SEED = np.iinfo(np.int32).max


class Place(NamedTuple):
    """One fit of a search: a fold and a point, by their numbers."""

    fold: int
    point: int


class Scored(NamedTuple):
    """How a place has ended: its score, NaN if it diverged or has none, and then the error."""

    score: float
    error: DivergenceError | None
    failure: str = ""  # of the scorer


class Search:
    """All that the fits of a search have in common; workers get a copy of it.

    Parameters
    ----------
    draft : Draft
        Of an estimator with checked data, whose parameters the points change.
    points : sequence of dict
    folds : Folds
    scorer : callable
        Of an estimator, rows and targets, and of weights if there are any.
    X, y, weights
        As `scorer` is to have them, all rows; weights may be None.
    """

    def __init__(
        self,
        draft: Draft,
        points: Sequence[Point],
        folds: Folds,
        scorer: Callable[[Any, Any, Any], Any],
        X: Any,
        y: Any,
        weights: Any,
    ) -> None:
        self.draft = draft
        self.points = points
        self.folds = folds
        self.scorer = scorer
        self.X = X
        self.y = y
        self.weights = weights
        is_default = hasattr(scorer, "_estimator")  # that which asks the estimator itself
        is_accuracy = is_default and isinstance(draft.owner, ClassifierMixin)
        is_plain = type(y) is np.ndarray and y.ndim == 1 and weights is None
        self.counts_hits = is_accuracy and is_plain
        self.places = [Place(k, p) for k in range(len(folds)) for p in range(len(points))]
        self.states = self.draw_states()

    def draw_states(self) -> dict[Place, dict[int, Any]]:
        """Return the `random_state` of every start of every place.

        Each place begins with a copy of the estimator's, as its clone would; if that is None, with
        a seed of its own.
        """
        given, n = self.draft.owner.random_state, int(self.draft.owner.n_restarts)
        if given is None:
            owns = [int(seed) for seed in np.random.randint(NO_SEED, size=len(self.places))]
            all_seeds = [restart_seeds(own, n) for own in owns]
        else:
            owns = [copy.deepcopy(given) for _ in self.places]
            all_seeds = [restart_seeds(given, n)] * len(owns)
        starts = zip(self.places, owns, all_seeds, strict=True)
        return {place: states_of(own, seeds) for place, own, seeds in starts}

    def run(self, listeners: Listeners) -> Doubles:
        """Return the scores (n_points, n_folds), NaN of those that diverged."""
        owner, places = self.draft.owner, self.places
        workers = 1 if listeners.look or owner.verbose else n_workers(len(places))
        if workers > 1:
            done = self.run_afar(workers)
            if listeners.advance is not None:
                listeners.advance(len(places) * owner.n_restarts * owner.max_iter)
        else:
            done = self.run_here(places, listeners)
        scores = np.full((len(self.points), len(self.folds)), np.nan)
        errors, failures = [], []
        for place in places:
            scores[place.point, place.fold], error, failure = done[place]
            if error is not None:
                errors.append(error)
            if failure:
                failures.append(failure)
        self.judge(scores, errors, failures)
        return scores

    def judge(
        self,
        scores: Doubles,
        errors: list[DivergenceError],
        failures: list[str],
    ) -> None:
        """Warn of fits that diverged and of scores that are none, or raise if none is left."""
        if errors and np.isnan(scores).all():
            raise DivergenceError(
                f"all {scores.size} fits of the search have diverged, the first so: "
                f"{errors[0].message}",
                errors[0].result,
                ".result of this exception holds its last finite model",
            )
        if np.isnan(np.average(scores, axis=1)).all():
            raise ValueError(
                "every point of the grid has a fold whose score is NaN, so that none is best: "
                + (f"{len(errors)} fits have diverged; " if errors else "")
                + (f"the first scorer that failed: {failures[0]}; " if failures else "")
                + "give another scoring, or another grid"
            )
        if errors:
            warn_caller(
                f"{len(errors)} of {scores.size} fits of the search have diverged and have the "
                f"score NaN, the first so: {errors[0].message}",
                ConvergenceWarning,
            )
        n = int((~np.isfinite(scores)).sum()) - len(errors)
        if n:
            first = f": scoring failed, at first so: {failures[0]}" if failures else ""
            what = f"{n} of {scores.size} scores of the search are not finite{first}"
            warn_caller(what, UserWarning)

    def run_here(self, places: Sequence[Place], listeners: Listeners | None) -> dict[Place, Scored]:
        """Run the fits of some places in this process."""
        contests: dict[Place, Contest] = {}
        done: dict[Place, Scored] = {}

        def take(fit: Fit) -> None:
            assert isinstance(fit.draft, Candidate)
            place = fit.draft.place
            contest = contests.setdefault(place, Contest(len(self.states[place])))
            contest.take(fit)
            if contest.is_over:
                done[place] = self.score(contests.pop(place), place)

        advance = None if listeners is None else listeners.advance
        begins = self.begins(places, listeners)
        Together(self.draft.owner.n_threads).run(begins, take, advance)
        return done

    def begins(
        self, places: Sequence[Place], listeners: Listeners | None
    ) -> Iterator[Callable[[], Fit]]:
        """Return what begins each fit: fold by fold, as they share data."""
        drafts = [with_point(self.draft, point) for point in self.points]
        fold, common = places[0].fold, Common()
        for place in places:
            if not self.draw_alike(fold, place.fold):
                common = Common()
            fold = place.fold
            for k, state in self.states[place].items():
                trial = Candidate(drafts[place.point], state, k, place)
                yield partial(self.begin, trial, listeners, common)

    def draw_alike(self, one: int, other: int) -> bool:
        """Return whether fits on two folds draw the same: rows held out are drawn by the labels."""
        sizes = [len(self.folds.splits[fold][0]) for fold in (one, other)]
        return one == other or (sizes[0] == sizes[1] and not self.draft.owner.early_stopping)

    def begin(self, trial: Candidate, listeners: Listeners | None, common: Common) -> Fit:
        """Begin the fit of a trial; what there is to warn of, the fit on all rows says.

        `common` is what fits on as many rows draw alike.
        """
        k, seed = trial.place.fold, trial.estimator.random_state
        if isinstance(seed, int):
            trial.estimator.random_state = common.stream(seed)
        try:
            fit = begin(trial, self.folds.checked(k), listeners, warns=False)
        except ValueError as error:
            raise type(error)(f"in {self.folds.named(k)}: {error}") from error
        solver = fit.loop.solver
        draws_alike = self.draft.owner.random_state is not None
        if draws_alike and isinstance(solver, FirstOrder) and solver.orders is not None:
            solver.orders = common.reader((trial.number, solver.shape), solver.orders)
        return fit

    def score(self, contest: Contest, place: Place) -> Scored:
        """Score the best start of a place."""
        if contest.best is None:
            return Scored(np.nan, contest.divergence())
        trial = contest.best.fitted()
        model, rows = trial.estimator, self.folds.splits[place.fold][1]
        assert trial.fitted is not None
        vars(model).update(trial.fitted, random_state=self.draft.owner.random_state)
        if isinstance(self.X, np.ndarray):  # without the names that it came with
            vars(model).pop("feature_names_in_", None)
        X, y = taken(self.X, rows), taken(self.y, rows)
        if self.counts_hits:  # what the scorer does after long checks
            return Scored(float((model.predict(X) == y).mean()), None)
        extra = {} if self.weights is None else {"sample_weight": taken(self.weights, rows)}
        try:
            score = self.scorer(model, X, y, **extra)
        except Exception as error:  # noqa: BLE001  (of the user's; GridSearchCV's way)
            return Scored(np.nan, None, f"{type(error).__name__}: {error}")
        return Scored(number_of(score), None)

    def run_afar(self, workers: int) -> dict[Place, Scored]:
        """Let joblib's workers run the fits."""
        sizes = [point["hidden_layer_sizes"] for point in self.points]
        costs = [1.0 + float(np.sum(sizes[place.point])) for place in self.places]
        bare = copy.copy(self)
        bare.draft = Draft(with_nothing_of_here(self.draft.owner))
        bare.draft.estimator = with_nothing_of_here(self.draft.estimator)
        done: dict[Place, Scored] = {}
        tasks = [Task(bare.run_here, part, None) for part in shares(self.places, costs, workers)]
        for some in spread(tasks):
            done.update(some)
        return done


class Candidate(Trial):
    """A start of one place of a search."""

    def __init__(self, draft: Draft, random_state: Any, number: int, place: Place) -> None:
        start = f", start {number + 1}" if draft.owner.n_restarts > 1 else ""
        label = f"Point {place.point + 1}, fold {place.fold + 1}{start}: "
        super().__init__(draft, random_state, number, label)
        self.place = place


def number_of(score: Any) -> float:
    """Return what a scorer has returned, if that is a number."""
    number = score.item() if np.size(score) == 1 and hasattr(score, "item") else score
    if not isinstance(number, Real):
        raise ValueError(f"scoring must return a number, got {quoted(score)}")
    return float(number)


def taken(values: Any, rows: Any) -> Any:
    """Return some rows of what may be an array, a frame, a matrix or a list."""
    return values[rows] if type(values) is np.ndarray else _safe_indexing(values, rows)


def with_point(draft: Draft, point: Point) -> Draft:
    """Return a draft of the same owner whose estimator has a point's parameters."""
    other = copy.copy(draft)
    other.estimator = copy.copy(draft.estimator)
    vars(other.estimator).update(point)
    return other
