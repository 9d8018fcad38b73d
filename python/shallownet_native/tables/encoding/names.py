"""Names of columns: which are meant as categories, where a table has them, what outputs are called.

Looks at no cell.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from ..._messages.wording import did_you_mean, quoted, shortened

WANTED = (
    "categorical_features must be 'from_dtype', or an array of names, of positions or of truth "
    "values, one for each column"
)

# in this order: True is an int
FORMS: dict[str, Any] = {"U": str, "b": (bool, np.bool_), "i": (int, np.integer)}


def form(categorical_features: Any) -> str:
    """Return what the parameter is made of: "U" names, "i" positions, "b" a mask, or "" nothing.

    Raises
    ------
    TypeError
        If it is anything else, or a mixture.
    """
    if isinstance(categorical_features, str):
        if categorical_features == "from_dtype":
            return ""
        raise ValueError(f"{WANTED}, got {quoted(categorical_features)}")
    if isinstance(categorical_features, Mapping):
        raise TypeError(f"{WANTED}, got a {type(categorical_features).__name__}")
    try:
        listed = list(categorical_features)
    except TypeError as error:
        raise TypeError(f"{WANTED}, got {quoted(categorical_features)}") from error
    kinds = {next((k for k, t in FORMS.items() if isinstance(one, t)), "") for one in listed}
    if kinds - {*FORMS} or len(kinds) > 1:
        raise TypeError(f"{WANTED}, got {shortened(listed)}")
    return kinds.pop() if kinds else "i"


def selected(
    categorical_features: Any, names: list[str] | None, n_columns: int
) -> npt.NDArray[np.bool_] | None:
    """Return which columns are categories, (n_columns,), or None where their dtypes say it.

    Raises
    ------
    TypeError
        If the parameter is of another form; see `form`.
    ValueError
        If it names a column that is not there, or a mask is of another length.
    """
    kind = form(categorical_features)
    if not kind:
        return None
    chosen = np.zeros(n_columns, np.bool_)
    listed = list(categorical_features)
    if kind == "b":
        if len(listed) != n_columns:
            raise ValueError(
                f"categorical_features is a mask of {len(listed)} truth values, X has "
                f"{n_columns} columns: give one for each"
            )
        chosen[:] = listed
    elif kind == "i":
        if wrong := [int(place) for place in listed if not 0 <= place < n_columns]:
            raise ValueError(
                f"categorical_features names {_columns(wrong)}, X has columns 0 to {n_columns - 1}"
            )
        chosen[np.array(listed, np.intp)] = True
    else:
        if names is None:
            raise ValueError(
                f"categorical_features names {_columns(listed)}, but X has no names: give "
                "positions, or a data frame whose column names are strings"
            )
        places = {name: place for place, name in enumerate(names)}
        _refuse("categorical_features names", [n for n in listed if n not in places], names)
        chosen[[places[name] for name in listed]] = True
    return chosen


def matched(
    names: Sequence[str], table_names: Sequence[str], ignored: Iterable[str], fitted: str
) -> list[int]:
    """Return where a table has each of the columns that `fitted`, an estimator, was fitted to.

    Raises
    ------
    ValueError
        If one is missing, or there are others that are not to be ignored.
    """
    places = {name: place for place, name in enumerate(table_names)}
    wanted = set(names)
    extra = [name for name in table_names if name not in wanted]
    _refuse(f"X lacks what {fitted} was fitted to:", [n for n in names if n not in places], extra)
    ignored = set(ignored)
    if unasked := [name for name in extra if name not in ignored]:
        raise ValueError(
            f"X has {_columns(unasked)}, to which {fitted} was not fitted: leave out what is "
            "not in feature_names_in_, or fit anew"
        )
    return [places[name] for name in names]


def output_names(encoder: Any, names: npt.NDArray[np.object_]) -> npt.NDArray[np.object_]:
    """Return what a fitted encoder's outputs are called, each in another way."""
    numeric, categorical = names[~encoder.is_categorical_], names[encoder.is_categorical_]
    listed = [*numeric, *(f"{name}_missing" for name in numeric[encoder.has_missing_])]
    for name, levels in zip(categorical, encoder.categories_, strict=True):
        listed += [f"{name}_{level}" for level in (levels[1:] if len(levels) == 2 else levels)]
    for name, ends in zip(numeric, encoder.edges_, strict=False):  # none at all where plain
        listed += [f"{name}_bin_{k}" for k in range(1, len(ends))]
    return np.array(_all_different(listed), object)


def _all_different(names: list[str]) -> list[str]:
    """Return the names, with the first free of _2, _3 ... at the end of those that came before."""
    if len(set(names)) == len(names):
        return names
    taken, used, different = set(names), set[str](), []
    for name in names:
        new, k = name, 2
        while new in used or (new != name and new in taken):
            new, k = f"{name}_{k}", k + 1
        used.add(new)
        different.append(new)
    return different


def _refuse(sentence: str, missing: list[str], there: Iterable[str]) -> None:
    if missing:
        hint = did_you_mean(missing[0], there)
        has = "" if sentence.startswith("X lacks") else ", which X has not"
        raise ValueError(f"{sentence} {_columns(missing)}{has}{': ' if hint else ''}{hint}")


def _columns(listed: Sequence[Any]) -> str:
    return f"column{'s' if len(listed) > 1 else ''} {shortened(listed)}"
