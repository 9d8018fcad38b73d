"""`cost_surface`: the oracle's cost at points of the plane, and the planes themselves."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import shallownet_native as sn
from drawings import collections_of
from shallownet_native import reference
from shallownet_native.plotting import surface as room

surface = sn.plotting.cost_surface
N = 7


@pytest.fixture
def planes(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What is drawn: (xs, ys, costs) of each call."""
    seen: list[Any] = []
    draw = room._draw

    def keep(ax: Any, *plane: Any) -> None:
        seen.append(plane)
        draw(ax, *plane)

    monkeypatch.setattr(room, "_draw", keep)
    return seen


def oracle(parameters: sn.Parameters, theta: Any, X: Any, Y: Any, l2: float = 0.0) -> float:
    moved = sn.Parameters.from_flat(theta, parameters.shape)
    arrays = (np.float64(P) if P is not None else None for P in moved)
    kind = (parameters.hidden or "tanh", parameters.output or "sigmoid", 0.01, l2)
    return float(reference.cost(*arrays, X, Y, *kind))


@pytest.fixture
def problem(make_network: Any, plane: Any) -> Any:
    return make_network(n_h=3), plane, plane[:1] > 0.5


@pytest.mark.parametrize("l2", [0.0, 0.5])
@pytest.mark.parametrize("dtype", [np.float32, np.float64], ids=["float32", "float64"])
def test_surface_along_weights_is_the_cost_of_their_values(
    l2: float, dtype: Any, problem: Any, planes: Any
) -> None:
    parameters, X, Y = problem[0].astype(dtype), *problem[1:]
    ax = surface(parameters, X, Y, weights=("W1[1,0]", "b2[0]"), resolution=N, l2=l2)
    [(xs, ys, costs)] = planes
    place = {"W1[1,0]": 2, "b2[0]": parameters.size - 1}
    for row, column in ((0, 0), (2, 5), (6, 1)):
        theta = parameters.flat.astype(np.float64)
        theta[[place["W1[1,0]"], place["b2[0]"]]] = xs[column], ys[row]
        expected = oracle(parameters, theta, X, Y, l2)
        assert costs[row, column] == pytest.approx(
            expected, rel=1e-5 if dtype == np.float32 else 1e-12
        )
    here = (float(parameters.W1[1, 0]), float(parameters.b2[0, 0]))
    assert ax.lines[0].get_xydata().tolist() == [list(here)] and ax.lines[0].get_marker() == "*"
    assert (xs[3], ys[3]) == pytest.approx(here) and xs[-1] - xs[3] == pytest.approx(
        max(2, *map(abs, here))
    )
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("W1[1,0]", "b2[0]")


def test_surface_along_large_weights_goes_as_far_as_to_zero(problem: Any, planes: Any) -> None:
    problem[0].W2[0, 1] = -7.0
    surface(*problem, weights=("W2[0,1]", "b2[0]"), resolution=N)
    assert planes[0][0][[0, -1]].tolist() == [-14.0, 0.0]
    surface(*problem, weights=("W2[0,1]", "b2[0]"), reach=1.0, resolution=N)
    assert planes[1][0][[0, -1]].tolist() == [-8.0, -6.0]


def test_surface_names_every_weight_by_its_place(problem: Any, planes: Any) -> None:
    parameters = problem[0]
    for name in ("W1", "b1", "W2", "b2"):
        array = getattr(parameters, name)
        place = f"{name}[{array.shape[0] - 1}, {array.shape[1] - 1}]"
        other = "W2[0,0]" if name != "W2" else "W1[0,0]"
        ax = surface(*problem, weights=(place, other), resolution=3)
        assert ax.lines[0].get_xdata()[0] == array[-1, -1]


