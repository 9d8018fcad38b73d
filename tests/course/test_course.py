"""The teaching functions: the well-known numbers, prints and shapes."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest

import shallownet_native as sn
from shallownet_native import course, reference

X, Y = sn.datasets.flower()
# Costs at iterations 0, 1000, ...: recomputed in several ways, and not chaotic up to here.
COSTS = {
    2: "0.693048 0.288083 0.254385 0.233864 0.226792 0.222644 0.219731 0.217504",
    3: "0.693162 0.258625 0.239334 0.230802 0.225528 0.221845 0.219094",
}
# Accuracy in per cent after 5000 iterations, by number of hidden units. Single points near the
# boundary (a quarter per cent each) may fall either way with rounding.
SWEEP = {1: 67.5, 2: 67.25, 3: 90.75, 4: 90.5, 5: 91.25, 20: 90.0, 50: 90.25}


def draw(n: int = 5) -> tuple[Any, Any, Any]:
    stream = np.random.RandomState(1)
    x, y = stream.randn(2, n), stream.randn(1, n) > 0
    return x, y, course.initialize_parameters(2, 4, 1, seed=2)


@pytest.mark.parametrize("seed", COSTS)
def test_course_prints_the_costs_of_the_flower(seed: int, capsys: Any) -> None:
    course.nn_model(X, Y, 4, num_iterations=10000, print_cost=True, seed=seed)
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 10  # up to iteration 9000; the last ones are chaotic
    expected = COSTS[seed].split()
    for k, cost in enumerate(expected):
        assert lines[k] == f"Cost after iteration {1000 * k}: {cost}"
    for k, line in enumerate(lines):
        assert re.fullmatch(rf"Cost after iteration {1000 * k}: 0\.\d{{6}}", line)


def test_course_default_seed_is_3_and_of_its_own(capsys: Any) -> None:
    np.random.seed(5)
    expected = np.random.RandomState(5).rand()
    course.nn_model(X, Y, n_h=4, num_iterations=1, print_cost=True)
    assert capsys.readouterr().out == "Cost after iteration 0: 0.693162\n"
    assert np.random.rand() == expected  # NumPy's global stream was not touched
    course.nn_model(X, Y, n_h=4, num_iterations=1)
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("n_h", SWEEP)
def test_course_sweep_of_hidden_sizes_reaches_the_known_accuracy(n_h: int) -> None:
    parameters = course.nn_model(X, Y, n_h, num_iterations=5000, seed=2)
    predictions = course.predict(parameters, X)
    # the notebook's own way to count
    accuracy = float((np.dot(Y, predictions.T) + np.dot(1 - Y, 1 - predictions.T)).item()) / 4
    assert abs(accuracy - SWEEP[n_h]) <= 0.5


def test_course_initialize_parameters_draws_from_numpys_global_stream() -> None:
    np.random.seed(2)
    W1, W2 = np.random.randn(4, 2) * 0.01, np.random.randn(1, 4) * 0.01
    np.random.seed(2)
    pasted = course.initialize_parameters(2, 4, 1)
    for parameters in (pasted, course.initialize_parameters(2, 4, 1, seed=2)):
        assert np.array_equal(parameters["W1"], W1) and np.array_equal(parameters["W2"], W2)
        assert not parameters["b1"].any() and parameters["b1"].shape == (4, 1)
        assert not parameters["b2"].any() and parameters["b2"].shape == (1, 1)
    np.random.seed(2)
    unseeded = course.nn_model(X, Y, 4, num_iterations=10, seed=None)
    seeded = course.nn_model(X, Y, 4, num_iterations=10, seed=2)
    assert all(np.array_equal(unseeded[name], seeded[name]) for name in seeded)


def test_course_functions_make_the_descent_of_nn_model() -> None:
    n_x, n_h, n_y = course.layer_sizes(X, Y)
    assert (n_x, n_h, n_y) == (2, 4, 1)
    parameters = course.initialize_parameters(n_x, n_h, n_y, seed=3)
    start = {name: array.copy() for name, array in parameters.items()}
    for _ in range(20):
        before = {name: array.copy() for name, array in parameters.items()}
        A2, cache = course.forward_propagation(X, parameters)
        course.compute_cost(A2, Y)
        grads = course.backward_propagation(parameters, cache, X, Y)
        updated = course.update_parameters(parameters, grads)
        assert all(np.array_equal(parameters[name], before[name]) for name in before)
        parameters = updated
    assert set(parameters) == {"W1", "b1", "W2", "b2"} == set(start)
    expected = course.nn_model(X, Y, 4, num_iterations=20)
    for name, array in parameters.items():
        # 20 steps in which sums over 400 examples are taken in another order
        assert np.abs(array - expected[name]).max() <= 1e-13


def test_course_functions_agree_with_the_oracle() -> None:
    x, y, parameters = draw()
    A2, cache = course.forward_propagation(x, parameters)
    Z1, A1, Z2, _ = reference.forward(*parameters.values(), x)
    expected = dict(zip(("Z1", "A1", "Z2", "A2"), (Z1, A1, Z2, A2), strict=True))
    assert list(cache) == list(expected) and cache["A2"] is A2
    J, *slopes, _ = reference.gradients(*parameters.values(), x, y)
    grads = course.backward_propagation(parameters, cache, x, y)
    assert list(grads) == ["dW1", "db1", "dW2", "db2"]
    for name, slope in zip(grads, slopes, strict=True):
        assert np.abs(grads[name] - slope).max() <= 1e-15
    for name in expected:
        assert np.abs(cache[name] - expected[name]).max() <= 1e-15
    cost = course.compute_cost(A2, y)
    assert type(cost) is float and abs(cost - J) <= 1e-15
    assert course.compute_cost(A2, y, parameters) == cost  # the older signature
    predictions = course.predict(parameters, x)
    assert predictions.dtype == bool and np.array_equal(predictions, A2 > 0.5)


def test_course_cost_is_finite_when_outputs_are_rounded() -> None:
    assert course.compute_cost([[1.0, 0.0]], [[1, 0]]) <= 1e-15
    assert 30 < course.compute_cost([[1.0, 0.5]], [[0, 1]]) * 2 < 800
    assert np.isfinite(course.compute_cost([[0.0]], [[1]]))
