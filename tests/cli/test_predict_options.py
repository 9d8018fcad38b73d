"""`shallownet predict`: what is kept, filled, empty or refused, and how the output is written."""

from __future__ import annotations

import csv
import errno
import io
import os
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import shallownet_native as sn
from shallownet_native import ShallowNetClassifier

GOLDEN = Path(__file__).parents[1] / "golden"

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

ROWS = [f"{k},{'red' if k % 3 else 'blue'},{'cup' if k > 30 else 'plate'}" for k in range(60)]
HOLES = ["1,red", ",red", "3,", "4,blue"]  # of w and colour


def train(command: Any, *options: str, target: str = "kind") -> str:
    given = ["train", "t.csv", "--target", target, "--out", "m.snet", "--epochs", "5"]
    assert command(*given, *options).code == 0
    return "m.snet"


@pytest.fixture
def model(table: Any, command: Any) -> str:
    table("w,colour,kind", ROWS)
    return train(command)


def test_predict_fills_what_is_missing_and_says_so(model: str, command: Any, table: Any) -> None:
    done = command("predict", model, table("w,colour", HOLES, "n.csv"), "--probabilities")
    assert done.code == 0
    assert done.err.splitlines() == [
        "shallownet: note: column 'w': 1 cell missing, filled with the mean of training",
        "shallownet: note: column 'colour': 1 cell missing, counted as none of the categories",
    ]
    frame = pd.DataFrame({"w": [1, None, 3, 4], "colour": ["red", "red", None, "blue"]})
    rows = list(csv.reader(io.StringIO(done.out)))[1:]
    expected = sn.load(model).predict_proba(frame)
    assert np.array_equal(expected, [[float(cell) for cell in row[1:]] for row in rows])
    assert command("predict", model, "n.csv", "--quiet").err == ""


def test_predict_writes_empty_cells_where_training_dropped_rows(table: Any, command: Any) -> None:
    table("w,colour,kind", ROWS)
    model = train(command, "--missing", "drop")
    new = table("w,colour", HOLES, "n.csv")
    done = command("predict", model, new, "--probabilities", "--keep", "colour")
    rows = list(csv.reader(io.StringIO(done.out)))[1:]
    assert [row[0] for row in rows] == ["red", "red", "", "blue"]
    assert [all(row[1:]) for row in rows] == [True, False, False, True]
    assert rows[1][1:] == rows[2][1:] == ["", "", ""]
    assert "2 of 4 rows: not predicted" in done.err and done.err.count("\n") == 3
    done = command("predict", model, table("w,colour", [",red", "3,"], "n.csv"), "--probabilities")
    assert done.code == 0 and done.out == "kind,probability_cup,probability_plate\n,,\n,,\n"


def test_predict_refuses_what_is_missing_where_training_did(
    table: Any, command: Any, refused: Any
) -> None:
    table("w,colour,kind", ROWS)
    model = train(command, "--missing", "error")
    text = refused("predict", model, table("w,colour", [*HOLES, ",blue"], "n.csv"))
    assert "n.csv, line 3: column 'w' has no value" in text and "--missing fill" in text
    assert "2 of 'w', 1 of 'colour'" in text


def test_predict_names_itself_otherwise_if_its_name_is_kept(
    model: str, command: Any, refused: Any
) -> None:
    done = command("predict", model, "t.csv", "--keep", "kind", "--keep", "w")
    assert done.out.splitlines()[0] == "kind,w,predicted_kind"
    assert "'predicted_kind': 'kind' is kept" in done.err
    truth = [line.split(",")[0] for line in done.out.splitlines()[1:]]
    assert truth == [row.split(",")[2] for row in ROWS]
    assert "twice" in refused("predict", model, "t.csv", "--keep", "w", "--keep", "w")


def test_predict_writes_as_it_reads(table: Any, command: Any) -> None:
    rows = [f"{k},5;{k * 3},25;{'ab'[k > 30]}" for k in range(60)]
    table("w;y;kind", rows)
    given = ["--delimiter", ";", "--decimal", ","]
    train(command, *given, target="y")
    done = command("predict", "m.snet", "t.csv", "--keep", "w")
    header, *lines = [line.split(";") for line in done.out.splitlines()]
    assert header == ["w", "y"] and [line[0] for line in lines] == [r.split(";")[0] for r in rows]
    assert all("," in line[1] and "." not in line[1] for line in lines)
    frame = pd.read_csv("t.csv", sep=";", decimal=",")
    expected = sn.load("m.snet").predict(frame[["w", "kind"]])
    assert np.array_equal(expected, [float(line[1].replace(",", ".")) for line in lines])
    # with a comma between cells, cells with a decimal comma are quoted
    table("w,kind", ['"1,5",a', '"2,5",b'], "c.csv")
    done = command("predict", "m.snet", "c.csv", "--delimiter", ",")
    assert done.code == 0 and all(len(row) == 1 for row in csv.reader(io.StringIO(done.out)))


