"""The playground's engine against the library: the same bits at x86-64-v2, the same costs anywhere.

Asked through node, without a browser.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import shallownet_native as sn
from engine import LEVEL, MINIMIZERS, ask, columns, run_all_lines

TRIANGLE = [[0.25, -1.5, 0], [1.125, 0.333, 1], [-2, 0.875, 2], [0.7, 0.7, 1], [-0.0001, 3, 0]]
TWO_CLASSES = [[k / 8, (k * k % 7) / 3 - 1, k % 2] for k in range(-9, 10)]

# Of each run what differs from the engine's defaults, and the calls that its epochs are taken in.
IN_ONE, IN_THREE = [100], [1, 37, 62]
RUNS: dict[str, tuple[dict[str, Any], list[int]]] = {
    "flower, gd": ({}, IN_ONE),
    "flower, gd, split": ({}, IN_THREE),
    "flower, adam": ({"solver": "adam", "rate": 0.02}, IN_THREE),
    "flower, sgd": ({"solver": "sgd", "rate": 0.1}, IN_THREE),
    "flower, lbfgs": ({"solver": "lbfgs"}, IN_ONE),
    "moons, lbfgs, split": (
        {"data": "noisy_moons", "activation": "sigmoid", "solver": "lbfgs", "l2": 1e-3, "batch": 9,
         "scheme": "glorot_uniform", "hidden": 20},
        IN_THREE,
    ),
    "rings, lbfgs": (
        {"data": "gaussian_quantiles", "output": "softmax", "solver": "lbfgs", "hidden": 50,
         "activation": "relu", "scheme": "he_normal", "seed": 1},
        [1, 40, 9],
    ),
    "curve, lbfgs": (
        {"data": "curve", "output": "identity", "solver": "lbfgs", "rate": 1e6, "hidden": 13,
         "scheme": "glorot_uniform", "l2": 1e-5},
        IN_THREE,
    ),
    "own points, no hidden layer, lbfgs": (
        {"data": "own", "points": TWO_CLASSES, "hidden": 0, "solver": "lbfgs", "l2": 0.01},
        [1, 1, 1, 1],
    ),
    "flower, lm": ({"solver": "lm"}, [20]),
    "flower, lm, split": ({"solver": "lm", "l2": 1e-3, "hidden": 20, "seed": 2}, [1, 8, 11]),
    "rings, lm, softmax": (
        {"data": "gaussian_quantiles", "output": "softmax", "solver": "lm", "hidden": 50,
         "activation": "relu", "scheme": "he_normal", "l2": 1e-4},
        [1, 4, 5],
    ),
    "curve, lm": (
        {"data": "curve", "output": "identity", "solver": "lm", "hidden": 13, "l2": 1e-5,
         "activation": "sigmoid", "scheme": "glorot_uniform"},
        [20],
    ),
    "own points, no hidden layer, lm": (
        {"data": "own", "points": TWO_CLASSES, "hidden": 0, "solver": "lm", "l2": 0.01},
        [1, 1],
    ),
    "lecture, seed 2": ({"seed": 2, "hidden": 20}, IN_ONE),
    "moons, relu": (
        {"data": "noisy_moons", "activation": "relu", "scheme": "he_normal", "seed": 0},
        IN_ONE,
    ),
    "moons, mish, adamw": (
        {"data": "noisy_moons", "activation": "mish", "scheme": "he_normal", "solver": "adamw",
         "rate": 0.01, "batch": 32},
        IN_THREE,
    ),
    "rings, silu": (
        {"data": "gaussian_quantiles", "output": "softmax", "activation": "silu",
         "scheme": "he_uniform"},
        IN_ONE,
    ),
    "moons, softmax": (
        {"data": "noisy_moons", "output": "softmax", "scheme": "he_uniform", "seed": 2**53 - 1},
        IN_THREE,
    ),
    "circles, adam in batches": (
        {"data": "noisy_circles", "activation": "sigmoid", "scheme": "glorot_normal",
         "solver": "adam", "rate": 0.01, "batch": 32, "seed": 11},
        IN_THREE,
    ),
    "xor, gd in batches, l2, noise": (
        {"data": "xor", "activation": "leaky_relu", "scheme": "glorot_uniform", "batch": 7,
         "rate": 0.05, "l2": 0.01, "noise": 0.1, "seed": 5},
        IN_THREE,
    ),
    "blobs, three classes": (
        {"data": "blobs", "output": "softmax", "scheme": "small_normal", "rate": 0.3, "l2": 0.001,
         "seed": 8},
        IN_ONE,
    ),
    "blobs, sgd in batches of one": (
        {"data": "blobs", "output": "sigmoid", "batch": 1, "rate": 0.01, "solver": "sgd",
         "scheme": "glorot_uniform", "hidden": 3},
        [2, 3],
    ),
    "rings, least squares": (
        {"data": "gaussian_quantiles", "output": "identity", "hidden": 9, "rate": 0.2,
         "scheme": "glorot_uniform"},
        IN_THREE,
    ),
    "rings, zeros": ({"data": "gaussian_quantiles", "output": "softmax", "scheme": "zeros"}, [50]),
    "spirals, fifty units, adam": (
        {"data": "spirals", "hidden": 50, "scheme": "he_normal", "solver": "adam", "rate": 0.01},
        IN_THREE,
    ),
    "curve, linear units": (
        {"data": "curve", "output": "identity", "activation": "identity", "rate": 0.05},
        IN_ONE,
    ),
    "curve, noise, adam in batches": (
        {"data": "curve", "output": "identity", "hidden": 13, "noise": 0.25, "batch": 64,
         "solver": "adam", "rate": 0.01, "scheme": "glorot_uniform", "seed": 2**32},
        IN_THREE,
    ),
    "no hidden layer": ({"hidden": 0, "scheme": "he_uniform", "l2": 0.1}, IN_THREE),
    "no hidden layer, softmax, adam in batches": (
        {"data": "blobs", "hidden": 0, "output": "softmax", "solver": "adam", "rate": 0.1,
         "batch": 50, "noise": 0.5},
        IN_THREE,
    ),
    "own points": ({"data": "own", "points": TWO_CLASSES, "rate": 0.3}, IN_ONE),
    "own points, three classes, noise": (
        {"data": "own", "points": TRIANGLE, "output": "softmax", "noise": 0.05, "batch": 2},
        IN_THREE,
    ),
    "own points, many epochs": (
        {"data": "own", "points": TWO_CLASSES, "batch": 4, "rate": 0.02, "scheme": "he_normal"},
        [10, 690],
    ),
    "one point": ({"data": "own", "points": [[1, 2, 1]], "hidden": 1}, IN_THREE),
    "batch of all": ({"batch": 400, "rate": 0.5}, IN_ONE),
    "batch of more than all": ({"data": "xor", "batch": 256}, IN_ONE),
    "nothing yet": ({"noise": 0.2}, []),
    "nothing yet in batches": ({"batch": 16}, [0]),
}  # fmt: skip
POINTS = [[-1.0, 0.5], [0.0, 0.0], [2.25, -3.0], [1e3, -1e3], [0.1, 0.2]]


@pytest.fixture(scope="module")
def in_page(engine_folder: Path) -> dict[str, Any]:
    """Every run's answer of the engine."""
    questions = [
        {"what": "train", "settings": settings, "calls": calls, "points": points_for(settings)}
        for settings, calls in RUNS.values()
    ]
    return dict(zip(RUNS, ask(engine_folder, *questions), strict=True))


