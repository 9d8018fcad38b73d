"""An encoder as a record: what a `.snet` file holds of it.

Nothing that a record holds is trusted: every part is checked, alone and against the others, before
an encoder gets any of it.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from ..._extras.scikit_learn import give_output, output_of
from ..._native.arrays import Doubles, check_dtype
from ...files import ModelFormatError, Record, pack_value, require_keys, unpack_value
from ..values import value_order, value_text
from . import numbers
from .names import form

KIND = "table encoder"
FITTED_KEYS = {"feature_names", "ignored_features", "categories"}
ARRAYS = {
    "is_categorical": np.int64, "means": np.float64, "scales": np.float64,
    "has_missing": np.int64, "edges": np.float64, "n_edges": np.int64,
}  # fmt: skip

LEARNT = ("is_categorical", "means", "scales", "has_missing")  # as they stand in attributes

Arrays = dict[str, npt.NDArray[Any]]


def pack(encoder: Any, max_codes: int = numbers.MAX_CODES) -> Record:
    """Return what a file holds of an encoder, fitted or not; it may have so many codes.

    Raises
    ------
    TypeError, ValueError
        If `fit` would refuse a parameter's value, or the fitted state is not one that it leaves.
    """
    check_settings(encoder)
    values = {**encoder.get_params(deep=False), "dtype": check_dtype(encoder.dtype).name}
    if not isinstance(encoder.categorical_features, (str, tuple)):
        values["categorical_features"] = list(encoder.categorical_features)  # of a pandas.Index too
    fields: dict[str, Any] = {
        "parameters": {name: pack_value(value, name) for name, value in values.items()},
        "fitted": None,
        "output": output_of(encoder),
    }
    if "is_categorical_" not in vars(encoder):
        return Record(KIND, fields)
    try:
        fitted, arrays = _pack_fitted(vars(encoder))
        _read_fitted(fitted, arrays, max_codes)
    except (KeyError, TypeError, ValueError) as error:  # what cannot be read must not be written
        raise ValueError(f"the TableEncoder is not as fit leaves it: {error}") from error
    return Record(KIND, {**fields, "fitted": fitted}, arrays)


def unpack(class_: Any, record: Record, max_codes: int = numbers.MAX_CODES) -> Any:
    """Return the encoder that `pack` packed, or raise ModelFormatError."""
    fields = require_keys(record.fields, {"parameters", "fitted", "output"}, "the encoder")
    values = fields["parameters"]
    if not isinstance(values, dict) or not values.keys() <= set(class_._get_param_names()):
        raise ModelFormatError("the encoder has parameters that are unknown here")
    try:
        # what is not there came with a later release than the file's, and has its default
        settings = {name: unpack_value(value) for name, value in values.items()}
        if "dtype" in settings:
            settings["dtype"] = _dtype(settings["dtype"])
        encoder = class_(**settings)
        check_settings(encoder)
        give_output(encoder, fields["output"])
        if fields["fitted"] is not None:
            vars(encoder).update(_read_fitted(fields["fitted"], record.arrays, max_codes))
        elif record.arrays:
            raise ModelFormatError("an encoder that is not fitted has no arrays")
    except (TypeError, ValueError) as error:
        text = " ".join(str(error).split())
        raise ModelFormatError(f"the encoder's parts do not fit: {text}"[:500]) from error
    return encoder


def check_settings(encoder: Any) -> None:
    """Raise what `fit` would raise about the constructor's parameters, whatever the table."""
    encoder._validate_params()
    check_dtype(encoder.dtype)
    form(encoder.categorical_features)


def _dtype(name: Any) -> Any:
    types = {"float32": np.float32, "float64": np.float64}
    if not isinstance(name, str) or name not in types:
        raise ModelFormatError("the encoder's dtype is neither 'float32' nor 'float64'")
    return types[name]


def _pack_fitted(attributes: dict[str, Any]) -> tuple[dict[str, Any], Arrays]:
    names, edges = attributes.get("feature_names_in_"), attributes["edges_"]
    values = {
        **{name: attributes[f"{name}_"] for name in LEARNT},
        "edges": np.concatenate([np.empty(0), *edges]),
        "n_edges": np.array([len(one) for one in edges], np.int64),
    }
    fields = {
        "feature_names": None if names is None else list(names),
        "ignored_features": list(attributes["ignored_features_"]),
        "categories": [list(levels) for levels in attributes["categories_"]],
    }
    if attributes["n_features_in_"] != len(attributes["is_categorical_"]):
        raise ValueError("n_features_in_ is not the length of is_categorical_: fit anew")
    return fields, {name: np.asarray(values[name], dtype) for name, dtype in ARRAYS.items()}


