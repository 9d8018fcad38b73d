"""The second-order solver lm: iterations of Levenberg and Marquardt's method in the core.

Each solves with the Hessian where that is positive definite, and with the Gauss-Newton matrix where
it is not. It computes in float64, whatever the network's dtype; parameters are rounded as they are
handed out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from ..._native.arrays import Floats
from ..._native.backend import core
from ..._native.blocks import copied
from ...network import check_smooth
from ..state import TrainingState
from .minimizer import ENDS, Minimizer, are_counts

if TYPE_CHECKING:
    from ..protocols import Take
    from ..steps import Done, Steps

# behind the parameters: damping, growth, cost, first cost, solves, flat iterations, exact ones,
# whether there was a first cost
N_NUMBERS = 8
MAX_PARAMETERS = 2000
FLAT = 1e-8  # of the cost: what three iterations in a row must gain more than


class LevenbergMarquardt(Minimizer):
    """Levenberg-Marquardt on one problem; see `minimizer.Minimizer`.

    Raises
    ------
    ValueError
        If there are more parameters than its matrices have room for, or the loss has a kink.
    """

    name: ClassVar[str] = "lm"
    n_numbers: ClassVar[int] = N_NUMBERS

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        check_smooth(self.units.output, "lm", "use lbfgs or adam")
        check_size(core.n_parameters(self.shape))

    @staticmethod
    def are_numbers(numbers: Floats, n_vectors: float) -> bool:
        """Whether these may stand behind so many vectors of parameters."""
        damping, growth, _, _, n_solves, n_flat, n_exact, is_begun = numbers
        return (
            n_vectors == 1
            and damping >= 0
            and growth >= 1
            and are_counts(n_solves, n_flat, n_exact)
            and n_exact <= n_solves
            and is_begun == 1
        )

    def advance(
        self, state: TrainingState, n_epochs: int, take: Take
    ) -> Steps[tuple[TrainingState | None, str]]:
        """Run iterations in one native call; see `protocols.Solver.advance`."""
        self.begin()
        decays = (self.l2, 0.0, self.l2, 0.0)
        done = yield from self.minimize(state.theta, state.slots, n_epochs, decays)
        after, status = self.hand_over(state, done, take)
        return after, "done" if after is None else ENDS.get(status, status)

    def minimize(
        self, theta: Floats, memory: Floats, n_iterations: int, decays: tuple[float, ...]
    ) -> Steps[Done]:
        """Run up to so many iterations in one native call, from `memory` unless that is empty.

        `decays` are what the squares of W1, b1, W2 and b2 are penalised by, each by half of it.
        """
        own = {"decays": decays, "max_solves": self.rule.max_evaluations}
        options = self.options_for(n_iterations, **own)
        if theta.dtype != np.float64:
            theta = copied(theta, np.float64)
        examples = self.in_double
        done = yield "fit_lm", theta, memory, self.shape, *examples, options
        if done["memory"].size and not done["memory"][-1]:  # it has not come to a first cost
            done["memory"] = np.empty(0)
        return done

    def findings(self, state: TrainingState) -> dict[str, Any]:
        """Return what a result says of the solver besides its parameters and curves."""
        n_solves = int(state.slots[4 - N_NUMBERS]) if state.slots.size else 0
        return {**super().findings(state), "n_solves": n_solves}


def check_size(n_parameters: int) -> None:
    """Refuse more parameters than the matrices have room for."""
    if n_parameters > MAX_PARAMETERS:
        megabytes = 16 * n_parameters**2 / 1e6
        raise ValueError(
            f"lm is for at most {MAX_PARAMETERS:,} parameters, and this network has "
            f"{n_parameters:,}: its two matrices alone would take {megabytes:,.0f} MB. Use lbfgs, "
            "which needs none, or fewer hidden units"
        )
