"""The oracle of the table network: complex steps, and numbers worked out by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from shallownet_native import reference
from shallownet_native.reference import method, tables
from table_bags import LAYOUTS, OPTIONS, draw_bag

LOG2 = np.log(2)
KINDS = [("sigmoid", 1), ("softmax", 3), ("identity", 2)]


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize(("output", "K"), KINDS)
def test_table_reference_gradients_are_the_complex_step(layout: str, output: str, K: int) -> None:
    bag = draw_bag(layout, output, K, n=7, n_members=1, n_hidden=3)
    X, p = reference.multiply_out(*bag.inputs), bag.parameters[0]
    rest = (X, bag.y, bag.weights, "mish", output, 3)
    expected = np.empty(p.size)
    for k in range(p.size):
        moved = p.astype(complex)
        moved[k] += 1e-20j
        expected[k] = np.imag(reference.table_cost(moved, *rest)) / 1e-20
    # sums of some ten terms on both sides, each rounded a few times: far below 1e-12
    difference = np.abs(reference.table_gradients(p, *rest) - expected).max()
    assert difference <= 1e-12 * np.abs(expected).max()


def test_table_reference_mish_by_hand() -> None:
    # softplus(0) = log 2, tanh of it (2 - 1/2) / (2 + 1/2) = 3/5: mish(0) = 0, slope 3/5
    # z = log 3: softplus = log 4, tanh = (4 - 1/4) / (4 + 1/4) = 15/17, sigmoid = 3/4,
    # slope = 15/17 + log 3 (1 - (15/17)^2) 3/4
    z = np.array([0.0, np.log(3), 800.0, -800.0])
    slopes = [0.6, 15 / 17 + np.log(3) * (64 / 289) * 0.75, 1, 0]
    np.testing.assert_allclose(method.mish(z), [0, np.log(3) * 15 / 17, 800, 0], rtol=4e-16)
    np.testing.assert_allclose(method.mish_slope(z), slopes, rtol=1e-15)


def test_table_reference_inputs_by_hand() -> None:
    dense = np.array([[7.0], [8.0]])
    levels = np.array([[0, 2], [-1, 1]], np.int32)  # rows 0 and 1 of one column, 2 of another
    bins, fractions = np.array([[0, 1], [2, 1]]), np.array([[0.25, 1.0], [0.5, 0.0]])
    X = reference.multiply_out(dense, levels, 3, bins, fractions, np.array([3, 2]))
    assert X.tolist() == [
        [7, 1, 0, 1, -0.25, -0.5, -0.5, 0.5, 0.5],
        [8, 0, 1, 0, 0.5, 0.5, 0.0, 0.5, -0.5],
    ]


def by_hand() -> tuple[Any, Any, Any, Any]:
    # D = H = 4, so both roots are 2. x = (1, 2, 0, 0), s = (2, 1, 1, 1), all of W1 is 0, b1 = 0,
    # W2 = (2, 0, 0, 4), b2 = 1/2, y = -1/2: Z1 = A1 = 0, Z2 = 1/2, L = 1/2, dZ2 = 1.
    W1, W2, s = np.zeros((4, 4)), np.array([[2.0, 0, 0, 4]]), np.array([2.0, 1, 1, 1])
    p = np.concatenate([W1.ravel(), np.zeros(4), W2.ravel(), [0.5], s])
    return p, np.array([[1.0, 2, 0, 0]]), np.array([[-0.5]]), np.array([3.0])


def test_table_reference_gradients_by_hand() -> None:
    p, X, y, weights = by_hand()
    assert reference.table_cost(p, X, y, weights, "mish", "identity", 4) == 0.5
    # dZ1 = dZ2 W2 / 2 * 3/5 = (3/5, 0, 0, 6/5); dW1 = s x^T dZ1 / 2 in rows: s x / 2 = (1, 1, 0, 0)
    dZ1 = [0.6, 0, 0, 1.2]
    expected = [*dZ1, *dZ1, *[0] * 8, *dZ1, *[0] * 4, 1, *[0] * 4]  # A1 = 0, W1 = 0
    got = reference.table_gradients(p, X, y, weights, "mish", "identity", 4)
    np.testing.assert_allclose(got, expected, rtol=4e-16, atol=0)


def test_table_reference_step_by_hand() -> None:
    # The first step: m' = g, v' = g^2. With g = 0.6 and epsilon = 0.8 the root is 1.
    p, X, y, weights = by_hand()
    options = {
        **OPTIONS, "n_hidden": 4, "epsilon": 0.8, "schedule": "constant", "learning_rate": 0.5,
        "weight_decay": 0.25, "batch_size": 1, "average": 0.5,
    }  # fmt: skip
    state = (p, np.zeros((2, p.size)), p, 0)
    after, moments, average, t = tables.train_epoch(X, y, weights, np.array([0]), state, 0, options)
    W1, b1, W2, b2, s = tables.split(after, 4, 4, 1)
    np.testing.assert_allclose(W1[0], [-0.3, 0, 0, -0.5 * 1.2 / np.hypot(1.2, 0.8)], rtol=1e-15)
    np.testing.assert_allclose(b1, 0.1 * W1[0], rtol=1e-15)
    np.testing.assert_allclose(W2, [[2 - 2 / 8, 0, 0, 4 - 4 / 8]], rtol=1e-15)  # decay alone
    np.testing.assert_allclose(b2, [0.5 - 0.05 / np.hypot(1, 0.8)], rtol=1e-15)
    np.testing.assert_allclose(s, np.array([2, 1, 1, 1]) * (1 - 3 * 0.25), rtol=1e-15)
    assert t == 1 and moments.shape == (2, p.size)
    np.testing.assert_allclose(moments[:, 0], [0.06, 0.018], rtol=1e-14)
    # a = min(1/2, (1 + 1) / (10 + 1)) = 2/11
    np.testing.assert_allclose(average, p * 2 / 11 + after * 9 / 11, rtol=1e-15)


def test_table_reference_schedules_by_hand() -> None:
    """Four waves: at their ends 1, 3, 7 and 15 fifteenths are 0, in between, by the log, 1."""
    wave = reference.SCHEDULES["coslog4"]
    tops = [(np.sqrt(2) - 1) / 15, (np.sqrt(8) - 1) / 15, (np.sqrt(32) - 1) / 15]
    np.testing.assert_allclose([wave(k / 15) for k in (0, 1, 3, 7, 15)], 0, atol=1e-14)
    np.testing.assert_allclose([wave(top) for top in tops], 1, rtol=1e-14)
    assert reference.SCHEDULES["cosine"](0.5) == 0.5 and reference.SCHEDULES["constant"](0.7) == 1


def test_table_reference_keeps_the_last_best_epoch_of_all_members() -> None:
    """A rate of 0 leaves every epoch as good: the last is kept, if none before was better."""
    bag = draw_bag(learning_rate=0.0, average=0.0)
    result = bag.oracle()
    assert result["best_epoch"] == 3 and np.ptp(result["curve"]) == 0
    total = sum(bag.weights[left_out].sum() for _, left_out in bag.members)
    np.testing.assert_allclose(result["curve"], result["losses"].sum(axis=1) / total)
    assert bag.changed(best_loss=result["curve"][0]).oracle()["best_epoch"] == 3
    assert bag.changed(best_loss=0.9 * result["curve"][0]).oracle()["best_epoch"] == -1


def test_table_reference_passes_over_what_weighs_nothing() -> None:
    bag = draw_bag()
    nothing = bag.changed(weights=np.zeros(70)).oracle()
    assert (nothing["parameters"] == bag.parameters).all()
    assert (nothing["averages"] == bag.averages).all()
    assert (nothing["n_steps"] == bag.n_steps).all() and np.isnan(nothing["curve"]).all()
