"""Files of tables as their lines."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path


def write(lines: Iterable[str], path: str = "t.csv", encoding: str = "utf-8") -> str:
    Path(path).write_bytes("".join(f"{line}\n" for line in lines).encode(encoding))
    return path
