"""lbfgs and lm alike: refusals, the start alone, interrupts, awkward inputs, the same bits."""

from __future__ import annotations

import itertools
import warnings
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import shallownet_native as sn
from campaigns.common import breaking_off
from shallownet_native.training import LevenbergMarquardt, QuasiNewton
from shallownet_native.training.solvers import minimizer

RNG = np.random.default_rng(0)
X = RNG.standard_normal((3, 60))
Y = (X[:2] * X[1:] > 0).astype(float)
START = sn.initialize(3, 4, 2, "glorot_uniform", seed=0)
optimizers = pytest.mark.parametrize("optimizer", ["lbfgs", "lm"])
dtypes = pytest.mark.parametrize("dtype", [np.float64, np.float32])


@optimizers
@dtypes
def test_minimizers_of_no_iterations_have_the_cost_of_the_start(optimizer: str, dtype: Any) -> None:
    result = sn.train(
        START.astype(dtype), X.astype(dtype), Y, optimizer=optimizer, n_iterations=0, l2=0.1
    )
    assert result.costs == pytest.approx([sn.cost(START, X, Y, l2=0.1)], rel=1e-6)
    assert result.cost_iterations.tolist() == [0] and result.n_iterations == 0
    assert result.stopped_by == "n_iterations" and result.parameters == START.astype(dtype)


@optimizers
def test_minimizers_go_on_from_a_checkpoint_of_no_iterations(optimizer: str, path: Path) -> None:
    for n in (0, 0, 5):
        result = sn.train(START, X, Y, optimizer=optimizer, n_iterations=n, checkpoint=path)
        assert len(result.costs) == n + 1
    whole = sn.train(START, X, Y, optimizer=optimizer, n_iterations=5)
    assert result.parameters == whole.parameters and np.array_equal(result.costs, whole.costs)


@optimizers
def test_minimizers_diverge_where_the_start_is_not_finite(optimizer: str) -> None:
    first = START.copy()
    first.flat[:] = 1e200
    for n in (0, 9):
        with pytest.raises(sn.DivergenceError, match="not finite where training begins"):
            sn.train(first, X, Y, output="identity", optimizer=optimizer, n_iterations=n)


