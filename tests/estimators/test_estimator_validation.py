"""Data held out: X_val and y_val, the curve of its loss, scoring, and the stratified split."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
import pytest
from sklearn import config_context
from sklearn.metrics import (
    get_scorer,
    log_loss,
    make_scorer,
    mean_absolute_error,
    mean_poisson_deviance,
    mean_squared_error,
)
from sklearn.model_selection import train_test_split
from sklearn.pipeline import Pipeline

from mlp_pairs import CLASSIFICATIONS, KINDS, M, data, every_solver, kinds, ours, weights_of

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
EARLY: dict[str, Any] = {"early_stopping": True, "n_iter_no_change": 3, "max_iter": 40}


def loss(kind: str, model: Any, x: Any, y: Any, weights: Any = None) -> float:
    """Return scikit-learn's loss of a fitted model, without penalty, by scikit-learn's metrics."""
    if kind in ("binary", "multiclass"):
        return float(log_loss(y, model.predict_proba(x), sample_weight=weights))
    if kind == "multilabel":
        p = model.predict_proba(x)
        return sum(log_loss(y[:, k], p[:, k], sample_weight=weights) for k in range(3))
    if kind == "poisson":
        return float(mean_poisson_deviance(y, model.predict(x), sample_weight=weights)) / 2
    return float(mean_squared_error(y, model.predict(x), sample_weight=weights)) / 2


class Recorder:
    """A scorer that keeps what it is shown."""

    def __init__(self) -> None:
        self.shown: list[Any] = []

    def __call__(self, estimator: Any, x: Any, y: Any) -> float:
        self.shown.append((x, y))
        return float(estimator.score(x, y))


# X_val, y_val


@kinds(*KINDS)
@every_solver
def test_estimator_validation_curve_is_the_loss_on_the_data_given(kind: str, solver: str) -> None:
    (x, y), (x_val, y_val) = data(kind), data(kind, m=50, seed=1)
    model = ours(kind, solver=solver, alpha=0.5, max_iter=7)
    model.fit(x, y, X_val=x_val, y_val=y_val)
    assert len(model.validation_loss_curve_) == len(model.loss_curve_) == model.n_iter_ == 7
    assert model.validation_loss_curve_[-1] == pytest.approx(loss(kind, model, x_val, y_val))
    alone = ours(kind, solver=solver, alpha=0.5, max_iter=7).fit(x, y)
    assert np.array_equal(weights_of(model), weights_of(alone)), "looking must not change anything"
    assert alone.validation_loss_curve_ is None
    shorter = ours(kind, solver=solver, alpha=0.5, max_iter=3).fit(x, y)
    assert model.validation_loss_curve_[2] == pytest.approx(loss(kind, shorter, x_val, y_val))


@kinds("multiclass", "regression")
@every_solver
def test_estimator_validation_data_given_stop_early(kind: str, solver: str) -> None:
    (x, y), (x_val, y_val) = data(kind), data(kind, m=50, seed=1)
    scorer = Recorder()
    model = ours(kind, solver=solver, scoring=scorer, validation_fraction=0.5, **EARLY)
    model.set_params(max_iter=500, tol=0.02).fit(x, y, X_val=x_val, y_val=y_val)
    assert len(scorer.shown) == len(model.validation_scores_) == model.n_iter_ < 500
    for rows, labels in (scorer.shown[0], scorer.shown[-1]):
        assert np.array_equal(rows, x_val) and np.array_equal(labels, y_val)
    best = int(np.argmax(model.validation_scores_))
    assert (
        model.score(x_val, y_val) == model.best_validation_score_ == max(model.validation_scores_)
    )
    # all of X trained, for as many epochs as the best took
    same = ours(kind, solver=solver, max_iter=best + 1).fit(x, y)
    assert np.array_equal(weights_of(model), weights_of(same))
    assert len(model.validation_loss_curve_) == model.n_iter_ > best


@kinds("binary")
def test_estimator_validation_takes_what_fit_takes(kind: str) -> None:
    pd, sparse = pytest.importorskip("pandas"), pytest.importorskip("scipy.sparse")
    (x, y), (x_val, y_val) = data(kind), data(kind, m=50, seed=1)
    expected = ours(kind).fit(x, y, X_val=x_val, y_val=y_val).validation_loss_curve_
    names = [f"column {k}" for k in range(x.shape[1])]
    frame = pd.DataFrame(x, columns=names)
    for held_out in (x_val.tolist(), sparse.csr_array(x_val), sparse.csc_matrix(x_val)):
        curve = ours(kind).fit(x, y, X_val=held_out, y_val=list(y_val)).validation_loss_curve_
        np.testing.assert_allclose(curve, expected, rtol=1e-12)
    framed = ours(kind).fit(frame, y, X_val=pd.DataFrame(x_val, columns=names), y_val=y_val)
    assert framed.validation_loss_curve_ == expected
    with pytest.raises(ValueError, match="feature names"):
        ours(kind).fit(frame, y, X_val=pd.DataFrame(x_val, columns=names[::-1]), y_val=y_val)
    single = ours(kind).fit(x.astype(np.float32), y, X_val=x_val, y_val=y_val)
    assert single.coefs_[0].dtype == np.float32
    np.testing.assert_allclose(single.validation_loss_curve_, expected, rtol=1e-4)


@kinds(*KINDS)
@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
@pytest.mark.parametrize("scoring", [None, "loss", "own"])
def test_estimator_validation_rows_count_as_they_weigh(
    kind: str, solver: str, scoring: str | None
) -> None:
    """A row of weight 2 is two rows, one of weight 0 is none."""
    (x, y), (x_val, y_val) = data(kind), data(kind, m=50, seed=1)
    weights = np.random.default_rng(0).choice([0, 1, 2], size=50)
    by_name = "accuracy" if kind in CLASSIFICATIONS else "r2"
    options = {"solver": solver, "scoring": by_name if scoring == "own" else scoring, **EARLY}
    model = ours(kind, **options).fit(x, y, X_val=x_val, y_val=y_val, sample_weight_val=weights)
    repeated = np.repeat(np.arange(50), weights)
    other = ours(kind, **options).fit(x, y, X_val=x_val[repeated], y_val=y_val[repeated])
    for name in ("validation_loss_curve_", "validation_scores_"):
        np.testing.assert_allclose(getattr(model, name), getattr(other, name), rtol=1e-9)
    plain = ours(kind, **options).fit(x, y, X_val=x_val, y_val=y_val)
    assert plain.validation_loss_curve_ != model.validation_loss_curve_


def test_estimator_validation_weights_are_checked() -> None:
    (x, y), (x_val, y_val) = data("binary"), data("binary", m=50, seed=1)
    model = ours("binary")
    for options in ({}, {"y_val": y_val}, {"X_val": x_val}):
        with pytest.raises(ValueError, match="X_val"):
            model.fit(x, y, **options, sample_weight_val=np.ones(50))
    wrong = {
        "shape": np.ones(49), "non-zero": np.zeros(50), "[Nn]egative": -np.ones(50),
        "NaN": np.full(50, np.nan),
    }  # fmt: skip
    for words, weights in wrong.items():
        with pytest.raises(ValueError, match=f"^sample_weight_val, of X_val: .*({words})"):
            model.fit(x, y, X_val=x_val, y_val=y_val, sample_weight_val=weights)
    with config_context(enable_metadata_routing=True):
        routed = model.set_fit_request(X_val=True, y_val=True, sample_weight_val=True)
        pipeline = Pipeline([("net", routed)])
        pipeline.fit(x, y, X_val=x_val, y_val=y_val, sample_weight_val=np.arange(50))
    expected = ours("binary").fit(x, y, X_val=x_val, y_val=y_val, sample_weight_val=np.arange(50))
    assert pipeline["net"].validation_loss_curve_ == expected.validation_loss_curve_


def test_estimator_validation_data_given_are_checked() -> None:
    (x, y), (x_val, y_val) = data("binary"), data("binary", m=50, seed=1)
    for given in ({"X_val": x_val}, {"y_val": y_val}):
        with pytest.raises(ValueError, match=r"X_val.*y_val"):
            ours("binary").fit(x, y, **given)
    with pytest.raises(ValueError, match="features"):
        ours("binary").fit(x, y, X_val=x_val[:, :-1], y_val=y_val)
    with pytest.raises(ValueError, match=r"inconsistent numbers of samples|y_val"):
        ours("binary").fit(x, y, X_val=x_val, y_val=y_val[:-1])
    with pytest.raises(ValueError, match="NaN"):
        ours("binary").fit(x, y, X_val=np.full_like(x_val, np.nan), y_val=y_val)
    with pytest.raises(ValueError, match="y_val"):
        ours("binary").fit(x, y, X_val=x_val, y_val=np.full(50, 99))
    with pytest.raises(ValueError, match=r"y_val|shape|output"):
        ours("regression").fit(*data("regression"), X_val=x_val, y_val=np.ones((50, 3)))


# the split


@kinds(*KINDS)
@every_solver
def test_estimator_validation_split_is_scikit_learns(kind: str, solver: str) -> None:
    x, y = data(kind)
    scorer, stream = Recorder(), np.random.RandomState(0)
    model = ours(kind, solver=solver, scoring=scorer, validation_fraction=0.3, **EARLY).fit(x, y)
    ours(kind, random_state=stream, shuffle=False, max_iter=1).fit(x, y)  # draws the weights
    stratify = y if kind == "binary" else None
    _, x_val, _, y_val = train_test_split(
        x, y, test_size=0.3, random_state=stream, stratify=stratify
    )
    rows, targets = scorer.shown[0]
    assert np.array_equal(rows, x_val) and np.array_equal(targets, y_val)
    best = int(np.argmax(model.validation_scores_))
    expected = loss(kind, model, x_val, y_val)
    assert model.validation_loss_curve_[best] == pytest.approx(expected)


def counts(stratify: Any, y: Any) -> Counter[Any]:
    """Return how often each class is held out of 200 rows, a quarter of them."""
    scorer = Recorder()
    model = ours("binary", scoring=scorer, stratify_validation=stratify, **EARLY)
    x = np.random.default_rng(0).standard_normal((len(y), 4))
    model.set_params(validation_fraction=0.25, max_iter=1).fit(x, y)
    return Counter(scorer.shown[0][1].tolist())


def test_estimator_validation_split_is_stratified_when_asked() -> None:
    three, two = np.repeat(["a", "b", "c"], [160, 20, 20]), np.repeat([0, 1], [180, 20])
    assert counts(True, three) == {"a": 40, "b": 5, "c": 5}
    assert counts(None, three) == counts(False, three) != counts(True, three)
    assert counts(None, two) == counts(True, two) == {0: 45, 1: 5}
    assert counts(False, two) != {0: 45, 1: 5}


def test_estimator_validation_split_falls_back_for_a_class_of_one() -> None:
    three, two = np.repeat([0, 1, 2], [100, 99, 1]), np.repeat([0, 1], [199, 1])
    for y in (three, two):
        with pytest.warns(UserWarning, match="stratif"):
            assert sum(counts(True, y).values()) == 50
    with pytest.raises(ValueError, match="least populated class"):
        counts(None, two)  # scikit-learn's rule, and its error
    assert sum(counts(False, two).values()) == 50


def test_estimator_validation_labels_may_be_strings() -> None:
    x, y = data("multiclass")
    names = np.array(["five", "six", "seven"], dtype=object)[y - 5]
    model = ours("multiclass", **EARLY).fit(x, names)
    assert np.isfinite(model.validation_scores_).all()
    number = ours("multiclass", **EARLY).fit(x, np.searchsorted(sorted(set(names)), names))
    assert model.validation_scores_ == number.validation_scores_


# scoring


@pytest.mark.parametrize(
    ("kind", "scoring"),
    [
        ("binary", "roc_auc"),
        ("binary", "neg_log_loss"),
        ("multiclass", "neg_log_loss"),
        ("multiclass", "balanced_accuracy"),
        ("multilabel", "f1_macro"),
        ("regression", "neg_mean_absolute_error"),
        ("multioutput", make_scorer(mean_absolute_error, greater_is_better=False)),
        ("poisson", "neg_mean_poisson_deviance"),
    ],
)
@every_solver
def test_estimator_validation_scores_are_the_scorers(kind: str, scoring: Any, solver: str) -> None:
    (x, y), (x_val, y_val) = data(kind), data(kind, m=60, seed=1)
    model = ours(kind, solver=solver, scoring=scoring, **EARLY)
    model.fit(x, y, X_val=x_val, y_val=y_val)
    score = (get_scorer(scoring) if isinstance(scoring, str) else scoring)(model, x_val, y_val)
    assert model.best_validation_score_ == max(model.validation_scores_)
    assert model.best_validation_score_ == pytest.approx(score, rel=1e-12)
    assert all(type(value) is float for value in model.validation_scores_)


def test_estimator_validation_scoring_decides_when_to_stop() -> None:
    x, y = data("binary", m=M)
    falling = iter(np.linspace(1, 0, 1000))
    model = ours("binary", scoring=lambda *_: next(falling), **EARLY).set_params(max_iter=500)
    model.fit(x, y)
    assert model.n_iter_ == 5  # the first is the best, then one more than n_iter_no_change
    assert model.validation_scores_ == np.linspace(1, 0, 1000)[:5].tolist()
