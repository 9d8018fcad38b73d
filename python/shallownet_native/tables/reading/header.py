"""The first lines of a CSV file: what stands before the header, and the names in it."""

from __future__ import annotations

import collections
import csv
import itertools
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from ..._messages.wording import quoted, shortened
from ..values import NUMBER
from .format import Format
from .source import Source

SEPARATOR_LINE = re.compile(r'"?sep=(.)"?', re.IGNORECASE)
LINE = re.compile(rb"[^\r\n]*(?:\r*\n|\r)|[^\r\n]+")
MAX_BEFORE = 100  # lines before the header that are looked at
OTHER_DELIMITERS = {",": ",", ";": ";", "\t": "\\t", "|": "|"}


@dataclass(frozen=True)
class Layout:
    """Where a file's rows begin and what their cells are called."""

    delimiter: str
    names: tuple[str, ...]  # stripped; "" where a column has none
    start: int  # bytes before the first row
    n_lines: int  # lines before it
    skips_blanks: bool  # before a cell: only where a quote follows them, which they would hide
    notes: tuple[str, ...] = field(default=())


def find_layout(source: Source, how: Format) -> Layout:
    """Return the layout of a CSV file.

    Blank lines, comments and a line ``sep=;`` before the header are passed over. The first column
    and the last may have no name: an index, and what follows a delimiter at the end of each line.

    Raises
    ------
    ValueError
        If there is no header, or none that names the columns, each once.
    """
    delimiter = how.separator(source.path)
    start, n_lines, notes = 0, 0, []  # n_lines: before the one looked at
    comments: list[tuple[int, int, list[str]]] = []
    for n_lines, line in enumerate(lines(source.data)):
        text = line.strip()
        said = SEPARATOR_LINE.fullmatch(line.rstrip("\r\n"))
        if text.startswith("#"):
            comments.append((start, n_lines, _cells(line, delimiter)))
        elif said and n_lines == 0:
            notes.append(f"line 1 says that {quoted(said[1])} is between the cells")
            delimiter = how.delimiter or said[1]
        elif text:
            break
        start += len(line.encode())
        if n_lines == MAX_BEFORE:
            raise ValueError(f"{source.name}: no header among the first {MAX_BEFORE} lines")
    cells, n_bytes, n_more = _row_at(source, start, delimiter)
    if comments and (not cells or _is_header(comments[-1][2], cells)):
        start, n_lines, _ = comments.pop()
        cells, n_bytes, n_more = _row_at(source, start, delimiter)
    if n_lines:
        notes.append(f"the header is line {n_lines + 1}")
    names = tuple(name.strip() for name in cells)
    _check_names(source.name, names, delimiter)
    if not names[0] and len(names) > 1:
        notes.append(
            "column 1 has no name and is left out: an index, which pandas' to_csv(index=False) "
            "does not write"
        )
    return Layout(
        delimiter,
        names,
        start + n_bytes,
        n_lines + n_more,
        _has_blanks_before_quotes(source.data, delimiter),
        tuple(notes),
    )


def _is_header(comment: list[str], cells: list[str]) -> bool:
    """Tell a header whose first name begins with # from a comment with as many commas."""
    if len(comment) != len(cells) or len(cells) == 1:
        return False
    return comment[0][1:2] != " " or any(NUMBER.fullmatch(cell.strip()) for cell in cells)


def _has_blanks_before_quotes(data: bytes, delimiter: str) -> bool:
    before = rb"(^|[\r\n]|%b) +\"" % re.escape(delimiter.encode())
    return b' "' in data and re.search(before, data) is not None


def lines(data: bytes, start: int = 0) -> Iterator[str]:
    """Yield the lines from a byte on, with what ends them, returns and line feeds mixed, too."""
    n_bytes = len(data)
    while start < n_bytes:
        found = data.find(b"\n", start)
        stop = n_bytes if found < 0 else found + 1
        if data.find(b"\r", start, stop - (1 if found < 0 else 2)) < 0:
            yield data[start:stop].decode()
        else:
            for line in LINE.finditer(data, start, stop):
                yield line.group().decode()
        start = stop


def _cells(line: str, delimiter: str) -> list[str]:
    with long_cells():
        return next(csv.reader([line], delimiter=delimiter, skipinitialspace=True), [])


def _row_at(source: Source, start: int, delimiter: str) -> tuple[list[str], int, int]:
    """Return the cells of the row that begins at a byte, its length in bytes and in lines."""
    rest = lines(source.data, start)
    with long_cells():
        reader = csv.reader(rest, delimiter=delimiter, strict=True, skipinitialspace=True)
        try:
            cells = next(reader, [])
        except csv.Error as error:
            raise ValueError(
                f"{source.name}: the header is no line of CSV ({error}): mend it, or say with "
                "--delimiter what is between the cells"
            ) from error
    taken = itertools.islice(lines(source.data, start), reader.line_num)
    return cells, sum(len(line.encode()) for line in taken), reader.line_num


@contextmanager
def long_cells() -> Iterator[None]:
    """Let the csv module read cells of any length, as pandas does."""
    limit = csv.field_size_limit(2**31 - 1)
    try:
        yield
    finally:
        csv.field_size_limit(limit)


def other_delimiter(names: Sequence[str], name: str) -> str:
    """Return the character that would find a name among these, as --delimiter takes it, or ""."""
    marks = dict.fromkeys(c for text in names for c in text if not c.isalnum() and c not in "_\"'")
    for mark in marks:
        parts = [part.strip(' "') for text in names for part in text.split(mark)]
        if name in parts and all(parts):
            return OTHER_DELIMITERS.get(mark, mark)
    return ""


def _check_names(source: str, names: tuple[str, ...], delimiter: str) -> None:
    if not any(names):
        raise ValueError(f"{source}: the file is empty: its first line must name the columns")
    for character, spelled in OTHER_DELIMITERS.items():
        if len(names) == 1 and character != delimiter and character in names[0]:
            raise ValueError(f"{source}: the header is a single cell: use --delimiter '{spelled}'")
    nameless = [k for k in range(1, len(names) - 1) if not names[k]]
    if nameless:
        raise ValueError(f"{source}: column {nameless[0] + 1} has no name in the header: add one")
    counts = collections.Counter(name for name in names if name)
    repeated = sorted(name for name, n in counts.items() if n > 1)
    if repeated:
        raise ValueError(f"{source}: the header has {shortened(repeated)} twice: rename one")
    if all(NUMBER.fullmatch(name.replace(",", ".")) for name in names if name):
        raise ValueError(
            f"{source}: every name in the first line is a number ({shortened(names)}): add a "
            "header that names the columns"
        )
