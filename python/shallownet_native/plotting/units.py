"""`hidden_units`: one map for each hidden unit, of what it makes of the inputs."""

from __future__ import annotations

from typing import Any

import numpy as np

from .._native.arrays import Floats
from ..models import View, check_few_inputs, check_hidden_layer, view_of
from .canvas import (
    Box,
    Mosaic,
    Shading,
    axes_on,
    box_of,
    check_axes,
    check_columns_of,
    check_pixels,
    grid_over,
    line_over,
    part,
    point_colours,
    shaded,
    side_of,
)

REACH = {"sigmoid": (0.0, 1.0), "tanh": (-1.0, 1.0)}  # what bounded activations reach


def hidden_units(
    model: Any,
    X: Any,
    Y: Any = None,
    *,
    ax: Any = None,
    n_columns: int | None = None,
    resolution: int = 60,
) -> Any:
    """Draw one small map for each hidden unit: its activation over the plane of two inputs.

    All maps share one scale, that of the colour bar: white is 0 (of sigmoid, 1/2), orange more,
    blue less. With a single input each map is a curve, and Y is not drawn.

    Parameters
    ----------
    model : Parameters, TrainingResult, or fitted estimator or Pipeline
        Of one or two inputs, with a hidden layer.
    X : array_like
        Examples, in the model's orientation, around which the maps reach.
    Y : array_like, optional
        Their targets, as y of `decision_boundary`, to draw them in every map; of more than 120,000
        in all maps together every so many-th.
    ax : matplotlib Axes, optional
        Where to draw; by default in a new figure that is as large as the units are many.
    n_columns : int, optional
        Maps in a row.
    resolution : int, default 60
        Points along each side of a map; fewer where units are so many that 4 million would be
        exceeded.

    Returns
    -------
    matplotlib Axes

    Raises
    ------
    TypeError, ValueError, MissingPackageError
        As `decision_boundary`; ValueError also if there is no hidden layer.

    Examples
    --------
    >>> import shallownet_native as sn
    >>> X, Y = sn.datasets.flower()
    >>> ax = sn.plotting.hidden_units(sn.initialize(2, 4, 1, seed=0), X, Y)
    >>> ax.get_title()
    '4 hidden units, tanh'
    """
    check_axes(ax)
    view = view_of(model, X)
    check_few_inputs(view, "hidden_units")
    check_hidden_layer(view, "hidden_units")
    rows = view.rows(X)
    targets = None if Y is None else view.targets(Y, len(rows))
    n_h, activation = view.network.n_h, view.network.hidden or "tanh"
    columns = check_columns_of(n_columns, n_h)
    n = check_pixels(resolution, n_h)
    if view.n_x == 1:
        ax, mosaic = _draw_curves(view, rows, ax, (n_h, columns, n))
    else:
        ax, mosaic = _draw_maps(view, rows, ax, (n_h, columns, n), activation)
        if targets is not None:
            names = len(view.output_names)
            mosaic.draw_points(ax, rows, point_colours(view.kind, targets.values, names))
    title = f"{n_h} hidden unit{'s' if n_h > 1 else ''}, {activation}"
    axis_names = (*view.input_names, "activation")[:2]
    mosaic.finish(ax, [str(unit + 1) for unit in range(n_h)], title, axis_names)
    return ax


def _draw_maps(
    view: View, rows: Floats, ax: Any, sizes: tuple[int, int, int], activation: str
) -> tuple[Any, Mosaic]:
    n_h, _, n = sizes
    mosaic = Mosaic(*sizes, box_of(rows))
    maps = view.hidden(grid_over(mosaic.box, n)).T.reshape(n_h, n, n).astype(np.float64)
    ax = axes_on(ax, mosaic.size)
    shading = Shading(maps, shaded(), part("colors").Normalize(*_reach(activation, maps)))
    image = mosaic.draw_image(ax, shading)
    ax.figure.colorbar(image, ax=ax, label="activation", fraction=0.03, pad=0.02)
    return ax, mosaic


def _draw_curves(
    view: View, rows: Floats, ax: Any, sizes: tuple[int, int, int]
) -> tuple[Any, Mosaic]:
    line = line_over(rows, 4 * sizes[2])
    A1 = view.hidden(line).astype(np.float64)
    mosaic = Mosaic(*sizes, Box(line[0, 0], line[-1, 0], *side_of(A1)))
    ax = axes_on(ax, mosaic.size)
    mosaic.draw_lines(ax, line, A1.T[..., np.newaxis])
    return ax, mosaic


def _reach(activation: str, maps: Floats) -> tuple[float, float]:
    """Return the ends of the scale: of what is not bounded as far below 0 as above."""
    most = float(np.abs(maps).max()) or 1.0
    return REACH.get(activation, (-most, most))
