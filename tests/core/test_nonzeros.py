"""Zeros among dense inputs are passed over, which may not change a bit of any result.

The same inputs with the smallest number above 0 in place of the zeros are taken as they are: a
product with it is computed, and rounded to 0 or vanishes beside any other.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import shallownet_native as sn
from shallownet_native._native.backend import core

# at least four vectors of units at every level: fewer take all numbers
SHAPES = [(50, 70, 1), (300, 100, 5), (129, 75, 10), (1, 64, 2), (64, 0, 70)]
ORDERS = ["C", "F"]


def problem(shape: tuple[int, int, int], dtype: Any, m: int = 203) -> tuple[Any, ...]:
    """Return parameters without a zero, inputs of which 9 in 10 are 0, and labels."""
    rng = np.random.default_rng(0)
    parameters = sn.initialize(*shape, "glorot_uniform", seed=1, dtype=dtype)
    parameters.flat += rng.normal(size=parameters.flat.shape).astype(dtype) / 10
    X = rng.normal(size=(shape[0], m)).astype(dtype)
    X[rng.random(X.shape) < 0.9] = 0
    X[:, 3] = 0
    return parameters, X, rng.integers(0, 2, size=(shape[2], m)).astype(dtype)


def filled(X: Any) -> Any:
    return np.where(X == 0, np.finfo(X.dtype).smallest_subnormal, X)


def assert_same_bits(ones: Any, others: Any) -> None:
    for one, other in zip(ones, others, strict=True):
        assert (one is None and other is None) or one.tobytes() == other.tobytes()


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_nonzeros_give_the_outputs_of_all_numbers(
    shape: tuple[int, int, int], order: str, dtype: Any
) -> None:
    parameters, X, _ = problem(shape, dtype)
    X = np.asarray(X, order=order)
    assert_same_bits(sn.forward(parameters, X), sn.forward(parameters, filled(X)))


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("n_threads", [1, 3])
@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_nonzeros_give_the_gradients_of_all_numbers(
    shape: tuple[int, int, int], n_threads: int, order: str, dtype: Any
) -> None:
    parameters, X, Y = problem(shape, dtype, 600)  # chunks of several tiles
    X = np.asarray(X, order=order)
    options: dict[str, Any] = {"l2": 0.1, "want_dX": True, "n_threads": n_threads}
    J, gradients = sn.gradients(parameters, X, Y, **options)
    J_filled, gradients_filled = sn.gradients(parameters, filled(X), Y, **options)
    assert J == J_filled
    assert_same_bits(gradients, gradients_filled)


@pytest.mark.parametrize("n_threads", [1, 3])
@pytest.mark.parametrize("batch_size", [None, 1, 7, 32, 100])
@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_nonzeros_train_as_all_numbers(
    shape: tuple[int, int, int], batch_size: int | None, n_threads: int, dtype: Any
) -> None:
    parameters, X, Y = problem(shape, dtype)
    length = {"n_iterations": 5} if batch_size is None else {"n_epochs": 2}
    options: dict[str, Any] = {"batch_size": batch_size, "seed": 0, "optimizer": "sgd"}
    options |= {"n_threads": n_threads, **length}
    result = sn.train(parameters, X, Y, **options)
    result_filled = sn.train(parameters, filled(X), Y, **options)
    assert result.costs.tobytes() == result_filled.costs.tobytes()
    assert result.parameters == result_filled.parameters


@pytest.mark.parametrize("shape", [(300, 100, 5), (64, 0, 70)], ids=str)
def test_nonzeros_hold_tiles_without_any_zero(shape: tuple[int, int, int], dtype: Any) -> None:
    """Some examples tell what the inputs are like, and these mislead."""
    parameters, _, Y = problem(shape, dtype, 512)
    X = np.random.default_rng(2).normal(size=(shape[0], 512)).astype(dtype)
    X[:, ::16] = 0
    gradients, gradients_filled = (sn.gradients(parameters, x, Y)[1] for x in (X, filled(X)))
    assert_same_bits(gradients, gradients_filled)


def test_nonzeros_are_not_taken_alone_where_a_weight_is_infinite(dtype: Any) -> None:
    """The core is asked, as a solver's line search may do: 0 times infinity is NaN."""
    parameters, X, _ = problem((50, 70, 1), dtype)
    X[7] = 0
    parameters.W1[2, 7] = np.inf
    A2 = core.predict(parameters.flat, (50, 70, 1), X.T, "tanh", "sigmoid", 0.01, 1)
    assert np.isnan(A2).all()


def test_nonzeros_are_not_taken_alone_where_a_delta_overflows(dtype: Any) -> None:
    parameters, X, _ = problem((50, 70, 3), dtype)
    X[7] = 0
    parameters.W2[:] = 1e4
    Y = np.full((3, X.shape[1]), np.finfo(dtype).max / 4)
    with np.errstate(all="ignore"):
        dW1 = sn.reference.gradients(*parameters, X, Y.astype(dtype), output="identity")[1]
        _, gradients = sn.gradients(parameters, X, Y, output="identity")
    assert np.isnan(dW1[:, 7]).all() and np.isnan(gradients.dW1[:, 7]).all()
