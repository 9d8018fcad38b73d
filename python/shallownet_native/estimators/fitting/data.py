"""From what users hand to `fit` to checked data for it: labels coded, weights, rows held out."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np

from ..._extras.scikit_learn import _check_sample_weight, check_random_state
from ..._native.arrays import Floats
from ..._native.sparse import check_foreign, in_order, is_sparse
from ..._native.weights import weights_in
from ...training import check_drawing
from ..parameters import STOCHASTIC, check_hidden_size, draw_parameters
from ..targets import of_validation_data
from .coefs import check_stored, store, stored
from .held_out import MIN_ROWS, TOO_FEW, split_off
from .standardization import Standardization, learn_standardization, learn_target_standardization

MAX_EPOCHS = 2**53  # at a nanosecond each, a hundred days: more need something that ends them


class Data(NamedTuple):
    """Checked rows X (m, n_x), dense or CSR; targets y (m, n_y); weights (m,) or None."""

    X: Any
    y: Any
    weights: Floats | None


def prepare(
    estimator: Any,
    X: Any,
    y: Any,
    sample_weight: Any,
    *,
    X_val: Any = None,
    y_val: Any = None,
    sample_weight_val: Any = None,
    is_partial: bool = False,
) -> tuple[Data, Data | None, bool]:
    """Return the data to learn from, those to validate on, and whether the network is a new one.

    Random numbers are drawn in scikit-learn's order: the network if there is none to go on with,
    then the rows held out.
    """
    n_hidden = check_hidden_size(estimator)
    check_combinations(estimator, is_partial)
    goes_on = hasattr(estimator, "coefs_") and (estimator.warm_start or is_partial)
    X, y, factors = estimator._validate_input(X, y, is_partial=is_partial, reset=not goes_on)
    data = Data(_csr(X), _columns(y), check_weights(sample_weight, factors, X))
    dtype = stored(estimator).dtype if goes_on else X.dtype
    dtype = np.float64 if estimator.solver == "lbfgs" else dtype
    check_sum(data, dtype, "sample_weight" if factors is None else "sample_weight * class_weight")
    held_out = None
    if not (X_val is y_val is sample_weight_val is None):
        held_out = given_to_validate(estimator, X_val, y_val, sample_weight_val)
        if held_out.y.shape[1] != data.y.shape[1]:
            raise ValueError(f"y_val has {held_out.y.shape[1]} outputs, y {data.y.shape[1]}")
    estimator.n_outputs_ = data.y.shape[1]
    estimator._random_state = check_random_state(estimator.random_state)
    shape = (data.X.shape[1], n_hidden, data.y.shape[1])
    if goes_on:
        start = stored(estimator)
        check_shape(start.shape, shape)
        check_output(estimator)
        check_stored(estimator, start)
    else:
        initialize(estimator, shape, data.X.dtype)
    if estimator.early_stopping and held_out is None:
        data, held_out = hold_out(estimator, data)
        check_sum(data, dtype, "sample_weight of the rows to learn from")
        check_sum(held_out, dtype, "sample_weight of the rows held out")
    if not goes_on:
        learn_scaling(estimator, data)
    return data, held_out, not goes_on


def learn_scaling(estimator: Any, data: Data) -> None:
    """Set what inputs and targets are scaled by; None each, if not at all."""
    estimator._standardization = estimator._target_standardization = None
    if estimator.standardize:
        names = vars(estimator).get("feature_names_in_")
        estimator._standardization = learn_standardization(data.X, data.weights, names)
    if estimator.standardize_target:
        estimator._target_standardization = learn_target_standardization(
            data.y, data.weights, data.X.dtype
        )


def scaling_of(estimator: Any) -> tuple[Standardization | None, Standardization | None]:
    """Return what inputs and targets are scaled by; older pickles know nothing of the latter."""
    attributes = vars(estimator)
    return attributes.get("_standardization"), attributes.get("_target_standardization")


def check_combinations(estimator: Any, is_partial: bool) -> None:
    """Refuse parameters that are right one by one, but not together."""
    if is_partial and estimator.early_stopping:
        raise ValueError("partial_fit does not support early_stopping=True")
    if estimator.standardize_target and estimator.loss == "poisson":
        raise ValueError(
            "standardize_target=True is for loss='squared_error': with loss='poisson' targets are "
            "counts, which have no other scale. Set standardize_target=False"
        )
    if estimator.checkpoint is not None:
        if is_partial:
            raise ValueError("partial_fit writes no checkpoints: set checkpoint=None, and use save")
        if estimator.solver not in STOCHASTIC:
            raise ValueError(
                f"solver={estimator.solver!r} cannot go on from a checkpoint, as SciPy does not "
                f"hand out its state: set checkpoint=None, or use one of {', '.join(STOCHASTIC)}"
            )
        check_drawing(estimator.random_state, "random_state")
    is_endless = estimator.max_iter > MAX_EPOCHS and math.isinf(estimator.n_iter_no_change)
    if is_endless and not (is_partial or estimator.callbacks) and estimator.solver in STOCHASTIC:
        raise ValueError(
            f"max_iter={estimator.max_iter} with n_iter_no_change=inf would never end: give a "
            f"max_iter of at most {MAX_EPOCHS}, a finite n_iter_no_change, or a callback"
        )
    if estimator.solver == "gd" and estimator.batch_size != "auto":
        raise ValueError(
            f"solver='gd' takes all rows at every step: leave batch_size='auto', got "
            f"{estimator.batch_size}, or use solver='sgd' with momentum=0"
        )


def check_shape(old: tuple[int, int, int], new: tuple[int, int, int]) -> None:
    """Refuse to go on with a network of another shape."""
    names = ("n_features", "hidden_layer_sizes", "n_outputs")
    for name, before, now in zip(names, old, new, strict=True):
        if before != now:
            raise ValueError(
                f"the network that this fit would go on with has {name} = {before}, now it is "
                f"{now}: fit anew with warm_start=False"
            )


def check_output(estimator: Any) -> None:
    """Refuse to go on with a network whose outputs belong to another loss."""
    before, now = estimator.out_activation_, estimator._output_activation()
    if before != now:
        raise ValueError(
            f"the network that this fit would go on with has {before!r} outputs, "
            f"loss={estimator.loss!r} needs {now!r}: fit anew with warm_start=False"
        )


def check_weights(sample_weight: Any, factors: Floats | None, X: Any) -> Floats | None:
    """Return the product of the user's weights and those of the classes, (m,), or None."""
    weights = factors
    if sample_weight is not None:
        check_foreign(sample_weight, "sample_weight")
        weights = _check_sample_weight(sample_weight, X, ensure_non_negative=True)
        weights = weights if factors is None else weights * factors
    if weights is not None and not weights.any():
        raise ValueError("Sample weights must contain at least one non-zero number.")
    return weights


