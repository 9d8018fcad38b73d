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

    A stream stands for itself; an int >= 0 seeds a new Generator, and None takes fresh entropy.
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
        self._order: Order = np.arange(m, dtype=np.int64)

    def __next__(self) -> Order:
        if isinstance(self.stream, np.random.Generator):
            return self.stream.permutation(self.m)
        order: Order = self._order.copy()  # others may have it
        self.stream.shuffle(order)
        self._order = order
        return order

    def draw(self, n: int) -> Order:
        """Return the orders (n, m) of the next n epochs."""
        orders = np.empty((n, self.m), np.int64)
        for k in range(n):
            orders[k] = next(self)
        return orders

    @property
    def kind(self) -> str:
        """NumPy's word for what the stream's numbers come from."""
        name: str = self.position().state["bit_generator"]
        return name

    def position(self) -> Position:
        """Return where the orders stand now."""
        if isinstance(self.stream, np.random.Generator):
            return Position(dict(self.stream.bit_generator.state), None)
        return Position(dict(self.stream.get_state(legacy=False)), self._order)

    def go_to(self, position: Position) -> None:
        """Go on from a position as if all orders before it had been drawn here."""
        if isinstance(self.stream, np.random.Generator):
            self.stream.bit_generator.state = position.state
        else:
            assert position.order is not None
            self.stream.set_state(position.state)
            self._order = position.order


def position_after(before: Position, n: int, m: int) -> Position:
    """Return the position n orders of m examples later: they are drawn again."""
    is_new = before.order is None
    again = Orders(np.random.default_rng(0) if is_new else np.random.RandomState(0), m)
    again.go_to(before)
    for _ in range(n):
        next(again)
    return again.position()
