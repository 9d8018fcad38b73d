"""Networks so large that the core asks for signals within a step: the same results."""

from __future__ import annotations

import signal
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import pytest

import shallownet_native as sn
from shallownet_native.estimators.parameters import draw_parameters

SHAPES = [
    (300, 900, 1),
    (40_000, 7, 1),
    (40_000, 7, 3),
    (30, 9_000, 2),
    (70_000, 0, 4),
    (3, 8, 40_000),
]
HUGE = (2000, 2100, 1)  # from 2^22 parameters on
M = 48


def data(shape: Any, dtype: Any = np.float64) -> Any:
    rng = np.random.default_rng(0)
    X = rng.standard_normal((shape[0], M)).astype(dtype)
    X[:, ::3] = 0  # zeros are passed over in some of them
    return X, rng.random((shape[2], M)).astype(dtype)


def start(shape: Any, dtype: Any = np.float64) -> sn.Parameters:
    return sn.initialize(*shape, "glorot_uniform", seed=1, dtype=dtype)


@pytest.mark.parametrize("shape", SHAPES)
def test_large_networks_gradients_are_those_of_the_oracle(shape: Any) -> None:
    X, Y = data(shape)
    parameters = start(shape)
    J, gradients = sn.gradients(parameters, X, Y, l2=0.1, want_dX=True)
    right_J, *right = sn.reference.gradients(*parameters, X, Y, l2=0.1)
    assert abs(J - right_J) <= 1e-12 * abs(right_J)
    for mine, oracles in zip(gradients, right, strict=True):
        if oracles is not None:
            assert np.abs(mine - oracles).max() <= 1e-11 * np.abs(oracles).max()


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_large_networks_examples_are_the_same_alone_and_sparse(shape: Any, dtype: Any) -> None:
    sparse = pytest.importorskip("scipy.sparse")
    X, _ = data(shape, dtype)
    parameters = start(shape, dtype)
    A2 = sn.forward(parameters, X, output="identity").A2
    assert np.array_equal(sn.predict(parameters, X, output="identity"), A2)
    assert np.array_equal(sn.predict(parameters, sparse.csc_matrix(X), output="identity"), A2)
    for i in (0, 1, M - 1):
        alone = sn.predict_one(parameters, X[:, i].copy(), output="identity")
        assert np.array_equal(alone, A2[:, i])


@pytest.mark.parametrize("optimizer", ["gd", "sgd", "adam"])
@pytest.mark.parametrize("length", [{"n_iterations": 5}, {"n_epochs": 5, "batch_size": 20}])
def test_large_networks_train_the_same_in_one_call_or_many(optimizer: str, length: Any) -> None:
    shape = (300, 900, 1)
    train = partial(sn.train, start(shape), *data(shape), optimizer=optimizer, seed=0, **length)
    whole = train(n_threads=1)
    seen: list[sn.EpochState] = []
    for again in (train(n_threads=2), train(n_threads=3), train(callback=seen.append)):
        assert again.parameters == whole.parameters
        assert np.array_equal(again.costs, whole.costs)
    assert seen[-1].parameters == whole.parameters
    shorter = {name: 3 if name.startswith("n_") else n for name, n in length.items()}
    assert seen[2].parameters == sn.train(
        start(shape), *data(shape), optimizer=optimizer, seed=0, **shorter
    ).parameters  # fmt: skip


def test_huge_networks_hand_out_each_iteration(tmp_path: Any) -> None:
    """Those whose copy alone takes long; at each stall of the adaptive rate training goes on."""
    more: dict[str, Any] = {"average": 0.5, "schedule": "adaptive", "tol": 10.0}
    given, X, Y = start(HUGE), data(HUGE)[0][:, :6], data(HUGE)[1][:, :6]
    options = {"optimizer": "adam", "learning_rate": 1e-5, "n_iter_no_change": 1, **more}
    train = partial(sn.train, given, X, Y, **options)
    whole = train(n_iterations=3, n_threads=1)
    seen: list[sn.EpochState] = []
    kept = {"checkpoint": tmp_path / "c", "every": 2, "seed": 0}
    shorter = train(n_iterations=2, n_threads=2, **kept)
    for again in (train(n_iterations=3, **kept), train(n_iterations=3, callback=seen.append)):
        assert again.parameters == whole.parameters
        assert np.array_equal(again.costs, whole.costs)
        assert again.learning_rate == whole.learning_rate
    assert seen[1].parameters == shorter.parameters
    with pytest.raises(sn.DivergenceError) as caught:
        sn.train(given, X, Y, hidden="relu", output="identity", learning_rate=1e3, n_iterations=99)
    costs, n = caught.value.result.costs, caught.value.result.n_epochs
    finite = {"learning_rate": 1e3, "n_iterations": n, "hidden": "relu", "output": "identity"}
    assert 0 < n == len(costs) and np.isfinite(costs).all()
    with pytest.warns(sn.ConvergenceWarning):
        assert sn.train(given, X, Y, **finite).parameters == caught.value.result.parameters


