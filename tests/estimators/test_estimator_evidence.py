"""alpha="evidence": what a fit leaves, moderated probabilities, and deviations of predictions."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import sparse
from scipy.special import expit
from scipy.special import softmax as scipy_softmax
from sklearn.base import clone
from sklearn.exceptions import ConvergenceWarning

import shallownet_native as sn
from shallownet_native.estimators.evidence import moderate_classes
from shallownet_native.estimators.solvers.posterior import fold_covariance
from shallownet_native.files import ModelFormatError

BY_EVIDENCE: dict[str, Any] = {
    "activation": "tanh", "solver": "lm", "alpha": "evidence", "random_state": 0,
}  # fmt: skip


def numbers(m: int = 80) -> tuple[Any, Any]:
    rng = np.random.default_rng(0)
    X = rng.standard_normal((m, 3)) * [1, 10, 0.1] + [0, 5, 1]
    return X, np.sin(X[:, 0]) + 0.1 * X[:, 1] + 0.2 * rng.standard_normal(m)


def classes(n: int, m: int = 90) -> tuple[Any, Any]:
    rng = np.random.default_rng(1)
    X = rng.standard_normal((m, 2))
    return X, np.digitize(X[:, 0] + X[:, 1] ** 2 + 0.3 * rng.standard_normal(m), np.arange(1, n))


def regressor(**options: Any) -> Any:
    return sn.ShallowNetRegressor(**{"hidden_layer_sizes": 3, **BY_EVIDENCE, **options})


def classifier(**options: Any) -> Any:
    return sn.ShallowNetClassifier(**{"hidden_layer_sizes": 3, **BY_EVIDENCE, **options})


def test_estimator_evidence_deviations_of_a_linear_layer_are_exact() -> None:
    X, y = numbers()
    model = regressor(hidden_layer_sizes=()).fit(X, y)
    prediction, std = model.predict(X[:5] + 3, return_std=True)
    inputs = np.column_stack([X, np.ones(len(X))])
    alphas = np.array([model.alpha_[1] / model.noise_variance_[0]] * 3 + [0.01 / (y**2).mean()])
    A = inputs.T @ inputs / model.noise_variance_[0] + np.diag(alphas)
    rows = np.column_stack([X[:5] + 3, np.ones(5)])
    expected = np.einsum("ij,jk,ik->i", rows, np.linalg.inv(A), rows) + model.noise_variance_[0]
    assert std == pytest.approx(np.sqrt(expected), rel=1e-8)
    assert np.array_equal(prediction, model.predict(X[:5] + 3))


def test_estimator_evidence_folds_scalings_into_the_covariance() -> None:
    X, y = numbers()
    folded = regressor(standardize=True, standardize_target=True).fit(X, y)
    centre, scale = X.mean(axis=0), X.std(axis=0)
    by_hand = regressor().fit((X - centre) / scale, (y - y.mean()) / y.std())
    prediction, std = folded.predict(X + 1, return_std=True)
    scaled, scaled_std = by_hand.predict((X + 1 - centre) / scale, return_std=True)
    # the two minimise the same but for rounding in the scaled data
    assert prediction == pytest.approx(scaled * y.std() + y.mean(), rel=1e-3)
    assert std == pytest.approx(scaled_std * y.std(), rel=1e-3)
    assert folded.noise_variance_ == pytest.approx(by_hand.noise_variance_ * y.var(), rel=1e-3)


def test_estimator_evidence_deviations_cover_new_targets() -> None:
    X, y = numbers(400)
    model = regressor(hidden_layer_sizes=5, standardize=True, standardize_target=True)
    prediction, std = model.fit(X[:200], y[:200]).predict(X[200:], return_std=True)
    z = (y[200:] - prediction) / std
    assert 0.85 < z.std() < 1.15  # of 200: 0.05 beside 1
    _, far = model.predict(X[:1] + np.array([20, 0, 0]), return_std=True)
    assert far[0] > 2 * std.max()


def test_estimator_evidence_deviations_of_several_outputs_and_of_counts() -> None:
    X, y = numbers()
    several = regressor().fit(X, np.column_stack([y, -2 * y]))
    prediction, std = several.predict(X, return_std=True)
    assert prediction.shape == std.shape == (80, 2)
    counts = regressor(loss="poisson").fit(X, np.random.default_rng(0).poisson(np.exp(y / 2)))
    prediction, std = counts.predict(X, return_std=True)
    assert (std > np.sqrt(prediction)).all()  # a Poisson variable's, and more
    assert not hasattr(counts, "noise_variance_")


@pytest.mark.parametrize("n", [2, 3])
def test_estimator_evidence_moderated_is_the_mean_over_networks(n: int) -> None:
    X, y = classes(n)
    model = classifier().fit(X, y)
    rows = np.random.default_rng(2).standard_normal((20, 2)) * 2
    got = model.predict_proba(rows, moderated=True)
    assert got.sum(axis=1) == pytest.approx(1)
    J = sn.jacobian(parameters_of(model), rows.T, of="logits")
    Z2 = model.decision_function(rows).reshape(20, -1)
    spread = J @ model.covariance_ @ np.swapaxes(J, 1, 2)
    draws = [
        np.random.default_rng(i).multivariate_normal(z, C, size=4000)
        for i, (z, C) in enumerate(zip(Z2, spread, strict=True))
    ]
    if n == 2:
        mean = np.array([expit(drawn).mean() for drawn in draws])
        expected = np.column_stack([1 - mean, mean])
    else:
        expected = np.array([scipy_softmax(drawn, axis=1).mean(axis=0) for drawn in draws])
    plain = model.predict_proba(rows)
    # MacKay's formula is within 0.02 for two classes; that for more is coarser
    assert np.abs(got - expected).max() < (0.03 if n == 2 else 0.1)
    assert np.abs(got - expected).mean() < np.abs(plain - expected).mean() / 2


def parameters_of(model: Any) -> sn.Parameters:
    """Return the network of an estimator with a hidden layer."""
    (W1, W2), (b1, b2) = model.coefs_, model.intercepts_
    out = {"logistic": "sigmoid"}.get(model.out_activation_, model.out_activation_)
    return sn.Parameters(W1.T, b1[:, None], W2.T, b2[:, None], hidden="tanh", output=out)


def test_estimator_evidence_moderates_two_classes_alike_with_one_logit_or_two() -> None:
    # the logits (z, 0) of softmax have the difference z of sigmoid
    z, v = 3.0, 4.0
    spread = np.array([[[v + 1, 1], [1, 1.0]]])  # a shift of both, of variance 1, does not count
    two = moderate_classes(np.array([[z, 0.0]]), spread)
    assert two[0, 0] - two[0, 1] == pytest.approx(z / np.sqrt(1 + np.pi / 8 * v))


def test_estimator_evidence_leaves_what_it_has_found() -> None:
    X, y = classes(2)
    model = classifier().fit(X, y)
    assert model.alpha_.shape == (2,) and (model.alpha_ > 0).all()
    p = 3 * 3 + 4
    assert 0 < model.n_effective_parameters_ < p
    assert model.covariance_.shape == (p, p)
    assert np.array_equal(model.covariance_, model.covariance_.T)
    assert (np.linalg.eigvalsh(model.covariance_) > 0).all()
    same = sn.train(
        start_of(X, y), X.T, y[None].astype(float), optimizer="lm", l2="evidence", n_iterations=200,
        tol=1e-4,
    )  # fmt: skip
    assert model.log_evidence_ == pytest.approx(same.log_evidence, rel=1e-9)
    assert model.alpha_ / len(X) == pytest.approx(same.l2, rel=1e-6)


def start_of(X: Any, y: Any) -> sn.Parameters:
    """Return the network that a classifier of BY_EVIDENCE draws."""
    options = {**BY_EVIDENCE, "solver": "gd", "alpha": 0.0}
    drawn = sn.ShallowNetClassifier(3, **options, learning_rate_init=1e-300, max_iter=1)
    with pytest.warns(ConvergenceWarning, match="Maximum iterations"):
        return parameters_of(drawn.fit(X, y))


def test_estimator_evidence_is_gone_after_another_fit() -> None:
    X, y = numbers()
    model = regressor().fit(X, y)
    model.set_params(alpha=1.0).fit(X, y)
    for name in ("alpha_", "log_evidence_", "n_effective_parameters_", "covariance_"):
        assert not hasattr(model, name)
    assert not hasattr(model, "noise_variance_")
    with pytest.raises(ValueError, match=r"return_std=True .* alpha='evidence'"):
        model.predict(X, return_std=True)


def test_estimator_evidence_is_asked_for_by_name() -> None:
    X, y = classes(2)
    with pytest.raises(ValueError, match=r"moderated=True .* alpha='evidence'"):
        classifier(alpha=1.0).fit(X, y).predict_proba(X, moderated=True)


def test_estimator_evidence_takes_sparse_and_float32_rows() -> None:
    X, y = classes(2)
    model = classifier().fit(X, y)
    dense = model.predict_proba(X, moderated=True)
    assert model.predict_proba(sparse.csr_array(X), moderated=True) == pytest.approx(dense)
    single = classifier().fit(X.astype(np.float32), y)
    got = single.predict_proba(X.astype(np.float32), moderated=True)
    assert got.dtype == np.float32
    assert got == pytest.approx(dense, abs=1e-3)


def test_estimator_evidence_goes_through_files_and_pickles(path: Path) -> None:
    X, y = numbers()
    model = regressor().fit(X, y)
    sn.save(model, path)
    for other in (sn.load(path), pickle.loads(pickle.dumps(model))):
        for mine, its in zip(
            model.predict(X, return_std=True), other.predict(X, return_std=True), strict=True
        ):
            assert np.array_equal(mine, its)
    assert not hasattr(clone(model), "covariance_")


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("covariance_", np.eye(15), "must be"),
        ("covariance_", np.full((16, 16), np.nan), "not the covariance"),
        ("covariance_", np.triu(np.ones((16, 16))), "not the covariance"),
        ("covariance_", -np.eye(16), "not the covariance"),
        ("noise_variance_", np.ones(2), "1 positive"),
        ("noise_variance_", np.array([-1.0]), "1 positive"),
    ],
)
def test_estimator_evidence_of_forged_files_is_refused(name: str, value: Any, message: str) -> None:
    X, y = numbers()
    model = regressor().fit(X, y)
    record = model.to_record()
    record.arrays[name] = value
    with pytest.raises(ModelFormatError, match=message):
        type(model).from_record(record)


def test_estimator_evidence_covariance_without_a_hidden_layer_folds(make_problem: Any) -> None:
    rng = np.random.default_rng(0)
    A = rng.standard_normal((3, 5))

    class Scaling:
        centre, scale = np.array([1.0, -2.0]), np.array([2.0, 4.0])

    # W' = W / scale, b' = b - W' centre
    T = np.diag([0.5, 0.25, 1.0])
    T[2, :2] = -np.array([1.0, -2.0]) / [2.0, 4.0]
    found = fold_covariance(A @ A.T, (2, 0, 1), Scaling, None)
    assert found == pytest.approx(T @ A @ A.T @ T.T, rel=1e-13)
