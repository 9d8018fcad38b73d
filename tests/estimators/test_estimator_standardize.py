"""standardize=True: scaling that is learned, folded into the weights, and frozen after that."""

from __future__ import annotations

import pickle
import tracemalloc
from typing import Any

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.preprocessing import StandardScaler

from mlp_pairs import KINDS, M, data, every_solver, kinds, ours
from shallownet_native._native.spread import deviations
from shallownet_native.estimators.fitting.standardization import learn_standardization

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
# Weights are divided by a scale of 1e-3 to 1e4 and come back: some roundings of 1e-16 each, which
# 20 epochs amplify as those of any other difference in rounding.
LIMIT = 1e-8


def wide(kind: str, m: int = M, seed: int = 0) -> tuple[Any, Any]:
    """Return the data with columns of very different scales and means, and one that is constant."""
    x, y = data(kind, m, seed)
    x = x * [1e-3, 1.0, 50.0, 1e4] + [5.0, -3.0, 0.0, 2e4]
    return np.column_stack([x, np.full(m, 7.0)]), y


def outputs(model: Any, x: Any) -> Any:
    return model.predict_proba(x) if hasattr(model, "classes_") else model.predict(x)


def assert_like_scaled(model: Any, other: Any, scaler: Any, x: Any) -> None:
    """Check that a standardizing model is `other`, which has seen scaled data, with the scaler."""
    expected = outputs(other, scaler.transform(x))
    np.testing.assert_allclose(outputs(model, x), expected, rtol=LIMIT, atol=LIMIT)
    np.testing.assert_allclose(model.loss_curve_, other.loss_curve_, rtol=LIMIT)
    scale = scaler.scale_[:, None]
    np.testing.assert_allclose(model.coefs_[0] * scale, other.coefs_[0], rtol=1e-6, atol=LIMIT)
    shift = model.coefs_[0].T @ (np.zeros(x.shape[1]) if scaler.mean_ is None else scaler.mean_)
    np.testing.assert_allclose(
        model.intercepts_[0] + shift, other.intercepts_[0], rtol=1e-6, atol=LIMIT
    )


@kinds(*KINDS)
@every_solver
@pytest.mark.parametrize("hidden", [(6,), ()], ids=str)
def test_estimator_standardize_is_scaling_before(kind: str, solver: str, hidden: Any) -> None:
    x, y = wide(kind)
    parameters = {"solver": solver, "alpha": 0.2, "max_iter": 6, "hidden_layer_sizes": hidden}
    model = ours(kind, standardize=True, **parameters).fit(x, y)
    scaler = StandardScaler().fit(x)
    assert_like_scaled(model, ours(kind, **parameters).fit(scaler.transform(x), y), scaler, x)


@kinds("binary", "multioutput")
@pytest.mark.parametrize("layout", ["csr", "csc"])
def test_estimator_standardize_does_not_centre_sparse_rows(kind: str, layout: str) -> None:
    sparse = pytest.importorskip("scipy.sparse")
    x, y = data(kind)
    x = np.where(np.abs(x) < 0.7, 0, x) * [1e-3, 1.0, 50.0, 1e4]
    x = sparse.csr_array(x).asformat(layout)
    model = ours(kind, standardize=True).fit(x, y)
    scaler = StandardScaler(with_mean=False).fit(x)
    other = ours(kind).fit(scaler.transform(x), y)
    scaler.mean_ = None
    assert_like_scaled(model, other, scaler, x)


@kinds("binary", "regression")
def test_estimator_standardize_is_frozen_after_the_first_fit(kind: str) -> None:
    x, y = wide(kind)
    x_later = 3 * x + 1
    scaler = StandardScaler().fit(x)
    model = ours(kind, standardize=True, warm_start=True).fit(x, y)
    other = ours(kind, warm_start=True).fit(scaler.transform(x), y)
    assert_like_scaled(model, other, scaler, x)
    for _ in range(2):
        model.fit(x_later, y)
        other.fit(scaler.transform(x_later), y)
        assert_like_scaled(model, other, scaler, x_later)
    cold = ours(kind, standardize=True).fit(x_later, y).fit(x, y)
    once = ours(kind, standardize=True).fit(x, y)
    assert np.array_equal(cold.coefs_[0], once.coefs_[0]), "without warm_start a fit starts anew"


