"""What `train_many` makes of moments, data and arguments that are against it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import shallownet_native as sn
from many_cases import M, N, draw, draw_masks, draw_starts, same
from shallownet_native._native.backend import core
from shallownet_native.training.many import memory, runs, together

X, Y = draw()
MASKS = draw_masks()
STARTS = draw_starts()
LATE: dict[str, dict[str, Any]] = {
    "one call": {"n_iterations": 20},
    "batches": {"n_epochs": 4, "batch_size": 7, "seeds": range(N)},
    "lbfgs": {"optimizer": "lbfgs", "n_iterations": 300},
    "own": {"n_iterations": 1, "held_out": MASKS, "best": "own"},
}


class Interrupting:
    """The core, in which Ctrl-C comes just behind the work."""

    def __getattr__(self, name: str) -> Any:
        return getattr(core, name)

    def run_together(self, *arguments: Any) -> Any:
        core.run_together(*arguments)
        raise KeyboardInterrupt


@pytest.mark.parametrize("options", LATE.values(), ids=LATE)
def test_train_many_interrupted_behind_the_work_loses_none_of_it(
    options: Any, monkeypatch: Any
) -> None:
    whole = sn.train_many(STARTS, X, Y, **options)
    for module in (runs, together):
        monkeypatch.setattr(module, "core", Interrupting())
    with pytest.raises(sn.TrainingInterrupted) as caught:
        sn.train_many(STARTS, X, Y, **options)
    results = caught.value.result
    assert results.stopped_by.tolist() == whole.stopped_by.tolist()
    for result, expected in zip(results, whole, strict=True):
        assert same(result.parameters, expected.parameters)
        assert same(result.costs, expected.costs)


@pytest.mark.parametrize("optimizer", ["lbfgs", "lm"])
def test_train_many_pooled_best_ends_by_the_gradient_too(optimizer: str) -> None:
    given = {"optimizer": optimizer, "held_out": MASKS, "best": "pooled", "n_iterations": 100}
    results = sn.train_many(STARTS, X, Y, tol=1e-2, **given)
    assert set(results.stopped_by.tolist()) <= {"tol", "early_stopping", "n_iterations"}
    assert isinstance(results.best_epoch, int)


def test_train_many_pooled_best_goes_on_without_those_that_diverge() -> None:
    """The one that diverges has a huge cost, which says nothing of the others."""
    regression, T = draw(output="identity")
    given = {"output": "identity", "best": "pooled", "n_iterations": 60}
    rates = [0.05, 0.05, 0.05, 0.05, 1e6]
    with pytest.warns(sn.ConvergenceWarning, match="1 of 5 networks"):
        results = sn.train_many(STARTS, regression, T, held_out=MASKS, learning_rate=rates, **given)
    alone = sn.train_many(
        STARTS[:4], regression, T, held_out=MASKS[:4], learning_rate=0.05, **given
    )
    assert results.stopped_by[-1] == "divergence" and results.best_epoch == alone.best_epoch
    for one, other in zip(results[:4], alone, strict=True):
        assert same(one.parameters, other.parameters)


def test_train_many_results_do_not_follow_the_users_arrays() -> None:
    inputs, masks = X.copy(), MASKS.copy()
    results = sn.train_many(STARTS, inputs, Y, n_iterations=5, held_out=masks)
    expected = sn.train_many(STARTS, X, Y, n_iterations=5, held_out=MASKS).held_out_outputs
    inputs[:], masks[:] = 0, False
    assert same(results.held_out_outputs, expected)


def test_train_many_callback_may_write_into_what_it_is_shown() -> None:
    def spoil(states: Any) -> None:
        for state in states:
            state.parameters.flat[:] = 0

    given = {"held_out": MASKS, "best": "pooled", "n_iterations": 30, "learning_rate": 0.3}
    spoiled = sn.train_many(STARTS, X, Y, callback=spoil, **given)
    for one, other in zip(spoiled, sn.train_many(STARTS, X, Y, **given), strict=True):
        assert same(one.parameters, other.parameters)


def test_train_many_adaptive_rates_fall_or_are_refused() -> None:
    given = {"schedule": "adaptive", "learning_rate": 8.0, "n_iterations": 300, "held_out": MASKS}
    own = sn.train_many(STARTS, X, Y, best="own", n_iter_no_change=2, **given)
    assert all(result.learning_rate < 8.0 for result in own)
    with pytest.raises(ValueError, match="schedule='adaptive' goes by one network's cost"):
        sn.train_many(STARTS, X, Y, best="pooled", **given)


def test_train_many_asks_for_memory_before_the_data_are_copied(monkeypatch: Any) -> None:
    monkeypatch.setattr(memory, "physical_memory", lambda: 50 * X.nbytes)
    masks = np.eye(M, dtype=bool)
    with pytest.raises(MemoryError, match="60 networks with all that is kept of them need"):
        sn.train_many([STARTS[1]] * M, X, Y, held_out=masks)
    sn.train_many([STARTS[1]] * 2, X, Y, held_out=masks[:2], n_iterations=1)


def test_train_many_takes_what_several_numbers_come_in() -> None:
    pandas = pytest.importorskip("pandas")
    expected = sn.train_many(STARTS, X, Y, n_iterations=3, learning_rate=[0.1] * N)
    for rates in (pandas.Series([0.1] * N), (0.1,) * N, np.full(N, 0.1), np.float64(0.1)):
        results = sn.train_many(STARTS, X, Y, n_iterations=3, learning_rate=rates)
        assert all(same(a.parameters, b.parameters) for a, b in zip(results, expected, strict=True))


@pytest.mark.parametrize(
    ("name", "value", "error", "message"),
    [
        ("held_out", [[True], [True, False]], ValueError, r"must have the shape"),
        (
            "held_out",
            np.ma.array(MASKS, mask=MASKS),
            TypeError,
            "must be an array of bool, not a masked one",
        ),
        ("starts", np.array(1.0), TypeError, "starts must be a sequence of Parameters, got nd"),
        ("schedule", np.zeros((3, 3)), TypeError, r"schedule must be a string, .*\]\)$"),
    ],
)
@pytest.mark.parametrize("optimizer", ["gd", "lm"])
def test_train_many_refuses_in_one_line(
    name: str, value: Any, error: Any, message: str, optimizer: str
) -> None:
    given = {"starts": STARTS, "optimizer": optimizer, name: value}
    with pytest.raises(error, match=message) as caught:
        sn.train_many(given.pop("starts"), X, Y, n_iterations=2, **given)
    assert "\n" not in str(caught.value)


def test_train_many_activations_are_compared_among_those_that_have_some() -> None:
    linear = sn.Parameters(None, None, np.zeros((1, 3)), [[0.0]], output="sigmoid")
    of_relu = sn.Parameters(*STARTS[0], hidden="relu", output="sigmoid")
    of_tanh = sn.Parameters(*STARTS[1], hidden="tanh", output="sigmoid")
    assert len(sn.train_many([linear, of_relu, linear], X, Y, n_iterations=1)) == 3
    with pytest.raises(ValueError, match=r"of one activation: starts\[2\]"):
        sn.train_many([linear, of_relu, of_tanh], X, Y, n_iterations=1)


def test_train_many_core_takes_no_copies_that_nobody_keeps() -> None:
    rows = (np.ascontiguousarray(X.T), Y.T.tolist(), None)
    call = ("train", STARTS[0].flat, np.zeros((0, 21)), STARTS[0].shape, *rows, None, {})
    with pytest.raises(TypeError, match="is no array"):
        core.run_together([call], 1, [])
    for nonsense in ((), ("train",), ("other", *call[1:])):
        with pytest.raises((ValueError, TypeError, IndexError)):
            core.run_together([nonsense], 1, [])
