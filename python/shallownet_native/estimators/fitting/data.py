"""From what users hand to `fit` to checked data for it: labels coded, weights, validation data."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

from ..._extras.scikit_learn import _check_sample_weight
from ..._native.arrays import Floats
from ..._native.sparse import check_foreign, in_order, is_sparse
from ..._native.weights import weights_in
from ...training import EVIDENCE, check_drawing
from ..parameters import STOCHASTIC, Settings, check_hidden_size
from ..targets import Targets, of_validation_data
from .coefs import stored

MAX_EPOCHS = 2**53  # at a nanosecond each, a hundred days: more need something that ends them
MIN_ROWS = 2  # to validate on
TOO_FEW = (
    "The validation set is too small. Increase 'validation_fraction' or the size of your dataset."
)


class Data(NamedTuple):
    """Checked rows X (m, n_x), dense or CSR; targets y (m, n_y); weights (m,) or None."""

    X: Any
    y: Any
    weights: Floats | None = None


class Checked:
    """What `fit` was given, checked: several fits may begin with it, from starts of their own.

    Attributes
    ----------
    goes_on : bool
        Whether the network is that of an earlier fit.
    targets : Targets
    data, held_out : Data, Data or None
        To learn from, and what was given to validate on.
    scaling : dict
        What inputs and targets are scaled by, once a fit has learned it from `data`.
    examples : dict
        The core's examples, once a fit has made them, by what they are for.
    """

    def __init__(self, goes_on: bool, targets: Targets, data: Data, held_out: Data | None) -> None:
        self.goes_on = goes_on
        self.targets = targets
        self.data = data
        self.held_out = held_out
        self.scaling: dict[str, Any] = {}
        self.examples: dict[str, Any] = {}


def check(
    estimator: Any,
    X: Any,
    y: Any,
    sample_weight: Any,
    *,
    X_val: Any = None,
    y_val: Any = None,
    sample_weight_val: Any = None,
    is_partial: bool = False,
) -> Checked:
    """Return what was given in a fit's form, and set the estimator's attributes that tell of it."""
    settings = Settings.of(estimator)
    check_hidden_size(settings.hidden_layer_sizes, type(estimator).__name__)
    goes_on = hasattr(estimator, "coefs_") and (settings.warm_start or is_partial)
    check_combinations(settings, is_partial)
    check_evidence(settings)
    check_restarts(settings, is_partial, goes_on)
    X, y, factors = estimator._validate_input(X, y, is_partial=is_partial, reset=not goes_on)
    data = Data(_csr(X), y, check_weights(sample_weight, factors, X))
    dtype = stored(estimator).dtype if goes_on else X.dtype
    check_sum(data, dtype, "sample_weight" if factors is None else "sample_weight * class_weight")
    held_out = None
    if not (X_val is y_val is sample_weight_val is None):
        held_out = given_to_validate(
            estimator._validate_held_out, settings, X_val, y_val, sample_weight_val
        )
        if held_out.y.shape[1] != y.shape[1]:
            raise ValueError(f"y_val has {held_out.y.shape[1]} outputs, y {y.shape[1]}")
    return Checked(goes_on, estimator._targets, data, held_out)


def check_combinations(settings: Settings, is_partial: bool) -> None:
    """Refuse parameters that are right one by one, but not together."""
    if is_partial and settings.early_stopping:
        raise ValueError("partial_fit does not support early_stopping=True")
    if settings.standardize_target and settings.loss == "poisson":
        raise ValueError(
            "standardize_target=True is for loss='squared_error' and 'quantile': with "
            "loss='poisson' targets are counts, which have no other scale. Set "
            "standardize_target=False"
        )
    if settings.solver == "lm" and getattr(settings, "loss", None) == "quantile":
        raise ValueError(
            "solver='lm' needs second derivatives of the loss, and loss='quantile' has a kink at "
            "each target: use solver='adam', 'sgd' or 'lbfgs'"
        )
    if settings.checkpoint is not None:
        if is_partial:
            raise ValueError("partial_fit writes no checkpoints: set checkpoint=None, and use save")
        check_drawing(settings.random_state, "random_state")
    is_endless = settings.max_iter > MAX_EPOCHS and math.isinf(settings.n_iter_no_change)
    if is_endless and not (is_partial or settings.callbacks) and settings.solver in STOCHASTIC:
        raise ValueError(
            f"max_iter={settings.max_iter} with n_iter_no_change=inf would never end: give a "
            f"max_iter of at most {MAX_EPOCHS}, a finite n_iter_no_change, or a callback"
        )
    if settings.solver == "gd" and settings.batch_size != "auto":
        raise ValueError(
            f"solver='gd' takes all rows at every step: leave batch_size='auto', got "
            f"{settings.batch_size}, or use solver='sgd' with momentum=0"
        )


def check_evidence(settings: Settings) -> None:
    """Refuse alpha="evidence" where nothing would find it."""
    if settings.alpha != EVIDENCE:
        return
    for name, value, only in (
        ("solver", settings.solver, "lm"),
        ("early_stopping", settings.early_stopping, False),
        ("checkpoint", settings.checkpoint, None),
    ):
        if value != only:
            raise ValueError(f"alpha={EVIDENCE!r} needs {name}={only!r}, got {value!r}")


def check_restarts(settings: Settings, is_partial: bool, goes_on: bool) -> None:
    """Refuse several starts where there is only one."""
    if settings.n_restarts == 1:
        return
    for is_so, what in (
        (is_partial, "partial_fit goes on from where it is"),
        (goes_on, "warm_start=True goes on from the last fit"),
        (settings.checkpoint is not None, "a checkpoint keeps one training"),
    ):
        if is_so:
            raise ValueError(f"{what}: set n_restarts=1, got {settings.n_restarts}")


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


def given_to_validate(
    check: Any, settings: Settings, X_val: Any, y_val: Any, sample_weight_val: Any
) -> Data:
    """Return the checked X_val, y_val and sample_weight_val."""
    if X_val is None or y_val is None:
        if X_val is y_val:
            raise ValueError("sample_weight_val weighs the rows of X_val: give X_val and y_val too")
        missing = "X_val" if X_val is None else "y_val"
        raise ValueError(f"X_val and y_val must be given together, {missing} is missing")
    with of_validation_data():
        X, y = check(X_val, y_val)
    if settings.early_stopping and X.shape[0] < MIN_ROWS:
        raise ValueError(f"{TOO_FEW} X_val has {X.shape[0]} row.")
    try:
        weights = check_weights(sample_weight_val, None, X)
    except ValueError as error:
        raise ValueError(f"sample_weight_val, of X_val: {error}") from error
    return Data(_csr(X), y, weights)


def _csr(X: Any) -> Any:
    return in_order(X.tocsr()) if is_sparse(X) else X
