"""Axes to draw on: those that are given, or those of a new figure of pyplot."""

from __future__ import annotations

from typing import Any

from ..._extras.importing import import_optional


def part(name: str) -> Any:
    """Return a module of matplotlib; MissingPackageError where that is not installed."""
    return import_optional(f"matplotlib.{name}", extra="plot", purpose="sn.plotting")


def colour_map(name: str) -> Any:
    """Return one of matplotlib's colour maps."""
    return import_optional("matplotlib", extra="plot", purpose="sn.plotting").colormaps[name]


def check_axes(ax: Any) -> None:
    """Raise TypeError, before anything is computed, unless `ax` is one Axes or None.

    Also MissingPackageError if matplotlib is not installed.
    """
    kind = part("axes").Axes
    if ax is not None and not isinstance(ax, kind):
        raise TypeError(
            "ax must be one Axes of matplotlib, such as an element of what plt.subplots() returns, "
            f"got {type(ax).__name__}"
        )


def axes_on(ax: Any, size: tuple[float, float] = (5.6, 4.4)) -> Any:
    """Return the given Axes, or those of a new figure, which notebooks then show.

    Nothing is shown here. To be called when nothing can fail any more, so that no error leaves an
    empty figure behind.
    """
    if ax is not None:
        return ax
    return part("pyplot").figure(figsize=size, layout="constrained").add_subplot()
