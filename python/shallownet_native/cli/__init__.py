"""The command line shallownet: exit code 0, or 2 and one line that says why.

A file a command, its flags and its work: `train`, `predict`, `info`, `bench`, `demo`; `program` is
main and the exit codes, `arguments` what commands share. Imports `tables`, `training`, `network`,
`files`, `_native`, `_extras`, `_messages`, and inside functions, when a command that needs them is
run, `estimators`, `plotting`, `bench`, `datasets`.
"""

from __future__ import annotations

from .program import main

__all__ = ["main"]
__dir__ = sorted(__all__).copy
