"""Sparse matrices that hold their numbers in another way, or whose indices point anywhere."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import scipy.sparse as sp

from .bad_array_kinds import BAD, SAME, WHOLE, Kind


def unordered(a: Any) -> Any:
    """The columns of each row run backwards."""
    csr = sp.csr_matrix(a)
    for begin, end in zip(csr.indptr, csr.indptr[1:], strict=False):
        csr.indices[begin:end] = csr.indices[begin:end][::-1]
        csr.data[begin:end] = csr.data[begin:end][::-1]
    csr.has_sorted_indices = False
    return csr


def doubled(a: Any) -> Any:
    """Each number in two halves, in the same place."""
    rows, columns = np.nonzero(a)
    halves = np.tile(a[rows, columns] / 2, 2)
    places = (np.tile(rows, 2), np.tile(columns, 2))
    coo = sp.coo_matrix((halves, places), a.shape)
    csr = sp.csr_matrix(a.shape)
    order = np.lexsort(places[::-1])
    csr.data, csr.indices = coo.data[order], coo.col[order].astype(np.int32)
    csr.indptr = np.searchsorted(coo.row[order], np.arange(a.shape[0] + 1)).astype(np.int32)
    csr.has_canonical_format = False
    return csr


def broken(change: Callable[[Any], None], form: Any, **flags: bool) -> Callable[[Any], Any]:
    """A matrix with something changed, which claims to be in order."""

    def make(a: Any) -> Any:
        matrix = form(a)
        matrix.has_canonical_format = matrix.has_sorted_indices = True
        change(matrix)
        for name, value in flags.items():
            setattr(matrix, name, value)
        return matrix

    return make


def index(value: int, at: int = -1) -> Callable[[Any], None]:
    def change(matrix: Any) -> None:
        matrix.indices = matrix.indices.copy()
        matrix.indices[at] = value

    return change


def begin(value: int, at: int) -> Callable[[Any], None]:
    def change(matrix: Any) -> None:
        matrix.indptr = matrix.indptr.copy()
        matrix.indptr[at] = value

    return change


def falling(matrix: Any) -> None:
    matrix.indptr = matrix.indptr.copy()
    matrix.indptr[1] = matrix.indptr[-1]
    matrix.indptr[-1] -= 1


def short(name: str) -> Callable[[Any], None]:
    return lambda matrix: setattr(matrix, name, getattr(matrix, name)[:-1])


def typed(name: str, dtype: Any) -> Callable[[Any], None]:
    return lambda matrix: setattr(matrix, name, getattr(matrix, name).astype(dtype))


CHANGES: dict[str, Callable[[Any], None]] = {
    "an index below 0": index(-1),
    "an index far below 0": index(-(2**31)),
    "an index too large": index(2**31 - 1),
    "an index one too large": index(10_000, 0),
    "a begin below 0": begin(-5, 1),
    "a begin beyond the end": begin(2**31 - 1, 1),
    "the end beyond the end": begin(2**31 - 1, -1),
    "the first begin not 0": begin(1, 0),
    "begins that fall": falling,
    "numbers missing": short("data"),
    "indices missing": short("indices"),
    "begins missing": short("indptr"),
    "float indices": typed("indices", float),
    "complex numbers": typed("data", complex),
    "NaN": lambda matrix: matrix.data.__setitem__(0, np.nan),
}
FORMS = {"csr": sp.csr_matrix, "csc": sp.csc_matrix}
SPARSE = [
    *[Kind(f"sparse {form}", SAME, lambda a, form=form: sp.coo_matrix(a).asformat(form))
      for form in ("csr", "csc", "coo", "lil", "dok", "dia", "bsr")],
    Kind("sparse array", SAME, lambda a: sp.csr_array(a)),
    Kind("sparse ints", WHOLE, lambda a: sp.csc_matrix(a.astype("i2"))),
    Kind("sparse unordered", SAME, unordered),
    Kind("sparse doubled", SAME, doubled),
    Kind("sparse float128", SAME, lambda a: sp.csr_matrix(a.astype("g"))),
    Kind("sparse objects", SAME, broken(typed("data", object), sp.csr_matrix)),
    Kind("sparse byte-swapped", SAME, lambda a: sp.csr_matrix(a.astype(">f8"))),
    *[Kind(f"sparse {name}: {what}", BAD, broken(change, form))
      for name, form in FORMS.items() for what, change in CHANGES.items()],
]  # fmt: skip
