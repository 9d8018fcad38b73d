"""What the texts of a column are: numbers, missing words, dates, or numbers in another spelling."""

from __future__ import annotations

import functools
import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ..._extras.importing import import_optional
from ..._messages.wording import quoted
from ..values import CODE
from .format import Format

FloatArray = npt.NDArray[np.float64]

# in columns of numbers, in any capitals; in columns of words only the empty cell is missing
MISSING_WORDS = frozenset({"", "na", "n/a", "<na>", "nan", "null", "none", "?"})
NOT_FINITE = r"[+-]?inf(inity)?"
# between groups of three digits: what is typed, and what it stands for, no-break spaces too
GROUPS = {",": ",", ".": ".", " ": " \u00a0\u2009\u202f", "'": "'\u2019", "_": "_"}
OUT_OF_PLACE = re.compile(r"[+-]?\d+([,'\u2019]\d+)+(\.\d*)?")  # 1,23,456 and 1'2345.5
MARKS = "".join({c: "" for typed in GROUPS.values() for c in typed})
AMOUNT = rf"[+-]?[.,]?\d[\d{re.escape(MARKS)}]*"  # begins with a digit: no text takes long
DIGITS = re.compile(rf"[\d{re.escape(MARKS)}eE+-]+")  # what a number in any spelling consists of
CURRENCY = (
    r"([A-Z]{0,2}[$€£¥₹₽₩₺₪₫₱₴¢]|EUR|USD|GBP|CHF|JPY|INR|CAD|AUD|NZD|SEK|NOK|DKK|PLN|CZK|HUF|CNY|RMB"
    r"|BRL|ZAR|MXN|RUB|KRW|SGD|HKD|Rs\.?|kr\.?|zł|Kč)"
)
MONEY = re.compile(
    rf"[+-]?\s?{CURRENCY}\s?{AMOUNT}|{AMOUNT}\s?{CURRENCY}|\({CURRENCY}\s?{AMOUNT}\)", re.IGNORECASE
)
BRACKETS = re.compile(rf"\({AMOUNT}\)")
DASH = re.compile(rf"[\u2012\u2013\u2212]\s?{AMOUNT}")  # as typography has it in place of a minus
UNIT = re.compile(r"[+-]?(\d+([.,]\d+)?|[.,]\d+)\s?([^\d\s.,;|][^\d;|]*)")
MIN_WITH_UNIT = 11  # different numbers; of fewer, such as 3 doors and 5 doors, words are made
PERCENT = re.compile(r"[+-]?\d+([.,]\d+)?\s?[%‰]")
MONTH = r"(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?"
CLOCK = (
    r"(-?\d+ days?,? )?\d{1,2}:\d{2}(:\d{2}([.,]\d+)?)?(\s?[ap]m)?(\s?(Z|UTC|[+-]\d{2}:?\d{2}))?"
)
DATE = re.compile(
    rf"(\d{{4}}([-/.])\d{{1,2}}(\2\d{{1,2}})?|\d{{1,2}}([-/.])\d{{1,2}}\4(\d{{4}}|\d{{2}})"
    rf"|\d{{1,2}}[-\s.]+{MONTH}[-\s,]+\d{{2,4}}|{MONTH}\s\d{{1,2}},?\s\d{{2,4}})"
    rf"([T\s,]+{CLOCK})?|{CLOCK}",
    re.IGNORECASE,
)


@functools.cache
def number_pattern(point: str, thousands: str | None) -> re.Pattern[str]:
    """Return the pattern of numbers with this decimal point and this character between groups."""
    p = re.escape(point)
    whole = r"\d+"
    if thousands:
        whole = rf"(\d{{1,3}}([{re.escape(GROUPS.get(thousands, thousands))}]\d{{3}})+|\d+)"
    return re.compile(
        rf"[+-]?({whole}({p}\d*)?|{p}\d+)([eE][+-]?\d+)?|{NOT_FINITE}", re.ASCII | re.IGNORECASE
    )


@dataclass(frozen=True)
class Slip:
    """A text that is a number in another spelling, and what to say and do about it."""

    text: str
    reads_like: str
    remedy: str


def is_missing(text: str) -> bool:
    """Tell whether a text in a column of numbers stands for no number."""
    return text.lower() in MISSING_WORDS


def are_numbers(texts: Sequence[str], how: Format) -> npt.NDArray[np.bool_]:
    """Tell which texts spell numbers, in the format's own spelling."""
    pattern = number_pattern(how.point, how.thousands)
    return np.fromiter((pattern.fullmatch(text) is not None for text in texts), bool, len(texts))


def plain_number(text: str, how: Format) -> str:
    """Return a number without anything between thousands, and with a decimal point."""
    for character in GROUPS.get(how.thousands or "", how.thousands or ""):
        text = text.replace(character, "")
    return text.replace(how.point, ".")


