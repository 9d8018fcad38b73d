"""Training: the oracle's trajectory, what the result says, seeds and callbacks."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest

import shallownet_native as sn
from campaigns.common import breaking_off
from shallownet_native import reference, training
from shallownet_native._native.streams import Orders
from shallownet_native.training.solvers.first_order import INDICES_PER_CALL

M = 60
SHAPE = (3, 5, 2)
# of 12 epochs, each of which may multiply what rounding (1e-16) has put in by a few units
TRAJECTORY = 1e-11
EPS = np.finfo(np.float64).eps


def run_oracle(problem: Any, **changes: Any) -> Any:
    kind = problem.hidden or "identity", problem.output
    return reference.train(*problem.parameters, problem.X, problem.Y, *kind, **changes)


def permutations(seed: int, n: int, m: int = M) -> list[Any]:
    stream = np.random.default_rng(seed)
    return [stream.permutation(m) for _ in range(n)]


BATCHES: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "full": ({"n_iterations": 12}, {"n_epochs": 12}),
    "in order": (
        {"n_epochs": 12, "batch_size": 13, "shuffle": False},
        {"n_epochs": 12, "batch_size": 13},
    ),
    "shuffled": (
        {"n_epochs": 12, "batch_size": 13, "seed": 5},
        {"n_epochs": 12, "batch_size": 13, "orders": permutations(5, 12)},
    ),
    "single": (
        {"n_epochs": 3, "batch_size": 1, "seed": 5},
        {"n_epochs": 3, "batch_size": 1, "orders": permutations(5, 3)},
    ),
    "one batch": ({"n_epochs": 12, "batch_size": M, "seed": 5}, {"n_epochs": 12}),
}
SETTINGS: dict[str, list[dict[str, Any]]] = {
    "sgd": [{"nesterov": True}, {"nesterov": False, "momentum": 0.5}],
    "adam": [{"beta_1": 0.8, "beta_2": 0.95, "epsilon": 1e-3}],
}


@pytest.mark.parametrize("batches", BATCHES.values(), ids=BATCHES)
@pytest.mark.parametrize("schedule", training.SCHEDULES)
def test_training_follows_the_oracle(
    problem: Any, assert_agree: Any, optimizer: str, schedule: str, batches: Any
) -> None:
    mine, oracles = batches
    for settings in [{}, *SETTINGS.get(optimizer, [])]:
        # a tol that only large progress meets: adaptive slows down twice within the epochs
        same = {"optimizer": optimizer, "learning_rate": 0.05, "schedule": schedule, **settings}
        if schedule == "adaptive":
            same |= {"tol": 0.2, "n_iter_no_change": 2}
        parameters, costs = run_oracle(problem, l2=0.01, **oracles, **same)
        result = problem.train(l2=0.01, **mine, **same)
        assert_agree(result.parameters, parameters, limit=TRAJECTORY)
        assert_agree([result.costs], [costs], limit=TRAJECTORY)
        if schedule == "adaptive" and len(costs) == 12:
            assert result.learning_rate < 0.05


def test_training_follows_the_oracle_in_every_network(
    make_problem: Any, assert_agree: Any, hidden: str, output: str
) -> None:
    for shape in (SHAPE, (3, 0, 2)):
        problem = make_problem(shape, M, hidden, output, weighted=True)
        weights = {"example_weights": problem.example_weights, "learning_rate": 0.02}
        for mine, oracles in (BATCHES["full"], BATCHES["shuffled"]):
            parameters, costs = run_oracle(problem, **oracles, **weights)
            result = problem.train(**mine, **weights)
            assert_agree(result.parameters, parameters, limit=TRAJECTORY)
            assert_agree([result.costs], [costs], limit=TRAJECTORY)


def test_training_in_float32_stays_near_float64(problem: Any, optimizer: str) -> None:
    data = problem.X.astype(np.float32), problem.Y.astype(np.float32)
    double = problem.train(optimizer=optimizer, n_iterations=20)
    single = sn.train(problem.start.astype(np.float32), *data, optimizer=optimizer, n_iterations=20)
    assert single.parameters.dtype == np.float32
    # float32 rounds at 6e-8; Adam's first steps are sign-like, so only the cost is compared
    assert np.abs(single.costs - double.costs).max() <= 1e-5


def test_training_leaves_its_arguments_alone(problem: Any, optimizer: str) -> None:
    parameters, X, Y = problem.start, problem.X.copy(), problem.Y.copy()
    before = parameters.copy()
    result = sn.train(parameters, X, Y, optimizer=optimizer, n_iterations=3)
    assert parameters == before != result.parameters
    assert not np.shares_memory(result.parameters.flat, parameters.flat)
    assert np.array_equal(X, problem.X) and np.array_equal(Y, problem.Y)


def test_training_result_counts_epochs_and_steps(problem: Any) -> None:
    full = problem.train(n_iterations=7)
    assert (full.n_iterations, full.n_epochs, full.stopped_by) == (7, 7, "n_iterations")
    batches = problem.train(n_epochs=3, batch_size=13)
    assert (batches.n_iterations, batches.n_epochs, batches.stopped_by) == (15, 3, "n_epochs")
    assert batches.costs.shape == (3,) and batches.costs.dtype == np.float64
    assert full.seconds > 0 and full.best_epoch is None and full.validation_costs.size == 0
    assert problem.train().n_iterations == 1000
    assert problem.train(batch_size=13).n_epochs == 200
    with pytest.raises(AttributeError):
        full.n_epochs = 3  # type: ignore[misc]


def test_training_of_no_epochs_returns_the_start(problem: Any) -> None:
    result = problem.train(n_iterations=0, validation=0.2, callback=print)
    assert result.parameters == problem.start and result.costs.size == 0
    assert (result.n_iterations, result.learning_rate) == (0, 0.1)


def test_training_costs_are_those_before_the_update(problem: Any) -> None:
    every = problem.train(n_iterations=11, l2=0.1).costs
    assert every.shape == (11,)
    five = problem.train(n_iterations=5, l2=0.1).parameters
    for cost, at in ((every[0], problem.start), (every[5], five)):
        assert cost == sn.cost(at, problem.X, problem.Y, l2=0.1)
    assert np.array_equal(problem.train(n_iterations=11, l2=0.1, cost_every=4).costs, every[::4])
    none = problem.train(n_iterations=11, l2=0.1, cost_every=0)
    assert none.costs.size == 0
    assert none.parameters == problem.train(n_iterations=11, l2=0.1).parameters
    batches = {"batch_size": 13, "n_epochs": 4, "seed": 0}
    assert problem.train(cost_every=3, **batches).costs.size == 4
    assert problem.train(cost_every=3, **{**batches, "batch_size": M}).costs.size == 4
    assert problem.train(cost_every=0, **batches).costs.size == 0


def test_training_default_rates_cover_every_optimizer(problem: Any, core: Any) -> None:
    assert set(training.DEFAULT_RATES) == set(core.optimizers)
    for name, rate in training.DEFAULT_RATES.items():
        assert problem.train(optimizer=name, n_iterations=1).learning_rate == rate


def test_training_batches_without_weight_are_skipped(problem: Any) -> None:
    weights = np.ones(M)
    weights[13:26] = 0  # the whole second batch
    arguments = {"batch_size": 13, "n_epochs": 4, "shuffle": False, "optimizer": "sgd"}
    result = problem.train(example_weights=weights, **arguments)
    assert result.n_iterations == 4 * 4
    counted = np.r_[0:13, 26:M]
    data = problem.X[:, counted], problem.Y[:, counted]
    without = sn.train(problem.start, *data, **arguments)
    assert np.abs(result.parameters.flat - without.parameters.flat).max() <= 100 * EPS


# seeds


@pytest.mark.parametrize(
    "make", [lambda: 3, lambda: np.random.default_rng(3), lambda: np.random.RandomState(3)]
)
def test_training_repeats_with_the_seed(problem: Any, make: Any) -> None:
    arguments = {"batch_size": 13, "n_epochs": 5, "validation": 0.2}
    first, second = (problem.train(seed=make(), **arguments) for _ in range(2))
    assert first.parameters == second.parameters
    assert np.array_equal(first.costs, second.costs)
    assert problem.train(seed=4, **arguments).parameters != first.parameters
    assert problem.train(**arguments).parameters != first.parameters


def test_training_orders_are_permutations_composed_for_random_state() -> None:
    for stream in (np.random.default_rng(0), np.random.RandomState(0)):
        drawn = list(itertools.islice(Orders(stream, 9), 5))
        assert all(np.array_equal(np.sort(order), np.arange(9)) for order in drawn)
        assert len({tuple(order) for order in drawn}) == 5
        assert all(order.dtype == np.int64 for order in drawn)
    from sklearn.utils import shuffle

    ours = Orders(np.random.RandomState(0), 9)
    theirs, stream = np.arange(9), np.random.RandomState(0)
    for _ in range(4):
        theirs = shuffle(theirs, random_state=stream)
        assert np.array_equal(next(ours), theirs)


@pytest.mark.parametrize("stopping", [{}, {"tol": 0.0}, {"callback": lambda state: None}])
def test_training_draws_no_order_that_it_does_not_use(problem: Any, stopping: Any) -> None:
    stream, expected = np.random.default_rng(0), np.random.default_rng(0)
    result = problem.train(batch_size=13, n_epochs=30, seed=stream, learning_rate=1e-9, **stopping)
    for _ in range(result.n_epochs):
        expected.permutation(M)
    assert stream.random() == expected.random()


def test_training_does_not_depend_on_how_epochs_fall_into_native_calls(problem: Any) -> None:
    n_epochs = 2 * INDICES_PER_CALL // M + 3  # three calls
    arguments = {"batch_size": 30, "n_epochs": n_epochs, "seed": 0, "optimizer": "adam"}
    few = problem.train(**arguments)
    many = problem.train(**arguments, callback=lambda state: None)
    assert few.parameters == many.parameters and np.array_equal(few.costs, many.costs)
    assert few.n_iterations == many.n_iterations == 2 * n_epochs
    full = {"n_iterations": 50, "optimizer": "adam", "schedule": "invscaling"}
    alone = problem.train(**full)
    watched = problem.train(**full, callback=lambda state: None)
    assert alone.parameters == watched.parameters
    assert alone.learning_rate == watched.learning_rate


# callbacks


@pytest.mark.parametrize("length", [{"n_iterations": 9}, {"n_epochs": 9, "batch_size": 13}])
def test_training_callback_sees_every_epoch(problem: Any, length: Any) -> None:
    seen: list[sn.EpochState] = []
    result = problem.train(callback=seen.append, seed=0, schedule="invscaling", **length)
    assert [state.epoch for state in seen] == list(range(9))
    assert [state.cost for state in seen] == result.costs.tolist()
    assert seen[-1].parameters == result.parameters
    assert seen[-1].validation_cost is None
    assert seen[-1].learning_rate == result.learning_rate < seen[0].learning_rate


def test_training_callback_may_stop_with_true_only(problem: Any) -> None:
    for answer in (True, np.True_):
        result = problem.train(callback=lambda state, a=answer: state.epoch == 3 and a)
        assert (result.stopped_by, result.n_epochs) == ("callback", 4)
    for answer in (None, False, np.False_, 1, "go on", np.ones(3)):
        assert problem.train(n_iterations=5, callback=lambda state, a=answer: a).n_epochs == 5


def test_training_callback_cannot_change_the_training(problem: Any) -> None:
    def spoil(state: sn.EpochState) -> None:
        state.parameters.flat[:] = np.nan

    result = problem.train(n_iterations=5, callback=spoil)
    assert result.parameters == problem.train(n_iterations=5).parameters


def test_training_callback_errors_come_through(problem: Any) -> None:
    with pytest.raises(LookupError, match="mine"):
        problem.train(callback=breaking_off(0, LookupError("mine")))
