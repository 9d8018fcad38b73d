"""What the passes hand back: arrays by name."""

from __future__ import annotations

from typing import NamedTuple

from .._messages.reprs import shown
from .._native.arrays import Floats


class Forward(NamedTuple):
    """What the forward pass computes: each (units, m), one column per example."""

    Z1: Floats | None
    A1: Floats | None
    Z2: Floats
    A2: Floats

    def __repr__(self) -> str:
        return shown("Forward", self._asdict())


class Gradients(NamedTuple):
    """The cost's derivatives, each of the shape of what it belongs to; dX if it was asked for."""

    dW1: Floats | None
    db1: Floats | None
    dW2: Floats
    db2: Floats
    dX: Floats | None = None

    def __repr__(self) -> str:
        return shown("Gradients", self._asdict())


Forward.__module__ = Gradients.__module__ = "shallownet_native"
