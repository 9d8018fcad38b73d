"""What commands share: the parser, types of arguments, options, and the check of an output."""

from __future__ import annotations

import argparse
import math
import os
import sys
from collections.abc import Callable
from typing import NoReturn

from .._messages.output import complain
from .._messages.wording import quoted
from ..files import Kind, check_replaceable
from ..tables import parse_number

BAD_INPUT = 2
MAX_MESSAGE = 1000  # of the parser, which repeats whatever it is given


class OneLineParser(argparse.ArgumentParser):
    """A parser whose errors are one line, without the usage before it."""

    def error(self, message: str) -> NoReturn:
        """Print what is wrong and where help is, and exit with code 2."""
        complain(f"{self.prog}: {one_line(message)[:MAX_MESSAGE]} (help: {self.prog} --help)")
        self.exit(BAD_INPUT)


def one_line(message: str) -> str:
    """Return a message without line breaks."""
    return " ".join(message.split())


def add_delimiter(parser: argparse.ArgumentParser) -> None:
    """Add --delimiter."""
    parser.add_argument(
        "--delimiter", type=_delimiter, default=",", metavar="CHARACTER", help="between cells (,)"
    )


def add_threads(parser: argparse.ArgumentParser) -> None:
    """Add --threads."""
    parser.add_argument(
        "--threads", type=whole_from(1), metavar="N", help="the result does not depend on it"
    )


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
        value = parse_number(text)
        if value is None or not is_inside(value):
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
