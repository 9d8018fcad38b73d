"""Searches against layouts, weights, scorers and moments that are against them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sklearn.model_selection import GridSearchCV

import shallownet_native as sn
from mlp_pairs import weights_of
from shallownet_native.estimators.ensembles.table import ranks
from shallownet_native.training import TrainingLoop

RNG = np.random.default_rng(11)
X = RNG.standard_normal((90, 3)) * [1.0, 100.0, 0.01] + 5
LABELS = (X[:, 0] * X[:, 2] > 5 * 5).astype(int)
SHORT: dict[str, Any] = {"random_state": 0, "max_iter": 5, "tol": 0.0, "n_iter_no_change": 10}
pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


def search(**parameters: Any) -> Any:
    given: dict[str, Any] = {"hidden_layer_sizes": [2, 4], "alphas": [0.1, 1.0], "cv": 3, **SHORT}
    return sn.ShallowNetClassifierCV(**{**given, **parameters})


def by_scikit_learn(weights: Any, rows: Any) -> Any:
    grid = {"alpha": [0.1, 1.0], "hidden_layer_sizes": [2, 4]}
    one = sn.ShallowNetClassifier(standardize=True, **SHORT)
    return GridSearchCV(one, grid, cv=3).fit(rows, LABELS, sample_weight=weights)


def test_cv_hostile_whole_weights_score_as_in_a_grid_search() -> None:
    weights, rows = RNG.integers(1, 5, len(X)), X.astype(np.float32)
    ours, theirs = search().fit(rows, LABELS, weights), by_scikit_learn(weights, rows)
    for name in ("split0_test_score", "split2_test_score", "mean_test_score"):
        assert np.array_equal(ours.cv_results_[name], theirs.cv_results_[name])
    one_for_all = search().fit(rows, LABELS, sample_weight=2.0)
    assert np.isfinite(one_for_all.best_score_)


def test_cv_hostile_interrupt_before_the_refit_keeps_the_fitted_search(monkeypatch: Any) -> None:
    model = search().fit(X, LABELS)
    before = dict(vars(model))

    def stop(self: TrainingLoop) -> str:
        raise KeyboardInterrupt

    monkeypatch.setattr(TrainingLoop, "run", stop)  # which a search does not use
    with pytest.raises(KeyboardInterrupt):
        model.set_params(alphas=[3.0]).fit(X[:60], LABELS[:60])
    after = vars(model)
    assert all(after[name] is before[name] for name in before if name.endswith("_"))


def test_cv_hostile_solvers_leave_nothing_to_each_other() -> None:
    model = search().fit(X, LABELS)
    model.set_params(solver="lbfgs").fit(X, LABELS)
    on = model.best_estimator_.set_params(solver="adam").partial_fit(X, LABELS)
    alone = search(solver="lbfgs").fit(X, LABELS).best_estimator_
    alone.set_params(solver="adam").partial_fit(X, LABELS)
    assert np.array_equal(weights_of(on), weights_of(alone))


def failing(folds: int) -> Any:
    """Return a scorer that fails on the rows of the first folds of three."""
    places = X[np.arange(folds) * 30, 1]

    def score(model: Any, rows: Any, y: Any) -> float:
        if rows[0, 1] in places and model.alpha == 1.0:
            raise RuntimeError("no such rows")
        return float(model.score(rows, y))

    return score


FOLDS = [(np.delete(np.arange(90), np.s_[a : a + 30]), np.arange(a, a + 30)) for a in (0, 30, 60)]


def test_cv_hostile_scorers_that_fail_are_told_of_once() -> None:
    model = search(cv=FOLDS, scoring=failing(2))
    with pytest.warns(UserWarning, match="4 of 12 scores .*RuntimeError: no such rows") as warned:
        model.fit(X, LABELS)
    assert len([one for one in warned if one.category is UserWarning]) == 1
    assert np.isnan(model.cv_results_["split1_test_score"][2:]).all() and model.alpha_ == 0.1


def test_cv_hostile_scorers_that_always_fail_are_an_error() -> None:
    model = search(cv=FOLDS, alphas=[1.0], scoring=failing(3))
    with pytest.raises(ValueError, match=r"every point .*RuntimeError: no such rows"):
        model.fit(X, LABELS)


def test_cv_hostile_scores_that_are_not_finite_are_told_of() -> None:
    def score(model: Any, rows: Any, y: Any) -> float:
        return -np.inf if model.alpha == 1.0 else float(model.score(rows, y))

    with pytest.warns(UserWarning, match="6 of 12 scores of the search are not finite"):
        model = search(scoring=score).fit(X, LABELS)
    assert model.alpha_ == 0.1


@pytest.mark.parametrize("value", [None, "x", "0.5", {"a": 1}, [0.5], 1j], ids=repr)
def test_cv_hostile_scores_are_numbers(value: Any) -> None:
    with pytest.raises(ValueError, match="scoring must return a number, got"):
        search(scoring=lambda model, rows, y: value).fit(X, LABELS)
    array = search(scoring=lambda model, rows, y: np.array([0.5])).fit(X, LABELS)
    assert array.best_score_ == 0.5


def test_cv_hostile_ranks_are_scikit_learns() -> None:
    means = np.array([1.0, -np.inf, np.nan, 3.0, 2.0])
    assert ranks(means).tolist() == [3, 4, 5, 1, 2]
    assert not hasattr(search().fit(X, LABELS).scorer_._estimator, "coefs_")