def test_surface_along_given_directions_is_the_cost_there(problem: Any, planes: Any) -> None:
    parameters, X, Y = problem
    one, two = np.random.default_rng(0).normal(size=(2, parameters.size))
    surface(parameters, X, Y, directions=(one, two), reach=0.5, resolution=N)
    as_parameters = sn.Parameters.from_flat(one, parameters.shape)
    surface(parameters, X, Y, directions=(as_parameters, two), reach=0.5, resolution=N)
    xs, ys, costs = planes[0]
    assert np.array_equal(xs, np.linspace(-0.5, 0.5, N)) and np.array_equal(xs, ys)
    for row, column in ((0, 0), (1, 4), (6, 6)):
        theta = parameters.flat + xs[column] * one + ys[row] * two
        assert costs[row, column] == pytest.approx(oracle(parameters, theta, X, Y), rel=1e-12)
    assert costs[3, 3] == pytest.approx(sn.cost(parameters, X, Y), rel=1e-14)
    assert np.array_equal(costs, planes[1][2])


def test_surface_random_directions_have_each_units_length(problem: Any) -> None:
    parameters = problem[0]
    drawn = room._along_random(parameters, 0, None, True)
    plain = room._along_random(parameters, 0, None, False)
    for scaled, raw in zip(drawn.directions, plain.directions, strict=True):
        scaled, raw = (sn.Parameters.from_flat(v, parameters.shape) for v in (scaled, raw))
        for W, b in (("W1", "b1"), ("W2", "b2")):
            of = [np.hstack((getattr(p, W), getattr(p, b))) for p in (scaled, raw, parameters)]
            lengths = [np.linalg.norm(rows, axis=1) for rows in of]
            assert np.allclose(lengths[0], lengths[2])
            assert np.allclose(of[0] / lengths[0][:, None], of[1] / lengths[1][:, None])
    expected = np.random.default_rng(0).standard_normal((2, parameters.size))
    assert np.array_equal(plain.directions, expected)


def test_surface_depends_on_its_seed_alone(problem: Any, planes: Any) -> None:
    for seed in (0, 0, 1):
        surface(*problem, seed=seed, resolution=N)
    surface(*problem, normalize=False, resolution=N)
    same, other, plain = (np.array_equal(planes[0][2], planes[k][2]) for k in (1, 2, 3))
    assert same and not other and not plain


def test_surface_of_estimators_is_that_of_their_network(
    fitted: Any, plane: Any, planes: Any
) -> None:
    X, words = plane.T, np.where(plane[0] > 0, "yes", "no")
    model = fitted(sn.ShallowNetClassifier((3,), max_iter=5, random_state=0), X, words)
    surface(model, X, words, resolution=N)
    W1, W2 = (W.T for W in model.coefs_)
    b1, b2 = (b[:, None] for b in model.intercepts_)
    parameters = sn.Parameters(W1, b1, W2, b2, hidden="relu", output="sigmoid")
    surface(parameters, plane, plane[:1] > 0, resolution=N)
    assert np.allclose(planes[0][2], planes[1][2])


def test_surface_of_no_hidden_layer_and_many_inputs(make_network: Any, planes: Any) -> None:
    X = np.random.default_rng(0).normal(size=(6, 30))
    surface(
        make_network(3, 0, 6, output="softmax"), X, np.eye(3)[np.arange(30) % 3].T, resolution=N
    )
    surface(make_network(1, 2, 6), X, X[0] > 0, resolution=N)  # (m,) of one output
    assert all(np.isfinite(costs).all() for *_, costs in planes)


def test_surface_goes_by_logarithms_where_costs_span_much(problem: Any) -> None:
    def levels(**options: Any) -> Any:
        ax = surface(*problem, **options)
        return collections_of(ax, "QuadContourSet")[0].levels

    spread = np.random.default_rng(0).normal(size=(2, problem[0].size))
    near, far = levels(directions=spread, reach=1e-3), levels(directions=spread, reach=1e3)
    assert np.allclose(np.diff(near), near[1] - near[0])
    assert np.allclose(np.diff(np.log(far)), np.log(far[1] / far[0]))


