"""Progress on a terminal or in a notebook, nothing in a pipe. Uses tqdm where it is installed."""

from __future__ import annotations

import importlib
import importlib.util
import math
import sys
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from typing import Any

SECONDS_BETWEEN_LINES = 0.1
# of a bar with figures: in 80 columns there is room for these, or for iterations a second
BAR_WITH_FIGURES = (
    "{desc}: {percentage:3.0f}%|{bar}| {n_fmt}/{total_fmt} {elapsed}<{remaining}{postfix}"
)
GONE = (OSError, ValueError)  # what a terminal raises that was closed, or hung up, meanwhile
TQDM = "tqdm.auto"  # which is a widget in a notebook that has them, and else a line of text


class Advance:
    """Moves a bar on, and writes no more often than anybody could read it.

    Parameters
    ----------
    write : callable
        Takes how much more is done since it was last called, and what stands beside the bar.
    """

    def __init__(self, write: Callable[[int, str], None]) -> None:
        self.write = write
        self.waiting = 0  # done, and not yet written
        self.written_at = -math.inf

    def __call__(self, step: int, /, **beside: float | None) -> None:
        """Say how much more is done, and what figures there are, by their names: cost=0.25."""
        self.waiting += step
        now = time.monotonic()
        if now - self.written_at >= SECONDS_BETWEEN_LINES:
            step, self.waiting, self.written_at = self.waiting, 0, now
            try:
                self.write(step, worded(beside))
            except GONE:  # nobody looks any more, which is no reason to break off
                self.written_at = math.inf


@contextmanager
def progress(
    total: int | None, label: str, *, unit: str = "it", is_shown: bool = True
) -> Iterator[Advance | None]:
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
    advance : Advance or None
        To be called with how much more is done, and with figures to stand beside the bar; None
        where nobody would see it, so that the caller can spare itself the calls.
    """
    if not is_shown or not (_is_notebook() or _is_terminal()):
        yield None
        return
    has_tqdm = importlib.util.find_spec("tqdm") is not None
    shown = _bar(total, label, unit) if has_tqdm else _counter(total, label)
    with ExitStack() as stack:
        try:
            write, aside = stack.enter_context(shown)
        except GONE:
            yield None
            return
        stack.enter_context(_warnings_on_lines_of_their_own(aside))
        yield Advance(write)


def worded(beside: dict[str, float | None]) -> str:
    """Return figures as they stand beside a bar, those left out that are none or NaN."""
    known = {name: x for name, x in beside.items() if x is not None and not math.isnan(x)}
    counts = {name: f"{x:d}" for name, x in known.items() if isinstance(x, int)}
    return ", ".join(f"{name}={counts.get(name) or f'{x:.4g}'}" for name, x in known.items())


@contextmanager
def _warnings_on_lines_of_their_own(
    aside: Callable[[], AbstractContextManager[Any]],
) -> Iterator[None]:
    """Have warnings shown where the bar is not, which comes back below them."""
    shown_by = warnings.showwarning

    def show(*warning: Any, **more: Any) -> None:
        with suppress(*GONE), aside():
            shown_by(*warning, **more)

    warnings.showwarning = show
    try:
        yield
    finally:
        if warnings.showwarning is show:
            warnings.showwarning = shown_by


def _is_terminal() -> bool:
    """Tell whether standard error is a terminal, and open."""
    try:
        return sys.stderr is not None and bool(sys.stderr.isatty())
    except (ValueError, AttributeError):  # it is closed, or an object that only writes
        return False


def _is_notebook() -> bool:
    """Tell whether this is a kernel of Jupyter, whose standard error is no terminal."""
    get_ipython = getattr(sys.modules.get("IPython"), "get_ipython", None)
    return "IPKernelApp" in getattr(get_ipython and get_ipython(), "config", ())


Shown = tuple[Callable[[int, str], None], Callable[[], AbstractContextManager[Any]]]


@contextmanager
def _bar(total: int | None, label: str, unit: str) -> Iterator[Shown]:
    """Show a bar of tqdm's, which writes whenever it is told, and is finally erased."""
    how: dict[str, Any] = {"unit": unit, "unit_scale": unit == "B", "leave": False}
    when = {"mininterval": 0, "miniters": 0}  # `Advance` looks at the clock
    bars = _tqdm()
    bar = bars(total=total, desc=label, file=sys.stderr, **how, **when)

    def write(step: int, beside: str) -> None:
        if beside and total is not None:
            bar.bar_format = BAR_WITH_FIGURES
        bar.set_postfix_str(beside, refresh=False)
        bar.update(step)

    try:
        yield write, lambda: bars.external_write_mode(file=sys.stderr)
        bar.total = bar.n  # whatever it was to be: a widget that falls short would be left, in red
    finally:
        with suppress(*GONE):
            bar.close()


def _tqdm() -> Any:
    """Return tqdm's bar for where this runs."""
    if TQDM in sys.modules:
        return sys.modules[TQDM].tqdm
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of a notebook without widgets: text does as well
        return importlib.import_module(TQDM).tqdm


@contextmanager
def _counter(total: int | None, label: str) -> Iterator[Shown]:
    """Show "label: done/total, figures" on one line that is rewritten and finally erased."""
    done, of_all = 0, "" if total is None else f"/{total}"

    def write(step: int, beside: str) -> None:
        nonlocal done
        done += step
        figures = f", {beside}\x1b[K" if beside else ""  # which may be shorter than before
        print(f"\r{label}: {done}{of_all}{figures}", end="", file=sys.stderr, flush=True)

    @contextmanager
    def erased() -> Iterator[None]:
        print("\r\x1b[K", end="", file=sys.stderr, flush=True)
        yield

    try:
        write(0, "")
        yield write, erased
    finally:
        with suppress(*GONE), erased():
            pass
