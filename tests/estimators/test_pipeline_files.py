"""Pipelines, scalers and encoders in `.snet` files: they come back the same to the last bit.

`test_scaler_files.py` has more of scalers, `test_pipeline_hostile.py` what is made on purpose.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import MinMaxScaler, OneHotEncoder, StandardScaler

import shallownet_native as sn
from pipeline_subjects import (
    FACTS,
    SUBJECTS,
    assert_same,
    classifier,
    encoder,
    frame,
    labels,
    numbers,
    of_a_table,
    regressor,
    rows_for,
    scaled,
    subject,
    through_a_file,
)
from shallownet_native import files

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
GOLDEN = Path(__file__).parents[1] / "golden"


@pytest.mark.parametrize("name", SUBJECTS)
def test_pipeline_files_come_back_the_same(name: str, path: Path) -> None:
    model = subject(name)
    again = through_a_file(model, path)
    assert_same(again, model)
    assert repr(again) == repr(model)
    content = path.read_bytes()
    sn.save(again, path)
    assert path.read_bytes() == content


@pytest.mark.parametrize("name", [name for name in SUBJECTS if "not fitted" not in name])
def test_pipeline_files_give_the_same_bits(name: str, path: Path) -> None:
    model = subject(name)
    again, rows = through_a_file(model, path), rows_for(model)
    methods = [m for m in ("predict", "predict_proba", "transform") if hasattr(model, m)]
    assert methods
    for method in methods:
        mine, theirs = (np.asarray(getattr(one, method)(rows)) for one in (again, model))
        assert mine.dtype == theirs.dtype and mine.tobytes() == theirs.tobytes()


def test_pipeline_files_go_on_exactly(path: Path) -> None:
    model = scaled(warm_start=True)
    again = through_a_file(model, path)
    assert_same(again.fit(numbers(), labels()), model.fit(numbers(), labels()))
    assert_same(clone(again), clone(model))


# what a Pipeline has beside its steps


def test_pipeline_files_keep_the_parameters(path: Path) -> None:
    steps = [("a", StandardScaler()), ("b", classifier())]
    model = Pipeline(steps, transform_input=["X_val"], verbose=True)
    again = through_a_file(model, path)
    assert again.transform_input == ["X_val"] and again.verbose is True and again.memory is None
    assert again.get_params(deep=False).keys() == model.get_params(deep=False).keys()


@pytest.mark.parametrize("container", ["default", "pandas", "polars"])
def test_pipeline_files_keep_the_output(container: str, path: Path) -> None:
    if container != "default":
        pytest.importorskip(container)
    steps = [("encoder", encoder()), ("scaler", StandardScaler()), ("net", classifier())]
    model = Pipeline(steps).set_output(transform=container).fit(frame(), labels())
    again = through_a_file(model, path)
    assert_same(again, model)
    mine, theirs = again.transform(frame()), model.transform(frame())
    assert type(mine) is type(theirs) and np.array_equal(np.asarray(mine), np.asarray(theirs))
    alone = through_a_file(StandardScaler().set_output(transform=container), path)
    assert alone._sklearn_output_config == {"transform": container}
    alone = through_a_file(encoder().set_output(transform=container), path)
    assert alone._sklearn_output_config == {"transform": container}


def test_pipeline_files_keep_what_is_known_of_the_table(path: Path) -> None:
    again = through_a_file(of_a_table(), path)
    assert again.table_ == FACTS
    assert list(again.table_["columns"]) == list(FACTS["columns"])  # in order
    assert not hasattr(through_a_file(scaled(), path), "table_")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"task": "regression", "labels": []}, "task"),
        ({"labels": ["no", "yes", "perhaps"]}, "labels"),
        ({"labels": ["yes", "no"]}, "labels"),
        ({"columns": {"width": "number", "size": "number", "colour": "category"}}, "columns"),
        ({"columns": dict.fromkeys(FACTS["columns"], "number")}, "columns"),
        ({"task": "guess"}, "task must be one of"),
        ({"columns": None}, "columns must map"),
    ],
)
def test_pipeline_files_refuse_another_table(change: Any, message: str, path: Path) -> None:
    model = of_a_table()
    model.table_ = {**FACTS, **change}
    with pytest.raises((TypeError, ValueError), match=message):
        sn.save(model, path)


def test_pipeline_files_refuse_a_table_of_an_earlier_fit(path: Path) -> None:
    model = of_a_table().fit(frame(), np.where(labels() == "no", "dog", "cat"))
    with pytest.raises(ValueError, match=r"labels: .*del pipeline\.table_") as told:
        sn.save(model, path)
    assert "\n" not in str(told.value)
    del model.table_
    assert through_a_file(model, path).classes_.tolist() == ["cat", "dog"]


def test_pipeline_files_know_the_classes_in_the_tables_spelling(path: Path) -> None:
    model = of_a_table().fit(frame(), np.arange(24) % 2 * 1000)
    how = {**FACTS["format"], "decimal": ",", "thousands": "."}
    model.table_ = {**FACTS, "labels": ["0,0", "1.000"], "format": how}
    assert through_a_file(model, path).table_["labels"] == ["0,0", "1.000"]


def test_pipeline_files_refuse_a_table_of_other_steps(path: Path) -> None:
    model = scaled()
    model.table_ = FACTS
    with pytest.raises(ValueError, match="only an encoder and a network"):
        sn.save(model, path)


def test_pipeline_files_are_checked_before_the_training() -> None:
    """The encoder knows its categories then, the network nothing: they may be too many."""
    model = of_a_table()
    model.steps[1] = ("network", classifier())
    files.check_encodable(files.record_of(model))
    words = [f"a word that takes its room, number {k}" for k in range(9000)]
    many = encoder(categorical_features=[0]).fit(np.array(words, object)[:, None])
    with pytest.raises(ValueError, match="use fewer or shorter"):
        files.check_encodable(files.record_of(make_pipeline(many, classifier())))


# what is refused


class Mine(StandardScaler):  # type: ignore[misc]
    """A class of a user's."""


