"""The same bits for any number of threads, any layout, any split of a prediction into calls."""

from __future__ import annotations

import os
import subprocess
import sys
from functools import partial
from typing import Any

import numpy as np
import pytest

import shallownet_native as sn
from campaigns.common import bits

THREADS = [1, 2, 3, 4, 5, 8, 16]
# below, at and above the sizes at which the number of chunks changes; more than a tile of examples
SIZES = [1, 63, 64, 65, 200, 1111]
NETWORKS = [(2, 4, 1), (30, 16, 1), (7, 33, 5), (5, 0, 3)]


def draw(make_problem: Any, shape: Any, m: int, *rest: Any, **kind: Any) -> tuple[Any, ...]:
    """Return parameters, X, Y and example weights of a random problem, with rows as examples."""
    problem = make_problem(shape, m, *rest, weighted=True, **kind)
    X, Y = problem.rows(problem.X).T, problem.rows(problem.Y).T
    return problem.start, X, Y, problem.weights


def stages(data: tuple[Any, ...], kind: dict[str, Any], n_threads: int = 1) -> bytes:
    """Return the bits of everything that both passes compute."""
    parameters, X, Y, s = data
    same = {**kind, "n_threads": n_threads}
    weighted = {**same, "l2": 0.1, "example_weights": s, "want_dX": True}
    J, gradients = sn.gradients(parameters, X, Y, **weighted)
    return bits(*sn.forward(parameters, X, **same), J, *gradients)


@pytest.mark.parametrize("shape", NETWORKS, ids=str)
def test_determinism_of_the_stages_over_threads(
    make_problem: Any, hidden: str, output: str, dtype: Any, shape: Any
) -> None:
    kind = {"hidden": hidden, "output": output}
    for m in SIZES:
        data = draw(make_problem, shape, m, hidden, output, dtype)
        expected = stages(data, kind)
        for n in THREADS[1:]:
            assert stages(data, kind, n) == expected, (m, n)


@pytest.mark.parametrize("shape", NETWORKS, ids=str)
@pytest.mark.parametrize("batch_size", [None, 1, 32, 150], ids=str)
def test_determinism_of_training_over_threads(
    make_problem: Any, optimizer: str, dtype: Any, shape: Any, batch_size: int | None
) -> None:
    parameters, X, Y, s = draw(make_problem, shape, 333, "tanh", "softmax", dtype)
    length = {"n_epochs": 2, "batch_size": batch_size} if batch_size else {"n_iterations": 5}

    def train(n: int) -> bytes:
        result = sn.train(
            parameters, X, Y, output="softmax", optimizer=optimizer, l2=0.01, seed=0,
            example_weights=s, validation=0.2, n_threads=n, **length,
        )  # fmt: skip
        return bits(result.parameters.flat, result.costs, result.validation_costs)

    expected = train(1)
    for n in THREADS[1:]:
        assert train(n) == expected, n


def assert_teams_agree(core: Any, problem: Any, options: Any, order: Any = None) -> None:
    """Train by teams of all sizes, by the options that `options` returns for keywords."""
    rows = problem.rows(problem.X), problem.rows(problem.Y), problem.weights
    n_slots = core.optimizers[options()["optimizer"]]
    state = np.zeros((n_slots, problem.theta.size), problem.dtype)

    def train(n: int) -> bytes:
        given = options(n_threads=n, always_together=True)
        done = core.train(problem.theta, state, problem.shape, *rows, order, given)
        return bits(done["theta"], done["state"], done["costs"])

    expected = train(1)
    for n in THREADS[1:]:
        assert train(n) == expected, n


@pytest.mark.parametrize("shape", [*NETWORKS, (6, 150, 3)], ids=str)
@pytest.mark.parametrize("batch_size", [333, 1, 32, 150, 257], ids=str)
@pytest.mark.parametrize("shuffled", [False, True])
def test_determinism_of_teams(
    core: Any, make_problem: Any, train_options: Any, optimizer: str, dtype: Any, shape: Any,
    batch_size: int, shuffled: bool,
) -> None:  # fmt: skip
    # Short steps are often done alone, by a measure of time; here every one is shared out.
    problem = make_problem(shape, 333, "tanh", "softmax", dtype, weighted=True)
    random = np.random.default_rng(0)
    order = np.stack([random.permutation(333) for _ in range(2)]) if shuffled else None
    changes = {"batch_size": batch_size, "n_epochs": 2, "optimizer": optimizer, "l2": 0.01}
    assert_teams_agree(core, problem, partial(train_options, problem, **changes), order)