def to_floats(texts: Sequence[str], how: Format) -> FloatArray:
    """Return the numbers that texts spell, NaN for missing words; all must be one or the other."""
    pandas = import_optional("pandas", extra="cli", purpose="reading a table")
    numbers = np.full(len(texts), np.nan)
    there = np.array([not is_missing(text) for text in texts], bool)
    plain = [plain_number(text, how) for text in texts]
    if there.any():  # pandas' own numbers: the bits that its read_csv gives
        found = np.array(plain, object)[there]
        values = np.asarray(pandas.to_numeric(found, errors="coerce"), np.float64)
        for k in np.flatnonzero(np.isnan(values)):  # beyond all numbers, which pandas 2 refuses
            values[k] = float(found[k])
        numbers[there] = values
    return numbers


def are_codes(texts: Sequence[str]) -> bool:
    """Tell whether these numbers are codes: whole, and some begin with further zeros."""
    return any(CODE.match(text) for text in texts) and all(
        text.isascii() and text.lstrip("+-").isdigit() for text in texts
    )


def are_dates(texts: Sequence[str]) -> bool:
    """Tell whether texts are dates or times of day: most of them, if some stand for no date."""
    return 2 * sum(DATE.fullmatch(text) is not None for text in texts) > len(texts)


def find_slip(texts: Sequence[str], how: Format) -> Slip | None:
    """Return the first text that is a number in another spelling, if half of all texts are numbers.

    Parameters
    ----------
    texts : sequence of str
        The different texts of a column, none of them missing.
    how : Format
        The spelling that has been said.
    """
    own = are_numbers(texts, how)
    slips = (_slip(text, how) for text, is_own in zip(texts, own, strict=True) if not is_own)
    found = [slip for slip in slips if slip is not None]
    if not found:
        return _unit(texts)
    if len(found) + own.sum() < 0.5 * len(texts):
        return None
    # 1,234 alone may be either: a text that leaves no doubt speaks for all, best one with groups
    plain = [slip for slip in found if " or " not in slip.remedy]
    return next((slip for slip in plain if "thousands" in slip.reads_like), [*plain, *found][0])


def _unit(texts: Sequence[str]) -> Slip | None:
    """Return the first text if all are numbers with the same unit behind them."""
    if len(texts) < MIN_WITH_UNIT:
        return None
    first = UNIT.fullmatch(texts[0])
    if first is None or any(
        (found := UNIT.fullmatch(text)) is None or found[3] != first[3] for text in texts
    ):
        return None
    unit = quoted(first[3])
    return Slip(texts[0], f"numbers with {unit} after them", f"take {unit} out of the cells")


def _slip(text: str, how: Format) -> Slip | None:
    if not any(map(str.isdecimal, text)):
        return None
    if MONEY.fullmatch(text):
        return Slip(text, "amounts of money", "take the currency out of the cells")
    if PERCENT.fullmatch(text):
        return Slip(text, "percentages", "take the percent signs out of the cells")
    if BRACKETS.fullmatch(text):
        return Slip(text, "negative numbers in brackets", "write a minus in place of the brackets")
    if DASH.fullmatch(text):
        return Slip(text, "numbers with a dash as their minus", "write - in the cells")
    if not DIGITS.fullmatch(text):
        return None
    ways = [
        (point, group)
        for point in (".", ",")
        for group in (None, *GROUPS)
        if point != group and number_pattern(point, group).fullmatch(text)
    ]
    if not ways and OUT_OF_PLACE.fullmatch(text):
        between = quoted(next(c for c in text if c in ",'\u2019"))
        what = f"numbers with {between} out of place"
        return Slip(text, what, f"take {between} out of the cells")
    if not ways:
        return None
    either = re.fullmatch(r"[+-]?\d{1,3}([.,])\d{3}", text)
    if either and either[1] != how.point:
        a, b = options_of(either[1], None, how), options_of(how.point, either[1], how)
        mark = {",": "comma", ".": "point"}[either[1]]
        return Slip(text, f"numbers with a {mark} in them", f"say {a} or {b}")
    point, group = next(((p, g) for p, g in ways if p in text), ways[0])
    return Slip(text, _described(point, group), f"say {options_of(point, group, how)}")


def _described(point: str, group: str | None) -> str:
    spelled = {",": "a decimal comma", ".": "a decimal point"}[point]
    if group is None:
        return f"numbers with {spelled}"
    return f"numbers with {group!r} between thousands" + (f" and {spelled}" if point == "," else "")


def options_of(point: str, group: str | None, how: Format) -> str:
    """Return the options that say how numbers are spelled, where another spelling has been said."""
    said = [] if point == how.point else [f"--decimal {'.' if point == '.' else repr(point)}"]
    if group is not None:
        said.append(f'--thousands "{group}"' if group == "'" else f"--thousands '{group}'")
    elif how.thousands == point:
        said.append("--thousands ''")
    return " ".join(said) or "--decimal ."