@pytest.fixture(scope="module")
def in_python(in_page: dict[str, Any]) -> dict[str, Any]:
    """What each run's lines come to at the level with the page's bits."""
    made = run_all_lines([answer["python"] for answer in in_page.values()], LEVEL)
    return dict(zip(RUNS, made, strict=True))


@pytest.fixture(scope="module")
def anywhere(in_page: dict[str, Any]) -> dict[str, Any]:
    """The same at the best level of this processor."""
    made = run_all_lines([answer["python"] for answer in in_page.values()], None)
    return dict(zip(RUNS, made, strict=True))


def points_for(settings: dict[str, Any]) -> list[float]:
    n_x = 1 if settings.get("data") == "curve" else 2
    return [x for point in POINTS for x in point[:n_x]]


def parameters_of(answer: dict[str, Any]) -> sn.Parameters:
    W1, b1, W2, b2 = (answer["parameters"][name] for name in ("W1", "b1", "W2", "b2"))
    hidden_layer = (W1, columns(b1)) if W1 else (None, None)
    return sn.Parameters(*hidden_layer, W2, columns(b2))


@pytest.mark.parametrize("name", RUNS)
def test_engine_bits_of_the_pages_own_lines(
    in_page: dict[str, Any], in_python: dict[str, Any], name: str
) -> None:
    page, python = in_page[name], in_python[name]
    assert python["level"] == LEVEL
    assert page["parameters"]["W1"] == python["W1"]
    assert columns(page["parameters"]["b1"]) == python["b1"]
    assert page["parameters"]["W2"] == python["W2"]
    assert columns(page["parameters"]["b2"]) == python["b2"]
    assert page["iterations"] == python["n_iterations"]
    assert page["epochs"] == python["n_epochs"] == sum(RUNS[name][1])
    assert page["status"] == ["done"] * len(RUNS[name][1])


