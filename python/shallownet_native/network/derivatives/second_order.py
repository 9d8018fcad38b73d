"""Second derivatives of the cost: as a matrix, exact or Gauss-Newton, and times a vector."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ..._native.arrays import Floats, check_finite, check_floats
from ..._native.backend import core
from ..examples import CheckedProblem, check_smooth_problem
from ..parameters import Parameters
from ..passes import with_penalty
from ..units import KnownUnits
from .memory import check_room


def hessian(
    parameters: Parameters,
    X: npt.ArrayLike,
    Y: npt.ArrayLike,
    hidden: str | None = None,
    output: str | None = None,
    *,
    negative_slope: float | None = None,
    l2: float = 0.0,
    example_weights: npt.ArrayLike | None = None,
    n_threads: int | None = None,
) -> Floats:
    """Return the second derivatives of the cost by the parameters.

    Parameters
    ----------
    parameters, X, Y, hidden, output, negative_slope, l2, example_weights, n_threads
        As in `cost`.

    Returns
    -------
    H : ndarray, shape (p, p)
        Symmetric to the last bit, in the dtype and the order of ``parameters.flat``: W1, b1, W2,
        b2, each in C order. Its bits do not depend on `n_threads`.

    Raises
    ------
    TypeError, ValueError
        As in `cost`; ValueError also if H takes more than 4 GiB (23,170 parameters of float64).

    Notes
    -----
    With x~ = (x, 1), h~ = (a1, 1), weights s that sum to 1, and the loss's second derivatives by
    the logits H_i (sigmoid: diag a(1-a); softmax: diag a - a a^T; identity: 1; exp: diag a), an
    example adds s g'_j g'_k (W2^T H_i W2)_jk x~ x~^T for a pair of hidden units,
    s g'_j (H_i W2)_lj x~ h~^T for a unit and an output, s (H_i)_lm h~ h~^T for a pair of outputs:
    that is `gauss_newton`. The Hessian has (W2^T dZ2)_j g''_j x~ x~^T more for each unit, and
    dZ2_l g'_j x~ at the weight W2_lj. l2 stands on the diagonal at the weights. At the kink of
    relu and leaky_relu g'' is taken as 0.

    Examples
    --------
    >>> line = Parameters(None, None, [[0.0]], [[0.0]])
    >>> hessian(line, [[1.0, 3.0]], [[1.0, 3.0]], output="identity")
    array([[5., 2.],
           [2., 1.]])
    """
    given = KnownUnits(hidden, output, negative_slope)
    problem = check_smooth_problem(parameters, X, Y, given, example_weights)
    return _matrix("the Hessian", problem, l2, n_threads, is_exact=True)


def gauss_newton(
    parameters: Parameters,
    X: npt.ArrayLike,
    Y: npt.ArrayLike,
    hidden: str | None = None,
    output: str | None = None,
    *,
    negative_slope: float | None = None,
    l2: float = 0.0,
    example_weights: npt.ArrayLike | None = None,
    n_threads: int | None = None,
) -> Floats:
    """Return the generalised Gauss-Newton matrix: the Hessian if the logits were linear.

    Parameters
    ----------
    parameters, X, Y, hidden, output, negative_slope, l2, example_weights, n_threads
        As in `cost`. Of Y only the range is looked at: the matrix does not depend on it.

    Returns
    -------
    G : ndarray, shape (p, p)
        As `hessian` returns it. It has no negative eigenvalue, but for rounding.

    Raises
    ------
    TypeError, ValueError
        As in `hessian`.

    Notes
    -----
    sum(s_i J_i^T H_i J_i) / sum(s) + l2 on the weights, where J_i is the Jacobian of the logits and
    H_i the loss's second derivatives by them. Source: Schraudolph 2002.

    Examples
    --------
    >>> line = Parameters(None, None, [[0.0]], [[0.0]])
    >>> gauss_newton(line, [[2.0]], [[1]], l2=0.5)  # a (1 - a) = 1/4 times (2, 1) (2, 1)^T
    array([[1.5 , 0.5 ],
           [0.5 , 0.25]])
    """
    given = KnownUnits(hidden, output, negative_slope)
    problem = check_smooth_problem(parameters, X, Y, given, example_weights)
    return _matrix("the Gauss-Newton matrix", problem, l2, n_threads, is_exact=False)


def _matrix(
    what: str, problem: CheckedProblem, l2: float, n_threads: int | None, *, is_exact: bool
) -> Floats:
    p, dtype = problem.theta.size, problem.theta.dtype
    hint = "use hessian_vector_product or largest_curvature, which need no matrix"
    check_room(f"{what} of p = {p} parameters", {"p": p, "p'": p}, dtype, hint)
    H: Floats = core.hessian(*with_penalty(problem, l2, n_threads), is_exact)
    return H


def hessian_vector_product(
    parameters: Parameters,
    X: npt.ArrayLike,
    Y: npt.ArrayLike,
    vector: npt.ArrayLike,
    hidden: str | None = None,
    output: str | None = None,
    *,
    negative_slope: float | None = None,
    l2: float = 0.0,
    example_weights: npt.ArrayLike | None = None,
    n_threads: int | None = None,
) -> Floats:
    """Return the Hessian times a vector, without forming the Hessian.

    Parameters
    ----------
    parameters, X, Y, hidden, output, negative_slope, l2, example_weights, n_threads
        As in `cost`.
    vector : array_like, shape (p,)
        In the order of ``parameters.flat``.

    Returns
    -------
    Hv : ndarray, shape (p,)
        How the gradient changes along `vector`. Its bits do not depend on `n_threads`.

    Raises
    ------
    TypeError, ValueError
        As in `cost`; also for a `vector` of another length, or one that is not finite.

    Notes
    -----
    With vector = V1, c1, V2, c2: RZ1 = V1 X + c1; RA1 = g' RZ1; RZ2 = W2 RA1 + V2 A1 + c2;
    RdZ2 = s H RZ2; RdZ1 = g' (W2^T RdZ2 + V2^T dZ2) + g'' (W2^T dZ2) RZ1; and the product is
    RdZ1 X^T + l2 V1, rowsum(RdZ1), RdZ2 A1^T + dZ2 RA1^T + l2 V2, rowsum(RdZ2). Source: Pearlmutter
    1994.

    Examples
    --------
    >>> line = Parameters(None, None, [[0.0]], [[0.0]])
    >>> hessian_vector_product(line, [[1.0, 3.0]], [[1.0, 3.0]], [1.0, 0.0], output="identity")
    array([5., 2.])
    """
    given = KnownUnits(hidden, output, negative_slope)
    problem = check_smooth_problem(parameters, X, Y, given, example_weights)
    if isinstance(vector, Parameters):
        raise TypeError("vector must be an array (p,), got Parameters: use their .flat")
    v = check_floats(vector, "vector", problem.theta.dtype)
    if v.shape != problem.theta.shape:
        hint = ": use .ravel()" if v.size == problem.theta.size else ""
        raise ValueError(
            f"vector must have shape ({problem.theta.size},), one number per parameter, got "
            f"{v.shape}{hint}"
        )
    check_finite(v, "vector")
    arguments = with_penalty(problem, l2, n_threads)
    product: Floats = core.hessian_vector_product(*arguments, np.ascontiguousarray(v))
    return product
