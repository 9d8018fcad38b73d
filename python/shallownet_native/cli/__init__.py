"""The command line shallownet: exit code 0, or 2 and one line that says why.

`program` reads arguments, `commands` does the work; `demo` is a command of its own, and
`saved_estimator` what they do with an estimator's file. Imports `tables`, `plotting`, `bench`,
`training`, `datasets`, `network`, `files`, `_native`, `_extras`, `_messages`.
"""

from __future__ import annotations

from .program import main

__all__ = ["main"]
__dir__ = sorted(__all__).copy
