"""Who sees how far columns are encoded: a command, or a fit, that says so for all it calls."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from ..._extras.progress import Advance, progress

_is_shown: ContextVar[bool] = ContextVar("_is_shown", default=False)
_advance: ContextVar[Advance | None] = ContextVar("_advance", default=None)


@contextmanager
def columns_shown(is_shown: bool = True) -> Iterator[None]:
    """Let encoders show how far they are, as long as this is open, to whoever can see it."""
    token = _is_shown.set(is_shown)
    try:
        yield
    finally:
        _is_shown.reset(token)


@contextmanager
def watched(n_columns: int) -> Iterator[None]:
    """Open a bar for work on so many columns, which `count` moves on."""
    with progress(n_columns, "encoding", unit="column", is_shown=_is_shown.get()) as advance:
        token = _advance.set(advance)
        try:
            yield
        finally:
            _advance.reset(token)


def count(n_columns: int) -> None:
    """Say that so many columns more are done."""
    advance = _advance.get()
    if advance is not None:
        advance(n_columns)
