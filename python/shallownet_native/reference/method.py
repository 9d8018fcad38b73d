"""The method in plain NumPy: passes, losses, gradients.

Columns are examples: ``X (n_x, m)``, ``Y (n_y, m)``. The parameters are ``W1 (n_h, n_x)``,
``b1 (n_h, 1)``, ``W2 (n_y, n_h)``, ``b2 (n_y, 1)``; without a hidden layer ``W1 = b1 = None`` and
``W2`` is ``(n_y, n_x)``. The formulas hold for complex numbers too (comparisons look at the real
part, nothing is conjugated): 1e-20j added to one parameter gives its derivative as the imaginary
part of the cost.
"""
# fmt: off

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
Maybe = npt.NDArray[Any] | None  # None: there is no hidden layer


# Activations: a = g(z, c), and the slope g'(z) written from the output a, or from z, for those of
# OF_INPUT, where two z have the same a; c is negative_slope.

def absolute(z: Array) -> Array:
    """Return ``|z|`` in a form with a derivative, which the modulus of a complex number lacks."""
    return np.where(np.real(z) < 0, -z, z)


def sigmoid(z: Array) -> Array:
    """Return ``1 / (1 + exp(-z))`` without raising e to a positive power, which could overflow."""
    e = np.exp(-absolute(z))
    a: Array = np.where(np.real(z) < 0, e, 1) / (1 + e)
    return a


def softplus(z: Array) -> Array:
    """Return ``log(1 + e^z)``, e raised to no positive power."""
    a: Array = relu(z) + np.log1p(np.exp(-absolute(z)))
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


def mish(z: Array) -> Array:
    """Return ``z tanh(log(1 + e^z))`` without raising e to a positive power."""
    a: Array = z * np.tanh(softplus(z))
    return a


def mish_slope(z: Array) -> Array:
    """Return ``t + z (1 - t^2) sigmoid(z)`` with ``t = tanh(log(1 + e^z))``."""
    t = np.tanh(softplus(z))
    slope: Array = t + z * (1 - t * t) * sigmoid(z)
    return slope


def silu_slope(z: Array) -> Array:
    """Return ``s + z s (1 - s)`` with ``s = sigmoid(z)``."""
    s = sigmoid(z)
    slope: Array = s + z * s * (1 - s)
    return slope


OF_INPUT = ("mish", "silu")
ACTIVATIONS: dict[str, tuple[Callable[[Array, float], Array], Callable[[Array, float], Array]]] = {
    "identity": (lambda z, c: +z, lambda a, c: np.ones_like(a)),
    "leaky_relu": (leaky_relu, leaky_relu_slope),
    "mish": (lambda z, c: mish(z), lambda z, c: mish_slope(z)),
    "relu": (lambda z, c: relu(z), lambda a, c: leaky_relu_slope(a, 0)),
    "sigmoid": (lambda z, c: sigmoid(z), lambda a, c: a * (1 - a)),
    "silu": (lambda z, c: z * sigmoid(z), lambda z, c: silu_slope(z)),
    "tanh": (lambda z, c: np.tanh(z), lambda a, c: 1 - a * a),
}


def slopes(hidden: str, Z1: Array, A1: Array, c: float) -> Array:
    """Return ``g'(Z1)`` of an activation by its name, from what its slope is written from."""
    return ACTIVATIONS[hidden][1](Z1 if hidden in OF_INPUT else A1, c)


# Output units with the loss of each example, from the logit z. For all of them dL/dz = a - y, but
# for the quantile's, which is given a function of its own below.

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


def pinball(z: Array, y: Array, q: float = 0.5) -> Array:
    """Return ``q (y - z)`` where z is below y, ``(1 - q) (z - y)`` elsewhere: for quantile q."""
    losses: Array = np.where(np.real(z) < np.real(y), q * (y - z), (1 - q) * (z - y)).sum(axis=0)
    return losses


OUTPUTS: dict[str, tuple[Callable[[Array], Array], Callable[..., Array]]] = {
    "exp": (np.exp, lambda z, y: (np.exp(z) - y * z).sum(axis=0)),
    "identity": (lambda z: +z, lambda z, y: ((z - y) ** 2).sum(axis=0) / 2),
    "quantile": (lambda z: +z, pinball),
    "sigmoid": (sigmoid, binary_cross_entropy),
    "softmax": (softmax, cross_entropy),
}


def delta(output: str, A2: Array, Y: Array, q: float) -> Array:
    """Return ``dL/dZ2`` of every example; at the quantile's kink that above it."""
    return np.where(np.real(A2) < np.real(Y), -q, 1 - q) if output == "quantile" else A2 - Y


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
    l2: float = 0.0, example_weights: Maybe = None, quantile: float = 0.5,
) -> Any:
    """Return ``J = sum(s L) / sum(s) + l2/2 (sum W1^2 + sum W2^2)``; ``s`` is 1 without weights.

    >>> zero = np.zeros((1, 1))
    >>> round(cost(None, None, zero, zero, np.ones((1, 3)), np.ones((1, 3))), 6)  # log 2
    0.693147
    """
    s = np.ones(X.shape[1], X.dtype) if example_weights is None else example_weights
    _, _, Z2, _ = forward(W1, b1, W2, b2, X, hidden, output, negative_slope)
    level = (quantile,) if output == "quantile" else ()
    losses = OUTPUTS[output][1](Z2, Y, *level)  # (m,)
    squares = (W2 * W2).sum() + (0 if W1 is None else (W1 * W1).sum())
    return ((s * losses).sum() / s.sum() + l2 / 2 * squares).item()


def gradients(
    W1: Maybe, b1: Maybe, W2: Array, b2: Array, X: Array, Y: Array,
    hidden: str = "tanh", output: str = "sigmoid", negative_slope: float = 0.01,
    l2: float = 0.0, example_weights: Maybe = None, quantile: float = 0.5,
) -> tuple[Any, Maybe, Maybe, Array, Array, Array]:
    """Return the cost and its derivatives ``dW1, db1, dW2, db2, dX``, shaped like their arrays."""
    s = np.ones(X.shape[1], X.dtype) if example_weights is None else example_weights
    J = cost(W1, b1, W2, b2, X, Y, hidden, output, negative_slope, l2, s, quantile)
    Z1, A1, _, A2 = forward(W1, b1, W2, b2, X, hidden, output, negative_slope)

    dZ2 = s * delta(output, A2, Y, quantile) / s.sum()  # (n_y, m)
    dW2 = dZ2 @ (X if A1 is None else A1).T + l2 * W2  # (n_y, n_h)
    db2 = dZ2.sum(axis=1, keepdims=True)  # (n_y, 1): without keepdims it would be (n_y,)
    if W1 is None or Z1 is None or A1 is None:
        return J, None, None, dW2, db2, W2.T @ dZ2

    dZ1 = (W2.T @ dZ2) * slopes(hidden, Z1, A1, negative_slope)  # (n_h, m)
    dW1 = dZ1 @ X.T + l2 * W1  # (n_h, n_x)
    db1 = dZ1.sum(axis=1, keepdims=True)  # (n_h, 1)
    return J, dW1, db1, dW2, db2, W1.T @ dZ1  # dX (n_x, m)


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
