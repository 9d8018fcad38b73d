"""check_gradients: every activation and output, every way to call, and what is refused."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest

import shallownet_native as sn
from learners import BACKWARD, backward, forward, written
from shallownet_native._native.backend import core

SLOPES = {
    "identity": "1",
    "leaky_relu": "np.where(Z1 > 0, 1, 0.01)",
    "relu": "(Z1 > 0)",
    "sigmoid": "A1 * (1 - A1)",
    "tanh": "(1 - A1**2)",
}


@pytest.mark.parametrize("output", core.outputs)
@pytest.mark.parametrize("hidden", core.activations)
def test_check_gradients_passes_our_own_functions(hidden: str, output: str) -> None:
    names = {"hidden": hidden, "output": output}
    assert sn.check_gradients(sn.gradients, sn.forward, **names).ok
    assert sn.check_gradients(lambda P, X, Y: sn.gradients(P, X, Y)[1], **names, seed=5).ok

    def by_oracle(W1: Any, b1: Any, W2: Any, b2: Any, X: Any, Y: Any) -> Any:
        return sn.reference.gradients(W1, b1, W2, b2, X, Y, hidden, output)

    assert sn.check_gradients(by_oracle, n_h=3, **names).ok


def test_check_gradients_passes_the_courses_functions() -> None:
    course = sn.course
    assert sn.check_gradients(course.backward_propagation, course.forward_propagation).ok
    X, Y = sn.datasets.flower()
    assert sn.check_gradients(course.backward_propagation, X=X, Y=Y, n_h=5).ok


@pytest.mark.parametrize("hidden", SLOPES)
def test_check_gradients_knows_slopes_of_every_activation(hidden: str) -> None:
    def of(slope: str) -> Any:
        return backward(dZ1=f"np.dot(W2.T, dZ2) * {slope}")

    assert sn.check_gradients(of(SLOPES[hidden]), hidden=hidden).ok
    for other, slope in SLOPES.items():
        report = sn.check_gradients(of(slope), hidden=hidden)
        if other == hidden:
            assert report.ok
        elif other == "identity":
            assert report.slips == ("missing_slope",)
        else:
            assert report.slips == ("slope_of_wrong_activation",)


@pytest.mark.parametrize("hidden", ["mish", "silu"])
def test_check_gradients_knows_the_slope_at_A_where_Z_belongs(hidden: str) -> None:
    _, slope = sn.reference.ACTIVATIONS[hidden]

    def one(P: Any, cache: Any, X: Any, Y: Any) -> Any:
        dZ2 = (cache["A2"] - Y) / X.shape[1]
        dZ1 = P["W2"].T @ dZ2 * slope(cache["A1"], 0.01)
        sums = [dZ.sum(axis=1, keepdims=True) for dZ in (dZ1, dZ2)]
        return {"dW1": dZ1 @ X.T, "db1": sums[0], "dW2": dZ2 @ cache["A1"].T, "db2": sums[1]}

    assert sn.check_gradients(one, hidden=hidden).slips == ("slope_at_A",)


@pytest.mark.parametrize("output", ["softmax", "identity", "exp"])
def test_check_gradients_knows_slips_with_other_outputs(output: str) -> None:
    for changes, word in [
        ({}, None),
        ({"dZ2": "2 * (A2 - Y)"}, "factor_2"),
        ({"dZ1": "np.dot(W2.T, dZ2)"}, "missing_slope"),
        ({"dW1": "np.dot(dZ1, X.T)"}, "missing_1_over_m"),
        ({"db1": "np.sum(dZ1, axis=0) / m"}, "sum_over_wrong_axis"),
    ]:
        assert sn.check_gradients(backward(**changes), output=output).slip == word
    if output == "softmax":
        wrong = forward(A2="np.exp(Z2) / np.exp(Z2).sum(axis=1, keepdims=True)")
        assert sn.check_gradients(backward(), wrong, output=output).slip == "sum_over_wrong_axis"
    if output == "identity":
        assert sn.check_gradients(backward(), forward(A2="Z2"), output=output).ok
        assert sn.check_gradients(backward(), forward(), output=output).slip == "wrong_activation"


def in_one(P: Any, X: Any, Y: Any) -> Any:
    A1 = np.tanh(P["W1"] @ X + P["b1"])
    dZ2 = (1 / (1 + np.exp(-(P["W2"] @ A1 + P["b2"]))) - Y) / X.shape[1]
    dZ1 = (P["W2"].T @ dZ2) * (1 - A1**2)
    return dZ1 @ X.T, dZ1.sum(1, keepdims=True), dZ2 @ A1.T, dZ2.sum(1, keepdims=True)


WAYS: dict[str, Any] = {
    "a dictionary is read": in_one,
    "a flat vector": lambda P, X, Y: np.concatenate([g.ravel() for g in in_one(P, X, Y)]),
    "the cost, too": lambda P, X, Y: (0.7, *in_one(P, X, Y)),
    "cost and dictionary": lambda P, X, Y: (
        0.7,
        dict(zip(("dW1", "db1", "dW2", "db2"), in_one(P, X, Y), strict=True)),
    ),
    "arguments in another order": lambda X, y, params: in_one(params, X, y),
    "Gradients": lambda theta, X, Y: sn.Gradients(*in_one(theta, X, Y), None),
    "lists": lambda net, X, Y: [g.tolist() for g in in_one(net, X, Y)],
    "keywords": lambda *, parameters, cache, X, Y: backward()(parameters, cache, X, Y),
    "attributes": lambda p, cache, X, Y: backward()(
        {"W1": p.W1, "W2": p.W2},
        {"Z1": cache.Z1, "A1": cache.A1, "Z2": cache.Z2, "A2": cache.A2},
        X,
        Y,
    ),
    "stages by name": lambda Z1, A1, Z2, A2, W1, W2, X, Y: backward()(
        {"W1": W1, "W2": W2}, {"Z1": Z1, "A1": A1, "Z2": Z2, "A2": A2}, X, Y
    ),
    "a flat vector in": lambda theta, X, Y: in_one(
        {
            "W1": theta[:12].reshape(4, 3),
            "b1": theta[12:16, np.newaxis],
            "W2": theta[np.newaxis, 16:20],
            "b2": theta[20:, np.newaxis],
        },
        X,
        Y,
    ),
    "Gradients, then the cost": lambda P, X, Y: (sn.Gradients(*in_one(P, X, Y), None), 0.7),
    "a cost with a shape": lambda P, X, Y: (np.array([[0.7]]), list(in_one(P, X, Y))),
    "objects": lambda P, X, Y: [g.astype(object) for g in in_one(P, X, Y)],
    "arrays": lambda W1, b1, W2, b2, X, Y: in_one({"W1": W1, "b1": b1, "W2": W2, "b2": b2}, X, Y),
}


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
def test_check_gradients_takes_other_ways_to_call(way: Any) -> None:
    assert sn.check_gradients(way).ok


def test_check_gradients_takes_a_function_of_parameters_alone() -> None:
    X, Y = sn.datasets.noisy_moons(40, seed=1)
    assert sn.check_gradients(lambda P: sn.gradients(P, X, Y)[1], X=X, Y=Y).ok
    report = sn.check_gradients(lambda P: sn.gradients(P, -X, Y)[1], X=X, Y=Y)
    assert not report.ok


def test_check_gradients_gives_a_learners_own_cache() -> None:
    def own_forward(X: Any, parameters: Any) -> Any:
        A2, cache = forward()(X, parameters)
        return A2, (cache["A1"], parameters["W2"], A2)

    def own_backward(parameters: Any, cache: Any, X: Any, Y: Any) -> Any:
        A1, W2, A2 = cache
        return backward()({"W1": 0, "W2": W2}, {"A1": A1, "A2": A2, "Z1": 0, "Z2": 0}, X, Y)

    report = sn.check_gradients(own_backward, own_forward)
    assert report.ok and list(report.forward_errors) == ["A2"]

    def wrong_forward(X: Any, parameters: Any) -> Any:
        return own_forward(X, {**parameters, "b1": 0 * parameters["b1"]})

    report = sn.check_gradients(own_backward, wrong_forward)
    assert report.slips == ("missing_bias",) and "not checked" in report.text
    assert np.isnan(list(report.errors.values())).all() and not report.ok


def test_check_gradients_changes_nothing_of_the_callers() -> None:
    X, Y = sn.datasets.noisy_moons(40, seed=1)
    before = X.copy(), Y.copy()
    state = np.random.get_state()[1].copy()  # type: ignore[union-attr]
    sn.check_gradients(written(BACKWARD.replace("m = X.shape[1]", "m = X.shape[1]; X *= 2")), X=X)
    sn.check_gradients(backward(), X=X, Y=Y)
    assert np.array_equal(X, before[0]) and np.array_equal(Y, before[1])
    assert np.array_equal(np.random.get_state()[1], state)  # type: ignore[arg-type]


@pytest.mark.parametrize("n_h", [1, 2, 3, 7, 20])
def test_check_gradients_takes_any_number_of_hidden_units(n_h: int) -> None:
    assert sn.check_gradients(backward(), forward(), n_h=n_h).ok
    report = sn.check_gradients(backward(dZ1="np.dot(W2.T, dZ2)"), n_h=n_h)
    assert report.slip == "missing_slope"


def test_check_gradients_makes_up_sizes_that_all_differ() -> None:
    shapes: list[Any] = []

    def spy(parameters: Any, cache: Any, X: Any, Y: Any) -> Any:
        shapes.append((*parameters["W1"].shape, *Y.shape))
        return backward()(parameters, cache, X, Y)

    for n_h in (1, 2, 3, 5):
        for output in ("sigmoid", "softmax"):
            sn.check_gradients(spy, n_h=n_h, output=output)
    for n_h, n_x, n_y, m in shapes:
        assert n_x not in (n_h, n_y, m) and m not in (n_h, n_y)


def test_check_gradients_of_a_large_network_is_quick_enough_to_end() -> None:
    X = np.random.default_rng(0).normal(size=(300, 200))
    Y = (X[:1] > 0) * 1.0
    report = sn.check_gradients(backward(dZ1="W2.T @ dZ2"), forward(), X=X, Y=Y, n_h=60)
    assert report.slips == ("missing_slope",)


FUNCTIONS: dict[str, tuple[tuple[Any, ...], str]] = {
    "called": (({"dW1": 1},), "backward must be a function.*dict"),
    "none": ((None,), "give the function itself"),
    "two": ((lambda a, b: 0,), r"takes \(a, b\)"),
    "forward": ((backward(), 3), "forward must be a function"),
    "no return": (
        (lambda parameters, cache, X, Y: None,), "got None: does it end with `return grads`"),
    "no return forward": (
        (backward(), lambda X, parameters: None), "got None: does it end with `return A2, cache`"),
    "a number": ((lambda P: 3.0,), "got float"),
    "no parameters": ((lambda X, Y: 0,), r"gets no parameters: it takes only \(X, Y\)"),
    "a rate": ((lambda parameters, cache, X, Y, rate: 0,), "a default, or wrap it"),
}  # fmt: skip


@pytest.mark.parametrize("case", FUNCTIONS)
def test_check_gradients_refuses_functions(case: str) -> None:
    functions, words = FUNCTIONS[case]
    with pytest.raises(TypeError, match=words):
        sn.check_gradients(*functions)


OPTIONS: dict[str, tuple[dict[str, Any], str]] = {
    "hidden": ({"hidden": "ReLU"}, "relu"),
    "output": ({"output": "tanh"}, "output"),
    "n_h": ({"n_h": 0}, "n_h must be >= 1"),
    "X": ({"X": [1, 2]}, "X"),
    "Y": ({"Y": [[0, 2]]}, "Y"),
    "X.T": ({"X": np.ones((9, 2)), "Y": np.ones((1, 9))}, "use X.T$"),
    "Y.T": ({"X": np.ones((2, 9)), "Y": np.ones((9, 1))}, "use Y.T$"),
    "both": ({"X": np.ones((9, 2)), "Y": np.ones((9, 1))}, "use X.T and Y.T$"),
    "rows": ({"X": np.ones((9, 2)), "Y": np.ones(9)}, "use X.T$"),
    "Y.T alone": ({"Y": np.ones((9, 1))}, "use Y.T"),
    "shapes": (
        {"X": np.ones((2, 5)), "Y": np.ones((1, 4))},
        r"X is \(2, 5\) and Y is \(1, 4\): both must have a column per example$",
    ),
}


@pytest.mark.parametrize("case", OPTIONS)
def test_check_gradients_refuses_options(case: str) -> None:
    options, words = OPTIONS[case]
    with pytest.raises(ValueError, match=words):
        sn.check_gradients(backward(), **options)


def test_check_gradients_takes_targets_alone() -> None:
    assert sn.check_gradients(backward(), forward(), Y=[[0, 1, 1, 0, 1]]).ok
    report = sn.check_gradients(sn.gradients, Y=np.eye(4)[:, [0, 1, 2, 3, 3, 1]], output="softmax")
    assert report.ok


def test_check_gradients_reports_nan_without_a_warning_of_ours() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        report = sn.check_gradients(backward(dW1="np.dot(dZ1, X.T) * np.nan"))
    assert report.errors["dW1"] == np.inf and report.slip is None
    assert "dW1[0, 0] is nan" in report.text