def test_predict_writes_tabs_for_a_table_of_tabs(model: str, command: Any, table: Any) -> None:
    tabs = table("w\tcolour", ["1\tred"], "n.tsv")
    assert command("predict", model, tabs, "--keep", "w").out.startswith("w\tkind\n1\t")
    said = table("sep=;\nw;colour", ["1;red"], "s.csv")
    assert command("predict", model, said, "--keep", "w").out.startswith("w;kind\n1;")


@pytest.mark.parametrize("option", ["--decimal", "--delimiter", "--encoding"])
def test_predict_parquet_of_a_model_of_csv(
    table: Any, command: Any, refused: Any, option: str
) -> None:
    """What the model's own table was like is no matter; what is said on the spot is."""
    table("w;colour;kind", [row.replace(",", ";") for row in ROWS])
    model = train(command, "--delimiter", ";", "--decimal", ",")
    columns = {"w": [1.0, 2.0], "colour": ["red", "blue"]}
    pd.DataFrame(columns).to_parquet("n.parquet")
    done = command("predict", model, "n.parquet")
    assert done.code == 0 and len(done.out.splitlines()) == 3
    value = "latin-1" if option == "--encoding" else ";"
    assert option in refused("predict", model, "n.parquet", option, value)


def test_predict_options_without_effect_are_refused(table: Any, command: Any, refused: Any) -> None:
    table("w,v,kind", [f"{k},{k}.5,{'ab'[k > 30]}" for k in range(60)])
    model = train(command)
    text = refused("predict", model, "t.csv", "--unknown", "ignore")
    assert "m.snet" in text and "--unknown" in text and "no categories" in text
    model = train(command, target="v")
    text = refused("predict", model, "t.csv", "--probabilities")
    assert "m.snet" in text and "--probabilities" in text and "'v'" in text


def test_predict_with_an_old_model_holds_to_its_rules(
    command: Any, refused: Any, table: Any
) -> None:
    path = GOLDEN / "model-1.snet"
    frame = {"sex": ["f", "m"], "größe": [1.5, -0.5]}
    done = command("predict", path, table("größe,sex", ["1.5,f", "-0.5,m"]), "--threads", "1")
    assert done.out.split() == ["y", *sn.load(path).predict(frame)]
    assert "line 3" in refused("predict", path, table("größe,sex", ["1,f", ",m"]))
    text = refused("predict", path, table("größe,sex", ["1,f", "1,x"]))
    assert "line 3" in text and "'x', which training did not see" in text


def test_predict_with_an_estimator_needs_finite_cells(refused: Any, table: Any) -> None:
    frame = pd.read_csv(table("w,colour,kind", ROWS))
    network = ShallowNetClassifier((3,), max_iter=2, random_state=0)
    sn.save(network.fit(frame[["w"]], frame["kind"]), "p.snet")
    assert "line 3: column 'w' has no value" in refused(
        "predict", "p.snet", table("w", ["1", "NA"])
    )
    assert "line 3: column 'w' is infinite" in refused(
        "predict", "p.snet", table("w", ["1", "inf"])
    )


@pytest.mark.parametrize("package", ["pandas", "sklearn", "tqdm"])
@pytest.mark.parametrize("name", ["train", "predict", "evaluate"])
def test_cli_names_the_extra_of_what_is_missing(
    package: str, name: str, refused: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before any work: the files are not even looked for."""
    monkeypatch.setitem(__import__("sys").modules, package, None)
    more = ["--target", "y", "--out", "x.snet"] if name == "train" else ["n.csv"]
    text = refused(name, "none.snet", *more)
    assert "pip install 'shallownet-native[cli]'" in text


def test_cli_a_full_disk_is_named(
    model: str, refused: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: Any) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "write", full)
    text = refused("predict", model, "t.csv", "--out", "p.csv")
    assert text.rstrip().endswith(f"p.csv: {os.strerror(errno.ENOSPC)}")
    assert sorted(os.listdir()) == ["m.snet", "t.csv"] and not Path("p.csv").exists()
