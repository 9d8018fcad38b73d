"""First derivatives of single examples: of their outputs or logits, and of their losses."""

from __future__ import annotations

import numpy.typing as npt

from ..._native.arrays import Floats, check_name
from ..._native.backend import core, resolve_threads
from ..examples import check_network, check_problem
from ..parameters import Parameters
from ..units import KnownUnits
from .memory import check_room

HINT = "take fewer examples at a time"


def jacobian(
    parameters: Parameters,
    X: npt.ArrayLike,
    hidden: str | None = None,
    output: str | None = None,
    *,
    wrt: str = "parameters",
    of: str = "outputs",
    negative_slope: float | None = None,
    n_threads: int | None = None,
) -> Floats:
    """Return the derivatives of each example's outputs by the parameters, or by its inputs.

    Parameters
    ----------
    parameters, X, hidden, output, negative_slope, n_threads
        As in `forward`.
    wrt : {"parameters", "inputs"}, default "parameters"
    of : {"outputs", "logits"}, default "outputs"
        A2 or Z2.

    Returns
    -------
    J : ndarray, shape (m, n_y, p) or (m, n_y, n_x)
        ``J[i, k]`` is the gradient of output k of example i, by parameters in the order of
        ``parameters.flat``.

    Raises
    ------
    TypeError, ValueError
        As in `forward`; ValueError also if J takes more than 4 GiB.

    Notes
    -----
    The gradient of one example with dZ2 = e_k for logit k, and for output k the k-th row of
    dA2/dZ2: a(1-a) e_k for "sigmoid", a_k (e_k - a) for "softmax", e_k for "identity" and
    "quantile", a e_k for "exp". By the inputs it is W1^T dZ1.

    Examples
    --------
    >>> logistic = Parameters(None, None, [[4.0]], [[0.0]])
    >>> jacobian(logistic, [[0.0]])  # 1/4 times (x, 1)
    array([[[0.  , 0.25]]])
    >>> jacobian(logistic, [[0.0]], wrt="inputs")  # 1/4 times the weight
    array([[[1.]]])
    """
    by_inputs = check_name(wrt, "wrt", ("parameters", "inputs")) == "inputs"
    of_logits = check_name(of, "of", ("outputs", "logits")) == "logits"
    given = KnownUnits(hidden, output, negative_slope)
    theta, shape, x, units = check_network(parameters, X, given)
    last = {"n_x": shape[0]} if by_inputs else {"p": theta.size}
    check_room("the Jacobian", {"m": len(x), "n_y": shape[2], **last}, theta.dtype, HINT)
    threads = resolve_threads(n_threads, shape, len(x))
    J: Floats = core.jacobian(theta, shape, x, *units.of_passes, threads, by_inputs, of_logits)
    return J


def example_gradients(
    parameters: Parameters,
    X: npt.ArrayLike,
    Y: npt.ArrayLike,
    hidden: str | None = None,
    output: str | None = None,
    *,
    negative_slope: float | None = None,
    quantile: float | None = None,
    n_threads: int | None = None,
) -> Floats:
    """Return the gradient of each example's own loss.

    Parameters
    ----------
    parameters, X, Y, hidden, output, negative_slope, quantile, n_threads
        As in `cost`.

    Returns
    -------
    G : ndarray, shape (m, p)
        Row i is the gradient of L_i, without weight and penalty, in the order of
        ``parameters.flat``. Their mean is the gradient of the cost.

    Raises
    ------
    TypeError, ValueError
        As in `cost`; ValueError also if G takes more than 4 GiB.

    Notes
    -----
    dZ2 = A2 - Y; dZ1 = (W2^T dZ2) * g1'(Z1); row i is dZ1 x^T, dZ1, dZ2 a1^T, dZ2 of example i.

    Examples
    --------
    >>> zeros = Parameters(None, None, [[0.0]], [[0.0]])
    >>> example_gradients(zeros, [[1.0, 3.0]], [[0, 1]])
    array([[ 0.5,  0.5],
           [-1.5, -0.5]])
    """
    given = KnownUnits(hidden, output, negative_slope, quantile)
    theta, shape, (x, y, _), units = check_problem(parameters, X, Y, given, None)
    sizes = {"m": len(x), "p": theta.size}
    check_room("the gradients of examples", sizes, theta.dtype, HINT)
    threads = resolve_threads(n_threads, shape, len(x))
    rows: Floats = core.example_gradients(
        theta, shape, x, y, *units.of_passes, threads, quantile=units.quantile
    )
    return rows
