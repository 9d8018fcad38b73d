"""`cost_surface`: the cost over a plane that is cut through the space of all parameters."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from .._native.arrays import (
    Doubles,
    check_finite,
    check_flag,
    check_floats,
    check_integer,
    check_real,
)
from .._native.backend import core, resolve_threads
from .._native.streams import Seed, random_stream
from ..models import view_of
from ..network import KnownUnits, Parameters, array_shapes, check_problem, layers_of, split
from .canvas import axes_on, check_axes, part, sequential


class Slice(NamedTuple):
    """A plane: from the parameters along two directions, so far on both sides."""

    directions: Doubles  # (2, size)
    names: Sequence[str]
    reach: float
    at: tuple[float, float]  # what the axes say where the parameters are


def cost_surface(
    model: Any,
    X: Any,
    Y: Any,
    *,
    ax: Any = None,
    weights: tuple[str, str] | None = None,
    directions: tuple[Any, Any] | None = None,
    normalize: bool = True,
    reach: float | None = None,
    resolution: int = 51,
    seed: Seed = 0,
    l2: float = 0.0,
    n_threads: int | None = None,
) -> Any:
    """Draw the cost around a model's parameters, over a plane through them.

    The plane lies along two random directions, two that are given, or two weights. A star marks
    the parameters. Colours and lines go by the logarithm of the cost where it spans much.

    Parameters
    ----------
    model : Parameters, TrainingResult, or fitted estimator or Pipeline
        Of any number of inputs.
    X, Y : array_like
        The examples, in the model's orientation: Y as in `cost`, or (m,) of one output; of an
        estimator y as in `fit`.
    ax : matplotlib Axes, optional
        Where to draw; by default in a new figure.
    weights : (str, str), optional
        Two entries of the arrays, such as ("W1[0,1]", "b2[0]"), counted from 0. The axes then are
        their values.
    directions : (array_like, array_like), optional
        Two Parameters of the same shape, or vectors (size,) in the order of `Parameters.flat`.
    normalize : bool, default True
        Give random directions, unit by unit, the length of that unit's weights with its bias, so
        that networks can be compared (Li et al. 2018); else they are standard normal. What is given
        is taken as it is.
    reach : float, optional
        How far to go on both sides, > 0: by default 1 along directions, and along weights the
        larger of 2 and their sizes.
    resolution : int, default 51
        Points along each side.
    seed : int, numpy.random.Generator, numpy.random.RandomState or None, default 0
        Source of the random directions.
    l2 : float, default 0.0
        Penalty on the squares of the weights, as in `cost`. Of an estimator, none either.
    n_threads : int or None
        As in `cost`.

    Returns
    -------
    matplotlib Axes

    Raises
    ------
    TypeError
        If `model`, `ax` or a direction is something else.
    ValueError
        If a weight is not there, a direction has another length or is 0, or data do not fit.
    MissingPackageError
        If matplotlib is not installed (extra "plot").

    Examples
    --------
    >>> import shallownet_native as sn
    >>> X, Y = sn.datasets.flower()
    >>> result = sn.train(sn.initialize(2, 4, 1, seed=0), X, Y, learning_rate=1.2)
    >>> ax = sn.plotting.cost_surface(result, X, Y, weights=("W1[0,0]", "W2[0,3]"), resolution=21)
    >>> ax.get_xlabel(), ax.get_ylabel()
    ('W1[0,0]', 'W2[0,3]')
    """
    check_axes(ax)
    n = check_integer(resolution, "resolution", 3, 1000)
    far = None if reach is None else check_real(reach, "reach", "(0, inf)")
    parameters, x, y = view_of(model).problem(X, Y)
    if weights is not None and directions is not None:
        raise ValueError("give weights or directions, not both")
    if weights is not None:
        plane = _along_weights(parameters, weights, far)
    elif directions is not None:
        plane = _along_given(parameters, directions, far)
    else:
        plane = _along_random(parameters, seed, far, check_flag(normalize, "normalize"))
    steps = np.linspace(-plane.reach, plane.reach, n)
    costs = _costs(parameters, (x, y), plane, steps, (l2, n_threads))
    ax = axes_on(ax)
    xs, ys = (at + steps for at in plane.at)
    _draw(ax, xs, ys, costs)
    ax.plot(*plane.at, marker="*", color="white", markeredgecolor="black", markersize=15)
    ax.set(xlabel=plane.names[0], ylabel=plane.names[1], title="cost")
    return ax


def _along_weights(parameters: Parameters, names: Any, reach: float | None) -> Slice:
    if isinstance(names, str) or len(names) != 2:
        raise ValueError(f"weights must be two names, such as ('W1[0,1]', 'b2[0]'), got {names!r}")
    places = [_place(parameters, name) for name in names]
    if places[0] == places[1]:
        raise ValueError(f"weights must be two different ones, got {names[0]!r} twice")
    directions = np.zeros((2, parameters.size))
    directions[[0, 1], places] = 1.0
    at = tuple(float(parameters.flat[place]) for place in places)
    return Slice(directions, names, reach or max(2.0, *map(abs, at)), (at[0], at[1]))


def _place(parameters: Parameters, name: Any) -> int:
    """Return where in the vector of all parameters a weight lies that is named as "W1[0,1]"."""
    shapes = array_shapes(*parameters.shape)
    found = re.fullmatch(r"\s*(\w+)\s*\[\s*(\d+)\s*(?:,\s*(\d+)\s*)?\]\s*", str(name))
    if found is None or found[1] not in shapes:
        raise ValueError(
            f"a weight is named by its array and place, such as 'W1[0,1]', got {name!r}; there "
            f"are {', '.join(shapes)}"
        )
    rows, columns = shapes[found[1]]
    row, column = int(found[2]), int(found[3] or 0)
    if row >= rows or column >= columns or (found[3] is None and columns > 1):
        raise ValueError(
            f"{found[1]} has shape ({rows}, {columns}), and there is no {str(name).strip()}"
        )
    before = list(shapes)[: list(shapes).index(found[1])]
    return sum(shapes[one][0] * shapes[one][1] for one in before) + row * columns + column


def _along_given(parameters: Parameters, given: Any, reach: float | None) -> Slice:
    if isinstance(given, (str, Parameters)) or len(given) != 2:
        raise ValueError("directions must be two Parameters or vectors")
    directions = []
    for one in given:
        vector = check_floats(one.flat if isinstance(one, Parameters) else one, "directions")
        if vector.shape != (parameters.size,):
            raise ValueError(
                f"a direction must have shape ({parameters.size},), as the parameters' flat, got "
                f"{vector.shape}"
            )
        check_finite(vector, "directions")
        directions.append(vector.astype(np.float64))
    return _slice(np.stack(directions), reach)


def _along_random(
    parameters: Parameters, seed: Seed, reach: float | None, normalize: bool
) -> Slice:
    directions: Doubles = random_stream(seed).standard_normal((2, parameters.size))
    if normalize:
        for vector in directions:
            drawn = layers_of(split(vector, parameters.shape))  # views of the vector
            for (W, b), own in zip(drawn, layers_of(parameters), strict=True):
                length = _lengths(*own) / _lengths(W, b)
                W *= length
                b *= length
    return _slice(directions, reach)


def _lengths(W: Any, b: Any) -> Any:
    """Return the length of each unit's weights with its bias, (units, 1)."""
    return np.linalg.norm(np.hstack((W, b)), axis=1, keepdims=True)


