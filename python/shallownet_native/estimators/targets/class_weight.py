"""What class_weight makes of labels: a factor for each row. Classes are named as the labels are."""

from __future__ import annotations

import math
from numbers import Real
from typing import Any

import numpy as np
import numpy.typing as npt

from ..._extras.scikit_learn import compute_sample_weight
from ..._native.arrays import Doubles, Floats

LISTED = 5  # labels that an error shows


def class_factors(
    class_weight: Any, y: npt.NDArray[Any], classes: npt.NDArray[Any]
) -> Floats | None:
    """Return the weight of each row by its class, (m,), or None without class_weight.

    Parameters
    ----------
    class_weight : dict, list of dict, "balanced" or None
    y : ndarray, shape (m,) or (m, n_labels)
        Labels as they were given, all of them among the classes.
    classes : ndarray
        All labels there are, in order.

    Raises
    ------
    ValueError
        If a weight is not a finite number >= 0, or a class has none and a weight no class.
    """
    if class_weight is None:
        return None
    for weights in class_weight if isinstance(class_weight, list) else [class_weight]:
        _check_weights(weights)
    if getattr(y, "ndim", 1) > 1:  # several labels of each row, 0 or 1
        factors: Floats = compute_sample_weight(class_weight, y)
        return factors
    if isinstance(class_weight, list):
        raise ValueError("class_weight may be a list of dicts only where rows have several labels")
    indices = np.searchsorted(classes, y)
    if isinstance(class_weight, str):
        return np.asarray(compute_sample_weight(class_weight, indices), np.float64)
    return _by_class(class_weight, classes)[indices]


def _by_class(weights: dict[Any, Any], classes: npt.NDArray[Any]) -> Doubles:
    """Return the weight of each class, 1 where none is given."""
    unnamed = [label for label in classes if label not in weights]
    if unnamed and len(classes) - len(unnamed) < len(weights):
        strange = next(key for key in weights if not any(key == label for label in classes))
        shown = ", ".join(map(repr, classes.tolist()[:LISTED]))
        raise ValueError(
            f"class_weight names {strange!r} ({type(strange).__name__}), which is no class: the "
            f"classes are {shown}{' ...' if len(classes) > LISTED else ''} "
            f"({type(classes.tolist()[0]).__name__}), and some of them have no weight"
        )
    return np.array([weights.get(label, 1.0) for label in classes], np.float64)


def _check_weights(weights: Any) -> None:
    for label, weight in weights.items() if isinstance(weights, dict) else ():
        if not isinstance(weight, Real) or not 0 <= float(weight) < math.inf:
            raise ValueError(
                f"class_weight must give each class a finite number >= 0, got {weight!r} for "
                f"{label!r}"
            )
