"""Estimators for tables in files and pickles: back to the last bit; what is wrong is refused."""

from __future__ import annotations

import copy
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler

import shallownet_native as sn
from campaigns.forgery import ABSENT, changed
from tabular_data import (
    KINDS,
    SHORT,
    assert_same_fit,
    classifier,
    fitted,
    numbers_of,
    regressor,
    table,
    unfitted,
    values,
)  # fmt: skip

GOLDEN = Path(__file__).parents[1] / "golden"
MODELS = {kind: fitted(kind, n_hidden=3, max_epochs=2) for kind in KINDS}


def through_file(model: Any, folder: Path) -> Any:
    sn.save(model, folder / "model.snet")
    return sn.load(folder / "model.snet")


def weighted(kind: str) -> Any:
    weight = np.ones(120)
    weight[::4] = 0
    return fitted(kind, table(), weight)


def without_names(kind: str) -> Any:
    X = np.random.default_rng(0).normal(size=(40, 600))  # without codes, too
    y = np.arange(40) % 2
    return unfitted(kind).fit(X, y)


WAYS: dict[str, Any] = {
    "usual": fitted,
    "with a column of many codes": lambda kind: fitted(kind, n_bins=2000),
    "with all parameters": lambda kind: fitted(
        kind, encoding="plain", categorical_features=["colour", "sort"], batch_size=7, cv=3,
        weight_decay=0.1, average=0.9, n_threads=2, n_networks="auto",
    ),
    "with rows of weight 0": weighted,
    "without names": without_names,
}  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("way", WAYS)
def test_tabular_files_hold_all_of_a_fit(kind: str, way: str, tmp_path: Path) -> None:
    model = WAYS[way](kind)
    for other in (through_file(model, tmp_path), pickle.loads(pickle.dumps(model)),
                  copy.deepcopy(model)):  # fmt: skip
        assert other.get_params() == model.get_params()
        assert vars(other.encoder_).keys() == vars(model.encoder_).keys()
        if way == "without names":
            X = np.random.default_rng(1).normal(size=(5, 600))
            assert np.array_equal(other.predict(X), model.predict(X))
        else:
            assert_same_fit(model, other)
        if kind == "regressor":
            X = table() if way != "without names" else X
            assert np.array_equal(other.predict_interval(X)[1], model.predict_interval(X)[1])


@pytest.mark.parametrize("kind", KINDS)
def test_tabular_files_hold_what_is_not_fitted(kind: str, tmp_path: Path) -> None:
    model = unfitted(kind, n_hidden=7)
    other = through_file(model, tmp_path)
    assert type(other) is type(model) and other.get_params() == model.get_params()
    assert not hasattr(other, "encoder_")


def test_tabular_files_hold_labels_of_all_types(tmp_path: Path) -> None:
    X = table(40)
    for labels in (np.arange(40) % 3, np.arange(40) % 2 == 0, np.array(["a", "b"] * 20, object),
                   np.arange(40) % 2 * 1.0, ["one"] * 40):  # fmt: skip
        model = classifier(max_epochs=1, n_hidden=2).fit(X, labels)
        other = through_file(model, tmp_path)
        assert other.classes_.dtype == model.classes_.dtype
        assert np.array_equal(other.predict(X), model.predict(X))


@pytest.mark.parametrize("kind", KINDS)
def test_tabular_files_of_pipelines_hold_them(kind: str, tmp_path: Path) -> None:
    X = np.random.default_rng(0).normal(size=(40, 2))
    last = unfitted(kind, max_epochs=2)
    pipeline = Pipeline([("scale", StandardScaler()), ("network", last)]).fit(X, X[:, 0] > 0)
    other = through_file(pipeline, tmp_path)
    assert np.array_equal(other.predict(X), pipeline.predict(X))
    assert [type(step) for _, step in other.steps] == [StandardScaler, type(last)]


class Ours(sn.TabularShallowNetRegressor):
    """A subclass."""


