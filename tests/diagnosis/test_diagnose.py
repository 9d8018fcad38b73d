"""The report, the kinds of models, and what is refused. What is found is in the files beside it."""

from __future__ import annotations

import pickle
from typing import Any

import numpy as np
import pytest

import shallownet_native as sn
from sick_runs import START, X, Y, constant_start, trained

pytest.importorskip("sklearn")
import pandas as pd
from sklearn.ensemble import RandomForestClassifier
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

pytestmark = pytest.mark.filterwarnings(
    "ignore::shallownet_native.ConvergenceWarning",
    "ignore::sklearn.exceptions.ConvergenceWarning",
)

ROWS, LABELS = X.T, Y.ravel().astype(int)
CANCER, TUMOURS = sn.datasets.load_breast_cancer(return_rows=True)


def test_diagnose_report_has_data_and_sentences() -> None:
    report = sn.diagnose(*trained(constant_start(0.0)))
    assert repr(report) == ("Diagnosis(findings=('symmetric_units', 'plateau', 'underfitting'))")
    assert report.names == tuple(finding.name for finding in report.findings)
    assert str(report) == report.text == "\n".join(f.sentence for f in report.findings)
    sentence = (
        "All 4 hidden units have a twin with the same weights: such units get the same gradient "
        "for ever and are worth 1 unit together. Begin with random weights, as sn.initialize draws "
        "them, not with zeros or one constant."
    )
    assert report.findings[0] == ("symmetric_units", 4, sentence)
    assert pickle.loads(pickle.dumps(report)) == report


def test_diagnose_says_the_rate_and_its_limit() -> None:
    result, *data = trained(START, learning_rate=20)
    limit = 2 / sn.largest_curvature(result.parameters, *data)
    report = sn.diagnose(result, *data)
    finding = report.findings[report.names.index("learning_rate")]
    # at the start of this shape A1 is about 0, and only b2 bends the cost: lambda is 1/4
    assert finding.value >= 20 / max(limit, 8.01)
    assert finding.sentence.startswith(f"learning_rate 20 is {finding.value:.3g} times the limit")
    assert "optimizer='lbfgs'" in finding.sentence


def test_diagnose_counts_the_penalty_among_curvatures() -> None:
    start = sn.Parameters(None, None, [[0.0]], [[0.0]])
    inputs, targets = np.array([[1.0, -1.0]]), np.array([[1.0, -1.0]])
    options = {"output": "identity", "l2": 9.0, "learning_rate": 0.3, "n_iterations": 20}
    result, *data = trained(start, inputs, targets, **options)
    report = sn.diagnose(result, *data)  # lambda is 1 + 9
    assert report.findings[report.names.index("learning_rate")].value == pytest.approx(1.5)


def test_diagnose_takes_parameters_with_less_to_tell() -> None:
    result, *data = trained(constant_start(0.0))
    assert sn.diagnose(result.parameters, *data).names == ("symmetric_units", "underfitting")


def test_diagnose_without_targets_tells_what_needs_none() -> None:
    result, inputs, _ = trained(constant_start(0.0), X * [[1.0], [1000.0]])
    assert sn.diagnose(result, inputs).names == ("unscaled_inputs", "symmetric_units")


def test_diagnose_takes_the_result_of_an_error() -> None:
    rows, y = sn.datasets.load_diabetes()
    with pytest.raises(sn.DivergenceError) as caught:
        sn.train(sn.initialize(10, 4, 1, seed=0), rows, 1e9 * y, output="identity", hidden="relu",
                 learning_rate=1e3)  # fmt: skip
    report = sn.diagnose(caught.value, rows, 1e9 * y)
    assert report.findings[0][:2] == ("diverged", np.inf)
    assert "unscaled_target" in report.names


