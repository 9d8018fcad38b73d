"""What teaching sets are made with: counts of examples, class numbers, and noise."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from .._native.arrays import MAX_UNITS, check_integer, check_real
from .._native.streams import Stream

FloatArray = npt.NDArray[np.float64]
Labels = npt.NDArray[np.int64]


def class_counts(n_examples: int, n_classes: int) -> tuple[int, int]:
    """Return the number of examples of each class, which must be equal, and that of classes."""
    n_classes = check_integer(n_classes, "n_classes", 2, MAX_UNITS)
    n_examples = check_integer(n_examples, "n_examples", n_classes, MAX_UNITS)
    n_each, rest = divmod(n_examples, n_classes)
    if rest:
        raise ValueError(
            f"n_examples must be a multiple of {n_classes}, as many in each class; got {n_examples}"
        )
    return n_each, n_classes


def in_turn(n_each: int, n_classes: int) -> Labels:
    """Return the class numbers of classes that follow one another, n_each examples each."""
    return np.repeat(np.arange(n_classes, dtype=np.int64), n_each)


def jittered(points: FloatArray, scale: float, random: Stream, name: str = "noise") -> FloatArray:
    """Add normal noise of standard deviation `scale` to points (m, n_x)."""
    check_real(scale, name, "[0, inf)")
    return points + scale * random.standard_normal(points.shape)
