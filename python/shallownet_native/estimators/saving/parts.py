"""Parts of an estimator's fitted state in a record: labels, names, progress, optimizer, scaling.

Each `pack_` makes JSON fields, with arrays put into a dict by name; the `read_` beside it takes the
same out again and trusts nothing. Every error of theirs is a TypeError or a ValueError.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

import numpy as np
import numpy.typing as npt

from ..._extras.scikit_learn import fitted_binarizer
from ..._native.arrays import check_flag, check_integer, check_name, check_real
from ..._native.backend import core
from ...files import ModelFormatError, pack_value, require_keys, unpack_value
from ..fitting import Standardization
from ..parameters import STOCHASTIC
from ..solvers import Optimizer

Arrays = dict[str, npt.NDArray[Any]]

WHOLE = ("n_iter_", "t_", "_no_improvement_count", "n_solves_", "best_restart_")
NUMBERS = (
    "loss_", "best_loss_", "best_validation_score_", "log_evidence_", "n_effective_parameters_",
)  # fmt: skip
CURVES = ("loss_curve_", "validation_scores_", "validation_loss_curve_")
ROWS = {
    "alpha_": np.float64, "noise_variance_": np.float64, "restart_scores_": np.float64,
    "restart_seeds_": np.int64,
}  # fmt: skip

LABEL_DTYPES = re.compile(r"\|b1|\|[iu]1|<[iu][248]|<f[248]|\|O|<U[1-9][0-9]{0,6}")
LABEL_TYPES = {"b": bool, "i": int, "u": int, "f": float, "U": str, "O": str}
LABEL_ROOM = 2**20  # characters that a few labels may take in a wide array; many may have more
MAX_COUNT = 2**53  # of steps and rows: beyond, no float64 counts, and the core's own may overflow

SETTINGS = {  # of an optimizer: each number, and where it may lie
    "momentum": "[0, 1]", "beta_1": "[0, 1)", "beta_2": "[0, 1)", "epsilon": "(0, inf)",
    "power_t": "[0, inf)", "learning_rate_init": "(0, inf)", "rate": "[0, inf)",
}  # fmt: skip
IN_OPTIONS = ("optimizer", "momentum", "nesterov", "beta_1", "beta_2", "epsilon")
SCHEDULES = ("constant", "invscaling", "adaptive")
OPTIMIZER_KEYS = ("optimizer", "nesterov", "schedule", "t", *SETTINGS)


# labels and names


def pack_labels(classes: npt.NDArray[Any], came_sparse: bool) -> dict[str, Any]:
    """Return an array of labels as JSON; dtype and form are those of later predictions.

    Raises
    ------
    TypeError
        If the labels are neither bool nor numbers nor strings.
    """
    text = classes.dtype.newbyteorder("<").str
    labels = classes.tolist()
    is_text = text == "|O" and all(isinstance(label, str) for label in labels)
    if not LABEL_DTYPES.fullmatch(text) or (text == "|O" and not is_text):
        raise TypeError(
            f"classes_ has dtype {classes.dtype}: .snet files hold labels of bool, int, float or "
            "str. Use pickle, or encode others before fitting, as with LabelEncoder"
        )
    fields = {"dtype": text, "labels": [str(label) for label in labels] if is_text else labels}
    return {**fields, "sparse": True} if came_sparse else fields


def read_labels(fields: Any, output: str, n_y: int) -> dict[str, Any]:
    """Return the attributes that hold a classifier's labels, which must fit its outputs."""
    came_sparse = isinstance(fields, dict) and "sparse" in fields
    keys = {"dtype", "labels", "sparse"} if came_sparse else {"dtype", "labels"}
    classes = _labels(require_keys(fields, keys, "the classes"))
    is_multilabel = output == "logistic" and n_y > 1
    if output == "softmax":
        fits = len(classes) == n_y > 2
    else:
        fits = len(classes) in (1, 2)
    if is_multilabel:  # of which partial_fit may have been promised more than there are
        fits = set(range(n_y)) <= set(classes.tolist())
    if not fits:
        raise ModelFormatError(f"{len(classes)} classes do not fit {n_y} outputs, {output!r}")
    if came_sparse and not (is_multilabel and fields["sparse"] is True):
        raise ModelFormatError("only several labels may be sparse")
    if is_multilabel:
        binarizer = fitted_binarizer(np.arange(n_y), "multilabel-indicator", came_sparse)
    else:
        binarizer = fitted_binarizer(classes, "multiclass" if output == "softmax" else "binary")
    return {"classes_": classes, "_label_binarizer": binarizer}


