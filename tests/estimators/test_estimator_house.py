"""The estimators at home in scikit-learn: wrappers, searches, pickles, pandas, metadata routing."""

from __future__ import annotations

import copy
import inspect
import pickle
import subprocess
import sys
from typing import Any

import numpy as np
import pytest
from sklearn import config_context
from sklearn.base import clone, is_classifier, is_regressor
from sklearn.calibration import CalibratedClassifierCV
from sklearn.ensemble import BaggingClassifier, BaggingRegressor, VotingClassifier
from sklearn.feature_selection import SelectFromModel
from sklearn.inspection import permutation_importance
from sklearn.model_selection import GridSearchCV, cross_val_predict, cross_val_score
from sklearn.multiclass import OneVsRestClassifier
from sklearn.multioutput import MultiOutputRegressor
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

import shallownet_native as sn
from mlp_pairs import KINDS, M, data, kinds, neural_network, ours, pair, small, weights_of

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
both = pytest.mark.parametrize("name", ["Classifier", "Regressor"])


# signatures


@both
def test_estimator_house_parameters_begin_with_scikit_learns(name: str) -> None:
    mine, theirs = (
        list(inspect.signature(class_).parameters.values())
        for class_ in (
            getattr(sn, f"ShallowNet{name}"),
            getattr(neural_network, f"MLP{name}"),
        )
    )
    if name == "Regressor" and theirs[0].name != "loss":  # scikit-learn < 1.7
        assert mine.pop(0).name == "loss"
    both = zip(mine, theirs, strict=False)  # theirs end first
    assert all((p.name, p.kind, p.default) == (q.name, q.kind, q.default) for p, q in both)
    added = mine[len(theirs) :]
    assert all(p.kind is p.KEYWORD_ONLY for p in added)
    expected = {"negative_slope", "scoring", "callbacks", "progress", "standardize"}
    expected |= {"n_threads"}
    if name == "Classifier":
        expected |= {"class_weight", "stratify_validation"}
    assert expected <= {p.name for p in added}


@both
def test_estimator_house_has_what_scikit_learns_has(name: str) -> None:
    x, y = small(name)
    for early in (False, True):
        models = [getattr(sn, f"ShallowNet{name}"), getattr(neural_network, f"MLP{name}")]
        mine, theirs = (m(max_iter=3, early_stopping=early).fit(x, y) for m in models)
        public = {n for n in dir(theirs) if not n.startswith("_")}
        assert not public - set(dir(mine))
        private = {"_optimizer", "_random_state", "_no_improvement_count"}
        assert private <= set(vars(mine))
    assert is_classifier(mine) == is_classifier(theirs) == (name == "Classifier")
    assert is_regressor(mine) == is_regressor(theirs)
    ours_tags, tags = mine.__sklearn_tags__(), theirs.__sklearn_tags__()
    assert ours_tags.input_tags == tags.input_tags and ours_tags.target_tags == tags.target_tags
    assert ours_tags.classifier_tags == tags.classifier_tags
    assert ours_tags.regressor_tags == tags.regressor_tags


MISSING = """
import sys
sys.modules["sklearn"] = None  # as if it were not installed
import shallownet_native as sn
from shallownet_native import *
try:
    sn.ShallowNet{name}
except ModuleNotFoundError as error:
    print(error)
"""


@both
def test_estimator_house_names_the_extra_that_is_missing(name: str) -> None:
    run = subprocess.run(
        [sys.executable, "-c", MISSING.format(name=name)], capture_output=True, text=True
    )
    assert run.returncode == 0, run.stderr
    text = "needs scikit-learn, which is not installed: pip install 'shallownet-native[sklearn]'"
    assert text in run.stdout


# wrappers


@both
def test_estimator_house_in_a_pipeline_and_a_grid_search(name: str) -> None:
    x, y = small(name)
    pipeline = make_pipeline(StandardScaler(), getattr(sn, f"ShallowNet{name}")(random_state=0))
    step = f"shallownet{name.lower()}"
    grid = {f"{step}__hidden_layer_sizes": [2, (8,)], f"{step}__activation": ["tanh", "leaky_relu"]}
    pipeline.set_params(**{f"{step}__max_iter": 20})
    scores = []
    for n_jobs in (1, 2):
        search = GridSearchCV(pipeline, grid, cv=2, n_jobs=n_jobs, error_score="raise").fit(x, y)
        scores.append(search.cv_results_["mean_test_score"])
        assert search.best_estimator_.predict(x).shape == y.shape
    assert np.array_equal(*scores) and len(set(scores[0])) > 1


