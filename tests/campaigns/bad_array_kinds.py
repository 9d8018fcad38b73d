"""Arrays, and what calls itself one, as no function likes them: how each is made of a clean one.

A kind is SAME if it holds the clean array's numbers in another way: to take it, a function must
give the clean array's result bit for bit. It is BAD if it holds no such numbers: only an error is
right. A RESHAPED one holds them in another shape, which is right only where the result is the same.
All numbers are small multiples of 1/4, exact in every floating type; those of WHOLE kinds are
whole."""

from __future__ import annotations

import array
import ctypes
import mmap
import tempfile
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.lib.stride_tricks import as_strided

SAME, WHOLE, BAD, RESHAPED = "same", "whole", "bad", "reshaped"


class Kind(NamedTuple):
    """One way to spoil an array."""

    name: str
    sort: str  # SAME, WHOLE, BAD or RESHAPED
    make: Callable[[Any], Any]


class OwnError(Exception):
    """What an object's __array__ may raise; it is nobody's business to hide it."""


def swapped(a: Any) -> Any:
    return a.astype(a.dtype.newbyteorder())


def packed(a: Any) -> Any:
    """A field of packed records: at odd addresses, with steps that are no multiples of a number."""
    records = np.zeros(a.shape, [("odd", "i1"), ("value", a.dtype)])
    records["value"] = a
    return records["value"]


def misaligned(a: Any) -> Any:
    raw = np.empty(a.nbytes + 1, np.uint8)[1:]
    raw[:] = np.frombuffer(a.tobytes(), np.uint8)
    return raw.view(a.dtype).reshape(a.shape)


def every_third(a: Any) -> Any:
    wide = np.zeros(tuple(3 * n for n in a.shape), a.dtype)
    wide[(slice(None, None, 3),) * a.ndim] = a
    return wide[(slice(None, None, 3),) * a.ndim]


def backwards(a: Any) -> Any:
    flip = (..., *(slice(None, None, -1),) * a.ndim)  # of 0-d: an array, not a number
    return a[flip].copy()[flip]


def read_only(a: Any) -> Any:
    a = a.copy()
    a.flags.writeable = False
    return a


def on_disk(a: Any) -> Any:
    file = tempfile.TemporaryFile()  # noqa: SIM115  (the mapping keeps it open)
    file.write(a.tobytes())
    file.flush()
    return np.memmap(file, a.dtype, "c", 0, a.shape)


def in_a_mapping(a: Any) -> Any:
    memory = mmap.mmap(-1, a.nbytes + mmap.PAGESIZE)
    view = np.frombuffer(memory, a.dtype, a.size, mmap.PAGESIZE - a.itemsize).reshape(a.shape)
    view[...] = a
    return view


def as_ctypes(a: Any) -> Any:
    return np.ctypeslib.as_ctypes(a.astype(np.float64))


class Sub(np.ndarray):
    """A subclass that lies about its shape and its transpose, and does not like to be indexed."""

    @property
    def T(self) -> Any:  # type: ignore[override]
        return np.zeros(3)

    def __getitem__(self, key: Any) -> Any:
        raise OwnError

    def __len__(self) -> int:
        return 10**9


class Gives:
    """An object whose __array__ gives what it is told, one after the other, the last for ever."""

    def __init__(self, *answers: Any) -> None:
        self.answers = list(answers)

    def __array__(self, dtype: Any = None, copy: Any = None) -> Any:
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer


class Interface:
    """An object with a shape and bytes that do not fit each other."""

    def __init__(self, a: Any, **lies: Any) -> None:
        self.data = a.tobytes()
        right = {"shape": a.shape, "typestr": a.dtype.str, "data": self.data, "version": 3}
        self.__array_interface__ = {**right, **lies}


def boxed(a: Any) -> Any:
    """The numbers as Python objects."""
    return a.astype(object)


def with_one(a: Any, value: Any, dtype: Any = object) -> Any:
    changed = a.astype(dtype)
    changed[(-1,) * a.ndim] = value
    return changed


def nested(depth: int) -> Any:
    deep: Any = 1.0
    for _ in range(depth):
        deep = [deep]
    return deep


