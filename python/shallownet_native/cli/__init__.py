"""The command line `shallownet`: a file a command, its flags and its work.

`program` (main, exit codes), `arguments` (what commands share), `train`, `predict`, `info`,
`bench`, `demo`. The top floor: imports every package's door; `bench` and `demo` load theirs when
they are run.
"""

from __future__ import annotations

from .program import main

__all__ = ["main"]
__dir__ = sorted(__all__).copy
