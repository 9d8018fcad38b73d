"""What there is to learn in a table: which columns and rows, and which are held out.

Whatever is filled or left out is a line with counts.
"""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from .._messages.wording import counted, quoted
from .._native.streams import random_stream
from ..files import Record, check_encodable
from .reading import Kinds, Table, Target, decide_kinds, is_missing, read_target
from .rows import infinite_notes

Rows = npt.NDArray[np.intp]


class Lesson(NamedTuple):
    """What there is to learn.

    Attributes
    ----------
    parts : dict
        Of "training" and of "held_out" the inputs (a DataFrame) and the target (an array).
    target, task : str
    labels : list of str
        A spelling of each class, in order; empty for quantities.
    kinds : Kinds
        The inputs and what has been left out.
    ignored : tuple of str
        What another table may have beside the inputs: that, the target, and columns without names.
    notes : list of str
        What has been filled, left out or passed over, a line each.
    """

    parts: dict[str, tuple[Any, npt.NDArray[Any]]]
    target: str
    task: str
    labels: list[str]
    kinds: Kinds
    ignored: tuple[str, ...]
    notes: list[str]


def read_lesson(
    table: Table,
    target: str,
    *,
    task: str = "auto",
    categorical: Sequence[str] = (),
    drop: Sequence[str] = (),
    missing: str = "fill",
    held_out: float = 0.0,
    seed: int = 0,
) -> Lesson:
    """Return what there is to learn in a table, in copies: the file's bytes can be let go.

    Parameters
    ----------
    table : Table
    target : str
        The column to predict.
    task : {"auto", "classification", "regression", "count"}
    categorical, drop : sequence of str
        Columns that the user has decided about.
    missing : {"fill", "drop", "error"}
        What becomes of rows with missing cells.
    held_out : float
        The fraction of the rows to hold out, from 0 to below 1.
    seed : int
        Of the draw.

    Raises
    ------
    ValueError
        If a column, the target or a cell cannot be used; the message says what to do.
    """
    # the work is long, and the file would have no room for so many names
    used = [name for name in table.names if name not in {*drop}]
    check_encodable(Record("pipeline", {"columns": [used, used]}))
    kinds = decide_kinds(table, target, categorical, drop)
    kinds.left_out.update(dict.fromkeys(drop, "--drop"))
    found = read_target(table, target, task)
    notes = [*table.notes, *_left_out_notes(table, kinds, found)]
    frame = table.frame(kinds.columns)
    kept, filled = _learned_rows(table, frame, found.rows, missing)
    notes += filled
    ignored = (*kinds.left_out, target, *table.nameless)
    del table  # and with it the file's bytes, before there are copies
    y, rows = found.y[kept], found.rows[kept]
    labels = _labels_left(found, y)
    groups = np.unique(y, return_inverse=True)[1] if labels else None
    split = split_rows(len(y), groups, held_out, seed)
    if held_out and not len(split[1]):
        notes.append(f"no row is held out: {held_out:g} of {len(y)} rows is none")
    parts = {
        name: (frame.iloc[rows[part]], y[part])
        for name, part in zip(("training", "held_out"), split, strict=True)
    }
    return Lesson(parts, target, found.task, labels, kinds, ignored, notes)


def _left_out_notes(table: Table, kinds: Kinds, target: Target) -> list[str]:
    notes = [
        f"column {quoted(name)} is left out: {reason}"
        for name, reason in kinds.left_out.items()
        if reason != "--drop"
    ]
    n_without = table.n_rows - len(target.rows)
    if n_without:
        notes.append(f"{_rows_are(n_without)} left out: no value in {quoted(target.name)}")
    # a class in its own right, as Namibia is; who means that nothing is known must hear of it
    sizes = np.unique(target.y, return_counts=True)[1].tolist() if target.labels else []
    for label, n in zip(target.labels, sizes, strict=True):
        if is_missing(label):
            notes.append(
                f"target {quoted(target.name)}: {quoted(label)} is a class, of "
                f"{counted(n, 'row')}: if it says that none is known, leave these cells empty"
            )
    return notes


def _labels_left(target: Target, y: npt.NDArray[Any]) -> list[str]:
    """Return the labels of the classes that are left among the rows learned from."""
    if not target.labels:
        return []
    left = {*y.tolist()}
    classes = np.unique(target.y).tolist()
    labels = [label for k, label in zip(classes, target.labels, strict=True) if k in left]
    if len(labels) < 2:
        raise ValueError(
            f"target {quoted(target.name)} is always {quoted(labels[0])} in the rows without "
            "missing cells: use --missing fill"
        )
    return labels


def _rows_are(n: int) -> str:
    return f"{counted(n, 'row')} {'is' if n == 1 else 'are'}"


def _learned_rows(table: Table, frame: Any, rows: Rows, missing: str) -> tuple[Rows, list[str]]:
    """Return which rows are learned from, by the rule for missing cells, and what becomes of these.

    Parameters
    ----------
    table : Table
    frame : pandas.DataFrame
        Its columns to learn from.
    rows : ndarray of int, shape (m,)
        Those that have a target.
    missing : {"fill", "drop", "error"}

    Returns
    -------
    kept : ndarray of int
        Positions in `rows`.
    notes : list of str

    Raises
    ------
    ValueError
        If a cell is missing and the rule is "error"; if no row is left.
    """
    gaps = frame.isna().to_numpy()[rows]
    notes = []
    for k in np.flatnonzero(gaps.any(axis=0)):
        name, n = str(frame.columns[k]), int(gaps[:, k].sum())
        if missing == "error":
            where = table.where(int(rows[gaps[:, k].argmax()]))
            raise ValueError(
                f"{where}: column {quoted(name)} has no value, in {n} of {len(rows)} rows: fill it "
                "in, say --missing fill or --missing drop, or leave the column out with --drop "
                f"{shlex.quote(name)}"
            )
        is_number = frame.dtypes.iloc[k].kind == "f"
        filled = "filled with the mean" if is_number else "counted as none of the categories"
        done = filled if missing == "fill" else "those rows are left out"
        notes.append(f"column {quoted(name)}: {n} of {len(rows)} cells missing, {done}")
    notes += infinite_notes(frame, rows)
    kept = np.ones(len(rows), bool)
    if missing == "drop":
        kept = ~gaps.any(axis=1)
        if not kept.all():
            notes.append(f"{_rows_are(int((~kept).sum()))} left out: --missing drop")
    if not kept.any():
        raise ValueError(f"{table.source}: every row has a missing cell: use --missing fill")
    return np.flatnonzero(kept), notes


def split_rows(
    n_rows: int, groups: npt.NDArray[Any] | None, fraction: float, seed: int
) -> tuple[Rows, Rows]:
    """Return the rows to train on and a fraction held out, drawn alike from every class.

    Parameters
    ----------
    n_rows : int
    groups : ndarray of int, shape (n_rows,), or None
        Class number of each row. Of every class at least one row is trained on.
    fraction : float
        Of the rows to hold out, from 0 to below 1.
    seed : int

    Returns
    -------
    fitted, held_out : ndarray of int
        Sorted.
    """
    random = random_stream(seed)
    groups = np.zeros(n_rows, np.intp) if groups is None else groups
    is_held_out = np.zeros(n_rows, dtype=bool)
    for group in np.unique(groups):
        members = random.permutation(np.flatnonzero(groups == group))
        n_held_out = min(round(fraction * len(members)), len(members) - 1)
        is_held_out[members[:n_held_out]] = True
    return np.flatnonzero(~is_held_out), np.flatnonzero(is_held_out)
