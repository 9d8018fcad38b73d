"""The native passes against the oracle and finite differences, exact zeros, and the same bits.

Float64 agrees to 1e-12 and float32 to 2e-6 of each array's largest entry (`assert_agree`).
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import shallownet_native as sn

SIZES_OF_M = [1, 2, 3, 15, 16, 17, 31, 32, 33, 63, 64, 95, 96, 97, 100, 191, 200, 255, 256, 300]


def assert_passes_agree(problem: Any, assert_agree: Any) -> None:
    """Compare Z1, A1, Z2, A2, the cost and every derivative with the oracle's."""
    assert_agree(problem.core_forward(), problem.oracle_forward(), problem.dtype)
    assert_agree(problem.core_gradients(), problem.oracle_gradients(), problem.dtype)


@pytest.mark.parametrize("weighted", [False, True], ids=["equal", "weighted"])
@pytest.mark.parametrize("l2", [0.0, 0.125])
def test_passes_equal_the_oracle(
    make_problem: Any, assert_agree: Any, hidden: str, output: str, dtype: Any, l2: float,
    weighted: bool,
) -> None:  # fmt: skip
    for shape, m in (((3, 4, 2), 50), ((7, 20, 3), 130), ((2, 33, 1), 17), ((5, 0, 2), 50)):
        problem = make_problem(shape, m, hidden, output, dtype, weighted=weighted, l2=l2)
        assert_passes_agree(problem, assert_agree)


@pytest.mark.parametrize("negative_slope", [0.0, 0.5, 2.0])
def test_passes_take_the_negative_slope(
    make_problem: Any, assert_agree: Any, output: str, dtype: Any, negative_slope: float
) -> None:
    for n_h in (3, 20):
        kind = ("leaky_relu", output, dtype)
        problem = make_problem((3, n_h, 2), 40, *kind, negative_slope=negative_slope)
        assert_passes_agree(problem, assert_agree)


@pytest.mark.parametrize("n_h", [*range(1, 41), 100])
def test_passes_hold_for_every_hidden_size(
    make_problem: Any, assert_agree: Any, core: Any, dtype: Any, n_h: int
) -> None:
    for k, hidden in enumerate(core.activations):
        output = core.outputs[(n_h + k) % len(core.outputs)]
        shape = (1 + (7 * n_h + k) % 13, n_h, 1 + (n_h + 5 * k) % 12)
        m = SIZES_OF_M[(3 * n_h + k) % len(SIZES_OF_M)]
        problem = make_problem(shape, m, hidden, output, dtype, seed=1)  # no gradient cancels
        assert_passes_agree(problem, assert_agree)


@pytest.mark.parametrize("n_y", range(1, 13))
def test_passes_hold_for_every_number_of_outputs(
    make_problem: Any, assert_agree: Any, output: str, dtype: Any, n_y: int
) -> None:
    for n_h in (3, 16, 40, 0):
        problem = make_problem((4, n_h, n_y), 70, "tanh", output, dtype, l2=0.01)
        assert_passes_agree(problem, assert_agree)


@pytest.mark.parametrize("n_h", [4, 18, 0])
def test_passes_hold_for_every_number_of_examples(
    make_problem: Any, assert_agree: Any, dtype: Any, n_h: int
) -> None:
    for m in range(1, 301):
        problem = make_problem((3, n_h, 1), m, "tanh", "sigmoid", dtype, weighted=m % 2 == 0)
        assert_agree(problem.core_gradients(), problem.oracle_gradients(), dtype)


@pytest.mark.parametrize("shape", [(3, 4, 2), (5, 20, 3), (4, 0, 2)], ids=str)
def test_passes_hold_for_chunks_of_many_tiles(
    make_problem: Any, assert_agree: Any, dtype: Any, shape: tuple[int, int, int]
) -> None:
    for m in (1537, 2000, 5003):  # 16 chunks of more than one tile of 96 examples
        problem = make_problem(shape, m, "sigmoid", "softmax", dtype, weighted=True, l2=0.01)
        assert_passes_agree(problem, assert_agree)


