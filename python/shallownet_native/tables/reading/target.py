"""The target column of a table: classes by value, each with a spelling, or numbers.

Rows without a target are known by it and left to the caller to leave out.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ..._messages.wording import quoted, shortened
from ..values import CODE, value_text
from . import spellings
from .format import Format
from .table import Table

CLASSIFICATION, REGRESSION, COUNT = TASKS = ("classification", "regression", "count")
MAX_CLASSES = 1000
MAX_INTEGER_CLASSES = 10  # a target of more different whole numbers counts as a quantity
TOO_MANY = 0.8  # of the rows have classes that differ: nothing can be learned of them
MAX_EXACT = 2**53  # whole numbers that a float64 holds


@dataclass(frozen=True)
class Target:
    """The target of those rows that have one.

    Attributes
    ----------
    task : {"classification", "regression", "count"}
    rows : ndarray of int, shape (m,)
        The rows that have a target.
    y : ndarray, shape (m,)
        Classes as bool, int or str, by value; numbers as float64.
    labels : list of str
        Of each class in sorted order the shortest spelling in the file; empty for numbers.
    """

    name: str
    task: str
    rows: npt.NDArray[np.intp]
    y: npt.NDArray[Any]
    labels: list[str]


def read_target(table: Table, name: str, task: str = "auto") -> Target:
    """Return the target column for a task or, if that is "auto", for a likely one.

    Raises
    ------
    ValueError
        If no row has a target, all have the same, or nearly every row has one of its own; if the
        task needs numbers and a cell is none, is infinite, or of a count below zero.
    """
    if _is_plainly_numeric(table, name, task):
        return _numbers(table, name, REGRESSION if task == "auto" else task)
    codes, levels = table.levels(name)
    missing = _missing(levels, table)
    there = [text for text in levels if text not in missing]
    if not there:
        raise ValueError(f"{table.source}: target {quoted(name)} has no value in any row")
    value_of, spelling = _values(there, table)
    if len(spelling) < 2:
        [always] = map(quoted, spelling.values())
        raise ValueError(f"target {quoted(name)} is always {always}: there is nothing to learn")
    _check_spelling(table, name, there, task)
    is_here = np.array([text in value_of for text in levels])[codes]
    rows = np.flatnonzero(is_here)
    if task == "auto":
        _check_words(table, name, [*value_of])
        task = _likely_task([*spelling.values()], table, len(rows))
    if task == CLASSIFICATION:
        return _classes(name, rows, [value_of[levels[code]] for code in codes[rows]], spelling)
    return _numbers(table, name, task)


def _is_plainly_numeric(table: Table, name: str, task: str) -> bool:
    """Tell a quantity without looking at texts: pandas has read numbers, and they are many."""
    if not table.is_number(name) or table.may_hold_codes or task == CLASSIFICATION:
        return False
    return np.unique(table.numbers(name)[: 10**5]).size > max(MAX_INTEGER_CLASSES, 2)


def _numbers(table: Table, name: str, task: str) -> Target:
    numbers = table.numbers(name)
    rows = np.flatnonzero(~np.isnan(numbers))
    y = numbers[rows]
    for k in np.flatnonzero(~np.isfinite(y))[:1]:
        where = table.where(int(rows[k]))
        raise ValueError(f"{where}: target {quoted(name)} is {y[k]}, finite numbers are needed")
    if task == COUNT:
        for k in np.flatnonzero(y < 0)[:1]:
            raise ValueError(
                f"{table.where(int(rows[k]))}: target {quoted(name)} is {y[k]:g}, a count is >= 0: "
                "use --task regression"
            )
    return Target(name, task, rows, y, [])


def _missing(levels: Sequence[str], table: Table) -> set[str]:
    """Return the texts that are no target: no text, and missing words if all others are numbers."""
    words = {text for text in levels if spellings.is_missing(text)}
    others = [text for text in levels if text not in words]
    are_labels = words - {""} and not spellings.are_numbers(others, table.format).all()
    return {""} if are_labels else words


def _values(texts: Iterable[str], table: Table) -> tuple[dict[str, str], dict[str, str]]:
    """Return the value of each text, and of each value the text that stands for all of its texts.

    It is the shortest of them, of equally long ones the first in alphabetical order.
    """
    spelling: dict[str, str] = {}
    shortest_first = sorted(texts, key=lambda text: (len(text), text))
    value_of = {text: label_value(text, table.format) for text in shortest_first}
    for text, value in value_of.items():
        spelling.setdefault(value, text)
    return value_of, spelling


def label_value(text: str, how: Format) -> str:
    """Return the text that a label goes by; numbers as the file spells them."""
    if CODE.match(text) or not spellings.are_numbers([text], how)[0]:
        return value_text(text) or ""
    return value_text(spellings.plain_number(text, how)) or ""


def _check_spelling(table: Table, name: str, there: list[str], task: str) -> None:
    """Refuse numbers in another spelling, dates, and words among the numbers of a regression."""
    slip = spellings.find_slip(there, table.format)
    if slip is not None and len(there) > 2:
        raise ValueError(
            f"{table.where_text(name, slip.text)}: target {quoted(name)} has {quoted(slip.text)}, "
            f"it reads like {slip.reads_like}: {slip.remedy}"
        )
    if task in ("auto", CLASSIFICATION) and len(there) > 2 and spellings.are_dates(there):
        raise ValueError(f"target {quoted(name)} has dates or times: make numbers of them first")


def _check_words(table: Table, name: str, there: list[str]) -> None:
    """Refuse a few words among numbers that would be quantities without them."""
    is_number = spellings.are_numbers(there, table.format)
    if is_number.all() or 2 * is_number.sum() <= len(there):
        return
    numbers = [text for text, is_one in zip(there, is_number, strict=True) if is_one]
    are_few = len(numbers) <= MAX_INTEGER_CLASSES
    if are_few or _likely_task(numbers, table, table.n_rows) == CLASSIFICATION:
        return
    text = there[int(is_number.argmin())]
    raise ValueError(
        f"{table.where_text(name, text)}: target {quoted(name)} has {quoted(text)} among numbers: "
        "mend or leave out this row, or say --task classification"
    )


def _likely_task(labels: Sequence[str], table: Table, n_rows: int) -> str:
    """Take few different whole numbers, or words, for classes; other numbers for quantities."""
    are_all = spellings.are_numbers(labels, table.format).all() and not spellings.are_codes(labels)
    if not are_all or len(labels) == 2:
        return CLASSIFICATION
    numbers = spellings.to_floats(labels, table.format)
    whole = bool(np.all(numbers == np.floor(numbers)))
    few = len(labels) <= min(MAX_INTEGER_CLASSES, n_rows / 2)
    return CLASSIFICATION if whole and few else REGRESSION


def _classes(
    name: str, rows: npt.NDArray[np.intp], values: list[str], spelling: dict[str, str]
) -> Target:
    n_classes = len(spelling)
    if n_classes > MAX_CLASSES:
        raise ValueError(
            f"target {quoted(name)} has {n_classes} different values, {MAX_CLASSES} classes are "
            "allowed: use --task regression for numbers"
        )
    if n_classes == len(rows) or (n_classes > 2 and n_classes > TOO_MANY * len(rows)):
        raise ValueError(
            f"target {quoted(name)} has {n_classes} different values in {len(rows)} rows "
            f"({shortened(spelling.values())}): nothing can be learned of classes that are seen "
            "once; name another column, or use --task regression for numbers"
        )
    typed = _typed([*spelling])
    classes = sorted(spelling, key=lambda value: typed[value])
    y = np.array([typed[value] for value in values])
    return Target(name, CLASSIFICATION, rows, y, [spelling[value] for value in classes])


def _typed(values: Sequence[str]) -> dict[str, Any]:
    """Return the classes as they come from a DataFrame: all bool, all whole numbers, or texts."""
    if {*values} <= {"True", "False"}:
        return {value: value == "True" for value in values}
    are_whole = (v.isascii() and v.removeprefix("-").isdigit() for v in values)
    are_codes = (CODE.match(v) for v in values)
    if all(are_whole) and not any(are_codes) and all(abs(float(v)) < MAX_EXACT for v in values):
        return {value: int(value) for value in values}
    return {value: value for value in values}


def known_classes(table: Table, name: str, labels: Sequence[str]) -> npt.NDArray[np.intp]:
    """Return of each row (n_rows,) the number of its class among `labels`, -1 where it has none.

    Raises
    ------
    ValueError
        If a row has a class that is none of them, naming its line.
    """
    number = {label_value(label, table.format): k for k, label in enumerate(labels)}
    codes, levels = table.levels(name)
    missing = _missing(levels, table)
    found = np.empty(len(levels), np.intp)
    for k, text in enumerate(levels):
        found[k] = number.get(label_value(text, table.format), -1)
        if found[k] < 0 and text not in missing:
            raise ValueError(
                f"{table.where_text(name, text)}: target {quoted(name)} has {quoted(text)}, which "
                f"training did not see; it saw {shortened(labels)}: leave out this row"
            )
    return found[codes]
