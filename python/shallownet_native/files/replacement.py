"""Put a file in the place of another, wholly or not at all, whatever system or user does."""

from __future__ import annotations

import errno
import os
import secrets
import stat
from collections.abc import Iterable, Iterator

from .._native.signals import OPEN, SHUT, Doors, take_down_whole
from .overwriting import Kind, check_replaceable
from .snet import CHUNK

NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)


def replace_file(path: str, chunks: Iterable[bytes], kind: Kind) -> None:
    """Put a file in the place of one of its kind or of none, in one step.

    Parameters
    ----------
    path : str
        Of a symbolic link, the file that it points to is replaced.
    chunks : iterable of bytes
        The content. Interrupts wait until one is written and synced.
    kind : Kind
        Of what is written, and may be replaced.

    Raises
    ------
    ValueError, OSError
        As `check_replaceable` does, or if it cannot be done. An older file of that name is then
        untouched, unless all that failed was the sync of the folder: then the new file is there,
        whole.

    Notes
    -----
    Signals wait while a file is half-written; they are let in between chunks, when what they raise
    finds the old file in its place, and after it all. No exception leaves a temporary file or an
    open descriptor: what cleans up calls nothing that could be broken off.
    """
    status = check_replaceable(path, kind)
    path = os.path.realpath(path)
    folder = os.path.dirname(path)
    temporary = os.path.join(folder, f".shallownet-{secrets.token_hex(8)}.tmp")
    mode = None if status is None else stat.S_IMODE(status.st_mode)
    descriptors: list[int] = []
    doors = Doors()
    try:
        doors.hang(SHUT)
        _open_folder(folder, descriptors)
        _write(temporary, chunks, mode, descriptors, doors)
        _take_place(temporary, path, kind)
        _sync_folder(descriptors)
    except OSError as error:
        raise OSError(error.errno, error.strerror, path) from error
    finally:
        try:  # noqa: SIM105  (a context manager is a call that could be broken off)
            os.unlink(temporary)
        except OSError:  # mostly: it has taken its place
            pass
        for descriptor in descriptors:
            try:  # noqa: SIM105
                os.close(descriptor)
            except OSError:  # noqa: PERF203  (nothing was written through it that is not synced)
                pass
        doors.state = OPEN
        take_down_whole(doors)


def in_chunks(content: bytes) -> Iterator[bytes]:
    """Cut bytes into pieces that are written at once."""
    for start in range(0, len(content), CHUNK):
        yield content[start : start + CHUNK]


def _open_folder(folder: str, descriptors: list[int]) -> None:
    """Open a folder for `_sync_folder`, before anything is done: then only the sync can fail."""
    if hasattr(os, "O_DIRECTORY"):  # not on Windows, where folders cannot be synced
        _open(folder, os.O_RDONLY | os.O_DIRECTORY, 0, descriptors)


def _open(path: str, flags: int, mode: int, descriptors: list[int]) -> int:
    """Open a file and note its descriptor without an instruction in between."""
    descriptors.extend(map(os.open, (path,), (flags,), (mode,)))
    return descriptors[-1]


def _write(
    path: str, chunks: Iterable[bytes], mode: int | None, descriptors: list[int], doors: Doors
) -> None:
    # never readable by more people than the old file, or than any new one
    descriptor = _open(path, NEW, 0o666 if mode is None else mode, descriptors)
    for chunk in chunks:
        rest = memoryview(chunk)
        while rest:
            rest = rest[os.write(descriptor, rest) :]
        os.fsync(descriptor)
        doors.let_in()
    descriptors.remove(descriptor)
    os.close(descriptor)
    if mode is not None:
        os.chmod(path, mode)


def _take_place(temporary: str, path: str, kind: Kind) -> None:
    """Rename the file, if what is there now may still be replaced."""
    if check_replaceable(path, kind) is None and kind.is_mine:
        try:
            os.link(temporary, path)  # unlike a rename it never replaces what has just come
            os.unlink(temporary)
            return
        except FileExistsError:
            check_replaceable(path, kind)
        except OSError:  # a file system without links
            pass
    os.replace(temporary, path)


def _sync_folder(descriptors: list[int]) -> None:
    """Make a rename in this folder survive a power cut."""
    if not descriptors:
        return
    try:
        os.fsync(descriptors[0])
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENOTSUP):  # some network file systems
            raise
