"""`starts`: each as it would be alone, the best kept, and what becomes of those that fail."""

from __future__ import annotations

import warnings
from functools import partial
from typing import Any

import numpy as np
import pytest

import shallownet_native as sn

RNG = np.random.default_rng(0)
X = RNG.standard_normal((2, 60))
Y = (X[:1] * X[1:] > 0).astype(float)
STARTS = [sn.initialize(2, 3, 1, "glorot_uniform", seed=seed) for seed in range(5)]
OF_RELU = sn.train(STARTS[0], X, Y, hidden="relu", n_iterations=1).parameters
WAYS: dict[str, dict[str, Any]] = {
    "gd": {"learning_rate": 0.5, "n_iterations": 60},
    "gd, few costs": {"learning_rate": 0.5, "n_iterations": 60, "cost_every": 0},
    "adam": {"optimizer": "adam", "learning_rate": 0.05, "n_epochs": 15, "batch_size": 20},
    "lbfgs": {"optimizer": "lbfgs", "l2": 1e-3},
    "lm": {"optimizer": "lm"},
    "lm float32": {"optimizer": "lm", "dtype": np.float32},
    "early": {"optimizer": "lm", "validation": 0.3, "n_iter_no_change": 3},
    "early sgd": {"optimizer": "sgd", "n_epochs": 30, "batch_size": 9, "validation": 0.3},
}


def train(first: Any, dtype: Any = np.float64, **options: Any) -> Any:
    starts = options.pop("starts", None)
    if starts is not None:
        starts = [start.astype(dtype) for start in starts]
    first = first if first is None else first.astype(dtype)
    return sn.train(first, X.astype(dtype), Y, **{"seed": 3, **options}, starts=starts)


@pytest.mark.parametrize("way", WAYS)
def test_starts_give_what_the_best_gives_alone(way: str) -> None:
    options = WAYS[way]
    alone = [train(start, **options) for start in STARTS]
    costs: list[Any]
    if "validation" in options:
        costs = [result.validation_costs.min() for result in alone]
    else:
        l2 = alone[0].l2
        dtype = options.get("dtype", np.float64)
        costs = [sn.cost(result.parameters, X.astype(dtype), Y, l2=l2) for result in alone]
    best = int(np.argmin(costs))
    result = train(None, starts=STARTS, **options)
    assert result.best_start == best and len(set(costs)) > 1
    assert result.start_costs.tolist() == costs and result.start_costs.dtype == np.float64
    assert result.parameters == alone[best].parameters
    for name in ("costs", "cost_iterations", "validation_costs", "validation_iterations"):
        assert np.array_equal(getattr(result, name), getattr(alone[best], name)), name
    for name in ("stopped_by", "n_iterations", "n_epochs", "best_epoch", "l2", "n_solves"):
        assert getattr(result, name) == getattr(alone[best], name), name


def test_starts_stand_beside_parameters_and_the_first_of_equals_is_kept() -> None:
    together = train(STARTS[0], starts=STARTS[1:], optimizer="lm")
    apart = train(None, starts=STARTS, optimizer="lm")
    assert together.best_start == apart.best_start and together.parameters == apart.parameters
    twice = train(STARTS[1], starts=[STARTS[1], STARTS[1]], optimizer="lm")
    assert twice.best_start == 0 and len(set(twice.start_costs)) == 1
    assert train(None, starts=iter(STARTS[:1]), optimizer="lm").best_start == 0
    assert train(STARTS[0], optimizer="lm").best_start is None
    assert train(STARTS[0], optimizer="lm").start_costs is None


@pytest.mark.parametrize("kind", [np.random.default_rng, np.random.RandomState])
def test_starts_draw_all_alike_from_a_generator(kind: Any) -> None:
    options = {**WAYS["adam"], "validation": 0.3}
    by_int = train(None, starts=STARTS, seed=kind(7), **options)
    best = by_int.best_start
    assert by_int.parameters == train(STARTS[best], seed=kind(7), **options).parameters


