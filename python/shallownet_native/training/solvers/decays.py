"""The decays that data speak for (MacKay 1992): their evidence, and what they are estimated to be.

A decay stands beside the mean loss, a precision beside its sum: alpha = noise n decay, where n is
the sum of the example weights and noise the precision of the targets (1 but for squared error).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from ..._native.arrays import Doubles, Floats

BIAS = 0.01  # precision of biases: with a flat prior each unit that is switched off would be a gain
LEAST_GAMMA = 1e-3
DECAYS = (1e-10, 1e4)  # beside targets of variance 1
CLOSE = 0.01  # of every decay, and of the noise: another change would move nothing
EXACT = 1e-10  # of the targets' variance: residuals are taken to be no smaller
CONSTANT = 1e-28  # of the targets' mean square: a variance that is rounding
COUNTS = (1e-6, 1e12)  # what weights of examples may add up to
SQUARES = (1e-280, 1e280)  # what the targets' variance and mean square may be


class Estimate(NamedTuple):
    """What a minimum says of the decays that led to it."""

    log_evidence: float
    n_effective: float
    # what they are estimated to be
    decay_1: float
    decay_2: float
    noise: float

    @classmethod
    def of_nothing(cls, before: Sequence[float]) -> Estimate:
        """Return what a place says whose evidence is no number: to look no further from here."""
        return cls(-math.inf, 0.0, *before)

    def change(self, before: Sequence[float]) -> float:
        """Return the largest change of a logarithm."""
        pairs = zip(self[2:], before, strict=True)
        return max(abs(math.log(after / earlier)) for after, earlier in pairs)


class Precisions:
    """Priors on the parameters of a network for some targets.

    Parameters
    ----------
    y : ndarray of float64, shape (m, n_y)
    weights : ndarray, shape (m,), or None
        How often each example counts.
    output : str

    Attributes
    ----------
    n : float
        The sum of the weights.
    spread, size : float
        The targets' variance and mean square with squared error, else 1: by them the same network
        is found whatever the unit of the targets.

    Raises
    ------
    ValueError
        If the weights are no numbers of examples, or the targets' squares no numbers.
    """

    def __init__(self, y: Floats, weights: Floats | None, output: str) -> None:
        s = np.ones(len(y)) if weights is None else weights
        self.n, self.n_y = float(s.sum()), y.shape[1]
        if not COUNTS[0] <= self.n <= COUNTS[1]:
            raise ValueError(
                "the evidence takes the weights of examples for how often each was seen: they must "
                f"add up to between {COUNTS[0]:g} and {COUNTS[1]:g}, got {self.n:g}: rescale them"
            )
        self.has_noise = output == "identity"
        self.spread = self.size = 1.0
        if self.has_noise:
            self.spread, self.size = self.squares_of(y, s[:, None] / self.n)

    def squares_of(self, y: Floats, shares: Floats) -> tuple[float, float]:
        """Return the variance and the mean square of targets; 1 where they do not vary."""
        with np.errstate(over="ignore", invalid="ignore"):
            centre = (shares * y).sum(axis=0)
            spread = float((shares * (y - centre) ** 2).sum() / self.n_y)
            size = float((shares * y**2).sum() / self.n_y)
        spread = 1.0 if spread <= CONSTANT * size else spread
        size = max(spread, size)
        if not (SQUARES[0] <= spread and size <= SQUARES[1]):
            raise ValueError(
                "the evidence needs targets whose squares are numbers, got some as large as "
                f"{np.abs(y).max():.3g}: divide them by their standard deviation"
            )
        return spread, size

    def first(self, decay: float) -> tuple[float, float, float]:
        """Return the decays of W1 and W2, and the noise, that a search begins with."""
        return decay * self.spread, decay, 1 / self.spread

    def decays(
        self, decay_1: float, decay_2: float, noise: float
    ) -> tuple[float, float, float, float]:
        """Return the decays of W1, b1, W2 and b2."""
        bias = BIAS / (noise * self.n)
        return decay_1, bias, decay_2, bias / self.size

    def estimate(
        self,
        arrays: Sequence[Floats],
        variances: Sequence[Doubles],
        log_det: float,
        loss: float,
        before: Sequence[float],
        *,
        is_shared: bool,
    ) -> Estimate:
        """Return the evidence at a minimum, and new decays.

        Parameters
        ----------
        arrays, variances : sequence of ndarray
            W1, b1, W2, b2, and the posterior variance of each of their parameters.
        log_det : float
            Of the posterior precision.
        loss : float
            The mean loss.
        before : sequence of float
            The decays of W1 and W2, and the noise, that led here.
        is_shared : bool
            Whether both have one decay.
        """
        noise = before[2]
        alphas = [noise * self.n * decay for decay in self.decays(before[0], before[1], noise)]
        with np.errstate(over="ignore"):
            squares = [float((P * P).sum()) for P in arrays]
        effective = [
            min(max(P.size - alpha * float(v.sum()), 0.0), float(P.size))  # but for rounding
            for P, v, alpha in zip(arrays, variances, alphas, strict=True)
        ]
        counts = zip(arrays, squares, alphas, strict=True)
        log_evidence = -noise * self.n * loss - log_det / 2
        log_evidence += sum(P.size * math.log(a) - a * square for P, square, a in counts) / 2
        if self.has_noise:
            log_evidence += self.n * self.n_y / 2 * math.log(noise / (2 * math.pi))
        if not math.isfinite(log_evidence + sum(effective)):
            return Estimate.of_nothing(before)
        if self.has_noise:
            noise = self.noise(sum(effective), loss)
        well = [effective[0], effective[2]]
        squares = [squares[0], squares[2] / self.spread]
        if is_shared:
            well, squares = [sum(well)] * 2, [sum(squares)] * 2
        new = [
            max(gamma, LEAST_GAMMA) / max(square, 1e-300) / (noise * self.spread * self.n)
            for gamma, square in zip(well, squares, strict=True)
        ]
        decay_1, decay_2 = (min(max(decay, DECAYS[0]), DECAYS[1]) for decay in new)
        return Estimate(log_evidence, sum(effective), decay_1 * self.spread, decay_2, noise)

    def noise(self, n_effective: float, loss: float) -> float:
        """Return the precision of targets that are missed by so much."""
        free: float = max(self.n * self.n_y - n_effective, 1.0)
        squares: float = max(2 * self.n * loss, EXACT * self.spread * free)
        return free / squares
