"""lm with decays of highest evidence (MacKay 1992): an iteration minimises, and estimates anew.

From every start it goes six ways: from a small, a middle and a large decay, with one decay for all
weights and with one for each layer. Each ends at a local maximum of the evidence. What is handed
out is the network of the highest evidence so far.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from ..._native.arrays import Doubles, Floats
from ..._native.backend import core
from ..._native.blocks import copied
from ...network import laplace_covariance, parameter_counts
from ..state import Curve, TrainingState
from .decays import CLOSE, Estimate, Precisions
from .second_order import LevenbergMarquardt

if TYPE_CHECKING:
    from ..protocols import Take
    from ..steps import Steps

FIRST = (1e-3, 1e-2, 1e-1)  # where ways begin: beside the mean loss of targets of variance 1
MOST_UPDATES = 30  # of one way
MINIMISED = {"flat": 1e-6, "patience": 2.0, "max_evaluations": math.inf}
MOST_ITERATIONS = 300  # of one minimisation


class Progress(NamedTuple):
    """Where the search stands: numbers that follow the parameters of its present way."""

    way: float = 0.0
    n_updates: float = 0.0  # of this way
    n_solves: float = 0.0  # of all
    decay_1: float = 0.0
    decay_2: float = 0.0
    noise: float = 1.0
    # of the highest evidence so far
    log_evidence: float = -math.inf
    best_decay_1: float = 0.0
    best_decay_2: float = 0.0
    best_noise: float = 1.0
    n_effective: float = 0.0


class Evidence(LevenbergMarquardt):
    """The search for the decays of highest evidence on one problem; see `protocols.Solver`.

    An iteration is one minimisation by lm and one estimate of the decays. Parameters are those of
    `LevenbergMarquardt`; an `l2` has no meaning.
    """

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **{**options, "l2": 0.0})
        self.max_solves = self.rule.max_evaluations
        self.rule = self.rule._replace(**MINIMISED)
        _, y, weights = self.in_double
        self.precisions = Precisions(y, weights, self.units.output)
        layers = (False, True) if self.shape[1] else (False,)  # whether each has its own
        self.ways = [(decay, separate) for separate in layers for decay in FIRST]

    def advance(
        self, state: TrainingState, n_epochs: int, take: Take
    ) -> Steps[tuple[TrainingState | None, str]]:
        """Run iterations; see `protocols.Solver.advance`."""
        self.begin()
        if not state.slots.size:
            begun, status = yield from self.begin_at(state, take)
            if begun is None or status != "done":
                return begun, status
            state = begun
        for _ in range(n_epochs):
            after, costs, status = yield from self.iterate(state)
            if status == "interrupted":
                return state, status
            taken = take(after, costs)
            if taken is None or status != "done":
                return taken, "done" if taken is None else status
            state = taken
        return state, "done"

    def begin_at(self, state: TrainingState, take: Take) -> Steps[tuple[TrainingState | None, str]]:
        """Take the cost of the start, under the decays of the first way."""
        theta = copied(state.theta, np.float64)
        progress = self.first_of(0, Progress())
        decays = self.decays_of(progress)
        done = yield from self.minimize(theta, np.empty(0), 0, decays)
        if done["error"] is not None:
            raise done["error"]
        if done["status"] in ("diverged", "interrupted"):
            return state, str(done["status"])
        # behind the parameters of the present way those of the start
        begun = state._replace(slots=np.concatenate([theta, theta, progress]))
        if self.shows_start:
            return take(begun, np.array([done["first_cost"] + self.constant])), "done"
        return begun, "done"

    def iterate(self, state: TrainingState) -> Steps[tuple[TrainingState, Curve, str]]:
        """Minimise under the present decays and estimate others, or begin the next way."""
        p = state.theta.size
        theta, start, progress = state.slots[:p], state.slots[p : 2 * p], progress_of(state)
        decays = self.decays_of(progress)
        done = yield from self.minimize(theta, np.empty(0), MOST_ITERATIONS, decays)
        if done["error"] is not None:
            raise done["error"]
        if done["status"] == "interrupted":
            return state, np.empty(0), "interrupted"
        best, loss = state.theta, state.loss
        minimum, new = theta, Estimate.of_nothing(progress[3:6])
        if done["memory"].size:  # else not even the start has a finite cost under these decays
            minimum = done["memory"][:p].copy()
            progress = progress._replace(n_solves=progress.n_solves + int(done["memory"][p + 4]))
            new = self.estimate(minimum, progress)
        if new.log_evidence > progress.log_evidence:
            best, loss = copied(minimum, best.dtype), self.shown_cost(done)
            progress = progress._replace(
                log_evidence=new.log_evidence,
                best_decay_1=progress.decay_1,
                best_decay_2=progress.decay_2,
                best_noise=progress.noise,
                n_effective=new.n_effective,
            )
        is_over = new.change(progress[3:6]) < CLOSE or progress.n_updates + 1 >= MOST_UPDATES
        progress = progress._replace(
            n_updates=progress.n_updates + 1,
            decay_1=new.decay_1,
            decay_2=new.decay_2,
            noise=new.noise,
        )
        status = "done"
        if is_over and progress.way + 1 < len(self.ways):
            progress, minimum = self.first_of(int(progress.way) + 1, progress), start
        elif is_over:
            status = "tol" if math.isfinite(progress.log_evidence) else "diverged"
        if progress.n_solves > self.max_solves:
            status = "max_fun"
        after = state._replace(
            theta=best,
            slots=np.concatenate([minimum, start, progress]),
            n_steps=state.n_steps + 1,
            n_epochs=state.n_epochs + 1,
        )
        return after, np.array([loss]), status

    def first_of(self, way: int, progress: Progress) -> Progress:
        """Return where a way begins."""
        decay_1, decay_2, noise = self.precisions.first(self.ways[way][0])
        return progress._replace(
            way=float(way), n_updates=0.0, decay_1=decay_1, decay_2=decay_2, noise=noise
        )

    def decays_of(self, progress: Progress) -> tuple[float, float, float, float]:
        """Return the decays of W1, b1, W2 and b2."""
        return self.precisions.decays(*progress[3:6])

    def estimate(self, theta: Floats, progress: Progress) -> Estimate:
        """Return what a minimum says of the decays that led to it."""
        examples, decays = self.in_double, progress[3:6]
        covariance, log_det = self.covariance(theta, decays)
        loss = core.cost(theta, self.shape, *examples, *self.units.of_passes, 0.0, self.n_threads)
        ends = np.cumsum(parameter_counts(self.shape))[:3]
        return self.precisions.estimate(
            np.split(theta, ends),
            np.split(covariance.diagonal(), ends),
            log_det,
            float(loss),
            decays,
            is_shared=not self.ways[int(progress.way)][1],
        )

    def covariance(self, theta: Floats, decays: tuple[float, ...]) -> tuple[Doubles, float]:
        """Return the parameters' posterior covariance, under decays of W1 and W2 and a noise."""
        of_arrays, n = self.precisions.decays(*decays), decays[2] * self.precisions.n
        problem = (self.in_double, self.units, of_arrays, n, self.n_threads)
        return laplace_covariance(theta, self.shape, *problem)

    def posterior(self, state: TrainingState) -> tuple[Doubles, float] | None:
        """Return the covariance (p, p) of the parameters handed out, and the targets' precision.

        None, if no minimum was come to.
        """
        found = progress_of(state)
        if not math.isfinite(found.log_evidence):
            return None
        theta = copied(state.theta, np.float64)
        return self.covariance(theta, found[7:10])[0], found.best_noise

    def shown_cost(self, done: dict[str, Any]) -> float:
        """Return the last cost of a minimisation, as shown."""
        costs = done["costs"]
        return float(costs[-1] if len(costs) else done["first_cost"]) + self.constant

    def findings(self, state: TrainingState) -> dict[str, Any]:
        """Return what a result says of the solver besides its parameters and curves."""
        found = progress_of(state)
        is_found = math.isfinite(found.log_evidence)
        return {
            "l2": (found.best_decay_1, found.best_decay_2) if is_found else None,
            "n_solves": int(found.n_solves),
            "n_effective_parameters": found.n_effective if is_found else None,
            "log_evidence": found.log_evidence if is_found else None,
            "optimizer": "lm",
        }


def progress_of(state: TrainingState) -> Progress:
    """Return where the search stands: in the first state, whose slots are empty, nowhere yet."""
    return Progress(*state.slots[2 * state.theta.size :].tolist())