class MyPipeline(Pipeline):  # type: ignore[misc]
    """A class of a user's."""


def search() -> Any:
    return GridSearchCV(scaled(), {"net__alpha": [0.1]}, cv=2).fit(numbers(), labels())


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: OneHotEncoder(), r"got OneHotEncoder: TableEncoder\(\) does its work"),
        (lambda: make_pipeline(OneHotEncoder(), regressor()),
         r"step 'onehotencoder' of the Pipeline is a OneHotEncoder.*: TableEncoder\(\) does"),
        (lambda: make_pipeline(MinMaxScaler(), regressor()), r": StandardScaler\(\) does"),
        (lambda: make_pipeline(Mine(), regressor()), r"'mine'.*joblib\.dump\(pipeline, path\)"),
        (lambda: Mine(), r"got Mine: keep the model with joblib"),
        (lambda: make_pipeline(scaled()), "'pipeline' is a Pipeline in a Pipeline"),
        (lambda: MyPipeline([("a", regressor())]), r"got MyPipeline.* save Pipeline\(model\.steps"),
        (search, "of a search, save its best_estimator_"),
        (lambda: make_pipeline(StandardScaler(), search()), "step 'gridsearchcv'.*best_estimator_"),
        (lambda: make_pipeline(sn.initialize(2, 1, 1, seed=0)), "step 'parameters'"),
        (lambda: make_pipeline(StandardScaler(), classifier(callbacks=[print])),
         "step 'shallownetclassifier' of the Pipeline: callbacks"),
        (lambda: StandardScaler, "got type"),
        (lambda: Pipeline, "got "),
    ],
)  # fmt: skip
def test_pipeline_files_hold_known_classes_only(make: Any, message: str, path: Path) -> None:
    with pytest.raises(TypeError, match=message) as caught:
        sn.save(make(), path)
    assert "\n" not in str(caught.value) and not path.exists()


