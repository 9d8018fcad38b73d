"""Stopping: a stalled cost, the adaptive schedule, early stopping on validation data."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import shallownet_native as sn
from campaigns.common import breaking_off
from shallownet_native import reference

SHAPE = (3, 5, 2)
M = 60


EPS = np.finfo(np.float64).eps


def oracle_epochs(problem: Any, **arguments: Any) -> int:
    kind = problem.hidden, problem.output
    _, costs = reference.train(*problem.parameters, problem.X, problem.Y, *kind, **arguments)
    return len(costs)


def permutations(n: int) -> list[Any]:
    stream = np.random.default_rng(0)
    return [stream.permutation(M) for _ in range(n)]


@pytest.mark.parametrize("patience", [1, 5])
def test_stopping_stops_when_the_cost_stalls(problem: Any, patience: int) -> None:
    arguments = {"tol": 1e-3, "n_iter_no_change": patience, "learning_rate": 0.3}
    n = oracle_epochs(problem, n_epochs=1000, **arguments)
    assert patience < n < 1000
    result = problem.train(n_iterations=1000, **arguments)
    assert (result.stopped_by, result.n_epochs) == ("tol", n)
    assert result.parameters == problem.train(n_iterations=n, learning_rate=0.3).parameters
    rare = problem.train(n_iterations=1000, cost_every=0, **arguments)
    assert (rare.stopped_by, rare.n_epochs) == ("tol", n)  # tol looks at every iteration

    batches = {"batch_size": 13, **arguments}
    n = oracle_epochs(problem, n_epochs=500, orders=permutations(500), **batches)
    result = problem.train(n_epochs=500, seed=0, **batches)
    assert (result.stopped_by, result.n_epochs) == ("tol", n) and n < 500


@pytest.mark.parametrize("length", [{"n_iterations": 5000}, {"n_epochs": 2000, "batch_size": 13}])
def test_stopping_adaptive_schedule_slows_down_until_it_stops(problem: Any, length: Any) -> None:
    stop = {"tol": 1e-2, "n_iter_no_change": 2, "schedule": "adaptive", "learning_rate": 0.3}
    n_epochs = length.get("n_iterations", length.get("n_epochs"))
    shuffled = {"orders": permutations(n_epochs), "batch_size": 13} if len(length) > 1 else {}
    result = problem.train(seed=0, **length, **stop)
    assert result.stopped_by == "learning_rate"
    # 0.3 / 5^8 = 7.7e-7 is the first that is not above 1e-6
    assert abs(result.learning_rate / (0.3 / 5**8) - 1) <= 10 * EPS
    assert result.n_epochs == oracle_epochs(problem, n_epochs=n_epochs, **shuffled, **stop)


@pytest.mark.filterwarnings("ignore::shallownet_native.ConvergenceWarning")
def test_stopping_adaptive_schedule_needs_no_tol(problem: Any) -> None:
    result = problem.train(schedule="adaptive", learning_rate=30.0, n_iterations=300)
    assert result.learning_rate < 30  # the cost went up and down


VALIDATED = {
    "full": {"n_iterations": 400, "learning_rate": 1.0},
    "batches": {"n_epochs": 400, "learning_rate": 0.3, "batch_size": 5, "seed": 0},
}


@pytest.mark.parametrize("length", VALIDATED.values(), ids=VALIDATED)
def test_stopping_early_stopping_returns_the_best_parameters(
    problem: Any, make_problem: Any, length: Any
) -> None:
    other = make_problem(SHAPE, 30, "tanh", "sigmoid", seed=1)  # random labels: it must overfit
    held_out = (other.X, other.Y)
    seen: list[sn.EpochState] = []
    result = problem.train(
        validation=held_out, n_iter_no_change=4, callback=seen.append, l2=1e-3, **length
    )
    costs = result.validation_costs
    assert result.stopped_by == "early_stopping" and result.n_epochs < 400
    assert costs.size == result.n_epochs == len(seen)
    assert result.best_epoch == costs.argmin() == costs.size - 1 - 5  # more than 4 after it
    assert result.parameters == seen[result.best_epoch].parameters != seen[-1].parameters
    # without the penalty
    assert sn.cost(result.parameters, *held_out) == costs[result.best_epoch]
    assert [state.validation_cost for state in seen] == costs.tolist()
    interrupt = breaking_off(result.n_epochs - 2)
    with pytest.raises(sn.TrainingInterrupted) as caught:
        problem.train(
            validation=held_out, n_iter_no_change=4, callback=interrupt, l2=1e-3, **length
        )
    assert caught.value.result.best_epoch == result.best_epoch
    assert caught.value.result.parameters == seen[-2].parameters  # the last, to go on from


def test_stopping_early_stopping_leaves_the_training_cost_out() -> None:
    # tol is more than all that the training cost can fall, and little of what the other does
    start = sn.Parameters(None, None, [[0.0]], [[0.0]])
    result = sn.train(start, [[0.1]], [[0.1]], output="identity", validation=([[10.0]], [[10.0]]),
                      tol=0.01, n_iter_no_change=3, learning_rate=0.1, n_iterations=20)  # fmt: skip
    assert result.costs[0] < 0.01 < result.validation_costs[-2] - result.validation_costs[-1]
    assert result.stopped_by == "n_iterations"


def test_stopping_an_infinite_cost_is_divergence_though_parameters_are_finite() -> None:
    huge = sn.Parameters(None, None, [[1e160]], [[0.0]])
    with pytest.raises(sn.DivergenceError) as caught:
        sn.train(huge, [[1.0]], [[0.0]], output="identity", learning_rate=0.1, n_iterations=3)
    assert caught.value.result.n_epochs == 0 and caught.value.result.parameters == huge


def test_stopping_early_stopping_wants_progress_of_tol(problem: Any) -> None:
    lengths = [
        problem.train(validation=0.3, seed=0, n_iter_no_change=3, tol=tol, learning_rate=0.3)
        for tol in (None, 1e-3, 1e-2, 10.0)
    ]
    assert [result.n_epochs for result in lengths] == sorted(
        (result.n_epochs for result in lengths), reverse=True
    )
    hopeless = lengths[-1]
    assert hopeless.n_epochs == 1 + 3 + 1  # the first, and more than 3 after it
    assert hopeless.best_epoch == hopeless.validation_costs.argmin()  # any new minimum is kept


def test_stopping_only_looks_at_validation_data_without_early_stopping(problem: Any) -> None:
    held_out = (problem.X[:, :20], problem.Y[:, :20])
    plain = problem.train(n_iterations=50)
    watched = problem.train(n_iterations=50, validation=held_out, early_stopping=False)
    assert watched.parameters == plain.parameters and watched.stopped_by == "n_iterations"
    assert watched.validation_costs.size == 50 and watched.best_epoch is None
    assert watched.validation_costs[-1] == sn.cost(plain.parameters, *held_out)
    stalls = problem.train(validation=held_out, early_stopping=False, tol=1.0)
    assert stalls.stopped_by == "tol"


def test_stopping_adaptive_schedule_follows_the_validation_cost(problem: Any) -> None:
    result = problem.train(
        validation=0.3,
        seed=0,
        schedule="adaptive",
        learning_rate=1.0,
        n_iter_no_change=2,
        n_iterations=5000,
    )
    assert result.stopped_by == "learning_rate" and result.best_epoch is not None
    assert result.validation_costs[result.best_epoch] == result.validation_costs.min()
    rate, best, stalled, last = 1.0, np.inf, 0, 0
    for epoch, cost in enumerate(result.validation_costs):
        stalled = 0 if cost < best else stalled + 1
        best, last = min(best, cost), epoch
        if stalled > 2 and rate > 1e-6:
            rate, stalled = rate / 5, 0
    assert result.learning_rate == rate and stalled == 3 and last == result.n_epochs - 1


def test_stopping_fraction_splits_examples_and_weights(problem: Any) -> None:
    weights = np.random.default_rng(1).random(M)
    order = np.random.default_rng(0).permutation(M)
    held_out, kept = order[:18], order[18:]  # ceil(0.29 * 60)
    data = problem.X[:, kept], problem.Y[:, kept]
    result = problem.train(
        validation=0.29, seed=0, example_weights=weights, n_iterations=5, tol=0.0
    )
    expected = sn.train(problem.start, *data, example_weights=weights[kept], n_iterations=5)
    assert result.parameters == expected.parameters
    cost = sn.cost(
        result.parameters,
        problem.X[:, held_out],
        problem.Y[:, held_out],
        example_weights=weights[held_out],
    )
    assert result.validation_costs[-1] == cost


def test_stopping_full_batch_looks_as_often_as_it_records_costs(problem: Any) -> None:
    seen: list[sn.EpochState] = []
    result = problem.train(n_iterations=12, cost_every=5, validation=0.2, seed=0,
                 early_stopping=False, callback=seen.append)  # fmt: skip
    assert [state.epoch for state in seen] == [0, 5, 10, 11]
    assert [state.cost for state in seen] == [*result.costs, None]
    assert result.validation_costs.size == 4
    alone = problem.train(
        n_iterations=12, cost_every=5, validation=0.2, seed=0, early_stopping=False
    )
    assert np.array_equal(result.costs, alone.costs) and alone.costs.size == 3
    seen.clear()
    problem.train(n_iterations=3, cost_every=0, callback=seen.append)
    assert [(state.epoch, state.cost) for state in seen] == [(0, None), (1, None), (2, None)]


def test_stopping_equal_costs_are_progress_in_training_and_none_in_validation(problem: Any) -> None:
    # scikit-learn: with tol = 0 a loss stalls if it has risen, a score unless it has risen
    fitted = problem.changed(output="identity", Y=0 * problem.Y)
    zeros = sn.Parameters.from_flat(0 * problem.theta, problem.shape)
    same = {"output": "identity", "tol": 0.0, "n_iter_no_change": 3, "n_iterations": 20}
    result = sn.train(zeros, fitted.X, fitted.Y, **same)
    assert result.stopped_by == "n_iterations" and not result.costs.any()
    result = sn.train(zeros, fitted.X, fitted.Y, validation=(fitted.X, fitted.Y), **same)
    assert (result.stopped_by, result.n_epochs, result.best_epoch) == ("early_stopping", 5, 0)
