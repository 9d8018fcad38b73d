"""KeyboardInterrupt at every function entry of a fit, a refit, a training, a save: nothing is lost.

Each call is made again and again, and broken off at the first entry of one of the package's
functions, at the second ...; then with a second KeyboardInterrupt some entries after the first.
The same with the signal itself (SIGINT, once and then at each of the entries that follow) before
every single instruction of the functions that hand a training over or write a file.

What must hold afterwards: the exception is a KeyboardInterrupt; an estimator is what it was, or has
the attributes of the last complete epoch, which belong together; an exception of `train` has them
in its `.result`; a file is the old one or the new one; there is no temporary file and no further
open descriptor; the next Ctrl-C works. `python tests/campaigns/interrupted_calls.py [--quick]`.
"""

from __future__ import annotations

import argparse
import inspect
import os
import signal
import sys
import tempfile
import time
import warnings
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from types import FrameType
from typing import Any

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[1]))

import shallownet_native as sn
from campaigns.common import MEMORY
from campaigns.interrupted_subjects import SUBJECTS, Subject
from shallownet_native._native import signals
from shallownet_native.estimators.fitting import publishing
from shallownet_native.files import replacement
from shallownet_native.training import loop, outcome
from shallownet_native.training.solvers import first_order, minimizer

PACKAGE = os.path.dirname(sn.__file__) + os.sep
# modules whose every instruction a signal comes before: what hands over, and what writes
HANDING_OVER = tuple(
    module.__file__
    for module in (signals, publishing, outcome, replacement, first_order, minimizer, loop)
)
SECONDS = (1, 2, 4, 8)  # entries from the first interrupt to the second, in the full run


class Breaks:
    """Where a call is broken off: at the `first` entry, and `second` entries later once more.

    Parameters
    ----------
    first : int
        Counted from 0; entries of the package's functions, or instructions if `by_signal`.
    second : int or None
        Entries after the first break.
    by_signal : bool
        Send SIGINT instead of raising, and at all entries from the second on.
    """

    def __init__(self, first: int, second: int | None = None, *, by_signal: bool = False) -> None:
        self.left = first
        self.left_after = second
        self.by_signal = by_signal
        self.n_breaks = 0

    def run(self, call: Callable[[], Any]) -> BaseException | None:
        """Make the call and return what it raises."""
        # Python 3.11 frees them too early where a generator is closed: somebody else must hold them
        self.held = self.enter, self.trace if self.by_signal else self.enter_first
        sys.setprofile(self.held[0])
        sys.settrace(self.held[1])
        try:
            call()
        except BaseException as error:  # noqa: BLE001  (the point is to see which)
            return error
        finally:
            sys.settrace(None)
            sys.setprofile(None)
        return None

    def enter_first(self, frame: FrameType, event: str, _: Any) -> None:
        """Raise at the first entry that was chosen; Python then stops calling this."""
        if event == "call" and is_own(frame) and self.n_breaks == 0:
            self.left -= 1
            if self.left < 0:
                self.n_breaks = 1
                raise KeyboardInterrupt

    def trace(self, frame: FrameType, event: str, _: Any) -> Any:
        """Send the signal before the instruction that was chosen."""
        if frame.f_code.co_filename not in HANDING_OVER or is_over(frame):
            return None
        frame.f_trace_opcodes = True
        if event == "opcode" and self.n_breaks == 0:
            self.left -= 1
            if self.left < 0:
                self.n_breaks = 1
                signal.raise_signal(signal.SIGINT)
        return self.trace

    def enter(self, frame: FrameType, event: str, _: Any) -> None:
        """Raise, or send the signal, so many entries after the first break."""
        if event != "call" or self.n_breaks == 0 or self.left_after is None or not is_own(frame):
            return
        self.left_after -= 1
        if self.left_after < 0 and self.by_signal:
            self.n_breaks += 1
            signal.raise_signal(signal.SIGINT)
        elif self.left_after == -1:
            self.n_breaks += 1
            raise KeyboardInterrupt


