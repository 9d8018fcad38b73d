"""One pass held against the right one: its differences, its slips, and the lines that say so."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np

from ..._native.arrays import Floats
from .answers import gradients_in, stages_in
from .calling import MadeUpCache, Mismatch, call_backward, call_forward, kind_of
from .problem import GRADIENTS, TOLERANCE, Exercise, as_numbers, relative_difference
from .report import table
from .slips import advice, forward_slips_of, in_order, slips_of

EARLY = "updated_too_early"
ROUNDING = 1e-9  # by which parameters that were moved and moved back may differ
SHAPES = re.compile(r"\((\d+(?:,\d+)*,?)\)")  # in what NumPy says
PRODUCTS = ("dot", "@", "matmul", "einsum")
# where to look, by which arrays are wrong
WHERE = {
    ("dW1", "db1"): "dW2 and db2 are right, and so is dZ2: look at dZ1, and what follows it.",
    ("dW1",): "db1 is right, and so is dZ1: look at the product with X.T.",
    ("db1",): "dW1 is right, and so is dZ1: look at the sum.",
    ("dW2",): "db2 is right, and so is dZ2: look at the product with A1.T.",
    ("db2",): "dW2 is right, and so is dZ2: look at the sum.",
}


class Judgement(NamedTuple):
    """What has come out about one pass."""

    errors: dict[str, float]
    slips: tuple[str, ...]
    lines: list[str]

    @property
    def is_right(self) -> bool:
        """Whether nothing is wrong."""
        return not self.slips and all(error <= TOLERANCE for error in self.errors.values())


def judged_forward(forward: Callable[..., Any] | None, exercise: Exercise) -> tuple[Judgement, Any]:
    """Judge a pass forward; return its cache if it is right, else a right one, or None."""
    right = {name: array.copy() for name, array in exercise.stages.items()}
    if forward is None:
        return Judgement({}, (), []), MadeUpCache(right)
    answer, kept = call_forward(forward, exercise)
    if isinstance(answer, Mismatch):
        return _of_mismatch("forward", answer, exercise, ("A2",)), MadeUpCache(right)
    found, cache = stages_in(answer, exercise)
    errors = {name: relative_difference(found[name], exercise.stages[name]) for name in found}
    slips, first = forward_slips_of(found, errors, exercise)
    lines = table(errors, found)
    changed = _changed(kept, exercise)
    if first is None and not changed:
        cache = MadeUpCache(right) if cache is None else cache
        return Judgement(errors, (), [*lines, "The forward pass is right.", ""]), cache
    if first is not None:
        lines.append(
            f"The forward pass is wrong, from {first} on: mend it before the backward pass."
        )
        lines += _verdict({slip: [first] for slip in slips}, exercise, is_forward=True)
        if not slips:
            lines.append(_first_difference(first, found[first], exercise.stages[first]))
    if changed:
        slips = in_order({*slips, EARLY})
        lines.append(_of_changed("forward", changed))
    if isinstance(cache, Mapping):
        cache = {**cache, **right}
    elif cache is None:  # A2 alone
        cache = MadeUpCache(right)
    else:  # a tuple, say, of which nobody can tell which part is what
        cache = None
    return Judgement(errors, slips, [*lines, ""]), cache


def judged_backward(backward: Callable[..., Any], exercise: Exercise, cache: Any) -> Judgement:
    """Judge a pass backward on a right cache."""
    if cache is None:
        lines = ["The backward pass is not checked: it needs a right cache, and of one that is no",
                 "dict nobody can tell which part is what."]  # fmt: skip
        return Judgement({name: float("nan") for name in GRADIENTS}, (), lines)
    answer, kept = call_backward(backward, exercise, cache)
    if isinstance(answer, Mismatch):
        return _of_mismatch("backward", answer, exercise, GRADIENTS)
    found = gradients_in(answer, exercise)
    right = exercise.gradients
    errors = {name: relative_difference(found.get(name), right[name]) for name in right}
    arrays_of, unknown = slips_of(found, errors, exercise)
    changed = _changed(kept, exercise)
    is_right = all(error <= TOLERANCE for error in errors.values())
    lines = table(errors, found)
    if is_right:
        lines.append(
            "The backward pass is right: as the oracle, which agrees with a complex step to "
            f"{exercise.by_step:.0e}."
        )
    lines += _verdict(arrays_of, exercise)
    if changed:
        arrays_of.setdefault(EARLY, [])
        lines.append(_of_changed("backward", changed))
    missing = [name for name in GRADIENTS if name not in found]
    if missing and isinstance(answer, Mapping):
        keys = ", ".join(map(repr, answer)) or "nothing"
        lines.append(f"It has returned {keys}, and not {', '.join(map(repr, missing))}.")
    lines += _unexplained(unknown, found, exercise, bool(arrays_of))
    return Judgement(errors, in_order(arrays_of), lines)


def _changed(kept: dict[str, Any], exercise: Exercise) -> list[str]:
    """Name the parameters that are others than those that were given."""
    return [
        name
        for name, array in exercise.arrays.items()
        if not relative_difference(kept.get(name), array) <= ROUNDING
    ]


def _of_changed(name: str, changed: list[str]) -> str:
    return (
        f"The {name} pass has changed {', '.join(changed)} of the parameters that it was given "
        f"({EARLY}): leave that to the update, which makes new arrays."
    )


def _verdict(
    arrays_of: dict[str, list[str]], exercise: Exercise, *, is_forward: bool = False
) -> list[str]:
    """Return a sentence for each slip."""
    lines: list[str] = []
    for slip, names in arrays_of.items():
        begins = "and" if lines else "Likely slip" if len(arrays_of) < 2 else "Likely slips"
        where = "from" if is_forward else "in"
        place = f", {where} {', '.join(names)}" if names else ""
        means = advice(slip, exercise.hidden, exercise.output, is_forward=is_forward)
        lines.append(f"{begins}: {slip}{place}. {means[0].upper()}{means[1:]}.")
    return lines


def _unexplained(
    unknown: list[str], found: dict[str, Any], exercise: Exercise, has_slips: bool
) -> list[str]:
    """Return where the first array differs that no slip explains."""
    if not unknown:
        return []
    first = unknown[0]
    known = f"{first} is not explained" if has_slips else "No slip that is known explains this"
    lines = [f"{known}. {_first_difference(first, found[first], exercise.gradients[first])}"]
    if not has_slips and tuple(unknown) in WHERE and as_numbers(found[first]) is not None:
        lines.append(WHERE[tuple(unknown)])
    return lines


def _of_mismatch(
    name: str, mismatch: Mismatch, exercise: Exercise, arrays: tuple[str, ...]
) -> Judgement:
    """Judge a pass whose shapes do not fit."""
    slip = _slip_of_mismatch(mismatch)
    lines = [
        f"The {name} pass has shapes that do not fit:",
        f"    {mismatch.message}",
        *([f"    in the line  {mismatch.line}"] if mismatch.line else []),
        *(_verdict({slip: []}, exercise, is_forward=name == "forward") if slip else []),
        *([""] if name == "forward" else []),
    ]
    slips = () if slip is None else (slip,)
    return Judgement({array: float("inf") for array in arrays}, slips, lines)


def _slip_of_mismatch(mismatch: Mismatch) -> str | None:
    """Return the slip that NumPy's words and the line suggest, None if they do not."""
    shapes = SHAPES.findall(mismatch.message)
    has_product = any(sign in mismatch.line for sign in PRODUCTS)
    if "broadcast" not in mismatch.message:
        return "matrix_product" if len(set(shapes)) == 1 < len(shapes) else "transposed_factor"
    if has_product:
        return "transposed_factor" if ".T" in mismatch.line else None
    is_by_entry = "*" in mismatch.line or "multiply" in mismatch.line
    return "elementwise_product" if is_by_entry else None


def _first_difference(name: str, given: Any, right: Floats) -> str:
    """Return where an array differs first, or what it is in place of one."""
    try:
        array = np.asarray(given)
    except ValueError:
        return f"{name} is a list of lists of several lengths."
    if array.dtype.kind not in "biufc":
        return f"{name} is {kind_of(given)}, and should be an array of shape {right.shape}."
    if array.shape != right.shape:
        return f"{name} has shape {array.shape} where {right.shape} belongs."
    if not array.any():
        return f"{name} is all zeros."
    limit = TOLERANCE * np.abs(right).max()
    with np.errstate(invalid="ignore"):
        differs = ~(np.abs(array - right) <= limit)
    place = tuple(int(i) for i in np.argwhere(differs)[0])
    return (
        f"First difference: {name}[{', '.join(map(str, place))}] is {array[place]:.6g}, right is "
        f"{right[place]:.6g}."
    )
