"""scikit-learn's StandardScaler in `.snet` files: every statistic comes back, and is checked."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import sparse
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler

import shallownet_native as sn
from pipeline_subjects import assert_same, frame, numbers, through_a_file

GAPS = np.array([[1.0, np.nan, 3.0], [2.0, 5.0, 3.0], [4.0, 6.0, 3.0]])
SPARSE = sparse.csr_matrix([[1.0, 0.0], [0.0, 2.0], [3.0, 0.0]])
WEIGHTS = np.array([0.5, 2.0, 1.0])


@pytest.mark.parametrize(
    ("options", "X", "more"),
    [
        ({}, numbers().astype(np.float32), {}),
        ({}, np.arange(6).reshape(3, 2), {}),
        ({}, GAPS, {}),  # with a count for each column
        ({}, GAPS, {"sample_weight": WEIGHTS}),
        ({}, np.where(np.isnan(GAPS), 0.0, GAPS), {"sample_weight": WEIGHTS}),
        ({"copy": False, "with_std": False}, GAPS, {}),
        ({"with_mean": False, "with_std": False}, numbers(), {}),  # no statistic but the count
        ({"with_mean": False}, SPARSE, {}),
        ({"with_mean": False}, SPARSE.astype(np.float32), {}),
        ({"with_mean": False, "with_std": False}, SPARSE, {}),
        ({"with_mean": False}, SPARSE, {"sample_weight": WEIGHTS}),
        ({}, frame()[["width", "size"]], {}),
    ],
)
def test_scaler_files_keep_every_statistic(options: Any, X: Any, more: Any, path: Path) -> None:
    scaler = StandardScaler(**options).fit(X.copy(), **more)
    again = through_a_file(scaler, path)
    assert_same(again, scaler)
    assert_same(again.partial_fit(X.copy(), **more), scaler.partial_fit(X.copy(), **more))


@pytest.mark.filterwarnings("ignore:invalid value:RuntimeWarning")
def test_scaler_files_keep_a_column_that_is_all_missing(path: Path) -> None:
    X = np.column_stack([numbers(), np.full(len(numbers()), np.nan)])
    scaler = StandardScaler().fit(X)
    assert np.isnan(scaler.scale_[-1])
    assert_same(through_a_file(scaler, path), scaler)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"mean_": None}, ValueError, "mean is missing"),
        ({"scale_": None}, ValueError, "scale is missing"),
        ({"var_": None}, ValueError, "only there together"),
        ({"scale_": np.zeros(4)}, ValueError, "scale is too small"),
        ({"mean_": np.ones(3)}, ValueError, "mean must hold 4"),
        ({"mean_": [0.0] * 4}, TypeError, "mean_ is a list"),
        ({"n_samples_seen_": np.ones(3)}, ValueError, "n_samples_seen"),
        ({"n_samples_seen_": -1}, ValueError, "n_samples_seen"),
        ({"n_features_in_": 3}, ValueError, "must hold 3"),
        ({"with_mean": "yes"}, ValueError, "with_mean must be true or false"),
        ({"with_std": StandardScaler}, TypeError, "with_std"),
        (
            {"_sklearn_output_config": {"transform": "cudf"}},
            ValueError,
            "none of 'default', 'pandas', 'polars'",
        ),
    ],
)
def test_scaler_files_refuse_what_no_fit_leaves(
    change: Any, error: Any, message: str, path: Path
) -> None:
    scaler = StandardScaler().fit(numbers())
    vars(scaler).update(change)
    with pytest.raises(error, match=message):
        sn.save(scaler, path)
    with pytest.raises(error, match=f"step 'scaler'.*{message}"):
        sn.save(Pipeline([("scaler", scaler)]), path)
    assert not path.exists()


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_scaler_files_refuse_numbers_that_cannot_be_squared(path: Path) -> None:
    with pytest.raises(ValueError, match="too large to square"):
        sn.save(StandardScaler().fit(numbers() * 1e200), path)
