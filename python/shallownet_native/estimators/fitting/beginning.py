"""Where a fit begins: its network, the rows held out, the scaling, and what earlier fits left.

Random numbers are drawn in scikit-learn's order: the network if there is none to go on with, then
the rows held out.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from ..._extras.scikit_learn import check_random_state
from ..._messages.caller import warn_caller
from ..._native.arrays import Floats
from ..._native.backend import resolve_threads
from ..._native.sparse import is_sparse, sparse_rows
from ...network import Examples, Objective, Parameters
from ...training import MINIMIZERS, History, TrainingState, start_slots
from ..parameters import Settings, check_hidden_size, draw_parameters, units
from ..solvers import Optimizer
from ..targets import Targets
from .coefs import check_stored, stored, stored_attributes
from .data import Checked, Data, check_sum
from .held_out import hold_out
from .standardization import Standardization, learn_standardization, learn_target_standardization

AUTO_BATCH = 200
# attributes of fits of some kinds, which one of another kind does not leave standing
OF_SOME = (
    "n_solves_", "alpha_", "log_evidence_", "n_effective_parameters_", "covariance_",
    "noise_variance_",
    "restart_seeds_", "restart_scores_", "best_restart_",
)  # fmt: skip


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
    examples : dict
        The core's examples of both data, once they are made.
    """

    settings: Settings
    targets: Targets
    data: Data
    held_out: Data | None
    start: Parameters
    is_new: bool
    scaling: tuple[Standardization | None, Standardization | None]
    random_state: Any
    examples: dict[str, Examples]


def prepare(estimator: Any, checked: Checked) -> Prepared:
    """Return what a fit begins with, and set the estimator's attributes that go with it."""
    settings, targets, goes_on = Settings.of(estimator), checked.targets, checked.goes_on
    data, held_out = checked.data, checked.held_out
    random_state = check_random_state(settings.random_state)
    n_hidden = check_hidden_size(settings.hidden_layer_sizes, type(estimator).__name__)
    shape = (data.X.shape[1], n_hidden, data.y.shape[1])
    if goes_on:
        start = stored(estimator)
        check_shape(start.shape, shape)
        check_output(estimator.out_activation_, targets)
        check_stored(estimator, start)
    else:
        start = draw_parameters(shape, settings.activation, random_state, data.X.dtype)
    if settings.early_stopping and held_out is None:
        data, held_out = hold_out(settings, targets, data, random_state)
        check_sum(data, start.dtype, "sample_weight of the rows to learn from")
        check_sum(held_out, start.dtype, "sample_weight of the rows held out")
    is_shared = data is checked.data
    attributes = vars(estimator)
    for name in OF_SOME:
        attributes.pop(name, None)
    attributes.update(n_outputs_=shape[2], _random_state=random_state)
    if not goes_on:
        attributes.pop("_optimizer", None)  # that of another network, which lbfgs would leave
        attributes.update(first_attributes(start, targets.output))
        learned = checked.scaling if is_shared else {}
        if not learned:
            learned.update(learn_scaling(settings, data, attributes.get("feature_names_in_")))
        attributes.update(learned)
    # older pickles know nothing of the latter
    scaling = attributes.get("_standardization"), attributes.get("_target_standardization")
    return Prepared(
        settings,
        targets,
        data,
        held_out,
        start,
        not goes_on,
        scaling,
        random_state,
        checked.examples if is_shared else {},
    )


def learn_scaling(settings: Settings, data: Data, names: Any) -> dict[str, Any]:
    """Return what inputs and targets are scaled by; None each, if not at all."""
    inputs = targets = None
    if settings.standardize:
        inputs = learn_standardization(data.X, data.weights, names)
    if settings.standardize_target:
        targets = learn_target_standardization(data.y, data.weights, data.X.dtype)
    return {"_standardization": inputs, "_target_standardization": targets}


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


def batch_size(settings: Settings, m: int, warns: bool = True) -> int:
    """Return how many of m examples a batch has: at most all of them, with a warning."""
    if settings.solver in ("gd", *MINIMIZERS):
        return m
    if settings.batch_size == "auto":
        return min(AUTO_BATCH, m)
    if settings.batch_size > m and warns:
        warn_caller(
            "Got `batch_size` less than 1 or larger than sample size. It is going to be clipped",
            UserWarning,
        )
    return min(int(settings.batch_size), m)


def make_objective(prepared: Prepared, what: str, alpha: float, batch_size: int) -> Objective:
    """Return the objective on "data" or "held_out", in the model's dtype."""
    settings, network = prepared.settings, prepared.start
    output, slope = prepared.targets.learned_output, settings.negative_slope
    own = units(settings.activation, output, slope, network.n_h, settings.quantile)
    n_threads = resolve_threads(settings.n_threads, network.shape, batch_size)
    examples = prepared.examples.get(what)
    if examples is None:
        data: Data = getattr(prepared, what)
        examples = prepared.examples[what] = scaled_examples(data, prepared)
    return Objective(network.shape, own, examples, alpha, n_threads)


def scaled_examples(data: Data, prepared: Prepared) -> Examples:
    """Return data as the core takes them, scaled."""
    dtype: Any = prepared.start.dtype
    inputs, targets = prepared.scaling
    X = data.X if inputs is None else inputs.apply(data.X, dtype)
    y = data.y if targets is None else targets.apply(data.y, dtype)
    # in C order once, instead of by the core at every call: a DataFrame's array is in F order
    x = sparse_rows(X, dtype) if is_sparse(X) else np.ascontiguousarray(X, dtype)
    weights = None if data.weights is None else data.weights.astype(dtype, copy=False)
    return Examples(x, np.ascontiguousarray(y, dtype), weights)


def begin_history(earlier: Mapping[str, Any], validates: bool, stops_early: bool) -> History:
    """Return the curves that this fit goes on with."""
    return History(
        _kept(earlier, "loss_curve_"),
        _kept(earlier, "validation_loss_curve_") if validates else None,
        _kept(earlier, "validation_scores_") if stops_early else None,
    )


def begin_state(
    earlier: Mapping[str, Any], theta: Floats, optimizer: Optimizer | None, stops_early: bool
) -> TrainingState:
    """Return where this fit begins, by the attributes that earlier ones have left."""
    name, sign = ("best_validation_score_", 1) if stops_early else ("best_loss_", -1)
    best = earlier.get(name)
    best = -np.inf if best is None else sign * best
    state = TrainingState(
        theta,
        start_slots(),
        best=best,
        n_stalled=earlier.get("_no_improvement_count", 0),
        # of no score yet; earlier fits' is not bettered by what a fit begins with
        best_theta=theta if stops_early and best == -np.inf else None,
    )
    if optimizer is None:
        return state
    return state._replace(
        slots=optimizer.state,
        rate=optimizer.rate,
        n_steps=optimizer.t,
        n_seen=earlier.get("t_", 0),
    )


def _kept(earlier: Mapping[str, Any], name: str) -> list[float]:
    values = earlier.get(name)
    return [] if values is None else list(values)
