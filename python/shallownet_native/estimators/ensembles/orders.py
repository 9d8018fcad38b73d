"""Orders of the rows that several fits have in common, drawn once.

Fits on as many rows that begin with the same seed and networks of one shape draw the same orders:
those of a grid on folds of one size differ in alpha and rows alone. Drawing them is most of what
Python does in a small fit.
"""

from __future__ import annotations

from collections import deque
from typing import Any

import numpy as np

from ..._native.streams import Order, Orders, Position

ROOM = 2**18  # numbers that are kept, 2 MiB: of those fits that go on, none is far behind


class CommonOrders:
    """The orders that `source` would draw, for several readers.

    Parameters
    ----------
    source : Orders
        Of a RandomState; nobody else draws from it any more.
    """

    def __init__(self, source: Orders) -> None:
        self.source = source
        self.m = source.m
        self.begin: Position = source.position()
        self.kept: deque[Order] = deque(maxlen=max(2, ROOM // source.m))
        self.n_drawn = 0
        self.asked = (0, 0)  # last, from which epoch and for how many
        self.answer: Order = np.empty((0, source.m), np.int64)

    def order(self, n: int) -> Order | None:
        """Return the order of epoch n, None if it is no longer kept."""
        while self.n_drawn <= n:
            self.kept.append(next(self.source))
            self.n_drawn += 1
        place = n - self.n_drawn
        return self.kept[place] if -place <= len(self.kept) else None

    def orders(self, first: int, n: int) -> Order | None:
        """Return the orders (n, m) of some epochs, the same array to all; None as in `order`."""
        if (first, n) != self.asked:
            found = [
                one for epoch in range(first, first + n) if (one := self.order(epoch)) is not None
            ]
            if len(found) < n:
                return None
            self.asked, self.answer = (first, n), np.stack(found)
        return self.answer


class Reader(Orders):
    """One fit's way through common orders; it goes on alone when they have gone too far ahead."""

    def __init__(self, common: CommonOrders) -> None:
        super().__init__(common.source.stream, common.m)
        self.common: CommonOrders | None = common
        self.n_read = 0

    def draw(self, n: int) -> Order:
        """Return the orders (n, m) of the next n epochs."""
        orders = None if self.common is None else self.common.orders(self.n_read, n)
        if orders is None:
            return super().draw(n)
        self.n_read += n
        return orders

    def __next__(self) -> Order:
        if self.common is not None:
            order = self.common.order(self.n_read)
            if order is not None:
                self.n_read += 1
                return order
            self.stream = np.random.RandomState(0)
            self.go_to(self.common.begin)
            self.common = None
            for _ in range(self.n_read):
                super().__next__()
        return super().__next__()


class Common:
    """What fits that draw alike have in common: orders, and a stream whose orders others draw.

    NumPy takes 0.1 ms to make a RandomState, and 1 us to seed it anew.
    """

    def __init__(self) -> None:
        self.orders: dict[Any, CommonOrders] = {}
        self.spare: Any = None

    def stream(self, seed: int) -> np.random.RandomState:
        """Return a stream that begins with a seed."""
        stream: np.random.RandomState = self.spare or np.random.RandomState()
        self.spare = None
        stream.seed(seed)
        return stream

    def reader(self, key: Any, own: Orders) -> Reader:
        """Return a fit's way through the orders of all fits of a key, in place of its own."""
        if key in self.orders:
            self.spare = own.stream
        else:
            self.orders[key] = CommonOrders(own)
        return Reader(self.orders[key])