def _slice(directions: Doubles, reach: float | None) -> Slice:
    if not directions.any(axis=1).all():
        raise ValueError(
            "a direction is 0 everywhere: give others, or, of parameters that are all 0, "
            "normalize=False"
        )
    return Slice(directions, ("along direction 1", "along direction 2"), reach or 1.0, (0.0, 0.0))


def _costs(
    parameters: Parameters,
    data: tuple[Any, Any],
    plane: Slice,
    steps: Doubles,
    options: tuple[float, int | None],
) -> Any:
    """Return the costs (n, n) over the plane, the second direction upwards, where finite."""
    theta, shape, examples, units = check_problem(parameters, *data, KnownUnits(), None)
    l2, threads = options[0], resolve_threads(options[1], shape, len(examples.x))
    penalty = check_real(l2, "l2", "[0, inf)")

    def cost_at(a: float, b: float) -> float:
        moved = (theta + a * plane.directions[0] + b * plane.directions[1]).astype(theta.dtype)
        given = (*units.of_passes, penalty, threads, units.quantile)
        J: float = core.cost(moved, shape, *examples, *given)
        return J

    costs = np.array([[cost_at(a, b) for a in steps] for b in steps])
    if not np.isfinite(costs).any():
        raise ValueError("the cost is finite nowhere on this plane: choose a smaller reach")
    return np.ma.masked_invalid(costs)


def _draw(ax: Any, xs: Doubles, ys: Doubles, costs: npt.NDArray[Any]) -> None:
    low, high = float(costs.min()), float(costs.max())
    colours = part("colors")
    if low > 0 and high > 10 * low:
        levels, norm = np.geomspace(low, high, 25), colours.LogNorm(low, high)
    else:
        high = high if high > low else low + 1.0
        levels, norm = np.linspace(low, high, 25), colours.Normalize(low, high)
    filled = ax.contourf(xs, ys, costs, levels=levels, norm=norm, cmap=sequential())
    if costs.min() < costs.max():
        ax.contour(xs, ys, costs, levels=levels[1:-1:2], colors="white", linewidths=0.4)
    ax.figure.colorbar(filled, ax=ax, ticks=levels[::4], format="%.3g")
