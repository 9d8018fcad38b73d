"""Signals that wait while something must not be broken off, and go through when it is whole.

Python runs the handlers of signals between two instructions of the main thread, and what they raise
(Ctrl-C: KeyboardInterrupt) comes out there. A door in front of a handler can be shut. Imports
nothing of the package.
"""

from __future__ import annotations

import _signal  # type: ignore[import-not-found]  # `signal` without its names: 10 times as quick
from collections.abc import Callable, Iterable
from types import FrameType
from typing import Any, TypeVar

Handler = Callable[[int, FrameType | None], Any]
Outcome = TypeVar("Outcome")

# those by which programs are mostly broken off; looking at all of them takes twice as long
NAMES = ("SIGINT", "SIGTERM", "SIGALRM", "SIGHUP", "SIGUSR1", "SIGUSR2", "SIGBREAK")
INTERRUPTS = tuple(int(getattr(_signal, name)) for name in NAMES if hasattr(_signal, name))
ALL = tuple(sorted(map(int, _signal.valid_signals())))
SHUT, AJAR, OPEN = "shut", "ajar", "open"  # wait; the first goes in and shuts it; as without a door


class Doors:
    """The doors in front of the handlers of some signals, between `hang` and `take_down`.

    In other threads than the main one there is nothing to do: no handler ever runs there.

    Attributes
    ----------
    state : str
        SHUT, AJAR or OPEN. Setting it is a single instruction, and needs no call.
    """

    def __init__(self, numbers: Iterable[int] = ALL) -> None:
        self.numbers = numbers
        self.state = OPEN
        self.hung: dict[int, Door] = {}
        self.waiting: dict[int, FrameType | None] = {}  # each once, as the system has it, too

    def hang(self, state: str) -> None:
        """Put doors in front of all handlers that are Python's: what the others do harms nobody."""
        self.state = state
        import threading  # by which an import of the package need not be slower

        if threading.current_thread() is not threading.main_thread():
            return
        for number in self.numbers:
            handler = _behind(_signal.getsignal(number))
            if callable(handler):
                # noted first: what is noted and does not hang yet is passed over by `take_down`
                self.hung[number] = Door(self, handler)
                _signal.signal(number, self.hung[number])

    def take_down(self) -> None:
        """Put the handlers back and let in who waits; doing it twice does no harm."""
        while self.hung:
            number, door = next(iter(self.hung.items()))
            is_hanging = _signal.getsignal(number) is door  # a handler may have set another one
            if is_hanging:
                _signal.signal(number, door.handler)
            del self.hung[number]
            if number in self.waiting:
                frame = self.waiting.pop(number)
                try:
                    door.handler(number, frame)
                finally:
                    self.take_down()
        self.state = OPEN

    def let_in(self, state: str = SHUT) -> None:
        """Call the handlers of those that wait: what they raise comes out here.

        Those that come meanwhile wait for the next time, or handlers could go on for ever.
        """
        for number in tuple(self.waiting):
            self.state = SHUT
            self.hung[number].handler(number, self.waiting.pop(number))
        self.state = state


class Door:
    """A handler that keeps another one from being called while its door is shut."""

    def __init__(self, doors: Doors, handler: Handler) -> None:
        self.doors = doors
        self.handler = handler

    def __call__(self, number: int, frame: FrameType | None) -> None:
        """Take in a signal."""
        doors = self.doors
        if doors.state == SHUT:
            doors.waiting[number] = frame
            return
        if doors.state == AJAR:
            doors.state = SHUT  # whatever the handler raises has the way to itself
            self.handler(number, frame)
            doors.state = AJAR
        else:
            self.handler(number, frame)


def take_down_whole(doors: Doors) -> None:
    """Take doors down, whatever comes through those that are down already, and then raise that."""
    error = None
    while doors.hung:
        try:
            doors.take_down()
        except BaseException as caught:  # noqa: BLE001, PERF203  (of a handler: raised below)
            error = caught
    try:
        if error is not None:
            raise error
    finally:
        del error


def _behind(handler: Any) -> Any:
    """Return what is behind doors that stand open, as they could not be taken down."""
    while isinstance(handler, Door) and handler.doors.state == OPEN:
        handler = handler.handler
    return handler


def finish_whole(
    doors: Doors,
    work: Callable[[], Any],
    finish: Callable[[BaseException | None], tuple[Outcome, BaseException | None]],
) -> Outcome:
    """Let `work` be broken off, and what is made of it not.

    Parameters
    ----------
    doors : Doors
        Not hung yet. Ajar while `work` is under way: the first interrupt breaks it off, and those
        that follow wait.
    work : callable
        May raise anything, anywhere, and leave behind something whole.
    finish : callable
        From what ended `work` before its end, or None, to the outcome, and to what is to be raised
        instead, or None. It is called again when an interrupt breaks it off, so that it must not
        change anything but by one assignment, its last.

    Returns
    -------
    outcome
        As `finish` has it, after its last call.
    """
    error = raised = None
    outcome: Any = None
    try:
        try:
            doors.hang(AJAR)
            work()
            doors.state = SHUT
        except BaseException as caught:  # noqa: BLE001  (`finish` says what is raised)
            doors.state = SHUT
            error = caught
        while True:
            try:
                outcome, raised = finish(error)
                doors.take_down()
                break
            except KeyboardInterrupt as another:
                error = another
        if raised is not None and raised is not error:
            raise raised from error
        if raised is not None:
            raise raised
        whole: Outcome = outcome
        return whole
    finally:
        doors.state = OPEN
        if doors.hung:
            doors.take_down()
        del error, raised  # they know this frame, and it knows them