@pytest.mark.parametrize("n_x", [1, 2, 3, 8, 31, 64, 127, 128, 129, 256, 257, 300])
def test_passes_hold_for_many_inputs(
    make_problem: Any, assert_agree: Any, dtype: Any, n_x: int
) -> None:
    for n_h in (3, 12, 24):
        problem = make_problem((n_x, n_h, 2), 60, "tanh", "softmax", dtype)
        assert_passes_agree(problem, assert_agree)


def test_passes_gradient_is_the_finite_difference(
    make_problem: Any, core: Any, hidden: str, output: str
) -> None:
    rng = np.random.default_rng(0)
    for n_h in (4, 20, 0):
        problem = make_problem((3, n_h, 2), 50, hidden, output, l2=0.1, weighted=True)
        theta, *data = problem.core_data()
        _, dtheta, _ = core.gradients(theta, *data, 1, False)
        for _ in range(5):
            direction = rng.standard_normal(theta.size)
            h = 1e-6  # moves no unit over its kink: those are 1e-4 away
            there, back = (core.cost(theta + s * h * direction, *data, 1) for s in (1, -1))
            # Central difference: h^2 times a third derivative, and 2 eps J / h = 1e-9 of rounding.
            np.testing.assert_allclose((there - back) / (2 * h), dtheta @ direction, atol=5e-9)


# Exact zeros: what the relative comparison cannot see


def test_passes_dead_units_learn_exactly_nothing(make_problem: Any, dtype: Any) -> None:
    for n_h in (3, 21):
        problem = make_problem((3, n_h, 2), 50, "relu", "sigmoid", dtype)
        W1, b1, W2, b2 = problem.parameters
        b1 = b1.copy()
        b1[1] = -100.0
        problem = problem.changed(parameters=(W1, b1, W2, b2))
        _, dW1, db1, dW2, _, _ = problem.core_gradients()
        assert (dW1[1] == 0).all() and (db1[1] == 0).all() and (dW2[:, 1] == 0).all()
        assert (dW1[0] != 0).any()


def test_passes_relu_has_slope_zero_at_zero(make_problem: Any, core: Any, dtype: Any) -> None:
    for hidden, slope in (("relu", 0.0), ("leaky_relu", 0.25)):
        for n_h in (2, 20):
            problem = make_problem((2, n_h, 1), 5, hidden, "identity", dtype, negative_slope=0.25)
            W1, b1, W2, b2 = problem.parameters
            problem = problem.changed(parameters=(0 * W1, 0 * b1, W2, b2))
            db1 = problem.core_gradients()[2]
            expected = W2.T * (b2 - problem.Y).mean() * slope
            np.testing.assert_allclose(db1, expected, rtol=20 * np.finfo(dtype).eps)
            assert (db1 == 0).all() == (slope == 0)


def test_passes_silent_inputs_and_examples_get_exact_zeros(
    make_problem: Any, hidden: str, dtype: Any
) -> None:
    for n_h in (3, 20):
        problem = make_problem((4, n_h, 2), 50, hidden, "softmax", dtype, weighted=True)
        X, s = problem.X.copy(), problem.example_weights.copy()
        X[2], s[7] = 0.0, 0.0
        _, dW1, _, _, _, dX = problem.changed(X=X, example_weights=s).core_gradients()
        assert (dW1[:, 2] == 0).all() and (dW1[:, 1] != 0).any()
        assert (dX[:, 7] == 0).all() and (dX[:, 6] != 0).any()


def test_passes_a_perfect_fit_has_no_gradient(make_problem: Any, dtype: Any) -> None:
    for n_h in (3, 20, 0):
        problem = make_problem((4, n_h, 2), 50, "tanh", "identity", dtype)
        fitted = problem.changed(Y=problem.core_forward()[3].astype(float))
        cost, *derivatives = fitted.core_gradients()
        assert cost == 0
        assert all((d == 0).all() for d in derivatives if d is not None)