STALE = StandardScaler().fit(numbers()[:, :2])


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: scaled().set_params(memory="cache"), r"after pipeline\.set_params\(memory=None\)"),
        (lambda: Pipeline([("a", StandardScaler()), ("a", regressor())]), "names"),
        (lambda: Pipeline([("a__b", StandardScaler())]), "names"),
        (lambda: Pipeline([("steps", StandardScaler())]), "names"),
        (lambda: Pipeline([(3, StandardScaler())]), "names"),
        (lambda: Pipeline([]), "1 to 32 steps"),
        (lambda: Pipeline([(f"s{k}", None) for k in range(33)]), "1 to 32 steps"),
        (lambda: Pipeline([(f"s{k}", STALE) for k in range(20)]), "80 arrays, 64 are allowed"),
        (lambda: Pipeline([("a", STALE), ("b", scaled()[-1])]),
         "'b' takes 4 columns, the one before it gives 2"),
        (lambda: Pipeline([("a", scaled()[-1]), ("b", STALE)]),
         "'b' takes 2 columns, the one before it gives 3"),
        (lambda: Pipeline([("a", None)], verbose="x"), "verbose"),
        (lambda: Pipeline([("a", None)], transform_input=[1]), "transform_input"),
        (lambda: make_pipeline(StandardScaler(), classifier(alpha=-1.0)), "'shallownetc.*alpha"),
    ],
)  # fmt: skip
def test_pipeline_files_refuse_what_does_not_fit(make: Any, message: str, path: Path) -> None:
    with pytest.raises(ValueError, match=message) as caught:
        sn.save(make(), path)
    assert "\n" not in str(caught.value) and not path.exists()


def test_pipeline_files_load_in_a_process_of_their_own(path: Path) -> None:
    """With nothing imported before, and with no other package of ours than the file needs."""
    model = scaled()
    sn.save(model, path)
    code = "import sys, shallownet_native as sn; print(type(sn.load(sys.argv[1])).__name__)"
    command = [sys.executable, "-W", "error", "-c", code, path]
    run = subprocess.run(command, capture_output=True, text=True, check=True)
    assert run.stdout == "Pipeline\n"


# golden files

ROWS = pd.DataFrame(
    {
        "glazed": ["yes", "no", None, "no"],
        "größe": ["mittel", "riesig", "klein", None],
        "width": [2.0, np.nan, np.inf, -1.0],
    }
)
PROBABILITIES = [
    [0.011348859407007694, 0.9214344024658203, 0.06721678376197815],
    [0.0071688806638121605, 0.303183376789093, 0.6896477937698364],
    [0.856537938117981, 0.1318744719028473, 0.011587558314204216],
    [0.01042107306420803, 0.8042988181114197, 0.18528008460998535],
]
ENCODED = [
    [-0.8697773726725703, 0, 0, 0, 1, 1, 0.16666666666666663, -0.5, -0.5, -0.5],
    [0, 1, 0, 0, 0, -1, 0.5, 0.5, -0.3666666666666666, -0.5],
    [3, 0, 0, 1, 0, 0, 0.5, 0.5, 0.5, 0.5],
    [-1.7465361629704519, 0, 0, 0, 0, -1, -0.5, -0.5, -0.5, -0.5],
]
SCALED = [[-0.9088116232492304, -1.0365082934444771], [1.1566693386808384, -0.3048553804248463]]


def test_pipeline_files_of_version_1_keep_loading(path: Path) -> None:
    """The files stay as they are."""
    model = sn.load(GOLDEN / "pipeline-1.snet")
    assert [name for name, _ in model.steps] == ["encoder", "network"]
    assert model.table_["columns"] == {
        "width": "number", "größe": "category", "glazed": "category"
    }  # fmt: skip
    # float32: 1e-5 is 80 eps, room for the sums of any level
    np.testing.assert_allclose(model.predict_proba(ROWS), PROBABILITIES, rtol=1e-5)
    assert model.predict(ROWS).tolist() == ["cup", "plate", "bowl", "cup"]
    encoder = sn.load(GOLDEN / "table-encoder-1.snet")
    assert encoder.ignored_features_ == ("note",) and encoder.dtype is np.float64
    np.testing.assert_allclose(encoder.transform(ROWS.assign(note="x")), ENCODED, rtol=1e-14)
    scaler = sn.load(GOLDEN / "standard-scaler-1.snet")
    assert scaler.n_samples_seen_.tolist() == [5, 6]
    scaled = scaler.transform(pd.DataFrame({"width": [2.0, 7.0], "height": [1, 3]}))
    assert isinstance(scaled, pd.DataFrame) and scaled.columns.tolist() == ["width", "height"]
    np.testing.assert_allclose(scaled, SCALED, rtol=1e-14)


@pytest.mark.parametrize("name", ["pipeline", "table-encoder", "standard-scaler"])
def test_pipeline_files_of_version_1_are_saved_as_they_were(name: str, path: Path) -> None:
    sn.save(sn.load(GOLDEN / f"{name}-1.snet"), path)
    assert path.read_bytes() == (GOLDEN / f"{name}-1.snet").read_bytes()
