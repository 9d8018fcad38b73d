"""The oracle of lm: numbers by hand, and problems whose minimum is known."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from shallownet_native import reference
from shallownet_native.reference.second_order import Damping, DecayedCost, cholesky


def test_lm_oracle_finds_the_minimum_of_a_linear_problem() -> None:
    rng = np.random.default_rng(0)
    X, Y = rng.standard_normal((3, 50)), rng.standard_normal((2, 50))
    weights = rng.uniform(0.5, 2, size=50)
    start = (None, None, np.zeros((2, 3)), np.zeros((2, 1)))
    found = reference.levenberg_marquardt(
        *start, X, Y, output="identity", decays=(9, 9, 0.1, 0.2), example_weights=weights,
        tol=1e-13,
    )  # fmt: skip
    inputs = np.vstack([X, np.ones((1, 50))])
    s = weights / weights.sum()
    A = (s * inputs) @ inputs.T + np.diag([0.1, 0.1, 0.1, 0.2])
    expected = np.linalg.solve(A, (s * inputs) @ Y.T).T
    W2, b2 = found.parameters[2:]
    assert np.hstack([W2, b2]) == pytest.approx(expected, rel=1e-10)
    assert found.status == "minimum" and found.n_exact == 0  # the Hessian is Gauss-Newton's


def test_lm_oracle_first_step_by_hand() -> None:
    # f = (2 w - 4)^2 / 2, without the bias's part: g = -8, G = 4, D = 4, damping 1e-3 max(4 / 4, 1)
    X, Y, zero = np.array([[2.0]]), np.array([[4.0]]), np.zeros((1, 1))
    found = reference.levenberg_marquardt(
        None, None, zero, zero, X, Y, output="identity", n_iterations=1
    )
    G, D, g = np.array([[4.0, 2.0], [2.0, 1.0]]), np.diag([4.0, 1.0]), np.array([-8.0, -4.0])
    d = np.linalg.solve(G + 1e-3 * D, -g)
    step = [P.item() for P in found.parameters[2:] if P is not None]
    assert step == pytest.approx(d.tolist(), rel=1e-12)
    assert found.costs == pytest.approx([8.0, (2 * d[0] + d[1] - 4) ** 2 / 2], rel=1e-9)
    assert (found.n_solves, found.status) == (1, "done")


def test_lm_oracle_damping_follows_nielsen() -> None:
    damping = Damping(1.0)
    damping.accept(1.0)  # predicted exactly: a third
    assert (damping.value, damping.growth) == (pytest.approx(1 / 3), 2.0)
    damping.accept(0.5)  # half of what was predicted: as it was
    assert damping.value == pytest.approx(1 / 3)
    damping.accept(0.25)  # 1 - (-1/2)^3 = 9/8
    assert damping.value == pytest.approx(3 / 8)
    for _ in range(3):  # 2 * 4 * 8
        damping.reject()
    assert damping.value == pytest.approx(24)


@pytest.mark.parametrize("weighted", [False, True], ids=["equal", "weighted"])
def test_lm_oracle_derivatives_are_those_of_its_cost(
    make_problem: Any, hidden: str, smooth_output: str, weighted: bool
) -> None:
    problem = make_problem((3, 4, 2), 12, hidden, smooth_output, weighted=weighted)
    kind = (problem.hidden, problem.output, problem.negative_slope)
    decays = (0.1, 0.2, 0.3, 0.4)
    network = DecayedCost(
        problem.parameters, problem.X, problem.Y, kind, decays, problem.example_weights
    )
    theta = np.concatenate([P.ravel() for P in problem.parameters])
    h = 1e-6
    differences = [
        (network.cost(theta + h * e) - network.cost(theta - h * e)) / (2 * h)
        for e in np.eye(theta.size)
    ]
    # central differences of a cost near 1: 1e-16 / 1e-6, and h^2 times third derivatives
    assert network.gradient(theta) == pytest.approx(differences, abs=1e-7)
    slopes = [
        (network.gradient(theta + h * e) - network.gradient(theta - h * e)) / (2 * h)
        for e in np.eye(theta.size)
    ]
    H = network.hessian(theta)
    H = network.gauss_newton(theta) if H is None else H
    if hidden in ("relu", "leaky_relu"):  # Gauss-Newton's matrix lacks the mixed terms
        assert np.abs(np.diagonal(H) - np.diagonal(slopes)).max() < 1e-6
    else:
        assert pytest.approx(np.array(slopes), abs=1e-6) == H


def test_lm_oracle_never_ends_above_its_start(make_problem: Any, hidden: str, output: str) -> None:
    for seed in range(3):
        problem = make_problem((3, 4, 2), 10, hidden, output, seed=seed)
        kind = (problem.hidden, problem.output, problem.negative_slope)
        found = reference.levenberg_marquardt(
            *problem.parameters, problem.X, problem.Y, *kind, (1e-3, 0, 1e-3, 0), n_iterations=30
        )
        assert np.all(np.diff(found.costs) < 0) and len(found.costs) > 1
        assert found.n_solves >= len(found.costs) - 1


def test_lm_oracle_scale_of_an_input_changes_no_prediction() -> None:
    rng = np.random.default_rng(1)
    X, Y = rng.standard_normal((2, 30)), rng.integers(0, 2, (1, 30)).astype(float)
    W1, b1 = rng.standard_normal((3, 2)), np.zeros((3, 1))
    W2, b2 = rng.standard_normal((1, 3)), np.zeros((1, 1))
    scale = np.array([[1e4], [1e-3]])
    options: dict[str, Any] = {"decays": (0, 0, 1e-3, 0), "n_iterations": 5}
    one = reference.levenberg_marquardt(W1, b1, W2, b2, X, Y, **options)
    other = reference.levenberg_marquardt(W1 / scale.T, b1, W2, b2, X * scale, Y, **options)
    assert other.costs == pytest.approx(one.costs, rel=1e-6)


@pytest.mark.parametrize(("column", "scale"), [(0.0, 1.0), (1e200, 1.0), (1e-200, 1.0), (2.0, 4.0)])
def test_lm_oracle_scale_of_an_input_is_its_mean_square(column: float, scale: float) -> None:
    X, Y = np.full((1, 3), column), np.zeros((1, 3))
    network = (None, None, np.zeros((1, 1)), np.zeros((1, 1)))
    with np.errstate(over="ignore"):
        cost = DecayedCost(network, X, Y, ("tanh", "sigmoid", 0.01), (0, 0, 0, 0), None)
    assert cost.scale.tolist() == [scale, 1.0]


def test_lm_oracle_ends_as_it_says() -> None:
    X, Y, zero = np.array([[1.0, 2.0]]), np.array([[0.0, 1.0]]), np.zeros((1, 1))

    def status(**options: Any) -> str:
        return reference.levenberg_marquardt(None, None, zero, zero, X, Y, **options).status

    assert status(tol=10.0) == "minimum"
    assert status(flat=10.0, patience=1) == "flat"
    assert status(n_iterations=1) == "done"
    assert status(max_solves=1) == "solves"
    assert status(decays=(0, 0, 0, 0), tol=0.0, flat=0.0, n_iterations=10**4) == "stuck"
    far = np.full((1, 1), 1e200)
    diverged = reference.levenberg_marquardt(None, None, far, zero, X, Y, output="exp")
    assert diverged.status == "diverged"


def test_lm_oracle_factor_needs_positive_pivots() -> None:
    assert cholesky(np.diag([4.0, 9.0])).tolist() == [[2, 0], [0, 3]]
    assert cholesky(np.diag([1.0, 0.0])) is None
    assert cholesky(np.diag([1.0, np.inf])) is None
    assert cholesky(np.diag([np.nan, 1.0])) is None
