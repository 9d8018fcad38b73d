"""Pictures, drawn by matplotlib (extra "demo"): `figure`.

Imports `_extras`, `files`.
"""

from __future__ import annotations

from .figure import check_format, draw

__all__ = ["check_format", "draw"]
__dir__ = sorted(__all__).copy
