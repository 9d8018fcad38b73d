"""Units: twins from the start, dead by far-off biases, saturated by large weights."""

from __future__ import annotations

import pytest
from findings import LABELS, NO_WARNING, ROWS, X, Y, report_of, sentence

import shallownet_native as sn

pytest.importorskip("sklearn")
from sklearn.neural_network import MLPClassifier

pytestmark = NO_WARNING


def with_dead(n_dead: int, far: float) -> sn.Parameters:
    """Return a relu network of 10 units, the first of which lie so far below 0."""
    start = sn.initialize(2, 10, 1, scheme="he_normal", seed=0)
    start.b1[:n_dead] -= far + (start.W1[:n_dead] @ X).max(axis=1, keepdims=True)
    return sn.Parameters(start.W1, start.b1, start.W2, start.b2, hidden="relu")


@pytest.mark.parametrize(("n_dead", "far", "is_named"), [
    (1, 100, False), (3, 100, True), (4, 100, True), (4, 0.01, False), (6, 0.01, False),
    (8, 0.01, True), (10, 100, True),
])  # fmt: skip
def test_units_of_a_good_fit_are_dead_if_far_off(n_dead: int, far: float, is_named: bool) -> None:
    inputs, targets = sn.datasets.blobs(seed=0)
    start = with_dead(n_dead, far)
    W1 = start.W1.copy()
    # two groups of points that only live units tell apart, all below the dead ones' edge
    keep = ((W1[:n_dead] @ inputs + start.b1[:n_dead]) <= 0).all(axis=0)
    inputs, targets = inputs[:, keep], targets[:, keep]
    report = report_of(start, inputs, targets, learning_rate=0.1, n_iterations=1000)
    assert ("dead_units" in report.names) == is_named, report.text


def test_dead_units_are_mended_in_the_words_of_the_model() -> None:
    ours = sn.ShallowNetClassifier((10,), random_state=0, solver="adam", learning_rate_init=5.0)
    theirs = MLPClassifier((10,), random_state=0, learning_rate_init=5.0)
    said = [sentence(sn.diagnose(m.fit(ROWS, LABELS), ROWS, LABELS), "dead_units")
            for m in (ours, theirs)]  # fmt: skip
    assert said[0].endswith("use 'leaky_relu', a lower rate, or another random_state.")
    assert said[1].endswith("use activation='tanh', a lower rate, or another random_state.")
    report = report_of(with_dead(10, 9), hidden="relu", learning_rate=0.1, n_iterations=20)
    assert sentence(report, "dead_units").endswith("or sn.initialize(scheme='he_normal').")
    assert "scaled inputs" not in sentence(report, "dead_units")
    report = report_of(with_dead(10, 9e4), X * 100, learning_rate=0.1, n_iterations=20)
    assert "scaled inputs" in sentence(report, "dead_units")


@pytest.mark.parametrize("hidden", ["tanh", "sigmoid"])
def test_units_are_saturated_by_weights_of_size_ten(hidden: str) -> None:
    drawn = sn.initialize(2, 8, 1, seed=0)
    big = sn.Parameters(drawn.W1 * 1000, drawn.b1, drawn.W2 * 100, drawn.b2, hidden=hidden)
    report = report_of(big, learning_rate=0.1, n_iterations=1000)
    assert "saturated_units" in report.names
    said = sentence(report, "saturated_units")
    assert said.endswith("begin with small weights, as sn.initialize draws them, or lower "
                         "learning_rate, now 0.1.")  # fmt: skip
    assert "scale the inputs" not in said
    report = report_of(drawn, learning_rate=1.2, n_iterations=3000, hidden=hidden)
    assert "saturated_units" not in report.names


@pytest.mark.parametrize("rate", [100, 1000])
def test_units_that_ran_away_together_are_no_twins(rate: float) -> None:
    start = sn.initialize(2, 8, 1, seed=0)
    names = report_of(start, learning_rate=rate, n_iterations=300).names
    assert names[0] == "diverged"
    assert "symmetric_units" not in names


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_units_of_lbfgs_saturate_where_labels_follow_from_nothing(seed: int) -> None:
    inputs, targets = sn.datasets.no_structure(seed=0)
    start = sn.initialize(2, 4, 1, seed=seed)
    names = report_of(start, inputs, targets, optimizer="lbfgs", n_iterations=500).names
    assert "saturated_units" not in names


def test_one_example_tells_nothing_of_units_and_classes() -> None:
    start = sn.initialize(2, 8, 1, seed=0)
    big = sn.Parameters(start.W1 * 1e5, start.b1, start.W2, start.b2)
    assert sn.diagnose(big, X[:, :1], Y[:, :1]).names == ()
    assert "saturated_units" in sn.diagnose(big, X, Y).names
