"""Descent in plain NumPy: optimizers, schedules, what their steps move, training."""
# fmt: off

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from .method import Array, Maybe, gradients

# Optimizers: one step of one array P. `state` is what its last step returned; steps t count from 1.

def step_gd(
    P: Array, dP: Array, state: tuple[Array, ...], t: int, learning_rate: float, **_: Any
) -> tuple[Array, tuple[Array, ...]]:
    """Go downhill: ``P - learning_rate dP``."""
    return P - learning_rate * dP, ()


def step_sgd(
    P: Array, dP: Array, state: tuple[Array, ...], t: int, learning_rate: float,
    momentum: float = 0.9, nesterov: bool = True, **_: Any,
) -> tuple[Array, tuple[Array, ...]]:
    """Keep a velocity; Nesterov's form already moves by what the next step will keep of it."""
    (v,) = state or (np.zeros_like(P),)
    v = momentum * v - learning_rate * dP
    return P + (momentum * v - learning_rate * dP if nesterov else v), (v,)


def step_adam(
    P: Array, dP: Array, state: tuple[Array, ...], t: int, learning_rate: float,
    beta_1: float = 0.9, beta_2: float = 0.999, epsilon: float = 1e-8, **_: Any,
) -> tuple[Array, tuple[Array, ...]]:
    """Divide the mean of ``dP`` by the root mean of ``dP^2``; the rate makes up for their start."""
    mean, square = state or (np.zeros_like(P), np.zeros_like(P))
    mean = beta_1 * mean + (1 - beta_1) * dP
    square = beta_2 * square + (1 - beta_2) * dP * dP
    rate = learning_rate * float(np.sqrt(1 - beta_2**t)) / (1 - beta_1**t)
    return P - rate * mean / (np.sqrt(square) + epsilon), (mean, square)


def step_adamw(
    P: Array, dP: Array, state: tuple[Array, ...], t: int, learning_rate: float,
    weight_decay: float = 0.01, **settings: Any,
) -> tuple[Array, tuple[Array, ...]]:
    """Let P shrink besides, by a part that its gradients do not know of."""
    kept = (1 - learning_rate * weight_decay) * P
    return step_adam(kept, dP, state, t, learning_rate, **settings)


OPTIMIZERS: dict[str, Callable[..., tuple[Array, tuple[Array, ...]]]] = {
    "adam": step_adam, "adamw": step_adamw, "gd": step_gd, "sgd": step_sgd,
}


# Schedules: the factor of the rate at a part t of the whole training, 0 <= t < 1.

SCHEDULES: dict[str, Callable[[float], float]] = {
    "constant": lambda t: 1.0,
    "coslog4": lambda t: float(0.5 - 0.5 * np.cos(2 * np.pi * np.log2(1 + 15 * t))),
    "cosine": lambda t: float(0.5 + 0.5 * np.cos(np.pi * t)),
}


# Training.

def batches(m: int, batch_size: int | None, order: Maybe) -> list[Any]:
    """Return what picks each batch's columns: everything, or stretches of the epoch's order."""
    if batch_size is None:
        return [slice(None)]
    order = np.arange(m) if order is None else order
    return [order[start : start + batch_size] for start in range(0, m, batch_size)]


class Moved:
    """What steps move, in place of the network: ``P = unit Q``, and ``W1 = unit Q diag(s)``.

    With rates "ntk" the unit of a layer's weights is ``1 / sqrt(its inputs)``, and biases have a
    tenth of the rate; else all are 1. ``s`` (1, n_x) is 1, and moves if `input_scale` says so, with
    "ntk" at 6 times the rate.
    """

    def __init__(self, P: list[Any], rates: str, input_scale: bool) -> None:
        ntk = rates == "ntk"
        self.first = 0 if P[0] is not None else 2  # of the arrays: the weights of the inputs
        self.moves_s = input_scale
        self.units = [
            P[k].shape[1] ** -0.5 if ntk and k % 2 == 0 and P[k] is not None else 1.0
            for k in range(4)
        ]
        self.rates = [1.0, 0.1, 1.0, 0.1, 6.0] if ntk else [1.0] * 5
        n_x = P[self.first].shape[1]
        Q = [None if p is None else p / u for p, u in zip(P, self.units, strict=True)]
        self.Q: list[Any] = [*Q, np.ones((1, n_x), P[2].dtype)]
        self.states: list[tuple[Array, ...]] = [()] * 5

    def network(self, Q: list[Any]) -> list[Any]:
        """Return the network's arrays."""
        P = [None if q is None else unit * q for q, unit in zip(Q[:4], self.units, strict=True)]
        P[self.first] = P[self.first] * Q[4]
        return P

    def gradients(self, dP: list[Any]) -> list[Any]:
        """Return the derivatives by what moves, from those by the network's arrays."""
        k = self.first
        dQ = [None if d is None else unit * d for d, unit in zip(dP, self.units, strict=True)]
        ds = (self.units[k] * self.Q[k] * dP[k]).sum(axis=0, keepdims=True)
        dQ[k] = dQ[k] * self.Q[4]
        return [*dQ, ds]

    def step(self, dP: list[Any], t: int, optimizer: str, rate: float, **settings: Any) -> None:
        """Take one step of all arrays at once; biases do not decay."""
        decay = settings.pop("weight_decay", 0.01)
        for k, dQ in enumerate(self.gradients(dP)):
            if dQ is not None and (k < 4 or self.moves_s):
                own = 0.0 if k in (1, 3) else decay
                self.Q[k], self.states[k] = OPTIMIZERS[optimizer](
                    self.Q[k], dQ, self.states[k], t, self.rates[k] * rate,
                    weight_decay=own, **settings,
                )


