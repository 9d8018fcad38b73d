"""Files that are no table, too much, or cannot be read or written: one line, exit 2, no remains."""

from __future__ import annotations

import errno
import gzip
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

import numpy as np
import pytest

from lines import write

GOOD = [f"{k}.5,{('red', 'blue')[k % 2]},{'ab'[k > 20]}" for k in range(40)]
HEADER = "w,colour,kind"
LONG_LINE = 300_000_000


TABLES: dict[str, tuple[list[str], tuple[str, ...]]] = {
    "nothing": ([], ("t.csv", "empty")),
    "blank lines": (["", "", ""], ("t.csv", "empty")),
    "only comments": (["# nothing", "# more"], ("t.csv",)),
    "one column": (["kind", *"abab"], ("no column",)),
    "no rows": ([HEADER], ("t.csv", "no rows")),
    "one row": ([HEADER, GOOD[0]], ("'kind'",)),
    "one row per class": ([HEADER, "1,red,a", "2,red,b", "3,blue,c"], ("'kind'",)),
    "no cell at all": ([HEADER, *[",,"] * 40], ("'kind'",)),
    "only targets": ([HEADER, *[",,a", ",,b"] * 40], ("no column",)),
    "one value": ([HEADER, *(row[:-1] + "a" for row in GOOD)], ("'kind'", "'a'")),
    "one value in two spellings": (["w,kind", *["1,1", "2,1.0"] * 20], ("'kind'", "1")),
    "a name twice": (["kind,w,kind", *GOOD], ("'kind'", "twice")),
    "an input's name twice": (["w,w,kind", *GOOD], ("'w'", "twice")),
    "a name twice but for blanks": (["w, w,kind", *GOOD], ("'w'", "twice")),
    "no target": (["w,colour,type", *GOOD], ("no column 'kind'",)),
    "a NUL in a cell": ([HEADER, *GOOD[:3], "1,re\0d,a", *GOOD[3:]], ("t.csv", "line 5")),
    "a NUL in the header": (["w,co\0lour,kind", *GOOD], ("t.csv", "line 1")),
    "only NULs": (["\0" * 1000] * 5, ("t.csv",)),
}


@pytest.mark.parametrize("name", TABLES)
def test_bad_table_is_refused(folder: Path, refuse_training: Any, name: str) -> None:
    lines, says = TABLES[name]
    refuse_training(write(lines), says=says)


@pytest.mark.parametrize("name", ["nothing", "no rows", "a name twice", "a NUL in a cell"])
def test_bad_table_on_standard_input_is_refused(
    folder: Path, refuse_training: Any, name: str
) -> None:
    lines, says = TABLES[name]
    content = "".join(f"{line}\n" for line in lines).encode()
    refuse_training("-", stdin=content, says=tuple(part for part in says if part[:5] != "t.csv"))


def test_bad_gzip_is_refused(folder: Path, refuse_training: Any) -> None:
    whole = gzip.compress("\n".join([HEADER, *GOOD]).encode())
    for content in (whole[:-20], whole[:40] + b"x" * 20 + whole[60:], b"no gzip", b""):
        Path("t.csv.gz").write_bytes(content)
        refuse_training("t.csv.gz", says=("t.csv.gz",))


@pytest.mark.parametrize("content", [b"", b"PAR1", b"no parquet", b"PAR1" * 100])
def test_bad_parquet_is_refused(folder: Path, refuse_training: Any, content: bytes) -> None:
    Path("t.parquet").write_bytes(content)
    refuse_training("t.parquet", says=("t.parquet",))


# Large ones


def test_bad_a_very_long_line_is_refused(folder: Path, refuse_training: Any) -> None:
    with open("t.csv", "wb") as stream:
        stream.write(b"x" * LONG_LINE)
    refuse_training("t.csv", says=("t.csv",))


def test_bad_a_very_long_cell_is_named_in_short(folder: Path, refuse_training: Any) -> None:
    refuse_training(write([HEADER, *GOOD, "x" * 10_000_000 + ",red,a"]), says=("line 42", "'w'"))


def test_bad_100_000_columns_end_in_one_line_or_a_model(folder: Path, run: Any) -> None:
    names = [f"c{k}" for k in range(100_000)]
    row = ",".join("12" * 50_000)
    write([",".join(names) + ",kind", f"{row},a", f"{row[::-1]},b", f"{row},a", f"{row[::-1]},b"])
    done = run("train", "t.csv", "--target", "kind", "--out", "m.snet", "--epochs", "1",
               "--hidden-units", "1")  # fmt: skip
    lines = done.said.splitlines()
    assert max(map(len, lines)) < 2000
    assert (done.code, Path("m.snet").exists()) in ((0, True), (2, False))
    assert done.code == 0 or (done.out == "" and len(lines) == 1)


# What is no readable file


@contextmanager
def at_most(seconds: int) -> Iterator[None]:
    """Fail, rather than hang."""

    def stop(number: int, frame: FrameType | None) -> None:
        raise AssertionError(f"still waiting after {seconds} seconds")

    before = signal.signal(signal.SIGALRM, stop)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


