"""The command line `shallownet`: `program` reads arguments, each command is a file of its own.

The top floor: imports every package's door.
"""

from __future__ import annotations

from .program import main

__all__ = ["main"]
__dir__ = sorted(__all__).copy
