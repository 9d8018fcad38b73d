"""The playground's Python lines give its weights: bit for bit at x86-64-v2, its costs at any level.

WebAssembly has vectors of 16 bytes and no fused multiply-add, as that level has. Every
configuration is set through the controls, trained by the button, and its lines run in a process.
"""

from __future__ import annotations

import re
from typing import Any

import pytest

from playing import Playground, run_lines

LEVEL = "x86-64-v2"
# Of each configuration what differs from the page's default; data first, as it proposes the rest.
CONFIGURATIONS: dict[str, dict[str, Any]] = {
    "as the page opens": {},
    "adam": {"solver": "adam", "rate": 0.01},
    "adam in batches": {"solver": "adam", "rate": 0.01, "batch": 32, "hidden": 16},
    "gd in batches": {"batch": 64, "rate": 0.1, "seed": 7},
    "moons, relu, he": {"data": "noisy_moons", "activation": "relu", "scheme": "he_normal"},
    "circles, sigmoid, l2": {"data": "noisy_circles", "activation": "sigmoid", "l2": 0.01},
    "xor, leaky relu": {"data": "xor", "activation": "leaky_relu", "scheme": "glorot_uniform"},
    "softmax of three": {"data": "blobs", "output": "softmax", "hidden": 8, "rate": 0.1},
    "softmax, adam": {"data": "gaussian_quantiles", "output": "softmax", "solver": "adam"},
    "noise": {"noise": 0.3, "hidden": 20, "scheme": "small_normal", "seed": 5},
    "no hidden layer": {"hidden": 0, "scheme": "small_normal"},
    "fifty units": {"data": "spirals", "hidden": 50, "scheme": "glorot_normal"},
    "a curve": {"data": "curve", "solver": "adam", "hidden": 10, "scheme": "glorot_normal"},
    "a curve in batches": {"data": "curve", "batch": 16, "l2": 0.001, "scheme": "he_uniform"},
    "zeros": {"data": "xor", "scheme": "zeros"},
    "two outputs": {"output": "softmax", "solver": "sgd", "batch": 100, "rate": 0.1},
    "lbfgs": {"solver": "lbfgs"},
    "lbfgs, softmax, l2": {"data": "blobs", "output": "softmax", "solver": "lbfgs", "l2": 1e-4},
    "lbfgs, a curve": {"data": "curve", "solver": "lbfgs", "hidden": 10, "scheme": "he_normal"},
    "lm": {"solver": "lm", "l2": 1e-3},
    "lm, softmax, no l2": {"data": "blobs", "output": "softmax", "solver": "lm"},
    "lm, a curve": {"data": "curve", "solver": "lm", "hidden": 10, "scheme": "he_normal"},
    "least squares": {"output": "identity", "hidden": 6, "rate": 0.1},
}
N_STEPS = 100


def set_and_train(playground: Playground, configuration: dict[str, Any]) -> None:
    playground.set(**configuration)
    playground.step(N_STEPS)
    settings = playground.settings
    assert {k: settings[k] for k in configuration} == configuration


def costs_printed(text: str) -> dict[str, float]:
    """Return "cost 0.6" and "test cost 0.7", a line each, by their names."""
    return {name: float(cost) for name, cost in re.findall(r"^(.*cost) (\S+)$", text, re.M)}


@pytest.mark.parametrize("name", CONFIGURATIONS)
def test_playground_bits_from_the_lines_of_the_page(playground: Playground, name: str) -> None:
    set_and_train(playground, CONFIGURATIONS[name])
    exact = run_lines(playground.lines, LEVEL)
    assert exact["weights"] == playground.weights
    costs = {"cost": playground.number("cost"), "test cost": playground.number("test-cost")}
    assert costs_printed(exact["printed"]) == costs
    # Six decimals are printed; after a hundred steps no level's rounding has reached them, but for
    # those of a solver that makes its steps of one another's differences.
    limit = 1.5e-6 if "learning_rate" in playground.lines else 0.01
    anywhere = run_lines(playground.lines, None)
    assert costs_printed(anywhere["printed"]) == pytest.approx(costs, rel=0, abs=limit)


@pytest.mark.parametrize("output", ["softmax", "sigmoid"])
def test_playground_bits_of_own_points(playground: Playground, output: str) -> None:
    playground.set(data="own", output=output)
    places = ((0.2, 0.3), (0.7, 0.6), (0.4, 0.8), (0.9, 0.1), (0.3, 0.2), (0.6, 0.7))
    for k, (x, y) in enumerate(places):
        playground.find(f"own-class-{k % 3}").check()
        box = playground.find("map").bounding_box()
        assert box
        position: Any = {"x": box["width"] * x, "y": box["height"] * y}
        playground.find("map").click(position=position)
        playground.wait()
    assert [label for _, _, label in playground.settings["points"]] == [0, 1, 2, 0, 1, 2]
    playground.set(solver="adam")
    playground.step(N_STEPS)
    assert run_lines(playground.lines, LEVEL)["weights"] == playground.weights


def test_playground_bits_before_training_diverged(playground: Playground) -> None:
    playground.set(data="curve", activation="relu", hidden=50, solver="gd", rate=1000)
    playground.step(N_STEPS)
    assert "Diverged" in playground.find("status").inner_text()
    # The library warns of so high a cost, rightly.
    found = run_lines(playground.lines, LEVEL, warnings="ignore")
    assert found["weights"] == playground.weights


def test_playground_bits_in_many_steps_as_in_one(playground: Playground) -> None:
    playground.set(solver="adam", batch=32)
    playground.step(60)
    at_once = playground.weights
    playground.find("reset").click()
    for n in (1, 20, 39):
        playground.step(n)
    assert playground.weights == at_once
