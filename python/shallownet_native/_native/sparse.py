"""Sparse inputs as the core takes them: compressed rows, one row per example.

SciPy is never imported: whoever passes a sparse matrix has it already.
"""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from .arrays import Floats, check_finite, check_floats


class SparseRows:
    """Inputs (m, n_x) of which most are 0: numbers, their columns, and where each row begins.

    The core reads `numbers`, `columns` and `begins`; columns ascend within a row.
    """

    def __init__(self, csr: Any) -> None:
        self.csr = csr
        self.numbers: Floats = csr.data
        self.columns: npt.NDArray[np.int64] = csr.indices.astype(np.int64)
        self.begins: npt.NDArray[np.int64] = csr.indptr.astype(np.int64)
        self.shape: tuple[int, int] = csr.shape
        self.dtype = csr.data.dtype

    def __len__(self) -> int:
        return self.shape[0]

    @property
    def nbytes(self) -> int:
        """Bytes of the numbers and their columns, by the name that arrays have for theirs."""
        return int(self.csr.data.nbytes + self.csr.indices.nbytes)

    def __getitem__(self, rows: npt.NDArray[np.int64]) -> SparseRows:
        return SparseRows(self.csr[rows])


Rows: TypeAlias = Floats | SparseRows


def is_sparse(value: object) -> bool:
    """Tell whether `value` is a SciPy sparse matrix or array."""
    return hasattr(value, "tocsr") and hasattr(value, "nnz")


def sparse_rows(value: Any, dtype: npt.DTypeLike) -> SparseRows:
    """Return a checked sparse matrix (m, n_x) as rows of that dtype; CSR in order is not copied."""
    return SparseRows(in_order(value.tocsr()).astype(dtype, copy=False))


def check_sparse_columns(value: Any, argument: str, n: int, dtype: npt.DTypeLike) -> SparseRows:
    """Return a finite sparse matrix (n, m) as rows (m, n); a CSC matrix in order is not copied."""
    if value.ndim != 2 or value.shape[0] != n:
        hint = f": use {argument}.T" if value.ndim == 2 and value.shape[1] == n else ""
        raise ValueError(
            f"{argument} must have shape ({n}, m), one column per example, got {value.shape}{hint}"
        )
    if value.shape[1] == 0:
        raise ValueError(f"{argument} has shape {value.shape}: give at least one example")
    check_structure(value, argument)
    csr = in_order(value.T.tocsr())
    numbers = check_floats(csr.data, argument, dtype)
    check_finite(numbers, f"{argument}.data")
    if numbers is not csr.data:
        csr = csr.copy()
        csr.data = numbers
    return SparseRows(csr)


def check_foreign(value: Any, argument: str) -> None:
    """Refuse what other libraries' checks take for granted.

    Raises
    ------
    TypeError
        If numbers of a masked array are masked: they would be taken for numbers.
    ValueError
        If a sparse matrix has indices outside its shape: its conversion would follow them.
    MemoryError
        If an array repeats its memory so often that no copy of it could be made: looking for NaN
        would take hours.
    """
    if is_sparse(value):
        check_structure(value, argument)
    elif isinstance(value, np.ma.MaskedArray) and np.ma.is_masked(value):
        raise TypeError(f"{argument} is a masked array: replace what is masked, as with .filled(0)")
    elif isinstance(value, np.ndarray) and 0 in value.strides:
        np.empty(value.shape)  # asked for, but not written to


def check_structure(value: Any, argument: str) -> None:
    """Refuse indices that point outside the matrix: SciPy's conversions would follow them."""
    if value.format == "coo" and value.ndim == 2:
        fits = all(
            _lie_within(places, length) and places.shape == value.data.shape
            for places, length in zip((value.row, value.col), value.shape, strict=True)
        )
    elif value.format in ("csr", "csc", "bsr"):
        rows, columns = getattr(value, "blocksize", (1, 1))
        length, width = value.shape[0] // rows, value.shape[1] // columns
        lengths = (width, length) if value.format == "csc" else (length, width)
        fits = _is_compressed(value, *lengths)
    else:  # the others have no arrays of indices that can be replaced
        return
    if not fits:
        raise ValueError(
            f"{argument} is no valid sparse matrix, its indices do not fit its shape "
            f"{value.shape}: build it anew from rows and columns"
        )


def _is_compressed(value: Any, length: int, width: int) -> bool:
    """Tell whether begins ascend from 0 within the numbers, and indices lie below `width`."""
    begins, indices = value.indptr, value.indices
    if begins.shape != (length + 1,) or not _lie_within(begins, len(indices) + 1):
        return False
    ascends = begins[0] == 0 and bool((begins[1:] >= begins[:-1]).all())
    return ascends and len(indices) == len(value.data) and _lie_within(indices, width)


def _lie_within(indices: Any, end: int) -> bool:
    if indices.dtype.kind not in "iu" or indices.ndim != 1:
        return False
    return indices.size == 0 or (int(indices.min()) >= 0 and int(indices.max()) < end)


def in_order(csr: Any) -> Any:
    """Return compressed rows whose columns ascend, each at most once: the same matrix if it can."""
    if csr.has_canonical_format:
        return csr
    csr = csr.copy()
    csr.sum_duplicates()  # duplicates are sums, by SciPy's convention
    return csr
