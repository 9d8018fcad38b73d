"""Levenberg-Marquardt in plain NumPy: Newton's method, damped until a step goes down.

Everything is written out at its plainest: the Hessian of `derivatives`, Cholesky's factor of it, a
step, and whether that step is taken.
"""
# fmt: off

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from .derivatives import gauss_newton, hessian
from .method import Array, Maybe, cost, gradients

KINKED = ("leaky_relu", "relu")  # no second derivative there: Gauss-Newton alone
LEAST_DAMPING, MOST_DAMPING = 1e-18, 1e12


class Minimum(NamedTuple):
    """Where a minimisation has ended: the start's cost and that of each step, and why."""

    parameters: tuple[Maybe, Maybe, Array, Array]
    costs: list[float]
    n_solves: int
    n_exact: int  # of them with the exact Hessian
    status: str  # "done", "minimum", "flat", "stuck", "solves" or "diverged"


class DecayedCost:
    """``f(theta) = mean loss + 1/2 sum_k decays[k] |array k|^2``, and its derivatives."""

    def __init__(
        self, parameters: Sequence[Maybe], X: Array, Y: Array, kind: Sequence[Any],
        decays: Sequence[float], example_weights: Maybe,
    ) -> None:
        self.shapes = [None if P is None else P.shape for P in parameters]
        sizes = [0 if P is None else P.size for P in parameters]
        self.ends = np.cumsum(sizes)[:3]
        self.decay = np.repeat(np.asarray(decays, float), sizes)  # (p,), of each parameter
        self.kind = kind
        self.s = np.ones(X.shape[1]) if example_weights is None else example_weights
        self.data: Any = (X, Y, *kind, 0.0, self.s)  # without a penalty of one l2 for all
        squares = (self.s * X**2).sum(axis=1) / self.s.sum()  # (n_x,), of each input
        squares = np.where((squares > 0) & np.isfinite(squares), squares, 1)
        self.scale = np.ones(sum(sizes))  # (p,): the squares where a weight meets an input
        n_first = sizes[0] or sizes[2]
        self.scale[:n_first] = np.tile(squares, n_first // len(squares))

    def arrays(self, theta: Array) -> list[Any]:
        """Return W1, b1, W2, b2; without a hidden layer the first two are None."""
        pairs = zip(np.split(theta, self.ends), self.shapes, strict=True)
        return [None if shape is None else P.reshape(shape) for P, shape in pairs]

    def cost(self, theta: Array) -> Any:
        """Return f."""
        loss = cost(*self.arrays(theta), *self.data)
        return np.float64(loss + (self.decay * theta**2).sum() / 2)

    def gradient(self, theta: Array) -> Array:
        """Return df/dtheta ``(p,)``."""
        parts = gradients(*self.arrays(theta), *self.data)[1:5]
        g: Array = np.concatenate([P.ravel() for P in parts if P is not None])
        g += self.decay * theta
        return g

    def gauss_newton(self, theta: Array) -> Array:
        """Return G ``(p, p)``."""
        G = gauss_newton(*self.arrays(theta), *self.data)
        return G + np.diag(self.decay)

    def hessian(self, theta: Array) -> Array | None:
        """Return H ``(p, p)``; None where it is G: with kinks, and without a hidden layer."""
        if self.kind[0] in KINKED or self.shapes[0] is None:
            return None
        return hessian(*self.arrays(theta), *self.data) + np.diag(self.decay)


class Damping:
    """How much a step is held back: Nielsen (1999), and the count of what was solved."""

    def __init__(self, first: float) -> None:
        self.value, self.growth = max(first, LEAST_DAMPING), 2.0
        self.n_solves = self.n_exact = 0

    def accept(self, rho: Any) -> None:
        """Fall, the more the better f was predicted: by two thirds at most."""
        self.value = max(self.value * max(1 / 3, 1 - (2 * rho - 1) ** 3), LEAST_DAMPING)
        self.growth = 2.0

    def reject(self) -> None:
        """Rise, faster with each step in a row that is not taken."""
        self.value, self.growth = self.value * self.growth, self.growth * 2


def cholesky(A: Array) -> Array | None:
    """Return L with ``L L^T = A``; None unless all pivots are positive and finite."""
    try:
        L: Array = np.linalg.cholesky(A)
    except np.linalg.LinAlgError:
        return None
    return L if np.isfinite(L).all() else None


def damped_step(H: Array | None, G: Array, g: Array, damping: Array) -> tuple[Array, bool]:
    """Return d, NaN if neither matrix has a factor, and whether it is of the exact Hessian."""
    L = None if H is None else cholesky(H + np.diag(damping))
    is_exact = L is not None
    if L is None:
        L = cholesky(G + np.diag(damping))
    if L is None:
        return np.full_like(g, np.nan), False
    return -np.linalg.solve(L.T, np.linalg.solve(L, g)), is_exact


def step_down(
    problem: DecayedCost, theta: Array, f: Any, g: Array, damping: Damping, max_solves: float
) -> tuple[Array, Any, str]:
    """Return where a step leads that lowers f, and f there; a status other than "done": none."""
    G, H, D = problem.gauss_newton(theta), problem.hessian(theta), problem.scale
    if damping.n_solves == 0:
        damping.value = max(1e-3 * (np.diag(G) / D).max(), LEAST_DAMPING)
    while damping.n_solves < max_solves:
        d, is_exact = damped_step(H, G, g, damping.value * D)
        damping.n_solves += 1
        damping.n_exact += is_exact
        with np.errstate(all="ignore"):  # a step far out may overflow: it is not taken
            trial = problem.cost(theta + d)
            predicted = (damping.value * (D * d * d).sum() - g @ d) / 2
            rho = (f - trial) / predicted
            if np.isfinite(trial) and trial < f and rho > 1e-4:
                damping.accept(rho)
                return theta + d, trial, "done"
        damping.reject()
        if not damping.value <= MOST_DAMPING:
            return theta, f, "stuck"
    return theta, f, "solves"


def levenberg_marquardt(
    W1: Maybe, b1: Maybe, W2: Array, b2: Array, X: Array, Y: Array,
    hidden: str = "tanh", output: str = "sigmoid", negative_slope: float = 0.01,
    decays: Sequence[float] = (0.0, 0.0, 0.0, 0.0), example_weights: Maybe = None, *,
    n_iterations: int = 1000, tol: float = 1e-6, flat: float = 1e-8, unit: float = 0.0,
    patience: int = 3, max_solves: float = float("inf"),
) -> Minimum:
    """Minimise ``mean loss + 1/2 sum(decays[k] |array k|^2)``; an iteration is a step taken.

    A step solves ``(A + damping diag(D)) d = -g``, where A is the Hessian, or, where Cholesky meets
    a pivot that is not positive, Gauss-Newton's matrix. D is the mean square of an input at its
    weights, else 1: so the scale of an input does not matter.

    >>> X, zero = np.array([[1.0, 2.0, 3.0]]), np.zeros((1, 1))
    >>> line = levenberg_marquardt(None, None, zero, zero, X, 2 * X + 1, output="identity")
    >>> line.status, round(line.parameters[2].item(), 4), round(line.parameters[3].item(), 4)
    ('minimum', 2.0, 1.0)
    """
    start = (W1, b1, W2, b2)
    problem = DecayedCost(start, X, Y, (hidden, output, negative_slope), decays, example_weights)
    theta = np.concatenate([P.ravel() for P in start if P is not None])
    with np.errstate(over="ignore", invalid="ignore"):  # looked at below
        f, g = problem.cost(theta), problem.gradient(theta)
    costs, n_flat, damping = [f.item()], 0, Damping(0.0)
    status = "done" if np.isfinite(f) and np.isfinite(g).all() else "diverged"
    while status == "done" and len(costs) <= n_iterations:
        if np.abs(g).max() <= tol:
            status = "minimum"
            break
        theta, after, status = step_down(problem, theta, f, g, damping, max_solves)
        if status == "done":
            n_flat = n_flat + 1 if f - after <= flat * max(abs(f), abs(after), unit) else 0
            f, g = after, problem.gradient(theta)
            costs.append(f.item())
            status = "flat" if n_flat >= patience else status
    W1, b1, W2, b2 = problem.arrays(theta)
    return Minimum((W1, b1, W2, b2), costs, damping.n_solves, damping.n_exact, status)
