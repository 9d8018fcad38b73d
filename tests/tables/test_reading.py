"""Reading a file: its bytes, its first lines, its rows, and the line where one of them is wrong."""

from __future__ import annotations

import gzip
import io
import os
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from shallownet_native.tables.reading import Format, Table, read_table
from shallownet_native.tables.reading.source import line_at, may_hold_codes

FRAME = pd.DataFrame({"w": [1.5, np.nan], "i": [1, 2], "c": ["a", None], "b": [True, False]})


def read(content: str | bytes, *, name: str = "t.csv", **how: Any) -> Table:
    Path(name).write_bytes(content.encode() if isinstance(content, str) else content)
    return read_table(name, Format(**how))


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


SAME = {
    "plain": "a,b\n1,x\n2,y\n",
    "a mark": b"\xef\xbb\xbfa,b\n1,x\n2,y\n",
    "returns": "a,b\r1,x\r2,y\r",
    "both": "a,b\r\n1,x\r\n2,y\r\n",
    "no end": "a,b\n1,x\n2,y",
    "blanks around": " a , b \n 1 , x \n2 ,y\n",
    "quotes": '"a","b"\n"1","x"\n"2","y"\n',
    "blank lines": "\n\na,b\n\n1,x\n   \n2,y\n\n",
    "a comment": "# made by hand\n# twice, yes, twice\na,b\n1,x\n2,y\n",
    "sep": "sep=,\na,b\n1,x\n2,y\n",
    "ends in commas": "a,b,\n1,x,\n2,y,\n",
    "rows end in commas": "a,b\n1,x,\n2,y,\n",
    "an index": ",a,b\n0,1,x\n1,2,y\n",
    "gzip": gzip.compress(b"a,b\n1,x\n2,y\n"),
}


@pytest.mark.parametrize("kind", SAME)
def test_reading_spellings_of_one_table(kind: str) -> None:
    table = read(SAME[kind])
    assert table.names == ["a", "b"] and table.n_rows == 2
    assert table.numbers("a").tolist() == [1, 2]
    assert table.words("b").tolist() == ["x", "y"]
    assert bool(table.notes) == (kind in ("blank lines", "a comment", "sep", "an index",
                                          "ends in commas"))  # fmt: skip


@pytest.mark.parametrize(
    ("content", "how"),
    [
        ("a;b\n1,5;ü\n2;é\n".encode("latin-1"), {"encoding": "latin-1"}),
        ("a;b\n1,5;ü\n2;é\n".encode("utf-16"), {"encoding": "utf-16"}),
        ("a;b\n1,5;ü\n2;é\n".encode("cp1252"), {"encoding": "cp1252"}),
        ("a;b\n1,5;ü\n2;é\n".encode("utf-8-sig"), {"encoding": "utf-8"}),
    ],
)
def test_reading_encodings(content: bytes, how: dict[str, str]) -> None:
    table = read(content, delimiter=";", decimal=",", **how)
    assert table.numbers("a").tolist() == [1.5, 2] and table.words("b").tolist() == ["ü", "é"]


def test_reading_tabs_by_the_files_ending() -> None:
    assert read("a\tb\n1\tx\n", name="t.TSV").names == ["a", "b"]
    assert read("a;b\n1;x\n", name="t.tsv", delimiter=";").names == ["a", "b"]


def test_reading_numbers_in_groups_and_no_others() -> None:
    table = read("a;b\n1.234,5;1\n-12.345.678;x\n?;2\n", delimiter=";", decimal=",", thousands=".")
    np.testing.assert_array_equal(table.numbers("a"), [1234.5, -12345678, np.nan])
    for wrong in ("1.5", "12.34,5", "1234.567,8"):
        with pytest.raises(ValueError, match="line 3: column 'a' is numeric but has"):
            read(f"a\n1\n{wrong}\n", name="t.tsv", decimal=",", thousands=".").numbers("a")


def test_reading_cells_verbatim() -> None:
    table = read('a,b\n007,"x, y "\n1.50, z\n,"say ""no"""\n')
    assert table.verbatim("a").tolist() == ["007", "1.50", ""]
    assert table.verbatim("b").tolist() == ["x, y ", " z", 'say "no"']
    table = read('a,b\n1, "x, y"\n')  # a quote after blanks is one all the same
    assert table.verbatim("b").tolist() == ["x, y"]


@pytest.mark.parametrize("word", ["", "NA", "N/A", "NaN", "null", "None", "?", "na", "NULL", " ? "])
def test_reading_missing_words_are_missing_in_numbers_alone(word: str) -> None:
    table = read(f"a,b\n1,x\n{word},{word}\n3,y\n")
    np.testing.assert_array_equal(table.numbers("a"), [1, np.nan, 3])
    assert table.words("b").tolist() == ["x", word.strip() or None, "y"]