def is_own(frame: FrameType) -> bool:
    """Whether a frame is one of the package's functions.

    Generators are none: Python enters them to close them, too, and then swallows what is raised.
    """
    code = frame.f_code
    return code.co_filename.startswith(PACKAGE) and not code.co_flags & inspect.CO_GENERATOR


def is_over(frame: FrameType) -> bool:
    """Whether the doors are down again: what is left are instructions at which no handler runs."""
    known = frame.f_locals
    if frame.f_code.co_name == "result_of_run":  # which only hands on what it has been given
        return bool(known.get("ends")) and not known["loop"].solver.doors.hung
    if frame.f_code.co_name != "finish_whole":
        return False
    return known.get("outcome") is not None and not known["doors"].hung


def ctrl_c_works() -> bool:
    try:
        signal.raise_signal(signal.SIGINT)
    except KeyboardInterrupt:
        return True
    return False


def n_descriptors() -> int:
    return len(os.listdir("/proc/self/fd")) if os.path.isdir("/proc/self/fd") else 0


def outcome(subject: Subject, folder: Path, breaks: Breaks) -> str:
    """Break a subject's call off, and say what it has left behind."""
    subject.prepare(folder)
    before = n_descriptors()
    error = breaks.run(subject.call)
    if breaks.n_breaks and not isinstance(error, KeyboardInterrupt):
        return f"WRONG: {error!r} instead of a KeyboardInterrupt"
    if not breaks.n_breaks and error is not None:
        raise error
    if not ctrl_c_works():
        return "WRONG: Ctrl-C does not work any more"
    if any(name.endswith(".tmp") for name in os.listdir(folder)):
        return "WRONG: a temporary file is left"
    if n_descriptors() > before:
        return "WRONG: a descriptor is left"
    return subject.check(error)


def ends_of(
    subject: Subject, folder: Path, seconds: Iterable[int | None], stride: int, by_signal: bool
) -> Iterator[str]:
    """Break off at the first place, the second ..., until a call comes to its end."""
    for second in seconds:
        first = 0
        while True:
            breaks = Breaks(first, second, by_signal=by_signal)
            end = outcome(subject, folder, breaks)
            if not breaks.n_breaks:
                assert end == "the end", end
                break
            yield f"{end} (first {first}, second {second}, {by_signal=})" if "WRONG" in end else end
            first += stride


def count(subject: Subject, stride: int, seconds: Iterable[int | None] = SECONDS) -> Counter[str]:
    """Break off a subject's call in every way; return how often it left what."""
    found: Counter[str] = Counter()
    handler = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with tempfile.TemporaryDirectory(dir=MEMORY) as folder, warnings.catch_warnings():
            warnings.simplefilter("ignore")
            subject.prepare(Path(folder))
            subject.call()  # so that everything is imported
            for by_signal in (False, True):
                steps = stride * (5 if by_signal else 1)
                places = (None, *((0,) if by_signal else seconds))
                for end in ends_of(subject, Path(folder), places, steps, by_signal):
                    found[end] += 1
    finally:
        signal.signal(signal.SIGINT, handler)
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="every 7th place")
    parser.add_argument("subjects", nargs="*", default=list(SUBJECTS), metavar="SUBJECT",
                        help=", ".join(SUBJECTS))  # fmt: skip
    options = parser.parse_args()
    stride, seconds = (7, (1, 4)) if options.quick else (1, SECONDS)
    started, total, n_wrong = time.perf_counter(), 0, 0
    for name in options.subjects:
        found = count(SUBJECTS[name](), stride, seconds)
        wrong = {end: n for end, n in found.items() if "WRONG" in end}
        for end in list(wrong)[:10]:
            print(f"    {end}")
        total, n_wrong = total + found.total(), n_wrong + sum(wrong.values())
        fine = ", ".join(f"{n} {end}" for end, n in sorted(found.items()) if end not in wrong)
        print(f"{name}: {found.total()} times broken off: {fine}", flush=True)
    print(
        f"{len(options.subjects)} calls broken off {total} times: {n_wrong} wrong "
        f"({time.perf_counter() - started:.0f} s)"
    )
    return int(n_wrong > 0)


if __name__ == "__main__":
    sys.exit(main())
