"""`train_many` with examples left out: what is said of them, and which epoch they choose."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import shallownet_native as sn
from many_cases import (
    DECAYS,
    SEEDS,
    M,
    N,
    differing,
    draw,
    draw_masks,
    draw_starts,
    same,
    train_alone,
)

ADAM: dict[str, Any] = {"optimizer": "adam", "learning_rate": 0.05}
BATCHES: dict[str, Any] = {**ADAM, "n_epochs": 60, "batch_size": 13, "seeds": SEEDS}
MASKS = draw_masks()


def watched(starts: Any, X: Any, Y: Any, **options: Any) -> tuple[list[Any], Any]:
    """Return each network alone, looking at what it left out, and the pooled sums of losses."""
    alone = [train_alone(s, k, X, Y, best="pooled", **options) for k, s in enumerate(starts)]
    sizes = np.asarray(options["held_out"]).sum(axis=1)
    sums = np.array([n * r.validation_costs for n, r in zip(sizes, alone, strict=True)])
    return alone, sums.sum(axis=0)


def lowest(sums: Any) -> int:
    """Return where the lowest is, which rounding must not decide."""
    best = int(np.argmin(sums))
    assert np.delete(sums, best).min() > sums[best] * (1 + 1e-9)
    return best


@pytest.mark.parametrize("best", [None, "own", "pooled"])
@pytest.mark.parametrize(("n_y", "output"), [(1, "sigmoid"), (3, "softmax"), (2, "identity")])
def test_train_many_held_out_outputs_are_those_of_each_network(
    best: str | None, n_y: int, output: str, dtype: Any
) -> None:
    X, Y = draw(n_y, output, dtype)
    length = {**ADAM, "n_iterations": 30, "held_out": MASKS, "output": output}
    results = sn.train_many(draw_starts(n_y, dtype), X, Y, best=best, **length)
    outputs = results.held_out_outputs
    assert outputs.shape == (N, n_y, M) and outputs.dtype == dtype
    for k, out in enumerate(MASKS):
        expected = sn.forward(results[k].parameters, X[:, out], output=output).A2
        assert np.array_equal(outputs[k][:, out], expected)
        assert np.isnan(outputs[k][:, ~out]).all()


def test_train_many_held_out_outputs_may_be_of_nothing_or_not_be_there() -> None:
    X, Y = draw()
    masks = MASKS.copy()
    masks[2] = False
    results = sn.train_many(draw_starts(), X, Y, n_iterations=5, held_out=masks)
    assert np.isnan(results.held_out_outputs[2]).all() and results.best_epoch is None
    assert differing(results[2], sn.train(draw_starts()[2], X, Y, n_iterations=5)) == []
    without = sn.train_many(draw_starts(), X, Y, n_iterations=5)
    assert without.held_out_outputs is None and without.best_epoch is None


def test_train_many_leaves_out_by_order_not_by_weight() -> None:
    """An example that is left out may be anything that is allowed; nothing of it is seen."""
    X, Y = draw()
    out = MASKS.any(axis=0) & (np.arange(M) % 2 == 0)
    masks = np.broadcast_to(out, (N, M))
    strange_X, strange_Y = np.where(out, 1e6, X), np.where(out, 1 - Y, Y)
    plain = sn.train_many(draw_starts(), X, Y, n_iterations=15, held_out=masks)
    other = sn.train_many(draw_starts(), strange_X, strange_Y, n_iterations=15, held_out=masks)
    assert all(differing(*pair) == [] for pair in zip(plain, other, strict=True))
    batches = sn.train_many(draw_starts(), X, Y, held_out=masks, **BATCHES)
    assert batches[0].n_iterations == 60 * -(-int((~out).sum()) // 13)


@pytest.mark.parametrize(
    "options",
    [{**ADAM, "n_iterations": 150}, BATCHES, {"optimizer": "lbfgs"}, {"optimizer": "lm"}],
    ids=["adam", "batches", "lbfgs", "lm"],
)
def test_train_many_own_best_is_that_of_early_stopping(options: Any) -> None:
    X, Y = draw()
    given = {**options, "held_out": MASKS, "l2": DECAYS}
    results = sn.train_many(draw_starts(), X, Y, best="own", **given)
    alone = [train_alone(s, k, X, Y, best="own", **given) for k, s in enumerate(draw_starts())]
    assert all(differing(*pair) == [] for pair in zip(results, alone, strict=True))
    assert results.best_epoch.shape == (N,) and results.best_epoch.dtype.kind == "i"
    assert results.best_epoch.tolist() == [result.best_epoch for result in alone]
    assert any(0 < result.best_epoch < result.n_epochs - 1 for result in alone)
    for k, result in enumerate(results):
        assert result.best_epoch == int(np.argmin(result.validation_costs))  # the first of equals
        out = MASKS[k]
        cost = sn.cost(result.parameters, X[:, out], Y[:, out])
        assert same(cost, float(result.validation_costs.min()))


def test_train_many_own_best_stops_each_by_its_own_patience() -> None:
    X, Y = draw()
    given = {**BATCHES, "held_out": MASKS, "tol": 1e-4, "n_iter_no_change": 3, "n_epochs": 300}
    results = sn.train_many(draw_starts(), X, Y, best="own", n_threads=2, **given)
    alone = [train_alone(s, k, X, Y, best="own", **given) for k, s in enumerate(draw_starts())]
    assert all(differing(*pair) == [] for pair in zip(results, alone, strict=True))
    assert set(results.stopped_by.tolist()) == {"early_stopping"}
    assert len({result.n_epochs for result in results}) > 1


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("options", [{**ADAM, "n_iterations": 150}, BATCHES], ids=["full", "batch"])
def test_train_many_pooled_best_is_one_epoch_for_all(options: Any, weighted: bool) -> None:
    X, Y = draw()
    weights = np.random.default_rng(2).choice([0.5, 1.0, 4.0], size=M) if weighted else None
    given = {**options, "held_out": MASKS, "l2": DECAYS, "example_weights": weights}
    starts = draw_starts()
    alone, sums = watched(starts, X, Y, **given)
    best = lowest(sums)
    results = sn.train_many(starts, X, Y, best="pooled", **given)
    assert type(results.best_epoch) is int and results.best_epoch == best
    assert 0 < best < len(sums) - 1, "an epoch in the middle is what is tried"
    own = [int(np.argmin(result.validation_costs)) for result in alone]
    assert len(set(own)) > 1, "and one that not everybody would choose"
    name = "n_epochs" if "batch_size" in given else "n_iterations"
    shorter = {**given, name: best + 1}
    for k, result in enumerate(results):
        expected = train_alone(starts[k], k, X, Y, best="pooled", **shorter)
        assert same(result.parameters, expected.parameters)
        assert same(result.costs, alone[k].costs) and result.stopped_by == name
        assert (result.n_epochs, result.best_epoch) == (alone[k].n_epochs, best)


def test_train_many_pooled_best_with_several_outputs_and_float32(dtype: Any) -> None:
    X, Y = draw(3, "softmax", dtype)
    given = {**ADAM, "n_iterations": 120, "output": "softmax", "held_out": MASKS}
    starts = draw_starts(3, dtype)
    results = sn.train_many(starts, X, Y, best="pooled", **given)
    best = lowest(watched(starts, X, Y, **given)[1])
    assert results.best_epoch == best
    expected = train_alone(starts[2], 2, X, Y, **{**given, "n_iterations": best + 1})
    assert same(results[2].parameters, expected.parameters)


def test_train_many_pooled_best_stops_all_when_the_sum_has_stalled() -> None:
    X, Y = draw()
    starts, patience = draw_starts(), 4
    given = {**ADAM, "n_iterations": 400, "held_out": MASKS}
    _, sums = watched(starts, X, Y, **given)
    best, stalled, n = np.inf, 0, 0
    while stalled <= patience:
        best, stalled, n = min(best, sums[n]), 0 if sums[n] < best else stalled + 1, n + 1
    stop = {"tol": 0.0, "n_iter_no_change": patience}
    results = sn.train_many(starts, X, Y, best="pooled", **given, **stop)
    assert patience < n < 400
    assert [result.n_epochs for result in results] == [n] * N
    assert set(results.stopped_by.tolist()) == {"early_stopping"}
    assert results.best_epoch == n - patience - 2 == lowest(sums[:n])


def test_train_many_best_does_not_change_what_is_trained() -> None:
    X, Y = draw()
    given = {**BATCHES, "held_out": MASKS}
    last, own, pooled = (
        sn.train_many(draw_starts(), X, Y, best=best, **given) for best in (None, "own", "pooled")
    )
    for k in range(N):
        assert same(last[k].costs, own[k].costs) and same(last[k].costs, pooled[k].costs)
        assert last[k].n_iterations == own[k].n_iterations == pooled[k].n_iterations
        assert last[k].validation_costs.size == 0
        assert same(own[k].validation_costs, pooled[k].validation_costs)


def test_train_many_masks_of_lists_and_of_one_row_for_all() -> None:
    X, Y = draw()
    expected = sn.train_many(draw_starts(), X, Y, n_iterations=5, held_out=MASKS)
    for masks in (MASKS.tolist(), np.asfortranarray(MASKS)):
        again = sn.train_many(draw_starts(), X, Y, n_iterations=5, held_out=masks)
        assert all(differing(*pair) == [] for pair in zip(again, expected, strict=True))
