"""A training as steps: it asks for native calls, and goes on with what they have done.

So the calls of several trainings can be made side by side, by whoever makes them.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import Any, TypeVar

from .._native.backend import core

# a function of the core's by its name, and its arguments; what it returns
NativeCall = tuple[Any, ...]
Done = dict[str, Any]
Outcome = TypeVar("Outcome")
Steps = Generator[NativeCall, Done, Outcome]


def alone(steps: Steps[Outcome]) -> Outcome:
    """Make the native calls of one training, one after the other, and return what it comes to."""
    done: Any = None
    while True:
        try:
            name, *arguments = steps.send(done)
        except StopIteration as end:
            return end.value  # type: ignore[no-any-return]
        done = getattr(core, name)(*arguments)
