"""TableEncoder against numbers worked by hand, a plain oracle and scikit-learn's checks.

`test_encoder_frames.py` is about kinds of tables, `test_encoder_files.py` about `.snet` files.
"""

from __future__ import annotations

import math
import pickle
from itertools import pairwise
from typing import Any
from unittest import SkipTest

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.base import clone
from sklearn.utils import get_tags
from sklearn.utils.estimator_checks import parametrize_with_checks

import shallownet_native as sn
from shallownet_native.tables import value_text

CHECKS = parametrize_with_checks([sn.TableEncoder(), sn.TableEncoder(encoding="piecewise")])
CHECKS = pytest.mark.parametrize(CHECKS.args[0], list(CHECKS.args[1]), **CHECKS.kwargs)


@CHECKS
@pytest.mark.filterwarnings("ignore")  # as scikit-learn runs them: several provoke warnings
def test_encoder_passes_scikit_learns_checks(estimator: Any, check: Any) -> None:
    try:
        check(estimator)
    except SkipTest as reason:
        pytest.skip(str(reason)) if "SCIPY_ARRAY_API" in str(reason) else pytest.fail(str(reason))


# The oracle: one cell after the other, as the rules are written


def squash(z: float) -> float:
    return z / math.sqrt(1 + (z / 3) ** 2)


def learn_column(cells: list[Any]) -> dict[str, Any]:
    """Return what an oracle knows of a column of numbers."""
    known = [float(c) for c in cells if c is not None and math.isfinite(c)]
    mean = math.fsum(known) / len(known) if known else 0.0
    variance = math.fsum((c - mean) ** 2 for c in known) / len(known) if known else 0.0
    missing = any(c is None or math.isnan(c) for c in cells)
    return {"mean": mean, "sd": math.sqrt(variance), "missing": missing, "known": sorted(known)}


def edges_of(known: list[float], n_bins: int) -> list[float]:
    """Return the different quantiles, linear between the sorted values."""
    found = []
    for k in range(n_bins + 1):
        place = k * (len(known) - 1) / n_bins
        low = math.floor(place)
        high = min(low + 1, len(known) - 1)
        found.append(known[low] + (known[high] - known[low]) * (place - low))
    different = sorted(set(found))
    return different if len(different) >= 3 else []


def oracle(
    fitted: dict[str, list[Any]], table: dict[str, list[Any]], numeric: list[str], n_bins: int = 0
) -> list[list[float]]:
    """Return the rows that an encoder fitted to one table makes of another."""
    learned = {name: learn_column(fitted[name]) for name in numeric}
    rows = []
    for i in range(len(next(iter(table.values())))):
        numbers, gaps, levels, codes = [], [], [], []
        for name in numeric:
            x, known = table[name][i], learned[name]
            is_gap = x is None or math.isnan(x)
            x = known["mean"] if is_gap else float(x)
            numbers.append(squash((x - known["mean"]) / known["sd"]) if known["sd"] else 0.0)
            gaps += [float(is_gap)] if known["missing"] else []
            if n_bins and known["sd"]:
                ends = edges_of(known["known"], n_bins)
                for a, b in pairwise(ends):
                    codes.append(min(max((x - a) / (b - a), 0.0), 1.0) - 0.5)
        for name in table.keys() - set(numeric):
            texts = {t for c in fitted[name] if (t := value_text(c)) is not None}
            ordered = sorted(texts)
            hot = [float(value_text(table[name][i]) == text) for text in ordered]
            levels += [hot[1] - hot[0]] if len(hot) == 2 else hot
        rows.append([*numbers, *gaps, *levels, *codes])
    return rows


NUMBERS = st.one_of(st.none(), st.sampled_from([0.0, 1.0, -2.5, 7.0, 1e3]), st.integers(-9, 9))
WORDS = st.one_of(st.none(), st.sampled_from(["red", "blue", "green", " red ", "", "TRUE", "b"]))


@st.composite
def tables(draw: Any) -> dict[str, list[Any]]:
    n = draw(st.integers(1, 12))
    column = lambda cells: draw(st.lists(cells, min_size=n, max_size=n))  # noqa: E731
    return {"a": column(NUMBERS), "b": column(NUMBERS), "word": column(WORDS)}


@pytest.mark.parametrize("n_bins", [0, 4, 16])
@given(fitted=tables(), table=tables())
@settings(max_examples=60, deadline=None)
def test_encoder_is_the_oracle(n_bins: int, fitted: Any, table: Any) -> None:
    options: dict[str, Any] = {"encoding": "piecewise", "n_bins": n_bins} if n_bins else {}
    encoder = sn.TableEncoder(categorical_features=["word"], dtype=np.float64, **options)
    encoder.fit(pd.DataFrame(fitted))
    found = encoder.transform(pd.DataFrame(table))
    expected = np.array(oracle(fitted, table, ["a", "b"], n_bins), float)
    # a mean in doubt by 12 eps of the largest number, over a spread that may be 1/1000 of it
    assert found.shape == expected.shape == (len(table["a"]), len(encoder.get_feature_names_out()))
    assert np.allclose(found, expected, rtol=0, atol=1e5 * np.finfo(float).eps)


