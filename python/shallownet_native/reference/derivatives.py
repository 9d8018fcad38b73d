"""Derivatives beyond the gradient, in plain NumPy: each formula at its plainest.

A vector of parameters is ``W1, b1, W2, b2`` one after the other, each in C order, ``p`` numbers.
``J`` is what `method.cost` returns; the two matrices hold its penalty and weights.
"""
# fmt: off

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from .method import OF_INPUT, Array, Maybe, delta, forward, sigmoid, slopes, softplus


def mish_curvature(z: Array) -> Array:
    """Return ``2 t' + z t''`` of ``t = tanh(log(1 + e^z))``, whose ``t'`` is ``(1 - t^2) s``."""
    t, s = np.tanh(softplus(z)), sigmoid(z)
    bend: Array = (1 - t * t) * s * (2 + z * (1 - s - 2 * t * s))
    return bend


def silu_curvature(z: Array) -> Array:
    """Return ``s (1 - s) (2 + z (1 - 2 s))`` with ``s = sigmoid(z)``."""
    s = sigmoid(z)
    bend: Array = s * (1 - s) * (2 + z * (1 - 2 * s))
    return bend


# The second derivative g''(z) of each activation, from what its slope is written from; 0 at a kink,
# as beside it.
CURVATURES: dict[str, Callable[[Array, float], Array]] = {
    "identity": lambda a, c: np.zeros_like(a),
    "leaky_relu": lambda a, c: np.zeros_like(a),
    "mish": lambda z, c: mish_curvature(z),
    "relu": lambda a, c: np.zeros_like(a),
    "sigmoid": lambda a, c: a * (1 - a) * (1 - 2 * a),
    "silu": lambda z, c: silu_curvature(z),
    "tanh": lambda a, c: -2 * a * (1 - a * a),
}


def curvatures(hidden: str, Z1: Array, A1: Array, c: float) -> Array:
    """Return ``g''(Z1)`` of an activation by its name."""
    return CURVATURES[hidden](Z1 if hidden in OF_INPUT else A1, c)


def diagonal(d: Array) -> Array:
    """Return ``d (n_y, m)`` as the diagonals of matrices ``(m, n_y, n_y)``."""
    matrices: Array = np.einsum("ki,kl->ikl", d, np.eye(len(d)))
    return matrices


# dA2/dZ2 (m, n_y, n_y) from the outputs a; as dL/dz = a - y, the loss's second derivatives, too,
# but for the quantile's, which has none.
OUTPUT_SLOPES: dict[str, Callable[[Array], Array]] = {
    "exp": diagonal,
    "identity": lambda a: diagonal(np.ones_like(a)),
    "quantile": lambda a: diagonal(np.ones_like(a)),
    "sigmoid": lambda a: diagonal(a * (1 - a)),
    "softmax": lambda a: diagonal(a) - np.einsum("ki,li->ikl", a, a),
}


def jacobian(
    W1: Maybe, b1: Maybe, W2: Array, b2: Array, X: Array,
    hidden: str = "tanh", output: str = "sigmoid", negative_slope: float = 0.01,
    wrt: str = "parameters", of: str = "outputs",
) -> Array:
    """Return ``dA2/dP (m, n_y, p)`` or ``dA2/dX (m, n_y, n_x)``; of ``"logits"``: Z2 for A2."""
    Z1, A1, _, A2 = forward(W1, b1, W2, b2, X, hidden, output, negative_slope)
    n_y, m = A2.shape
    A = X if A1 is None else A1
    # dZ2[k] of example i by W2[l, j] is A[j, i] where l = k, and by b2[l] it is 1.
    dW2 = np.einsum("kl,ji->iklj", np.eye(n_y), A).reshape(m, n_y, -1)
    db2 = np.broadcast_to(np.eye(n_y), (m, n_y, n_y))
    parts = [dW2, db2]
    dX = np.broadcast_to(W2, (m, *W2.shape))
    if W1 is not None and Z1 is not None and A1 is not None:
        dZ1 = np.einsum("kj,ji->ikj", W2, slopes(hidden, Z1, A1, negative_slope))
        parts = [np.einsum("ikj,xi->ikjx", dZ1, X).reshape(m, n_y, -1), dZ1, *parts]
        dX = dZ1 @ W1
    of_logits = dX if wrt == "inputs" else np.concatenate(parts, axis=2)
    return of_logits if of == "logits" else OUTPUT_SLOPES[output](A2) @ of_logits


def example_gradients(
    W1: Maybe, b1: Maybe, W2: Array, b2: Array, X: Array, Y: Array,
    hidden: str = "tanh", output: str = "sigmoid", negative_slope: float = 0.01,
    quantile: float = 0.5,
) -> Array:
    """Return ``(m, p)``: the gradient of each example's own loss, without weight and penalty."""
    A2 = forward(W1, b1, W2, b2, X, hidden, output, negative_slope)[3]
    network = (W1, b1, W2, b2, X, hidden, output, negative_slope)
    dZ2 = delta(output, A2, Y, quantile)
    rows: Array = np.einsum("ikp,ki->ip", jacobian(*network, of="logits"), dZ2)
    return rows


