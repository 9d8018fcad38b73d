"""The line search of lbfgs through its iterations: SciPy's steps, Wolfe's conditions, its ends."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
import pytest
import scipy.optimize

import shallownet_native as sn
from shallownet_native._native.backend import core

RNG = np.random.default_rng(0)
X = RNG.standard_normal((3, 60))
TARGETS = {
    "sigmoid": (X[:2] * X[1:] > 0).astype(float),
    "softmax": np.eye(2)[(X[0] > 0).astype(int)].T,
    "identity": np.array([np.sin(X[0]), X[1] * X[2]]),
    "exp": np.floor(np.exp(X[:2] / 2 + 0.5)),
}


class Problem(NamedTuple):
    """A cost of a vector of parameters, and its gradient."""

    start: sn.Parameters
    X: Any
    Y: Any
    hidden: str = "tanh"
    output: str = "identity"
    l2: float = 0.0

    def __call__(self, theta: Any) -> tuple[float, Any]:
        parameters = sn.Parameters(*(None if P is None else P.copy() for P in self.start))
        parameters.flat[:] = theta
        with np.errstate(over="ignore", invalid="ignore"):
            J, d = sn.gradients(parameters, *self[1:5], l2=self.l2)
        parts = (d.dW1, d.db1, d.dW2, d.db2)
        return J, np.concatenate([part.ravel() for part in parts if part is not None])


class Walk(NamedTuple):
    """Parameters before the first iteration and after each, evaluations so far; costs, pairs."""

    points: list[Any]
    evaluations: list[int]
    costs: list[float]
    n_pairs: list[int]
    status: str = "done"


def walk(problem: Problem, n: int) -> Walk:
    """Take iterations one by one: a search is then all between two points."""
    start = problem.start
    n_h, n_x = (0, start.W2.shape[1]) if start.W1 is None else start.W1.shape
    rows = (np.ascontiguousarray(problem.X.T), np.ascontiguousarray(problem.Y.T), None)
    options = {
        "hidden": problem.hidden, "output": problem.output, "negative_slope": 0.01,
        "l2": problem.l2, "loss_scale": 1.0, "n_threads": 1, "keeps_memory": True,
        "n_iterations": 1, "tol": 0.0, "flat": 0.0, "unit": 0.0, "patience": math.inf,
        "max_evaluations": math.inf,
    }  # fmt: skip
    found, memory = Walk([start.flat.copy()], [1], [], [0]), np.empty(0)
    for _ in range(n):
        done = core.minimize(start.flat, memory, (n_x, n_h, len(problem.Y)), *rows, options)
        found.costs.extend([] if memory.size else [done["first_cost"]])
        if len(done["costs"]) == 0:
            return found._replace(status=done["status"])
        memory = done["memory"]
        found.points.append(memory[: start.flat.size].copy())
        found.evaluations.append(int(memory[-2]))
        found.n_pairs.append(int(memory[-6]))
        found.costs.extend(done["costs"])
    return found


def lbfgsb(problem: Problem, n: int) -> Walk:
    """Return the same of SciPy's L-BFGS-B, whose search is that of Moré and Thuente, too."""
    found, evaluations = Walk([problem.start.flat.copy()], [1], [], []), [0]

    def f(theta: Any) -> tuple[float, Any]:
        evaluations[0] += 1
        return problem(theta)

    def note(theta: Any) -> None:
        found.points.append(theta.copy())
        found.evaluations.append(evaluations[0])

    scipy.optimize.minimize(
        f, found.points[0], jac=True, method="L-BFGS-B", callback=note,
        options={"maxcor": 10, "maxiter": n, "ftol": 0.0, "gtol": 0.0},
    )  # fmt: skip
    return found


def network_of(output: str, hidden: str | None, scale: float, seed: int, x: float = 1) -> Problem:
    start = sn.initialize(3, 5 if hidden else 0, 2, "glorot_uniform", seed=seed)
    start.flat[:] *= scale
    return Problem(start, x * X, TARGETS[output], hidden or "tanh", output, 1e-3)


