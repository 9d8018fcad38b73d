"""What is read off a picture: what was drawn, its words, its tiles, and where its pixels lie."""

from __future__ import annotations

from typing import Any

import numpy as np


def collections_of(ax: Any, kind: str) -> list[Any]:
    """Return what was drawn of one of matplotlib's kinds: points are a PathCollection."""
    return [one for one in ax.collections if type(one).__name__ == kind]


def texts_of(ax: Any) -> list[str]:
    return [text.get_text() for text in ax.texts]


def legend_of(ax: Any) -> list[str]:
    return [text.get_text() for text in ax.get_legend().get_texts()]


def limits_of(ax: Any) -> Any:
    return ax.get_xlim(), ax.get_ylim()


def limits_around(plane: Any) -> Any:
    """Return how far a picture reaches on both sides of each row of X (2, m)."""
    margins = [0.08 * np.ptp(values) for values in plane]
    return [(x.min() - more, x.max() + more) for x, more in zip(plane, margins, strict=True)]


def middles(sides: Any, n: int) -> Any:
    """Return the middles (n * n, 2) of n by n pixels within these limits, from the lower left."""
    halves = (np.arange(n) + 0.5) / n
    grid = np.meshgrid(*(low + (high - low) * halves for low, high in sides))
    return np.stack(grid, axis=-1).reshape(-1, 2)


def tiles(ax: Any, n_tiles: int, n_columns: int, n: int) -> Any:
    """Cut the image into its tiles (n_tiles, n, n): its rows count from below."""
    image = np.ma.array(ax.images[0].get_array())
    gap, title = round(0.08 * n), round(0.22 * n)
    n_rows = -(-n_tiles // n_columns)
    assert image.shape == (n_rows * (n + title), n_columns * (n + gap) - gap)
    assert image.count() == n_tiles * n * n, "the rest is left out"
    up = [(n_rows - 1 - k // n_columns) * (n + title) for k in range(n_tiles)]
    across = [k % n_columns * (n + gap) for k in range(n_tiles)]
    return np.stack([image[y : y + n, x : x + n] for y, x in zip(up, across, strict=True)])