@pytest.mark.parametrize("kind", ["directory", "FIFO", "absent", "device"])
def test_bad_path_is_refused(folder: Path, train: Any, refused: Any, kind: str) -> None:
    train(write([HEADER, *GOOD], "good.csv"))
    if kind == "directory":
        Path("t.csv").mkdir()
    elif kind == "FIFO":
        os.mkfifo("t.csv")
    path = "/dev/zero" if kind == "device" else "t.csv"
    with at_most(20):
        refused("train", path, "--target", "kind", "--out", "n.snet", says=(path,))
        refused("predict", "m.snet", path, says=(path,))
        refused("evaluate", "m.snet", path, says=(path,))
        refused("predict", path, "good.csv", says=(path,))


def test_bad_permission_is_refused(
    folder: Path, refuse_training: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Root may read everything, and is refused by a system that says so of this file alone."""
    write([HEADER, *GOOD])
    Path("t.csv").chmod(0)
    opened = os.open

    def refusing(path: Any, *how: Any, **more: Any) -> int:
        if path == "t.csv":
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), path)
        return opened(path, *how, **more)

    if os.geteuid() == 0:
        monkeypatch.setattr(os, "open", refusing)
    refuse_training("t.csv", says=("t.csv", "Permission denied"))


LIMITED = """
import resource, sys
from shallownet_native.cli import program
resource.setrlimit(resource.RLIMIT_FSIZE, (500, resource.RLIM_INFINITY))
given = sys.argv[1:]
train = program.main(["train", *given, "--target", "kind", "--out", "new.snet", "--epochs", "1"])
predict = program.main(["predict", "m.snet", *given, "--out", "p.csv", "--keep", "colour"])
sys.exit(train * 10 + predict)
"""


def test_bad_full_disk_leaves_nothing_behind(folder: Path, train: Any) -> None:
    """A limit on the size of files fails as a full disk does: in the middle of writing."""
    train(write([HEADER, *GOOD * 20]))
    before = sorted(Path().iterdir())
    done = subprocess.run([sys.executable, "-c", LIMITED, "t.csv"], capture_output=True, text=True)
    assert done.returncode == 22, done
    lines = done.stderr.splitlines()
    for line, path in zip(lines, ("new.snet", "p.csv"), strict=True):
        assert line.startswith("shallownet: ") and f"{path}: " in line
    assert sorted(Path().iterdir()) == before


# Ragged rows

ROWS = 5000
RAGGED = {
    "a cell more": lambda row: row + ",1",
    "an empty cell more": lambda row: row + ",",
    "two more": lambda row: row + ",1,2",
    "without the last": lambda row: row.rpartition(",")[0],
    "one cell": lambda row: row.partition(",")[0],
}


def many(seed: int = 0) -> list[str]:
    """Return rows, some of which have an empty last or first cell, as is right."""
    rng = np.random.default_rng(seed)
    rows = [f"{a:.4f},{b:.3f},{'ab'[int(a > 0)]},{c:.3f}" for a, b, c in rng.normal(size=(ROWS, 3))]
    for k in rng.integers(ROWS, size=200):
        rows[k] = rows[k].rpartition(",")[0] + ","
    for k in rng.integers(ROWS, size=200):
        rows[k] = "," + rows[k].partition(",")[2]
    return rows


@pytest.mark.parametrize("kind", RAGGED)
@pytest.mark.parametrize("place", [0, 1, ROWS // 2, ROWS - 1])
@pytest.mark.parametrize("target", ["kind", "z"])
def test_bad_ragged_row_is_named(
    folder: Path, refuse_training: Any, kind: str, place: int, target: str
) -> None:
    rows = many()
    rows[place] = RAGGED[kind](rows[place])
    cells = rows[place].count(",") + 1
    path = write(["x,y,kind,z", *rows])
    line = f"t.csv, line {place + 2}:"
    refuse_training(path, target=target, says=(line, f"{cells} cell", "4"))


def test_bad_first_of_several_ragged_rows_is_named(folder: Path, refuse_training: Any) -> None:
    for first, second in (("without the last", "two more"), ("two more", "without the last")):
        rows = many()
        rows[300], rows[4000] = RAGGED[first](rows[300]), RAGGED[second](rows[4000])
        refuse_training(write(["x,y,kind,z", *rows]), says=("line 302:",))


def test_bad_lines_are_counted_through_breaks_and_blanks(
    folder: Path, refuse_training: Any
) -> None:
    """A cell of three lines, blank lines, and line ends of Windows."""
    rows = [f'{k},"one\r\ntwo\r\nthree",{"ab"[k % 2]}' for k in range(100)]
    rows[40:40] = ["", "", "  "]
    content = "".join(f"{line}\r\n" for line in ["# title", "w,text,kind", *rows, "5,x"])
    Path("t.csv").write_bytes(content.encode())
    refuse_training("t.csv", says=("t.csv, line 306:", "2 cells"))


@pytest.mark.parametrize("kind", RAGGED)
def test_bad_ragged_row_is_named_by_predict(
    folder: Path, train: Any, refused: Any, kind: str
) -> None:
    rows = many()
    train(write(["x,y,kind,z", *rows]))
    rows[2500] = RAGGED[kind](rows[2500])
    path = write(["x,y,kind,z", *rows], "bad.csv")
    refused("predict", "m.snet", path, says=("bad.csv, line 2502:",))
    refused("evaluate", "m.snet", path, says=("bad.csv, line 2502:",))
