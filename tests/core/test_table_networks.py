"""The core's table network against the oracle, whatever its inputs, sizes and batches are."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from shallownet_native import reference
from shallownet_native._native.backend import core
from table_bags import LAYOUTS, SINGLE, Bag, draw_bag

# float64: sums of some hundred terms and up to 280 steps, each of which passes rounding on, end
# within a million eps. float32: 1e-5 is 80 eps; where a gradient cancels Adam makes a step of its
# rounding, which is why these bags have an epsilon of 1e-3.
LIMITS = {np.dtype(np.float64): 1e-10, SINGLE: 1e-5}
SIZES = [1, 5, 17, 64, 100, 256]
KINDS = [("sigmoid", 1), ("softmax", 3), ("softmax", 26), ("identity", 1), ("identity", 2)]


def difference(got: Any, expected: Any) -> float:
    """Return max|got - expected| over max|expected|."""
    got, expected = np.asarray(got, np.float64), np.asarray(expected, np.float64)
    assert got.shape == expected.shape
    largest = float(np.abs(expected).max(initial=0.0))
    return float(np.abs(got - expected).max(initial=0.0)) / (largest or 1.0)


def assert_as_oracle(bag: Bag, result: dict[str, Any] | None = None) -> None:
    got, expected = bag.train() if result is None else result, bag.oracle()
    limit = LIMITS[bag.dtype]
    assert got["status"] == "done"
    assert (got["n_epochs"], got["best_epoch"]) == (expected["n_epochs"], expected["best_epoch"])
    assert (got["n_steps"] == expected["n_steps"]).all()
    for name in ("parameters", "averages", "best_parameters", "losses", "curve"):
        assert difference(got[name], expected[name]) <= limit, name
    for k, of in enumerate(("means", "squares")):
        assert difference(got["moments"][:, k], expected["moments"][:, k]) <= limit, of
    for m, logits in enumerate(expected["best_outputs"]):
        assert difference(got["best_outputs"][m], logits) <= limit, f"logits of member {m}"


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize(("output", "K"), KINDS)
def test_table_networks_train_as_the_oracle(
    layout: str, output: str, K: int, dtype: np.dtype[Any]
) -> None:
    assert_as_oracle(draw_bag(layout, output, K, dtype=dtype))


@pytest.mark.parametrize("n_hidden", SIZES)
@pytest.mark.parametrize("layout", LAYOUTS)
def test_table_networks_of_any_size(layout: str, n_hidden: int, dtype: np.dtype[Any]) -> None:
    assert_as_oracle(draw_bag(layout, n_hidden=n_hidden, dtype=dtype, n_epochs=2))


@pytest.mark.parametrize("batch_size", [1, 3, 32, 64, 1000])
@pytest.mark.parametrize("output", ["sigmoid", "identity"])
def test_table_networks_in_batches_of_any_size(
    output: str, batch_size: int, dtype: np.dtype[Any]
) -> None:
    """1000 is more than there are rows: one batch of all; 3 and 32 leave a rest behind."""
    n_epochs = 1 if batch_size == 1 else 3
    assert_as_oracle(draw_bag(output=output, batch_size=batch_size, n_epochs=n_epochs, dtype=dtype))


@pytest.mark.parametrize("schedule", ["constant", "cosine", "coslog4"])
@pytest.mark.parametrize("options", [
    {"weight_decay": 0.0}, {"weight_decay": 0.5}, {"scale_rate": 0.0}, {"bias_rate": 0.0},
    {"beta_1": 0.0, "beta_2": 0.5}, {"learning_rate": 0.3}, {"first_epoch": 5, "max_epochs": 50},
    {"epsilon": 0.5},
], ids=str)  # fmt: skip
def test_table_networks_step_as_the_options_say(schedule: str, options: dict[str, Any]) -> None:
    assert_as_oracle(draw_bag(schedule=schedule, n_epochs=3, **options))


def test_table_networks_from_where_training_begins(dtype: np.dtype[Any]) -> None:
    """W2 = 0 at first: the gradients of the first layer are 0, and stay finite with their roots."""
    assert_as_oracle(draw_bag(n_hidden=17, n_members=2, dtype=dtype).at_start())


def test_table_networks_of_one_bin_or_none_of_a_bin_in_a_batch(dtype: np.dtype[Any]) -> None:
    """All rows in the first bin, or the last: the gradients of other codes are those of +-1/2."""
    bag = draw_bag("codes", dtype=dtype, batch_size=8, n_epochs=2)
    *rest, fractions, n_bins = bag.inputs
    for places in ([0, 0], n_bins - 1):
        rest[3] = np.tile(np.array(places, np.int32), (70, 1))
        assert_as_oracle(bag.changed(inputs=(*rest, fractions, n_bins)))
    single = (*rest[:3], np.zeros((70, 2), np.int32), fractions, np.array([1, 1], np.int32))
    few = bag.parameters[:, : 2 * 5 + 5 + 5 + 1 + 2]
    state = {"moments": np.zeros((3, 2, few.shape[1])), "parameters": few, "averages": few}
    assert_as_oracle(bag.changed(inputs=single, **state))


def test_table_networks_without_any_input() -> None:
    """No column at all, as where all are constant: what is left are biases."""
    bag = draw_bag("dense", n_members=1, n_epochs=2)
    nothing = (np.empty((70, 0)), *bag.inputs[1:])
    few = bag.parameters[:, -(5 + 5 + 1) :]
    state = {"moments": np.zeros((1, 2, 11)), "parameters": few, "averages": few}
    with np.errstate(all="ignore"):
        refused_or_done(bag.changed(inputs=nothing, **state))


def refused_or_done(bag: Bag) -> None:
    """Either is an answer; what comes without an error must be finite."""
    try:
        result = bag.train()
    except ValueError as error:
        assert str(error)  # noqa: PT017
    else:
        assert np.isfinite(result["parameters"]).all()


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize(("n_hidden", "K", "n"), [(1, 1, 1), (17, 3, 70), (256, 1, 700)])
def test_table_outputs_are_the_oracles(
    layout: str, n_hidden: int, K: int, n: int, dtype: np.dtype[Any]
) -> None:
    bag = draw_bag(layout, K=K, n=max(n, 8), n_hidden=n_hidden, dtype=dtype)
    arrays = bag.core_inputs()
    inputs = tuple(a if k in (2, 5) else np.ascontiguousarray(a[:n]) for k, a in enumerate(arrays))
    exact = tuple(a if k in (2, 5) else a[:n] for k, a in enumerate(bag.inputs))
    parameters = bag.cast(bag.parameters)
    sizes = (n_hidden, K)
    logits = core.table_outputs(inputs, parameters, "mish", *sizes, 1)
    assert logits.dtype == dtype
    expected = reference.table_outputs(exact, bag.parameters, "mish", *sizes)
    assert difference(logits, expected) <= LIMITS[dtype]
    for n_threads in (2, 3, 8):
        again = core.table_outputs(inputs, parameters, "mish", *sizes, n_threads)
        assert again.tobytes() == logits.tobytes()
    Z1 = core.table_hidden(inputs, parameters[:1], *sizes)
    assert difference(Z1, reference.table_hidden(exact, bag.parameters[0], *sizes)) <= LIMITS[dtype]


@pytest.mark.parametrize("output", ["sigmoid", "identity"])
def test_table_networks_look_up_what_could_be_multiplied_out(
    output: str, dtype: np.dtype[Any]
) -> None:
    """Levels and codes as dense inputs are the same network: 16 epochs later, to 1e-5.

    What it answers, that is: single weights of little consequence differ more in float32.
    """
    sizes: dict[str, Any] = {"n": 200, "n_epochs": 16, "n_hidden": 32, "dtype": dtype}
    bag = draw_bag(output=output, epsilon=1e-8, **sizes).at_start()
    X, none = reference.multiply_out(*bag.inputs), np.empty((200, 0), np.int32)
    dense = (X, none, 0, none, np.empty((200, 0)), np.empty(0, np.int32))
    bags = bag, bag.changed(inputs=dense)
    looked_up, multiplied = (each.train() for each in bags)
    for name in ("losses", "curve"):
        assert difference(looked_up[name], multiplied[name]) <= LIMITS[dtype]
    logits = [
        core.table_outputs(each.core_inputs(), result["averages"], "mish", 32, 1, 1)
        for each, result in zip(bags, (looked_up, multiplied), strict=True)
    ]
    assert difference(*logits) <= LIMITS[dtype]
    for name in ("parameters", "averages"):
        assert difference(looked_up[name], multiplied[name]) <= 10 * LIMITS[dtype]
