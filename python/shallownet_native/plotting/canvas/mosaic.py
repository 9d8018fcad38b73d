"""Many small maps in one image on one Axes: quick to draw, and one thing to hand back."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from ..._native.arrays import Doubles, Floats, check_integer
from .axes import part
from .colours import class_colours
from .maps import Box, Shading, draw_boundaries, draw_shading

GAP, TITLE = 0.08, 0.22  # between tiles, and above each for its words: parts of a tile's side
MOST_PIXELS = 4_000_000  # in all tiles together
MOST_POINTS = 120_000  # in all tiles together; of more, every so many-th example is drawn


def check_columns_of(n_columns: Any, n_tiles: int) -> int:
    """Return how many tiles are in a row: by default a square's, or more that fill the last row."""
    if n_columns is not None:
        return min(check_integer(n_columns, "n_columns"), n_tiles)
    side = math.ceil(math.sqrt(n_tiles))
    return min(range(side, math.ceil(1.6 * math.sqrt(n_tiles)) + 1), key=lambda n: -n_tiles % n)


def check_pixels(resolution: Any, n_tiles: int) -> int:
    """Return how many pixels a tile has along each side: fewer where tiles are very many."""
    n = check_integer(resolution, "resolution", 8, 1000)
    return max(8, min(n, math.isqrt(MOST_PIXELS // n_tiles)))


class Mosaic:
    """Square tiles in rows, the first at the upper left, each showing the same box.

    The Axes are in pixels of the maps, from the lower left.

    Parameters
    ----------
    n_tiles, n_columns, n_pixels : int
        How many tiles, how many in a row, and how many pixels a tile has along each side.
    box : Box
        What every tile shows.
    """

    def __init__(self, n_tiles: int, n_columns: int, n_pixels: int, box: Box) -> None:
        self.n_tiles, self.n_columns, self.n_pixels, self.box = n_tiles, n_columns, n_pixels, box
        gap, title = round(GAP * n_pixels), round(TITLE * n_pixels)
        n_rows = math.ceil(n_tiles / n_columns)
        self.width = n_columns * (n_pixels + gap) - gap
        self.height = n_rows * (n_pixels + title)
        tiles = np.arange(n_tiles)
        across = (tiles % n_columns) * (n_pixels + gap)
        up = (n_rows - 1 - tiles // n_columns) * (n_pixels + title)
        self.corners = np.column_stack((across, up))  # (n_tiles, 2): the lower left ones

    @property
    def size(self) -> tuple[float, float]:
        """Inches of a figure in which the words can be read."""
        tile = min(2.2, max(1.1, 6.0 / self.n_columns))
        inches = min(tile / self.n_pixels, 22 / max(self.width, self.height))
        return max(3.2, inches * self.width + 0.4), max(2.6, inches * self.height + 0.7)

    def place(self, points: Floats) -> Doubles:
        """Return where points of the box, (m, 2) or each tile's own, lie in it: (n_tiles, m, 2)."""
        low = np.array([self.box.x0, self.box.y0])
        high = np.array([self.box.x1, self.box.y1])
        inside = (points - low) / (high - low) * self.n_pixels
        placed: Doubles = inside + self.corners[:, np.newaxis, :]
        return placed

    def join(self, tiles: npt.NDArray[Any]) -> Any:
        """Return tiles (n_tiles, n, n, ...) as one array (height, width, ...), masked in gaps."""
        shape = (self.height, self.width, *tiles.shape[3:])
        joined = np.ma.array(np.zeros(shape), mask=True)
        n = self.n_pixels
        for (across, up), tile in zip(self.corners, tiles, strict=True):
            joined[up : up + n, across : across + n] = tile
        return joined

    def draw_image(self, ax: Any, shading: Shading) -> Any:
        """Draw the shading (n_tiles, n, n, ...) of all tiles, and return the one image."""
        values = self.join(shading.values)
        if shading.cmap is None:
            values = values.filled(1.0)  # colours: white
        whole = Box(0, self.width, 0, self.height)
        return draw_shading(ax, shading._replace(values=values), whole, is_smooth=False)

    def draw_boundaries(self, ax: Any, kind: str, outputs: Floats) -> None:
        """Draw the boundaries of outputs (n_tiles, n, n, k) in each tile."""
        fields = self.join(outputs).filled(np.nan)
        xs, ys = (np.arange(0.5, side) for side in (self.width, self.height))
        draw_boundaries(ax, kind, fields, xs, ys)

    def draw_lines(self, ax: Any, line: Doubles, outputs: Floats) -> None:
        """Draw outputs (n_tiles, n, k) over the values (n, 1) of a single input."""
        collections = part("collections")
        for colour, heights in zip(
            class_colours(outputs.shape[-1]), np.moveaxis(outputs, -1, 0), strict=True
        ):
            points = np.stack(np.broadcast_arrays(line[:, 0], heights), axis=-1)
            lines = self.place(points)
            ax.add_collection(collections.LineCollection(lines, colors=[colour], linewidths=1.2))

    def draw_points(self, ax: Any, points: Floats, colours: Doubles) -> None:
        """Draw examples (m, 2) with their colours (m, 3) in every tile."""
        step = max(1, math.ceil(self.n_tiles * len(points) / MOST_POINTS))
        places = self.place(points[::step]).reshape(-1, 2)
        repeated = np.tile(colours[::step], (self.n_tiles, 1))
        ax.scatter(*places.T, c=repeated, s=1.5, linewidths=0, zorder=3)

    def finish(self, ax: Any, words: Sequence[str], title: str, names: Sequence[str]) -> None:
        """Write words above each tile, frame the tiles, and take the ticks away."""
        n = self.n_pixels
        tile_inches = ax.get_window_extent().width / ax.figure.dpi * n / self.width
        size = float(np.clip(8.5 * tile_inches, 3.5, 9))
        rectangle = part("patches").Rectangle
        frames = [rectangle((across, up), n, n) for across, up in self.corners]
        kind = part("collections").PatchCollection
        ax.add_collection(kind(frames, facecolor="none", edgecolor="0.4", linewidths=0.5, zorder=5))
        for (across, up), text in zip(self.corners, words, strict=True):
            ax.text(across + n / 2, up + 1.02 * n, text, ha="center", va="bottom", fontsize=size)
        rim = 0.01 * n  # for the frames
        ax.set(xlim=(-rim, self.width + rim), ylim=(-rim, self.height), aspect="equal")
        ax.set(title=title, xlabel=names[0], ylabel=names[1], xticks=[], yticks=[])
        ax.spines[:].set_visible(False)
        for artist in (*ax.collections, *ax.texts):  # all inside: layouts need not measure them
            artist.set_in_layout(False)
