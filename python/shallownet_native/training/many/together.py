"""The engine: several training loops side by side, a network a thread.

Each loop says which native call it needs next, the core makes all of these without any waiting for
another, and each loop takes in what came of its own. Callbacks, validation and decisions are
Python's, loop after loop in the calling thread, so that nothing depends on threads.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

from ..._native.backend import core
from ..._native.signals import Doors
from ..loop import TrainingLoop
from ..steps import Done, NativeCall, Steps


def share_doors(loops: Sequence[TrainingLoop], doors: Doors) -> None:
    """Let the solvers of all loops open the same doors for signals."""
    for loop in loops:
        loop.solver.doors = doors


class Runner:
    """A loop under way.

    Attributes
    ----------
    call : tuple or None
        What it asks for: nothing while it pauses, None when it has ended.
    done : dict or None
        What its last call has done, until it has taken that in; `taken` then.
    """

    def __init__(self, loop: TrainingLoop) -> None:
        self.loop = loop
        self.steps: Steps[str] = loop.steps()
        self.call: NativeCall | None = ()
        self.done: Any = None
        self.taken: Any = None
        self.is_broken_off = False  # by an exception that came out of the loop

    def go_on(self) -> None:
        """Take in what the last call has done, and go on to the next, to a pause or the end."""
        try:
            self.call = self.steps.send(self.done)
        except StopIteration as end:
            self.call, self.loop.ended_by = None, end.value
        except BaseException:
            self.is_broken_off = True
            raise
        self.taken, self.done = self.done, None


def run_together(
    loops: Sequence[TrainingLoop],
    n_threads: int,
    after_round: Callable[[], None] | None = None,
    after_calls: Callable[[], None] | None = None,
) -> list[str]:
    """Run all loops to their ends and return why each ended, as its `run` would.

    Parameters
    ----------
    loops : sequence of TrainingLoop
        Without checkpoints.
    n_threads : int
    after_round : callable or None
        To be called whenever every loop has ended or pauses.
    after_calls : callable or None
        To be called whenever loops have taken in their calls.

    Raises
    ------
    KeyboardInterrupt
        On Ctrl-C, when every loop holds its last complete epoch, and those that have ended say so;
        so with whatever else the handler of a signal raises.
    """
    Rounds(loops, n_threads, after_calls).run(after_round)
    return [str(loop.ended_by) for loop in loops]


class Rounds:
    """Native calls of several loops, round by round; see `run_together`."""

    def __init__(
        self, loops: Sequence[TrainingLoop], n_threads: int, after_calls: Callable[[], None] | None
    ) -> None:
        self.runners = [Runner(loop) for loop in loops]
        self.n_threads = n_threads
        self.after_calls = after_calls
        self.asking: list[Runner] = []
        self.outcomes: list[Done] = []  # of those that ask, as far as they have come

    def run(self, after_round: Callable[[], None] | None) -> None:
        """Let all go on to their ends."""
        going = self.runners
        try:
            while going:
                for one in going:
                    one.go_on()
                while asking := [one for one in going if one.call]:
                    self.make_calls(asking)
                    if self.after_calls is not None:
                        self.after_calls()
                if after_round is not None:
                    after_round()
                going = [one for one in going if one.call is not None]
        except BaseException as error:
            self.take_in_all(error)
            raise

    def make_calls(self, asking: list[Runner]) -> None:
        """Make the native calls that loops ask for, side by side, and let these go on."""
        outcomes: list[Done] = []
        self.asking, self.outcomes = asking, outcomes
        error = core.run_together([one.call for one in asking], self.n_threads, outcomes)
        if error is not None:
            raise error
        for one, done in zip(asking, outcomes, strict=True):
            one.done = done
            one.go_on()
        self.asking = []

    def take_in_all(self, error: BaseException) -> None:
        """Let every loop take in what was complete when `error` came, which ends those that run.

        No signal comes in here: what raised the error came by a door that is shut since.
        """
        for one, done in zip(self.asking, self.outcomes, strict=False):
            if one.call is None or one.is_broken_off or one.taken is done:
                continue
            if done["status"] == "interrupted":
                done["error"] = error
            one.done = done
            # what callbacks raise besides: `error` came first, and is what the caller raises
            with suppress(Exception, type(error)):
                one.go_on()
