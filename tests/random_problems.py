"""Random networks with their data: what the core is given, and the oracle's answers."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

import shallownet_native as sn
from shallownet_native import reference
from shallownet_native._native import backend


@dataclass(frozen=True)
class Problem:
    """A network with its data: float64 columns for the oracle, rows of `dtype` for the core.

    Every value is representable in `dtype`, so that both sides see the same numbers.
    """

    shape: tuple[int, int, int]
    hidden: str
    output: str
    dtype: np.dtype[Any]
    parameters: tuple[Any, Any, Any, Any]  # W1, b1, W2, b2 in float64
    X: Any  # (n_x, m)
    Y: Any  # (n_y, m)
    example_weights: Any = None  # (m,)
    l2: float = 0.0
    negative_slope: float = 0.01

    @property
    def m(self) -> int:
        return int(self.X.shape[1])

    def changed(self, **changes: Any) -> Problem:
        return replace(self, **changes)

    @property
    def theta(self) -> Any:
        return flatten(self.parameters).astype(self.dtype)

    def rows(self, columns: Any) -> Any:
        return np.ascontiguousarray(columns.T, dtype=self.dtype)

    @property
    def weights(self) -> Any:
        return None if self.example_weights is None else self.rows(self.example_weights)

    @property
    def start(self) -> sn.Parameters:
        return sn.Parameters.from_flat(self.theta, self.shape)

    def train(self, **options: Any) -> sn.TrainingResult:
        """Train from the start on X and Y, in `dtype`."""
        X, Y = self.X.astype(self.dtype), self.Y.astype(self.dtype)
        kind = {"hidden": self.hidden or "tanh", "output": self.output}
        return sn.train(self.start, X, Y, **{**kind, **options})

    @property
    def kind(self) -> tuple[str, str, float]:
        return self.hidden, self.output, self.negative_slope

    def core_data(self) -> tuple[Any, ...]:
        """The first arguments of the core's cost and gradients, up to l2."""
        rows = (self.rows(self.X), self.rows(self.Y), self.weights)
        return (self.theta, self.shape, *rows, *self.kind, self.l2)

    def core_gradients(self, n_threads: int = 1) -> tuple[Any, ...]:
        """Return the core's cost, dW1, db1, dW2, db2, dX in the oracle's shapes."""
        cost, theta, dx = backend.core.gradients(*self.core_data(), n_threads, True)
        return (cost, *unflatten(theta, self.shape), dx.T)

    def core_forward(self, n_threads: int = 1) -> tuple[Any, ...]:
        x = self.rows(self.X)
        rows = backend.core.forward(self.theta, self.shape, x, *self.kind, n_threads)
        return tuple(None if a is None else a.T for a in rows)

    def oracle_forward(self) -> tuple[Any, ...]:
        kind = (self.hidden or "identity", self.output, self.negative_slope)
        return reference.forward(*self.parameters, self.X, *kind)

    def oracle_gradients(self) -> tuple[Any, ...]:
        kind = (self.hidden or "identity", self.output, self.negative_slope)
        data = (self.X, self.Y)
        return reference.gradients(*self.parameters, *data, *kind, self.l2, self.example_weights)


def flatten(parameters: Any) -> Any:
    """Return W1, b1, W2, b2 as the core's one vector."""
    return np.concatenate([np.ravel(P) for P in parameters if P is not None])


def unflatten(theta: Any, shape: tuple[int, int, int]) -> tuple[Any, Any, Any, Any]:
    """Return the core's one vector as W1, b1, W2, b2 (None, None without a hidden layer)."""
    n_x, n_h, n_y = shape
    if n_h == 0:
        W2, b2 = np.split(theta, [n_y * n_x])
        return None, None, W2.reshape(n_y, n_x), b2.reshape(n_y, 1)
    W1, b1, W2, b2 = np.split(theta, np.cumsum([n_h * n_x, n_h, n_y * n_h]))
    return W1.reshape(n_h, n_x), b1.reshape(n_h, 1), W2.reshape(n_y, n_h), b2.reshape(n_y, 1)


def draw_targets(output: str, n_y: int, m: int, rng: np.random.Generator) -> Any:
    """Return targets (n_y, m) far from the outputs on average, so that no bias's sum cancels.

    A cancelling sum has no relative accuracy in any program. Soft labels are multiples of 1/4: each
    column of softmax targets then sums to exactly 1 in both floating types.
    """
    if output == "softmax":
        likely = np.where(rng.random((2, m)) < 0.6, 0, rng.integers(n_y, size=(2, m)))
        share = rng.choice([1.0, 1.0, 0.75], size=m)
        eye = np.eye(n_y)
        return eye[likely[0]].T * share + eye[likely[1]].T * (1 - share)
    if output == "sigmoid":
        return rng.choice([0.0, 0.25, 1.0], p=[0.8, 0.1, 0.1], size=(n_y, m))
    if output == "exp":
        return rng.poisson(9.0, size=(n_y, m)).astype(float)
    sides = rng.choice([-3.0, 3.0], p=[0.2, 0.8], size=(n_y, m)) if output == "quantile" else 3.0
    return rng.standard_normal((n_y, m)) + sides


def draw_problem(
    shape: tuple[int, int, int], m: int, hidden: str, output: str, dtype: Any = np.float64,
    *, weighted: bool = False, l2: float = 0.0, negative_slope: float = 0.01, seed: int = 0,
) -> Problem:  # fmt: skip
    """Return a random problem; ``n_h = 0`` is without a hidden layer.

    No hidden unit is within 1e-4 of its kink at 0, where rounding decides between two slopes.
    """
    rng, dtype = np.random.default_rng([seed, m, *shape]), np.dtype(dtype)
    n_x, n_h, n_y = shape

    def draw(*size: int, scale: float = 1.0) -> Any:
        return (scale * rng.standard_normal(size)).astype(dtype).astype(np.float64)

    W1, b1 = (draw(n_h, n_x, scale=n_x**-0.5), draw(n_h, 1, scale=0.5)) if n_h else (None, None)
    W2, b2 = draw(n_y, n_h or n_x, scale=(n_h or n_x) ** -0.5), draw(n_y, 1, scale=0.1)
    X = draw(n_x, m)
    while n_h and (near := (np.abs(W1 @ X + b1) < 1e-4).any(axis=0)).any():
        X[:, near] = draw(n_x, near.sum())
    Y = draw_targets(output, n_y, m, rng).astype(dtype).astype(np.float64)
    s = rng.choice([0.5, 1.0, 2.0, 3.0], size=m) if weighted else None
    kind = (hidden if n_h else "", output, dtype)
    return Problem(shape, *kind, (W1, b1, W2, b2), X, Y, s, l2, negative_slope)
