"""The places where users hand over an array: for each a clean one, and the bits of the answer."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

import shallownet_native as sn
from campaigns.common import bits
from shallownet_native import course

M = 24
RNG = np.random.default_rng(0)
X = RNG.integers(-8, 9, (2, M)) / 4.0
Y = (X[:1] * X[1:] > 0).astype(float)
S = RNG.integers(1, 9, M) / 4.0
SHAPE = (2, 3, 1)
START = sn.initialize(*SHAPE, "glorot_uniform", seed=0)
WIDE = sn.initialize(2, 40, 1, "glorot_uniform", seed=0).astype(np.float32)
NONE = sn.initialize(2, 0, 1, "glorot_uniform", seed=0)
W1, b1, W2, b2 = (RNG.integers(-8, 9, s) / 4.0 for s in ((3, 2), (3, 1), (1, 3), (1, 1)))
NEXT = RNG.integers(0, 2, M).astype(float)


def as_counts(value: Any) -> Any:
    """Dates and times are the numbers that NumPy counts them in, as scikit-learn has it."""
    if value.ndim == 0:
        return None
    return value.astype(np.int64).astype(float) if value.dtype.kind in "mM" else None


def as_rows(value: Any) -> Any:
    """As many rows as there are, or as many targets."""
    return np.array(value) if value.ndim == 2 and value.dtype.kind == "f" else as_counts(value)


def as_weights(value: Any) -> Any:
    """One number is everybody's weight."""
    return np.full(M, value) if value.ndim == 0 else as_counts(value)


def as_codes(value: Any) -> Any:
    """Anything may be the label of a class; several columns of 0 and 1 are several labels."""
    if value.ndim == 0:
        return None
    if value.ndim == 2 and value.shape[1] > 1:
        return np.array(value)
    return (
        np.unique(value, return_inverse=True)[1].astype(float)
        if value.dtype.kind in "mMUS"
        else None
    )


class Role(NamedTuple):
    """A function of one array; `is_elementwise` ones take any shape."""

    name: str
    clean: Any
    run: Callable[[Any], Any]
    is_elementwise: bool = False
    reads: Callable[[Any], Any] | None = None  # what else it takes, as plain numbers


def trained(parameters: Any, x: Any, y: Any, **options: Any) -> bytes:
    result = sn.train(parameters, x, y, **options)
    return bits(result.parameters.flat, result.costs, result.validation_costs)


def derived(parameters: Any, x: Any, y: Any, s: Any = None) -> bytes:
    J, gradients = sn.gradients(parameters, x, y, example_weights=s, want_dX=True, l2=0.25)
    return bits(J, *gradients)


def assigned(value: Any) -> bytes:
    """Assign, and use: what is not finite is found then."""
    parameters = START.copy()
    parameters.W1 = value
    return bits(parameters.flat, sn.predict(parameters, X))


def logistic(x: Any) -> bytes:
    return bits(*(value for _, value in sorted(course.forward_propagation(x, COURSE)[1].items())))


COURSE = {"W1": START.W1, "b1": START.b1, "W2": START.W2, "b2": START.b2}
BATCHES: dict[str, Any] = {"n_epochs": 2, "batch_size": 7, "seed": 0}
FULL: dict[str, Any] = {"n_iterations": 3}
FUNCTIONS = [
    Role("predict X", X, lambda x: bits(sn.predict(START, x, output="identity"))),
    Role("predict X, wide", X.astype(np.float32), lambda x: bits(sn.predict(WIDE, x))),
    Role("forward X", X, lambda x: bits(*sn.forward(START, x))),
    Role("forward X, two threads", X, lambda x: bits(*sn.forward(NONE, x, n_threads=2))),
    Role("cost X", X, lambda x: bits(sn.cost(START, x, Y))),
    Role("cost Y", Y, lambda y: bits(sn.cost(START, X, y))),
    Role("cost example_weights", S, lambda s: bits(sn.cost(START, X, Y, example_weights=s))),
    Role("gradients X", X, lambda x: derived(START, x, Y)),
    Role("gradients Y", Y, lambda y: derived(WIDE, X.astype(np.float32), y)),
    Role("gradients example_weights", S, lambda s: derived(NONE, X, Y, s)),
    Role("train X", X, lambda x: trained(START, x, Y, **FULL)),
    Role("train X in batches", X, lambda x: trained(START, x, Y, **BATCHES)),
    Role("train X, wide", X.astype(np.float32), lambda x: trained(WIDE, x, Y, **BATCHES)),
    Role("train Y", Y, lambda y: trained(START, X, y, **FULL)),
    Role("train Y in batches", Y, lambda y: trained(NONE, X, y, **BATCHES, optimizer="adam")),
    Role("train example_weights", S, lambda s: trained(START, X, Y, **BATCHES, example_weights=s)),
    Role("train validation X", X, lambda x: trained(START, X, Y, **FULL, validation=(x, Y))),
    Role("train validation Y", Y, lambda y: trained(START, X, Y, **FULL, validation=(X, y))),
    Role("activate Z", X, lambda z: bits(sn.activate(z, "tanh")), True),
    Role("predict_one x", X[:, 0].copy(), lambda x: bits(sn.predict_one(START, x))),
    Role("predict_one x, wide", X[:, 0].astype(np.float32),
         lambda x: bits(sn.predict_one(WIDE, x))),
    Role("Parameters W1", W1, lambda w: bits(sn.Parameters(w, b1, W2, b2).flat)),
    Role("Parameters b1", b1, lambda b: bits(sn.Parameters(W1, b, W2, b2).flat)),
    Role("Parameters W2", W2, lambda w: bits(sn.Parameters(W1, b1, w, b2).flat)),
    Role("Parameters from_flat", np.concatenate([a.ravel() for a in (W1, b1, W2, b2)]),
         lambda v: bits(sn.Parameters.from_flat(v, SHAPE).flat)),
    Role("parameters.W1 =", W1, assigned),
    Role("course X", X, logistic),
]  # fmt: skip


