"""The stages of the method, one call each: activate, forward, cost, gradients, predict.

User values are checked here, once, and handed to the core as rows; what comes back is turned to
columns again, by views.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from .._native.arrays import Floats, check_floats, check_name, check_real
from .._native.backend import core, resolve_threads
from .._native.blocks import converted
from .examples import CheckedProblem, check_network, check_problem
from .parameters import Parameters
from .pass_results import Forward, Gradients
from .shapes import split
from .units import KnownUnits


def activate(Z: npt.ArrayLike, name: str, *, negative_slope: float = 0.01) -> Floats:
    """Apply an activation to every element.

    Parameters
    ----------
    Z : array_like of float32 or float64, any shape
        Integers, bool and float16 are computed in float64.
    name : str
        "identity", "leaky_relu", "mish", "relu", "sigmoid", "silu" or "tanh".
    negative_slope : float, default 0.01
        Slope of leaky_relu left of 0, >= 0.

    Returns
    -------
    A : ndarray of Z's shape and dtype

    Raises
    ------
    TypeError
        If `Z` holds anything but real numbers.
    ValueError
        If `name` is unknown or `negative_slope` is negative or not finite.

    Examples
    --------
    >>> activate([-2.0, 0.0, 2.0], "leaky_relu", negative_slope=0.5)
    array([-1.,  0.,  2.])
    """
    name = check_name(name, "name", core.activations)
    slope = check_real(negative_slope, "negative_slope", "[0, inf)")
    numbers = check_floats(Z, "Z")
    A: Floats = core.activate(converted(numbers, numbers.dtype, "C"), name, slope)
    return A


def forward(
    parameters: Parameters,
    X: npt.ArrayLike,
    hidden: str | None = None,
    output: str | None = None,
    *,
    negative_slope: float | None = None,
    n_threads: int | None = None,
) -> Forward:
    """Run the network on examples and keep every intermediate array.

    Parameters
    ----------
    parameters : Parameters
        Of a network of n_x inputs, n_h hidden units, n_y outputs.
    X : array_like, shape (n_x, m)
        Inputs, one column per example, computed in the dtype of `parameters`. The transpose of a
        C-contiguous (m, n_x) array is read in place.
    hidden : str, optional
        "identity", "leaky_relu", "mish", "relu", "sigmoid", "silu" or "tanh". Not used without a
        hidden layer. None: as `parameters` know, else "tanh".
    output : str, optional
        "exp", "identity", "quantile" (z, with another loss), "sigmoid" or "softmax". None: as
        `parameters` know, else "sigmoid".
    negative_slope : float, optional
        Slope of leaky_relu left of 0, >= 0. None: as `parameters` know, else 0.01.
    n_threads : int or None
        None: see `set_num_threads`. The result does not depend on it.

    Returns
    -------
    Forward
        Z1, A1 of shape (n_h, m), or None without a hidden layer, and Z2, A2 of shape (n_y, m).

    Raises
    ------
    TypeError
        If `parameters` is something else, or X is float64 and the parameters float32, or holds
        anything but real numbers.
    ValueError
        If a shape does not fit, a value is NaN or infinite, or a name is unknown or not the one
        that the parameters know.

    Notes
    -----
    Z1 = W1 X + b1, A1 = g1(Z1), Z2 = W2 A1 + b2, A2 = g2(Z2).

    Examples
    --------
    >>> identity = Parameters(None, None, [[2.0]], [[1.0]])
    >>> forward(identity, [[0.0, 1.0]], output="identity").A2
    array([[1., 3.]])
    """
    given = KnownUnits(hidden, output, negative_slope)
    theta, shape, x, units = check_network(parameters, X, given)
    rows = core.forward(
        theta, shape, x, *units.of_passes, resolve_threads(n_threads, shape, len(x))
    )
    return Forward._make(None if array is None else array.T for array in rows)


def cost(
    parameters: Parameters,
    X: npt.ArrayLike,
    Y: npt.ArrayLike,
    hidden: str | None = None,
    output: str | None = None,
    *,
    negative_slope: float | None = None,
    quantile: float | None = None,
    l2: float = 0.0,
    example_weights: npt.ArrayLike | None = None,
    n_threads: int | None = None,
) -> float:
    """Return the cost J of a network on examples.

    Parameters
    ----------
    parameters, X, hidden, output, negative_slope, n_threads
        As in `forward`.
    Y : array_like, shape (n_y, m)
        Targets: in [0, 1] for "sigmoid"; columns that sum to 1 for "softmax"; >= 0 for "exp".
        Rounded to the dtype of `parameters`.
    quantile : float, optional
        Of the output of this name, in (0, 1). None: as `parameters` know, else 0.5.
    l2 : float, default 0.0
        Penalty on the squares of the weights (not the biases), >= 0.
    example_weights : array_like, shape (m,), or None
        How much each example counts, >= 0, not all 0. None: all the same.

    Returns
    -------
    float

    Raises
    ------
    TypeError, ValueError
        As in `forward`; ValueError also for targets or weights out of range.

    Notes
    -----
    J = sum(s L) / sum(s) + l2/2 (sum W1^2 + sum W2^2), with weights s and losses L: cross-entropy
    for "sigmoid" (summed over outputs) and "softmax", (A2 - Y)^2 / 2 summed over outputs for
    "identity", exp(z) - y z for "exp", q max(y - z, 0) + (1 - q) max(z - y, 0) summed over outputs
    for "quantile" q. All are computed from the logits Z2, and the two
    cross-entropies are finite for all finite logits.

    Examples
    --------
    >>> zeros = Parameters(None, None, [[0.0]], [[0.0]])
    >>> round(cost(zeros, [[1.0, 2.0]], [[0, 1]]), 6)  # log 2
    0.693147
    """
    given = KnownUnits(hidden, output, negative_slope, quantile)
    problem = check_problem(parameters, X, Y, given, example_weights)
    checked = with_penalty(problem, l2, n_threads)
    J: float = core.cost(*checked, quantile=problem.units.quantile)
    return J


def gradients(
    parameters: Parameters,
    X: npt.ArrayLike,
    Y: npt.ArrayLike,
    hidden: str | None = None,
    output: str | None = None,
    *,
    negative_slope: float | None = None,
    quantile: float | None = None,
    l2: float = 0.0,
    example_weights: npt.ArrayLike | None = None,
    want_dX: bool = False,
    n_threads: int | None = None,
) -> tuple[float, Gradients]:
    """Return the cost and its derivatives with respect to the parameters, and to X if wanted.

    Parameters
    ----------
    parameters, X, Y, hidden, output, negative_slope, quantile, l2, example_weights, n_threads
        As in `cost`.
    want_dX : bool, default False
        Compute dX, too.

    Returns
    -------
    cost : float
    gradients : Gradients
        dW1 (n_h, n_x), db1 (n_h, 1), dW2 (n_y, n_h), db2 (n_y, 1), and dX (n_x, m) or None. The
        first two are None without a hidden layer.

    Raises
    ------
    TypeError, ValueError
        As in `cost`.

    Notes
    -----
    With S = sum(s): dZ2 = s (A2 - Y), for "quantile" s (1 - q) where A2 >= Y, else -s q;
    dW2 = dZ2 A1^T / S + l2 W2; db2 = rowsum(dZ2) / S; dZ1 = (W2^T dZ2) * g1'(Z1);
    dW1 = dZ1 X^T / S + l2 W1; db1 = rowsum(dZ1) / S; dX = W1^T dZ1 / S.
    The slope of relu at 0 is taken as 0, that of leaky_relu as `negative_slope`.

    Examples
    --------
    >>> zeros = Parameters(None, None, [[0.0]], [[0.0]])
    >>> J, (dW1, db1, dW2, db2, dX) = gradients(zeros, [[1.0, 3.0]], [[0, 1]])
    >>> dW2, db2
    (array([[-0.5]]), array([[0.]]))
    """
    given = KnownUnits(hidden, output, negative_slope, quantile)
    problem = check_problem(parameters, X, Y, given, example_weights)
    checked = (*with_penalty(problem, l2, n_threads), bool(want_dX))
    J, dtheta, dx = core.gradients(*checked, quantile=problem.units.quantile)
    return J, Gradients(*split(dtheta, problem.shape), None if dx is None else dx.T)


def with_penalty(problem: CheckedProblem, l2: float, n_threads: int | None) -> tuple[Any, ...]:
    """Return the arguments that the core's functions of costs begin with."""
    penalty = check_real(l2, "l2", "[0, inf)")
    threads = resolve_threads(n_threads, problem.shape, len(problem.examples.x))
    units = problem.units.of_passes
    return (problem.theta, problem.shape, *problem.examples, *units, penalty, threads)


