"""Ill-posed problems for solvers that find their own steps: finite weights, never a higher cost.

Eight kinds of inputs and starts, by eight kinds of targets, by decays of 0 and 1e-4, by four
starts: 512 problems, each by lm and by lbfgs, in float64 and float32.
`python tests/campaigns/hard_problems.py [--quick]`.
"""

from __future__ import annotations

import argparse
import itertools
import warnings
from collections import Counter
from collections.abc import Callable
from typing import Any

import numpy as np

import shallownet_native as sn

Array = Any
N_X, N_H, M = 3, 6, 60
LIMIT = 150  # iterations


def with_column(X: Array, column: Array) -> Array:
    return np.vstack([X, column])


INPUTS: dict[str, Callable[[Array], Array]] = {
    "plain": lambda X: X,
    "a column twice": lambda X: with_column(X, X[0]),
    "a constant and a column of 0": lambda X: with_column(with_column(X, np.ones(M)), np.zeros(M)),
    "inputs times 1e4": lambda X: 1e4 * X,
    "inputs times 1e-6": lambda X: 1e-6 * X,
    "start times 20": lambda X: X,
    "start times 300": lambda X: X,
    "start at 0": lambda X: X,
}
FACTORS = {"start times 20": 20.0, "start times 300": 300.0, "start at 0": 0.0}


def one_hot(labels: Array, n: int) -> Array:
    return np.eye(n)[:, labels]


# name -> output, and its targets for inputs X and a generator
TARGETS: dict[str, tuple[str, Callable[[Array, Any], Array]]] = {
    "numbers": ("identity", lambda X, rng: np.sin(X[:1]) + 0.1 * rng.standard_normal((1, M))),
    "a constant": ("identity", lambda X, rng: np.full((1, M), 3.0)),
    "numbers times 1e6": ("identity", lambda X, rng: 1e6 * np.cos(X[:2])),
    "two classes": ("sigmoid", lambda X, rng: (X[:1] * X[1:2] > 0).astype(float)),
    "one class": ("sigmoid", lambda X, rng: np.ones((1, M))),
    "three classes": ("softmax", lambda X, rng: one_hot(rng.integers(0, 3, M), 3)),
    "counts": ("exp", lambda X, rng: rng.poisson(np.exp(X[:1])).astype(float)),
    "counts of 0": ("exp", lambda X, rng: np.zeros((1, M))),
}


def problem(inputs: str, targets: str, seed: int, dtype: Any) -> tuple[sn.Parameters, Array, Array]:
    """Return the start, X and Y."""
    rng = np.random.default_rng(seed)
    X = rng.standard_normal((N_X, M))
    Y = TARGETS[targets][1](X, rng)
    X = INPUTS[inputs](X)
    start = sn.initialize(len(X), N_H, len(Y), "glorot_uniform", seed=seed, dtype=dtype)
    factor = FACTORS.get(inputs, 1.0)
    arrays = (np.asarray(P) * dtype(factor) for P in (start.W1, start.b1, start.W2, start.b2))
    return sn.Parameters(*arrays), X.astype(dtype), Y.astype(dtype)


def outcome(optimizer: str, case: tuple[str, str, float, int], dtype: Any) -> str:
    """Return what came of one training, or raise AssertionError."""
    inputs, targets, l2, seed = case
    start, X, Y = problem(inputs, targets, seed, dtype)
    units = {"hidden": "tanh", "output": TARGETS[targets][0]}
    options: dict[str, Any] = {"optimizer": optimizer, "n_iterations": LIMIT, "l2": l2, **units}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", sn.ConvergenceWarning)
        try:
            result = sn.train(start, X, Y, **options)
        except sn.DivergenceError:
            return "refused: the start's cost is not finite"
    where = f"{optimizer} {dtype.__name__} {case}"
    assert all(np.isfinite(P).all() for P in result.parameters if P is not None), where
    assert np.isfinite(result.costs).all(), where
    rise = 1e-9 if dtype is np.float64 else 1e-4  # rounding of nearly equal numbers' difference
    assert (np.diff(result.costs) <= rise * np.abs(result.costs[:-1])).all(), where
    before, after = (sn.cost(p, X, Y, l2=l2, **units) for p in (start, result.parameters))
    slack = 1e-9 if dtype is np.float64 else 1e-5
    assert after <= before + slack * max(abs(before), 1e-30), f"{where}: {before} -> {after}"
    return result.stopped_by


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="one start instead of four")
    n_starts = 1 if parser.parse_args().quick else 4
    cases = list(itertools.product(INPUTS, TARGETS, (0.0, 1e-4), range(n_starts)))
    for optimizer, dtype in itertools.product(("lm", "lbfgs"), (np.float64, np.float32)):
        ends = Counter(outcome(optimizer, case, dtype) for case in cases)
        print(f"{optimizer}, {dtype.__name__}: {len(cases)} problems, {dict(ends)}")


if __name__ == "__main__":
    main()
