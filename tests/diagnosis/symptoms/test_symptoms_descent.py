"""Rates, divergences and plateaus: named by figures that hold, with advice that works."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest
from findings import LABELS, NO_WARNING, ROWS, finding, report_of, sentence

import shallownet_native as sn
from shallownet_native.diagnosis.symptoms import limits

LINE = np.random.default_rng(0).uniform(-3, 3, (1, 200))
CIRCLES = sn.datasets.noisy_circles(seed=0)

pytest.importorskip("sklearn")

pytestmark = NO_WARNING


def start(n_x: int = 2, n_h: int = 8, seed: int = 0, scheme: str = "he_normal") -> sn.Parameters:
    return sn.initialize(n_x, n_h, 1, seed=seed, scheme=scheme)


def lower_rate(report: sn.Diagnosis) -> float:
    """Return the rate that the sentence says to lower it to."""
    found = re.search(r"Lower it to (\S+) or less", sentence(report, "learning_rate"))
    assert found
    return float(found[1])


def fit_sine(rate: float, n_iterations: int = 3000) -> Any:
    options = {"hidden": "relu", "output": "identity", "learning_rate": rate}
    return report_of(start(1, 10), LINE, np.sin(LINE), n_iterations=n_iterations, **options)


def test_a_divergence_of_relu_has_a_limit_where_training_begins() -> None:
    report = fit_sine(0.5, 300)
    assert report.names[:2] == ("diverged", "learning_rate")
    assert 1 < finding(report, "learning_rate").value < 100
    assert 0.01 < lower_rate(report) < 0.25
    assert fit_sine(lower_rate(report)).findings == ()


@pytest.mark.parametrize("hidden", ["tanh", "sigmoid"])
@pytest.mark.parametrize("rate", [20.0, 1000.0])
def test_half_of_the_limit_trains(hidden: str, rate: float) -> None:
    begin = start(n_h=4, scheme="small_normal")
    options = {"hidden": hidden, "n_iterations": 1000}
    lower = lower_rate(report_of(begin, learning_rate=rate, **options))
    options["n_iterations"] = 5000
    assert report_of(begin, learning_rate=lower, **options).findings == ()


@pytest.mark.parametrize("rate", [0.01, 0.1])
def test_batches_that_stand_still_are_a_plateau(rate: float) -> None:
    options = {"optimizer": "sgd", "n_epochs": 200, "batch_size": 32, "seed": 0}
    begin = start(scheme="small_normal")
    report = report_of(begin, *CIRCLES, learning_rate=rate, **options)
    assert report.names == ("plateau", "underfitting")
    raised = re.search(r"raise it to (\S+) or so", sentence(report, "plateau"))
    assert raised
    assert report_of(begin, *CIRCLES, learning_rate=float(raised[1]), **options).findings == ()


def test_nothing_has_ended_at_once_its_first_cost() -> None:
    for seed in range(3):
        data = sn.datasets.no_structure(seed=seed)
        options = {"optimizer": "sgd", "learning_rate": 0.1, "n_epochs": 100, "batch_size": 32}
        report = report_of(start(n_h=4, scheme="small_normal"), *data, seed=seed, **options)
        assert "diverged" not in report.names


def test_a_divergence_says_to_scale_only_what_is_not_of_size_1() -> None:
    assert "scale" not in sentence(fit_sine(0.5, 300), "diverged")
    large = report_of(start(1, 10), LINE, 1e6 * LINE, output="identity", hidden="relu",
                      learning_rate=0.5)  # fmt: skip
    assert "scale the target" in sentence(large, "diverged")
    assert "First scale what is named below" in sentence(large, "learning_rate")
    assert "First scale" not in str(fit_sine(0.5, 300))


def test_a_decay_that_is_too_large_is_named() -> None:
    report = report_of(start(), learning_rate=0.1, l2=10.0, n_iterations=3000)
    assert report.names == ("plateau", "underfitting")
    assert "l2 = 10 is a large decay" in sentence(report, "plateau")
    away = report_of(start(), learning_rate=0.1, l2=4000.0, n_iterations=3000)
    assert "take a smaller decay, now l2 = 4000" in sentence(away, "diverged")
    assert "decay, l2 = 4000" in sentence(away, "learning_rate")
    model = sn.ShallowNetClassifier((20,), alpha=1e4, random_state=0, max_iter=500)
    report = sn.diagnose(model.fit(ROWS, LABELS), ROWS, LABELS)
    assert "alpha = 10000 is a large decay" in report.findings[-1].sentence


def test_a_plateau_with_a_cause_points_at_it() -> None:
    report = report_of(start(n_h=4, scheme="zeros"), learning_rate=1.2, n_iterations=1000)
    assert report.names == ("symmetric_units", "plateau", "underfitting")
    for found in report.findings[1:]:
        assert found.sentence.endswith("Mend what is named above first.")


@pytest.mark.parametrize("rate", [1.0, 5.0])
def test_a_rate_of_adam_that_kills_units_is_named(rate: float) -> None:
    model = sn.ShallowNetClassifier((10,), learning_rate_init=rate, random_state=0)
    report = sn.diagnose(model.fit(ROWS, LABELS), ROWS, LABELS)
    assert finding(report, "learning_rate").value == pytest.approx(rate / 0.001)
    assert "lower it to 0.01 or less" in sentence(report, "learning_rate")


@pytest.mark.parametrize("rate", [5.0, 8.0])
def test_a_rate_of_gd_that_kills_units_is_named(rate: float) -> None:
    options = {"hidden": "relu", "n_iterations": 1000}
    report = report_of(start(n_h=10), learning_rate=rate, **options)
    assert finding(report, "learning_rate").value > 1
    assert 0.1 < lower_rate(report) < 2


def test_a_rate_is_told_without_costs() -> None:
    begin = start(n_h=4, scheme="small_normal")
    options = {"cost_every": 0, "n_iterations": 300}
    assert "learning_rate" in report_of(begin, learning_rate=50, **options).names
    options["n_iterations"] = 5000
    assert report_of(begin, learning_rate=1.2, **options).findings == ()


@pytest.mark.parametrize(("optimizer", "rate"), [("gd", 1e-6), ("adam", 1e-7)])
def test_a_tiny_rate_is_a_plateau_from_any_start(optimizer: str, rate: float) -> None:
    options = {"optimizer": optimizer, "n_iterations": 1000}
    report = report_of(start(), learning_rate=rate, **options)
    assert report.names == ("plateau", "underfitting")
    assert f"learning_rate {rate:g} is far below" in sentence(report, "plateau")


def test_an_estimator_left_by_a_divergence_says_so() -> None:
    model = sn.ShallowNetRegressor(hidden_layer_sizes=(10,), solver="gd", random_state=0,
                                   learning_rate_init=0.9, max_iter=300)  # fmt: skip
    with pytest.raises(sn.DivergenceError) as caught:
        model.fit(LINE.T, np.sin(LINE[0]))
    of_error = sn.diagnose(caught.value, LINE, np.sin(LINE))  # columns
    of_model = sn.diagnose(model, LINE.T, np.sin(LINE[0]))
    for report in (of_error, of_model):
        assert report.names[:2] == ("diverged", "learning_rate")
        assert "inf" not in str(report)


def test_the_limit_of_many_inputs_takes_few_examples() -> None:
    random = np.random.default_rng(0)
    inputs = random.standard_normal((784, 3000))
    targets = (inputs[:1] > 0).astype(float)
    seen: list[int] = []
    genuine = limits.largest_curvature

    def counting(network: Any, inputs: Any, *args: Any, **options: Any) -> float:
        seen.append(inputs.shape[1])
        return genuine(network, inputs, *args, **options)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(limits, "largest_curvature", counting)
        report = report_of(start(784, 100), inputs, targets, learning_rate=50, n_iterations=10)
    assert "learning_rate" in report.names
    assert max(seen) <= 500
