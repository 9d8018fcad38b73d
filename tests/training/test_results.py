"""What the functions hand back: short reprs, memory of its own, a word where costs have risen."""

from __future__ import annotations

import inspect
import subprocess
import sys
import warnings
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import shallownet_native as sn
from campaigns.common import breaking_off
from campaigns.forgery import old_model
from shallownet_native import course
from shallownet_native.tables import Model
from shallownet_native.training.results import NOT_SHOWN, OF_SOME

X, Y = sn.datasets.flower()
START = sn.initialize(2, 4, 1, seed=0)
STEEP: dict[str, Any] = {"learning_rate": 1000.0, "n_iterations": 4}


def trained(**options: Any) -> sn.TrainingResult:
    return sn.train(START, X, Y, **options)


WORDS = [str(number) for number in range(1000)]

# reprs

RESULTS: dict[str, Any] = {
    "result": lambda: trained(n_iterations=1000),
    "validated": lambda: trained(n_epochs=300, batch_size=40, validation=0.2, seed=0),
    "forward": lambda: sn.forward(START, X),
    "gradients": lambda: sn.gradients(START, X, Y, want_dX=True)[1],
    "no hidden layer": lambda: sn.forward(sn.initialize(2, 0, 1), X),
    "model": lambda: Model.from_record(
        old_model(parameters=sn.initialize(1001, 3, 1), categories={"colour": WORDS})
    ),
    "wide": lambda: sn.gradients(sn.initialize(2, 10**5, 1, seed=0), X[:, :3], Y[:, :3])[1],
}


@pytest.mark.parametrize("make", RESULTS.values(), ids=RESULTS)
def test_results_have_a_repr_of_some_short_lines(make: Any) -> None:
    result = make()
    lines = repr(result).splitlines()
    assert len(lines) <= 14 and max(map(len, lines)) <= 140
    if not isinstance(result, Model):  # it has a line of its own
        assert repr(result).startswith(type(result).__name__ + "(")
        names = result._fields if isinstance(result, tuple) else vars(result)
        told = [name for name in names if name not in OF_SOME or vars(result)[name] is not None]
        told = [name for name in told if name not in NOT_SHOWN]
        assert all(f"{name}=" in repr(result) for name in told)


def test_results_repr_shows_ends_and_rounded_numbers() -> None:
    result = sn.TrainingResult(
        START,
        np.arange(1000) / 7,
        np.arange(1000),
        np.empty(0),
        np.empty(0, np.int64),
        "tol",
        1000,
        1000,
        0.02106500800005051,
        0.1,
    )
    assert repr(result) == inspect.cleandoc("""
        TrainingResult(
            parameters=Parameters(n_x=2, n_h=4, n_y=1, dtype=float64),
            costs=<1000 values: 0, 0.1429, ..., 142.6, 142.7>,
            cost_iterations=<1000 values: 0, 1, ..., 998, 999>,
            validation_costs=<no values>,
            validation_iterations=<no values>,
            stopped_by='tol',
            n_iterations=1000,
            n_epochs=1000,
            seconds=0.021,
            learning_rate=0.1,
            best_epoch=None,
            l2=0,
        )""")
    more = replace(result, n_solves=12, best_start=1, start_costs=np.array([0.5, 0.25]))
    assert repr(more).endswith(
        "l2=0,\n    n_solves=12,\n    best_start=1,\n    start_costs=<2 values: 0.5, 0.25>,\n)"
    )
    state = sn.EpochState(3, 2 / 3, None, START, 0.1)
    assert "cost=0.6667" in repr(state) and repr(state).count("\n") <= 8


def test_results_repr_of_shapes() -> None:
    Z1 = "Z1=<float64 array of shape (4, 400)>"
    assert Z1 in repr(sn.forward(START, X)) and "dX=None" in repr(sn.gradients(START, X, Y)[1])


# memory


