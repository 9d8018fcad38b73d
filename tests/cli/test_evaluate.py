"""`shallownet evaluate`: which rows it measures, on which files, and what is not defined.

That its numbers are scikit-learn's is shown beside the other tests of tables.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn import metrics
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import shallownet_native as sn
from shallownet_native import ShallowNetClassifier, ShallowNetRegressor
from shallownet_native.cli import report
from shallownet_native.tables import TableEncoder

GOLDEN = Path(__file__).parents[1] / "golden"

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

ROWS = [f"{k},{'red' if k % 3 else 'blue'},{'cup' if k > 30 else 'plate'}" for k in range(60)]
TRAIN = ["train", "t.csv", "--target", "kind", "--out", "m.snet", "--epochs", "50"]


@pytest.fixture
def model(table: Any, command: Any) -> str:
    """A model of cups and plates."""
    table("w,colour,kind", ROWS)
    assert command(*TRAIN).code == 0
    return "m.snet"


def facts(command: Any, *arguments: object) -> Any:
    done = command("evaluate", *arguments, "--json", "--quiet")
    assert (done.code, done.err, done.out.count("\n")) == (0, "", 1), done
    return json.loads(done.out)


def test_evaluate_prints_measures_and_the_confusion_table(model: str, command: Any) -> None:
    done = command("evaluate", model, "t.csv")
    found = facts(command, model, "t.csv")
    lines = done.out.splitlines()
    assert (done.code, done.err) == (0, "")
    assert lines[:2] == ["target    'kind', classification", "rows      60 of t.csv"]
    assert lines[2] == f"accuracy  {found['measures']['accuracy']:.4f}"
    assert lines[3] == f"log-loss  {found['measures']['log_loss']:.4f}"
    assert lines[4] == f"AUC       {found['measures']['auc']:.4f}"
    (a, b), (c, d) = found["confusion"]
    assert a + b == 29 and c + d == 31 and found["labels"] == ["cup", "plate"]
    cells = [line.split() for line in lines[6:]]
    assert cells == [["true", "cup", "plate"], ["cup", str(a), str(b)], ["plate", str(c), str(d)]]


def test_evaluate_leaves_out_rows_without_a_target(model: str, command: Any, table: Any) -> None:
    other = table("w,colour,kind", [*ROWS, "3,red,", "4,,"], "o.csv")
    found = facts(command, model, other)
    assert found["rows"] == 60 and found["left_out"] == {"no_target": 2, "missing_cells": 0}
    assert found["measures"] == facts(command, model, "t.csv")["measures"]
    assert "60 of o.csv; 2 without a target left out" in command("evaluate", model, other).out


def test_evaluate_leaves_out_what_predict_does(table: Any, command: Any) -> None:
    rows = [*ROWS, ",red,cup", "5,,plate", ",,"]
    table("w,colour,kind", rows)
    assert command(*TRAIN, "--missing", "drop").code == 0
    found = facts(command, "m.snet", "t.csv")
    assert found["rows"] == 60 and found["left_out"] == {"no_target": 1, "missing_cells": 3}
    assert "3 with missing cells left out" in command("evaluate", "m.snet", "t.csv").out


def test_evaluate_of_unknown_classes_and_categories(
    model: str, command: Any, refused: Any, table: Any
) -> None:
    bad = refused("evaluate", model, table("w,colour,kind", ["1,red,cup", "2,red,pan"], "o.csv"))
    assert "o.csv, line 3" in bad and "'pan'" in bad and "'cup', 'plate'" in bad
    other = table("w,colour,kind", ["1,red,cup", "2,pink,plate"], "o.csv")
    done = command("evaluate", model, other)
    assert (
        done.code == 0 and "'colour': 1 cell with categories" in done.err and "'pink'" in done.err
    )
    assert command("evaluate", model, other, "--quiet").err == ""
    assert "line 3" in refused("evaluate", model, other, "--unknown", "error")


def test_evaluate_what_is_undefined_is_null(model: str, command: Any, table: Any) -> None:
    other = table("w,colour,kind", ["1,red,cup", "2,red,cup"], "o.csv")
    found = facts(command, model, other)["measures"]
    assert found["auc"] is None and found["log_loss"] > 0
    assert "AUC       undefined" in command("evaluate", model, other).out
    table("w,y", [f"{k},{k}.5" for k in range(40)])
    assert command("train", "t.csv", "--target", "y", "--out", "q.snet", "--epochs", "2").code == 0
    found = facts(command, "q.snet", table("w,y", ["1,2.5", "2,2.5"], "o.csv"))["measures"]
    assert found["r2"] is None and found["rmse"] > 0 and found["mae"] > 0


def test_evaluate_goes_by_another_column_on_demand(
    model: str, command: Any, refused: Any, table: Any
) -> None:
    other = table("w,colour,truth", ROWS, "o.csv")
    assert "no column 'kind'" in refused("evaluate", model, other)
    found = facts(command, model, other, "--target", "truth")
    assert found["target"] == "truth" and found["rows"] == 60
    text = refused("evaluate", model, other, "--target", "w")
    assert "--target 'w'" in text and "the model reads" in text


def test_evaluate_needs_a_row(model: str, refused: Any, table: Any) -> None:
    other = table("w,colour,kind", ["1,red,", "2,red,"], "o.csv")
    assert "no row has a target" in refused("evaluate", model, other)


def saved(kind: str, frame: pd.DataFrame) -> Any:
    """Return a model that Python saves, of a kind."""
    y, v = frame["kind"], frame["v"]
    network = ShallowNetClassifier((4,), max_iter=30, random_state=0)
    quantity = ShallowNetRegressor(hidden_layer_sizes=(4,), max_iter=30, random_state=0)
    made = {
        "estimator": lambda: network.fit(frame[["w"]], y),
        "encoded": lambda: make_pipeline(TableEncoder(), network).fit(frame[["w", "colour"]], y),
        "scaled": lambda: make_pipeline(StandardScaler(), quantity).fit(frame[["w"]], v),
        "count": lambda: quantity.set_params(loss="poisson").fit(frame[["w"]], v),
    }
    return made[kind]()


@pytest.mark.parametrize("kind", ["estimator", "encoded", "scaled", "count"])
def test_evaluate_measures_what_python_saved(
    kind: str, command: Any, refused: Any, table: Any
) -> None:
    frame = pd.read_csv(table("w,colour,kind,v", [f"{r},{k % 5}" for k, r in enumerate(ROWS)]))
    model = saved(kind, frame)
    sn.save(model, "p.snet")
    assert "--target" in refused("evaluate", "p.snet", "t.csv")
    target = "kind" if kind in ("estimator", "encoded") else "v"
    found = facts(command, "p.snet", "t.csv", "--target", target)
    predicted = model.predict(frame[["w", "colour"] if kind == "encoded" else ["w"]])
    if target == "kind":
        accuracy = metrics.accuracy_score(frame["kind"], predicted)
        assert found["measures"]["accuracy"] == pytest.approx(accuracy)
    else:
        assert found["measures"]["mae"] == pytest.approx(np.abs(frame["v"] - predicted).mean())
        assert ("mean_poisson_deviance" in found["measures"]) == (kind == "count")


def test_evaluate_has_no_measure_for_several_outputs(refused: Any, table: Any) -> None:
    frame = pd.read_csv(table("w,colour,kind", ROWS))
    sn.save(saved_pair(frame), "p.snet")
    assert "several outputs" in refused("evaluate", "p.snet", "t.csv", "--target", "kind")


def saved_pair(frame: pd.DataFrame) -> Any:
    network = ShallowNetRegressor(hidden_layer_sizes=(3,), max_iter=2, random_state=0)
    return network.fit(frame[["w"]], np.c_[frame["w"], -frame["w"]])


def test_evaluate_measures_models_of_version_0_1(command: Any, table: Any, refused: Any) -> None:
    path = GOLDEN / "model-1.snet"
    rows = ["f,1.5,no", "m,-0.5,yes", "f,0.25,", "m,2,no"]
    other = table("sex,größe,y", rows)
    found = facts(command, path, other)
    assert found["rows"] == 3 and sum(map(sum, found["confusion"])) == 3
    text = refused("evaluate", path, other, "--unknown", "ignore")
    assert "--unknown" in text and "0.1" in text


def test_evaluate_refuses_counts_below_zero(command: Any, refused: Any, table: Any) -> None:
    table("w,n", [f"{k},{k % 4}" for k in range(40)])
    train = ["train", "t.csv", "--target", "n", "--task", "count", "--out", "m.snet"]
    assert command(*train, "--model", "network", "--epochs", "2").code == 0
    text = refused("evaluate", "m.snet", table("w,n", ["1,2", "2,-1"], "o.csv"))
    assert "line 3" in text and "-1" in text and ">= 0" in text


def test_report_confusion_of_many_classes_is_left_to_json(command: Any, table: Any) -> None:
    table("w,kind", [f"{k},c{k % 30}" for k in range(300)])
    assert command(*TRAIN, "--epochs", "1").code == 0
    shown = command("evaluate", "m.snet", "t.csv").out
    assert "confusion of 30 classes: see --json" in shown and len(shown.splitlines()) == 6
    assert np.shape(facts(command, "m.snet", "t.csv")["confusion"]) == (30, 30)


def test_report_measures_survive_what_overflows() -> None:
    y = np.array([0.0, 1.0, 2.0])
    assert report.measures("regression", y, np.array([0.0, np.inf, 1.0]))["rmse"] is None
    found = report.measures("count", y, np.zeros(3))  # exp of a large negative number
    assert found["mean_poisson_deviance"] > 100 and found["d2"] < 0
    assert report.measures("count", np.zeros(3), y)["d2"] is None
    assert set(report.measures("regression", y[:0], y[:0]).values()) == {None}
    sure = np.array([[1.0, 0.0], [0.0, 1.0]])
    assert (
        report.measures("classification", np.array([1, 1]), np.array([0, 1]), sure)["auc"] is None
    )
