"""Columns of categories: their levels, which row has which, and what they become for a network.

Cells go by `value_text`, so that 1, 1.0 and '1' are one level; only different cells are looked at.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from ..values import value_order, value_text

Codes = npt.NDArray[np.int64]

MISSING, UNKNOWN = -1, -2


def factorized(values: npt.NDArray[Any], missing: npt.NDArray[np.bool_]) -> tuple[Codes, list[str]]:
    """Return the texts that cells go by, each once, and which of them each cell has.

    Parameters
    ----------
    values : ndarray, shape (n,)
        Numbers, bool, texts or objects that can be keys of a dict.
    missing : ndarray of bool, shape (n,)
        Which of them count as missing whatever is there; blank texts do as well.

    Returns
    -------
    codes : ndarray of int64, shape (n,)
        Places in `texts`; -1 where the cell is missing.
    texts : list of str
    """
    codes = np.full(values.shape, MISSING, np.int64)
    present = ~missing
    cells = values[present]
    if cells.dtype.kind in "biuf":
        unique, places = np.unique(cells, return_inverse=True)
        different: Sequence[Any] = list(unique)  # not tolist: a float32 goes by its own digits
    else:
        different, places = _places(cells.tolist())
    texts: dict[str, int] = {}
    found = [value_text(value) for value in different]
    numbers = [MISSING if text is None else texts.setdefault(text, len(texts)) for text in found]
    if numbers:
        codes[present] = np.array(numbers, np.int64)[places]
    return codes, list(texts)


def _places(cells: list[Any]) -> tuple[list[Any], Codes]:
    """Return the different cells, and the place among them of each."""
    types = set(map(type, cells))
    # True == 1 in a dict, but not by the text that they go by
    keys: list[Any] = cells
    if len(types) > 1 and types & {bool, np.bool_}:
        keys = list(zip(map(type, cells), cells, strict=True))
    first = {key: place for place, key in enumerate(dict.fromkeys(keys))}
    different = list(first) if keys is cells else [cell for _, cell in first]
    return different, np.fromiter(map(first.__getitem__, keys), np.int64, len(keys))


def levels(texts: Sequence[str]) -> npt.NDArray[np.object_]:
    """Return different texts in the order of value, numbers first."""
    return np.array(sorted(texts, key=value_order), object)


def found(codes: Codes, texts: Sequence[str], categories: npt.NDArray[np.object_]) -> Codes:
    """Return the place of each cell's level in `categories`, -1 if missing, -2 if unknown."""
    places = {text: place for place, text in enumerate(categories.tolist())}
    numbers = np.array([*(places.get(text, UNKNOWN) for text in texts), MISSING], np.int64)
    return numbers[codes]  # a code of -1 is the last


def width(n_levels: int) -> int:
    """Return how many columns a category with so many levels becomes."""
    return 1 if n_levels == 2 else n_levels


def write(places: Codes, n_levels: int, out: npt.NDArray[Any]) -> None:
    """Write the columns of a category into `out` (n, width), which is all zeros.

    Notes
    -----
    A level is a column of its own, 1 where a row has it; of two, the second is 1 and the first -1.
    """
    if n_levels == 2:
        out[:, 0] = np.array([-1, 1, 0, 0])[places]  # -1 missing and -2 unknown are the last two
        return
    rows = np.flatnonzero(places >= 0)
    out[rows, places[rows]] = 1
