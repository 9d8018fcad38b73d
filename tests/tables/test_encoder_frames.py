"""TableEncoder on every kind of table: the same cells make the same floats, the rest is refused."""

from __future__ import annotations

import datetime
import tracemalloc
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from scipy import sparse

import shallownet_native as sn

COLUMNS: dict[str, list[Any]] = {
    "age": [20.5, None, 41.0, 1e9, 0.1],
    "count": [1, 2, 3, None, 7],
    "colour": ["red", None, "blue", "green", " red "],
    "smokes": [True, False, None, True, False],
    "height": [1.5, 1.25, 1.75, 2.0, 1.0],
}
KINDS = ["age", "count", "height"], ["colour", "smokes"]


def objects() -> Any:
    return np.array([list(row) for row in zip(*COLUMNS.values(), strict=True)], object)


def nullable() -> Any:
    frame = pd.DataFrame(COLUMNS, dtype=object)
    types = {"age": "Float64", "count": "Int64", "colour": "string", "smokes": "boolean"}
    return frame.astype({**types, "height": "float64"})


def arrow_backed() -> Any:
    return pa.table(COLUMNS).to_pandas(types_mapper=pd.ArrowDtype)


TABLES: dict[str, Callable[[], Any]] = {
    "pandas": lambda: pd.DataFrame(COLUMNS),
    "pandas objects": lambda: pd.DataFrame(COLUMNS, dtype=object),
    "pandas nullable": nullable,
    "pandas of arrow": arrow_backed,
    "pandas category": lambda: pd.DataFrame(COLUMNS).astype({"colour": "category"}),
    "pandas in another order": lambda: pd.DataFrame(COLUMNS)[list(COLUMNS)[::-1]],
    "polars": lambda: pl.DataFrame(COLUMNS),
    "polars Categorical": lambda: pl.DataFrame(
        COLUMNS, schema_overrides={"colour": pl.Categorical}
    ),
    "polars Enum": lambda: pl.DataFrame(
        COLUMNS, schema_overrides={"colour": pl.Enum(["green", " red ", "blue", "red"])}
    ),
    "polars Int8": lambda: pl.DataFrame(COLUMNS, schema_overrides={"count": pl.Int8}),
    "pyarrow": lambda: pa.table(COLUMNS),
    "pyarrow chunks": lambda: pa.concat_tables([pa.table(COLUMNS)[:2], pa.table(COLUMNS)[2:]]),
    "pyarrow dictionary": lambda: pa.table(
        {**COLUMNS, "colour": pa.array(COLUMNS["colour"]).dictionary_encode()}
    ),
    "array of objects": objects,
    "lists": lambda: objects().tolist(),
}  # fmt: skip


@pytest.mark.filterwarnings("ignore:X does not have valid feature names")
@pytest.mark.parametrize("name", TABLES)
@pytest.mark.parametrize("encoding", ["plain", "piecewise"])
def test_encoder_frames_make_the_same_floats(name: str, encoding: str) -> None:
    expected = sn.TableEncoder(encoding=encoding, dtype=np.float64).fit(TABLES["pandas"]())
    floats = expected.transform(TABLES["pandas"]())
    own = sn.TableEncoder(encoding=encoding, dtype=np.float64)
    assert np.array_equal(expected.transform(TABLES[name]()), floats)
    if "order" not in name:
        assert np.array_equal(own.fit_transform(TABLES[name]()), floats)
        assert own.is_categorical_.tolist() == [False, False, True, True, False]


def test_encoder_frames_of_numbers_alone_have_the_same_bits_in_any_layout() -> None:
    X = np.random.default_rng(0).lognormal(0, 3, size=(333, 7))
    fit = lambda table: sn.TableEncoder(encoding="piecewise").fit_transform(table)  # noqa: E731
    expected = fit(X)
    for other in (np.asfortranarray(X), X.tolist(), pd.DataFrame(X), pl.from_numpy(X)):
        assert np.array_equal(fit(other), expected)
    assert np.array_equal(fit(X[:, [3]])[:, 0], expected[:, 3])
    small = X.astype(np.float32)
    assert np.array_equal(fit(small), fit(small.astype(float)))