def test_passes_padding_never_leaks(make_problem: Any, assert_agree: Any, dtype: Any) -> None:
    # Surplus hidden units would add sigmoid(0) = 1/2 each if nobody masked them.
    for n_h in (1, 5, 9, 17, 33):
        problem = make_problem((2, n_h, 2), 19, "sigmoid", "identity", dtype, l2=0.5)
        W1, b1, W2, b2 = problem.parameters
        problem = problem.changed(parameters=(W1, b1, W2 + 2.0, b2))
        assert_passes_agree(problem, assert_agree)


# The same bits


def test_passes_have_the_same_bits_on_any_number_of_threads(
    make_problem: Any, core: Any, hidden: str, dtype: Any
) -> None:
    for shape, m in (((2, 4, 1), 400), ((9, 20, 3), 1000), ((3, 0, 2), 333)):
        problem = make_problem(shape, m, hidden, "softmax" if shape[2] > 1 else "sigmoid", dtype)
        data, x = problem.core_data(), problem.rows(problem.X)
        one = core.gradients(*data, 1, True)
        forward = core.forward(data[0], shape, x, *problem.kind, 1)
        for n_threads in (2, 3, 5):
            cost, dtheta, dx = core.gradients(*data, n_threads, True)
            assert cost == one[0] == core.cost(*data, n_threads)
            assert (dtheta == one[1]).all() and (dx == one[2]).all()
            for a, b in zip(
                core.forward(data[0], shape, x, *problem.kind, n_threads), forward, strict=True
            ):
                assert (a is None and b is None) or (a == b).all()


def test_passes_predict_one_example_at_a_time(
    make_problem: Any, core: Any, hidden: str, output: str, dtype: Any
) -> None:
    for shape in ((3, 4, 2), (70, 40, 3), (5, 0, 3)):
        problem = make_problem(shape, 130, hidden, output, dtype)
        x = problem.rows(problem.X)
        whole = core.predict(problem.theta, shape, x, *problem.kind, 1)
        assert (whole == core.forward(problem.theta, shape, x, *problem.kind, 1)[3]).all()
        for i in (0, 1, 63, 95, 96, 97, 129):
            one = core.predict(problem.theta, shape, x[i : i + 1], *problem.kind, 1)
            assert (one[0] == whole[i]).all()


def test_passes_take_any_layout(make_problem: Any, core: Any, dtype: Any) -> None:
    for shape in ((5, 4, 2), (5, 20, 2), (5, 0, 2)):
        problem = make_problem(shape, 77, "tanh", "softmax", dtype, weighted=True)
        theta, _, x, y, s, *rest = problem.core_data()
        cost, dtheta, dx = core.gradients(theta, shape, x, y, s, *rest, 1, True)
        for relay in (
            lambda a: np.asfortranarray(a),
            lambda a: a[::-1].copy()[::-1],
            lambda a: np.repeat(a, 2, axis=0)[::2],
            lambda a: np.repeat(a, 3, axis=-1)[..., ::3],
        ):
            strided = core.gradients(theta, shape, relay(x), relay(y), s, *rest, 1, True)
            assert strided[0] == cost
            assert (strided[1] == dtheta).all() and (strided[2] == dx).all()


def test_passes_mutate_no_argument(make_problem: Any, core: Any, dtype: Any) -> None:
    for n_h in (4, 20):
        problem = make_problem((3, n_h, 2), 50, "tanh", "softmax", dtype, weighted=True)
        data = problem.core_data()
        arrays = [a for a in data if isinstance(a, np.ndarray)]
        before = [a.copy() for a in arrays]
        for a in arrays:
            a.flags.writeable = False
        core.gradients(*data, 2, True)
        core.cost(*data, 2)
        core.forward(data[0], data[1], data[2], *problem.kind, 2)
        core.predict(data[0], data[1], data[2], *problem.kind, 2)
        assert all((a == b).all() for a, b in zip(arrays, before, strict=True))


