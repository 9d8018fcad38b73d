"""Files that are not what was saved: damaged ones, and records with a right checksum that lie.

Also records of models as no release writes them any more.

The fuzzer has a forger of its own (`mutations_of_files`), which knows nothing of this one.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

import numpy as np

import shallownet_native as sn
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

    `where` is a path of keys in the fields, and of numbers in their lists, or "arrays/" and a name.
    """
    tree = {"arrays": dict(record.arrays), **copy.deepcopy(record.fields)}
    inner: Any = tree
    *path, last = where.split("/")
    for key in path:
        inner = inner[int(key) if isinstance(inner, list) else key]
    place: Any = int(last) if isinstance(inner, list) else last
    if value is ABSENT:
        del inner[place]
    else:
        inner[place] = value
    arrays = {name: np.asarray(array) for name, array in tree.pop("arrays").items()}
    return snet.encode(snet.Record(record.kind, tree, arrays))


def old_model(**changes: Any) -> snet.Record:
    """Return the record of a model that the command line of version 0.1.0 wrote.

    `changes` are fields, or `parameters`, `n_y` of those there are, `centre` and `scale`.
    """
    n_y, centre = changes.pop("n_y", 1), changes.pop("centre", [10.0, 0.0])
    parameters = changes.pop("parameters", sn.initialize(3, 4, n_y, seed=0))
    fields: dict[str, Any] = {
        "network": {"n_x": parameters.n_x, "n_h": parameters.n_h, "n_y": parameters.n_y},
        "columns": ["size", "colour"], "categories": {"colour": ["blue", "red"]},
        "hidden": "relu", "output": "sigmoid", "target": "kind", "classes": ["no", "yes"],
        "negative_slope": 0.01, "training": {},
    }  # fmt: skip
    scale = changes.pop("scale", [4.0, 1.0])
    numbers = {"centre": np.array(centre), "scale": np.array(scale)}
    return snet.Record("model", {**fields, **changes}, {"theta": parameters.flat, **numbers})
