"""Sequences of calls for `differential.py`: parameters, then methods, all drawn from one number.

A sequence is plain data: it is printed, and played again with some of its parts left out.
"""

from __future__ import annotations

import inspect
import random
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from sklearn.neural_network import MLPRegressor

from campaigns import differential_data as made
from campaigns.differential_data import Data

ANY_NUMBER = 1_000_000  # for seeds
STREAM = "RandomState"  # stands for one, of the sequence's own number
# scikit-learn has sample weights and the loss "poisson" from 1.7 on
THEIRS_WEIGHS = "sample_weight" in inspect.signature(MLPRegressor.fit).parameters


@dataclass(frozen=True)
class Call:
    """A method, the data that it is given, and whatever else it needs."""

    method: str
    data: Data | None = None
    weights: str | None = None
    options: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Sequence:
    """A constructor's parameters and the calls that follow."""

    estimator: str  # "Classifier" or "Regressor"
    parameters: dict[str, Any]
    calls: tuple[Call, ...]


PARAMETERS: dict[str, list[Any]] = {
    "hidden_layer_sizes": [4, (4,), [5], (), (1,), (np.int64(3),), np.array([6]), (3, 2)],
    "activation": ["identity", "logistic", "tanh", "relu"],
    "solver": ["adam", "adam", "sgd", "sgd", "lbfgs"],
    "alpha": [0, 0.0, 1e-3, 0.1, 2, np.float32(0.5)],
    "batch_size": ["auto", 1, 3, 8, 50, np.int64(7), 1000],
    "learning_rate": ["constant", "invscaling", "adaptive"],
    "learning_rate_init": [1e-4, 0.01, 0.1, np.float64(0.02)],
    "power_t": [0, 0.25, 0.9],
    "max_iter": [1, 2, 4, 7, np.int32(3)],
    "shuffle": [True, False, np.bool_(True)],
    "tol": [0, 1e-4, 0.05, 10.0],
    "verbose": [False, True, 1, 2],
    "warm_start": [False, True],
    "momentum": [0, 0.5, 1.0],
    "nesterovs_momentum": [True, False],
    "early_stopping": [False, False, True],
    "validation_fraction": [0.1, 0.3, 0.5, 0.0, 0.9],
    "beta_1": [0, 0.5, 0.9],
    "beta_2": [0.5, 0.9, 0.99],  # 0 would make whole steps of gradients that are rounding alone
    "epsilon": [1e-8, 1e-3],
    "n_iter_no_change": [1, 2, 10, np.inf],
    "max_fun": [1, 5, 15000],
    "loss": ["squared_error", "poisson"],
}
INVALID: dict[str, list[Any]] = {
    "hidden_layer_sizes": [0, -1, (0,), "abc", (2.5,), None, [[3]], (3, -1), True, {5: 1}, np.nan],
    "activation": ["softmax", None, "ReLU"],
    "solver": ["newton", None, "Adam"],
    "alpha": [-1, "a", None, np.nan],
    "batch_size": [0, -1, 2.5, "all", None],
    "learning_rate": ["optimal", 0.1],
    "learning_rate_init": [0, -1.0, "fast", None],
    "power_t": [-1, None],
    "max_iter": [0, 2.5, "many", None],
    "shuffle": [1, "yes", None],
    "tol": [-1, None],
    "verbose": ["yes", -1, None],
    "warm_start": [1, None],
    "momentum": [-0.1, 1.5],
    "nesterovs_momentum": [0, "yes"],
    "early_stopping": [1, None],
    "validation_fraction": [1.0, -0.1, 5],
    "beta_1": [1.0, -0.1],
    "beta_2": [1.0, -0.1],
    "epsilon": [0, -1],
    "n_iter_no_change": [0, 2.5, -np.inf],
    "max_fun": [0, 1.5],
    "loss": ["mae", None, (10,)],
    "random_state": [-1, "a", 0.5],
}
FEW = {
    "batch_size": 0.4,
    "solver": 0.5,
    "hidden_layer_sizes": 0.9,
    "early_stopping": 0.4,
    "warm_start": 0.4,
}
READ = (
    "loss_", "best_loss_", "loss_curve_", "validation_scores_", "best_validation_score_", "t_",
    "coefs_", "intercepts_", "n_features_in_", "feature_names_in_", "n_iter_", "n_layers_",
    "n_outputs_", "out_activation_", "classes_", "partial_fit", "predict_proba", "no_such_thing",
)  # fmt: skip
METHODS = {  # how often each is drawn
    "fit": 8, "partial_fit": 6, "set_params": 4, "predict": 4, "predict_proba": 3,
    "predict_log_proba": 2, "score": 3, "clone": 1, "get_params": 1, "pickle": 1, "copy": 1,
    "read": 3, "write_weights": 1, "repr": 1, "tags": 1, "set_fit_request": 1,
}  # fmt: skip


def draw(seed: int) -> Sequence:
    """Return the sequence of this number."""
    rng = random.Random(seed)
    estimator = rng.choice(["Classifier", "Regressor"])
    parameters = draw_parameters(rng, estimator)
    known = draw_data(rng, estimator, parameters.get("loss"))
    calls = []
    for _ in range(rng.randint(3, 10)):
        calls.append(
            draw_call(rng, estimator, known, is_first=not calls or calls[-1].method == "clone")
        )
        if rng.random() < 0.05:  # from now on other data
            known = draw_data(rng, estimator, parameters.get("loss"))
    return Sequence(estimator, parameters, tuple(calls))


