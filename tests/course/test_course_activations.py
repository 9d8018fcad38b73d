"""The course with other hidden activations, with our own objects, and with a history."""

from __future__ import annotations

import copy
import pickle
import warnings
from typing import Any

import numpy as np
import pytest

import shallownet_native as sn
from shallownet_native import course, reference

X, Y = sn.datasets.flower()
START = course.initialize_parameters(2, 4, 1, seed=3)
LARGER = {name: 100 * array for name, array in START.items()}  # so that slopes differ
KNOWING = sn.Parameters(**LARGER, hidden="relu", output="sigmoid")  # type: ignore[arg-type]


def oracle(parameters: Any, hidden: str, slope: float = 0.01) -> dict[str, Any]:
    found = reference.gradients(*parameters, X, Y, hidden, "sigmoid", slope)[1:5]
    return dict(zip(("dW1", "db1", "dW2", "db2"), found, strict=True))


def same(one: Any, other: Any) -> bool:
    """Tell whether dictionaries of arrays are equal to rounding: sums of 400 numbers below 10."""
    return list(one) == list(other) and all(
        np.abs(one[name] - other[name]).max() <= 1e-13 for name in one
    )


def test_course_activations_have_the_oracles_derivatives(hidden: str) -> None:
    A2, cache = course.forward_propagation(X, LARGER, hidden=hidden)
    assert np.abs(A2 - reference.forward(*LARGER.values(), X, hidden)[3]).max() <= 1e-14
    grads = course.backward_propagation(LARGER, cache, X, Y, hidden=hidden)
    assert same(grads, oracle(LARGER.values(), hidden))
    others = [name for name in ("tanh", "relu") if name != hidden]
    for other in others:
        assert not same(grads, course.backward_propagation(LARGER, dict(cache), X, Y, hidden=other))
    assert np.array_equal(course.predict(LARGER, X, hidden=hidden), A2 > 0.5)


def test_course_activations_are_known_by_the_cache(hidden: str) -> None:
    _, cache = course.forward_propagation(X, LARGER, hidden=hidden)
    assert same(course.backward_propagation(LARGER, cache, X, Y), oracle(LARGER.values(), hidden))
    assert (type(cache) is dict) == (hidden == "tanh")


def test_course_activations_go_with_the_trained_parameters(hidden: str) -> None:
    parameters = course.nn_model(X, Y, 4, num_iterations=50, hidden=hidden)
    known = sn.train(
        sn.Parameters(**START), X, Y, learning_rate=1.2, n_iterations=50, hidden=hidden
    ).parameters
    assert all(np.array_equal(parameters[name], known.as_dict()[name]) for name in parameters)
    assert np.array_equal(course.predict(parameters, X), sn.predict(known, X))
    assert (type(parameters) is dict) == (hidden == "tanh")
    for _ in range(2):  # and with what is made of them
        A2, cache = course.forward_propagation(X, parameters)
        assert np.array_equal(A2, sn.forward(sn.Parameters(**parameters), X, hidden).A2)
        grads = course.backward_propagation(parameters, cache, X, Y)
        assert same(grads, oracle(parameters.values(), hidden))
        parameters = course.update_parameters(parameters, grads)


def test_course_activations_survive_copies() -> None:
    parameters: Any = course.nn_model(X, Y, 4, num_iterations=5, hidden="relu")
    copies = parameters.copy(), copy.copy(parameters), copy.deepcopy(parameters)
    for found in (*copies, pickle.loads(pickle.dumps(parameters))):
        assert found.hidden == "relu"
        assert np.array_equal(course.predict(found, X), course.predict(parameters, X))
    plain = course.predict(dict(parameters), X)
    assert not np.array_equal(plain, course.predict(parameters, X))
    assert np.array_equal(plain, course.predict(dict(parameters), X, hidden="tanh"))


def test_course_activations_keep_the_slope_of_leaky_relu() -> None:
    network = sn.Parameters(*KNOWING, hidden="leaky_relu", negative_slope=0.3)
    A2, cache = course.forward_propagation(X, network)
    assert np.array_equal(A2, sn.forward(network, X).A2)
    grads = course.backward_propagation(network, cache, X, Y)
    assert same(grads, oracle(network, "leaky_relu", 0.3))
    moved = course.update_parameters(network, grads)
    again, _ = course.forward_propagation(X, moved)
    known = sn.forward(sn.Parameters(**moved), X, "leaky_relu", negative_slope=0.3).A2
    assert np.array_equal(again, known)


def test_course_activations_that_contradict_are_refused() -> None:
    relu: Any = course.nn_model(X, Y, 4, num_iterations=5, hidden="relu")
    _, cache = course.forward_propagation(X, LARGER, hidden="relu")
    for parameters in (relu, KNOWING):
        with pytest.raises(ValueError, match=r"for hidden='tanh', but these .* hidden='relu'"):
            course.predict(parameters, X, hidden="tanh")
        assert course.predict(parameters, X, hidden="relu").shape == (1, 400)
    with pytest.raises(ValueError, match=r"for hidden='tanh', but the cache .* hidden='relu'"):
        course.backward_propagation(LARGER, cache, X, Y, hidden="tanh")
    with pytest.raises(ValueError, match="output='identity', and the course"):
        course.predict(sn.Parameters(*KNOWING, output="identity"), X)
    np.random.seed(5)
    with pytest.raises(ValueError, match="did you mean 'relu'"):
        course.nn_model(X, Y, 4, hidden="rleu", seed=None)
    assert np.random.rand() == np.random.RandomState(5).rand()  # nothing was drawn
    with pytest.raises(ValueError, match="did you mean 'relu'"):
        course.forward_propagation(X, relu, hidden="rleu")