@pytest.mark.parametrize("name", RUNS)
def test_engine_bits_data_are_those_of_the_lines(
    in_page: dict[str, Any], in_python: dict[str, Any], name: str
) -> None:
    data, python = in_page[name]["data"], in_python[name]
    assert np.reshape(data["X"], (data["m"], data["n_x"])).T.tolist() == python["X"]
    Y = np.array(python["Y"])
    assert data["y"] == (Y[0] if len(Y) == 1 else Y.argmax(axis=0)).tolist()


def shown(page: dict[str, Any]) -> list[str]:
    lines = [f"cost {page['cost']:.6f}"]
    if page["testCost"] is not None:
        lines.append(f"test cost {page['testCost']:.6f}")
    return lines


@pytest.mark.parametrize("name", RUNS)
def test_engine_bits_costs_are_those_of_the_lines(
    in_page: dict[str, Any], in_python: dict[str, Any], name: str
) -> None:
    assert in_python[name]["printed"].splitlines() == shown(in_page[name])


# A minimizer's steps follow from one another's roundings: half-way its costs differ between levels.
BY_RATE = [name for name, (settings, _) in RUNS.items() if settings.get("solver") not in MINIMIZERS]


@pytest.mark.parametrize("name", BY_RATE)
def test_engine_bits_costs_are_those_of_any_level(
    in_page: dict[str, Any], anywhere: dict[str, Any], name: str
) -> None:
    # six digits, and one unit of the last one printed
    printed = [float(line.split()[-1]) for line in anywhere[name]["printed"].splitlines()]
    expected = [float(line.split()[-1]) for line in shown(in_page[name])]
    assert printed == pytest.approx(expected, rel=1e-6, abs=1.01e-6)


@pytest.mark.parametrize("name", RUNS)
def test_engine_bits_outputs_are_those_of_forward(in_page: dict[str, Any], name: str) -> None:
    page, settings = in_page[name], RUNS[name][0]
    P = page["parameters"]
    X = np.reshape(points_for(settings), (len(POINTS), -1)).T
    units = settings.get("activation", "tanh"), settings.get("output", "sigmoid")
    Z = sn.forward(parameters_of(page), X, *units)
    # other levels differ by some roundings of sums over up to 50 units
    limit = {"rtol": 1e-12, "atol": 1e-12}
    assert np.allclose(np.reshape(page["outputs"], (len(POINTS), -1)).T, Z.A2, **limit)
    if P["W1"]:
        assert np.allclose(np.reshape(page["hidden"], (len(POINTS), -1)).T, Z.A1, **limit)
    else:
        assert page["hidden"] == []
    assert page["n_parameters"] == sum(np.size(P[name]) for name in P)


@pytest.mark.parametrize("name", RUNS)
def test_engine_bits_curve_is_that_of_the_costs(
    in_page: dict[str, Any], in_python: dict[str, Any], name: str
) -> None:
    page, python = in_page[name], in_python[name]
    curve = page["curve"]
    assert curve[0][0] == 0
    assert curve[-1] == [page["iterations"], page["cost"], page["testCost"]]
    if "n_iterations" in page["python"]:
        costs = [cost for _, cost, _ in curve[: len(python["costs"])]]
        assert [k for k, _, _ in curve] == list(range(page["epochs"] + 1))
        assert costs == pytest.approx(python["costs"], rel=1e-14)


@pytest.mark.parametrize("name", RUNS)
def test_engine_bits_accuracy_is_that_of_predict(
    in_page: dict[str, Any], in_python: dict[str, Any], name: str
) -> None:
    page, data = in_page[name], in_page[name]["data"]
    if data["n_classes"] == 0:
        assert page["accuracy"] is page["testAccuracy"] is None
        return
    P, settings = parameters_of(page), RUNS[name][0]
    units = settings.get("activation", "tanh"), settings.get("output", "sigmoid")
    A2 = sn.forward(P, in_python[name]["X"], *units).A2
    classes = A2[0] > 0.5 if len(A2) == 1 else A2.argmax(axis=0)
    assert page["accuracy"] == pytest.approx((classes == data["y"]).mean(), abs=1e-12)
    assert (page["testAccuracy"] is None) == (settings.get("data") == "own")


def test_engine_bits_runs_cover_all_that_the_engine_offers(engine_folder: Path) -> None:
    [lists] = ask(engine_folder, {"what": "lists"})
    used = [{**lists["defaults"], **settings} for settings, _ in RUNS.values()]
    assert {s["data"] for s in used} == {d["name"] for d in lists["datasets"]}
    assert {s["activation"] for s in used} == set(lists["activations"])
    assert {s["solver"] for s in used} == set(lists["solvers"])
    assert {s["scheme"] for s in used} == set(lists["schemes"])
    assert {s["output"] for s in used} == {o for d in lists["datasets"] for o in d["outputs"]}
