"""Activations: what parameters know of them, what a call is given, and what it then uses."""

from __future__ import annotations

import functools
from typing import Any, NamedTuple

from .._native.arrays import check_name, check_real
from .._native.backend import core


class KnownUnits(NamedTuple):
    """What is known of a network's activations; None is what is not."""

    hidden: str | None = None
    output: str | None = None
    negative_slope: float | None = None

    def agrees_with(self, other: KnownUnits) -> bool:
        """Tell whether the two differ in nothing that both know."""
        return not _contradictions(self, other)


class Units(NamedTuple):
    """The network's two activations, as the core takes them; hidden is "" where there is none."""

    hidden: str
    output: str
    negative_slope: float

    def known(self) -> KnownUnits:
        """Return what parameters know that were trained with these."""
        slope = self.negative_slope if self.hidden else None
        return KnownUnits(self.hidden or None, self.output, slope)


UNKNOWN = KnownUnits()
DEFAULTS = Units("tanh", "sigmoid", 0.01)


def check_known(hidden: Any, output: Any, negative_slope: Any) -> KnownUnits:
    """Return the checked names and slope; None stays.

    Raises
    ------
    TypeError, ValueError
        If a name is none of the core's, or the slope negative or not finite.
    """
    if hidden is not None:
        hidden = check_name(hidden, "hidden", core.activations)
    if output is not None:
        output = check_name(output, "output", core.outputs)
    if negative_slope is not None:
        negative_slope = check_real(negative_slope, "negative_slope", "[0, inf)")
    return KnownUnits(hidden, output, negative_slope)


@functools.lru_cache  # asked for each call, and of many networks for each
def chosen_units(known: KnownUnits, given: KnownUnits, n_h: int) -> Units:
    """Return what a call uses: what it is given, else what is known, else `DEFAULTS`.

    Raises
    ------
    ValueError
        If it is given something else than what is known.
    """
    contradictions = _contradictions(known, given)
    if contradictions:
        name = contradictions[0]
        arguments = ", ".join(described(_merged(given, known)))
        raise ValueError(
            f"{name}={getattr(given, name)!r} was given, but these parameters are known to have "
            f"{name}={getattr(known, name)!r}: leave {name} out, or, to use the same weights "
            f"otherwise, take sn.Parameters(*parameters, {arguments})"
        )
    hidden, output, slope = _merged(_merged(given, known), KnownUnits(*DEFAULTS))
    assert hidden is not None and output is not None and slope is not None
    return Units(hidden if n_h else "", output, slope)


def described(known: KnownUnits) -> list[str]:
    """Return what is known as arguments in words, a slope only where leaky_relu may use it."""
    shown = known if known.hidden in (None, "leaky_relu") else known._replace(negative_slope=None)
    return [f"{name}={value!r}" for name, value in shown._asdict().items() if value is not None]


def _contradictions(one: KnownUnits, other: KnownUnits) -> list[str]:
    """Name what both know and know differently; a slope counts where leaky_relu may use it."""
    names = ["hidden", "output"]
    if {one.hidden, other.hidden} <= {None, "leaky_relu"}:
        names.append("negative_slope")
    pairs = {name: (getattr(one, name), getattr(other, name)) for name in names}
    return [name for name, (a, b) in pairs.items() if None not in (a, b) and a != b]


def _merged(first: KnownUnits, second: KnownUnits) -> KnownUnits:
    """Return the first's, completed from the second's."""
    own = {name: value for name, value in first._asdict().items() if value is not None}
    return second._replace(**own)
