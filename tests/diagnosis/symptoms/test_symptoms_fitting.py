"""Too little or too much learned, few starts: small tables, early stopping, the model's words."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest
from findings import NO_WARNING, sentence

import shallownet_native as sn
from shallownet_native.diagnosis.symptoms import facts

TABLE = np.array([[0.0, 0, 1, 1], [0, 1, 0, 1]])
TABLES = {"xor": [[0.0, 1, 1, 0]], "and": [[0.0, 0, 0, 1]], "or": [[0.0, 1, 1, 1]]}
XOR = np.array(TABLES["xor"])

pytest.importorskip("sklearn")

pytestmark = NO_WARNING


def start(n_x: int = 2, n_h: int = 4, seed: int = 0) -> sn.Parameters:
    return sn.initialize(n_x, n_h, 1, seed=seed, scheme="glorot_normal")


@pytest.mark.parametrize("name", TABLES)
@pytest.mark.parametrize("options", [
    {"learning_rate": 1.0, "n_iterations": 5000}, {"optimizer": "lbfgs", "n_iterations": 200},
])  # fmt: skip
def test_a_table_that_is_learned_is_healthy(name: str, options: dict[str, Any]) -> None:
    targets = np.array(TABLES[name])
    result = sn.train(start(), TABLE, targets, **options)
    assert sn.diagnose(result, TABLE, targets).findings == ()


@pytest.mark.parametrize("n", [3, 5])
def test_a_few_points_are_no_case_of_overfitting(n: int) -> None:
    inputs = np.random.default_rng(0).uniform(-3, 3, (1, n))
    result = sn.train(start(1, 10), inputs, np.sin(inputs), output="identity", optimizer="lbfgs")
    assert sn.diagnose(result, inputs, np.sin(inputs)).findings == ()


def test_a_table_that_is_not_learned_is_underfitted_and_has_few_starts() -> None:
    results = sn.train_many([start(2, 2), start(2, 2, seed=1)], TABLE, XOR, optimizer="lbfgs")
    report = sn.diagnose(results, TABLE, XOR)
    assert report.names[-2:] == ("underfitting", "few_restarts")
    assert "no two of these 4 examples contradict each other" in sentence(report, "underfitting")
    one = sn.train(start(2, 1), TABLE, XOR, learning_rate=1.0, n_iterations=3000)
    report = sn.diagnose(one, TABLE, XOR)
    assert report.names == ("plateau", "underfitting")
    assert "Neighbours" not in str(report)
    assert "more hidden units (now 1)" in sentence(report, "underfitting")


def test_neighbours_are_no_standard_of_a_parity() -> None:
    inputs = np.array(list(itertools.product([0.0, 1.0], repeat=5))).T
    targets = inputs.sum(axis=0, keepdims=True) % 2
    result = sn.train(start(5, 12), inputs, targets, optimizer="lbfgs", n_iterations=500)
    assert sn.diagnose(result, inputs, targets).findings == ()
    poor = sn.train(start(5, 2), inputs, targets, optimizer="lbfgs", n_iterations=500)
    assert "underfitting" in sn.diagnose(poor, inputs, targets).names


def test_a_table_with_contradictions_asks_for_no_more_than_there_is() -> None:
    inputs, targets = np.hstack([TABLE, TABLE]), np.hstack([XOR, 1 - XOR])
    result = sn.train(start(), inputs, targets, learning_rate=1.0, n_iterations=500)
    assert "underfitting" not in sn.diagnose(result, inputs, targets).names


def test_few_starts_with_a_poor_fit_are_told() -> None:
    rows, y = sn.datasets.xor(200, seed=3, return_rows=True)
    model = sn.ShallowNetClassifier((2,), activation="tanh", solver="lbfgs", n_restarts=2,
                                    random_state=3).fit(rows, y)  # fmt: skip
    report = sn.diagnose(model, rows, y)
    assert report.names == ("underfitting", "few_restarts")
    assert "a loss of 0." in sentence(report, "few_restarts")
    assert "score" not in sentence(report, "few_restarts")


def test_early_stopping_that_came_too_soon_is_named() -> None:
    rows, y = sn.datasets.load_iris(return_rows=True)
    given = {"solver": "adam", "early_stopping": True, "learning_rate_init": 0.01,
             "max_iter": 1000, "standardize": True, "random_state": 0}  # fmt: skip
    model = sn.ShallowNetClassifier((5,), **given).fit(rows, y)
    told = sentence(sn.diagnose(model, rows, y), "underfitting")
    stopped = f"Early stopping ended it after {model.n_iter_} epochs"
    assert f"{stopped}: raise n_iter_no_change (now 10)" in told
    model.set_params(n_iter_no_change=100).fit(rows, y)
    assert sn.diagnose(model, rows, y).findings == ()
    inputs, targets = sn.datasets.noisy_circles(seed=0)
    begin = sn.initialize(2, 10, 1, seed=0)
    result = sn.train(begin, inputs, targets, optimizer="adam", learning_rate=0.01, n_epochs=300,
                      batch_size=32, seed=0, validation=0.2)  # fmt: skip
    told = str(sn.diagnose(result, inputs, targets))
    assert f"Early stopping ended it after {result.n_epochs} epochs" in told
    assert "Train longer" not in told


def test_learned_by_heart_is_said_in_the_words_of_the_model() -> None:
    random = np.random.default_rng(0)
    rows, y = random.standard_normal((100, 10)), random.integers(0, 2, 100)
    model = sn.ShallowNetClassifier((100,), solver="lbfgs", alpha=0, random_state=0, max_iter=1000)
    told = sentence(sn.diagnose(model.fit(rows, y), rows, y), "overfitting")
    assert "early_stopping=True" in told
    assert "validation=" not in told


def test_neighbours_of_many_columns_are_asked_of_fewer_examples(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    seen: list[tuple[int, ...]] = []
    genuine = facts.neighbours_score

    def counting(measure: Any, rows: Any, targets: Any) -> float:
        seen.append(rows.shape)
        return genuine(measure, rows, targets)

    monkeypatch.setattr(facts, "neighbours_score", counting)
    rows = np.random.default_rng(0).standard_normal((1500, 2000))
    y = (rows[:, 0] > 0).astype(int)
    model = sn.ShallowNetClassifier((2,), max_iter=1, random_state=0).fit(rows, y)
    assert sn.diagnose(model, rows, y).text
    assert seen == [(1000, 2000)]


def test_overfitting_is_said_of_a_curve_though_its_lowest_is_kept() -> None:
    random = np.random.default_rng(0)
    X, Y = random.normal(size=(10, 60)), (random.random((1, 60)) > 0.5) * 1.0
    start = sn.initialize(10, 50, 1, "glorot_normal", seed=0)
    held_out = {"validation": (X[:, 40:], Y[:, 40:])}
    options = {"optimizer": "adam", "learning_rate": 0.01, "n_iterations": 500, **held_out}
    result = sn.train(start, X[:, :40], Y[:, :40], **options)
    found = sn.diagnose(result, X[:, :40], Y[:, :40])
    assert "overfitting" in found.names
    assert "those of the lowest are kept" in sentence(found, "overfitting")
