"""The order of the examples in each epoch, drawn from a stream, and where in it these stand."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from .initialization import Stream

Order = npt.NDArray[np.int64]


class Position(NamedTuple):
    """Where orders stand: the stream's state, and the last order if the next is made from it."""

    state: dict[str, Any]  # in NumPy's words
    order: Order | None


class Orders(Iterator[Order]):
    """A permutation of m examples per epoch, for ever.

    A Generator draws each anew. A RandomState's are composed, each shuffling the one before: so
    does scikit-learn, and the same seed then gives the same batches.
    """

    def __init__(self, stream: Stream, m: int) -> None:
        self.stream = stream
        self.m = m
        self.n_drawn = 0
        self._order: Order = np.arange(m, dtype=np.int64)
        self._remembered: tuple[int, Position] | None = None

    def __next__(self) -> Order:
        self.n_drawn += 1  # before the stream moves: an interrupt may fall in between
        if isinstance(self.stream, np.random.Generator):
            return self.stream.permutation(self.m)
        shuffled = np.arange(self.m, dtype=np.int64)
        self.stream.shuffle(shuffled)
        self._order = self._order[shuffled]
        return self._order

    def position(self, n_used: int) -> Position:
        """Return the position after `n_used` of the orders drawn here, and remember it.

        If others were drawn after them, for an epoch that was broken off, those used are drawn
        again, beginning with the position remembered last. (A RandomState takes 0.1 ms to tell its
        state: too long to be asked before every epoch.)
        """
        if n_used == self.n_drawn:
            position = self._position()
        else:
            assert self._remembered is not None, "positions are remembered from the start on"
            n_before, before = self._remembered
            is_new = isinstance(self.stream, np.random.Generator)
            again = Orders(np.random.default_rng(0) if is_new else np.random.RandomState(0), self.m)
            again.go_to(before)
            for _ in range(n_used - n_before):
                next(again)
            position = again._position()
        self._remembered = n_used, position
        return position

    def go_to(self, position: Position) -> None:
        """Go on from a position as if all orders before it had been drawn here."""
        if isinstance(self.stream, np.random.Generator):
            self.stream.bit_generator.state = position.state
        else:
            assert position.order is not None
            self.stream.set_state(position.state)
            self._order = position.order

    def _position(self) -> Position:
        if isinstance(self.stream, np.random.Generator):
            return Position(dict(self.stream.bit_generator.state), None)
        return Position(dict(self.stream.get_state(legacy=False)), self._order)
