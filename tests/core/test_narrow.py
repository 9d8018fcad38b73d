"""Networks with fewer hidden units than a vector has lanes: the kernels of one and several outputs.

Examples stand in the lanes: lengths around a vector, a tile and several chunks can go wrong.
"""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest

import shallownet_native as sn
from campaigns.common import bits

SIZES_OF_M = [
    1, 2, 3, 7, 8, 9, 15, 16, 17, 31, 32, 33, 47, 63, 64, 65, 79, 80, 81, 95, 111, 127, 128, 129,
    150, 255, 256, 257, 300, 511, 513, 700,
]  # fmt: skip
# inputs and outputs up to which a network has the kernels, and one more
SIZES_OF_X, SIZES_OF_Y = [1, 2, 4, 5, 30, 63, 64, 65], [2, 3, 5, 8, 9, 17, 64, 65]


@pytest.fixture
def lanes(core: Any, dtype: Any) -> int:
    """Return the numbers of this type in a vector of the core."""
    return int(core.vector_bytes) // int(dtype.itemsize)


def assert_gradients_agree(problem: Any, assert_agree: Any) -> None:
    """Compare the cost, and all derivatives against the largest of them.

    Of few units, inputs or outputs whole arrays may be sums that cancel, and the cost with them:
    hence not array by array, and 64 eps of rounding for sums over up to 700 examples. Poisson's
    cost is e^z - y z, and as sure as e^z is.
    """
    (J, *mine), (J_oracle, *oracle) = problem.core_gradients(), problem.oracle_gradients()
    if problem.output == "exp":
        size = max(1.0, float(problem.oracle_forward()[3].sum(axis=0).mean()))
        J, J_oracle = J / size, J_oracle / size
    got, expected = (np.concatenate([np.ravel(a) for a in arrays]) for arrays in (mine, oracle))
    assert_agree([J, got], [J_oracle, expected], limit=64 * np.finfo(problem.dtype).eps)


def hidden_sizes(lanes: int) -> list[int]:
    """Return numbers of hidden units around the one that makes a network narrow."""
    return sorted({1, lanes // 2, *range(max(lanes - 2, 1), lanes + 2)})


@pytest.mark.parametrize("n_y", range(1, 9))
def test_narrow_passes_equal_the_oracle(
    make_problem: Any, assert_agree: Any, hidden: str, output: str, dtype: Any, lanes: int, n_y: int
) -> None:
    sizes = itertools.cycle(range(1, max(lanes, 2)))
    for k, m in enumerate(SIZES_OF_M):
        shape = (SIZES_OF_X[k % 5], next(sizes), n_y)
        problem = make_problem(shape, m, hidden, output, dtype, weighted=k % 2 == 0, l2=0.1)
        assert_gradients_agree(problem, assert_agree)


@pytest.mark.parametrize("n_x", SIZES_OF_X)
@pytest.mark.parametrize("n_y", SIZES_OF_Y)
def test_narrow_kernels_end_where_sizes_do(
    make_problem: Any, assert_agree: Any, dtype: Any, lanes: int, n_x: int, n_y: int
) -> None:
    for n_h in hidden_sizes(lanes):
        problem = make_problem((n_x, n_h, n_y), 70, "tanh", "softmax", dtype, weighted=True)
        assert_agree(problem.core_forward(), problem.oracle_forward(), dtype)
        assert_gradients_agree(problem, assert_agree)


def test_narrow_kernels_have_the_bits_of_the_products(
    make_problem: Any, core: Any, hidden: str, output: str, dtype: Any, lanes: int
) -> None:
    # what forward returns holds Z1, which the kernels never write: it takes the general products
    for n_h, n_y in itertools.product(hidden_sizes(lanes), (1, 2, 3, 4, 5, 9)):
        for m in (1, 17, 80, 150, 300):
            problem = make_problem((4, n_h, n_y), m, hidden, output, dtype)
            known = (problem.theta, problem.shape, problem.rows(problem.X), *problem.kind, 1)
            assert bits(core.predict(*known)) == bits(core.forward(*known)[3])


@pytest.mark.parametrize("shape", [(4, 1, 2), (4, 3, 3), (4, 7, 5), (4, 10, 3)], ids=str)
def test_narrow_training_has_the_same_bits_however_examples_come(
    make_problem: Any, optimizer: str, dtype: Any, shape: Any
) -> None:
    problem = make_problem(shape, 300, "tanh", "softmax", dtype, weighted=True)
    X, Y, weights = problem.X.astype(dtype), problem.Y.astype(dtype), problem.weights

    def train(X: Any, Y: Any, n_threads: int, **length: Any) -> bytes:
        result = sn.train(
            problem.start, X, Y, output="softmax", optimizer=optimizer, l2=0.01, seed=0,
            example_weights=weights, n_threads=n_threads, **length,
        )  # fmt: skip
        return bits(result.parameters.flat, result.costs)

    for length in ({"n_iterations": 5}, {"n_epochs": 2, "batch_size": 41}):
        expected = train(X, Y, 1, **length)
        for n_threads, lay in itertools.product((1, 2, 3, 8), (np.asfortranarray, np.array)):
            assert train(lay(X), lay(Y), n_threads, **length) == expected


def test_narrow_gradients_are_sums_over_all_tiles(make_problem: Any, dtype: Any) -> None:
    # with the same examples twice in each tile and chunk every sum doubles, and no mean changes
    problem = make_problem((3, 3, 4), 64, "relu", "identity", dtype)
    once = problem.core_gradients()
    for times in (2, 4, 8, 16):
        many = problem.changed(X=np.tile(problem.X, times), Y=np.tile(problem.Y, times))
        for one, same in zip(once[:-1], many.core_gradients()[:-1], strict=True):
            assert np.allclose(one, same, rtol=0, atol=8 * np.finfo(dtype).eps * np.abs(one).max())
