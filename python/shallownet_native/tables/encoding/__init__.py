"""The inputs of a network from the columns of a table: numbers, gaps, categories, codes.

`encoder` is the transformer, `frames` any table as columns, `columns` what is done with each of
them by the rules of `numbers` and `categories`; `names` finds columns and names outputs, `record`
is a file's part. Imports `files`, `_native`, `_extras`, `_messages`.
"""

from __future__ import annotations

from .encoder import TableEncoder

__all__ = ["TableEncoder"]
__dir__ = sorted(__all__).copy
