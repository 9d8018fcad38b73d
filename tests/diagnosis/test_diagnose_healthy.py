"""Healthy runs get one sentence and no finding, whatever solver and whatever kind of model."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import shallownet_native as sn

pytest.importorskip("sklearn")
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

SOLVERS: dict[str, dict[str, Any]] = {
    "gd": {"learning_rate": 1.2, "n_iterations": 3000},
    "sgd": {"learning_rate": 0.1, "n_epochs": 300, "batch_size": 32, "seed": 0},
    "adam": {"learning_rate": 0.02, "n_iterations": 1500},
    "adamw": {"learning_rate": 0.02, "n_epochs": 200, "batch_size": 50, "seed": 0},
    "lbfgs": {"n_iterations": 500},
    "lm": {"n_iterations": 200},
}


def assert_healthy(report: sn.Diagnosis) -> None:
    assert report.findings == (), report.text
    assert str(report) == report.text
    assert "\n" not in report.text
    assert report.text.endswith(".")
    assert report.text.count(". ") == 0


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("name", ["flower", "noisy_moons"])
@pytest.mark.parametrize("optimizer", SOLVERS)
def test_diagnose_finds_nothing_in_healthy_trainings(optimizer: str, name: str, seed: int) -> None:
    X, Y = getattr(sn.datasets, name)(seed=0) if name != "flower" else sn.datasets.flower()
    start = sn.initialize(2, 5, 1, scheme="glorot_normal", seed=seed)
    result = sn.train(start, X, Y, optimizer=optimizer, **SOLVERS[optimizer])
    assert_healthy(sn.diagnose(result, X, Y))
    assert_healthy(sn.diagnose(result, X))
    assert_healthy(sn.diagnose(result.parameters, X, Y))


@pytest.mark.parametrize("n_iterations", [2000, 5000, 10_000])
def test_diagnose_finds_nothing_at_the_edge_of_stability(n_iterations: int) -> None:
    X, Y = sn.datasets.flower()
    start = sn.initialize(2, 4, 1, seed=0)
    for rate in (1.2, 2.5):
        result = sn.train(start, X, Y, learning_rate=rate, n_iterations=n_iterations)
        assert_healthy(sn.diagnose(result, X, Y))


@pytest.mark.parametrize("activation", ["relu", "tanh", "logistic"])
@pytest.mark.parametrize("name", ["iris", "wine", "breast_cancer"])
def test_diagnose_finds_nothing_in_healthy_classifiers(name: str, activation: str) -> None:
    X, y = getattr(sn.datasets, f"load_{name}")(return_rows=True)
    given = {"activation": activation, "random_state": 0, "max_iter": 1000}
    ours = sn.ShallowNetClassifier(standardize=True, **given).fit(X, y)
    theirs = make_pipeline(StandardScaler(), MLPClassifier(**given)).fit(X, y)
    for model in (ours, theirs):
        assert_healthy(sn.diagnose(model, X, y))
        assert_healthy(sn.diagnose(model, X))


@pytest.mark.parametrize("solver", ["adam", "lbfgs", "lm"])
@pytest.mark.parametrize("activation", ["relu", "tanh"])
def test_diagnose_finds_nothing_in_healthy_regressors(activation: str, solver: str) -> None:
    X, y = sn.datasets.load_diabetes(return_rows=True)
    model = sn.ShallowNetRegressor(
        hidden_layer_sizes=(20,), activation=activation, solver=solver, alpha=1.0,
        random_state=0, max_iter=2000,
        standardize=True, standardize_target=True,
    )  # fmt: skip
    assert_healthy(sn.diagnose(model.fit(X, y), X, y))
    assert_healthy(sn.diagnose(model.fit(X, np.c_[y, -2 * y]), X, np.c_[y, -2 * y]))


@pytest.mark.parametrize("output", ["exp", "quantile"])
def test_diagnose_finds_nothing_in_other_outputs(output: str) -> None:
    X, Y = sn.datasets.load_diabetes()
    X, Y = X / X.std(axis=1, keepdims=True), Y / Y.mean()
    start = sn.initialize(10, 4, 1, seed=0)
    options = {"optimizer": "adam", "learning_rate": 0.01, "n_iterations": 1000}
    assert_healthy(sn.diagnose(sn.train(start, X, Y, output=output, **options), X, Y))


def test_diagnose_finds_nothing_in_float32() -> None:
    X, Y = sn.datasets.flower()
    start = sn.initialize(2, 4, 1, seed=0, dtype=np.float32)
    X32, Y32 = X.astype(np.float32), Y.astype(np.float32)
    result = sn.train(start, X32, Y32, learning_rate=1.2, n_iterations=3000)
    assert_healthy(sn.diagnose(result, X32, Y32))


def test_diagnose_finds_nothing_in_several_labels() -> None:
    X, y = sn.datasets.load_iris(return_rows=True)
    labels = np.c_[y == 0, y > 0].astype(int)
    model = sn.ShallowNetClassifier((10,), standardize=True, random_state=0, solver="lbfgs")
    assert_healthy(sn.diagnose(model.fit(X, labels), X, labels))
