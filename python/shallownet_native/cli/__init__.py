"""The command line shallownet: exit code 0, or 2 and one line that says why.

A room a command, its flags and its work: `train`, `predict`, `evaluate`, `info`, `bench`, `demo`;
`program` is main and the exit codes, `arguments` what commands share, `model` a saved file that
predicts, `bags` what is known of many networks, `report` measures and JSON. Imports `tables`,
`training`, `network`, `files`, `_native`, `_extras`, `_messages`, and inside functions
`estimators`, `plotting`, `bench`, `datasets`.
"""

from __future__ import annotations

from .program import main

__all__ = ["main"]
__dir__ = sorted(__all__).copy
