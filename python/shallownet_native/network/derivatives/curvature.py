"""The largest eigenvalue of the Hessian, by Lanczos' method on products with vectors."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from ..._messages.caller import warn_caller
from ..._native.arrays import Doubles, Floats, check_integer, check_real
from ..._native.backend import core
from ..examples import check_smooth_problem
from ..parameters import Parameters
from ..passes import with_penalty
from ..units import KnownUnits

# A share of the last component below the root of eps is lost beside the others, see below.
CLOSEST = 1e-7
KEPT = 2**28  # bytes of what the products have in common


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
    outermost eigenvalues right; each step is one `hessian_vector_product`, for which the values of
    the examples are kept from the first one on, up to 256 MiB of them.

    Examples
    --------
    >>> line = Parameters(None, None, [[0.0]], [[0.0]])
    >>> curvature = largest_curvature(line, [[1.0, 3.0]], [[1.0, 3.0]], output="identity")
    >>> round(curvature, 6), round(2 / curvature, 6)  # 3 + sqrt(8), and the largest learning rate
    (5.828427, 0.343146)
    """
    given = KnownUnits(hidden, output, negative_slope)
    problem = check_smooth_problem(parameters, X, Y, given, example_weights)
    arguments = with_penalty(problem, l2, n_threads)
    dtype = problem.theta.dtype
    tolerance = max(check_real(tol, "tol", "(0, inf)"), CLOSEST, 80 * float(np.finfo(dtype).eps))
    most = check_integer(max_iter, "max_iter")

    lanczos = Lanczos(problem.theta.size, tolerance, most)

    def follower(product: Floats) -> Floats | None:
        v = lanczos.follower(product.astype(np.float64))
        return None if v is None else v.astype(dtype)

    core.hessian_products(*arguments, KEPT, lanczos.v.astype(dtype), follower)
    if not lanczos.is_close:
        warn_caller(
            f"the largest curvature is not found to tol={tol:g} after max_iter={most} products: it "
            f"is at least {lanczos.largest:g}; raise max_iter or tol",
            RuntimeWarning,
        )
    return lanczos.largest


class Lanczos:
    """Lanczos' method for the largest eigenvalue of a symmetric matrix, vector by vector.

    Attributes
    ----------
    v : ndarray, shape (size,)
        The vector to multiply by the matrix next; its length is 1.
    largest : float
        The eigenvalue, as far as it is known.
    is_close : bool
        Whether it is as close as wanted.
    """

    def __init__(self, size: int, tol: float, max_iter: int) -> None:
        self.tol, self.max_iter = tol, max_iter
        v = np.random.default_rng(0).standard_normal(size)
        self.v: Doubles = v / math.sqrt(dot(v, v))
        self.before = np.zeros_like(v)
        self.diagonal: list[float] = []
        self.beside: list[float] = []
        self.largest, self.is_close = 0.0, False

    def follower(self, product: Doubles) -> Doubles | None:
        """Take the matrix times `v`; return the vector to follow, None at the end."""
        if not np.isfinite(product).all():
            raise OverflowError(
                "the Hessian times a vector is not finite: the outputs or their derivatives "
                "overflow; scale the inputs, or the parameters, down"
            )
        self.diagonal.append(dot(self.v, product))
        beta = self.beside[-1] if self.beside else 0.0
        w = product - (self.diagonal[-1] * self.v + beta * self.before)
        beta, step = math.sqrt(dot(w, w)), len(self.diagonal)
        if step % 5 == 0 or step in (1, w.size, self.max_iter) or beta == 0:
            self.largest, share = tridiagonal_eigenvalue(self.diagonal, self.beside)
            self.is_close = beta * share <= self.tol * abs(self.largest)
        if self.is_close or step == self.max_iter:
            return None
        self.beside.append(beta)
        self.before, self.v = self.v, w / beta
        return self.v


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


def dot(v: Doubles, w: Doubles) -> float:
    """Return their product by NumPy's own sum, whose bits no BLAS moves."""
    return float((v * w).sum())
