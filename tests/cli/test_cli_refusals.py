"""The command line refuses what it cannot use: exit code 2 and one line that says what to do."""

from pathlib import Path

import pytest

import shallownet_native as sn
from goods import GOOD, TRAIN
from shallownet_native.cli import info, program

ONE = [*TRAIN, "--model", "network"]
PREDICT = ["predict", "model.snet", "data.csv"]


@pytest.fixture
def assert_refused(folder, refused):
    """In one line that says these things, and without a new file."""

    def call(arguments, *parts):
        said = refused(*arguments)
        for part in parts:
            assert part in said
        assert not Path("new.snet").exists()

    return call


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
def test_cli_train_refuses_a_table(assert_refused, name):
    content, *parts = BAD_TABLES[name]
    content = content.encode() if isinstance(content, str) else content
    Path("data.csv").write_bytes(content)
    assert_refused(TRAIN, "data.csv" if "line" in parts[0] else "", *parts)


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
def test_cli_train_passes_over_what_it_can(assert_refused, command, name):
    """What is filled or left out is said, and with --missing error an error that names the line."""
    row, said, column = PASSED[name]
    Path("data.csv").write_text(GOOD + row)
    if column:
        parts = ("line 42", column, "no value", "--missing fill", "--missing drop", "--drop")
        assert_refused([*TRAIN, "--missing", "error"], *parts)
    done = command(*TRAIN, "--held-out", "0")
    assert (done.code, done.err) == (0, "") and (said in done.out or name == "a line of blanks")
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
def test_cli_train_refuses_options(assert_refused, name):
    arguments, *parts = BAD_TRAINING[name]
    if "debt" in arguments:
        Path("data.csv").write_text("size,debt\n" + "".join(f"{k},{k - 1}\n" for k in range(20)))
    assert_refused(arguments, *parts)


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
def test_cli_predict_refuses(assert_refused, name):
    arguments, content, *parts = BAD_PREDICTIONS[name]
    Path("data.csv").write_text(content)
    assert_refused(arguments, *parts)


def test_cli_predict_has_no_probabilities_of_a_quantity(assert_refused, command):
    arguments = ["train", "data.csv", "--target", "size", "--out", "q.snet", "--epochs", "2"]
    assert command(*arguments).code == 0
    assert_refused(["predict", "q.snet", "data.csv", "--probabilities"], "classes")


@pytest.mark.parametrize(
    "arguments", [["fly"], ["info", "damaged.snet"], ["info", "no.snet"],
                  ["bench", "--threads"], ["bench", "--seconds", "0"],
                  ["demo", "--out", "no/p.png"]],
)  # fmt: skip
def test_cli_refuses_other_mistakes(assert_refused, arguments):
    assert_refused(arguments)


def test_cli_refuses_what_does_not_fit_into_memory(assert_refused, monkeypatch):
    def too_large(_):
        raise MemoryError

    monkeypatch.setattr(info, "run", too_large)
    assert_refused(["info"], "not enough memory")


@pytest.mark.parametrize("name", ["", *(c.__name__.rpartition(".")[2] for c in program.COMMANDS)])
def test_cli_every_command_has_help(command, name):
    done = command(*name.split(), "--help")
    assert (done.code, done.err) == (0, "") and "usage: shallownet" in done.out


@pytest.mark.parametrize(
    ("options", "what"),
    [
        (["--l2", "much"], "must be a number >= 0, or evidence, got 'much'"),
        (["--l2", "evidence"], "needs --optimizer lm, not adam"),
        (["--l2", "evidence", "--optimizer", "lm", "--early-stopping"], "leave early stopping out"),
    ],
)
def test_cli_refuses_evidence_that_cannot_be_had(assert_refused, options, what):
    assert_refused([*ONE, *options], "--l2", what)
