"""`decision_boundary`: what a model makes of every point of the plane, and its examples."""

from __future__ import annotations

from typing import Any

from .._native.arrays import check_integer
from ..models import NUMBERS, Targets, View, check_few_inputs, view_of
from .canvas import (
    axes_on,
    box_of,
    check_axes,
    draw_boundaries,
    draw_curves,
    draw_points,
    draw_points_of_one_input,
    draw_shading,
    grid_over,
    line_over,
    shade,
)


def decision_boundary(
    model: Any, X: Any, y: Any = None, *, ax: Any = None, resolution: int = 250
) -> Any:
    """Draw what a model of two inputs makes of the plane, its examples on top.

    Of two classes the probability goes from blue to orange, and a black line is where it is 1/2. Of
    several classes the likeliest gives the colour, of several labels (sigmoid outputs) each has its
    colour and its line. Numbers are a map with a colour bar; several numbers, lines of equal ones.
    With a single input the outputs are curves through the examples.

    Parameters
    ----------
    model : Parameters, TrainingResult, or fitted estimator or Pipeline
        Of one or two inputs. Of a finished search, the best estimator.
    X : array_like
        Examples, in the model's orientation: columns (n_x, m), or of an estimator rows (m, n_x),
        which may be a DataFrame. The picture reaches a bit further than they do.
    y : array_like, optional
        Their labels or numbers, to draw them: Y (n_y, m) as in `train`, or (m,) of one output or of
        class numbers or names; of an estimator y as in `fit`.
    ax : matplotlib Axes, optional
        Where to draw; by default in a new figure.
    resolution : int, default 250
        Points of the grid along each side; the model is asked about all of them in one call.

    Returns
    -------
    matplotlib Axes

    Raises
    ------
    TypeError
        If `model` or `ax` is something else, or X or y holds no numbers.
    ValueError
        If the model has more than two inputs or is not fitted, or X and y do not fit it.
    MissingPackageError
        If matplotlib is not installed (extra "plot").

    Examples
    --------
    >>> import shallownet_native as sn
    >>> X, Y = sn.datasets.noisy_moons(seed=0)
    >>> result = sn.train(sn.initialize(2, 5, 1, seed=0), X, Y, learning_rate=1.0)
    >>> ax = sn.plotting.decision_boundary(result, X, Y)
    >>> ax.get_xlabel(), ax.get_ylabel()
    ('x1', 'x2')
    """
    check_axes(ax)
    n = check_integer(resolution, "resolution", 2, 5000)
    view = view_of(model, X)
    check_few_inputs(view, "decision_boundary")
    rows = view.rows(X)
    targets = None if y is None else view.targets(y, len(rows))
    if view.n_x == 1:
        return _draw_curves(view, rows, targets, ax, n)
    box = box_of(rows)
    outputs = view.outputs(grid_over(box, n)).reshape(n, n, -1)
    shading = shade(view.kind, outputs, None if targets is None else targets.values)
    ax = axes_on(ax)
    image = draw_shading(ax, shading, box, is_smooth=True)
    draw_boundaries(ax, view.kind, outputs, *box.centres(n), view.output_names)
    if targets is not None:
        draw_points(ax, view.kind, rows, targets.values, targets.names, shading)
    if view.kind == NUMBERS and shading.cmap is not None:
        ax.figure.colorbar(image, ax=ax, label=view.output_names[0])
    ax.set(xlabel=view.input_names[0], ylabel=view.input_names[1])
    return ax


def _draw_curves(view: View, rows: Any, targets: Targets | None, ax: Any, n: int) -> Any:
    line = line_over(rows, 2 * n)
    outputs = view.outputs(line)
    ax = axes_on(ax)
    names = view.output_names if targets is None else targets.names
    draw_curves(ax, view.kind, line, outputs, names, view.input_names[0])
    if targets is not None:
        draw_points_of_one_input(ax, view.kind, rows, targets.values, len(names))
    ax.set_xlim(line[0, 0], line[-1, 0])
    return ax
