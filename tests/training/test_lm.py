"""optimizer="lm": the oracle's steps, minima, ends, checkpoints, its limits."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.sparse import csc_matrix

import shallownet_native as sn
from shallownet_native import reference
from shallownet_native.training.solvers.second_order import FLAT

RNG = np.random.default_rng(0)
X = RNG.standard_normal((3, 90))
TARGETS = {
    "sigmoid": (X[:2] * X[1:] > 0).astype(float),
    "softmax": np.eye(3)[np.abs(X).argmax(axis=0)].T,
    "identity": np.array([np.sin(X[0]), X[1] * X[2]]),
    "exp": np.floor(np.exp(X[:2] / 2 + 0.5)),
}
WEIGHTS = RNG.choice([0.0, 0.5, 2.0], size=90)
L2 = 1e-2
outputs = pytest.mark.parametrize("output", TARGETS)
dtypes = pytest.mark.parametrize("dtype", [np.float64, np.float32])
weights = pytest.mark.parametrize("weights", [None, WEIGHTS], ids=["", "weights"])
activations = pytest.mark.parametrize("hidden", sorted(reference.ACTIVATIONS))


def start(output: str, n_h: int = 4, seed: int = 0, **how: Any) -> sn.Parameters:
    return sn.initialize(3, n_h, len(TARGETS[output]), "glorot_uniform", seed=seed, **how)


def trained(output: str, dtype: Any = np.float64, n_h: int = 4, **options: Any) -> Any:
    usual = {"l2": L2, "n_iterations": 300, "optimizer": "lm", "output": output}
    first = start(output, n_h, dtype=dtype)
    return sn.train(first, X.astype(dtype), TARGETS[output], **{**usual, **options})


def largest_gradient(parameters: Any, output: str, **options: Any) -> float:
    """Return the gradient's largest component, by the core in float64."""
    d = sn.gradients(parameters.astype(np.float64), X, TARGETS[output], l2=L2, **options)[1]
    parts = (d.dW1, d.db1, d.dW2, d.db2)
    return max(float(np.abs(part).max()) for part in parts if part is not None)


# the oracle's steps


@outputs
@activations
@weights
@pytest.mark.parametrize("n_h", [0, 4])
def test_lm_takes_the_oracles_steps(output: str, hidden: str, weights: Any, n_h: int) -> None:
    """Rounding grows from step to step, and fast at kinks: six steps are compared."""
    p = start(output, n_h)
    arrays = (p.W1, p.b1, p.W2, p.b2)
    judge = reference.levenberg_marquardt(
        *arrays, X, TARGETS[output], hidden, output, decays=(L2, 0, L2, 0),
        example_weights=weights, n_iterations=6,
    )  # fmt: skip
    result = trained(output, n_h=n_h, hidden=hidden, example_weights=weights, n_iterations=6)
    np.testing.assert_allclose(result.costs, judge.costs, rtol=1e-9)
    assert result.n_solves == judge.n_solves
    found = result.parameters
    for mine, theirs in zip((found.W1, found.b1, found.W2, found.b2), judge.parameters,
                            strict=True):  # fmt: skip
        assert (mine is None) == (theirs is None)
        if mine is not None:
            np.testing.assert_allclose(mine, theirs, rtol=1e-7, atol=1e-7)


# minima


@outputs
@weights
@pytest.mark.parametrize("hidden", ["tanh", "sigmoid", "identity"])
def test_lm_ends_at_a_minimum(output: str, weights: Any, hidden: str) -> None:
    result = trained(output, hidden=hidden, example_weights=weights)
    assert result.stopped_by == "tol" and result.n_solves >= result.n_iterations
    assert np.all(np.diff(result.costs) < 0), "no step goes up"
    largest = largest_gradient(result.parameters, output, example_weights=weights)
    assert largest <= 1e-4, "flat is not far from a minimum"
    further = partial(sn.train, result.parameters, X, TARGETS[output], l2=L2)
    lbfgs = further(example_weights=weights, optimizer="lbfgs", tol=1e-9)
    assert result.costs[-1] <= lbfgs.costs[-1] * (1 + 10 * FLAT)


@outputs
def test_lm_without_a_hidden_layer_finds_the_only_minimum(output: str) -> None:
    first = sn.initialize(3, 0, len(TARGETS[output]), seed=0)
    minimize = partial(sn.train, output=output, l2=L2, tol=1e-10)
    one = minimize(first, X, TARGETS[output], optimizer="lm")
    other = minimize(first, X, TARGETS[output], optimizer="lbfgs")
    A, B = (sn.forward(result.parameters, X).A2 for result in (one, other))
    np.testing.assert_allclose(A, B, rtol=1e-6, atol=1e-7)
    assert one.n_iterations < 25


def test_lm_of_squared_errors_without_a_hidden_layer_is_least_squares() -> None:
    first = sn.initialize(3, 0, 2, seed=0)
    result = sn.train(first, X, TARGETS["identity"], output="identity", optimizer="lm", l2=0.0)
    rows = np.concatenate([X, np.ones((1, 90))]).T
    exact = np.linalg.lstsq(rows, TARGETS["identity"].T, rcond=None)[0].T
    found = np.concatenate([result.parameters.W2, result.parameters.b2], axis=1)
    np.testing.assert_allclose(found, exact, atol=1e-6)


