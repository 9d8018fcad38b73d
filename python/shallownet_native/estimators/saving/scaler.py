"""scikit-learn's StandardScaler as a record of a `.snet` file: every number of it is checked.

scikit-learn's classes know nothing of records: `files` finds these two functions by the kind.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..._extras.scikit_learn import StandardScaler, give_output, output_of
from ...files import ModelFormatError, Record, pack_value, require_keys
from .parts import (
    MAX_COUNT,
    Arrays,
    pack_names,
    read_flag,
    read_names,
)

KIND = "standard scaler"
PARAMETERS = ("copy", "with_mean", "with_std")
STATISTICS = ("mean", "var", "scale")  # an attribute of each column, with _ behind it, or None
N_SEEN = "n_samples_seen"


def to_record(scaler: Any) -> Record:
    """Return what a file holds of a StandardScaler, fitted or not.

    Raises
    ------
    TypeError
        If a parameter is an object, or what `fit` left is no array of NumPy's.
    ValueError
        If the statistics are not such as `fit` leaves them of numbers that can be squared.
    """
    arrays = _arrays(scaler)
    fitted = None
    if arrays:
        fitted = {
            "n_features": int(scaler.n_features_in_),
            "feature_names": pack_names(getattr(scaler, "feature_names_in_", None)),
        }
    fields = {
        "parameters": {name: pack_value(getattr(scaler, name), name) for name in PARAMETERS},
        "fitted": fitted,
        "output": output_of(scaler),
    }
    record = Record(KIND, fields, arrays)
    try:
        from_record(record)
    except ModelFormatError as error:  # what cannot be read must not be written
        raise ValueError(f"the StandardScaler is not as fit leaves it: {error}") from error
    return record


def from_record(record: Record) -> Any:
    """Return the StandardScaler that a file holds, or raise ModelFormatError."""
    fields = require_keys(record.fields, {"parameters", "fitted", "output"}, "the StandardScaler")
    values = fields["parameters"]
    if not isinstance(values, dict) or not values.keys() <= {*PARAMETERS}:
        raise ModelFormatError("the StandardScaler has parameters that are unknown here")
    scaler = StandardScaler(**{name: read_flag(value, name) for name, value in values.items()})
    try:
        give_output(scaler, fields["output"])
    except ValueError as error:
        raise ModelFormatError(str(error)) from error
    if fields["fitted"] is not None:
        vars(scaler).update(_read_fitted(scaler, fields["fitted"], record.arrays))
    elif record.arrays:
        raise ModelFormatError("a StandardScaler that is not fitted has no arrays")
    return scaler


def _arrays(scaler: Any) -> Arrays:
    """Return the statistics that `fit` has left: those that are not None; none if not fitted."""
    values = {name: getattr(scaler, f"{name}_", None) for name in (*STATISTICS, N_SEEN)}
    if values[N_SEEN] is None:
        return {}
    arrays = {}
    for name, value in values.items():
        if value is not None:
            if not isinstance(value, (np.ndarray, np.number, int, float)):
                raise TypeError(
                    f"the StandardScaler's {name}_ is a {type(value).__name__}: a .snet file holds "
                    "NumPy's arrays, fit it on one"
                )
            array = np.asarray(value)
            arrays[name] = array.astype(np.int64) if array.dtype.kind in "iu" else array
    return arrays


def _read_fitted(scaler: Any, fields: Any, arrays: Arrays) -> dict[str, Any]:
    """Return the attributes that `fit` leaves, or raise ModelFormatError."""
    fields = require_keys(fields, {"n_features", "feature_names"}, "what the StandardScaler learnt")
    n = fields["n_features"]
    if type(n) is not int or not 1 <= n <= MAX_COUNT:
        raise ModelFormatError("the StandardScaler's number of features is no whole number >= 1")
    if not arrays.keys() <= {*STATISTICS, N_SEEN}:
        raise ModelFormatError("the StandardScaler has arrays that are unknown here")
    n_seen = _read_n_seen(arrays.get(N_SEEN), n)
    statistics = {name: _read_statistic(name, arrays.get(name), n_seen, n) for name in STATISTICS}
    for name, is_needed in (("mean", scaler.with_mean), ("scale", scaler.with_std)):
        if is_needed and statistics[name] is None:
            raise ModelFormatError(f"{name} is missing, which the StandardScaler's parameters need")
    if (statistics["var"] is None) != (statistics["scale"] is None):
        raise ModelFormatError("var and scale are only there together")
    return {
        "n_features_in_": n,
        **read_names(fields["feature_names"], n),
        "n_samples_seen_": n_seen[()],  # a number where it is the same in all columns
        **{f"{name}_": array for name, array in statistics.items()},
    }


def _read_n_seen(n_seen: Any, n: int) -> Any:
    """Return how many rows, or weights of rows, each column had: one number, or one for each."""
    if n_seen is None or n_seen.shape not in ((), (n,)):
        raise ModelFormatError(f"{N_SEEN} must be a number, or {n} of them")
    if not ((n_seen >= 0) & (n_seen <= MAX_COUNT)).all():
        raise ModelFormatError(f"{N_SEEN} must lie from 0 to 2^53")
    return n_seen


def _read_statistic(name: str, array: Any, n_seen: Any, n: int) -> Any:
    """Return one statistic, which may be NaN only in a column of which no row was seen."""
    if array is None:
        return None
    if array.shape != (n,) or array.dtype.kind != "f":
        raise ModelFormatError(f"{name} must hold {n} floats")
    is_seen = np.broadcast_to(n_seen, n) > 0
    if np.isinf(array).any() or not np.isfinite(array[is_seen]).all():
        raise ModelFormatError(f"{name} must be finite: numbers too large to square leave such")
    if (name == "var" and (array < 0).any()) or (name == "scale" and (array <= 0).any()):
        raise ModelFormatError(f"{name} is too small for what it is")
    return array