@both
def test_estimator_house_cross_validates_as_scikit_learns(name: str) -> None:
    x, y = small(name)
    kind = "binary" if name == "Classifier" else "regression"
    for evaluate in (cross_val_score, cross_val_predict):
        mine, theirs = (evaluate(model, x, y, cv=3) for model in pair(kind))
        np.testing.assert_allclose(mine, theirs, rtol=1e-9)


def test_estimator_house_is_wrapped_by_classifiers() -> None:
    x, y = data("multiclass")
    model = ours("multiclass", max_iter=30, learning_rate_init=0.05)
    calibrated = CalibratedClassifierCV(model, cv=2).fit(x, y)
    np.testing.assert_allclose(calibrated.predict_proba(x).sum(axis=1), 1)
    bagged = BaggingClassifier(model, n_estimators=3, random_state=0).fit(x, y)
    each = OneVsRestClassifier(model).fit(x, y)
    vote = VotingClassifier([("a", model), ("b", clone(model))], voting="soft").fit(x, y)
    for wrapper in (calibrated, bagged, each, vote):
        assert wrapper.score(x, y) > 0.5  # a third by guessing
    weighted = calibrated.fit(x, y, sample_weight=np.arange(M) + 1.0)
    assert weighted.score(x, y) > 0.5


def test_estimator_house_is_wrapped_by_regressors() -> None:
    x, y = data("multioutput")
    model = ours("multioutput", max_iter=30)
    each = MultiOutputRegressor(model).fit(x, y)
    assert each.predict(x).shape == y.shape
    np.testing.assert_allclose(
        each.predict(x)[:, 1], ours("regression", max_iter=30).fit(x, y[:, 1]).predict(x)
    )
    bagged = BaggingRegressor(model, n_estimators=3, random_state=0).fit(x, y[:, 0])
    assert bagged.predict(x).shape == (M,)


def test_estimator_house_shows_which_features_matter() -> None:
    x, y = data("regression", m=300)
    x = np.column_stack([x, np.random.default_rng(1).standard_normal((300, 3))])
    model = ours("regression", max_iter=100, learning_rate_init=0.01, alpha=1.0).fit(x, y)
    importance = permutation_importance(model, x, y, n_repeats=3, random_state=0)
    assert importance.importances_mean[:4].max() > 5 * importance.importances_mean[4:].max()
    selected = SelectFromModel(
        model, prefit=True, threshold=-np.inf, max_features=4,
        importance_getter=lambda fitted: np.abs(fitted.coefs_[0]).sum(axis=1),
    ).transform(x)  # fmt: skip
    order = np.sort(np.argsort(np.abs(model.coefs_[0]).sum(axis=1))[-4:])
    assert np.array_equal(selected, x[:, order])


# copies


@kinds(*KINDS)
@pytest.mark.parametrize("solver", ["adam", "gd", "sgd"])
@pytest.mark.parametrize("how", ["pickle", "joblib", "deepcopy"])
def test_estimator_house_copies_go_on_exactly(
    kind: str, solver: str, how: str, tmp_path: Any
) -> None:
    x, y = data(kind)
    first = {"binary": [3, 7], "multiclass": [5, 6, 7], "multilabel": [0, 1, 2]}
    classes = {"classes": first[kind]} if kind in first else {}
    model = ours(kind, solver=solver, random_state=np.random.RandomState(0))
    if solver != "gd":
        model.set_params(batch_size=25)
    model.partial_fit(x[:60], y[:60], **classes).partial_fit(x[60:], y[60:])
    if how == "pickle":
        again = pickle.loads(pickle.dumps(model))
    elif how == "deepcopy":
        again = copy.deepcopy(model)
    else:
        joblib = pytest.importorskip("joblib")
        joblib.dump(model, tmp_path / "model.joblib")
        again = joblib.load(tmp_path / "model.joblib")
    assert np.array_equal(model.predict(x), again.predict(x))
    for _ in range(3):
        for each in (model, again):
            each.coefs_[0] *= 0.9  # in place, and it counts
            each.partial_fit(x, y)
    assert np.array_equal(weights_of(model), weights_of(again))
    assert model.loss_curve_ == again.loss_curve_ and model.t_ == again.t_


