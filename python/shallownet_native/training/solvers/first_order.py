"""The first-order solvers, gd to adamw: whole epochs in the core, by the orders drawn here."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from ..._native.arrays import Floats
from ..._native.backend import core
from ..._native.blocks import copy_to
from ..._native.signals import AJAR, INTERRUPTS, Doors
from ..._native.streams import Order, Orders, Position, Stream
from ...network import Examples
from ..loop import EPOCHS_PER_CALL
from ..options import TrainOptions
from ..state import TrainingState

if TYPE_CHECKING:
    from ..protocols import Take
    from ..steps import Steps

SLOWEST_RATE = 1e-6  # the adaptive schedule ends there, and divides by 5 until then: scikit-learn's
INDICES_PER_CALL = 2**16  # of all orders together: 512 KiB, some milliseconds of training


def slots_for(theta: Floats, options: TrainOptions, n_x: int) -> Floats:
    """Return what is remembered of parameters that no step has moved yet.

    That is the optimizer's, and then what steps move, and its average, if the parameters that the
    world sees are made of them; behind each stand the scales of the inputs, if there are any.
    """
    n, scales = core.optimizers[options.optimizer], n_x if options.scale_rate else 0
    slots = np.zeros((n + options.n_more_rows, theta.size + scales), theta.dtype)
    for row in slots[n:]:
        copy_to(row[: theta.size], theta)
        row[theta.size :] = 1
    return slots


class FirstOrder:
    """A first-order solver of one problem; see `protocols.Solver`.

    Parameters
    ----------
    shape, examples, options
        The network's shape, and what every native call takes.
    is_adaptive : bool
        Whether the rate is divided by 5 when patience is exhausted.
    stream : Generator, RandomState or None
        Where each epoch's order is drawn; None takes the examples as they come.
    marks_positions : bool
        Whether states say where the orders stand.
    constant : callable or None
        From an epoch's order to what is added to its cost.
    on_begin : callable or None
        To be called before each call.
    """

    has_rate: ClassVar[bool] = True
    costs_follow: ClassVar[bool] = False
    fits: ClassVar[None] = None  # its slots are like those it begins with

    def __init__(
        self,
        shape: tuple[int, int, int],
        examples: Examples,
        options: TrainOptions,
        *,
        is_adaptive: bool,
        stream: Stream | None,
        marks_positions: bool = False,
        constant: Callable[[Order | None], float] | None = None,
        on_begin: Callable[[], None] | None = None,
    ) -> None:
        m = len(examples.x)
        self.shape = shape
        self.examples = examples
        self.options = options
        self.is_adaptive = is_adaptive
        self.orders = None if stream is None else Orders(stream, m)
        self.draws_orders = stream is not None
        self.epochs_per_call = max(1, INDICES_PER_CALL // m) if stream else EPOCHS_PER_CALL
        self.marks_positions = marks_positions and stream is not None
        self.constant = constant
        self.on_begin = on_begin
        self.doors = Doors(INTERRUPTS)

    @property
    def told(self) -> dict[str, Any]:
        """All options, by their names."""
        return self.options._asdict()

    def advance(
        self, state: TrainingState, n_epochs: int, take: Take
    ) -> Steps[tuple[TrainingState | None, str]]:
        """Run epochs in one native call; see `protocols.Solver.advance`."""
        self.doors.let_in(AJAR)
        if self.on_begin is not None:
            self.on_begin()
        rate, power_t = state.rate, self.options.power_t
        if power_t and state.n_seen and state.n_epochs == 0 and rate == self.options.learning_rate:
            n_epochs, power_t = 1, 0.0  # a warm start begins with the first rate: scikit-learn's
        elif power_t:
            rate = self.options.learning_rate
        before, order = None, None
        if self.orders is not None:
            before = self.orders.position() if self.marks_positions else None
            order = self.orders.draw(n_epochs)
        options = self.options.for_call(
            n_epochs,
            learning_rate=rate,
            power_t=power_t,
            first_epoch=state.n_epochs,
            steps_done=state.n_steps,
            seen=state.n_seen,
            best_cost=-state.best,
            stalled=state.n_stalled,
        )
        where = (state.theta, state.slots, self.shape, *self.examples)
        done = yield "train", *where, order, options
        n, costs, next_state = done["n_epochs"], done["costs"], None
        if n:
            if self.constant is not None:
                orders = [None] * n if order is None else order[:n]
                costs = costs + [self.constant(order) for order in orders]
            next_state = take(self.state_after(state, done, before), costs)
        if done["error"] is not None:  # of a signal's handler
            raise done["error"]
        status = str(done["status"])
        return next_state, "done" if status == "stalled" else status

    def state_after(
        self, state: TrainingState, done: dict[str, Any], before: Position | None
    ) -> TrainingState:
        """Return the state after the epochs that a native call, from `before`, has completed."""
        options, n_seen, n = self.options, int(done["seen"]), done["n_epochs"]
        if options.power_t:
            state = state._replace(rate=options.learning_rate / (n_seen + 1) ** options.power_t)
        if options.tol is not None:  # the core has counted
            state = state._replace(best=-done["best_cost"], n_stalled=done["stalled"])
        return state._replace(
            theta=done["theta"],
            slots=done["state"],
            last_rate=done["learning_rate"],
            n_steps=int(done["steps_done"]),
            n_seen=n_seen,
            n_epochs=state.n_epochs + n,
            position=before,
            n_after=n,
        )

    def findings(self, _: TrainingState) -> dict[str, Any]:
        """Return what a result says of the solver besides its parameters and curves."""
        of_sgd = {"momentum": self.options.momentum} if self.options.optimizer == "sgd" else {}
        return {"l2": self.options.l2, "optimizer": self.options.optimizer, **of_sgd}

    def slow_down(self, state: TrainingState) -> TrainingState | None:
        """Return the state with a fifth of the rate, if that is adaptive and not too small."""
        if not self.is_adaptive or state.rate <= SLOWEST_RATE:
            return None
        return state._replace(rate=state.rate / 5)
