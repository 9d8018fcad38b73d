"""What a learner's functions hand back, in whatever form, as arrays by their names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from ...network import Parameters
from .calling import kind_of
from .problem import AS_RETURNED, GRADIENTS, STAGES, Exercise, relative_difference


def gradients_in(answer: Any, exercise: Exercise) -> dict[str, Any]:
    """Return the arrays that a backward pass has handed back, by name, those that there are.

    Raises
    ------
    TypeError
        If it is nothing that holds gradients.
    """
    if isinstance(answer, Mapping):
        return {name: answer[name] for name in GRADIENTS if name in answer}
    if hasattr(answer, "dW2"):
        return {name: getattr(answer, name) for name in GRADIENTS if hasattr(answer, name)}
    if isinstance(answer, (tuple, list)):
        if len(answer) == 2:  # the cost beside them
            inner = [part for part in answer if _is_whole(part)]
            if len(inner) == 1:
                return gradients_in(inner[0], exercise)
        elif len(answer) in (4, 5, 6):
            first = 1 if len(answer) > 4 and np.size(answer[0]) == 1 else 0
            return dict(zip(AS_RETURNED, answer[first : first + 4], strict=True))
    if isinstance(answer, np.ndarray) and answer.shape == exercise.parameters.flat.shape:
        split = Parameters.from_flat(np.nan_to_num(answer), exercise.parameters.shape)
        return {f"d{name}": array for name, array in split.as_dict().items()}
    hint = ": does it end with `return grads`?" if answer is None else ""
    raise TypeError(
        'backward must return a dict of "dW1", "db1", "dW2", "db2" (or Gradients, or these four '
        f"in a tuple), got {_described(answer)}{hint}"
    )


def stages_in(answer: Any, exercise: Exercise) -> tuple[dict[str, Any], Any]:
    """Return the stages that a forward pass has handed back, and its cache as it is, or None.

    Of two that are called A2, the one that is returned and the one in the cache, the worse counts.

    Raises
    ------
    TypeError
        If it is nothing that holds stages.
    """
    if hasattr(answer, "_asdict"):
        answer = answer._asdict()
    first, cache = None, answer
    if isinstance(answer, (tuple, list)) and len(answer) == 4:
        cache = dict(zip(STAGES, answer, strict=True))
    elif isinstance(answer, (tuple, list)) and len(answer) == 2:
        first, cache = answer
    elif isinstance(answer, np.ndarray):
        first, cache = answer, None
    cache = cache._asdict() if hasattr(cache, "_asdict") else cache
    found = {}
    if isinstance(cache, Mapping):
        found = {name: cache[name] for name in STAGES if name in cache}
    if first is not None:
        both = [first, *([found["A2"]] if "A2" in found else [])]
        found["A2"] = max(both, key=lambda A2: relative_difference(A2, exercise.stages["A2"]))
    if not found:
        hint = ": does it end with `return A2, cache`?" if answer is None else ""
        raise TypeError(
            'forward must return A2 and a dict of "Z1", "A1", "Z2", "A2", got '
            f"{_described(answer)}{hint}"
        )
    return found, cache


def _is_whole(part: Any) -> bool:
    """Tell whether a part of a pair holds the gradients, and not the cost."""
    is_sequence = isinstance(part, (tuple, list)) and len(part) in (4, 5)
    return isinstance(part, Mapping) or hasattr(part, "dW2") or is_sequence


def _described(answer: Any) -> str:
    """Return what an answer is, and of how many parts."""
    parts = f" of {len(answer)}" if isinstance(answer, (tuple, list, Mapping)) else ""
    return f"{kind_of(answer)}{parts}"