def fitted(estimator: Any, **data: Any) -> bytes:
    """Fit and return weights, losses and predictions of the usual rows."""
    estimator.fit(data.pop("X", X.T), data.pop("y", NEXT), **data)
    return bits(*estimator.coefs_, *estimator.intercepts_, estimator.loss_curve_)


def estimator_roles() -> list[Role]:
    """Return the estimators' roles; they need scikit-learn."""
    warnings.simplefilter("ignore")  # that three epochs are few, that y is a column
    same: dict[str, Any] = {"hidden_layer_sizes": (3,), "max_iter": 3, "random_state": 0}

    def classifier(**options: Any) -> Any:
        return sn.ShallowNetClassifier(**{**same, **options})

    def regressor(**options: Any) -> Any:
        return sn.ShallowNetRegressor(**{**same, **options})

    def partial(y: Any) -> bytes:
        model = classifier().partial_fit(X.T, y, classes=[0.0, 1.0])
        return bits(*model.coefs_, model.loss_)

    model, other = classifier().fit(X.T, NEXT), regressor(standardize=True).fit(X.T, X[0])
    held_out: dict[str, Any] = {"early_stopping": True, "validation_fraction": 0.25}
    rows = X.T.copy()
    roles = [
        Role("classifier fit X", rows, lambda x: fitted(classifier(), X=x)),
        Role("classifier fit y", NEXT, lambda y: fitted(classifier(), y=y)),
        Role("classifier fit y, early stopping", NEXT,
             lambda y: fitted(classifier(**held_out), y=y)),
        Role("classifier fit sample_weight", S, lambda s: fitted(classifier(), sample_weight=s)),
        Role("classifier fit X_val", rows, lambda x: fitted(classifier(), X_val=x, y_val=NEXT)),
        Role("classifier partial_fit y", NEXT, partial),
        Role("classifier lbfgs X", rows, lambda x: fitted(classifier(solver="lbfgs"), X=x)),
        Role("classifier predict X", rows, lambda x: bits(model.predict(x))),
        Role("classifier predict_proba X", rows, lambda x: bits(model.predict_proba(x))),
        Role("classifier decision_function X", rows, lambda x: bits(model.decision_function(x))),
        Role("classifier transform X", rows, lambda x: bits(model.transform(x))),
        Role("regressor fit X", rows, lambda x: fitted(regressor(standardize=True), X=x)),
        Role("regressor fit y", X[0].copy(), lambda y: fitted(regressor(), y=y)),
        Role("regressor fit Poisson y", np.abs(X[0]),
             lambda y: fitted(regressor(loss="poisson"), y=y)),
        Role("regressor fit sample_weight", S, lambda s: fitted(regressor(), sample_weight=s)),
        Role("regressor predict X", rows, lambda x: bits(other.predict(x))),
    ]  # fmt: skip
    of_labels = ("classifier fit y", "classifier partial_fit y")
    readers = {role.name: as_counts for role in roles}
    readers |= {name: as_codes for name in readers if name.startswith(of_labels)}
    of_rows = {name for name in readers if name.endswith(" X") and "fit" not in name}
    readers |= dict.fromkeys(of_rows - {"classifier lbfgs X"}, as_rows)
    readers |= {
        name: as_rows
        for name in readers
        if name.startswith("regressor fit") and name.endswith(" y")
    }
    readers |= {name: as_weights for name in readers if name.endswith("weight")}
    return [role._replace(reads=readers[role.name]) for role in roles]


def all_roles() -> list[Role]:
    """Return every role."""
    return [*FUNCTIONS, *estimator_roles()]
