"""What must hold for every network and all data: symmetries, sums, and pairs of equal methods.

Hypothesis draws shapes, names and seeds; the numbers themselves come from `make_problem`, float64.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shallownet_native._native import backend

HIDDEN = st.sampled_from(backend.core.activations)
OUTPUT = st.sampled_from(backend.core.outputs)
SHAPES = st.tuples(st.integers(1, 9), st.integers(0, 40), st.integers(1, 6))
WITH_HIDDEN = st.tuples(st.integers(1, 9), st.integers(1, 40), st.integers(1, 6))
EXAMPLES = st.integers(1, 150)
SEED = st.integers(0, 2**32 - 1)
# Two orders of the same sums, of up to some 400 terms that barely cancel.
LIMIT = 1e-12

fixed = settings(max_examples=60, derandomize=True, deadline=None, database=None)


@pytest.fixture(scope="session")
def agree(assert_agree: Any) -> Any:
    """Costs and gradients of two problems that should be one, up to summation order."""

    def check(got: Any, expected: Any, scale: float = 1.0) -> None:
        # A permuted or split sum may cancel further than its neighbours: compare all entries of
        # one problem with its largest derivative, not each small array with itself.
        assert abs(got[0] - expected[0]) <= LIMIT * max(1.0, abs(expected[0]))
        top = max(np.abs(d).max() for d in expected[1:] if d is not None)
        for mine, other in zip(got[1:], expected[1:], strict=True):
            if other is not None:
                assert np.abs(mine - other).max() <= LIMIT * max(top, scale)

    return check


@given(WITH_HIDDEN, EXAMPLES, HIDDEN, OUTPUT, SEED)
@fixed
def test_properties_hidden_units_have_no_order(
    make_problem: Any, agree: Any, shape: Any, m: int, hidden: str, output: str, seed: int
) -> None:
    problem = make_problem(shape, m, hidden, output, seed=seed, l2=0.1)
    order = np.random.default_rng(seed).permutation(shape[1])
    W1, b1, W2, b2 = problem.parameters
    permuted = problem.changed(parameters=(W1[order], b1[order], W2[:, order], b2))
    J, dW1, db1, dW2, db2, dX = problem.core_gradients()
    agree(permuted.core_gradients(), (J, dW1[order], db1[order], dW2[:, order], db2, dX))


@given(SHAPES, EXAMPLES, HIDDEN, OUTPUT, SEED)
@fixed
def test_properties_examples_have_no_order(
    make_problem: Any, agree: Any, shape: Any, m: int, hidden: str, output: str, seed: int
) -> None:
    problem = make_problem(shape, m, hidden, output, seed=seed, weighted=True)
    order = np.random.default_rng(seed).permutation(m)
    X, Y, s = problem.X[:, order], problem.Y[:, order], problem.example_weights[order]
    *same, dX = problem.core_gradients()
    agree(problem.changed(X=X, Y=Y, example_weights=s).core_gradients(), (*same, dX[:, order]))


@given(SHAPES, EXAMPLES, HIDDEN, OUTPUT, SEED)
@fixed
def test_properties_outputs_have_no_order(
    make_problem: Any, agree: Any, shape: Any, m: int, hidden: str, output: str, seed: int
) -> None:
    problem = make_problem(shape, m, hidden, output, seed=seed)
    order = np.random.default_rng(seed).permutation(shape[2])
    W1, b1, W2, b2 = problem.parameters
    permuted = problem.changed(parameters=(W1, b1, W2[order], b2[order]), Y=problem.Y[order])
    J, dW1, db1, dW2, db2, dX = problem.core_gradients()
    agree(permuted.core_gradients(), (J, dW1, db1, dW2[order], db2[order], dX))


@given(SHAPES, EXAMPLES, HIDDEN, OUTPUT, SEED)
@fixed
def test_properties_a_weight_of_n_is_n_copies(
    make_problem: Any, agree: Any, shape: Any, m: int, hidden: str, output: str, seed: int
) -> None:
    problem = make_problem(shape, m, hidden, output, seed=seed, l2=0.1)
    counts = np.random.default_rng(seed).integers(0, 4, size=m)
    counts[0] += 1
    weighted = problem.changed(example_weights=counts.astype(float)).core_gradients()
    X, Y = np.repeat(problem.X, counts, axis=1), np.repeat(problem.Y, counts, axis=1)
    *copies, dX = problem.changed(X=X, Y=Y).core_gradients()
    first = np.cumsum(counts)[counts > 0] - 1  # one column of each example's copies
    of_weighted = weighted[-1][:, counts > 0] / counts[counts > 0]
    agree((*weighted[:-1], of_weighted), (*copies, dX[:, first]))
    assert (weighted[-1][:, counts == 0] == 0).all()


@given(SHAPES, EXAMPLES, HIDDEN, OUTPUT, SEED, st.sampled_from([0.25, 2.0, 1024.0]))
@fixed
def test_properties_only_the_ratios_of_weights_count(
    make_problem: Any, agree: Any, shape: Any, m: int, hidden: str, output: str, seed: int,
    factor: float,
) -> None:  # fmt: skip
    problem = make_problem(shape, m, hidden, output, seed=seed, weighted=True, l2=0.1)
    scaled = problem.changed(example_weights=factor * problem.example_weights)
    agree(scaled.core_gradients(), problem.core_gradients())
    equal = problem.changed(example_weights=np.full(m, factor))
    agree(equal.core_gradients(), problem.changed(example_weights=None).core_gradients())


@given(SHAPES, st.integers(2, 150), HIDDEN, OUTPUT, SEED)
@fixed
def test_properties_the_whole_is_the_mean_of_its_parts(
    make_problem: Any, agree: Any, shape: Any, m: int, hidden: str, output: str, seed: int
) -> None:
    problem = make_problem(shape, m, hidden, output, seed=seed, weighted=True, l2=0.1)
    cut = 1 + seed % (m - 1)
    total, parts = problem.example_weights.sum(), []
    for part in (slice(None, cut), slice(cut, None)):
        s = problem.example_weights[part]
        piece = problem.changed(X=problem.X[:, part], Y=problem.Y[:, part], example_weights=s)
        share = s.sum() / total
        parts.append([None if d is None else share * d for d in piece.core_gradients()])
    joined = [None if a is None else a + b for a, b in zip(*(p[:-1] for p in parts), strict=True)]
    agree((*joined, np.hstack([p[-1] for p in parts])), problem.core_gradients())


@given(SHAPES, EXAMPLES, HIDDEN, OUTPUT, SEED, st.floats(1e-6, 10.0))
@fixed
def test_properties_the_penalty_adds_its_own_gradient(
    make_problem: Any, agree: Any, shape: Any, m: int, hidden: str, output: str, seed: int,
    l2: float,
) -> None:  # fmt: skip
    problem = make_problem(shape, m, hidden, output, seed=seed)
    J, dW1, db1, dW2, db2, dX = problem.core_gradients()
    W1, _, W2, _ = problem.parameters
    squares = (W2**2).sum() + (0 if W1 is None else (W1**2).sum())
    penalised = problem.changed(l2=l2).core_gradients()
    dW1 = None if W1 is None else dW1 + l2 * W1
    agree(penalised, (J + l2 / 2 * squares, dW1, db1, dW2 + l2 * W2, db2, dX))
    for k, d in ((2, db1), (4, db2), (5, dX)):  # not even a bit of these moves
        assert d is None or (penalised[k] == d).all()


@given(WITH_HIDDEN, EXAMPLES, OUTPUT, SEED)
@fixed
def test_properties_identity_units_make_one_linear_map(
    make_problem: Any, assert_agree: Any, shape: Any, m: int, output: str, seed: int
) -> None:
    deep = make_problem(shape, m, "identity", output, seed=seed)
    W1, b1, W2, b2 = deep.parameters
    flat = deep.changed(
        shape=(shape[0], 0, shape[2]), hidden="", parameters=(None, None, W2 @ W1, W2 @ b1 + b2)
    )
    J, _, _, dW2, db2, dX = deep.core_gradients()
    J_flat, _, _, dW, db, dX_flat = flat.core_gradients()
    # dW2 = dZ2 (W1 X + b1)^T = dW W1^T + db b1^T
    got, expected = (J, dW2, db2, dX), (J_flat, dW @ W1.T + db @ b1.T, db, dX_flat)
    top = max(np.abs(d).max() for d in expected)
    assert_agree([np.append(a, top) for a in got], [np.append(a, top) for a in expected])


@given(WITH_HIDDEN, EXAMPLES, OUTPUT, SEED)
@fixed
def test_properties_tanh_units_are_shifted_sigmoid_units(
    make_problem: Any, shape: Any, m: int, output: str, seed: int
) -> None:
    tanh = make_problem(shape, m, "tanh", output, seed=seed)
    W1, b1, W2, b2 = tanh.parameters  # tanh(z) = 2 sigmoid(2 z) - 1
    same = (2 * W1, 2 * b1, 2 * W2, b2 - W2.sum(axis=1, keepdims=True))
    sigmoid = tanh.changed(hidden="sigmoid", parameters=same)
    J, dW1, db1, _, db2, _ = tanh.core_gradients()
    J_same, dW1_same, db1_same, _, db2_same, _ = sigmoid.core_gradients()
    top = max(np.abs(dW1).max(), np.abs(db2).max())
    assert abs(J - J_same) <= LIMIT * max(1.0, J)
    for got, expected in ((2 * dW1_same, dW1), (2 * db1_same, db1), (db2_same, db2)):
        assert np.abs(got - expected).max() <= LIMIT * max(1.0, top)


@given(WITH_HIDDEN, EXAMPLES, OUTPUT, SEED)
@fixed
def test_properties_leaky_relu_reaches_from_relu_to_identity(
    make_problem: Any, shape: Any, m: int, output: str, seed: int
) -> None:
    for c, name in ((0.0, "relu"), (1.0, "identity")):
        leaky = make_problem(shape, m, "leaky_relu", output, seed=seed, negative_slope=c)
        for a, b in zip(
            leaky.core_gradients(), leaky.changed(hidden=name).core_gradients(), strict=True
        ):
            assert np.array_equal(a, b)  # the same sums of the same numbers


@given(WITH_HIDDEN, EXAMPLES, OUTPUT, SEED)
@fixed
def test_properties_turning_a_tanh_unit_round_changes_nothing(
    make_problem: Any, agree: Any, shape: Any, m: int, output: str, seed: int
) -> None:
    problem = make_problem(shape, m, "tanh", output, seed=seed)
    W1, b1, W2, b2 = problem.parameters
    sign = np.random.default_rng(seed).choice([-1.0, 1.0], size=(shape[1], 1))
    turned = problem.changed(parameters=(sign * W1, sign * b1, W2 * sign.T, b2))
    J, dW1, db1, dW2, db2, dX = problem.core_gradients()
    agree(turned.core_gradients(), (J, sign * dW1, sign * db1, dW2 * sign.T, db2, dX))


@given(st.integers(1, 9), st.integers(0, 40), EXAMPLES, HIDDEN, SEED)
@fixed
def test_properties_softmax_of_two_is_the_sigmoid_of_their_difference(
    make_problem: Any, n_x: int, n_h: int, m: int, hidden: str, seed: int
) -> None:
    two = make_problem((n_x, n_h, 2), m, hidden, "softmax", seed=seed)
    W1, b1, W2, b2 = two.parameters
    difference = (W1, b1, W2[:1] - W2[1:], b2[:1] - b2[1:])
    one = two.changed(
        shape=(n_x, n_h, 1), output="sigmoid", parameters=difference, Y=two.Y[:1]
    )  # fmt: skip
    J, dW1, db1, dW2, db2, dX = two.core_gradients()
    J_one, dW1_one, db1_one, dW2_one, db2_one, dX_one = one.core_gradients()
    pairs = [(J, J_one), (dW2, np.vstack([dW2_one, -dW2_one])), (dX, dX_one)]
    pairs += [(db2, np.vstack([db2_one, -db2_one]))]
    pairs += [] if n_h == 0 else [(dW1, dW1_one), (db1, db1_one)]
    for a, b in pairs:
        assert np.abs(a - b).max() <= LIMIT * max(1.0, np.abs(b).max())


@given(SHAPES, EXAMPLES, HIDDEN, OUTPUT, SEED)
@fixed
def test_properties_one_step_is_the_gradient(
    make_problem: Any, train_options: Any, shape: Any, m: int, hidden: str, output: str, seed: int
) -> None:
    problem = make_problem(shape, m, hidden, output, seed=seed, weighted=True, l2=0.1)
    theta, shape, *data = problem.core_data()
    J, dtheta, _ = backend.core.gradients(theta, shape, *data, 1, False)
    options = train_options(problem, learning_rate=0.5)
    state = np.zeros((0, theta.size))
    result = backend.core.train(theta, state, shape, *data[:3], None, options)
    # The step may fuse or not: half an ulp of theta more or less.
    np.testing.assert_allclose(result["theta"], theta - 0.5 * dtheta, rtol=0, atol=4e-16 * 8)
    # Loss and penalty are divided and added in another order, and a Poisson loss may cancel them.
    np.testing.assert_allclose(result["costs"], [J], rtol=1e-15, atol=2e-15)


@given(SHAPES, EXAMPLES, HIDDEN, OUTPUT, SEED)
@fixed
def test_properties_outputs_stay_in_their_range(
    make_problem: Any, shape: Any, m: int, hidden: str, output: str, seed: int
) -> None:
    problem = make_problem(shape, m, hidden, output, seed=seed)
    A2 = problem.core_forward()[3]
    assert np.isfinite(A2).all()
    if output in ("sigmoid", "softmax"):
        assert (A2 >= 0).all() and (A2 <= 1).all()
    if output == "exp":
        assert (A2 >= 0).all()
    if output == "softmax":
        np.testing.assert_allclose(A2.sum(axis=0), 1, rtol=2e-15)