def test_starts_that_diverge_are_passed_over_and_said() -> None:
    far = STARTS[0].copy()
    far.flat[:] = 1e200
    options: dict[str, Any] = {"output": "identity", "optimizer": "lm"}
    with pytest.warns(sn.ConvergenceWarning, match="2 of 4 starts have diverged and were passed"):
        result = train(far, starts=[far, *STARTS[:2]], **options)
    assert result.best_start in (2, 3) and np.isnan(result.start_costs[:2]).all()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert train(None, starts=STARTS[:2], **options).parameters == result.parameters
    with pytest.raises(sn.DivergenceError, match="all 2 starts have diverged, the first") as caught:
        train(far, starts=[far], **options)
    assert caught.value.result.parameters == far


def test_starts_warn_of_the_one_kept_alone() -> None:
    """At this rate the first start ends above its first cost; the others cost less."""
    minimum = train(STARTS[1], optimizer="lm").parameters
    steep = {"learning_rate": 300.0, "n_iterations": 2}
    with pytest.warns(sn.ConvergenceWarning, match="above its first"):
        bad = train(STARTS[0], **steep)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        result = train(STARTS[0], starts=[minimum], learning_rate=300.0, n_iterations=0)
    assert result.best_start == 1 and bad.costs[-1] > bad.costs[0]


def test_starts_interrupted_have_the_best_until_then() -> None:
    """When two of four have had their third epoch, the other two have theirs at hand."""
    seen: list[Any] = []

    def stop(state: Any) -> None:
        seen.append(state.epoch)
        if seen.count(2) == 2:
            raise KeyboardInterrupt

    alone = [train(start, optimizer="lm", n_iterations=3) for start in STARTS[:4]]
    with pytest.raises(sn.TrainingInterrupted, match="from 4 starts was interrupted") as caught:
        train(None, starts=STARTS[:4], optimizer="lm", callback=stop)
    result = caught.value.result
    best = int(np.argmin([one.costs[-1] for one in alone]))
    assert (result.best_start, result.stopped_by) == (best, "interrupt")
    assert result.parameters == alone[best].parameters
    assert np.allclose(result.start_costs, [one.costs[-1] for one in alone], rtol=1e-12)


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"starts": STARTS[0]}, TypeError, "must be a sequence of Parameters, got Parameters: put"),
        ({"starts": 3}, TypeError, "starts must be a sequence of Parameters, got int"),
        ({"starts": [3]}, TypeError, "parameters must be Parameters, got int"),
        ({"starts": [sn.initialize(2, 4, 1)]}, ValueError, r"shape .* start 1 has \(2, 4, 1\)"),
        ({"starts": [STARTS[0].astype(np.float32)]}, ValueError, "of one dtype: start 1 has f"),
        ({"starts": [OF_RELU]}, ValueError, r"of one activations: start 1 has .*relu"),
        ({"starts": STARTS, "checkpoint": "x.snet"}, ValueError, "a checkpoint keeps one training"),
    ],
)
def test_starts_that_cannot_be_used_are_refused(options: Any, error: Any, message: str) -> None:
    with pytest.raises(error, match=message):
        sn.train(STARTS[0], X, Y, optimizer="lm", **options)


def test_starts_must_be_something() -> None:
    nothing = partial(sn.train, None, X, Y)
    with pytest.raises(ValueError, match="nothing to start from: give parameters, or starts"):
        nothing(starts=[])
    with pytest.raises(TypeError, match="parameters must be Parameters, got NoneType"):
        nothing()


def test_starts_that_cannot_be_judged_are_passed_over() -> None:
    """One that begins where lm ends has no epoch after which its validation cost was taken."""
    options: dict[str, Any] = {"optimizer": "lm", "l2": 1e-2, "validation": (X, Y)}
    ended = train(STARTS[0], optimizer="lm", l2=1e-2).parameters
    result = train(ended, starts=[STARTS[1]], **options)
    assert result.best_start == 1 and np.isnan(result.start_costs[0])
    assert result.parameters == train(STARTS[1], **options).parameters
