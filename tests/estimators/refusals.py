"""How files made on purpose are refused: in one line that names them, before they cost much."""

from __future__ import annotations

import re
import tracemalloc
from pathlib import Path

import pytest

import shallownet_native as sn


def assert_refused_in_little_memory(content: bytes, path: Path) -> None:
    path.write_bytes(content)
    tracemalloc.start()
    try:
        with pytest.raises(sn.ModelFormatError, match=re.escape(path.name)) as caught:
            sn.load(path)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert "\n" not in str(caught.value) and len(str(caught.value)) < 1000
    assert peak < 40 * len(content) + 2**20
