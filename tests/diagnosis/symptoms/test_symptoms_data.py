"""Scales, columns, classes and labels: what is named, what is let pass, and what is refused."""

from __future__ import annotations

import tracemalloc
from typing import Any

import numpy as np
import pytest
from findings import LABELS, NO_WARNING, ROWS, X, Y, finding, report_of

import shallownet_native as sn

pytest.importorskip("sklearn")
from sklearn.compose import TransformedTargetRegressor
from sklearn.ensemble import BaggingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.neural_network import MLPClassifier
from sklearn.preprocessing import StandardScaler

CURVE = np.sin(ROWS[:, 0])

pytestmark = NO_WARNING


def trained(inputs: Any = X, targets: Any = Y, **options: Any) -> Any:
    """Train 8 units by gd, if not told otherwise, and return the report on them."""
    given = {"n_iterations": 1500, **options}
    if given.get("optimizer") is None:
        given["learning_rate"] = 1.2
    start = sn.initialize(len(inputs), 8, len(targets), seed=0, scheme="glorot_normal")
    return report_of(start, inputs, targets, **given)


def fitted(kind: Any, rows: Any, y: Any, **options: Any) -> Any:
    model = kind(hidden_layer_sizes=(10,), random_state=0, **options).fit(rows, y)
    return sn.diagnose(model, rows, y)


@pytest.mark.parametrize("size", [1e-2, 1e-3, 1e-6])
def test_tiny_inputs_are_named_first(size: float) -> None:
    reports = [trained(X * size, n_iterations=500)]
    reports += [
        fitted(kind, ROWS * size, LABELS) for kind in (sn.ShallowNetClassifier, MLPClassifier)
    ]
    for report in reports:
        assert report.names[0] == "unscaled_inputs"
        assert report.findings[0].value == pytest.approx(X.std(axis=1).max() * size)
        assert report.findings[0].sentence.startswith("The inputs are small")
    alone = sn.diagnose(sn.initialize(2, 4, 1, seed=0), X * size)
    assert alone.names == (("unscaled_inputs",) if size < 1e-2 else ())


def test_small_inputs_that_were_fitted_are_let_pass() -> None:
    assert trained(X * 0.02, optimizer="lbfgs").findings == ()


@pytest.mark.parametrize("solver", ["lbfgs", "lm"])
@pytest.mark.parametrize("name", ["breast_cancer", "wine"])
def test_raw_inputs_are_named_whatever_the_solver(name: str, solver: str) -> None:
    rows, y = getattr(sn.datasets, f"load_{name}")(return_rows=True)
    options = {"solver": solver, "activation": "tanh"}
    assert "unscaled_inputs" in fitted(sn.ShallowNetClassifier, rows, y, **options).names
    scaled = fitted(sn.ShallowNetClassifier, rows, y, standardize=True, **options)
    assert "unscaled_inputs" not in scaled.names


@pytest.mark.parametrize(("size", "offset", "solver", "is_named"), [
    (1e5, 3e5, "lbfgs", True), (300, 0, "lbfgs", False), (1, 20, "adam", True),
    (0.05, 0, "adam", True), (1, 0, "adam", False), (2, 1, "adam", False),
])  # fmt: skip
def test_targets_are_judged_by_how_they_were_fitted(
    size: float, offset: float, solver: str, is_named: bool
) -> None:
    y = CURVE * size + offset
    report = fitted(sn.ShallowNetRegressor, ROWS, y, solver=solver, max_iter=500)
    assert ("unscaled_target" in report.names) == is_named
    parameters = sn.Parameters(None, None, [[200.0, 0.0]], [[0.0]], output="identity")
    assert "unscaled_target" not in sn.diagnose(parameters, X * 10, X[:1] * 2000).names


def test_columns_that_hardly_vary_are_no_twins() -> None:
    rare = np.zeros((2, X.shape[1]))
    rare[:, :4] = 3
    assert "duplicate_column" not in trained(np.vstack([X, rare]), n_iterations=50).names
    rare[:, 4] = 3
    assert finding(trained(np.vstack([X, rare]), n_iterations=50), "duplicate_column").value == 1
    table, xor = np.array([[0.0, 0, 1, 1], [0, 1, 0, 1], [0, 0, 1, 1]]), np.array([[0.0, 1, 1, 0]])
    assert "duplicate_column" in trained(table, xor, n_iterations=50).names


def test_columns_of_many_examples_are_compared_in_all_of_them() -> None:
    inputs = np.random.default_rng(0).standard_normal((4, 12_000))
    inputs[2] = inputs[0] + 0.0
    inputs[3] = 0
    inputs[2, -1] += 1
    inputs[3, 7] = 1
    targets = (inputs[:1] > 0).astype(float)
    drawn = np.random.default_rng(0).permutation(12_000)[:5000]
    assert 11_999 not in drawn and 7 not in drawn  # else this tells nothing
    names = trained(inputs, targets, n_iterations=20).names
    assert "duplicate_column" not in names and "constant_column" not in names
    inputs[2, -1], inputs[3, 7] = inputs[0, -1], 0
    names = trained(inputs, targets, n_iterations=20).names
    assert {"duplicate_column", "constant_column"} <= set(names)


