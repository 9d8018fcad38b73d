"""How far trainings have come, shown as they go."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence

from ..._extras.progress import Advance
from ..loop import TrainingLoop

SECONDS_PER_CALL = 0.1  # about as long as a native call may take, if somebody looks


class Showing:
    """Moves a bar on after native calls of loops, and has these take about a tenth of a second.

    They begin with an epoch each, and with twice as many as before as long as that is quick. How
    epochs are shared out among calls changes no result.

    Parameters
    ----------
    loops : sequence of TrainingLoop
        Before their first call.
    advance : Advance
    n_ended : int
        How many networks had ended before these.
    """

    def __init__(
        self, loops: Sequence[TrainingLoop], advance: Advance, *, n_ended: int = 0
    ) -> None:
        self.loops = loops
        self.n_ended = n_ended
        self.advance = advance
        self.most = [loop.solver.epochs_per_call for loop in loops]
        self.n_shown = sum(loop.state.n_epochs for loop in loops)
        self.length, self.called_at = 1, time.monotonic()
        self.share_out()
        if self.n_shown:  # those that a checkpoint has
            advance(self.n_shown)

    def __call__(self) -> None:
        """Show how many epochs there have been, all of a network that has ended."""
        now = sum(loop.n_epochs if has_ended(loop) else loop.state.n_epochs for loop in self.loops)
        self.advance(now - self.n_shown, **self.figures())
        self.n_shown = now
        took, self.called_at = time.monotonic() - self.called_at, time.monotonic()
        if took < SECONDS_PER_CALL / 2:
            self.length *= 2
        elif took > SECONDS_PER_CALL * 2:
            self.length = max(1, self.length // 2)
        self.share_out()

    def share_out(self) -> None:
        """Let no call take more epochs than are shown at once."""
        for loop, most in zip(self.loops, self.most, strict=True):
            loop.solver.epochs_per_call = min(most, self.length)

    def figures(self) -> dict[str, float]:
        """Return what stands beside the bar: of one training its own figures, else of all.

        Costs are those recorded last, as `cost_every` has it.
        """
        costs = [loop.state.loss for loop in self.loops]
        if len(self.loops) > 1 or self.n_ended:
            return of_many(self.n_ended + sum(map(has_ended, self.loops)), costs)
        loop = self.loops[0]
        validation = loop.history.validation_costs
        figures = {"cost": costs[0], "rate": loop.state.rate_used}
        return {**figures, "val": validation[-1]} if validation else figures


def has_ended(loop: TrainingLoop) -> bool:
    """Whether a loop has come to its end, or would if it were asked to go on."""
    return loop.ended_by is not None or loop.reason() is not None


def of_many(n_ended: int, costs: Sequence[float]) -> dict[str, float]:
    """Return what stands beside the bar of many networks: how many have ended, the least cost."""
    known = [cost for cost in costs if not math.isnan(cost)]
    return {"ended": n_ended, "least_cost": min(known, default=math.nan)}
