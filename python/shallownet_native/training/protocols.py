"""What is handed to the loop: a solver, callbacks, and where checkpoints are written."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar, Protocol

from .._native.signals import Doors
from .results import EpochState
from .state import Curve, History, TrainingState
from .steps import Steps

Callback = Callable[[EpochState], Any]
# takes a state and the costs of the epochs before it; returns the state to go on from, None: stop
Take = Callable[[TrainingState, Curve], "TrainingState | None"]


class Solver(Protocol):
    """What runs epochs. An iteration of a solver without batches is an epoch, too."""

    has_rate: ClassVar[bool]  # a learning rate, by which one epoch more is a step of the same kind
    costs_follow: ClassVar[bool]  # whether costs are those after each epoch, not before
    doors: Doors  # that are opened while it runs, for signals
    draws_orders: bool
    epochs_per_call: int  # at most

    def advance(
        self, state: TrainingState, n_epochs: int, take: Take
    ) -> Steps[tuple[TrainingState | None, str]]:
        """Run up to so many epochs from a state, handing those that are complete to `take`.

        Of none, a solver whose costs follow hands over the cost of the start. It yields its native
        calls, and is sent what they return.

        Returns
        -------
        state : TrainingState or None
            To go on from; None if `take` has said that training ends.
        status : {"done", "diverged", "tol", "max_fun"}
            The last two end training, of solvers that see for themselves.
        """

    def findings(self, state: TrainingState) -> dict[str, Any]:
        """Return what a result says of the solver besides its parameters and curves."""

    def slow_down(self, state: TrainingState) -> TrainingState | None:
        """Return the state with a lower rate; None where there is none, or none lower."""


class CheckpointWriter(Protocol):
    """Where states are written, so that a later training can go on from them."""

    def n_ahead(self, n_epochs: int) -> int:
        """Return how many epochs there are from the first `n_epochs` to the next checkpoint."""

    def is_due(self, n_epochs: int) -> bool:
        """Whether a checkpoint is to be written after so many epochs."""

    def write(self, state: TrainingState, history: History, stopped_by: str | None) -> None:
        """Write a state; `stopped_by` is why training ended there, if it did."""
