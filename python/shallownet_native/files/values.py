"""Plain Python values in JSON and back: what JSON cannot say is an object of one key.

A tuple is {"tuple": [...]}, a dict {"dict": [[key, value], ...]}, infinity {"float": "inf"}.
Knows only values; imports `snet` for its error.
"""

from __future__ import annotations

import math
import os
from typing import Any

import numpy as np

from .snet import ModelFormatError

MAX_DEPTH = 4  # of containers in each other: a list of dicts is 2
MAX_PARTS = 2**14  # of one container: what refuses too many of them may do so slowly
NOT_FINITE = {"inf": math.inf, "-inf": -math.inf, "nan": math.nan}
KEYS = (bool, int, float, str, type(None))


def pack_value(value: Any, name: str, depth: int = 0) -> Any:
    """Return a value as JSON.

    Parameters
    ----------
    value : None, bool, int, float, str, or list, tuple or dict of such
        NumPy's scalars become Python's, its arrays lists, and paths strings.
    name : str
        What errors call it.

    Raises
    ------
    TypeError
        If it is, or holds, anything else: a function, a RandomState, another object.
    ValueError
        If containers are nested too deep, or have too many parts.
    """
    if isinstance(value, (np.generic, np.ndarray)):
        value = _without_numpy(value, name)
    if isinstance(value, os.PathLike):
        value = os.fspath(value)
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float):
        finite = float(value)
        return finite if math.isfinite(finite) else {"float": repr(finite)}
    if depth == MAX_DEPTH and isinstance(value, (list, tuple, dict)):
        raise ValueError(f"{name} is nested deeper than {MAX_DEPTH}, which no file holds")
    if isinstance(value, (list, tuple, dict)) and len(value) > MAX_PARTS:
        raise ValueError(f"{name} has {len(value)} parts, a file holds {MAX_PARTS} in one value")
    if type(value) is dict:
        pairs = [[_pack_key(k, name), pack_value(v, name, depth + 1)] for k, v in value.items()]
        return {"dict": pairs}
    if type(value) in (list, tuple):
        parts = [pack_value(part, name, depth + 1) for part in value]
        return parts if type(value) is list else {"tuple": parts}
    raise _unknown(value, name)


def unpack_value(value: Any) -> Any:
    """Return the value that `pack_value` packed, or raise ModelFormatError."""
    if isinstance(value, list):
        return _unpack_parts(value)
    if not isinstance(value, dict):
        return value
    if len(value) == 1:
        ((tag, content),) = value.items()
        if tag == "tuple" and isinstance(content, list):
            return tuple(_unpack_parts(content))
        if tag == "float" and isinstance(content, str) and content in NOT_FINITE:
            return NOT_FINITE[content]
        if tag == "dict" and isinstance(content, list):
            return _unpack_pairs(content)
    raise ModelFormatError("a value is neither plain nor a tuple, a dict or a float in JSON")


def _pack_key(key: Any, name: str) -> Any:
    if isinstance(key, (tuple, list)):
        raise _unknown(key, name)
    return pack_value(key, name)


def _unknown(value: Any, name: str) -> TypeError:
    return TypeError(
        f"{name} is or holds a {type(value).__name__}, which a .snet file cannot: it holds None, "
        "bool, int, float, str, and lists, tuples and dicts of them. Change it by set_params "
        "before saving, or use pickle"
    )


def _unpack_parts(parts: list[Any]) -> list[Any]:
    if len(parts) > MAX_PARTS:
        raise ModelFormatError(f"a value has {len(parts)} parts, {MAX_PARTS} are allowed")
    return [unpack_value(part) for part in parts]


def _unpack_pairs(pairs: list[Any]) -> dict[Any, Any]:
    result = {}
    for pair in pairs:
        if not isinstance(pair, list) or len(pair) != 2:
            raise ModelFormatError("a dict's entries are not all pairs")
        key, value = (unpack_value(part) for part in pair)
        if type(key) not in KEYS:
            raise ModelFormatError(f"a dict's key is a {type(key).__name__}")
        result[key] = value
    if len(result) != len(pairs):
        raise ModelFormatError("a dict has a key twice")
    return result


def _without_numpy(value: Any, name: str) -> Any:
    """Return a NumPy scalar or array as Python's, if that holds the same values."""
    array = np.asarray(value)
    if array.dtype.kind not in "biufUO" or (array.dtype.kind == "f" and array.itemsize > 8):
        raise TypeError(f"{name} holds NumPy's {array.dtype}, which a .snet file cannot")
    return array.tolist()
