"""Updates that come before their time: derivatives of which some follow a moved network."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import numpy as np

from ...._native.arrays import Floats
from ..problem import TOLERANCE, Exercise, as_numbers, relative_difference
from .formulas import Structure, Words

RATES = np.geomspace(1e-3, 10.0, 30)  # at which W1 may have been updated
N_REFINED = 30  # steps by which the likeliest of them is refined
EARLY: Words = frozenset({"updated_too_early"})


def early_update(given: Floats, structure: Structure, m: int) -> Iterator[tuple[float, Words]]:
    """Yield by which factor an array is explained by W2 - rate dW2 in place of W2, at any rate."""
    assert structure.other is not None
    F = structure.F
    plain, moved = (
        (dZ.sum(axis=1, keepdims=True) if F is None else dZ @ F.T) / m
        for dZ in (structure.dZ, structure.other)
    )
    if plain.shape != given.shape or not (np.isfinite(plain).all() and np.isfinite(moved).all()):
        return
    columns = np.stack([plain.ravel(), moved.ravel()], axis=1)
    (factor, change), *_ = np.linalg.lstsq(columns, given.ravel(), rcond=None)
    if abs(change) > TOLERANCE * abs(factor):
        made = factor * plain + change * moved
        if relative_difference(given, made) <= TOLERANCE:
            yield float(factor), EARLY


def is_of_moved_network(
    name: str, given: Floats, all_given: dict[str, Any], exercise: Exercise
) -> bool:
    """Tell whether dW2 or db2 follows another pass forward, after an update of W1 at some rate.

    Of db2, which may be one number, only if dW2 does so at the same rate.
    """
    dW2 = as_numbers(all_given.get("dW2"))
    right = exercise.gradients["dW2"]
    if dW2 is None or dW2.shape != right.shape or dW2.size < 2:
        return False
    if given.shape != exercise.gradients[name].shape:
        return False
    for kinds in itertools.product((False, True), repeat=2):
        rate = _likeliest(dW2, kinds, exercise)
        made = dict(zip(("dW2", "db2"), _moved(rate, kinds, exercise), strict=True))
        if relative_difference(dW2, made["dW2"]) <= TOLERANCE:
            return relative_difference(given, made[name]) <= TOLERANCE
    return False


def _likeliest(dW2: Floats, kinds: tuple[bool, ...], exercise: Exercise) -> float:
    """Return the rate at which an update of W1 comes nearest to making dW2."""

    def difference(rate: float) -> float:
        return relative_difference(dW2, _moved(rate, kinds, exercise)[0])

    likeliest = float(min(RATES, key=difference))
    step = RATES[1] / RATES[0]
    for _ in range(N_REFINED):
        likeliest = min((likeliest / step, likeliest, likeliest * step), key=difference)
        step **= 0.7
    return likeliest


def _moved(rate: float, kinds: tuple[bool, ...], exercise: Exercise) -> tuple[Floats, Floats]:
    """Return dW2 and db2 after an update of W1, or of b1 as well, and of what A2 follows."""
    from .... import reference

    moves_bias, moves_output = kinds
    W1, b1, W2, b2 = exercise.weights
    dW1, db1 = exercise.gradients["dW1"], exercise.gradients["db1"]
    arrays = (W1 - rate * dW1, b1 - rate * db1 if moves_bias else b1, W2, b2)
    stages: Any = reference.forward(*arrays, exercise.X, exercise.hidden, exercise.output)
    A2 = stages[3] if moves_output else exercise.stages["A2"]
    dZ2 = reference.delta(exercise.output, A2, exercise.Y, 0.5) / exercise.X.shape[1]
    return dZ2 @ stages[1].T, dZ2.sum(axis=1, keepdims=True)
