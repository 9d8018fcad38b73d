"""The plane of two inputs: the box around examples, a grid over it, outputs shaded and bounded."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from ..._native.arrays import Doubles, Floats
from .axes import part
from .colours import class_colours, mixed, sequential, shaded

MARGIN = 0.08  # of the examples' range, left free on each side
STRENGTH = 0.55  # of a class's colour where it is certain: its examples stand out


class Box(NamedTuple):
    """A rectangle of the plane."""

    x0: float
    x1: float
    y0: float
    y1: float

    def centres(self, n: int) -> tuple[Doubles, Doubles]:
        """Return the middles of n pixels along each side."""
        halves = (np.arange(n) + 0.5) / n
        across, up = self.x1 - self.x0, self.y1 - self.y0
        return self.x0 + across * halves, self.y0 + up * halves


class Shading(NamedTuple):
    """Outputs over the plane as an image: numbers with a colour map, or colours."""

    values: Doubles  # (...,), or (..., 3) without a map
    cmap: Any = None
    norm: Any = None


def box_of(points: Floats) -> Box:
    """Return the box around points (m, 2)."""
    return Box(*side_of(points[:, 0]), *side_of(points[:, 1]))


def side_of(values: Floats) -> tuple[float, float]:
    """Return the ends of a side around all values, with a margin; one of no length becomes 2."""
    low, high = float(values.min()), float(values.max())
    margin = MARGIN * (high - low) or max(1.0, 1e-3 * abs(low))
    return low - margin, high + margin


def grid_over(box: Box, n: int) -> Doubles:
    """Return the middles (n * n, 2) of n by n pixels, from the lower left, row by row."""
    across, up = np.meshgrid(*box.centres(n))
    return np.column_stack((across.ravel(), up.ravel()))


def line_over(rows: Floats, n: int) -> Doubles:
    """Return n values (n, 1) of a single input, from below all in rows (m, 1) to above."""
    return np.linspace(*side_of(rows), n)[:, np.newaxis]


def shade(kind: str, outputs: Floats, numbers: npt.NDArray[Any] | None = None) -> Shading:
    """Return the shading of outputs (..., k), `numbers` being what else has its place in the map.

    Probabilities of two classes go from blue to orange; of more, the likeliest gives the colour and
    its lead the strength; of labels, each adds its colour. Several numbers have no shading.
    """
    k = outputs.shape[-1]
    if kind == "binary":
        return Shading(_finite(outputs[..., 0]), shaded(), part("colors").Normalize(0, 1))
    if kind == "classes":
        lead = (outputs.max(axis=-1) - 1 / k) / (1 - 1 / k) if k > 1 else outputs[..., 0]
        shares = np.eye(k)[outputs.argmax(axis=-1)] * (0.3 + 0.7 * lead[..., np.newaxis])
        return Shading(mixed(class_colours(k), shares, STRENGTH))
    if kind == "labels":
        return Shading(mixed(class_colours(k), outputs, STRENGTH))
    if k == 1:
        values = _finite(outputs[..., 0])
        return Shading(values, sequential(), _norm(values, numbers))
    return Shading(np.ones((*outputs.shape[:-1], 3)))


def draw_shading(ax: Any, shading: Shading, box: Box, *, is_smooth: bool) -> Any:
    """Draw an image (n, n) or (n, n, 3) over a box, and return it."""
    return ax.imshow(
        shading.values,
        cmap=shading.cmap,
        norm=shading.norm,
        extent=box,
        origin="lower",
        aspect="auto",
        interpolation="bilinear" if is_smooth else "nearest",
        zorder=0,
    )


def draw_boundaries(
    ax: Any, kind: str, outputs: Floats, xs: Floats, ys: Floats, names: Sequence[str] = ()
) -> None:
    """Draw where outputs (n_y, n_x, k) change sides; of several numbers, lines of equal ones.

    With their names, lines are broad, and those of numbers say which.
    """
    k = outputs.shape[-1]
    width = 1.6 if names else 0.7
    if kind == "binary":
        _draw_level(ax, outputs[..., 0] - 0.5, xs, ys, "black", width)
    elif kind == "labels":
        for colour, field in zip(class_colours(k), np.moveaxis(outputs, -1, 0), strict=True):
            _draw_level(ax, field - 0.5, xs, ys, colour, width)
    elif kind == "classes":
        for c in range(k - 1):  # the last one's are those of the others with it
            others = np.delete(outputs, c, axis=-1).max(axis=-1)
            _draw_level(ax, outputs[..., c] - others, xs, ys, "black", width)
    elif k > 1:
        for colour, field in zip(class_colours(k), np.moveaxis(outputs, -1, 0), strict=True):
            values = _finite(field)
            if np.ma.count(values) and values.min() < values.max():
                lines = ax.contour(xs, ys, values, levels=7, colors=[colour], linewidths=width)
                if names:
                    ax.clabel(lines, fontsize=8)
        if names:
            for colour, name in zip(class_colours(k), names, strict=True):
                ax.plot([], [], color=colour, label=name)
            ax.legend(loc="upper right", fontsize=8, framealpha=0.85)


def _draw_level(ax: Any, field: Floats, xs: Floats, ys: Floats, colour: Any, width: float) -> None:
    values = _finite(field)
    if np.ma.count(values) and values.min() < 0 < values.max():
        ax.contour(xs, ys, values, levels=[0.0], colors=[colour], linewidths=width)


def _finite(values: npt.NDArray[Any]) -> Any:
    """Return values without those that are not finite, as an exp far from its examples."""
    return np.ma.masked_invalid(np.asarray(values, np.float64))


def _norm(values: Any, numbers: npt.NDArray[Any] | None) -> Any:
    """Return the scale of a map of numbers: from the lowest to the highest of all."""
    known = [values.compressed(), np.ravel([] if numbers is None else numbers)]
    every = np.concatenate(known)
    low, high = (float(every.min()), float(every.max())) if every.size else (0.0, 1.0)
    return part("colors").Normalize(low, high if high > low else low + 1.0)
