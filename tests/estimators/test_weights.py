"""Weights of examples that no sum can be divided by, and NaN written into a fitted network."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
import pytest
from sklearn import config_context

import shallownet_native as sn
from mlp_pairs import M, data, ours

SUBNORMAL = {np.float32: 1e-42, np.float64: 1e-320}
FITS = ["adam", "gd", "lbfgs", "sgd"]


def problem(dtype: Any) -> tuple[sn.Parameters, Any, Any]:
    X = np.random.default_rng(0).normal(size=(3, 20)).astype(dtype)
    return sn.initialize(3, 4, 1, seed=0, dtype=dtype), X, (X[:1] > 0).astype(float)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("kind", ["too small", "too large", "one too large"])
def test_weights_whose_sum_has_no_quotient_are_refused(dtype: Any, kind: str) -> None:
    info = np.finfo(dtype)
    value = {"too small": SUBNORMAL[dtype], "too large": float(info.max) / 10}.get(kind, 1.0)
    weights = np.full(20, value)
    if kind == "one too large":
        weights[3] = 1e300
    parameters, X, Y = problem(dtype)
    what = "multiply" if kind == "too small" else "divide"
    for call in (sn.cost, sn.gradients, sn.train):
        with pytest.raises(ValueError, match=f"positive, finite sum.*{what} them all") as caught:
            call(parameters, X, Y, example_weights=weights)
        assert type(caught.value) is ValueError
        assert f"in {np.dtype(dtype)} it must be from" in str(caught.value)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("factor", [1e-25, 1e-10, 1e10, 1e25])
def test_weights_within_their_range_give_the_same_gradient(dtype: Any, factor: float) -> None:
    parameters, X, Y = problem(dtype)
    weights = np.random.default_rng(1).uniform(0.5, 2, 20)
    J, right = sn.gradients(parameters, X, Y, example_weights=weights)
    scaled_J, scaled = sn.gradients(parameters, X, Y, example_weights=factor * weights)
    tolerance = 20 * float(np.finfo(dtype).eps)
    assert scaled_J == pytest.approx(J, rel=tolerance)
    for mine, its in zip(right[:4], scaled[:4], strict=True):
        assert mine is not None and its is not None
        assert np.abs(mine - its).max() <= tolerance * np.abs(mine).max()


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_weights_of_a_batch_that_cannot_be_divided_by_count_as_none(dtype: Any) -> None:
    parameters, X, Y = problem(dtype)
    weights, zeros = np.ones(20), np.ones(20)
    weights[10:], zeros[10:] = SUBNORMAL[dtype], 0
    length = {"n_epochs": 3, "batch_size": 5, "shuffle": False}
    result = sn.train(parameters, X, Y, example_weights=weights, **length)
    right = sn.train(parameters, X, Y, example_weights=zeros, **length)
    assert result.parameters == right.parameters and result.n_iterations == 6


@pytest.mark.parametrize("solver", FITS)
@pytest.mark.parametrize("kind", ["binary", "regression"])
def test_weights_of_estimators_are_refused_alike(solver: str, kind: str) -> None:
    x, y = data(kind)
    model = ours(kind, solver=solver, max_iter=2)
    before = copy.deepcopy(vars(model))
    for dtype, value in ((np.float32, 1e300), (np.float64, 1e-320), (np.float64, 1e308)):
        with pytest.raises(ValueError, match="sample_weight must have a positive, finite"):
            model.fit(x.astype(dtype), y, sample_weight=np.full(M, value))
    assert "coefs_" not in vars(model) and before.keys() <= vars(model).keys()


def test_weights_of_classes_are_refused_alike() -> None:
    with pytest.raises(ValueError, match="class_weight must"):
        ours("binary", class_weight={3: 1e-320, 7: 1e-320}).fit(*data("binary"))


# NaN written into a fitted network


@pytest.mark.parametrize("name", ["coefs_", "intercepts_"])
@pytest.mark.parametrize("rows", [1, 2, M])
@pytest.mark.filterwarnings("ignore:Stochastic Optimizer")
def test_weights_that_are_nan_are_refused_for_any_number_of_rows(name: str, rows: int) -> None:
    x, y = data("binary")
    model = ours("binary", max_iter=2).fit(x, y)
    model.predict(x[:1])  # prepares what one row goes by
    getattr(model, name)[0][..., 0] = np.nan
    where = rf"{name}\[0\] must be finite, got nan at"
    for method in ("predict", "predict_proba", "decision_function", "transform"):
        with pytest.raises(ValueError, match=where):
            getattr(model, method)(x[:rows])
        with pytest.raises(ValueError, match=where):
            getattr(model, method)(x[:rows].astype(np.float32))
    with pytest.raises(ValueError, match=where):
        model.partial_fit(x, y)
    with config_context(assume_finite=True):
        assert np.isnan(model.predict_proba(x[:rows])).all()


@pytest.mark.parametrize("rows", [1, 2])
@pytest.mark.filterwarnings("ignore:Stochastic Optimizer")
def test_weights_and_rows_are_not_looked_at_if_assumed_finite(rows: int) -> None:
    x, y = data("binary")
    model = ours("binary", max_iter=2).fit(x, y)
    x = x[:rows].copy()
    x[0, 0] = np.nan
    with pytest.raises(ValueError, match="NaN"):
        model.predict_proba(x)
    with config_context(assume_finite=True):
        assert np.isnan(model.predict_proba(x)[0]).all()
