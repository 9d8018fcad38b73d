"""The whole method in plain NumPy: passes, losses, gradients, optimizers, training.

Columns are examples: ``X (n_x, m)``, ``Y (n_y, m)``. The parameters are ``W1 (n_h, n_x)``,
``b1 (n_h, 1)``, ``W2 (n_y, n_h)``, ``b2 (n_y, 1)``; without a hidden layer ``W1 = b1 = None`` and
``W2`` is ``(n_y, n_x)``. The formulas hold for complex numbers too (comparisons look at the real
part, nothing is conjugated): 1e-20j added to one parameter gives its derivative as the imaginary
part of the cost.
"""
# fmt: off

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
Maybe = npt.NDArray[Any] | None  # None: there is no hidden layer


# Activations: a = g(z, c), and the slope g'(z) written from the output a; c is negative_slope.

def absolute(z: Array) -> Array:
    """Return ``|z|`` in a form with a derivative, which the modulus of a complex number lacks."""
    return np.where(np.real(z) < 0, -z, z)


def sigmoid(z: Array) -> Array:
    """Return ``1 / (1 + exp(-z))`` without raising e to a positive power, which could overflow."""
    e = np.exp(-absolute(z))
    a: Array = np.where(np.real(z) < 0, e, 1) / (1 + e)
    return a


def relu(z: Array) -> Array:
    """Return ``z`` where it is positive, else 0."""
    return np.where(np.real(z) <= 0, 0, z)


def leaky_relu(z: Array, c: float) -> Array:
    """Return ``z`` where it is positive, else ``c z``."""
    return np.where(np.real(z) <= 0, c * z, z)


def leaky_relu_slope(a: Array, c: float) -> Array:
    """Return 1 where the unit is on, else ``c``, which is also our choice for the kink at 0."""
    return np.where(np.real(a) > 0, 1, c).astype(a.dtype)


ACTIVATIONS: dict[str, tuple[Callable[[Array, float], Array], Callable[[Array, float], Array]]] = {
    "identity": (lambda z, c: +z, lambda a, c: np.ones_like(a)),
    "leaky_relu": (leaky_relu, leaky_relu_slope),
    "relu": (lambda z, c: relu(z), lambda a, c: leaky_relu_slope(a, 0)),
    "sigmoid": (lambda z, c: sigmoid(z), lambda a, c: a * (1 - a)),
    "tanh": (lambda z, c: np.tanh(z), lambda a, c: 1 - a * a),
}


# Output units with the loss of each example, from the logit z. For all of them dL/dz = a - y.

def softmax(z: Array) -> Array:
    """Return ``exp(z)`` over its column sum, shifted so that every power is at most 1."""
    e = np.exp(z - np.real(z).max(axis=0))
    a: Array = e / e.sum(axis=0)
    return a


def cross_entropy(z: Array, y: Array) -> Array:
    """Return ``logsumexp(z) - sum(y z)``; as the column of ``y`` sums to 1, the shift drops out."""
    shifted = z - np.real(z).max(axis=0)
    losses: Array = np.log(np.exp(shifted).sum(axis=0)) - (y * shifted).sum(axis=0)
    return losses


def binary_cross_entropy(z: Array, y: Array) -> Array:
    """Return ``-y log a - (1 - y) log(1 - a)`` of ``a = sigmoid(z)`` without ever taking log 0."""
    losses: Array = (relu(z) - y * z + np.log1p(np.exp(-absolute(z)))).sum(axis=0)
    return losses


OUTPUTS: dict[str, tuple[Callable[[Array], Array], Callable[[Array, Array], Array]]] = {
    "exp": (np.exp, lambda z, y: (np.exp(z) - y * z).sum(axis=0)),
    "identity": (lambda z: +z, lambda z, y: ((z - y) ** 2).sum(axis=0) / 2),
    "sigmoid": (sigmoid, binary_cross_entropy),
    "softmax": (softmax, cross_entropy),
}


# The two passes.

def forward(
    W1: Maybe, b1: Maybe, W2: Array, b2: Array, X: Array,
    hidden: str = "tanh", output: str = "sigmoid", negative_slope: float = 0.01,
) -> tuple[Maybe, Maybe, Array, Array]:
    """Return ``Z1, A1 (n_h, m)``, or None without a hidden layer, and ``Z2, A2 (n_y, m)``."""
    Z1 = A1 = None
    if W1 is not None:
        Z1 = W1 @ X + b1
        A1 = ACTIVATIONS[hidden][0](Z1, negative_slope)
    Z2 = W2 @ (X if A1 is None else A1) + b2
    return Z1, A1, Z2, OUTPUTS[output][0](Z2)