def test_surface_leaves_out_what_is_not_finite(plane: Any, planes: Any, refused: Any) -> None:
    steep = sn.Parameters(None, None, [[1.0, 0.0]], [[0.0]], output="exp")
    weights = ("W2[0,0]", "b2[0]")
    surface(steep, plane, plane[:1] > 0, weights=weights, reach=700.0)
    costs = planes[0][2]
    assert 0 < costs.mask.sum() < costs.size
    hopeless = sn.Parameters(None, None, [[900.0, 0.0]], [[900.0]], output="exp")
    options = {"weights": weights, "reach": 1.0}
    message = refused(ValueError, surface, hopeless, plane, plane[:1] > 0, **options)
    assert "finite nowhere on this plane" in message


def test_surface_of_a_flat_cost_is_drawn(plane: Any) -> None:
    dead = sn.Parameters(-np.ones((1, 2)), [[-99.0]], [[1.0]], [[0.5]], hidden="relu")
    ax = surface(dead, plane, plane[:1] > 0, weights=("W1[0,0]", "W2[0,0]"), resolution=5)
    assert len(collections_of(ax, "QuadContourSet")) == 1, "and no lines"


ERRORS: dict[str, tuple[dict[str, Any], str]] = {
    "no such array": ({"weights": ("W3[0,0]", "b2[0]")}, "W1, b1, W2, b2"),
    "no place": ({"weights": ("W1", "b2[0]")}, "got 'W1'"),
    "too high": ({"weights": ("W1[3,0]", "b2[0]")}, "W1 has shape (3, 2), and there is no W1[3,0]"),
    "too far": ({"weights": ("W1[0,2]", "b2[0]")}, "there is no W1[0,2]"),
    "half a place": ({"weights": ("W1[0]", "b2[0]")}, "there is no W1[0]"),
    "twice": ({"weights": ("b2[0]", "b2[0,0]")}, "two different ones, got 'b2[0]' twice"),
    "one": ({"weights": ("b2[0]",)}, "weights must be two names"),
    "a name": ({"weights": "b2[0]"}, "weights must be two names"),
    "both": ({"weights": ("W1[0,0]", "b2[0]"), "directions": (1, 2)}, "not both"),
    "short": ({"directions": ([1.0], [2.0])}, "must have shape (13,), as the parameters' flat"),
    "zero": ({"directions": (np.zeros(13), np.ones(13))}, "a direction is 0 everywhere"),
    "one direction": ({"directions": [np.ones(13)]}, "two Parameters or vectors"),
    "NaN": ({"directions": np.full((2, 13), np.nan)}, "directions must be finite"),
    "reach": ({"reach": 0.0}, "reach must be in (0, inf)"),
    "l2": ({"l2": -1.0}, "l2 must be in [0, inf)"),
    "normalize": ({"normalize": "yes"}, "normalize must be True or False"),
    "threads": ({"n_threads": 0}, "n_threads must be"),
}


@pytest.mark.parametrize("case", ERRORS)
def test_surface_refuses(case: str, problem: Any, refused: Any) -> None:
    options, words = ERRORS[case]
    assert words in refused((ValueError, TypeError), surface, *problem, **options)


def test_surface_refuses_targets_as_cost_does(problem: Any, refused: Any) -> None:
    parameters, X, Y = problem
    assert "use Y.T" in refused(ValueError, surface, parameters, X, Y.T)
    assert "Y must be in [0, 1]" in refused(ValueError, surface, parameters, X, Y + 3.0)
    words = np.where(Y, "a", "b")
    assert "labels in words" in refused(TypeError, surface, parameters, X, words)
    zeros = sn.initialize(2, 3, 1, "zeros")
    assert "normalize=False" in refused(ValueError, surface, zeros, X, Y)
    assert surface(zeros, X, Y, normalize=False, resolution=3)
