"""Errors of the command line: named as options are, without words for Python, and never more."""

from __future__ import annotations

import copy
import pickle
import random
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import sparse
from sklearn.pipeline import make_pipeline

import shallownet_native as sn
from goods import is_safe
from shallownet_native import ShallowNetClassifier
from shallownet_native.cli import program
from shallownet_native.files.snet import Record, decode, encode
from shallownet_native.tables import TableEncoder

TRAIN = ["train", "t.csv", "--target", "k", "--out", "m.snet", "--epochs", "1"]
ONE = ["--model", "network"]

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    rows = [f"{k},{'cup' if k > 30 else 'plate'}" for k in range(60)]
    Path("t.csv").write_text("\n".join(["w,k", *rows]) + "\n")


def test_cli_divergence_has_no_words_for_python_alone(capsys: Any) -> None:
    options = [*ONE, "--learning-rate", "1e300", "--optimizer", "gd", "--epochs", "50"]
    assert program.main([*TRAIN, *options]) == 2
    text = capsys.readouterr().err
    assert "non-finite" in text and text.endswith("or lower --learning-rate\n")
    with pytest.raises(sn.DivergenceError, match=r"inputs; \.result of this exception") as caught:
        sn.train(
            sn.initialize(2, 2, 1, seed=0), *sn.datasets.flower(20),
            n_iterations=50, learning_rate=1e300, output="identity",
        )  # fmt: skip
    assert ".result" not in caught.value.message
    again = pickle.loads(pickle.dumps(caught.value))
    assert (str(again), again.message) == (str(caught.value), caught.value.message)


@pytest.mark.parametrize(
    ("option", "value", "begins"),
    [
        ("--hidden-units", "9999999999", "--hidden-units: n_h must be <= "),
        ("--learning-rate", "-1", "--learning-rate: learning_rate must be in "),
        ("--negative-slope", "nan", "--negative-slope: negative_slope must be in "),
        ("--hidden", "Tanh", "--hidden: hidden must be one of "),
    ],
)
def test_cli_errors_name_the_option(option: str, value: str, begins: str, capsys: Any) -> None:
    assert program.main([*TRAIN, *ONE, option, value]) == 2
    assert capsys.readouterr().err.startswith(f"shallownet: {begins}")


@pytest.mark.parametrize("option", ["--threads", "--epochs", "--hidden-units", "--seed"])
@pytest.mark.parametrize("value", ["²", "1e3", "-1", "9" * 10_000])
def test_cli_what_is_no_whole_number_is_one_line(option: str, value: str, capsys: Any) -> None:
    with pytest.raises(SystemExit, match="2"):
        program.main([*TRAIN, option, value])
    text = capsys.readouterr().err
    assert "must be a whole number" in text and text.count("\n") == 1 and len(text) < 300


def test_cli_predicts_sparse_labels_as_dense_ones(capsys: Any) -> None:
    X, Y = pd.DataFrame({"w": np.arange(60.0)}), np.eye(3, dtype=int)[np.arange(60) % 3]
    answers = []
    for labels in (Y, sparse.csr_matrix(Y)):
        model = ShallowNetClassifier((3,), max_iter=2, random_state=0).fit(X, labels)
        sn.save(model, "s.snet")
        capsys.readouterr()
        assert program.main(["predict", "s.snet", "t.csv", "--probabilities"]) == 0
        answers.append(capsys.readouterr().out)
    assert answers[0] == answers[1] and answers[0].count("\n") == 61


VALUES = [
    None,
    0,
    -1,
    2**70,
    1.5,
    "",
    "x",
    "\x1b[8m",
    [],
    {},
    ["a"],
    {"a": 1},
    True,
    [[1]],
    "softmax",
]


def mutated(value: Any, draw: random.Random) -> Any:
    """Return a record's fields with something put in some place."""
    if isinstance(value, dict) and value and draw.random() < 0.9:
        key = draw.choice(list(value))
        value[key] = mutated(value[key], draw)
        return value
    if isinstance(value, list) and value and draw.random() < 0.7:
        index = draw.randrange(len(value))
        value[index] = mutated(value[index], draw)
        return value
    return draw.choice(VALUES)


def hostile_record(kind: str) -> Record:
    """Return the record of a good file of this kind."""
    frame = pd.DataFrame({"w": np.arange(60.0), "k": ["cup", "plate"] * 30})
    network = ShallowNetClassifier((3,), max_iter=2, random_state=0)
    if kind == "model":
        return decode((Path(__file__).parents[1] / "golden" / "model-1.snet").read_bytes())
    if kind in ("table", "one network"):
        assert program.main([*TRAIN, *(ONE if kind == "one network" else [])]) == 0
    elif kind == "classifier":
        sn.save(network.fit(frame[["w"]], frame["k"]), "m.snet")
    else:
        encoder = TableEncoder(encoding="piecewise", n_bins=4)
        sn.save(make_pipeline(encoder, network).fit(frame, frame["k"]), "m.snet")
    return decode(Path("m.snet").read_bytes())


@pytest.mark.parametrize("kind", ["table", "one network", "pipeline", "classifier", "model"])
def test_cli_mutated_files_end_in_one_safe_line(kind: str, capsys: Any) -> None:
    """Whole and undamaged files with wrong contents: no other exception than those that are told.

    Each is described and applied; what is not found wrong works.
    """
    record = hostile_record(kind)
    Path("o.csv").write_text("w,k,sex,größe\n1,cup,f,1.5\n2,plate,m,2.5\n")
    codes = set()
    for seed in range(60):
        fields = mutated(copy.deepcopy(record.fields), random.Random(seed))
        Path("h.snet").write_bytes(encode(Record(record.kind, fields, record.arrays)))
        evaluate = ["evaluate", "h.snet", "o.csv", "--target", "k"]
        for arguments in (
            ["info", "h.snet"], ["info", "h.snet", "--json"], ["predict", "h.snet", "o.csv"],
            evaluate,
        ):  # fmt: skip
            capsys.readouterr()
            code = program.main(arguments)
            out, err = capsys.readouterr()
            codes.add(code)
            lines = [line for line in err.splitlines() if " note: " not in line]
            assert is_safe(err) and len(lines) == (code == 2)
            assert is_safe(out) or arguments[0] == "predict"
    assert codes == {0, 2}


def test_cli_too_few_rows_to_hold_back_name_the_options(capsys: Any) -> None:
    rows = [f"{k},{'abc'[k % 3]}" for k in range(9)]
    Path("t.csv").write_text("\n".join(["w,k", *rows]) + "\n")
    assert program.main([*TRAIN, *ONE, "--early-stopping"]) == 2
    text = capsys.readouterr().err
    assert "--validation-fraction" in text and "X_val" not in text and text.count("\n") == 1
    halves = [*ONE, "--validation-fraction", "0.5", "--held-out", "0"]
    assert program.main([*TRAIN, *halves]) == 0
    assert "batch_size" not in capsys.readouterr().err
