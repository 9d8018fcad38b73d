"""Progress on a terminal, and nothing in a pipe. Uses tqdm where it is installed."""

from __future__ import annotations

import importlib
import importlib.util
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

SECONDS_BETWEEN_LINES = 0.1


@contextmanager
def progress(total: int, label: str) -> Iterator[Callable[[int], None] | None]:
    """Show how much of `total` is done, on standard error if that is a terminal.

    Yields
    ------
    advance : callable or None
        To be called with how much more is done; None where nobody would see it, so that the
        caller can spare itself the calls.
    """
    if sys.stderr is None or not sys.stderr.isatty():
        yield None
    elif importlib.util.find_spec("tqdm") is not None:
        tqdm = importlib.import_module("tqdm")
        with tqdm.tqdm(total=total, desc=label, file=sys.stderr, leave=False) as bar:
            yield bar.update
    else:
        with _counter(total, label) as advance:
            yield advance


@contextmanager
def _counter(total: int, label: str) -> Iterator[Callable[[int], None]]:
    """Show "label: done/total" on one line that is rewritten and finally erased."""
    done, shown_at = 0, 0.0

    def advance(step: int) -> None:
        nonlocal done, shown_at
        done += step
        now = time.monotonic()
        if now - shown_at >= SECONDS_BETWEEN_LINES:
            shown_at = now
            print(f"\r{label}: {done}/{total}", end="", file=sys.stderr, flush=True)

    try:
        yield advance
    finally:
        print("\r\x1b[K", end="", file=sys.stderr, flush=True)
