"""The oracle against complex-step derivatives, its own loops, and numbers worked out by hand."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from shallownet_native import reference

LOG2, LOG3, LOG4 = np.log(2), np.log(3), np.log(4)


def column(*values: float) -> Any:
    return np.array([values], dtype=float).T


# Derivatives


def complex_step(problem: Any, k: int) -> Any:
    """Return the cost's derivatives by array k of W1, b1, W2, b2, X, entry by entry.

    J(P + ih) = J + ih J' - ... : no difference of close numbers, so h = 1e-20 is exact to rounding.
    """
    arrays = [*problem.parameters, problem.X]
    kind = (problem.hidden or "identity", problem.output, problem.negative_slope)
    derivatives = np.empty(arrays[k].shape)
    for index in np.ndindex(derivatives.shape):
        moved = [None if a is None else a.astype(complex) for a in arrays]
        moved[k][index] += 1e-20j
        data = (*moved, problem.Y, *kind, problem.l2, problem.example_weights)
        derivatives[index] = np.imag(reference.cost(*data)) / 1e-20
    return derivatives


@pytest.mark.parametrize("weighted", [False, True], ids=["equal", "weighted"])
@pytest.mark.parametrize("l2", [0.0, 0.3])
@pytest.mark.parametrize("n_h", [4, 0], ids=["hidden", "no_hidden"])
def test_reference_gradients_are_the_complex_step(
    make_problem: Any, hidden: str, output: str, n_h: int, l2: float, weighted: bool
) -> None:
    problem = make_problem((3, n_h, 2), 6, hidden, output, l2=l2, weighted=weighted, seed=1)
    derivatives = problem.oracle_gradients()[1:]
    for k in range(5):
        if derivatives[k] is not None:
            expected = complex_step(problem, k)
            # Both sides round sums of some ten terms: a few eps (2e-16), far below 1e-12.
            difference = np.abs(derivatives[k] - expected).max()
            assert difference <= 1e-12 * np.abs(expected).max()


def test_reference_slopes_are_the_complex_step(hidden: str) -> None:
    z = np.array([-20.0, -3.0, -0.5, 0.25, 1.0, 7.0])
    value, slope = reference.ACTIVATIONS[hidden]
    expected = np.imag(value(z + 1e-20j, 0.2)) / 1e-20
    # The slope from a loses what a itself rounds off near saturation: an absolute error of eps;
    # that from z a few, as what is left of 1 is multiplied by z.
    source = z if hidden in reference.OF_INPUT else value(z, 0.2)
    limit = 1e-15 if source is z else 4e-16
    np.testing.assert_allclose(slope(source, 0.2), expected, rtol=0, atol=limit)


# Loops


def test_reference_loops_equal_the_matrix_form(
    make_problem: Any, assert_agree: Any, hidden: str, output: str
) -> None:
    for n_h in (5, 0):
        problem = make_problem((3, n_h, 2), 7, hidden, output)
        kind = (hidden, output, problem.negative_slope)
        A2 = problem.oracle_forward()[3]
        for loop in (reference.forward_by_example, reference.forward_by_neuron):
            by_loop = loop(*problem.parameters, problem.X, *kind)
            assert_agree([by_loop], [A2], limit=1e-14)  # 45 eps: other orders of short sums
        means = reference.gradients_by_example(*problem.parameters, problem.X, problem.Y, *kind)
        assert_agree(means, problem.oracle_gradients()[1:5], limit=1e-14)


# Numbers worked out by hand. Powers of two wherever possible: those results are exact.


def test_reference_two_relu_units_by_hand() -> None:
    # z1 = (1 - 2 + 1/2, 2 + 1 - 1) = (-1/2, 2)    a1 = (0, 2)    z2 = 0 - 2 + 1/4 = -7/4
    # L = (-7/4 + 1)^2 / 2 = 9/32                  dz2 = -3/4     dW2 = dz2 (0, 2) = (0, -3/2)
    # dz1 = (3, -1) dz2 * (0, 1) = (0, 3/4)        dW1 = dz1 x^T  dx = W1^T dz1
    W1, b1 = np.array([[1, -1], [2, 0.5]]), column(0.5, -1)
    W2, b2 = np.array([[3.0, -1.0]]), column(0.25)
    x, y = column(1, 2), column(-1)
    Z1, A1, Z2, A2 = reference.forward(W1, b1, W2, b2, x, "relu", "identity")
    assert (Z1 == column(-0.5, 2)).all() and (A1 == column(0, 2)).all()
    assert Z2 == A2 == -1.75
    J, *d = reference.gradients(W1, b1, W2, b2, x, y, "relu", "identity")
    assert J == Fraction(9, 32)
    expected = [[[0, 0], [0.75, 1.5]], [[0], [0.75]], [[0, -1.5]], [[-0.75]], [[1.5], [0.375]]]
    for mine, by_hand in zip(d, expected, strict=True):
        assert mine.tolist() == by_hand


def test_reference_weights_and_penalty_by_hand() -> None:
    # One linear neuron z = 2 x + 1 on x = (1, 3), y = (0, 8), weights (1, 3): errors (3, -1).
    # J = (1 * 9/2 + 3 * 1/2) / 4 + 0.5/2 * 4 = 1.5 + 1            (the bias is not penalised)
    # dW = (1 * 3 * 1 + 3 * -1 * 3) / 4 + 0.5 * 2 = -0.5            db = (3 - 3) / 4 = 0
    X, Y, s = np.array([[1.0, 3.0]]), np.array([[0.0, 8.0]]), np.array([1.0, 3.0])
    kind = ("identity", "identity", 0.01, 0.5, s)
    J, dW1, db1, dW, db, dX = reference.gradients(None, None, column(2), column(1), X, Y, *kind)
    assert (J, dW1, db1, dW.item(), db.item()) == (2.5, None, None, -0.5, 0.0)
    assert dX.tolist() == [[2 * 3 / 4, 2 * -3 / 4]]


def test_reference_activations_by_hand() -> None:
    # sigmoid(log 3) = 3/4, slope 3/16.   tanh(log 2) = (2 - 1/2) / (2 + 1/2) = 3/5, slope 16/25.
    value, slope = reference.ACTIVATIONS["sigmoid"]
    np.testing.assert_allclose(value(np.array([LOG3, 0, -LOG3]), 0), [0.75, 0.5, 0.25], rtol=4e-16)
    assert slope(np.array([0.75, 0.5]), 0).tolist() == [0.1875, 0.25]
    value, slope = reference.ACTIVATIONS["tanh"]
    np.testing.assert_allclose(value(np.array([LOG2, 0, -LOG2]), 0), [0.6, 0, -0.6], rtol=4e-16)
    np.testing.assert_allclose(slope(np.array([0.6, 0]), 0), [0.64, 1], rtol=4e-16)


def test_reference_activations_of_input_by_hand() -> None:
    # e^z = 3: sigmoid 3/4, softplus log 4, tanh 15/17. Of tanh the slope is 64/289, times 3/4.
    z = np.array([LOG3])
    value, slope = reference.ACTIVATIONS["silu"]
    np.testing.assert_allclose(value(z, 0), 0.75 * LOG3, rtol=4e-16)
    np.testing.assert_allclose(slope(z, 0), 0.75 + 0.1875 * LOG3, rtol=4e-16)
    np.testing.assert_allclose(
        reference.CURVATURES["silu"](z, 0), 0.1875 * (2 - LOG3 / 2), rtol=1e-15
    )
    value, slope = reference.ACTIVATIONS["mish"]
    np.testing.assert_allclose(value(z, 0), 15 / 17 * LOG3, rtol=4e-16)
    np.testing.assert_allclose(slope(z, 0), 15 / 17 + 48 / 289 * LOG3, rtol=4e-16)


def test_reference_outputs_by_hand() -> None:
    # softmax(log 1, log 2, log 5) = (1, 2, 5) / 8; the loss of class 1 is log 8 - log 2 = log 4.
    unit, loss = reference.OUTPUTS["softmax"]
    z = np.log(column(1, 2, 5))
    np.testing.assert_allclose(unit(z), column(0.125, 0.25, 0.625), rtol=1e-15)
    np.testing.assert_allclose(loss(z, column(0, 1, 0)), LOG4, rtol=1e-15)
    # sigmoid(log 3) = 3/4: the loss is log(4/3) for y = 1 and log 4 for y = 0; two outputs add up.
    _, loss = reference.OUTPUTS["sigmoid"]
    z = column(LOG3, LOG3)
    np.testing.assert_allclose(loss(z, column(1, 0)), (LOG4 - LOG3) + LOG4, rtol=1e-15)
    # exp: a = 4 against y = 2 costs 4 - 2 log 4.
    _, loss = reference.OUTPUTS["exp"]
    np.testing.assert_allclose(loss(column(LOG4), column(2)), 4 - 2 * LOG4, rtol=1e-15)


def test_reference_extreme_logits_stay_exact() -> None:
    for output, z, y, expected in [
        ("sigmoid", [1000.0], [0.0], 1000.0), ("sigmoid", [-1000.0], [1.0], 1000.0),
        ("sigmoid", [1000.0], [1.0], 0.0), ("softmax", [1000.0, 0.0], [0.0, 1.0], 1000.0),
        ("softmax", [-1000.0, -2000.0], [1.0, 0.0], 0.0),
    ]:  # fmt: skip
        unit, loss = reference.OUTPUTS[output]
        assert loss(column(*z), column(*y)).item() == expected
        assert np.isfinite(unit(column(*z))).all()


# What the lecture notes print wrongly


def test_reference_leaky_slope_has_its_cases_the_right_way_round() -> None:
    value, slope = reference.ACTIVATIONS["leaky_relu"]
    a = value(np.array([-2.0, 0.0, 2.0]), 0.25)
    assert a.tolist() == [-0.5, 0.0, 2.0]
    assert slope(a, 0.25).tolist() == [0.25, 0.25, 1.0]
    assert value(np.array([-2.0, 2.0]), 3.0).tolist() == [-6.0, 2.0]  # max(c z, z) would be -2


def test_reference_every_parameter_descends_from_itself(make_problem: Any) -> None:
    problem = make_problem((2, 2, 2), 5, "tanh", "sigmoid")  # W1 and W2 have the same shape
    derivatives = problem.oracle_gradients()[1:5]
    after, _ = reference.train(*problem.parameters, problem.X, problem.Y, n_epochs=1)
    for P, before, dP in zip(after, problem.parameters, derivatives, strict=True):
        assert (P == before - 0.1 * dP).all()


def test_reference_layers_use_their_own_unit_and_sum(make_problem: Any) -> None:
    problem = make_problem((2, 3, 1), 5, "relu", "sigmoid")
    W1, b1, W2, b2 = problem.parameters
    Z1, A1, Z2, A2 = problem.oracle_forward()
    assert (Z1 == W1 @ problem.X + b1).all() and (A1 == np.maximum(Z1, 0)).all()
    assert (Z2 == W2 @ A1 + b2).all() and (A2 == reference.sigmoid(Z2)).all()


def test_reference_tanh_is_two_sigmoids() -> None:
    z = np.linspace(-5, 5, 101)
    two_sigmoids = 2 * reference.sigmoid(2 * z) - 1
    np.testing.assert_allclose(np.tanh(z), two_sigmoids, rtol=0, atol=7e-16)  # 3 eps


def test_reference_biases_keep_rank_two(make_problem: Any, output: str) -> None:
    problem = make_problem((2, 3, 2), 5, "tanh", output)
    _, _, db1, _, db2, _ = problem.oracle_gradients()
    assert db1.shape == (3, 1) and db2.shape == (2, 1)


# Optimizers and training


def test_reference_sgd_by_hand() -> None:
    # momentum 1/2, rate 1, gradients 4 then 2: v = -4, then -2 - 2 = -4
    step = reference.OPTIMIZERS["sgd"]
    P, state = np.array([1.0]), ()
    P, state = step(P, np.array([4.0]), state, 1, 1.0, momentum=0.5, nesterov=False)
    assert P == 1 - 4
    P, state = step(P, np.array([2.0]), state, 2, 1.0, momentum=0.5, nesterov=False)
    assert P == 1 - 4 - 4
    # Nesterov adds momentum v - gradient instead of v: -2 - 4 = -6, then -2 - 2 = -4
    P, state = step(np.array([1.0]), np.array([4.0]), (), 1, 1.0, momentum=0.5, nesterov=True)
    assert P == 1 - 6
    P, state = step(P, np.array([2.0]), state, 2, 1.0, momentum=0.5, nesterov=True)
    assert P == 1 - 6 - 4


def test_reference_adam_by_hand() -> None:
    # beta_1 = 1/2, beta_2 = 3/4, epsilon = 1. Gradient 4: mean 2, square 4; the rate
    # sqrt(1 - 3/4) / (1 - 1/2) = 1 turns into a step of 2 / (2 + 1).
    step = reference.OPTIMIZERS["adam"]
    settings = {"beta_1": 0.5, "beta_2": 0.75, "epsilon": 1.0}
    P, state = step(np.array([1.0]), np.array([4.0]), (), 1, 1.0, **settings)
    np.testing.assert_allclose(P, 1 - 2 / 3, rtol=1e-15)
    # Gradient 2: mean 2, square 3 + 1 = 4; rate sqrt(1 - 9/16) / (3/4) = sqrt(7)/3
    P, state = step(P, np.array([2.0]), state, 2, 1.0, **settings)
    np.testing.assert_allclose(P, 1 - 2 / 3 - np.sqrt(7) / 3 * 2 / 3, rtol=1e-15)


def test_reference_flower_run_gives_the_published_costs(draw_flower: Any) -> None:
    X, Y = draw_flower
    for seed, costs in [(2, [0.693048, 0.288083]), (3, [0.693162, 0.258625])]:
        rng = np.random.RandomState(seed)
        start = (0.01 * rng.randn(4, 2), np.zeros((4, 1)), 0.01 * rng.randn(1, 4), np.zeros((1, 1)))
        _, curve = reference.train(*start, X, Y, learning_rate=1.2, n_epochs=1001)
        assert np.round(curve[::1000], 6).tolist() == costs


@pytest.fixture(scope="module")
def draw_flower() -> Any:
    rng = np.random.RandomState(1)
    petals = []
    for j in (0, 1):
        t = np.linspace(3.12 * j, 3.12 * (j + 1), 200) + 0.2 * rng.randn(200)
        r = 4 * np.sin(4 * t) + 0.2 * rng.randn(200)
        petals.append([r * np.sin(t), r * np.cos(t)])
    return np.hstack(petals), np.repeat([[0.0, 1.0]], 200, axis=1)


def train_linear_neuron(m: int = 4, first: int = 0, **options: Any) -> tuple[float, float, Any]:
    """Train a neuron from w = b = 0 on x = 1, y = first..m-1; return w, b and the costs.

    Its output is z = w + b and its gradient, by w as by b, z - mean(y).
    """
    X, Y = np.ones((1, m - first)), np.arange(first, m)[None].astype(float)
    start = (None, None, column(0), column(0))
    (_, _, w, b), costs = reference.train(*start, X, Y, "identity", "identity", **options)
    return w.item(), b.item(), costs


def test_reference_batches_follow_the_given_order() -> None:
    # Rate 1, batches of 1: a step on example y takes the output from z to z - 2 (z - y) = 2 y - z.
    order = np.array([2, 0, 3, 1])
    w, b, costs = train_linear_neuron(learning_rate=1.0, n_epochs=1, batch_size=1, orders=[order])
    outputs = [0.0]
    for y in order:
        outputs.append(2 * y - outputs[-1])
    assert w + b == outputs[-1]
    assert costs == [np.mean((np.array(outputs[:4]) - order) ** 2 / 2)]


def test_reference_batches_without_weight_are_skipped() -> None:
    s = np.array([0.0, 0.0, 1.0, 3.0])
    skipping = train_linear_neuron(n_epochs=2, batch_size=2, example_weights=s)
    assert skipping == train_linear_neuron(first=2, n_epochs=2, example_weights=s[2:])


def test_reference_inverse_scaling_counts_examples() -> None:
    w, b, _ = train_linear_neuron(schedule="invscaling", power_t=0.5, learning_rate=0.5, n_epochs=2)
    first = 0.5 * 1.5  # the gradient is 0 - mean(y)
    second = 0.5 / np.sqrt(4 + 1) * (1.5 - 2 * first)  # four examples seen
    assert w == b
    np.testing.assert_allclose(w, first + second, rtol=1e-15)


def test_reference_tolerance_stops_or_divides_the_rate() -> None:
    # The first cost is below infinity; then four in a row improve by less than tol: 1 + 4 epochs.
    still: dict[str, Any] = {"n_epochs": 50, "tol": 1e3, "n_iter_no_change": 3}
    _, _, costs = train_linear_neuron(learning_rate=1e-4, **still)
    assert len(costs) == 1 + 4
    # Adaptive: 1e-4, 2e-5, 4e-6, 8e-7 after three divisions; the next four epochs end it.
    _, _, costs = train_linear_neuron(learning_rate=1e-4, schedule="adaptive", **still)
    assert len(costs) == 1 + 4 * 4
