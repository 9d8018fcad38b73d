"""What users give as rows X: which column holds text or dates, where others would only name a cell.

Wraps scikit-learn's checks, which stay as they are: what they refuse is looked at once more.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import numpy as np

from ..._messages.wording import quoted, shortened

DATES = (datetime.date, datetime.time, datetime.timedelta, np.datetime64, np.timedelta64)


class Misfit(NamedTuple):
    """The first value of a column that is no number: where it stands and what it is."""

    column: Any  # name or number
    row: int
    value: Any
    is_text: bool


@contextmanager
def explaining(X: Any) -> Iterator[None]:
    """Say which columns of X hold text or dates, if a check in this block fails on them.

    Raises
    ------
    ValueError
        For text, as scikit-learn does.
    TypeError
        For dates and durations, also if X holds nothing else: NumPy would count nanoseconds.
    """
    if _is_of_dates(X):
        raise TypeError(_advice(X, misfits(X)))
    try:
        yield
    except (TypeError, ValueError) as error:
        is_conversion = isinstance(error, TypeError) or "could not convert" in str(error)
        found = misfits(X) if is_conversion else []
        if not found:
            raise
        kind = TypeError if isinstance(error, TypeError) else ValueError
        raise kind(_advice(X, found)) from error


def misfits(X: Any) -> list[Misfit]:
    """Return the first text or date of each column that has one, of the kind that comes first."""
    found = []
    for column, values in _columns(X):
        if values.dtype.kind in "mM":
            found.append(Misfit(column, 0, values[0], is_text=False))
        elif values.dtype.kind in "OUST":
            found += _first_misfit(column, values)
    return [misfit for misfit in found if misfit.is_text == found[0].is_text]


def _first_misfit(column: Any, values: Any) -> list[Misfit]:
    for row, value in enumerate(values):
        is_text = _is_text(value)
        if is_text is not None:
            return [Misfit(column, row, value, is_text)]
    return []


def _is_of_dates(X: Any) -> bool:
    """Tell whether NumPy would take X, or a part of it, for dates without an error."""
    dtypes = [X.dtype] if hasattr(X, "dtype") else getattr(X, "dtypes", ())
    return any(getattr(dtype, "kind", "") in ("m", "M") for dtype in dtypes)


def _columns(X: Any) -> Iterator[tuple[Any, Any]]:
    """Yield each column's name, or number, and its values."""
    names = getattr(X, "columns", None)
    if names is not None and hasattr(X, "__getitem__"):
        for number, name in enumerate(names):
            yield name, np.asarray(X.iloc[:, number] if hasattr(X, "iloc") else X[name])
        return
    array = X if isinstance(X, np.ndarray) else np.asarray(X, object)
    if array.ndim == 2 and len(array):
        yield from enumerate(array.T)


def _is_text(value: Any) -> bool | None:
    """Return True for text, False for a date or duration, None for what may be a number."""
    if isinstance(value, DATES):
        return False
    if not isinstance(value, (str, bytes)):
        return None
    try:
        float(value)
    except ValueError:
        return True
    return None


def _advice(X: Any, found: list[Misfit]) -> str:
    first = found[0]
    columns = [misfit.column for misfit in found]
    what = "text" if first.is_text else "dates or durations"
    listed = "column " if len(columns) == 1 else "columns "
    where = f"{quoted(first.value)} in row {first.row}"
    encode = (
        f"encode text, as with make_pipeline(TableEncoder(categorical_features={columns}), ...)"
        if first.is_text
        else "make numbers of dates, such as the days since the first of them"
    )
    drop = f"np.delete(X, {columns}, axis=1)"
    if hasattr(X, "columns"):
        drop = f"X.drop(columns={columns})" if hasattr(X, "iloc") else f"X.drop({columns})"
    holds = "holds" if len(columns) == 1 else "hold"
    return (
        f"{listed}{shortened(columns)} of X {holds} {what} ({where}): {encode}, or leave out "
        f"such columns, as with {drop}"
    )
