"""Any table that users have, as named columns of cells: what is missing, and what kind they are.

Data frames of pandas, polars and pyarrow are read through narwhals, arrays and lists as
scikit-learn reads them. No column is looked at before it is asked for, and none is changed.
"""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from numbers import Real
from typing import Any, NoReturn

import numpy as np
import numpy.typing as npt

from ..._extras.importing import import_optional
from ..._extras.scikit_learn import check_array
from ..._messages.wording import quoted, shortened
from ..._native.arrays import Doubles
from ..._native.sparse import check_foreign, is_sparse

BLOCK = 2**18  # numbers that are worked on at once: they stay in the cache
DATES = (
    datetime.date, datetime.time, datetime.timedelta, np.datetime64, np.timedelta64,
)  # fmt: skip
OF_ARRAYS = {"b": "truth", "i": "number", "u": "number", "f": "number", "U": "text"}


@dataclass(frozen=True)
class Cells:
    """One column.

    Attributes
    ----------
    label : str
        What errors call it.
    values : ndarray, shape (n,)
        As they came: numbers, bool, texts, dates or objects.
    missing : ndarray of bool, shape (n,), or None
        Which are missing whatever `values` holds there; NaN is missing as well.
    is_category : bool
        Whether the frame calls it a category, so that it may hold any object.
    """

    label: str
    values: npt.NDArray[Any]
    missing: npt.NDArray[np.bool_] | None = None
    is_category: bool = False

    def kinds(self) -> set[str]:
        """Return what the cells are, of "number", "truth" and "text"; none where all are missing.

        Raises
        ------
        TypeError
            If any is something else.
        """
        dtype = self.values.dtype
        if dtype.kind in "Mm":
            self._refuse_dates(dtype)
        if dtype.kind != "O":
            if dtype.kind not in OF_ARRAYS:
                raise TypeError(f"{self.label} has dtype {dtype}: {WANTED}")
            return {OF_ARRAYS[dtype.kind]}
        present = self._present()
        kinds = {type_: kind_of(type_) for type_ in set(map(type, present))}
        for type_, kind in kinds.items():
            if kind == "date":
                self._refuse_dates(type_.__name__)
            if kind == "other":
                value = next(value for value in present if type(value) is type_)
                raise TypeError(f"{self.label} holds {quoted(value)} ({type_.__name__}): {WANTED}")
        return set(kinds.values())

    def kind(self) -> str:
        """Return "number" or "category", whichever the cells are by themselves."""
        if self.is_category:
            return "category"
        kinds = self.kinds()
        return "category" if "text" in kinds or kinds == {"truth"} else "number"

    def numbers(self, why: str) -> Doubles:
        """Return the cells as float64, NaN where missing.

        Raises
        ------
        ValueError
            If one is a text; `why` is what the message says of it then.
        """
        if "text" in self.kinds():
            texts = (v for v in self._present() if isinstance(v, str))
            raise ValueError(f"{self.label} holds the text {quoted(next(texts))}{why}")
        if self.values.dtype.kind != "O":
            numbers = self.values.astype(np.float64, copy=False)
            return numbers if self.missing is None else np.where(self.missing, np.nan, numbers)
        numbers = np.full(self.values.shape, np.nan)
        try:
            numbers[~self.gaps()] = np.array(self._present(), np.float64)
        except OverflowError as error:  # an int of more than 308 digits
            raise ValueError(
                f"{self.label} holds a whole number that no float64 holds: divide them, or "
                "make them texts"
            ) from error
        return numbers

    def gaps(self) -> npt.NDArray[np.bool_]:
        """Tell which cells are missing."""
        if self.missing is not None:
            return self.missing
        if self.values.dtype.kind == "O":
            cells = self.values.tolist()
            return np.fromiter(map(is_missing, cells), np.bool_, len(cells))
        if self.values.dtype.kind == "f":
            gaps: npt.NDArray[np.bool_] = np.isnan(self.values)
            return gaps
        return np.zeros(self.values.shape, np.bool_)

    def _present(self) -> list[Any]:
        cells: list[Any] = self.values[~self.gaps()].tolist()
        return cells

    def _refuse_dates(self, type_: Any) -> NoReturn:
        raise TypeError(
            f"{self.label} holds dates or times ({type_}), which are neither numbers nor "
            "categories: give numbers in their place, such as the year, the month or the days "
            "since a first date, or leave the column out"
        )


WANTED = (
    "a cell of this argument must be a string, a truth value or a real number: make such of it, or "
    "leave the column out"
)


def kind_of(type_: type) -> str:
    """Return what objects of a type are: "text", "truth", "number", "date" or "other"."""
    if issubclass(type_, str):
        return "text"
    if issubclass(type_, (bool, np.bool_)):
        return "truth"
    if issubclass(type_, DATES):  # NumPy's timedelta is an integer by its class
        return "date"
    return "number" if issubclass(type_, (Real, Decimal)) else "other"


def is_missing(value: Any) -> bool:
    """Tell None, NaN of any kind, NaT and pandas.NA from what is there."""
    if value is None:
        return True
    if isinstance(value, (str, int)):
        return False
    if isinstance(value, (float, np.floating, Decimal, np.datetime64, np.timedelta64)):
        return bool(value != value)
    return type(value).__name__ in ("NAType", "NaTType")


