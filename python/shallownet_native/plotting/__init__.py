"""Pictures in files, drawn by matplotlib (extra "demo"), none shown on a screen.

`figure` has the cost and the decision boundary side by side.
Imports `network`, `files`, `_extras`.
"""

from __future__ import annotations

from .figure import check_format, draw

__all__ = ["check_format", "draw"]
__dir__ = sorted(__all__).copy