def gauss_newton(
    W1: Maybe, b1: Maybe, W2: Array, b2: Array, X: Array, Y: Array,
    hidden: str = "tanh", output: str = "sigmoid", negative_slope: float = 0.01,
    l2: float = 0.0, example_weights: Maybe = None,
) -> Array:
    """Return ``sum(s_i Z'^T H_i Z') / sum(s) + l2`` on weights: the logits taken as linear."""
    s = np.ones(X.shape[1], X.dtype) if example_weights is None else example_weights
    A2 = forward(W1, b1, W2, b2, X, hidden, output, negative_slope)[3]
    Z = jacobian(W1, b1, W2, b2, X, hidden, output, negative_slope, of="logits")
    H = s[:, None, None] * OUTPUT_SLOPES[output](A2) / s.sum()
    G: Array = np.einsum("ikp,ikl,ilq->pq", Z, H, Z, optimize=True)
    sizes = [0 if P is None else P.size for P in (W1, b1, W2, b2)]
    return G + np.diag(np.repeat([l2, 0, l2, 0], sizes))


def hessian(
    W1: Maybe, b1: Maybe, W2: Array, b2: Array, X: Array, Y: Array,
    hidden: str = "tanh", output: str = "sigmoid", negative_slope: float = 0.01,
    l2: float = 0.0, example_weights: Maybe = None,
) -> Array:
    """Return ``d2J/dP2 (p, p)``: Gauss-Newton, and what the logits' own curvature adds to it."""
    network = (W1, b1, W2, b2, X)
    H = gauss_newton(*network, Y, hidden, output, negative_slope, l2, example_weights)
    if W1 is None:
        return H  # the logits are linear
    s = np.ones(X.shape[1], X.dtype) if example_weights is None else example_weights
    Z1, A1, _, A2 = forward(*network, hidden, output, negative_slope)
    assert Z1 is not None and A1 is not None
    dZ2 = s * (A2 - Y) / s.sum()  # (n_y, m)
    (n_h, n_x), n_y = W1.shape, len(W2)
    ones = np.concatenate([X, np.ones((1, X.shape[1]), X.dtype)])  # (n_x + 1, m)
    bend = (W2.T @ dZ2) * curvatures(hidden, Z1, A1, negative_slope)  # (n_h, m)
    slope = slopes(hidden, Z1, A1, negative_slope)
    for j in range(n_h):
        unit = np.append(j * n_x + np.arange(n_x), n_h * n_x + j)  # where row j of W1 and b1 stand
        H[np.ix_(unit, unit)] += (ones * bend[j]) @ ones.T
        for k in range(n_y):
            weight = n_h * (n_x + 1) + k * n_h + j  # where W2[k, j] stands
            mixed = ones @ (dZ2[k] * slope[j])
            H[unit, weight] += mixed
            H[weight, unit] += mixed
    return H


def hessian_vector_product(
    W1: Maybe, b1: Maybe, W2: Array, b2: Array, X: Array, Y: Array, vector: Array,
    hidden: str = "tanh", output: str = "sigmoid", negative_slope: float = 0.01,
    l2: float = 0.0, example_weights: Maybe = None,
) -> Array:
    """Return ``H v (p,)`` without H; R is the derivative along ``v = V1, c1, V2, c2``."""
    s = np.ones(X.shape[1], X.dtype) if example_weights is None else example_weights
    Z1, A1, _, A2 = forward(W1, b1, W2, b2, X, hidden, output, negative_slope)
    n_1 = 0 if W1 is None else W1.size + len(W1)  # parameters of the first layer
    V2, c2 = vector[n_1 : n_1 + W2.size].reshape(W2.shape), vector[n_1 + W2.size :, None]
    A = X if A1 is None else A1
    dZ2 = s * (A2 - Y) / s.sum()
    weigh = s * OUTPUT_SLOPES[output](A2).T / s.sum()  # symmetric matrices (n_y, n_y, m)
    if W1 is None or Z1 is None or A1 is None:
        RdZ2 = np.einsum("kli,li->ki", weigh, V2 @ A + c2)
        return np.concatenate([(RdZ2 @ A.T + l2 * V2).ravel(), RdZ2.sum(axis=1)])

    V1, c1 = vector[: W1.size].reshape(W1.shape), vector[W1.size : n_1, None]
    slope = slopes(hidden, Z1, A1, negative_slope)
    bend = (W2.T @ dZ2) * curvatures(hidden, Z1, A1, negative_slope)
    RZ1 = V1 @ X + c1
    RA1 = slope * RZ1
    RdZ2 = np.einsum("kli,li->ki", weigh, W2 @ RA1 + V2 @ A + c2)
    RdZ1 = slope * (W2.T @ RdZ2 + V2.T @ dZ2) + bend * RZ1
    RdW1, RdW2 = RdZ1 @ X.T + l2 * V1, RdZ2 @ A.T + dZ2 @ RA1.T + l2 * V2
    return np.concatenate([RdW1.ravel(), RdZ1.sum(axis=1), RdW2.ravel(), RdZ2.sum(axis=1)])


def largest_curvature(*network: Any, **options: Any) -> float:
    """Return the largest eigenvalue of the Hessian, which takes the same arguments."""
    return float(np.linalg.eigvalsh(hessian(*network, **options))[-1])
