"""What the assignment's helper file provides: its data, a picture, and the sigmoid.

Written anew; the data sets are ours. Only the picture needs matplotlib (extra "plot").
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from .._extras.importing import import_optional
from .._native.arrays import Floats, check_finite, check_floats
from ..datasets import blobs, flower, gaussian_quantiles, no_structure, noisy_circles, noisy_moons
from ..network import activate
from .checks import check_array

Pair = tuple[npt.NDArray[np.float64], npt.NDArray[np.int64]]

N_POINTS = 200  # of each extra set
N_BLOBS = 6
GRID = 300  # points of the picture's grid along each side
CLASSES = "RdYlBu"  # the colour map


def load_planar_dataset() -> tuple[npt.NDArray[np.float64], Any]:
    """Return the flower, as `sn.datasets.flower()` does: X (2, 400) and Y (1, 400).

    NumPy's global stream of random numbers is left alone.

    Examples
    --------
    >>> X, Y = load_planar_dataset()
    >>> X.shape, Y.shape
    ((2, 400), (1, 400))
    """
    return flower()


def load_extra_datasets() -> tuple[Pair, Pair, Pair, Pair, Pair]:
    """Draw noisy_circles, noisy_moons, blobs, gaussian_quantiles and no_structure.

    Each is a pair of rows X (200, 2) and int64 labels y (200,): `X.T` and `y.reshape(1, -1)` are
    what the network takes. The blobs are six classes, so `Y % 2` makes two of them. They are drawn
    from NumPy's global stream, so that `np.random.seed` repeats them, by this package's recipes:
    the points are not those of scikit-learn.

    Examples
    --------
    >>> noisy_circles, noisy_moons, blobs, gaussian_quantiles, no_structure = load_extra_datasets()
    >>> X, y = blobs
    >>> X.shape, y.shape, sorted({*y.tolist()})
    ((200, 2), (200,), [0, 1, 2, 3, 4, 5])
    """
    stream = np.random.mtrand._rand
    circles = noisy_circles(N_POINTS, noise=0.3, seed=stream, return_rows=True)
    moons = noisy_moons(N_POINTS, noise=0.2, seed=stream, return_rows=True)
    n_drawn = -(-N_POINTS // N_BLOBS) * N_BLOBS  # as many in each, and then the rest left out
    X, y = blobs(n_drawn, n_classes=N_BLOBS, spread=0.5, seed=stream, return_rows=True)
    kept = stream.permutation(n_drawn)[:N_POINTS]
    quantiles = gaussian_quantiles(N_POINTS, spread=0.7, seed=stream, return_rows=True)
    nothing = no_structure(N_POINTS, seed=stream, return_rows=True)
    return circles, moons, (X[kept], y[kept]), quantiles, nothing


def plot_decision_boundary(model: Callable[[Any], Any], X: npt.ArrayLike, y: npt.ArrayLike) -> None:
    """Draw which class a model gives to each point of the plane, and the examples on top.

    It draws on matplotlib's current axes, `plt.gca()`, where `plt.title` then writes. For a picture
    of probabilities, on axes of your own, there is `sn.plotting.decision_boundary`.

    Parameters
    ----------
    model : callable
        Takes points (n, 2) and returns their labels, (n,) or (1, n), such as
        ``lambda x: predict(parameters, x.T)``.
    X : array_like, shape (2, m)
    y : array_like, shape (1, m) or (m,)
        Labels: numbers, or the words that the model returns.

    Raises
    ------
    TypeError, ValueError
        If `model` is no function, or returns something else than a label for each point; if X or y
        is of another shape.
    MissingPackageError
        If matplotlib is not installed (extra "plot").

    Examples
    --------
    >>> X, Y = load_planar_dataset()
    >>> plot_decision_boundary(lambda x: x[:, 0] > 0, X, Y)
    """
    pyplot = import_optional(
        "matplotlib.pyplot", extra="plot", purpose="course.plot_decision_boundary"
    )
    if not callable(model):
        raise TypeError(
            f"model must be a function of points (n, 2), got {type(model).__name__}: "
            "lambda x: predict(parameters, x.T) is one"
        )
    points, labels = _check_points(X, y)
    sides = [_side(row) for row in points]
    grid = np.stack(np.meshgrid(*sides), axis=-1)  # (n, n, 2)
    found = _check_answers(model(grid.reshape(-1, 2)), GRID**2)
    classes, numbers = np.unique(np.concatenate([found, labels]), return_inverse=True)
    axes, colours = pyplot.gca(), pyplot.get_cmap(CLASSES)
    shades = [colours(k / max(classes.size - 1, 1)) for k in range(classes.size)]
    areas = numbers[: found.size].reshape(GRID, GRID)
    for k, shade in enumerate(shades):  # each by itself: between 0 and 2 there is no 1
        if (areas == k).any():
            axes.contourf(*sides, areas == k, levels=[0.5, 1.5], colors=[shade], alpha=0.6)
    dots = [shades[k] for k in numbers[found.size :]]
    axes.scatter(*points, c=dots, s=20, edgecolors="0.2", linewidths=0.5)
    axes.set(xlabel="x1", ylabel="x2")


def sigmoid(x: npt.ArrayLike) -> Any:
    """Return 1 / (1 + exp(-x)) of a number, or of every number of an array.

    Parameters
    ----------
    x : float, or array_like of any shape

    Returns
    -------
    float or ndarray
        Of any size of x without overflow.

    Examples
    --------
    >>> sigmoid(0), sigmoid([-1000.0, 1000.0])
    (0.5, array([0., 1.]))
    """
    values = activate(x, "sigmoid")
    return values if values.ndim else float(values)


def _check_points(X: npt.ArrayLike, y: npt.ArrayLike) -> tuple[Floats, npt.NDArray[Any]]:
    check_array(X, "X", "plot_decision_boundary(model, X, y)")
    points = check_floats(X, "X")
    if points.ndim != 2 or points.shape[0] != 2 or not points.size:
        hint = ": use X.T" if points.ndim == 2 and points.shape[1] == 2 else ""
        raise ValueError(
            f"X must have shape (2, m), one column per example, got {points.shape}{hint}"
        )
    check_finite(points, "X")
    labels = np.asarray(y)
    if labels.size != points.shape[1]:
        raise ValueError(
            f"y must have a label for each of the {points.shape[1]} examples, got {labels.shape}"
        )
    return points, labels.ravel()


def _side(values: Floats) -> npt.NDArray[np.float64]:
    """Return the grid's coordinates along one side, a tenth wider than the points on both ends."""
    low, high = float(values.min()), float(values.max())
    margin = (high - low) / 10 or 1.0
    return np.linspace(low - margin, high + margin, GRID)


def _check_answers(answers: Any, n: int) -> npt.NDArray[Any]:
    """Return the labels (n,) that a model gave to n points."""
    if isinstance(answers, tuple) and len(answers) == 2 and isinstance(answers[1], Mapping):
        raise TypeError(
            "model must return labels, got a tuple of 2, not yet unpacked: "
            "lambda x: forward_propagation(x.T, parameters)[0] > 0.5 is one, and "
            "lambda x: predict(parameters, x.T) the same"
        )
    labels = np.asarray(answers)
    if labels.shape not in ((n,), (1, n), (n, 1)):
        raise ValueError(
            f"model must return a label for each of the {n} points (n, 2), got {labels.shape}: "
            "lambda x: predict(parameters, x.T) does"
        )
    if labels.dtype.kind == "f" and np.unique(labels).size > N_POINTS:
        raise ValueError(
            "model must return labels, got numbers such as probabilities: for two classes A2 > 0.5"
        )
    return labels.ravel()
