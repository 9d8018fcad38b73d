"""Files that once were read wrong in silence: numbers in other spellings, identifiers, missing.

Each is now read right, or refused by a line that names the place and a remedy that works.
"""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import shallownet_native as sn
from lines import write


def table_of(path: str = "m.snet") -> dict[str, Any]:
    return sn.load(path).table_


def levels(k: int = 0) -> list[str]:
    return list(sn.load("m.snet").named_steps["encoder"].categories_[k])


def rows_of(printed: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(printed)))[1:]


# Numbers in other spellings

AMOUNTS = {
    "a decimal comma": [f"{k},5" for k in range(1, 61)],
    "thousands": [f'"{k},154.81"' for k in range(1, 61)],
    "dollars": [f"${k}154.81" for k in range(1, 61)],
    "euros after": [f"{k}154.81 €" for k in range(1, 61)],
    "percent": [f"{k}.3%" for k in range(1, 61)],
}
READ_BY = {
    "a decimal comma": ("--decimal", ","), "thousands": ("--thousands", ","),
}  # fmt: skip


def amounts(kind: str) -> str:
    """Write a table with such a column, and a target; line k + 2 holds amount k."""
    separator = ";" if kind == "a decimal comma" else ","
    cells = [separator.join((cell, "ab"[k > 30])) for k, cell in enumerate(AMOUNTS[kind])]
    return write([separator.join(("price", "kind")), *cells])


def given(kind: str) -> list[str]:
    return ["--delimiter", ";"] if kind == "a decimal comma" else []


@pytest.mark.parametrize("kind", AMOUNTS)
def test_faults_numbers_in_another_spelling_are_no_categories(
    folder: Path, train: Any, refuse_training: Any, kind: str
) -> None:
    """The line names the first such cell, and an option; that option, given, works."""
    path, options = amounts(kind), given(kind)
    cell = AMOUNTS[kind][0].strip('"')
    error = refuse_training(path, *options, says=("t.csv, line 2", "'price'", cell))
    if kind in READ_BY:
        option, value = READ_BY[kind]
        assert option in error
        train(path, *options, option, value)
        assert table_of()["columns"] == {"price": "number"}
        right = [float(cell.strip('"').replace(",", "." if option == "--decimal" else ""))
                 for cell in AMOUNTS[kind]]  # fmt: skip
        [mean] = sn.load("m.snet")[0].means_
        assert 0.3 * np.mean(right) < mean < 3 * np.mean(right)  # of the fitted rows
    else:
        remedies = re.findall(r"--(categorical|drop)", error)
        assert remedies
        train(path, "--categorical", "price")
        assert table_of()["columns"] == {"price": "category"}


@pytest.mark.parametrize("kind", AMOUNTS)
def test_faults_a_target_in_another_spelling_is_no_classes(
    folder: Path, train: Any, refuse_training: Any, kind: str
) -> None:
    lines = [f"{k}{';' if given(kind) else ','}{cell}" for k, cell in enumerate(AMOUNTS[kind])]
    path = write([f"w{';' if given(kind) else ','}price", *lines])
    cell = AMOUNTS[kind][0].strip('"')
    options = given(kind)
    refuse_training(path, *options, target="price", says=("t.csv, line 2", "'price'", cell))
    if kind in READ_BY:
        train(path, *options, *READ_BY[kind], target="price")
        assert table_of()["task"] == "regression"


def test_faults_one_number_in_another_spelling_is_named(folder: Path, refuse_training: Any) -> None:
    lines = [f"{k}.5;{'ab'[k % 2]}" for k in range(60)]
    lines[39] = "39,5;b"
    path = write(["w;kind", *lines])
    refuse_training(path, "--delimiter", ";", says=("t.csv, line 41", "'w'", "39,5", "--decimal"))


def test_faults_ambiguous_thousands_name_both_options(folder: Path, refuse_training: Any) -> None:
    path = write(["w,price", *(f'{k},"{k + 10},{100 + k}"' for k in range(60))])
    refuse_training(path, target="price", says=("'price'", "10,100", "--decimal", "--thousands"))


def test_faults_a_word_among_numbers_is_named(folder: Path, refuse_training: Any) -> None:
    lines = [f"{k},{'ab'[k % 2]}" for k in range(200)]
    path = write(["width,kind", *lines, "Total,a"])
    refuse_training(path, says=("t.csv, line 202", "'width'", "'Total'", "--categorical"))


@pytest.mark.parametrize("n_levels", [3, 60])
def test_faults_groups_of_two_digits_are_no_words(folder: Path, run: Any, n_levels: int) -> None:
    """With --thousands said, 1,23,456 is a number or an error, and nothing else."""
    path = write(["w,kind", *(f'"{k % n_levels + 1},23,456",{"ab"[k % 2]}' for k in range(60))])
    done = run("train", path, "--target", "kind", "--out", "m.snet", "--thousands", ",")
    if done.code == 0:
        assert table_of()["columns"] == {"w": "number"}
    else:
        assert done.code == 2 and "'w'" in done.err and "23,456" in done.err


