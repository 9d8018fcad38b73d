"""What stands around a table: first lines, quotes, marks, encodings, unnamed columns.

Such a file is read, or refused by a line that says where and by which remedy; the remedies are
tried here, and work.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import shallownet_native as sn
from lines import write

ROWS = [f"{k},{'ab'[k % 2]}" for k in range(1, 31)]
LINES = ["w,kind", *ROWS]
PROGRAM = [sys.executable, "-m", "shallownet_native"]


def weights(path: str = "m.snet") -> Any:
    model = sn.load(path)
    return np.concatenate([np.ravel(part) for part in model[-1].coefs_ + model[-1].intercepts_])


@pytest.fixture
def plain(folder: Path, train: Any) -> Any:
    """The weights that the plain file gives."""
    train(write(LINES, "plain.csv"))
    return weights()


# First lines


def semicolons(lines: list[str]) -> list[str]:
    return [line.replace(",", ";") for line in lines]


FIRST_LINES = {
    "sep=": (["sep=;", *semicolons(LINES)], ()),
    "sep= and the option": (["sep=;", *semicolons(LINES)], ("--delimiter", ";")),
    "a blank line": (["", *LINES], ()),
    "a line of blanks": (["  ", *LINES], ()),
    "a comment": (["# exported", *LINES], ()),
    "a long comment": (["# exported, by, me", "#", *LINES], ()),
}


@pytest.mark.parametrize("name", FIRST_LINES)
def test_reading_passes_over_first_lines(plain: Any, train: Any, run: Any, name: str) -> None:
    lines, options = FIRST_LINES[name]
    train(write(lines), *options)
    assert np.array_equal(weights(), plain)
    assert len(run("predict", "m.snet", "t.csv").out.splitlines()) == 31


def test_reading_counts_lines_from_the_first(folder: Path, refuse_training: Any) -> None:
    lines = ["# exported", "", *LINES[:10], "", "12cm,a", *LINES[10:]]
    refuse_training(write(lines), says=("t.csv, line 14", "12cm"))


@pytest.mark.parametrize("title", ["Sales", "Sales of the year"])
def test_reading_doubts_a_title_line(folder: Path, refuse_training: Any, title: str) -> None:
    error = refuse_training(write([title, *LINES]), says=("line 1",))
    assert "header" in error


def test_reading_refuses_a_header_of_numbers(folder: Path, refuse_training: Any) -> None:
    path = write(["5.1,3.5,0", "4.9,3.0,1", "6.1,3.1,0", "5.5,2.5,1"])
    error = refuse_training(path, target="0", says=("header", "number"))
    assert "first line" in error or "line 1" in error


def test_reading_takes_one_name_that_is_a_number(folder: Path, train: Any) -> None:
    train(write(["2023,kind", *ROWS]))
    assert sn.load("m.snet").table_["columns"] == {"2023": "number"}


@pytest.mark.parametrize(("separator", "option"), [(";", "';'"), ("\t", "'\\t'"), ("|", "'|'")])
def test_reading_names_the_right_delimiter(
    plain: Any, train: Any, refuse_training: Any, separator: str, option: str
) -> None:
    path = write([line.replace(",", separator) for line in LINES])
    refuse_training(path, says=(f"--delimiter {option}",))
    train(path, "--delimiter", option.strip("'"))
    assert np.array_equal(weights(), plain)


# Columns without a name


@pytest.mark.parametrize("options", [(), ("--drop", "")])
def test_reading_passes_over_an_index(
    plain: Any, train: Any, run: Any, options: tuple[str, ...]
) -> None:
    lines = [f",{LINES[0]}", *(f"{k},{line}" for k, line in enumerate(ROWS))]
    done = train(write(lines), *options)
    assert np.array_equal(weights(), plain)
    if not options:
        assert [line for line in done.said.splitlines() if "no name" in line]
    assert run("predict", "m.snet", "t.csv").out == run("predict", "m.snet", "plain.csv").out


@pytest.mark.parametrize("which", ["all", "rows"])
def test_reading_passes_over_trailing_commas(plain: Any, train: Any, which: str) -> None:
    header = "w,kind" + ("," if which == "all" else "")
    train(write([header, *(f"{row}," for row in ROWS)]))
    assert np.array_equal(weights(), plain)


def test_reading_refuses_cells_under_no_name(folder: Path, refuse_training: Any) -> None:
    """A column in the middle has no name, and its cells are no index."""
    error = refuse_training(write(["w,,kind", *(f"{k},x{k % 3},{'ab'[k % 2]}" for k in range(30))]))
    assert "no name" in error and "2" in error


# Quotes


def test_reading_names_a_quote_out_of_place(folder: Path, train: Any, refuse_training: Any) -> None:
    lines = ["note,w,kind", '"plain",1,a', '"a \\"big\\" one",2,b', *['"plain",3,a'] * 20]
    error = refuse_training(write(lines), says=("t.csv, line 3", "quote"))
    assert "twice" in error
    train(write([line.replace('\\"', '""') for line in lines]), "--held-out", "0")
    encoder = sn.load("m.snet")[0]
    assert set(encoder.categories_[0]) == {"plain", 'a "big" one'}


@pytest.mark.parametrize("place", [0, 12, 29])
def test_reading_names_the_line_of_an_open_quote(
    folder: Path, refuse_training: Any, place: int
) -> None:
    rows = [f"note,{row}" for row in ROWS]
    rows[place] = '"note' + rows[place][4:]
    refuse_training(write(["note,w,kind", *rows]), says=(f"line {place + 2}", "quote"))


def test_reading_takes_inches(folder: Path, train: Any, run: Any) -> None:
    """A quote inside a cell without quotes is a character, or is refused with its line."""
    path = write(["size,w,kind", *([f'5" pipe,{row}' for row in ROWS[:15]]),
                  *(f"none,{row}" for row in ROWS[15:])])  # fmt: skip
    done = run("train", path, "--target", "kind", "--out", "m.snet", "--epochs", "1")
    if done.code:
        assert done.code == 2 and "t.csv, line 2" in done.err and "quote" in done.err
    else:
        assert set(sn.load("m.snet").encoder_.categories_[0]) == {'5" pipe', "none"}


# Encodings

GERMAN = [
    "größe,farbe,kind",
    *(f"{k},{'grün' if k % 3 else 'rot'},{'ab'[k % 2]}" for k in range(40)),
]


@pytest.mark.parametrize("encoding", ["latin-1", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("by", ["file", "standard input"])
def test_reading_recognises_an_encoding(
    folder: Path, train: Any, refuse_training: Any, encoding: str, by: str
) -> None:
    """The error names the option, and the option works."""
    content = Path(write(GERMAN, encoding=encoding)).read_bytes()
    path, stdin = ("t.csv", b"") if by == "file" else ("-", content)
    error = refuse_training(path, stdin=stdin, says=("--encoding",))
    named = error.partition("--encoding ")[2].split()[0].strip("'\",;:.()")
    assert named.startswith(encoding[:6])
    train(path, "--encoding", named, stdin=stdin)
    of_other = weights()
    assert sn.load("m.snet").table_["columns"] == {"größe": "number", "farbe": "category"}
    train(write(GERMAN))
    assert np.array_equal(weights(), of_other)


def test_reading_refuses_an_unknown_encoding(folder: Path, refuse_training: Any) -> None:
    refuse_training(write(LINES), "--encoding", "utf-88", says=("--encoding", "utf-88"))


def test_reading_a_wrong_encoding_is_one_line(folder: Path, refuse_training: Any) -> None:
    for encoding in ("utf-16", "utf-8-sig", "cp1252"):
        path = write(GERMAN, encoding="utf-16" if encoding != "utf-16" else "utf-8")
        refuse_training(path, "--encoding", encoding, says=("t.csv",))


def test_reading_stdin_passes_over_the_mark(plain: Any, train: Any, run: Any) -> None:
    content = b"\xef\xbb\xbf" + Path("plain.csv").read_bytes()
    train("-", stdin=content)
    assert np.array_equal(weights(), plain)
    predicted = run("predict", "m.snet", "-", stdin=content)
    assert predicted.out == run("predict", "m.snet", "plain.csv").out


@pytest.mark.parametrize("coding", ["cp1252", "ascii"])
def test_reading_and_writing_do_not_ask_the_terminal(folder: Path, train: Any, coding: str) -> None:
    """Bytes in and out are UTF-8 whatever Python's own streams are."""
    path = write([line.replace("kind", "art").replace(",b", ",Täßchen") for line in GERMAN])
    train(path, target="art")
    inputs = Path(path).read_bytes()
    given = [*PROGRAM, "predict", "m.snet", "-", "--unknown", "error"]
    environment = {**os.environ, "PYTHONIOENCODING": coding}
    done = subprocess.run(given, input=inputs, capture_output=True, env=environment)
    assert (done.returncode, done.stderr) == (0, b"")
    assert set(done.stdout.decode("utf-8").splitlines()[1:]) <= {"a", "Täßchen"}


