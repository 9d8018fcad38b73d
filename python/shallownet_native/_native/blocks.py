"""Large arrays in blocks, so that Ctrl-C is seen between them: in one go NumPy is deaf meanwhile.

Small arrays are one block. Imports NumPy alone.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

Place: TypeAlias = "tuple[int | slice, ...]"

BLOCK = 2**18  # elements: some milliseconds, even where memory is fresh


def places(shape: tuple[int, ...]) -> Iterator[Place]:
    """Yield where the blocks of an array are, in C order.

    >>> list(places((2, 3)))
    [()]
    >>> list(places((3, 2**17)))
    [(slice(0, 2, None),), (slice(2, 4, None),)]
    """
    size = math.prod(shape)
    if size <= BLOCK or not shape:
        yield ()
    elif size > BLOCK * shape[0]:  # not even one row fits
        for row in range(shape[0]):
            yield from ((row, *place) for place in places(shape[1:]))
    else:
        n_rows = BLOCK * shape[0] // size
        yield from ((slice(row, row + n_rows),) for row in range(0, shape[0], n_rows))


def copy_to(target: npt.NDArray[Any], source: npt.NDArray[Any]) -> None:
    """Copy `source` into `target`, which has its shape."""
    whole = target.size <= BLOCK or np.may_share_memory(target, source)  # which must not be cut
    for place in [()] if whole else places(target.shape):
        target[place] = source[place]


def copied(array: Any, dtype: Any = None, order: Any = "K") -> Any:
    """Return ``array.astype(dtype, order)``, by default in its own dtype."""
    if array.size <= BLOCK:
        return array.astype(array.dtype if dtype is None else dtype, order)
    copy = np.empty_like(array, dtype, order)
    copy_to(copy, array)
    return copy


def converted(array: Any, dtype: Any, order: Any = "K") -> Any:
    """Return ``array.astype(dtype, order, copy=False)``."""
    in_order = order == "K" or array.flags.c_contiguous
    return array if in_order and array.dtype == dtype else copied(array, dtype, order)


def joined(arrays: list[npt.NDArray[Any]]) -> npt.NDArray[Any]:
    """Return one vector of all elements, array after array, each in C order."""
    whole = np.empty(sum(array.size for array in arrays), np.result_type(*arrays))
    begin = 0
    for array in arrays:
        copy_to(whole[begin : begin + array.size].reshape(array.shape), array)
        begin += array.size
    return whole


def fill(target: npt.NDArray[Any], draw: Callable[[int], npt.NDArray[Any]]) -> None:
    """Fill `target` in C order with what ``draw(n)`` gives: the next n numbers of a stream."""
    for place in places(target.shape):
        block = target[place]
        target[place] = draw(block.size).reshape(block.shape)


def same_bytes(one: npt.NDArray[Any], other: npt.NDArray[Any]) -> bool:
    """Tell whether two arrays of the same shape and dtype have the same bytes."""
    return all(one[place].tobytes() == other[place].tobytes() for place in places(one.shape))
