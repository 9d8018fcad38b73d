"""The assignment's own checks of every function, the current ones and the older ones, by numbers.

Each number has been computed again from the formulas; digits are those that are printed there.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from shallownet_native import course

W1 = [[-0.00416758, -0.00056267], [-0.02136196, 0.01640271],
      [-0.01793436, -0.00841747], [0.00502881, -0.01245288]]  # fmt: skip
W2 = [[-0.01057952, -0.00909008, 0.00551454, 0.02292208]]
PARAMETERS = {"W1": W1, "b1": np.zeros((4, 1)), "W2": W2, "b2": [[0.0]]}
A1 = [[-0.00616578, 0.0020626, 0.00349619], [-0.05225116, 0.02725659, -0.02646251],
      [-0.02009721, 0.0036869, 0.02883756], [0.02152675, -0.01385234, 0.02599885]]  # fmt: skip
CACHE = {"A1": A1, "A2": [[0.5002307, 0.49985831, 0.50023963]]}


def stream() -> Any:
    return np.random.RandomState(1)


def close(found: Any, known: Any, digits: float = 8) -> bool:
    """Tell whether all is the same in so many digits behind the point."""
    return bool(np.abs(np.subtract(found, known)).max() <= 0.51 * 10**-digits)


@pytest.mark.parametrize(("n_x", "n_y", "m"), [(5, 2, 3), (7, 5, 5)])
def test_course_numbers_of_the_layers(n_x: int, n_y: int, m: int) -> None:
    draw = stream()
    assert course.layer_sizes(draw.randn(n_x, m), draw.randn(n_y, m)) == (n_x, 4, n_y)


def test_course_numbers_of_the_forward_pass() -> None:
    draw = stream()
    X, b1 = draw.randn(2, 3), draw.randn(4, 1)
    _, cache = course.forward_propagation(X, {**PARAMETERS, "b1": b1, "b2": [[-1.3]]})
    means = [np.mean(cache[name]) for name in ("Z1", "A1", "Z2", "A2")]
    known = [0.262818640198, 0.091999045227, -1.30766601287, 0.212877681719]
    assert close(means, known, digits=11)


def test_course_numbers_of_the_cost() -> None:
    Y = stream().randn(1, 3)
    assert close(course.compute_cost(CACHE["A2"], Y > 0), 0.693058761, digits=9)
    with pytest.warns(UserWarning, match="Y > 0"):  # as it was in 2017
        assert close(course.compute_cost(CACHE["A2"], Y), 0.692919893776, digits=12)
    five = [[*CACHE["A2"][0], 0.25, 0.7]]
    assert close(course.compute_cost(five, stream().randn(1, 5) > 0), 0.5447066599017815, digits=15)


def test_course_numbers_of_the_backward_pass() -> None:
    draw = stream()
    X, Y = draw.randn(2, 3), draw.randn(1, 3)
    grads = course.backward_propagation(PARAMETERS, CACHE, X, Y > 0)
    assert close(grads["dW1"], [[0.00301023, -0.00747267], [0.00257968, -0.00641288],
                                [-0.00156892, 0.003893], [-0.00652037, 0.01618243]])  # fmt: skip
    assert close(grads["db1"], [[0.00176201], [0.00150995], [-0.00091736], [-0.00381422]])
    assert close(grads["dW2"], [[0.00078841, 0.01765429, -0.00084166, -0.01022527]])
    assert close(grads["db2"], [[-0.16655712]])
    with pytest.warns(UserWarning, match="Y > 0"):
        grads = course.backward_propagation(PARAMETERS, CACHE, X, Y)
    assert close(grads["dW1"], [[0.01018708, -0.00708701], [0.00873447, -0.0060768],
                                [-0.00530847, 0.00369379], [-0.02206365, 0.01535126]])  # fmt: skip
    assert close(grads["db1"], [[-0.00069728], [-0.00060606], [0.000364], [0.00151207]])
    assert close(grads["dW2"], [[0.00363613, 0.03153604, 0.01162914, -0.01318316]])
    assert close(grads["db2"], [[0.06589489]])


def test_course_numbers_of_a_cache_that_is_drawn() -> None:
    draw = stream()
    X, Y = draw.randn(3, 7), draw.randn(1, 7) > 0
    drawn = {"W1": draw.randn(9, 3), "W2": draw.randn(1, 9)}
    parameters = {**drawn, "b1": np.zeros((9, 1)), "b2": np.zeros((1, 1))}
    cache = {"A1": draw.randn(9, 7), "A2": draw.randn(1, 7)}
    grads = course.backward_propagation(parameters, cache, X, Y)
    dZ2 = cache["A2"] - Y
    dZ1 = np.dot(parameters["W2"].T, dZ2) * (1 - np.power(cache["A1"], 2))
    # sums of seven products of size 10, in an order of their own
    for name, known in {
        "dW1": np.dot(dZ1, X.T) / 7,
        "db1": np.sum(dZ1, axis=1, keepdims=True) / 7,
        "dW2": np.dot(dZ2, cache["A1"].T) / 7,
        "db2": np.sum(dZ2, axis=1, keepdims=True) / 7,
    }.items():
        assert grads[name].shape == known.shape and np.abs(grads[name] - known).max() < 1e-13


def test_course_numbers_of_a_step() -> None:
    parameters = {"W1": [[1.0, -2.0]], "b1": [[0.5]], "W2": [[3.0]], "b2": [[-1.0]]}
    grads = {"dW1": [[0.5, 1.0]], "db1": [[-1.0]], "dW2": [[2.0]], "db2": [[0.25]]}
    moved = course.update_parameters(parameters, grads)
    known = {"W1": [[0.4, -3.2]], "b1": [[1.7]], "W2": [[0.6]], "b2": [[-1.3]]}
    assert all(close(moved[name], known[name], digits=14) for name in known)


@pytest.mark.parametrize(
    ("seed", "W1", "b2"),
    [(3, (0.56305445, -1.03925886), 0.21344644), (2, (-0.65848169, 1.21866811), 0.20459656)],
)
def test_course_numbers_of_the_small_run(seed: int, W1: Any, b2: float) -> None:
    draw = stream()
    X, Y = draw.randn(2, 3), draw.randn(1, 3) > 0
    parameters = course.nn_model(X, Y, 4, num_iterations=10000, seed=seed)
    assert close(parameters["W1"][0], W1) and close(parameters["b2"], b2)
    if seed == 3:
        rows = [[0.7345426, -1.36286875], [-0.72533346, 1.33753027], [0.74757629, -1.38274074]]
        W2 = [1.82196893, 3.09657075, -2.98193564, 3.19946508]
        assert close(parameters["W1"][1:], rows) and close(parameters["W2"], W2)


def test_course_numbers_of_the_small_run_as_in_2017() -> None:
    """Its targets are no labels: costs fall without end, and the weights keep three digits."""
    draw = stream()
    X, Y = draw.randn(2, 3), draw.randn(1, 3)
    with pytest.warns(UserWarning, match="Y holds values from") as caught:
        parameters = course.nn_model(X, Y, 4, num_iterations=10000, seed=2)
    assert len(caught) == 1  # and not one for each iteration
    W1 = [[-4.18494056, 5.33220609], [-7.52989382, 1.24306181],
          [-4.1929459, 5.32632331], [7.52983719, -1.24309422]]  # fmt: skip
    W2 = [[-6033.83672146, -6008.12980822, -6033.10095287, 6008.06637269]]
    b1 = [[2.32926819], [3.79458998], [2.33002577], [-3.79468846]]
    # one part in 10^15 of the first W1 changes W1 by up to 0.04, and W2 and b2 by 0.02
    assert np.abs(parameters["W1"] - W1).max() < 0.06
    assert np.abs(parameters["b1"] - b1).max() < 0.03
    assert np.abs(parameters["W2"] - W2).max() < 0.04
    assert abs(parameters["b2"].item() + 52.66607724) < 0.04


def test_course_numbers_of_the_labels() -> None:
    draw = stream()
    X = draw.randn(2, 3)
    drawn = {"W1": draw.randn(4, 2), "b1": draw.randn(4, 1), "W2": draw.randn(1, 4)}
    parameters = {**drawn, "b2": draw.randn(1, 1)}
    A1 = np.tanh(parameters["W1"] @ X + parameters["b1"])
    known = parameters["W2"] @ A1 + parameters["b2"] > 0
    assert np.array_equal(course.predict(parameters, X), known)
    assert known.any() and not known.all()