def check_sum(data: Data, dtype: Any, what: str) -> None:
    """Refuse weights, if there are any, that a network of this dtype cannot be trained with."""
    if data.weights is not None:
        weights_in(dtype, data.weights, what)


def given_to_validate(estimator: Any, X_val: Any, y_val: Any, sample_weight_val: Any) -> Data:
    """Return the checked X_val, y_val and sample_weight_val."""
    if X_val is None or y_val is None:
        if X_val is y_val:
            raise ValueError("sample_weight_val weighs the rows of X_val: give X_val and y_val too")
        missing = "X_val" if X_val is None else "y_val"
        raise ValueError(f"X_val and y_val must be given together, {missing} is missing")
    with of_validation_data():
        X, y = estimator._validate_held_out(X_val, y_val)
    if estimator.early_stopping and X.shape[0] < MIN_ROWS:
        raise ValueError(f"{TOO_FEW} X_val has {X.shape[0]} row.")
    try:
        weights = check_weights(sample_weight_val, None, X)
    except ValueError as error:
        raise ValueError(f"sample_weight_val, of X_val: {error}") from error
    return Data(_csr(X), _columns(y), weights)


def hold_out(estimator: Any, data: Data) -> tuple[Data, Data]:
    """Split off the rows that early stopping validates on."""
    train, held_out = split_off(
        data.X,
        data.y,
        data.weights,
        fraction=estimator.validation_fraction,
        groups=estimator._groups_of(data.y),
        labels=getattr(estimator, "classes_", None),
        random_state=estimator._random_state,
    )
    return Data(*train), Data(*held_out)


def initialize(estimator: Any, shape: tuple[int, int, int], dtype: Any) -> None:
    """Draw a network, and set the attributes that fits then go on from."""
    estimator.n_iter_ = 0
    estimator.t_ = 0
    estimator.n_layers_ = 3 if shape[1] else 2
    estimator.out_activation_ = estimator._output_activation()
    store(estimator, draw_parameters(shape, estimator.activation, estimator._random_state, dtype))
    estimator.loss_curve_ = []
    estimator.best_loss_ = estimator.best_validation_score_ = None
    estimator.validation_scores_ = estimator.validation_loss_curve_ = None
    estimator._no_improvement_count = 0
    vars(estimator).pop("_optimizer", None)  # that of another network, which lbfgs would leave


def _csr(X: Any) -> Any:
    return in_order(X.tocsr()) if is_sparse(X) else X


def _columns(y: Any) -> Any:
    return y.reshape(-1, 1) if np.ndim(y) == 1 else y
