"""Models in .snet files: saved whole or not at all, checked byte by byte, no code run on load.

`models` saves and loads, `snet` is the format, `values` what its fields may hold, `overwriting`
decides what may be replaced and `replacement` replaces it. Knows records and the names of classes,
no class. Imports `_native`, `_messages`.
"""

from __future__ import annotations

from .models import check_step, load, model_of, read_file, record_of, save
from .overwriting import Kind, check_replaceable, in_use, picture_file, snet_file, table_file
from .replacement import in_chunks, replace_file
from .snet import (
    CHECKSUM_BYTES,
    MAX_ARRAYS,
    ModelFormatError,
    Record,
    check_encodable,
    chunks,
    decode,
    require_keys,
)
from .values import pack_value, unpack_value

__all__ = ["ModelFormatError", "load", "save"]
__dir__ = sorted(__all__).copy
