"""What steps move in place of the network, and what becomes of the rate: against the oracle.

Schedules, other units of the weights, scales of the inputs, decays apart from the penalty, and the
moving average of all that.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from shallownet_native import reference
from shallownet_native.training.options import RATES, TrainOptions
from shallownet_native.training.solvers import slots_for

# in the oracle's words; those of the core are made of them
WAYS: dict[str, dict[str, Any]] = {
    "cosine": {"schedule": "cosine"},
    "coslog4": {"schedule": "coslog4"},
    "decay": {"weight_decay": 0.3},
    "average": {"average": 0.9},
    "ntk": {"rates": "ntk"},
    "scales": {"input_scale": True},
    "all": {
        "schedule": "coslog4", "weight_decay": 0.3, "average": 0.7, "rates": "ntk",
        "input_scale": True,
    },
}  # fmt: skip
SHAPES = ((3, 4, 2), (7, 20, 1), (3, 70, 2), (5, 0, 2))  # narrow, wide, of several blocks, no layer


def core_options(shape: Any, n_epochs: int, way: dict[str, Any]) -> dict[str, Any]:
    parts = RATES[way.get("rates", "equal")](shape)
    if not way.get("input_scale"):
        parts["scale_rate"] = 0.0
    words = {k: v for k, v in way.items() if k not in ("rates", "input_scale")}
    return {**words, **parts, "all_epochs": n_epochs}


def start_slots(problem: Any, options: dict[str, Any]) -> Any:
    known = {k: v for k, v in options.items() if k in TrainOptions._fields}
    return slots_for(problem.theta, TrainOptions(**known), problem.shape[0])


def run_core(core: Any, problem: Any, options: dict[str, Any], orders: Any = None) -> Any:
    rows = (problem.rows(problem.X), problem.rows(problem.Y), problem.weights)
    slots = start_slots(problem, options)
    return core.train(problem.theta, slots, problem.shape, *rows, orders, options)


def run_oracle(
    problem: Any, options: dict[str, Any], way: dict[str, Any], orders: Any = None
) -> Any:
    names = ("optimizer", "learning_rate", "n_epochs", "momentum", "nesterov", "beta_1", "beta_2")
    settings = {k: options[k] for k in (*names, "epsilon", "weight_decay")} | way
    if options["batch_size"] < problem.m:
        settings.update(batch_size=options["batch_size"], orders=orders)
    parameters, costs = reference.train(
        *problem.parameters, problem.X, problem.Y, problem.hidden or "identity", problem.output,
        l2=problem.l2, example_weights=problem.example_weights, **settings,
    )  # fmt: skip
    return np.concatenate([np.ravel(P) for P in parameters if P is not None]), costs


def step_error(got: Any, expected: Any, start: Any) -> float:
    """Return max|got - expected| / max|expected - start|: relative to how far training went."""
    return float(np.abs(got - expected).max() / np.abs(expected - start).max())


def draw_orders(n_epochs: int, m: int) -> Any:
    rng = np.random.default_rng(0)
    return np.array([rng.permutation(m) for _ in range(n_epochs)], np.int64)


@pytest.mark.parametrize("way", WAYS)
def test_moved_full_batch_follows_the_oracle(
    core: Any, make_problem: Any, train_options: Any, optimizer: str, way: str
) -> None:
    for shape in SHAPES:
        problem = make_problem(shape, 40, "tanh" if shape[1] else "", "sigmoid", l2=0.01)
        more = core_options(shape, 6, WAYS[way])
        options = train_options(problem, optimizer=optimizer, n_epochs=6, **more)
        result = run_core(core, problem, options)
        expected, costs = run_oracle(problem, options, WAYS[way])
        # A step adds a few eps of its own; six steps of a smooth descent do not amplify them.
        assert step_error(result["theta"], expected, problem.theta) <= 1e-11
        np.testing.assert_allclose(result["costs"], costs, rtol=1e-12)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("batch_size", [7, 32])
def test_moved_batches_follow_the_oracle(
    core: Any, make_problem: Any, train_options: Any, optimizer: str, batch_size: int, way: str
) -> None:
    for shape in SHAPES:
        problem = make_problem(
            shape, 40, "tanh" if shape[1] else "", "sigmoid", weighted=shape[1] == 20, l2=0.01
        )
        more = core_options(shape, 3, WAYS[way])
        changes = {"batch_size": batch_size, "n_epochs": 3, "learning_rate": 0.02, **more}
        options = train_options(problem, optimizer=optimizer, **changes)
        orders = draw_orders(3, 40)
        result = run_core(core, problem, options, orders)
        expected, costs = run_oracle(problem, options, WAYS[way], orders)
        # Up to 18 steps, each adding a few eps.
        assert step_error(result["theta"], expected, problem.theta) <= 1e-10
        np.testing.assert_allclose(result["costs"], costs, rtol=1e-11)


def test_moved_float32_follows_the_oracle(core: Any, make_problem: Any, train_options: Any) -> None:
    for shape in SHAPES:
        hidden = "tanh" if shape[1] else ""
        problem = make_problem(shape, 60, hidden, "sigmoid", np.float32)
        more = core_options(shape, 10, WAYS["all"])
        options = train_options(problem, optimizer="sgd", n_epochs=10, learning_rate=0.1, **more)
        result = run_core(core, problem, options)
        expected, costs = run_oracle(problem, options, WAYS["all"])
        assert result["theta"].dtype == result["state"].dtype == np.float32
        assert step_error(result["theta"], expected, problem.theta) <= 2e-5  # ten steps of 17 eps
        np.testing.assert_allclose(result["costs"], costs, rtol=2e-5)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("batch_size", [600, 150, 64])
def test_moved_bits_do_not_depend_on_threads(
    core: Any, make_problem: Any, train_options: Any, dtype: Any, batch_size: int, way: str
) -> None:
    for shape in SHAPES:
        problem = make_problem(shape, 600, "tanh" if shape[1] else "", "softmax", dtype, l2=0.01)
        more = core_options(shape, 3, WAYS[way])
        changes = {"optimizer": "adamw", "batch_size": batch_size, "n_epochs": 3, **more}
        orders = draw_orders(3, 600) if batch_size < 600 else None
        found = [
            run_core(
                core, problem,
                train_options(problem, n_threads=n, always_together=True, **changes), orders,
            )
            for n in (1, 2, 5)
        ]  # fmt: skip
        for other in found[1:]:
            assert (other["theta"] == found[0]["theta"]).all()
            assert (other["state"] == found[0]["state"]).all()


@pytest.mark.parametrize("way", WAYS)
def test_moved_goes_on_where_a_call_ended(
    core: Any, make_problem: Any, train_options: Any, optimizer: str, dtype: Any, way: str
) -> None:
    problem = make_problem((3, 20, 2), 40, "tanh", "softmax", dtype)
    rows = (problem.rows(problem.X), problem.rows(problem.Y), None)
    for batch_size, orders in ((40, None), (16, draw_orders(5, 40))):
        more = core_options(problem.shape, 5, WAYS[way])
        changes = {"optimizer": optimizer, "batch_size": batch_size, **more}
        whole = train_options(problem, n_epochs=5, **changes)
        expected = run_core(core, problem, whole, orders)
        theta, state, done, steps = problem.theta, start_slots(problem, whole), 0, 0
        for n_epochs in (1, 3, 1):
            part = None if orders is None else orders[done : done + n_epochs]
            where = {"first_epoch": done, "steps_done": steps}
            options = train_options(problem, n_epochs=n_epochs, **where, **changes)
            result = core.train(theta, state, problem.shape, *rows, part, options)
            theta, state, steps = result["theta"], result["state"], result["steps_done"]
            done += n_epochs
        assert (theta == expected["theta"]).all() and (state == expected["state"]).all()
        assert result["learning_rate"] == expected["learning_rate"]


@pytest.mark.parametrize("batch_size", [30, 8])
@pytest.mark.parametrize("way", ["average", "scales", "all"])
def test_moved_divergence_gives_the_last_finite_epoch(
    core: Any, make_problem: Any, train_options: Any, batch_size: int, way: str
) -> None:
    problem = make_problem((3, 4, 1), 30, "identity", "identity")
    more = core_options(problem.shape, 200, WAYS[way])
    rate = 1.0 if batch_size == 8 and way != "all" else 30.0  # not at once, but soon
    changes = {"optimizer": "gd", "batch_size": batch_size, "learning_rate": rate, **more}
    result = run_core(core, problem, train_options(problem, n_epochs=200, **changes))
    n_epochs = result["n_epochs"]
    assert result["status"] == "diverged" and 0 < n_epochs < 200
    before = run_core(core, problem, train_options(problem, n_epochs=n_epochs, **changes))
    assert before["status"] == "done" and np.isfinite(before["theta"]).all()
    for name in ("theta", "state", "costs", "steps_done"):
        assert np.array_equal(before[name], result[name]), name


def test_moved_without_steps_is_what_it_was(
    core: Any, make_problem: Any, train_options: Any
) -> None:
    problem = make_problem((3, 4, 1), 24, "tanh", "sigmoid", weighted=True)
    s = problem.example_weights.copy()
    s[8:16] = 0.0
    problem = problem.changed(example_weights=s)
    orders = np.arange(24, dtype=np.int64)[None].repeat(2, axis=0)
    options = train_options(
        problem, optimizer="adamw", batch_size=8, n_epochs=2,
        **core_options(problem.shape, 2, WAYS["all"]),
    )  # fmt: skip
    result = run_core(core, problem, options, orders)
    expected, _ = run_oracle(problem, options, WAYS["all"], orders)
    assert step_error(result["theta"], expected, problem.theta) <= 1e-11
    assert result["steps_done"] == 4


def test_moved_schedule_tells_the_rate_used_last(
    core: Any, make_problem: Any, train_options: Any
) -> None:
    problem = make_problem((3, 4, 1), 30, "tanh", "sigmoid")
    for name, factor in reference.SCHEDULES.items():
        more = {"schedule": name, "all_epochs": 5, "batch_size": 8, "learning_rate": 0.5}
        result = run_core(core, problem, train_options(problem, n_epochs=5, **more))
        assert result["learning_rate"] == pytest.approx(0.5 * factor((4 + 3 / 4) / 5), rel=1e-14)


def test_moved_adamw_is_adam_where_nothing_decays(
    core: Any, make_problem: Any, train_options: Any, dtype: Any
) -> None:
    problem = make_problem((3, 20, 2), 40, "tanh", "softmax", dtype)
    adam, adamw = (
        run_core(core, problem, train_options(problem, optimizer=name, n_epochs=5))
        for name in ("adam", "adamw")
    )
    assert (adam["theta"] == adamw["theta"]).all()


def test_moved_adamw_is_the_published_one_but_for_epsilon(
    core: Any, make_problem: Any, train_options: Any
) -> None:
    # Loshchilov and Hutter's, as torch writes it: p (1 - r d), then the corrected means.
    problem = make_problem((3, 4, 2), 30, "tanh", "sigmoid")
    rate, decay, beta_1, beta_2, epsilon = 0.01, 0.3, 0.9, 0.999, 1e-8
    options = train_options(
        problem, optimizer="adamw", learning_rate=rate, weight_decay=decay, n_epochs=4
    )
    P = [p.copy() for p in problem.parameters]
    means, squares = ([np.zeros_like(p) for p in P] for _ in range(2))
    for t in range(1, 5):
        _, *dP, _ = reference.gradients(*P, problem.X, problem.Y, "tanh", "sigmoid")
        for k, g in enumerate(dP):
            P[k] = P[k] * (1 - rate * decay * (k % 2 == 0))
            means[k] = beta_1 * means[k] + (1 - beta_1) * g
            squares[k] = beta_2 * squares[k] + (1 - beta_2) * g * g
            root = np.sqrt(squares[k]) / np.sqrt(1 - beta_2**t) + epsilon
            P[k] = P[k] - rate / (1 - beta_1**t) * means[k] / root
    got = run_core(core, problem, options)["theta"]
    expected = np.concatenate([np.ravel(p) for p in P])
    # Ours adds epsilon to the root before that is corrected: up to 30 epsilon, over the root.
    smallest = min(float(np.sqrt(s).min()) for s in squares)
    assert step_error(got, expected, problem.theta) <= 4 * 30 * epsilon / smallest


def test_moved_scales_have_their_derivative(core: Any, make_problem: Any, dtype: Any) -> None:
    # By a finite difference of the cost: the oracle's own formula is tried, too.
    problem = make_problem((3, 5, 2), 30, "tanh", "sigmoid", l2=0.1)
    moved = reference.descent.Moved(list(problem.parameters), "ntk", True)
    moved.Q[4] = np.array([[0.5, 1.5, -2.0]])
    data = (problem.X, problem.Y, "tanh", "sigmoid", 0.01, problem.l2)
    _, *dP, _ = reference.gradients(*moved.network(moved.Q), *data)
    found = moved.gradients(dP)
    for k, array in enumerate(moved.Q):
        for place in np.ndindex(array.shape):
            costs = []
            for step in (1e-5, -1e-5):
                Q = [q.copy() for q in moved.Q]
                Q[k][place] += step
                costs.append(reference.cost(*moved.network(Q), *data))
            slope = (costs[0] - costs[1]) / 2e-5
            assert found[k][place] == pytest.approx(slope, abs=1e-8)  # the step's square


@pytest.mark.parametrize("batch_size", [40, 16])
def test_moved_large_networks_follow_the_oracle_with_any_threads(
    core: Any, make_problem: Any, train_options: Any, batch_size: int
) -> None:
    # Those that look for Ctrl-C within a step, and hand out every epoch of batches.
    problem = make_problem((520, 520, 2), 40, "tanh", "sigmoid", l2=0.01)
    more = core_options(problem.shape, 3, WAYS["all"])
    changes = {"optimizer": "adamw", "batch_size": batch_size, "n_epochs": 3, **more}
    orders = draw_orders(3, 40) if batch_size < 40 else None
    one, two = (
        run_core(
            core, problem,
            train_options(problem, n_threads=n, always_together=True, **changes), orders,
        )
        for n in (1, 2)
    )  # fmt: skip
    assert (one["theta"] == two["theta"]).all() and (one["state"] == two["state"]).all()
    expected, costs = run_oracle(problem, train_options(problem, **changes), WAYS["all"], orders)
    # A step adds a few eps; where a gradient is near 0, Adam's are less exact.
    assert step_error(one["theta"], expected, problem.theta) <= 1e-9
    np.testing.assert_allclose(one["costs"], costs, rtol=1e-11)
