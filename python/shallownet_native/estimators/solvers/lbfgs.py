"""The solver lbfgs: SciPy's L-BFGS-B on the core's loss and gradient, iteration by iteration.

Computed in float64 whatever the model is.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..._extras.scikit_learn import ConvergenceWarning, minimize
from ..._messages.caller import warn_caller
from ..._native.arrays import Floats
from ..._native.blocks import copied
from ..._native.signals import AJAR, INTERRUPTS, Doors
from ...network import Task
from .blas import one_blas_thread
from .epochs import Epochs
from .resuming import earlier_of, moment_of


class Stopped(Exception):  # noqa: N818  (no error: the way out of SciPy's loop, in all its versions)
    """The fit is to end with the iteration that has just ended."""


class Lbfgs:
    """A minimisation under way, whose iterations end in `epochs`.

    Parameters
    ----------
    task : Task
        In float64.
    epochs : Epochs
        Its `theta` is the start, of any dtype; it is given float64 ones.
    tol, max_fun
        Largest component of the gradient at which to stop; number of evaluations at which to stop.
    """

    def __init__(self, task: Task, epochs: Epochs, *, tol: float, max_fun: int) -> None:
        self.task = task
        self.epochs = epochs
        self.tol = tol
        self.max_fun = max_fun
        self.loss = np.float64(np.nan)  # the last that was evaluated
        self.doors = Doors(INTERRUPTS)
        self.earlier = earlier_of(epochs)
        self.whole = moment_of(epochs, None, 0)

    def run(self, max_iter: int) -> str:
        """Minimise, and return why it ended: "max_iter", "tol", "callback" or "divergence"."""
        start = copied(self.epochs.theta, np.float64)
        options = {"maxfun": self.max_fun, "maxiter": max_iter, "gtol": self.tol}
        try:
            with one_blas_thread():
                found = minimize(
                    self.evaluate,
                    start,
                    method="L-BFGS-B",
                    jac=True,
                    callback=self.end,
                    options=options,
                )
        except Stopped:
            return "callback" if self.epochs.is_asked_to_stop else "tol"
        if not (np.isfinite(found.fun) and np.isfinite(found.x).all()):
            return "divergence"
        self.whole = self.whole._replace(theta=found.x, loss=found.fun)
        if found.status != 0:
            warn_caller(not_converged(found, max_iter), ConvergenceWarning)
        return "tol" if found.status == 0 else "max_iter"

    def end_in_divergence(self) -> None:
        """Take in an iteration that left the finite numbers, which early stopping outlives."""
        self.epochs.end_in_divergence()
        self.whole = moment_of(self.epochs, None, 0)

    def evaluate(self, theta: Floats) -> tuple[Any, Floats]:
        """Return loss and gradient at `theta`."""
        self.doors.let_in(AJAR)
        self.epochs.begin()
        loss, gradient = self.task.loss_and_gradient(theta)
        self.loss = np.float64(loss)
        return self.loss, gradient

    def end(self, theta: Floats) -> None:
        """Take in an iteration: it ended where the loss was last evaluated."""
        if not np.isfinite(self.loss):
            return
        self.epochs.end(self.loss, copied(theta))
        self.whole = moment_of(self.epochs, None, 0)
        self.epochs.tell(math.nan)
        stalled = self.epochs.stops_early and self.epochs.patience.is_exhausted
        if stalled and self.epochs.verbose:
            print(self.epochs.stopping_line(), "Stopping.")
        if stalled or self.epochs.is_asked_to_stop:
            raise Stopped


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
