"""Models of version 0.1.0's command line: they load, predict as they did, and are saved unchanged.

Files of them made on purpose are in `tests/files/test_files_hostile.py`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import shallownet_native as sn
from campaigns.forgery import ABSENT, changed, old_model
from shallownet_native.files import snet
from shallownet_native.tables.old_models import Model

GOLDEN = Path(__file__).parents[1] / "golden" / "model-1.snet"
OUTPUTS = [0.5000065825279488, 0.5000418888724607, 0.5001596459629282]
TABLE: dict[str, Any] = {
    "size": ["12", " 6 ", "1e1"], "colour": ["red", "blue", "red "], "note": ["", "", ""],
}  # fmt: skip


def model(**changes: Any) -> Model:
    return Model.from_record(old_model(**changes))


def test_old_models_golden_file_predicts_as_it_did() -> None:
    """Numbers of the release that wrote it."""
    content = GOLDEN.read_bytes()
    for loaded in (sn.load(GOLDEN), Model.from_record(snet.decode(content))):
        assert (loaded.target, loaded.classes, loaded.hidden) == ("y", ("no", "yes"), "leaky_relu")
        assert loaded.training["task"] == "classification"
        rows = loaded.encode({"größe": ["1.5", " 2e0", 3], "sex": ["f", "m ", "m"]})
        assert rows.tolist() == [[1.0, 0.0, 0.0], [0.0, 1.0, 2.0], [0.0, 1.0, 6.0]]
        np.testing.assert_allclose(loaded.outputs(rows)[:, 0], OUTPUTS, rtol=1e-12)
        assert loaded.predict({"größe": [1.5], "sex": ["f"]}) == ["yes"]
        assert snet.encode(loaded.to_record()) == content
    assert loaded.columns == ("sex", "größe") and loaded.categories == {"sex": ["f", "m"]}


def test_old_models_encode_by_scaling_and_by_categories() -> None:
    expected = [[0.5, 0.0, 1.0], [-1.0, 1.0, 0.0], [0.0, 0.0, 1.0]]
    assert model().encode(TABLE).tolist() == expected
    frame = pd.DataFrame({"colour": ["red", "blue"], "size": [12.0, 6.0]})
    assert model().encode(frame).tolist() == expected[:2]


@pytest.mark.parametrize(
    ("categories", "values", "positions"),
    [
        (["1", "2"], ["1.0", 1, 2.0, "2", "+2e0"], [0, 0, 1, 1, 1]),
        (["1", "1.0"], ["1", "1.0", 1, 1.0], [0, 1, 0, 1]),  # both spellings in one file
        (["false", "true"], [True, "TRUE", np.False_], [1, 1, 0]),
        (["01", "1"], ["01", "1.0"], [0, 1]),
        (["inf", "x"], ["inf", "x"], [0, 1]),
    ],
)
def test_old_models_compare_categories_by_value(
    categories: Any, values: Any, positions: Any
) -> None:
    one = model(
        columns=["c"], categories={"c": categories}, centre=[0.0], scale=[1.0],
        parameters=sn.initialize(2, 0, 1, seed=0),
    )  # fmt: skip
    assert one.encode({"c": values}).argmax(axis=1).tolist() == positions


@pytest.mark.parametrize(
    ("output", "classes", "n_y"),
    [("sigmoid", [False, True], 1), ("softmax", [3, 1.5, "b"], 3), ("identity", [], 1),
     ("exp", [], 1)],
)  # fmt: skip
def test_old_models_predict_as_the_functions_do(output: str, classes: Any, n_y: int) -> None:
    ours = model(output=output, classes=classes, n_y=n_y)
    X = ours.encode(TABLE).T
    A2 = sn.forward(sn.initialize(3, 4, n_y, seed=0), X, "relu", output).A2
    numbers = sn.predict(ours.parameters, X).ravel()
    expected = [classes[int(k)] for k in numbers] if classes else numbers.tolist()
    assert ours.predict(TABLE) == expected
    if classes:
        probabilities = ours.probabilities(ours.outputs(X.T, n_threads=1))
        assert probabilities.shape == (3, len(classes))
        assert np.array_equal(probabilities[:, -1], A2[-1])


def test_old_models_of_float32_predict() -> None:
    small = sn.initialize(3, 4, 1, seed=0, dtype=np.float32)
    assert {*model(parameters=small).predict(TABLE)} <= {"no", "yes"}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"size": ["1", "2", "x"]}, "row 2: column 'size' has 'x', a finite number"),
        ({"size": ["1", "", "2"]}, "row 1: column 'size' has no value"),
        ({"size": ["1", "1_0", "2"]}, "row 1: column 'size' has '1_0'"),
        ({"size": [1.0, 2.0, np.inf]}, "row 2.*finite"),
        ({"size": ["-1e308", "1", "2"]}, "row 0: column 'size' is out of range"),
        ({"colour": ["red", "pink", "red"]}, "row 1: column 'colour' has 'pink'.*'blue', 'red'"),
        ({"colour": ["red", None, "red"]}, "row 1: column 'colour' has no value"),
        ({"colour": ["red", "red", float("nan")]}, "row 2: column 'colour' has no value"),
        ({"size": [pd.NA, 1, 2]}, "row 0: column 'size' has no value"),
    ],
)
def test_old_models_say_which_value_does_not_do(change: Any, message: str) -> None:
    tiny = model(centre=[0.0, 0.0], scale=[1e-3, 1.0])
    with pytest.raises(ValueError, match=message):
        tiny.encode({**TABLE, **change})


def test_old_models_say_which_columns_are_missing() -> None:
    with pytest.raises(ValueError, match="'colour' is missing: this model reads 'size', 'colour'"):
        model().encode({"size": ["1"]})


@pytest.mark.parametrize(
    ("where", "value", "message"),
    [
        ("columns", ["size"], "not as many as their numbers"),
        ("columns", ["colour", "colour"], "must all differ"),
        ("target", "size", "not that of a column"),
        ("classes", ["no"], "do not fit"),
        ("classes", ["no", "no"], "must all differ"),
        ("output", "softmax", "do not fit"),
        ("hidden", "tahn", "did you mean 'tanh'"),
        ("negative_slope", -1.0, "negative_slope"),
        ("training", {"epochs": [1]}, "training"),
        ("training", "x", "training"),
        ("training", True, "training"),
        ("target", ABSENT, "missing keys"),
    ],
)
def test_old_models_refuse_parts_that_do_not_fit(where: str, value: Any, message: str) -> None:
    other = snet.decode(changed(old_model(), where, value))
    with pytest.raises(sn.ModelFormatError, match=message):
        Model.from_record(other)
    assert repr(model()).startswith("<Model of 'kind' by 2 columns, Parameters(")
