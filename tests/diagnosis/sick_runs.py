"""Runs with one thing wrong each, and the near misses: models with X and y as they were trained.

Near misses are as sick as may be without a word of that kind.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

import shallownet_native as sn

Run = tuple[Any, npt.NDArray[Any], npt.NDArray[Any]]

X, Y = sn.datasets.flower()
START = sn.initialize(2, 4, 1, seed=0)


def trained(start: sn.Parameters, inputs: Any = X, targets: Any = Y, **options: Any) -> Run:
    """Train by gd, unless told otherwise; of a divergence the error is what is diagnosed."""
    given = {"learning_rate": 1.2, "n_iterations": 1500, **options}
    if given.get("optimizer") in ("lbfgs", "lm"):
        del given["learning_rate"]
    try:
        return sn.train(start, inputs, targets, **given), inputs, targets
    except sn.DivergenceError as error:
        return error, inputs, targets


def with_weights(scale: float, n_h: int = 4) -> sn.Parameters:
    """Return a start whose hidden weights are so large."""
    random = np.random.default_rng(1)
    W1, W2 = random.standard_normal((n_h, 2)) * scale, random.standard_normal((1, n_h)) * 0.1
    return sn.Parameters(W1, np.zeros((n_h, 1)), W2, [[0.0]])


def constant_start(value: float, n_twins: int = 4) -> sn.Parameters:
    """Return a start in which so many of four units are alike."""
    W1, W2 = START.W1.copy(), START.W2.copy()
    W1[:n_twins], W2[:, :n_twins] = value, value
    return sn.Parameters(W1, np.zeros((4, 1)), W2, [[0.0]])


def with_dead(n_dead: int) -> sn.Parameters:
    """Return a relu network of 8 units, so many of them far below every example."""
    start = sn.initialize(2, 8, 1, scheme="he_normal", seed=0)
    start.b1[:n_dead] = -50.0
    return start


def with_column(column: Any) -> Run:
    inputs = np.vstack([X, np.broadcast_to(column, (1, X.shape[1]))])
    return trained(sn.initialize(3, 6, 1, seed=1), inputs, n_iterations=4000, learning_rate=1.0)


def with_rare(n_rare: int) -> Run:
    random = np.random.default_rng(0)
    inputs = random.standard_normal((2, 400))
    inputs[:, :n_rare] += 3
    targets = (np.arange(400) < n_rare)[np.newaxis].astype(float)
    return trained(START, inputs, targets, learning_rate=0.5)


def with_doubles(n: int, *, flipped: bool) -> Run:
    again = 1 - Y[:, :n] if flipped else Y[:, :n]
    inputs, targets = np.hstack([X, X[:, :n]]), np.hstack([Y, again])
    return trained(sn.initialize(2, 4, 1, seed=3), inputs, targets, n_iterations=4000)


def line(rate: float, **more: Any) -> Run:
    """Fit a line by gd: on a quadratic, 2 / lambda is the limit exactly."""
    start = sn.Parameters(None, None, [[0.0, 0.0]], [[0.0]])
    rows = np.random.default_rng(0).standard_normal((2, 100))
    targets = 2 * rows[:1] + 1
    options = {"output": "identity", "n_iterations": 60, **more}
    limit = 2 / sn.largest_curvature(start, rows, targets, output="identity")
    return trained(start, rows, targets, learning_rate=rate * limit, **options)


def diabetes(scale: float, **options: Any) -> Run:
    """Fit the diabetes set by adam, its target of this deviation."""
    rows, y = sn.datasets.load_diabetes(return_rows=True)
    inputs = (rows / rows.std(axis=0)).T
    target = scale * ((y - y.mean()) / y.std())[np.newaxis]
    given = {"optimizer": "adam", "learning_rate": 0.01, "n_iterations": 300, **options}
    return trained(sn.initialize(10, 8, 1, seed=0), inputs, target, output="identity", **given)


def held_out(n_iterations: int, **options: Any) -> Run:
    """Learn few examples with much noise, watched by others."""
    random = np.random.default_rng(3)
    inputs = random.standard_normal((2, 260))
    targets = (inputs[:1] + random.standard_normal((1, 260)) > 0).astype(float)
    given = {"optimizer": "adam", "learning_rate": 0.02, "n_iterations": n_iterations}
    return trained(
        sn.initialize(2, 50, 1, scheme="glorot_normal", seed=0),
        inputs[:, :60],
        targets[:, :60],
        validation=(inputs[:, 60:], targets[:, 60:]),
        **{**given, **options},
    )


def by_heart(share: float) -> Run:
    """Learn 60 labels by heart, so many of which are drawn and the others are to be known."""
    random = np.random.default_rng(0)
    inputs = random.standard_normal((2, 60))
    drawn = random.random((1, 60)) < share
    targets = np.where(drawn, random.random((1, 60)) < 0.5, inputs[:1] > 0).astype(float)
    return trained(sn.initialize(2, 60, 1, seed=0), inputs, targets, optimizer="lbfgs")


def of_starts(*costs: float) -> Run:
    """Return a healthy run that claims to be the best of several starts."""
    result, inputs, targets = trained(START, n_iterations=4000)
    return replace(result, start_costs=np.array(costs), best_start=0), inputs, targets


FAR = np.array([[1.0], [1000.0]])

# name, what is wrong, the figure in the finding (None: any)
SICK: list[tuple[str, Callable[[], Run], float | None]] = [
    ("symmetric_units", lambda: trained(constant_start(0.0)), 4),
    ("symmetric_units", lambda: trained(constant_start(0.5)), 4),
    ("symmetric_units", lambda: trained(constant_start(0.5, 2), n_iterations=50), 2),
    ("symmetric_units", lambda: trained(constant_start(0.5), optimizer="lbfgs"), 4),
    ("dead_units", lambda: trained(with_dead(8), hidden="relu", learning_rate=0.1), 8),
    ("dead_units", lambda: trained(with_dead(5), hidden="relu", learning_rate=0.1), 5),
    ("saturated_units", lambda: trained(with_weights(100)), None),
    ("saturated_units", lambda: trained(with_weights(100), hidden="sigmoid"), None),
    ("unscaled_inputs", lambda: trained(START, X * FAR), 1018.351),
    ("unscaled_inputs", lambda: trained(START, X + 500), 500.073),
    ("unscaled_inputs", lambda: trained(START, X * 100), 200.476),
    ("unscaled_target", lambda: diabetes(1000.0), 1000),
    ("unscaled_target", lambda: diabetes(0.001, n_iterations=20), 0.001),
    ("learning_rate", lambda: line(1.1), 1.1),
    ("learning_rate", lambda: line(3.0), 3.0),
    ("learning_rate", lambda: trained(START, learning_rate=20), None),
    ("learning_rate", lambda: trained(START, learning_rate=1000), None),
    # it bounces between two places at which the curvature is below the limit
    ("learning_rate", lambda: trained(START, learning_rate=10), None),
    ("learning_rate", lambda: line(3.0, optimizer="sgd", nesterov=False), 3 / 1.9),
    ("diverged", lambda: trained(START, learning_rate=1000, n_iterations=50), None),
    ("diverged", lambda: line(1.5), None),
    ("diverged", lambda: diabetes(1e6, optimizer="gd", learning_rate=1e3), None),
    ("plateau", lambda: trained(START, learning_rate=1e-6), 1),
    ("plateau", lambda: trained(constant_start(0.0)), 1),
    ("underfitting", lambda: trained(sn.initialize(2, 1, 1, seed=0)), None),
    ("underfitting", lambda: trained(START, n_iterations=10), None),
    ("overfitting", lambda: held_out(2000, early_stopping=False), None),
    ("overfitting", lambda: by_heart(1.0), None),
    ("overfitting", lambda: held_out(2000, n_iter_no_change=1500), None),  # though the best is kept
    ("few_restarts", lambda: of_starts(0.22, 0.36, 0.51), 3),
    ("few_restarts", lambda: of_starts(0.22, np.nan), 2),
    ("imbalance", lambda: with_rare(12), 0.03),
    ("contradicting_labels", lambda: with_doubles(40, flipped=True), 80),
    ("constant_column", lambda: with_column(0.1), 1),
    ("duplicate_column", lambda: with_column(2.54 * X[:1] + 1), 1),
]  # fmt: skip

NEAR_MISSES: list[tuple[str, Callable[[], Run]]] = [
    ("symmetric_units", lambda: trained(constant_start(0.5, 1))),
    ("symmetric_units", lambda: trained(sn.initialize(2, 20, 1, seed=0), optimizer="lm", l2=1e-3)),
    ("dead_units", lambda: trained(with_dead(1), hidden="relu", learning_rate=0.1)),
    ("dead_units", lambda: trained(with_dead(8), hidden="leaky_relu", learning_rate=0.1)),
    ("saturated_units", lambda: trained(with_weights(10))),
    ("saturated_units", lambda: trained(START, optimizer="lbfgs")),
    ("unscaled_inputs", lambda: trained(START, X * [[1.0], [50.0]] / 10)),
    ("unscaled_inputs", lambda: trained(START, X + 20)),
    ("unscaled_target", lambda: diabetes(20.0)),
    ("unscaled_target", lambda: diabetes(0.02)),
    ("unscaled_target", lambda: diabetes(1000.0, optimizer="lbfgs", n_iterations=100)),
    ("learning_rate", lambda: line(0.95)),
    ("learning_rate", lambda: trained(START, n_iterations=10000)),  # the edge of stability
    ("diverged", lambda: trained(START, learning_rate=10)),
    ("plateau", lambda: trained(START, learning_rate=0.05, n_iterations=600)),
    ("underfitting", lambda: trained(START)),
    ("overfitting", lambda: held_out(60, n_iter_no_change=10)),  # the best is kept
    ("overfitting", lambda: held_out(40, early_stopping=False)),
    ("overfitting", lambda: by_heart(0.2)),
    ("few_restarts", lambda: of_starts(0.22, 0.225, 0.51)),
    ("imbalance", lambda: with_rare(44)),
    ("contradicting_labels", lambda: with_doubles(40, flipped=False)),
    ("constant_column", lambda: with_column(np.arange(400) == 7)),
    ("duplicate_column", lambda: with_column(1 - X[:1])),
    ("duplicate_column", lambda: with_column(X[:1] + np.random.default_rng(0).random((1, 400)))),
]  # fmt: skip
