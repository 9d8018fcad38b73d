"""What comes of many networks: a sequence of results, each made when it is asked for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, overload

import numpy as np
import numpy.typing as npt

from ..._messages.reprs import shown
from ..._native.arrays import Floats
from ..results import TrainingResult


class TrainingResults(Sequence[TrainingResult]):
    """The outcome of `train_many`: a sequence of `TrainingResult`, one for each network.

    Attributes
    ----------
    stopped_by : ndarray of str, shape (n_networks,)
        Why each ended: as the results say, without making them.
    best_epoch : int, ndarray of int64 of shape (n_networks,) or None
        With best="pooled" the epoch, counted from 0, whose parameters all networks have; with
        best="own" that of each, -1 of one that had none.
    held_out_outputs : ndarray of shape (n_networks, n_y, m) or None
        The outputs A2 of each network for the examples it was not shown; NaN where it was. None if
        none was left out.
    seconds : float
        Time that all took together.
    """

    __module__ = "shallownet_native"

    def __init__(
        self,
        make: Callable[[int], TrainingResult],
        stopped_by: Sequence[str],
        *,
        best_epoch: int | npt.NDArray[np.int64] | None,
        seconds: float,
    ) -> None:
        self.stopped_by = np.array(stopped_by)
        self.best_epoch = best_epoch
        self.held_out_outputs: Floats | None = None
        self.seconds = seconds
        self._make: Callable[[int], TrainingResult] | None = make
        self._made: list[TrainingResult | None] = [None] * len(stopped_by)
        self._left = set(range(len(stopped_by)))

    def __len__(self) -> int:
        return len(self._made)

    @overload
    def __getitem__(self, index: int) -> TrainingResult: ...
    @overload
    def __getitem__(self, index: slice) -> list[TrainingResult]: ...
    def __getitem__(self, index: int | slice) -> TrainingResult | list[TrainingResult]:
        if isinstance(index, slice):
            return [self[k] for k in range(*index.indices(len(self)))]
        k = range(len(self))[index]
        make, made = self._make, self._made[k]
        if made is None and make is not None:
            made = self._made[k] = make(k)
            self._left.discard(k)
            if not self._left:
                self._make = None  # it knows the data
        assert made is not None
        return made

    def __repr__(self) -> str:
        reasons, counts = np.unique(self.stopped_by, return_counts=True)
        ends = {str(reason): int(n) for reason, n in zip(reasons, counts, strict=True)}
        parts = {"n_networks": len(self), "stopped_by": ends, "seconds": round(self.seconds, 3)}
        if self.best_epoch is not None:
            parts["best_epoch"] = self.best_epoch
        return shown("TrainingResults", parts)

    def __getstate__(self) -> dict[str, Any]:
        made = self[:]
        return {**vars(self), "_made": made, "_make": None}
