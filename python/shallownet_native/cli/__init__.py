"""cli"""

from __future__ import annotations

from .program import main