def test_results_share_no_memory_with_the_start() -> None:
    start = START.copy()
    none = sn.train(start, X, Y, n_iterations=0).parameters
    assert none == start
    with pytest.raises(sn.TrainingInterrupted) as caught:
        sn.train(start, X, Y, callback=breaking_off(0))
    one = sn.train(start.copy().freeze(), X, Y, n_iterations=1).parameters
    for parameters in (none, one, caught.value.result.parameters):
        parameters.flat += 1.0
    assert start == START


# costs that have risen


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"validation": 0.2, "seed": 0},
        {"validation": (X, Y), "early_stopping": False},
        {"cost_every": 2},
        {"optimizer": "adam"},
        {"n_iterations": None, "n_epochs": 3, "batch_size": 50, "seed": 0},
    ],
    ids=str,
)
def test_results_that_cost_more_than_the_start_come_with_a_warning(options: Any) -> None:
    with pytest.warns(sn.ConvergenceWarning, match="above its first.*learning_rate") as caught:
        result = sn.train(START, X, Y, **{**STEEP, **options})  # this line
    line = Path(__file__).read_text("utf-8").splitlines()[caught[0].lineno - 1]
    assert caught[0].filename == __file__ and line.endswith("# this line")
    assert np.isfinite(result.costs).all()


def test_results_warning_of_the_course_names_the_learners_line() -> None:
    with pytest.warns(sn.ConvergenceWarning) as caught:
        course.nn_model(X, Y, 4, 1001, print_cost=True, learning_rate=1000.0)
    assert caught[0].filename == __file__


def stops_at_once(state: sn.EpochState) -> bool:
    return state.epoch == 2


@pytest.mark.parametrize(
    "options",
    [
        {"learning_rate": 1.2, "n_iterations": 300},
        {**STEEP, "cost_every": 0},
        {**STEEP, "n_iterations": 1},
        {**STEEP, "n_iterations": 0},
        {**STEEP, "callback": stops_at_once},
    ],
    ids=str,
)
def test_results_without_a_rise_come_without_a_warning(options: Any) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        trained(**options)


def test_results_at_a_minimum_do_not_rise_by_rounding(dtype: Any) -> None:
    x = np.linspace(-1, 1, 50).reshape(1, -1).astype(dtype)
    line = sn.Parameters(None, None, np.ones((1, 1), dtype), np.zeros((1, 1), dtype))
    noisy = (x + 0.1 * np.sin(50 * x)).astype(dtype)
    best = sn.train(line, x, noisy, output="identity", learning_rate=0.5, n_iterations=2000)
    for n_iterations in range(2, 60):
        sn.train(best.parameters, x, noisy, learning_rate=0.5, n_iterations=n_iterations)


