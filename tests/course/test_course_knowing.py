"""What dictionaries of the course know of their hidden activation, and how they hand it on."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import shallownet_native as sn
from shallownet_native import course

X, Y = sn.datasets.flower()
START = course.initialize_parameters(2, 4, 1, seed=3)
RELU: Any = course.nn_model(X, Y, 4, 50, hidden="relu")
SIGMOID: Any = course.nn_model(X, Y, 4, 50, hidden="sigmoid")
NETWORK = sn.train(
    sn.Parameters(**START), X, Y, hidden="leaky_relu", negative_slope=0.3, n_iterations=50
).parameters
_, CACHE = course.forward_propagation(X, NETWORK)
LEAKY: Any = course.update_parameters(
    NETWORK, course.backward_propagation(NETWORK, CACHE, X, Y), 0.1
)
CALLS: dict[str, Any] = {
    "predict": lambda given: sn.predict(given, X),
    "cost": lambda given: sn.cost(given, X, Y),
    "gradients": lambda given: sn.gradients(given, X, Y),
    "train": lambda given: sn.train(given, X, Y),
    "diagnose": lambda given: sn.diagnose(given, X, Y),
    "importance": sn.importance,
    "decision_boundary": lambda given: sn.plotting.decision_boundary(given, X, Y),
    "save": lambda given: sn.save(given, "never.snet"),
}


@pytest.mark.parametrize("name", CALLS)
def test_course_knowing_is_in_the_line_that_makes_parameters(name: str) -> None:
    for given, known in (
        (RELU, ", hidden='relu'"), (LEAKY, ", hidden='leaky_relu', negative_slope=0.3"), (START, "")
    ):  # fmt: skip
        with pytest.raises(TypeError, match="got dict") as caught:
            CALLS[name](given)
        line = re.search(r"Parameters\(\*\*(\w+).*?\)", str(caught.value))
        assert line is not None and line[0] == f"Parameters(**{line[1]}{known})"
        made = eval(line[0], {"Parameters": sn.Parameters, line[1]: given})
        assert np.array_equal(sn.predict(made, X), course.predict(given, X))


def test_course_knowing_dictionaries_of_something_else_are_not_told_to_be_saved(
    tmp_path: Path,
) -> None:
    with pytest.raises(TypeError, match=r"got dict$"):
        sn.save({"some": 1}, tmp_path / "never.snet")  # type: ignore[arg-type]


def test_course_knowing_goes_through_a_loop_by_hand() -> None:
    """The activation is said once, in the forward pass of the first step."""
    parameters: Any = {name: 100 * array for name, array in START.items()}
    expected = sn.train(
        sn.Parameters(**parameters), X, Y, hidden="relu", learning_rate=0.1, n_iterations=5
    ).parameters.as_dict()
    for i in range(5):
        _, cache = course.forward_propagation(X, parameters, hidden=None if i else "relu")
        grads: Any = course.backward_propagation(parameters, cache, X, Y)
        assert grads.hidden == "relu"
        parameters = course.update_parameters(dict(parameters), grads, 0.1)
    for name, array in parameters.items():
        # 5 steps in which sums over 400 examples are taken in another order
        assert np.abs(array - expected[name]).max() <= 1e-13


def test_course_knowing_leaves_tanh_plain() -> None:
    _, cache = course.forward_propagation(X, START)
    grads = course.backward_propagation(START, cache, X, Y)
    assert {type(each) for each in (cache, grads, course.update_parameters(START, grads))} == {dict}


def test_course_knowing_hands_on_the_slope_of_leaky_relu() -> None:
    plain = NETWORK.as_dict()
    known = course.backward_propagation(NETWORK, CACHE, X, Y)
    grads: Any = course.backward_propagation(dict(plain), CACHE, X, Y)  # type: ignore[arg-type]
    assert all(np.array_equal(grads[name], known[name]) for name in known)
    moved: Any = course.update_parameters(dict(plain), grads)  # type: ignore[arg-type]
    assert (moved.hidden, moved.negative_slope) == ("leaky_relu", 0.3)


def test_course_knowing_names_what_contradicts() -> None:
    _, cache = course.forward_propagation(X, RELU)
    words = "the cache was computed with hidden='relu' and the parameters have hidden='sigmoid': "
    with pytest.raises(ValueError, match=re.escape(words) + "A2, cache = forward_propagation"):
        course.backward_propagation(SIGMOID, cache, X, Y)
    grads = course.backward_propagation(RELU, cache, X, Y)
    words = "the grads were computed with hidden='relu' and the parameters have hidden='sigmoid': "
    with pytest.raises(ValueError, match=re.escape(words) + "grads = backward_propagation"):
        course.update_parameters(SIGMOID, grads)
    usual = sn.Parameters(*NETWORK, hidden="leaky_relu", negative_slope=0.01)
    with pytest.raises(ValueError, match=r"with negative_slope=0\.3 and the .*negative_slope=0\.0"):
        course.backward_propagation(usual, CACHE, X, Y)
    _, cache = course.forward_propagation(X, START, hidden="leaky_relu")
    with pytest.raises(
        ValueError, match=r"with negative_slope=0\.01 and the .*negative_slope=0\.3"
    ):
        course.backward_propagation(LEAKY, cache, X, Y)


def test_course_knowing_survives_unions() -> None:
    for union in (LEAKY | {}, {} | LEAKY, LEAKY | {"W1": 1}, LEAKY.copy()):
        assert (union.hidden, union.negative_slope) == ("leaky_relu", 0.3)
    assert (LEAKY | {"W1": 1})["W1"] == 1 and ({"W1": 1} | LEAKY)["W1"] is LEAKY["W1"]
    assert (LEAKY | RELU).hidden == "leaky_relu" and (LEAKY | RELU)["W1"] is RELU["W1"]
    with pytest.raises(TypeError, match="unsupported operand"):
        LEAKY | 1
    with pytest.raises(TypeError, match="unsupported operand"):
        1 | LEAKY
    assert type(LEAKY).fromkeys("ab", 1) == {"a": 1, "b": 1}
    assert type(LEAKY).fromkeys("a") == {"a": None}


def test_course_knowing_computes_in_float64_where_the_inputs_are() -> None:
    single: Any = {name: array.astype(np.float32) for name, array in RELU.items()}
    double = sn.Parameters(**single, hidden="relu").astype(np.float64)
    A2, cache = course.forward_propagation(X, single, hidden="relu")
    assert A2.dtype == np.float64 and np.array_equal(A2, sn.forward(double, X).A2)
    grads = course.backward_propagation(single, cache, X, Y)
    known = course.backward_propagation(double, cache, X, Y)
    assert all(np.array_equal(grads[name], known[name]) for name in known)
    assert {array.dtype for array in course.update_parameters(single, grads).values()} == {A2.dtype}
    assert np.array_equal(course.predict(single, X, hidden="relu"), A2 > 0.5)
    assert np.array_equal(course.predict(sn.Parameters(**single, hidden="relu"), X), A2 > 0.5)
    for few in (X.astype(np.float32), X.tolist()):
        assert course.forward_propagation(few, single)[0].dtype == np.float32
