"""What a model reads of a new table: which rows, and a line for whatever is filled or not known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from .._messages.wording import N_NAMED, counted, quoted, shortened
from .reading import CATEGORY, NUMBER, Table
from .values import value_text

Rows = npt.NDArray[np.intp]
Mask = npt.NDArray[np.bool_]


def infinite_notes(frame: Any, rows: Any = slice(None)) -> list[str]:
    """Return a line for each column of numbers in which some of these rows are infinite."""
    notes = []
    for name in frame.columns:
        if frame[name].dtype.kind == "f":
            n = int(np.isinf(frame[name].to_numpy()[rows]).sum())
            if n:
                text = f"{counted(n, 'cell')} infinite, taken for the largest number there is"
                notes.append(f"column {quoted(str(name))}: {text}")
    return notes


@dataclass(frozen=True)
class Inputs:
    """The rows of a table that a model can predict.

    Attributes
    ----------
    rows : pandas.DataFrame or ndarray
        Those rows, as the model takes them.
    kept : ndarray of bool, shape (n_rows,)
        Which of the table's rows they are.
    notes : list of str
        What was filled, left out or not known: a line for each column.
    """

    rows: Any
    kept: Mask
    notes: list[str]


def read_inputs(
    table: Table,
    columns: Mapping[str, str],
    *,
    missing: str,
    encoder: Any,
    unknown: str | None,
    is_ours: bool,
) -> Inputs:
    """Return what a model reads of a table.

    Parameters
    ----------
    table : Table
    columns : mapping of str to {"number", "category"}
    missing : {"fill", "drop", "error"}
        What becomes of a row with a missing cell.
    encoder : TableEncoder or None
        Without one, cells must be finite.
    unknown : {"ignore", "error", None}
        What becomes of categories that training did not see; None is "ignore".
    is_ours : bool
        Whether the command line trained the model, and can do it again with another rule.

    Raises
    ------
    ValueError
        If a column is not there or a cell cannot be read; at a missing cell or an unknown category,
        where the rule is "error".
    """
    frame = table.frame(columns, takes_truths=encoder is None)
    is_missing = frame.isna().to_numpy()
    found = zip(columns, is_missing.sum(axis=0).tolist(), strict=True)
    counts = {name: n for name, n in found if n}
    kept = np.ones(table.n_rows, bool)
    if counts and missing == "error":
        row = int(is_missing.any(axis=1).argmax())
        name = [*columns][int(is_missing[row].argmax())]
        raise ValueError(_at_missing(f"{table.where(row)}: column {quoted(name)}", counts, is_ours))
    if counts and missing == "drop":
        kept = ~is_missing.any(axis=1)
        frame = frame[kept]
    notes = [
        f"column {quoted(name)}: {counted(n, 'cell')} missing, "
        f"{_what_becomes(missing, columns[name])}"
        for name, n in counts.items()
    ]
    if not kept.all():
        n = int((~kept).sum())
        notes.append(
            f"{n} of {table.n_rows} rows: not predicted, as --missing drop was in training"
        )
    if encoder is None:
        _check_finite(table, frame)
    else:
        names = [name for name, kind in columns.items() if kind == CATEGORY]
        notes += infinite_notes(frame)
        seen = dict(zip(names, encoder.categories_, strict=True))
        notes += _unknown(table, frame, np.flatnonzero(kept), seen, unknown)
    return Inputs(frame, kept, notes)


def _unknown(
    table: Table, frame: Any, rows: Rows, seen: Mapping[str, Any], unknown: str | None
) -> list[str]:
    """Return a line for each column with categories that training did not see, or raise."""
    notes = []
    for name, levels in seen.items():
        found = np.flatnonzero(_are_unknown(frame[name], levels))
        if not len(found):
            continue
        if unknown == "error":
            row, text = int(rows[found[0]]), frame[name].iloc[found[0]]
            raise ValueError(
                f"{table.where(row)}: column {quoted(name)} has {quoted(text)}, which training did "
                f"not see; it saw {shortened(levels.tolist())}: mend or leave out this row, or say "
                "--unknown ignore"
            )
        texts = shortened(dict.fromkeys(frame[name].iloc[found]))
        notes.append(
            f"column {quoted(name)}: {counted(len(found), 'cell')} with categories that training "
            f"did not see ({texts}), counted as none of those it saw"
        )
    return notes


def _what_becomes(missing: str, kind: str) -> str:
    if missing == "drop":
        return "those rows are not predicted"
    if kind == NUMBER:
        return "filled with the mean of training"
    return "counted as none of the categories"


def _at_missing(cell: str, counts: dict[str, int], is_ours: bool) -> str:
    several = [f"{n} of {quoted(column)}" for column, n in counts.items()]
    more = f" and of {len(several) - N_NAMED} more" if len(several) > N_NAMED else ""
    remedy = "fill it in or leave out this row"
    return (
        f"{cell} has no value: {remedy}"
        f"{', or train with --missing fill' if is_ours else ''} (missing cells in all: "
        f"{', '.join(several[:N_NAMED])}{more})"
    )


def _check_finite(table: Table, frame: Any) -> None:
    """Refuse infinity, which only an encoder takes."""
    for name in frame.columns:
        for row in np.flatnonzero(np.isinf(frame[name].to_numpy()))[:1]:
            raise ValueError(
                f"{table.where(int(row))}: column {quoted(name)} is infinite, a finite number is "
                "needed: mend this cell"
            )


def _are_unknown(cells: Any, levels: npt.NDArray[Any]) -> Mask:
    """Tell which cells of a column hold none of these categories; a missing one is not unknown."""
    known = {*levels.tolist()}
    codes, unique = cells.factorize()
    are_unknown = [value_text(text) not in known for text in unique]
    answer: Mask = np.array([*are_unknown, False])[codes]  # a missing cell has the code -1
    return answer
