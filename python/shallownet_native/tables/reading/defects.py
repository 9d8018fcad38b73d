"""Where a CSV file is no table: the line and the slip that pandas passes over or names otherwise.

The whole file is gone through once more, cell by cell, but only when something is suspicious or an
error needs a line.
"""

from __future__ import annotations

import csv
import itertools
from collections.abc import Iterator

from ..._messages.wording import counted
from .header import OTHER_DELIMITERS, Layout, lines, long_cells
from .source import Source


def rows(source: Source, layout: Layout) -> Iterator[tuple[int, list[str]]]:
    """Yield each row with the line that it begins on; blank lines are none.

    Raises
    ------
    ValueError
        At a quote out of place, naming the line.
    """
    before, one_cell, text = layout.n_lines, len(layout.names) == 1, ""

    def noted() -> Iterator[str]:
        nonlocal text
        for line in lines(source.data, layout.start):
            text = line
            yield line

    with long_cells():
        reader = csv.reader(
            noted(),
            delimiter=layout.delimiter,
            strict=True,
            skipinitialspace=layout.skips_blanks,
        )
        while True:
            first = before + 1
            try:
                row = next(reader, None)
            except csv.Error as error:
                raise ValueError(_quote_error(source.name, first, str(error))) from error
            if row is None:
                return
            before = layout.n_lines + reader.line_num
            # as pandas has it; an empty cell in quotes is one where there is one column
            is_blank = not row or (len(row) == 1 and not row[0].strip(" \t"))
            is_blank = is_blank and not (one_cell and '"' in text)
            if not is_blank:
                yield first, row


def check_rows(source: Source, layout: Layout) -> bool:
    """Raise at the first row that has not as many cells as the header, or a quote out of place.

    Returns
    -------
    bool
        Whether all rows end in one delimiter more than the header: then none is wrong.
    """
    n, wrong, n_ended, n_rows = len(layout.names), None, 0, 0
    for line, row in rows(source, layout):
        n_rows += 1
        if len(row) == n + 1 and not row[-1].strip():
            n_ended += 1
        if len(row) != n and wrong is None:
            wrong = line, row, n_rows
    if wrong is None:
        return False
    if n_ended == n_rows:
        return True
    line, row, number = wrong
    n_cells = len(row)
    text = f"{source.name}, line {line}: {counted(n_cells, 'cell')} where the header has {n}: "
    for character, spelled in OTHER_DELIMITERS.items() if number == 1 else ():
        heads = character in "".join(layout.names)
        if character != layout.delimiter and heads and character in "".join(row):
            raise ValueError(text + f"mend this row, or say --delimiter '{spelled}'")
    if number > 1 or n_cells < n:
        raise ValueError(text + "mend or leave out this row")
    header = layout.n_lines
    raise ValueError(
        text + f"if line {header} is no header, or the rows' names have none there, mend line "
        f"{header}; else mend or leave out this row"
    )


def line_of(source: Source, layout: Layout, index: int) -> int:
    """Return the line of the file on which a row begins."""
    return next(itertools.islice(rows(source, layout), index, None))[0]


def _quote_error(name: str, line: int, text: str) -> str:
    if "expected after" in text:
        what = "a quote inside quotes is written twice: mend this row"
    elif "unexpected end" in text:
        what = "a quote is opened and never closed: mend this row"
    else:
        what = f"{text}: mend this row"
    return f"{name}, line {line}: not a CSV file that can be read: {what}"
