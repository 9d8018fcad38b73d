"""What the checker has found: as data, and as a small table with a sentence."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..._messages.reprs import shown
from .problem import TOLERANCE


@dataclass(frozen=True, repr=False, eq=False)
class GradientReport:
    """What `check_gradients` has found.

    Attributes
    ----------
    ok : bool
        Whether the backward pass is right, and the forward pass where one was given.
    slip : str or None
        The likeliest slip, a word of the vocabulary that `check_gradients` lists; None if all is
        right, or if no slip that is known explains the numbers.
    slips : tuple of str
        All slips that together explain them, those of the pass forward first.
    errors : dict of str to float
        The largest difference in each of dW1, db1, dW2, db2, relative to the largest entry of the
        right array; inf for a wrong shape, for NaN, and for what is missing.
    forward_errors : dict of str to float
        The same of what a pass forward has handed back of Z1, A1, Z2, A2; {} without one.
    text : str
        The table and what it means, as it is printed.
    """

    __module__ = "shallownet_native"

    ok: bool
    slip: str | None
    slips: tuple[str, ...]
    errors: dict[str, float]
    forward_errors: dict[str, float] = field(default_factory=dict)
    text: str = ""

    def __str__(self) -> str:
        return self.text

    def __repr__(self) -> str:
        return shown("GradientReport", {"ok": self.ok, "slip": self.slip, "slips": self.slips})

    def __bool__(self) -> bool:
        return self.ok


def table(errors: dict[str, float], found: dict[str, Any]) -> list[str]:
    """Return a line for each array: shape, largest relative difference, verdict."""
    lines = [f"{'array':<6} {'shape':<10} {'difference':>10}"]
    for name, error in errors.items():
        shape = _shape(found[name]) if name in found else "missing"
        figure = f"{error:.1e}" if np.isfinite(error) else "-"
        verdict = "ok" if error <= TOLERANCE else "WRONG"
        lines.append(f"{name:<6} {shape:<10} {figure:>10}  {verdict}")
    return lines


def _shape(value: Any) -> str:
    try:
        return str(np.shape(value))
    except ValueError:  # of lists of several lengths
        return "ragged"