def huge(*lengths: int, dtype: Any = np.float64) -> Any:
    """One number repeated without end: an array whose size is no memory's."""
    return np.broadcast_to(np.ones((), dtype), lengths)


def lengthened(a: Any, n: int, axis: int) -> Any:
    """The same, as many rows or columns as told, in the other dimension as it should be."""
    shape = list(a.shape)
    shape[axis] = n
    return huge(*shape, dtype=a.dtype)


def to(dtype: Any) -> Callable[[Any], Any]:
    return lambda a: a.astype(dtype)


NUMBERS = [Kind(f"dtype {d}", WHOLE, to(d)) for d in "?bBhHiIqQe"]
LAYOUTS = [
    Kind("dtype f", SAME, to("f")),
    Kind("dtype d", SAME, to("d")),
    Kind("dtype g", SAME, to("g")),
    Kind("byte-swapped", SAME, swapped),
    Kind("byte-swapped int", WHOLE, to(">i4")),
    Kind("byte-swapped float16", WHOLE, to(">f2")),
    Kind("Fortran order", SAME, np.asfortranarray),
    Kind("every third", SAME, every_third),
    Kind("backwards", SAME, backwards),
    Kind("read-only", SAME, read_only),
    Kind("misaligned", SAME, misaligned),
    Kind("misaligned and byte-swapped", SAME, lambda a: misaligned(swapped(a))),
    Kind("packed field", SAME, packed),
    Kind("packed field backwards", SAME, lambda a: packed(a[::-1])[::-1]),
    Kind("packed byte-swapped", SAME, lambda a: packed(swapped(a))),
    Kind("imaginary part", SAME, lambda a: (1j * a).imag),
    Kind("memmap", SAME, on_disk),
    Kind("across pages", SAME, in_a_mapping),
    Kind("rolled axes", SAME, lambda a: np.moveaxis(np.moveaxis(a, 0, -1).copy(), -1, 0)),
    Kind("one array many times", SAME, lambda a: np.stack([a, a, a])[1]),
    Kind("matrix or recarray", SAME,
         lambda a: np.matrix(a) if a.ndim == 2 else a.view(np.recarray)),
    Kind("lying subclass", SAME, lambda a: a.view(Sub)),
    Kind("list", SAME, lambda a: a.tolist()),
    Kind("tuple of arrays", SAME, lambda a: tuple(a)),
    Kind("memoryview", SAME, memoryview),
    Kind("ctypes", SAME, as_ctypes),
    Kind("array.array", SAME, lambda a: array.array("d", a) if a.ndim == 1 else a),
    Kind("Python objects", SAME, boxed),
    Kind("text of numbers", SAME, lambda a: a.astype("U8")),
    Kind("DataFrame or Series", SAME, lambda a: pd.DataFrame(a) if a.ndim == 2 else pd.Series(a)),
    Kind("nullable columns", SAME,
         lambda a: (pd.DataFrame(a) if a.ndim == 2 else pd.Series(a)).astype("Float64")),
    Kind("__array__", SAME, lambda a: Gives(a)),
    Kind("__array__ changes its mind", SAME, lambda a: Gives(a, a[:1] + 1, a.astype("U4"))),
    Kind("__array__ of objects", SAME, lambda a: Gives(boxed(a))),
    Kind("__array_interface__", SAME, lambda a: Interface(a)),
    Kind("masked, nothing hidden", SAME, lambda a: np.ma.array(a)),
]  # fmt: skip
SHAPES = [
    Kind("0-d", BAD, lambda a: a[(0,) * a.ndim]),
    Kind("one dimension fewer", BAD, lambda a: a[0]),
    Kind("one dimension more in front", RESHAPED, lambda a: a[None]),
    Kind("one dimension more behind", RESHAPED, lambda a: a[..., None]),
    Kind("30 dimensions more", RESHAPED, lambda a: a[(None,) * (32 - a.ndim)]),
    Kind("raveled", RESHAPED, np.ravel),
    Kind("transposed", RESHAPED, np.transpose),
    Kind("nothing", BAD, lambda a: a[..., :0]),
    Kind("no rows", BAD, lambda a: a[:0]),
    Kind("nothing, but wide", BAD, lambda a: np.empty((0, 2**60))),
    Kind("nothing, but long", BAD, lambda a: np.empty((2**60, 0))),
    Kind("one too many", BAD, lambda a: np.concatenate([a, a[:1]])),
    Kind("one too few", BAD, lambda a: a[:-1]),
    Kind("overlapping windows", RESHAPED, lambda a: as_strided(a, (*a.shape, 2), (*a.strides, 0))),
]
GIANTS = [
    Kind(f"{n} along axis {axis}, {dtype.__name__}", BAD,
         lambda a, n=n, axis=axis, dtype=dtype: lengthened(a.astype(dtype), n, axis))
    for n in (2**31 - 1, 2**31, 2**32 + 1, 2**40, 2**58)
    for axis in (0, -1)
    for dtype in (np.float64, np.int8)
]  # fmt: skip
OTHERS = [
    *[Kind(f"dtype {d}", BAD, to(d)) for d in ("F", "D", "G", "M8[s]", "m8[s]", "V8")],
    Kind("bytes of no number", BAD, lambda a: np.full(a.shape, b"x")),
    Kind("no text", BAD, lambda a: np.full(a.shape, "", "U0")),
    Kind("structs", BAD, lambda a: a.astype([("a", "f8"), ("b", "f8")])),
    Kind("one complex object", BAD, lambda a: with_one(a, 1j)),
    Kind("one None", BAD, lambda a: with_one(a, None)),
    Kind("one array inside", BAD, lambda a: with_one(a, np.ones(2))),
    Kind("one huge int", BAD, lambda a: with_one(a, 10**400)),
    Kind("NaN", BAD, lambda a: with_one(a, np.nan, float)),
    Kind("infinite", BAD, lambda a: with_one(a, -np.inf, float)),
    Kind("infinite as float16", BAD, lambda a: with_one(a, np.inf, np.float16)),
    Kind("infinite in float64", BAD, lambda a: with_one(a, np.longdouble("1e4000"), np.longdouble)),
    Kind("NaN misaligned", BAD, lambda a: misaligned(with_one(a, np.nan, a.dtype))),
    Kind("NaN in a packed field", BAD, lambda a: packed(with_one(a, np.nan, a.dtype))),
    Kind("one hidden", BAD, lambda a: np.ma.array(a, mask=np.arange(a.size).reshape(a.shape) == 1)),
    Kind("all hidden", BAD, lambda a: np.ma.masked_all(a.shape)),
    Kind("ragged", BAD, lambda a: [[1.0], [1.0, 2.0]]),
    Kind("deep", BAD, lambda a: nested(5000)),
    Kind("None", BAD, lambda a: None),
    Kind("text", BAD, lambda a: "array"),
    Kind("bytes", BAD, lambda a: a.tobytes()),
    Kind("number", BAD, lambda a: 1.0),
    Kind("dict", BAD, lambda a: {"a": a}),
    Kind("set", BAD, lambda a: {1.0, 2.0}),
    Kind("generator", BAD, lambda a: (row for row in a)),
    Kind("type", BAD, lambda a: np.ndarray),
    Kind("NA", BAD, lambda a: pd.DataFrame(with_one(a, pd.NA)) if a.ndim == 2
         else pd.Series(with_one(a, pd.NA))),
    Kind("__array__ gives a list", BAD, lambda a: Gives([[1.0]])),
    Kind("__array__ raises", BAD, lambda a: Gives(OwnError())),
    Kind("__array__ raises TypeError", BAD, lambda a: Gives(TypeError("no"))),
    Kind("__array__ gives complex numbers", BAD, lambda a: Gives(a * 1j)),
    Kind("__array_interface__ below 0", BAD, lambda a: Interface(a, shape=(-1,))),
    Kind("__array_interface__ without type", BAD, lambda a: Interface(a, typestr="?8")),
    Kind("__array_interface__ of nothing", BAD, lambda a: Interface(a, data=None, shape=(2**62,))),
    Kind("ctypes pointer", BAD, lambda a: ctypes.pointer(ctypes.c_double(1.0))),
]  # fmt: skip
KINDS = [*NUMBERS, *LAYOUTS, *SHAPES, *GIANTS, *OTHERS]
