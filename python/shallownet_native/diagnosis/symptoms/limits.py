"""The rate beside 2 / lambda: where a training is, where it would begin, and along its steps."""

from __future__ import annotations

import math
import warnings
from functools import cached_property

import numpy as np

from ...network import Parameters, gradients, initialize, largest_curvature
from .facts import Facts

MAX_EXAMPLES, MIN_EXAMPLES = 20_000, 500  # that the curvature is taken of
MAX_WORK = 2e7  # examples times parameters: so that it takes a second at most
LARGE = 30.0  # a root mean square
N_STEPS = 30  # that are tried
AWAY = 10  # times the cost where steps began: beyond it they tell of nothing but themselves
RISES = 1e-4  # of the cost where steps began: less is rounding, or a flat


class Limit:
    """The rate beside 2 / lambda, times 1 + momentum: where a descent along one direction ends."""

    def __init__(self, facts: Facts) -> None:
        self.facts, self.run = facts, facts.run
        network, X, Y = facts.trained
        most = max(MIN_EXAMPLES, min(MAX_EXAMPLES, int(MAX_WORK / max(network.size, 1))))
        if facts.m > most:
            drawn = np.random.default_rng(0).permutation(facts.m)[:most]
            X, Y = X[:, drawn], Y[:, drawn]
        self.X, self.Y = np.ascontiguousarray(X, np.float64), np.ascontiguousarray(Y)
        self.network = network.astype(np.float64)
        self.factor = 1 + self.run.momentum

    @cached_property
    def start(self) -> Parameters:
        """A start that suits the units, as training may have had one."""
        drawn = initialize(*self.network.shape, scheme=self.facts.scheme, seed=0)
        return Parameters.adopt(drawn.flat, drawn.shape, self.network.known_units)

    @property
    def is_scaled(self) -> bool:
        """Whether inputs and targets are of a size that a rate can be found for."""
        return max(size_of(self.X), size_of(self.Y)) < LARGE

    @cached_property
    def here(self) -> float:
        """The rate over the limit at the parameters."""
        return self._at(self.network)

    @cached_property
    def beginning(self) -> float:
        """The rate over the limit where training would begin."""
        return self._at(self.start)

    @cached_property
    def steps(self) -> float:
        """The largest ratio along the next steps: saturated units hide the limit at one place."""
        return self._along(self.network)

    def worst(self, *, is_away: bool) -> tuple[float, str]:
        """Return the largest ratio, and where it is; parameters that ran away tell nothing."""
        ratios = {} if is_away else {"at these parameters": self.here}
        ratios["at a usual start"] = self.beginning
        where = max(ratios, key=lambda name: ratios[name])
        if ratios[where] > 1:
            return ratios[where], where
        # what steps tell is rough: they may be long, and relu has corners
        if is_away:
            return self._along(self.start), "in the steps from a usual start"
        return self.steps, "along its steps"

    def _at(self, network: Parameters) -> float:
        """Return the rate over the limit; 0 where there is no curvature upwards."""
        try:
            with warnings.catch_warnings(), np.errstate(all="ignore"):
                warnings.simplefilter("ignore", RuntimeWarning)
                curvature = largest_curvature(
                    network, self.X, self.Y, l2=self.facts.l2, tol=1e-3, max_iter=100
                )
        except OverflowError:
            return 0.0  # not known
        return max(self.run.rate * curvature / (2 * self.factor), 0.0)

    def _along(self, begin: Parameters) -> float:
        """Return the largest such ratio along steps, of those that raise the cost.

        By Taylor, J' = J - r g.g + r^2 g.Hg / 2 with H somewhere on the way: so the curvature in
        the step's direction is 2 / r (1 + (J' - J) / (r g.g)).
        """
        rate, largest = self.run.rate, 0.0
        theta = begin.copy()
        J, gradient = self._slope(theta)
        first = J
        for _ in range(N_STEPS):
            square = rate * float(gradient @ gradient)
            theta.flat -= rate * gradient
            if not np.isfinite(theta.flat).all() or not 0 < square < math.inf:
                return largest
            before = J
            J, gradient = self._slope(theta)
            if not math.isfinite(J):
                return largest
            if J - before > RISES * first:
                largest = max(largest, (1 + (J - before) / square) / self.factor)
            if J > AWAY * first:
                return largest
        return largest

    def _slope(self, theta: Parameters) -> tuple[float, np.ndarray]:
        J, found = gradients(theta, self.X, self.Y, l2=self.facts.l2)
        flat = np.concatenate([np.ravel(part) for part in found if part is not None])
        return float(J), flat[: theta.size]

    def sentence(self, ratio: float, where: str) -> str:
        """Return what is to be said of a ratio above 1."""
        run = self.run
        limit = run.rate / ratio
        name = "2 / lambda" if run.momentum == 0 else "2 (1 + momentum) / lambda"
        does = "the cost goes up and down"
        if not run.costs.size or "diverged" in self.facts.found:
            does = "no training stays down beyond it"
        decay = ""
        if self.facts.l2 * limit > 1:  # more than half of lambda is the decay
            decay = f"Most of lambda is the decay, {run.decay}: take less of that, too. "
        first = "" if self.is_scaled else "First scale what is named below. "
        return (
            f"{run.rate_name} {run.rate:g} is {ratio:.3g} times the limit {name} = {limit:.3g} "
            f"{where}, and {does}. {decay}{first}Lower it to {limit / 2:.2g} or less, or take "
            f"{run.lbfgs}, which finds its steps by itself."
        )


def size_of(rows: np.ndarray) -> float:
    """Return the largest root mean square of the rows."""
    return float(np.sqrt((rows**2).mean(axis=1)).max()) if rows.size else 0.0
