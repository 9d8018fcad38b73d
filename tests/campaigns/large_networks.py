"""Calls on networks of 3, 8 and 40 million parameters, for `campaigns.interruption --large`.

Each begins with its set-up: a signal after a random delay meets that, a step, or an epoch's end.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

import shallownet_native as sn

SHAPES = {3: (1000, 3000, 1), 8: (784, 10_000, 10), 40: (10_000, 4000, 1)}  # by millions
FOREVER = 10**6
Calls = dict[str, "partial[Any]"]


def data(shape: tuple[int, int, int], m: int) -> tuple[Any, Any]:
    """Return X (n_x, m) and Y (n_y, m) of 0 and 1."""
    rng = np.random.default_rng(0)
    return rng.standard_normal((shape[0], m)), (rng.random((shape[2], m)) > 0.5).astype(float)


def trainings(millions: int, n_threads: int) -> Calls:
    """Return trainings in full batch and in batches of 32, by gd, adam, and all that is moved."""
    shape = SHAPES[millions]
    X, Y = data(shape, 128 if millions == 40 else 500)
    start = sn.initialize(*shape, "glorot_uniform", seed=0)
    calls: Calls = {}
    moved = {"average": 0.9, "input_scale": True, "rates": "ntk"}
    for optimizer, more in {"gd": {}, "adam": {}, "adamw": moved}.items():
        train = partial(
            sn.train, start, X, Y, optimizer=optimizer, learning_rate=1e-6, n_threads=n_threads,
            **more,
        )  # fmt: skip
        calls[f"{optimizer}, full batch"] = partial(train, n_iterations=FOREVER)
        calls[f"{optimizer}, batches of 32"] = partial(
            train, n_epochs=FOREVER, batch_size=32, seed=0
        )
    return calls


def again_and_again(*calls: Callable[[], Any]) -> None:
    """Make calls in turn for ever, so that the signal always meets one."""
    while True:
        for call in calls:
            call()


def others(millions: int, n_threads: int) -> Calls:
    """Return what is not a training: passes, set-up, activate."""
    shape = SHAPES[millions]
    X, Y = data(shape, 128)
    start = sn.initialize(*shape, "glorot_uniform", seed=0)
    numbers = np.full(millions * 10**6, 0.5)
    threads = {"n_threads": n_threads}
    once = {
        "gradients": partial(sn.gradients, start, X, Y, want_dX=True, **threads),
        "cost": partial(sn.cost, start, X, Y, l2=0.1, **threads),
        "forward": partial(sn.forward, start, X, **threads),
        "predict": partial(sn.predict, start, X[:, :1], **threads),
        "initialize": partial(sn.initialize, *shape, "glorot_uniform", seed=0),
        "Parameters": partial(sn.Parameters, *start),
        "from_flat": partial(sn.Parameters.from_flat, start.flat, shape),
        "astype": partial(start.astype, np.float32),
        "activate": partial(sn.activate, numbers, "tanh"),
    }
    return {name: partial(again_and_again, call) for name, call in once.items()}


def fits(millions: int, n_threads: int) -> Calls:
    """Return fits by every solver; lbfgs remembers up to 22 networks."""
    shape = SHAPES[millions]
    X, Y = data(shape, 128)
    y = (Y.T * np.arange(len(Y))).sum(axis=1) if shape[2] > 1 else Y[0]
    calls: Calls = {}
    for solver in ("adam", "gd", "sgd", *(("lbfgs",) if millions < 8 else ())):
        model = sn.ShallowNetRegressor(
            hidden_layer_sizes=(shape[1],), solver=solver, random_state=0, n_threads=n_threads,
            learning_rate_init=1e-6, max_iter=FOREVER, tol=0, n_iter_no_change=FOREVER,
            batch_size=32 if solver in ("adam", "sgd") else "auto",
        )  # fmt: skip
        calls[f"fit by {solver}"] = partial(model.fit, X.T.copy(), y)
    return calls


KINDS = {"train": trainings, "fit": fits, "other": others}
