"""What `train_many` hands back and shows on the way: results, callbacks, progress, divergence."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

import shallownet_native as sn
from campaigns.common import breaking_off
from many_cases import (
    DECAYS,
    RATES,
    SEEDS,
    N,
    differing,
    draw,
    draw_masks,
    draw_starts,
    same,
    train_alone,
)

BATCHES: dict[str, Any] = {"n_epochs": 8, "batch_size": 13, "seeds": SEEDS, "learning_rate": RATES}
FULL: dict[str, Any] = {"n_iterations": 8, "learning_rate": RATES}
HUGE: Any = (0.1, 1e300, 0.1, 1e300, 0.1)  # learning rates


def train(**options: Any) -> Any:
    return sn.train_many(draw_starts(), *draw(), **options)


# results


def test_train_many_results_are_a_sequence() -> None:
    results = train(**FULL)
    assert isinstance(results, sn.TrainingResults) and isinstance(results, Sequence)
    assert len(results) == len(list(results)) == len(list(reversed(results))) == N
    assert all(isinstance(result, sn.TrainingResult) for result in results)
    assert (
        differing(results[-1], results[N - 1]) == [] == differing(results[np.int64(1)], results[1])
    )
    some = results[1:4]
    assert type(some) is list and len(some) == 3 and results[5:] == []
    assert differing(some[0], results[1]) == [] == differing(results[::-2][1], results[2])
    for wrong in (N, -N - 1):
        with pytest.raises(IndexError):
            results[wrong]
    with pytest.raises(TypeError):
        results["first"]


def test_train_many_results_say_how_they_ended_in_few_words() -> None:
    results = train(**FULL)
    assert results.stopped_by.shape == (N,) and results.stopped_by.dtype.kind in "UO"
    assert results.stopped_by.tolist() == ["n_iterations"] * N
    assert 0 < results.seconds < 60
    many = sn.train_many(draw_starts() * 100, *draw(), n_iterations=1)
    assert "500" in repr(many) and len(repr(many)) < 300 and "\n" not in repr(many)


def test_train_many_results_can_be_saved_one_by_one(path: Any) -> None:
    results = train(**FULL)
    sn.save(results[2], path)
    assert sn.load(path) == results[2].parameters


def test_train_many_results_own_their_numbers() -> None:
    results = train(**FULL)
    kept = results[0].parameters.copy()
    results[1].parameters.flat[:] = 0.0
    results[1].costs[:] = 0.0
    assert results[0].parameters == kept and results[0].costs.all()


# callbacks


@pytest.mark.parametrize(
    "options",
    [FULL, BATCHES, {**BATCHES, "held_out": draw_masks(), "best": "own"},
     {"optimizer": "lm", "n_iterations": 5, "l2": DECAYS}, {**FULL, "schedule": "invscaling"}],
    ids=["full", "batches", "own", "lm", "invscaling"],
)  # fmt: skip
def test_train_many_callback_sees_every_epoch_of_every_network(options: Any) -> None:
    seen: list[Any] = []
    results = train(**options, callback=seen.append)
    without = train(**options)
    assert all(differing(*pair) == [] for pair in zip(results, without, strict=True))
    assert all(type(states) is list and len(states) == N for states in seen)
    X, Y = draw()
    for k, start in enumerate(draw_starts()):
        alone: list[sn.EpochState] = []
        train_alone(start, k, X, Y, **options, callback=alone.append)
        mine = [states[k] for states in seen]
        assert len(mine) >= len(alone) > 0 and mine[len(alone) :] == [None] * (
            len(seen) - len(alone)
        )
        for one, other in zip(mine, alone, strict=False):
            assert all(same(getattr(one, name), getattr(other, name)) for name in vars(other))


def test_train_many_callback_is_told_of_those_that_have_ended() -> None:
    seen: list[Any] = []
    stops = {"tol": 0.005, "n_iter_no_change": 2, "n_iterations": 500}
    results = train(**{**FULL, **stops}, callback=seen.append)
    lengths = [result.n_epochs for result in results]
    assert len(set(lengths)) > 1 and len(seen) == max(lengths)
    for epoch, states in enumerate(seen):
        assert [state is not None for state in states] == [epoch < n for n in lengths]
        assert {state.epoch for state in states if state is not None} == {epoch}


@pytest.mark.parametrize("options", [FULL, BATCHES])
def test_train_many_callback_ends_all_with_true_only(options: Any) -> None:
    for answer in (True, np.True_):
        results = train(**options, callback=lambda states, a=answer: states[1].epoch == 3 and a)
        assert results.stopped_by.tolist() == ["callback"] * N
        assert [result.n_epochs for result in results] == [4] * N
    shorter = {**options, "n_epochs" if "n_epochs" in options else "n_iterations": 4}
    expected = train(**shorter)
    assert all(a.parameters == b.parameters for a, b in zip(results, expected, strict=True))
    for answer in (None, False, np.False_, 1, "go on", [True] * N):
        results = train(**options, callback=lambda states, a=answer: a)
        assert [result.n_epochs for result in results] == [8] * N


def test_train_many_callback_leaves_those_alone_that_had_ended_before() -> None:
    stops = {"tol": 0.005, "n_iter_no_change": 2, "n_iterations": 500}
    lengths = [result.n_epochs for result in train(**{**FULL, **stops})]
    middle = sorted(lengths)[len(lengths) // 2]
    called: list[Any] = []

    def stop(states: Any) -> bool:
        called.append(states)
        return len(called) == middle + 1

    results = train(**{**FULL, **stops}, callback=stop)
    expected = ["tol" if n <= middle else "callback" for n in lengths]
    assert results.stopped_by.tolist() == expected and set(expected) == {"tol", "callback"}


def test_train_many_callback_cannot_change_the_training() -> None:
    def spoil(states: Any) -> None:
        for state in states:
            state.parameters.flat[:] = np.nan

    results = train(**FULL, callback=spoil)
    assert all(differing(*pair) == [] for pair in zip(results, train(**FULL), strict=True))


def test_train_many_callback_errors_come_through() -> None:
    with pytest.raises(LookupError, match="mine"):
        train(**FULL, callback=lambda states: breaking_off(2, LookupError("mine"))(states[0]))


# progress


class Terminal(io.StringIO):
    """What standard error is to somebody who sits before it."""

    def isatty(self) -> bool:
        return True


def test_train_many_progress_is_shown_on_a_terminal_only(monkeypatch: Any) -> None:
    pytest.importorskip("tqdm")
    said: dict[str, str] = {}
    for name, stream in (("terminal", Terminal()), ("pipe", io.StringIO())):
        monkeypatch.setattr("sys.stderr", stream)
        results = train(**FULL, progress=True)
        said[name] = stream.getvalue()
        assert all(differing(*pair) == [] for pair in zip(results, train(**FULL), strict=True))
    assert said["terminal"].strip() and not said["pipe"]
    silent = Terminal()
    monkeypatch.setattr("sys.stderr", silent)
    train(**FULL)
    assert not silent.getvalue()


# divergence


@pytest.mark.parametrize("length", [{"n_iterations": 30}, {"n_epochs": 9, "batch_size": 13}])
def test_train_many_goes_on_without_those_that_diverge(length: Any, dtype: Any) -> None:
    X, Y = draw(output="identity", dtype=dtype)
    rates = np.minimum(HUGE, float(np.finfo(dtype).max) / 16)
    given = {**length, "output": "identity", "learning_rate": rates, "seeds": SEEDS}
    starts = draw_starts(1, dtype)
    with pytest.warns(sn.ConvergenceWarning, match=r"(?=.*\b2\b)(?=.*\b5\b)") as warned:
        results = sn.train_many(starts, X, Y, n_threads=2, **given)
    assert len(warned) == 1 and warned[0].filename == __file__
    ended = next(name for name in length if name.startswith("n_"))
    assert results.stopped_by.tolist() == [ended, "divergence"] * 2 + [ended]
    for k, start in enumerate(starts):
        alone = train_alone(start, k, X, Y, **given)
        assert differing(results[k], alone) == []
        assert np.isfinite(results[k].parameters.flat).all()


def test_train_many_divergence_of_all_is_no_error_either() -> None:
    X, Y = draw(output="identity")
    with pytest.warns(sn.ConvergenceWarning, match=r"\b5\b"):
        results = sn.train_many(draw_starts(), X, Y, output="identity", learning_rate=1e300)
    assert set(results.stopped_by.tolist()) == {"divergence"}


def test_train_many_divergence_has_left_out_outputs_of_the_last_finite_parameters() -> None:
    X, Y = draw(output="identity")
    masks = draw_masks()
    given: dict[str, Any] = {"output": "identity", "learning_rate": HUGE, "n_iterations": 30}
    with pytest.warns(sn.ConvergenceWarning):
        results = sn.train_many(draw_starts(), X, Y, held_out=masks, best="own", **given)
    for k, out in enumerate(masks):
        expected = sn.forward(results[k].parameters, X[:, out], output="identity").A2
        assert np.array_equal(results.held_out_outputs[k][:, out], expected)
        alone = train_alone(draw_starts()[k], k, X, Y, held_out=masks, best="own", **given)
        assert differing(results[k], alone) == []


def test_train_many_divergence_is_none_in_a_callback() -> None:
    X, Y = draw(output="identity")
    seen: list[Any] = []
    with pytest.warns(sn.ConvergenceWarning):
        sn.train_many(
            draw_starts(), X, Y, output="identity", learning_rate=HUGE, n_iterations=30,
            callback=seen.append,
        )  # fmt: skip
    assert len(seen) == 30
    assert [state is not None for state in seen[-1]] == [True, False, True, False, True]