WRONG = {
    "short in the middle": ("a,b,c\n1,2,3\n1,2\n1,2,3\n", "line 3: 2 cells where the header has 3"),
    "short at the end": ("a,b,c\n1,2,3\n1\n", "line 3: 1 cell"),
    "long": ("a,b\n1,2\n1,2,3\n", "line 3: 3 cells where the header has 2"),
    "long first": ("a,b\n1,2,3\n1,2,3\n", "line 2: 3 cells .* if line 1 is no header"),
    "short after blanks and quotes": ('a,b\n"1\n1",2\n\n\n3\n', "line 6: 1 cell"),
    "some end in commas": ("a,b\n1,2\n1,2,\n", "line 3: 3 cells"),
    "a stray quote": ('a,b\n1,2\n"x \\"y\\" z",2\n', "line 3: .* a quote inside quotes is written"),
    "an open quote": ('a,b\n1,2\n1,"2\n3,4\n', "line 3: .* opened and never closed"),
    "NUL": ("a,b\n1,2\n1,\0\n", "line 3: a NUL byte"),
    "Latin-1": ("a,b\n1,ü\n".encode("latin-1"), "line 2: not UTF-8 text.* --encoding latin-1"),
    "UTF-16": ("a,b\n1,2\n".encode("utf-16"), "UTF-16: say --encoding utf-16"),
    "UTF-16 without a mark": ("a,b\n1,2\n".encode("utf-16-be"), "UTF-16"),
    "a title": ("My table\na,b\n1,2\n", "line 2: 2 cells .* if line 1 is no header"),
    "numbers for names": ("1,2.5\n3,4\n", "every name in the first line is a number"),
    "a nameless last column": ("a,b,\n1,2,\n1,2,3\n", "column 3 has no name"),
    "a zip": (b"PK\x03\x04rest", "zip archive"),
    "a damaged gzip": (gzip.compress(b"a,b\n1,2\n")[:-6], "cannot be unpacked"),
    "no Parquet": (b"PAR1 and no more", "no Parquet file"),
    "only comments": ("#\n#\n", "no rows|empty|header"),
}  # fmt: skip


@pytest.mark.parametrize("kind", WRONG)
def test_reading_names_the_line_and_what_is_wrong(kind: str) -> None:
    content, says = WRONG[kind]
    with pytest.raises(ValueError, match=rf"^t\.csv.*{says}") as caught:
        read(content)
    assert "\n" not in str(caught.value)


def test_reading_a_row_that_is_wrong_far_down() -> None:
    rows = ["1,2"] * 100_000
    rows[77_777] = "1"
    with pytest.raises(ValueError, match="line 77779: 1 cell"):
        read("\n".join(["a,b", *rows]))


@pytest.mark.parametrize("end", ["\n", "\r"])
def test_reading_refuses_a_line_of_many_megabytes_at_once(end: str) -> None:
    with pytest.raises(ValueError, match="line 3: longer than 16 MiB"):
        read(f"a,b{end}1,2{end}1," + "x" * 2**25 + end + f"1,2{end}")


def test_reading_a_long_cell_is_no_fault() -> None:
    assert len(read('a,b\n1,"' + "x" * 2**20 + '"\n').words("b")[0]) == 2**20
    assert read("#" + "x" * 2**20 + "\na,b\n1,2\n").names == ["a", "b"]


def test_reading_text_that_stands_in_for_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("a,b\n1,ü\n"))
    assert read_table("-", Format()).words("b").tolist() == ["ü"]


def test_reading_what_is_no_file() -> None:
    os.mkfifo("pipe")
    with pytest.raises(ValueError, match="not a regular file: send it through standard input"):
        read_table("pipe", Format())
    with pytest.raises(IsADirectoryError):
        read_table(".", Format())
    with pytest.raises(FileNotFoundError):
        read_table("none.csv", Format())


def test_reading_parquet() -> None:
    FRAME.assign(d=pd.to_datetime(["2024-01-01", "2024-01-02"])).to_parquet("t.parquet")
    table = read_table("t.parquet", Format())
    np.testing.assert_array_equal(table.numbers("w"), [1.5, np.nan])
    assert table.words("c").tolist() == ["a", None] and table.is_truth("b") and table.is_date("d")
    assert table.where(1) == "t.parquet, row 2"
    with pytest.raises(ValueError, match="Parquet file, for which --decimal says nothing"):
        read_table("t.parquet", Format(decimal=","))


def test_reading_a_format_that_contradicts_itself() -> None:
    with pytest.raises(ValueError, match=r"--thousands '\.' is the decimal point as well: say"):
        Format(thousands=".").check()
    with pytest.raises(ValueError, match=r"--thousands ',' .* leave one out"):
        Format(decimal=",", thousands=",").check()
    with pytest.raises(ValueError, match="--thousands"):
        read("a,b\n1,2\n", decimal=",", thousands=",")
    assert Format(decimal=",").over(Format(";", None, " ")) == Format(";", ",", " ")


def test_reading_tells_how_far_it_is() -> None:
    told: list[int] = []
    Path("t.csv").write_text("a,b\n" + "1,2\n" * 1000)
    read_table("t.csv", Format(), told=told.append)
    assert sum(told) == 4000  # the rows


@pytest.mark.parametrize(
    ("data", "holds"),
    [
        ("a,b\n1,07\n", True), ("a,b\n007,1\n", True), ('a,b\n"07",1\n', True),
        ("a,b\n1e-07,1\n", False), ("a,b\n0,100\n", False), ("a,b\n0.5,1007\n", False),
        ("", False), ("0", False),
    ],
)  # fmt: skip
def test_reading_looks_for_codes(data: str, holds: bool) -> None:
    assert may_hold_codes(data.encode(), ",") == holds
    far = "1,2\n" * 2**17  # over the end of a block
    assert may_hold_codes((far[: 2**19 - 2] + data).encode(), ",") == holds
    assert line_at(b"a\nb\nc", 4) == 3 and line_at(b"a\rb", 2) == 2
