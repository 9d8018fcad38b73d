"""bench"""

from __future__ import annotations

from .timing import Problem, Row, chosen, format_table, run
