"""From what users hand to `fit` to checked data for it: labels coded, weights, rows held out."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

from ..._extras.scikit_learn import _check_sample_weight, check_random_state
from ..._native.arrays import Floats
from ..._native.sparse import check_foreign, in_order, is_sparse
from ..._native.weights import weights_in
from ...network import Parameters
from ...training import EVIDENCE, check_drawing
from ..parameters import STOCHASTIC, Settings, check_hidden_size, draw_parameters
from ..targets import Targets, of_validation_data
from .coefs import check_stored, stored, stored_attributes
from .held_out import MIN_ROWS, TOO_FEW, split_off
from .standardization import Standardization, learn_standardization, learn_target_standardization

# attributes of fits of some kinds, which one of another kind does not leave standing
OF_SOME = (
    "n_solves_", "alpha_", "log_evidence_", "n_effective_parameters_", "covariance_",
    "noise_variance_",
    "restart_seeds_", "restart_scores_", "best_restart_",
)  # fmt: skip
MAX_EPOCHS = 2**53  # at a nanosecond each, a hundred days: more need something that ends them


class Data(NamedTuple):
    """Checked rows X (m, n_x), dense or CSR; targets y (m, n_y); weights (m,) or None."""

    X: Any
    y: Any
    weights: Floats | None


class Prepared(NamedTuple):
    """All that a fit begins with.

    Attributes
    ----------
    settings, targets : Settings, Targets
    data, held_out : Data, Data or None
        To learn from and to validate on.
    start : Parameters
        The network, for data as they are given; drawn now if `is_new`, then for scaled ones.
    scaling : tuple
        What inputs and targets are scaled by; None each, if not at all.
    random_state : RandomState
        Goes on with the orders of the epochs.
    """

    settings: Settings
    targets: Targets
    data: Data
    held_out: Data | None
    start: Parameters
    is_new: bool
    scaling: tuple[Standardization | None, Standardization | None]
    random_state: Any


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
) -> Prepared:
    """Return what a fit begins with, and set the estimator's attributes that go with it.

    Random numbers are drawn in scikit-learn's order: the network if there is none to go on with,
    then the rows held out.
    """
    settings = Settings.of(estimator)
    n_hidden = check_hidden_size(settings.hidden_layer_sizes, type(estimator).__name__)
    goes_on = hasattr(estimator, "coefs_") and (settings.warm_start or is_partial)
    check_combinations(settings, is_partial)
    check_evidence(settings)
    check_restarts(settings, is_partial, goes_on)
    X, y, factors = estimator._validate_input(X, y, is_partial=is_partial, reset=not goes_on)
    targets = estimator._targets
    data = Data(_csr(X), y, check_weights(sample_weight, factors, X))
    dtype = stored(estimator).dtype if goes_on else X.dtype
    check_sum(data, dtype, "sample_weight" if factors is None else "sample_weight * class_weight")
    held_out = None
    if not (X_val is y_val is sample_weight_val is None):
        check = estimator._validate_held_out
        held_out = given_to_validate(check, settings, X_val, y_val, sample_weight_val)
        if held_out.y.shape[1] != y.shape[1]:
            raise ValueError(f"y_val has {held_out.y.shape[1]} outputs, y {y.shape[1]}")
    random_state = check_random_state(settings.random_state)
    shape = (X.shape[1], n_hidden, y.shape[1])
    if goes_on:
        start = stored(estimator)
        check_shape(start.shape, shape)
        check_output(estimator.out_activation_, targets)
        check_stored(estimator, start)
    else:
        start = draw_parameters(shape, settings.activation, random_state, data.X.dtype)
    if settings.early_stopping and held_out is None:
        data, held_out = hold_out(settings, targets, data, random_state)
        check_sum(data, dtype, "sample_weight of the rows to learn from")
        check_sum(held_out, dtype, "sample_weight of the rows held out")
    attributes = vars(estimator)
    for name in OF_SOME:
        attributes.pop(name, None)
    attributes.update(n_outputs_=y.shape[1], _random_state=random_state)
    if not goes_on:
        attributes.pop("_optimizer", None)  # that of another network, which lbfgs would leave
        attributes.update(first_attributes(start, targets.output))
        attributes.update(learn_scaling(settings, data, attributes.get("feature_names_in_")))
    # older pickles know nothing of the latter
    scaling = attributes.get("_standardization"), attributes.get("_target_standardization")
    is_new = not goes_on
    return Prepared(settings, targets, data, held_out, start, is_new, scaling, random_state)


def learn_scaling(settings: Settings, data: Data, names: Any) -> dict[str, Any]:
    """Return what inputs and targets are scaled by; None each, if not at all."""
    inputs = targets = None
    if settings.standardize:
        inputs = learn_standardization(data.X, data.weights, names)
    if settings.standardize_target:
        targets = learn_target_standardization(data.y, data.weights, data.X.dtype)
    return {"_standardization": inputs, "_target_standardization": targets}


def check_combinations(settings: Settings, is_partial: bool) -> None:
    """Refuse parameters that are right one by one, but not together."""
    if is_partial and settings.early_stopping:
        raise ValueError("partial_fit does not support early_stopping=True")
    if settings.standardize_target and settings.loss == "poisson":
        raise ValueError(
            "standardize_target=True is for loss='squared_error': with loss='poisson' targets are "
            "counts, which have no other scale. Set standardize_target=False"
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


def check_shape(old: tuple[int, int, int], new: tuple[int, int, int]) -> None:
    """Refuse to go on with a network of another shape."""
    names = ("n_features", "hidden_layer_sizes", "n_outputs")
    for name, before, now in zip(names, old, new, strict=True):
        if before != now:
            raise ValueError(
                f"the network that this fit would go on with has {name} = {before}, now it is "
                f"{now}: fit anew with warm_start=False"
            )


def check_output(before: str, targets: Targets) -> None:
    """Refuse to go on with a network whose outputs belong to another loss."""
    if before != targets.output:
        raise ValueError(
            f"the network that this fit would go on with has {before!r} outputs, "
            f"loss={targets.loss!r} needs {targets.output!r}: fit anew with warm_start=False"
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


def hold_out(
    settings: Settings, targets: Targets, data: Data, random_state: Any
) -> tuple[Data, Data]:
    """Split off the rows that early stopping validates on."""
    train, held_out = split_off(
        *data,
        fraction=settings.validation_fraction,
        groups=targets.group(data.y),
        labels=targets.classes,
        random_state=random_state,
    )
    return Data(*train), Data(*held_out)


def first_attributes(parameters: Parameters, output: str) -> dict[str, Any]:
    """Return the attributes that fits go on from, of a network that was just drawn."""
    return {
        **stored_attributes(parameters),
        "n_iter_": 0,
        "t_": 0,
        "n_layers_": 3 if parameters.n_h else 2,
        "out_activation_": output,
        "loss_curve_": [],
        "best_loss_": None,
        "best_validation_score_": None,
        "validation_scores_": None,
        "validation_loss_curve_": None,
        "_no_improvement_count": 0,
    }


def _csr(X: Any) -> Any:
    return in_order(X.tocsr()) if is_sparse(X) else X