@kinds("binary", "regression")
@pytest.mark.parametrize("pickled", [False, True])
def test_estimator_standardize_is_frozen_after_the_first_partial_fit(
    kind: str, pickled: bool
) -> None:
    x, y = wide(kind)
    classes = {"classes": np.unique(y)} if kind == "binary" else {}
    scaler = StandardScaler().fit(x[:50])
    model, other = ours(kind, standardize=True), ours(kind)
    for rows in (slice(0, 50), slice(50, 90), slice(90, M)):
        model.partial_fit(x[rows], y[rows], **classes)
        other.partial_fit(scaler.transform(x[rows]), y[rows], **classes)
        if pickled:
            model = pickle.loads(pickle.dumps(model))
        assert_like_scaled(model, other, scaler, x)


@kinds("multiclass", "regression")
@every_solver
def test_estimator_standardize_validates_in_the_same_units(kind: str, solver: str) -> None:
    (x, y), (x_val, y_val) = wide(kind), wide(kind, m=50, seed=1)
    scaler = StandardScaler().fit(x)
    parameters = {"solver": solver, "early_stopping": True, "n_iter_no_change": 3, "max_iter": 30}
    model = ours(kind, standardize=True, **parameters).fit(x, y, X_val=x_val, y_val=y_val)
    other = ours(kind, **parameters)
    other.fit(scaler.transform(x), y, X_val=scaler.transform(x_val), y_val=y_val)
    assert_like_scaled(model, other, scaler, x)
    for name in ("validation_scores_", "validation_loss_curve_"):
        np.testing.assert_allclose(getattr(model, name), getattr(other, name), rtol=LIMIT)


@kinds("binary", "regression")
def test_estimator_standardize_shows_raw_units_to_callbacks(kind: str) -> None:
    x, y = wide(kind)
    seen: list[Any] = []
    model = ours(kind, standardize=True, callbacks=seen.append).fit(x, y)
    np.testing.assert_allclose(seen[-1].parameters.W1, model.coefs_[0].T, rtol=1e-12)
    np.testing.assert_allclose(seen[-1].parameters.b1.ravel(), model.intercepts_[0], rtol=1e-12)


@kinds("binary", "regression")
def test_estimator_standardize_works_in_float32(kind: str) -> None:
    x, y = wide(kind)
    model = ours(kind, standardize=True).fit(x.astype(np.float32), y)
    assert {a.dtype for a in model.coefs_ + model.intercepts_} == {np.dtype(np.float32)}
    double = ours(kind, standardize=True).fit(x, y)
    # the first column has a mean of 5000 standard deviations: 5000 times float32's 6e-8
    got, expected = outputs(model, x.astype(np.float32)), outputs(double, x)
    np.testing.assert_allclose(got, expected, rtol=0.05, atol=0.05)


def test_estimator_standardize_learns_where_raw_units_do_not() -> None:
    x, y = wide("multiclass", m=400)
    plain, scaled = (
        ours("multiclass", standardize=choice, max_iter=100, learning_rate_init=0.02).fit(x, y)
        for choice in (False, True)
    )
    assert scaled.score(x, y) > plain.score(x, y) + 0.1
    assert clone(scaled).standardize is True