def test_huge_networks_interrupted_have_the_last_whole_iteration(interrupted: Any) -> None:
    X, Y = data(HUGE)
    train = partial(sn.train, start(HUGE), X[:, :6], Y[:, :6], optimizer="adam", learning_rate=1e-5)
    result, delay = None, 0.1
    while result is None or result.n_epochs == 0:
        found = interrupted(partial(train, n_iterations=10**6), delay)
        result, delay = getattr(found, "result", None), delay * 1.5
    shorter = train(n_iterations=result.n_epochs)
    assert result.parameters == shorter.parameters
    assert np.array_equal(result.costs, shorter.costs)


@pytest.mark.parametrize("optimizer", ["sgd", "adam"])
@pytest.mark.parametrize("length", [{"n_iterations": 30}, {"n_epochs": 30, "batch_size": 20}])
def test_large_networks_divergence_keeps_the_last_finite_epoch(optimizer: str, length: Any) -> None:
    shape = (300, 900, 1)
    X, Y = data(shape)
    given = start(shape)
    before = given.copy()
    for rate in (1e3, 1e300) if optimizer == "sgd" else (1e300,):
        train = partial(sn.train, given, X, Y, hidden="relu", output="identity", seed=0)
        with pytest.raises(sn.DivergenceError) as caught:
            train(optimizer=optimizer, learning_rate=rate, **length, l2=1.0)
        result = caught.value.result
        assert np.isfinite(result.parameters.flat).all()
        assert not np.shares_memory(result.parameters.flat, given.flat) and given == before
        if result.n_epochs == 0:
            assert result.parameters == given


def signals_seen(call: Callable[[], Any]) -> int:
    """Return how often signals were asked for during a call, at one per millisecond."""
    seen = 0

    def count(number: int, frame: Any) -> None:
        nonlocal seen
        seen += 1

    before = signal.signal(signal.SIGALRM, count)
    try:
        signal.setitimer(signal.ITIMER_REAL, 1e-3, 1e-3)
        call()
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    return seen


def long_calls() -> dict[str, Callable[[], Any]]:
    shape = (1000, 3000, 1)
    parameters, rng = start(shape), np.random.default_rng(0)
    X = rng.standard_normal((1000, 128))
    Y = (X[:1] > 0).astype(float)
    huge = np.full((20_000, 1000), 0.5)
    adam = {"optimizer": "adam", "n_threads": 1}
    return {
        "a step": partial(sn.train, parameters, X, Y, n_iterations=1, n_threads=1),
        "a step of two": partial(sn.train, parameters, X, Y, n_iterations=1, n_threads=2),
        "batches": partial(sn.train, parameters, X, Y, n_epochs=1, batch_size=16, **adam),
        "steps": partial(sn.train, parameters, X[:, :1], Y[:, :1], n_iterations=20, **adam),
        "gradients": partial(sn.gradients, parameters, X, Y, n_threads=1),
        "forward": partial(sn.forward, parameters, X, n_threads=1),
        "activate": partial(sn.activate, huge, "tanh"),
        "Parameters": partial(sn.Parameters, None, None, huge, huge[:, :1]),
        "initialize": partial(sn.initialize, 1000, 20_000, 1),
        "draw": partial(
            draw_parameters, (1000, 20_000, 1), "relu", np.random.RandomState(0), np.float64
        ),
    }


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="no interval timers")
@pytest.mark.usefixtures("no_callbacks_of_the_collector")
def test_large_networks_signals_are_asked_for_within_every_long_call() -> None:
    # each lasts at least 0.1 s, and the core asks every 20 ms; a deaf call would see one at its end
    few = {name: seen for name, call in long_calls().items() if (seen := signals_seen(call)) < 2}
    assert not few