def _read_fitted(fields: Any, arrays: Arrays, max_codes: int) -> dict[str, Any]:
    """Return the fitted attributes, or raise ModelFormatError."""
    fields = require_keys(fields, FITTED_KEYS, "the fitted encoder")
    require_keys(arrays, set(ARRAYS), "the encoder's arrays")
    for name, dtype in ARRAYS.items():
        if arrays[name].dtype != dtype or arrays[name].ndim != 1:
            raise ModelFormatError(f"the encoder's {name} are not one row of {dtype.__name__}")
    is_categorical = _flags(arrays, "is_categorical")
    n_features = is_categorical.size
    n_categorical = int(np.count_nonzero(is_categorical))
    if not n_features:
        raise ModelFormatError("the encoder has no columns")
    names = fields["feature_names"]
    attributes: dict[str, Any] = {"n_features_in_": n_features, "is_categorical_": is_categorical}
    if names is not None:
        if len(_texts(names, "the features' names")) != n_features:
            raise ModelFormatError(f"{len(names)} names do not fit {n_features} features")
        attributes["feature_names_in_"] = np.array(names, object)
    ignored = _texts(fields["ignored_features"], "the features to ignore")
    if ignored and (names is None or not set(ignored).isdisjoint(names)):
        raise ModelFormatError("the features to ignore are not others than those with names")
    return {
        **attributes,
        **_read_numbers(arrays, n_features - n_categorical),
        "edges_": _read_edges(arrays, n_features - n_categorical, max_codes),
        "categories_": _read_categories(fields["categories"], n_categorical),
        "ignored_features_": tuple(ignored),
    }


def _flags(arrays: Arrays, name: str) -> npt.NDArray[np.bool_]:
    values = arrays[name]
    if not np.isin(values, (0, 1)).all():
        raise ModelFormatError(f"the encoder's {name} are not all 0 or 1")
    return values.astype(np.bool_)


def _texts(texts: Any, what: str) -> list[str]:
    """Return a list of different strings."""
    if not isinstance(texts, list) or not all(type(text) is str for text in texts):
        raise ModelFormatError(f"{what} are not a list of strings")
    if len(set(texts)) != len(texts):
        raise ModelFormatError(f"{what} are not all different")
    return texts


def _read_numbers(arrays: Arrays, n_numbers: int) -> dict[str, Any]:
    means, scales = arrays["means"], arrays["scales"]
    has_missing = _flags(arrays, "has_missing")
    if not means.size == scales.size == has_missing.size == n_numbers:
        raise ModelFormatError(f"means, scales and has_missing do not fit {n_numbers} numbers")
    if not (np.isfinite(means).all() and np.isfinite(scales).all() and (scales >= 0).all()):
        raise ModelFormatError("the means and scales are not finite, or a scale is negative")
    return {"means_": means, "scales_": scales, "has_missing_": has_missing}


def _read_edges(arrays: Arrays, n_numbers: int, max_codes: int) -> list[Doubles]:
    counts, edges = arrays["n_edges"], arrays["edges"]
    if counts.size not in (0, n_numbers):
        raise ModelFormatError(f"the edges of {counts.size} columns do not fit {n_numbers} numbers")
    # before anything is added up, which could overflow
    if not np.isin(counts, (0, *range(numbers.MIN_EDGES, max_codes + 2))).all():
        raise ModelFormatError("a column has a number of edges that no column has")
    if counts.sum() != edges.size or (counts - 1).clip(0).sum() > max_codes:
        raise ModelFormatError("the edges are not as many as they should be")
    ends = np.cumsum(counts)
    columns = [edges[a:b].copy() for a, b in pairwise([0, *ends.tolist()])]
    if not np.isfinite(edges).all() or any((np.diff(one) <= 0).any() for one in columns):
        raise ModelFormatError("a column's edges are not finite, or not increasing")
    return columns


def _read_categories(listed: Any, n_categorical: int) -> list[npt.NDArray[np.object_]]:
    if not isinstance(listed, list) or len(listed) != n_categorical:
        raise ModelFormatError(f"the categories are not a list of {n_categorical} lists")
    columns = []
    for texts in listed:
        _texts(texts, "a column's categories")
        if any(value_text(text) != text for text in texts):
            raise ModelFormatError("a category is not written as the encoder writes it")
        if texts != sorted(texts, key=value_order):
            raise ModelFormatError("a column's categories are not in order")
        columns.append(np.array(texts, object))
    return columns