@dataclass(frozen=True)
class NamedColumns:
    """A table as columns.

    Attributes
    ----------
    names : list of str, or None
        None where the table has no names, or none that are text.
    n_rows, n_columns : int
    column : callable
        Of a position, returns its `Cells`.
    """

    names: list[str] | None
    n_rows: int
    n_columns: int
    column: Callable[[int], Cells]

    def number_blocks(self, positions: Sequence[int], why: str) -> Iterator[tuple[slice, Doubles]]:
        """Yield some of the columns at a time as float64, each a contiguous row (k, n)."""
        step = max(1, BLOCK // self.n_rows)
        for start in range(0, len(positions), step):
            chosen = positions[start : start + step]
            block = np.empty((len(chosen), self.n_rows))
            for row, position in zip(block, chosen, strict=True):
                row[:] = self.column(position).numbers(why)
            yield slice(start, start + len(chosen)), block


def columns_of(X: Any, estimator: Any) -> NamedColumns:
    """Return a table as columns.

    Parameters
    ----------
    X : DataFrame of pandas or polars, pyarrow.Table, array-like, shape (n, n_columns)
    estimator : estimator
        Whom errors name.

    Raises
    ------
    ValueError
        If it has no rows, no columns, or two of one name; or as `check_array` raises.
    TypeError
        If it is sparse, lazy or a mapping; or if some names are texts and others not.
    """
    if any(hasattr(type(X), name) for name in ("dtypes", "column_names", "collect_schema")):
        narwhals = import_optional("narwhals", extra="sklearn", purpose="a table as a data frame")
        if narwhals.dependencies.is_into_dataframe(X):
            return _of_frame(X, narwhals, estimator)
        if hasattr(X, "collect"):
            raise TypeError(f"X is a {type(X).__name__}, which holds no rows yet: use X.collect()")
    if isinstance(X, Mapping) and not is_sparse(X):  # SciPy's dok_matrix is one
        raise TypeError(f"X is a {type(X).__name__}: make a table of it, as with pandas.DataFrame")
    return _of_array(X, estimator)


def _of_array(X: Any, estimator: Any) -> NamedColumns:
    check_foreign(X, "X")
    if not hasattr(X, "dtype") and np.asarray(X).dtype.kind in "US":
        X = np.array(X, object)  # NumPy makes texts of numbers that stand beside texts
    array = check_array(X, dtype=None, ensure_all_finite=False, input_name="X", estimator=estimator)
    if array.dtype.kind == "T":  # NumPy's texts of any length
        array = array.astype(object)
    n_rows, n_columns = array.shape
    return NamedColumns(None, n_rows, n_columns, lambda j: Cells(f"column x{j}", array[:, j]))


def _of_frame(X: Any, narwhals: Any, estimator: Any) -> NamedColumns:
    listed = list(X.columns if not hasattr(X, "column_names") else X.column_names)
    if repeated := [name for name, times in Counter(listed).items() if times > 1]:
        raise ValueError(f"X has several columns of one name, {shortened(repeated)}: rename them")
    names = _text_names(listed)
    frame = narwhals.from_native(X, eager_only=True)
    n_rows, n_columns = frame.shape
    for what, n in (("sample", n_rows), ("feature", n_columns)):
        if not n:
            raise ValueError(
                f"Found array with 0 {what}(s) (shape={frame.shape}) while a minimum of 1 is "
                f"required by {type(estimator).__name__}."
            )
    series = list(frame.iter_columns())

    def column(j: int) -> Cells:
        label = f"column {quoted(listed[j]) if names else f'x{j}'}"
        return _of_series(series[j], narwhals, label)

    return NamedColumns(names, n_rows, n_columns, column)


def _text_names(names: list[Any]) -> list[str] | None:
    """Return names if they are texts, or None if none is; scikit-learn refuses a mixture."""
    are_texts = {isinstance(name, str) for name in names}
    if len(are_texts) > 1:
        types = sorted({type(name).__name__ for name in names})
        raise TypeError(
            "Feature names are only supported if all input features have string names, but your "
            f"input has {types}: use X.columns = X.columns.astype(str)"
        )
    return [str.__str__(name) for name in names] if True in are_texts else None


def _of_series(series: Any, narwhals: Any, label: str) -> Cells:
    native = series.to_native()
    own = getattr(native, "dtype", None)
    if isinstance(own, np.dtype) and own.kind in "fiu":  # of pandas: spares wide tables seconds
        return Cells(label, native.to_numpy())
    dtype, missing = series.dtype, series.is_null().to_numpy()
    if dtype in (narwhals.Categorical, narwhals.Enum):
        codes = getattr(getattr(native, "cat", None), "codes", None)
        if codes is None:
            return Cells(label, _objects(series), missing, True)
        # of pandas, whose levels may be whole numbers too long for a float64
        levels = native.cat.categories
        if levels.dtype == np.float32:  # which pandas would list as float64
            levels = levels.to_numpy()
        categories = np.array([*levels, None], object)
        return Cells(label, categories[codes.to_numpy()], missing, True)
    if dtype == narwhals.String and own != np.dtype(object):
        return Cells(label, _objects(series), missing, True)
    if dtype in (narwhals.Int128, narwhals.UInt128):  # NumPy has none
        return Cells(label, _objects(series), missing)
    values = series.to_numpy()
    if values.ndim != 1:  # of a struct, of lists of one length
        raise TypeError(f"{label} has dtype {dtype}: {WANTED}")
    if values.dtype.kind == "f" and dtype.is_integer():  # so narwhals shows what is missing
        return Cells(label, series.fill_null(0).to_numpy(), missing)
    if values.dtype.kind != "O":
        return Cells(label, values, None, dtype == narwhals.Boolean)
    # objects of pandas are what they are, even where narwhals finds them all missing, and texts
    return Cells(label, values, missing, dtype == narwhals.Boolean and own != np.dtype(object))


def _objects(series: Any) -> npt.NDArray[np.object_]:
    """Return cells one by one: as an array of texts they would lose the NUL at their ends."""
    values = np.empty(len(series), object)
    values[:] = series.to_list()
    return values