@optimizers
@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"batch_size": 10, "n_iterations": None}, "takes all examples at once: leave batch_size"),
        ({"learning_rate": 0.1}, "finds its steps by itself: leave learning_rate"),
        ({"schedule": "adaptive"}, "finds its steps by itself"),
        ({"tol": -1.0}, "tol must be"),
        ({"l2": -1.0}, "l2 must be"),
    ],
)
def test_minimizers_refuse_what_they_have_no_use_for(
    optimizer: str, options: Any, message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        sn.train(START, X, Y, **{"optimizer": optimizer, "n_iterations": 300, **options})


@optimizers
def test_minimizers_interrupted_have_the_last_complete_iteration(optimizer: str) -> None:
    options: dict[str, Any] = {"optimizer": optimizer, "l2": 1e-2}
    with pytest.raises(sn.TrainingInterrupted) as caught:
        sn.train(START, X, Y, callback=breaking_off(5), **options)
    result = caught.value.result
    assert result.parameters == sn.train(START, X, Y, n_iterations=6, **options).parameters
    assert len(result.costs) == 7


@pytest.mark.parametrize(
    ("solver", "n_vectors", "numbers", "wrong"),
    [
        (QuasiNewton, 6, [2, 1, 0.5, 0.7, 9, 0],
         {-6: (-1, 1, 1.5, 11), -5: (0.5, 2), -2: (-1, 1.5), -1: (-1, 0.5)}),
        (LevenbergMarquardt, 1, [1e-3, 2, 0.5, 0.7, 9, 0, 4, 1],
         {-8: (-1,), -7: (0, -2), -4: (-1, 1.5, 3), -3: (-1,), -2: (0.5, 10), -1: (0, 2)}),
    ],
)  # fmt: skip
def test_minimizers_refuse_memory_that_cannot_be_their_own(
    solver: Any, n_vectors: int, numbers: list[float], wrong: dict[int, Any]
) -> None:
    n = 30
    good = np.concatenate([np.ones(n_vectors * n), numbers])
    assert solver.fits(good, n) and solver.fits(np.empty(0), n)
    nans = np.where(good == 1, np.nan, good)
    faults = [good[1:], good.astype(np.float32), good[None], np.ones(3), nans]
    for place, values in wrong.items():
        for value in values:
            faults.append(good.copy())
            faults[-1][place] = value
    assert not any(solver.fits(fault, n) for fault in faults)


def stuck(monkeypatch: pytest.MonkeyPatch, optimizer: str, **options: Any) -> Any:
    """Train with a core that says after two iterations that it finds no step."""
    name = {"lbfgs": "minimize", "lm": "fit_lm"}[optimizer]
    run = getattr(minimizer.core, name)

    def give_up(*arguments: Any) -> Any:
        *others, given = arguments
        done = run(*others, {**given, "n_iterations": min(given["n_iterations"], 2)})
        return {**done, "status": "stuck"}

    with monkeypatch.context() as patched:
        patched.setattr(minimizer.core, name, give_up)
        return sn.train(START, X, Y, optimizer=optimizer, **options)


@optimizers
def test_minimizers_that_find_no_step_say_how_large_the_gradient_is(
    optimizer: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.warns(sn.ConvergenceWarning, match=f"^{optimizer} has found no step") as caught:
        result = stuck(monkeypatch, optimizer, l2=1e-2)
    assert result.stopped_by == "tol" and result.n_iterations == 2
    d = sn.gradients(result.parameters, X, Y, l2=1e-2)[1]
    largest = max(np.abs(part).max() for part in (d.dW1, d.db1, d.dW2, d.db2))
    assert f"largest component is still {largest:.3g}, " in str(caught[0].message)


@optimizers
def test_minimizers_that_find_no_step_at_a_minimum_say_nothing(
    optimizer: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        result = stuck(monkeypatch, optimizer, l2=1e-2, tol=1.0)
    assert result.stopped_by == "tol"


# awkward inputs

INPUTS: dict[str, Any] = {
    "plain": lambda x: x,
    "duplicated": lambda x: np.concatenate([x[:2], x[:1]]),
    "constant": lambda x: np.concatenate([x[:2], np.ones((1, x.shape[1]))]),
    "zero": lambda x: 0 * x,
    "zero column": lambda x: x * [[1.0], [0.0], [1.0]],
    "huge": lambda x: 1e4 * x,
    "mixed": lambda x: x * [[1e6], [1.0], [1e-6]],
    "tiny": lambda x: 1e-6 * x,
}
NUMBERS = np.array([np.sin(X[0]), X[1] * X[2]])
COUNTS = np.floor(np.exp(X[:2] / 2 + 0.5))
TARGETS: dict[str, tuple[str, Any]] = {
    "labels": ("sigmoid", Y),
    "one class": ("sigmoid", np.ones((2, 60))),
    "classes": ("softmax", np.eye(3)[np.abs(X).argmax(axis=0)].T),
    "numbers": ("identity", NUMBERS),
    "constant": ("identity", np.full((2, 60), 3.0)),
    "1e6": ("identity", 1e6 * NUMBERS),
    "counts": ("exp", COUNTS),
    "no counts": ("exp", np.zeros((2, 60))),
}
FACTORS = (0.0, 1.0, 20.0, 300.0)  # of the start


@optimizers
@dtypes
@pytest.mark.filterwarnings("ignore:l(bfgs|m) has found no step")
@pytest.mark.parametrize("inputs", INPUTS)
@pytest.mark.parametrize("target", TARGETS)
def test_minimizers_of_awkward_data_never_end_worse(
    optimizer: str, target: str, inputs: str, dtype: Any
) -> None:
    output, y = TARGETS[target]
    x = INPUTS[inputs](X).astype(dtype)
    computes_in: Any = np.float64 if optimizer == "lm" else dtype
    rounding = 1e-6  # of a cost in float32, some units in its last place
    if optimizer == "lm":  # it computes in float64, and rounds the parameters at the end
        rounding = 1e-12 if dtype is np.float64 else 1e-3
    for factor, l2, hidden in itertools.product(FACTORS, (0.0, 1e-4), ("tanh", "relu")):
        first = sn.initialize(3, 5, len(y), "glorot_uniform", seed=1, dtype=dtype)
        first.flat[:] *= dtype(factor)
        how: dict[str, Any] = {"hidden": hidden, "output": output, "l2": l2}
        seen = x.astype(computes_in), y
        minimize = partial(sn.train, first, x, y, optimizer=optimizer, n_iterations=90, **how)
        J, d = sn.gradients(first.astype(computes_in), *seen, **how)
        if not all(np.isfinite(part).all() for part in (J, d.dW1, d.db1, d.dW2, d.db2)):
            with pytest.raises(sn.DivergenceError, match="not finite where training begins"):
                minimize()
            continue
        result = minimize()
        assert np.isfinite(result.parameters.flat).all() and np.isfinite(result.costs).all()
        assert result.costs.max() <= result.costs[0] * (1 + 1e-6)
        assert optimizer == "lbfgs" or np.all(np.diff(result.costs) < 0), "a step goes up"
        after = sn.cost(result.parameters.astype(computes_in), *seen, **how)
        before = J if optimizer == "lbfgs" else result.costs[0]
        assert after <= before * (1 + rounding)


@optimizers
@dtypes
@pytest.mark.parametrize("target", ["labels", "classes", "numbers", "counts"])
def test_minimizers_give_the_same_bits_however_they_are_cut(
    optimizer: str, target: str, dtype: Any
) -> None:
    output, y = TARGETS[target]
    first = sn.initialize(3, 4, len(y), "glorot_uniform", seed=0, dtype=dtype)
    usual: dict[str, Any] = {"output": output, "optimizer": optimizer, "l2": 1e-2}
    run = partial(sn.train, first, X.astype(dtype), y, n_iterations=60, **usual)
    whole = run()
    assert whole.n_iterations > 9
    for options in ({"callback": lambda _: None}, {"cost_every": 7, "callback": lambda _: None},
                    {"n_threads": 2}, {"n_threads": 5}, {"n_threads": 8}):  # fmt: skip
        other = run(**options)
        assert other.parameters == whole.parameters and other.n_solves == whole.n_solves
        assert np.array_equal(other.costs, whole.costs)


@optimizers
@dtypes
def test_minimizers_of_one_example(optimizer: str, dtype: Any) -> None:
    for output, y in TARGETS.values():
        first = sn.initialize(3, 4, len(y), "glorot_uniform", seed=0, dtype=dtype)
        x = X[:, :1].astype(dtype)
        result = sn.train(first, x, y[:, :1], output=output, optimizer=optimizer)
        assert np.isfinite(result.parameters.flat).all() and result.costs[-1] <= result.costs[0]


@optimizers
def test_minimizers_with_all_weights_on_one_example(optimizer: str) -> None:
    weights = np.zeros(60)
    weights[3] = 2.0
    options: dict[str, Any] = {"output": "identity", "optimizer": optimizer, "l2": 0.0}
    result = sn.train(START, X, NUMBERS, example_weights=weights, **options)
    alone = sn.cost(result.parameters, X[:, 3:4], NUMBERS[:, 3:4])
    assert alone == pytest.approx(result.costs[-1], abs=1e-15) and alone < 1e-9
    with pytest.raises(ValueError, match="example_weights"):
        sn.train(START, X, NUMBERS, example_weights=np.zeros(60), **options)
