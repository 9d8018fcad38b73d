"""Inputs and targets scaled to mean 0 and variance 1 for the training, and folded into a network.

(x - centre) / scale before the first layer is the same as other weights and biases in it, and
centre + scale * A2 behind an output unit that is the identity as others in the last one.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from ..._extras.scikit_learn import mean_variance_axis
from ..._native.arrays import Doubles, Floats
from ..._native.sparse import is_sparse
from ..._native.spread import deviations, is_constant
from ...network import Parameters

BLOCK = 2**18  # numbers that are scaled at a time, in float64: 2 MiB
LOOKED_AT = 2**20  # numbers that tell whether scales differ: some milliseconds
FEW_ROWS = 100  # and at least so many rows
# what folding may cost, as a part of a deviation: of a mean that is larger, rounding takes more
TOLERANCE = 2.0**-7


class Standardization(NamedTuple):
    """What is subtracted from each column, and what it is then divided by: two arrays (n,)."""

    centre: Doubles
    scale: Doubles

    def apply(self, X: Any, dtype: Any) -> Any:
        """Return the scaled rows (m, n), rounded as X is, in `dtype`: in C order, CSR as CSR.

        Whole numbers are not: scaled ones lie between them.
        """
        if is_sparse(X):
            scaled = X.copy()
            scaled.data /= self.scale.take(X.indices).astype(X.dtype, copy=False)
            return scaled.astype(dtype, copy=False)
        scaled = np.empty(X.shape, dtype)
        own = X.dtype if X.dtype.kind == "f" else scaled.dtype
        for rows in blocks(X):
            block = X[rows] - self.centre
            block /= self.scale
            scaled[rows] = block.astype(own, copy=False)
        return scaled


def fold(
    parameters: Parameters, inputs: Standardization | None, targets: Standardization | None
) -> Parameters:
    """Return the network that does with data as they are what the given one does with scaled."""
    if inputs is None and targets is None:
        return parameters
    folded = parameters.astype(np.float64)
    if inputs is not None:
        W, b = _first_layer(folded)
        W /= inputs.scale
        b -= at_centre(W, inputs)
    if targets is not None:
        W, b = folded.W2, folded.b2
        W *= targets.scale[:, None]
        b *= targets.scale[:, None]
        b += targets.centre[:, None]
    return folded.astype(parameters.dtype)


def at_centre(W: Floats, inputs: Standardization) -> Floats:
    """Return W times the centre of the inputs (n_units, 1): without BLAS, whose bits differ."""
    product: Floats = (W * inputs.centre).sum(axis=1, keepdims=True)
    return product


def unfold(
    parameters: Parameters, inputs: Standardization | None, targets: Standardization | None
) -> Parameters:
    """Return the network that `fold` makes the given one of."""
    if inputs is None and targets is None:
        return parameters
    unfolded = parameters.astype(np.float64)
    if targets is not None:
        W, b = unfolded.W2, unfolded.b2
        b -= targets.centre[:, None]
        b /= targets.scale[:, None]
        W /= targets.scale[:, None]
    if inputs is not None:
        W, b = _first_layer(unfolded)
        b += at_centre(W, inputs)
        W *= inputs.scale
    return unfolded.astype(parameters.dtype)


def learn_standardization(X: Any, weights: Floats | None, names: Any = None) -> Standardization:
    """Return the scaling by the (weighted) mean and deviation of rows X (m, n_x), CSR or dense.

    Sparse rows keep their zeros: they are divided, but nothing is subtracted. The scale of a column
    that is constant up to rounding is 1; where its value is so large that folding would cost
    digits, that value.

    Raises
    ------
    ValueError
        If a column's values are so large that they have no variance in float64; if a mean is so
        many deviations that weights in X's dtype cannot hold both. It calls columns by `names`.
    """
    labels = range(X.shape[1]) if names is None else list(names)
    centre, scale, is_far = _learn(X, weights, X.dtype, labels, ("standardize", "X"))
    return Standardization(centre, np.where(is_far, np.abs(centre), scale))


def learn_target_standardization(y: Any, weights: Floats | None, dtype: Any) -> Standardization:
    """Return the scaling by the (weighted) mean and deviation of targets y (m, n_y); constant: 1.

    Raises
    ------
    ValueError
        As `learn_standardization`, for weights of `dtype`.
    """
    called = ("standardize_target", "y")
    centre, scale, _ = _learn(y, weights, dtype, range(y.shape[1]), called)
    return Standardization(centre, scale)


def ratio_of_scales(X: Any, weights: Floats | None) -> float:
    """Return the largest deviation of a column of X, CSR or dense, over the smallest.

    Constant columns do not count; where no others are left, or one has no deviation in float64, it
    is 1. Of a large X some rows stand for all, drawn: every k-th could be all of one kind.
    """
    m = X.shape[0]
    n_rows = max(FEW_ROWS, int(LOOKED_AT * m / max(1, X.nnz if is_sparse(X) else X.size)))
    if n_rows < m:
        rows = np.sort(np.random.default_rng(0).integers(m, size=n_rows))
        X, weights = X[rows], None if weights is None else weights[rows]
    mean, variance = _moments(X, weights)
    if not np.isfinite(variance).all():
        return 1.0
    varies = ~is_constant(mean, variance, X.shape[0]) & (variance > 0)
    if not varies.any():
        return 1.0
    scales = np.sqrt(variance[varies])
    return float(scales.max() / scales.min())


def blocks(X: Any) -> Iterator[slice]:
    """Yield the rows of X, a few at a time."""
    n = max(1, BLOCK // max(1, X.shape[1]))
    for begin in range(0, X.shape[0], n):
        yield slice(begin, begin + n)


def _moments(X: Any, weights: Floats | None) -> tuple[Doubles, Doubles]:
    """Return mean and variance of each column, in float64, of dense rows without a copy of them."""
    if is_sparse(X):
        with np.errstate(over="ignore", invalid="ignore"):
            mean, variance = mean_variance_axis(X.astype(np.float64), axis=0, weights=weights)
            return mean, variance
    total = X.shape[0] if weights is None else weights.sum(dtype=np.float64)

    def mean_of(values: Any) -> Doubles:
        sums = np.zeros(X.shape[1])
        for rows in blocks(X):
            # in one order, whatever the memory's, by which sums would differ in their last bit
            block = values(np.ascontiguousarray(X[rows], np.float64))
            sums += (block if weights is None else block * weights[rows, None]).sum(axis=0)
        mean: Doubles = sums / total
        return mean

    with np.errstate(over="ignore", invalid="ignore"):
        mean = mean_of(lambda block: block)
        return mean, mean_of(lambda block: (block - mean) ** 2)


def _learn(
    values: Any, weights: Floats | None, dtype: Any, labels: Any, called: tuple[str, str]
) -> tuple[Doubles, Doubles, npt.NDArray[np.bool_]]:
    """Return each column's centre and scale, and whether folding them would cost digits.

    Refuse to fold what rounding would spoil, as what is trained must be what predicts; a column
    that is constant is not spoiled. `called` are the parameter and the argument, for errors.
    """
    parameter, argument = called
    mean, variance = _moments(values, weights)
    if not np.isfinite(variance).all():
        label = labels[int(np.flatnonzero(~np.isfinite(variance))[0])]
        raise ValueError(
            f"{parameter}=True cannot scale column {label!r} of {argument}: its values are too "
            "large. Rescale or remove it."
        )
    m, dtype = values.shape[0], np.dtype(dtype)
    centre = np.zeros_like(mean) if is_sparse(values) else mean
    scale = deviations(mean, variance, m)
    # more deviations than this, and weights of that dtype do not hold both
    is_far = np.abs(centre) > float(2 * TOLERANCE / np.finfo(dtype).eps) * scale
    far = np.flatnonzero(is_far & ~is_constant(mean, variance, m)).tolist()
    if far:
        shown = [f"column {labels[i]!r} by {scale[i]:.3g} around {centre[i]:.8g}" for i in far[:5]]
        shown += [f"{len(far) - 5} more"] * (len(far) > 5)
        mend = "Pass X as float64" if dtype == np.float32 else "Subtract most of the mean"
        raise ValueError(
            f"{parameter}=True cannot fold the scaling of {argument} into {dtype} weights without "
            f"loss: it varies too little around its mean in {', '.join(shown)}. {mend}, or leave "
            "out what is constant but for noise"
        )
    return centre, scale, is_far


def _first_layer(parameters: Parameters) -> tuple[Floats, Floats]:
    """Return the weights (units, n_x) and biases (units, 1) that see the inputs, as views."""
    if parameters.W1 is None or parameters.b1 is None:
        return parameters.W2, parameters.b2
    return parameters.W1, parameters.b1