def test_faults_the_two_marks_of_numbers_differ(folder: Path, refuse_training: Any) -> None:
    path = write(["w;kind", *(f"{k};{'ab'[k % 2]}" for k in range(20))])
    marks = ("--decimal", ",", "--thousands", ",")
    refuse_training(path, "--delimiter", ";", *marks, says=("--decimal", "--thousands"))


# Identifiers and dates

TIMES = ("", " 10:30", "T10:30:00", "T10:30:00Z", " 10:30:00.250+01:00")
DATES = ["2024-01-{:02}" + time for time in TIMES]


def orders(date: str = DATES[0], kind: Any = lambda k, noise: "ab"[k > 50]) -> str:
    noise = np.random.default_rng(0).integers(2, size=100)
    cells = [f"B{100 + k},{date.format(k % 28 + 1)},{k},{kind(k, noise[k])}" for k in range(100)]
    return write(["order,date,w,kind", *cells])


@pytest.mark.parametrize("date", DATES)
def test_faults_identifiers_and_dates_are_left_out(
    folder: Path, run: Any, train: Any, date: str
) -> None:
    done = train(orders(date))
    lines = {name: [x for x in done.out.splitlines() if f"'{name}'" in x and "left out" in x]
             for name in ("order", "date")}  # fmt: skip
    assert lines["order"] and "date" in lines["date"][0].replace("'date'", "")
    assert table_of()["columns"] == {"w": "number"}
    assert set(table_of()["left_out"]) == {"order", "date"}
    new = b"order,date,w\nB777,2024-02-01,150\n"
    assert run("predict", "m.snet", "-", stdin=new).code == 0
    assert run("predict", "m.snet", "-", stdin=b"w\n150\n").code == 0


@pytest.mark.parametrize("name", ["order", "date"])
def test_faults_categorical_overrides(folder: Path, train: Any, name: str) -> None:
    train(orders(), "--categorical", name)
    assert table_of()["columns"] == {name: "category", "w": "number"}
    assert set(table_of()["left_out"]) == {"order", "date"} - {name}


def test_faults_drop_is_no_news(folder: Path, train: Any) -> None:
    train(orders(), "--drop", "order", "--drop", "date")
    assert table_of()["columns"] == {"w": "number"}


def test_faults_the_held_out_measure_does_not_leak(folder: Path, train: Any, run: Any) -> None:
    """With a key for an input, training knows each row by heart; held-out rows it has not seen."""
    path = orders(kind=lambda k, noise: "ab"[noise])
    long = ("--epochs", "200", "--learning-rate", "0.03")
    train(path, "--categorical", "order", "--drop", "w", "--held-out", "0.5", *long)
    measures = table_of()["training"]
    accuracy = [value for name, value in measures.items() if "held" in name and "accuracy" in name]
    assert 0.3 <= accuracy[0] <= 0.7  # 50 rows by chance: two standard deviations are 0.14
    own = [value for name, value in measures.items() if "held" not in name and "accuracy" in name]
    assert own[0] > 0.95


def test_faults_a_target_of_almost_as_many_classes_as_rows_is_refused(
    folder: Path, refuse_training: Any
) -> None:
    lines = [f"{k},name{k // 2 * 2 if k < 6 else k}" for k in range(60)]
    refuse_training(write(["w,kind", *lines]), says=("'kind'", "57"))


# Values, not spellings


@pytest.mark.parametrize(
    "spellings", [("0", "1", "0.0", "1.0"), ("True", "False", "TRUE", "false")]
)
def test_faults_labels_go_by_value(folder: Path, train: Any, spellings: tuple[str, ...]) -> None:
    cells = [f"{k},{spellings[(k > 25) + 2 * copy]}" for copy in (0, 1) for k in range(50)]
    quick = ("--epochs", "300", "--learning-rate", "0.03")
    train(write(["w,y", *cells]), *quick, target="y")
    assert len(table_of()["labels"]) == len(sn.load("m.snet").classes_) == 2
    assert sn.load("m.snet")[-1].n_outputs_ == 1
    measures = table_of()["training"]
    assert max(v for name, v in measures.items() if "accuracy" in name) > 0.9


def test_faults_categories_go_by_value(folder: Path, train: Any, run: Any, refused: Any) -> None:
    lines = [f"{k % 3 + 1},{k},{'ab'[k % 2]}" for k in range(60)]
    train(write(["zone,w,kind", *lines]), "--categorical", "zone")
    assert levels() == ["1", "2", "3"]
    strict = ["predict", "m.snet", "-", "--unknown", "error"]
    same = run(*strict, stdin=b"zone,w\n1.0,5\n3e0,5\n").out
    assert same == run(*strict, stdin=b"zone,w\n1,5\n3,5\n").out
    refused(*strict, stdin=b"zone,w\n01,5\n", says=("line 2", "'zone'", "'01'"))


