"""The quasi-Newton solver lbfgs: iterations of L-BFGS in the core, on all examples at once.

A float32 network is trained in float32 as long as that leads anywhere, and then in float64, so that
it ends where a float64 network would; its parameters are rounded as they are handed out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import numpy as np

from ..._native.arrays import Floats
from ..._native.blocks import copied
from ..state import TrainingState
from .minimizer import ENDS, Minimizer, are_counts

if TYPE_CHECKING:
    from ..protocols import Take
    from ..steps import Done, Steps

# behind the vectors: pairs, whether in double, cost, first cost, evaluations, flat iterations
N_NUMBERS = 6
HISTORY = 10
IN_SINGLE = {"flat": 2e-7, "unit": 0.0, "patience": 3.0}  # below that, rounding decides


class QuasiNewton(Minimizer):
    """L-BFGS on one problem; see `minimizer.Minimizer`."""

    name: ClassVar[str] = "lbfgs"
    n_numbers: ClassVar[int] = N_NUMBERS

    @staticmethod
    def are_numbers(numbers: Floats, n_vectors: float) -> bool:
        """Whether these may stand behind so many vectors of parameters."""
        n_pairs, is_double, _, _, n_evaluations, n_flat = numbers
        return (
            are_counts(n_pairs, n_evaluations, n_flat)
            and n_pairs <= HISTORY
            and is_double in (0, 1)
            and n_vectors == 2 + 2 * n_pairs
        )

    def advance(
        self, state: TrainingState, n_epochs: int, take: Take
    ) -> Steps[tuple[TrainingState | None, str]]:
        """Run iterations in one native call, or two; see `protocols.Solver.advance`."""
        self.begin()
        last = state.n_epochs + n_epochs
        while True:
            is_double = state.theta.dtype == np.float64 or is_in_double(state.slots)
            done = yield from self.minimize(state, last - state.n_epochs, is_double)
            after, status = self.hand_over(state, done, take)
            if after is None:
                return None, "done"
            state = after
            if status not in ENDS:
                return state, status
            if is_double or status == "evaluations":
                return state, ENDS[status]
            state = yield from self.go_on_in_double(state)
            if not is_in_double(state.slots):
                return state, "diverged"
            if state.n_epochs >= last:
                return state, "done"

    def minimize(self, state: TrainingState, n_epochs: int, is_double: bool) -> Steps[Done]:
        """Run up to so many iterations in one native call."""
        own = {"l2": self.l2, "keeps_memory": self.keeps_memory}
        options = self.options_for(n_epochs, **own, **({} if is_double else IN_SINGLE))
        theta, examples = state.theta, self.examples
        if is_double and theta.dtype != np.float64:
            theta = copied(theta, np.float64)
            examples = self.in_double
        done = yield "minimize", theta, state.slots, self.shape, *examples, options
        return done

    def go_on_in_double(self, state: TrainingState) -> Steps[TrainingState]:
        """Return the state with cost and gradient computed anew, in float64."""
        done = yield from self.minimize(state, 0, True)
        if done["error"] is not None:
            raise done["error"]
        return state._replace(slots=done["memory"])


def is_in_double(slots: Floats) -> bool:
    """Whether cost and gradient were computed in float64 last."""
    return bool(slots.size and slots[1 - N_NUMBERS] == 1)
