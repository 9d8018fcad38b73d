"""Single values of a checkpoint's record: how each is read, or refused."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from ..._native.arrays import check_integer, check_real

MAX_COUNT = 2**53

Read = Callable[[Any, str], Any]


def maybe(read: Read) -> Read:
    """Return a reader that takes None, too."""
    return lambda value, name: None if value is None else read(value, name)


def count(value: Any, name: str) -> int:
    """Read a whole number from 0 on."""
    return check_integer(value, name, 0, MAX_COUNT)


def not_negative(value: Any, name: str) -> float:
    """Read a number from 0 on."""
    return check_real(value, name, "[0, inf)")


def rate(value: Any, name: str) -> float:
    """Read a learning rate, None of a solver without."""
    return math.nan if value is None else not_negative(value, name)


def extended(value: Any, name: str) -> float:
    """Read a number that may be infinite."""
    if value in ("inf", "-inf"):
        return float(value)
    return check_real(value, name, "(-inf, inf)")


def pack_extended(number: float) -> float | str:
    """Return what `extended` reads."""
    return float(number) if math.isfinite(number) else repr(float(number))