def draw_parameters(rng: random.Random, estimator: str) -> dict[str, Any]:
    names = [name for name in PARAMETERS if estimator == "Regressor" or name != "loss"]
    chosen = {n: rng.choice(PARAMETERS[n]) for n in names if rng.random() < FEW.get(n, 0.15)}
    if not THEIRS_WEIGHS:
        chosen.pop("loss", None)
    chosen.setdefault("max_iter", rng.choice([2, 3, 5]))
    chosen.setdefault("hidden_layer_sizes", (5,))
    if rng.random() < 0.9:  # two layers are refused: seldom enough
        chosen["hidden_layer_sizes"] = rng.choice(PARAMETERS["hidden_layer_sizes"][:-1])
    seed = rng.randrange(1000)
    chosen["random_state"] = rng.choice([seed, seed, seed, STREAM, None])
    if rng.random() < 0.06:
        name = rng.choice(sorted(INVALID.keys() & {*names, "random_state"}))
        chosen[name] = rng.choice(INVALID[name])
    return chosen


def draw_data(rng: random.Random, estimator: str, loss: Any) -> Data:
    kinds = made.CLASSIFICATIONS if estimator == "Classifier" else made.REGRESSIONS
    target = rng.choice(kinds[:3] if rng.random() < 0.85 else kinds)
    if loss == "poisson" and rng.random() < 0.9:
        target = "counts"
    elif target == "counts" and rng.random() < 0.5:
        target = "number"
    data = Data(
        target,
        seed=rng.randrange(ANY_NUMBER),
        m=rng.choice([20, 20, 20, 33, 60, 12, 8, 5, 3, 2, 1, 210]),
        n_x=rng.choice([1, 2, 3, 3, 4, 6]),
        labels=rng.choice(made.LABELS),
    )
    if rng.random() < 0.5:
        return data
    return replace(
        data,
        dtype=rng.choice(["float64", "float32", "float32", *made.DTYPES]),
        form=rng.choice(made.FORMS),
        target_form=rng.choice(made.TARGET_FORMS),
        target_dtype=rng.choice(["float64", "float32", "int64"]),
        scale=rng.choice([1.0, 1.0, 1.0, 0.01, 30.0]),
        target_scale=rng.choice([1.0, 1.0, 1.0, 100.0]),
        has_constant=rng.random() < 0.1,
    )


def redraw(rng: random.Random, data: Data, *, spoils: bool = True) -> Data:
    """Return data of the same sort from another seed, now and then in another form, or spoilt."""
    data = replace(data, seed=rng.randrange(ANY_NUMBER))
    if rng.random() < 0.3:
        data = replace(data, m=rng.choice([1, 2, 5, 20, 40]))
    if rng.random() < 0.15:
        form, dtype = rng.choice(made.FORMS), rng.choice(made.DTYPES)
        data = replace(data, form=form, dtype=dtype)
    if spoils and rng.random() < 0.08:
        data = replace(data, bad_rows=rng.choice(sorted(made.BAD_ROWS)))
    if spoils and rng.random() < 0.08:
        data = replace(data, bad_targets=rng.choice(sorted(made.BAD_TARGETS)))
    return tamed(data)


def tamed(data: Data) -> Data:
    """Return data whose numbers can be compared: in float32, rounding grows where units saturate.

    Targets of 1e20 are for that dtype: in float64 their losses differ by less than rounding.
    """
    if data.bad_targets == "huge for float32":
        data = replace(data, dtype="float32")
    return replace(data, scale=min(data.scale, 1.0)) if data.dtype == "float32" else data


def draw_call(rng: random.Random, estimator: str, known: Data, *, is_first: bool) -> Call:
    method = rng.choices([*METHODS], [*METHODS.values()])[0]
    if is_first and rng.random() < 0.9:
        method = rng.choice(["fit", "fit", "partial_fit"])
    if method.endswith("proba") and estimator == "Regressor" and rng.random() < 0.95:
        method = "predict"
    if method in ("fit", "partial_fit", "score"):
        data, options = redraw(rng, known, spoils=not is_first or rng.random() < 0.3), {}
        if method == "partial_fit" and estimator == "Classifier":
            options["classes"] = rng.choices(
                ["all", None, "more", "fewer", "none", "twice"], [8, 2, 2, 1, 0.3, 0.3]
            )[0]
        return Call(method, data, draw_weights(rng), options)
    if method.startswith("predict"):
        return Call(method, redraw(rng, known))
    if method == "set_params":
        return Call(method, options=draw_change(rng, estimator))
    if method == "read":
        return Call(method, options={"name": rng.choice(READ)})
    return Call(method)


def draw_weights(rng: random.Random) -> str | None:
    if rng.random() < 0.75:
        return None
    return rng.choice(made.GOOD_WEIGHTS if rng.random() < 0.7 else sorted(made.WEIGHTS))


def draw_change(rng: random.Random, estimator: str) -> dict[str, Any]:
    """Return a parameter or two and their new values."""
    if rng.random() < 0.05:
        return {"no_such_parameter": 1}
    if rng.random() < 0.2:
        return {"warm_start": True}
    pool = INVALID if rng.random() < 0.05 else PARAMETERS
    names = [n for n in pool if estimator == "Regressor" or n != "loss"]
    return {name: rng.choice(pool[name]) for name in rng.sample(names, rng.choice([1, 1, 2]))}
