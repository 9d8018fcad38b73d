"""`train_many`: each network is bit for bit what `train` makes of it alone, whatever its company.

Every configuration has five networks of different sizes; the number of threads goes round from 1 to
8, so that networks are more than threads, and threads more than networks.
"""

from __future__ import annotations

import threading
from typing import Any

import numpy as np
import pytest

import shallownet_native as sn
from many_cases import (
    DECAYS,
    N_X,
    RATES,
    SEEDS,
    SIZES,
    M,
    N,
    assert_as_alone,
    differing,
    draw,
    draw_masks,
    draw_starts,
    train_alone,
)
from shallownet_native.training.options import OPTIMIZERS

BATCHES: dict[str, Any] = {"n_epochs": 6, "batch_size": 13, "seeds": SEEDS}
STALLS: dict[str, Any] = {"tol": 1e-3, "n_iter_no_change": 3}
WAYS: dict[str, dict[str, Any]] = {
    "gd": {"n_iterations": 12},
    "gd, batches in order": {"n_epochs": 6, "batch_size": 7, "shuffle": False},
    "gd, no costs": {"n_iterations": 12, "cost_every": 0},
    "gd, few costs": {"n_iterations": 12, "cost_every": 5},
    "gd, tol": {"n_iterations": 300, **STALLS},
    "gd, adaptive": {"n_iterations": 200, "schedule": "adaptive", **STALLS},
    "gd, no iterations": {"n_iterations": 0},
    "sgd": {"optimizer": "sgd", "schedule": "invscaling", "power_t": 0.3, **BATCHES},
    "sgd, plain momentum": {"optimizer": "sgd", "nesterov": False, "momentum": 0.5, **BATCHES},
    "sgd, tol": {"optimizer": "sgd", **BATCHES, **STALLS, "n_epochs": 100},
    "adam": {"optimizer": "adam", "n_iterations": 12},
    "adam, batches": {"optimizer": "adam", "beta_1": 0.8, "epsilon": 1e-3, **BATCHES},
    "adam, adaptive": {"optimizer": "adam", "schedule": "adaptive", **BATCHES, **STALLS},
    "adamw, averaged": {"optimizer": "adamw", "n_iterations": 12, "average": 0.9},
    "adamw, batches of all parts": {
        "optimizer": "adamw", "average": 0.8, "input_scale": True, "rates": "ntk",
        "schedule": "coslog4", "weight_decay": 0.1, **BATCHES,
    },
    "gd, cosine": {"n_iterations": 12, "schedule": "cosine", "input_scale": True},
    "lbfgs": {"optimizer": "lbfgs", "n_iterations": 25},
    "lbfgs, tol": {"optimizer": "lbfgs", "tol": 1e-2},
    "lm": {"optimizer": "lm", "n_iterations": 9},
    "lm, tol": {"optimizer": "lm", "tol": 1e-3},
    "evidence": {"optimizer": "lm", "l2": "evidence", "n_iterations": 7},
}  # fmt: skip
WEIGHTS = np.random.default_rng(2).choice([0.0, 0.5, 1.0, 3.0], size=M)
COMPANY: dict[str, dict[str, Any]] = {
    "alike": {},
    "own rates and decays": {"learning_rate": RATES, "l2": DECAYS},
    "masks": {"held_out": draw_masks()},
    "masks and weights": {"held_out": draw_masks(), "example_weights": WEIGHTS, "l2": 0.02},
    "own best": {"held_out": draw_masks(), "best": "own", "l2": np.array(DECAYS)},
}
N_THREADS = (1, 2, 3, 4, 5, 6, 7, 8, None)


def options_of(way: str, company: str) -> dict[str, Any] | None:
    """Return the options of a configuration, None if `train` refuses it."""
    found = {**COMPANY[company], **WAYS[way]}
    if found.get("optimizer") in ("lm", "lbfgs"):
        found.pop("learning_rate", None)
    return None if way == "evidence" and company == "own best" else found


CASES = [(way, company) for way in WAYS for company in COMPANY if options_of(way, company)]


def test_train_many_is_tried_in_more_than_sixty_configurations() -> None:
    assert len(CASES) > 80
    assert {way.get("optimizer", "gd") for way in WAYS.values()} == set(OPTIMIZERS)


