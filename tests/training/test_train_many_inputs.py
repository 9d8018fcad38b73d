"""What `train_many` refuses, before any work: one line that says which network, and the remedy."""

from __future__ import annotations

import os
from typing import Any

import numpy as np
import pytest

import shallownet_native as sn
from many_cases import SEEDS, M, N, draw, draw_masks, draw_starts

X, Y = draw()
STARTS = draw_starts()
MASKS = draw_masks()


def changed(values: Any, k: int, value: Any) -> Any:
    """Return a list in which one value is another."""
    found = list(values)
    found[k] = value
    return found


def masks_with(k: int, value: bool) -> Any:
    masks = MASKS.copy()
    masks[k] = value
    return masks


def of_units(start: sn.Parameters, **units: str) -> sn.Parameters:
    return sn.train(start, X, Y, n_iterations=0, **units).parameters


def refuse(
    error: Any, match: str, starts: Any = STARTS, x: Any = X, y: Any = Y, **options: Any
) -> None:
    called: list[Any] = []
    with pytest.raises(error, match=match) as caught:
        sn.train_many(starts, x, y, **{"n_iterations": 5, "callback": called.append, **options})
    assert "\n" not in str(caught.value) and len(str(caught.value)) < 400
    assert not called, "before the work"


@pytest.mark.parametrize("starts", [[], (), iter(())])
def test_train_many_inputs_are_at_least_one_start(starts: Any) -> None:
    refuse(ValueError, "start", starts)


@pytest.mark.parametrize("starts", [STARTS[0], None, 3, "starts", {"W1": 1}])
def test_train_many_inputs_are_a_sequence_of_starts(starts: Any) -> None:
    refuse(TypeError, "starts must be .*Parameters", starts)


@pytest.mark.parametrize("k", [0, 3])
@pytest.mark.parametrize("wrong", [None, 3, {"W1": 1}, np.zeros(3)])
def test_train_many_inputs_are_networks_all_of_them(k: int, wrong: Any) -> None:
    refuse(TypeError, rf"start.*\b{k}\b.*Parameters, got", changed(STARTS, k, wrong))


OTHERS: dict[str, tuple[sn.Parameters, str]] = {
    "n_x": (sn.initialize(4, 4, 1, seed=0), "n_x"),
    "n_y": (sn.initialize(3, 4, 2, seed=0), "n_y"),
    "dtype": (STARTS[0].astype(np.float32), "float32"),
    "hidden": (of_units(STARTS[0], hidden="relu"), "relu"),
    "output": (of_units(STARTS[0], output="exp"), "exp"),
}


@pytest.mark.parametrize("name", OTHERS)
@pytest.mark.parametrize("k", [2, 4])
def test_train_many_inputs_are_alike_but_for_their_hidden_units(name: str, k: int) -> None:
    wrong, word = OTHERS[name]
    refuse(ValueError, rf"(?=.*\b{k}\b)(?=.*{word})", changed(STARTS, k, wrong))


def test_train_many_inputs_are_finite_networks() -> None:
    wrong = STARTS[3].copy()
    wrong.flat[0] = np.nan
    refuse(ValueError, r"\b3\b.*(NaN|nan|finite)", changed(STARTS, 3, wrong))


@pytest.mark.parametrize(
    ("y", "match"),
    [
        (Y[:, 1:], "Y"),
        (np.vstack([Y, Y]), "Y"),
        (Y[0], "Y"),
        (np.where(Y > 0, 2.0, Y), "Y"),
        (np.where(Y > 0, np.nan, Y), "Y"),
    ],
)
def test_train_many_inputs_have_targets_that_fit(y: Any, match: str) -> None:
    refuse(ValueError, match, y=y)


def test_train_many_inputs_have_inputs_that_fit() -> None:
    refuse(ValueError, "X", x=X[:2])
    refuse(ValueError, "X", x=np.where(X > 2, np.inf, X))
    refuse(ValueError, "example_weights", example_weights=np.ones(M - 1))


@pytest.mark.parametrize("shape", [(N, M - 1), (N - 1, M), (M, N), (M,), (1, M), (N, M, 1), (0, M)])
def test_train_many_inputs_have_masks_of_the_right_shape(shape: Any) -> None:
    refuse(ValueError, rf"held_out.*\({N}, {M}\).*{shape[0]}", held_out=np.zeros(shape, bool))


@pytest.mark.parametrize("dtype", [int, float, object, str])
def test_train_many_inputs_have_masks_of_truth_values(dtype: Any) -> None:
    refuse(TypeError, "held_out.*(bool|True)", held_out=MASKS.astype(dtype))


def test_train_many_inputs_have_masks_that_leave_something() -> None:
    for best in (None, "own", "pooled"):
        refuse(ValueError, r"held_out.*\b3\b", held_out=masks_with(3, True), best=best)
    for best in ("own", "pooled"):
        refuse(ValueError, r"held_out.*\b2\b", held_out=masks_with(2, False), best=best)


def test_train_many_inputs_have_weights_where_they_are_trained_on() -> None:
    weights = MASKS[2].astype(float)  # nothing counts where network 2 is to learn
    refuse(ValueError, r"example_weights.*\b2\b", held_out=MASKS, example_weights=weights)


def test_train_many_inputs_have_a_best_that_can_be_told() -> None:
    refuse(ValueError, "held_out", best="own")
    refuse(ValueError, "held_out", best="pooled")
    refuse(ValueError, "own.*pooled", held_out=MASKS, best="pool")
    refuse((TypeError, ValueError), "best", held_out=MASKS, best=True)