LARGE = [2**60 + 1, 2**60 + 2, None, 2**60 + 1]  # no float64 tells the two apart


@pytest.mark.parametrize(
    "table",
    [
        pd.DataFrame({"id": pd.array(LARGE, dtype="Int64")}),
        pd.DataFrame({"id": pd.Categorical(LARGE)}),
        pd.DataFrame({"id": LARGE}, dtype=object),
        pl.DataFrame({"id": LARGE}),
        pa.table({"id": LARGE}),
    ],
    ids=["Int64", "category", "object", "polars", "pyarrow"],
)
def test_encoder_frames_tell_long_whole_numbers_apart(table: Any) -> None:
    rows = sn.TableEncoder(categorical_features=["id"]).fit_transform(table)
    assert rows.tolist() == [[-1], [1], [0], [-1]]


def test_encoder_frames_go_by_the_value_of_a_cell() -> None:
    encoder = sn.TableEncoder(categorical_features=[0])
    encoder.fit(np.array([["1.0"], [2], ["01"], [True], ["true"], [1]], object))
    assert encoder.categories_[0].tolist() == ["01", "1", "2", "True"]
    for same in ([[1]], [[1.0]], [["1"]], [[" 1e0 "]], [[Decimal("1.00")]], [[np.float32(1)]]):
        assert encoder.transform(np.array(same, object)).tolist() == [[0, 1, 0, 0]]


def test_encoder_frames_have_levels_whatever_category_dtype_holds() -> None:
    table = pd.DataFrame({"size": pd.cut([1, 2, 8, 9], 2), "day": pd.Categorical(
        pd.to_datetime(["2024-01-01", "2024-01-02", None, "2024-01-01"]))})  # fmt: skip
    encoder = sn.TableEncoder().fit(table)
    assert encoder.get_feature_names_out().tolist() == [
        "size_(5.0, 9.0]",
        "day_2024-01-02 00:00:00",
    ]
    assert encoder.transform(table).tolist() == [[-1, -1], [-1, 1], [1, 0], [1, -1]]


@pytest.mark.parametrize("make", [pd.DataFrame, pl.DataFrame, pa.table])
def test_encoder_frames_keep_every_character_of_a_category(make: Any) -> None:
    encoder = sn.TableEncoder().fit(make({"c": ["a", "a\0", None, "b"]}))
    assert encoder.categories_[0].tolist() == ["a", "a\0", "b"]
    assert encoder.transform(make({"c": ["a\0"]})).tolist() == [[0, 1, 0]]
    row = pl.DataFrame({"n": [None, 1.0], "c": ["x", "a\0"]})[1]  # polars keeps rows otherwise
    assert encoder.transform(row[["c"]]).tolist() == [[0, 1, 0]]


@pytest.mark.parametrize("missing", [None, float("nan"), pd.NA, pd.NaT, np.nan, Decimal("NaN")])
def test_encoder_frames_know_what_is_missing(missing: Any) -> None:
    cells = np.array([[1.0, "a"], [missing, missing], [3, "b"]], object)
    for table in (cells, pd.DataFrame(cells, columns=["n", "c"])):
        rows = sn.TableEncoder().fit_transform(table)
        assert rows[:, 1:].tolist() == [[0, -1], [1, 0], [0, 1]]


def test_encoder_frames_wholly_missing() -> None:
    frame = pd.DataFrame({"o": [None, None], "s": pd.array([None, None], dtype="string")})
    encoder = sn.TableEncoder().fit(frame)
    assert encoder.get_feature_names_out().tolist() == ["o", "o_missing"]
    assert encoder.transform(frame).tolist() == [[0, 1], [0, 1]]
    assert encoder.transform(frame.assign(s=["a", "b"])).tolist() == [[0, 1], [0, 1]]
    for empty in (pl.DataFrame({"a": [None, None]}), pa.table({"a": pa.nulls(2)})):
        assert sn.TableEncoder().fit_transform(empty).tolist() == [[0, 1], [0, 1]]
    numbers = sn.TableEncoder().fit(pd.DataFrame({"w": [1.0, 2.0]}))
    no_text = pd.DataFrame({"w": pd.array([None, None], dtype="string")})
    assert numbers.transform(no_text).tolist() == [[0], [0]]


