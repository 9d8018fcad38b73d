"""`importance`: how much each input of a network matters, read off its weights or its slopes."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from .._native.arrays import check_finite, check_name
from ..models import View, view_of
from ..network import Parameters, jacobian

METHODS = ("olden", "garson", "gradient")
BLOCK = 2**20  # numbers of a Jacobian at a time: 8 MiB

Scores = npt.NDArray[np.float64]  # (n_y, n_x)


def importance(parameters: Any, method: str = "olden", X: Any = None) -> Scores:
    """Return how much each input matters to each output of a network.

    Weights tell inputs apart only where these are on one scale: standardise them before the
    training, or see Notes.

    Parameters
    ----------
    parameters : Parameters, TrainingResult, or fitted estimator or Pipeline
        Of a Pipeline the network at its end; its inputs are what the steps before it hand over.
    method : {"olden", "garson", "gradient"}, default "olden"
        The products of weights along all ways from the input to the output, with their sign; each
        input's share of the units' weights; the mean size of the output's slope by the input.
    X : array_like, optional
        Examples in the model's own orientation: (n_x, m) for Parameters and results, rows or a
        frame for estimators. "gradient" is taken at them, the other methods do not look at them.

    Returns
    -------
    scores : ndarray of float64, shape (n_y, n_x)
        A row for each output. "garson" and "gradient" are not negative.

    Raises
    ------
    TypeError
        If `parameters` is something else, or `method` no string.
    ValueError
        If `method` is unknown, "gradient" has no X, the shape of X is another, or the model is not
        fitted, not finite, or no network with one hidden layer or none.

    Notes
    -----
    "olden" (Olden and Jackson 2002) is W2 W1, without a hidden layer W2.

    "garson" (Garson 1991) is the mean over hidden units j of ``|W1_ji| / sum_i |W1_ji|``. Garson
    multiplies above and below by ``|W2_kj|``, which cancels out, as in R's
    ``NeuralNetTools::garson``: all outputs have one row, unless W2 has zeros. Units that
    nothing goes into or that do not reach the output are left out. A row's sum is 1, or 0 if no
    unit is left. Without a hidden layer it is each row of ``|W2|``, divided by its sum.

    "gradient" is the mean over examples of ``|dA2_k/dx_i|``, from `jacobian`. Activations are
    those that the parameters know, else "tanh" and "sigmoid". Times the standard deviations of the
    inputs, it compares inputs of any scales; so does "olden" (also after an estimator's
    ``standardize=True``, which ends up inside W1).

    Examples
    --------
    >>> from shallownet_native import Parameters
    >>> P = Parameters([[1.0, -2.0], [3.0, 1.0]], [[0.0], [0.0]], [[2.0, -1.0]], [[0.0]])
    >>> importance(P)  # 2 * 1 - 1 * 3, and 2 * -2 - 1 * 1
    array([[-1., -5.]])
    >>> importance(P, "garson").round(3)  # 1/3 and 3/4, 2/3 and 1/4
    array([[0.542, 0.458]])
    >>> importance(P, "gradient", [[0.0], [0.0]])  # tanh' is 1 there, and sigmoid' 1/4
    array([[0.25, 1.25]])
    """
    check_name(method, "method", METHODS)
    if method == "gradient" and X is None:
        raise ValueError(
            'method="gradient" needs examples at which to take slopes: pass X, such as the inputs '
            "of the training"
        )
    view = view_of(parameters, X)
    network = view.network.astype(np.float64)
    check_finite(network.flat, "the parameters")
    if method == "gradient":
        return _mean_slopes(network, view, X)
    return _connections(network) if method == "olden" else _shares(network)


def _connections(network: Parameters) -> Scores:
    if network.W1 is None:
        return network.W2.astype(np.float64)
    with np.errstate(over="ignore", invalid="ignore"):  # found to be, just below
        products: Scores = network.W2 @ network.W1
    check_finite(products, "W2 @ W1")
    return products


def _shares(network: Parameters) -> Scores:
    if network.W1 is None:
        return _parts(network.W2)
    within = _parts(network.W1)  # (n_h, n_x)
    counted = (network.W2 != 0) & within.any(axis=1)  # (n_y, n_h)
    n_counted = np.maximum(counted.sum(axis=1, keepdims=True), 1)
    shares: Scores = counted.astype(np.float64) @ within / n_counted
    return shares


def _parts(W: npt.NDArray[Any]) -> Scores:
    """Return sizes as parts of their row's sum; 0 in rows of zeros."""
    sizes = np.abs(W)
    most = sizes.max(axis=1, keepdims=True)
    scaled = np.divide(sizes, most, out=np.zeros_like(sizes), where=most > 0)  # sums stay finite
    parts: Scores = scaled / np.maximum(scaled.sum(axis=1, keepdims=True), 1.0)
    return parts


def _mean_slopes(network: Parameters, view: View, X: Any) -> Scores:
    columns = view.columns(X).astype(np.float64, copy=False)
    m = columns.shape[1]
    total = np.zeros((network.n_y, network.n_x))
    step = max(1, BLOCK // total.size)
    for first in range(0, m, step):
        block = columns[:, first : first + step]
        total += np.abs(jacobian(network, block, wrt="inputs")).sum(axis=0)
    means: Scores = total / m
    return means