# By hand

TABLE = pd.DataFrame(
    {
        "age": [1.0, 3.0, None],
        "colour": ["red", "blue", None],
        "size": ["10", "9", "big"],
        "same": [36.6, 36.6, 36.6],
        "only": ["x", None, "x"],
    }
)
Z = 1 / math.sqrt(1 + 1 / 9)
BY_HAND = [
    [-Z, 0.0, 0.0, 1.0, 0.0, 1.0, 0.0, 1.0],
    [+Z, 0.0, 0.0, -1.0, 1.0, 0.0, 0.0, 0.0],
    [0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0, 1.0],
]


def test_encoder_makes_what_the_hand_makes() -> None:
    encoder = sn.TableEncoder(dtype=np.float64).fit(TABLE)
    names = ["age", "same", "age_missing", "colour_red", "size_9", "size_10", "size_big", "only_x"]
    assert encoder.get_feature_names_out().tolist() == names
    assert np.allclose(encoder.transform(TABLE), BY_HAND, rtol=0, atol=2 * np.finfo(float).eps)
    assert encoder.transform(TABLE.assign(age=[1.0, 3.0, 2.0])).tolist()[2][2] == 0.0
    single = sn.TableEncoder().fit_transform(TABLE)
    assert single.dtype == np.float32 and np.array_equal(single, np.float32(BY_HAND))


def test_encoder_codes_by_hand() -> None:
    X = np.array([[0.0], [1.0], [2.0], [3.0], [4.0]])
    encoder = sn.TableEncoder(encoding="piecewise", n_bins=4, dtype=np.float64).fit(X)
    assert encoder.edges_[0].tolist() == [0, 1, 2, 3, 4]
    rows = encoder.transform([[-9.0], [1.25], [math.nan], [math.inf], [-math.inf]])[:, 1:]
    assert rows.tolist() == [
        [-0.5, -0.5, -0.5, -0.5],
        [0.5, -0.25, -0.5, -0.5],
        [0.5, 0.5, -0.5, -0.5],  # missing is the mean, 2
        [0.5, 0.5, 0.5, 0.5],
        [-0.5, -0.5, -0.5, -0.5],
    ]
    assert encoder.get_feature_names_out()[-1] == "x0_bin_4"


@pytest.mark.parametrize(("n", "bins"), [(1, 16), (64, 16), (65, 15), (256, 4), (257, 0)])
def test_encoder_shares_codes_among_columns(n: int, bins: int) -> None:
    X = np.random.default_rng(0).normal(size=(40, n))
    encoder = sn.TableEncoder(encoding="piecewise").fit(X)
    assert {len(edges) for edges in encoder.edges_} == {bins + 1 if bins else 0}
    assert encoder.transform(X).shape == (40, n + n * bins)


def test_encoder_makes_no_codes_of_few_values() -> None:
    X = np.array([[0.0, 0.0, 0.0, 1.0, 1.0], [5.0] * 5, [0.0, 0.0, 1.0, 2.0, 2.0]]).T
    encoder = sn.TableEncoder(encoding="piecewise", n_bins=4).fit(X)
    assert [edges.tolist() for edges in encoder.edges_] == [[], [], [0, 1, 2]]
    assert encoder.transform(X).shape == (5, 5)
    assert sn.TableEncoder().fit(X).edges_ == []
    rounded = encoder.fit(1e16 + np.array([[0.0], [2.0], [4.0]]))  # constant but for rounding
    assert rounded.scales_ == [0.0] and not rounded.edges_[0].size


def test_encoder_makes_as_many_codes_as_one_column_may_have() -> None:
    X = np.arange(5000.0)[:, None]
    assert sn.TableEncoder(encoding="piecewise", n_bins=10**6).fit(X).edges_[0].size == 1025


# Numbers at the ends


@pytest.mark.parametrize("factor", [1e-320, 1e-300, 1e-160, 1.0, 1e160, 1e300])
def test_encoder_takes_numbers_of_any_size(factor: float) -> None:
    X = np.array([[0.0], [1.0], [2.0], [5.0]])
    options: dict[str, Any] = {"encoding": "piecewise", "n_bins": 4, "dtype": np.float64}
    expected = sn.TableEncoder(**options).fit_transform(X)
    found = sn.TableEncoder(**options).fit_transform(X * factor)
    # 1e-320 is a number of 11 bits
    assert np.allclose(found, expected, rtol=0, atol=1e-3 if factor < 1e-308 else 1e-14)


