"""The quasi-Newton solver lbfgs: iterations of L-BFGS in the core, on all examples at once.

A float32 network is trained in float32 as long as that leads anywhere, and then in float64, so that
it ends where a float64 network would; its parameters are rounded as they are handed out.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

import numpy as np

from .._native.arrays import Floats
from .._native.backend import core
from .._native.blocks import copied
from .._native.signals import AJAR, INTERRUPTS, Doors
from .._native.sparse import SparseRows, sparse_rows
from ..network import Examples, Units
from .loop import EPOCHS_PER_CALL
from .state import Curve, TrainingState

if TYPE_CHECKING:
    from .protocols import Take

# behind the vectors: pairs, whether in double, cost, first cost, evaluations, flat iterations
N_NUMBERS = 6
HISTORY = 10
IN_SINGLE = {"flat": 2e-7, "unit": 0.0, "patience": 3.0}  # below that, rounding decides
ENDS = {"minimum": "tol", "flat": "tol", "stuck": "tol", "evaluations": "max_fun"}


class StoppingRule(NamedTuple):
    """When a minimisation ends by itself.

    Attributes
    ----------
    tol : float
        The largest component of a gradient that ends it.
    flat, unit, patience : float
        So many iterations in a row that gain no more than `flat` of the cost, or of `unit` if that
        is more, end it, too.
    max_evaluations : float
        Of cost and gradient: the iteration in which there are more is the last.
    """

    tol: float
    flat: float = 1e-12
    unit: float = 0.0
    patience: float = 3.0
    max_evaluations: float = math.inf


class QuasiNewton:
    """L-BFGS on one problem; see `protocols.Solver`.

    Parameters
    ----------
    shape, units, examples
        The network, and what it is trained on.
    l2, n_threads
    rule : StoppingRule
    loss_scale, constant : float
        What losses are shown as: times the one, plus the other.
    shows_start : bool
        Whether the curve of costs begins with that of the start.
    keeps_memory : bool
        Whether all that it remembers is wanted of a training that was broken off.
    on_begin : callable or None
        To be called before each call.
    """

    has_rate: ClassVar[bool] = False
    costs_follow: ClassVar[bool] = True
    orders: ClassVar[None] = None
    draws_orders = False
    is_adaptive = False
    epochs_per_call = EPOCHS_PER_CALL

    def __init__(
        self,
        shape: tuple[int, int, int],
        units: Units,
        examples: Examples,
        *,
        l2: float,
        n_threads: int,
        rule: StoppingRule,
        loss_scale: float = 1.0,
        constant: float = 0.0,
        shows_start: bool = True,
        keeps_memory: bool = True,
        on_begin: Callable[[], None] | None = None,
    ) -> None:
        self.shape = shape
        self.examples = examples
        self.in_double: Examples | None = None  # the examples, once they are needed so
        self.rule = rule
        self.options: dict[str, Any] = {
            **units._asdict(),
            "l2": l2,
            "loss_scale": loss_scale,
            "n_threads": n_threads,
            "keeps_memory": keeps_memory,
        }
        self.constant = constant
        self.shows_start = shows_start
        self.on_begin = on_begin
        self.doors = Doors(INTERRUPTS)

    @property
    def told(self) -> dict[str, Any]:
        """All options by which bits differ, by their names."""
        rule = {k: v for k, v in self.rule._asdict().items() if k != "max_evaluations"}
        return {"optimizer": "lbfgs", **self.options, **rule}

    @staticmethod
    def fits(slots: Any, size: int) -> bool:
        """Whether this may be what the solver remembers of so many parameters."""
        return fits(slots, size)

    def advance(
        self, state: TrainingState, n_epochs: int, take: Take
    ) -> tuple[TrainingState | None, str]:
        """Run iterations in one native call, or two; see `protocols.Solver.advance`."""
        self.doors.let_in(AJAR)
        if self.on_begin is not None:
            self.on_begin()
        last = state.n_epochs + n_epochs
        while True:
            is_double = state.theta.dtype == np.float64 or is_in_double(state.slots)
            done = self.minimize(state, last - state.n_epochs, is_double)
            costs = self.shown(state, done)
            after: TrainingState | None = self.state_after(state, done)
            if after is not None and len(costs):
                after = take(after, costs)
            if done["error"] is not None:  # of a signal's handler
                raise done["error"]
            if after is None:
                return None, "done"
            state = after
            status = str(done["status"])
            if status not in ENDS:
                return state, status
            if is_double or status == "evaluations":
                return state, ENDS[status]
            state = self.go_on_in_double(state)
            if not is_in_double(state.slots):
                return state, "diverged"
            if state.n_epochs >= last:
                return state, "done"

    def minimize(self, state: TrainingState, n_epochs: int, is_double: bool) -> dict[str, Any]:
        """Run up to so many iterations in one native call."""
        rule = self.rule._asdict() if is_double else {**self.rule._asdict(), **IN_SINGLE}
        options = {**self.options, **rule, "n_iterations": n_epochs}
        theta, examples = state.theta, self.examples
        if is_double and theta.dtype != np.float64:
            theta = copied(theta, np.float64)
            if self.in_double is None:
                self.in_double = as_double(examples)
            examples = self.in_double
        done: dict[str, Any] = core.minimize(theta, state.slots, self.shape, *examples, options)
        return done

    def go_on_in_double(self, state: TrainingState) -> TrainingState:
        """Return the state with cost and gradient computed anew, in float64."""
        done = self.minimize(state, 0, True)
        if done["error"] is not None:
            raise done["error"]
        return state._replace(slots=done["memory"])

    def state_after(self, state: TrainingState, done: dict[str, Any]) -> TrainingState:
        """Return the state after the iterations of a native call."""
        n = len(done["costs"])
        theta = state.theta
        if n:
            theta = copied(done["memory"][: theta.size], theta.dtype)
        return state._replace(
            theta=theta,
            slots=done["memory"],
            n_steps=state.n_steps + n,
            n_epochs=state.n_epochs + n,
        )

    def shown(self, before: TrainingState, done: dict[str, Any]) -> Curve:
        """Return the costs that a native call adds to the curve."""
        costs: Curve = done["costs"]
        if self.shows_start and not before.slots.size and done["memory"].size:
            costs = np.concatenate([[done["first_cost"]], costs])
        return costs + self.constant

    def slow_down(self, _: TrainingState) -> None:
        """There is no rate."""


def start_slots() -> Floats:
    """Return what the solver remembers before it has begun."""
    return np.empty(0)


def is_in_double(slots: Floats) -> bool:
    """Whether cost and gradient were computed in float64 last."""
    return bool(slots.size and slots[1 - N_NUMBERS] == 1)


def fits(slots: Floats, size: int) -> bool:
    """Whether this may be what the solver remembers of so many parameters."""
    if slots.ndim != 1 or slots.dtype != np.float64 or not np.isfinite(slots).all():
        return False
    if slots.size == 0:
        return True
    if slots.size < N_NUMBERS:
        return False
    n_pairs, is_double, _, _, n_evaluations, n_flat = slots[-N_NUMBERS:]
    counts = (n_pairs, n_evaluations, n_flat)
    return (
        all(count >= 0 and count == int(count) for count in counts)
        and n_pairs <= HISTORY
        and is_double in (0, 1)
        and slots.size == (2 + 2 * int(n_pairs)) * size + N_NUMBERS
    )


def as_double(examples: Examples) -> Examples:
    """Return the examples in float64."""
    x, y, weights = examples
    in_double: Any = np.float64
    rows = sparse_rows(x.csr, in_double) if isinstance(x, SparseRows) else copied(x, in_double)
    return Examples(
        rows, copied(y, in_double), None if weights is None else copied(weights, in_double)
    )
