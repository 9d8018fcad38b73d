"""Speed beside other libraries: answers compared before the clock runs, rivals in turns.

`problems` are what is timed, `rivals` run in this process or one of their own, `numpy_rival` is
the one that every machine has, `timing` measures. Imports `training`, `network`, `_native`, and
inside a function `reference`, to check answers.
"""

from __future__ import annotations

from .problems import Problem
from .timing import Row, chosen, format_table, run

__all__ = ["Problem", "Row", "chosen", "format_table", "run"]
__dir__ = sorted(__all__).copy
