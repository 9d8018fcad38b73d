"""Streams of random numbers, and the order of the examples in each epoch, drawn from one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

from .arrays import check_integer

# in quotes: NumPy loads its generators, 10 ms, only when they are asked for
Stream: TypeAlias = "np.random.Generator | np.random.RandomState"
Seed: TypeAlias = "int | Stream | None"
Order = npt.NDArray[np.int64]


def random_stream(seed: Seed) -> Stream:
    """Return the stream of random numbers that `seed` stands for.

    Parameters
    ----------
    seed : int, numpy.random.Generator, numpy.random.RandomState or None
        The two streams are returned as they are, an int >= 0 seeds a new Generator, and None
        takes fresh entropy.

    Raises
    ------
    TypeError
        If it is none of these.
    ValueError
        If it is a negative int.
    """
    if isinstance(seed, (np.random.Generator, np.random.RandomState)):
        return seed
    if seed is None:
        return np.random.default_rng()
    try:
        number = check_integer(seed, "seed", 0, 2**128)
    except TypeError as error:
        raise TypeError(
            "seed must be an int, a numpy.random.Generator, a numpy.random.RandomState or None, "
            f"got {type(seed).__name__}"
        ) from error
    return np.random.default_rng(number)


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