def cost(
    W1: Maybe, b1: Maybe, W2: Array, b2: Array, X: Array, Y: Array,
    hidden: str = "tanh", output: str = "sigmoid", negative_slope: float = 0.01,
    l2: float = 0.0, example_weights: Maybe = None,
) -> Any:
    """Return ``J = sum(s L) / sum(s) + l2/2 (sum W1^2 + sum W2^2)``; ``s`` is 1 without weights.

    >>> zero = np.zeros((1, 1))
    >>> round(cost(None, None, zero, zero, np.ones((1, 3)), np.ones((1, 3))), 6)  # log 2
    0.693147
    """
    s = np.ones(X.shape[1], X.dtype) if example_weights is None else example_weights
    _, _, Z2, _ = forward(W1, b1, W2, b2, X, hidden, output, negative_slope)
    losses = OUTPUTS[output][1](Z2, Y)  # (m,)
    squares = (W2 * W2).sum() + (0 if W1 is None else (W1 * W1).sum())
    return ((s * losses).sum() / s.sum() + l2 / 2 * squares).item()


def gradients(
    W1: Maybe, b1: Maybe, W2: Array, b2: Array, X: Array, Y: Array,
    hidden: str = "tanh", output: str = "sigmoid", negative_slope: float = 0.01,
    l2: float = 0.0, example_weights: Maybe = None,
) -> tuple[Any, Maybe, Maybe, Array, Array, Array]:
    """Return the cost and its derivatives ``dW1, db1, dW2, db2, dX``, shaped like their arrays."""
    s = np.ones(X.shape[1], X.dtype) if example_weights is None else example_weights
    J = cost(W1, b1, W2, b2, X, Y, hidden, output, negative_slope, l2, s)
    _, A1, _, A2 = forward(W1, b1, W2, b2, X, hidden, output, negative_slope)

    dZ2 = s * (A2 - Y) / s.sum()  # (n_y, m)
    dW2 = dZ2 @ (X if A1 is None else A1).T + l2 * W2  # (n_y, n_h)
    db2 = dZ2.sum(axis=1, keepdims=True)  # (n_y, 1): without keepdims it would be (n_y,)
    if W1 is None or A1 is None:
        return J, None, None, dW2, db2, W2.T @ dZ2

    dZ1 = (W2.T @ dZ2) * ACTIVATIONS[hidden][1](A1, negative_slope)  # (n_h, m)
    dW1 = dZ1 @ X.T + l2 * W1  # (n_h, n_x)
    db1 = dZ1.sum(axis=1, keepdims=True)  # (n_h, 1)
    return J, dW1, db1, dW2, db2, W1.T @ dZ1  # dX (n_x, m)


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


OPTIMIZERS: dict[str, Callable[..., tuple[Array, tuple[Array, ...]]]] = {
    "adam": step_adam, "gd": step_gd, "sgd": step_sgd,
}


# Training.

def batches(m: int, batch_size: int | None, order: Maybe) -> list[Any]:
    """Return what picks each batch's columns: everything, or stretches of the epoch's order."""
    if batch_size is None:
        return [slice(None)]
    order = np.arange(m) if order is None else order
    return [order[start : start + batch_size] for start in range(0, m, batch_size)]


