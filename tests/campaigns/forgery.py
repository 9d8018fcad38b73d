"""Files that are not what was saved: damaged ones, and records with a right checksum that lie.

The fuzzer has a forger of its own (`mutations_of_files`), which knows nothing of this one.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

import numpy as np

from shallownet_native.files import snet

ABSENT = object()


def damaged(content: bytes, stride: int = 1) -> Iterator[bytes]:
    """Yield the file with each bit flipped, cut at each length, and with bytes added."""
    for bit in range(0, 8 * len(content), stride):
        flipped = bytearray(content)
        flipped[bit // 8] ^= 1 << bit % 8
        yield bytes(flipped)
    for length in range(0, len(content), stride):
        yield content[:length]
    for n in (1, 2, 8, 4096):
        yield content + bytes(n)


def changed(record: snet.Record, where: str, value: Any) -> bytes:
    """Return the file of a record in which one thing is another, or is absent.

    `where` is a path of keys in the fields, or "arrays/" and a name.
    """
    tree = {"arrays": dict(record.arrays), **copy.deepcopy(record.fields)}
    *path, last = where.split("/")
    inner = tree
    for key in path:
        inner = inner[key]
    if value is ABSENT:
        del inner[last]
    else:
        inner[last] = value
    arrays = {name: np.asarray(array) for name, array in tree.pop("arrays").items()}
    return snet.encode(snet.Record(record.kind, tree, arrays))
