"""plotting"""

from __future__ import annotations

from .figure import check_format, draw