NUMBERS = {"learning_rate": [0.1] * N, "l2": [0.01] * N}


@pytest.mark.parametrize("name", NUMBERS)
def test_train_many_inputs_have_a_number_for_each_network(name: str) -> None:
    right = NUMBERS[name]
    for wrong in (np.nan, np.inf, -1.0):
        for values in (changed(right, 3, wrong), np.array(changed(right, 3, wrong))):
            refuse(ValueError, rf"{name}.*\b3\b", **{name: values})
        refuse(ValueError, name, **{name: wrong})
    for values in (right[1:], right * 2, [], np.ones(1)):
        refuse(ValueError, rf"{name}.*\b{N}\b", **{name: values})
    refuse((TypeError, ValueError), name, **{name: np.ones((N, 1))})
    for wrong in (None, "much", True, 1j):
        refuse((TypeError, ValueError), rf"{name}.*\b1\b", **{name: changed(right, 1, wrong)})
    refuse((TypeError, ValueError), name, **{name: {"a": 1}})


@pytest.mark.parametrize("wrong", [-1, 1.5, np.nan, "0", None, True, [1], np.random.default_rng(0)])
def test_train_many_inputs_have_an_int_to_seed_each_network(wrong: Any) -> None:
    batches = {"n_iterations": None, "n_epochs": 2, "batch_size": 13}
    refuse((TypeError, ValueError), r"seed.*\b4\b", seeds=changed(SEEDS, 4, wrong), **batches)


def test_train_many_inputs_have_as_many_seeds_as_networks() -> None:
    for seeds in (SEEDS[1:], SEEDS * 2, []):
        refuse(ValueError, rf"seeds.*\b{N}\b", seeds=seeds)
    for seeds in (3, np.random.default_rng(0), "seeds", np.zeros((N, 1), int)):
        refuse((TypeError, ValueError), "seeds", seeds=seeds)


def test_train_many_inputs_have_batches_that_everybody_can_fill() -> None:
    counts = (~MASKS).sum(axis=1)
    fewest = int(counts.min())
    batches = {"n_iterations": None, "n_epochs": 2, "held_out": MASKS}
    sn.train_many(STARTS, X, Y, **{**batches, "batch_size": fewest})
    said = rf"batch_size.*\b{fewest}\b.*network {counts.argmin()}\b"
    refuse(ValueError, said, batch_size=fewest + 1, **batches)


OWN = {"held_out": MASKS, "best": "own"}
REFUSED_BY_TRAIN: list[tuple[Any, str, dict[str, Any]]] = [
    (ValueError, "did you mean 'adam'", {"optimizer": "Adam"}),
    (ValueError, "hidden", {"hidden": "swish"}),
    (ValueError, "schedule", {"schedule": "warm"}),
    (ValueError, "n_epochs", {"n_epochs": 3}),
    (ValueError, "n_iterations", {"batch_size": 5}),
    (ValueError, "learning_rate", {"optimizer": "lm", "learning_rate": 0.1}),
    (ValueError, "learning_rate", {"optimizer": "lbfgs", "learning_rate": [0.1] * N}),
    (ValueError, "evidence", {"l2": "evidence"}),
    (ValueError, "l2", {"l2": "evidenz", "optimizer": "lm"}),
    (ValueError, "evidence", {"l2": "evidence", "optimizer": "lm", **OWN}),
    (ValueError, "n_threads", {"n_threads": 0}),
    (TypeError, "n_threads", {"n_threads": 1.5}),
    (TypeError, "callback", {"callback": 3}),
    (TypeError, "tol", {"tol": "small"}),
    (ValueError, "n_iter_no_change", {"n_iter_no_change": 0, "tol": 0.1}),
    (ValueError, "momentum", {"optimizer": "sgd", "momentum": 1.5}),
    (TypeError, "shuffle", {"shuffle": 1}),
    (ValueError, "cost_every", {"cost_every": -1}),
]  # fmt: skip


@pytest.mark.parametrize(("error", "match", "options"), REFUSED_BY_TRAIN)
def test_train_many_inputs_that_train_refuses_are_refused(
    error: Any, match: str, options: Any
) -> None:
    refuse(error, match, **options)


@pytest.mark.skipif(not hasattr(os, "sysconf"), reason="how much memory there is")
def test_train_many_inputs_need_no_more_memory_than_there_is() -> None:
    machine = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    large = sn.initialize(3, 200_000, 1, scheme="zeros")  # 8 MB, given many times
    called: list[Any] = []
    n = 3 * machine // large.flat.nbytes
    with pytest.raises(MemoryError, match="networks"):
        sn.train_many([large] * n, X, Y, n_iterations=1, callback=called.append)
    assert not called


@pytest.mark.skipif(not hasattr(os, "sysconf"), reason="how much memory there is")
def test_train_many_inputs_need_no_more_memory_for_outputs_than_there_is() -> None:
    machine = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    m = 200_000
    n = 2 * machine // (8 * m)
    few = np.arange(m) < 5
    masks = np.broadcast_to(few, (n, m))  # takes no memory itself
    small = sn.initialize(1, 1, 1, seed=0)
    with pytest.raises(MemoryError, match="networks"):
        sn.train_many([small] * n, few[np.newaxis], few[np.newaxis], held_out=masks)
