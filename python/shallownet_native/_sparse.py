"""Sparse inputs as the core takes them: compressed rows, one row per example.

Imports `_validation`. SciPy is never imported: whoever passes a sparse matrix has it already.
"""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from ._validation import Floats, check_finite, check_floats


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

    def __getitem__(self, rows: npt.NDArray[np.int64]) -> SparseRows:
        return SparseRows(self.csr[rows])


Rows: TypeAlias = Floats | SparseRows


def is_sparse(value: object) -> bool:
    """Tell whether `value` is a SciPy sparse matrix or array."""
    return hasattr(value, "tocsr") and hasattr(value, "nnz")


def sparse_rows(value: Any, dtype: npt.DTypeLike) -> SparseRows:
    """Return a checked sparse matrix (m, n_x) as rows of that dtype; CSR in order is not copied."""
    return SparseRows(_in_order(value.tocsr()).astype(dtype, copy=False))


def check_sparse_columns(value: Any, argument: str, n: int, dtype: npt.DTypeLike) -> SparseRows:
    """Return a finite sparse matrix (n, m) as rows (m, n); a CSC matrix in order is not copied."""
    if value.ndim != 2 or value.shape[0] != n:
        hint = f": use {argument}.T" if value.ndim == 2 and value.shape[1] == n else ""
        raise ValueError(
            f"{argument} must have shape ({n}, m), one column per example, got {value.shape}{hint}"
        )
    if value.shape[1] == 0:
        raise ValueError(f"{argument} has shape {value.shape}: give at least one example")
    csr = _in_order(value.T.tocsr())
    numbers = check_floats(csr.data, argument, dtype)
    check_finite(numbers, f"{argument}.data")
    if numbers is not csr.data:
        csr = csr.copy()
        csr.data = numbers
    return SparseRows(csr)


def _in_order(csr: Any) -> Any:
    """Return compressed rows whose columns ascend, each at most once: the same matrix if it can."""
    if csr.has_canonical_format:
        return csr
    csr = csr.copy()
    csr.sum_duplicates()  # duplicates are sums, by SciPy's convention
    return csr
