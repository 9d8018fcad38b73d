"""The functions of the well-known assignment on planar data, under their own names.

Same signatures, dictionaries and printed lines; what is ours is given by name. Columns are
examples: X (n_x, m), Y (n_y, m). The hidden activation is tanh unless `hidden` names another or the
parameters know theirs, and the output a sigmoid. What is missing, of a wrong shape or out of range
is a TypeError or ValueError that says how to mend it.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from .._native.arrays import (
    MAX_UNITS,
    Floats,
    check_finite,
    check_floats,
    check_integer,
)
from ..network import Parameters, forward, initialize
from ..network import predict as predict_labels
from .activated import (
    GivenCache,
    GivenGradients,
    GivenParameters,
    as_wide_as,
    to_dict,
    to_parameters,
)
from .checks import Arrays, check_array, check_entries, check_gradients, check_rate, check_shape
from .examples import check_examples, check_inputs, check_probabilities, check_sets
from .formulas import SLOPES_OF_INPUT, cross_entropy, derivatives

MOST_UNITS = 10**6  # so many may fit into memory


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
    (n_x, _), (n_y, _) = check_sets(X, Y, "layer_sizes(X, Y)")
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
    sizes = check_count(n_x, "n_x"), check_count(n_h, "n_h"), check_count(n_y, "n_y")
    if seed is None:
        stream = np.random.mtrand._rand
    else:
        stream = np.random.RandomState(check_count(seed, "seed", 0, 2**32 - 1))
    return to_dict(initialize(*sizes, "small_normal", stream))


def forward_propagation(
    X: npt.ArrayLike, parameters: GivenParameters, *, hidden: str | None = None
) -> tuple[Floats, Arrays]:
    """Compute A2 from X, and keep Z1, A1, Z2, A2.

    Parameters
    ----------
    X : array_like, shape (n_x, m)
    parameters : dict, as of `initialize_parameters`; or Parameters, or TrainingResult
    hidden : str, optional
        The hidden activation: a name that `activate` knows. None: the one that the parameters know,
        else "tanh".

    Returns
    -------
    A2 : ndarray, shape (n_y, m)
    cache : dict
        "Z1" and "A1" (n_h, m), "Z2" and "A2" (n_y, m). `backward_propagation` knows by it which
        hidden activation it was.

    Examples
    --------
    >>> A2, cache = forward_propagation(np.zeros((2, 3)), initialize_parameters(2, 4, 1))
    >>> A2
    array([[0.5, 0.5, 0.5]])
    """
    signature = "forward_propagation(X, parameters)"
    network = _network_for(X, parameters, signature, hidden)
    cache = forward(network, X)._asdict()
    return cache["A2"], to_dict(network, cache)


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
        If the shapes differ, A2 is no probability, or Y holds -1 and 1.

    Warns
    -----
    UserWarning
        If Y leaves [0, 1], or A2 is 0 or 1 throughout, as labels are.

    Examples
    --------
    >>> round(compute_cost([[0.5, 0.5]], [[0, 1]]), 6)
    0.693147
    """
    return cross_entropy(*check_probabilities(A2, Y, "compute_cost(A2, Y)"))


