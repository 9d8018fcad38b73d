"""Columns of a table and how they become the inputs of a network.

A numeric column becomes one standardised input, a categorical one an input of 0 or 1 for each of
its categories. Knows only names and arrays.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

import numpy as np
import numpy.typing as npt

from .._messages.wording import quoted, shortened
from .._native.spread import deviations

FloatArray = npt.NDArray[np.float64]
Where = Callable[[int], str]  # index of a value -> where it stands, for the error's text

MISSING = frozenset({"", "na", "<na>", "n/a", "nan", "null", "?"})  # in lower case
MAX_CATEGORIES = 1000  # of one column; more are identifiers, not categories


def row(index: int) -> str:
    """Say where the value of this index stands, if nothing better is known."""
    return f"row {index}"


@dataclass(frozen=True)
class Column:
    """One input column of a table and how it becomes inputs of the network.

    Parameters
    ----------
    name : str
    categories : tuple of str or None
        The categories of a categorical column, an input of 0 or 1 for each; None for a numeric
        column, which is one input, ``(value - centre) / scale``.
    centre, scale : float
        Of a numeric column; `scale` > 0.

    Raises
    ------
    ValueError
        If the categories are empty or repeat, or the numbers are not finite or not in range.
    """

    name: str
    categories: tuple[str, ...] | None = None
    centre: float = 0.0
    scale: float = 1.0

    def __post_init__(self) -> None:
        if not isinstance(self.name, str):
            raise ValueError(f"a column's name must be a string, got {quoted(self.name)}")
        if self.categories is not None:
            check_labels(self.categories, f"the categories of column {quoted(self.name)}", (str,))
        if not (np.isfinite(self.centre) and np.isfinite(self.scale) and self.scale > 0):
            raise ValueError(
                f"column {quoted(self.name)}: centre and scale must be finite, scale > 0"
            )

    @property
    def n_inputs(self) -> int:
        """Number of the network's inputs that this column feeds."""
        return 1 if self.categories is None else len(self.categories)

    def encode(self, values: Sequence[Any], where: Where = row) -> FloatArray:
        """Return the inputs (m, n_inputs) for the values of this column.

        Raises
        ------
        ValueError
            If a value is missing, no finite number, or a category that training did not see.
        """
        if self.categories is None:
            numbers = to_numbers(self.name, values, where)
            with np.errstate(over="ignore"):
                inputs = (numbers - self.centre) / self.scale
            for index in np.flatnonzero(~np.isfinite(inputs))[:1]:
                raise ValueError(f"{where(index)}: column {quoted(self.name)} is out of range")
            return inputs[:, np.newaxis]
        position = {value_of(category): k for k, category in enumerate(self.categories)}
        # a file of an earlier version may hold both 1 and 1.0
        position |= {category: k for k, category in enumerate(self.categories)}
        inputs = np.zeros((len(values), len(self.categories)))
        for index, text in enumerate(to_texts(self.name, values, where)):
            number = position.get(text, position.get(value_of(text)))
            if number is None:
                raise ValueError(
                    f"{where(index)}: column {quoted(self.name)} has {quoted(text)}, which "
                    f"training did not see; it saw {shortened(self.categories)}: mend or leave out "
                    "this row"
                )
            inputs[index, number] = 1.0
        return inputs


def to_texts(name: str, values: Sequence[Any], where: Where = row) -> list[str]:
    """Return the values of a categorical column as text, or raise where one is missing."""
    texts = ["" if value is None else str(value).strip() for value in values]
    for index, text in enumerate(texts):
        if text.lower() in MISSING:
            raise ValueError(
                f"{where(index)}: column {quoted(name)} has no value (it reads {quoted(text)}): "
                "fill it in or leave out this row"
            )
    return texts


def to_numbers(name: str, values: Sequence[Any], where: Where = row) -> FloatArray:
    """Return the values of a numeric column (m,), or raise where one is no finite number."""
    numbers = np.empty(len(values))
    for index, text in enumerate(to_texts(name, values, where)):
        number = parse_number(text)
        if number is None:
            raise ValueError(
                f"{where(index)}: column {quoted(name)} is numeric but has {quoted(text)}: "
                "mend this value"
            )
        if not np.isfinite(number):
            raise ValueError(
                f"{where(index)}: column {quoted(name)} has {quoted(text)}, a finite is needed"
            )
        numbers[index] = number
    return numbers


