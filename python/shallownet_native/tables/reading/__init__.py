"""A file of rows, read by pandas, and what its columns are.

`source` gives the bytes, `header` the names, `parsing` what pandas makes of the rows, `defects` the
line where they are none; `table` is all of them. `spellings` tells numbers from words, `kinds` what
each column is, `target` what is predicted; `format` is how a file is written, `facts` what a model
keeps of it. Imports `_extras`, `_messages`.
"""

from __future__ import annotations

from .facts import MISSING_RULES, check_facts, class_texts
from .format import Format, is_encoding
from .kinds import Kinds, decide_kinds
from .spellings import is_missing
from .table import CATEGORY, NUMBER, Table, read_table
from .target import TASKS, Target, known_classes, read_target

__all__ = [
    "CATEGORY", "MISSING_RULES", "NUMBER", "TASKS", "Format", "Kinds", "Table", "Target",
    "check_facts", "class_texts", "decide_kinds", "is_encoding", "is_missing", "known_classes",
    "read_table", "read_target",
]  # fmt: skip
__dir__ = sorted(__all__).copy
