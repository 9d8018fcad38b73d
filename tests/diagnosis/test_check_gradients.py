"""check_gradients: learners' slips are named, each by its word, and right passes are passed."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import shallownet_native as sn
from learners import SUM1, SUM2, backward, forward, written
from shallownet_native.diagnosis.checker import SLIPS

# what is wrong in a pass backward: word, and the lines that are other than they should be
BACKWARD: dict[str, tuple[str, dict[str, str]]] = {
    "no mean": (
        "missing_1_over_m",
        {"dW2": "np.dot(dZ2, A1.T)", "db2": SUM2, "dW1": "np.dot(dZ1, X.T)", "db1": SUM1},
    ),
    "no mean in dW1": ("missing_1_over_m", {"dW1": "np.dot(dZ1, X.T)"}),
    "no mean in db2": ("missing_1_over_m", {"db2": SUM2}),
    "m is 1": ("missing_1_over_m", {"m": "Y.shape[0]"}),
    "m is n_x": ("wrong_m", {"m": "X.shape[0]"}),
    "mean of a mean": ("mean_taken_twice", {"dZ2": "(A2 - Y) / m"}),
    "no slope": ("missing_slope", {"dZ1": "np.dot(W2.T, dZ2)"}),
    "slope at Z": ("slope_at_Z", {"dZ1": "np.dot(W2.T, dZ2) * (1 - Z1**2)"}),
    "slope of sigmoid": ("slope_of_wrong_activation", {"dZ1": "(W2.T @ dZ2) * A1 * (1 - A1)"}),
    "slope of relu": ("slope_of_wrong_activation", {"dZ1": "(W2.T @ dZ2) * (Z1 > 0)"}),
    "slope squared": ("slope_taken_twice", {"dZ1": "(W2.T @ dZ2) * (1 - A1**2)**2"}),
    "no square": ("missing_square", {"dZ1": "np.dot(W2.T, dZ2) * (1 - A1)"}),
    "A1 for the slope": ("activation_for_slope", {"dZ1": "np.dot(W2.T, dZ2) * A1"}),
    "tanh once more": ("slope_at_A", {"dZ1": "np.dot(W2.T, dZ2) * (1 - np.tanh(A1)**2)"}),
    "sigmoid of Z1": (
        "slope_of_wrong_activation",
        {"dZ1": "(W2.T @ dZ2) * (1 / (1 + np.exp(-Z1))) * (1 - 1 / (1 + np.exp(-Z1)))"},
    ),
    "slope at A2": ("slope_of_wrong_layer", {"dZ1": "np.dot(W2.T, dZ2) * (1 - A2**2)"}),
    "dot with the slope": ("matrix_product", {"dZ1": "np.dot(np.dot(W2.T, dZ2), 1 - A1**2)"}),
    "a penalty": ("extra_penalty", {"dW2": "np.dot(dZ2, A1.T) / m + 0.1 * W2"}),
    "keys": ("swapped_arrays", {"grads": '{"dW1": dW2, "db1": db1, "dW2": dW1, "db2": db2}'}),
    "dZ2 in db1": ("swapped_arrays", {"db1": f"{SUM2} / m"}),
    "m is size": ("wrong_m", {"m": "X.size"}),
    "mean of all": ("sum_over_wrong_axis", {"db1": "np.mean(dZ1)"}),
    "mean of columns": ("sum_over_wrong_axis", {"db1": "np.mean(dZ1, axis=0, keepdims=True)"}),
    "multiply": ("elementwise_product", {"dW1": "np.multiply(dZ1, X.T)"}),
    "X for X.T": ("transposed_factor", {"dW1": "np.dot(dZ1, X) / m"}),
    "W2 for W2.T": ("transposed_factor", {"dZ1": "np.dot(W2, dZ2) * (1 - A1**2)"}),
    "A1.T for A1": ("transposed_factor", {"dZ1": "(W2.T @ dZ2) * (1 - A1.T**2)"}),
    "dW2 transposed": ("transposed_factor", {"dW2": "np.dot(A1, dZ2.T) / m"}),
    "dW1 transposed": ("transposed_factor", {"dW1": "np.dot(X, dZ1.T) / m"}),
    "star for dot": ("elementwise_product", {"dW2": "dZ2 * A1.T / m"}),
    "star, broadcast": ("elementwise_product", {"dW2": "dZ2 * A1 / m"}),
    "no keepdims": ("missing_keepdims", {"db1": "np.sum(dZ1, axis=1) / m"}),
    "no keepdims twice": (
        "missing_keepdims",
        {"db1": "np.sum(dZ1, axis=1) / m", "db2": "np.sum(dZ2, axis=1) / m"},
    ),
    "no axis": ("missing_keepdims", {"db2": "np.sum(dZ2) / m"}),
    "axis 0": ("sum_over_wrong_axis", {"db1": "np.sum(dZ1, axis=0, keepdims=True) / m"}),
    "axis 0, no keepdims": ("sum_over_wrong_axis", {"db1": "np.sum(dZ1, axis=0) / m"}),
    "both axes": ("sum_over_wrong_axis", {"db1": "np.sum(dZ1) / m"}),
    "no sum": ("sum_over_wrong_axis", {"db1": "dZ1 / m", "db2": "dZ2 / m"}),
    "sign": ("wrong_sign", {"dZ2": "Y - A2"}),
    "sign of dW1": ("wrong_sign", {"dW1": "-np.dot(dZ1, X.T) / m"}),
    "two": ("factor_2", {"dZ2": "2 * (A2 - Y)"}),
    "half": ("factor_2", {"dW2": "np.dot(dZ2, A1.T) / (2 * m)"}),
    "new W2": ("updated_too_early", {"dZ1": "((W2 - 1.2 * dW2).T @ dZ2) * (1 - A1**2)"}),
    "W2 in place": ("updated_too_early", {"db2": f"{SUM2} / m; W2 -= 0.3 * dW2"}),
    "W1 in place": ("updated_too_early", {"db1": f"{SUM1} / m; W1 -= 0.3 * dW1"}),
    "no biases": ("missing_bias", {"grads": '{"dW1": dW1, "dW2": dW2}'}),
    "zero bias": ("missing_bias", {"db1": "np.zeros((4, 1))"}),
    "no dW1": ("missing_array", {"grads": '{"db1": db1, "dW2": dW2, "db2": db2}'}),
    "dA2": ("missing_output_slope", {"dZ2": "-Y / A2 + (1 - Y) / (1 - A2)"}),
    "slope of the output": ("extra_output_slope", {"dZ2": "(A2 - Y) * A2 * (1 - A2)"}),
    "labels": ("labels_for_probabilities", {"dZ2": "(A2 > 0.5) - Y"}),
    "Z2 for A2": ("Z_for_A", {"dZ2": "Z2 - Y"}),
    "Z1 for A1": ("Z_for_A", {"dW2": "np.dot(dZ2, Z1.T) / m"}),
    "no W2": ("missing_factor", {"dZ1": "dZ2 * (1 - A1**2)"}),
}
FORWARD: dict[str, tuple[str, dict[str, str]]] = {
    "no b1": ("missing_bias", {"Z1": "np.dot(W1, X)"}),
    "no b2": ("missing_bias", {"Z2": "np.dot(W2, A1)"}),
    "sigmoid for tanh": ("wrong_activation", {"A1": "1 / (1 + np.exp(-Z1))"}),
    "tanh at the end": ("wrong_activation", {"A2": "np.tanh(Z2)"}),
    "no tanh": ("missing_activation", {"A1": "Z1"}),
    "no sigmoid": ("missing_activation", {"A2": "Z2"}),
    "Z1 goes on": ("Z_for_A", {"Z2": "np.dot(W2, Z1) + b2"}),
    "W1.T": ("transposed_factor", {"Z1": "np.dot(W1.T, X) + b1"}),
    "star": ("elementwise_product", {"Z1": "W1 * X + b1"}),
    "sign": ("wrong_sign", {"A2": "1 / (1 + np.exp(Z2))"}),
    "minus b": ("wrong_sign", {"Z1": "np.dot(W1, X) - b1"}),
    "labels": ("labels_for_probabilities", {"A2": "(1 / (1 + np.exp(-Z2)) > 0.5) * 1.0"}),
}


def test_check_gradients_passes_a_right_pair_and_says_so(capsys: Any) -> None:
    report = sn.check_gradients(backward(), forward())
    assert report.ok and report.slip is None and report.slips == ()
    assert list(report.errors) == ["dW1", "db1", "dW2", "db2"]
    assert list(report.forward_errors) == ["Z1", "A1", "Z2", "A2"]
    assert max([*report.errors.values(), *report.forward_errors.values()]) <= 1e-14
    printed = capsys.readouterr().out
    assert printed == f"{report.text}\n" and str(report) == report.text
    assert "The forward pass is right" in printed and "complex step" in printed
    assert repr(report) == "GradientReport(ok=True, slip=None, slips=())" and report


@pytest.mark.parametrize("seed", [0, 1])
@pytest.mark.parametrize("case", BACKWARD.values(), ids=BACKWARD)
def test_check_gradients_names_a_slip_of_the_backward_pass(case: Any, seed: int) -> None:
    word, changes = case
    report = sn.check_gradients(backward(**changes), forward(), seed=seed)
    assert not report.ok and not report
    assert report.slips == (word,) and report.slip == word
    assert word in report.text and "The forward pass is right" in report.text


@pytest.mark.parametrize("seed", [0, 1])
@pytest.mark.parametrize("case", FORWARD.values(), ids=FORWARD)
def test_check_gradients_names_a_slip_of_the_forward_pass_apart(case: Any, seed: int) -> None:
    word, changes = case
    report = sn.check_gradients(backward(), forward(**changes), seed=seed)
    assert not report.ok and report.slips == (word,)
    assert max(report.errors.values()) <= 1e-14, "the backward pass gets a right cache"
    assert max(report.forward_errors.values()) > 0.01
    said = report.text.index(word)
    assert (
        report.text.index("forward pass") < said < report.text.index("The backward pass is right")
    )


@pytest.mark.parametrize("case", BACKWARD.values(), ids=BACKWARD)
def test_check_gradients_names_slips_on_data_that_are_given(case: Any) -> None:
    word, changes = case
    X, Y = sn.datasets.gaussian_quantiles(60, n_features=3, seed=0)
    assert sn.check_gradients(backward(**changes), X=X, Y=Y).slips == (word,)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"dZ1": "W2.T @ dZ2", "dW1": "np.dot(dZ1, X.T)"}, ("missing_1_over_m", "missing_slope")),
        ({"dZ2": "Y - A2", "db1": "np.sum(dZ1, axis=1) / m"}, ("wrong_sign", "missing_keepdims")),
        ({"dZ2": "2 * (Y - A2)"}, ("wrong_sign", "factor_2")),
        (  # as a page has it that many learn from
            {
                "dZ2": "2 * (Y - A2) * A2 * (1 - A2)",
                "dW2": "dZ2 @ A1.T",
                "db2": SUM2,
                "dW1": "dZ1 @ X.T",
                "db1": SUM1,
            },
            ("wrong_sign", "missing_1_over_m", "factor_2", "extra_output_slope"),
        ),
        (
            {"dZ2": "Y - A2", "dZ1": "((W2 + 0.3 * dW2).T @ dZ2) * (1 - A1**2)"},
            ("wrong_sign", "updated_too_early"),
        ),
        (
            {"dZ1": "(W2.T @ dZ2) * (1 - Z1**2)", "db2": "np.sum(dZ2) / m"},
            ("slope_at_Z", "missing_keepdims"),
        ),
    ],
)
def test_check_gradients_names_two_slips(changes: dict[str, str], words: tuple[str, ...]) -> None:
    report = sn.check_gradients(backward(**changes))
    assert report.slips == words and report.slip == words[0]


def test_check_gradients_names_slips_of_both_passes_forward_first() -> None:
    report = sn.check_gradients(backward(dZ1="W2.T @ dZ2"), forward(Z1="W1 @ X"))
    assert report.slips == ("missing_bias", "missing_slope")


def test_check_gradients_says_where_an_unknown_slip_shows_first() -> None:
    report = sn.check_gradients(backward(dZ1="(W2.T @ dZ2) * (1 - A1**3)"))
    assert not report.ok and report.slip is None and report.slips == ()
    assert report.errors["dW2"] <= 1e-14 < 0.01 < report.errors["dW1"]
    assert "First difference: dW1[0, 0] is" in report.text and "look at dZ1" in report.text
    report = sn.check_gradients(backward(), forward(A1="np.sin(Z1)"))
    assert report.slip is None and "from A1 on" in report.text
    assert "First difference: A1[0, 0] is" in report.text


def test_check_gradients_tells_known_from_unknown() -> None:
    report = sn.check_gradients(backward(db2=SUM2, dW1="np.dot(np.cos(dZ1), X.T)"))
    assert report.slips == ("missing_1_over_m",)
    assert "missing_1_over_m, in db2." in report.text and "dW1 is not explained" in report.text


def test_check_gradients_shows_the_line_whose_shapes_do_not_fit() -> None:
    report = sn.check_gradients(backward(dW1="np.dot(dZ1, X) / m"))
    assert "shapes (4,7) and (3,7) not aligned" in report.text
    assert "in the line  dW1 = np.dot(dZ1, X) / m" in report.text
    assert set(report.errors.values()) == {np.inf}


@pytest.mark.parametrize("rate", [0.013, 0.77, 1.2])
@pytest.mark.parametrize("moves_bias", [False, True])
@pytest.mark.parametrize("moves_output", [False, True])
def test_check_gradients_knows_an_update_before_dW2(
    rate: float, moves_bias: bool, moves_output: bool
) -> None:
    source = f"""
