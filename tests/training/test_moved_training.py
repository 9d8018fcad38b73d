"""`train` where steps move something else than what is handed out, and rates change on the way."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest

import shallownet_native as sn
from shallownet_native import reference

M, N_X = 60, 3
RNG = np.random.default_rng(4)
X = RNG.standard_normal((N_X, M))
Y = np.stack([X[0] - X[1] * X[2], X[2] ** 2]) + 0.3 * RNG.standard_normal((2, M))
START = sn.initialize(N_X, 6, 2, "glorot_uniform", seed=0)
ALL: dict[str, Any] = {
    "optimizer": "adamw", "weight_decay": 0.1, "schedule": "cosine", "rates": "ntk",
    "input_scale": True, "average": 0.9, "learning_rate": 0.05,
}  # fmt: skip
BATCHES: dict[str, Any] = {"batch_size": 13, "n_epochs": 8, "seed": 3}


def train(**options: Any) -> sn.TrainingResult:
    return sn.train(START, X, Y, **{"output": "identity", **options})


@pytest.mark.parametrize("schedule", ["cosine", "coslog4"])
@pytest.mark.parametrize("rates", ["equal", "ntk"])
def test_moved_training_follows_the_oracle(
    optimizer: str, schedule: str, rates: str, assert_agree: Any
) -> None:
    same = {**ALL, "optimizer": optimizer, "schedule": schedule, "rates": rates, "l2": 0.01}
    if optimizer != "adamw":
        del same["weight_decay"]
    order = np.random.default_rng(3)
    orders = [order.permutation(M) for _ in range(8)]
    for mine, oracles in (
        ({"n_iterations": 12}, {"n_epochs": 12}),
        (BATCHES, {"batch_size": 13, "n_epochs": 8, "orders": orders}),
    ):
        result = train(**same, **mine)
        parameters, costs = reference.train(*START, X, Y, "tanh", "identity", **same, **oracles)
        # 40 steps of some eps each
        assert_agree(result.parameters, parameters, limit=1e-11)
        assert_agree([result.costs], [costs], limit=1e-11)


def test_moved_training_validates_the_average_and_shows_it() -> None:
    held = (X[:, :20], Y[:, :20])
    seen: list[sn.EpochState] = []
    options = {**ALL, **BATCHES, "validation": held, "early_stopping": False}
    result = train(**options, callback=seen.append)
    for state, cost in zip(seen, result.validation_costs, strict=True):
        assert state.validation_cost == cost
        assert cost == sn.cost(state.parameters, *held, output="identity")
    assert seen[-1].parameters == result.parameters
    best = train(**{**options, "early_stopping": True, "n_iter_no_change": 99})
    assert best.best_epoch is not None
    assert best.parameters == seen[best.best_epoch].parameters


def test_moved_training_average_lags_and_of_zero_is_none() -> None:
    options = {"optimizer": "sgd", **BATCHES}
    assert train(**options, average=0.0).parameters == train(**options).parameters
    last, mean = train(**options), train(**options, average=0.99)
    assert (last.costs == mean.costs).all()  # those of the parameters that move
    moved = np.abs(last.parameters.flat - START.flat).max()
    assert 0 < np.abs(mean.parameters.flat - last.parameters.flat).max() < moved


def test_moved_training_ntk_rates_are_those_of_its_units() -> None:
    # One step of gd: W = unit w moves by unit^2 times the rate, biases by a tenth of it.
    _, grads = sn.gradients(START, X, Y, output="identity")
    result = train(rates="ntk", n_iterations=1, learning_rate=0.1).parameters
    expected = [
        P - 0.1 * rate * dP
        for P, dP, rate in zip(START, grads[:4], (1 / N_X, 0.1, 1 / 6, 0.1), strict=True)
    ]
    for got, wanted in zip(result, expected, strict=True):
        np.testing.assert_allclose(got, wanted, rtol=0, atol=1e-14)  # some eps of numbers up to 10


@pytest.mark.parametrize("options", [{}, {"rates": "ntk"}], ids=str)
def test_moved_training_scales_are_folded_into_the_first_layer(options: Any) -> None:
    # One step of gd from scales of 1: W1 - rate unit^2 dW1, times 1 - rate f sum_h W1 dW1.
    rate = 0.1
    _, grads = sn.gradients(START, X, Y, output="identity")
    unit, factor = (1 / np.sqrt(N_X), 6.0) if options else (1.0, 1.0)
    result = train(input_scale=True, n_iterations=1, learning_rate=rate, **options).parameters
    scales = 1 - rate * factor * (START.W1 * grads.dW1).sum(axis=0)
    np.testing.assert_allclose(
        result.W1, (START.W1 - rate * unit**2 * grads.dW1) * scales, rtol=0, atol=1e-14
    )


def test_moved_training_follows_the_schedule_over_the_whole_length() -> None:
    seen: list[float] = []
    train(
        schedule="cosine", learning_rate=0.2, n_iterations=10,
        callback=lambda state: seen.append(state.learning_rate),
    )  # fmt: skip
    expected = [0.2 * reference.SCHEDULES["cosine"](t / 10) for t in range(10)]
    np.testing.assert_allclose(seen, expected, rtol=1e-14)


@pytest.mark.parametrize("length", [{"n_iterations": 9}, BATCHES], ids=str)
def test_moved_training_goes_on_in_its_schedule(tmp_path: Any, length: Any) -> None:
    from campaigns.common import breaking_off

    path = tmp_path / "c.snet"
    options = {**ALL, **length, "seed": 3, "schedule": "coslog4", "checkpoint": path}
    whole = train(**{**options, "checkpoint": None})
    for k, n_threads in ((1, 1), (4, 2)):
        with pytest.raises(sn.TrainingInterrupted):
            train(**options, every=2, callback=breaking_off(k))
        result = train(**options, every=3, n_threads=n_threads)
        assert result.parameters == whole.parameters and (result.costs == whole.costs).all()
        path.unlink()


def test_moved_training_of_another_length_is_another_where_the_rate_is_scheduled(
    tmp_path: Any,
) -> None:
    path = tmp_path / "c.snet"
    train(n_iterations=5, schedule="cosine", checkpoint=path)
    with pytest.raises(ValueError, match="options"):
        train(n_iterations=6, schedule="cosine", checkpoint=path)
    path.unlink()
    train(n_iterations=5, average=0.5, checkpoint=path)
    with pytest.raises(ValueError, match="options"):
        train(n_iterations=6, average=0.6, checkpoint=path)
    longer = train(n_iterations=6, average=0.5, checkpoint=path)
    assert longer.parameters == train(n_iterations=6, average=0.5).parameters


def test_moved_training_from_several_starts_is_each_alone() -> None:
    starts = [sn.initialize(N_X, 6, 2, "ntk", seed=seed) for seed in range(3)]
    options = {"output": "identity", **ALL, **BATCHES}
    alone = [sn.train(start, X, Y, **options) for start in starts]
    costs = [sn.cost(one.parameters, X, Y, output="identity") for one in alone]
    best = sn.train(None, X, Y, starts=starts, **options)
    assert best.best_start == int(np.argmin(costs))
    assert best.parameters == alone[best.best_start].parameters


# what is held out, clipped


def clipped_cost(parameters: Any, x: Any, y: Any, low: Any, high: Any) -> float:
    outputs = sn.forward(parameters, x, output="identity").A2
    return float(((np.clip(outputs, low, high) - y) ** 2).sum(axis=0).mean() / 2)


def test_moved_training_clips_what_is_held_out(dtype: Any) -> None:
    y = Y.astype(dtype)
    held = (X[:, :20].astype(dtype) * 3, y[:, :20])  # farther out than the inputs of training
    low, high = (bound(axis=1, keepdims=True) for bound in (y.min, y.max))
    start = START.astype(dtype)
    seen: list[sn.EpochState] = []
    options: dict[str, Any] = {
        "output": "identity", "n_iterations": 5, "validation": held, "early_stopping": False,
    }  # fmt: skip
    free = sn.train(start, X.astype(dtype), y, **options)
    for output_range, bounds in (("targets", (low, high)), ((-0.5, 0.25), (-0.5, 0.25))):
        seen.clear()
        result = sn.train(
            start, X.astype(dtype), y, output_range=output_range, callback=seen.append, **options
        )
        assert result.parameters == free.parameters
        for state, cost in zip(seen, result.validation_costs, strict=True):
            expected = clipped_cost(state.parameters, *held, *bounds)
            assert cost == pytest.approx(expected, rel=100 * float(np.finfo(dtype).eps))
    assert (result.validation_costs != free.validation_costs).any()


def test_moved_training_clips_weighted_examples_that_are_split_off() -> None:
    weights = RNG.random(M)
    options: dict[str, Any] = {
        "n_iterations": 3, "validation": 0.25, "seed": 1, "early_stopping": False,
        "example_weights": weights,
    }  # fmt: skip
    wide = train(**options, output_range=(-1e9, 1e9))
    np.testing.assert_allclose(wide.validation_costs, train(**options).validation_costs, rtol=1e-13)


@pytest.mark.parametrize("best", [None, "own", "pooled"])
def test_moved_training_of_many_clips_what_each_is_not_shown(best: str | None) -> None:
    masks = np.arange(M) % 3 == np.arange(3)[:, None]
    options: dict[str, Any] = {"output": "identity", "n_iterations": 20, "learning_rate": 0.2}
    options |= {"output_range": "targets", "held_out": masks, "best": best}
    results = sn.train_many([START] * 3, X, Y, **options)
    for mask, outputs, result in zip(masks, results.held_out_outputs, results, strict=True):
        low, high = (bound(axis=1, keepdims=True) for bound in (Y[:, ~mask].min, Y[:, ~mask].max))
        free = sn.forward(result.parameters, X[:, mask], output="identity").A2
        np.testing.assert_allclose(outputs[:, mask], np.clip(free, low, high), rtol=1e-13)
        assert np.isnan(outputs[:, ~mask]).all()
        if best is not None:
            cost = clipped_cost(result.parameters, X[:, mask], Y[:, mask], low, high)
            assert cost in [pytest.approx(one, rel=1e-12) for one in result.validation_costs]


def test_moved_training_output_range_is_part_of_a_checkpoint(tmp_path: Any) -> None:
    options: dict[str, Any] = {
        "n_iterations": 4, "validation": (X, Y), "checkpoint": tmp_path / "c.snet",
    }  # fmt: skip
    train(**options, output_range=(-1, 1))
    with pytest.raises(ValueError, match="options"):
        train(**options, output_range=(-1, 2))
    assert train(**options, output_range=(-1, 1)).n_epochs == 4


# refusals

REFUSED: dict[str, tuple[dict[str, Any], type[Exception], str]] = {
    "decay of adam": (
        {"optimizer": "adam", "weight_decay": 0.1}, ValueError,
        "weight_decay needs optimizer='adamw', got optimizer='adam': with others, l2",
    ),
    "decay of lm": (
        {"optimizer": "lm", "weight_decay": 0.1}, ValueError, "weight_decay needs optimizer",
    ),
    "negative decay": (
        {"optimizer": "adamw", "weight_decay": -0.1}, ValueError, "weight_decay must be",
    ),
    "average of 1": ({"average": 1.0}, ValueError, r"average must be in \[0, 1\)"),
    "average of words": ({"average": "0.9"}, TypeError, "average must be"),
    "unknown rates": ({"rates": "nkt"}, ValueError, "did you mean 'ntk'"),
    "no flag": ({"input_scale": 1}, TypeError, "input_scale must be"),
    "unknown schedule": ({"schedule": "cosin"}, ValueError, "did you mean 'cosine'"),
    "schedule of lbfgs": (
        {"optimizer": "lbfgs", "schedule": "cosine"}, ValueError,
        "finds its steps by itself: leave learning_rate and schedule out",
    ),
    "moved by lbfgs": (
        {"optimizer": "lbfgs", "average": 0.5, "rates": "ntk"}, ValueError,
        "optimizer='lbfgs' finds its steps by itself: leave rates and average out, or use one of",
    ),
    "scales of lm": (
        {"optimizer": "lm", "input_scale": True}, ValueError, "leave input_scale out",
    ),
    "range without data": ({"output_range": (0, 1)}, ValueError, "give validation"),
    "range of others": (
        {"output": "exp", "output_range": (0, 1), "validation": 0.5}, ValueError,
        "output_range is for output='identity', got output='exp'",
    ),
    "range upside down": (
        {"output_range": (1, 0), "validation": 0.5}, ValueError, r"low first, got \(1.0, 0.0\)",
    ),
    "range of a word": (
        {"output_range": "target", "validation": 0.5}, ValueError, "or None, got 'target'",
    ),
    "range of three": (
        {"output_range": (0, 1, 2), "validation": 0.5}, ValueError, "must be (low, high)",
    ),
    "range of words": (
        {"output_range": ("a", "b"), "validation": 0.5}, TypeError, "output_range must be",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED.values(), ids=REFUSED)
def test_moved_training_refusals_are_explained(case: Any) -> None:
    options, error, words = case
    with pytest.raises(error, match=words if "\\" in words else re.escape(words)):
        sn.train(START, X, np.abs(Y), **{"output": "identity", **options})
