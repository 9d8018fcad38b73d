"""files"""

from __future__ import annotations

from .models import load, read_file, save
from .overwriting import Kind, check_replaceable, in_use, picture, snet, table
from .replacement import in_chunks, replace_file
from .snet import CHECKSUM_BYTES, ModelFormatError, Record, check_encodable, chunks, decode, require_keys
from .values import pack_value, unpack_value
