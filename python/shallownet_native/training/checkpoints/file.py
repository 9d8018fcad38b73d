"""The file that a training writes checkpoints to, and goes on from if it is there."""

from __future__ import annotations

import errno
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ..._messages.caller import warn_caller
from ..._native.backend import level
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
from ..state import History, TrainingState
from .fingerprint import Fingerprint, first_difference
from .record import KIND, CheckpointSpec, pack_checkpoint, read_checkpoint, read_owner

MAX_BYTES = 2**30  # of a file, besides what the training holds in memory anyway


@dataclass(eq=False, repr=False)
class CheckpointFile:
    """The file that a training writes its checkpoints to.

    Parameters
    ----------
    path : str
        Absolute, as from `check_path`.
    every : int
        Epochs between two checkpoints.
    fingerprint : Fingerprint
        Of this training.
    spec : CheckpointSpec
        What its checkpoints look like.
    started : float
        When it began, by `time.perf_counter`.
    """

    path: str
    every: int
    fingerprint: Fingerprint
    spec: CheckpointSpec
    started: float

    def __post_init__(self) -> None:
        self.checksums: list[bytes] = []  # of the file that this training read or wrote last
        self.own = Kind("the checkpoint that this training wrote last", self._is_own, is_mine=True)

    @property
    def max_bytes(self) -> int:
        """How large a file of this training may be."""
        n_x, n_h, n_y = self.spec.solver.shape
        return MAX_BYTES + 64 * (n_x + n_y + 1) * (n_h + 1) + 8 * len(self.spec.solver.examples.x)

    def n_ahead(self, n_epochs: int) -> int:
        """Return how many epochs there are from the first `n_epochs` to the next checkpoint."""
        return self.every - n_epochs % self.every

    def is_due(self, n_epochs: int) -> bool:
        """Whether a checkpoint is to be written after so many epochs."""
        return n_epochs % self.every == 0

    def write(self, state: TrainingState, history: History, stopped_by: str | None = None) -> None:
        """Replace the file, if it is the one that this training read or wrote last, or none.

        Raises
        ------
        OSError
            If that cannot be done, or somebody else has written there: another training, or the
            user who has saved a model. Their file is then untouched.
        """
        record = pack_checkpoint(self.spec, state, history, stopped_by)
        record.fields.update(
            fingerprint=self.fingerprint, level=level, seconds=time.perf_counter() - self.started
        )
        replace_file(self.path, self._noted(chunks(record)), self.own)
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

    def read(self) -> tuple[TrainingState, History] | None:
        """Return where to go on from, or None if there is no file.

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
            content = read_file(self.path, self.max_bytes)
            record = decode(content)
            if record.kind != KIND:
                raise ModelFormatError(
                    f"the file holds a {record.kind[:40]!r}, no checkpoint, and is left as it is: "
                    "give another path"
                )
            owner, others_level = read_owner(record)
            self._check_same_training(owner)
            state, history, seconds = read_checkpoint(self.spec, record)
        except ModelFormatError as error:
            raise ModelFormatError(f"checkpoint {self.path}: {error}") from error
        if state.n_epochs > self.spec.n_epochs:
            raise ValueError(
                f"checkpoint {self.path} has {state.n_epochs} epochs, and only "
                f"{self.spec.n_epochs} are asked for: ask for as many at least, or give another "
                "path, or delete the file"
            )
        self._check_level(others_level)
        self.started -= seconds
        self.checksums = [content[-CHECKSUM_BYTES:]]
        if state.stopped_by is None and state.n_epochs < self.spec.n_epochs:
            check_replaceable(self.path, self.own)  # now, not after the first epochs
        return state, history

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