def train(
    W1: Maybe, b1: Maybe, W2: Array, b2: Array, X: Array, Y: Array,
    hidden: str = "tanh", output: str = "sigmoid", *, negative_slope: float = 0.01,
    l2: float = 0.0, example_weights: Maybe = None,
    n_epochs: int = 1000, batch_size: int | None = None, orders: Iterable[Array] | None = None,
    optimizer: str = "gd", learning_rate: float = 0.1, schedule: str = "constant",
    power_t: float = 0.5, tol: float | None = None, n_iter_no_change: int = 10, **settings: Any,
) -> tuple[tuple[Maybe, Maybe, Array, Array], list[float]]:
    """Pass `n_epochs` times over the data; return the parameters and each epoch's cost.

    An epoch is one step, or with `batch_size` one per batch, in the order of ``orders[epoch]``.
    Costs are taken before each step; an epoch's is the weighted mean over its batches.
    ``"invscaling"`` divides the rate by ``(examples seen + 1)^power_t``. With `tol`, more than
    `n_iter_no_change` epochs in a row whose cost does not go below the best by `tol` end the
    training, or, if the schedule is ``"adaptive"`` and the rate above 1e-6, divide the rate by 5.
    """
    P: list[Any] = [W1, b1, W2, b2]
    states: list[tuple[Array, ...]] = [(), (), (), ()]
    m = X.shape[1]
    s = np.ones(m, X.dtype) if example_weights is None else example_weights
    epoch_orders = [None] * n_epochs if orders is None else list(orders)
    costs: list[float] = []
    best, stalled, t = float("inf"), 0, 0
    for epoch in range(n_epochs):
        rate = learning_rate / (epoch * m + 1) ** (power_t if schedule == "invscaling" else 0)
        costs.append(0.0)
        for batch in batches(m, batch_size, epoch_orders[epoch]):
            share = float(s[batch].sum() / s.sum())
            if share == 0:
                continue  # no example here counts: nothing to learn
            data = (X[:, batch], Y[:, batch], hidden, output, negative_slope, l2, s[batch])
            J, *dP, _ = gradients(P[0], P[1], P[2], P[3], *data)
            costs[-1] += J * share
            t += 1
            for k in range(4):  # all four at once: every dP came from the old P
                if P[k] is not None:
                    step = OPTIMIZERS[optimizer]
                    P[k], states[k] = step(P[k], dP[k], states[k], t, rate, **settings)

        stalled = stalled + 1 if tol is not None and costs[-1] > best - tol else 0
        best = min(best, costs[-1])
        if stalled > n_iter_no_change:
            if schedule != "adaptive" or learning_rate <= 1e-6:
                break
            learning_rate, stalled = learning_rate / 5, 0
    return (P[0], P[1], P[2], P[3]), costs


# The same passes as loops over examples, and over single neurons: slow, and equal to the above.

def forward_by_example(
    W1: Maybe, b1: Maybe, W2: Array, b2: Array, X: Array,
    hidden: str = "tanh", output: str = "sigmoid", negative_slope: float = 0.01,
) -> Array:
    """Return ``A2 (n_y, m)``, one example ``x (n_x,)`` after the other."""
    columns = []
    for x in X.T:
        a1 = x
        if W1 is not None and b1 is not None:
            z1 = W1 @ x + b1[:, 0]  # (n_h,)
            a1 = ACTIVATIONS[hidden][0](z1, negative_slope)
        z2 = W2 @ a1 + b2[:, 0]  # (n_y,)
        columns.append(OUTPUTS[output][0](z2))
    return np.stack(columns, axis=1)


def neuron(w: Array, b: Any, x: Array) -> Any:
    """Return ``z = w . x + b``, which is all that a neuron does before its activation."""
    z = b
    for k in range(len(x)):
        z = z + w[k] * x[k]
    return z


def forward_by_neuron(
    W1: Maybe, b1: Maybe, W2: Array, b2: Array, X: Array,
    hidden: str = "tanh", output: str = "sigmoid", negative_slope: float = 0.01,
) -> Array:
    """Return ``A2 (n_y, m)``, one neuron of one example after the other."""
    columns = []
    for x in X.T:
        a1 = x
        if W1 is not None and b1 is not None:
            z1 = [neuron(W1[j], b1[j, 0], x) for j in range(len(W1))]
            a1 = ACTIVATIONS[hidden][0](np.array(z1), negative_slope)
        z2 = [neuron(W2[k], b2[k, 0], a1) for k in range(len(W2))]
        columns.append(OUTPUTS[output][0](np.array(z2)))  # softmax needs the whole column
    return np.stack(columns, axis=1)


def gradients_by_example(
    W1: Maybe, b1: Maybe, W2: Array, b2: Array, X: Array, Y: Array,
    hidden: str = "tanh", output: str = "sigmoid", negative_slope: float = 0.01,
) -> list[Any]:
    """Return ``[dW1, db1, dW2, db2]`` as the plain mean of every single example's gradients."""
    means: list[Any] = [None if P is None else np.zeros_like(P) for P in (W1, b1, W2, b2)]
    for x, y in zip(X.T, Y.T, strict=True):
        one = (x[:, None], y[:, None], hidden, output, negative_slope)
        for k, dP in enumerate(gradients(W1, b1, W2, b2, *one)[1:5]):
            if dP is not None:
                means[k] += dP / X.shape[1]
    return means
