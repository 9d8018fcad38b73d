"""Descent between native calls: how far the next one goes, and what is decided after it.

The core runs whole epochs; this file has their orders drawn, looks at validation data, calls back,
slows down, stops, and writes checkpoints. Without any of these, full-batch training is one native
call.
"""

from __future__ import annotations

import copy
import time
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from .._native.arrays import Floats
from .._native.backend import core
from .._native.blocks import copied
from .._native.signals import AJAR, INTERRUPTS, Doors
from .._native.streams import Orders
from ..network import Parameters
from .results import EpochState, TrainingResult
from .state import Moment, Plan, Point

if TYPE_CHECKING:  # checkpoints are loaded by those who want some
    from .checkpoints.file import Checkpoint, CheckpointFile


SLOWEST_RATE = 1e-6  # the adaptive schedule ends there, and divides by 5 until then: scikit-learn's
INDICES_PER_CALL = 2**16  # of all orders together: 512 KiB, some milliseconds of training
EPOCHS_PER_CALL = 2**20  # bounds the costs that the core makes room for


class Descent:
    """One training under way.

    `point` is replaced as a whole, so that an exception at any moment finds the last complete
    epoch; `costs`, one array per native call, may at most run ahead of it.
    """

    def __init__(self, plan: Plan, theta: Floats, started: float | None = None) -> None:
        n_slots = core.optimizers[plan.options["optimizer"]]
        state = np.zeros((n_slots, theta.size), theta.dtype)
        self.plan = plan
        self.started = time.perf_counter() if started is None else started
        self.point = Point(theta, state, plan.options["learning_rate"])
        self.costs: list[npt.NDArray[np.float64]] = []
        self.validation_costs: list[float] = []
        self.orders = None if plan.stream is None else Orders(plan.stream, len(plan.examples.x))
        self.order: npt.NDArray[np.int64] | None = None  # of the last call, a row for each epoch
        self.stopped_by: str | None = None  # why for good, as soon as that is decided
        self.keeper: CheckpointFile | None = None
        self.moment = self._moment(is_open=False)  # brought up to date if there is a keeper
        self.saved: Moment | None = None  # the moment that training has begun with
        self.whole = self.moment  # the last one after which nobody is still to look
        self.doors = Doors(INTERRUPTS)
        self.n_epochs_before = 0

    def run(self) -> str:
        """Train to the end and return why it ended, as TrainingResult.stopped_by has it."""
        try:
            stopped_by = self._run()
        except KeyboardInterrupt:
            self.save()
            raise
        if stopped_by != "divergence":
            self.save(None if stopped_by == "callback" else stopped_by)
        return stopped_by

    def _run(self) -> str:
        if self.moment.is_open and self.end_epoch():
            return "callback"
        while not self.is_over:
            if self.advance(self.n_epochs_ahead()) == "diverged":
                return "divergence"
            if self.end_epoch():
                return "callback"
            is_due = self.keeper is not None and self.keeper.is_due(self.point.n_epochs)
            if is_due and not self.is_over:  # else why it is over is to be written, too
                self.save()
        return self.plan.counted if self.stopped_by is None else self.stopped_by

    @property
    def is_over(self) -> bool:
        """Whether training has its length, or ends for another reason."""
        return self.stopped_by is not None or self.point.n_epochs >= self.plan.n_epochs

    def n_epochs_ahead(self) -> int:
        """Return how many epochs nobody needs to look at: the length of the next native call."""
        plan, done = self.plan, self.point.n_epochs
        remaining = min(plan.n_epochs - done, EPOCHS_PER_CALL)
        if self.keeper is not None:
            remaining = min(remaining, self.keeper.n_ahead(done))
        if plan.validation is not None or plan.callback is not None:
            return min(remaining, -done % self.rhythm + 1)  # to the end of the next costed one
        if self.orders is None:
            return remaining
        if plan.options["tol"] is not None:  # draw no order that may not be needed
            remaining = min(remaining, max(1, plan.options["patience"] + 1 - self.point.stalled))
        return min(remaining, max(1, INDICES_PER_CALL // len(plan.examples.x)))

    @property
    def rhythm(self) -> int:
        """One epoch of so many is looked at: those that have costs, or all if none has."""
        every: int = self.plan.options["cost_every"]
        return max(every, 1)

    @property
    def has_stalled(self) -> bool:
        """Whether the training cost has had enough."""
        return self.plan.options["tol"] is not None and (
            self.point.stalled > self.plan.options["patience"]
        )

    @property
    def is_in_rhythm(self) -> bool:
        """Whether the last epoch is one of those that are looked at."""
        nobody_looks = self.plan.validation is None and self.plan.callback is None
        return nobody_looks or (self.point.n_epochs - 1) % self.rhythm == 0 or self.has_stalled

    def end_epoch(self) -> bool:
        """Look at the epoch that has ended, call back, and decide whether training goes on.

        Returns
        -------
        is_asked_to_stop : bool
            By the callback. What else is decided goes into `stopped_by`.
        """
        plan, n_epochs = self.plan, self.point.n_epochs
        in_rhythm = self.is_in_rhythm
        is_asked = gave_up = False
        if in_rhythm or n_epochs == plan.n_epochs:
            gave_up = self.look_at_validation()
            self.whole = self._moment(is_open=True)
            is_asked = plan.callback is not None and is_true(plan.callback(self.epoch_state()))
        if (gave_up or self.has_stalled) and not self.slow_down():
            early = "early_stopping" if gave_up else "tol"
            self.stopped_by = "learning_rate" if plan.adaptive else early
        # a longer training does not look at an epoch out of rhythm just because one ended there
        if self.keeper is not None and (in_rhythm or n_epochs < plan.n_epochs):
            self.moment = self._moment(is_open=False)
        return is_asked

    def advance(self, n_epochs: int) -> str:
        """Run epochs in the core, take over what is complete, and return the core's status."""
        plan, point = self.plan, self.point
        self.doors.let_in(AJAR)
        if self.orders is not None:
            self.order = np.stack([next(self.orders) for _ in range(n_epochs)])
        options = {
            **plan.options,
            "learning_rate": point.learning_rate,
            "steps_done": point.steps_done,
            "seen": point.seen,
            "best_cost": point.best_cost,
            "stalled": point.stalled,
            "first_epoch": point.n_epochs,
            "n_epochs": n_epochs,
        }
        done = core.train(point.theta, point.state, plan.shape, *plan.examples, self.order, options)
        self.costs.append(done["costs"])
        self.point = point._replace(
            theta=done["theta"],
            state=done["state"],
            steps_done=int(done["steps_done"]),
            seen=int(done["seen"]),
            best_cost=done["best_cost"],
            stalled=done["stalled"],
            n_epochs=point.n_epochs + done["n_epochs"],
            n_calls=len(self.costs),
            last_rate=done["learning_rate"] if done["n_epochs"] else point.last_rate,
        )
        if done["n_epochs"]:
            open_moment = self._moment(is_open=True)
            if self.keeper is not None:
                self.moment = open_moment
            if plan.validation is None or not self.is_in_rhythm:
                self.whole = open_moment
        if done["error"] is not None:  # of a signal's handler
            raise done["error"]
        return str(done["status"])

    def look_at_validation(self) -> bool:
        """Take the cost on the validation data; return whether early stopping has had enough."""
        if self.plan.validation is None:
            return False
        examples, n_threads, stopping = self.plan.validation
        theta, shape = self.point.theta, self.plan.shape
        cost = core.cost(theta, shape, *examples, *self.plan.units, 0.0, n_threads)
        self.validation_costs.append(cost)
        return stopping is not None and stopping.observe(self.point.n_epochs - 1, cost, theta)

    def slow_down(self) -> bool:
        """Divide an adaptive rate by 5 and start to count anew; False if it cannot go lower."""
        point = self.point
        if not self.plan.adaptive or point.learning_rate <= SLOWEST_RATE:
            return False
        self.point = point._replace(learning_rate=point.learning_rate / 5, stalled=0)
        if self.plan.validation is not None and self.plan.validation.stopping is not None:
            self.plan.validation.stopping.n_stalled = 0
        return True

    def epoch_state(self) -> EpochState:
        """Return what the callback sees."""
        plan, point, every = self.plan, self.point, self.plan.options["cost_every"]
        has_cost = every > 0 and (point.n_epochs - 1) % every == 0
        return EpochState(
            point.n_epochs - 1,
            float(self.costs[-1][-1]) if has_cost else None,
            None if plan.validation is None else self.validation_costs[-1],
            Parameters.adopt(copied(point.theta), plan.shape, plan.units.known()),
            point.rate_used,
        )

    def result(self, stopped_by: str) -> TrainingResult:
        """Return the last complete epoch's model, or the best if early stopping ran its course."""
        point, n_looks, stopping, *_ = self.whole
        theta, best_epoch = point.theta, None
        if stopping is not None and stopping.best_theta is not None:
            best_epoch = stopping.best_epoch
            if stopped_by not in ("interrupt", "divergence"):
                theta = stopping.best_theta
        return TrainingResult(
            parameters=Parameters.adopt(theta, self.plan.shape, self.plan.units.known()),
            costs=np.concatenate([np.empty(0), *self.costs[: point.n_calls]]),
            validation_costs=np.array(self.validation_costs[:n_looks]),
            stopped_by=stopped_by,
            n_iterations=point.steps_done,
            n_epochs=point.n_epochs,
            seconds=time.perf_counter() - self.started,
            learning_rate=point.rate_used,
            best_epoch=best_epoch,
        )

    def keep(self, keeper: CheckpointFile) -> None:
        """Write checkpoints from now on, and go on from the last one if there is one.

        Raises
        ------
        OSError, ValueError
            As `CheckpointFile.read` and `write` do: before any training.
        """
        from .checkpoints.resuming import expected

        self.keeper = keeper
        checkpoint = keeper.read(expected(self.plan, self.point.theta.dtype))
        if checkpoint is not None:
            self._go_on(checkpoint)
        if self.orders is not None:
            self.orders.position(0)  # where they are drawn again from, if need be
        if checkpoint is None:
            self.save()  # a file that cannot be written is found out now
        self.saved = self.moment

    def save(self, stopped_by: str | None = None) -> None:
        """Write the last moment, unless it is the one that training has begun with."""
        if self.keeper is None or self.moment is self.saved:
            return
        from .checkpoints.resuming import to_checkpoint

        point, position = self.moment.point, None
        if self.orders is not None:
            position = self.orders.position(point.n_epochs - self.n_epochs_before)
        checkpoint = to_checkpoint(
            self.plan,
            self.moment,
            np.concatenate([np.empty(0), *self.costs[: point.n_calls]]),
            np.array(self.validation_costs, np.float64),
            position=position,
            stopped_by=stopped_by,
            seconds=time.perf_counter() - self.started,
        )
        self.keeper.write(checkpoint)

    def _go_on(self, checkpoint: Checkpoint) -> None:
        from .checkpoints.resuming import from_checkpoint

        self.started -= checkpoint.seconds
        self.moment = self.whole = from_checkpoint(self.plan, checkpoint)
        self.point, self.stopped_by = self.moment.point, self.moment.stopped_by
        self.n_epochs_before = self.point.n_epochs
        self.costs = [checkpoint.costs]
        if checkpoint.validation_costs is not None:
            self.validation_costs = checkpoint.validation_costs.tolist()
        if self.orders is not None and checkpoint.position is not None:
            self.orders.go_to(checkpoint.position)

    def _moment(self, *, is_open: bool) -> Moment:
        validation = self.plan.validation
        stopping = None if validation is None else copy.copy(validation.stopping)
        return Moment(self.point, len(self.validation_costs), stopping, is_open, self.stopped_by)


def is_true(answer: object) -> bool:
    """Tell a True, Python's or NumPy's, from all else that a callback may happen to return."""
    return isinstance(answer, (bool, np.bool_)) and bool(answer)