@pytest.mark.parametrize("shape", [(6, 150, 3), (400, 900, 3)], ids=str)  # the second: 1.5 or 3 MB
def test_determinism_of_teams_with_batches_that_weigh_nothing(
    core: Any, make_problem: Any, train_options: Any, dtype: Any, shape: Any
) -> None:
    # Such a batch leaves the parameters as they were, so that its team has none to pass on.
    problem = make_problem(shape, 333, "tanh", "softmax", dtype, weighted=True)
    problem.weights[100:200] = 0
    changes = {"batch_size": 100, "n_epochs": 2, "optimizer": "adam", "l2": 0.01}
    assert_teams_agree(core, problem, partial(train_options, problem, **changes))


@pytest.mark.parametrize("shape", NETWORKS, ids=str)
def test_determinism_of_predictions_over_splits(
    make_problem: Any, hidden: str, output: str, dtype: Any, shape: Any
) -> None:
    parameters, X, _, _ = draw(make_problem, shape, 203, hidden, output, dtype)
    # for sigmoid and softmax the outputs, not only the labels
    expected = sn.forward(parameters, X, hidden, output).A2
    labels = sn.predict(parameters, X, hidden, output)
    for cuts in [range(204), (0, 1, 100, 203), (0, 96, 192, 203), (0, 202, 203)]:
        for begin, end in zip(cuts, list(cuts)[1:], strict=False):
            part = X[:, begin:end]
            assert bits(sn.forward(parameters, part, hidden, output).A2.T) == bits(
                expected[:, begin:end].T
            )
            part_labels = sn.predict(parameters, part, hidden, output)
            assert np.array_equal(part_labels, labels[..., begin:end])


@pytest.mark.parametrize("shape", NETWORKS, ids=str)
def test_determinism_over_memory_layouts(make_problem: Any, dtype: Any, shape: Any) -> None:
    parameters, X, Y, s = draw(make_problem, shape, 203, "sigmoid", "sigmoid", dtype)
    length = {"n_epochs": 2, "batch_size": 30, "seed": 0}
    answers = []
    for arrange in (np.asfortranarray, np.ascontiguousarray):  # rows as examples; the teaching way
        x, y = arrange(X), arrange(Y)
        full = sn.train(parameters, x, y, hidden="sigmoid", n_iterations=4)
        batches = sn.train(parameters, x, y, hidden="sigmoid", optimizer="adam", **length)
        trained = [result.parameters.flat for result in (full, batches)]
        computed = stages((parameters, x, y, s), {"hidden": "sigmoid"})
        answers.append(computed + bits(*trained, full.costs, batches.costs))
    assert answers[0] == answers[1]


PROGRAM = """
import hashlib
import numpy as np
import shallownet_native as sn
X = np.random.default_rng(0).standard_normal((30, 700))
Y = (X[:1] > 0).astype(float)
result = sn.train(sn.initialize(30, 64, 1, seed=0), X, Y, n_iterations=20)
print(sn.get_num_threads(), hashlib.sha256(result.parameters.flat).hexdigest())
"""


def test_determinism_over_the_ways_to_set_threads() -> None:
    printed = []
    for name, n in [("SHALLOWNET_NUM_THREADS", 1), ("SHALLOWNET_NUM_THREADS", 3),
                    ("OMP_NUM_THREADS", 2)]:  # fmt: skip
        clean = {k: v for k, v in os.environ.items() if not k.endswith("NUM_THREADS")}
        done = subprocess.run(
            [sys.executable, "-c", PROGRAM], env={**clean, name: str(n)}, check=True,
            capture_output=True, text=True, timeout=120,
        )  # fmt: skip
        threads, digest = done.stdout.split()
        assert int(threads) == n
        printed.append(digest)
    assert len(set(printed)) == 1


def test_determinism_set_num_threads_is_checked_and_can_be_undone() -> None:
    before = sn.get_num_threads()
    sn.set_num_threads(3)
    assert sn.get_num_threads() == 3
    for bad, error in [(0, ValueError), (-1, ValueError), (1.5, TypeError), (True, TypeError)]:
        with pytest.raises(error, match="n_threads must be"):
            sn.set_num_threads(bad)  # type: ignore[arg-type]
    assert sn.get_num_threads() == 3
    sn.set_num_threads(None)
    assert sn.get_num_threads() == before
