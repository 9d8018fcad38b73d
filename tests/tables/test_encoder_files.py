"""TableEncoder in `.snet` files: it comes back to the last bit, and nothing wrong comes in.

`test_encoder.py` is about what it makes of tables.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import shallownet_native as sn
from campaigns.forgery import ABSENT, changed
from shallownet_native.files import snet

TABLE = pd.DataFrame(
    {
        "age": [0.1, 1e-300, None, 7.0, 2.0],
        "colour": ["red", "10", "9", None, "blue"],
        "w": [1.0, 2.0, 3.0, 5.0, 8.0],
        "sex": ["f", "m", "f", "m", None],
        "same": [36.6] * 5,
        "none": pd.array([None] * 5, dtype="string"),
        "Täß": [1e300, -1e300, 0.0, 1.0, 2.0],
    }
)


def encoder(**options: Any) -> Any:
    return sn.TableEncoder(**{"encoding": "piecewise", "n_bins": 4, **options}).fit(TABLE)


def same(mine: Any, other: Any) -> bool:
    """Tell whether two encoders have the same attributes to the last bit."""
    assert vars(mine).keys() == vars(other).keys()
    return all(plain(vars(mine)[name]) == plain(value) for name, value in vars(other).items())


def plain(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        return value.dtype, value.tolist() if value.dtype == object else value.tobytes()
    return [type(value), *map(plain, value)] if isinstance(value, (list, tuple)) else value


CASES: dict[str, Any] = {
    "not fitted": lambda: sn.TableEncoder(categorical_features=["a", "b"], dtype=np.float64),
    "plain": lambda: encoder(encoding="plain"),
    "piecewise": encoder,
    "by mask": lambda: encoder(categorical_features=[False, True, False, True, False, True, False]),
    "by position": lambda: encoder(categorical_features=(1, 3, 5)),
    "no names": lambda: sn.TableEncoder().fit([[1.0, "a"], [None, "b"]]),
    "categories only": lambda: sn.TableEncoder(encoding="piecewise").fit(np.array([["a"], ["b"]])),
    "too many for codes": lambda: sn.TableEncoder(encoding="piecewise").fit(np.eye(300)),
}


@pytest.mark.parametrize("name", CASES)
def test_encoder_files_give_back_every_bit(name: str, tmp_path: Path) -> None:
    mine = CASES[name]()
    sn.save(mine, tmp_path / "encoder.snet")
    other = sn.load(tmp_path / "encoder.snet")
    assert type(other) is sn.TableEncoder and same(mine, other)
    assert other.get_params() == mine.get_params()
    assert snet.encode(other.to_record()) == snet.encode(mine.to_record())


def test_encoder_files_keep_what_is_ignored_and_transform_alike(tmp_path: Path) -> None:
    mine = encoder()
    mine.ignored_features_ = ("target", "id")
    sn.save(mine, tmp_path / "encoder.snet")
    other = sn.load(tmp_path / "encoder.snet")
    assert other.ignored_features_ == ("target", "id")
    new = TABLE.assign(id=1, colour=["pink", "red", None, "9.0", "10"])
    assert np.array_equal(other.transform(new), mine.transform(new))


def test_encoder_files_take_arrays_of_parameters_as_lists(tmp_path: Path) -> None:
    mask = np.array([True, False])
    mine = sn.TableEncoder(categorical_features=mask, dtype="float64").fit([["a", 1], ["b", 2]])
    sn.save(mine, tmp_path / "encoder.snet")
    assert sn.load(tmp_path / "encoder.snet").get_params() == {
        "categorical_features": [True, False], "encoding": "plain", "n_bins": 16,
        "dtype": np.float64,
    }  # fmt: skip


def test_encoder_files_take_any_array_of_columns(tmp_path: Path) -> None:
    for chosen in (TABLE.columns[[1, 3, 5]], pd.Series([1, 3, 5]), range(1, 6, 2)):
        sn.save(encoder(categorical_features=chosen), tmp_path / "encoder.snet")
        assert sn.load(tmp_path / "encoder.snet").categorical_features == list(chosen)


# Written only as fit leaves it


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("means_", np.full(4, np.nan)), ("means_", np.zeros(3)), ("scales_", -np.ones(4)),
        ("categories_", []), ("edges_", [np.arange(3.0)]), ("n_features_in_", 6),
        ("feature_names_in_", np.array(["a"], object)), ("has_missing_", [2, 0, 0, 0]),
        ("encoding", "binned"), ("n_bins", 1), ("dtype", int), ("categorical_features", [0.5]),
        ("categorical_features", "all"),
    ],
)  # fmt: skip
def test_encoder_files_are_not_written_of_what_fit_does_not_leave(name: str, value: Any) -> None:
    mine = encoder()
    setattr(mine, name, value)
    with pytest.raises((TypeError, ValueError)):
        mine.to_record()


def test_encoder_files_are_not_written_of_half_an_encoder() -> None:
    mine = encoder()
    del mine.means_
    with pytest.raises(ValueError, match="the TableEncoder is not as fit leaves it"):
        mine.to_record()

    class Special(sn.TableEncoder):
        pass

    with pytest.raises(TypeError, match="Special is a subclass of ours"):
        Special().to_record()


# Nothing wrong comes in

RECORDS = {"": encoder().to_record(), "plain": encoder(encoding="plain").to_record(),
           "unfitted": sn.TableEncoder().to_record()}  # fmt: skip
COLOURS = ["9", "10", "blue", "red"]
N = float("nan")


def floats(*values: float) -> Any:
    return np.array(values, np.float64)


def ints(*values: int) -> Any:
    return np.array(values, np.int64)


P, F, A = "parameters/", "fitted/", "arrays/"
BAD: dict[str, list[Any]] = {
    "parameters": [None, [], "plain", {"code": "import os"}, {"self": 1}, {"__class__": "x"}],
    f"{P}encoding": ["binned", None, 1, ["plain"], {"tuple": []}],
    f"{P}n_bins": [3, -1, 2.5, "16", None, True, [16], {"float": "inf"}],
    f"{P}dtype": ["float16", "object", "int64", None, 4, ["float32"], {"float": "nan"}, "<f4"],
    f"{P}categorical_features": [
        "all", None, 1, 0.5, [0.5], ["a", 1], [None], [True, 1], [["a"]], {"dict": []}, {"a": 1},
    ],
    "fitted": [[], "x", {}, {"categories": []}],
    "more": [1],
    "output": ["numpy", 1, True, [], {"transform": "pandas"}, ABSENT],
    f"{F}feature_names": [
        [], ["a"], "abcdefg", [*"abcdef", 1], [*"abcdef", "a"], {"a": 1}, 7, [None] * 7,
    ],
    f"{F}ignored_features": [None, "x", [1], ["x", "x"], ["age"], {"x": 1}, [["x"]]],
    f"{F}categories": [
        None, [], [[], []], [COLOURS, ["f", "m"], [], []], [COLOURS, "fm", []],
        [COLOURS, ["m", "f"], []], [COLOURS, ["f", "f"], []], [COLOURS, ["", "f"], []],
        [COLOURS, [" f", "m"], []], [["10", "9", "blue", "red"], ["f", "m"], []],
        [COLOURS, ["1.0", "m"], []], [COLOURS, ["true"], []], [COLOURS, [1, 2], []],
        [COLOURS, [None], []], [COLOURS, [["f"], "m"], []], {"colour": COLOURS}, [COLOURS, {}, []],
    ],
    f"{F}more": [1],
    f"{A}is_categorical": [
        ints(), ints(0, 1), ints(0, 1, 0, 1, 0, 2, 0), ints(0, 1, 0, 1, 0, -1, 0), ints(*[0] * 7),
        ints(0, 1, 0, 1, 0, 1, 0, 0), floats(0, 1, 0, 1, 0, 1, 0), ints(0, 1, 0, 1, 0, 1, 0)[None],
        ints(*[1] * 7), ABSENT,
    ],
    f"{A}means": [
        floats(1, 1, 1, N), floats(1, 1, 1, np.inf), floats(1, 1, 1), floats(*[1] * 5), floats(),
        ints(1, 1, 1, 1), np.ones(4, np.float32), np.ones((4, 1)), np.float64(1.0), ABSENT,
    ],
    f"{A}scales": [
        floats(1, 1, 1, N), floats(1, 1, 1, np.inf), floats(1, 1, 1, -1), floats(1), ABSENT,
        ints(1, 1, 1, 1),
    ],
    f"{A}has_missing": [ints(0, 0, 0, 2), ints(0, 0, 0, -1), ints(0, 0, 0), floats(0, 0, 0, 0)],
    f"{A}n_edges": [
        ints(), ints(3), ints(5, 5, 0, 4), ints(6, 4, 0, 5), ints(5, 5, 2, 3), ints(5, 5, -5, 10),
        ints(2**62, 2**62, 2**62, 2**62), ints(-(2**63), 5, 0, 5), ints(5, 5, 0, 5, 0), ABSENT,
        floats(5, 5, 0, 5), ints(15, 0, 0, 0), ints(5, 5, 0, 2000),
    ],
    f"{A}edges": [
        floats(), np.arange(14.0), np.arange(16.0), np.arange(15.0)[::-1], np.zeros(15),
        floats(*[*range(14), N]), floats(*[*range(14), np.inf]), np.arange(15), ABSENT,
        np.arange(15.0)[:, None], floats(-np.inf, *range(14)), floats(1, *range(1, 15)),
    ],
    f"{A}more": [floats(1)],
    "plain:arrays/edges": [np.arange(3.0)],
    "plain:arrays/n_edges": [ints(0, 0, 0), ints(3, 0, 0, 0)],
    "unfitted:arrays/means": [floats(1)],
    "unfitted:fitted": [{}, [], 0, False],
}  # fmt: skip
FORGERIES = [(path, value) for path, values in BAD.items() for value in values]


def test_encoder_files_have_edges_as_the_forgeries_think() -> None:
    assert RECORDS[""].arrays["n_edges"].tolist() == [5, 5, 0, 5]


@pytest.mark.parametrize(("path", "value"), FORGERIES, ids=lambda value: str(value)[:40])
def test_encoder_files_made_on_purpose_are_refused(path: str, value: Any, tmp_path: Path) -> None:
    kind, _, place = path.rpartition(":")
    (tmp_path / "bad.snet").write_bytes(changed(RECORDS[kind], place, value))
    with pytest.raises(sn.ModelFormatError, match=r"bad\.snet: ") as caught:
        sn.load(tmp_path / "bad.snet")
    assert "\n" not in str(caught.value) and len(str(caught.value)) <= 1000


@pytest.mark.parametrize(
    ("n_edges", "is_right"), [((994, 30, 0, 3), True), ((995, 30, 0, 3), False)]
)
def test_encoder_files_have_no_more_codes_than_fit_makes(n_edges: Any, is_right: bool) -> None:
    record = RECORDS[""]
    arrays = {"n_edges": ints(*n_edges), "edges": np.arange(float(sum(n_edges)))}
    record = snet.Record(record.kind, record.fields, {**record.arrays, **arrays})
    if is_right:
        assert len(sn.TableEncoder.from_record(record).edges_[0]) == 994  # of 1024 codes, all
    else:
        with pytest.raises(sn.ModelFormatError, match="not as many as they should be"):
            sn.TableEncoder.from_record(record)
