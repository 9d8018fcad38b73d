"""`hidden_size_sweep`: the same data learnt by networks of many sizes, a map for each."""

from __future__ import annotations

import copy
from collections.abc import Iterable
from typing import Any

import numpy as np
import numpy.typing as npt

from .._native.arrays import MAX_UNITS, Floats, check_dtype, check_floats, check_integer
from .._native.backend import allowed_threads
from .._native.streams import Seed
from ..models import BINARY, CLASSES, NUMBERS, Targets, View, check_few_inputs, view_of
from ..network import Parameters, cost, initialize
from .canvas import (
    Box,
    Mosaic,
    axes_on,
    box_of,
    check_axes,
    check_columns_of,
    check_pixels,
    class_colours,
    grid_over,
    line_over,
    point_colours,
    shade,
    side_of,
)
from .trainings import Trained, check_training, train_all

MOST_TILES = 1000


def hidden_size_sweep(
    X: Any,
    Y: Any,
    sizes: Iterable[int] = range(1, 51),
    *,
    ax: Any = None,
    n_columns: int | None = None,
    seed: Seed = 0,
    n_threads: int | None = None,
    scheme: str = "small_normal",
    dtype: npt.DTypeLike = np.float32,
    resolution: int = 60,
    **training: Any,
) -> Any:
    """Train a network of each size on the same data and draw what each has learnt, in one grid.

    Above each map are the number of hidden units and the share of right labels on X, Y; where the
    output is numbers, the cost. With a single input each map has the curve through the examples.

    Parameters
    ----------
    X : array_like, shape (1, m) or (2, m)
        Inputs, one column per example.
    Y : array_like, shape (n_y, m), or (m,) for one output
        Targets, as `train` describes them.
    sizes : iterable of int, default range(1, 51)
        Numbers of hidden units, at most 1,000 of them; 0 is no hidden layer.
    ax : matplotlib Axes, optional
        Where to draw; by default in a new figure that is as large as the sizes are many.
    n_columns : int, optional
        Maps in a row.
    seed : int, numpy.random.Generator, numpy.random.RandomState or None, default 0
        Source of each start, and of what its training draws. Every size begins with the same state:
        the map of 20 units is the same, whatever other sizes there are.
    n_threads : int or None
        How many networks are trained at a time, each in one thread. None: see `set_num_threads`.
    scheme : str, default "small_normal"
        How starts are drawn, as in `initialize`.
    dtype : float32 or float64, default float32
        Precision of the trainings. float32 takes half the time, and a picture shows no difference.
    resolution : int, default 60
        Points along each side of a map.
    **training
        Options of `train`: learning_rate, n_iterations, hidden, output and so on; not callback,
        checkpoint and every.

    Returns
    -------
    matplotlib Axes

    Raises
    ------
    TypeError, ValueError
        As `initialize`, `train` and `decision_boundary`; all trainings end with the first error.
    KeyboardInterrupt
        On Ctrl-C, soon: no further training begins, and those under way stop.
    MissingPackageError
        If matplotlib is not installed (extra "plot").

    Warns
    -----
    ConvergenceWarning
        If trainings diverged, or ended above their first cost; it names the sizes. A diverged one
        is drawn as it was when it was last finite, and marked.

    Examples
    --------
    >>> import shallownet_native as sn
    >>> X, Y = sn.datasets.noisy_circles(seed=0)
    >>> ax = sn.plotting.hidden_size_sweep(X, Y, [0, 1, 4], learning_rate=1.2, n_iterations=2000)
    >>> [text.get_text().split(":")[0] for text in ax.texts]
    ['0', '1', '4']
    """
    check_axes(ax)
    numbers = _check_sizes(sizes)
    columns = check_columns_of(n_columns, len(numbers))
    n = check_pixels(resolution, len(numbers))
    check_training(training, "hidden_size_sweep")
    threads = allowed_threads(n_threads)
    x, y = _check_data(X, Y, check_dtype(dtype))
    starts = _draw_starts(numbers, (len(x), len(y)), scheme, seed, x.dtype)
    trained = train_all(starts, x, y, training, threads)
    views = [view_of(trained[size].result) for size in numbers]
    rows = views[0].rows(x)
    targets = views[0].targets(y, len(rows))
    words = [
        f"{size}: {_outcome(trained[size], view, (x, y), targets)}"
        for size, view in zip(numbers, views, strict=True)
    ]
    draw = _draw_curves if len(x) == 1 else _draw_maps
    ax, mosaic = draw(ax, views, rows, targets, (len(numbers), columns, n))
    told = "cost" if views[0].kind == NUMBERS else "share of right labels"
    names = (*views[0].input_names, views[0].output_names[0])[:2]
    mosaic.finish(ax, words, f"number of hidden units: {told}", names)
    return ax


