"""What the columns of a table are, and its target; what is decided is said, or is an error."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from shallownet_native.tables.lessons import _learned_rows, split_rows
from shallownet_native.tables.reading import (
    Format,
    Kinds,
    Table,
    check_facts,
    decide_kinds,
    known_classes,
    read_table,
    read_target,
)
from shallownet_native.tables.reading.spellings import are_dates, find_slip
from shallownet_native.tables.values import value_order, value_text


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def table_of(cells: Iterable[str], **how: Any) -> Table:
    """Return a table of a column x with these cells, and a column y."""
    rows = [f"{cell}\t{'ab'[k % 2]}" for k, cell in enumerate(cells)]
    Path("t.tsv").write_text("\n".join(["x\ty", *rows]) + "\n", encoding="utf-8")
    return read_table("t.tsv", Format(**how))


def kinds_of(cells: Iterable[str], **how: Any) -> Kinds:
    given = {name: how.pop(name) for name in ("categorical", "drop") if name in how}
    return decide_kinds(table_of(cells, **how), "y", **given)


NUMBERS = {
    "plain": ["1", "2.5", "-3e5", "inf"],
    "missing": ["1", "NA", "", "?", "null"],
    "huge": ["99999999999999999999999", "1"],
    "blanks": [" NA ", "1", "2"],
    "all different": [str(k) for k in range(100)],
    "fractions that begin with zeros": ["00.5", "1.5"],
}
CATEGORIES = {
    "words": ["red", "blue", "red"],
    "few rows that all differ": ["red", "blue", "green"],
    "truths": ["True", "FALSE", "true"],
    "truths with gaps": ["True", "", "False"],
    "codes": ["01", "10", "01"],
    "few with a unit": ["3 doors", "5 doors"] * 20,
    "ordinals": ["1st", "2nd", "3rd", "4th", "5th", "6th", "7th", "8th", "9th", "10th", "11th"] * 3,
    "NA is a word among words": ["NA", "ZA", "NA", "BW"],
    "long": ["a" * 1000, "b" * 1000] * 2,
}
LEFT_OUT = {
    "empty": ["", "", ""],
    "only missing words": ["NA", "?", "NA"],
    "keys": [f"B{k}" for k in range(40)],
    "keys with gaps": [f"B{k}" if k % 3 else "" for k in range(40)],
    "nearly all keys": [f"B{min(k, 37)}" for k in range(40)],
    "codes that are keys": [f"{k:05}" for k in range(40)],
    "days": ["2024-01-1", "2024-12-31"] * 5,
    "times": ["2024-01-01 10:30", "2024-01-01T10:30:59.5Z"] * 5,
    "days and what is none": ["2024-01-1", "NaT", "2024-12-31"] * 5,
    "durations": ["0 days 00:10:00", "1 day, 2:00:05"] * 5,
    "German days": ["1.2.2024", "11.12.24"] * 5,
    "American days": ["1/2/2024", "12/31/2024"] * 5,
    "hours": ["10:30", "9:15:01"] * 5,
    "months": ["3 Jan 2024", "Mar 4, 2024"] * 5,
}


@pytest.mark.parametrize("name", [*NUMBERS, *CATEGORIES, *LEFT_OUT])
def test_kinds_of_columns(name: str) -> None:
    if name in LEFT_OUT:
        with pytest.raises(ValueError, match=r"no column is left .* 'x' is left out: "):
            kinds_of(LEFT_OUT[name])
        return
    kind = "number" if name in NUMBERS else "category"
    assert kinds_of(NUMBERS.get(name) or CATEGORIES[name]).columns == {"x": kind}


@pytest.mark.parametrize("name", ["keys", "days", "hours", "codes that are keys"])
def test_kinds_are_overridden_by_the_user(name: str) -> None:
    assert kinds_of(LEFT_OUT[name], categorical=["x"]).columns == {"x": "category"}


OTHERWISE: dict[str, tuple[list[str], str, dict[str, str]]] = {
    "decimal comma": (["1,5", "2,25"], "--decimal ','", {"decimal": ","}),
    "comma in groups": (["1,234.5", "2,000"], "--thousands ','", {"thousands": ","}),
    "comma of either kind": (["1,234", "2,000"], "--decimal ',' or --thousands ','",
                             {"thousands": ","}),
    "German": (["1.234,5", "12"], "--decimal ',' --thousands '.'",
               {"decimal": ",", "thousands": "."}),
    "French": (["1 234,5", "12"], "--decimal ',' --thousands ' '",
               {"decimal": ",", "thousands": " "}),
    "Swiss": (["1'234.5", "12"], '--thousands "\'"', {"thousands": "'"}),
    "with gaps": (["1,5", "", "NA", "2,5"], "--decimal ','", {"decimal": ","}),
}  # fmt: skip


@pytest.mark.parametrize("name", OTHERWISE)
def test_kinds_numbers_in_another_spelling_name_the_option_that_works(name: str) -> None:
    cells, says, remedy = OTHERWISE[name]
    with pytest.raises(ValueError, match=r"t\.tsv, line 2: column 'x' has ['\"]1") as caught:
        kinds_of(cells)
    assert says in str(caught.value) and "--categorical x" in str(caught.value)
    assert kinds_of(cells, **remedy).columns == {"x": "number"}
    numbers = table_of(cells, **remedy).numbers("x")
    assert (np.isnan(numbers) == [cell in ("", "NA") for cell in cells]).all()
    assert kinds_of(cells, categorical=["x"]).columns == {"x": "category"}


@pytest.mark.parametrize(
    ("cells", "says"),
    [
        (["$1,234.50", "$7"], "line 2: .*'\\$1,234.50'.*money.*take the currency"),
        (["5 €", "7,5 €"], "money"), (["EUR 5", "EUR 7"], "money"),
        (["45.3%", "7 %"], "percentages"),
        (["Rs. 5", "Rs. 7"], "money"), (["5kr", "7 kr"], "money"), (["US$5", "(R$7)"], "money"),
        (["(5.00)", "(7.00)"], "negative numbers in brackets: write a minus"),
        (["\u22125", "\u22127"], "a dash as their minus: write - in the cells"),
        (["1,10,000", "2,34,567.5"], "',' out of place: take ',' out of the cells"),
        ([f"{k} kg" for k in range(11)], "numbers with 'kg' after them: take 'kg' out"),
        (["1", "2", "12cm", "3"], "line 4: column 'x' has '12cm' among numbers: .*--drop x"),
        (["red", "7", "blue", "pink"], "line 3: column 'x' has '7' among words"),
        (["1_0", "2", "3"], "line 2: column 'x' has '1_0' among numbers"),
        ([f"w{k % 1001}" for k in range(3000)], "1001 different values, 1000 .* --drop x"),
    ],
)  # fmt: skip
def test_kinds_that_are_neither_are_errors(cells: list[str], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        kinds_of(cells)


def test_kinds_a_decimal_comma_makes_points_another_spelling() -> None:
    with pytest.raises(ValueError, match=r"'1\.5', it reads like numbers with a decimal point"):
        kinds_of(["1.5", "2.5"], decimal=",")
    with pytest.raises(ValueError, match=r"'1\.234', .*: say --decimal \. or --thousands '\.'"):
        kinds_of(["1.234", "2.345"], decimal=",")
    assert kinds_of(["1.234", "2.345"], decimal=",", thousands=".").columns == {"x": "number"}


def test_kinds_words_with_a_comma_are_words() -> None:
    assert find_slip(["1,5", "red", "blue", "pink"], Format()) is None
    assert kinds_of(["Smith, J", "Doe, A"] * 3).columns == {"x": "category"}
    assert not are_dates(["2024-01-01", "later"])


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"drop": ["y"]}, "--drop y: this is the target"),
        ({"categorical": ["y"]}, "--categorical y: this is the target"),
        ({"drop": ["x"], "categorical": ["x"]}, "in --drop and in --categorical"),
        ({"drop": ["X"]}, "no column 'X' for --drop; did you mean 'x'"),
        ({"drop": ["x,y"]}, "repeat --drop x --drop y"),
    ],
)
def test_kinds_options_that_contradict_each_other(given: Any, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        kinds_of(["1", "2"], **given)


def test_kinds_a_nameless_column_may_be_dropped() -> None:
    Path("t.csv").write_text(",x,y\n0,1,a\n1,2,b\n")
    table = read_table("t.csv", Format())
    assert decide_kinds(table, "y", drop=[""]).columns == {"x": "number"}


TARGETS: dict[str, tuple[list[str], str, list[str], Any]] = {
    "words": (["b", "a", "b"], "classification", ["a", "b"], ["b", "a", "b"]),
    "by value": (["1", "0.0", "1.0", "0"], "classification", ["0", "1"], [1, 0, 1, 0]),
    "truths": (["TRUE", "false", "true"], "classification", ["false", "TRUE"], [True, False, True]),
    "numbers sort as such": (["10", "9", "10", "2"] * 3, "classification", ["2", "9", "10"],
                             [10, 9, 10, 2] * 3),
    "codes": (["01", "1", "01", "1"], "classification", ["01", "1"], ["01", "1", "01", "1"]),
    "two fractions": (["0.5", "1.5", "0.50"], "classification", ["0.5", "1.5"],
                      ["0.5", "1.5", "0.5"]),
    "a gap": (["a", "", "b", "a"], "classification", ["a", "b"], ["a", "b", "a"]),
    "NA among words": (["NA", "b", "NA"], "classification", ["NA", "b"], ["NA", "b", "NA"]),
    "NA among numbers": (["1.5", "NA", "2.5", "4"], "regression", [], [1.5, 2.5, 4]),
    "many whole numbers": ([str(k % 11) for k in range(40)], "regression", [],
                           [k % 11 for k in range(40)]),
    "a word among few numbers": (["1", "2", "3+"] * 2, "classification", ["1", "2", "3+"],
                                 ["1", "2", "3+"] * 2),
    "few rows": (["1", "2", "3", "4"], "regression", [], [1, 2, 3, 4]),
    "digits of two scripts": (["3", "\u0663", "4"] * 2, "classification", ["3", "4", "\u0663"],
                              ["3", "\u0663", "4"] * 2),
    "more digits than int takes": (["1", "9" * 5000, "3"] * 2, "classification",
                                   ["1", "3", "9" * 5000], ["1", "9" * 5000, "3"] * 2),
    "a digit up high": (["1", "\u00b2", "3"] * 2, "classification", ["1", "3", "\u00b2"],
                        ["1", "\u00b2", "3"] * 2),
}  # fmt: skip


@pytest.mark.parametrize("name", TARGETS)
def test_target_is_what_its_cells_are_worth(name: str) -> None:
    cells, task, labels, y = TARGETS[name]
    target = read_target(table_of(cells), "x")
    assert (target.task, target.labels) == (task, labels)
    assert (target.y.tolist() == y and target.y.dtype == np.array(y).dtype.type) or task != labels
    assert [cells[row] for row in target.rows] == [c for c in cells if c not in ("", "NA")
                                                   or (name == "NA among words" and c)]  # fmt: skip


@pytest.mark.parametrize(
    ("cells", "task", "says"),
    [
        (["a", "a", ""], "auto", "always 'a'"),
        (["1", "1.0"], "auto", "always '1'"),
        (["", "?"], "auto", "no value in any row"),
        (["a", "b"], "auto", "2 different values in 2 rows"),
        ([f"n{k}" for k in range(50)], "auto", "50 different values in 50 rows"),
        ([f"n{k % 1001}" for k in range(4000)], "auto", "1000 classes are allowed"),
        (["1,5", "2,5", "3,5"] * 9, "auto", "line 2: target 'x' has '1,5'.*--decimal ','"),
        (["$1", "$2", "$3"] * 9, "auto", "money"),
        (["1%", "2%", "3%"] * 9, "auto", "percentages"),
        ([f"{k} kg" for k in range(11)] * 2, "auto", "'0 kg', .*take 'kg' out of the cells"),
        ([*map(str, range(11)), "high"] * 3, "auto", "line 13: .*'high' among numbers: mend or"),
        (["2024-01-01", "2024-01-02", "2024-01-03"] * 9, "auto", "dates or times"),
        (["1", "big", "2"] * 9, "regression", "line 3: column 'x' is numeric but has 'big'"),
        (["1", "inf", "2.5"] * 9, "regression", "line 3: target 'x' is inf"),
        (["1", "-1", "2"] * 9, "count", "line 3: target 'x' is -1, a count is >= 0"),
    ],
)
def test_target_that_cannot_be_learned(cells: list[str], task: str, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        read_target(table_of(cells), "x", task)


def test_target_of_a_new_file_by_the_labels_of_training() -> None:
    table = table_of(["1.0", "", "0", "+1"])
    assert known_classes(table, "x", ["0", "1"]).tolist() == [1, -1, 0, 1]
    with pytest.raises(ValueError, match=r"line 2: target 'x' has '1\.0', which training did not"):
        known_classes(table, "x", ["0", "2"])


def test_rows_by_the_rule_for_missing_cells() -> None:
    table = table_of(["1", "", "3", "4"])
    frame, rows = table.frame({"x": "number"}), np.array([0, 1, 3])
    kept, notes = _learned_rows(table, frame, rows, "fill")
    assert kept.tolist() == [0, 1, 2]
    assert notes == ["column 'x': 1 of 3 cells missing, filled with the mean"]
    kept, notes = _learned_rows(table, frame, rows, "drop")
    assert kept.tolist() == [0, 2] and notes[1] == "1 row is left out: --missing drop"
    two = frame.assign(z=[np.nan, np.nan, 1, 2])
    assert _learned_rows(table, two, rows, "drop")[0].tolist() == [2]
    with pytest.raises(ValueError, match="line 3: column 'x' has no value, in 1 of 3 rows"):
        _learned_rows(table, frame, rows, "error")


def test_rows_are_held_out_alike_from_every_class() -> None:
    groups = np.array([0] * 90 + [1] * 10 + [2])
    fitted, held_out = split_rows(101, groups, 0.2, seed=3)
    assert sorted([*fitted, *held_out]) == [*range(101)]
    assert np.bincount(groups[held_out], minlength=3).tolist() == [18, 2, 0]
    assert sorted(groups[split_rows(101, groups, 0.95, seed=3)[0]]) == [0] * 4 + [1, 2]
    assert split_rows(101, groups, 0.2, seed=3)[1].tolist() == held_out.tolist()


def test_values_go_by_what_they_are_worth() -> None:
    ones = ["1", "1.0", "1e0", "+1", " 1 ", 1, 1.0, np.int8(1), np.float32(1)]
    assert {value_text(one) for one in ones} == {"1"}
    assert [value_text(v) for v in ("01", "-0.0", 1e22, "1e999", True, "FALSE", "inf")] == [
        "01", "0", "10000000000000000000000", "1E+999", "True", "False", "inf"]  # fmt: skip
    assert sorted(["b", "10", "9", "-1", "a"], key=value_order) == ["-1", "9", "10", "a", "b"]


FACTS: dict[str, Any] = {
    "target": "y", "task": "classification", "labels": ["a", "b"], "columns": {"x": "number"},
    "left_out": {"d": "dates"}, "format": Format().to_dict(), "missing": "fill",
    "training": {"rows": 3, "auc": None},
}  # fmt: skip


@pytest.mark.parametrize(
    ("key", "value"),
    [("target", 1), ("target", "x"), ("task", "guess"), ("labels", []), ("labels", ["a", "a"]),
     ("labels", "ab"), ("labels", [1]), ("columns", {"x": "date"}), ("columns", ["x"]),
     ("left_out", {"d": 1}), ("format", {}), ("format", {**Format().to_dict(), "decimal": ",,"}),
     ("format", {**Format().to_dict(), "thousands": "."}), ("missing", "guess"),
     ("training", {"rows": [1]}), ("training", None), ("more", 1)],
)  # fmt: skip
def test_facts_are_checked(key: str, value: Any) -> None:
    assert check_facts(FACTS) == FACTS
    with pytest.raises((TypeError, ValueError)):
        check_facts({**FACTS, key: value})
    with pytest.raises((TypeError, ValueError)):
        check_facts({name: FACTS[name] for name in FACTS if name != key} if key in FACTS else [])
