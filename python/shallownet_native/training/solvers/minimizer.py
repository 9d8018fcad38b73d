"""What the solvers that find their steps by themselves have in common, lbfgs and lm.

Their iterations are epochs on all examples; what they remember begins with the parameters in
float64, so that those of float32 are rounded only as they are handed out.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

import numpy as np

from ..._native.arrays import Floats
from ..._native.backend import core
from ..._native.blocks import copied
from ..._native.signals import AJAR, INTERRUPTS, Doors
from ..._native.sparse import SparseRows, sparse_rows
from ...network import Examples, Units
from ..loop import EPOCHS_PER_CALL
from ..state import Curve, TrainingState

if TYPE_CHECKING:
    from ..protocols import Take
    from ..steps import Steps

# how a native call ends by itself -> why the training does
ENDS = {
    "minimum": "tol",
    "flat": "tol",
    "stuck": "tol",
    "evaluations": "max_fun",
    "solves": "max_fun",
}
SMALL = 1e-5  # times the cost, or 1 if that is more: rounding may keep a search from less gradient


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
        Of cost and gradient, with lm solves: the iteration in which there are more is the last.
    """

    tol: float
    flat: float = 1e-12
    unit: float = 0.0
    patience: float = 3.0
    max_evaluations: float = math.inf


class Minimizer(ABC):
    """A solver without rate and batches on one problem; see `protocols.Solver`.

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

    Attributes
    ----------
    is_stuck : bool
        Whether the last call ended because no step went down.
    """

    has_rate: ClassVar[bool] = False
    costs_follow: ClassVar[bool] = True
    orders: ClassVar[None] = None
    name: ClassVar[str]
    n_numbers: ClassVar[int]  # that stand behind the vectors it remembers
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
        self.units = units
        self.examples = examples
        self.l2 = l2
        self.n_threads = n_threads
        self.rule = rule
        self.loss_scale = loss_scale
        self.constant = constant
        self.shows_start = shows_start
        self.keeps_memory = keeps_memory
        self.on_begin = on_begin
        self.doors = Doors(INTERRUPTS)
        self.is_stuck = False

    @property
    def told(self) -> dict[str, Any]:
        """All options, by their names."""
        return {
            "optimizer": self.name,
            **self.units._asdict(),
            "l2": self.l2,
            "loss_scale": self.loss_scale,
            **self.rule._asdict(),
        }

    @classmethod
    def fits(cls, slots: Any, size: int) -> bool:
        """Whether this may be what the solver remembers of so many parameters."""
        if slots.ndim != 1 or slots.dtype != np.float64 or not np.isfinite(slots).all():
            return False
        n = slots.size - cls.n_numbers  # of the vectors
        return slots.size == 0 or (n >= 0 and cls.are_numbers(slots[n:], n / size))

    @staticmethod
    @abstractmethod
    def are_numbers(numbers: Floats, n_vectors: float) -> bool:
        """Whether these may stand behind so many vectors of parameters."""

    @abstractmethod
    def advance(
        self, state: TrainingState, n_epochs: int, take: Take
    ) -> Steps[tuple[TrainingState | None, str]]:
        """Run iterations; see `protocols.Solver.advance`."""

    def begin(self) -> None:
        """Do what comes before each call."""
        self.doors.let_in(AJAR)
        if self.on_begin is not None:
            self.on_begin()

    def options_for(self, n_iterations: int, **own: Any) -> dict[str, Any]:
        """Return what a native call takes besides where it stands: what all do, and its `own`."""
        return {
            **self.units._asdict(),
            **self.rule._asdict(),
            "loss_scale": self.loss_scale,
            "n_threads": self.n_threads,
            "n_iterations": n_iterations,
            **own,
        }

    def hand_over(
        self, state: TrainingState, done: dict[str, Any], take: Take
    ) -> tuple[TrainingState | None, str]:
        """Hand what a native call has done to `take`; return the state after it, and its status."""
        costs = self.shown(state, done)
        reached = self.state_after(state, done)
        after = take(reached, costs) if len(costs) else reached
        if done["error"] is not None:  # of a signal's handler
            raise done["error"]
        status = str(done["status"])
        self.is_stuck = status == "stuck"
        return after, status

    def state_after(self, state: TrainingState, done: dict[str, Any]) -> TrainingState:
        """Return the state after the iterations of a native call."""
        n = len(done["costs"])
        theta = state.theta
        if n:
            theta = copied(done["memory"][: theta.size], theta.dtype)
        is_first = not state.slots.size and done["memory"].size
        return state._replace(
            theta=theta,
            slots=done["memory"],
            n_steps=state.n_steps + n,
            n_epochs=state.n_epochs + n,
            # of an iteration `take` says it; there may be none
            loss=done["first_cost"] + self.constant if is_first else state.loss,
        )

    def shown(self, before: TrainingState, done: dict[str, Any]) -> Curve:
        """Return the costs that a native call adds to the curve."""
        costs: Curve = done["costs"]
        if self.shows_start and not before.slots.size and done["memory"].size:
            costs = np.concatenate([[done["first_cost"]], costs])
        return costs + self.constant

    def slow_down(self, _: TrainingState) -> TrainingState | None:
        """Return None: there is no rate."""
        return None

    @cached_property
    def in_double(self) -> Examples:
        """The examples in float64, converted once they are needed so."""
        is_double = self.examples.y.dtype == np.float64
        return self.examples if is_double else as_double(self.examples)

    def gradient_where_stuck(self, state: TrainingState) -> float | None:
        """Return the gradient's largest component if no step went down and it is not small."""
        if not self.is_stuck:
            return None
        problem = (state.slots[: state.theta.size], self.shape, *self.in_double)
        given = (*self.units.of_passes, self.l2, self.n_threads, False)
        _, gradient, _ = core.gradients(*problem, *given, quantile=self.units.quantile)
        largest = float(np.abs(gradient).max())
        is_small = largest <= max(self.rule.tol, SMALL * max(1.0, abs(state.loss)))
        return None if is_small else largest

    def findings(self, _: TrainingState) -> dict[str, Any]:
        """Return what a result says of the solver besides its parameters and curves."""
        return {"l2": self.l2, "optimizer": self.name}


def start_slots() -> Floats:
    """Return what the solver remembers before it has begun."""
    return np.empty(0)


def are_counts(*numbers: float) -> bool:
    """Whether all are whole and none is negative."""
    return all(number >= 0 and number == int(number) for number in numbers)


def as_double(examples: Examples) -> Examples:
    """Return the examples in float64."""
    x, y, weights = examples
    in_double: Any = np.float64
    rows = sparse_rows(x.csr, in_double) if isinstance(x, SparseRows) else copied(x, in_double)
    return Examples(
        rows, copied(y, in_double), None if weights is None else copied(weights, in_double)
    )