@pytest.mark.skipif(not hasattr(pl, "Int128"), reason="polars has no such numbers")
def test_encoder_frames_take_whole_numbers_that_numpy_has_not() -> None:
    wide = pl.DataFrame({"n": pl.Series([2**100, None, 3 * 2**100], dtype=pl.Int128)})
    rows = sn.TableEncoder().fit_transform(wide)
    assert np.array_equal(rows, sn.TableEncoder().fit_transform([[1.0], [np.nan], [3.0]]))


@pytest.mark.skipif(not hasattr(np.dtypes, "StringDType"), reason="NumPy has no such texts")
def test_encoder_frames_take_numpys_texts_of_any_length() -> None:
    texts = np.array([["a"], ["b"], [None]], np.dtypes.StringDType(na_object=None))
    assert sn.TableEncoder().fit_transform(texts).tolist() == [[-1], [1], [0]]


@pytest.mark.parametrize("dtype", [np.float32, "Float32"])
def test_encoder_frames_let_a_float32_go_by_its_own_digits(dtype: Any) -> None:
    numbers = pd.Series([0.1, 0.7], dtype=dtype)
    for cells in (numbers, numbers.astype("category")):
        encoder = sn.TableEncoder(categorical_features=[0]).fit(pd.DataFrame({"c": cells}))
        assert encoder.categories_[0].tolist() == ["0.1", "0.7"]


# Columns by name


def test_encoder_frames_make_zeros_of_what_is_unknown_and_missing() -> None:
    encoder = sn.TableEncoder().fit(pd.DataFrame(COLUMNS))
    new = pl.DataFrame({**COLUMNS, "colour": ["pink", "", None, "red", "black"]})
    names = encoder.get_feature_names_out().tolist()
    colours = encoder.transform(new)[:, [name.startswith("colour") for name in names]]
    assert (colours != 0).any(axis=1).tolist() == [False, False, False, True, False]


def test_encoder_frames_name_missing_and_extra_columns() -> None:
    frame = pd.DataFrame(COLUMNS)
    encoder = sn.TableEncoder().fit(frame)
    with pytest.raises(ValueError, match="fitted to: column 'age': did you mean 'Age'"):
        encoder.transform(frame.rename(columns={"age": "Age"}))
    with pytest.raises(ValueError, match=r"fitted to: columns 'age', 'count'$"):
        encoder.transform(frame.drop(columns=["age", "count"]))
    wider = frame.assign(note="x", when=pd.Timestamp(0))
    with pytest.raises(ValueError, match="X has columns 'note', 'when', to which"):
        encoder.transform(wider)
    encoder.ignored_features_ = ("note", "when")
    assert np.array_equal(encoder.transform(wider), encoder.transform(frame))
    with pytest.warns(UserWarning, match="X does not have valid feature names"):
        encoder.transform(frame.to_numpy())
    unnamed = sn.TableEncoder().fit(frame.to_numpy())
    with pytest.raises(ValueError, match="X has 4 features, but TableEncoder is expecting 5"):
        unnamed.transform(frame.to_numpy()[:, :4])


def test_encoder_frames_outputs_have_different_names() -> None:
    frame = pd.DataFrame(
        {"a": [1.0, None], "a_missing": [0.0, 1.0], "b": ["x", "y"], "b_y": [1, 2]}
    )
    encoder = sn.TableEncoder()
    assert encoder.fit(frame).get_feature_names_out().tolist() == [
        "a", "a_missing", "b_y", "a_missing_2", "b_y_2",
    ]  # fmt: skip
    for kind, type_ in (("pandas", pd.DataFrame), ("polars", pl.DataFrame)):
        shown = encoder.set_output(transform=kind).transform(frame)
        assert isinstance(shown, type_) and list(shown.columns)[-1] == "b_y_2"
    with pytest.raises(ValueError, match="input_features is not equal to feature_names_in_"):
        encoder.get_feature_names_out(["a", "b", "c", "d"])


