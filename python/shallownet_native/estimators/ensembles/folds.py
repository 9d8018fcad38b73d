"""The folds of a search: which rows each learns from and which it is scored on, as checked data."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import numpy.typing as npt

from ..._extras.scikit_learn import check_cv
from ..._messages.wording import quoted
from ..fitting.data import Checked, Data, check_sum, check_weights
from ..parameters import Settings
from ..targets.class_weight import class_factors

Rows = npt.NDArray[np.int64]


class Folds:
    """All folds of data that were checked as a whole: so each need not be checked again.

    `sample_weight` is as it was given; `splits` are the rows to learn from and to be scored on.
    """

    def __init__(
        self,
        settings: Settings,
        checked: Checked,
        sample_weight: Any,
        splits: list[tuple[Rows, Rows]],
    ) -> None:
        self.settings = settings
        self.whole = checked
        self.splits = splits
        # those of the classes go by a fold's own rows
        self.weights = check_weights(sample_weight, None, checked.data.X)
        self.last: tuple[int, Checked] | None = None
        for k in range(len(splits)):
            self.check_classes(k)
            self.check_weights(k)

    def __len__(self) -> int:
        return len(self.splits)

    def named(self, k: int) -> str:
        """Return what an error calls a fold."""
        return f"fold {k + 1} of {len(self)}"

    def check_classes(self, k: int) -> None:
        """Refuse a fold that would learn of fewer classes than there are."""
        coded, classes = self.whole.data.y, self.whole.targets.classes
        if classes is None or len(classes) < 2:
            return
        if self.whole.targets.output == "logistic" and coded.shape[1] > 1:  # several labels a row
            return
        rows = coded[self.splits[k][0]]
        is_there = rows.any(axis=0)
        if coded.shape[1] == 1:
            is_there = np.array([not rows.all(), rows.any()])
        if not is_there.all():
            missing = classes[int(np.flatnonzero(~is_there)[0])].item()
            raise ValueError(
                f"{self.named(k)} has no row of class {missing!r} to learn from: give a cv that "
                "leaves some, such as a StratifiedKFold of no more folds than the class has rows, "
                "or leave out the class"
            )

    def check_weights(self, k: int) -> None:
        """Refuse a fold in which one side has no weight."""
        if self.weights is None:
            return
        for rows, purpose in zip(self.splits[k], ("learns from", "is scored on"), strict=True):
            if not self.weights[rows].any():
                raise ValueError(
                    f"sample_weight is 0 for all rows that {self.named(k)} {purpose}: leave out "
                    "rows without weight, or give another cv"
                )

    def checked(self, k: int) -> Checked:
        """Return the rows that fold k learns from; the last one asked for is kept."""
        if self.last is None or self.last[0] != k:
            self.last = None  # first makes room
            self.last = k, self.taken(k)
        return self.last[1]

    def taken(self, k: int) -> Checked:
        """Return the rows that fold k learns from."""
        rows, data, targets = self.splits[k][0], self.whole.data, self.whole.targets
        weights = None if self.weights is None else self.weights[rows]
        class_weight = self.settings.class_weight
        if class_weight is not None and targets.classes is not None:
            labels = targets.decode(data.y[rows])
            factors = class_factors(class_weight, labels, targets.classes)
            weights = factors if weights is None or factors is None else weights * factors
        taken = Data(data.X[rows], data.y[rows], weights)
        if weights is not None and not weights.any():
            raise ValueError(f"class_weight is 0 for all rows that {self.named(k)} learns from")
        what = "sample_weight" if class_weight is None else "sample_weight * class_weight"
        check_sum(taken, data.X.dtype, f"{what} of {self.named(k)}")
        return Checked(False, targets, taken, None)


def split(cv: Any, X: Any, y: Any, groups: Any, *, is_classifier: bool) -> list[tuple[Rows, Rows]]:
    """Return the rows of each fold to learn from and to be scored on, as `cv` has them.

    Raises
    ------
    ValueError
        If there are no folds, or one has no rows on a side, or rows that do not exist.
    """
    m = X.shape[0] if hasattr(X, "shape") else len(X)
    if isinstance(cv, Iterable) and not hasattr(cv, "split"):
        cv = list(cv)
        check_pairs(cv)
    folds = list(check_cv(cv, y, classifier=is_classifier).split(X, y, groups))
    check_pairs(folds)
    return [
        (rows_of(learned, m, f"{k + 1} of cv", "learn from"), rows_of(scored, m, k + 1, "score"))
        for k, (learned, scored) in enumerate(folds)
    ]


def check_pairs(folds: list[Any]) -> None:
    """Refuse what is no list of pairs."""
    if not folds:
        raise ValueError("cv gives no folds: it must give pairs of rows to learn from and to score")
    for fold in folds:
        if not isinstance(fold, (tuple, list)) or len(fold) != 2:
            raise ValueError(
                f"cv must give pairs of rows to learn from and to score, got {quoted(fold)}"
            )


def rows_of(given: Any, m: int, k: Any, purpose: str) -> Rows:
    """Return the numbers of rows, given as such or as a mask of all m."""
    rows = np.asarray(given)
    if rows.dtype == bool and rows.shape == (m,):
        rows = np.flatnonzero(rows)
    if rows.size == 0:
        raise ValueError(f"fold {k} has no rows to {purpose}: each side of a fold needs some")
    if rows.ndim != 1 or rows.dtype.kind not in "iu":
        raise ValueError(f"fold {k} must give numbers of rows to {purpose}, got {rows.dtype}")
    if rows.max() >= m or rows.min() < -m:
        raise ValueError(f"fold {k} names row {rows.max()}, and there are {m}")
    return rows.astype(np.int64)
