"""The functions of the well-known assignment on planar data, under their own names, run natively.

Same signatures, dictionaries and printed lines. Columns are examples: X (n_x, m), Y (n_y, m). The
hidden activation is tanh and the output a sigmoid. What is missing, of a wrong shape or out of
range is a TypeError or ValueError that says how to mend it.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from .._native.arrays import MAX_UNITS, Floats, check_integer, check_real
from ..network import forward, gradients, initialize
from ..network import predict as predict_labels
from ..training import EpochState, train
from .checks import (
    Arrays,
    GivenArrays,
    check_cache,
    check_gradients,
    check_order,
    check_pair,
    check_probabilities,
    to_dict,
    to_parameters,
)


def layer_sizes(X: npt.ArrayLike, Y: npt.ArrayLike) -> tuple[int, int, int]:
    """Return (n_x, 4, n_y): the sizes of input and output layer, and four hidden units.

    Parameters
    ----------
    X, Y : array_like, shapes (n_x, m) and (n_y, m)

    Examples
    --------
    >>> layer_sizes(np.zeros((2, 400)), np.zeros((1, 400)))
    (2, 4, 1)
    """
    (n_x, _), (n_y, _) = check_pair(X, Y)
    return n_x, 4, n_y


def initialize_parameters(n_x: int, n_h: int, n_y: int, seed: int | None = None) -> Arrays:
    """Draw W1, then W2, as randn * 0.01, and set b1 and b2 to 0.

    Parameters
    ----------
    n_x, n_h, n_y : int, at least 1
    seed : int or None
        Seed of a RandomState of its own. None draws from NumPy's global one, so that a
        `np.random.seed(2)` before the call does what it says.

    Returns
    -------
    dict
        "W1" (n_h, n_x), "b1" (n_h, 1), "W2" (n_y, n_h), "b2" (n_y, 1), float64.

    Examples
    --------
    >>> initialize_parameters(2, 4, 1, seed=2)["W2"].round(8)
    array([[-0.01057952, -0.00909008,  0.00551454,  0.02292208]])
    """
    check_integer(n_h, "n_h", 1, MAX_UNITS)  # initialize takes 0, too
    if seed is None:
        stream = np.random.mtrand._rand
    else:
        stream = np.random.RandomState(check_integer(seed, "seed", 0, 2**32 - 1))
    return to_dict(initialize(n_x, n_h, n_y, "small_normal", stream))


def forward_propagation(X: npt.ArrayLike, parameters: GivenArrays) -> tuple[Floats, Arrays]:
    """Compute A2 from X, and keep Z1, A1, Z2, A2.

    Parameters
    ----------
    X : array_like, shape (n_x, m)
    parameters : dict, as of `initialize_parameters`

    Returns
    -------
    A2 : ndarray, shape (n_y, m)
    cache : dict
        "Z1" and "A1" (n_h, m), "Z2" and "A2" (n_y, m).

    Examples
    --------
    >>> A2, cache = forward_propagation(np.zeros((2, 3)), initialize_parameters(2, 4, 1))
    >>> A2
    array([[0.5, 0.5, 0.5]])
    """
    check_order(X, "forward_propagation(X, parameters)")
    cache = forward(to_parameters(parameters), X)._asdict()
    return cache["A2"], cache


def compute_cost(A2: npt.ArrayLike, Y: npt.ArrayLike, parameters: object = None) -> float:
    """Compute the cross-entropy of outputs and targets.

    Parameters
    ----------
    A2, Y : array_like, shape (n_y, m)
        Probabilities, and the targets 0 or 1.
    parameters : not used; older notebooks pass it

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
    a, y = check_probabilities(A2, Y)
    a = np.clip(a, np.finfo(a.dtype).tiny, 1 - np.finfo(a.dtype).epsneg)
    return float(-(y * np.log(a) + (1 - y) * np.log1p(-a)).sum() / a.shape[1])


def backward_propagation(
    parameters: GivenArrays, cache: GivenArrays, X: npt.ArrayLike, Y: npt.ArrayLike
) -> Arrays:
    """Compute the derivatives of the cost.

    Parameters
    ----------
    parameters : dict, as of `initialize_parameters`
    cache : dict, as of `forward_propagation(X, parameters)`
    X, Y : array_like, shapes (n_x, m) and (n_y, m)

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
    >>> backward_propagation(parameters, cache, X, Y)["db1"].shape
    (4, 1)
    """
    check_order(X, "backward_propagation(parameters, cache, X, Y)")
    network = to_parameters(parameters)
    check_cache(cache, forward(network, X))
    _, grads = gradients(network, X, Y)
    return {name: array for name, array in grads._asdict().items() if name != "dX"}


def update_parameters(
    parameters: GivenArrays, grads: GivenArrays, learning_rate: float = 1.2
) -> Arrays:
    """Go one step downhill: return new arrays P - learning_rate dP, all four from the old ones.

    Parameters
    ----------
    parameters, grads : dict, as of `initialize_parameters` and `backward_propagation`
    learning_rate : float, default 1.2

    Examples
    --------
    >>> parameters = {"W1": [[1.0]], "b1": [[0.0]], "W2": [[1.0]], "b2": [[0.0]]}
    >>> grads = {"dW1": [[0.5]], "db1": [[0.0]], "dW2": [[1.0]], "db2": [[0.0]]}
    >>> update_parameters(parameters, grads, learning_rate=0.5)["W1"]
    array([[0.75]])
    """
    rate = check_real(learning_rate, "learning_rate", "(0, inf)")
    network = to_parameters(parameters)
    steps = check_gradients(grads, network)
    return {name: array - rate * steps[f"d{name}"] for name, array in to_dict(network).items()}


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
    X, Y : array_like, shapes (n_x, m) and (n_y, m)
    n_h, num_iterations : int
        Number of hidden units, and of steps.
    print_cost : bool, default False
        Print the cost every 1000 iterations.
    learning_rate : float, default 1.2
    seed : int or None, default 3, as in `initialize_parameters`

    Returns
    -------
    dict
        The trained parameters.

    Raises
    ------
    TypeError, ValueError
        As the module says; otherwise as `train`.

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
        to_parameters(initialize_parameters(n_x, n_h, n_y, seed)),
        X,
        Y,
        learning_rate=learning_rate,
        n_iterations=num_iterations,
        cost_every=1000 if print_cost else 0,
        callback=_print_cost if print_cost else None,
    )
    return to_dict(result.parameters)


def predict(parameters: GivenArrays, X: npt.ArrayLike) -> npt.NDArray[np.bool_]:
    """Return which examples are predicted to be of class 1, A2 > 0.5: bool of shape (n_y, m).

    Parameters
    ----------
    parameters : dict
    X : array_like, shape (n_x, m)

    Examples
    --------
    >>> parameters = {"W1": [[1.0]], "b1": [[0.0]], "W2": [[1.0]], "b2": [[0.0]]}
    >>> predict(parameters, [[-1.0, 1.0]]).tolist()
    [[False, True]]
    """
    check_order(X, "predict(parameters, X)")
    return predict_labels(to_parameters(parameters), X)


def _print_cost(state: EpochState) -> None:
    if state.cost is not None:
        print(f"Cost after iteration {state.epoch}: {state.cost:f}")