def backward_propagation(
    parameters: GivenParameters,
    cache: GivenCache,
    X: npt.ArrayLike,
    Y: npt.ArrayLike,
    *,
    hidden: str | None = None,
) -> Arrays:
    """Compute the derivatives of the cost from A1 and A2 of the cache, whatever these are.

    Parameters
    ----------
    parameters : dict, as of `initialize_parameters`; or Parameters, or TrainingResult
    cache : dict, as of `forward_propagation(X, parameters)`; or Forward
        Where it is of other parameters or inputs, so are the derivatives: nobody looks.
    X, Y : array_like, shapes (n_x, m) and (n_y, m)
    hidden : str, optional
        As in `forward_propagation`; None is also the one that the cache was computed with.

    Returns
    -------
    dict
        "dW1" (n_h, n_x), "db1" (n_h, 1), "dW2" (n_y, n_h), "db2" (n_y, 1). `update_parameters`
        knows by it which hidden activation it was.

    Raises
    ------
    TypeError, ValueError
        If a shape does not fit, an array is missing, or Y holds -1 and 1.

    Warns
    -----
    UserWarning
        If Y leaves [0, 1].

    Notes
    -----
    dZ2 = A2 - Y; dW2 = dZ2 A1^T / m; db2 = rowsum(dZ2) / m; dZ1 = (W2^T dZ2) * g1'(Z1), which for
    tanh is 1 - A1^2; dW1 = dZ1 X^T / m; db1 = rowsum(dZ1) / m. Z1 is needed for mish and silu only.

    Examples
    --------
    >>> parameters = initialize_parameters(2, 4, 1, seed=2)
    >>> X, Y = np.ones((2, 3)), np.array([[0, 1, 1]])
    >>> A2, cache = forward_propagation(X, parameters)
    >>> backward_propagation(parameters, cache, X, Y)["db1"].shape
    (4, 1)
    """
    signature = "backward_propagation(parameters, cache, X, Y)"
    network = as_wide_as(to_parameters(parameters, signature, hidden, cache), X)
    given = check_entries(cache, "cache", signature)
    inputs, targets = check_examples(network, X, Y, signature)
    n_y, m = targets.shape
    shapes = {"A1": (network.n_h, m), "A2": (n_y, m)}
    if network.hidden in SLOPES_OF_INPUT:
        shapes["Z1"] = shapes["A1"]
        if given.get("Z1") is None:
            raise ValueError(f"cache must hold Z1, too, for the slope of {network.hidden}")
    arrays = {}
    for name, shape in shapes.items():
        argument = f'cache["{name}"]'
        arrays[name] = check_floats(given[name], argument, network.dtype, round_to_dtype=True)
        check_shape(argument, arrays[name], shape)
        check_finite(arrays[name], argument)
    return to_dict(network, derivatives(network, arrays, inputs, targets))


def update_parameters(
    parameters: GivenParameters, grads: GivenGradients, learning_rate: float = 1.2
) -> Arrays:
    """Go one step downhill: return new arrays P - learning_rate dP, all four from the old ones.

    Parameters
    ----------
    parameters, grads : dict, as of `initialize_parameters` and `backward_propagation`
        Or Parameters, TrainingResult; or Gradients.
    learning_rate : float, default 1.2

    Returns
    -------
    dict
        Which knows the hidden activation, if the old ones or the derivatives did.

    Examples
    --------
    >>> parameters = {"W1": [[1.0]], "b1": [[0.0]], "W2": [[1.0]], "b2": [[0.0]]}
    >>> grads = {"dW1": [[0.5]], "db1": [[0.0]], "dW2": [[1.0]], "db2": [[0.0]]}
    >>> update_parameters(parameters, grads, learning_rate=0.5)["W1"]
    array([[0.75]])
    """
    signature = "update_parameters(parameters, grads)"
    network = to_parameters(parameters, signature, made=grads, role="grads")
    steps = check_gradients(grads, network, signature)
    rate = check_rate(learning_rate, f"{signature[:-1]}, learning_rate)")
    moved = {name: array - rate * steps[f"d{name}"] for name, array in to_dict(network).items()}
    return to_dict(network, moved)


def predict(
    parameters: GivenParameters, X: npt.ArrayLike, *, hidden: str | None = None
) -> npt.NDArray[np.bool_]:
    """Return which examples are predicted to be of class 1, A2 > 0.5: bool of shape (n_y, m).

    Parameters
    ----------
    parameters : dict; or Parameters, or TrainingResult
    X : array_like, shape (n_x, m)
    hidden : str, optional
        As in `forward_propagation`.

    Examples
    --------
    >>> parameters = {"W1": [[1.0]], "b1": [[0.0]], "W2": [[1.0]], "b2": [[0.0]]}
    >>> predict(parameters, [[-1.0, 1.0]]).tolist()
    [[False, True]]
    """
    signature = "predict(parameters, X)"
    return predict_labels(_network_for(X, parameters, signature, hidden), X)


def _network_for(X: Any, parameters: Any, signature: str, hidden: str | None) -> Parameters:
    """Return the network that these inputs are for, in float64 if they are."""
    check_array(X, "X", signature)
    network = as_wide_as(to_parameters(parameters, signature, hidden), X)
    check_inputs(network, X, signature)
    return network


def check_count(value: Any, argument: str, minimum: int = 1, maximum: int = MAX_UNITS) -> int:
    """Return an integer of the caller's, by the name that he knows; 1e4 is told how it is one."""
    if isinstance(value, (float, np.floating)) and float(value).is_integer():
        number = check_integer(int(value), argument, minimum, maximum)
        if maximum == MAX_UNITS and number > MOST_UNITS:
            raise ValueError(f"{argument} must be a number of units that fit into memory: {value}")
        raise TypeError(f"{argument} must be an integer, got {value}: write {number}")
    return check_integer(value, argument, minimum, maximum)