def test_encoder_takes_the_largest_numbers() -> None:
    largest = np.finfo(float).max
    X = np.array([[-largest], [largest], [largest], [-largest]])
    encoder = sn.TableEncoder(dtype=np.float64).fit(X)
    assert np.allclose(encoder.transform(X), Z * np.sign(X), rtol=0, atol=1e-15)
    assert encoder.scales_ == [largest] and encoder.means_ == [0.0]
    X = np.array([[-largest], [0.0], [largest]])
    codes = sn.TableEncoder(encoding="piecewise", n_bins=4).fit(X).transform([[largest / 4]])
    assert codes[0, 1:].tolist() == [0.5, 0.5, 0.0, -0.5]
    X = largest * np.array([[-1.0], [0.5], [0.75], [1.0], [1.0]])  # the first bin is 1.5 of it
    codes = sn.TableEncoder(encoding="piecewise", n_bins=4, dtype=np.float64).fit(X).transform
    assert codes([[-largest / 4]])[0, 1:].tolist() == [0.0, -0.5, -0.5]


def test_encoder_never_leaves_its_range() -> None:
    encoder = sn.TableEncoder(dtype=np.float64).fit([[0.0, 7.0], [1.0, 7.0], [math.inf, 7.0]])
    ends = np.array([1e6, 1e8, 3e9, 1e200, 1.7e308, math.inf])
    rows = np.concatenate([ends, -ends])
    found = encoder.transform(np.column_stack([rows, rows]))
    assert np.abs(found).max() == 3.0 and (found[:, 1] == 0).all()
    assert (found[[5, 11], 0] == [3.0, -3.0]).all()
    assert np.array_equal(found[:6, 0], np.sort(found[:6, 0]))
    assert encoder.means_.tolist() == [0.5, 7.0]  # infinity does not count


def test_encoder_takes_a_column_without_numbers() -> None:
    X = np.array([[math.nan, 1.0], [math.nan, 2.0]])
    encoder = sn.TableEncoder().fit(X)
    assert (encoder.means_[0], encoder.scales_[0]) == (0.0, 0.0)
    assert encoder.has_missing_.tolist() == [True, False]
    assert encoder.transform(X)[:, [0, 2]].tolist() == [[0, 1], [0, 1]]


# As an estimator


def test_encoder_leaves_its_input_and_parameters_alone() -> None:
    before, mask = TABLE.copy(deep=True), [False, True, True, False, True]
    encoder = sn.TableEncoder(categorical_features=mask, encoding="piecewise")
    encoder.fit(TABLE).transform(TABLE)
    pd.testing.assert_frame_equal(TABLE, before)
    assert encoder.get_params() == {
        "categorical_features": mask, "encoding": "piecewise", "n_bins": 16, "dtype": np.float32,
    }  # fmt: skip
    assert encoder.categorical_features is mask
    twin = clone(encoder)
    assert twin.get_params() == encoder.get_params() and "means_" not in vars(twin)


def test_encoder_says_what_it_takes() -> None:
    tags = get_tags(sn.TableEncoder())
    assert tags.input_tags.allow_nan and tags.input_tags.categorical and not tags.input_tags.sparse
    assert tags.transformer_tags.preserves_dtype == [] and not tags.target_tags.required


def test_encoder_pickles_plainly() -> None:
    encoder = sn.TableEncoder(encoding="piecewise").fit(TABLE)
    twin = pickle.loads(pickle.dumps(encoder))
    assert np.array_equal(twin.transform(TABLE), encoder.transform(TABLE))
    for value in vars(encoder).values():
        parts = value if isinstance(value, (list, tuple)) else [value]
        assert {type(part).__module__ for part in parts} <= {"builtins", "numpy"}


def test_encoder_that_fails_to_fit_stays_as_it_was() -> None:
    encoder = sn.TableEncoder().fit(TABLE)
    before = encoder.transform(TABLE)
    with pytest.raises(TypeError, match="column 'd' holds dates or times"):
        encoder.fit(pd.DataFrame({"d": pd.to_datetime(["2024-01-01"])}))
    assert np.array_equal(encoder.transform(TABLE), before)
    assert "feature_names_in_" not in vars(encoder.fit(np.eye(2)))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"encoding": "binned"}, "'encoding' parameter of TableEncoder must be"),
        ({"n_bins": 3}, r"'n_bins' parameter .* range \[4, inf\)"),
        ({"dtype": np.int64}, "dtype must be float32 or float64, got int64"),
        ({"categorical_features": "colour"}, "'categorical_features' parameter"),
        ({"categorical_features": ["Colour"]}, "'Colour', which X has not: did you mean 'colour'"),
        ({"categorical_features": [5]}, "column 5, X has columns 0 to 4"),
        ({"categorical_features": [-1]}, "column -1, X has columns 0 to 4"),
        ({"categorical_features": [True, False]}, "a mask of 2 truth values, X has 5 columns"),
        ({"categorical_features": ["colour", 2]}, "an array of names, of positions or of truth"),
        ({"categorical_features": [True, 1]}, "an array of names, of positions or of truth"),
        ({"categorical_features": [0, 3]}, "column 'colour' holds the text 'red', and categ"),
    ],
)
def test_encoder_refuses_a_parameter(options: dict[str, Any], message: str) -> None:
    with pytest.raises((TypeError, ValueError), match=message):
        sn.TableEncoder(**options).fit(TABLE)
