"""A training's plan, which stays the same, and its points: where it stands after an epoch."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from .._native.arrays import Floats
from .._native.streams import Stream
from ..network import Examples, Units
from .results import EpochState
from .stopping import EarlyStopping, Validation


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

    @property
    def rate_used(self) -> float:
        """The rate used last, or the one that would have been first."""
        return self.learning_rate if self.last_rate is None else self.last_rate


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


class Moment(NamedTuple):
    """A point, and what has been decided after it: all that a training can go on from."""

    point: Point
    n_looks: int  # at the validation data
    stopping: EarlyStopping | None  # a copy
    is_open: bool  # whether the end of the epoch is still to come: to look, call back, decide
    stopped_by: str | None  # why training ends, whatever its length
