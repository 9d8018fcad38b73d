"""The commands about tables: what they keep, count, print and refuse."""

from __future__ import annotations

import csv
import gzip
import io
import json
from pathlib import Path
from typing import Any

import pytest

import shallownet_native as sn

HEADER = "id,w,h,colour,kind"
RED = ("red", "blue", "green")


def row(k: int) -> str:
    return f"{k:03},{k}.50,{k * 7 % 13},{RED[k % 3]},{'ab'[k > 30]}"


def write(rows: list[str], path: str = "t.csv", header: str = HEADER) -> str:
    Path(path).write_text("".join(f"{line}\n" for line in [header, *rows]), newline="")
    return path


@pytest.fixture
def data(folder: Path) -> str:
    """A good table."""
    return write([row(k) for k in range(60)])


@pytest.fixture
def model(data: str, train: Any) -> str:
    """A model of it."""
    train(data)
    return "m.snet"


# train and the program


def test_commands_alone_print_the_help(run: Any) -> None:
    done = run()
    assert (done.code, done.err) == (0, "")
    assert done.out == run("--help").out
    assert all(name in done.out for name in ("train", "predict", "evaluate", "info"))


def test_commands_print_the_version(run: Any) -> None:
    done = run("--version")
    assert (done.code, done.err) == (0, "") and sn.__version__ in done.out


def test_train_quiet_prints_nothing(data: str, run: Any) -> None:
    given = ["train", data, "--target", "kind", "--out", "m.snet", "--epochs", "1", "--quiet"]
    assert run(*given) == (0, "", "")
    assert Path("m.snet").exists()


def test_train_json_is_one_object(data: str, train: Any, run: Any) -> None:
    done = train(data, "--json")
    report = json.loads(done.out)
    assert isinstance(report, dict)
    text = json.dumps(report)
    assert '"kind"' in text and '"colour"' in text and '"id"' in text
    described = json.loads(run("info", "m.snet", "--json").out)
    assert isinstance(described, dict) and '"colour"' in json.dumps(described)


def test_train_prints_what_is_what(data: str, train: Any) -> None:
    done = train(data, "--drop", "colour", "--drop", "id")
    assert "0 categorical: 'w'" not in done.out and "'w'" in done.out and "'h'" in done.out


def test_train_says_that_none_is_held_out(folder: Path, train: Any) -> None:
    done = train(write([row(k) for k in (1, 31, 2)]), "--categorical", "id")
    [line] = [line for line in done.said.splitlines() if "held" in line]
    assert "0 rows" in line or "no" in line


def test_train_a_regression_prints_errors_in_its_unit(data: str, train: Any) -> None:
    out = train(data, target="w").out
    assert all(measure in out for measure in ("R2", "RMSE", "MAE"))


def test_train_reads_numbers_as_a_regression_on_demand(data: str, train: Any) -> None:
    train(data, "--task", "regression", target="h")
    assert sn.load("m.snet").table_["task"] == "regression"
    train(data, "--task", "count", target="h")
    assert sn.load("m.snet").table_["task"] == "count"


def test_train_stops_early(data: str, train: Any) -> None:
    train(data, "--early-stopping", "--epochs", "3")
    assert sn.load("m.snet")[-1].validation_loss_curve_


CONFLICTS = {
    "target dropped": (["--drop", "kind"], ("--drop", "kind", "target")),
    "target categorical": (["--categorical", "kind"], ("--categorical", "kind", "target")),
    "dropped and categorical": (
        ["--drop", "id", "--categorical", "id"], ("--drop", "--categorical", "'id'"),
    ),
    "a slope for tanh": (["--negative-slope", "0.2"], ("--negative-slope", "leaky_relu")),
    "a slope for relu": (
        ["--hidden", "relu", "--negative-slope", "0.01"], ("--negative-slope", "leaky_relu"),
    ),
    "hidden without units": (["--hidden", "relu", "--hidden-units", "0"], ("--hidden",)),
    "batches for gd": (["--optimizer", "gd", "--batch-size", "8"], ("--batch-size", "gd")),
    "a list to drop": (["--drop", "id,w"], ("--drop", "repeat")),
    "a list of categories": (["--categorical", "id,h"], ("--categorical", "repeat")),
    "drop unknown": (["--drop", "COLOR"], ("--drop", "did you mean 'colour'")),
    "hidden in capitals": (["--hidden", "TANH"], ("did you mean 'tanh'",)),
    "missing unknown": (["--missing", "Fil"], ("--missing", "fill")),
    "decimal of two": (["--decimal", ",,"], ("--decimal",)),
}  # fmt: skip


@pytest.mark.parametrize("name", CONFLICTS)
def test_train_refuses_options_that_conflict_or_do_nothing(
    data: str, refuse_training: Any, name: str
) -> None:
    options, says = CONFLICTS[name]
    refuse_training(data, *options, says=says)


@pytest.mark.parametrize("option", ["--drop", "--categorical"])
def test_train_takes_or_names_a_column_said_twice(data: str, run: Any, option: str) -> None:
    given = ["train", data, "--target", "kind", "--out", "m.snet", "--epochs", "1"]
    done = run(*given, option, "colour", option, "colour")
    assert done.code == 0 or (done.code == 2 and done.err.startswith(f"shallownet: {option}"))


