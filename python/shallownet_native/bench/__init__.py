"""Speed against other libraries: `problems`, `rivals` (one in its own process), `timing`.

Imports `training`, `network`, `_native`, and the oracle `reference`, inside functions.
"""

from __future__ import annotations

from .problems import Problem
from .timing import Row, chosen, format_table, run

__all__ = ["Problem", "Row", "chosen", "format_table", "run"]
__dir__ = sorted(__all__).copy
