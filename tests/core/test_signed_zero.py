"""The sign of a sum that underflows: the same for dense, sparse, alone and in company."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import scipy.sparse as sp

import shallownet_native as sn

SHAPES = [(2, 0, 1), (2, 0, 5), (2, 0, 64), (2, 3, 1), (2, 3, 4), (2, 64, 1), (2, 70, 3)]
M = 40


def underflowing(shape: Any, dtype: Any) -> tuple[sn.Parameters, Any]:
    """Return a network whose first sums are -0 by rounding, or +0 if a product with 0 follows."""
    tiny = dtype(1e-30 if dtype == np.float32 else 1e-200)
    parameters = sn.initialize(*shape, seed=0, dtype=dtype)
    W, b = (parameters.W1, parameters.b1) if shape[1] else (parameters.W2, parameters.b2)
    assert W is not None and b is not None
    W[:, 0], W[:, 1], b[...] = -tiny, 1, -0.0
    if shape[1]:
        parameters.b2[...] = -0.0
    X = np.zeros((2, M), dtype)
    X[0] = tiny
    return parameters, X


def with_zeros_written(X: Any) -> Any:
    """Return X in compressed columns that hold its zeros, too."""
    matrix = sp.csc_matrix(np.ones_like(X))
    matrix.data = np.asfortranarray(X).ravel(order="F").copy()
    return matrix


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("hidden", ["identity", "relu", "leaky_relu", "tanh"])
def test_signed_zero_outputs_do_not_tell_how_inputs_came(
    shape: Any, dtype: Any, hidden: str
) -> None:
    parameters, X = underflowing(shape, dtype)
    names = {"hidden": hidden, "output": "identity"}
    dense = sn.forward(parameters, X, **names)
    for other in (sp.csc_matrix(X), with_zeros_written(X), np.asfortranarray(X)):
        for stage, same in zip(dense, sn.forward(parameters, other, **names), strict=True):
            assert stage is None or stage.tobytes() == same.tobytes()
    A2 = sn.predict(parameters, X, **names)
    for i in (0, M - 1):
        alone = sn.predict(parameters, X[:, i : i + 1], **names)
        one = sn.predict_one(parameters, X[:, i].copy(), **names)
        assert alone[:, 0].tobytes() == A2[:, i].tobytes() == one.tobytes()


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("l2", [0.0, 0.1])
def test_signed_zero_gradients_do_not_tell_how_inputs_came(
    shape: Any, dtype: Any, l2: float
) -> None:
    parameters, X = underflowing(shape, dtype)
    parameters.flat = -np.abs(parameters.flat)
    tiny = X[0, 0]
    Y = np.full((shape[2], M), tiny, dtype)  # deltas whose products with X underflow
    X[0, M // 2 :] = 0
    names = {"hidden": "identity", "output": "identity", "l2": l2}
    J, right = sn.gradients(parameters, X, Y, **names)
    for other in (sp.csc_matrix(X), with_zeros_written(X)):
        same_J, same = sn.gradients(parameters, other, Y, **names)
        assert same_J == J
        for mine, its in zip(right, same, strict=True):
            if mine is not None and its is not None:
                # sums over M examples in another order agree to rounding, and in their signs
                assert np.array_equal(np.signbit(mine), np.signbit(its))
                assert np.allclose(mine, its, rtol=M * np.finfo(dtype).eps, atol=0)
