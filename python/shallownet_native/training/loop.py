"""The one training loop: of every solver, for functions and estimators alike.

It imports no solver and no checkpoint: both are handed in, and `protocols` says what they offer.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from .._native.arrays import Floats
from .._native.blocks import copied
from ..network import Parameters
from .results import EpochState
from .state import Curve, History, TrainingState
from .steps import Steps, alone
from .stopping import Patience, Validation

if TYPE_CHECKING:  # of use to type checkers only
    from .protocols import Callback, CheckpointWriter, Solver

EPOCHS_PER_CALL = 2**20  # bounds the costs that the core makes room for


class TrainingLoop:
    """One training under way.

    For every call of the solver, `run`

    1. advances: the solver runs epochs, as many as nobody looks at in between;
    2. records their costs;
    3. evaluates the last one on the validation data;
    4. notifies the callbacks of it;
    5. decides whether training goes on, if need be at a lower rate;
    6. writes a checkpoint, if one is due.

    `state` is replaced as a whole after 3 and after 5: whatever breaks off, it is the last complete
    epoch, with the curves that belong to it. A checkpoint written in between is that of before 3: a
    training that goes on from there looks at the epoch first.

    Parameters
    ----------
    solver : Solver
    state, history : TrainingState, History
        Where training begins, and the curves that it adds to.
    n_epochs, counted : int, str
        How many epochs in all, and the word for having had them.
    cost_every : int
        One epoch of so many has a cost, and is looked at: evaluated, and shown to the callbacks; 0
        if none has one, and all are.
    patience : Patience or None
    validation : Validation or None
    callbacks : sequence of callables
        Each sees every epoch that is looked at, and may ask to stop by returning True.
    network : callable
        From theta to the network that the world sees, on theta itself.
    on_stalled : callable or None
        Told the rate that training goes on with when patience is exhausted, or None: it ends.
    checkpoints : CheckpointWriter or None
    """

    def __init__(
        self,
        solver: Solver,
        state: TrainingState,
        history: History,
        *,
        n_epochs: int,
        counted: str,
        cost_every: int = 1,
        patience: Patience | None = None,
        validation: Validation | None = None,
        callbacks: Sequence[Callback] = (),
        network: Callable[[Floats], Parameters],
        on_stalled: Callable[[float | None], None] | None = None,
        checkpoints: CheckpointWriter | None = None,
    ) -> None:
        self.solver = solver
        self.state = self.written = state
        self.history = history
        self.n_epochs = n_epochs
        self.counted = counted
        self.cost_every = cost_every
        self.patience = patience
        self.validation = validation
        self.callbacks = callbacks
        self.network = network
        self.on_stalled = on_stalled
        self.checkpoints = checkpoints
        self.not_looked_at: TrainingState | None = None  # to be written until the end is decided
        self.is_asked_to_stop = False
        self.ended_by: str | None = None  # as `run` says
        self.pauses = False  # after each call, by a native call that is none, to be told to go on
        self.after_call: Callable[[], None] | None = None  # which shows how far it has come

    def run(self) -> str:
        """Train to the end and return why it ended.

        Returns
        -------
        reason : str
            "callback", "divergence", `counted`, or the reason that the patience or solver gives.
        """
        try:
            self.ended_by = reason = alone(self.steps())
        except KeyboardInterrupt:
            self.write()
            raise
        if reason != "divergence":
            self.write(None if reason == "callback" else reason)
        return reason

    @property
    def stops_early(self) -> bool:
        """Whether the score on validation data decides."""
        return self.validation is not None and self.validation.score is not None

    def steps(self) -> Steps[str]:
        """Train to the end as `run` does, yielding native calls; write the checkpoints on the way.

        Each call is the name of one of the core's functions with its arguments, and what that
        returns is to be sent: several trainings can be made to go side by side.
        """
        if self.state.end_pending:
            if self.state.n_looks < self.state.n_epochs:  # else an earlier version has looked
                self.state = self.look(self.state)
            self.end_epoch()
        if self.n_epochs == 0 and self.solver.costs_follow and self.state.stopped_by is None:
            _, status = yield from self.solver.advance(self.state, 0, self.take)  # the start's cost
            if status == "diverged":
                return "divergence"
        while (reason := self.reason()) is None:
            n = self.n_ahead()
            state, status = yield from self.solver.advance(self.state, n, self.take)
            self.state = self.state if state is None else state
            if self.after_call is not None:
                self.after_call()
            if status == "diverged":
                return "divergence"
            if status != "done":
                return status
            if self.pauses:
                yield ()
            due = self.checkpoints is not None and self.checkpoints.is_due(self.state.n_epochs)
            if due and self.reason() is None:  # else why it ended is to be written, too
                self.write()
        return reason

    def reason(self) -> str | None:
        """Return why training ends here; None if it goes on."""
        if self.is_asked_to_stop:
            return "callback"
        if self.state.stopped_by is not None:
            return self.state.stopped_by
        return self.counted if self.state.n_epochs >= self.n_epochs else None

    def n_ahead(self) -> int:
        """Return how many epochs nobody needs to look at: the length of the solver's next call."""
        state, done = self.state, self.state.n_epochs
        n = min(self.n_epochs - done, self.solver.epochs_per_call, EPOCHS_PER_CALL)
        if self.checkpoints is not None:
            n = min(n, self.checkpoints.n_ahead(done))
        if self.validation is not None or self.callbacks:
            n = min(n, -done % max(self.cost_every, 1) + 1)  # to the end of the next looked at
        if self.patience is not None:
            costs = self.patience.watches == "costs"
            if costs or (self.patience.watches == "core" and self.solver.draws_orders):
                # so many at least must stall before it is one too many
                n = int(min(n, max(1, self.patience.limit + 1 - state.n_stalled)))
        return n

    def take(self, state: TrainingState, costs: Curve) -> TrainingState | None:
        """Take in complete epochs; return the state to go on from, or None if training ends.

        Broken off in here, it has the state from before these epochs, or after step 3.
        """
        self.history.costs.append(costs)
        if state.n_epochs == self.state.n_epochs:  # of where training begins, alone
            self.state = state._replace(n_calls=state.n_calls + 1, loss=costs[-1])
            return self.state
        best, n_stalled = state.best, state.n_stalled
        if self.patience is not None and self.patience.watches == "costs":
            for cost in costs:
                best, n_stalled = self.patience.observe(-cost, best, n_stalled)
        state = state._replace(
            n_calls=state.n_calls + 1,
            loss=costs[-1] if len(costs) else state.loss,
            best=best,
            n_stalled=n_stalled,
            end_pending=True,
        )
        self.state = self.look(state)
        self.end_epoch()
        return self.state if self.reason() is None else None

    def look(self, state: TrainingState) -> TrainingState:
        """Evaluate an epoch that is to be looked at."""
        if self.is_looked_at(state) and (self.validation is not None or self.callbacks):
            self.not_looked_at = state
            state = self.evaluate(state)
        return state

    def is_in_rhythm(self, state: TrainingState) -> bool:
        """Whether a training of any length looks at the epoch that has ended."""
        return (state.n_epochs - 1) % max(self.cost_every, 1) == 0 or self.has_stalled(state)

    def is_looked_at(self, state: TrainingState) -> bool:
        """Whether the epoch that has ended is looked at; the last one always is."""
        return state.n_epochs == self.n_epochs or self.is_in_rhythm(state)

    def has_stalled(self, state: TrainingState) -> bool:
        """Whether patience is exhausted."""
        return self.patience is not None and state.n_stalled > self.patience.limit

    def evaluate(self, state: TrainingState) -> TrainingState:
        """Take cost and score on the validation data, if there are any, and count the score."""
        validation = self.validation
        if validation is None:
            return state
        assert self.history.validation_costs is not None
        cost = validation.cost(state.theta)
        self.history.look_steps.append(state.n_steps)
        self.history.validation_costs.append(cost)
        if validation.score is not None:
            assert self.patience is not None
            score = validation.score(state.theta, cost)
            if self.history.scores is not None:
                self.history.scores.append(score)
            best, n_stalled = self.patience.observe(score, state.best, state.n_stalled)
            if score > state.best:
                state = state._replace(best_theta=state.theta, best_epoch=state.n_epochs - 1)
            state = state._replace(best=best, n_stalled=n_stalled)
        return state._replace(n_looks=state.n_looks + 1)

    def end_epoch(self) -> None:
        """Notify the callbacks and decide what follows."""
        if self.is_looked_at(self.state):
            self.notify()
        state = self.state
        if self.has_stalled(state):
            assert self.patience is not None
            slower = self.solver.slow_down(state)
            if self.on_stalled is not None:
                self.on_stalled(None if slower is None else slower.rate)
            if slower is None:
                state = state._replace(stopped_by=self.patience.reason)
            else:
                state = slower._replace(n_stalled=0)
        self.state = state._replace(end_pending=False)
        # a longer training does not look at an epoch out of rhythm just because one ended there
        if self.not_looked_at is not None and self.is_in_rhythm(self.not_looked_at):
            self.not_looked_at = None

    def notify(self) -> None:
        """Show the epoch to every callback: one that wants to stop does not hide it from others."""
        if not self.callbacks:
            return
        state, every = self.state, self.cost_every
        has_cost = every > 0 and (state.n_epochs - 1) % every == 0
        has_cost = has_cost or self.solver.costs_follow
        validation_costs, scores = self.history.validation_costs, self.history.scores
        seen = EpochState(
            len(self.history.earlier) + state.n_epochs - 1,
            float(self.history.costs[-1][-1]) if has_cost else None,
            validation_costs[-1] if validation_costs else None,
            self.network(copied(state.theta)),
            state.rate_used,
            scores[-1] if scores else None,
        )
        answers = [callback(seen) for callback in self.callbacks]
        self.is_asked_to_stop = any(is_true(answer) for answer in answers)

    def end_in_divergence(self) -> None:
        """Take in an epoch that left the finite numbers, which early stopping outlives."""
        history, state = self.history, self.state
        history.costs.append(np.array([math.nan]))
        for curve in (history.validation_costs, history.scores):
            if curve is not None:
                curve.append(math.nan)
        self.state = state._replace(
            n_epochs=state.n_epochs + 1, n_calls=state.n_calls + 1, n_looks=state.n_looks + 1
        )

    def write(self, stopped_by: str | None = None) -> None:
        """Write a checkpoint, unless the file has this state."""
        state = self.state if self.not_looked_at is None else self.not_looked_at
        if self.checkpoints is not None and state is not self.written:
            self.checkpoints.write(state, self.history, stopped_by)
            self.written = state


def is_true(answer: object) -> bool:
    """Tell a True, Python's or NumPy's, from all else that a callback may happen to return."""
    return isinstance(answer, (bool, np.bool_)) and bool(answer)