def parse_number(text: str) -> float | None:
    """Return the number that a cell of a table spells, or None."""
    try:
        return None if "_" in text else float(text)
    except ValueError:
        return None


def value_of(text: str) -> Decimal | str:
    """Return what a label or a category is compared by: its value if it spells a finite number.

    True and false are the same in capitals. Numbers that begin with further zeros are words: codes.

    Examples
    --------
    >>> value_of("1.0") == value_of("1"), value_of("TRUE") == value_of("true"), value_of("01")
    (True, True, '01')
    """
    if text.lower() in ("true", "false"):
        return text.lower()
    number = parse_number(text)
    if number is None or not np.isfinite(number) or re.match(r"[+-]?0\d", text):
        return text
    try:
        return Decimal(text)  # not the float: identifiers of 20 digits are not to be rounded
    except InvalidOperation:  # an exponent of 19 digits
        return text


def spellings(texts: Iterable[str]) -> dict[str, str]:
    """Return for each text the one that stands for all texts of its value.

    It is the shortest of them, of equally long ones the first in alphabetical order.

    Examples
    --------
    >>> spellings(["1.0", "1", "red"]) == {"1.0": "1", "1": "1", "red": "red"}
    True
    """
    kept: dict[Decimal | str, str] = {}
    values = {text: value_of(text) for text in sorted(texts, key=lambda text: (len(text), text))}
    for text, value in values.items():
        kept.setdefault(value, text)
    return {text: kept[value] for text, value in values.items()}


def learn_column(
    name: str, values: Sequence[Any], rows: npt.NDArray[np.intp], where: Where = row
) -> Column:
    """Return the column that describes these values: numeric if every value is a number.

    Parameters
    ----------
    name : str
    values : sequence of str or numbers, length m
    rows : ndarray of int
        The rows whose mean and standard deviation a numeric column is scaled by.
    where : callable, optional
        From an index to what the error's text calls it.

    Raises
    ------
    ValueError
        If a value is missing or not finite, or if only some are numbers: a slip of the pen in a
        numeric column must not turn it into hundreds of categories.
    """
    texts = to_texts(name, values, where)
    words = [index for index, text in enumerate(texts) if parse_number(text) is None]
    if len(words) == len(texts):
        return learn_categories(name, texts)
    if words:
        raise ValueError(
            f"{where(words[0])}: column {quoted(name)} has {quoted(texts[words[0]])} among "
            f"numbers: mend it, or say --categorical {shlex.quote(name)}"
        )
    centre, scale = centre_and_scale(name, to_numbers(name, texts, where)[rows])
    return Column(name, None, centre, scale)


def centre_and_scale(name: str, numbers: FloatArray) -> tuple[float, float]:
    """Return the mean and the standard deviation, or 1 for that of numbers that are all equal."""
    with np.errstate(over="ignore", invalid="ignore"):
        centre, variance = float(numbers.mean()), float(numbers.var())
    if not (np.isfinite(centre) and np.isfinite(variance)):
        raise ValueError(
            f"column {quoted(name)} has numbers too large to square: use a larger unit"
        )
    return centre, float(deviations(centre, variance, numbers.size))


def learn_categories(name: str, values: Sequence[Any], where: Where = row) -> Column:
    """Return a categorical column with the categories among these values, in sorted order.

    Raises
    ------
    ValueError
        If a value is missing, or if there are too many categories to be of use.
    """
    categories = tuple(sorted(set(spellings({*to_texts(name, values, where)}).values())))
    if len(categories) > MAX_CATEGORIES:
        raise ValueError(
            f"column {quoted(name)} has {len(categories)} different values, {MAX_CATEGORIES} "
            f"categories are allowed: leave it out with --drop {shlex.quote(name)}"
        )
    return Column(name, categories)


def check_labels(labels: Sequence[Any], what: str, types: tuple[type, ...]) -> None:
    """Raise ValueError unless there are labels, of these types, finite and each only once."""
    if not labels or any(type(label) not in types for label in labels):
        raise ValueError(f"{what} must be one or more {' or '.join(t.__name__ for t in types)}")
    if len(set(labels)) != len(labels) or any(label != label for label in labels):
        raise ValueError(f"{what} must all differ")
