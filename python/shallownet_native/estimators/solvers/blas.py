"""One thread for BLAS while SciPy computes: its sums do not depend on their number then."""

from __future__ import annotations

import functools
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from ..._extras.scikit_learn import ThreadpoolController


class _Limit:
    """The limit that all fits share which are under way: the last out gives back what was."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.holders: set[object] = set()
        self.before: list[int] = []

    def hold(self, holder: object) -> list[int]:
        """Set the limit, and return how many threads each library had in this thread."""
        with self.lock:
            found = [library.get_num_threads() for library in libraries()]
            if not self.holders:
                self.before = found
            self.holders.add(holder)
            for library in libraries():
                set_threads(library, 1)
        return found

    def let_go(self, holder: object, found: list[int]) -> None:
        """Lift it where nobody else holds it, or would notice."""
        with self.lock:
            self.holders.discard(holder)
            for library, own, shared in zip(libraries(), found, self.before, strict=False):
                if is_of_each_thread(library):
                    set_threads(library, own)
                elif not self.holders:
                    set_threads(library, shared)


_limit = _Limit()


def _begin_anew() -> None:
    """Give a forked process a limit of its own: those who hold this one are not in it."""
    global _limit
    _limit = _Limit()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_begin_anew)


@functools.cache
def libraries() -> tuple[Any, ...]:
    """Return the BLAS libraries that are loaded, SciPy's among them: looking takes 1 ms."""
    found = ThreadpoolController().lib_controllers
    return tuple(library for library in found if library.user_api == "blas")


def set_threads(library: Any, n: int) -> None:
    """Set a library's threads, from whatever thread.

    Newer releases of threadpoolctl (3.8) take OpenBLAS's from the first thread that came only.
    """
    getattr(library, "_real_set_num_threads", library.set_num_threads)(n)


def is_of_each_thread(library: Any) -> bool:
    """Tell whether each thread has a number of its own: OpenMP's, of OpenBLAS built on it."""
    return (
        library.internal_api == "openblas" and getattr(library, "threading_layer", "") == "openmp"
    )


@contextmanager
def one_blas_thread() -> Iterator[None]:
    """Limit BLAS to one thread, in the whole process, until the last who asked has ended."""
    limit, holder, found = _limit, object(), []
    try:
        found = limit.hold(holder)
        yield
    finally:
        limit.let_go(holder, found or limit.before)
