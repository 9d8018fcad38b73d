"""The file that a training writes checkpoints to, and goes on from if it is there.

Imports `_checkpoint_record`, `_fingerprint` and `files`.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np

from ..._messages.caller import warn_caller
from ..._native.backend import core, level
from ...files import (
    CHECKSUM_BYTES,
    Kind,
    ModelFormatError,
    check_replaceable,
    chunks,
    decode,
    read_file,
    replace_file,
)
from .fingerprint import Fingerprint, first_difference
from .record import CURVES, FOR_GOOD, KIND, Checkpoint, Stored, pack_stored, read_stored

MAX_BYTES = 2**30  # of a file, besides what the training holds in memory anyway


class Expected(NamedTuple):
    """What is known of a training's checkpoints besides its fingerprint.

    Attributes
    ----------
    shape, dtype, optimizer
        Of the network and what it is trained by.
    n_examples, n_epochs : int
        To learn from; the length asked for.
    stream : str or None
        The kind of stream that orders are drawn from.
    stops_early : bool
        Whether there is a `Memory`.
    curves : dict of callables
        Of each curve that there is, from the number of epochs to how long it is at least and at
        most.
    """

    shape: tuple[int, int, int]
    dtype: np.dtype[Any]
    optimizer: str
    n_examples: int
    n_epochs: int
    stream: str | None
    stops_early: bool
    curves: dict[str, Callable[[int], tuple[int, int]]]

    @property
    def max_bytes(self) -> int:
        """How large a file of this training may be."""
        n_x, n_h, n_y = self.shape
        return MAX_BYTES + 64 * (n_x + n_y + 1) * (n_h + 1) + 8 * self.n_examples

    def check(self, checkpoint: Checkpoint) -> None:
        """Raise ModelFormatError if the checkpoint cannot be one of this training."""
        state, position = checkpoint.state, checkpoint.position
        order = None if position is None else position.order
        stream = None if position is None else position.state["bit_generator"]
        memory, n_epochs = checkpoint.early_stopping, checkpoint.n_epochs
        best_epoch = None if memory is None else memory.best_epoch
        has_best = checkpoint.best_theta is not None
        fits = {
            "parameters": checkpoint.shape == self.shape and checkpoint.theta.dtype == self.dtype,
            "optimizer": len(state) == core.optimizers[self.optimizer]
            and (self.optimizer != "adam" or bool((state[1] >= 0).all())),
            "stream": stream == self.stream,
            "order": order is None or len(order) == self.n_examples,
            "early stopping": (memory is not None) == self.stops_early,
            "best parameters": has_best == (best_epoch is not None)
            if self.stops_early
            else not has_best or "scores" in self.curves,
            # of earlier fits there may be some that are not finite
            "costs": bool(np.isfinite(checkpoint.costs[-n_epochs:]).all()) or not n_epochs,
        }
        for name in CURVES:
            curve = getattr(checkpoint, name)
            if name not in self.curves:
                fits[f"curve of {name}"] = curve is None
            else:
                least, most = self.curves[name](n_epochs)
                fits[f"curve of {name}"] = curve is not None and least <= len(curve) <= most
        wrong = [name for name, is_right in fits.items() if not is_right]
        if wrong:
            raise ModelFormatError(f"the checkpoint's {wrong[0]} cannot be of its training")


class CheckpointFile:
    """The file that a training writes its checkpoints to.

    Parameters
    ----------
    path : str
        Absolute, as from `check_path`.
    every : int
        Epochs between two checkpoints.
    mine : Fingerprint
        Of this training.
    """

    def __init__(self, path: str, every: int, mine: Fingerprint) -> None:
        self.path = path
        self.every = every
        self.fingerprint = mine
        self.checksums: list[bytes] = []  # of the file that this training read or wrote last
        self.own = Kind("the checkpoint that this training wrote last", self._is_own, is_mine=True)

    def n_ahead(self, n_epochs: int) -> int:
        """Return how many epochs there are from the first `n_epochs` to the next checkpoint."""
        return self.every - n_epochs % self.every

    def is_due(self, n_epochs: int) -> bool:
        """Whether a checkpoint is to be written after so many epochs."""
        return n_epochs % self.every == 0

    def write(self, checkpoint: Checkpoint) -> None:
        """Replace the file, if it is the one that this training read or wrote last, or none.

        Raises
        ------
        OSError
            If that cannot be done, or somebody else has written there: another training, or the
            user who has saved a model. Their file is then untouched.
        """
        stored = Stored(checkpoint, self.fingerprint, level)
        replace_file(self.path, self._noted(chunks(pack_stored(stored))), self.own)
        self.checksums = self.checksums[-1:]

    def _noted(self, pieces: Iterator[bytes]) -> Iterator[bytes]:
        """Note the checksum in the last piece before the file can be in its place."""
        known = self.checksums
        for piece in pieces:
            self.checksums = [*known, piece[-CHECKSUM_BYTES:]]
            yield piece

    def _is_own(self, path: str) -> bool:
        with open(path, "rb") as stream:
            stream.seek(-min(CHECKSUM_BYTES, os.fstat(stream.fileno()).st_size), os.SEEK_END)
            return stream.read() in self.checksums

    def read(self, expected: Expected) -> Checkpoint | None:
        """Return the checkpoint to go on with, or None if there is no file.

        Raises
        ------
        ModelFormatError
            If the file is damaged, or holds something else.
        ValueError
            If it is another training's, or this one has come further than it is now to go.
        """
        if not os.path.exists(self.path):
            return None
        try:
            content = read_file(self.path, expected.max_bytes)
            record = decode(content)
            if record.kind != KIND:
                raise ModelFormatError(
                    f"the file holds a {record.kind[:40]!r}, no checkpoint, and is left as it is: "
                    "give another path"
                )
            stored = read_stored(record)
            self._check_same_training(stored.fingerprint)
            expected.check(stored.checkpoint)
        except ModelFormatError as error:
            raise ModelFormatError(f"checkpoint {self.path}: {error}") from error
        n_epochs = stored.checkpoint.n_epochs
        if n_epochs > expected.n_epochs:
            raise ValueError(
                f"checkpoint {self.path} has {n_epochs} epochs, and only {expected.n_epochs} are "
                "asked for: ask for as many at least, or give another path, or delete the file"
            )
        self._check_level(stored.level)
        self.checksums = [content[-CHECKSUM_BYTES:]]
        if stored.checkpoint.stopped_by not in FOR_GOOD and n_epochs < expected.n_epochs:
            check_replaceable(self.path, self.own)  # now, not after the first epochs
        return stored.checkpoint

    def _check_same_training(self, others: Fingerprint) -> None:
        difference = first_difference(self.fingerprint, others)
        if difference is not None:
            raise ValueError(
                f"checkpoint {self.path} belongs to another training, which differs in its "
                f"{difference}: give another path, or delete the file to begin anew"
            )

    def _check_level(self, others: str) -> None:
        if others != level:
            warn_caller(
                f"checkpoint {self.path} was written on CPU level {others!r}, this is {level!r}: "
                "what follows may differ in rounding from a training on one level",
                UserWarning,
            )


def check_path(path: Any) -> str:
    """Return where `path` points now, wherever a callback may go.

    Raises
    ------
    TypeError
        If it is no path.
    FileNotFoundError
        If its folder does not exist.
    """
    if not isinstance(path, (str, bytes, os.PathLike)):
        raise TypeError(f"checkpoint must be a path, got {type(path).__name__}")
    name = os.path.abspath(os.fsdecode(path))
    if not os.path.isdir(os.path.dirname(os.path.realpath(name))):
        raise FileNotFoundError(errno.ENOENT, "there is no such folder for the checkpoint", name)
    return name