def test_results_interrupted_or_diverged_say_so_and_no_more(tmp_path: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(sn.TrainingInterrupted):
            trained(**STEEP, callback=breaking_off(2))
        with pytest.raises(sn.DivergenceError):
            sn.train(START, X * 1e200, Y, hidden="relu", output="identity")


def test_results_warning_of_the_command_line_is_a_line(tmp_path: Path) -> None:
    rows = "".join(f"{i},{i % 7},{'ab'[i > 50]}\n" for i in range(100))
    (tmp_path / "t.csv").write_text(f"w,h,kind\n{rows}")
    command = [sys.executable, "-m", "shallownet_native", "train", "t.csv", "--target", "kind"]
    command += ["--model", "network", "--out", "m.snet", "--optimizer", "gd"]
    command += ["--learning-rate", "1000", "--epochs", "4"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0 and (tmp_path / "m.snet").exists()
    [line] = done.stderr.splitlines()
    assert line.startswith("shallownet: warning: Training has ended at a loss of ")


# the iterations of the curves

HELD_OUT = (X[:, ::4], Y[:, ::4])


def costs_after(result: sn.TrainingResult, **options: Any) -> list[float]:
    """Return the held-out cost after as many steps as each validation cost says, trained anew."""
    return [
        sn.cost(trained(n_iterations=int(n), **options).parameters, *HELD_OUT)
        for n in result.validation_iterations
    ]


@pytest.mark.parametrize("cost_every", [0, 1, 7, 30])
def test_results_say_at_which_iteration_each_cost_was_taken(cost_every: int) -> None:
    options: dict[str, Any] = {"learning_rate": 1.2}
    result = trained(n_iterations=20, cost_every=cost_every, validation=HELD_OUT,
                     early_stopping=False, **options)  # fmt: skip
    expected = {0: [], 1: list(range(20)), 7: [0, 7, 14], 30: [0]}[cost_every]
    looks = {0: list(range(1, 21)), 1: list(range(1, 21)), 7: [1, 8, 15, 20], 30: [1, 20]}
    assert result.cost_iterations.tolist() == expected
    assert result.validation_iterations.tolist() == looks[cost_every]
    assert result.cost_iterations.dtype == result.validation_iterations.dtype == np.int64
    for n, cost in zip(result.cost_iterations, result.costs, strict=True):
        assert cost == sn.cost(trained(n_iterations=int(n), **options).parameters, X, Y)
    assert result.validation_costs.tolist() == costs_after(result, **options)


def test_results_iterations_of_mini_batches_are_the_middles_of_epochs() -> None:
    result = trained(n_epochs=3, batch_size=90, validation=HELD_OUT, early_stopping=False, seed=0)
    assert result.n_iterations == 15  # 400 examples in batches of 90
    assert result.cost_iterations.tolist() == [2, 7, 12]
    assert result.validation_iterations.tolist() == [5, 10, 15]
    even = trained(n_epochs=2, batch_size=100, seed=0)  # costs at 0, 1, 2, 3 and 4, 5, 6, 7
    assert even.cost_iterations.tolist() == [1, 5] and even.validation_iterations.size == 0
    alone = trained(n_epochs=3, batch_size=400)
    assert alone.cost_iterations.tolist() == [0, 1, 2]


def test_results_iterations_leave_mini_batches_without_weight_out() -> None:
    weights = np.repeat([1.0, 0.0], 200)
    result = trained(n_epochs=2, batch_size=100, shuffle=False, example_weights=weights,
                     validation=HELD_OUT, early_stopping=False)  # fmt: skip
    assert result.n_iterations == 4
    assert result.validation_iterations.tolist() == [2, 4]
    assert result.cost_iterations.tolist() == [0, 2]


def test_results_iterations_of_a_rate_that_falls_are_those_of_its_looks() -> None:
    result = trained(schedule="adaptive", tol=0.01, n_iter_no_change=2, learning_rate=1.0,
                     n_iterations=200, cost_every=50, validation=HELD_OUT,
                     early_stopping=False)  # fmt: skip
    looks = result.validation_iterations
    assert result.stopped_by == "learning_rate" and looks[-1] == result.n_iterations
    assert len(looks) == len(result.validation_costs) > 5
    assert (np.diff(looks) > 0).all() and set(looks.tolist()) - {1, 51, 101, 151}


def test_results_iterations_go_on_over_a_checkpoint(tmp_path: Path) -> None:
    options: dict[str, Any] = {"validation": HELD_OUT, "early_stopping": False, "cost_every": 4}
    options["checkpoint"] = tmp_path / "training.snet"
    trained(n_iterations=10, **options)
    result = trained(n_iterations=20, **options)
    assert result.cost_iterations.tolist() == [0, 4, 8, 12, 16]
    assert result.validation_iterations.tolist() == [1, 5, 9, 13, 17, 20]


def test_results_iterations_are_those_of_the_last_complete_epoch() -> None:
    with pytest.raises(sn.DivergenceError) as caught:
        sn.train(START, X * 1e200, Y, output="identity", hidden="relu", validation=HELD_OUT)
    result = caught.value.result
    assert result.cost_iterations.tolist() == list(range(result.n_iterations))
    assert len(result.validation_iterations) == len(result.validation_costs)
