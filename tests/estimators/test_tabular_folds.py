"""Who leaves out what: folds by chance, by class, by group, and those that users give."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sklearn.model_selection import GroupKFold, KFold, ShuffleSplit, TimeSeriesSplit

from shallownet_native.estimators.tabular.folds import Request, divide
from tabular_data import classifier, fitted, labels_of, numbers_of, regressor, table

EVEN, ODD = np.arange(0, 60, 2), np.arange(1, 60, 2)


def asked(n: int = 60, **given: Any) -> Request:
    usual: dict[str, Any] = {
        "cv": None, "n_networks": "auto", "X": np.zeros((n, 1)), "y": np.zeros(n), "groups": None,
        "is_classifier": False, "kept": np.arange(n), "seed": 3,
    }  # fmt: skip
    return Request(**{**usual, **given})


def assert_parts(folds: Any, n: int) -> None:
    """Check that each row is left out once, and learned from by all others."""
    np.testing.assert_array_equal(
        np.sort(np.concatenate([f.left_out for f in folds])), np.arange(n)
    )
    for fold in folds:
        np.testing.assert_array_equal(np.sort(np.concatenate(fold)), np.arange(n))
        assert fold.learned.dtype == fold.left_out.dtype == np.int32


@pytest.mark.parametrize(("n", "given", "n_folds", "n_networks"), [
    (60, {}, 16, 16), (2048, {}, 16, 16), (2049, {}, 8, 8), (60, {"n_networks": 5}, 5, 5),
    (6, {}, 6, 16), (2, {}, 2, 16), (60, {"cv": 4}, 4, 4), (60, {"cv": 4, "n_networks": 7}, 4, 7),
])  # fmt: skip
def test_tabular_folds_are_as_many_as_networks_or_rows(
    n: int, given: Any, n_folds: int, n_networks: int
) -> None:
    folds, networks = divide(asked(n, **given))
    assert (len(folds), networks) == (n_folds, n_networks)
    assert_parts(folds, n)
    sizes = [len(fold.left_out) for fold in folds]
    assert max(sizes) - min(sizes) <= 1


def test_tabular_folds_spread_each_class() -> None:
    y = np.repeat([0, 1, 2, 3], [100, 37, 5, 1])
    folds, _ = divide(asked(len(y), y=y, is_classifier=True, n_networks=8))
    assert_parts(folds, len(y))
    counts = np.array([np.bincount(y[fold.left_out], minlength=4) for fold in folds])
    assert (counts.max(axis=0) - counts.min(axis=0) <= 1).all()


@pytest.mark.parametrize("is_classifier", [True, False])
@pytest.mark.parametrize("n_groups", [2, 3, 30])
def test_tabular_folds_leave_out_groups_whole(is_classifier: bool, n_groups: int) -> None:
    rng = np.random.default_rng(0)
    groups = np.array([f"group {k}" for k in rng.integers(0, n_groups, 60)])
    y = rng.integers(0, 2, 60)
    folds, n = divide(asked(groups=groups, y=y, is_classifier=is_classifier))
    assert_parts(folds, 60)
    assert 2 <= len(folds) <= min(16, n_groups) and n == 16
    for fold in folds:
        assert not set(groups[fold.learned]) & set(groups[fold.left_out])


def test_tabular_folds_of_others_are_taken_as_they_are() -> None:
    splits = list(KFold(3).split(np.zeros(60)))
    for cv in (KFold(3), splits, iter(splits)):
        folds, n = divide(asked(cv=cv))
        assert n == 3
        for fold, (learned, left_out) in zip(folds, splits, strict=True):
            np.testing.assert_array_equal(fold.learned, learned)
            np.testing.assert_array_equal(fold.left_out, left_out)
    folds, _ = divide(asked(cv=GroupKFold(3), groups=np.arange(60) % 3))
    assert [set(fold.left_out % 3) for fold in folds] in ([{0}, {1}, {2}], [{2}, {1}, {0}])


def test_tabular_folds_pass_over_rows_without_weight() -> None:
    kept = np.arange(0, 60, 2)
    for cv in (None, 5, KFold(5, shuffle=True, random_state=0)):
        folds, _ = divide(asked(cv=cv, kept=kept))
        assert_parts(folds, 30)
    last = [(np.arange(30), np.arange(30, 60)), (np.arange(30, 60), np.arange(30)),
            (np.arange(59), np.array([59]))]  # fmt: skip
    assert len(divide(asked(cv=last, kept=kept))[0]) == 2


@pytest.mark.parametrize(("given", "match"), [
    ({"n": 1}, "at least 2 rows with weight.*n_samples=1"),
    ({"kept": np.array([7])}, "at least 2 rows with weight"),
    ({"groups": np.zeros(60)}, "groups must have at least 2 different values.*got 1 in 60"),
    ({"groups": np.arange(60) % 3, "cv": 4}, "at least 4 different values.*got 3"),
    ({"cv": 61}, "cv=61 folds need as many rows, there are 60"),
    ({"cv": 1}, "cv must be None, a whole number >= 2"),
    ({"cv": 5, "n_networks": 4}, "n_networks=4 networks cannot leave out 5 folds"),
    ({"cv": TimeSeriesSplit(3)}, "never leaves out 15 of 60 rows"),
    ({"cv": ShuffleSplit(2, test_size=0.2, random_state=0)}, "never leaves out"),
    ({"cv": [(np.arange(60), np.arange(60))] * 2}, "fold 1 of cv learns from rows that it leaves"),
    ({"cv": [(np.arange(30), np.arange(30, 60))]}, "fall into 1 folds"),
    ({"cv": [(ODD, EVEN), (EVEN, ODD)], "kept": EVEN}, "fall into 1 folds"),
    ({"cv": [(ODD, EVEN), (EVEN[1:], EVEN[:1])], "kept": EVEN}, "fold 1 of cv has no rows with"),
    ({"cv": []}, "cv gives no folds"),
])  # fmt: skip
def test_tabular_folds_that_cannot_be_are_refused(given: dict[str, Any], match: str) -> None:
    with pytest.raises(ValueError, match=match):
        divide(asked(**given))


def test_tabular_folds_come_from_the_estimators_parameters() -> None:
    X = table()
    groups = np.arange(120) // 12
    model = regressor().fit(X, numbers_of(X), groups=groups)
    for g in range(10):
        assert len(set(model._left_out.pattern[groups == g])) == 1
    model = classifier(cv=3, n_networks=6).fit(X, labels_of(X))
    assert len(model._members["plain"]) == 6 and len(model._left_out.patterns) == 3
    model = fitted("classifier", n_networks="auto", max_epochs=1)
    assert len(model._members["plain"]) == 16