def test_diagnose_of_many_networks_looks_at_the_best_and_at_the_others() -> None:
    inputs, targets = sn.datasets.xor(seed=0)
    good = sn.train(sn.initialize(2, 4, 1, seed=1), inputs, targets, optimizer="lbfgs")
    starts = [good.parameters, *(constant_start(k / 10) for k in range(1, 4))]
    results = sn.train_many(starts, inputs, targets, optimizer="lbfgs", n_iterations=100)
    report = sn.diagnose(results, inputs, targets)
    assert report.names == ("few_restarts",)
    assert report.findings[0].value == 4
    others = sn.train_many(starts[:1] * 2, inputs, targets, optimizer="lbfgs", n_iterations=10)
    assert sn.diagnose(others, inputs, targets).findings == ()


@pytest.mark.parametrize("scores", [[-0.2, -0.4, np.nan], [-0.2, -0.21, -0.4]])
def test_diagnose_reads_the_scores_of_restarts(scores: list[float]) -> None:
    model = sn.ShallowNetClassifier((10,), n_restarts=3, random_state=0, max_iter=2000,
                                    learning_rate_init=0.01, activation="tanh")  # fmt: skip
    model.fit(ROWS, LABELS)
    assert sn.diagnose(model, ROWS, LABELS).findings == ()
    model.restart_scores_ = np.array(scores)
    names = sn.diagnose(model, ROWS, LABELS).names
    assert names == (("few_restarts",) if np.isnan(scores[-1]) else ())


@pytest.mark.parametrize("kind", [sn.ShallowNetClassifier, MLPClassifier])
def test_diagnose_reads_estimators(kind: Any) -> None:
    model = kind((10,), activation="tanh", random_state=0, max_iter=300).fit(CANCER, TUMOURS)
    report = sn.diagnose(model, CANCER, TUMOURS)
    assert report.names[0] == "unscaled_inputs"
    assert "standardize=True" in report.findings[0].sentence
    piped = make_pipeline(StandardScaler(), model).fit(CANCER, TUMOURS)
    assert sn.diagnose(piped, CANCER, TUMOURS).findings == ()


def test_diagnose_reads_the_rate_of_an_estimator_where_it_standardizes() -> None:
    X, y = sn.datasets.load_diabetes(return_rows=True)

    def names(rate: float) -> tuple[str, ...]:
        model = sn.ShallowNetRegressor(
            hidden_layer_sizes=(4,), solver="gd", activation="tanh", learning_rate_init=rate,
            max_iter=300, random_state=0, standardize=True, standardize_target=True,
            n_iter_no_change=1000,
        )  # fmt: skip
        return sn.diagnose(model.fit(1000 * X, 1000 * y), 1000 * X, 1000 * y).names

    assert names(0.2) == ()
    assert "learning_rate" in names(2.0)


def test_diagnose_reads_target_and_classes_of_estimators() -> None:
    rows, y = sn.datasets.load_diabetes(return_rows=True)
    report = sn.diagnose(MLPRegressor(random_state=0).fit(rows, y), rows, y)
    assert "unscaled_target" in report.names
    rare = np.arange(400) < 12
    inputs = np.random.default_rng(0).standard_normal((400, 2)) + 3 * rare[:, np.newaxis]
    names = np.array(["well", "ill"])[rare.astype(int)]
    given = {"hidden_layer_sizes": (5,), "random_state": 0, "max_iter": 500, "solver": "lbfgs"}
    model = sn.ShallowNetClassifier(**given).fit(inputs, names)
    (finding,) = sn.diagnose(model, inputs, names).findings
    assert finding.name == "imbalance"
    assert finding.sentence.startswith("Class ill has 12 of the 400 examples, 3 %")
    weighed = sn.ShallowNetClassifier(**given, class_weight="balanced").fit(inputs, names)
    assert sn.diagnose(weighed, inputs, names).findings == ()


def test_diagnose_reads_validation_curves_of_estimators() -> None:
    random = np.random.default_rng(0)
    rows = random.standard_normal((260, 2))
    y = (rows[:, 0] + random.standard_normal(260) > 0).astype(int)
    model = sn.ShallowNetClassifier((50,), random_state=0, max_iter=800, learning_rate_init=0.02)
    model.fit(rows[:60], y[:60], X_val=rows[60:], y_val=y[60:])
    assert sn.diagnose(model, rows[:60], y[:60]).names == ("overfitting",)
    model.set_params(early_stopping=True).fit(rows[:60], y[:60], X_val=rows[60:], y_val=y[60:])
    assert "overfitting" not in sn.diagnose(model, rows[:60], y[:60]).names