def _labels(fields: dict[str, Any]) -> npt.NDArray[Any]:
    """Return sorted labels, all different, as an array of the dtype that they had."""
    text, labels = fields["dtype"], fields["labels"]
    if not isinstance(text, str) or not LABEL_DTYPES.fullmatch(text):
        raise ModelFormatError("the classes have no dtype that labels may have")
    dtype = np.dtype(text).newbyteorder("=")
    type_ = LABEL_TYPES[dtype.kind]
    if not isinstance(labels, list) or any(type(label) is not type_ for label in labels):
        raise ModelFormatError(f"the classes are not a list of {type_.__name__}")
    if dtype.kind in "iu" and labels:
        limits = np.iinfo(dtype)
        if not limits.min <= min(labels) <= max(labels) <= limits.max:
            raise ModelFormatError(f"a class is out of the range of {dtype}")
    if dtype.kind == "U":
        n_characters = len(labels) * dtype.itemsize // 4
        if n_characters > LABEL_ROOM + 8 * sum(len(label) for label in labels):
            raise ModelFormatError(f"classes of dtype {dtype} take too much room for what they say")
    with np.errstate(over="ignore"):
        classes = np.array(labels, dtype)
    if dtype.kind == "f" and not np.array_equal(classes, np.floor(classes)):
        raise ModelFormatError("the classes are fractions, which are no labels")
    if not labels or classes.tolist() != labels or not np.all(classes[1:] > classes[:-1]):
        raise ModelFormatError("the classes are not in order, or not what their dtype holds")
    return classes


def pack_names(names: Iterable[str] | None) -> list[str] | None:
    """Return `feature_names_in_` as JSON."""
    return None if names is None else [str(name) for name in names]


def read_flag(value: Any, name: str) -> bool:
    """Return a value that must be true or false."""
    if type(value) is not bool:
        raise ModelFormatError(f"{name} must be true or false")
    return value


def read_names(names: Any, n_x: int) -> dict[str, Any]:
    """Return the attribute that holds the names of the n_x inputs, if they have names."""
    if names is None:
        return {}
    if not isinstance(names, list) or not all(type(name) is str for name in names):
        raise ModelFormatError("the features' names are not a list of strings")
    if len(names) != n_x:
        raise ModelFormatError(f"{len(names)} names do not fit {n_x} features")
    return {"feature_names_in_": np.array(names, object)}


# how far fits came


def pack_progress(attributes: dict[str, Any], arrays: Arrays) -> dict[str, Any]:
    """Return counts and losses as JSON, and put curves, rows and covariance into `arrays`.

    An attribute that the user has deleted is left out, and stays so.
    """
    progress: dict[str, Any] = {}
    for name in (*WHOLE, *NUMBERS, *CURVES):
        if name not in attributes:
            continue
        value = attributes[name]
        if name in CURVES and value is not None:
            arrays[name] = np.asarray(value, np.float64)
        else:
            progress[name] = pack_value(value, name)
    for name in (*ROWS, "covariance_"):
        if name in attributes:
            arrays[name] = np.asarray(attributes[name], np.float64)
    return progress


def read_progress(progress: Any, arrays: Arrays) -> dict[str, Any]:
    """Return the attributes of `progress`, and of the curves, which are taken out of `arrays`."""
    if not isinstance(progress, dict) or not progress.keys() <= {*WHOLE, *NUMBERS, *CURVES}:
        raise ModelFormatError("the fits' progress is not an object of known names")
    attributes: dict[str, Any] = {}
    for name, packed in progress.items():
        value = unpack_value(packed)
        if name in WHOLE:
            check_integer(value, name, 0, MAX_COUNT)
        elif value is not None and (name in CURVES or type(value) not in (int, float)):
            raise ModelFormatError(f"{name} must be {'an array' if name in CURVES else 'a number'}")
        attributes[name] = value
    for name in CURVES:
        if name in arrays:
            curve = arrays.pop(name)
            if name in attributes or curve.ndim != 1 or curve.dtype != np.float64:
                raise ModelFormatError(f"{name} must be one row of float64, and only once")
            attributes[name] = curve.tolist()
    for name, dtype in ROWS.items():
        if name in arrays:
            row = arrays.pop(name)
            is_whole = dtype is np.float64 or bool(np.all((row >= 0) & (row < 2**31)))
            if row.ndim != 1 or row.dtype != np.float64 or not is_whole:
                raise ModelFormatError(f"{name} must be one row of numbers that a fit leaves")
            attributes[name] = row.astype(dtype)
    return attributes