@pytest.mark.parametrize(("model", "error", "match"), [
    (Ours(**SHORT), TypeError, "Ours is a subclass of ours"),
    (regressor(callbacks=print), TypeError, "callbacks"),
    (regressor(random_state=np.random.RandomState(0)), TypeError, "random_state"),
    (regressor(n_hidden=0), ValueError, "n_hidden"),
])  # fmt: skip
def test_tabular_files_refuse_what_they_cannot_hold(
    model: Any, error: type[Exception], match: str, tmp_path: Path
) -> None:
    with pytest.raises(error, match=match):
        sn.save(model, tmp_path / "model.snet")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("change", [
    {"_n_hidden": 4}, {"encoding_weights_": {"plain": 0.5}}, {"oob_prediction_": np.zeros(3)},
    {"best_epoch_": {"plain": -1, "piecewise": 0}}, {"oob_score_": np.inf},
])  # fmt: skip
def test_tabular_files_refuse_what_fit_has_not_left(change: Any, tmp_path: Path) -> None:
    model = copy.copy(MODELS["regressor"])
    vars(model).update(change)
    with pytest.raises(ValueError, match="is not as fit leaves it"):
        sn.save(model, tmp_path / "model.snet")


# files made on purpose

N = np.nan
RECORDS = {kind: model.to_record() for kind, model in MODELS.items()}
ANY: dict[str, list[Any]] = {
    "parameters/n_hidden": [0, "3", None, 1.5, [3]],
    "parameters/encoding": ["none", 1],
    "parameters/more": [1],
    "parameters/callbacks": ["print", [1]],
    "parameters": [[], None],
    "fitted": [[], {}, 3, {"encoder": {}}],
    "more": [1],
    "fitted/more": [1],
    "fitted/encoder": [None, [], {}, {"parameters": {}, "fitted": None, "output": None}],
    "fitted/n_hidden": [0, -1, 4, 2.0, "3", None, True, 2**40],
    "fitted/views": [
        {}, [], None, {"plain": 1}, {"plain": 0, "other": 0}, {"plain": -1, "piecewise": 0},
        {"plain": 0.5, "piecewise": 0}, {"plain": "0", "piecewise": 0},
        {"plain": True, "piecewise": 0}, {"plain": 2**60, "piecewise": 0},
    ],
    "fitted/oob_score": [None, "1", {"float": "inf"}, [], True],
    "fitted/deviation": [None, -1.0, {"float": "nan"}, {"float": "inf"}, "x"],
    "arrays/shares": [
        np.array([1.0]), np.array([0.7, 0.7]), np.array([1.5, -0.5]), np.array([N, N]),
        np.array([1, 0]), np.array([[0.5, 0.5]]), ABSENT,
    ],
    "arrays/patterns": [
        np.zeros((4, 4), np.int64), np.eye(3, dtype=np.int64), np.eye(4),
        2 * np.eye(4, dtype=np.int64), np.eye(5, dtype=np.int64), np.ones(4, np.int64),
        np.zeros((0, 4), np.int64), ABSENT,
    ],
    "arrays/pattern": [np.full(120, 4), np.full(120, -1), np.zeros(119, np.int64), np.zeros(120)],
    "arrays/scores": [np.full(120, -0.1), np.full(120, N), np.zeros(0), np.zeros((120, 1))],
    "arrays/places": [np.full(120, 3), np.full(120, -1), np.zeros(121, np.int64)],
    "arrays/oob": [np.zeros(119), np.full(120, N), np.zeros((120, 2)), np.zeros((119, 3)), ABSENT],
    "arrays/networks.plain": [
        np.zeros((4, 5), np.float32), np.zeros(4, np.float32), ABSENT,
        MODELS["regressor"]._members["plain"].astype(np.float64),
        MODELS["regressor"]._members["plain"][:3], MODELS["classifier"]._members["plain"] * np.nan,
    ],
    "arrays/networks.other": [np.zeros((4, 5), np.float32)],
    "arrays/encoder.means": [np.full(2, N), ABSENT],
    "arrays/more": [np.zeros(3)],
}  # fmt: skip
OF_KIND: dict[str, dict[str, list[Any]]] = {
    "classifier": {
        "fitted/classes": [
            None, [], {}, {"dtype": "<U6", "labels": []}, {"dtype": "<U6", "labels": ["a", "b"]},
            {"dtype": "<U6", "labels": ["b", "a", "c"]},
            {"dtype": "<i8", "labels": ["a", "b", "c"]},
        ],
        "fitted/numbers": [[0.0, 1.0, 0.0, 1.0]],
    },
    "regressor": {
        "fitted/classes": [{"dtype": "<i8", "labels": [0, 1]}],
        "fitted/numbers": [
            None, [], [0.0, 1.0, 0.0], [0.0, 0.0, 0.0, 1.0], [0.0, -1.0, 0.0, 1.0],
            [0.0, 1.0, 2.0, 1.0], [{"float": "nan"}, 1.0, 0.0, 1.0], ["0", 1.0, 0.0, 1.0],
        ],
        "arrays/places": [np.ones(120, np.int64)],
    },
}  # fmt: skip
FORGERIES = [
    (kind, path, value)
    for kind in KINDS
    for some in (ANY, OF_KIND[kind])
    for path, values in some.items()
    for value in values
]