def test_diagnose_names_columns_of_frames() -> None:
    frame = pd.DataFrame(CANCER[:, :4], columns=["radius", "texture", "perimeter", "area"])
    frame["site"] = 3.0
    frame["diameter"] = 2 * frame["radius"]
    labels = np.array(["malignant", "benign"])[TUMOURS]
    model = sn.ShallowNetClassifier((5,), standardize=True, random_state=0, solver="lbfgs")
    report = sn.diagnose(model.fit(frame, labels), frame, labels)
    assert report.names == ("constant_column", "duplicate_column")
    assert report.findings[0].sentence.startswith("Column site is the same for every example")
    assert "diameter (radius again)" in report.findings[1].sentence


def test_diagnose_says_how_good_one_may_be_with_contradicting_labels() -> None:
    rows = np.vstack([ROWS, ROWS[:40]])
    labels = np.concatenate([LABELS, 1 - LABELS[:40]])
    model = sn.ShallowNetClassifier((5,), random_state=0, solver="lbfgs", max_iter=300)
    report = sn.diagnose(model.fit(rows, labels), rows, labels)
    finding = report.findings[report.names.index("contradicting_labels")]
    assert finding.value == 80
    assert "more than 90.9 %" in finding.sentence  # 400 of 440


def test_diagnose_refuses_what_it_cannot_look_at() -> None:
    result, *_ = trained(START, n_iterations=5)
    with pytest.raises(TypeError, match=r"sn.Parameters\(\*\*model\)"):
        sn.diagnose(result.parameters.as_dict(), X, Y)
    with pytest.raises(TypeError, match="got int"):
        sn.diagnose(3, X, Y)
    with pytest.raises(TypeError, match=r"looks at one network .* RandomForestClassifier is none"):
        sn.diagnose(RandomForestClassifier(2).fit(ROWS, LABELS), ROWS, LABELS)
    deep = MLPClassifier((2, 2), max_iter=2, random_state=0).fit(ROWS, LABELS)
    with pytest.raises(ValueError, match="no network with one hidden layer"):
        sn.diagnose(deep, ROWS, LABELS)
    with pytest.raises(ValueError, match="not fitted yet"):
        sn.diagnose(sn.ShallowNetClassifier(), ROWS, LABELS)
    with pytest.raises(ValueError, match=r"X must have shape \(2"):
        sn.diagnose(result, X.T, Y)
    with pytest.raises(ValueError, match=r"Y must have shape \(1, 400\)"):
        sn.diagnose(result, X, Y[:, :3])
    with pytest.raises(ValueError, match="X must be finite"):
        sn.diagnose(result, np.where(X > 3, np.nan, X), Y)


def test_diagnose_leaves_everything_as_it_was() -> None:
    result, inputs, targets = trained(START, learning_rate=50, n_iterations=40)
    before = (result.parameters.copy(), inputs.copy(), targets.copy(), result.costs.copy())
    state = np.random.get_state()[1].copy()
    sn.diagnose(result, inputs, targets)
    assert result.parameters == before[0]
    for now, then in zip((inputs, targets, result.costs), before[1:], strict=True):
        np.testing.assert_array_equal(now, then)
    np.testing.assert_array_equal(np.random.get_state()[1], state)


def test_results_say_their_optimizer() -> None:
    options = {"optimizer": "sgd", "momentum": 0.5}
    sgd, *_ = trained(START, n_iterations=5, **options)
    assert (sgd.optimizer, sgd.momentum) == ("sgd", 0.5)
    for optimizer in ("gd", "adam", "lbfgs", "lm"):
        result, *_ = trained(START, n_iterations=5, optimizer=optimizer)
        assert (result.optimizer, result.momentum) == (optimizer, None)
    assert trained(START, n_iterations=5, optimizer="lm", l2="evidence")[0].optimizer == "lm"
