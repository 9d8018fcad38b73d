"""What the command line writes on standard output and standard error.

Lines are safe for a terminal whatever a file has put into them, and rows go out as they are.
"""

from __future__ import annotations

import csv
import io
import os
import sys
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from .wording import printable

STANDARD_OUTPUT = "standard output"


def say(*lines: str) -> None:
    """Print each as one line on standard output, with what it cannot show as escapes."""
    encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
    with naming(STANDARD_OUTPUT):
        for line in lines:
            text = printable(line) + "\n"
            sys.stdout.write(text.encode(encoding, "backslashreplace").decode(encoding))


def complain(line: str) -> None:
    """Print one line on standard error, if there is such a thing."""
    if sys.stderr is not None:
        sys.stderr.write(printable(line) + "\n")


@contextmanager
def warnings_as_lines(spelled: Callable[[str], str]) -> Iterator[None]:
    """Complain, spelled for this audience, of what is warned of, instead of quoting Python."""

    def show(message: Warning | str, *where: Any, **more: Any) -> None:
        complain(f"shallownet: warning: {spelled(str(message))}")

    with warnings.catch_warnings():
        warnings.showwarning = show
        yield


def say_rows(rows: Iterable[Sequence[Any]], delimiter: str) -> None:
    """Print rows as CSV: as they are, but on a terminal with unprintable characters as escapes.

    Raises
    ------
    ValueError
        If standard output's encoding has no such characters; nothing is written then.
    """
    if sys.stdout.isatty():
        rows = ([printable(c) if isinstance(c, str) else c for c in row] for row in rows)
    text = csv_text(rows, delimiter)
    encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
    try:
        text.encode(encoding, getattr(sys.stdout, "errors", None) or "strict")
    except UnicodeEncodeError as error:
        raise ValueError(
            f"standard output is in {encoding}, which has no {error.object[error.start]!r}: "
            "set PYTHONIOENCODING=utf-8, or write to a file with --out"
        ) from error
    with naming(STANDARD_OUTPUT):
        sys.stdout.write(text)


def csv_text(rows: Iterable[Sequence[Any]], delimiter: str) -> str:
    """Return rows as the text of a CSV file."""
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter, lineterminator="\n").writerows(rows)
    return text.getvalue()


def csv_bytes(rows: Iterable[Sequence[Any]], delimiter: str) -> bytes:
    """Return rows as the bytes of a CSV file in UTF-8.

    Raises
    ------
    ValueError
        If a label holds what is no character: the model was trained on a text in another encoding.
    """
    try:
        return csv_text(rows, delimiter).encode()
    except UnicodeEncodeError as error:
        raise ValueError(
            f"a label of this model holds {error.object[error.start]!r}, which is no character: "
            "convert the table it was trained on to UTF-8, and train anew"
        ) from error


@contextmanager
def naming(name: str) -> Iterator[None]:
    """Tell what an error of reading or writing is about, where the error does not."""
    try:
        yield
    except OSError as error:
        if error.filename is None:
            error.filename = name
        raise


def give_up_output() -> None:
    """Send the rest of standard output nowhere, so that Python's own flush cannot fail, too."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
