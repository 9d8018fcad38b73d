"""The two ways to run many networks: all in one native call each, or as loops side by side."""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from contextlib import suppress

import numpy as np

from ..._extras.progress import Advance
from ..._native.arrays import Floats
from ..._native.backend import core
from ..._native.signals import AJAR, Doors
from ..building import Asked
from ..loop import EPOCHS_PER_CALL, TrainingLoop
from ..outcome import result_of
from ..results import TrainingResult
from ..state import Curve
from ..steps import Done, NativeCall
from .asked import Network
from .showing import Showing, of_many
from .together import run_together, share_doors

PARTS = 50  # of the networks, between two of which progress is shown


class Run(ABC):
    """Many networks under way.

    Attributes
    ----------
    reasons : list of str
        Why each has ended: "interrupt" of one that has not.
    seconds : float
        That it took.
    """

    def __init__(self, networks: Sequence[Network], doors: Doors, advance: Advance | None) -> None:
        self.networks = networks
        self.doors = doors
        self.advance = advance  # told of epochs
        self.reasons = ["interrupt"] * len(networks)
        self.started = time.perf_counter()
        self.seconds = 0.0

    @abstractmethod
    def run(self, n_threads: int) -> None:
        """Train all of them."""

    @abstractmethod
    def loop(self, k: int) -> TrainingLoop:
        """Return the loop of network k as it has ended."""

    @abstractmethod
    def costs(self, k: int) -> Curve:
        """Return the costs of network k."""

    def result(self, k: int) -> TrainingResult:
        """Return what came of network k."""
        return result_of(self.loop(k), self.reasons[k], self.seconds)

    def end(self) -> None:
        """Take the time."""
        self.seconds = time.perf_counter() - self.started

    def held_out_outputs(self, results: Sequence[TrainingResult], n_threads: int) -> Floats:
        """Return the outputs (n_networks, n_y, m) for what each was not shown, elsewhere NaN."""
        first = self.networks[0]
        x, n_y = first.data.everything.x, first.data.shape[2]
        shape = (len(self.networks), n_y, len(x))
        outputs: Floats = np.full(shape, np.nan, first.theta.dtype)
        for one, result, to in zip(self.networks, results, outputs, strict=True):
            assert one.out is not None
            rows = np.flatnonzero(one.out)
            if rows.size:
                theta, own = result.parameters.flat, one.data.shape
                found = core.predict(theta, own, x[rows], *one.data.units.of_passes, n_threads)
                limits = one.asked.output_range
                to[:, rows] = (found if limits is None else limits.clip(found)).T
        return outputs


def is_one_call(asked: Asked) -> bool:
    """Whether a loop would train by a single native call, of which nothing is drawn."""
    return (
        asked.has_rate
        and not (asked.shuffles or asked.is_adaptive or asked.stops_early)
        and 0 < asked.length <= EPOCHS_PER_CALL
    )


class CallPerNetwork(Run):
    """Networks that are trained by one native call each.

    A loop is made when one is asked for what came of it: it is handed what its call has done.
    """

    def __init__(self, networks: Sequence[Network], doors: Doors, advance: Advance | None) -> None:
        super().__init__(networks, doors, advance)
        self.calls: dict[tuple[int, int], NativeCall] = {}
        self.done: list[Done] = []

    def run(self, n_threads: int) -> None:
        """Train all of them."""
        calls = [self.call(network) for network in self.networks]
        n = len(calls)
        size = n if self.advance is None else max(n_threads, -(-n // PARTS))
        for begin in range(0, n, size):
            self.doors.let_in(AJAR)
            part = calls[begin : begin + size]
            error = core.run_together(part, n_threads, self.done)
            if error is not None:
                raise error
            if self.advance is not None:
                self.show(begin, begin + size)

    def show(self, first: int, last: int) -> None:
        """Show that some networks are done, and the least cost so far."""
        assert self.advance is not None
        ends = [float(one["costs"][-1]) for one in self.done if len(one["costs"])]
        epochs = sum(one.asked.length for one in self.networks[first:last])
        self.advance(epochs, **of_many(len(self.done), ends))

    def end(self) -> None:
        """Take the time, and say of all why they have ended."""
        super().end()
        for k, one in enumerate(self.done):
            counted = self.networks[k].asked.counted
            words = {"done": counted, "stalled": "tol", "diverged": "divergence"}
            self.reasons[k] = words.get(one["status"], "interrupt")

    def call(self, network: Network) -> NativeCall:
        """Return the call of a network's loop, made by that of another like it if there was one."""
        key = id(network.data), id(network.asked)
        if key not in self.calls:
            self.calls[key] = next(network.loop().steps())
        name, _, slots, *rest = self.calls[key]  # the core reads the slots, and writes others
        if network.asked.derives:  # those hold parameters, too
            slots = network.loop().state.slots
        return name, network.theta, slots, *rest

    def loop(self, k: int) -> TrainingLoop:
        """Return the loop of network k as it has ended."""
        loop = self.networks[k].loop()
        if k < len(self.done):
            steps = loop.steps()
            next(steps)
            with suppress(StopIteration):
                steps.send(self.done[k])
        return loop

    def costs(self, k: int) -> Curve:
        """Return the costs of network k."""
        costs: Curve = self.done[k]["costs"]
        return costs


class SideBySide(Run):
    """Networks of which somebody looks at epochs, or which need more than one call."""

    def __init__(self, networks: Sequence[Network], doors: Doors, advance: Advance | None) -> None:
        super().__init__(networks, doors, advance)
        self.loops = [network.loop() for network in networks]
        share_doors(self.loops, doors)
        self.epochs: Callable[[], None] | None = None
        self.show = None if advance is None else Showing(self.loops, advance)

    def run(self, n_threads: int) -> None:
        """Train all of them."""
        run_together(self.loops, n_threads, self.epochs, self.show)

    def end(self) -> None:
        """Take the time, and say of all why they have ended."""
        super().end()
        self.reasons = [loop.ended_by or "interrupt" for loop in self.loops]
        for loop in self.loops:
            loop.callbacks = ()  # which know the loops

    def loop(self, k: int) -> TrainingLoop:
        """Return the loop of network k as it has ended."""
        return self.loops[k]

    def costs(self, k: int) -> Curve:
        """Return the costs of network k."""
        return self.loops[k].history.costs_until(self.loops[k].state)
