"""Data for `differential.py`: rows, targets and weights of every sort, each made from a few words.

`Data` says what is wanted; `rows`, `targets` and `weights` make it, the same at every call, so that
two estimators get equal data of their own. What is named in `BAD_ROWS` and `BAD_TARGETS` is spoilt.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy import sparse

CLASSIFICATIONS = ("binary", "multiclass", "multilabel", "one class")
REGRESSIONS = ("number", "numbers", "counts", "constant")
LABELS = ("int", "str", "bool", "float", "object")
FORMS = ("C", "F", "strided", "list", "frame", "csr", "csc", "coo", "read-only")
TARGET_FORMS = ("array", "list", "series", "column", "frame")
DTYPES = ("float64", "float32", "float16", "int64", "int8", "bool", "object")


@dataclass(frozen=True)
class Data:
    """What rows X (m, n_x) and targets are to be drawn, from which seed, in which form."""

    target: str
    seed: int
    m: int = 20
    n_x: int = 3
    labels: str = "int"
    dtype: str = "float64"
    form: str = "C"
    target_form: str = "array"
    target_dtype: str = "float64"
    scale: float = 1.0
    target_scale: float = 1.0
    has_constant: bool = False
    bad_rows: str | None = None
    bad_targets: str | None = None


def rows(data: Data) -> Any:
    """Return X as it is to be given."""
    values = _numbers(data)
    if data.bad_rows is not None and data.bad_rows in BAD_VALUES:
        values = BAD_VALUES[data.bad_rows](values)
    elif data.bad_rows is not None:
        return BAD_ROWS[data.bad_rows](values)
    return _formed(values.astype(data.dtype), data.form)


def _numbers(data: Data) -> Any:
    rng = np.random.default_rng(data.seed)
    values = data.scale * rng.standard_normal((data.m, data.n_x))
    if data.has_constant:
        values[:, 0] = 36.6
    if data.form in ("csr", "csc", "coo"):
        values[rng.random(values.shape) < 0.4] = 0
    return values


def _formed(values: Any, form: str) -> Any:
    if form == "F":
        return np.asfortranarray(values)
    if form == "strided":
        return np.repeat(values, 2, axis=0)[::2]
    if form == "list":
        return values.tolist()
    if form == "frame":
        return pd.DataFrame(values, columns=[f"x{i}" for i in range(values.shape[1])])
    if form in ("csr", "csc", "coo"):
        number = np.float64 if values.dtype in (np.float16, object) else values.dtype
        return getattr(sparse, form + "_matrix")(values.astype(number))
    if form == "read-only":
        values.flags.writeable = False
    return values


def _with(value: Any) -> Callable[[Any], Any]:
    def changed(values: Any) -> Any:
        values = values.copy()
        values.flat[values.size // 2] = value
        return values

    return changed


BAD_VALUES: dict[str, Callable[[Any], Any]] = {
    "nan": _with(np.nan),
    "inf": _with(-np.inf),
    "too wide": lambda x: np.c_[x, x[:, :1]],
    "too narrow": lambda x: x[:, 1:],
    "no rows": lambda x: x[:0],
    "one row less": lambda x: x[1:],
}
BAD_ROWS: dict[str, Callable[[Any], Any]] = {
    **BAD_VALUES,
    "a vector": lambda x: x[:, 0],
    "a number": lambda x: 3.0,
    "None": lambda x: None,
    "three dimensions": lambda x: x[:, :, None],
    "words": lambda x: np.full(x.shape, "red"),
    "numbers as words": lambda x: x.astype(str),
    "words among objects": lambda x: _with("red")(x.astype(object)),
    "complex": lambda x: x + 1j,
    "dates": lambda x: np.full(x.shape, np.datetime64("2024-01-01")),
    "ragged": lambda x: [*x.tolist(), [1.0] * (x.shape[1] + 1)],
    "other names": lambda x: pd.DataFrame(x, columns=[f"z{i}" for i in range(x.shape[1])]),
    "numbers for names": lambda x: pd.DataFrame(x),
    "too large": lambda x: np.full(x.shape, 1e300),
}


def targets(data: Data) -> Any:
    """Return y as it is to be given."""
    rng = np.random.default_rng([data.seed, 1])
    z = _numbers(data)[:, :1] / data.scale + rng.standard_normal((data.m, 3))
    y = TARGETS[data.target](z, rng)
    if data.target in CLASSIFICATIONS:
        if data.target != "multilabel":
            y = _labelled(y, data.labels)
        elif data.labels in ("float", "bool"):
            y = y.astype(data.labels)
    elif data.target != "counts":
        y = (data.target_scale * y).astype(data.target_dtype)
    if data.bad_targets is not None:
        return BAD_TARGETS[data.bad_targets](y)
    return _target_formed(y, data.target_form)


TARGETS: dict[str, Callable[[Any, Any], Any]] = {
    "binary": lambda z, rng: (z[:, 0] > 0).astype(int),
    "multiclass": lambda z, rng: z.argmax(axis=1),
    "multilabel": lambda z, rng: (z > 0).astype(int),
    "one class": lambda z, rng: np.zeros(len(z), int),
    "number": lambda z, rng: z[:, 0],
    "numbers": lambda z, rng: z[:, :2],
    "constant": lambda z, rng: np.full(len(z), 2.5),
    "counts": lambda z, rng: rng.poisson(np.exp(0.5 * np.tanh(z[:, 0]))).astype(float),
}


def named(labels: str, n: int) -> Any:
    """Return the labels of classes 0 to n-1."""
    names = {
        "int": [3, 7, 11, 20],
        "str": ["ash", "birch", "oak", "pine"],
        "object": ["a", "b", "c", "d"],
        "float": [-1.0, 0.0, 2.0, 5.0],
        "bool": [False, True, True, True],
    }[labels][:n]
    return np.array(names, dtype=object if labels == "object" else None)


def _labelled(y: Any, labels: str) -> Any:
    return named(labels, 3)[y]


def _target_formed(y: Any, form: str) -> Any:
    if form == "list":
        return y.tolist()
    if form == "series" and y.ndim == 1:
        return pd.Series(y, name="y")
    if form == "column" and y.ndim == 1:
        return y[:, None]
    if form == "frame":
        return pd.DataFrame(y)
    return y


BAD_TARGETS: dict[str, Callable[[Any], Any]] = {
    "shorter": lambda y: y[1:],
    "nan": lambda y: _with(np.nan)(y.astype(float) if y.dtype.kind in "bif" else y.astype(object)),
    "inf": lambda y: _with(np.inf)(y.astype(float) if y.dtype.kind in "bif" else y.astype(object)),
    "None": lambda y: None,
    "None among them": lambda y: _with(None)(y.astype(object)),
    "words": lambda y: np.resize(["red", "blue"], len(y)),
    "numbers as words": lambda y: np.resize(["12", "7"], len(y)),
    "numbers": lambda y: np.linspace(0.3, 7.9, len(y)),
    "negative": lambda y: -1.0 - np.arange(len(y)),
    "a class more": lambda y: (
        np.r_[y[:-1], np.array(["zebra" if y.dtype.kind in "UO" else 99])]
        if y.ndim == 1 and len(y)
        else y
    ),
    "classes in columns": lambda y: np.c_[np.arange(len(y)) % 3, np.arange(len(y)) % 2],
    "mixed": lambda y: np.resize(np.array([1, "A"], object), len(y)),
    "three dimensions": lambda y: np.zeros((len(y), 2, 2)),
    "dates": lambda y: np.full(len(y), np.datetime64("2024-01-01")),
    "complex": lambda y: np.arange(len(y)) + 1j,
    "a number": lambda y: 1.0,
    "no columns": lambda y: np.zeros((len(y), 0)),
    "huge": lambda y: 1e160 * (1.0 + np.arange(len(y))),
    "huge for float32": lambda y: 1e20 * (1.0 + np.arange(len(y))),
}

WEIGHTS: dict[str, Callable[[int, Any], Any]] = {
    "ones": lambda m, rng: np.ones(m),
    "several": lambda m, rng: rng.uniform(0.1, 3, m),
    "float32": lambda m, rng: rng.uniform(0.1, 3, m).astype(np.float32),
    "whole": lambda m, rng: rng.integers(1, 4, m),
    "list": lambda m, rng: rng.uniform(0.1, 3, m).tolist(),
    "some zero": lambda m, rng: rng.integers(0, 2, m) * 1.0,
    "all zero": lambda m, rng: np.zeros(m),
    "one number": lambda m, rng: 2.0,
    "too short": lambda m, rng: np.ones(max(m - 1, 0)),
    "a column": lambda m, rng: np.ones((m, 1)),
    "negative": lambda m, rng: rng.uniform(-1, 3, m),
    "nan": lambda m, rng: np.full(m, np.nan),
    "words": lambda m, rng: np.full(m, "heavy"),
    "huge": lambda m, rng: np.full(m, 1e300),
    "tiny": lambda m, rng: np.full(m, 1e-300),
}
GOOD_WEIGHTS = ("ones", "several", "float32", "whole", "list", "some zero")


def weights(kind: str | None, data: Data) -> Any:
    """Return weights of this kind for the rows of `data`, or None."""
    return None if kind is None else WEIGHTS[kind](data.m, np.random.default_rng(data.seed))
