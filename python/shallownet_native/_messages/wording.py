"""Words for errors and for terminals: values quoted, names listed, the nearest name, safe text.

What users and files say is shown as text of one line and of bounded length.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

N_NAMED = 6
MAX_QUOTED = 60  # characters of one value
MAX_LINE = 2000  # characters of one line on a terminal
MAX_COMPARED, MAX_LETTERS = 1000, 100  # names that are compared letter by letter, and their length


def quoted(value: object) -> str:
    """Return `repr` of a value on one line, cut where it is long."""
    return cut(" ".join(line.strip() for line in repr(value).splitlines()), MAX_QUOTED)


def shortened(values: Iterable[Any], n_named: int = N_NAMED) -> str:
    """List values for an error's text, a few of them if there are many."""
    listed = list(values)
    more = len(listed) - n_named
    return ", ".join(map(quoted, listed[:n_named])) + (f" and {more} more" if more > 0 else "")


def counted(n: int, noun: str) -> str:
    """Return "1 unit", "2 units"."""
    return f"{n} {noun}" if n == 1 else f"{n} {noun}s"


def nearest(name: str, names: Iterable[str]) -> str | None:
    """Return the name that `name` may have been meant for, whatever its case, or None.

    Notes
    -----
    Letters are compared only with some names, those whose lengths are nearest: there may be 100,000
    columns, and a cell may hold a book.

    Examples
    --------
    >>> nearest("ReLU", ["relu", "tanh"]), nearest("tahn", ["relu", "tanh"])
    ('relu', 'tanh')
    """
    wanted = name.casefold()
    folded = {other.casefold(): other for other in names}
    if wanted in folded or len(wanted) > MAX_LETTERS:
        return folded.get(wanted)
    short = (other for other in folded if len(other) <= MAX_LETTERS)
    import difflib  # 1 ms that a message can spare, and an import of the package cannot
    import heapq

    compared = heapq.nsmallest(MAX_COMPARED, short, key=lambda other: abs(len(other) - len(wanted)))
    found = difflib.get_close_matches(wanted, compared, 1)
    return folded[found[0]] if found else None


def did_you_mean(name: str, names: Iterable[str]) -> str:
    """Return the question whether the nearest name was meant, or nothing if none is near."""
    near = nearest(name, names)
    return "" if near is None else f"did you mean {near!r}?"


def printable(text: str) -> str:
    r"""Return text as a terminal may be given it: one line, and what is not printable escaped.

    Escape sequences, line breaks, marks that turn the direction of writing and characters that
    no encoding has become what `repr` makes of them.

    Examples
    --------
    >>> printable("cup\x1b[8m\n")
    'cup\\x1b[8m\\n'
    """
    if not text.isprintable():
        text = "".join(c if c.isprintable() else repr(c)[1:-1] for c in text)
    return cut(text, MAX_LINE)


def cut(text: str, length: int) -> str:
    """Return the text, or its beginning and dots if it is longer than that."""
    return text if len(text) <= length else text[: length - 3] + "..."