@pytest.mark.parametrize("encoding", ["cp1252", "latin-1"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_reading_utf_8_is_not_taken_for_a_one_byte_encoding(
    folder: Path, train: Any, run: Any, refused: Any, encoding: str, mark: bytes
) -> None:
    """A model of a Windows file meets a file of another program: no new names, no new words."""
    train(write(GERMAN, encoding=encoding), "--encoding", encoding)
    Path("u.csv").write_bytes(mark + Path(write(GERMAN, "g.csv")).read_bytes())
    refused("predict", "m.snet", "u.csv", says=("UTF-8", "--encoding utf-8"))
    assert run("predict", "m.snet", "u.csv", "--encoding", "utf-8").code == 0


def test_reading_a_model_of_utf_16_says_what_else_to_try(
    folder: Path, train: Any, run: Any, refused: Any
) -> None:
    train(write(LINES, encoding="utf-16"), "--encoding", "utf-16")
    refused("predict", "m.snet", write(LINES), says=("--encoding utf-8",))
    assert run("predict", "m.snet", "t.csv", "--encoding", "utf-8").code == 0


ENDS = [("\n", "\r"), ("\r\n", "\r"), ("\r", "\n"), ("\n", "\r\n"), ("\r\r\n", "\n")]


@pytest.mark.parametrize("ends", ENDS)
@pytest.mark.parametrize("last", ["x,a", "7", "x,a\n"])
def test_reading_names_the_line_whatever_ends_it(
    folder: Path, refuse_training: Any, ends: tuple[str, str], last: str
) -> None:
    text = "".join(f"{line}{ends[k % 2]}" for k, line in enumerate(LINES))
    Path("t.csv").write_bytes(f"{text}{last}".encode())
    refuse_training("t.csv", says=(f"line {len(LINES) + 1}:",))


@pytest.mark.parametrize("mark", [" ", ":", "~"])
def test_reading_finds_the_delimiter_of_the_target(
    folder: Path, train: Any, refuse_training: Any, mark: str
) -> None:
    path = write([line.replace(",", mark) for line in LINES])
    refuse_training(path, says=(f"say --delimiter '{mark}'",))
    train(path, "--delimiter", mark)


def test_reading_finds_the_delimiter_beside_commas(
    folder: Path, train: Any, refuse_training: Any
) -> None:
    lines = ["w, kg\tkind", *(row.replace(",", "\t") for row in ROWS)]
    refuse_training(write(lines), says=("line 2", "--delimiter '\\t'"))
    train(write(lines), "--delimiter", "\\t")


def test_reading_the_options_for_a_file_in_another_spelling_work(
    folder: Path, train: Any, run: Any, refused: Any
) -> None:
    """A model of German numbers, and a file of English ones: both marks of training must go."""
    german = ["--delimiter", ";", "--decimal", ",", "--thousands", "."]
    train(write(["w;kind", *(f"{k}.000,5;{'ab'[k % 2]}" for k in range(1, 30))]), *german)
    write(["w;kind", *(f"{k}000.5;a" for k in range(1, 9))])
    refused("predict", "m.snet", "t.csv", says=("say --decimal . --thousands ''",))
    assert run("predict", "m.snet", "t.csv", "--decimal", ".", "--thousands", "").code == 0
    write(["w;kind", "7.5;a", *(f"{k},000.5;a" for k in range(1, 9))])
    refused("predict", "m.snet", "t.csv", says=("say --decimal . --thousands ','",))
    assert run("predict", "m.snet", "t.csv", "--decimal", ".", "--thousands", ",").code == 0


def test_reading_true_and_false_are_no_numbers_of_training(
    folder: Path, train: Any, refused: Any
) -> None:
    train(write(LINES))
    path = write(["w", "TRUE", "", "false"])
    refused("predict", "m.snet", path, says=("line 2", "'TRUE'"))


def test_reading_a_missing_word_among_classes_is_said(folder: Path, train: Any) -> None:
    """R writes NA where no class is known: it is one here, as NA is Namibia, and is not silent."""
    done = train(write(["w,kind", *(f"{k},{('NA', 'b', 'c')[k % 3]}" for k in range(30))]))
    assert "target 'kind': 'NA' is a class, of 10 rows: if it says that none is known" in done.out
    train(write(["w,kind", *(f"{k},{('', 'b', 'c')[k % 3]}" for k in range(30))]))
    assert sn.load("m.snet").table_["labels"] == ["b", "c"]
