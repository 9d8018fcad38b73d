"""The default model's files: saved from Python, refused, interrupted; and options not its own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from sklearn.pipeline import make_pipeline

import shallownet_native as sn
from fake_bars import sit_before_bars
from goods import GERMAN, facts, frame_of, numbers, rows_of
from shallownet_native.cli.train import table as training
from shallownet_native.files.snet import Record, decode, encode

GOLDEN = Path(__file__).parents[1] / "golden"


# saved from Python


def saved(kind: str, frame: pd.DataFrame) -> Any:
    """Save an estimator for tables, or a pipeline with one, and return it."""
    settings = {"max_epochs": 2, "n_networks": 2, "n_hidden": 3, "random_state": 0}
    quantity = sn.TabularShallowNetRegressor(**settings)
    columns, target = frame[["size", "zone"]], "price"
    if kind == "classes":
        quantity, target = sn.TabularShallowNetClassifier(**settings), "kind"
    if kind == "pipeline":
        quantity = make_pipeline("passthrough", sn.TableEncoder(), quantity)
    sn.save(quantity.fit(columns, frame[target]), "p.snet")
    return quantity


@pytest.mark.parametrize("kind", ["quantity", "classes", "pipeline"])
def test_table_model_that_python_saved(kind: str, goods: str, command: Any, refused: Any) -> None:
    frame = frame_of()
    model = saved(kind, frame)
    level = [] if kind == "classes" else ["--interval", "0.5"]
    done = command("predict", "p.snet", goods, *GERMAN, *level)
    header, *rows = rows_of(done.out)
    expected = model.predict(frame[["size", "zone"]]).tolist()
    if kind == "classes":
        assert [row[0] for row in rows] == expected
        assert "predicts classes" in refused("predict", "p.snet", goods, "--interval", "0.5")
    else:
        assert header == ["prediction", "prediction_low", "prediction_high"]
        assert numbers([row[0] for row in rows]) == expected
    card = command("info", "p.snet").out
    score = f"score     {'accuracy' if kind == 'classes' else 'R2'} "
    assert score in card and "networks  2 on the columns" in card
    target = "kind" if kind == "classes" else "price"
    found = facts(command, "evaluate", "p.snet", goods, *GERMAN, "--target", target, "--quiet")
    assert found["rows"] == 120


def test_table_model_that_is_not_fitted_predicts_nothing(goods: str, refused: Any) -> None:
    sn.save(sn.TabularShallowNetRegressor(), "p.snet")
    assert "p.snet: this estimator is not fitted" in refused("predict", "p.snet", goods)


@pytest.mark.parametrize("name", ["table-classifier-1.snet", "table-regressor-1.snet"])
def test_table_model_of_a_golden_file_has_a_card(name: str, command: Any) -> None:
    assert "networks  " in command("info", GOLDEN / name).out


# what is refused


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--hidden", "tanh"], "--hidden belongs to --model network"),
        (["--negative-slope", "0.1"], "--negative-slope belongs to --model network"),
        (["--optimizer", "lm"], "--optimizer belongs to --model network"),
        (["--batch-size", "8"], "--batch-size belongs to --model network"),
        (["--l2", "0"], "--l2 belongs to --model network"),
        (["--early-stopping"], "--early-stopping belongs to --model network"),
        (["--validation-fraction", "0"], "--validation-fraction belongs to --model network"),
        (["--task", "count"], "--task count belongs to --model network"),
        (["--hidden-units", "0"], "--hidden-units 0 belongs to --model network"),
        (["--model", "network", "--networks", "4"], "--networks belongs to --model table"),
        (["--model", "netwrk"], "did you mean 'network'"),
        (["--networks", "1"], "--networks: must be a whole number >= 2"),
        (["--learning-rate", "0"], "--learning-rate: learning_rate must be in (0, inf)"),
    ],
)
def test_table_model_options_of_the_other_model_are_refused(
    options: list[str], says: str, goods: str, refused: Any
) -> None:
    text = refused("train", goods, *GERMAN, "--target", "price", "--out", "m.snet", *options)
    assert says in text and not Path("m.snet").exists()


def test_table_model_needs_two_rows(table: Any, refused: Any) -> None:
    path = table("x,y", ["1,1.5", "2,2.5"])
    given = ["--target", "y", "--task", "regression", "--out", "m.snet", "--held-out", "0.5"]
    text = refused("train", path, *given)
    assert "1 row to train on is too few" in text and "--model network" in text


@pytest.mark.parametrize(
    ("levels", "says"),
    [
        (["0.9", "--interval", "0.8"], "given 2 times: one level at a time"),
        (["0"], "must be a number between 0 and 1, got '0'"),
        (["1"], "must be a number between 0 and 1, got '1'"),
        (["-0.5"], "--interval"),
        (["nan"], "must be a number between 0 and 1, got 'nan'"),
        (["90"], "must be a number between 0 and 1, got '90'"),
        (["0.8,0.9"], "must be a number between 0 and 1, got '0.8,0.9'"),
        (["0.8", "0.9"], "unknown argument '0.9'"),
    ],
)
def test_table_model_intervals_have_one_level(
    levels: list[str], says: str, train: Any, refused: Any
) -> None:
    train()
    assert says in refused("predict", "m.snet", "goods.csv", "--interval", *levels)


def test_table_model_intervals_are_of_its_quantities_alone(
    train: Any, command: Any, refused: Any
) -> None:
    train(target="kind")
    text = refused("predict", "m.snet", "goods.csv", "--interval", "0.9")
    assert "m.snet: --interval needs a model of a quantity" in text and "predicts classes" in text
    given = ["train", "goods.csv", *GERMAN, "--target", "price", "--out", "n.snet"]
    assert command(*given, "--model", "network", "--epochs", "2").code == 0
    assert "--model table" in refused("predict", "n.snet", "goods.csv", "--interval", "0.9")
    old = GOLDEN / "model-1.snet"
    assert "--interval" in refused("predict", old, "goods.csv", "--interval", "0.9")


@pytest.mark.parametrize(
    ("target", "change", "says"),
    [
        ("kind", {"labels": ["cup", "pan"]}, "labels"),
        ("kind", {"task": "regression", "labels": []}, "task"),
        ("price", {"columns": {"size": "number"}}, "columns"),
        ("price", {"missing": "guess"}, "missing"),
    ],
)
def test_table_model_file_holds_facts_that_fit(
    target: str, change: dict[str, Any], says: str, train: Any, refused: Any
) -> None:
    """Neither written nor read otherwise."""
    train(target=target)
    model = sn.load("m.snet")
    record = decode(Path("m.snet").read_bytes())
    model.table_ |= change
    with pytest.raises(ValueError, match=says):
        sn.save(model, "n.snet")
    facts = {**record.fields["table"], **change}
    Path("h.snet").write_bytes(
        encode(Record(record.kind, {**record.fields, "table": facts}, record.arrays))
    )
    assert says in refused("predict", "h.snet", "goods.csv")
    empty = Record(record.kind, {**record.fields, "fitted": None}, {})
    Path("h.snet").write_bytes(encode(empty))
    assert "not fitted has no arrays and no table" in refused("predict", "h.snet", "goods.csv")


def test_table_model_without_room_in_a_file_is_refused_before_the_work(
    table: Any, refused: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fit(*_: Any) -> None:
        raise AssertionError("it has been trained")

    monkeypatch.setattr(training, "_fit", fit)
    words = [f"{'x' * 20_000}{k % 60},{k % 2}" for k in range(120)]
    given = ["train", table("word,y", words), "--target", "y", "--out", "m.snet"]
    assert "a file allows" in refused(*given)


# Ctrl-C and the bar


def test_table_model_interrupted_leaves_what_was_there(
    train: Any, command: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    train()
    before = Path("m.snet").read_bytes()

    def interrupted(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(sn.TabularShallowNetRegressor, "fit", interrupted)
    done = command("train", "goods.csv", *GERMAN, "--target", "price", "--out", "m.snet")
    assert (done.code, done.out, done.err) == (130, "", "shallownet: interrupted\n")
    assert Path("m.snet").read_bytes() == before
    assert sorted(path.name for path in Path().iterdir()) == ["goods.csv", "m.snet"]


def test_table_model_shows_a_bar_for_each_view(train: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """And is the same whether somebody sees it or not."""
    train()
    content = Path("m.snet").read_bytes()
    bars = sit_before_bars(monkeypatch)
    train()
    assert Path("m.snet").read_bytes() == content
    assert sn.load("m.snet").progress is False  # to whoever fits it again
    assert not any(bar.is_open for bar in bars)
    reading, *encoding, plain, codes = bars
    assert reading.label == "reading" and 0 < reading.n <= Path("goods.csv").stat().st_size
    assert {bar.label for bar in encoding} == {"encoding"} and len(encoding) == 3  # room, fit, rows
    assert all(bar.n == bar.asked > 1 for bar in encoding)
    assert (plain.label, plain.asked) == ("training", 12)
    assert (codes.label, codes.asked) == ("training with codes", 12)
    assert all(0 < bar.n <= 12 for bar in (plain, codes))
    assert all(beside.startswith("left_out_loss=") for beside in plain.beside + codes.beside)


@pytest.mark.parametrize("name", ["predict", "evaluate"])
def test_table_model_shows_what_it_encodes(
    name: str, train: Any, command: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    train()
    bars = sit_before_bars(monkeypatch)
    assert command(name, "m.snet", "goods.csv").code == 0
    assert [bar.label for bar in bars] == ["reading", "encoding"]
    assert bars[1].n == bars[1].asked > 1 and not bars[1].is_open
    bars.clear()
    assert command(name, "m.snet", "goods.csv", "--quiet").code == 0
    train("--quiet")
    assert not bars
    given = ["--target", "price", "--model", "network", "--epochs", "9", "--out", "m.snet"]
    assert command("train", "goods.csv", *GERMAN, *given).code == 0
    assert sn.load("m.snet")[-1].progress is False
    (fit,) = (bar for bar in bars if bar.label == "training")
    assert "cost=" in fit.beside[-1] and "rate=" in fit.beside[-1]