def test_sentences_on_columns_and_classes_read_well() -> None:
    inputs = np.vstack([X, np.ones((2, 400))])
    said = finding(trained(inputs, n_iterations=50), "constant_column").sentence
    assert said == (
        "2 columns, x3 and x4, do not vary and can tell nothing: leave them out, or see why they "
        "do not vary."
    )
    said = finding(trained(targets=Y * 0, n_iterations=50), "imbalance")
    assert said.value == 0
    assert said.sentence.startswith("Only one class is there: all 400 examples are of class 0")
    rows = np.random.default_rng(0).standard_normal((400, 2)) + 3
    y = (np.arange(400) < 12).astype(int)
    words = {sn.ShallowNetClassifier: "class_weight='balanced'", MLPClassifier: "sample_weight"}
    for kind, word in words.items():
        said = finding(fitted(kind, rows, y), "imbalance")
        assert word in said.sentence
    assert "example_weights" in finding(trained(rows.T, y[np.newaxis]), "imbalance").sentence


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_one_pair_that_contradicts_itself_is_found(dtype: Any) -> None:
    inputs, targets = np.c_[X, X[:, :1]].astype(dtype), np.c_[Y, 1 - Y[:, :1]]
    model = sn.initialize(2, 4, 1, seed=0, dtype=dtype)
    assert finding(sn.diagnose(model, inputs, targets), "contradicting_labels").value == 2
    targets[:, -1] = Y[:, 0]
    assert "contradicting_labels" not in sn.diagnose(model, inputs, targets).names
    zeros = np.array([[0.0, -0.0, 1, 2], [1, 1, 0, 0]], dtype)
    report = sn.diagnose(model, zeros, [[0, 1, 0, 1]])
    assert finding(report, "contradicting_labels").value == 2


def test_wide_data_need_few_copies() -> None:
    inputs = (np.random.default_rng(0).random((1000, 8000)) < 0.01).astype(float)
    targets = (inputs[:20].sum(axis=0, keepdims=True) > 0).astype(float)
    model = sn.initialize(1000, 2, 1, seed=0)
    tracemalloc.start()
    sn.diagnose(model, inputs, targets)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 4 * inputs.nbytes


@pytest.mark.parametrize(("targets", "message"), [
    (np.where(np.arange(400) == 3, np.nan, Y), r"Y must be finite, got nan at \[0, 3\]"),
    (Y * 5, r"Y must be in \[0, 1\] for output 'sigmoid', got values from 0 to 5"),
    ((2 * Y - 1).ravel(), r"Y must be in \[0, 1\] .* got values from -1 to 1"),
])  # fmt: skip
def test_targets_that_no_training_takes_are_refused(targets: Any, message: str) -> None:
    start = sn.initialize(2, 4, 1, seed=0)
    with pytest.raises(ValueError, match=message):
        sn.diagnose(start, X, targets)
    for fine in (Y.ravel(), Y > 0, np.where(Y > 0, "in", "out"), Y * 0.5 + 0.2):
        assert "imbalance" not in sn.diagnose(start, X, fine).names


def test_labels_of_estimators_are_finite() -> None:
    model = sn.ShallowNetClassifier((4,), max_iter=3, random_state=0).fit(ROWS, LABELS)
    with pytest.raises(ValueError, match=r"y must be finite, got nan at \[2\]"):
        sn.diagnose(model, ROWS, np.where(np.arange(400) == 2, np.nan, LABELS))


def test_models_that_are_no_network_are_told_what_to_pass() -> None:
    inner = sn.ShallowNetRegressor(hidden_layer_sizes=(4,), max_iter=30, random_state=0)
    model = TransformedTargetRegressor(inner, transformer=StandardScaler()).fit(ROWS, CURVE)
    with pytest.raises(TypeError, match=r"pass its regressor_, .*transformer_.transform"):
        sn.diagnose(model, ROWS, CURVE)
    target = model.transformer_.transform(CURVE[:, np.newaxis])
    assert isinstance(sn.diagnose(model.regressor_, ROWS, target), sn.Diagnosis)
    with pytest.raises(TypeError, match="this LogisticRegression is none: take"):
        sn.diagnose(LogisticRegression().fit(ROWS, LABELS), ROWS, LABELS)
    bag = BaggingClassifier(MLPClassifier((2,), max_iter=2), 2).fit(ROWS, LABELS)
    with pytest.raises(TypeError, match=r"BaggingClassifier is a bag of several: .*oob_score_"):
        sn.diagnose(bag, ROWS, LABELS)
