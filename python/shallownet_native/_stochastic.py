"""The first-order solvers: gd, sgd and adam, epoch by epoch on the core's descent."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ._epochs import Epochs
from ._optimizer import Optimizer
from ._task import Task
from .descent import INDICES_PER_CALL, Descent, Plan
from .initialization import Stream


class Stochastic:
    """A descent under way, whose epochs end in `epochs` and whose rate is `optimizer`'s.

    Parameters
    ----------
    task : Task
    optimizer : Optimizer
        Goes on from where it stands, and ends where this descent does.
    epochs : Epochs
        Its `theta` is the start.
    n_seen : int
        Examples seen in earlier fits.
    batch_size : int
        At most the number of examples.
    stream : RandomState or None
        Where each epoch's order is drawn; None takes the examples as they come.
    """

    def __init__(
        self,
        task: Task,
        optimizer: Optimizer,
        epochs: Epochs,
        *,
        n_seen: int,
        batch_size: int,
        stream: Stream | None,
    ) -> None:
        self.task = task
        self.optimizer = optimizer
        self.epochs = epochs
        self.n_seen = n_seen
        self.batch_size = batch_size
        options = {
            **task.units._asdict(),
            **optimizer.options,
            "learning_rate": optimizer.rate,
            "power_t": 0.0,  # the optimizer's business, as all schedules are
            "l2": task.alpha,
            "l2_is_shared": True,
            "loss_scale": task.loss_scale,
            "counts_examples": True,
            "batch_size": batch_size,
            "cost_every": 1,
            "tol": None,  # the epochs' business
            "patience": 0,
            "n_threads": task.n_threads,
        }
        plan = Plan(
            shape=task.shape,
            examples=task.examples,
            units=task.units,
            options=options,
            n_epochs=0,
            counted="n_epochs",
            adaptive=False,
            stream=stream,
            validation=None,
            callback=None,
        )
        self.descent = Descent(plan, epochs.theta)
        self.descent.point = self.descent.point._replace(
            state=optimizer.state, steps_done=optimizer.t
        )

    def run(self, max_iter: int) -> str:
        """Train, and return why it ended: "max_iter", "tol", "callback" or "divergence"."""
        for_good = False
        while not for_good and self.epochs.record.n_iter < max_iter:
            if self.advance(self.n_ahead(max_iter - self.epochs.record.n_iter)) == "diverged":
                return "divergence"
            if self.epochs.is_asked_to_stop:
                return "callback"
            for_good = self.epochs.patience.is_exhausted and not self.slow_down()
        return "tol" if for_good else "max_iter"

    def n_ahead(self, most: int) -> int:
        """Return how many epochs go into the next native call."""
        if self.optimizer.schedule == "invscaling":
            return 1
        if self.descent.orders is not None:
            most = min(most, max(1, INDICES_PER_CALL // len(self.task)))
        return self.epochs.n_ahead(most)

    def advance(self, n_epochs: int) -> str:
        """Run epochs, take in those that are complete, and return the core's status.

        On Ctrl-C, too: what the core had finished then is taken in before the error goes on.
        """
        n_calls = len(self.descent.costs)
        rate = self.optimizer.rate
        self.epochs.begin()
        try:
            return self.descent.advance(n_epochs)
        finally:
            for costs in self.descent.costs[n_calls:]:
                self._take_in(costs, rate)

    def _take_in(self, costs: npt.NDArray[np.float64], rate: float) -> None:
        """Bring all that is carried on up to date, and then end the epochs that had these costs."""
        point = self.descent.point
        self.n_seen += len(costs) * len(self.task)
        self.optimizer.state, self.optimizer.t = point.state, point.steps_done
        self.optimizer.end_epoch(self.n_seen)
        self.descent.point = point._replace(learning_rate=self.optimizer.rate)
        for epoch, cost in enumerate(costs):
            order = None if self.descent.order is None else self.descent.order[epoch]
            constant = self.task.constant_of_epoch(order, self.batch_size)
            self.epochs.end(cost + constant, point.theta, rate)

    def slow_down(self) -> bool:
        """Say that nothing improves; lower an adaptive rate and count anew, or return False."""
        goes_on = self.optimizer.slow_down()
        if self.epochs.verbose:
            print(self.epochs.stopping_line(), self._outcome(goes_on))
        if goes_on:
            self.epochs.patience.n_stalled = 0
            self.descent.point = self.descent.point._replace(learning_rate=self.optimizer.rate)
        return goes_on

    def _outcome(self, goes_on: bool) -> str:
        if goes_on:
            return f"Setting learning rate to {self.optimizer.rate:f}"
        is_adaptive = self.optimizer.schedule == "adaptive"
        return "Learning rate too small. Stopping." if is_adaptive else "Stopping."
