"""The parts of a fit for tables by themselves: first values, cycles, losses, weights of views."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import shallownet_native as sn
from shallownet_native._native.backend import core
from shallownet_native.estimators.tabular.bags import cycles, problem
from shallownet_native.estimators.tabular.bags.beginning import begin
from shallownet_native.estimators.tabular.folds import Fold
from shallownet_native.estimators.tabular.mixing import view_weights
from shallownet_native.estimators.tabular.outputs import ClassOutputs, NumberOutputs
from shallownet_native.tables.encoding import columns_of, fit_encoder, look_up
from tabular_data import same, table


def test_tabular_parts_begins_with_sums_of_deviation_1() -> None:
    X = columns_of(table(), sn.TableEncoder())
    inputs = look_up(fit_encoder(X, "from_dtype", "auto"), X, range(4))
    ones = np.ones(120, np.float32)
    lesson = problem.ViewProblem(inputs, ones[:, None], ones, 16, {}, 1)
    rows = np.arange(30, 120, dtype=np.int32)
    standing = begin(lesson, [Fold(rows, rows[:0])] * 2, [0, 1])
    for parameters in standing.parameters:
        D, H, K = lesson.sizes
        _, b1, W2, b2, s = np.split(parameters, np.cumsum([D * H, H, K * H, K]))
        Z1 = core.table_hidden(tuple(inputs.rows(rows)), parameters[None], H, K)
        np.testing.assert_allclose(Z1.std(axis=0), 1, rtol=1e-5)
        np.testing.assert_allclose(Z1.mean(axis=0), b1, atol=3)
        assert not W2.any() and not b2.any() and (s == 1).all() and 0.5 < b1.std() < 2
    assert not same(standing.parameters[0], standing.parameters[1])
    assert same(standing.averages, standing.parameters) and not standing.moments.any()


def test_tabular_parts_predicts_nothing_beyond_its_targets() -> None:
    outputs = NumberOutputs.of(np.array([1.0, 2.0, 4.0]), np.full(3, 1 / 3))
    low, high = outputs.range
    found = outputs.values(np.array([[-9.0], [low], [0.0], [high], [9.0]], np.float32))[:, 0]
    np.testing.assert_allclose(found, [1, 1, 7 / 3, 4, 4], rtol=1e-6)
    assert found.min() == 1 and found.max() == 4


class Told:
    """A crew of which it is told which epochs are better than those before."""

    def __init__(self, *better: int) -> None:
        self.better, self.n = better, 0
        self.best = problem.BestEpoch()

    def advance(self, first: int, last: int) -> tuple[Any, bool]:
        self.n = last
        for epoch in self.better:
            if first <= epoch < last:
                self.best = problem.BestEpoch(0.5, epoch)
        return np.ones(last - first), False

    def finish(self) -> problem.BestEpoch:
        return self.best


@pytest.mark.parametrize(("better", "n"), [
    ((8,), 26), ((8, 25), 60), ((0, 9), 60), ((8, 25, 59), 128), ((0, 9, 26), 128),
])  # fmt: skip
def test_tabular_parts_ends_with_a_cycle_that_brings_nothing(better: Any, n: int) -> None:
    assert cycles.cycle_ends(128) == [9, 26, 60, 128]
    crew = Told(*better)
    assert cycles.train(crew, 128, None)[0].epoch == better[-1] and crew.n == n


def test_tabular_parts_of_two_epochs_has_both() -> None:
    for n in (1, 2):
        crew = Told(0)
        cycles.train(crew, n, None)
        assert crew.n == n


def test_tabular_parts_weighs_views_to_the_least_loss() -> None:
    rng = np.random.default_rng(0)
    y = rng.normal(size=500)
    parts = np.stack([y + 0.5 * rng.normal(size=500), y + rng.normal(size=500)])[:, :, None]
    weights = np.full(500, 1 / 500)
    outputs = NumberOutputs.of(y, weights)
    found = view_weights(outputs, parts, y, weights)

    def loss(w: Any) -> float:
        z = np.array([1, -1]) * np.log(w / (1 - w)) / 2
        mix = w * parts[0] + (1 - w) * parts[1]
        return outputs.loss(mix, parts, y, weights)[0] + 0.3 / 500 * float(z @ z)

    grid = np.linspace(0.01, 0.99, 9801)
    assert found[0] == pytest.approx(grid[np.argmin([loss(w) for w in grid])], abs=2e-4)
    equal = view_weights(outputs, parts[[0, 0]], y, weights)
    assert equal == pytest.approx([0.5, 0.5])


@pytest.mark.parametrize("outputs", [ClassOutputs(3), NumberOutputs(1.0, 2.0, -3.0, 4.0)])
def test_tabular_parts_knows_the_slope_of_its_losses(outputs: Any) -> None:
    rng = np.random.default_rng(1)
    parts = np.stack([outputs.values(rng.normal(size=(20, outputs.n_outputs))) for _ in range(2)])
    truth = rng.integers(0, 3, 20) if isinstance(outputs, ClassOutputs) else rng.normal(size=20)
    weights = rng.random(20)
    weights /= weights.sum()
    w, h = np.array([0.3, 0.7]), 1e-6

    def loss(w: Any) -> float:
        return float(outputs.loss(np.tensordot(w, parts, 1), parts, truth, weights)[0])

    slope = outputs.loss(np.tensordot(w, parts, 1), parts, truth, weights)[1]
    for v, step in enumerate(np.eye(2) * h):
        assert slope[v] == pytest.approx((loss(w + step) - loss(w - step)) / (2 * h), rel=1e-6)
