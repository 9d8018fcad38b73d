"""The solver lbfgs: SciPy's L-BFGS-B on the core's loss and gradient, a guest of the training loop.

Computed in float64 whatever the model is. SciPy calls back after each iteration, so one call of the
solver is the whole minimisation.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from ..._extras.scikit_learn import ConvergenceWarning, minimize
from ..._messages.caller import warn_caller
from ..._native.arrays import Floats
from ..._native.blocks import copied
from ..._native.signals import AJAR, INTERRUPTS, Doors
from ...network import Objective
from ...training import TrainingState
from .blas import one_blas_thread

if TYPE_CHECKING:
    from ...training import Take


class Stopped(Exception):  # noqa: N818  (no error: the way out of SciPy's loop, in all its versions)
    """The fit is to end with the iteration that has just ended."""


class Lbfgs:
    """A minimisation, whose iterations are epochs; see `training.protocols.Solver`.

    Parameters
    ----------
    objective : Objective
        In float64.
    tol, max_iter, max_fun
        Largest component of the gradient at which to stop; numbers of iterations and of evaluations
        at which to stop.
    on_begin : callable or None
        To be called when an iteration may begin; twice does no harm.
    """

    dtype: ClassVar[Any] = np.float64
    is_resumable: ClassVar[bool] = False  # SciPy does not hand out its state
    counts_epochs: ClassVar[bool] = True
    draws_orders = False

    def __init__(
        self,
        objective: Objective,
        *,
        tol: float,
        max_iter: int,
        max_fun: int,
        on_begin: Callable[[], None] | None,
    ) -> None:
        self.objective = objective
        self.options: dict[str, Any] = {"maxfun": max_fun, "maxiter": max_iter, "gtol": tol}
        self.epochs_per_call = max_iter
        self.on_begin = on_begin
        self.loss = np.float64(np.nan)  # the last that was evaluated
        self.doors = Doors(INTERRUPTS)

    def advance(
        self, state: TrainingState, n_epochs: int, take: Take
    ) -> tuple[TrainingState | None, str]:
        """Minimise to the end; see `training.protocols.Solver.advance`."""

        def end_iteration(theta: Floats) -> None:
            """Hand out an iteration: it ended where the loss was last evaluated."""
            nonlocal state
            if not np.isfinite(self.loss):
                return
            n = state.n_epochs + 1
            ended = state._replace(theta=copied(theta), n_epochs=n, n_steps=n)
            next_state = take(ended, np.array([self.loss]))
            if next_state is None:
                raise Stopped
            state = next_state

        try:
            with one_blas_thread():
                found = minimize(
                    self.evaluate,
                    copied(state.theta, np.float64),
                    method="L-BFGS-B",
                    jac=True,
                    callback=end_iteration,
                    options=self.options,
                )
        except Stopped:
            return None, "done"
        if not (np.isfinite(found.fun) and np.isfinite(found.x).all()):
            return None, "diverged"
        if found.status != 0:
            warn_caller(not_converged(found, self.epochs_per_call), ConvergenceWarning)
        state = state._replace(theta=found.x, loss=found.fun)
        return state, "tol" if found.status == 0 else "max_iter"

    def slow_down(self, _: TrainingState) -> None:
        """There is no rate."""

    def evaluate(self, theta: Floats) -> tuple[Any, Floats]:
        """Return loss and gradient at `theta`."""
        self.doors.let_in(AJAR)
        if self.on_begin is not None:
            self.on_begin()
        loss, gradient = self.objective.loss_and_gradient(theta)
        self.loss = np.float64(loss)
        return self.loss, gradient


def not_converged(found: Any, max_iter: int) -> str:
    """Return scikit-learn's words on an end that is none of the tolerance's."""
    advice = "Increase the number of iterations to improve the convergence"
    return (
        f"lbfgs failed to converge after {found.nit} iteration(s) (status={found.status}):\n"
        f"{found.message}\n"
        + (f"\n{advice} (max_iter={max_iter})." if found.nit == max_iter else "")
        + "\nYou might also want to scale the data as shown in:\n"
        "    https://scikit-learn.org/stable/modules/preprocessing.html"
    )
