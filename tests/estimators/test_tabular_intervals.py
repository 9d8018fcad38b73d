"""What rows left out say of new ones: against the definition, row by row, and on data to cover."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from shallownet_native.estimators.tabular.intervals import (
    LeftOut,
    bounds,
    check_levels,
    rank,
    sets,
    smallest,
)
from tabular_data import classifier, fitted, labels_of, numbers_of, regressor, table

EPS = float(np.finfo(np.float64).eps)


def scattered(n_groups: int, n: int, seed: int) -> tuple[Any, Any]:
    rng = np.random.default_rng(seed)
    sizes = rng.integers(0, 12, n_groups)
    sizes[0] += 1
    scores = [np.sort(rng.exponential(size=size).round(1 + seed % 3)) for size in sizes]
    return rng.normal(size=(n, n_groups)), scores


@pytest.mark.parametrize("seed", range(6))
def test_tabular_intervals_find_the_kth_of_all_sums(seed: int) -> None:
    means, scores = scattered(1 + seed, 40, seed)
    sums = np.concatenate([m[:, None] + s for m, s in zip(means.T, scores, strict=True)], axis=1)
    sums.sort(axis=1)
    for k in range(1, sums.shape[1] + 1):
        # ties are torn apart by roundings of numbers below 8
        np.testing.assert_allclose(smallest(means, scores, k), sums[:, k - 1], rtol=0, atol=8 * EPS)


def test_tabular_intervals_find_the_kth_where_numbers_are_large_or_all_the_same() -> None:
    for means, scores in (
        (np.full((3, 2), 1e300), [np.array([1.0, 2.0]), np.array([1e299])]),
        (np.zeros((3, 2)), [np.zeros(4), np.zeros(3)]),
        (np.array([[-1e-300, 1e-300]]), [np.array([0.0]), np.array([1e-300])]),
    ):
        sums = np.concatenate([m[:, None] + s for m, s in zip(means.T, scores, strict=True)], 1)
        for k in range(1, sums.shape[1] + 1):
            np.testing.assert_array_equal(smallest(means, scores, k), np.sort(sums)[:, k - 1])


def test_tabular_intervals_are_the_jackknifes_with_folds() -> None:
    """Barber et al.: the floor(a (n + 1))-th smallest below, the ceil((1 - a)(n + 1))-th above."""
    means, scores = scattered(4, 30, 2)
    n = sum(map(len, scores))
    pairs = list(zip(means.T, scores, strict=True))
    below = np.sort(np.concatenate([m[:, None] - s for m, s in pairs], axis=1))
    above = np.sort(np.concatenate([m[:, None] + s for m, s in pairs], axis=1))
    for level in (0.5, 0.8, 0.9):
        low, high = bounds(means, scores, level)
        k = math.floor((1 - level) * (n + 1) + 1e-9)
        np.testing.assert_allclose(low, below[:, k - 1], atol=4 * EPS)
        np.testing.assert_allclose(
            high, above[:, math.ceil(level * (n + 1) - 1e-9) - 1], atol=4 * EPS
        )
    low, high = bounds(means, scores, n / (n + 1) + 1e-3)
    assert np.isneginf(low).all() and np.isposinf(high).all()


def test_tabular_intervals_rank_is_not_carried_off_by_rounding() -> None:
    assert [rank(0.9, 9), rank(0.9, 10), rank(0.7, 9), rank(0.5, 1), rank(0.1, 0)] == [
        9,
        10,
        7,
        1,
        1,
    ]
    assert rank(0.9, 10**6 - 1) == 900_000


@pytest.mark.parametrize("class_conditional", [True, False])
def test_tabular_intervals_sets_are_those_of_the_definition(class_conditional: bool) -> None:
    rng = np.random.default_rng(0)
    n, n_classes, n_groups = 40, 3, 4
    patterns = np.eye(n_groups, dtype=bool)
    pattern, places = rng.integers(0, n_groups, n), rng.integers(0, n_classes, n)
    scores = rng.integers(0, 17, n) / 16  # exact, so that there are ties
    left_out = LeftOut(patterns, pattern, scores, places, 1.0)
    p = rng.integers(0, 17, (n_groups, 25, n_classes)) / 16
    levels = np.array([0.5, 0.8, 0.9])
    found = sets(p, left_out, levels, class_conditional)
    for row, k, v in np.ndindex(found.shape):
        judges = [i for i in range(n) if places[i] == k or not class_conditional]
        below = sum(left_out.scores[i] < 1 - p[pattern[i], row, k] for i in judges)
        assert found[row, k, v] == (below < levels[v] * (len(judges) + 1) - 1e-9)


@pytest.mark.parametrize(("wrong", "error"), [
    (0, ValueError), (1.0, ValueError), (-0.1, ValueError), (float("nan"), ValueError),
    ([], ValueError), ([0.5, 2], ValueError), ("0.9", TypeError), (None, TypeError),
    (True, TypeError), (["a"], TypeError),
])  # fmt: skip
def test_tabular_intervals_refuse_what_is_no_level(wrong: Any, error: type[Exception]) -> None:
    with pytest.raises(error, match="confidence_level must"):
        check_levels(wrong)
    with pytest.raises(error, match="confidence_level must"):
        fitted("regressor", max_epochs=1).predict_interval(table(), wrong)


def test_tabular_intervals_say_what_per_cent_are() -> None:
    with pytest.raises(ValueError, match=r"got 95: 95 per cent are 0\.95$"):
        check_levels([0.9, 95])


def test_tabular_intervals_hold_as_many_targets_as_they_say() -> None:
    X = table(2000)
    y = numbers_of(X)
    model = regressor(n_hidden=32, max_epochs=32).fit(X[:500], y[:500])
    points, intervals = model.predict_interval(X[500:], [0.8, 0.95])
    assert intervals.shape == (1500, 2, 2)
    np.testing.assert_array_equal(points, model.predict(X[500:]))
    for v, level in enumerate((0.8, 0.95)):
        low, high = intervals[:, 0, v], intervals[:, 1, v]
        assert ((low < points) & (points < high)).all()
        cover = ((low <= y[500:]) & (y[500:] <= high)).mean()
        assert abs(cover - level) < 0.05
    assert (intervals[:, 0, 0] > intervals[:, 0, 1]).all()
    np.testing.assert_array_equal(
        model.predict_interval(X[500:], 0.95)[1][:, :, 0], intervals[:, :, 1]
    )


def test_tabular_intervals_sets_hold_as_many_of_each_class_as_they_say() -> None:
    X = table(2500)
    y = labels_of(X)
    model = classifier(n_hidden=32, max_epochs=32).fit(X[:800], y[:800])
    labels, chosen = model.predict_set(X[800:], [0.7, 0.9])
    assert chosen.shape == (1700, 3, 2) and (chosen[:, :, 0] <= chosen[:, :, 1]).all()
    np.testing.assert_array_equal(labels, model.predict(X[800:]))
    for k, name in enumerate(model.classes_):
        for v, level in enumerate((0.7, 0.9)):
            assert abs(chosen[y[800:] == name, k, v].mean() - level) < 0.07
    _, together = model.predict_set(X[800:], 0.9, class_conditional=False)
    right = together[np.arange(1700), np.searchsorted(model.classes_, y[800:]), 0]
    assert abs(right.mean() - 0.9) < 0.05


def test_tabular_intervals_deviations_are_of_networks_and_rows_left_out() -> None:
    X = table()
    model = fitted("regressor", X)
    points, deviations = model.predict(X, return_std=True)
    np.testing.assert_array_equal(points, model.predict(X))
    errors = model.oob_prediction_ - numbers_of(X)
    [values] = model._member_values(*model._known(X))
    expected = np.sqrt(values[:, :, 0].var(axis=0) + np.mean(errors**2))
    np.testing.assert_allclose(deviations, expected, rtol=1e-6)  # weights are float32


def test_tabular_intervals_of_few_rows_are_endless() -> None:
    X = np.arange(6.0)[:, None]
    model = regressor().fit(X, X[:, 0])
    assert np.isinf(model.predict_interval(X)[1]).all()
    assert np.isfinite(model.predict_interval(X, 0.5)[1]).all()


def test_tabular_intervals_know_rows_left_out_several_times() -> None:
    from sklearn.model_selection import RepeatedKFold

    X = table()
    model = regressor(cv=RepeatedKFold(n_splits=3, n_repeats=2, random_state=0), n_networks="auto")
    model.fit(X, numbers_of(X))
    left_out = model._left_out
    assert left_out.patterns.shape == (len(np.unique(left_out.pattern)), 6)
    assert (left_out.patterns.sum(axis=1) == 2).all()
    _, intervals = model.predict_interval(X)
    assert np.isfinite(intervals).all()
    [values] = model._member_values(*model._known(X))
    unseen = [values[left_out.patterns[g], i, 0].mean() for i, g in enumerate(left_out.pattern)]
    np.testing.assert_allclose(model.oob_prediction_, unseen, rtol=1e-5)


def test_tabular_intervals_are_the_same_in_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    from shallownet_native.estimators.tabular import base

    X = table(500)
    model = fitted("regressor", X)
    whole = model.predict_interval(X)
    monkeypatch.setattr(base, "VALUES_AT_ONCE", 800)  # 100 rows
    points, intervals = model.predict_interval(X)
    np.testing.assert_allclose(points, whole[0], rtol=1e-5)  # other rows in the core's lanes
    np.testing.assert_allclose(intervals, whole[1], rtol=1e-5)