def train(
    W1: Maybe, b1: Maybe, W2: Array, b2: Array, X: Array, Y: Array,
    hidden: str = "tanh", output: str = "sigmoid", *, negative_slope: float = 0.01,
    l2: float = 0.0, example_weights: Maybe = None,
    n_epochs: int = 1000, batch_size: int | None = None, orders: Iterable[Array] | None = None,
    optimizer: str = "gd", learning_rate: float = 0.1, schedule: str = "constant",
    power_t: float = 0.5, tol: float | None = None, n_iter_no_change: int = 10,
    average: float = 0.0, rates: str = "equal", input_scale: bool = False, **settings: Any,
) -> tuple[tuple[Maybe, Maybe, Array, Array], list[float]]:
    """Pass `n_epochs` times over the data; return the parameters and each epoch's cost.

    An epoch is one step, or with `batch_size` one per batch, in the order of ``orders[epoch]``.
    Costs are taken before each step; an epoch's is the weighted mean over its batches.
    ``"invscaling"`` divides the rate by ``(examples seen + 1)^power_t``; "cosine" and "coslog4" are
    `SCHEDULES` over all epochs. With `tol`, more than `n_iter_no_change` epochs in a row whose cost
    does not go below the best by `tol` end the training, or, if the schedule is ``"adaptive"`` and
    the rate above 1e-6, divide the rate by 5. With `average` the parameters returned are
    ``E <- a E + (1 - a) P`` over the steps t, ``a = min(average, (1 + t) / (10 + t))``.
    """
    factors = SCHEDULES.get(schedule, SCHEDULES["constant"])
    moved = Moved([W1, b1, W2, b2], rates, input_scale)
    mean = list(moved.Q)
    m = X.shape[1]
    s = np.ones(m, X.dtype) if example_weights is None else example_weights
    epoch_orders = [None] * n_epochs if orders is None else list(orders)
    costs: list[float] = []
    best, stalled, t = float("inf"), 0, 0
    for epoch in range(n_epochs):
        rate = learning_rate / (epoch * m + 1) ** (power_t if schedule == "invscaling" else 0)
        costs.append(0.0)
        parts = batches(m, batch_size, epoch_orders[epoch])
        for b, batch in enumerate(parts):
            share = float(s[batch].sum() / s.sum())
            if share == 0:
                continue  # no example here counts: nothing to learn
            data = (X[:, batch], Y[:, batch], hidden, output, negative_slope, l2, s[batch])
            P = moved.network(moved.Q)
            J, *dP, _ = gradients(P[0], P[1], P[2], P[3], *data)
            costs[-1] += J * share
            t += 1
            factor = factors((epoch + b / len(parts)) / n_epochs)
            moved.step(dP, t, optimizer, rate * factor, **settings)
            a = min(average, (1 + t) / (10 + t))
            mean = [None if q is None else a * e + (1 - a) * q
                    for e, q in zip(mean, moved.Q, strict=True)]

        stalled = stalled + 1 if tol is not None and costs[-1] > best - tol else 0
        best = min(best, costs[-1])
        if stalled > n_iter_no_change:
            if schedule != "adaptive" or learning_rate <= 1e-6:
                break
            learning_rate, stalled = learning_rate / 5, 0
    W1, b1, W2, b2 = moved.network(mean)
    return (W1, b1, W2, b2), costs
