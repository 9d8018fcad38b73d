"""What the estimators have and scikit-learn's lack: activations, gd, class weights, outputs."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.utils.class_weight import compute_sample_weight

import shallownet_native as sn
from mlp_pairs import (
    KINDS,
    N_X,
    THEIRS_WEIGHS,
    M,
    assert_same_path,
    data,
    every_solver,
    judged_kinds,
    kinds,
    ours,
    pair,
    weights_of,
)
from shallownet_native import reference

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
N_H = 6
EPS = np.finfo(np.float64).eps
HIDDEN = ["identity", "leaky_relu", "logistic", "mish", "relu", "sigmoid", "silu", "tanh"]


def hidden_outputs(model: Any, x: Any) -> Any:
    """Return the hidden activations (m, n_h) in plain NumPy."""
    z = x @ model.coefs_[0] + model.intercepts_[0]
    name = {"logistic": "sigmoid"}.get(model.activation, model.activation)
    return reference.ACTIVATIONS[name][0](z, model.negative_slope)


def logits(model: Any, x: Any) -> Any:
    return hidden_outputs(model, x) @ model.coefs_[1] + model.intercepts_[1]


# activations


def test_estimator_additions_sigmoid_is_another_name() -> None:
    x, y = data("multiclass")
    one, other = (ours("multiclass", activation=name).fit(x, y) for name in ("sigmoid", "logistic"))
    assert np.array_equal(weights_of(one), weights_of(other))
    assert one.activation == "sigmoid" and one.out_activation_ == "softmax"


@every_solver
def test_estimator_additions_leaky_relu_lies_between_relu_and_identity(solver: str) -> None:
    x, y = data("regression")

    def fit(activation: str, **slope: float) -> Any:
        model = ours("regression", activation=activation, solver=solver, max_iter=8, **slope)
        return weights_of(model.fit(x, y))

    relu, identity = fit("relu"), fit("identity")
    assert np.abs(fit("leaky_relu", negative_slope=0.0) - relu).max() <= 1e-9
    assert np.abs(fit("leaky_relu", negative_slope=1.0) - identity).max() <= 1e-9
    default = fit("leaky_relu")
    assert np.array_equal(default, fit("leaky_relu", negative_slope=0.01))
    assert np.abs(default - relu).max() > 1e-6 < np.abs(default - identity).max()


# gd


@judged_kinds(*KINDS)
def test_estimator_additions_gd_is_sgd_on_the_full_batch(kind: str) -> None:
    x, y = data(kind)
    parameters = {"learning_rate_init": 0.05, "alpha": 0.3}
    plain = {"solver": "sgd", "momentum": 0.0, "shuffle": False, "batch_size": M}
    theirs = pair(kind, **parameters, **plain)[1].fit(x, y)
    model = ours(kind, solver="gd", **parameters).fit(x, y)
    assert_same_path(model, theirs)


def test_estimator_additions_gd_is_the_functions_gd() -> None:
    x, y = data("binary")
    bound = np.sqrt(6 / (N_X + N_H)), np.sqrt(6 / (N_H + 1))
    draw = np.random.RandomState(0).uniform
    V1, b1 = draw(-bound[0], bound[0], (N_X, N_H)), draw(-bound[0], bound[0], N_H)
    V2, b2 = draw(-bound[1], bound[1], (N_H, 1)), draw(-bound[1], bound[1], 1)
    start = sn.Parameters(V1.T, b1[:, None], V2.T, b2[:, None])
    result = sn.train(
        start, x.T, (y == 7)[None], hidden="relu", optimizer="gd", n_iterations=20,
        learning_rate=0.3, l2=0.5 / M,
    )  # fmt: skip
    model = ours("binary", solver="gd", learning_rate_init=0.3, alpha=0.5, max_iter=20)
    model.fit(x, y)
    W1, c1, W2, c2 = result.parameters
    for mine, theirs in zip(
        model.coefs_ + model.intercepts_, (W1.T, W2.T, c1.ravel(), c2.ravel()), strict=True
    ):
        np.testing.assert_allclose(mine, theirs, rtol=1e-11, atol=1e-12)
    np.testing.assert_allclose(model.loss_curve_, result.costs, rtol=1e-12)


def test_estimator_additions_gd_draws_no_orders() -> None:
    stream, expected = np.random.RandomState(0), np.random.RandomState(0)
    ours("binary", solver="gd", random_state=stream).fit(*data("binary"))
    expected.uniform(size=N_X * N_H + N_H + N_H + 1)
    assert stream.random_sample() == expected.random_sample()


# class weights


def class_weights() -> Any:
    return pytest.mark.parametrize(
        ("kind", "class_weight"),
        [
            ("binary", "balanced"),
            ("binary", {3: 1.0, 7: 5.0}),
            ("multiclass", "balanced"),
            ("multiclass", {5: 2.0, 6: 0.5, 7: 1.0}),
            ("multilabel", "balanced"),
            ("multilabel", [{0: 1, 1: 3}, {0: 1, 1: 1}, {0: 2, 1: 1}]),
        ],
        ids=str,
    )


@class_weights()
@every_solver
@pytest.mark.parametrize("weighted", [False, True])
def test_estimator_additions_class_weight_multiplies_sample_weight(
    kind: str, class_weight: Any, solver: str, weighted: bool
) -> None:
    x, y = data(kind)
    given = np.random.default_rng(0).choice([1.0, 2.0], size=M) if weighted else None
    product = compute_sample_weight(class_weight, y) * (1 if given is None else given)
    parameters = {
        "solver": solver,
        "max_iter": 5,
    }
    model = ours(kind, class_weight=class_weight, **parameters).fit(x, y, sample_weight=given)
    other = ours(kind, **parameters).fit(x, y, sample_weight=product)
    assert np.array_equal(weights_of(model), weights_of(other))
    assert model.loss_curve_ == other.loss_curve_
    assert np.abs(weights_of(model) - weights_of(ours(kind, **parameters).fit(x, y))).max() > 1e-6
    if THEIRS_WEIGHS and solver in ("adam", "sgd"):
        judge = pair(kind, batch_size="auto", **parameters)[1].fit(x, y, sample_weight=product)
        assert_same_path(model, judge)


def test_estimator_additions_class_weight_finds_the_rare_class() -> None:
    rng = np.random.default_rng(0)
    y = np.repeat([0, 1], [950, 50])
    x = rng.standard_normal((1000, 2)) + 1.2 * y[:, None]
    recall = {}
    for class_weight in (None, "balanced"):
        model = ours("binary", class_weight=class_weight, max_iter=60, learning_rate_init=0.02).fit(
            x, y
        )
        recall[class_weight] = model.predict(x[y == 1]).mean()
    assert recall["balanced"] > recall[None] + 0.3


# outputs


@kinds("binary", "multiclass", "multilabel")
@pytest.mark.parametrize("activation", HIDDEN)
def test_estimator_additions_decision_function_is_the_logit(kind: str, activation: str) -> None:
    x, y = data(kind)
    model = ours(kind, activation=activation, negative_slope=0.2).fit(x, y)
    z = model.decision_function(x)
    assert z.shape == ((M,) if kind == "binary" else (M, 3))
    expected = logits(model, x)
    np.testing.assert_allclose(z, expected.reshape(z.shape), rtol=1e-11, atol=1e-12)
    if kind == "multiclass":
        assert np.array_equal(model.predict(x), model.classes_[z.argmax(axis=1)])
    elif kind == "binary":
        assert np.array_equal(model.predict(x), model.classes_[(z > 0).astype(int)])
    else:
        assert np.array_equal(model.predict(x), z > 0)


@kinds(*KINDS)
@pytest.mark.parametrize("activation", HIDDEN)
def test_estimator_additions_transform_gives_hidden_activations(kind: str, activation: str) -> None:
    x, y = data(kind)
    model = ours(kind, activation=activation, negative_slope=0.2)
    hidden = model.fit_transform(x, y)
    assert hidden.shape == (M, N_H) and hidden.dtype == np.float64
    np.testing.assert_allclose(hidden, hidden_outputs(model, x), rtol=1e-11, atol=1e-12)
    assert np.array_equal(model.transform(x), hidden)
    name = type(model).__name__.lower()
    assert model.get_feature_names_out().tolist() == [f"{name}{k}" for k in range(N_H)]
    single = ours(kind, activation=activation).fit(x.astype(np.float32), y)
    assert single.transform(x.astype(np.float32)).dtype == np.float32


def test_estimator_additions_transform_feeds_the_next_step() -> None:
    pd = pytest.importorskip("pandas")
    x, y = data("multiclass")
    pipeline = make_pipeline(ours("multiclass"), LogisticRegression(max_iter=1000)).fit(x, y)
    hidden = pipeline[0].transform(x)
    assert np.array_equal(pipeline.predict(x), pipeline[1].predict(hidden))
    frame = ours("multiclass").set_output(transform="pandas").fit(x, y).transform(x)
    assert isinstance(frame, pd.DataFrame)
    assert frame.columns[0] == "shallownetclassifier0"
    np.testing.assert_array_equal(frame.to_numpy(), hidden)


def log_probabilities(kind: str, z: Any) -> Any:
    if kind == "multiclass":
        return z - np.logaddexp.reduce(z, axis=1, keepdims=True)
    if kind == "binary":
        return np.stack([-np.logaddexp(0, z), -np.logaddexp(0, -z)], axis=1)
    return -np.logaddexp(0, -z)


@kinds("binary", "multiclass", "multilabel")
def test_estimator_additions_log_probabilities_are_finite(kind: str) -> None:
    x, y = data(kind)
    model = ours(kind).fit(x, y)
    tame = model.predict_log_proba(x)
    np.testing.assert_allclose(tame, np.log(model.predict_proba(x)), rtol=1e-9)
    model.coefs_[1] *= 1e5
    z = model.decision_function(x)
    assert np.abs(z).max() > 1e4  # where a rounded probability is 0 in any floating type
    wild = model.predict_log_proba(x)
    assert wild.shape == tame.shape and np.isfinite(wild).all()
    # that of a probability which rounds to 1 may be 0
    np.testing.assert_allclose(wild, log_probabilities(kind, z), rtol=1e-12, atol=EPS)


@kinds("binary", "multiclass", "multilabel")
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_estimator_additions_loss_is_never_capped(kind: str, dtype: Any) -> None:
    x, y = data(kind)
    x = x.astype(dtype)
    model = ours(kind, warm_start=True, max_iter=1, batch_size=M, alpha=0.0, shuffle=False)
    model.fit(x, y)
    model.coefs_[1] *= -1e4
    z = model.decision_function(x).astype(np.float64)
    logs = log_probabilities(kind, z)
    labels = model._label_binarizer.transform(y)
    if kind == "multilabel":
        losses = -(labels * logs + (1 - labels) * -np.logaddexp(0, z)).sum(axis=1)
    else:
        losses = -logs[np.arange(M), np.searchsorted(model.classes_, y)]
    model.fit(x, y)  # the loss of an epoch is that before its update
    assert losses.mean() > 1000  # scikit-learn's ends at 36 in float64, 16 in float32
    limit = 1e-12 if dtype == np.float64 else 1e-5
    assert model.loss_ == pytest.approx(losses.mean(), rel=limit)


@every_solver
def test_estimator_additions_n_threads_changes_no_bit(solver: str) -> None:
    rng = np.random.default_rng(0)
    x, y = rng.standard_normal((3000, 40)), rng.integers(3, size=3000)
    results = []
    for n_threads in (1, 2, None):
        model = ours("multiclass", n_threads=n_threads, hidden_layer_sizes=(64,), max_iter=2)
        model.set_params(solver=solver).fit(x, y)
        results.append((weights_of(model), model.predict_proba(x), model.transform(x)))
    for other in results[1:]:
        assert all(np.array_equal(a, b) for a, b in zip(results[0], other, strict=True))
