"""standardize_target=True: targets scaled for the training, folded into the last layer, frozen."""

from __future__ import annotations

import copy
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.preprocessing import StandardScaler

import shallownet_native as sn
from mlp_pairs import M, data, every_solver, kinds, ours
from test_estimator_files import assert_same

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
LIMIT = 1e-8  # folding and back: roundings of 1e-16 each, which 20 epochs amplify
NUMBERS = kinds("regression", "multioutput")


def priced(kind: str, m: int = M, seed: int = 0) -> tuple[Any, Any]:
    """Return rows and targets in hundreds of thousands, several of different sizes."""
    x, y = data(kind, m, seed)
    return (x, 2e5 + 3e4 * y) if y.ndim == 1 else (x, [2e5, 3.0, 0.0] + y * [3e4, 1e-3, 7.0])


def scaled(scaler: Any, y: Any) -> Any:
    return scaler.transform(y.reshape(len(y), -1)).reshape(y.shape)


def assert_like_scaled(model: Any, other: Any, scaler: Any, x: Any) -> None:
    """Check that a model of raw targets is `other`, which has seen scaled ones, with the scaler."""
    z = other.predict(x).reshape(len(x), -1)
    expected = scaler.inverse_transform(z).reshape(model.predict(x).shape)
    np.testing.assert_allclose(model.predict(x), expected, rtol=LIMIT)
    np.testing.assert_allclose(model.loss_curve_, other.loss_curve_, rtol=LIMIT)
    W, b = model.coefs_[-1], model.intercepts_[-1]
    rows = x
    if len(model.coefs_) == 2:
        rows = np.maximum(0, x @ model.coefs_[0] + model.intercepts_[0])
    np.testing.assert_allclose((rows @ W + b).reshape(expected.shape), expected, rtol=LIMIT)


def both(kind: str, weights: Any = None, **options: Any) -> tuple[Any, Any, Any, Any]:
    """Return a model of raw targets, one of scaled targets, the scaler and the rows."""
    x, y = priced(kind)
    scaler = StandardScaler().fit(y.reshape(M, -1), sample_weight=weights)
    model = ours(kind, standardize_target=True, **options).fit(x, y, weights)
    return model, ours(kind, **options).fit(x, scaled(scaler, y), weights), scaler, x


@NUMBERS
@every_solver
@pytest.mark.parametrize("hidden", [(6,), ()], ids=str)
def test_estimator_standardize_target_is_scaling_before(
    kind: str, solver: str, hidden: Any
) -> None:
    options = {"solver": solver, "hidden_layer_sizes": hidden, "alpha": 0.2, "max_iter": 6}
    assert_like_scaled(*both(kind, **options))


@NUMBERS
def test_estimator_standardize_target_weighs_as_the_weights_do(kind: str) -> None:
    assert_like_scaled(*both(kind, np.random.default_rng(0).choice([0.5, 3.0], size=M)))


@NUMBERS
@every_solver
def test_estimator_standardize_target_validates_in_the_same_units(kind: str, solver: str) -> None:
    (x, y), (x_val, y_val) = priced(kind), priced(kind, m=50, seed=1)
    scaler = StandardScaler().fit(y.reshape(M, -1))
    options = {"solver": solver, "early_stopping": True, "n_iter_no_change": 3, "max_iter": 30}
    model = ours(kind, standardize_target=True, **options).fit(x, y, X_val=x_val, y_val=y_val)
    other = ours(kind, **options)
    other.fit(x, scaled(scaler, y), X_val=x_val, y_val=scaled(scaler, y_val))
    assert_like_scaled(model, other, scaler, x)
    for name in ("validation_scores_", "validation_loss_curve_"):
        np.testing.assert_allclose(getattr(model, name), getattr(other, name), rtol=LIMIT)
    own = ours(kind, standardize_target=True, scoring="r2", **options)
    own.fit(x, y, X_val=x_val, y_val=y_val)
    np.testing.assert_allclose(own.validation_scores_, model.validation_scores_, rtol=LIMIT)


def test_estimator_standardize_target_learns_prices() -> None:
    """The case of a target in hundreds of thousands, which early stopping gave up at once."""
    rng = np.random.default_rng(0)
    x = rng.uniform(0, 10, (300, 3))
    y = 200_000 + 30_000 * x[:, 0] - 12_000 * x[:, 1]
    options: dict[str, Any] = {"standardize": True, "early_stopping": True, "random_state": 0}
    model = sn.ShallowNetRegressor(standardize_target=True, max_iter=2000, **options)
    assert model.fit(x[:220], y[:220], X_val=x[220:], y_val=y[220:]).score(x, y) > 0.99
    assert model.fit(x, y).score(x, y) > 0.99


