"""Wrong formulas of the backward pass: every way to an array that is known, the right one first.

A derivative is a product, dZ F.T, or a sum of dZ over the examples. So a slip is a wrong dZ or F
(`structures`), or a wrong way to multiply (`products`) or to sum (`sums`).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from ...._native.arrays import Floats
from ..problem import Exercise

Words = frozenset[str]
NONE: Words = frozenset()


class Structure(NamedTuple):
    """A way to come to an array: dZ (n, m), the factor F (k, m), and the slips in it.

    The sum of a bias has no F. `other` is a dZ, a multiple of which may be subtracted.
    """

    words: Words
    dZ: Floats
    F: Floats | None = None
    other: Floats | None = None


def structures(name: str, exercise: Exercise) -> Iterator[Structure]:
    """Yield the ways to dZ and F of one array, the right one first."""
    deltas = list(_deltas(exercise))
    if name == "db2":
        yield from (Structure(words, dZ2) for words, dZ2 in deltas)
        return
    if name == "dW2":
        for words, dZ2 in deltas:
            yield Structure(words, dZ2, exercise.stages["A1"])
            if exercise.hidden != "identity":
                yield Structure(words | {"Z_for_A"}, dZ2, exercise.stages["Z1"])
        return
    F = exercise.X if name == "dW1" else None
    W2, slopes = exercise.parameters.W2, _slopes(exercise)
    for words, dZ2 in deltas:
        back = W2.T @ dZ2
        for more, slope in slopes:
            dW2 = exercise.gradients["dW2"]
            yield Structure(words | more, back * slope, F, (dW2.T @ dZ2) * slope)
            if dZ2.shape[0] == 1:
                without = np.broadcast_to(dZ2, back.shape) * slope
                yield Structure(words | more | {"missing_factor"}, without, F)
            if W2.shape[0] == W2.shape[1]:
                yield Structure(words | more | {"transposed_factor"}, (W2 @ dZ2) * slope, F)


def _deltas(exercise: Exercise) -> Iterator[tuple[Words, Floats]]:
    """Yield the right dZ2 (n_y, m), and wrong ones."""
    from .... import reference

    Z2, A2, Y = exercise.stages["Z2"], exercise.stages["A2"], exercise.Y
    dZ2 = reference.delta(exercise.output, A2, Y, 0.5)
    yield NONE, dZ2
    if exercise.output in ("identity", "quantile"):
        return
    yield frozenset({"Z_for_A"}), Z2 - Y
    slope = A2 if exercise.output == "exp" else A2 * (1 - A2)
    with np.errstate(divide="ignore", invalid="ignore"):  # of outputs that are rounded to 0 or 1
        yield frozenset({"missing_output_slope"}), dZ2 / slope
    yield frozenset({"extra_output_slope"}), dZ2 * slope
    yield frozenset({"extra_output_slope"}), dZ2 * (1 - A2**2)
    if exercise.output == "sigmoid":
        yield frozenset({"labels_for_probabilities"}), (A2 > 0.5) - Y
    if exercise.output == "softmax":
        yield frozenset({"missing_output_slope"}), -Y / A2
        yield frozenset({"labels_for_probabilities"}), (A2 == A2.max(axis=0)) - Y


def _slopes(exercise: Exercise) -> list[tuple[Words, Floats]]:
    """Return the right slope g'(Z1) (n_h, m), and wrong ones."""
    from .... import reference

    Z1, A1, hidden = exercise.stages["Z1"], exercise.stages["A1"], exercise.hidden
    right = reference.slopes(hidden, Z1, A1, 0.01)
    of_input = hidden in reference.OF_INPUT
    activate, own = reference.ACTIVATIONS[hidden]
    elsewhere = own(A1 if of_input else Z1, 0.01)
    found: list[tuple[Words, Floats]] = [
        (NONE, right),
        (frozenset({"missing_slope"}), np.ones_like(right)),
        (frozenset({"slope_at_A" if of_input else "slope_at_Z"}), elsewhere),
        (frozenset({"slope_taken_twice"}), right**2),
    ]
    if hidden == "tanh":
        found.append((frozenset({"missing_square"}), 1 - A1))
    for other, (g, slope) in reference.ACTIVATIONS.items():
        if other not in (hidden, "identity"):
            wrong = frozenset({"slope_of_wrong_activation"})
            found += [(wrong, slope(at, 0.01)) for at in (A1, Z1, g(Z1, 0.01), g(A1, 0.01))]
    if not of_input:
        found.append((frozenset({"slope_at_A"}), own(activate(A1, 0.01), 0.01)))
    found += [(frozenset({"activation_for_slope"}), values) for values in (A1, Z1)]
    if exercise.parameters.n_y == 1 and exercise.output == "sigmoid":
        A2 = np.broadcast_to(exercise.stages["A2"], A1.shape)
        of_layer = (A2 * (1 - A2), 1 - A2**2)
        found += [(frozenset({"slope_of_wrong_layer"}), values) for values in of_layer]
    # where two are the same numbers, as at relu's Z1 and A1, the first says it
    return [
        (words, slope)
        for place, (words, slope) in enumerate(found)
        if not any(np.array_equal(slope, before) for _, before in found[:place])
    ]


def products(structure: Structure) -> Iterator[tuple[Words, Floats]]:
    """Yield what dZ and F give, multiplied rightly and wrongly; not divided by m."""
    dZ, F = structure.dZ, structure.F
    assert F is not None
    right = dZ @ F.T
    yield NONE, right
    yield frozenset({"transposed_factor"}), right.T
    yield frozenset({"missing_keepdims"}), right.ravel()
    if len(dZ) == 1 or len(F) == 1 or len(dZ) == len(F):
        yield frozenset({"elementwise_product"}), dZ * F
    if F.shape[0] == F.shape[1]:
        yield frozenset({"transposed_factor"}), dZ @ F


def sums(structure: Structure) -> Iterator[tuple[Words, Floats]]:
    """Yield what dZ gives, summed rightly and wrongly; not divided by m."""
    dZ = structure.dZ
    right = dZ.sum(axis=1, keepdims=True)
    yield NONE, right
    yield frozenset({"missing_keepdims"}), right[:, 0]
    wrong = [dZ.sum(axis=0), dZ.sum(axis=0, keepdims=True), dZ.sum(axis=0)[:, np.newaxis], dZ]
    if len(dZ) == 1:
        yield frozenset({"missing_keepdims"}), right[0, 0]
    else:
        yield frozenset({"transposed_factor"}), right.T
        means = dZ.mean(), dZ.mean(keepdims=True), dZ.mean(axis=0), dZ.mean(axis=0, keepdims=True)
        in_place = [mean * dZ.shape[1] for mean in means]  # of a sum, divided by m
        total = dZ.sum()
        wrong = [total, dZ.sum(keepdims=True), np.full_like(right, total), *in_place, *wrong]
    for over in wrong:
        yield frozenset({"sum_over_wrong_axis"}), over
