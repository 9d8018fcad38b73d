"""The text that a label or a category goes by, whatever its spelling and type.

A file holds texts, a DataFrame numbers or texts: by their value they are the same.
"""

from __future__ import annotations

import math
import re
from decimal import Decimal, InvalidOperation
from typing import Any

import numpy as np

NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?", re.ASCII)
CODE = re.compile(r"[+-]?0\d", re.ASCII)  # numbers that begin with further zeros are words
SHORTEST = re.compile(r"0|-?(?:0\.\d*|[1-9]\d*\.\d*)[1-9]|-?[1-9]\d*", re.ASCII)  # as we write them
MAX_SHORTEST = 20  # characters; of longer ones the zeros are counted
MAX_ZEROS = 40  # that are written out; of more a number keeps its exponent


def value_text(value: Any) -> str | None:
    """Return the text that a label or category goes by, or None if it is missing.

    Parameters
    ----------
    value : str, bool, number, or None, NaN, NaT, pandas.NA
        Text is stripped of blanks around it; blank text is missing.

    Returns
    -------
    str or None
        Finite numbers and texts that spell one go by the value, true and false are the same in any
        capitals, all other texts are what they are, numbers with further zeros before them too.

    Examples
    --------
    >>> [value_text(v) for v in ("1.0", 1, np.float32(1), "1e0", "01", "TRUE", True, " red ")]
    ['1', '1', '1', '1', '01', 'True', 'True', 'red']
    >>> value_text(float("nan")) is value_text("  ") is value_text(None) is None
    True
    """
    if not isinstance(value, str):
        return _of_object(value)
    text = value.strip()
    if not text:
        return None
    if len(text) <= MAX_SHORTEST and SHORTEST.fullmatch(text):
        return text
    if text.lower() in ("true", "false"):
        return text.capitalize()
    return _number_text(text) if NUMBER.fullmatch(text) and not CODE.match(text) else text


def value_order(text: str) -> tuple[float, str]:
    """Sort numbers by value, 10 after 9, and words after all of them by spelling."""
    return (float(text) if NUMBER.fullmatch(text) else math.inf, text)


def _of_object(value: Any) -> str | None:
    if value is None:
        return None
    if isinstance(value, (bool, np.bool_)):
        return str(bool(value))
    if isinstance(value, (int, np.integer)):
        return str(int(value))
    if isinstance(value, (float, np.floating)):
        if math.isnan(value):
            return None
        return _number_text(str(value)) if math.isfinite(value) else str(float(value))
    text = str(value)
    return None if text in ("<NA>", "NaT") else value_text(text)


def _number_text(text: str) -> str:
    """Return the shortest plain spelling of a finite number, which is not rounded."""
    try:
        number = Decimal(text)
    except InvalidOperation:  # an exponent of 19 digits
        return text
    if not number:
        return "0"
    sign, digits, exponent = number.as_tuple()
    spelled = "".join(map(str, digits))
    shortest = spelled.rstrip("0")
    power = int(exponent) + len(spelled) - len(shortest)
    if abs(power) > MAX_ZEROS:
        return f"{'-' if sign else ''}{shortest}E{power:+d}"
    plain = f"{number:f}"
    return plain.rstrip("0").rstrip(".") if "." in plain else plain
