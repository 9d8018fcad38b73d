"""What a column is, is decided once, from the training file, and stored with the model."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import shallownet_native as sn
from lines import write


def columns() -> dict[str, str]:
    return sn.load("m.snet").table_["columns"]


KINDS = {
    "whole numbers": (["1", "2", "3", "30"], "number"),
    "fractions": (["1.5", "2", "-3e2", ".5"], "number"),
    "words": (["red", "blue", "red", "green"], "category"),
    "truths": (["True", "False", "true", "FALSE"], "category"),
    "codes": (["01", "02", "03", "01"], "category"),
    "codes to 11": (["01", "02", "10", "11"], "category"),
    "numbers and missing": (["1", "NA", "", "?"], "number"),
    "words and NA": (["red", "NA", "", "?"], "category"),
    "versions": (["1.2.3", "1.2.4", "2.0.0", "1.2.3"], "category"),
}


@pytest.mark.parametrize("name", KINDS)
@pytest.mark.parametrize("rows", [24, 6000])
def test_types_of_columns(folder: Path, train: Any, name: str, rows: int) -> None:
    cells, kind = KINDS[name]
    lines = [f"{cells[k % 4]},{k},{'ab'[k % 2]}" for k in range(rows)]
    train(write(["c,w,kind", *lines]))
    assert columns() == {"c": kind, "w": "number"}


def test_types_codes_stay_words(folder: Path, train: Any, run: Any, refused: Any) -> None:
    lines = [f"{k % 3 + 1:02},{k},{'ab'[k % 2]}" for k in range(60)]
    train(write(["zip,w,kind", *lines]))
    assert list(sn.load("m.snet")[0].categories_[0]) == ["01", "02", "03"]
    strict = ["predict", "m.snet", "-", "--unknown", "error"]
    assert run(*strict, stdin=b"zip,w\n01,5\n").code == 0
    refused(*strict, stdin=b"zip,w\n1,5\n", says=("'zip'", "'1'"))


def test_types_are_those_of_training(folder: Path, train: Any, run: Any) -> None:
    """A file of one row, whose cells another reader would take for something else."""
    lines = [f"{'xy1'[k % 3]},{k},{'ab'[k % 2]}" for k in range(60)]
    train(write(["c,w,kind", *lines]), "--categorical", "c")
    given = ["predict", "m.snet", "-", "--probabilities"]
    several = run(*given, stdin=b"c,w\n1.0,5\nx,\n,7\nNA,8\n").out.splitlines()[1:]
    for cells, expected in zip((b"1,5", b"x,", b",7", b"NA,8"), several, strict=True):
        assert run(*given, stdin=b"c,w\n" + cells + b"\n").out.splitlines()[1] == expected


def test_types_a_number_column_refuses_words_later(folder: Path, train: Any, refused: Any) -> None:
    train(write(["w,kind", *(f"{k},{'ab'[k % 2]}" for k in range(60))]))
    for cell in ("many", "1,5", "$5", "2024-01-01"):
        content = f'w\n1\n"{cell}"\n'.encode()
        refused("predict", "m.snet", "-", stdin=content, says=("line 3", "'w'", cell))


def test_types_of_the_target_are_those_of_training(folder: Path, train: Any, run: Any) -> None:
    train(write(["w,y", *(f"{k},{k % 2}" for k in range(60))]), target="y")
    done = run("evaluate", "m.snet", "-", "--json", stdin=b"w,y\n1,1.0\n2,0\n3,1\n4,0.0\n")
    assert done.code == 0, done


def test_types_held_out_rows_teach_no_category(folder: Path, train: Any) -> None:
    """Each of many rare words is in one row: those of the held-out rows are no inputs."""
    cells = [f"rare{k}" if k % 2 else "common" for k in range(100)]
    lines = [f"{cell},{k},{'ab'[k > 50]}" for k, cell in enumerate(cells)]
    train(write(["c,w,kind", *lines]), "--held-out", "0.3", "--categorical", "c")
    learned = set(sn.load("m.snet")[0].categories_[0])
    train("t.csv", "--held-out", "0", "--categorical", "c")
    assert set(sn.load("m.snet")[0].categories_[0]) == set(cells)
    assert learned < set(cells) and 20 <= len(learned) <= 46  # of 50, about 35


def test_types_held_out_rows_teach_no_mean(folder: Path, train: Any) -> None:
    path = write(["w,kind", *(f"{2**k},{'ab'[k % 2]}" for k in range(40))])
    train(path, "--held-out", "0.5")
    total = round(sn.load("m.snet")[0].means_[0] * 20)
    assert total.bit_count() == 20  # the sum of 20 of the powers of 2


def test_types_held_out_rows_are_of_all_classes(folder: Path, train: Any) -> None:
    """The rare class is held out in proportion, and learned."""
    path = write(["w,kind", *(f"{2**k},{'a' if k % 10 else 'b'}" for k in range(50))])
    train(path, "--held-out", "0.2")
    kept = round(sn.load("m.snet")[0].means_[0] * 40)
    assert sum(kept >> k & 1 for k in range(0, 50, 10)) == 4


def test_types_an_empty_column_is_left_out(folder: Path, train: Any) -> None:
    done = train(write(["w,empty,kind", *(f"{k},,{'ab'[k % 2]}" for k in range(40))]))
    assert [line for line in done.said.splitlines() if "'empty'" in line]
    assert columns() == {"w": "number"}


@pytest.mark.parametrize("kinds", [("Int64", "string"), ("float32", "category"), ("int8", "bool")])
def test_types_of_parquet(folder: Path, train: Any, run: Any, kinds: tuple[str, str]) -> None:
    pd = pytest.importorskip("pandas")
    pytest.importorskip("pyarrow")
    number, word = kinds
    words = pd.Series([True, False] * 20 if word == "bool" else ["x", "y"] * 20, dtype=word)
    days = pd.date_range("2024-01-01", periods=40)
    numbers = pd.Series(np.arange(40), dtype=number)
    frame = pd.DataFrame({"w": numbers, "c": words, "day": days, "kind": ["a", "b"] * 20})
    frame.to_parquet("t.parquet")
    done = train("t.parquet")
    assert columns() == {"w": "number", "c": "category"} and "'day'" in done.said
    frame.drop(columns="day").to_csv("t.csv", index=False)
    predicted = [run("predict", "m.snet", path).out for path in ("t.parquet", "t.csv")]
    assert predicted[0] == predicted[1]


def test_types_of_a_named_index_in_parquet(folder: Path, train: Any, run: Any) -> None:
    """A column that pandas kept apart is there, as it is in the CSV file of the same table."""
    pandas = pytest.importorskip("pandas")
    pytest.importorskip("pyarrow")
    frame = pandas.DataFrame({"a": range(30), "w": [1.5, 2.5, 4] * 10, "kind": ["x", "y"] * 15})
    frame.set_index("a").to_parquet("t.parquet")
    frame.set_index("a").to_csv("t.csv")
    train("t.parquet")
    assert columns() == {"a": "number", "w": "number"}
    assert run("predict", "m.snet", "t.parquet") == run("predict", "m.snet", "t.csv")


@pytest.mark.parametrize("blank", ["", "  ", "\t", '""', '" "'])
def test_types_lines_of_one_column_are_counted(
    folder: Path, train: Any, refused: Any, blank: str
) -> None:
    train(write(["w,kind", *(f"{k},{'ab'[k % 2]}" for k in range(30))]))
    refused("predict", "m.snet", write(["w", "1", blank, "x"]), says=("line 4:", "'x'"))


def test_types_a_line_that_only_looks_blank_is_a_row(folder: Path, refused: Any) -> None:
    path = write(["w,kind", "1,a", "\u00a0", "2,b"])
    given = ["train", path, "--target", "kind", "--out", "new.snet"]
    refused(*given, says=("line 3: 1 cell where the header has 2",))