# the rates are not chosen to go down
@pytest.mark.filterwarnings("ignore::shallownet_native.ConvergenceWarning")
@pytest.mark.parametrize(
    ("case", "n_threads"),
    [(case, N_THREADS[k % len(N_THREADS)]) for k, case in enumerate(CASES)],
    ids=lambda value: ", ".join(value) if isinstance(value, tuple) else str(value),
)
def test_train_many_gives_the_bits_of_each_alone(
    case: tuple[str, str], n_threads: int | None, dtype: Any
) -> None:
    options = options_of(*case)
    assert options is not None
    n_y = 2 if "batches" in case[0] else 1
    X, Y = draw(n_y, dtype=dtype)
    results = assert_as_alone(draw_starts(n_y, dtype), X, Y, n_threads, **options)
    lengths = {result.n_iterations for result in results}
    if "tol" in case[0] and case[1] == "own rates and decays":
        assert len(lengths) > 1, "networks that end at different times are what is tried"


@pytest.mark.filterwarnings("ignore::shallownet_native.ConvergenceWarning")
def test_train_many_gives_the_bits_of_each_alone_for_all_units(hidden: str, output: str) -> None:
    n_y = 3 if output == "softmax" else 2
    X, Y = draw(n_y, output)
    starts, same = draw_starts(n_y), {"hidden": hidden, "output": output, "negative_slope": 0.2}
    masks = {"held_out": draw_masks(), "best": "own"}
    optimizers = ["gd", "adam", "lbfgs", "lm"]
    if output == "quantile":
        optimizers.pop()  # its loss has no second derivatives
    for k, optimizer in enumerate(optimizers):
        rates = {} if k > 1 else {"learning_rate": 0.02}
        length = {"optimizer": optimizer, "n_iterations": 8, "l2": 0.01}
        assert_as_alone(starts, X, Y, k + 1, **same, **rates, **length, **masks)


def test_train_many_takes_networks_without_a_hidden_layer(dtype: Any) -> None:
    X, Y = draw(dtype=dtype)
    starts = draw_starts(1, dtype, (0, 4, 0))
    for optimizer in ("gd", "adam", "lbfgs"):
        assert_as_alone(starts, X, Y, 2, optimizer=optimizer, hidden="relu", n_iterations=9)


def test_train_many_takes_networks_that_alone_share_their_examples_among_threads() -> None:
    # large enough for train to use a team; here each has one thread
    X, Y = draw(m=5000, dtype=np.float32)
    starts = draw_starts(1, np.float32, (70, 3, 128))
    assert_as_alone(starts, X, Y, 2, n_iterations=3, held_out=draw_masks(3, 5000))
    batches = {"batch_size": 2500, "n_epochs": 2, "seeds": [0, 1, 2]}
    assert_as_alone(starts, X, Y, 2, optimizer="adam", **batches)


def test_train_many_takes_data_in_any_layout_and_leaves_them_alone() -> None:
    X, Y = draw()
    starts, masks = draw_starts(), draw_masks()
    length = {"n_iterations": 9, "held_out": masks, "best": "own"}
    expected = sn.train_many(starts, X, Y, **length)
    kept = [X.copy(), Y.copy(), masks.copy(), *(start.flat.copy() for start in starts)]
    for layout in (np.asfortranarray, lambda a: np.repeat(a, 2, axis=1)[:, ::2], np.ndarray.tolist):
        again = sn.train_many(starts, layout(X), layout(Y), **length)
        assert all(differing(*pair) == [] for pair in zip(again, expected, strict=True))
    now = [X, Y, masks, *(start.flat for start in starts)]
    assert all(np.array_equal(*pair) for pair in zip(kept, now, strict=True))
    for start, result in zip(starts, expected, strict=True):
        assert not np.shares_memory(start.flat, result.parameters.flat)


def test_train_many_takes_sparse_inputs() -> None:
    sparse = pytest.importorskip("scipy.sparse")
    X, Y = draw()
    X[np.random.default_rng(0).random(X.shape) < 0.6] = 0.0
    # rows of a sparse matrix may be left out, too
    assert_as_alone(draw_starts(), sparse.csc_array(X), Y, 2, n_iterations=9, held_out=draw_masks())


