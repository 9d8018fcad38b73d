"""The functions of the well-known assignment on planar data, under their own names, run natively.

Same signatures, dictionaries and printed lines. Columns are examples: X (n_x, m), Y (n_y, m). The
hidden activation is tanh and the output a sigmoid. Imports `training` and what is below it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from ._validation import Floats, check_floats, check_integer, check_real
from .initialization import initialize
from .network import Parameters
from .passes import forward, gradients
from .passes import predict as predict_labels
from .results import EpochState
from .training import train

__all__ = [
    "backward_propagation",
    "compute_cost",
    "forward_propagation",
    "initialize_parameters",
    "layer_sizes",
    "nn_model",
    "predict",
    "update_parameters",
]

Arrays: TypeAlias = dict[str, Floats]

# the line of the backward pass that gives an array its right shape
RECIPES = {
    "dW1": "np.dot(dZ1, X.T) / m",
    "db1": "np.sum(dZ1, axis=1, keepdims=True) / m",
    "dW2": "np.dot(dZ2, A1.T) / m",
    "db2": "np.sum(dZ2, axis=1, keepdims=True) / m",
}


def layer_sizes(X: npt.ArrayLike, Y: npt.ArrayLike) -> tuple[int, int, int]:
    """Return (n_x, 4, n_y): the sizes of input and output layer, and four hidden units.

    Parameters
    ----------
    X : array_like, shape (n_x, m)
    Y : array_like, shape (n_y, m)

    Raises
    ------
    ValueError
        If either has another rank, or their numbers of columns differ.

    Examples
    --------
    >>> layer_sizes(np.zeros((2, 400)), np.zeros((1, 400)))
    (2, 4, 1)
    """
    x_shape, y_shape = np.shape(X), np.shape(Y)
    for name, shape in {"X": x_shape, "Y": y_shape}.items():
        if len(shape) != 2:
            hint = f": use {name}.reshape(1, -1)" if len(shape) == 1 else ""
            raise ValueError(
                f"{name} must have two dimensions, one column per example, got {shape}{hint}"
            )
    if x_shape[1] != y_shape[1]:
        hint = ": use Y.T" if y_shape[0] == x_shape[1] else ": use X.T" * (x_shape[0] == y_shape[1])
        raise ValueError(
            f"X is {x_shape} and Y is {y_shape}: both must have one column per example{hint}"
        )
    return x_shape[0], 4, y_shape[0]


def initialize_parameters(n_x: int, n_h: int, n_y: int, seed: int | None = None) -> Arrays:
    """Draw W1, then W2, as randn * 0.01, and set b1 and b2 to 0.

    Parameters
    ----------
    n_x, n_h, n_y : int
        Sizes of the three layers, at least 1.
    seed : int or None
        Seed of a RandomState of its own. None draws from NumPy's global one, so that a
        `np.random.seed(2)` before the call does what it says.

    Returns
    -------
    dict
        "W1" (n_h, n_x), "b1" (n_h, 1), "W2" (n_y, n_h), "b2" (n_y, 1), float64.

    Raises
    ------
    TypeError, ValueError
        If a size or the seed is not an integer, or out of range.

    Examples
    --------
    >>> initialize_parameters(2, 4, 1, seed=2)["W2"].round(8)
    array([[-0.01057952, -0.00909008,  0.00551454,  0.02292208]])
    """
    check_integer(n_h, "n_h")
    if seed is None:
        stream = np.random.mtrand._rand
    else:
        stream = np.random.RandomState(check_integer(seed, "seed", 0, 2**32 - 1))
    return _as_dict(initialize(n_x, n_h, n_y, "small_normal", stream))


def forward_propagation(
    X: npt.ArrayLike, parameters: Mapping[str, npt.ArrayLike]
) -> tuple[Floats, Arrays]:
    """Compute A2 from X, and keep Z1, A1, Z2, A2.

    Parameters
    ----------
    X : array_like, shape (n_x, m)
    parameters : dict
        As of `initialize_parameters`.

    Returns
    -------
    A2 : ndarray, shape (n_y, m)
    cache : dict
        "Z1" and "A1" (n_h, m), "Z2" and "A2" (n_y, m).

    Raises
    ------
    TypeError, ValueError
        If a shape does not fit; the message says which, and how to mend it.

    Examples
    --------
    >>> A2, cache = forward_propagation(np.zeros((2, 3)), initialize_parameters(2, 4, 1))
    >>> A2
    array([[0.5, 0.5, 0.5]])
    """
    _check_order(X, "forward_propagation(X, parameters)")
    cache = forward(_as_parameters(parameters), X)._asdict()
    return cache["A2"], cache


def compute_cost(A2: npt.ArrayLike, Y: npt.ArrayLike, parameters: object = None) -> float:
    """Compute the cross-entropy of outputs and targets.

    Parameters
    ----------
    A2 : array_like, shape (n_y, m)
        Probabilities.
    Y : array_like, shape (n_y, m)
        Targets, 0 or 1.
    parameters
        Not used; older notebooks pass it.

    Returns
    -------
    float
        -sum(Y log A2 + (1 - Y) log(1 - A2)) / m. Where A2 has been rounded to 0 or 1, the nearest
        number that is neither stands for it, so that the cost is finite.

    Raises
    ------
    TypeError, ValueError
        If the shapes differ or A2 is no probability.

    Examples
    --------
    >>> round(compute_cost([[0.5, 0.5]], [[0, 1]]), 6)
    0.693147
    """
    p, y = check_floats(A2, "A2"), check_floats(Y, "Y")
    _check_shape("Y", y, p.shape, " like A2", ": use Y.T" if y.T.shape == p.shape else "")
    if not (p.size and p.min() >= 0 and p.max() <= 1):
        raise ValueError("A2 must hold probabilities, from 0 to 1: it is sigmoid(Z2), not Z2")
    limits = np.finfo(p.dtype)
    p = np.clip(p, limits.tiny, 1 - limits.epsneg)
    return float(-(y * np.log(p) + (1 - y) * np.log1p(-p)).sum() / p.shape[-1])


def backward_propagation(
    parameters: Mapping[str, npt.ArrayLike],
    cache: Mapping[str, npt.ArrayLike],
    X: npt.ArrayLike,
    Y: npt.ArrayLike,
) -> Arrays:
    """Compute the derivatives of the cost.

    Parameters
    ----------
    parameters : dict
        As of `initialize_parameters`.
    cache : dict
        What `forward_propagation(X, parameters)` returned.
    X : array_like, shape (n_x, m)
    Y : array_like, shape (n_y, m)

    Returns
    -------
    dict
        "dW1" (n_h, n_x), "db1" (n_h, 1), "dW2" (n_y, n_h), "db2" (n_y, 1).

    Raises
    ------
    TypeError, ValueError
        If a shape does not fit, or the cache belongs to other parameters or inputs.

    Examples
    --------
    >>> parameters = initialize_parameters(2, 4, 1, seed=2)
    >>> X, Y = np.ones((2, 3)), np.array([[0, 1, 1]])
    >>> A2, cache = forward_propagation(X, parameters)
    >>> grads = backward_propagation(parameters, cache, X, Y)
    >>> grads["db1"].shape
    (4, 1)
    """
    _check_order(X, "backward_propagation(parameters, cache, X, Y)")
    network = _as_parameters(parameters)
    computed = forward(network, X)._asdict()
    for name in ("A1", "A2"):
        if name not in cache:
            raise ValueError(f"cache must hold A1 and A2, got {', '.join(cache)}")
        _check_shape(f'cache["{name}"]', np.asarray(cache[name]), computed[name].shape)
        if not np.allclose(cache[name], computed[name], rtol=1e-5, atol=1e-6):
            raise ValueError(
                f'cache["{name}"] is not what these parameters make of X: call '
                "forward_propagation(X, parameters) anew after each update_parameters"
            )
    _, grads = gradients(network, X, Y)
    return {name: array for name, array in grads._asdict().items() if name != "dX"}


def update_parameters(
    parameters: Mapping[str, npt.ArrayLike],
    grads: Mapping[str, npt.ArrayLike],
    learning_rate: float = 1.2,
) -> Arrays:
    """Go one step downhill with all four arrays at once.

    Parameters
    ----------
    parameters, grads : dict
        As of `initialize_parameters` and `backward_propagation`; both stay as they are.
    learning_rate : float, default 1.2

    Returns
    -------
    dict
        New arrays P - learning_rate dP.

    Raises
    ------
    TypeError, ValueError
        If an array is missing or its shape is not that of its parameter.

    Examples
    --------
    >>> parameters = {"W1": [[1.0]], "b1": [[0.0]], "W2": [[1.0]], "b2": [[0.0]]}
    >>> grads = {"dW1": [[0.5]], "db1": [[0.0]], "dW2": [[1.0]], "db2": [[0.0]]}
    >>> update_parameters(parameters, grads, learning_rate=0.5)["W1"]
    array([[0.75]])
    """
    rate = check_real(learning_rate, "learning_rate", "(0, inf)")
    updated: Arrays = {}
    for name, array in _as_dict(_as_parameters(parameters)).items():
        if f"d{name}" not in grads:
            raise ValueError(f"grads must hold d{name}, got {', '.join(grads)}")
        step = check_floats(grads[f"d{name}"], f"d{name}")
        _check_shape(f"d{name}", step, array.shape, f" like {name}", f": {RECIPES[f'd{name}']}")
        updated[name] = array - rate * step
    return updated


def nn_model(
    X: npt.ArrayLike,
    Y: npt.ArrayLike,
    n_h: int,
    num_iterations: int = 10000,
    print_cost: bool = False,
    *,
    learning_rate: float = 1.2,
    seed: int | None = 3,
) -> Arrays:
    """Build and train the network.

    Parameters
    ----------
    X : array_like, shape (n_x, m)
    Y : array_like, shape (n_y, m)
    n_h : int
        Number of hidden units.
    num_iterations : int, default 10000
    print_cost : bool, default False
        Print the cost every 1000 iterations.
    learning_rate : float, default 1.2
    seed : int or None, default 3
        As in `initialize_parameters`.

    Returns
    -------
    dict
        The trained parameters.

    Raises
    ------
    TypeError, ValueError
        If an argument does not fit; DivergenceError, a ValueError, if the cost explodes.
    TrainingInterrupted
        On Ctrl-C; `.result` of the exception holds what was reached.

    Examples
    --------
    >>> from shallownet_native.datasets import flower
    >>> X, Y = flower()
    >>> parameters = nn_model(X, Y, n_h=4, num_iterations=2001, print_cost=True)
    Cost after iteration 0: 0.693162
    Cost after iteration 1000: 0.258625
    Cost after iteration 2000: 0.239334
    """
    n_x, _, n_y = layer_sizes(X, Y)
    result = train(
        _as_parameters(initialize_parameters(n_x, n_h, n_y, seed)),
        X,
        Y,
        learning_rate=learning_rate,
        n_iterations=num_iterations,
        cost_every=1000 if print_cost else 0,
        callback=_print_cost if print_cost else None,
    )
    return _as_dict(result.parameters)


def predict(parameters: Mapping[str, npt.ArrayLike], X: npt.ArrayLike) -> npt.NDArray[np.bool_]:
    """Predict which examples are of class 1: A2 > 0.5.

    Parameters
    ----------
    parameters : dict
    X : array_like, shape (n_x, m)

    Returns
    -------
    ndarray of bool, shape (n_y, m)

    Raises
    ------
    TypeError, ValueError
        If a shape does not fit.

    Examples
    --------
    >>> parameters = {"W1": [[1.0]], "b1": [[0.0]], "W2": [[1.0]], "b2": [[0.0]]}
    >>> predict(parameters, [[-1.0, 1.0]]).tolist()
    [[False, True]]
    """
    _check_order(X, "predict(parameters, X)")
    return predict_labels(_as_parameters(parameters), X)


def _print_cost(state: EpochState) -> None:
    if state.cost is not None:
        print(f"Cost after iteration {state.epoch}: {state.cost:f}")


def _as_parameters(parameters: Any) -> Parameters:
    if not isinstance(parameters, Mapping):
        raise TypeError(
            f'parameters must be a dict of "W1", "b1", "W2", "b2", got {type(parameters).__name__}'
        )
    missing = [name for name in ("W1", "b1", "W2", "b2") if parameters.get(name) is None]
    if missing:
        raise ValueError(f"parameters must hold W1, b1, W2 and b2, not there: {', '.join(missing)}")
    return Parameters(*(parameters[name] for name in ("W1", "b1", "W2", "b2")))


def _as_dict(parameters: Parameters) -> Arrays:
    return {name: array for name, array in parameters.as_dict().items() if array is not None}


def _check_order(X: object, signature: str) -> None:
    if isinstance(X, Mapping):
        raise TypeError(f"X is a dict: the order of the arguments is {signature}")


def _check_shape(
    name: str,
    array: npt.NDArray[Any],
    shape: tuple[int, ...],
    like: str = "",
    hint: str = "",
) -> None:
    if array.shape != shape:
        raise ValueError(f"{name} must have shape {shape}{like}, got {array.shape}{hint}")
