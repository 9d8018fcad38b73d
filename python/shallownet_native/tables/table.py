"""Read a CSV file with a header into columns of text, or say in one line what is wrong with it."""

from __future__ import annotations

import collections
import csv
import io
import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TextIO

from .._messages.output import naming
from .._messages.wording import did_you_mean, quoted, shortened

STANDARD_INPUT = "-"


@dataclass(frozen=True)
class Table:
    """A CSV file's cells by column, with the line of the file on which each row ends."""

    source: str
    columns: dict[str, list[str]]
    lines: list[int]

    @property
    def n_rows(self) -> int:
        """Number of rows below the header."""
        return len(self.lines)

    def where(self, index: int) -> str:
        """Say where a row stands in the file."""
        return f"{self.source}, line {self.lines[index]}"

    def check_names(self, names: Iterable[str], user: str) -> None:
        """Raise ValueError, with the nearest name, if a column that `user` names is not here."""
        for name in names:
            if name not in self.columns:
                hint = did_you_mean(name, self.columns) or "the first line must be a header"
                raise ValueError(
                    f"{self.source}: there is no column {quoted(name)} for {user}; {hint} "
                    f"(columns: {shortened(self.columns)})"
                )


def read_table(path: str, delimiter: str = ",") -> Table:
    """Read a CSV file in UTF-8 whose first line is a header.

    Parameters
    ----------
    path : str
        File to read; ``-`` is standard input.
    delimiter : str
        One character between the cells.

    Raises
    ------
    ValueError
        If it is not such a file: empty, without rows, ragged, not text, with repeated names.
    OSError
        If it cannot be opened or read.
    """
    source = "standard input" if path == STANDARD_INPUT else path
    with naming(source), _opened(path) as stream:
        try:
            return _parse(source, stream, delimiter)
        except UnicodeDecodeError as error:
            raise ValueError(f"{source}: not UTF-8 text: convert it, e.g. with iconv") from error
        except csv.Error as error:
            raise ValueError(f"{source}: not a CSV file that can be read: {error}") from error


@contextmanager
def _opened(path: str) -> Iterator[TextIO]:
    if path != STANDARD_INPUT:
        with open(os.fspath(path), encoding="utf-8-sig", newline="") as stream:
            yield stream
    elif sys.stdin is None:
        raise ValueError("standard input is closed: name a file")
    elif hasattr(sys.stdin, "buffer"):
        stream = io.TextIOWrapper(sys.stdin.buffer, encoding="utf-8-sig", newline="")
        try:
            yield stream
        finally:
            stream.detach()  # or it would close standard input
    else:
        yield sys.stdin


def _parse(source: str, stream: TextIO, delimiter: str) -> Table:
    reader = csv.reader(stream, delimiter=delimiter, strict=True)
    header = [name.strip() for name in next(reader, [])]
    _check_header(source, header)
    rows, lines = [], []
    for row in reader:
        if not row:
            continue  # an empty line, as many files have at their end
        if len(row) != len(header):
            raise ValueError(
                f"{source}, line {reader.line_num}: {len(row)} cells where the header has "
                f"{len(header)}: mend or leave out this row"
            )
        rows.append(row)
        lines.append(reader.line_num)
    if not rows:
        raise ValueError(f"{source}: there are no rows below the header")
    columns = dict(zip(header, ([*cells] for cells in zip(*rows, strict=True)), strict=True))
    return Table(source, columns, lines)


def _check_header(source: str, header: list[str]) -> None:
    if not any(header):
        raise ValueError(f"{source}: the file is empty: its first line must name the columns")
    for character, spelled in ((";", ";"), ("\t", "\\t"), ("|", "|")):
        if len(header) == 1 and character in header[0]:
            raise ValueError(f"{source}: the header is a single cell: use --delimiter '{spelled}'")
    if "" in header:
        raise ValueError(f"{source}: column {header.index('') + 1} has no name in the header")
    repeated = sorted(name for name, n in collections.Counter(header).items() if n > 1)
    if repeated:
        raise ValueError(f"{source}: the header has {shortened(repeated)} twice: rename one")
