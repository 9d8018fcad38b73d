"""Laplace's approximation: parameters as normally distributed around a minimum of the cost.

Their precision is ``n (G + decays)``: the Gauss-Newton matrix, and n, how often the mean loss
counts. No sum here goes through BLAS, so that bits do not depend on it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from ..._native.arrays import Doubles, Floats
from ..._native.backend import core
from ..examples import Examples
from ..units import Units

BLOCK = 2**20  # numbers of a Jacobian at a time: 8 MiB
ROUNDING = 1e-12  # of pivots of a matrix whose diagonal is 1


def parameter_counts(shape: tuple[int, int, int]) -> tuple[int, int, int, int]:
    """Return how many parameters W1, b1, W2 and b2 have."""
    n_x, n_h, n_y = shape
    return n_h * n_x, n_h, n_y * (n_h or n_x), n_y


def laplace_covariance(
    theta: Floats,
    shape: tuple[int, int, int],
    examples: Examples,
    units: Units,
    decays: Sequence[float],
    n: float,
    n_threads: int,
) -> tuple[Doubles, float]:
    """Return the parameters' covariance (p, p), and the logarithm of its inverse's determinant.

    Parameters
    ----------
    theta : ndarray of float64, shape (p,)
    decays : sequence of float
        Of W1, b1, W2 and b2, each positive.
    n : float
        What the mean loss, and the decays, are multiplied by.
    """
    G: Doubles = core.hessian(theta, shape, *examples, *units.of_passes, 0.0, n_threads, False)
    prior = n * np.repeat(decays, parameter_counts(shape))
    with np.errstate(all="ignore"):  # what overflows is seen by its determinant
        G *= n
        G.flat[:: len(G) + 1] += prior
        return inverse(G, prior)


def inverse(matrix: Doubles, least: Doubles) -> tuple[Doubles, float]:
    """Return the inverse of a positive definite matrix, and the logarithm of its determinant.

    The matrix less a diagonal of `least` has no negative eigenvalue, so that no number on the
    diagonal of the inverse is above 1 / least. Where columns are alike but for rounding, that much
    is added to the diagonal, scaled to 1: what stays open along them is then understated.
    """
    scale = 1 / np.sqrt(matrix.diagonal())
    A = matrix * scale
    A *= scale[:, None]
    log_det = eliminate(A)
    if log_det is None:
        A = matrix * scale
        A *= scale[:, None]
        A.flat[:: len(A) + 1] += 2 * ROUNDING
        log_det = eliminate(A, -math.inf)
        assert log_det is not None
    A *= scale
    A *= scale[:, None]
    A = (A + A.T) / 2
    np.fill_diagonal(A, np.clip(A.diagonal(), 0, 1 / least))
    return A, log_det - 2 * math.fsum(np.log(scale))


def eliminate(A: Doubles, lowest: float = ROUNDING) -> float | None:
    """Put the inverse in the place of a matrix whose diagonal, and so all pivots, are at most 1.

    Gauss and Jordan's elimination. Returns the logarithm of its determinant, or None where a pivot
    is below `lowest`; the matrix is of no use then.
    """
    log_det = 0.0
    for k in range(len(A)):
        pivot = float(A[k, k])
        if pivot < lowest:
            return None
        pivot = max(pivot, ROUNDING)
        log_det += math.log(pivot)
        column = A[:, k].copy()
        row = A[k] / pivot
        A -= column[:, None] * row
        A[k] = row
        A[:, k] = -column / pivot
        A[k, k] = 1 / pivot
    return log_det


def logit_covariance(
    theta: Floats,
    shape: tuple[int, int, int],
    x: Floats,
    units: Units,
    of_parameters: Doubles,
    n_threads: int,
) -> Doubles:
    """Return the covariance (m, n_y, n_y) of each example's logits, for rows x (m, n_x)."""
    p, n_y = len(of_parameters), shape[2]
    found = np.empty((len(x), n_y, n_y))
    rows = max(1, BLOCK // (p * n_y))
    for begin in range(0, len(x), rows):
        some = x[begin : begin + rows]
        J: Doubles = core.jacobian(theta, shape, some, *units.of_passes, n_threads, False, True)
        spread = np.einsum("iap,pq->iaq", J, of_parameters)
        found[begin : begin + rows] = np.einsum("iaq,ibq->iab", spread, J)
    own = np.arange(n_y)
    found[:, own, own] = np.maximum(found[:, own, own], 0)  # which rounding may pass
    return found
