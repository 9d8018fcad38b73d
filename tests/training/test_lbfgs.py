"""optimizer="lbfgs": minima, costs and ends, checkpoints, any threads and BLAS."""

from __future__ import annotations

import inspect
import itertools
import os
import subprocess
import sys
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import shallownet_native as sn
from at_once import at_once
from shallownet_native import reference
from shallownet_native._native.backend import core
from shallownet_native.training import StoppingRule

RNG = np.random.default_rng(0)
X = RNG.standard_normal((3, 90))
TARGETS = {
    "sigmoid": (X[:2] * X[1:] > 0).astype(float),
    "softmax": np.eye(3)[np.abs(X).argmax(axis=0)].T,
    "identity": np.array([np.sin(X[0]), X[1] * X[2]]),
    "exp": np.floor(np.exp(X[:2] / 2 + 0.5)),
}
WEIGHTS = RNG.choice([0.0, 0.5, 2.0], size=90)
outputs = pytest.mark.parametrize("output", TARGETS)
dtypes = pytest.mark.parametrize("dtype", [np.float64, np.float32])


def start(output: str, n_h: int = 4, **how: Any) -> sn.Parameters:
    return sn.initialize(3, n_h, len(TARGETS[output]), "glorot_uniform", seed=0, **how)


def trained(output: str, dtype: Any = np.float64, n_h: int = 4, **options: Any) -> Any:
    usual = {"l2": 1e-2, "n_iterations": 3000, "optimizer": "lbfgs", "output": output}
    first = start(output, n_h, dtype=dtype)
    return sn.train(first, X.astype(dtype), TARGETS[output], **{**usual, **options})


def gradient(result: Any, output: str, l2: float = 1e-2, **options: Any) -> Any:
    """Return the cost and the largest component of the gradient, by the core in float64."""
    parameters = result.parameters.astype(np.float64)
    J, d = sn.gradients(parameters, X, TARGETS[output], l2=l2, **options)
    return J, max(np.abs(part).max() for part in (d.dW1, d.db1, d.dW2, d.db2) if part is not None)


# minima


@outputs
@pytest.mark.parametrize("weights", [None, WEIGHTS], ids=["", "weights"])
@pytest.mark.parametrize("hidden", ["tanh", "sigmoid", "identity"])
def test_lbfgs_ends_at_a_minimum(output: str, weights: Any, hidden: str) -> None:
    result = trained(output, hidden=hidden, example_weights=weights)
    J, largest = gradient(result, output, example_weights=weights)
    assert result.stopped_by == "tol" and largest <= 1e-5
    assert J == pytest.approx(result.costs[-1], rel=1e-12)
    further = sn.train(
        result.parameters, X, TARGETS[output], l2=1e-2, example_weights=weights, n_iterations=500
    )
    assert result.costs[-1] <= further.costs[-1] * (1 + 1e-9), "descent finds more"


@outputs
def test_lbfgs_without_a_hidden_layer_finds_the_only_minimum(output: str) -> None:
    first = sn.initialize(3, 0, len(TARGETS[output]), seed=0)
    minimize = partial(sn.train, output=output, l2=1e-2, optimizer="lbfgs", tol=1e-9)
    one = minimize(first, X, TARGETS[output])
    first.flat[:] = RNG.standard_normal(first.flat.size)
    other = minimize(first, X, TARGETS[output])
    A, B = (sn.forward(result.parameters, X).A2 for result in (one, other))
    np.testing.assert_allclose(A, B, rtol=1e-6, atol=1e-7)
    assert one.n_iterations < 60


@outputs
def test_lbfgs_has_the_oracles_costs(output: str) -> None:
    seen: list[Any] = []
    result = trained(output, n_iterations=7, callback=seen.append)
    networks = [start(output), *(state.parameters for state in seen)]
    judges = [
        reference.cost(p.W1, p.b1, p.W2, p.b2, X, TARGETS[output], output=output, l2=1e-2)
        for p in networks
    ]
    np.testing.assert_allclose(result.costs, judges, rtol=1e-12)
    assert [state.cost for state in seen] == result.costs[1:].tolist()


@outputs
def test_lbfgs_of_float32_ends_where_float64_does(output: str) -> None:
    single, double = (trained(output, dtype, l2=0.1) for dtype in (np.float32, np.float64))
    assert single.parameters.dtype == np.float32
    assert single.costs[-1] == pytest.approx(double.costs[-1], rel=1e-6)
    assert gradient(single, output, 0.1)[0] == pytest.approx(double.costs[-1], rel=1e-6)


# costs, ends, options


