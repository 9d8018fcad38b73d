"""`ShallowNetClassifierCV` and `ShallowNetRegressorCV` as estimators, and their bad input."""

from __future__ import annotations

import copy
import pickle
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.exceptions import ConvergenceWarning, NotFittedError
from sklearn.metrics import make_scorer, max_error
from sklearn.model_selection import KFold, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import shallownet_native as sn
from campaigns.common import breaking_off
from mlp_pairs import quiet, weights_of

LARGEST = make_scorer(max_error, greater_is_better=False)

RNG = np.random.default_rng(2)
X = RNG.standard_normal((60, 3))
LABELS = np.digitize(X[:, 0], [-0.4, 0.4])
NUMBERS = np.sin(X[:, 0]) + X[:, 1]
USUAL: dict[str, Any] = {
    "alphas": [0.1, 1.0], "cv": 3, "random_state": 0, "solver": "lbfgs", "max_iter": 300,
}  # fmt: skip


def classifier(**parameters: Any) -> Any:
    return sn.ShallowNetClassifierCV(**{"hidden_layer_sizes": [2, 4], **USUAL, **parameters})


def regressor(**parameters: Any) -> Any:
    return sn.ShallowNetRegressorCV(**{"hidden_layer_sizes": [2, 4], **USUAL, **parameters})


def fitted(model: Any) -> Any:
    return model.fit(X, LABELS if isinstance(model, sn.ShallowNetClassifier) else NUMBERS)


both = pytest.mark.parametrize("make", [classifier, regressor])


def same(a: Any, b: Any) -> bool:
    return bool(np.array_equal(weights_of(a), weights_of(b)))


# The fitted estimator


@both
def test_cv_estimators_are_their_best_estimator(make: Any, tmp_path: Path) -> None:
    model = fitted(make())
    best = model.best_estimator_
    assert type(best) is type(model)._alone and same(model, best)
    assert best.get_params().items() >= model.best_params_.items()
    alone = fitted(clone(best))
    assert same(alone, best) and vars(alone).keys() == vars(best).keys()
    assert np.array_equal(model.predict(X), best.predict(X))
    assert np.array_equal(model.transform(X), best.transform(X))
    sn.save(model, tmp_path / "best.snet")
    again = sn.load(tmp_path / "best.snet")
    assert type(again) is type(best) and same(again, best)
    assert again.get_params().items() >= model.best_params_.items()
    pipeline = make_pipeline(StandardScaler(), make()).fit(X, LABELS)
    sn.save(pipeline, tmp_path / "pipeline.snet")
    assert np.array_equal(sn.load(tmp_path / "pipeline.snet").predict(X), pipeline.predict(X))


@both
@pytest.mark.parametrize("duplicate", [lambda m: pickle.loads(pickle.dumps(m)), copy.deepcopy])
def test_cv_estimators_are_copied_whole(make: Any, duplicate: Any) -> None:
    model = fitted(make())
    again = duplicate(model)
    assert same(model, again) and vars(again).keys() == vars(model).keys() - {"_random_state"}
    assert again.cv_results_["params"] == model.cv_results_["params"]
    assert again.best_score_ == model.best_score_ and same(again.best_estimator_, model)


@both
def test_cv_estimators_are_cloned_bare(make: Any) -> None:
    model = fitted(make())
    bare = clone(model)
    assert bare.get_params() == model.get_params() and not hasattr(bare, "best_estimator_")
    assert not hasattr(bare, "coefs_") and not hasattr(model, "partial_fit")
    with pytest.raises(AttributeError, match="has no attribute 'partial_fit'"):
        _ = model.partial_fit
    with pytest.raises(NotFittedError):
        bare.predict(X)
    with pytest.raises(NotFittedError):
        sn.save(bare, "nowhere.snet")
    named = {"warm_start", "checkpoint", "checkpoint_every", "alpha", "alphas", "cv"}
    assert named & model.get_params().keys() == {"alphas", "cv"}


def test_cv_estimators_scale_what_they_learn_from() -> None:
    assert regressor().get_params()["standardize_target"] is None
    far = NUMBERS * 1e4 + 1e5
    plain = regressor().fit(X, NUMBERS)
    assert np.allclose(regressor().fit(X * 1e3, far).best_score_, plain.best_score_, atol=1e-3)
    assert plain.best_estimator_.standardize_target and plain.best_estimator_.standardize
    counts = regressor(loss="poisson").fit(X, np.rint(np.exp(X[:, 0])))
    assert not counts.best_estimator_.standardize_target
    with pytest.raises(ValueError, match="standardize_target=True is for loss='squared_error'"):
        regressor(loss="poisson", standardize_target=True).fit(X, np.rint(np.exp(X[:, 0])))


