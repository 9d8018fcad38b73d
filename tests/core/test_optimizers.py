"""The core's optimizers against the oracle's, one step and several, and what a call hands on."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from shallownet_native import reference

# Settings of each kind that change the step; every optimizer must ignore those of the others.
SETTINGS: list[dict[str, Any]] = [
    {},
    {"momentum": 0.0},
    {"momentum": 0.5, "nesterov": False},
    {"beta_1": 0.5, "beta_2": 0.75},
    {"epsilon": 0.1},
    {"power_t": 0.5},
    {"weight_decay": 0.5},
]


def draw_orders(n_epochs: int, m: int, seed: int = 0) -> Any:
    rng = np.random.default_rng(seed)
    return np.array([rng.permutation(m) for _ in range(n_epochs)], np.int64)


def run_core(core: Any, problem: Any, options: dict[str, Any], orders: Any = None) -> Any:
    slots = core.optimizers[options["optimizer"]]
    state = np.zeros((slots, problem.theta.size), problem.dtype)
    rows = (problem.rows(problem.X), problem.rows(problem.Y), problem.weights)
    return core.train(problem.theta, state, problem.shape, *rows, orders, options)


def run_oracle(problem: Any, options: dict[str, Any], orders: Any = None) -> Any:
    names = ("optimizer", "learning_rate", "n_epochs", "power_t", "tol", "momentum", "nesterov")
    settings = {k: options[k] for k in (*names, "beta_1", "beta_2", "epsilon", "weight_decay")}
    if options["batch_size"] < problem.m:
        settings.update(batch_size=options["batch_size"], orders=orders)
    settings["schedule"] = "invscaling" if options["power_t"] else "constant"
    kind = (problem.hidden or "identity", problem.output)
    parameters, costs = reference.train(
        *problem.parameters, problem.X, problem.Y, *kind, negative_slope=problem.negative_slope,
        l2=problem.l2, example_weights=problem.example_weights,
        n_iter_no_change=options["patience"], **settings,
    )  # fmt: skip
    return parameters, costs


def relative_step_error(got: Any, expected: Any, start: Any) -> float:
    """Return max|got - expected| / max|expected - start|: relative to how far training went."""
    flat = [np.concatenate([np.ravel(P) for P in p if P is not None]) for p in (expected, start)]
    return float(np.abs(got - flat[0]).max() / np.abs(flat[0] - flat[1]).max())


@pytest.mark.parametrize("settings", SETTINGS, ids=str)
def test_optimizers_full_batch_follows_the_oracle(
    core: Any, make_problem: Any, train_options: Any, optimizer: str, settings: dict[str, Any]
) -> None:
    for hidden, n_h, n_epochs in (
        ("tanh", 4, 1),
        ("sigmoid", 5, 6),
        ("sigmoid", 20, 6),
        ("", 0, 6),
    ):
        problem = make_problem((3, n_h, 2), 40, hidden, "softmax", weighted=n_h == 20, l2=0.01)
        options = train_options(problem, optimizer=optimizer, n_epochs=n_epochs, **settings)
        result = run_core(core, problem, options)
        parameters, costs = run_oracle(problem, options)
        # A step adds a few eps of its own; six steps of a smooth descent do not amplify them.
        assert relative_step_error(result["theta"], parameters, problem.parameters) <= 1e-11
        np.testing.assert_allclose(result["costs"], costs, rtol=1e-12)
        assert (result["status"], result["n_epochs"]) == ("done", n_epochs)
        assert (result["steps_done"], result["seen"]) == (n_epochs, n_epochs * problem.m)


@pytest.mark.parametrize("batch_size", [1, 7, 32, 39])
def test_optimizers_batches_follow_the_oracle(
    core: Any, make_problem: Any, train_options: Any, optimizer: str, batch_size: int
) -> None:
    for n_h, output in ((4, "sigmoid"), (20, "softmax"), (0, "softmax")):
        problem = make_problem((3, n_h, 2), 40, "tanh", output, weighted=n_h == 20, l2=0.01)
        orders = draw_orders(3, 40)
        changes = {"batch_size": batch_size, "n_epochs": 3, "learning_rate": 0.02}
        options = train_options(problem, optimizer=optimizer, **changes)
        result = run_core(core, problem, options, orders)
        parameters, costs = run_oracle(problem, options, orders)
        # Up to 120 steps, each adding a few eps: 1e-10 is 4000 eps a step.
        assert relative_step_error(result["theta"], parameters, problem.parameters) <= 1e-10
        np.testing.assert_allclose(result["costs"], costs, rtol=1e-11)
        assert result["steps_done"] == 3 * -(-40 // batch_size)


def test_optimizers_float32_follows_the_oracle(
    core: Any, make_problem: Any, train_options: Any, optimizer: str
) -> None:
    if optimizer in ("adam", "adamw"):
        # Their first steps are sign-like where a gradient is near 0: one entry may differ by 5 %.
        settings, limit = {"learning_rate": 0.01}, 0.05
    else:
        settings, limit = {"learning_rate": 0.1}, 2e-5  # ten steps of 17 eps each
    for n_h in (4, 20, 0):
        problem = make_problem((3, n_h, 2), 60, "tanh", "sigmoid", np.float32)
        options = train_options(problem, optimizer=optimizer, n_epochs=10, **settings)
        result = run_core(core, problem, options)
        parameters, costs = run_oracle(problem, options)
        assert result["theta"].dtype == result["state"].dtype == np.float32
        assert relative_step_error(result["theta"], parameters, problem.parameters) <= limit
        np.testing.assert_allclose(result["costs"], costs, rtol=2e-5)


def test_optimizers_first_adam_step_is_the_learning_rate(
    core: Any, make_problem: Any, train_options: Any
) -> None:
    # mean / sqrt(square) = g / |g| once the rate has made up for the start from 0.
    problem = make_problem((3, 4, 2), 30, "tanh", "sigmoid")
    options = train_options(problem, optimizer="adam", learning_rate=0.25, epsilon=1e-30)
    step = run_core(core, problem, options)["theta"] - problem.theta
    np.testing.assert_allclose(np.abs(step), 0.25, rtol=1e-13)


def test_optimizers_go_on_where_a_call_ended(
    core: Any, make_problem: Any, train_options: Any, optimizer: str, dtype: Any
) -> None:
    problem = make_problem((3, 5, 2), 40, "tanh", "softmax", dtype)
    for batch_size, orders in ((40, None), (16, draw_orders(5, 40))):
        changes = {"optimizer": optimizer, "batch_size": batch_size, "power_t": 0.25}
        whole = run_core(core, problem, train_options(problem, n_epochs=5, **changes), orders)
        theta, costs = problem.theta, []
        state = np.zeros((core.optimizers[optimizer], theta.size), dtype)
        steps_done = seen = done = 0
        for n_epochs in (1, 3, 1):
            part = None if orders is None else orders[done : done + n_epochs]
            counts = {"steps_done": steps_done, "seen": seen, "first_epoch": done}
            options = train_options(problem, n_epochs=n_epochs, **counts, **changes)
            rows = (problem.rows(problem.X), problem.rows(problem.Y), None)
            result = core.train(theta, state, problem.shape, *rows, part, options)
            theta, state = result["theta"], result["state"]
            steps_done, seen = result["steps_done"], result["seen"]
            done += n_epochs
            costs.extend(result["costs"])
        assert (theta == whole["theta"]).all() and (state == whole["state"]).all()
        assert costs == list(whole["costs"])


def test_optimizers_weightless_batches_change_nothing(
    core: Any, make_problem: Any, train_options: Any, optimizer: str
) -> None:
    problem = make_problem((3, 4, 1), 24, "tanh", "sigmoid", weighted=True)
    s = problem.example_weights.copy()
    s[8:16] = 0.0
    problem = problem.changed(example_weights=s)
    orders = np.arange(24, dtype=np.int64)[None].repeat(2, axis=0)
    options = train_options(problem, optimizer=optimizer, batch_size=8, n_epochs=2)
    result = run_core(core, problem, options, orders)
    parameters, costs = run_oracle(problem, options, orders)
    assert relative_step_error(result["theta"], parameters, problem.parameters) <= 1e-11
    np.testing.assert_allclose(result["costs"], costs, rtol=1e-12)
    assert result["steps_done"] == 4


def test_optimizers_examples_in_order_need_no_order(
    core: Any, make_problem: Any, train_options: Any, optimizer: str
) -> None:
    problem = make_problem((3, 4, 1), 30, "tanh", "sigmoid")
    in_order = np.arange(30, dtype=np.int64)[None].repeat(2, axis=0)
    options = train_options(problem, optimizer=optimizer, batch_size=8, n_epochs=2)
    given = run_core(core, problem, options, in_order)
    implied = run_core(core, problem, options)
    assert (given["theta"] == implied["theta"]).all()


def test_optimizers_costs_are_taken_when_asked(
    core: Any, make_problem: Any, train_options: Any
) -> None:
    problem = make_problem((3, 4, 1), 30, "tanh", "sigmoid")
    every = run_core(core, problem, train_options(problem, n_epochs=10))["costs"]
    assert every.dtype == np.float64 and len(every) == 10
    third = run_core(core, problem, train_options(problem, n_epochs=10, cost_every=3))
    assert (third["costs"] == every[::3]).all()
    options = train_options(problem, n_epochs=10, cost_every=3, first_epoch=2)
    assert (run_core(core, problem, options)["costs"] == every[1::3]).all()
    none = run_core(core, problem, train_options(problem, n_epochs=10, cost_every=0))
    assert len(none["costs"]) == 0 and (none["theta"] == third["theta"]).all()


def test_optimizers_tolerance_stops_where_the_oracle_does(
    core: Any, make_problem: Any, train_options: Any
) -> None:
    problem = make_problem((3, 4, 1), 30, "tanh", "sigmoid", seed=5)
    for tol, patience in ((1e-3, 0), (1e-3, 3), (1e-4, 10)):
        options = train_options(problem, n_epochs=2000, tol=tol, patience=patience)
        result = run_core(core, problem, options)
        parameters, costs = run_oracle(problem, options)
        assert result["status"] == "stalled" and 1 < len(costs) < 2000
        assert result["n_epochs"] == len(result["costs"]) == len(costs)
        assert result["stalled"] == patience + 1
        assert result["best_cost"] == min(result["costs"])
        assert relative_step_error(result["theta"], parameters, problem.parameters) <= 1e-10


@pytest.mark.parametrize("batch_size", [30, 8])
def test_optimizers_divergence_gives_the_last_finite_epoch(
    core: Any, make_problem: Any, train_options: Any, optimizer: str, dtype: Any, batch_size: int
) -> None:
    problem = make_problem((3, 4, 1), 30, "identity", "identity", dtype)
    # Adam moves by the rate itself: it diverges at once, or never.
    fast = {"gd": 3.0, "sgd": 1.0}.get(optimizer, {4: 1e30, 8: 1e300}[dtype.itemsize])
    changes = {"optimizer": optimizer, "batch_size": batch_size, "learning_rate": fast}
    result = run_core(core, problem, train_options(problem, n_epochs=200, **changes))
    n_epochs = result["n_epochs"]
    assert result["status"] == "diverged" and n_epochs < 200
    if n_epochs == 0:
        assert optimizer in ("adam", "adamw") and batch_size < 30
        assert (result["theta"] == problem.theta).all() and (result["state"] == 0).all()
    else:
        before = run_core(core, problem, train_options(problem, n_epochs=n_epochs, **changes))
        assert before["status"] == "done" and np.isfinite(before["theta"]).all()
        # A full-batch step keeps no snapshot of the optimizer's state, which is then of no use.
        for name in ("theta", "costs", "steps_done", "seen", *(["state"] * (batch_size < 30))):
            assert np.array_equal(before[name], result[name]), name


def test_optimizers_mutate_no_argument(
    core: Any, make_problem: Any, train_options: Any, optimizer: str
) -> None:
    problem = make_problem((3, 4, 1), 30, "tanh", "sigmoid", weighted=True)
    theta, rows = problem.theta, (problem.rows(problem.X), problem.rows(problem.Y))
    state = np.zeros((core.optimizers[optimizer], theta.size))
    arrays = [theta, state, *rows, problem.weights, draw_orders(2, 30)]
    for a in arrays:
        a.flags.writeable = False
    before = [a.copy() for a in arrays]
    options = train_options(problem, optimizer=optimizer, n_epochs=2, batch_size=8)
    core.train(theta, state, problem.shape, *arrays[2:], options)
    assert all((a == b).all() for a, b in zip(arrays, before, strict=True))


def test_optimizers_orders_out_of_range_are_refused(
    core: Any, make_problem: Any, train_options: Any
) -> None:
    problem = make_problem((3, 4, 1), 30, "tanh", "sigmoid")
    options = train_options(problem, batch_size=8, n_epochs=2)
    for bad in (-1, 30, 2**40):
        orders = draw_orders(2, 30)
        orders[1, 29] = bad
        with pytest.raises((ValueError, IndexError)):
            run_core(core, problem, options, orders)
    with pytest.raises(ValueError):  # one order for two epochs
        run_core(core, problem, options, draw_orders(1, 30))
