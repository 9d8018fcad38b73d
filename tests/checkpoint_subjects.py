"""What the checkpoint scenarios train: functions and estimators by one signature, and its outcome.

A subject trains so many epochs and returns a result or an estimator; by keyword it takes `path`,
`every`, `n_threads` and `callback`.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from functools import cache, partial
from itertools import product
from typing import Any

import numpy as np
from scipy.sparse import csr_matrix

import shallownet_native as sn
from shallownet_native._native.backend import core

Subject = Callable[..., Any]
N = 8  # epochs
RNG = np.random.default_rng(0)
X = RNG.standard_normal((3, 60))
Y = np.asarray(X[:2] > 0, float)
WEIGHTS = RNG.random(60)


def train(
    n: int, *, path: Any = None, n_threads: Any = None, dtype: Any = np.float64,
    is_sparse: bool = False, **options: Any,
) -> sn.TrainingResult:  # fmt: skip
    start = sn.initialize(3, 5, 2, "glorot_uniform", seed=0, dtype=dtype)
    usual = {"learning_rate": 0.05, "n_iter_no_change": 2, "seed": 3, "l2": 1e-3}
    length = {"n_epochs" if "batch_size" in options else "n_iterations": n}
    return sn.train(
        start, inputs(X, dtype, is_sparse), Y, example_weights=WEIGHTS.astype(dtype),
        checkpoint=path, n_threads=n_threads, **{**usual, **length, **options},
    )  # fmt: skip


def fit(
    n: int, *, path: Any = None, every: int = 100, callback: Any = None, kind: str = "multiclass",
    dtype: Any = np.float64, is_sparse: bool = False, **parameters: Any,
) -> Any:  # fmt: skip
    from mlp_pairs import data, ours  # skips where there is no scikit-learn

    x, y = data(kind)
    parameters = {"n_iter_no_change": 99, "batch_size": 32, **parameters}
    kept = {"max_iter": n, "checkpoint": path, "checkpoint_every": every, "callbacks": callback}
    with warnings.catch_warnings():  # of epochs that were too few
        warnings.filterwarnings(
            "ignore", "(Stochastic Optim|Early stopping has|Training has|l(bfgs|m) failed)"
        )
        return ours(kind, **kept, **parameters).fit(inputs(x, dtype, is_sparse), y)


def inputs(array: Any, dtype: Any, is_sparse: bool) -> Any:
    if not is_sparse:
        return array.astype(dtype)
    return csr_matrix(np.where(np.abs(array) > 0.5, array, 0).astype(dtype))


OPTIMIZERS: dict[str, Any] = {name: {"optimizer": name} for name in sorted(core.optimizers)}
LENGTHS: dict[str, Any] = {
    "full": {}, "rare costs": {"cost_every": 3}, "no costs": {"cost_every": 0},
    "batches": {"batch_size": 13}, "in order": {"batch_size": 13, "shuffle": False},
}  # fmt: skip
SCHEDULES: dict[str, Any] = {
    # a tol that only large progress meets: the rate is lowered twice within the epochs
    "adaptive": {"schedule": "adaptive", "tol": 0.2}, "constant": {},
    "invscaling": {"schedule": "invscaling"},
}  # fmt: skip
STALLED: dict[str, Any] = {"stalled": {"tol": 10.0, "n_iter_no_change": 5}}
LOOKS: dict[str, Any] = {"": {}, "validated": {"validation": 0.3}}
ADAM: dict[str, Any] = {
    name: {"optimizer": "adam", "validation": 0.3, **LENGTHS[name]} for name in ("full", "batches")
}
OF_TRAIN: dict[str, Any] = {
    "float32": {"dtype": np.float32}, "sparse": {"is_sparse": True},
    "only looked at": {"early_stopping": False},
}  # fmt: skip
RULES: dict[str, Any] = {
    "adam": {"learning_rate_init": 0.01},
    "gd": {"solver": "gd", "batch_size": "auto", "learning_rate_init": 0.1},
    "sgd": {"solver": "sgd", "learning_rate_init": 0.02},
    "in order": {"solver": "sgd", "shuffle": False},
    "invscaling": {"solver": "sgd", "learning_rate": "invscaling"},
    # a tol that no epoch meets: the rate falls within the epochs
    "adaptive": {"solver": "sgd", "learning_rate": "adaptive", "tol": 1.0, "n_iter_no_change": 2},
    "stalled": {"tol": 1.0, "n_iter_no_change": 4},
}
STOPPING: dict[str, Any] = {"": {}, "early stopping": {"early_stopping": True}}
KINDS: dict[str, Any] = {
    kind: {"kind": kind}
    for kind in ("binary", "multiclass", "multilabel", "regression", "multioutput", "poisson")
}
OF_FIT: dict[str, Any] = {
    "standardize": {"standardize": True}, "loss": {"early_stopping": True, "scoring": "loss"},
    "float32": {"dtype": np.float32}, "sparse": {"is_sparse": True},
    "no hidden layer": {"activation": "leaky_relu", "hidden_layer_sizes": ()},
}  # fmt: skip
SCALED_TARGET: dict[str, Any] = {"standardize_target": {"standardize_target": True}}


def subjects(run: Subject, *tables: dict[str, Any]) -> dict[str, Subject]:
    """Return a subject, by name, for every way to take one row of each table."""
    ways = product(*(table.items() for table in tables))
    return {
        " ".join([run.__name__, *(name for name, _ in way)]): partial(
            run, **{name: value for _, options in way for name, value in options.items()}
        )
        for way in ways
    }


QUASI_NEWTON: dict[str, Any] = {"lbfgs": {"optimizer": "lbfgs", "learning_rate": None}}
ENDING: dict[str, Any] = {"l2": 1.0, "tol": 3e-3, "n_iter_no_change": 9}  # after 7 iterations
OF_LBFGS: dict[str, Any] = {
    "": {}, "rare looks": {"cost_every": 3}, "sparse": {"is_sparse": True}, "minimum": ENDING,
    "float32": {"dtype": np.float32}, "minimum float32": {"dtype": np.float32, **ENDING},
}  # fmt: skip
SECOND_ORDER: dict[str, Any] = {"lm": {"optimizer": "lm", "learning_rate": None}}
OF_LM: dict[str, Any] = {
    **OF_LBFGS, "own decay": {"l2": None}, "minimum": {"l2": 0.1, "tol": 5e-3},
    "minimum float32": {"dtype": np.float32, "l2": 0.1, "tol": 5e-3},
}  # fmt: skip
FITS_BY_LBFGS: dict[str, Any] = {
    "lbfgs": {"solver": "lbfgs", "batch_size": "auto"},
    "lbfgs float32": {"solver": "lbfgs", "batch_size": "auto", "dtype": np.float32},
    "lbfgs minimum": {"solver": "lbfgs", "batch_size": "auto", "tol": 0.045},
    "lm": {"solver": "lm", "batch_size": "auto"},
    "lm float32": {"solver": "lm", "batch_size": "auto", "dtype": np.float32},
}

# what steps move is not what is handed out
MOVED: dict[str, Any] = {
    "average": {"optimizer": "adamw", "average": 0.9},
    "scales": {"optimizer": "sgd", "input_scale": True},
    "average and scales": {
        "optimizer": "adamw", "average": 0.9, "input_scale": True, "rates": "ntk",
    },
}  # fmt: skip

SUBJECTS = {
    **subjects(train, OPTIMIZERS, LENGTHS, SCHEDULES, LOOKS),
    **subjects(train, MOVED, {name: LENGTHS[name] for name in ("full", "batches")}, LOOKS),
    **subjects(train, LENGTHS, STALLED, LOOKS),
    **subjects(train, ADAM, OF_TRAIN),
    **subjects(train, QUASI_NEWTON, OF_LBFGS, LOOKS),
    **subjects(train, SECOND_ORDER, OF_LM, LOOKS),
    **subjects(fit, RULES, STOPPING),
    **subjects(fit, FITS_BY_LBFGS, STOPPING),
    **subjects(fit, KINDS, OF_FIT),
    **subjects(fit, {kind: KINDS[kind] for kind in ("regression", "multioutput")}, SCALED_TARGET),
}


def exact(value: Any) -> Any:
    """Return a value, and all that it holds, as types and bits that compare."""
    if isinstance(value, sn.Parameters):
        value = value.flat
    if isinstance(value, np.random.RandomState):
        value = value.get_state()
    if isinstance(value, np.ndarray) and value.dtype != object:
        return value.dtype.str, value.shape, value.tobytes()
    if isinstance(value, (list, tuple)):
        return type(value), [exact(part) for part in value]
    if hasattr(value, "__dict__"):
        return type(value), {name: exact(part) for name, part in vars(value).items()}
    return type(value), str(value)


def left(result: Any) -> dict[str, Any]:
    """Return all that a training leaves; of an estimator no parameters, which are the caller's."""
    is_result, told_elsewhere = isinstance(result, sn.TrainingResult), ("seconds", "_stored")
    found = {k: v for k, v in vars(result).items() if is_result or k[0] == "_" or k[-1] == "_"}
    return {name: exact(value) for name, value in found.items() if name not in told_elsewhere}


def n_epochs(result: Any) -> int:
    return int(result.n_epochs if isinstance(result, sn.TrainingResult) else result.n_iter_)


@cache
def whole(name: str, n: int = N) -> tuple[dict[str, Any], int]:
    """Return what a subject leaves that nothing breaks off, and after how many epochs."""
    result = SUBJECTS[name](n)
    return left(result), n_epochs(result)


@cache
def epochs_seen(name: str) -> list[sn.EpochState]:
    """Return what a callback sees of it."""
    seen: list[sn.EpochState] = []
    SUBJECTS[name](N, callback=seen.append)
    return seen