def line(output: str, y: float, b: float) -> Problem:
    """Return a cost of the bias alone: no hidden layer, and one example whose input is 0."""
    start = sn.Parameters(None, None, np.zeros((1, 1)), np.array([[b]]))
    return Problem(start, np.zeros((1, 1)), np.array([[y]]), output=output)


# Where costs are not finite every program has a rule of its own: no steep exp.
SCALES = [(output, scale) for output in TARGETS for scale in (0.1, 1.0, 4.0, 30.0)]
KINDS = [
    (output, scale, hidden)
    for output, scale in SCALES
    for hidden in ("tanh", "sigmoid", "relu", "identity")
    if output != "exp" or (scale <= 1 and hidden != "relu")
]


@pytest.mark.parametrize(("output", "scale", "hidden"), KINDS)
def test_lbfgs_search_takes_the_steps_of_lbfgsb(output: str, scale: float, hidden: str) -> None:
    for seed in range(4):
        problem = network_of(output, hidden, scale, seed)
        ours, theirs = walk(problem, 8), lbfgsb(problem, 8)
        # Eight iterations amplify roundings, of 1e-16, a million times at most.
        np.testing.assert_allclose(ours.points, theirs.points, rtol=1e-6, atol=1e-7)
        assert ours.evaluations == theirs.evaluations


@pytest.mark.parametrize("x", [10.0, 100.0])
@pytest.mark.parametrize("hidden", ["tanh", "sigmoid", "relu", None])
@pytest.mark.parametrize("output", ["sigmoid", "softmax"])
def test_lbfgs_search_on_steep_ground_takes_them_too(
    output: str, hidden: str | None, x: float
) -> None:
    """Costs fall and rise as at kinks: samples of every kind, and brackets that end a search."""
    for scale in (0.3, 3.0, 30.0):
        for seed in range(4):
            problem = network_of(output, hidden, scale, seed, x)
            ours, theirs = walk(problem, 7), lbfgsb(problem, 7)
            scales = np.abs(theirs.points).max()
            np.testing.assert_allclose(ours.points, theirs.points, rtol=1e-6, atol=1e-6 * scales)
            # SciPy does not count one more look at the best point, with which a search may end.
            more = np.subtract(ours.evaluations, theirs.evaluations)
            assert (np.diff(more) >= 0).all() and (np.diff(more) <= 1).all()


def test_lbfgs_search_of_a_parabola_by_hand() -> None:
    """J = (b - y)^2 / 2 from b = 0; the first step is tried at length 1.

    y = 5: the slope is -4 there, flat enough beside -5; the secant then hits the minimum.
    y = 60: too steep at 1, and at the five times that an unbracketed step may grow to; the next one
    lies 1.1 to 4 times the way from 1 to 5 beyond, so at 21, with a slope of -39 beside -60.
    """
    near, far = walk(line("identity", 5.0, 0.0), 2), walk(line("identity", 60.0, 0.0), 2)
    np.testing.assert_allclose([b for _, b in near.points], [0, 1, 5], rtol=1e-12)
    assert near.evaluations == [1, 2, 3]
    np.testing.assert_allclose([b for _, b in far.points], [0, 21, 60], rtol=1e-12)
    assert far.evaluations == [1, 4, 5]


def test_lbfgs_search_comes_back_from_costs_that_are_not_finite() -> None:
    """J = e^b - y b from b = -5, y = 1e150: a line of slope -y as far as e^b is beside y.

    Tried at 1, 5, 21, 85, 341 and 1365, where e^b is infinite; then a tenth of the way back, 443.4,
    where it is e^438; then by an interpolation to a point beside which the bracket is narrower than
    a tenth of the way: there the search ends, with one more look.
    """
    found = walk(line("exp", 1e150, -5.0), 1)
    assert found.evaluations == [1, 10]
    b = found.points[1][1]
    assert 341 < b + 5 < 0.1 * 443.4 + 341
    assert found.costs[1] == pytest.approx(math.exp(b) - 1e150 * b)
    assert found.costs[1] < -336e150 < found.costs[0]


