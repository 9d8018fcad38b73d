"""The command line refuses what it cannot use: exit code 2 and one line that says what to do."""

from pathlib import Path

import pytest

import shallownet_native as sn
from shallownet_native.cli import info, program

GOOD = "size,colour,kind\n" + "".join(
    f"{k},{'red' if k % 3 else 'blue'},{'large' if k > 20 else 'small'}\n" for k in range(40)
)
TRAIN = ["train", "data.csv", "--target", "kind", "--out", "new.snet", "--epochs", "2"]
ONE = [*TRAIN, "--model", "network"]
PREDICT = ["predict", "model.snet", "data.csv"]


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A working folder with a good table and a model trained on it."""
    monkeypatch.chdir(tmp_path)
    Path("data.csv").write_text(GOOD)
    assert program.main([*TRAIN[:5], "model.snet", "--epochs", "2"]) == 0
    sn.save(sn.initialize(2, 1, 1, seed=0), "parameters.snet")
    Path("damaged.snet").write_bytes(Path("model.snet").read_bytes()[:-1])
    return tmp_path


def call(capsys, arguments):
    capsys.readouterr()
    try:
        code = program.main(arguments)
    except SystemExit as stop:
        code = stop.code
    return code, *capsys.readouterr()


def assert_refused(capsys, arguments, *parts):
    """Code 2, nothing on standard output, one line on standard error that says these things."""
    code, out, err = call(capsys, arguments)
    assert (code, out) == (2, "")
    assert err.startswith("shallownet") and err.count("\n") == 1 and err.endswith("\n")
    for part in parts:
        assert part in err
    assert not Path("new.snet").exists()


BAD_TABLES = {
    "empty": ("", "empty"),
    "blank": ("\n\n", "empty"),
    "only a header": ("size,colour,kind\n", "no rows"),
    "a name missing": ("size,,kind\n1,2,3\n", "column 2 has no name"),
    "a name twice": ("kind,size,kind\n1,2,3\n", "'kind' twice"),
    "a row too short": (GOOD + "1,red\n", "line 42", "2 cells", "3"),
    "a row too long": (GOOD + "1,red,large,\n", "line 42", "4 cells"),
    "a word among numbers": (GOOD + "12cm,red,large\n", "line 42", "'12cm'", "--categorical"),
    "digits with underscores": (GOOD + "1_0,red,large\n", "line 42", "'1_0'"),
    "one class": (GOOD.replace("large", "small"), "always 'small'"),
    "no column left": ("kind\n" + "large\nsmall\n" * 9, "no column is left"),
    "semicolons": (GOOD.replace(",", ";"), "--delimiter ';'"),
    "tabs": (GOOD.replace(",", "\t"), "--delimiter '\\t'"),
    "an open quote": (GOOD + '1,"red,large\n', "line 42", "not a CSV file"),
    "an identifier": (
        "id,kind\n" + "".join(f"x{k},{k % 2}\n" for k in range(1001)), "'id'", "left out"
    ),
    "no target at all": ("size,kind\n" + "1,\n2,\n" * 9, "'kind'", "no value in any row"),
    "too many classes": (
        "size,kind\n" + "".join(f"{k},x{k}\n" for k in range(1001)), "'kind'", "1001"
    ),
    "no UTF-8": (GOOD.encode() + b"1,gr\xfcn,large\n", "UTF-8", "convert"),
    "a binary file": (bytes(range(256)) * 10, "data.csv"),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD_TABLES)
def test_cli_train_refuses_a_table(folder, capsys, name):
    content, *parts = BAD_TABLES[name]
    content = content.encode() if isinstance(content, str) else content
    Path("data.csv").write_bytes(content)
    assert_refused(capsys, TRAIN, "data.csv" if "line" in parts[0] else "", *parts)


PASSED = {
    "a line of blanks": ("  \n", "41 rows", ""),
    "no target value": ("1,red,\n", "1 row is left out: no value in 'kind'", ""),
    "no number": (",red,large\n", "column 'size': 1 of 41 cells missing", "'size'"),
    "no category": ("1, ,large\n", "column 'colour': 1 of 41 cells missing", "'colour'"),
    "NA": ("NA,red,large\n", "column 'size': 1 of 41 cells missing", "'size'"),
    "a question mark": ("?,red,large\n", "column 'size': 1 of 41 cells missing", "'size'"),
    "nan": ("nan,red,large\n", "column 'size': 1 of 41 cells missing", "'size'"),
    "inf": ("-inf,red,large\n", "wrote", ""),
    "overflow": ("1e999,red,large\n", "wrote", ""),
    "too large to square": ("1e300,red,large\n-1e300,red,small\n", "wrote", ""),
}  # fmt: skip


@pytest.mark.parametrize("name", PASSED)
def test_cli_train_passes_over_what_it_can(folder, capsys, name):
    """What is filled or left out is said, and with --missing error an error that names the line."""
    row, said, column = PASSED[name]
    Path("data.csv").write_text(GOOD + row)
    if column:
        parts = ("line 42", column, "no value", "--missing fill", "--missing drop", "--drop")
        assert_refused(capsys, [*TRAIN, "--missing", "error"], *parts)
    code, out, err = call(capsys, [*TRAIN, "--held-out", "0"])
    assert (code, err) == (0, "") and (said in out or name == "a line of blanks")
    n_rows = sn.load("new.snet").table_["training"]["training_rows"]
    assert n_rows == 40 + row.count("\n") - (name in ("a line of blanks", "no target value"))


BAD_TRAINING = {
    "no such file": (["train", "nowhere.csv", *TRAIN[2:]], "nowhere.csv"),
    "a folder": (["train", ".", *TRAIN[2:]], "directory"),
    "target unknown": ([*TRAIN, "--target", "kynd"], "no column 'kynd'", "did you mean 'kind'"),
    "target far off": ([*TRAIN, "--target", "y"], "no column 'y'", "header", "'size'"),
    "drop unknown": ([*TRAIN, "--drop", "colr"], "--drop", "did you mean 'colour'"),
    "categorical unknown": ([*TRAIN, "--categorical", "z"], "--categorical", "'z'"),
    "everything dropped": ([*TRAIN, "--drop", "size", "--drop", "colour"], "no column is left"),
    "regression on words": ([*TRAIN, "--task", "regression"], "'kind' is numeric"),
    "count below 0": ([*ONE, "--task", "count", "--target", "debt"], "-1", ">= 0"),
    "no folder for the model": ([*TRAIN, "--out", "no/m.snet"], "no folder 'no'"),
    "a folder for the model": ([*TRAIN, "--out", "."], "folder"),
    "hidden unknown": ([*ONE, "--hidden", "tahn"], "did you mean 'tanh'"),
    "optimizer unknown": ([*ONE, "--optimizer", "adm"], "did you mean 'adam'"),
    "task unknown": ([*TRAIN, "--task", "guess"], "--task", "'guess'"),
    "task in capitals": ([*TRAIN, "--task", "COUNT"], "--task", "did you mean 'count'"),
    "option in capitals": ([*TRAIN, "--Epochs", "3"], "'--Epochs'", "did you mean '--epochs'"),
    "learning rate 0": ([*TRAIN, "--learning-rate", "0"], "learning_rate"),
    "learning rate a word": ([*TRAIN, "--learning-rate", "fast"], "--learning-rate"),
    "learning rate NaN": ([*TRAIN, "--learning-rate", "nan"], "learning_rate"),
    "learning rate huge": (
        [*ONE, "--learning-rate", "1e300", "--optimizer", "gd", "--epochs", "50"],
        "non-finite", "lower --learning-rate",
    ),
    "penalty negative": ([*ONE, "--l2", "-1"], "l2"),
    "slope negative": ([*ONE, "--negative-slope", "-1"], "negative_slope"),
    "units negative": ([*TRAIN, "--hidden-units", "-1"], "--hidden-units"),
    "units a fraction": ([*TRAIN, "--hidden-units", "1.5"], "--hidden-units", "whole"),
    "units beyond memory": ([*TRAIN, "--hidden-units", "2000000000000"], "n_h"),
    "epochs 0": ([*TRAIN, "--epochs", "0"], "--epochs"),
    "threads 0": ([*TRAIN, "--threads", "0"], "--threads", ">= 1"),
    "seed negative": ([*TRAIN, "--seed", "-1"], "--seed"),
    "all held out": ([*TRAIN, "--held-out", "1"], "--held-out", "below 1"),
    "validation on more than all": ([*ONE, "--validation-fraction", "1.5"], "--validation"),
    "decimal a digit": ([*TRAIN, "--decimal", "1"], "--decimal", "one character"),
    "decimal of two": ([*TRAIN, "--decimal", ",,"], "--decimal", "one character"),
    "thousands a letter": ([*TRAIN, "--thousands", "k"], "--thousands", "one character"),
    "thousands the decimal point": (
        [*TRAIN, "--thousands", ",", "--decimal", ","], "--thousands", "--decimal"
    ),
    "thousands a point alone": ([*TRAIN, "--thousands", "."], "--thousands", "--decimal"),
    "encoding unknown": ([*TRAIN, "--encoding", "Latin-11"], "--encoding", "did you mean"),
    "encoding of no text": ([*TRAIN, "--encoding", "hex"], "--encoding", "'hex'"),
    "a long delimiter": ([*TRAIN, "--delimiter", "::"], "--delimiter", "one character"),
    "no target": (["train", "data.csv", "--out", "new.snet"], "--target"),
    "no data": (["train"], "data"),
    "unknown option": ([*TRAIN, "--fast"], "--fast", "shallownet"),
    "unknown argument": ([*TRAIN, "more.csv"], "unknown argument 'more.csv'"),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD_TRAINING)
def test_cli_train_refuses_options(folder, capsys, name):
    arguments, *parts = BAD_TRAINING[name]
    if "debt" in arguments:
        Path("data.csv").write_text("size,debt\n" + "".join(f"{k},{k - 1}\n" for k in range(20)))
    assert_refused(capsys, arguments, *parts)


BAD_PREDICTIONS = {
    "no such model": (["predict", "no.snet", "data.csv"], GOOD, "no.snet"),
    "no such data": (["predict", "model.snet", "no.csv"], GOOD, "no.csv"),
    "a damaged model": (["predict", "damaged.snet", "data.csv"], GOOD, "damaged.snet", "bytes"),
    "a table as model": (["predict", "data.csv", "data.csv"], GOOD, "not a .snet file"),
    "parameters alone": (["predict", "parameters.snet", "data.csv"], GOOD, "without the columns"),
    "a folder as model": (["predict", ".", "data.csv"], GOOD, "regular"),
    "a column missing": (PREDICT, "size,color\n1,red\n", "'colour'", "did you mean 'color'"),
    "a category not seen": (
        [*PREDICT, "--unknown", "error"],
        "size,colour\n1,red\n2,pink\n",
        "line 3",
        "'pink'",
        "'blue'",
        "--unknown ignore",
    ),
    "a word": (PREDICT, "size,colour\nbig,red\n", "line 2", "'size'", "'big'"),
    "ragged": (PREDICT, "size,colour\n1,red\n1\n", "line 3"),
    "no rows": (PREDICT, "size,colour\n", "no rows"),
    "empty": (PREDICT, "", "empty"),
    "out in no folder": ([*PREDICT, "--out", "no/p.csv"], GOOD, "no/p.csv"),
    "threads 0": ([*PREDICT, "--threads", "0"], GOOD, "--threads"),
}


@pytest.mark.parametrize("name", BAD_PREDICTIONS)
def test_cli_predict_refuses(folder, capsys, name):
    arguments, content, *parts = BAD_PREDICTIONS[name]
    Path("data.csv").write_text(content)
    assert_refused(capsys, arguments, *parts)


def test_cli_predict_has_no_probabilities_of_a_quantity(folder, capsys):
    arguments = ["train", "data.csv", "--target", "size", "--out", "q.snet", "--epochs", "2"]
    assert call(capsys, arguments)[0] == 0
    assert_refused(capsys, ["predict", "q.snet", "data.csv", "--probabilities"], "classes")


@pytest.mark.parametrize(
    "arguments", [["fly"], ["info", "damaged.snet"], ["info", "no.snet"],
                  ["bench", "--threads"], ["bench", "--seconds", "0"],
                  ["demo", "--out", "no/p.png"]],
)  # fmt: skip
def test_cli_refuses_other_mistakes(folder, capsys, arguments):
    assert_refused(capsys, arguments)


def test_cli_refuses_what_does_not_fit_into_memory(folder, capsys, monkeypatch):
    def too_large(_):
        raise MemoryError

    monkeypatch.setattr(info, "run", too_large)
    assert_refused(capsys, ["info"], "not enough memory")


@pytest.mark.parametrize(
    "command", ["", *(c.__name__.rpartition(".")[2] for c in program.COMMANDS)]
)
def test_cli_every_command_has_help(capsys, command):
    code, out, err = call(capsys, [*command.split(), "--help"])
    assert (code, err) == (0, "") and "usage: shallownet" in out


@pytest.mark.parametrize(
    ("options", "what"),
    [
        (["--l2", "much"], "must be a number >= 0, or evidence, got 'much'"),
        (["--l2", "evidence"], "needs --optimizer lm, not adam"),
        (["--l2", "evidence", "--optimizer", "lm", "--early-stopping"], "leave early stopping out"),
    ],
)
def test_cli_refuses_evidence_that_cannot_be_had(folder, capsys, options, what):
    assert_refused(capsys, [*ONE, *options], "--l2", what)
