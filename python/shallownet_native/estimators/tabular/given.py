"""What users give to `fit`, checked: a table, targets, weights, and who leaves out what."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from ..._extras.scikit_learn import check_consistent_length, check_random_state
from ..._native.sparse import check_foreign
from ...tables.encoding import NamedColumns, columns_of
from ..fitting.data import check_weights
from .folds import Fold, Request, divide


class CheckedTarget(NamedTuple):
    """Targets y (n,), numbers or those of classes, and a factor by class for each row, or None."""

    y: npt.NDArray[Any]
    attributes: dict[str, Any]
    factors: Any


class Given(NamedTuple):
    """What `fit` was given, checked; `kept` are the rows that count, and `weights` theirs."""

    table: NamedColumns
    target: CheckedTarget
    kept: npt.NDArray[np.int64]
    weights: npt.NDArray[np.float32]  # (n_kept,), of mean 1
    score_weights: Any  # (n_kept,), without the classes'
    folds: list[Fold]
    seeds: npt.NDArray[np.uint32]


def check(estimator: Any, X: Any, y: Any, sample_weight: Any, groups: Any) -> Given:
    """Return what `fit` was given, checked; the estimator stays as it is."""
    table = columns_of(X, estimator)
    target = estimator._target(y)
    n = table.n_rows
    if groups is not None:
        check_foreign(groups, "groups")
        groups = np.asarray(groups)
    check_consistent_length(np.empty(n), target.y, sample_weight, groups)
    own = check_weights(sample_weight, None, target.y)
    weights = check_weights(sample_weight, target.factors, target.y)
    weights = np.ones(n) if weights is None else weights / weights.max()
    weights = (weights * (np.count_nonzero(weights) / weights.sum())).astype(np.float32)
    kept = np.flatnonzero(weights > 0)
    seeds = check_random_state(estimator.random_state).randint(0, 2**32, size=5, dtype=np.uint32)
    is_classifier = "classes_" in target.attributes
    asked = (estimator.cv, estimator.n_networks, X, target.y, groups, is_classifier, kept)
    folds, n_networks = divide(Request(*asked, int(seeds[0])))
    of_members = [folds[m % len(folds)] for m in range(n_networks)]
    score_weights = None if own is None else own[kept]
    return Given(table, target, kept, weights[kept], score_weights, of_members, seeds)


def check_given(estimator: Any, y: Any) -> None:
    """Refuse targets that are not there, or are of another library's."""
    if y is None:
        raise ValueError(
            f"{type(estimator).__name__} requires y to be passed, but the target y is None"
        )
    check_foreign(y, "y")
