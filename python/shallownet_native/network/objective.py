"""What a network is fitted to, and the loss that scikit-learn reports of it, in the core's terms.

scikit-learn averages the squared error over the outputs where the core adds up (and so do we with
quantiles), and counts the Poisson loss from that of a perfect prediction; gradients are the same.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property

import numpy as np
import numpy.typing as npt

from .._native.arrays import Doubles, Floats
from .._native.backend import core
from .examples import Examples
from .units import Units

Shape = tuple[int, int, int]


class Objective:
    """Examples, the network for them, and the strength of the penalty.

    Parameters
    ----------
    shape : tuple of int
        (n_x, n_h, n_y).
    units : Units
    examples : Examples
        x (m, n_x), y (m, n_y), weights (m,) or None.
    alpha : float
        Penalty alpha/2 (sum W1^2 + sum W2^2), divided by the sum of the weights.
    n_threads : int
    """

    def __init__(
        self, shape: Shape, units: Units, examples: Examples, alpha: float, n_threads: int
    ) -> None:
        self.shape = shape
        self.units = units
        self.examples = examples
        self.alpha = alpha
        self.n_threads = n_threads
        self.loss_scale = 1 / shape[2] if units.output in ("identity", "quantile") else 1.0

    def __len__(self) -> int:
        return len(self.examples.x)

    @cached_property
    def terms(self) -> Doubles | None:
        """The Poisson loss's terms in y alone, y log y - y summed over outputs, shape (m,)."""
        if self.units.output != "exp":
            return None
        y = self.examples.y.astype(np.float64)
        logarithms = np.log(y, out=np.zeros_like(y), where=y > 0)  # 0 log 0 = 0
        terms: Doubles = (y * logarithms - y).sum(axis=1)
        return terms

    @cached_property
    def constant(self) -> float:
        """What those terms add to the loss of all examples together."""
        if self.terms is None:
            return 0.0
        return float(np.average(self.terms, weights=self.examples.weights))

    @cached_property
    def total(self) -> float:
        """The sum of the weights."""
        weights = self.examples.weights
        return len(self) if weights is None else float(weights.sum())

    @cached_property
    def l2(self) -> float:
        """The penalty's strength in the core's terms, for all examples together."""
        return self.alpha / self.total

    def constant_of_batches(
        self, batch_size: int
    ) -> Callable[[npt.NDArray[np.int64] | None], float] | None:
        """Return what gives that constant of an epoch, by its order; None if there is none."""
        if self.units.output != "exp":
            return None
        return lambda order: self.constant_of_epoch(order, batch_size)

    def constant_of_epoch(self, order: npt.NDArray[np.int64] | None, batch_size: int) -> float:
        """Return what those terms add to an epoch's loss, where batches count by examples."""
        weights = self.examples.weights
        if self.terms is None or weights is None:
            return self.constant  # of whatever batches, a mean of all examples
        terms = self.terms if order is None else self.terms[order]
        weights = weights if order is None else weights[order]
        begins = np.arange(0, len(terms), batch_size)
        n = np.diff(begins, append=len(terms))  # examples in each batch
        total = np.add.reduceat(weights.astype(np.float64), begins)
        counts = total > 0  # a batch without weight is skipped
        means = np.add.reduceat(weights * terms, begins)[counts] / total[counts]
        return float(np.average(means, weights=n[counts]))

    def loss(self, theta: Floats) -> float:
        """Return the loss without penalty."""
        given = (*self.units.of_passes, 0.0, self.n_threads, self.units.quantile)
        J = core.cost(theta, self.shape, *self.examples, *given)
        return self.loss_scale * float(J) + self.constant

    def outputs(self, theta: Floats) -> Floats:
        """Return the network's outputs A2 (m, n_y)."""
        A2: Floats = core.predict(
            theta, self.shape, self.examples.x, *self.units.of_passes, self.n_threads
        )
        return A2