@pytest.mark.parametrize("b", [-1e3, -1e5, -1e7, -2e9, -1e10, -1e12])
def test_lbfgs_search_that_runs_out_of_samples_keeps_the_best(b: float) -> None:
    """From so far the samples end in the infinite or far before the minimum."""
    found = walk(line("exp", 1e150, b), 3)
    assert found.status == "done" and np.isfinite(found.costs).all()
    assert (np.diff(found.costs) < 0).all()
    assert max(np.diff(found.evaluations)) <= 21


def test_lbfgs_search_meets_wolfes_conditions() -> None:
    kinds = [(output, hidden) for output in TARGETS for hidden in ("tanh", "sigmoid", "identity")]
    for output, hidden in kinds:
        for scale in (0.1, 1.0) if output == "exp" else (0.1, 1.0, 4.0):
            problem = network_of(output, hidden, scale, 0)
            points = walk(problem, 12).points
            costs, gradients = zip(*map(problem, points), strict=True)
            for k, step in enumerate(np.diff(points, axis=0)):
                before, after = gradients[k] @ step, gradients[k + 1] @ step
                assert before < 0 and abs(after) <= -0.9 * before * (1 + 1e-9)
                assert costs[k + 1] <= costs[k] + 1e-3 * before + 1e-14 * abs(costs[k])


def test_lbfgs_search_of_a_valley_whose_far_side_is_as_high() -> None:
    """Slopes of -500 and 425 meet at w = 0, and the first step leads to 500 eps below the start.

    Its slope is flat enough, but it has not fallen by 1/1000 of the slope at the start.
    """
    K = np.array([1000.0, -1000.0, 850.86, -850.86])
    start = sn.Parameters(None, None, np.array([[-0.46]]), np.zeros((1, 1)))
    problem = Problem(start, K[None], np.array([[1.0, 0.0, 0.0, 1.0]]), output="sigmoid")
    far = np.array([0.54, 0.0])
    J, J_far = problem(start.flat)[0], problem(far)[0]
    assert J - 0.5 < J_far < J  # so falls too little
    assert problem(far)[1][0] <= -0.9 * problem(start.flat)[1][0]
    found = walk(problem, 1)
    assert found.evaluations[1] > 2 and found.costs[1] < J - 50


def test_lbfgs_search_near_a_minimum_goes_by_the_slopes() -> None:
    """Where rounding hides whether costs fall; they must not creep up for that, nor go on for ever.

    Without the condition on slopes searches end at gradients of some 1e-7. One that finds nothing
    is followed by one down the gradient, all pairs forgotten, before it is the end.
    """
    rng = np.random.default_rng(3)
    largest, n_ended, n_forgotten = [], 0, 0
    for seed in range(30):
        x, y = rng.standard_normal((3, 20)), 100 * rng.standard_normal((1, 20)) + 500 * (seed % 4)
        start = sn.initialize(3, 0, 1, "glorot_uniform", seed=seed)
        problem = Problem(start, x, y, l2=1e-2)
        start.flat[:] = walk(problem, 60).points[-1]
        for shift in (0.0, 1e-9, 1e-9):
            start.flat[:] *= 1 + shift * rng.standard_normal(start.flat.size)
            found = walk(problem, 300)
            assert max(found.costs) == found.costs[0]
            n_ended += found.status == "stuck"
            n_forgotten += (np.diff(found.n_pairs) < 0).sum()
            largest.append(np.abs(problem(found.points[-1])[1]).max())
    assert np.median(largest) < 1e-11 and n_ended > 30
    assert n_forgotten > 30
