"""What several campaigns need: digests and bits of results, children, memory."""

from __future__ import annotations

import ctypes
import gc
import hashlib
import os
from collections.abc import Callable
from typing import Any

import numpy as np

MEMORY = "/dev/shm" if os.path.isdir("/dev/shm") else None  # files without a disk


def bits(*answers: Any) -> bytes:
    """Return everything that an answer holds, as bytes in C order."""
    return b"".join(np.asarray(a).tobytes() for a in answers if a is not None)


def digest(*values: Any) -> str:
    """Return a short digest of arrays, numbers and None, in nested tuples and lists as well."""
    found = hashlib.sha256()

    def feed(part: Any) -> None:
        if isinstance(part, (tuple, list)):
            found.update(b"(%d" % len(part))
            for inner in part:
                feed(inner)
        elif part is None:
            found.update(b"None")
        else:
            array = np.ascontiguousarray(part)
            found.update(f"{array.dtype.str}{array.shape}".encode())
            found.update(array.tobytes())

    for value in values:
        feed(value)
    return found.hexdigest()[:16]


def breaking_off(epoch: int, error: Any = KeyboardInterrupt) -> Callable[[Any], None]:
    """Return a callback that raises this as it is shown that epoch."""

    def callback(state: Any) -> None:
        if state.epoch == epoch:
            raise error

    return callback


def in_child(work: Callable[[], object]) -> int:
    """Fork, do the work in the child, which ends with 1 after an error, and return its number."""
    child = os.fork()
    if child == 0:
        try:
            work()
            os._exit(0)
        finally:
            os._exit(1)
    return child


def resident(*, is_trimmed: bool = False) -> int:
    """Return the bytes of this process that are in memory; trimmed, those that are in use."""
    gc.collect()
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None) if is_trimmed else None  # glibc's
    if trim is not None:
        trim(0)
    with open("/proc/self/statm", encoding="ascii") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
