"""The evidence for decays (MacKay 1992) in plain NumPy: how likely they make the targets.

Each array of weights has a Gaussian prior of mean 0 and one precision, alpha; a decay is what alpha
is beside the mean loss: ``alpha = noise N decay``, where N is the sum of the example weights, and
`noise` the precision of the targets with squared error, else 1. Biases have a weak prior, or each
unit that is switched off would count as a gain. The posterior is taken as a Gaussian around the
minimum, whose precision is the Gauss-Newton matrix.
"""
# fmt: off

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from .method import Array, Maybe, cost
from .second_order import DecayedCost, levenberg_marquardt

BIAS = 0.01  # precision of biases
LEAST_GAMMA, DECAYS, CLOSE = 1e-3, (1e-10, 1e4), 0.01
MINIMUM: dict[str, Any] = {"n_iterations": 300, "tol": 1e-6, "flat": 1e-6, "patience": 2}


class Scales(NamedTuple):
    """By which decays do not depend on the unit of the targets; 1 but with squared error."""

    spread: float  # weighted variance of the targets
    size: float  # their weighted mean square

    @classmethod
    def of(cls, Y: Array, s: Array, output: str) -> Scales:
        """Return those of targets ``(n_y, m)``."""
        if output != "identity":
            return cls(1.0, 1.0)
        mean = (s * Y).sum(axis=1, keepdims=True) / s.sum()
        spread = (s * (Y - mean) ** 2).sum() / (s.sum() * len(Y))
        size = (s * Y**2).sum() / (s.sum() * len(Y))
        if spread <= 1e-28 * size:  # of rounding: they are constant
            spread = 1.0
        return cls(float(spread), float(max(spread, size)))


class Step(NamedTuple):
    """A minimum for some decays, and what they are estimated to be by it."""

    parameters: tuple[Maybe, Maybe, Array, Array]
    decays: tuple[float, ...]  # of W1, b1, W2, b2
    noise: float
    log_evidence: float
    effective: Array  # (4,): well-determined parameters of each array
    next_decays: tuple[float, ...]
    next_noise: float


def log_evidence(
    W1: Maybe, b1: Maybe, W2: Array, b2: Array, X: Array, Y: Array,
    hidden: str = "tanh", output: str = "sigmoid", negative_slope: float = 0.01,
    decays: Sequence[float] = (0.01, 0.01, 0.01, 0.01), example_weights: Maybe = None,
    noise: float = 1.0,
) -> float:
    """Return log p(Y | decays, noise), but for terms in Y alone, around a minimum of the cost.

    ``-noise N L - 1/2 sum(alpha P^2) + 1/2 sum(log alpha) - 1/2 log det A``, where the sums run
    over parameters P and L is the mean loss; with squared error also N n_y/2 log(noise / 2 pi).
    """
    kind, start = (hidden, output, negative_slope), (W1, b1, W2, b2)
    problem = DecayedCost(start, X, Y, kind, decays, example_weights)
    theta = np.concatenate([P.ravel() for P in start if P is not None])
    n = noise * problem.s.sum()
    alpha = n * problem.decay
    log_det = np.linalg.slogdet(n * problem.gauss_newton(theta))[1]
    value = -n * problem.cost(theta) + (np.log(alpha).sum() - log_det) / 2
    if output == "identity":
        value += problem.s.sum() * len(Y) / 2 * np.log(noise / (2 * np.pi))
    return float(value)


def effective_parameters(
    W1: Maybe, b1: Maybe, W2: Array, b2: Array, X: Array, Y: Array,
    hidden: str = "tanh", output: str = "sigmoid", negative_slope: float = 0.01,
    decays: Sequence[float] = (0.01, 0.01, 0.01, 0.01), example_weights: Maybe = None,
) -> Array:
    """Return, of each of the four arrays, how many parameters the data determine.

    ``gamma = sum(1 - decay (G^-1)_kk)`` over its parameters: 1 for one that the data hold, 0 for
    one that only the decay holds.
    """
    start = (W1, b1, W2, b2)
    problem = DecayedCost(start, X, Y, (hidden, output, negative_slope), decays, example_weights)
    theta = np.concatenate([P.ravel() for P in start if P is not None])
    gamma = 1 - problem.decay * np.diag(np.linalg.inv(problem.gauss_newton(theta)))
    return np.array([part.sum() for part in np.split(gamma, problem.ends)])


def first_decays(scales: Scales, decay: float, n: float) -> tuple[tuple[float, ...], float]:
    """Return decays that are `decay` where targets have variance 1, and the noise to begin with."""
    noise = 1 / scales.spread
    biases = (BIAS / (noise * n), BIAS / (scales.size * noise * n))
    return (decay * scales.spread, biases[0], decay, biases[1]), noise


def estimate(
    parameters: Sequence[Any], gamma: Array, loss: float, n: float, scales: Scales,
    output: str, is_shared: bool,
) -> tuple[tuple[float, ...], float]:
    """Return MacKay's new decays, ``gamma / sum(w^2)`` of each array or of both, and the noise."""
    W1, _, W2, b2 = parameters
    noise = 1.0
    if output == "identity":
        free = max(n * len(b2) - gamma.sum(), 1.0)  # of the residuals
        noise = free / max(2 * n * loss, 1e-10 * scales.spread * free)
    # in units of targets of variance 1
    squares = np.array([0.0 if W1 is None else (W1**2).sum(), (W2**2).sum() / scales.spread])
    well = gamma[[0, 2]]
    if is_shared:
        squares, well = np.full(2, squares.sum()), np.full(2, well.sum())
    alphas = np.maximum(well, LEAST_GAMMA) / np.maximum(squares, 1e-300)
    d1, d2 = np.clip(alphas / (noise * scales.spread * n), *DECAYS)
    (_, *biases), _ = first_decays(scales, 1.0, n)
    ratio = 1 / (noise * scales.spread)  # what the biases' precision is beside another noise
    return (d1 * scales.spread, biases[0] * ratio, d2, biases[2] * ratio), noise


def maximise_evidence(
    W1: Maybe, b1: Maybe, W2: Array, b2: Array, X: Array, Y: Array,
    hidden: str = "tanh", output: str = "sigmoid", negative_slope: float = 0.01,
    example_weights: Maybe = None, *, first: float = 0.01, is_shared: bool = False,
    n_steps: int = 30,
) -> list[Step]:
    """Minimise, estimate the decays anew, and again, until they change by less than a hundredth."""
    s = np.ones(X.shape[1]) if example_weights is None else example_weights
    scales, n = Scales.of(Y, s, output), float(s.sum())
    parameters: Any = (W1, b1, W2, b2)
    decays, noise = first_decays(scales, first, n)
    steps: list[Step] = []
    data: Any = (X, Y, hidden, output, negative_slope)
    while len(steps) < n_steps:
        network: Any = (*parameters, *data, decays, s)
        parameters = levenberg_marquardt(*network, **MINIMUM).parameters
        without, under = (*parameters, *data, 0.0, s), (*parameters, *data, decays, s)
        gamma = effective_parameters(*under)
        following = estimate(parameters, gamma, cost(*without), n, scales, output, is_shared)
        value = log_evidence(*(*under, noise))
        steps.append(Step(parameters, decays, noise, value, gamma, *following))
        before, after = np.array([*decays, noise]), np.array([*following[0], following[1]])
        decays, noise = following
        if np.abs(np.log(after / before)).max() < CLOSE:
            break
    return steps