@pytest.mark.parametrize("cost_every", [0, 1, 3])
def test_lbfgs_has_the_cost_of_the_start_and_of_each_iteration(cost_every: int) -> None:
    result = trained("sigmoid", n_iterations=10, cost_every=cost_every)
    assert result.n_iterations == result.n_epochs == 10 and result.stopped_by == "n_iterations"
    assert result.cost_iterations.tolist() == list(range(11)) and len(result.costs) == 11
    assert np.all(np.diff(result.costs) < 0) and np.isnan(result.learning_rate)


def test_lbfgs_ends_at_once_at_a_minimum() -> None:
    first = trained("sigmoid", tol=1e-6)
    again = sn.train(first.parameters, X, TARGETS["sigmoid"], l2=1e-2, optimizer="lbfgs", tol=1e-5)
    assert (again.stopped_by, again.n_iterations) == ("tol", 0)
    assert again.costs.tolist() == [pytest.approx(first.costs[-1])]
    assert again.cost_iterations.tolist() == [0] and again.parameters == first.parameters


def test_lbfgs_keeps_the_best_on_validation_data() -> None:
    noise = RNG.standard_normal((2, 90))
    options = {"l2": 0.0, "validation": (X, noise), "n_iter_no_change": 5, "seed": 0}
    result = trained("identity", n_h=30, **options)
    assert result.stopped_by == "early_stopping"
    assert len(result.costs) == result.n_iterations + 1 == len(result.validation_costs) + 1
    best = sn.cost(result.parameters, X, noise)
    assert best == pytest.approx(result.validation_costs.min())
    assert result.best_epoch == result.validation_costs.argmin()


def test_lbfgs_stops_when_a_callback_asks() -> None:
    result = trained("sigmoid", callback=lambda state: state.epoch == 4)
    assert (result.stopped_by, result.n_iterations, len(result.costs)) == ("callback", 5, 6)


# the same bits


@dtypes
def test_lbfgs_goes_on_from_a_checkpoint_in_either_dtype(dtype: Any, path: Path) -> None:
    """float32 has come to its end, and gone on in float64, before 150 iterations."""
    whole = trained("identity", dtype, n_iterations=150)
    for n in (1, 40, 80, 110, 149):
        path.unlink(missing_ok=True)
        trained("identity", dtype, n_iterations=n, checkpoint=path)
        other = trained("identity", dtype, n_iterations=150, checkpoint=path, n_threads=2)
        assert other.parameters == whole.parameters
        assert np.array_equal(other.costs, whole.costs)


def test_lbfgs_refuses_memory_that_cannot_be_its_own() -> None:
    good = np.concatenate([np.ones(6 * 30), [2, 1, 0.5, 0.7, 9, 0]])
    first = start("sigmoid")
    rows = (np.ascontiguousarray(X.T), np.ascontiguousarray(TARGETS["sigmoid"].T), None)
    options = {
        "hidden": "tanh", "output": "sigmoid", "negative_slope": 0.01, "l2": 0.0, "loss_scale": 1.0,
        "n_threads": 1, "keeps_memory": True, "n_iterations": 1, **StoppingRule(1e-6)._asdict(),
    }  # fmt: skip
    for fault in (good, good[:3], np.full(8, 1e300), np.full(8, np.nan)):
        with pytest.raises(ValueError, match="memory does not fit"):
            core.minimize(first.flat, fault, (3, 4, 2), *rows, options)


HASHED = inspect.cleandoc("""
    import hashlib, sys
    import numpy as np
    import shallownet_native as sn
    rng = np.random.default_rng(0)
    digest = hashlib.sha256()
    for dtype in (np.float64, np.float32):
        for n_h, m in ((700, 1000), (5, 3000), (0, 200)):
            X = rng.standard_normal((20, m)).astype(dtype)
            start = sn.initialize(20, n_h, 1, "glorot_uniform", seed=0, dtype=dtype)
            result = sn.train(start, X, X[:1] * X[1:2] > 0, optimizer="lbfgs", n_iterations=30)
            digest.update(result.parameters.flat.tobytes() + result.costs.tobytes())
    print(digest.hexdigest())
""")


def test_lbfgs_gives_the_same_bits_for_any_threads_and_blas() -> None:
    def hashed(way: tuple[str, str]) -> str:
        n, kind = way
        chosen = {"OMP_NUM_THREADS": n, "OPENBLAS_NUM_THREADS": n, "OPENBLAS_CORETYPE": kind}
        return subprocess.check_output(
            [sys.executable, "-c", HASHED], env={**os.environ, **chosen}, text=True
        )

    ways = itertools.product(("1", "2", "8"), ("Haswell", "Nehalem"))
    assert len(set(at_once(hashed, *ways))) == 1