def test_cv_estimators_can_be_searched_themselves() -> None:
    scores = cross_val_score(classifier(), X, LABELS, cv=3)
    assert scores.shape == (3,) and scores.min() > 0.5


def test_cv_estimators_fit_anew_leave_nothing_of_before() -> None:
    model = regressor(alphas=["evidence"], solver="lm").fit(X, NUMBERS)
    assert model.alpha_.shape == (2,) and model.best_params_["alpha"] == "evidence"
    assert model.best_estimator_.log_evidence_ == model.log_evidence_
    model.set_params(alphas=[0.5], solver="lbfgs").fit(X, NUMBERS)
    assert model.alpha_ == 0.5 and not hasattr(model, "log_evidence_")
    assert not hasattr(model.best_estimator_, "alpha_")


@quiet
def test_cv_estimators_show_callbacks_every_epoch_of_every_fit() -> None:
    epochs: list[int] = []
    model = classifier(
        solver="adam", max_iter=4, callbacks=lambda state: epochs.append(state.epoch)
    )
    fitted(model)
    n_fits = 2 * 2 * 3
    # side by side: the first epoch of all, then the second; at last the fit on all rows
    assert epochs == [*sorted([0, 1, 2, 3] * n_fits), 0, 1, 2, 3]


@quiet
def test_cv_estimators_print_which_fit_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    fitted(classifier(solver="adam", max_iter=1, verbose=True))
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 13 and lines[0].startswith("Point 1, fold 1: Iteration 1, loss = ")
    assert lines[-2].startswith("Point 4, fold 3: Iteration 1") and lines[-1].startswith("Iterat")


def test_cv_estimators_broken_off_in_the_search_stay_as_they_were() -> None:
    model = fitted(classifier())
    before = dict(vars(model))
    model.callbacks = breaking_off(0)
    with pytest.raises(KeyboardInterrupt):
        model.fit(X, LABELS[::-1])
    after = {**vars(model), "callbacks": None}
    assert after.keys() == before.keys() and all(after[k] is before[k] for k in before)


def test_cv_estimators_broken_off_in_the_last_fit_keep_it() -> None:
    epochs: list[int] = []

    def stop(state: Any) -> None:
        epochs.append(state.epoch)
        if epochs.count(0) == 2 and state.epoch == 2:  # of one fold, and of all rows
            raise KeyboardInterrupt

    one = [(np.arange(40), np.arange(40, 60))]
    model = classifier(hidden_layer_sizes=[3], alphas=[0.1], cv=one, callbacks=stop)
    with pytest.raises(sn.TrainingInterrupted, match="after 3 complete epochs") as caught:
        fitted(model)
    assert model.n_iter_ == 3 and model.best_params_ == {"alpha": 0.1, "hidden_layer_sizes": 3}
    assert np.array_equal(caught.value.result.parameters.W1, model.coefs_[0].T)


# Bad input


@pytest.mark.parametrize(
    ("parameters", "text"),
    [
        ({"hidden_layer_sizes": []}, "hidden_layer_sizes must be a list of at least one value"),
        ({"alphas": []}, "alphas must be a list of at least one value"),
        ({"alphas": [0.1, np.nan]}, "alphas must be numbers >= 0, or 'evidence', got nan"),
        ({"alphas": [-1]}, "alphas must be numbers >= 0, or 'evidence', got -1"),
        ({"alphas": [np.inf]}, "alphas must be numbers >= 0, or 'evidence', got inf"),
        ({"alphas": ["much"]}, "alphas must be numbers >= 0, or 'evidence', got 'much'"),
        ({"alphas": [True]}, "alphas must be numbers >= 0, or 'evidence', got True"),
        ({"alphas": [1.0, "evidence"]}, "alpha='evidence' needs solver='lm', got 'lbfgs'"),
        ({"alphas": 0.1}, r"alphas must be a list of what to try, such as \[0.1\], got 0.1"),
        ({"alphas": "0.1"}, "alphas must be a list of what to try"),
        ({"hidden_layer_sizes": 8}, r"hidden_layer_sizes must be a list .*such as \[8\], got 8"),
        ({"hidden_layer_sizes": np.array(3)}, "hidden_layer_sizes must be a list of what to try"),
        ({"hidden_layer_sizes": {4, 8}}, "hidden_layer_sizes must be a list of what to try"),
        ({"hidden_layer_sizes": [(8, 4)]}, "hidden_layer_sizes must be one number"),
        ({"hidden_layer_sizes": [4, 0]}, "hidden_layer_sizes must be > 0"),
        ({"hidden_layer_sizes": [4, 2.5]}, "hidden_layer_sizes must be whole numbers"),
        ({"scoring": "wisdom"}, "'scoring' parameter .* must be a str among|not a valid scoring"),
        ({"cv": 1}, "The 'cv' parameter of ShallowNetClassifierCV must be an int in the range"),
        ({"cv": []}, "cv gives no folds"),
        ({"cv": [1, 2]}, "cv must give pairs of rows to learn from and to score, got 1"),
        ({"cv": [(1, 2, 3)]}, "cv must give pairs of rows to learn from and to score"),
        ({"cv": [([0, 1], [])]}, "fold 1 has no rows to score"),
        ({"cv": [([], [0, 1])]}, "fold 1 of cv has no rows to learn from"),
        ({"cv": [([0, 60], [1])]}, "fold 1 of cv names row 60, and there are 60"),
        ({"cv": [([0.5, 1.5], [1])]}, "fold 1 of cv must give numbers of rows"),
        ({"n_threads": 0}, "The 'n_threads' parameter"),
    ],
)
def test_cv_estimators_refuse_a_grid_or_folds(parameters: dict[str, Any], text: str) -> None:
    model = classifier(**parameters)
    with pytest.raises(ValueError, match=text):
        fitted(model)
    assert not hasattr(model, "coefs_") and not hasattr(model, "cv_results_")


