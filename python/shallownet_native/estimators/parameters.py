"""The estimators' parameters: which values each may have, and what the core calls them.

The first block of constraints is scikit-learn's, whose own validation reads them.
"""

from __future__ import annotations

import math
import os
from functools import partial
from numbers import Integral, Real
from types import SimpleNamespace
from typing import Any

import numpy as np

from .._extras.scikit_learn import Interval, Options, StrOptions
from .._native.arrays import MAX_UNITS
from .._native.backend import core
from .._native.blocks import fill
from ..network import Parameters, Units, array_shapes
from ..training import DECOUPLED, EVIDENCE, MINIMIZERS
from .fitting.coefs import views

# by the estimators' names, scikit-learn's and ours, in the core's words
HIDDEN = {
    name: "sigmoid" if name == "logistic" else name
    for name in sorted({"logistic", *core.activations})
}
OUTPUTS = {"logistic" if name == "sigmoid" else name: name for name in core.outputs}
# solvers that go on, epoch by epoch: what partial_fit needs. The estimators have no parameter for a
# decay apart from the penalty, `alpha`
STOCHASTIC = tuple(name for name in core.optimizers if name not in DECOUPLED)
SCHEDULED = ("gd", "sgd")  # those that `learning_rate` is for

POSITIVE = [Interval(Real, 0, None, closed="neither")]
NOT_NEGATIVE = [Interval(Real, 0, None, closed="left")]
FRACTION = [Interval(Real, 0, 1, closed="left")]
COUNT = Interval(Integral, 1, None, closed="left")

CONSTRAINTS: dict[str, list[Any]] = {
    "hidden_layer_sizes": ["array-like", COUNT],
    "activation": [StrOptions(set(HIDDEN))],
    "solver": [StrOptions({*MINIMIZERS, *STOCHASTIC})],
    "alpha": [*NOT_NEGATIVE, StrOptions({EVIDENCE})],
    "batch_size": [StrOptions({"auto"}), COUNT],
    "learning_rate": [StrOptions({"constant", "invscaling", "adaptive"})],
    "learning_rate_init": POSITIVE,
    "power_t": NOT_NEGATIVE,
    "max_iter": [COUNT],
    "shuffle": ["boolean"],
    "random_state": ["random_state"],
    "tol": NOT_NEGATIVE,
    "verbose": ["verbose"],
    "warm_start": ["boolean"],
    "momentum": [Interval(Real, 0, 1, closed="both")],
    "nesterovs_momentum": ["boolean"],
    "early_stopping": ["boolean"],
    "validation_fraction": FRACTION,
    "beta_1": FRACTION,
    "beta_2": FRACTION,
    "epsilon": POSITIVE,
    "n_iter_no_change": [COUNT, Options(Real, {math.inf})],
    "max_fun": [COUNT],
    # ours
    "negative_slope": NOT_NEGATIVE,
    "scoring": [str, callable, None],
    "callbacks": [callable, list, tuple, None],
    "progress": ["boolean"],
    "standardize": ["boolean"],
    "n_threads": [COUNT, None],
    "checkpoint": [str, os.PathLike, None],
    "checkpoint_every": [COUNT],
    "n_restarts": [COUNT],
}


# what one kind of estimator has, and the other is as if it had
OF_ONE_KIND = {"class_weight": None, "standardize_target": False, "quantile": 0.5}


class Settings(SimpleNamespace):
    """The constructor's parameters, and no more of an estimator: what fitting may read of it."""

    @classmethod
    def of(cls, estimator: Any) -> Settings:
        """Return an estimator's, those of the other kind included."""
        own = {name: getattr(estimator, name) for name in estimator._parameter_constraints}
        return cls(**{**OF_ONE_KIND, **own})


def store_arguments(estimator: Any, arguments: dict[str, Any]) -> None:
    """Set every argument of a constructor, given its `locals()`, as the attribute of its name."""
    for name, value in arguments.items():
        if name not in ("self", "__class__"):
            setattr(estimator, name, value)


def check_hidden_size(sizes: Any, ours: str) -> int:
    """Return the number of hidden units that `hidden_layer_sizes` asks for, 0 for no such layer."""
    # of a dict or a set NumPy makes one thing that is no number
    layers = [sizes] if isinstance(sizes, Integral) else np.atleast_1d(np.asarray(sizes)).tolist()
    if not all(isinstance(size, Integral) and not isinstance(size, bool) for size in layers):
        raise ValueError(f"hidden_layer_sizes must be whole numbers, got {layers}.")
    if any(size <= 0 for size in layers):
        raise ValueError(f"hidden_layer_sizes must be > 0, got {layers}.")
    if any(int(size) > MAX_UNITS for size in layers):
        raise ValueError(f"hidden_layer_sizes must be <= {MAX_UNITS}, got {layers}.")
    if len(layers) > 1:
        raise ValueError(
            f"hidden_layer_sizes must be one number, as in ({layers[0]},), or none, (), got "
            f"{layers}: {ours} has at most one hidden layer. For more there is scikit-learn's "
            f"sklearn.neural_network.{ours.replace('ShallowNet', 'MLP')}."
        )
    return int(layers[0]) if layers else 0


def check_callbacks(callbacks: Any) -> list[Any]:
    """Return the callables that `callbacks` holds, or is."""
    listed = [] if callbacks is None else [callbacks] if callable(callbacks) else list(callbacks)
    for callback in listed:
        if not callable(callback):
            raise ValueError(f"callbacks must be callables, got {callback!r} among them")
    return listed


def units(
    activation: Any, out_activation: str, negative_slope: float, n_h: int, quantile: float = 0.5
) -> Units:
    """Return the network's units as the core takes them.

    Raises
    ------
    ValueError
        If `set_params` has brought an activation that does not exist.
    """
    if not isinstance(activation, str) or activation not in HIDDEN:
        raise ValueError(f"activation must be one of {', '.join(HIDDEN)}, got {activation!r}")
    hidden = HIDDEN[activation] if n_h else ""
    return Units(hidden, OUTPUTS[out_activation], float(negative_slope), float(quantile))


def draw_parameters(
    shape: tuple[int, int, int], activation: str, random_state: Any, dtype: Any
) -> Parameters:
    """Draw a network as scikit-learn draws it: Glorot and Bengio's uniform, biases included.

    Layer by layer, weights (inputs, units) and then biases, in float64.
    """
    n_x, n_h, n_y = shape
    factor = 2.0 if HIDDEN[activation] == "sigmoid" else 6.0
    size = sum(rows * columns for rows, columns in array_shapes(*shape).values())
    parameters = Parameters.adopt(np.empty(size, dtype), shape)
    coefs, intercepts = views(parameters)
    fans = ((n_x, n_h), (n_h, n_y)) if n_h else ((n_x, n_y),)
    for layer, (fan_in, fan_out) in enumerate(fans):
        bound = np.sqrt(factor / (fan_in + fan_out))
        draw = partial(random_state.uniform, -bound, bound)
        fill(coefs[layer], draw)
        fill(intercepts[layer], draw)
    return parameters