def test_train_refuses_to_take_what_has_no_name(folder: Path, refuse_training: Any) -> None:
    path = write([f"{k},{row(k)}" for k in range(40)], header=f",{HEADER}")
    refuse_training(path, "--categorical", "", says=("--categorical", "no name"))


@pytest.mark.parametrize("target", ["KIND", "Kind", "kin"])
def test_train_suggests_in_any_capitals(data: str, refuse_training: Any, target: str) -> None:
    refuse_training(data, target=target, says=("did you mean 'kind'",))


@pytest.mark.parametrize("option", ["--delimiter", "--decimal", "--thousands", "--encoding"])
def test_train_refuses_options_of_text_for_parquet(
    folder: Path, refuse_training: Any, option: str
) -> None:
    pd, _ = pytest.importorskip("pandas"), pytest.importorskip("pyarrow")
    pd.DataFrame({"w": range(30), "kind": ["a", "b"] * 15}).to_parquet("t.parquet")
    value = {"--encoding": "latin-1", "--decimal": ","}.get(option, ";")
    refuse_training("t.parquet", option, value, says=(option, "t.parquet"))


# predict


def test_predict_keeps_cells_as_they_are(model: str, run: Any) -> None:
    keys = ["007", " padded ", "=1+1", '"a ""b"" c"', '"two\nlines"', "NA", '"x, y"', ""]
    rows = [f"{key},1.500,3,red" for key in keys]
    path = write(rows, "new.csv", "key,w,h,colour")
    done = run("predict", model, path, "--keep", "key", "--keep", "w")
    assert done.code == 0
    header, *printed = csv.reader(io.StringIO(done.out, newline=""))
    assert sorted(header) == ["key", "kind", "w"]
    kept = [line[header.index("key")] for line in printed]
    assert kept == ["007", " padded ", "=1+1", 'a "b" c', "two\nlines", "NA", "x, y", ""]
    assert {line[header.index("w")] for line in printed} == {"1.500"}


def test_predict_refuses_to_keep_what_is_not_there(model: str, data: str, refused: Any) -> None:
    refused("predict", model, data, "--keep", "Colours", says=("--keep", "did you mean 'colour'"))
    refused("predict", model, data, "--keep", "id,w", says=("--keep", "repeat"))


def test_predict_refuses_probabilities_of_a_regression(data: str, train: Any, refused: Any) -> None:
    train(data, target="w")
    refused("predict", "m.snet", data, "--probabilities", says=("--probabilities",))


def test_predict_reads_as_training_did(folder: Path, train: Any, run: Any) -> None:
    """The format is the model's unless another is given."""
    lines = [f"{k},5;1.{k:03}.000;{'ab'[k > 30]}" for k in range(60)]
    path = write(lines, "s.csv", "w;h;kind")
    train(path, "--delimiter", ";", "--decimal", ",", "--thousands", ".")
    plain = [f"{k}.5,1{k:03}000,{'ab'[k > 30]}" for k in range(60)]
    other = write(plain, "p.csv", "w,h,kind")
    as_trained = run("predict", "m.snet", path, "--probabilities")
    given = ["--delimiter", ",", "--decimal", ".", "--thousands", ""]
    done = run("predict", "m.snet", other, "--probabilities", *given)
    assert as_trained.code == done.code == 0
    numbers = [[cell.replace(",", ".") for cell in line] for line in
               csv.reader(io.StringIO(as_trained.out), delimiter=";")]  # fmt: skip
    assert numbers == list(csv.reader(io.StringIO(done.out)))


def test_predict_reads_gzip(model: str, data: str, run: Any) -> None:
    Path("t.csv.gz").write_bytes(gzip.compress(Path(data).read_bytes()))
    assert run("predict", model, "t.csv.gz").out == run("predict", model, data).out


NEW = b"w,h,colour\n1.5,2,red\n2.5,3,violet\n3.5,4,violet\n4.5,4,\n"


def test_predict_counts_unknown_categories(model: str, run: Any) -> None:
    done = run("predict", model, "-", "--unknown", "ignore", stdin=NEW)
    assert done.code == 0 and len(done.out.splitlines()) == 5
    [line] = [line for line in done.err.splitlines() if "violet" in line or "training" in line]
    assert "'colour'" in line and "2" in line


def test_predict_refuses_unknown_categories_on_demand(model: str, refused: Any) -> None:
    says = ("line 3", "'colour'", "'violet'", "--unknown ignore")
    refused("predict", model, "-", "--unknown", "error", stdin=NEW, says=says)


def test_predict_is_never_silent_about_unknown_categories(model: str, run: Any) -> None:
    done = run("predict", model, "-", stdin=NEW)
    assert "'colour'" in done.err and done.code in (0, 2)


def test_predict_writes_one_line_for_each_row(model: str, run: Any) -> None:
    for rows in (1, 2, 5000):
        lines = [row(k % 60) for k in range(rows)]
        done = run("predict", model, write(lines, "new.csv"))
        assert done.code == 0 and len(done.out.splitlines()) == rows + 1


def test_predict_quiet_says_nothing_besides(model: str, run: Any) -> None:
    done = run("predict", model, "-", "--unknown", "ignore", "--quiet", stdin=NEW)
    assert (done.code, done.err) == (0, "") and len(done.out.splitlines()) == 5


def test_predict_names_absent_columns(model: str, refused: Any) -> None:
    refused("predict", model, "-", stdin=b"w,H,colour\n1,2,red\n", says=("'h'", "'H'"))