# Names and missing words


@pytest.mark.parametrize("options", [(), ("--categorical", "country")])
def test_faults_na_is_a_name_among_words(
    folder: Path, train: Any, run: Any, options: tuple[str, ...]
) -> None:
    lines = ["NA,1,a", "ZA,2,b", "NA,3,a", "BW,4,b", ",5,a"] * 6
    path = write(["country,w,kind", *lines])
    done = train(path, *options, "--held-out", "0")
    assert levels() == ["BW", "NA", "ZA"]
    assert "'country'" in done.said and "6" in done.said  # empty cells, counted
    known = run("predict", "m.snet", "-", "--unknown", "error", stdin=b"country,w\nNA,1\nNA,2\n")
    assert known.code == 0


AGES = ["age,w,kind"] + [",1,a", "30,2,b", "31,3,a", ",4,b", "NA,5,a", "33,6,b"] * 5


@pytest.mark.parametrize("options", [(), ("--missing", "fill")])
def test_faults_missing_cells_are_filled_and_counted(
    folder: Path, train: Any, run: Any, options: tuple[str, ...]
) -> None:
    done = train(write(AGES), "--held-out", "0", *options)
    [line] = [line for line in done.said.splitlines() if "'age'" in line and "15" in line]
    assert "mean" in line or "fill" in line
    encoder = sn.load("m.snet")[0]
    assert list(encoder.means_) == pytest.approx([94 / 3, 3.5]) and list(encoder.has_missing_) == [
        True, False,
    ]  # fmt: skip
    done = run("predict", "m.snet", "-", stdin=b"age,w\n,1\n30,2\nnull,3\n")
    assert done.code == 0 and len(rows_of(done.out)) == 3 and all(rows_of(done.out))
    assert "'age'" in done.err and "2" in done.err


def test_faults_missing_cells_drop_their_rows(folder: Path, train: Any, run: Any) -> None:
    done = train(write(AGES), "--held-out", "0", "--missing", "drop")
    lines = [line for line in done.said.splitlines() if "15" in line and "left out" in line]
    assert lines and any("'age'" in line for line in lines)
    encoder = sn.load("m.snet")[0]
    assert list(encoder.means_) == pytest.approx([94 / 3, 11 / 3])
    assert list(encoder.has_missing_) == [False, False]
    done = run("predict", "m.snet", "-", "--probabilities", stdin=b"age,w\n,1\n30,2\nnull,3\n")
    rows = rows_of(done.out)
    assert done.code == 0 and [all(row) for row in rows] == [False, True, False]
    assert rows[0] == rows[2] == ["", "", ""]


def test_faults_a_class_only_in_dropped_rows_is_gone(folder: Path, train: Any) -> None:
    """Or it is an error about the file, if one class is left."""
    path = write(["w,kind", ",c", *(f"{k},{'ab'[k % 2]}" for k in range(40))])
    train(path, "--missing", "drop")
    assert table_of()["labels"] == ["a", "b"]


def test_faults_one_class_left_after_dropping_is_named(folder: Path, refuse_training: Any) -> None:
    path = write(["w,kind", ",b", *(f"{k},a" for k in range(40))])
    refuse_training(path, "--missing", "drop", says=("'kind'", "'a'"))


def test_faults_missing_cells_are_refused_on_demand(
    folder: Path, train: Any, refused: Any, refuse_training: Any
) -> None:
    says = ("t.csv", "'age'", "15", "line 2", "--missing fill")
    refuse_training(write(AGES), "--missing", "error", says=says)
    whole = [line for line in AGES if line[0] not in ",N"]
    train(write(whole), "--missing", "error")
    says = ("line 3", "'age'", "--missing fill")
    refused("predict", "m.snet", "-", stdin=b"age,w\n30,2\n,3\n", says=says)


@pytest.mark.parametrize("target", ["kind", "w"])
def test_faults_rows_without_a_target_are_left_out_and_counted(
    folder: Path, train: Any, target: str
) -> None:
    lines = [f"{k},{k * k},{'ab'[k % 2]}" for k in range(40)]
    lines[3:6] = ["1000,,", "2000,,", "3000,,"]
    done = train(write(["age,w,kind", *lines]), "--held-out", "0", "--drop",
                 "w" if target == "kind" else "kind", target=target)  # fmt: skip
    assert [x for x in done.said.splitlines() if "3 rows" in x and f"'{target}'" in x]
    assert sn.load("m.snet")[0].means_[0] == pytest.approx((780 - 12) / 37)
