"""The core's Levenberg-Marquardt against the oracle's: every step, and every count of it."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from shallownet_native import reference

DECAYS = (1e-3, 1e-4, 2e-3, 3e-4)  # of W1, b1, W2, b2
N_NUMBERS = 8


def options(problem: Any, **changes: Any) -> dict[str, Any]:
    return {
        "hidden": problem.hidden or "identity", "output": problem.output,
        "negative_slope": problem.negative_slope, "decays": DECAYS, "loss_scale": 1.0,
        "n_iterations": 8, "tol": 1e-6, "flat": 1e-8, "unit": 0.0, "patience": 3.0,
        "max_solves": math.inf, "n_threads": 1, **changes,
    }  # fmt: skip


def fit(core: Any, problem: Any, memory: Any = None, **changes: Any) -> dict[str, Any]:
    memory = np.empty(0) if memory is None else memory
    rows = (problem.rows(problem.X), problem.rows(problem.Y), problem.weights)
    found: dict[str, Any] = core.fit_lm(
        problem.theta, memory, problem.shape, *rows, options(problem, **changes)
    )
    return found


def oracle(problem: Any, **changes: Any) -> reference.Minimum:
    kind = (problem.hidden or "identity", problem.output, problem.negative_slope)
    return reference.levenberg_marquardt(
        *problem.parameters, problem.X, problem.Y, *kind, DECAYS, problem.example_weights,
        **{"n_iterations": 8, **changes},
    )  # fmt: skip


@pytest.mark.parametrize("weighted", [False, True], ids=["equal", "weighted"])
@pytest.mark.parametrize("shape", [(3, 4, 2), (2, 5, 3), (3, 0, 2)], ids=str)
def test_fit_lm_takes_the_oracle_s_steps(
    core: Any, make_problem: Any, hidden: str, smooth_output: str, shape: Any, weighted: bool
) -> None:
    problem = make_problem(shape, 60, hidden, smooth_output, weighted=weighted)
    expected, found = oracle(problem), fit(core, problem)
    # eight steps: each may lose the condition of its matrix, some hundreds, times eps
    assert found["first_cost"] == pytest.approx(expected.costs[0], rel=1e-13)
    assert found["costs"] == pytest.approx(np.array(expected.costs[1:]), rel=1e-10)
    numbers = found["memory"][-N_NUMBERS:]
    assert (numbers[4], numbers[6]) == (expected.n_solves, expected.n_exact)
    assert found["status"] == expected.status
    theta = np.concatenate([P.ravel() for P in expected.parameters if P is not None])
    assert found["memory"][:-N_NUMBERS] == pytest.approx(theta, rel=1e-7, abs=1e-9)


@pytest.mark.parametrize(
    "limits",
    [{"tol": 1e-2}, {"flat": 0.5, "patience": 1}, {"max_solves": 3}, {"n_iterations": 0}],
    ids=["minimum", "flat", "solves", "none"],
)
def test_fit_lm_ends_as_the_oracle(core: Any, make_problem: Any, limits: Any) -> None:
    problem = make_problem((3, 4, 2), 60, "tanh", "sigmoid")
    limits = {"n_iterations": 200, **limits}
    expected, found = oracle(problem, **limits), fit(core, problem, **limits)
    assert (found["status"], len(found["costs"])) == (expected.status, len(expected.costs) - 1)


def test_fit_lm_shows_scaled_losses(core: Any, make_problem: Any) -> None:
    problem = make_problem((3, 4, 2), 60, "tanh", "identity")
    plain, scaled = fit(core, problem), fit(core, problem, loss_scale=0.5)
    assert np.array_equal(plain["memory"], scaled["memory"])
    arrays = np.split(plain["memory"][:-N_NUMBERS], np.cumsum([12, 4, 8]))
    penalty = sum(d * (P**2).sum() for d, P in zip(DECAYS, arrays, strict=True)) / 2
    loss = plain["costs"][-1] - penalty
    assert scaled["costs"][-1] == pytest.approx(loss / 2 + penalty, rel=1e-12)


def test_fit_lm_goes_on_from_its_memory(core: Any, make_problem: Any) -> None:
    problem = make_problem((3, 4, 2), 60, "tanh", "softmax")
    whole = fit(core, problem)
    first = fit(core, problem, n_iterations=3)
    rest = fit(core, problem, first["memory"], n_iterations=5)
    assert np.array_equal(rest["memory"], whole["memory"])
    assert np.array_equal(np.concatenate([first["costs"], rest["costs"]]), whole["costs"])