def _check_sizes(sizes: Any) -> list[int]:
    if isinstance(sizes, str) or not isinstance(sizes, Iterable):
        raise TypeError(f"sizes must be several integers, such as range(1, 51), got {sizes!r}")
    numbers = [check_integer(size, "sizes", 0, MAX_UNITS) for size in sizes]
    if not 1 <= len(numbers) <= MOST_TILES:
        raise ValueError(f"sizes must be from 1 to {MOST_TILES} integers, got {len(numbers)}")
    return numbers


def _check_data(X: Any, Y: Any, dtype: Any) -> tuple[Floats, Any]:
    """Return X (n_x, m) in the dtype and Y (n_y, m); all else about them is for `train` to say."""
    x = check_floats(X, "X", dtype, round_to_dtype=True)
    if x.ndim != 2 or len(x) > 2 >= x.shape[1] > 0:
        hint = ": use X.T" if x.ndim == 2 else ""
        raise ValueError(f"X must have shape (1, m) or (2, m), got {x.shape}{hint}")
    y = np.asarray(Y)
    return x, y[np.newaxis] if y.ndim < 2 else y


def _draw_starts(
    sizes: list[int], ends: tuple[int, int], scheme: str, seed: Seed, dtype: Any
) -> dict[int, tuple[Parameters, Seed]]:
    """Return each size's parameters, and the seed that its training goes on with."""
    starts: dict[int, tuple[Parameters, Seed]] = {}
    for size in sizes:
        own = copy.deepcopy(seed)
        starts[size] = initialize(ends[0], size, ends[1], scheme, own, dtype), own
    check_few_inputs(view_of(starts[sizes[0]][0]), "hidden_size_sweep")
    return starts


def _outcome(trained: Trained, view: View, data: tuple[Any, Any], targets: Targets) -> str:
    """Return in a word what came of a training."""
    if trained.has_diverged:
        return "diverged"
    if view.kind == NUMBERS:
        return f"{cost(*view.problem(*data)):.3g}"
    outputs = view.outputs(view.rows(data[0]))
    if view.kind == CLASSES:
        right = outputs.argmax(axis=1) == targets.codes
    else:
        right = (outputs > 0.5) == targets.values
    return f"{100 * right.mean():.3g} %"


def _draw_maps(
    ax: Any, views: list[View], rows: Floats, targets: Targets, sizes: tuple[int, int, int]
) -> tuple[Any, Mosaic]:
    n_tiles, _, n = sizes
    mosaic = Mosaic(*sizes, box_of(rows))
    grid = grid_over(mosaic.box, n)
    outputs = np.stack([view.outputs(grid) for view in views]).reshape(n_tiles, n, n, -1)
    kind = views[0].kind
    shading = shade(kind, outputs, targets.values)
    ax = axes_on(ax, mosaic.size)
    image = mosaic.draw_image(ax, shading)
    mosaic.draw_boundaries(ax, kind, outputs)
    colours = point_colours(kind, targets.values, len(targets.names), shading)
    mosaic.draw_points(ax, rows, colours)
    if kind == NUMBERS and shading.cmap is not None:
        ax.figure.colorbar(image, ax=ax, label=views[0].output_names[0], fraction=0.03, pad=0.02)
    return ax, mosaic


def _draw_curves(
    ax: Any, views: list[View], rows: Floats, targets: Targets, sizes: tuple[int, int, int]
) -> tuple[Any, Mosaic]:
    line = line_over(rows, 4 * sizes[2])
    outputs = np.stack([view.outputs(line) for view in views]).astype(np.float64)
    kind = views[0].kind
    heights = np.ones_like(targets.values) if kind == CLASSES else targets.values
    low, high = side_of(heights) if kind == NUMBERS else (-0.1, 1.1)
    mosaic = Mosaic(*sizes, Box(line[0, 0], line[-1, 0], low, high))
    ax = axes_on(ax, mosaic.size)
    mosaic.draw_lines(ax, line, outputs.clip(low, high))
    for k, column in enumerate(heights.T):
        if kind in (BINARY, CLASSES):
            colours = point_colours(kind, targets.values, len(targets.names))
        else:
            colours = class_colours(heights.shape[1])[[k] * len(column)]
        mosaic.draw_points(ax, np.column_stack((rows[:, 0], column)), colours)
    return ax, mosaic