@pytest.mark.parametrize("constant", [36.6, 0.1 + 0.2, 1e9, -2024.01, 1e30])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_estimator_standardize_leaves_constant_columns_alone(constant: float, dtype: Any) -> None:
    """Whatever their value, and although rounding makes their deviation more than 0."""
    x, y = data("binary", m=997)
    column = np.full((997, 1), constant)
    x = np.hstack([x, column]).astype(dtype)
    model = ours("binary", standardize=True).fit(x, y)
    scaled = StandardScaler().fit_transform(x[:, :4])
    scaled = np.column_stack([scaled, np.zeros(997)])  # what scaling should leave of it
    expected = ours("binary").fit(scaled, y).predict_proba(scaled)
    tolerance = 2e-3 if dtype == np.float32 else 1e-6
    np.testing.assert_allclose(model.predict_proba(x), expected, atol=tolerance)
    weighted = learn_standardization(x, np.random.default_rng(0).random(997))
    assert weighted.scale[4] in (1.0, abs(x[0, 4]), weighted.centre[4])


def test_estimator_standardize_leaves_constant_sparse_columns_alone() -> None:
    sparse = pytest.importorskip("scipy.sparse")
    x, y = data("binary")
    x = sparse.csr_array(np.hstack([x, np.full((M, 1), 36.6), np.zeros((M, 1))]))
    model = ours("binary", standardize=True).fit(x, y)
    assert model._standardization.scale[4:].tolist() == [1, 1]


@pytest.mark.parametrize("offset", [1e6, 1e7, -3e7])
def test_estimator_standardize_refuses_what_float32_cannot_fold(offset: float) -> None:
    """Weights and biases of a column whose mean is a million deviations would predict noise."""
    pd = pytest.importorskip("pandas")
    x, y = data("binary", m=400)
    x[:, 2] += offset
    frame = pd.DataFrame(x, columns=list("abcd"))
    model = ours("binary", standardize=True, solver="lbfgs", alpha=0.1)
    for rows, name in ((x, "2"), (frame, "'c'")):
        with pytest.raises(ValueError, match=rf"column {name} by .*Pass X as float64"):
            model.fit(rows.astype(np.float32), y)
    probabilities = model.fit(x, y).predict_proba(x)[np.arange(400), np.searchsorted([3, 7], y)]
    penalty = 0.1 / 800 * sum((W**2).sum() for W in unfolded(model, x))
    assert model.loss_ == pytest.approx(penalty - np.log(probabilities).mean(), rel=1e-6)


def unfolded(model: Any, x: Any) -> list[Any]:
    return [model.coefs_[0] * x.std(axis=0)[:, None], model.coefs_[1]]


@pytest.mark.parametrize("ratio", [1e2, 1e3, 1e4, 1e5])
def test_estimator_standardize_predicts_what_it_trained_in_float32(ratio: float) -> None:
    x, y = data("binary", m=400)
    x = (x + ratio).astype(np.float32)
    model = ours("binary", standardize=True, solver="lbfgs", alpha=0.1).fit(x, y)
    probabilities = model.predict_proba(x)[np.arange(400), np.searchsorted([3, 7], y)]
    penalty = 0.1 / 800 * sum((W**2).sum() for W in unfolded(model, x))
    # of each column's deviation as much is lost as float32 rounds of its mean, 6e-8
    assert model.loss_ == pytest.approx(penalty - np.log(probabilities).mean(), abs=1e-6 * ratio)


@pytest.mark.parametrize("sizes", [(400_000, 5), (3, 200_000)], ids=str)
def test_estimator_standardize_makes_one_copy(sizes: tuple[int, int]) -> None:
    x = np.random.default_rng(0).random(sizes).astype(np.float32)
    tracemalloc.start()
    try:
        scaling = learn_standardization(x, None)
        assert tracemalloc.get_traced_memory()[1] < 2**24, "in blocks"
        tracemalloc.reset_peak()
        scaled = scaling.apply(x, x.dtype)
        assert tracemalloc.get_traced_memory()[1] < x.nbytes + 2**24
    finally:
        tracemalloc.stop()
    np.testing.assert_allclose(scaled, StandardScaler().fit_transform(x.astype(float)), atol=1e-5)
    assert scaled.dtype == np.float32 and scaled.flags.c_contiguous


@pytest.mark.filterwarnings("error")
def test_estimator_standardize_takes_a_variance_below_0_for_rounding() -> None:
    assert deviations([3.3, 3.3], [-1e-16, 4.0], 40).tolist() == [1, 2]