@pytest.mark.parametrize(("kind", "path", "value"), FORGERIES, ids=lambda value: str(value)[:30])
def test_tabular_files_made_on_purpose_are_refused(
    kind: str, path: str, value: Any, tmp_path: Path
) -> None:
    (tmp_path / "bad.snet").write_bytes(changed(RECORDS[kind], path, value))
    with pytest.raises(sn.ModelFormatError, match=r"bad\.snet: ") as caught:
        sn.load(tmp_path / "bad.snet")
    assert "\n" not in str(caught.value) and len(str(caught.value)) <= 1000


def test_tabular_files_forged_in_no_way_are_read(tmp_path: Path) -> None:
    for kind in KINDS:
        views = {"plain": 1, "piecewise": 0}
        (tmp_path / "good.snet").write_bytes(changed(RECORDS[kind], "fitted/views", views))
        assert sn.load(tmp_path / "good.snet").best_epoch_ == views


# golden files


def golden_table() -> Any:
    """Return what the golden files were fitted to."""
    size = [1.0, 2.0, None, 4.0, 5.0, 6.0, 7.0, 8.0]
    return pd.DataFrame({"size": size, "colour": list("rgbrgbrg")})


def golden(kind: str) -> Any:
    """Return what a golden file held when it was written."""
    tiny = {"n_networks": 2, "n_hidden": 2, "max_epochs": 2, "n_bins": 4, "random_state": 0}
    if kind == "regressor":
        return sn.TabularShallowNetRegressor(**tiny).fit(golden_table(), np.arange(8.0))
    return sn.TabularShallowNetClassifier(**tiny).fit(golden_table(), list("xyxyxyxy"))


@pytest.mark.parametrize("kind", KINDS)
def test_tabular_files_of_the_first_release_load(kind: str) -> None:
    model, now = sn.load(GOLDEN / f"table-{kind}-1.snet"), golden(kind)
    assert model.get_params() == now.get_params()
    assert model.encoding_weights_.keys() == now.encoding_weights_.keys()
    # written at another level, perhaps, and trained two epochs
    X = golden_table()
    np.testing.assert_allclose(values(model, X), values(now, X), rtol=1e-3)


def test_tabular_files_are_gone_on_from_as_if_they_had_never_been(tmp_path: Path) -> None:
    X = table()
    other = through_file(fitted("regressor"), tmp_path)
    assert_same_fit(fitted("regressor"), other.fit(X, numbers_of(X)))