def test_train_many_takes_any_iterable_and_one_start_twice() -> None:
    X, Y = draw()
    starts = draw_starts()
    twice = [starts[0], starts[1], starts[0]]
    results = sn.train_many(iter(twice), X, Y, n_iterations=9, learning_rate=(0.1, 0.2, 0.3))
    alone = [
        sn.train(start, X, Y, n_iterations=9, learning_rate=rate)
        for start, rate in zip(twice, (0.1, 0.2, 0.3), strict=True)
    ]
    assert all(differing(*pair) == [] for pair in zip(results, alone, strict=True))
    assert results[0].parameters != results[2].parameters
    tuples = sn.train_many(tuple(twice), X, Y, n_iterations=9, learning_rate=[0.1, 0.2, 0.3])
    assert all(differing(*pair) == [] for pair in zip(tuples, alone, strict=True))


def test_train_many_takes_the_units_that_the_starts_know() -> None:
    X, Y = draw()
    known = [sn.train(s, X, Y, hidden="relu", n_iterations=1).parameters for s in draw_starts()]
    assert_as_alone(known, X, Y, 2, n_iterations=9)
    results = sn.train_many(known, X, Y, n_iterations=9)
    assert results[0].parameters.hidden == "relu"


@pytest.mark.parametrize("optimizer", ["adam", "lbfgs", "lm"])
def test_train_many_does_not_depend_on_company_or_order(optimizer: str) -> None:
    X, Y = draw()
    starts, masks = draw_starts(), draw_masks()
    length: dict[str, Any] = {"optimizer": optimizer, "best": "own"}
    length |= {"batch_size": 13, "n_epochs": 5} if optimizer == "adam" else {"n_iterations": 12}

    def train(order: Any, n_threads: int) -> list[Any]:
        own: dict[str, Any] = {"l2": [DECAYS[k] for k in order], "seeds": [SEEDS[k] for k in order]}
        chosen = [starts[k] for k in order]
        own |= {"held_out": masks[order], "n_threads": n_threads}
        return list(sn.train_many(chosen, X, Y, **length, **own))

    everybody = train([0, 1, 2, 3, 4], 2)
    for order, n_threads in (([4, 2, 0, 1, 3], 3), ([3], 4), ([1, 1, 1, 4], 1)):
        for k, result in zip(order, train(order, n_threads), strict=True):
            assert differing(result, everybody[k]) == []


def test_train_many_repeats_with_the_seeds_and_draws_anew_without() -> None:
    X, Y = draw()
    starts = [draw_starts()[0]] * 3
    batches: dict[str, Any] = {"batch_size": 13, "n_epochs": 5}
    once, again = (sn.train_many(starts, X, Y, seeds=(5, 6, 5), **batches) for _ in range(2))
    assert all(differing(*pair) == [] for pair in zip(once, again, strict=True))
    assert once[0].parameters == once[2].parameters != once[1].parameters
    anew = sn.train_many(starts, X, Y, **batches)
    assert anew[0].parameters != anew[1].parameters and anew[0].parameters != once[0].parameters


def test_train_many_of_hundreds_of_networks() -> None:
    X, Y = draw(dtype=np.float32)
    sizes = [1 + k % 9 for k in range(400)]
    starts = draw_starts(1, np.float32, sizes)
    rates = np.linspace(0.01, 0.5, len(starts))
    results = sn.train_many(starts, X, Y, learning_rate=rates, n_iterations=15, n_threads=2)
    for k in range(0, len(starts), 37):
        alone = train_alone(starts[k], k, X, Y, learning_rate=rates, n_iterations=15)
        assert differing(results[k], alone) == []
    assert results[-1].learning_rate == 0.5 and len({len(r.costs) for r in results}) == 1


def test_train_many_works_in_several_threads_at_once() -> None:
    X, Y = draw()
    starts, found = draw_starts(), {}

    def work(k: int) -> None:
        found[k] = sn.train_many(starts, X, Y, learning_rate=RATES[k], n_iterations=40)

    workers = [threading.Thread(target=work, args=(k,)) for k in range(N)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)
    for k, rate in enumerate(RATES):
        expected = sn.train(starts[2], X, Y, learning_rate=rate, n_iterations=40)
        assert differing(found[k][2], expected) == []
    assert SIZES[2] == starts[2].n_h and starts[2].n_x == N_X
