"""The command line goes by values: constant decimals, and labels that are spelled in two ways."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.exceptions import ConvergenceWarning

import shallownet_native as sn
from shallownet_native import ShallowNetRegressor
from shallownet_native._native.spread import deviations
from shallownet_native.cli import program
from shallownet_native.tables.reading import Format, read_table


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def write(path: str, header: str, rows: Iterable[str]) -> str:
    Path(path).write_text("\n".join([header, *rows]) + "\n")
    return path


def train(path: str, *options: str) -> Any:
    assert program.main(["train", path, "--out", "m.snet", *options]) == 0
    return sn.load("m.snet")


def predicted(capsys: Any, path: str) -> list[str]:
    capsys.readouterr()
    assert program.main(["predict", "m.snet", path]) == 0
    return [row[0] for row in csv.reader(io.StringIO(capsys.readouterr().out))][1:]


@pytest.mark.parametrize("value", ["36.6", "0.1", "-1e-7", "3e20", "7"])
@pytest.mark.parametrize("is_line", [False, True])
def test_cli_values_a_constant_column_says_nothing(value: str, is_line: bool, capsys: Any) -> None:
    data = write("d.csv", "load,temp,out", [f"{q / 7},{value},{2 * q / 7 + 1}" for q in range(100)])
    line = ("--model", "network", "--hidden-units", "0", "--epochs", "500")
    options = line if is_line else ("--epochs", "30")
    model = train(data, "--target", "out", *options)
    encoder = model.named_steps["encoder"] if is_line else model.encoder_
    assert encoder.scales_[1] == 0.0  # the mark of a constant
    other = f"{float(value) + 0.1}"
    numbers = predicted(capsys, write("n.csv", "load,temp", [f"5,{value}", f"5,{other}"]))
    assert numbers[0] == numbers[1] and 5 < float(numbers[0]) < 17


def test_cli_values_a_target_that_is_constant_where_it_is_fitted_has_scale_1() -> None:
    rows = [f"{k},36.6" for k in range(99)] + ["99,36.7"]
    for seed in range(8):
        model = train(
            write("d.csv", "x,y", rows),
            *("--target", "y", "--task", "regression", "--seed", str(seed), "--epochs", "3"),
        )
        assert np.abs(model.predict(pd.DataFrame({"x": [5.0]}))[0] - 36.6) < 5


@pytest.mark.parametrize("value", [36.6, 0.1, 1e6])
def test_spread_is_the_estimators_rule_too(value: float) -> None:
    rows = np.full((100, 2), value)
    rows[:, 1] += np.arange(100) * value
    assert deviations(rows.mean(0), rows.var(0), 100)[0] == 1.0
    model = ShallowNetRegressor(hidden_layer_sizes=(2,), standardize=True, max_iter=2)
    with pytest.warns(ConvergenceWarning):
        model.fit(rows, rows[:, 1] / value)
    assert model._standardization.scale == pytest.approx([1.0, rows[:, 1].std()])


def test_spread_of_huge_numbers_overflows_in_silence() -> None:
    assert deviations([1e200, 1e200], [0.0, 1e300], 100).tolist() == [1.0, 1.0]


LABELS = {
    "numbers": (["0", "1", "0.0", "1.0", "1e0", "+1", "-0"], ["0", "1"]),
    "three numbers": (["2", "10", "2.0", "10.00", "3"], ["2", "3", "10"]),
    "capitals": (["True", "FALSE", "TRUE", "False", "true"], ["FALSE", "TRUE"]),
    "words": (["a", "A", "b"], ["A", "a", "b"]),
    "codes": (["01", "1", "1.0", "001"], ["001", "01", "1"]),
    "numbers and words": (["1", "1.0", "one"], ["1", "one"]),
    "not finite": (["inf", "1e999", "-inf"], ["-inf", "1e999", "inf"]),
    "identifiers": (["12345678901234567890", "12345678901234567891"],) * 2,
}


@pytest.mark.parametrize("kind", LABELS)
def test_cli_values_classes_are_what_labels_are_worth(kind: str, capsys: Any) -> None:
    labels, classes = LABELS[kind]
    rows = [f"{k % len(labels)},{labels[k % len(labels)]}" for k in range(70)]
    data = write("d.csv", "x,y", rows)
    model = train(data, "--target", "y", "--task", "classification", "--epochs", "3")
    assert model.table_["labels"] == classes
    assert set(predicted(capsys, data)) <= set(classes)
    capsys.readouterr()
    assert program.main(["evaluate", "m.snet", data, "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert report["labels"] == classes and report["rows"] == 70
    true = [sum(row) for row in report["confusion"]]
    assert sum(true) == 70 and min(true) >= 70 // len(labels)


def test_cli_values_two_spellings_are_learned_as_one(capsys: Any) -> None:
    """Half of the labels in each spelling, at random to the inputs: at best 0.5 if they differ."""
    rows = [f"{k / 200},{int(k > 100) if k % 2 else float(k > 100)}" for k in range(200)]
    data = write("d.csv", "x,y", rows)
    train(data, "--target", "y", "--epochs", "300")
    labels = predicted(capsys, data)
    assert (
        np.mean([float(a) == float(r.split(",")[1]) for a, r in zip(labels, rows, strict=True)])
        > 0.95
    )


def test_cli_values_a_target_of_one_value_has_nothing_to_learn(capsys: Any) -> None:
    data = write("d.csv", "x,y", ["1,1", "2,1.0", "3,1e0"])
    assert program.main(["train", data, "--target", "y", "--out", "m.snet"]) == 2
    assert "target 'y' is always '1': there is nothing to learn" in capsys.readouterr().err


def test_cli_values_categories_go_by_value(capsys: Any) -> None:
    rows = [f"{('1', '1.0', '2', 'TRUE')[k % 4]},{'ab'[k % 4 > 1]}" for k in range(40)]
    data = write("d.csv", "zone,kind", rows)
    model = train(data, "--target", "kind", "--categorical", "zone", "--epochs", "200")
    assert model.encoder_.categories_[0].tolist() == ["1", "2", "True"]
    spelled = write("n.csv", "zone", ["1", "1.00", "1e0", "2.0", "true"])
    assert predicted(capsys, spelled) == ["a", "a", "a", "b", "b"]
    frame = pd.DataFrame({"zone": [1, np.float64(1), 2, True]}, dtype=object)
    assert model.predict(frame).tolist() == ["a", "a", "b", "b"]
    new = write("n.csv", "zone", ["01"])
    assert program.main(["predict", "m.snet", new, "--unknown", "error"]) == 2
    assert "'01', which training did not see" in capsys.readouterr().err


def test_cli_values_headers_are_looked_through_once() -> None:
    names = ",".join(f"a{k // 2}" for k in range(200_000))
    with pytest.raises(ValueError, match=r"the header has 'a0', 'a1', .* and 99994 more twice"):
        read_table(write("t.csv", names, ["1" + ",1" * 199_999]), Format())


def test_cli_values_a_missing_name_among_many_is_told_soon(capsys: Any) -> None:
    names = [f"a{k}" for k in range(100_000)]
    data = write("d.csv", ",".join(names), [",".join(["1"] * len(names))])
    with pytest.raises(ValueError, match="no column 'A77777' for x; did you mean 'a77777'"):
        read_table(data, Format()).check_names(["A77777"], "x")
    with pytest.raises(ValueError, match="no column 'zzz' for x; the first line must be a header"):
        read_table(data, Format()).check_names(["zzz"], "x")


@pytest.mark.filterwarnings("always")
def test_cli_values_warnings_name_options_and_no_argument_of_python(capsys: Any) -> None:
    write("t.csv", "a,b,y", [f"{a},{b},{a * b}" for a in range(-6, 7) for b in range(-5, 9)])
    options = ("--model", "network", "--optimizer", "gd", "--epochs", "8", "--learning-rate", "1.5")
    train("t.csv", "--target", "y", *options)
    warning = capsys.readouterr().err
    assert warning.startswith("shallownet: warning: Training has ended at a loss of ")
    assert warning.endswith(" lower --learning-rate, now 1.5, or scale the inputs\n")
