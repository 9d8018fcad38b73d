"""Which wrong formulas make the numbers that a backward pass has handed back.

An array is explained by all ways of `formulas` that give its numbers, up to a factor that is a slip
itself; of all arrays together the explanation with the fewest slips is taken. What is one number,
or the same number everywhere, is explained by too many: of it only the plainest count, and those
that explain another array, too.
"""

from __future__ import annotations

import functools
import itertools
import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from ...._native.arrays import Floats
from ..problem import GRADIENTS, TOLERANCE, Exercise, as_numbers, relative_difference
from .early import early_update, is_of_moved_network
from .formulas import NONE, Words, products, structures, sums
from .words import SLIPS, in_order

MOST_WORDS = 4  # of one array
# slips that a shape gives away: they make an explanation of one number no likelier to be chance
OF_LAYOUT = frozenset(
    {"missing_keepdims", "sum_over_wrong_axis", "transposed_factor", "elementwise_product"}
)
N_WAYS = 6  # explanations of one array that are combined with those of others


def slips_of(
    given: dict[str, Any], errors: dict[str, float], exercise: Exercise
) -> tuple[dict[str, list[str]], list[str]]:
    """Return the slips that explain what is wrong, each with its arrays; and those unexplained."""
    wrong = [name for name, error in errors.items() if name in given and not error <= TOLERANCE]
    words_of = _swapped(given, wrong, exercise)
    numbers = {name: as_numbers(given[name]) for name in wrong if name not in words_of}
    explained = {
        name: _ways(name, array, given, exercise)
        for name, array in numbers.items()
        if array is not None
    }
    for name, ways in explained.items():
        if _is_of_one_number(numbers[name]):
            others = NONE.union(
                *(w for other, sets in explained.items() if other != name for w in sets)
            )
            explained[name] = [w for w in ways if w <= others or len(w - OF_LAYOUT) < 2]
    known = [name for name in explained if explained[name]]
    together = itertools.product(*(explained[name][:N_WAYS] for name in known))
    best = min(together, key=lambda way: _cost(NONE.union(*way)), default=())
    words_of.update(zip(known, best, strict=True))
    missing = [name for name in GRADIENTS if name not in given]
    for name in missing:
        word = "missing_bias" if set(missing) <= {"db1", "db2"} else "missing_array"
        words_of[name] = frozenset({word})
    slips = in_order(NONE.union(*words_of.values()))
    arrays_of = {
        slip: [name for name in GRADIENTS if slip in words_of.get(name, NONE)] for slip in slips
    }
    return arrays_of, [name for name in wrong if name not in words_of]


def _swapped(given: dict[str, Any], wrong: list[str], exercise: Exercise) -> dict[str, Words]:
    """Return the arrays that stand under another's name."""
    return {
        name: frozenset({"swapped_arrays"})
        for name in wrong
        for other in GRADIENTS
        if other != name
        and relative_difference(given[name], exercise.gradients[other]) <= TOLERANCE
        and exercise.gradients[other].any()
    }


def _ways(name: str, given: Floats, all_given: dict[str, Any], exercise: Exercise) -> list[Words]:
    """Return all combinations of slips that give these numbers, the plainest first."""
    found: set[Words] = set()
    for words in _explanations(name, given, all_given, exercise):
        if not words or len(words - OF_LAYOUT) > MOST_WORDS:
            continue
        found.add(words)
        if len(words) == 1 and not _is_of_one_number(given):
            break  # that it fits by chance is out of the question, and the rest takes its time
    return sorted(found, key=_cost)


def _cost(words: Words) -> tuple[int, list[int]]:
    """Return what makes an explanation worse than another: more slips, then rarer ones."""
    places = list(SLIPS)
    return len(words), sorted(places.index(word) for word in words)


def _is_of_one_number(array: Any) -> bool:
    return np.unique(array).size <= 1


def _explanations(
    name: str, given: Floats, all_given: dict[str, Any], exercise: Exercise
) -> Iterator[Words]:
    """Yield combinations of slips that give these numbers."""
    is_bias = name.startswith("db")
    if is_bias and not given.any():
        weights = [as_numbers(all_given.get(other)) for other in ("dW1", "dW2")]
        if any(array is not None and array.any() for array in weights):
            yield frozenset({"missing_bias"})
    m = exercise.X.shape[1]
    pairs = []
    for structure in structures(name, exercise):
        for words, array in sums(structure) if is_bias else products(structure):
            if array.shape == given.shape:
                for factor_words in _factors(given, array / m, exercise):
                    yield structure.words | words | factor_words
        if structure.other is not None and given.size > 2 and len(structure.words) < 2:
            pairs.append(structure)
    if name in ("dW2", "db2") and is_of_moved_network(name, given, all_given, exercise):
        yield frozenset({"updated_too_early"})
    for structure in pairs:
        for factor, more in early_update(given, structure, m):
            for factor_words in _words_of(factor, exercise):
                yield structure.words | more | factor_words
    if not is_bias and given.shape == exercise.gradients[name].shape and given.size > 2:
        penalty = given - exercise.gradients[name]
        W1, _, W2, _ = exercise.weights
        W = W1 if name == "dW1" else W2
        strength = float(np.sum(penalty * W)) / float(np.sum(W * W))
        if relative_difference(penalty, strength * W) <= TOLERANCE:
            yield frozenset({"extra_penalty"})


def _factors(given: Floats, right: Floats, exercise: Exercise) -> Iterator[Words]:
    """Yield the slips of a factor if the given array is a multiple of the right one."""
    size = float(np.sum(right * right))
    if not given.any() and not size:
        yield NONE  # wrong, and zero by chance
    ratio = float(np.sum(given * right)) / size if size and np.isfinite(size) else 0.0
    if ratio and relative_difference(given, ratio * right) <= TOLERANCE:
        yield from _words_of(ratio, exercise)


def _words_of(ratio: float, exercise: Exercise) -> Iterator[Words]:
    """Yield the slips of which one, or several together, make this factor."""
    factors, words = _factors_of(*exercise.parameters.shape, exercise.X.shape[1])
    for place in np.flatnonzero(np.abs(ratio / factors - 1) <= TOLERANCE):
        yield words[place]


@functools.lru_cache(maxsize=8)
def _factors_of(n_x: int, n_h: int, n_y: int, m: int) -> tuple[Floats, list[Words]]:
    """Return all factors that up to three slips make, each with these slips."""
    others = [m / n for n in (n_x, n_h, n_y, m - 1, m + 1) if n > 1]
    others += [1 / n for n in (n_x, n_y) if n > 1]
    single: list[tuple[str, float]] = [
        ("wrong_sign", -1.0),
        ("missing_1_over_m", float(m)),
        ("factor_2", 2.0),
        ("factor_2", 0.5),
        ("mean_taken_twice", 1.0 / m),
        *(("wrong_m", factor) for factor in others),
    ]
    ways = [
        (math.prod(factor for _, factor in parts), frozenset(word for word, _ in parts))
        for n in (0, 1, 2, 3)
        for parts in itertools.combinations(single, n)
        if len({word for word, _ in parts}) == n
    ]
    return np.array([factor for factor, _ in ways]), [words for _, words in ways]
