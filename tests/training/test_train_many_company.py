"""Networks alike in all but one thing, and in what they end: what is shared must be theirs."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import pytest

import shallownet_native as sn
from many_cases import M, draw, same

X, Y = draw()
START = sn.initialize(3, 4, 1, "glorot_uniform", seed=0)
RNG = np.random.default_rng(5)
MASKS = RNG.random((3, M)) < 0.3


@pytest.mark.parametrize("options", [{}, {"n_epochs": 5, "batch_size": 7}], ids=["full", "batch"])
def test_train_many_alike_but_for_their_masks(options: Any) -> None:
    given = {"n_iterations": None if options else 40, **options}
    seeds = {"seeds": [3, 3, 3]} if options else {}
    results = sn.train_many([START] * 3, X, Y, held_out=MASKS, **given, **seeds)
    seed = {"seed": 3} if options else {}
    for mask, result in zip(MASKS, results, strict=True):
        alone = sn.train(START, X[:, ~mask], Y[:, ~mask], **given, **seed)
        assert same(result.parameters, alone.parameters)


@pytest.mark.parametrize("optimizer", ["gd", "lbfgs", "lm"])
def test_train_many_alike_but_for_their_decays(optimizer: str) -> None:
    decays = [0.0, 1e-3, 1e-1]
    results = sn.train_many([START] * 3, X, Y, optimizer=optimizer, l2=decays, n_iterations=20)
    for l2, result in zip(decays, results, strict=True):
        alone = sn.train(START, X, Y, optimizer=optimizer, l2=l2, n_iterations=20)
        assert same(result.parameters, alone.parameters) and result.l2 == l2


def test_train_many_pooled_best_is_the_first_of_equals() -> None:
    """At this rate no number moves."""
    still = {"learning_rate": 1e-300, "n_iterations": 6}
    results = sn.train_many([START] * 3, X, Y, held_out=MASKS, best="pooled", **still)
    assert results.best_epoch == 0


def test_train_many_pooled_best_counts_those_that_have_ended() -> None:
    """One begins where it is to end, the others go on for long."""
    options: dict[str, Any] = {"optimizer": "lm", "l2": 1e-2, "n_iterations": 60}
    kept, out = ~MASKS[0], MASKS[0]
    ended = sn.train(START, X[:, kept], Y[:, kept], **options).parameters
    starts = [ended, sn.initialize(3, 4, 1, "glorot_uniform", seed=1), START]
    curves = []
    for start, mask in zip(starts, MASKS, strict=True):
        pair = (X[:, mask], Y[:, mask])
        alone = sn.train(
            start, X[:, ~mask], Y[:, ~mask], **options, validation=pair, early_stopping=False
        )
        curves.append(alone.validation_costs)
    assert len(curves[0]) < min(len(curve) for curve in curves[1:]), "one that ends early"
    counts, n = MASKS.sum(axis=1), max(map(len, curves))
    pooled = [
        sum(
            count * curve[min(epoch, len(curve) - 1)]
            for count, curve in zip(counts, curves, strict=True)
            if len(curve)
        )
        for epoch in range(n)
    ]
    results = sn.train_many(starts, X, Y, held_out=MASKS, best="pooled", **options)
    assert results.best_epoch == int(np.argmin(pooled)) and out.any()
    assert results.best_epoch >= len(curves[0]), "after its end"


def test_train_many_sees_signals_between_networks_too_short_to_ask(interrupted: Any) -> None:
    # a millisecond each, and some seconds together
    options = {"n_iterations": 2000, "cost_every": 0, "n_threads": 1}
    train = partial(sn.train_many, [START] * 4000, X, Y, **options)
    reasons: set[str] = set()
    delay = 0.2
    while "n_iterations" not in reasons:  # until the first has ended
        found, delay = interrupted(train, delay), delay * 2
        if isinstance(found, sn.TrainingInterrupted):  # and not before the core was asked
            found = found.result
        reasons = set(getattr(found, "stopped_by", np.array([])).tolist())
    assert reasons == {"interrupt", "n_iterations"}
