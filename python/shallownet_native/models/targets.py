"""Labels and numbers that a model is to predict, as pictures need them: class numbers or floats."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from .._messages.wording import shortened
from .._native.arrays import Doubles, check_finite, check_floats

Codes = npt.NDArray[np.int64]


class Targets(NamedTuple):
    """What m examples should give.

    Attributes
    ----------
    values : ndarray of float64, shape (m, k)
        The number of the class (k = 1), 0 or 1 for each of k labels, or k numbers.
    names : list of str
        Of the classes, the labels or the numbers.
    """

    values: Doubles
    names: list[str]

    @property
    def codes(self) -> Codes:
        """Class numbers (m,)."""
        return self.values[:, 0].astype(np.int64)


def of_classes(codes: npt.NDArray[Any], names: Sequence[str]) -> Targets:
    """Return targets of class numbers (m,)."""
    return Targets(codes[:, np.newaxis].astype(np.float64), list(names))


def numbered(names: str, n: int) -> list[str]:
    """Return "y" for one, "y1", "y2" ... for several."""
    return [names] if n == 1 else [f"{names}{k + 1}" for k in range(n)]


def dense(value: Any) -> npt.NDArray[Any]:
    """Return whatever holds data as an array: a frame, a sparse matrix, lists."""
    return np.asarray(value.toarray() if hasattr(value, "toarray") else value)


def check_count(values: npt.NDArray[Any], m: int, argument: str, of: str) -> None:
    """Raise ValueError unless there are m rows, as many as there are examples."""
    if len(values) != m:
        raise ValueError(f"{argument} must have one {of} per example of X, {m}, got {len(values)}")


def code_by_name(labels: npt.NDArray[Any], classes: npt.NDArray[Any], argument: str) -> Codes:
    """Return the place of each label (m,) among the classes that a model knows."""
    _check_no_gaps(labels, argument)
    places = {label: place for place, label in enumerate(classes.tolist())}
    found = [places.get(label, -1) for label in labels.tolist()]
    unknown = sorted({repr(x) for x, k in zip(labels.tolist(), found, strict=True) if k < 0})
    if unknown:
        raise ValueError(
            f"{argument} has labels that the model does not know: {', '.join(unknown[:6])}; it "
            f"was fitted to {shortened(classes.tolist())}"
        )
    return np.array(found, np.int64)


def code_by_order(
    labels: npt.NDArray[Any], n_classes: int, argument: str
) -> tuple[Codes, list[str]]:
    """Return labels (m,) of a network that knows no names: numbers from 0, or names in order."""
    _check_no_gaps(labels, argument)
    try:
        distinct, places = np.unique(labels, return_inverse=True)
    except TypeError as error:
        raise TypeError(f"{argument} must have labels of one type") from error
    if distinct.dtype.kind in "biuf" and np.isin(distinct, np.arange(n_classes)).all():
        return labels.astype(np.int64), [str(k) for k in range(n_classes)]
    if len(distinct) != n_classes:
        raise ValueError(
            f"{argument} has {len(distinct)} different labels, {shortened(distinct.tolist())}, and "
            f"the network tells {n_classes} classes apart"
        )
    return places.ravel().astype(np.int64), [str(name) for name in distinct.tolist()]


def _check_no_gaps(labels: npt.NDArray[Any], argument: str) -> None:
    """Raise ValueError if labels that are numbers hold nan, which is the name of no class."""
    if labels.dtype.kind == "f":
        check_finite(labels, argument)


def numbers(values: npt.NDArray[Any], argument: str) -> Doubles:
    """Return finite numbers in float64."""
    floats: Doubles = check_floats(values, argument).astype(np.float64)
    check_finite(floats, argument)
    return floats