def read_posterior(arrays: Arrays, p: int, n_y: int, noise: Any) -> dict[str, Any]:
    """Return the attribute that holds the covariance of the parameters, taken out of `arrays`.

    Raises
    ------
    ModelFormatError
        If it is not that of p parameters, or the variance of the noise not that of n_y outputs.
    """
    if noise is not None and (noise.shape != (n_y,) or not (noise > 0).all()):
        raise ModelFormatError(f"noise_variance_ must be {n_y} positive numbers")
    if "covariance_" not in arrays:
        return {}
    covariance = arrays.pop("covariance_")
    if covariance.shape != (p, p) or covariance.dtype != np.float64:
        raise ModelFormatError(f"covariance_ must be ({p}, {p}) numbers of float64")
    is_symmetric = bool((covariance == covariance.T).all())  # without NaN, then
    if not is_symmetric or not np.isfinite(covariance).all() or (covariance.diagonal() < 0).any():
        raise ModelFormatError("covariance_ is not the covariance of anything")
    return {"covariance_": covariance}


# what training goes on with


def pack_optimizer(optimizer: Optimizer | None, dtype: Any, arrays: Arrays) -> Any:
    """Return an optimizer's settings as JSON, and put what it remembers into `arrays`."""
    if optimizer is None:
        return None
    with np.errstate(over="ignore"):  # to float32, if the user has made the weights so
        arrays["optimizer_state"] = optimizer.state.astype(dtype, copy=False)
    values = {**optimizer.options, **vars(optimizer)}
    return {name: values[name] for name in OPTIMIZER_KEYS}


def read_optimizer(fields: Any, arrays: Arrays, theta: npt.NDArray[Any]) -> dict[str, Any]:
    """Return the attribute that holds the optimizer of theta, its state taken from `arrays`."""
    if fields is None:
        return {}
    require_keys(fields, set(OPTIMIZER_KEYS), "the optimizer")
    kind = check_name(fields["optimizer"], "optimizer", STOCHASTIC)
    check_name(fields["schedule"], "schedule", SCHEDULES)
    check_flag(fields["nesterov"], "nesterov")
    check_integer(fields["t"], "t", 0, MAX_COUNT)
    settings = {name: check_real(fields[name], name, where) for name, where in SETTINGS.items()}
    state = arrays.pop("optimizer_state", None)
    shape = (core.optimizers[kind], theta.size)
    if state is None or state.shape != shape or state.dtype != theta.dtype:
        raise ModelFormatError(f"the optimizer's state must have shape {shape}, as {theta.dtype}")
    # it may be infinite where the weights are not: the square of a gradient in float32
    if np.isnan(state).any() or (kind == "adam" and (state[1] < 0).any()):
        raise ModelFormatError("the optimizer's state holds numbers that no training leaves")
    values = {**fields, **settings}
    optimizer = Optimizer.__new__(Optimizer)
    optimizer.options = {name: values.pop(name) for name in IN_OPTIONS}
    vars(optimizer).update(values, state=state)
    return {"_optimizer": optimizer}


def pack_standardization(
    standardization: Standardization | None, arrays: Arrays, prefix: str = ""
) -> None:
    """Put the scaling of inputs or targets into `arrays`, if there is one."""
    if standardization is not None:
        parts = standardization._asdict().items()
        arrays.update({prefix + name: array for name, array in parts})


def read_standardization(arrays: Arrays, n: int, prefix: str = "") -> Standardization | None:
    """Return the scaling of n columns, taken from `arrays`; None if there is none."""
    names = [prefix + name for name in Standardization._fields]
    if not arrays.keys() & {*names}:
        return None
    centre, scale = (arrays.pop(name, None) for name in names)
    called = " and ".join(names)
    for array in (centre, scale):
        if array is None or array.shape != (n,) or array.dtype != np.float64:
            raise ModelFormatError(f"{called} must each hold {n} numbers, as float64")
        if not np.isfinite(array).all():
            raise ModelFormatError(f"{called} must be finite")
    assert centre is not None and scale is not None
    if not (scale > 0).all():
        raise ModelFormatError(f"{names[1]} must be positive")
    return Standardization(centre, scale)
