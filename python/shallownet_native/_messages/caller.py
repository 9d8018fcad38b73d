"""Warnings that point at the line of the user's that led to them.

Between that line and ours there may be several of scikit-learn's, as in a Pipeline.
"""

from __future__ import annotations

import sys
import warnings
from types import FrameType

PASSED_OVER = frozenset({__name__.partition(".")[0], "joblib", "sklearn"})


def warn_caller(message: str, category: type[Warning]) -> None:
    """Issue a warning that names the first line outside this package and scikit-learn."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and _is_passed_over(frame) and frame.f_back is not None:
        frame = frame.f_back
    assert frame is not None
    warnings.warn_explicit(
        message,
        category,
        frame.f_code.co_filename,
        frame.f_lineno,
        frame.f_globals.get("__name__", "<unknown>"),
        frame.f_globals.setdefault("__warningregistry__", {}),
    )


def _is_passed_over(frame: FrameType) -> bool:
    return str(frame.f_globals.get("__name__", "")).partition(".")[0] in PASSED_OVER
