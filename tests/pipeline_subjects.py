"""Pipelines, encoders and scalers for the tests of files and for the campaigns.

One of everything that a file can hold of them; `simplified` is what two of them are compared by.
"""

from __future__ import annotations

import functools
import warnings
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

import shallownet_native as sn
from shallownet_native.tables import TableEncoder

M = 24
COLOURS = ["red", "blue", "green"]
SIZES = {"hidden_layer_sizes": (3,), "max_iter": 3, "random_state": 0, "tol": 0.0}
FACTS = {
    "target": "kind",
    "task": "classification",
    "labels": ["no", "yes"],
    "columns": {"width": "number", "colour": "category", "size": "number"},
    "left_out": {"day": "dates"},
    "format": {"delimiter": ";", "decimal": ",", "thousands": None, "encoding": "utf-8"},
    "missing": "fill",
    "training": {"epochs": 3, "cost": 0.5, "note": None},
}


def frame() -> Any:
    """Return a table of two columns of numbers, one with gaps, and one of words."""
    import pandas as pd

    rng = np.random.default_rng(0)
    width = rng.standard_normal(M)
    width[3] = np.nan
    words = [None if k == 5 else COLOURS[k % 3] for k in range(M)]
    return pd.DataFrame({"width": width, "colour": words, "size": rng.uniform(0, 9, M)})


def numbers() -> Any:
    return np.random.default_rng(1).standard_normal((M, 4))


def labels() -> Any:
    return np.array(["no", "yes"])[np.arange(M) % 2]


def encoder(**options: Any) -> Any:
    return TableEncoder(**{"categorical_features": ["colour"], **options})


def classifier(**options: Any) -> Any:
    return sn.ShallowNetClassifier(**{**SIZES, **options})


def regressor(**options: Any) -> Any:
    return sn.ShallowNetRegressor(**{**SIZES, **options})


def scaled(scaler: Any = None, **options: Any) -> Any:
    """Return a fitted Pipeline of a scaler, two steps that do nothing, and a network."""
    steps = [("scaler", scaler or StandardScaler()), ("idle", "passthrough"), ("none", None)]
    return Pipeline([*steps, ("net", classifier(**options))]).fit(numbers(), labels())


def of_a_table(**options: Any) -> Any:
    """Return a fitted Pipeline as the command line writes it."""
    steps = [("encoder", encoder(**options)), ("network", classifier(standardize=True))]
    pipeline = Pipeline(steps).fit(frame(), labels())
    pipeline.table_ = FACTS
    return pipeline


def encoded(**options: Any) -> Any:
    pipeline = make_pipeline(encoder(**options), StandardScaler(), regressor())
    return pipeline.fit(frame(), numbers()[:, 0])


SUBJECTS = {
    "scaler": lambda: StandardScaler().fit(numbers()),
    "scaler, not fitted": lambda: StandardScaler(with_std=False, copy=False),
    "encoder": lambda: encoder().fit(frame()),
    "encoder in pieces": lambda: encoder(encoding="piecewise", n_bins=4).fit(frame()),
    "encoder, not fitted": TableEncoder,
    "scaled": scaled,
    "of a table": of_a_table,
    "encoded": encoded,
    "encoded in pieces": lambda: encoded(encoding="piecewise", n_bins=4, dtype=np.float64),
    "pipeline, not fitted": lambda: make_pipeline(TableEncoder(), StandardScaler(), regressor()),
}


@functools.cache
def subject(name: str) -> Any:
    """Return one of them, made once."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that three epochs are few
        return SUBJECTS[name]()


def rows_for(model: Any) -> Any:
    """Return rows that a fitted one takes."""
    return frame() if hasattr(model, "feature_names_in_") else numbers()


def simplified(value: Any) -> Any:
    """Return a value that == compares: arrays as dtype, shape and bytes, objects as their parts."""
    if isinstance(value, np.ndarray):
        content = value.tolist() if value.dtype == object else np.ascontiguousarray(value).tobytes()
        return value.dtype, value.shape, content
    if isinstance(value, (list, tuple)):
        return type(value), [simplified(part) for part in value]
    if isinstance(value, dict):
        return {key: simplified(part) for key, part in value.items()}
    if isinstance(value, float):  # a float64 of NumPy's may come back as Python's
        return repr(float(value))
    if isinstance(value, np.generic):
        return value.dtype, value.tobytes()
    if hasattr(value, "__dict__") and not isinstance(value, type):
        parts = {k: v for k, v in vars(value).items() if k not in ("_stored", "_random_state")}
        return type(value), simplified(parts)
    return value


def through_a_file(model: Any, path: Path) -> Any:
    sn.save(model, path)
    return sn.load(path)


def assert_same(mine: Any, other: Any) -> None:
    left, right = simplified(mine), simplified(other)
    assert left[0] is right[0] and left[1].keys() == right[1].keys()
    for name in left[1]:
        assert left[1][name] == right[1][name], name
