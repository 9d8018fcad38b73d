"""The training of a view's networks, cycle by cycle of the schedule, until that is enough."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

from ..folds import Fold
from ..outputs import Doubles
from .beginning import begin
from .problem import BestEpoch, ViewProblem, pooled, run_epochs

CYCLES = (1, 3, 7, 15)  # fifteenths of all epochs at which the schedule's cycles end


def cycle_ends(n_epochs: int) -> list[int]:
    """Return how many epochs there have been at the end of each of the schedule's cycles."""
    return [math.ceil(n_epochs * part / CYCLES[-1]) for part in CYCLES]


class Here:
    """The networks of a view, each with its fold and seed, trained in this process."""

    def __init__(self, problem: ViewProblem, folds: Sequence[Fold], seeds: Sequence[Any]) -> None:
        self.problem = problem
        self.folds = folds
        self.standing = begin(problem, folds, seeds)
        self.best = BestEpoch()

    def advance(self, first: int, last: int) -> tuple[Doubles, bool]:
        """Run epochs first to last - 1; return their pooled losses, and whether they diverged."""
        ran = run_epochs(self.problem, self.folds, self.standing, first, last, self.best)
        self.standing, self.best = ran.standing, ran.best
        return pooled(self.problem, self.folds, ran.losses), ran.is_diverged

    def finish(self) -> BestEpoch:
        """Return the best epoch's networks."""
        return self.best


def train(
    crew: Any, n_epochs: int, look: Callable[[int, float, int], bool] | None
) -> tuple[BestEpoch, bool]:
    """Train the networks of a view; return the best epoch's, and whether training diverged.

    Parameters
    ----------
    crew : Here or Afar
    n_epochs : int
        At most: training stops at the end of the schedule's second or third cycle if no epoch of
        that has been as good as one before.
    look : callable or None
        Is told of each epoch, its loss and the best so far; True stops.
    """
    first, ends = 0, cycle_ends(n_epochs)
    for cycle, last in enumerate(ends):
        is_empty = first == last  # of few epochs
        while first < last:
            until = first + 1 if look is not None else last
            curve, is_diverged = crew.advance(first, until)
            if is_diverged:
                return crew.finish(), True
            if look is not None and look(first, float(curve[-1]), crew.best.epoch):
                return crew.finish(), False
            first = until
        if cycle in (1, 2) and not is_empty and crew.best.epoch < ends[cycle - 1]:
            break
    return crew.finish(), False
