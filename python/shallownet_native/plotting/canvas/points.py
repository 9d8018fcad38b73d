"""The examples on a map, and the outputs of a single input as curves through them."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from ..._native.arrays import Doubles, Floats
from .colours import NEUTRAL, class_colours
from .maps import Shading, shade

MARKERS = "os^DvPX*"  # shapes tell classes apart, too
MOST_NAMED = 10  # classes in a legend


def point_colours(
    kind: str, values: Doubles, n_outputs: int, shading: Shading | None = None
) -> Doubles:
    """Return the colours (m, 3) of examples by their targets (m, k); a number's are a map's."""
    if kind in ("binary", "classes"):
        n_classes = 2 if kind == "binary" else n_outputs
        colours: Doubles = class_colours(n_classes)[values[:, 0].astype(int)]
        return colours
    if kind == "labels":
        shares = values / np.maximum(values.sum(axis=1, keepdims=True), 1)
        colours = shares @ class_colours(n_outputs)
        colours[~values.any(axis=1)] = 0.5
        return colours
    if values.shape[1] > 1:
        return np.full((len(values), 3), 0.45)
    if shading is None:
        shading = shade(kind, values)
    mapped: Doubles = shading.cmap(shading.norm(values[:, 0]))[:, :3]
    return mapped


def draw_points(
    ax: Any, kind: str, rows: Floats, values: Doubles, names: list[str], shading: Shading
) -> None:
    """Draw examples (m, 2), a colour and a shape for each class, and name these in a legend."""
    colours = point_colours(kind, values, len(names), shading)
    groups, labels = _groups(kind, values, names)
    for number, label in enumerate(labels):
        inside = groups == number
        if inside.any():
            ax.scatter(
                *rows[inside].T,
                c=colours[inside],
                s=22 if shading.cmap is not None or kind != "numbers" else 8,
                marker=MARKERS[number % len(MARKERS)],
                edgecolors="white" if kind != "numbers" else "black",
                linewidths=0.6,
                label=label,
                zorder=3,
            )
    if kind != "numbers" and len(labels) <= MOST_NAMED:
        ax.legend(loc="upper right", fontsize=8, framealpha=0.85)


def _groups(
    kind: str, values: Doubles, names: list[str]
) -> tuple[npt.NDArray[np.int64], list[str]]:
    """Return the number of each example's group, and what the groups are called."""
    if kind in ("binary", "classes"):
        return values[:, 0].astype(np.int64), names
    if kind == "numbers":
        return np.zeros(len(values), np.int64), ["examples"]
    sets, groups = np.unique(values > 0.5, axis=0, return_inverse=True)
    called = [" + ".join(n for n, has in zip(names, row, strict=True) if has) for row in sets]
    return groups.ravel(), [name or "none" for name in called]


def draw_curves(
    ax: Any, kind: str, line: Doubles, outputs: Floats, names: list[str], input_name: str
) -> None:
    """Draw outputs (n, k) over the values (n, 1) of a single input."""
    shown = names[-1:] if kind == "binary" else names
    colours = class_colours(2)[1:] if kind == "binary" else class_colours(len(shown))
    for colour, name, values in zip(colours, shown, outputs.T, strict=True):
        label = name if kind == "numbers" else f"P({name})"
        ax.plot(line[:, 0], values, color=colour, linewidth=1.8, label=label, zorder=4)
    if kind != "numbers":
        ax.axhline(0.5, color="0.5", linewidth=0.8, linestyle=":", zorder=1)
    heights = "probability" if kind != "numbers" else "outputs" if len(shown) > 1 else shown[0]
    ax.set(xlabel=input_name, ylabel=heights)
    if len(shown) <= MOST_NAMED and (kind != "numbers" or len(shown) > 1):
        ax.legend(fontsize=8, loc="center right")


def draw_points_of_one_input(
    ax: Any, kind: str, rows: Floats, values: Doubles, n_outputs: int
) -> None:
    """Draw examples (m, 1) at their targets; of several classes, at probability 1."""
    classes = kind in ("binary", "classes")
    columns = values if not classes else values if kind == "binary" else np.ones_like(values)
    for k, heights in enumerate(columns.T):
        if classes:
            colours: Any = point_colours(kind, values, n_outputs)
        else:
            colours = [class_colours(n_outputs)[k]]
        ax.scatter(
            rows[:, 0], heights, c=colours, s=16, edgecolors=NEUTRAL, linewidths=0.5, zorder=3
        )
