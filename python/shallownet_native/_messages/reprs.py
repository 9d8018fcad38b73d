"""Reprs of what functions hand back: shapes and ends in the place of arrays."""

from __future__ import annotations

from typing import Any

import numpy as np

MAX_SHOWN = 4  # numbers of a curve; of more the first and the last two


def shown(name: str, parts: dict[str, Any]) -> str:
    """Return a repr of a few short lines."""
    shown = [f"{part}={_short(value)}" for part, value in parts.items()]
    line = f"{name}({', '.join(shown)})"
    return line if len(line) <= 100 else f"{name}(\n    " + ",\n    ".join(shown) + ",\n)"


def _short(value: Any) -> str:
    """Return a number rounded, a curve by its ends, and of other arrays the shape."""
    if isinstance(value, float):
        return f"{value:.4g}"
    if not isinstance(value, np.ndarray):
        return repr(value)
    if value.ndim != 1:
        return f"<{value.dtype} array of shape {value.shape}>"
    ends = [f"{number:.4g}" for number in value.tolist()]
    if len(ends) > MAX_SHOWN:
        ends = [*ends[:2], "...", *ends[-2:]]
    return f"<{value.size} values: {', '.join(ends)}>" if ends else "<no values>"