def predict(
    parameters: Parameters,
    X: npt.ArrayLike,
    hidden: str | None = None,
    output: str | None = None,
    *,
    negative_slope: float | None = None,
    n_threads: int | None = None,
) -> npt.NDArray[Any]:
    """Predict labels, or numbers where the output is no class.

    Parameters
    ----------
    parameters, X, hidden, output, negative_slope, n_threads
        As in `forward`.

    Returns
    -------
    ndarray
        For "sigmoid" A2 > 0.5, bool of shape (n_y, m); for "softmax" the most probable class,
        int64 of shape (m,); for other outputs A2, shape (n_y, m). Each example's result is the
        same, bit for bit, alone and among others.

    Raises
    ------
    TypeError, ValueError
        As in `forward`.

    Examples
    --------
    >>> logistic = Parameters(None, None, [[1.0]], [[0.0]])
    >>> predict(logistic, [[-3.0, 4.0]]).tolist()
    [[False, True]]
    """
    given = KnownUnits(hidden, output, negative_slope)
    theta, shape, x, units = check_network(parameters, X, given)
    threads = resolve_threads(n_threads, shape, len(x))
    if units.output == "softmax":
        classes: npt.NDArray[np.int64] = core.classes(theta, shape, x, *units.of_passes, threads)
        return classes
    A2: Floats = core.predict(theta, shape, x, *units.of_passes, threads).T
    return A2 > 0.5 if units.output == "sigmoid" else A2


def outputs(parameters: Parameters, X: npt.ArrayLike, n_threads: int | None = None) -> Floats:
    """Return A2 (n_y, m) alone, with the activations that the parameters know."""
    theta, shape, x, units = check_network(parameters, X, KnownUnits())
    A2: Floats = core.predict(
        theta, shape, x, *units.of_passes, resolve_threads(n_threads, shape, len(x))
    ).T
    return A2
