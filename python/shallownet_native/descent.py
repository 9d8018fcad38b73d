"""Descent between native calls: how far the next one goes, and what is decided after it.

The core runs whole epochs; this file draws their orders, looks at validation data, calls back,
slows down and stops. Without any of these, full-batch training is one native call.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from ._backend import core
from ._validation import Floats
from .initialization import Stream
from .network import Parameters
from .problem import Examples, Units
from .results import EpochState, TrainingResult
from .stopping import Validation

Order = npt.NDArray[np.int64]

SLOWEST_RATE = 1e-6  # the adaptive schedule ends there, and divides by 5 until then: scikit-learn's
INDICES_PER_CALL = 2**16  # of all orders together: 512 KiB, some milliseconds of training
EPOCHS_PER_CALL = 2**20  # bounds the costs that the core makes room for


class Point(NamedTuple):
    """Where training stands after its last complete epoch, in the words of the core's options."""

    theta: Floats
    state: Floats
    learning_rate: float
    steps_done: int = 0
    seen: int = 0
    best_cost: float = float("inf")
    stalled: int = 0
    n_epochs: int = 0  # so far
    n_calls: int = 0  # of which `costs` has the costs
    last_rate: float | None = None  # None: there was no epoch


class Plan(NamedTuple):
    """What stays the same throughout a training."""

    shape: tuple[int, int, int]
    examples: Examples
    units: Units
    options: dict[str, Any]  # what every native call takes
    n_epochs: int
    counted: str  # what the user counts: "n_iterations" of full batches, or "n_epochs"
    adaptive: bool
    stream: Stream | None  # where orders are drawn; None: examples in order
    validation: Validation | None
    callback: Callable[[EpochState], Any] | None


class Descent:
    """One training under way.

    `point` is replaced as a whole, so that an exception at any moment finds the last complete
    epoch; `costs`, one array per native call, may at most run ahead of it.
    """

    def __init__(self, plan: Plan, theta: Floats) -> None:
        n_slots = core.optimizers[plan.options["optimizer"]]
        state = np.zeros((n_slots, theta.size), theta.dtype)
        self.plan = plan
        self.point = Point(theta, state, plan.options["learning_rate"])
        self.costs: list[npt.NDArray[np.float64]] = []
        self.validation_costs: list[float] = []
        self.orders = None if plan.stream is None else orders(plan.stream, len(plan.examples.x))
        self.order: Order | None = None  # of the last native call, a row for each of its epochs

    def run(self) -> str:
        """Train to the end and return why it ended, as TrainingResult.stopped_by has it."""
        while self.point.n_epochs < self.plan.n_epochs:
            status = self.advance(self.n_epochs_ahead())
            if status == "diverged":
                return "divergence"
            gave_up = self.look_at_validation()
            if self.plan.callback is not None and is_true(self.plan.callback(self.epoch_state())):
                return "callback"
            if (gave_up or status == "stalled") and not self.slow_down():
                if self.plan.adaptive:
                    return "learning_rate"
                return "early_stopping" if gave_up else "tol"
        return self.plan.counted

    def n_epochs_ahead(self) -> int:
        """Return how many epochs nobody needs to look at: the length of the next native call."""
        plan, done = self.plan, self.point.n_epochs
        remaining = min(plan.n_epochs - done, EPOCHS_PER_CALL)
        if plan.validation is not None or plan.callback is not None:
            every = plan.options["cost_every"] if plan.counted == "n_iterations" else 1
            return min(remaining, -done % max(every, 1) + 1)  # to the end of the next costed one
        if self.orders is None:
            return remaining
        if plan.options["tol"] is not None:  # draw no order that may not be needed
            remaining = min(remaining, plan.options["patience"] + 1 - self.point.stalled)
        return min(remaining, max(1, INDICES_PER_CALL // len(plan.examples.x)))

    def advance(self, n_epochs: int) -> str:
        """Run epochs in the core, take over what is complete, and return the core's status."""
        plan, point = self.plan, self.point
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
            last_rate=done["learning_rate"],
        )
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
        plan, point, costs = self.plan, self.point, self.costs[-1]
        return EpochState(
            point.n_epochs - 1,
            float(costs[-1]) if costs.size else None,
            None if plan.validation is None else self.validation_costs[-1],
            Parameters.adopt(point.theta.copy(), plan.shape),
            self.learning_rate,
        )

    @property
    def learning_rate(self) -> float:
        """The rate used last, or the one that would have been first."""
        point = self.point
        return point.learning_rate if point.last_rate is None else point.last_rate

    def result(self, stopped_by: str, seconds: float) -> TrainingResult:
        """Return the last complete epoch's model, or the best if early stopping ran its course."""
        point, validation = self.point, self.plan.validation
        stopping = None if validation is None else validation.stopping
        theta, best_epoch = point.theta, None
        if stopping is not None and stopping.best_theta is not None:
            best_epoch = stopping.best_epoch
            if stopped_by not in ("interrupt", "divergence"):
                theta = stopping.best_theta
        return TrainingResult(
            parameters=Parameters.adopt(theta, self.plan.shape),
            costs=np.concatenate([np.empty(0), *self.costs[: point.n_calls]]),
            validation_costs=np.array(self.validation_costs),
            stopped_by=stopped_by,
            n_iterations=point.steps_done,
            n_epochs=point.n_epochs,
            seconds=seconds,
            learning_rate=self.learning_rate,
            best_epoch=best_epoch,
        )


def orders(stream: Stream, m: int) -> Iterator[Order]:
    """Yield a permutation of m examples per epoch, for ever.

    A RandomState's are composed, each shuffling the one before: so does scikit-learn, and the same
    seed then gives the same batches.
    """
    order: Order = np.arange(m, dtype=np.int64)
    while True:
        if isinstance(stream, np.random.Generator):
            order = stream.permutation(m)
        else:
            shuffled = np.arange(m, dtype=np.int64)
            stream.shuffle(shuffled)
            order = order[shuffled]
        yield order


def is_true(answer: object) -> bool:
    """Tell a True, Python's or NumPy's, from all else that a callback may happen to return."""
    return isinstance(answer, (bool, np.bool_)) and bool(answer)
