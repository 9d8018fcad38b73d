"""The first-order solvers: gd, sgd and adam, epoch by epoch on the core's descent."""

from __future__ import annotations

import time

import numpy as np
import numpy.typing as npt

from ..._native.signals import Doors
from ..._native.streams import Stream
from ...network import Task
from ...training import EPOCHS_PER_CALL, INDICES_PER_CALL, Descent, Plan
from ...training.checkpoints import CheckpointFile
from .epochs import Epochs
from .optimizer import Optimizer
from .resuming import (
    Earlier,
    FitMoment,
    checkpoint_of,
    earlier_of,
    expected_of_fit,
    moment_of,
    restore,
)


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
        self.keeper: CheckpointFile | None = None
        self.earlier: Earlier = earlier_of(epochs)
        self.moment = self._moment(is_open=False)  # that checkpoints hold
        self.whole = self.moment  # that the estimator is given: the last complete epoch
        self.saved: FitMoment | None = None  # the moment that this descent has begun with

    def run(self, max_iter: int) -> str:
        """Train, and return why it ended: "max_iter", "tol", "callback" or "divergence"."""
        try:
            reason = self._run(max_iter)
        except KeyboardInterrupt:
            self.save()
            raise
        if reason != "divergence":
            self.save(None if reason == "callback" else reason)
        return reason

    def _run(self, max_iter: int) -> str:
        if self.moment.stopped_by is not None:
            return self.moment.stopped_by
        if self.moment.is_open and not self.decide():
            return "tol"
        record = self.epochs.record
        while record.n_iter < max_iter:
            if self.advance(self.n_ahead(max_iter - record.n_iter)) == "diverged":
                return "divergence"
            if self.epochs.is_asked_to_stop:
                return "callback"
            if not self.decide():
                return "tol"
            is_last = record.n_iter == max_iter
            if self.keeper is not None and self.keeper.is_due(record.n_iter) and not is_last:
                self.save()
        return "max_iter"

    def decide(self) -> bool:
        """Return whether the fit goes on after an epoch, if need be with a lower rate."""
        goes_on = not self.epochs.patience.is_exhausted or self.slow_down()
        stopped_by = None if goes_on else "tol"
        self.moment = self.whole = self._moment(is_open=False, stopped_by=stopped_by)
        return goes_on

    def n_ahead(self, most: int) -> int:
        """Return how many epochs go into the next native call."""
        if self.optimizer.schedule == "invscaling":
            return 1
        most = min(most, EPOCHS_PER_CALL)
        if self.keeper is not None:
            most = min(most, self.keeper.n_ahead(self.epochs.record.n_iter))
        if self.descent.orders is not None:
            most = min(most, max(1, INDICES_PER_CALL // len(self.task)))
        return self.epochs.n_ahead(most)

    def advance(self, n_epochs: int) -> str:
        """Run epochs, take in those that are complete, and return the core's status.

        On Ctrl-C, too: what the core had finished then is taken in before the error goes on.
        """
        n_calls = self.descent.point.n_calls
        rate = self.optimizer.rate
        self.epochs.begin()
        try:
            return self.descent.advance(n_epochs)
        finally:
            for costs in self.descent.costs[n_calls : self.descent.point.n_calls]:
                self._take_in(costs, rate)

    def _take_in(self, costs: npt.NDArray[np.float64], rate: float) -> None:
        """Bring all that is carried on up to date, and then end the epochs that had these costs.

        An interrupt in the midst of it leaves the last moment, as if they had not been.
        """
        point = self.descent.point
        self.n_seen += len(costs) * len(self.task)
        self.optimizer.state, self.optimizer.t = point.state, point.steps_done
        self.optimizer.end_epoch(self.n_seen)
        self.descent.point = point._replace(learning_rate=self.optimizer.rate)
        for epoch, cost in enumerate(costs):
            order = None if self.descent.order is None else self.descent.order[epoch]
            constant = self.task.constant_of_epoch(order, self.batch_size)
            self.epochs.end(cost + constant, point.theta)
        if len(costs):
            self.whole = self._moment(is_open=True)
            self.epochs.tell(rate)
            self.moment = self.whole  # after a break in there, the epoch is told again

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

    def keep(self, keeper: CheckpointFile, max_iter: int) -> float:
        """Write checkpoints from now on, and go on from the last one if there is one.

        Returns
        -------
        seconds : float
            That the fit has taken until then.

        Raises
        ------
        OSError, ValueError
            As `CheckpointFile.read` and `write` do: before any training.
        """
        self.keeper = keeper
        dtype, orders = self.epochs.theta.dtype, self.descent.orders
        checkpoint = keeper.read(expected_of_fit(self.descent.plan, dtype, self.earlier, max_iter))
        if checkpoint is not None:
            self.descent.started -= checkpoint.seconds
            self.n_seen = checkpoint.n_seen
            self.moment = self.whole = restore(checkpoint, self.epochs, self.optimizer)
            self.descent.point = self.descent.point._replace(
                theta=checkpoint.theta,
                state=checkpoint.state,
                steps_done=checkpoint.n_steps,
                learning_rate=checkpoint.learning_rate,
            )
            if orders is not None and checkpoint.position is not None:
                orders.go_to(checkpoint.position)
        if orders is not None:
            orders.position(0)  # where they are drawn again from, if need be
        if checkpoint is None:
            self.save()  # a file that cannot be written is found out now
        self.saved = self.moment
        return 0.0 if checkpoint is None else checkpoint.seconds

    def save(self, stopped_by: str | None = None) -> None:
        """Write the last moment, unless it is the one that this descent has begun with."""
        if self.keeper is None or self.moment is self.saved:
            return
        position = None
        if self.descent.orders is not None:
            before = 0 if self.saved is None else self.saved.n_epochs
            position = self.descent.orders.position(self.moment.n_epochs - before)
        checkpoint = checkpoint_of(
            self.moment,
            self.epochs,
            self.earlier,
            shape=self.task.shape,
            position=position,
            stopped_by=stopped_by,
            seconds=time.perf_counter() - self.descent.started,
        )
        self.keeper.write(checkpoint)

    @property
    def doors(self) -> Doors:
        """Those that the descent opens again for each native call."""
        return self.descent.doors

    def end_in_divergence(self) -> None:
        """Take in an epoch that left the finite numbers, which early stopping outlives."""
        self.epochs.end_in_divergence()
        self.whole = self._moment(is_open=False)

    def _moment(self, *, is_open: bool, stopped_by: str | None = None) -> FitMoment:
        return moment_of(
            self.epochs, self.optimizer, self.n_seen, is_open=is_open, stopped_by=stopped_by
        )
