"""From a CSV file to a trained model that reads such files by itself.

`table` reads, `columns` become inputs, `target` is a class or a quantity; `fitting` trains, and
`model` is what is saved. Imports `training`, `network`, `files`, `_native`, `_messages`.
"""

from __future__ import annotations

from .columns import parse_number, to_numbers
from .fitting import BATCH_SIZE, Options, fit, split_rows
from .model import Model
from .table import Table, read_table
from .target import MEASURES, Indices

__all__ = [
    "BATCH_SIZE", "MEASURES", "Indices", "Model", "Options", "Table", "fit", "parse_number",
    "read_table", "split_rows", "to_numbers",
]  # fmt: skip
__dir__ = sorted(__all__).copy