def test_passes_give_dx_only_when_asked(make_problem: Any, core: Any) -> None:
    data = make_problem((3, 4, 2), 50, "tanh", "softmax").core_data()
    cost, dtheta, dx = core.gradients(*data, 1, False)
    with_dx = core.gradients(*data, 1, True)
    assert dx is None and cost == with_dx[0] and (dtheta == with_dx[1]).all()


def test_passes_public_functions_are_the_core(
    make_problem: Any, hidden: str, output: str, dtype: Any
) -> None:
    problem = make_problem((3, 4, 2), 50, hidden, output, dtype, weighted=True, l2=0.1)
    parameters = sn.Parameters(*(P.astype(dtype) for P in problem.parameters))
    X, Y = problem.rows(problem.X).T, problem.rows(problem.Y).T
    A2 = sn.forward(parameters, X, hidden, output).A2
    assert (A2 == problem.core_forward()[3]).all()
    same = {"l2": 0.1, "example_weights": problem.weights}
    J, gradients = sn.gradients(parameters, X, Y, hidden, output, want_dX=True, **same)
    assert J == sn.cost(parameters, X, Y, hidden, output, **same)
    for mine, expected in zip((J, *gradients), problem.core_gradients(), strict=True):
        assert np.array_equal(mine, expected)


def test_passes_are_summed_in_the_documented_chunks(core: Any) -> None:
    # The rule is part of the bits: 1 chunk below 64 examples, else an even number up to 16.
    chunks = {1: 1, 63: 1, 64: 2, 512: 2, 513: 4, 1024: 4, 1025: 6, 3585: 16, 50_000: 16}
    assert {m: core.n_chunks(m) for m in chunks} == chunks


@pytest.mark.parametrize("shape", [(3, 5, 1), (3, 5, 4), (6, 40, 10), (2, 0, 3)], ids=str)
def test_passes_number_the_greatest_output(
    core: Any, make_problem: Any, dtype: Any, shape: Any
) -> None:
    problem = make_problem(shape, 203, "tanh", "softmax", dtype)
    theta, x = problem.theta, problem.rows(problem.X)
    x[:7] = 0.0
    theta[-shape[2] :] = 0.0  # equal biases: without weights all outputs are equal
    wild = np.full_like(theta, np.finfo(dtype).max)  # logits that overflow: infinite, or NaN
    wild[::2] *= -1
    for parameters in (theta, np.zeros_like(theta), wild):
        for output in core.outputs:
            given = (parameters, shape, x, problem.hidden, output, 0.01, 1)
            A2 = core.predict(*given)
            expected = A2.argmax(axis=1) if shape[2] > 1 else A2[:, 0] > 0.5
            classes = core.classes(*given)
            assert classes.dtype == np.int64
            assert np.array_equal(classes, expected), output


def test_passes_take_a_probability_of_one_half_for_no() -> None:
    zero = sn.Parameters(None, None, [[0.0]], [[0.0]])
    assert sn.predict(zero, [[-1.0, 0.0, 2.0]]).tolist() == [[False, False, False]]


def test_passes_penalize_large_weights_of_float32() -> None:
    weights = np.array([3e37, -2e38, 1e30, 0.0, 5.0], np.float32)  # their squares are no float32
    large = sn.Parameters(None, None, weights[None], np.zeros((1, 1), np.float32))
    cost = sn.cost(large, np.zeros((5, 1), np.float32), np.zeros((1, 1), np.float32), l2=2.0)
    squares = float((weights.astype(float) ** 2).sum())
    np.testing.assert_allclose(cost, np.log(2) + squares, rtol=1e-12)
