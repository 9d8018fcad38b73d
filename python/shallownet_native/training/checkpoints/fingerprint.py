"""What must be the same for a training to go on from a checkpoint, one SHA-256 for each group."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from ..._native.sparse import SparseRows

# The first group that differs is the one to speak of: those after it may only follow from it.
GROUPS = {
    "network": "network (sizes, dtype or activations)",
    "options": "options",
    "data": "data (training or validation)",
    "start": "start (parameters, and what earlier fits left)",
}
BLOCK = 2**20  # numbers that are brought into order at a time
Fingerprint = dict[str, str]


def fingerprint_of(**groups: Any) -> Fingerprint:
    """Return a digest of each of `GROUPS`.

    Parameters
    ----------
    **groups
        None, strings, numbers, arrays, sparse rows, or tuples, lists and dicts of such. 1 and 1.0
        are the same, and so are arrays of the same dtype and numbers in any memory layout.
    """
    assert groups.keys() == GROUPS.keys()
    return {name: _digest(groups[name]) for name in GROUPS}


def first_difference(mine: Fingerprint, others: Fingerprint) -> str | None:
    """Return what differs, in words, or None."""
    return next((GROUPS[name] for name in GROUPS if mine[name] != others[name]), None)


def _digest(value: Any) -> str:
    digest = hashlib.sha256()
    _feed(digest, value)
    return digest.hexdigest()


def _feed(digest: Any, value: Any) -> None:
    """Add a value, with its type and length first, so that no two values have the same bytes."""
    if isinstance(value, SparseRows):
        value = ("sparse", value.shape, value.numbers, value.columns, value.begins)
    if isinstance(value, np.ndarray):
        _feed_array(digest, value)
    elif isinstance(value, Mapping):
        _feed(digest, [*sorted(value.items())])
    elif isinstance(value, (tuple, list)):
        digest.update(b"(%d)" % len(value))
        for part in value:
            _feed(digest, part)
    else:
        is_number = isinstance(value, (int, float, np.number)) and not isinstance(value, bool)
        text = repr(float(value) if is_number else value).encode()
        digest.update(b"%d:%s;" % (len(text), text))


def _feed_array(digest: Any, array: npt.NDArray[Any]) -> None:
    dtype = array.dtype.newbyteorder("<")
    digest.update(f"{dtype.str}{array.shape};".encode())
    rows = max(1, BLOCK // max(1, array[:1].size))
    for first in range(0, len(array), rows):
        digest.update(np.ascontiguousarray(array[first : first + rows], dtype).data)
