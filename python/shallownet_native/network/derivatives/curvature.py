"""The largest eigenvalue of the Hessian, by Lanczos' method on products with vectors."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from ..._messages.caller import warn_caller
from ..._native.arrays import check_integer, check_real
from ..._native.backend import core
from ..examples import check_problem
from ..parameters import Parameters
from ..passes import with_penalty
from ..units import KnownUnits

# A share of the last component below the root of eps is lost beside the others, see below.
CLOSEST = 1e-7

Vector = npt.NDArray[np.float64]


def largest_curvature(
    parameters: Parameters,
    X: npt.ArrayLike,
    Y: npt.ArrayLike,
    hidden: str | None = None,
    output: str | None = None,
    *,
    negative_slope: float | None = None,
    l2: float = 0.0,
    example_weights: npt.ArrayLike | None = None,
    tol: float = 1e-6,
    max_iter: int = 1000,
    n_threads: int | None = None,
) -> float:
    """Return the largest eigenvalue of the Hessian: how sharply the cost bends where it bends most.

    Near a minimum, gradient descent with a learning rate above 2 / lambda runs away along that
    direction, and with one below goes down: lambda is the curvature returned.

    Parameters
    ----------
    parameters, X, Y, hidden, output, negative_slope, l2, example_weights, n_threads
        As in `cost`.
    tol : float, default 1e-6
        How far H v may be from lambda v, in units of lambda. Taken as 1e-7 at least, and in float32
        as 1e-5. The eigenvalue itself is much closer.
    max_iter : int, default 1000
        The most products of the Hessian and a vector.

    Returns
    -------
    float
        The same for any number of threads.

    Raises
    ------
    TypeError, ValueError
        As in `cost`.
    OverflowError
        If a product is not finite.

    Warns
    -----
    RuntimeWarning
        If `max_iter` products were not enough: the eigenvalue is then at least as large as the
        value returned.

    Notes
    -----
    Lanczos' method from a fixed random vector, without reorthogonalization, which leaves the
    outermost eigenvalues right; each step is one `hessian_vector_product`.

    Examples
    --------
    >>> line = Parameters(None, None, [[0.0]], [[0.0]])
    >>> curvature = largest_curvature(line, [[1.0, 3.0]], [[1.0, 3.0]], output="identity")
    >>> round(curvature, 6), round(2 / curvature, 6)  # 3 + sqrt(8), and the largest learning rate
    (5.828427, 0.343146)
    """
    given = KnownUnits(hidden, output, negative_slope)
    problem = check_problem(parameters, X, Y, given, example_weights)
    arguments = with_penalty(problem, l2, n_threads)
    dtype = problem.theta.dtype
    tolerance = max(check_real(tol, "tol", "(0, inf)"), CLOSEST, 80 * float(np.finfo(dtype).eps))
    most = check_integer(max_iter, "max_iter")

    def product(v: Vector) -> Vector:
        Hv: Vector = core.hessian_vector_product(*arguments, v.astype(dtype))
        return Hv.astype(np.float64)

    eigenvalue, is_close = largest_eigenvalue(product, problem.theta.size, tolerance, most)
    if not is_close:
        warn_caller(
            f"the largest curvature is not found to tol={tol:g} after max_iter={most} products: it "
            f"is at least {eigenvalue:g}; raise max_iter or tol",
            RuntimeWarning,
        )
    return eigenvalue


def largest_eigenvalue(
    product: Callable[[Vector], Vector], size: int, tol: float, max_iter: int
) -> tuple[float, bool]:
    """Return the largest eigenvalue of a symmetric matrix, and whether it is as close as wanted."""
    v = np.random.default_rng(0).standard_normal(size)
    v /= math.sqrt(dot(v, v))
    before, beta, largest = np.zeros_like(v), 0.0, 0.0
    diagonal: list[float] = []
    beside: list[float] = []
    for step in range(1, max_iter + 1):
        w = product(v)
        if not np.isfinite(w).all():
            raise OverflowError(
                "the Hessian times a vector is not finite: the outputs or their derivatives "
                "overflow; scale the inputs, or the parameters, down"
            )
        diagonal.append(dot(v, w))
        w -= diagonal[-1] * v + beta * before
        beta = math.sqrt(dot(w, w))
        if step % 5 == 0 or step in (1, size, max_iter) or beta == 0:
            largest, share = tridiagonal_eigenvalue(diagonal, beside)
            if beta * share <= tol * abs(largest):
                return largest, True
        beside.append(beta)
        before, v = v, w / beta
    return largest, False


def tridiagonal_eigenvalue(diagonal: list[float], beside: list[float]) -> tuple[float, float]:
    """Return a symmetric tridiagonal matrix's largest eigenvalue, its vector's last component.

    Above that eigenvalue, and only there, all pivots of T - x are negative. At it the last pivot is
    0, with the slope -1 / (last component)^2.
    """
    around = [0.0, *(abs(b) for b in beside), 0.0]
    high = max(a + around[i] + around[i + 1] for i, a in enumerate(diagonal))
    low = max(diagonal)
    high += 1e-15 * (abs(high) + abs(low)) + 1e-300
    for _ in range(100):
        middle = (low + high) / 2
        if not low < middle < high:
            break
        if last_pivot(diagonal, beside, middle) is None:
            low = middle
        else:
            high = middle
    slope = last_pivot(diagonal, beside, high)
    assert slope is not None, "high stays above every eigenvalue"
    return high, 1 / math.sqrt(slope)


def last_pivot(diagonal: list[float], beside: list[float], x: float) -> float | None:
    """Return minus the slope by x of the last pivot of T - x; None if a pivot is not negative."""
    pivot, slope = diagonal[0] - x, 1.0
    for a, b in zip(diagonal[1:], beside, strict=True):
        if pivot >= 0:
            return None
        ratio = b / pivot
        pivot, slope = a - x - b * ratio, 1 + ratio * ratio * slope
    return slope if pivot < 0 else None


def dot(v: Vector, w: Vector) -> float:
    """Return their product by NumPy's own sum, whose bits no BLAS moves."""
    return float((v * w).sum())