@outputs
def test_lm_of_float32_ends_where_float64_does(output: str) -> None:
    single, double = (trained(output, dtype) for dtype in (np.float32, np.float64))
    assert single.parameters.dtype == np.float32
    assert single.costs[-1] == pytest.approx(double.costs[-1], rel=1e-5)
    handed_out = sn.cost(single.parameters.astype(np.float64), X, TARGETS[output], l2=L2)
    assert handed_out == pytest.approx(single.costs[-1], rel=1e-6)


def test_lm_with_more_parameters_than_data() -> None:
    first = sn.initialize(3, 30, 1, "glorot_uniform", seed=0)
    x, y = X[:, :20], np.sin(X[:1, :20])
    result = sn.train(first, x, y, output="identity", optimizer="lm", l2=1e-4)
    other = sn.train(first, x, y, output="identity", optimizer="lbfgs", l2=1e-4)
    assert result.stopped_by == "tol" and result.costs[-1] <= 1.1 * other.costs[-1]


# costs, ends, options


@pytest.mark.parametrize("cost_every", [0, 1, 3])
def test_lm_has_the_cost_of_the_start_and_of_each_iteration(cost_every: int) -> None:
    seen: list[Any] = []
    result = trained("sigmoid", n_iterations=5, cost_every=cost_every, callback=seen.append)
    assert result.n_iterations == result.n_epochs == 5 and result.stopped_by == "n_iterations"
    assert result.cost_iterations.tolist() == list(range(6)) and len(result.costs) == 6
    assert np.isnan(result.learning_rate) and result.l2 == L2
    p = result.parameters
    judge = reference.cost(p.W1, p.b1, p.W2, p.b2, X, TARGETS["sigmoid"], l2=L2)
    assert result.costs[-1] == pytest.approx(judge, rel=1e-12) == seen[-1].cost


def test_lm_ends_at_once_at_a_minimum() -> None:
    first = trained("sigmoid")
    again = sn.train(first.parameters, X, TARGETS["sigmoid"], l2=L2, optimizer="lm", tol=1e-3)
    assert (again.stopped_by, again.n_iterations, again.n_solves) == ("tol", 0, 0)
    assert again.costs.tolist() == [pytest.approx(first.costs[-1])]
    assert again.parameters == first.parameters


def test_lm_keeps_the_best_on_validation_data() -> None:
    noise = RNG.standard_normal((2, 90))
    first = start("identity", 30)
    options: dict[str, Any] = {"validation": (X, noise), "n_iter_no_change": 5}
    result = sn.train(first, X, TARGETS["identity"], output="identity", optimizer="lm", **options)
    assert result.stopped_by == "early_stopping" and result.l2 == 0.0
    best = sn.cost(result.parameters, X, noise)
    assert best == pytest.approx(result.validation_costs.min())
    assert result.best_epoch == result.validation_costs.argmin()
    looked_at = sn.train(
        first, X, TARGETS["identity"], output="identity", optimizer="lm", early_stopping=False,
        n_iterations=3, **options,
    )  # fmt: skip
    assert looked_at.l2 == 1e-4, "nothing else keeps the weights from running away"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"l2": "much"}, "l2 must be a number >= 0, None or 'evidence', got 'much'"),
        ({"l2": "evidence", "optimizer": "lbfgs"}, "needs optimizer='lm', got optimizer='lbfgs'"),
        ({"l2": "evidence", "validation": 0.2}, "leave validation out"),
        ({"l2": "evidence", "checkpoint": "x.snet"}, "writes no checkpoints"),
        ({"n_h": 400}, r"at most 2,000 parameters, .* has 2,402: .* 92 MB\. Use lbfgs"),
    ],
)
def test_lm_refuses_what_it_has_no_use_for(options: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        trained("sigmoid", **options)


# the same bits


def test_lm_goes_on_from_a_checkpoint(path: Path) -> None:
    whole = trained("identity", np.float32, n_iterations=40)
    for n in (0, 1, 7, 39):
        path.unlink(missing_ok=True)
        trained("identity", np.float32, n_iterations=n, checkpoint=path)
        other = trained("identity", np.float32, n_iterations=40, checkpoint=path, n_threads=2)
        assert other.parameters == whole.parameters and other.n_solves == whole.n_solves
        assert np.array_equal(other.costs, whole.costs)


def test_lm_takes_sparse_inputs_as_dense_ones() -> None:
    x = np.where(np.abs(X) > 0.7, X, 0)
    train = partial(sn.train, start("identity"), Y=TARGETS["identity"], output="identity", l2=L2)
    dense, sparse = (train(X=given, optimizer="lm") for given in (x, csc_matrix(x)))
    assert dense.stopped_by == sparse.stopped_by == "tol"
    assert sparse.costs[-1] == pytest.approx(dense.costs[-1], rel=1e-9)
