"""Orders that several fits have in common: each reads what it would have drawn alone."""

from __future__ import annotations

import numpy as np
import pytest

from shallownet_native._native.streams import Orders
from shallownet_native.estimators.ensembles import orders
from shallownet_native.estimators.ensembles.orders import CommonOrders, Reader

M = 20
PACES = {"together": [1, 1, 1], "apart": [7, 2, 1], "one after another": [60, 60, 60]}


@pytest.mark.parametrize("pace", PACES)
@pytest.mark.parametrize("room", [0, 10 * M, 2**18])
def test_common_orders_are_those_of_each_alone(
    pace: str, room: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(orders, "ROOM", room)
    alone = Orders(np.random.RandomState(3), M)
    next(alone)  # the stream of a fit has been drawn from
    expected = [next(alone) for _ in range(60)]
    source = Orders(np.random.RandomState(3), M)
    next(source)
    common = CommonOrders(source)
    readers = [Reader(common) for _ in PACES[pace]]
    read: list[list[object]] = [[] for _ in readers]
    while any(len(some) < 60 for some in read):
        for some, reader, n in zip(read, readers, PACES[pace], strict=True):
            some.extend(next(reader) for _ in range(min(n, 60 - len(some))))
    for some in read:
        assert np.array_equal(some, expected)
    assert len(common.kept) == min(60, max(2, room // M))
    left_behind = [reader.common is None for reader in readers]
    assert left_behind == [False, *[pace != "together" and room < 2**18] * 2]


def test_common_orders_are_drawn_once() -> None:
    stream = np.random.RandomState(3)
    common = CommonOrders(Orders(stream, M))
    one, other = Reader(common), Reader(common)
    assert all(next(one) is next(other) for _ in range(9)) and common.n_drawn == 9
