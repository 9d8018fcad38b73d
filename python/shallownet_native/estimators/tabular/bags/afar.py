"""The networks of a view trained by joblib's workers, with the bits that they have here.

A worker runs some of the networks for a cycle of the schedule and brings back where they stand and
what they have lost; which epoch is best, all together say. Nobody has kept the networks of that
epoch, since nobody knew: they are trained once more from where its cycle began.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ...ensembles.spreading import Task, shares, spread
from ..folds import Fold
from ..outputs import Doubles
from .beginning import begin
from .problem import ARRAYS, BestEpoch, Ran, Standing, ViewProblem, pooled, run_epochs


class Afar:
    """As `Here`, with some workers."""

    def __init__(
        self, problem: ViewProblem, folds: Sequence[Fold], seeds: Sequence[Any], n_workers: int
    ) -> None:
        self.problem = problem
        self.folds = list(folds)
        self.shares = shares(range(len(folds)), [1.0] * len(folds), n_workers)
        self.standing = begin(problem, folds, seeds)
        self.best = BestEpoch()
        self.start = (0, self.standing)  # of the cycle with the best epoch

    def advance(self, first: int, last: int) -> tuple[Doubles, bool]:
        """Run epochs first to last - 1; return their pooled losses, and whether they diverged."""
        begun = self.standing
        brought = self._spread(run_some, begun, first, last)
        n = min(len(ran.losses) for ran in brought)
        self.standing = self._together([ran.standing for ran in brought])
        losses = np.empty((n, len(self.folds)))
        for share, ran in zip(self.shares, brought, strict=True):
            losses[:, share] = ran.losses[:n]
        curve = pooled(self.problem, self.folds, losses)
        for epoch, loss in enumerate(curve.tolist(), first):
            if loss <= self.best.loss:
                self.best, self.start = BestEpoch(loss, epoch), (first, begun)
        return curve, any(ran.is_diverged for ran in brought)

    def finish(self) -> BestEpoch:
        """Return the best epoch's networks, trained once more."""
        if self.best.epoch < 0:
            return self.best
        first, begun = self.start
        brought = self._spread(run_until, begun, first, self.best.epoch)
        parameters = np.empty_like(self.standing.parameters)
        outputs: list[Any] = [None] * len(self.folds)
        for share, best in zip(self.shares, brought, strict=True):
            parameters[share] = best.parameters
            for m, logits in zip(share, best.outputs, strict=True):
                outputs[m] = logits
        return self.best._replace(parameters=parameters, outputs=outputs)

    def _spread(self, function: Any, begun: Standing, first: int, last: int) -> list[Any]:
        """Return what each worker brings of its networks."""
        return spread([
            Task(
                function,
                self.problem,
                [self.folds[m] for m in share],
                begun.only(share),
                first,
                last,
            )
            for share in self.shares
        ])  # fmt: skip

    def _together(self, standings: Sequence[Standing]) -> Standing:
        """Return where all networks stand."""
        order = np.argsort(np.concatenate(self.shares))
        arrays = {n: np.concatenate([getattr(s, n) for s in standings])[order] for n in ARRAYS}
        generators = [one for standing in standings for one in standing.generators]
        return Standing.of(arrays, [generators[place] for place in order.tolist()])


def run_some(
    problem: ViewProblem, folds: Sequence[Fold], standing: Standing, first: int, last: int
) -> Ran:
    """Run some networks, in a worker; which epoch is best is not theirs to say."""
    return run_epochs(problem, folds, standing, first, last, BestEpoch())._replace(best=BestEpoch())


def run_until(
    problem: ViewProblem, folds: Sequence[Fold], standing: Standing, first: int, epoch: int
) -> BestEpoch:
    """Return some networks as they are after an epoch, in a worker."""
    before = run_epochs(problem, folds, standing, first, epoch, BestEpoch())
    return run_epochs(problem, folds, before.standing, epoch, epoch + 1, BestEpoch()).best