def test_cv_estimators_refuse_folds_without_a_class() -> None:
    labels = np.array(["one"] * 30 + ["two"] * 30)
    text = "fold 1 of 2 has no row of class 'one' to learn from: give a cv that leaves some"
    with pytest.raises(ValueError, match=text):
        classifier(cv=KFold(2)).fit(X, labels)
    with pytest.raises(ValueError, match="fold 1 of 3 has no row of class 0 to learn from"):
        classifier(cv=KFold(3)).fit(X, np.repeat([0, 1, 2], 20))
    several = np.c_[labels == "one", X[:, 0] > 0].astype(int)
    classifier(cv=KFold(2)).fit(X, several)  # where all or none is an answer


def test_cv_estimators_refuse_folds_without_weight() -> None:
    weights = (np.arange(60) >= 20).astype(float)
    for rows, purpose in (((0, 20), "learns from"), ((20, 0), "is scored on")):
        sides = [np.arange(start, start + 20) for start in rows]
        with pytest.raises(ValueError, match=f"all rows that fold 1 of 1 {purpose}: leave out"):
            regressor(cv=[sides]).fit(X, NUMBERS, sample_weight=weights)


def test_cv_estimators_say_in_which_fold() -> None:
    wide = np.array(X)
    wide[:40, 1] = 1e14
    wide[0, 1] = 1e14 + 8  # of the rows that the second fold learns from
    splits = [(np.arange(30, 60), np.arange(30)), (np.arange(40), np.arange(40, 60))]
    with pytest.raises(ValueError, match="in fold 2 of 2: standardize=True cannot fold"):
        regressor(cv=splits).fit(wide, NUMBERS)


def test_cv_estimators_warn_of_a_scoring_without_weights() -> None:
    with pytest.warns(
        UserWarning, match=r"scoring=make_scorer\(max_error.* takes no sample_weight"
    ):
        regressor(scoring=LARGEST).fit(X, NUMBERS, sample_weight=np.ones(60))
    early = {"early_stopping": True, "validation_scoring": LARGEST}
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        regressor(**early).fit(X, NUMBERS, sample_weight=np.ones(60))


STEEP: dict[str, Any] = {"solver": "gd", "learning_rate_init": 1.0, "activation": "identity"}


def test_cv_estimators_pass_over_points_that_diverge() -> None:
    numbers = 1e3 * NUMBERS
    steep = {**STEEP, "standardize_target": False, "max_iter": 50, "tol": 0.0}
    with pytest.warns(ConvergenceWarning) as caught:
        model = regressor(**steep, hidden_layer_sizes=[(), 4], alphas=[1.0]).fit(X, numbers)
    assert "3 of 6 fits of the search have diverged and have the score NaN" in str(
        caught[0].message
    )
    scores = model.cv_results_["mean_test_score"]
    assert np.isnan(scores).tolist() == [False, True] and model.best_index_ == 0
    assert model.cv_results_["rank_test_score"].tolist() == [1, 2]


def test_cv_estimators_raise_if_all_diverge() -> None:
    model = regressor(**{**STEEP, "learning_rate_init": 1e300})
    with pytest.raises(sn.DivergenceError, match="all 12 fits of the search have diverged, the "):
        fitted(model)
    assert not hasattr(model, "coefs_")


def test_cv_estimators_raise_if_no_score_is_left() -> None:
    with pytest.raises(ValueError, match="every point of the grid has a fold whose score is NaN"):
        fitted(regressor(scoring=lambda *_: np.nan))