@both
def test_estimator_house_pickles_are_small(name: str) -> None:
    x, y = small(name)
    kind = "binary" if name == "Classifier" else "regression"
    mine, theirs = (len(pickle.dumps(m.set_params(max_iter=3).fit(x, y))) for m in pair(kind))
    assert mine <= theirs
    big = np.tile(x, (50, 1)), np.tile(y, 50)
    after = len(pickle.dumps(ours(kind, max_iter=3).fit(*big)))
    assert after < mine + 500, "the data, or work arrays as large, are in it"


@both
def test_estimator_house_clones_are_unfitted_and_equal(name: str) -> None:
    x, y = small(name)
    kind = "binary" if name == "Classifier" else "regression"
    changes: dict[str, Any] = {"negative_slope": 0.2, "activation": "leaky_relu", "n_threads": 1}
    changes |= {"scoring": "r2" if kind == "regression" else "roc_auc", "standardize": True}
    model = ours(kind, **changes).fit(x, y)
    twin = clone(model)
    assert twin.get_params() == model.get_params() and not hasattr(twin, "coefs_")
    assert np.array_equal(weights_of(twin.fit(x, y)), weights_of(model))


# pandas and metadata


@both
def test_estimator_house_takes_frames_and_checks_their_names(name: str) -> None:
    pd = pytest.importorskip("pandas")
    x, y = small(name)
    frame = pd.DataFrame(x, columns=["a", "b", "c", "d"])
    labels = np.where(y == 7, "yes", "no") if name == "Classifier" else y
    model = getattr(sn, f"ShallowNet{name}")(max_iter=5).fit(frame, pd.Series(labels))
    assert model.feature_names_in_.tolist() == ["a", "b", "c", "d"]
    assert model.predict(frame).dtype == labels.dtype
    with pytest.raises(ValueError, match="feature names"):
        model.predict(frame[["b", "a", "c", "d"]])
    with pytest.warns(UserWarning, match="does not have valid feature names"):
        model.predict(x)
    with pytest.warns(UserWarning, match="does not have valid feature names"):
        model.predict(x[:1])
    mixed = frame.assign(a=(x[:, 0] * 10).astype(np.int8), b=x[:, 1] > 0)
    assert getattr(sn, f"ShallowNet{name}")(max_iter=5).fit(mixed, labels).coefs_[0].dtype == float


@both
def test_estimator_house_routes_metadata(name: str) -> None:
    x, y = small(name)
    weights = np.random.default_rng(0).choice([0.5, 2.0], size=M)
    kind = "binary" if name == "Classifier" else "regression"
    expected = ours(kind).fit(x, y, sample_weight=weights)
    with config_context(enable_metadata_routing=True):
        model = ours(kind).set_fit_request(sample_weight=True).set_score_request(sample_weight=True)
        pipeline = Pipeline([("model", model)]).fit(x, y, sample_weight=weights)
        assert np.array_equal(weights_of(pipeline["model"]), weights_of(expected))
        score = pipeline.score(x, y, sample_weight=weights)
        assert score == pytest.approx(expected.score(x, y, sample_weight=weights))
        search = GridSearchCV(model, {"alpha": [0.1]}, cv=2, error_score="raise")
        search.fit(x, y, sample_weight=weights)
        assert hasattr(model.set_partial_fit_request(sample_weight=True), "partial_fit")


def test_estimator_house_transforms_validation_data_in_a_pipeline() -> None:
    (x, y), (x_val, y_val) = data("binary"), data("binary", m=40, seed=1)
    scaler = StandardScaler().fit(x)
    expected = ours("binary").fit(
        scaler.transform(x), y, X_val=scaler.transform(x_val), y_val=y_val
    )
    with config_context(enable_metadata_routing=True):
        model = ours("binary").set_fit_request(X_val=True, y_val=True)
        steps = [("scale", StandardScaler()), ("model", model)]
        pipeline = Pipeline(steps, transform_input=["X_val"])
        pipeline.fit(x, y, X_val=x_val, y_val=y_val)
    assert pipeline["model"].validation_loss_curve_ == expected.validation_loss_curve_
