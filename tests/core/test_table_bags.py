"""Bags of table networks: averages, the best epoch, calls cut in two, threads, bits."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import pytest

from shallownet_native import reference
from shallownet_native._native.backend import core
from table_bags import STATE, draw_bag
from test_table_networks import assert_as_oracle


def bits(result: dict[str, Any]) -> dict[str, Any]:
    """Return a result with the bytes of its arrays."""
    arrays = {k: v.tobytes() for k, v in result.items() if isinstance(v, np.ndarray)}
    outputs = [logits.tobytes() for logits in result["best_outputs"]]
    return {**arrays, "outputs": outputs, "best": result["best_epoch"], "n": result["n_epochs"]}


@pytest.mark.parametrize("average", [0.0, 0.5, 0.998])
@pytest.mark.parametrize("every", [1, 8, 1000])
def test_table_bags_average_as_the_oracle(average: float, every: int, dtype: np.dtype[Any]) -> None:
    """Every 8 steps, or only at an epoch's end: some epochs here have 3 steps, some 4."""
    bag = draw_bag(average=average, average_every=every, dtype=dtype, batch_size=13)
    assert_as_oracle(bag)
    if average == 0:
        result = bag.train()
        assert (result["averages"] == result["parameters"]).all()


def test_table_bags_weigh_rows(dtype: np.dtype[Any]) -> None:
    bag = draw_bag("all", "sigmoid", dtype=dtype)
    assert (bag.weights == 0).any()
    assert_as_oracle(bag)
    weights = bag.weights.copy()
    weights[bag.members[0][0][0][16:32]] = 0  # a whole batch of an epoch
    bag = bag.changed(weights=weights)
    assert_as_oracle(bag)
    first = bag.oracle()["n_steps"][0] - bag.n_steps[0]
    assert first < 4 * (len(bag.members[0][0][0]) // 16), "a batch without weight is no step"


def test_table_bags_without_any_weight_stay_as_they_are(dtype: np.dtype[Any]) -> None:
    bag = draw_bag(dtype=dtype).changed(weights=np.zeros(70))
    result = bag.train()
    for name in ("parameters", "moments", "averages", "n_steps"):
        assert (result[name] == getattr(bag, name)).all()
    assert result["best_epoch"] == -1


def test_table_bags_clip_quantities(dtype: np.dtype[Any]) -> None:
    bag = draw_bag("all", "identity", 2, dtype=dtype, output_range=(-0.25, 0.5))
    assert_as_oracle(bag)
    logits = np.concatenate(bag.train()["best_outputs"])
    assert logits.min() == -0.25 and logits.max() == 0.5


def test_table_bags_have_no_range_for_logits(dtype: np.dtype[Any]) -> None:
    """A range says what quantities may be, and nothing of classes."""
    with pytest.raises(ValueError, match="output_range"):
        draw_bag("all", "sigmoid", dtype=dtype, output_range=(-0.25, 0.5)).train()


def test_table_bags_with_members_that_leave_nothing_out(dtype: np.dtype[Any]) -> None:
    bag = draw_bag(dtype=dtype)
    orders = [order for order, _ in bag.members]
    nothing = np.empty(0, np.int32)
    some = [(orders[0], nothing), *bag.members[1:]]
    assert_as_oracle(bag.changed(members=some))
    assert bag.changed(members=some).train()["best_outputs"][0].shape == (0, 1)
    result = bag.changed(members=[(order, nothing) for order in orders]).train()
    assert result["status"] == "done" and result["best_epoch"] == -1
    assert np.isfinite(result["averages"]).all()


def test_table_bags_keep_the_last_best_epoch(dtype: np.dtype[Any]) -> None:
    still = draw_bag(learning_rate=0.0, average=0.0, dtype=dtype)
    loss = still.train()["curve"]
    assert still.train()["best_epoch"] == 3
    assert still.changed(best_loss=float(loss[0])).train()["best_epoch"] == 3
    assert still.changed(best_loss=float(np.nextafter(loss[0], 0))).train()["best_epoch"] == -1
    walking = draw_bag(n_epochs=20, learning_rate=0.3, dtype=dtype)
    result = walking.train()
    best = result["best_epoch"]
    assert best == np.flatnonzero(result["curve"] == result["curve"].min())[-1] < 19
    until = walking.epochs(0, best + 1).train()
    assert until["averages"].tobytes() == result["best_parameters"].tobytes()
    for m, (_, left_out) in enumerate(walking.members):
        rows = tuple(
            a if k in (2, 5) else np.ascontiguousarray(a[left_out])
            for k, a in enumerate(walking.core_inputs())
        )
        vector = np.ascontiguousarray(result["best_parameters"][m : m + 1])
        logits = core.table_outputs(rows, vector, "mish", 5, 1, 1)[0]
        assert logits.tobytes() == result["best_outputs"][m].tobytes()


@pytest.mark.parametrize("cuts", [(1,), (3, 4), (1, 2, 3, 4, 5)], ids=str)
def test_table_bags_go_on_with_the_same_bits(cuts: tuple[int, ...], dtype: np.dtype[Any]) -> None:
    whole = draw_bag(n_epochs=6, dtype=dtype, output_range=(-1.0, 1.0), learning_rate=0.2)
    expected = whole.train()
    state, best, curve, losses = whole, None, [], []
    for begin, end in zip((0, *cuts), (*cuts, 6), strict=True):
        part = state.epochs(begin, end)
        part = part.changed(members=whole.epochs(begin, end).members, first_epoch=begin)
        result = part.train()
        if result["best_epoch"] >= 0:
            best = (begin + result["best_epoch"], result["best_parameters"].tobytes())
            best_loss = float(result["curve"][result["best_epoch"]])
            state = state.changed(best_loss=best_loss)
        curve += [*result["curve"]]
        losses += [*result["losses"]]
        state = state.going_on(result)
    assert best == (expected["best_epoch"], expected["best_parameters"].tobytes())
    assert np.array(curve).tobytes() == expected["curve"].tobytes()
    assert np.array(losses).tobytes() == expected["losses"].tobytes()
    for name in STATE:
        assert result[name].tobytes() == expected[name].tobytes(), name


@pytest.mark.parametrize("n_hidden", [5, 100])
def test_table_bags_have_the_same_bits_on_any_number_of_threads(
    n_hidden: int, dtype: np.dtype[Any]
) -> None:
    bag = draw_bag("all", "softmax", 3, n_members=5, n_hidden=n_hidden, dtype=dtype)
    expected = bits(bag.train())
    for n_threads in range(2, 9):
        assert bits(bag.train(n_threads)) == expected


def test_table_bags_have_the_bits_of_each_member_alone(dtype: np.dtype[Any]) -> None:
    bag = draw_bag(n_members=4, dtype=dtype)
    together = bag.train(2)
    for m in range(4):
        alone = bag.alone(m).train()
        for name in STATE:
            assert alone[name][0].tobytes() == together[name][m].tobytes(), name
        assert alone["losses"][:, 0].tobytes() == together["losses"][:, m].tobytes()


def test_table_bags_change_nothing_they_are_given() -> None:
    bag = draw_bag()
    arguments = bag.arguments()
    before = [a.copy() for a in arguments if isinstance(a, np.ndarray)]
    for array in (*arguments[0], *arguments[1:]):
        if isinstance(array, np.ndarray):
            array.flags.writeable = False
    core.train_bag(*arguments, 2)
    after = [a for a in arguments if isinstance(a, np.ndarray)]
    assert all((a == b).all() for a, b in zip(before, after, strict=True))


def test_table_bags_that_diverge_say_so(dtype: np.dtype[Any]) -> None:
    for options in ({"learning_rate": 1e300}, {"learning_rate": float("nan")}):
        bag = draw_bag(dtype=dtype, **options)
        result = bag.train()
        assert result["status"] == "diverged" and result["n_epochs"] <= 4
        assert not np.isfinite(result["curve"][-1])
    y = draw_bag().y.copy()
    y[0] = np.nan
    assert draw_bag(dtype=dtype).changed(y=y).train()["status"] == "diverged"


def test_table_bags_run_no_epoch_where_none_is_ordered(dtype: np.dtype[Any]) -> None:
    bag = draw_bag(dtype=dtype).epochs(0, 0)
    result = bag.train()
    assert (result["status"], result["n_epochs"], result["best_epoch"]) == ("done", 0, -1)
    for name in ("parameters", "moments", "averages", "n_steps"):
        assert (result[name] == getattr(bag, name)).all()


def test_table_bags_of_one_network_are_predicted_as_the_oracle_predicts() -> None:
    bag = draw_bag("all", "identity", n=300, n_members=1, n_hidden=64)
    sizes = (64, 1)
    logits = core.table_outputs(bag.core_inputs(), bag.parameters, "mish", *sizes, 4)
    expected = reference.table_outputs(bag.inputs, bag.parameters, "mish", *sizes)
    np.testing.assert_allclose(logits, expected, rtol=1e-10, atol=1e-10)


@pytest.mark.parametrize("n_threads", [1, 2])
def test_table_bags_are_interrupted_within_an_epoch(n_threads: int, interrupted: Any) -> None:
    """What a handler raises comes back with the call, and the next call knows nothing of it."""
    bag = draw_bag(n=4000, n_hidden=256, n_epochs=200, n_members=4)
    short = bag.epochs(0, 1)
    expected = bits(short.train())
    result, delay = KeyboardInterrupt(), 0.1
    while isinstance(result, KeyboardInterrupt):  # it came before the core was asked
        result, delay = interrupted(partial(bag.train, n_threads), delay), delay * 1.5
    assert result["status"] == "interrupted" and isinstance(result["error"], KeyboardInterrupt)
    assert result["n_epochs"] == len(result["curve"]) < 200
    assert bits(short.train(n_threads)) == expected
