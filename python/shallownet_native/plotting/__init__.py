"""Pictures, drawn by matplotlib (extra "demo"): `figure`.

Imports `_extras`, `files`.
"""

from __future__ import annotations

from .figure import check_format, draw
