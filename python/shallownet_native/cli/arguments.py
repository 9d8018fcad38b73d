"""What commands share: the parser, types of arguments, options, and the check of an output."""

from __future__ import annotations

import argparse
import importlib.util
import math
import os
import re
import sys
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from typing import Any, NoReturn

from .._extras.importing import import_optional
from .._extras.progress import progress
from .._messages.output import complain
from .._messages.wording import did_you_mean, quoted
from ..files import Kind, check_replaceable
from ..tables.reading import Format, is_encoding

BAD_INPUT = 2
MAX_MESSAGE = 1000  # of the parser, which repeats whatever it is given
NEEDED = ("pandas", "sklearn", "narwhals", "tqdm")  # by the commands that read tables
STANDARD_INPUT = "-"
DATA = "CSV, also gzipped, with a header, or a Parquet file; - is standard input"


class OneLineParser(argparse.ArgumentParser):
    """A parser whose errors are one line, with the nearest name, and without the usage."""

    def error(self, message: str) -> NoReturn:
        """Print what is wrong and where help is, and exit with code 2."""
        complain(f"{self.prog}: {one_line(message)[:MAX_MESSAGE]} (help: {self.prog} --help)")
        self.exit(BAD_INPUT)

    def _check_value(self, action: argparse.Action, value: Any) -> None:
        """Refuse what is none of the choices as other names are refused, whatever their case."""
        choices = [*(action.choices or ())]
        if action.choices is not None and value not in choices:
            listed = f"must be one of {', '.join(map(str, choices))}, got {quoted(value)}"
            hint = did_you_mean(str(value), choices)
            raise argparse.ArgumentError(action, f"{listed}; {hint}" if hint else listed)

    def refuse_unknown(self, rest: list[str]) -> None:
        """Refuse arguments that no option takes, the first with the nearest option's name."""
        if rest:
            first = rest[0].partition("=")[0]
            hint = did_you_mean(first, self._option_string_actions) if first[:1] == "-" else ""
            what = "option" if first[:1] == "-" else "argument"
            self.error(f"unknown {what} {quoted(first)}{'; ' + hint if hint else ''}")


def one_line(message: str) -> str:
    """Return a message without line breaks."""
    return " ".join(message.split())


def add_format(parser: argparse.ArgumentParser, otherwise: str = "") -> None:
    """Add the options that say how a table is written."""
    rows: list[tuple[str, Any, str, str]] = [
        ("delimiter", _delimiter, "CHARACTER", "between cells (a comma; a tab in .tsv files)"),
        ("decimal", _mark, "CHARACTER", "the decimal point of numbers (.)"),
        ("thousands", _thousands, "CHARACTER", "between groups of three digits ('': none)"),
        ("encoding", _encoding, "NAME", "of the text, such as latin-1 or utf-16 (utf-8)"),
    ]
    group = parser.add_argument_group("how the table is written", otherwise or None)
    for name, kind, metavar, what in rows:
        group.add_argument(f"--{name}", type=kind, metavar=metavar, help=what)


def add_model_and_data(parser: argparse.ArgumentParser) -> None:
    """Add what a command that applies a saved model to a table is given."""
    parser.add_argument("model", help="a .snet file written by shallownet train")
    parser.add_argument("data", help=DATA)
    parser.add_argument(
        "--unknown",
        choices=("ignore", "error"),
        help="categories that training did not see: count as none of those it saw, or end (ignore)",
    )
    add_format(parser, "Where nothing is said, as in training.")
    add_threads(parser)


def add_threads(parser: argparse.ArgumentParser) -> None:
    """Add --threads."""
    parser.add_argument(
        "--threads", type=whole_from(1), metavar="N", help="the result does not depend on it"
    )


def add_json(parser: argparse.ArgumentParser) -> None:
    """Add --json."""
    parser.add_argument("--json", action="store_true", help="print one JSON object instead")


def add_quiet(parser: argparse.ArgumentParser, what: str = "no notes and no progress") -> None:
    """Add --quiet."""
    parser.add_argument("--quiet", action="store_true", help=what)


