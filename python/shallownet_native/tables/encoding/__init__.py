"""The inputs of a network from the columns of a table: numbers, gaps, categories, codes.

`encoder` is the transformer, `frames` any table as columns, `columns` what is done with each of
them by the rules of `numbers` and `categories`; `lookups` are the same inputs not multiplied out,
`names` finds columns and names outputs, `record` is a file's part; `watching` shows how far it is.
Imports `files`, `_native`, `_extras`, `_messages`.
"""

from __future__ import annotations

from .columns import columns_known, plain_width
from .encoder import TableEncoder
from .frames import NamedColumns, columns_of
from .lookups import (
    Lookups,
    fit_encoder,
    input_places,
    look_up,
    pack_encoder,
    some_rows,
    unpack_encoder,
)
from .watching import columns_shown

__all__ = ["TableEncoder"]
__dir__ = sorted(__all__).copy
