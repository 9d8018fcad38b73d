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
    quantile: float | None = None

    def contradictions(self, other: KnownUnits) -> list[str]:
        """Name what both know and know differently; a number counts where something may use it."""
        names = ["hidden", "output"]
        if {self.hidden, other.hidden} <= {None, "leaky_relu"}:
            names.append("negative_slope")
        if {self.output, other.output} <= {None, QUANTILE}:
            names.append("quantile")
        pairs = {name: (getattr(self, name), getattr(other, name)) for name in names}
        return [name for name, (a, b) in pairs.items() if None not in (a, b) and a != b]


class Units(NamedTuple):
    """The network's two activations, as the core takes them; hidden is "" where there is none.

    `quantile` is that of the output of this name, 1/2 of all others, whose losses have none.
    """

    hidden: str
    output: str
    negative_slope: float
    quantile: float = 0.5

    @property
    def of_passes(self) -> tuple[str, str, float]:
        """What a pass forward takes of them, and all that has nothing to do with the loss."""
        return self[:3]

    def known(self) -> KnownUnits:
        """Return what parameters know that were trained with these."""
        slope = self.negative_slope if self.hidden else None
        quantile = self.quantile if self.output == QUANTILE else None
        return KnownUnits(self.hidden or None, self.output, slope, quantile)


QUANTILE = "quantile"  # the output whose loss has one
UNKNOWN = KnownUnits()
DEFAULTS = Units("tanh", "sigmoid", 0.01)


def check_known(hidden: Any, output: Any, negative_slope: Any, quantile: Any = None) -> KnownUnits:
    """Return the checked names, slope and quantile; None stays.

    Raises
    ------
    TypeError, ValueError
        If a name is none of the core's, or the slope negative or not finite, or the quantile not
        between 0 and 1.
    """
    if hidden is not None:
        hidden = check_name(hidden, "hidden", core.activations)
    if output is not None:
        output = check_name(output, "output", core.outputs)
    if negative_slope is not None:
        negative_slope = check_real(negative_slope, "negative_slope", "[0, inf)")
    if quantile is not None:
        quantile = check_real(quantile, "quantile", "(0, 1)")
    return KnownUnits(hidden, output, negative_slope, quantile)


def check_smooth(output: str, what: str, instead: str) -> None:
    """Refuse what needs a loss's second derivatives where there are none.

    Raises
    ------
    ValueError
        For an output whose loss has a kink.
    """
    if output not in core.smooth_outputs:
        raise ValueError(
            f"{what} needs second derivatives of the loss, and that of output={output!r} has a "
            f"kink at each target: {instead}"
        )


@functools.lru_cache  # asked for each call, and of many networks for each
def chosen_units(known: KnownUnits, given: KnownUnits, n_h: int) -> Units:
    """Return what a call uses: what it is given, else what is known, else `DEFAULTS`.

    Raises
    ------
    ValueError
        If it is given something else than what is known.
    """
    contradictions = known.contradictions(given)
    if contradictions:
        name = contradictions[0]
        arguments = ", ".join(described(_merged(given, known)))
        raise ValueError(
            f"{name}={getattr(given, name)!r} was given, but these parameters are known to have "
            f"{name}={getattr(known, name)!r}: leave {name} out, or, to use the same weights "
            f"otherwise, take sn.Parameters(*parameters, {arguments})"
        )
    hidden, output, slope, quantile = _merged(_merged(given, known), KnownUnits(*DEFAULTS))
    assert hidden is not None and output is not None and slope is not None and quantile is not None
    own = quantile if output == QUANTILE else DEFAULTS.quantile
    return Units(hidden if n_h else "", output, slope, own)


def described(known: KnownUnits) -> list[str]:
    """Return what is known as arguments in words, but no number that nothing may use."""
    shown = known if known.hidden in (None, "leaky_relu") else known._replace(negative_slope=None)
    shown = shown if known.output in (None, QUANTILE) else shown._replace(quantile=None)
    return [f"{name}={value!r}" for name, value in shown._asdict().items() if value is not None]


def _merged(first: KnownUnits, second: KnownUnits) -> KnownUnits:
    """Return the first's, completed from the second's."""
    own = {name: value for name, value in first._asdict().items() if value is not None}
    return second._replace(**own)
