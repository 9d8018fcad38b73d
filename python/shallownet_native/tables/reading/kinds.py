"""What each column of a table is, decided once from its cells: a number, a category, or left out.

What is left out is said; a column that could be read in two ways is an error that names the option.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from ..._messages.wording import quoted
from . import spellings
from .table import CATEGORY, NUMBER, Table

Codes = npt.NDArray[np.intp]

MAX_CATEGORIES = 1000  # of one column; more are identifiers, not categories
MIN_ROWS = 10  # below, words that all differ may still be categories
INDEX = re.compile(r"Unnamed: \d+(\.\d+)*")  # what pandas calls a column that has no name
NEARLY_ALL = 0.9  # of the words differ: names, keys or sentences


@dataclass(frozen=True)
class Kinds:
    """The columns to learn from, and those that are left out, with the reason."""

    columns: dict[str, str] = field(default_factory=dict)
    left_out: dict[str, str] = field(default_factory=dict)


def decide_kinds(
    table: Table, target: str, categorical: Sequence[str] = (), drop: Sequence[str] = ()
) -> Kinds:
    """Decide what each column of a table is.

    Parameters
    ----------
    table : Table
    target : str
        The column to predict, which is none of them.
    categorical, drop : sequence of str
        Columns that the user has decided about.

    Raises
    ------
    ValueError
        If a column is numbers in another spelling, words among numbers or has too many categories;
        if no column is left.
    """
    table.check_names([target], "--target")
    for option, names in (("--drop", drop), ("--categorical", categorical)):
        table.check_names(names, option)
        if target in names:
            raise ValueError(f"{option} {shlex.quote(target)}: this is the target: leave one out")
    for name in {*drop} & {*categorical}:
        raise ValueError(f"{quoted(name)} is in --drop and in --categorical: leave one out")
    inputs = [name for name in table.names if name != target and name not in {*drop}]
    table.read_texts(
        n for n in inputs if n in {*categorical} or not (table.is_number(n) or table.is_truth(n))
    )
    if table.may_hold_codes:
        table.read_texts(name for name in inputs if table.is_number(name))
    kinds = Kinds()
    for name in inputs:
        kind, reason = _kind(table, name, name in {*categorical})
        if reason:
            kinds.left_out[name] = reason
        else:
            kinds.columns[name] = kind
    if not kinds.columns:
        why = "".join(f"; {quoted(n)} is left out: {r}" for n, r in [*kinds.left_out.items()][:3])
        raise ValueError(f"{table.source}: no column is left to learn {quoted(target)} from{why}")
    return kinds


def _kind(table: Table, name: str, is_categorical: bool) -> tuple[str, str]:
    """Return a column's kind, and the reason if it is left out."""
    if is_categorical:
        _check_categories(name, len(table.levels(name)[1]))
        return CATEGORY, ""
    if INDEX.fullmatch(name):
        return "", "an index, which pandas' to_csv(index=False) does not write"
    if table.is_empty(name):
        return "", "it has no values"
    if table.is_date(name):
        return "", "dates"
    if table.is_truth(name):
        return CATEGORY, ""
    if table.is_number(name):
        if not table.may_hold_codes:
            return NUMBER, ""
        codes, levels = table.levels(name)
        are_codes = spellings.are_codes([t for t in levels if not spellings.is_missing(t)])
        return _kind_of_words(name, codes, levels) if are_codes else (NUMBER, "")
    return _kind_of_texts(table, name)


def _kind_of_texts(table: Table, name: str) -> tuple[str, str]:
    codes, levels = table.levels(name)
    there = [text for text in levels if not spellings.is_missing(text)]
    if not there:
        return "", "it has no values"
    if spellings.are_codes(there):
        return _kind_of_words(name, codes, levels)
    is_number = spellings.are_numbers(there, table.format)
    if is_number.all():
        return NUMBER, ""
    if spellings.are_dates(there):
        return "", "dates or times"
    slip = spellings.find_slip(there, table.format)
    if slip is not None:
        raise ValueError(
            f"{table.where_text(name, slip.text)}: column {quoted(name)} has {quoted(slip.text)}, "
            f"it reads like {slip.reads_like}: {slip.remedy}, or --categorical {shlex.quote(name)}"
        )
    if is_number.any():
        n_numbers = int(is_number.sum())
        odd, rest = (False, "numbers") if n_numbers * 2 > len(there) else (True, "words")
        text = there[int(np.flatnonzero(is_number == odd)[0])]
        raise ValueError(
            f"{table.where_text(name, text)}: column {quoted(name)} has {quoted(text)} among "
            f"{rest}: mend it, leave the column out with --drop {shlex.quote(name)}, or say "
            f"--categorical {shlex.quote(name)}"
        )
    return _kind_of_words(name, codes, levels)


def _kind_of_words(name: str, codes: Codes, levels: list[str]) -> tuple[str, str]:
    n_levels = sum(text != "" for text in levels)
    n_there = sum(levels[code] != "" for code in codes) if "" in levels else len(codes)
    if n_there >= MIN_ROWS and n_levels >= NEARLY_ALL * n_there:
        return "", f"{n_levels} different texts in {n_there} cells: names or keys"
    _check_categories(name, n_levels)
    return CATEGORY, ""


def _check_categories(name: str, n_levels: int) -> None:
    if n_levels > MAX_CATEGORIES:
        raise ValueError(
            f"column {quoted(name)} has {n_levels} different values, {MAX_CATEGORIES} categories "
            f"are allowed: leave it out with --drop {shlex.quote(name)}"
        )
