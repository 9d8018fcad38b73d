"""Where a stream of orders stands, as a part of a record and back; reading trusts nothing."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..._native.arrays import check_integer, check_real
from ..._native.streams import Order, Position
from ...files import ModelFormatError, require_keys

Fields = dict[str, Any]

WORDS = 624  # of a RandomState's memory
GENERATOR = {"bit_generator", "state", "inc", "has_uint32", "uinteger"}
RANDOM_STATE = {"bit_generator", "pos", "has_gauss", "gauss"}


def pack_position(position: Position, arrays: dict[str, Any]) -> Fields:
    """Return a position as JSON, and put its arrays, if any, into `arrays`."""
    state = {**position.state}
    inner = state.pop("state")
    if position.order is None:
        return {**state, "state": f"{inner['state']:x}", "inc": f"{inner['inc']:x}"}
    arrays["stream"] = inner["key"].astype(np.int64)
    arrays["order"] = position.order
    return {**state, "pos": int(inner["pos"])}


def read_position(fields: Any, arrays: dict[str, Any]) -> Position:
    """Return the position that `pack_position` packed, its arrays taken out of `arrays`.

    Raises
    ------
    TypeError, ValueError
        If it is not the state of a stream as int seeds make them, or no order.
    """
    name = fields.get("bit_generator") if isinstance(fields, dict) else None
    if name == "PCG64":
        require_keys(fields, GENERATOR, "the stream")
        inner = {key: _from_hexadecimal(fields[key]) for key in ("state", "inc")}
        state = {"bit_generator": name, "state": inner}
        state["has_uint32"] = check_integer(fields["has_uint32"], "has_uint32", 0, 1)
        state["uinteger"] = check_integer(fields["uinteger"], "uinteger", 0, 2**32 - 1)
        if inner["inc"] % 2 == 0:
            raise ModelFormatError("the stream's increment is even, which PCG64 cannot have")
        return Position(state, None)
    if name != "MT19937":
        raise ModelFormatError("the stream is neither PCG64 nor MT19937")
    require_keys(fields, RANDOM_STATE, "the stream")
    key, order = arrays.pop("stream", None), arrays.pop("order", None)
    if key is None or key.shape != (WORDS,) or key.dtype != np.int64:
        raise ModelFormatError(f"the stream must hold {WORDS} whole numbers")
    if key.min() < 0 or key.max() >= 2**32 or not key.any():
        raise ModelFormatError("the stream's numbers are out of range")
    if order is None or order.ndim != 1 or order.dtype != np.int64 or not _is_permutation(order):
        raise ModelFormatError("the order is not a permutation")
    pos = check_integer(fields["pos"], "pos", 0, WORDS)
    state = {
        "bit_generator": name,
        "state": {"key": key.astype(np.uint32), "pos": pos},
        "has_gauss": check_integer(fields["has_gauss"], "has_gauss", 0, 1),
        "gauss": check_real(fields["gauss"], "gauss", "(-inf, inf)"),
    }
    return Position(state, order)


def _from_hexadecimal(text: object) -> int:
    digits = set("0123456789abcdef")
    if not isinstance(text, str) or not 1 <= len(text) <= 32 or not set(text) <= digits:
        raise ModelFormatError("the stream's numbers are not of 128 bits, in hexadecimal")
    return int(text, 16)


def _is_permutation(order: Order) -> bool:
    if not order.size or order.min() < 0 or order.max() >= order.size:
        return False
    return bool((np.bincount(order, minlength=order.size) == 1).all())