@NUMBERS
def test_estimator_standardize_target_is_frozen_after_the_first_fit(
    kind: str, tmp_path: Path
) -> None:
    x, y = priced(kind)
    scaler = StandardScaler().fit(y.reshape(M, -1))
    later = 3 * y + 1
    for method in ("fit", "partial_fit"):
        options = {"warm_start": method == "fit", "standardize": True}
        model = ours(kind, standardize_target=True, **options)
        other = ours(kind, **options)
        for targets in (y, later, later):
            getattr(model, method)(x, targets)
            getattr(other, method)(x, scaled(scaler, targets))
            raw = copy.copy(other)
            np.testing.assert_allclose(
                model.predict(x).reshape(M, -1),
                scaler.inverse_transform(raw.predict(x).reshape(M, -1)), rtol=LIMIT,
            )  # fmt: skip
            sn.save(model, tmp_path / "model.snet")
            for again in (pickle.loads(pickle.dumps(model)), sn.load(tmp_path / "model.snet")):
                assert_same(again, model)
            model = again


@NUMBERS
def test_estimator_standardize_target_shows_raw_units_to_callbacks(kind: str) -> None:
    x, y = priced(kind)
    seen: list[Any] = []
    model = ours(kind, standardize_target=True, callbacks=seen.append).fit(x, y)
    assert np.array_equal(seen[-1].parameters.W2.T, model.coefs_[1])
    assert np.array_equal(seen[-1].parameters.b2[:, 0], model.intercepts_[1])


def test_estimator_standardize_target_takes_sparse_rows_and_integers() -> None:
    sparse = pytest.importorskip("scipy.sparse")
    x, y = priced("regression")
    y = y.astype(int)
    dense = ours("regression", standardize_target=True).fit(x, y)
    model = ours("regression", standardize_target=True).fit(sparse.csr_array(x), y)
    np.testing.assert_allclose(model.predict(x), dense.predict(x), rtol=1e-9)


def test_estimator_standardize_target_takes_few_integers_as_the_numbers_they_are() -> None:
    x, y = data("regression")
    few = np.digitize(y, [-0.5, 0.5])  # scaled, these lie between whole numbers
    one, other = (
        ours("regression", standardize_target=True).fit(x, target)
        for target in (few, few.astype(np.float64))
    )
    assert np.array_equal(one.coefs_[0], other.coefs_[0])


def test_estimator_standardize_target_in_float32() -> None:
    x, y = priced("multioutput")
    model = ours("multioutput", standardize_target=True).fit(x.astype(np.float32), y)
    assert {a.dtype for a in model.coefs_ + model.intercepts_} == {np.dtype(np.float32)}
    double = ours("multioutput", standardize_target=True).fit(x, y)
    # a mean of 3000 deviations (the second output's): so many times float32's 6e-8
    error = np.abs(model.predict(x.astype(np.float32)) - double.predict(x)) / y.std(axis=0)
    assert error.max() < 2e-3
    y[:, 2] += 1e8
    with pytest.raises(ValueError, match=r"of y into float32.*column 2 by .*X as float64"):
        model.fit(x.astype(np.float32), y)


def test_estimator_standardize_target_of_a_constant_is_that_constant() -> None:
    x, _ = data("regression")
    for constant in (36.6, 0.0, 1e9):
        model = ours("regression", standardize_target=True, max_iter=5)
        got = model.fit(x, np.full(M, constant)).predict(x)
        assert np.abs(got - constant).max() < 10, "the network's own output, at scale 1"


def test_estimator_standardize_target_is_not_for_counts() -> None:
    x, y = data("poisson")
    for method in ("fit", "partial_fit"):
        with pytest.raises(ValueError, match="standardize_target=True is for loss='squared_error'"):
            getattr(ours("poisson", standardize_target=True), method)(x, y)
    with pytest.raises(ValueError, match="standardize_target"):
        ours("regression", standardize_target="yes").fit(x, y)
    with pytest.raises(ValueError, match="standardize_target=True cannot scale column 0 of y"):
        ours("regression", standardize_target=True).fit(x, y * 1e200)
