"""Wrong passes forward, and which of them makes the stages that were found.

Every combination of the choices below is a pass forward; the one with the fewest wrong choices that
gives all stages which the learner's function hands back is taken.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import numpy as np

from ...._native.arrays import Floats
from ..problem import TOLERANCE, Exercise, relative_difference
from .formulas import NONE, Words
from .words import in_order

Choice = tuple[Words, Any]


def forward_slips_of(
    given: dict[str, Any], errors: dict[str, float], exercise: Exercise
) -> tuple[tuple[str, ...], str | None]:
    """Return the slips in a pass forward, and the first stage that is wrong, None if none is."""
    wrong = [name for name, error in errors.items() if not error <= TOLERANCE]
    if not wrong:
        return (), None
    ways = sorted(_passes(exercise), key=lambda way: len(way[0]))
    for words, stages in ways:
        if all(_same(given[name], stages[name]) for name in given):
            return in_order(words), wrong[0]
    # a shape that broadcasting has made, and nothing but a shape
    if _same(np.asarray(given[wrong[0]]).T, exercise.stages[wrong[0]]):
        return ("transposed_factor",), wrong[0]
    return (), wrong[0]


def _same(given: Any, made: Floats) -> bool:
    return relative_difference(given, made) <= TOLERANCE


def _passes(exercise: Exercise) -> Iterator[tuple[Words, dict[str, Floats]]]:
    """Yield each pass forward: what is wrong in it, and its stages."""
    from .... import reference

    W1, b1, W2, b2 = exercise.weights
    X = exercise.X
    hidden = list(_activations(exercise.hidden, reference))
    outer = list(_outputs(exercise.output, reference))
    for (wrong1, c1), (wrong2, g), (wrong3, feeds_sum) in itertools.product(
        _biases(), hidden, ((NONE, False), (frozenset({"Z_for_A"}), True))
    ):
        Z1 = W1 @ X + c1 * b1
        A1 = g(Z1)
        if feeds_sum and wrong2:
            continue
        for (wrong4, c2), (wrong5, h) in itertools.product(_biases(), outer):
            Z2 = W2 @ (Z1 if feeds_sum else A1) + c2 * b2
            stages = {"Z1": Z1, "A1": A1, "Z2": Z2, "A2": h(Z2)}
            yield wrong1 | wrong2 | wrong3 | wrong4 | wrong5, stages


def _biases() -> tuple[Choice, ...]:
    """Return by what a bias is multiplied before it is added."""
    return (NONE, 1.0), (frozenset({"missing_bias"}), 0.0), (frozenset({"wrong_sign"}), -1.0)


def _activations(name: str, reference: Any) -> Iterator[Choice]:
    """Yield hidden activations, the right one first."""

    def of(activation: str) -> Any:
        return lambda z: reference.ACTIVATIONS[activation][0](z, 0.01)

    yield NONE, of(name)
    if name != "identity":
        yield frozenset({"missing_activation"}), of("identity")
    for other in reference.ACTIVATIONS:
        if other not in (name, "identity"):
            yield frozenset({"wrong_activation"}), of(other)


def _outputs(name: str, reference: Any) -> Iterator[Choice]:
    """Yield output units, the right one first."""
    yield NONE, reference.OUTPUTS[name][0]
    if name not in ("identity", "quantile"):
        yield frozenset({"missing_activation"}), lambda z: z
        yield frozenset({"labels_for_probabilities"}), lambda z: (reference.sigmoid(z) > 0.5) * 1.0
    if name == "softmax":
        yield frozenset({"sum_over_wrong_axis"}), lambda z: reference.softmax(z.T).T
        yield frozenset({"sum_over_wrong_axis"}), lambda z: np.exp(z) / np.exp(z).sum()
    if name == "sigmoid":
        yield frozenset({"wrong_sign"}), lambda z: reference.sigmoid(-z)
    others = {"tanh": np.tanh, "sigmoid": reference.sigmoid, "softmax": reference.softmax}
    for other, function in {**others, "exp": np.exp}.items():
        if other != name:
            yield frozenset({"wrong_activation"}), function