# What is refused

DAY = datetime.datetime(2024, 1, 2)
REFUSED: dict[str, tuple[Any, str]] = {
    "dates": (pd.DataFrame({"d": [DAY, DAY]}), "column 'd' holds dates"),
    "zoned dates": (pd.DataFrame({"d": pd.DatetimeIndex([DAY], tz="UTC")}), "'d' holds dates"),
    "dates as objects": (pd.DataFrame({"d": [DAY.date(), None]}), "column 'd' holds dates"),
    "durations": (pl.DataFrame({"d": [DAY - DAY]}), "column 'd' holds dates or times .timedelta"),
    "times": (pa.table({"d": [DAY.time()]}), "column 'd' holds dates or times"),
    "array of dates": (np.array([["2024"]], "M8[D]"), "column x0 holds dates"),
    "periods": (pd.DataFrame({"p": pd.period_range("2024", periods=2)}), "'p' holds Period"),
    "objects": (np.array([[1.0], [{}]], object), "column x0 holds {} .dict.: a cell"),
    "bytes": (pl.DataFrame({"b": [b"a"]}), "column 'b' holds b'a'"),
    "lists": (pl.DataFrame({"l": [[1, 2]]}), "column 'l' holds array"),
    "structs": (pl.DataFrame({"s": [{"x": 1}]}), "column 's' has dtype Struct"),
    "complex": (pd.DataFrame({"c": [1j]}), "column 'c' has dtype complex"),
    "long": (np.array([[10**400]], object), "a whole number that no float64 holds"),
    "one name twice": (pd.DataFrame([[1, 2]], columns=["a", "a"]), "of one name, 'a'"),
    "one name twice, arrow": (pa.table([[1], [2]], names=["a", "a"]), "of one name, 'a'"),
    "names and numbers": (pd.DataFrame([[1, 2]], columns=["a", 1]), "all input features have str"),
    "no rows": (pd.DataFrame({"a": []}), "0 sample.s. .shape=.0, 1.. while a minimum of 1"),
    "no columns": (pd.DataFrame(index=[0]), "0 feature.s. .shape=.1, 0.. while a minimum of 1"),
    "sparse": (sparse.csr_array(np.eye(2)), "Sparse data was passed for X"),
    "sparse keys": (sparse.dok_array(np.eye(2)), "Sparse data was passed for X"),
    "lazy": (pl.LazyFrame({"a": [1]}), "holds no rows yet: use X.collect"),
    "mapping": ({"a": [1, 2]}, "X is a dict: make a table of it"),
    "series": (pd.Series([1, 2]), "Expected a 2-dimensional container"),
    "masked": (np.ma.array([[1.0]], mask=[[True]]), "X is a masked array"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_encoder_frames_refuse_and_say_why(name: str) -> None:
    table, message = REFUSED[name]
    with pytest.raises((TypeError, ValueError), match=message):
        sn.TableEncoder().fit(table)


def test_encoder_frames_refuse_text_among_fitted_numbers() -> None:
    encoder = sn.TableEncoder().fit(pd.DataFrame({"age": [1, 2], "c": ["a", "b"]}))
    for cells in (["old", "1"], [1, "old"], ["old", None]):
        with pytest.raises(ValueError, match="column 'age' holds the text 'old', and was fitted"):
            encoder.transform(pd.DataFrame({"age": cells, "c": ["a", "b"]}))
    assert encoder.transform(pd.DataFrame({"age": [True, False], "c": [1, 2]})).shape == (2, 2)


def test_encoder_frames_of_numbers_are_hardly_copied() -> None:
    X = pd.DataFrame(np.random.default_rng(0).normal(size=(100_000, 20)))
    encoder = sn.TableEncoder().fit(X)
    tracemalloc.start()
    encoder.fit(X)
    fitting = tracemalloc.get_traced_memory()[1]
    encoder.transform(X)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    n_bytes = 20 * 100_000 * 8
    assert fitting < n_bytes and peak < 2 * n_bytes