def backward_propagation(network, X, Y):
    W1, b1, W2, b2 = network
    m = X.shape[1]
    A1 = np.tanh(W1 @ X + b1)
    dZ2 = 1 / (1 + np.exp(-(W2 @ A1 + b2))) - Y
    dZ1 = (W2.T @ dZ2) * (1 - A1**2)
    dW1, db1 = dZ1 @ X.T / m, dZ1.sum(axis=1, keepdims=True) / m
    W1 = W1 - {rate} * dW1
    b1 = b1 - {rate if moves_bias else 0} * db1
    A1 = np.tanh(W1 @ X + b1)
    if {moves_output}:
        dZ2 = 1 / (1 + np.exp(-(W2 @ A1 + b2))) - Y
    return dW1, db1, dZ2 @ A1.T / m, dZ2.sum(axis=1, keepdims=True) / m
"""
    report = sn.check_gradients(written(source))
    assert report.slips == ("updated_too_early",)
    assert report.errors["dW1"] <= 1e-14 < report.errors["dW2"]


def test_check_gradients_vocabulary_is_tested_and_documented_as_a_whole() -> None:
    named = {word for word, _ in (*BACKWARD.values(), *FORWARD.values())}
    assert set(SLIPS) == named
    docstring = sn.check_gradients.__doc__ or ""
    documented = docstring.split("words for slips:")[1].split("Examples")[0]
    assert [word.strip(" \n.") for word in documented.split(",")] == list(SLIPS)
    page = (Path(__file__).parents[2] / "docs" / "checking.md").read_text(encoding="utf-8")
    assert re.findall(r"^\| `(\w+)` \|", page, re.MULTILINE) == list(SLIPS)