def whole_from(minimum: int, maximum: int = sys.maxsize) -> Callable[[str], int]:
    """Return the type of whole numbers within limits."""

    def whole(text: str) -> int:
        digits = text.lstrip("0") or text[:1]
        number = int(digits[:50]) if digits.isdecimal() else -1  # no limit has so many digits
        if not minimum <= number <= maximum:
            limit = f"<= {maximum}" if number > maximum else f">= {minimum}"
            raise argparse.ArgumentTypeError(f"must be a whole number {limit}, got {quoted(text)}")
        return number

    return whole


def number_in(is_inside: Callable[[float], bool], what: str) -> Callable[[str], float]:
    """Return the type of some numbers."""

    def number(text: str) -> float:
        try:
            value = math.nan if "_" in text else float(text)
        except ValueError:
            value = math.nan
        if not is_inside(value):
            raise argparse.ArgumentTypeError(f"must be {what}, got {quoted(text)}")
        return value

    return number


positive = number_in(lambda value: 0 < value < math.inf, "a positive number")
fraction = number_in(lambda value: 0 <= value < 1, "a number from 0 to below 1")


def _delimiter(text: str) -> str:
    character = text.replace("\\t", "\t")
    if len(character) != 1 or character in '"\r\n':
        raise argparse.ArgumentTypeError(f"must be one character, got {quoted(text)}")
    return character


def _mark(text: str) -> str:
    if len(text) != 1 or text.isalnum() or text in '"+-\r\n\t':
        raise argparse.ArgumentTypeError(
            f"must be one character that is no letter, digit, sign or quote, got {quoted(text)}"
        )
    return text


def _thousands(text: str) -> str:
    return _mark(text) if text else text


def _encoding(text: str) -> str:
    if is_encoding(text):
        return text
    from encodings.aliases import aliases

    hint = did_you_mean(re.sub("[- ]", "_", text), {*aliases, *aliases.values()})
    says = f"must be the name of an encoding of text, such as latin-1, got {quoted(text)}"
    raise argparse.ArgumentTypeError(f"{says}; {hint}" if hint else says)


def check_packages() -> None:
    """Raise MissingPackageError if what reads tables is not installed; nothing is loaded yet."""
    for package in NEEDED:
        if importlib.util.find_spec(package) is None:
            import_optional(package, extra="cli", purpose="this command")


def said_format(given: argparse.Namespace) -> Format:
    """Return what the options say of a table, None for what they do not say."""
    return Format(given.delimiter, given.decimal, given.thousands, given.encoding)


def reading(path: str, *, is_quiet: bool) -> AbstractContextManager[Callable[[int], None] | None]:
    """Show on a terminal how much of a file is read: what to tell `read_table` to call, or None."""
    try:
        total = None if path == STANDARD_INPUT else os.path.getsize(path)
    except OSError:  # opening it says why
        total = None
    return progress(total, "reading", unit="B", is_shown=not is_quiet)


def encoding(*, is_quiet: bool) -> AbstractContextManager[None]:
    """Show on a terminal how many columns are encoded, whatever encodes them."""
    from ..tables.encoding import columns_shown  # which needs scikit-learn

    return columns_shown(not is_quiet)


def note(notes: Iterable[str], *, is_quiet: bool) -> None:
    """Print notes on standard error, unless they are not wanted."""
    for line in () if is_quiet else notes:
        complain(f"shallownet: note: {line}")


def check_output(path: str, kind: Kind, in_use: list[os.stat_result]) -> None:
    """Find out before the work, not after it, that a result cannot be written there.

    The result is of `kind`, and replaces no other, and in no case a file that is `in_use`.
    """
    folder = os.path.dirname(path) or "."
    if not os.path.isdir(folder):
        raise ValueError(f"{path}: there is no folder {quoted(folder)}: make it first")
    if os.path.isdir(path):
        raise ValueError(f"{path}: this is a folder: name a file in it")
    check_replaceable(path, kind, in_use)


def penalty(text: str) -> float | str:
    """Return what --l2 says.

    Raises
    ------
    argparse.ArgumentTypeError
        If that is no number, nor evidence.
    """
    if text == "evidence":
        return text
    try:
        return float(text)
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"must be a number >= 0, or evidence, got {text!r}"
        ) from None
