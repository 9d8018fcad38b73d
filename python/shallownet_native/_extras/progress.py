"""Progress on a terminal or in a notebook, nothing in a pipe. Uses tqdm where it is installed."""

from __future__ import annotations

import importlib
import importlib.util
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

SECONDS_BETWEEN_LINES = 0.1


@contextmanager
def progress(
    total: int | None, label: str, *, unit: str = "it", is_shown: bool = True
) -> Iterator[Callable[[int], None] | None]:
    """Show how much of `total` is done, on standard error if that is a terminal, or in a notebook.

    Parameters
    ----------
    total : int or None
        None if it is not known.
    label : str
        What is done.
    unit : str
        Of what is counted; "B" for bytes, which are written as kB, MB and so on.
    is_shown : bool
        False shows nothing anywhere.

    Yields
    ------
    advance : callable or None
        To be called with how much more is done; None where nobody would see it, so that the
        caller can spare itself the calls.
    """
    if not is_shown or not (_is_notebook() or (sys.stderr is not None and sys.stderr.isatty())):
        yield None
    elif importlib.util.find_spec("tqdm") is not None:
        tqdm = importlib.import_module("tqdm.auto" if _is_notebook() else "tqdm")
        with tqdm.tqdm(
            total=total, desc=label, unit=unit, unit_scale=unit == "B", file=sys.stderr, leave=False
        ) as bar:
            yield bar.update
    else:
        with _counter(total, label) as advance:
            yield advance


def _is_notebook() -> bool:
    """Tell whether this is a kernel of Jupyter, whose standard error is no terminal."""
    get_ipython = getattr(sys.modules.get("IPython"), "get_ipython", None)
    return "IPKernelApp" in getattr(get_ipython and get_ipython(), "config", ())


@contextmanager
def _counter(total: int | None, label: str) -> Iterator[Callable[[int], None]]:
    """Show "label: done/total" on one line that is rewritten and finally erased."""
    done, shown_at = 0, 0.0
    of_all = "" if total is None else f"/{total}"

    def advance(step: int) -> None:
        nonlocal done, shown_at
        done += step
        now = time.monotonic()
        if now - shown_at >= SECONDS_BETWEEN_LINES:
            shown_at = now
            print(f"\r{label}: {done}{of_all}", end="", file=sys.stderr, flush=True)

    try:
        print(f"\r{label}: 0{of_all}", end="", file=sys.stderr, flush=True)
        yield advance
    finally:
        print("\r\x1b[K", end="", file=sys.stderr, flush=True)
