"""Fits side by side, in waves of as many as there is room for.

Mostly that is a single wave. Fits on the same rows share them; those that hold out rows of their
own, or stand on other folds, do not, and a thousand of them would be a thousand copies.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from ..._extras.progress import Advance
from ..._native.backend import allowed_threads
from ..._native.signals import INTERRUPTS, Doors
from ...training import Showing, run_together, share_doors
from ..fitting.fit import Fit

ROOM = 2**29  # bytes of data and networks that a wave may take, if it has a network for each thread
OF_ONE = 2**15  # bytes that a network takes besides its numbers, measured: 20 to 30 KiB
COPIES = 4  # of parameters and state: those before and after an epoch, the best, room


class Together:
    """Fits under way.

    Parameters
    ----------
    n_threads : int or None
        None: see `set_num_threads`. Each fit has one of them at a time.

    Attributes
    ----------
    doors : Doors
        For signals, of all fits.
    wave : list of Fit
        Those that were begun and not yet handed on.
    """

    def __init__(self, n_threads: int | None) -> None:
        self.n_threads = allowed_threads(n_threads)
        self.doors = Doors(INTERRUPTS)
        self.wave: list[Fit] = []

    def run(
        self,
        begins: Iterable[Callable[[], Fit]],
        take: Callable[[Fit], Any],
        advance: Advance | None = None,
    ) -> None:
        """Begin and run all fits, and hand each that has ended to `take`, in their order."""
        waiting, n_ended = iter(begins), 0
        while self.fill(waiting):
            loops = [fit.loop for fit in self.wave]
            share_doors(loops, self.doors)
            show = None if advance is None else Showing(loops, advance, n_ended=n_ended)
            reasons = run_together(loops, self.n_threads, after_calls=show)
            n_ended += len(loops)
            for fit, reason in zip(self.wave, reasons, strict=True):
                fit.end(reason)
            for fit in self.wave:
                take(fit)
            self.wave = []

    def fill(self, waiting: Iterator[Callable[[], Fit]]) -> bool:
        """Begin as many fits as there is room for, and return whether there are any."""
        held: dict[int, int] = {}
        taken = 0
        for begin in waiting:
            fit = begin()
            self.wave.append(fit)
            held.update(sizes(fit))
            taken += OF_ONE + COPIES * (fit.loop.state.theta.nbytes + fit.loop.state.slots.nbytes)
            if len(self.wave) >= self.n_threads and taken + sum(held.values()) > ROOM:
                break
        return bool(self.wave)

    def ended(self) -> list[Fit]:
        """Return those of the wave that have come to their ends, whatever broke off the others."""
        for fit in self.wave:
            if fit.ended_by == "error" and fit.loop.ended_by is not None:
                fit.end(fit.loop.ended_by)
        return [fit for fit in self.wave if fit.ended_by != "error"]


def sizes(fit: Fit) -> dict[int, int]:
    """Return the bytes of each of the arrays that a fit learns from, by what it is."""
    found = {}
    for objective in (fit.objective, fit.held_out):
        for array in () if objective is None else objective.examples:
            if array is not None:
                found[id(array)] = array.nbytes
    return found