def test_course_activations_from_the_input_need_it() -> None:
    _, cache = course.forward_propagation(X, LARGER, hidden="silu")
    half = {name: cache[name] for name in ("A1", "A2")}
    with pytest.raises(ValueError, match="cache must hold Z1, too, for the slope of silu"):
        course.backward_propagation(LARGER, half, X, Y, hidden="silu")
    assert same(
        course.backward_propagation(LARGER, half, X, Y, hidden="sigmoid"),
        course.backward_propagation(LARGER, dict(cache), X, Y, hidden="sigmoid"),
    )


def test_course_takes_our_own_objects_for_dictionaries() -> None:
    network = sn.Parameters(**LARGER)
    A2, cache = course.forward_propagation(X, LARGER)
    assert np.array_equal(course.forward_propagation(X, network)[0], A2)
    own = sn.forward(network, X)
    J, slopes = sn.gradients(network, X, Y)
    grads = course.backward_propagation(network, own, X, Y)
    assert same(grads, course.backward_propagation(LARGER, cache, X, Y))
    moved = course.update_parameters(network, slopes)
    assert type(moved) is dict and same(moved, course.update_parameters(LARGER, grads))
    assert abs(course.compute_cost(own.A2, Y) - J) < 1e-14
    result = sn.train(network, X, Y, n_iterations=3, hidden="relu")
    assert np.array_equal(course.predict(result, X), sn.predict(result.parameters, X))
    assert np.array_equal(course.predict(network, X), course.predict(LARGER, X))


def test_course_takes_float32_as_it_is() -> None:
    single = {name: array.astype(np.float32) for name, array in LARGER.items()}
    x, y = X.astype(np.float32), Y.astype(np.float32)
    A2, cache = course.forward_propagation(x, single)
    assert A2.dtype == np.float32
    double = {name: array.astype(np.float64) for name, array in cache.items()}
    for found, targets in ((cache, y), (double, Y)):  # NumPy of the learner's own makes float64
        grads = course.backward_propagation(single, found, x, targets)
        assert {array.dtype for array in grads.values()} == {A2.dtype}
        for name, known in oracle(LARGER.values(), "tanh").items():
            assert np.abs(grads[name] - known).max() < 1e-5


def test_course_takes_sparse_inputs() -> None:
    sparse = pytest.importorskip("scipy.sparse")
    few = np.where(np.abs(X) > 2, X, 0.0)
    for make in (sparse.csr_matrix, sparse.csc_array):
        A2, cache = course.forward_propagation(make(few), LARGER)
        assert np.array_equal(A2, course.forward_propagation(few, LARGER)[0])
        grads = course.backward_propagation(LARGER, cache, make(few), Y)
        assert same(grads, course.backward_propagation(LARGER, cache, few, Y))
        trained = course.nn_model(make(few), Y, 4, num_iterations=5)
        assert same(trained, course.nn_model(few, Y, 4, num_iterations=5))


def test_course_history_is_the_training_that_made_the_parameters(capsys: Any) -> None:
    result = course.nn_model(X, Y, 4, num_iterations=1500, print_cost=True, history=True)
    printed = capsys.readouterr().out
    assert printed == "Cost after iteration 0: 0.693162\nCost after iteration 1000: 0.258625\n"
    assert isinstance(result, sn.TrainingResult) and result.costs.shape == (1500,)
    assert [f"{cost:.6f}" for cost in result.costs[::1000]] == ["0.693162", "0.258625"]
    plain = course.nn_model(X, Y, 4, num_iterations=1500)
    assert all(np.array_equal(plain[k], result.parameters.as_dict()[k]) for k in plain)
    assert np.array_equal(course.predict(result, X), course.predict(plain, X))
    line = sn.plotting.learning_curve(result).lines[0]
    assert np.array_equal(line.get_ydata(), result.costs)


def test_course_history_of_other_targets_is_that_of_the_formulas(capsys: Any) -> None:
    """Targets of which the core would know nothing, by the loop that a learner writes."""
    targets = 0.5 + 0.7 * (2 * Y - 1)  # from -0.2 to 1.2
    with pytest.warns(UserWarning, match=r"from -0\.2 to 1\.2.*write Y == 1\.2"):
        result = course.nn_model(X, targets, 4, 30, True, history=True, hidden="relu")
    parameters, costs = START, []
    for _ in range(30):
        A2, cache = course.forward_propagation(X, parameters, hidden="relu")
        with pytest.warns(UserWarning, match="Y holds values"):
            costs.append(course.compute_cost(A2, targets))
        with pytest.warns(UserWarning, match="Y holds values"):
            grads = course.backward_propagation(parameters, cache, X, targets)
        parameters = course.update_parameters(parameters, grads)
    assert np.array_equal(result.costs, costs) and result.parameters.hidden == "relu"
    assert same(parameters, result.parameters.as_dict())
    assert np.array_equal(result.cost_iterations, np.arange(30)) and result.n_iterations == 30
    assert capsys.readouterr().out == f"Cost after iteration 0: {costs[0]:f}\n"


@pytest.mark.parametrize(("size", "rate"), [(1e200, 1e200), (1e308, 1.2), (1e306, 1.2)])
def test_course_other_targets_may_diverge(size: float, rate: float) -> None:
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        with pytest.raises(sn.DivergenceError, match="Code it as 0 and 1") as caught:
            course.nn_model(X, size * Y, 4, learning_rate=rate)
    assert [one.category for one in seen] == [UserWarning]  # and none of NumPy's, of overflow
    assert "write Y == 1e" in str(seen[0].message)
    assert np.isfinite(caught.value.result.parameters.flat).all()
