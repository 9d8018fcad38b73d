"""Who leaves out what: the rows that each network learns from, and those that it never sees."""

from __future__ import annotations

import warnings
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from ..._extras.scikit_learn import GroupKFold, StratifiedGroupKFold
from ..ensembles.folds import split

Rows = npt.NDArray[np.int32]

MANY_ROWS = 2048  # above, half as many networks are as good
N_NETWORKS = (16, 8)


class Fold(NamedTuple):
    """Numbers of rows."""

    learned: Rows
    left_out: Rows


class Request(NamedTuple):
    """What is to be divided, and how.

    Attributes
    ----------
    cv : int, splitter, iterable or None
    n_networks : int or "auto"
    X : as it was given
    y : ndarray, shape (n,)
        Numbers, or those of classes.
    groups : ndarray, shape (n,), or None
    is_classifier : bool
    kept : ndarray of int, shape (k,)
        The rows that count: the others have no weight and are in no fold.
    seed : int
    """

    cv: Any
    n_networks: Any
    X: Any
    y: npt.NDArray[Any]
    groups: npt.NDArray[Any] | None
    is_classifier: bool
    kept: npt.NDArray[np.int64]
    seed: int


def divide(asked: Request) -> tuple[list[Fold], int]:
    """Return the folds, of rows numbered among those kept, and how many networks there are.

    Raises
    ------
    ValueError
        If there are too few rows, groups or networks, or some row is never left out.
    """
    n = len(asked.kept)
    if n < 2:
        raise ValueError(
            f"at least 2 rows with weight are needed, one to learn from and one to leave out, got "
            f"n_samples={n}"
        )
    if asked.cv is not None and not isinstance(asked.cv, (int, np.integer)):
        folds = _of_splitter(asked)
    else:
        wanted = _n_folds(asked, n)
        numbers = _dealt(asked, wanted) if asked.groups is None else _grouped(asked, wanted)
        folds = [
            Fold(_rows(np.flatnonzero(numbers != k)), _rows(np.flatnonzero(numbers == k)))
            for k in np.unique(numbers)
        ]
    _check(folds, n)
    n_networks = asked.n_networks
    if n_networks == "auto":
        n_networks = len(folds) if asked.cv is not None else _usual(n)
    if n_networks < len(folds):
        raise ValueError(
            f"n_networks={n_networks} networks cannot leave out {len(folds)} folds, one each: give "
            f"at least {len(folds)}, or a cv of fewer folds"
        )
    return folds, int(n_networks)


def _usual(n: int) -> int:
    return N_NETWORKS[n > MANY_ROWS]


def _n_folds(asked: Request, n: int) -> int:
    """Return how many folds there are to be; a cv that is asked for must be possible."""
    if asked.cv is None:
        return min(_usual(n) if asked.n_networks == "auto" else int(asked.n_networks), n)
    if isinstance(asked.cv, (bool, np.bool_)) or asked.cv < 2:
        raise ValueError(
            f"cv must be None, a whole number >= 2, a splitter or splits, got {asked.cv}"
        )
    if asked.cv > n:
        raise ValueError(
            f"cv={asked.cv} folds need as many rows, there are {n}: give cv={n} or less"
        )
    return int(asked.cv)


def _dealt(asked: Request, n_folds: int) -> npt.NDArray[np.int64]:
    """Return each row's fold: all of one size but for one row, each class spread over all."""
    n = len(asked.kept)
    order = np.random.default_rng(asked.seed).permutation(n)
    if asked.is_classifier:
        order = order[np.argsort(asked.y[asked.kept][order], kind="stable")]
    numbers = np.empty(n, np.int64)
    numbers[order] = np.arange(n) % n_folds
    return numbers


def _grouped(asked: Request, n_folds: int) -> npt.NDArray[np.int64]:
    """Return each row's fold, the same for all rows of a group."""
    assert asked.groups is not None
    _, groups = np.unique(asked.groups[asked.kept], return_inverse=True)
    n_groups = int(groups.max()) + 1
    if n_groups < 2 or (asked.cv is not None and n_groups < n_folds):
        least = 2 if asked.cv is None else n_folds
        raise ValueError(
            f"groups must have at least {least} different values, for rows of one group are left "
            f"out together; got {n_groups} in {len(groups)} rows with weight"
        )
    n_folds = min(n_folds, n_groups)
    settings = {"n_splits": n_folds, "shuffle": True, "random_state": asked.seed}
    y = asked.y[asked.kept]
    if asked.is_classifier and np.bincount(y).max() >= n_folds:
        splitter = StratifiedGroupKFold(**settings)
    else:
        splitter = GroupKFold(**settings)
    numbers = np.empty(len(groups), np.int64)
    with warnings.catch_warnings():  # of classes with fewer rows than folds: so be it
        warnings.simplefilter("ignore")
        for k, (_, left_out) in enumerate(splitter.split(y, y, groups)):
            numbers[left_out] = k
    return numbers


def _of_splitter(asked: Request) -> list[Fold]:
    """Return the folds that a splitter or an iterable gives, without rows that do not count."""
    pairs = split(asked.cv, asked.X, asked.y, asked.groups, is_classifier=asked.is_classifier)
    places = np.full(len(asked.y), -1)
    places[asked.kept] = np.arange(len(asked.kept))
    folds = []
    for learned, left_out in pairs:
        some = [places[rows][places[rows] >= 0] for rows in (learned, left_out)]
        if some[1].size:
            folds.append(Fold(*map(_rows, some)))
    return folds


def _rows(rows: npt.NDArray[Any]) -> Rows:
    return np.ascontiguousarray(rows, np.int32)


def _check(folds: list[Fold], n: int) -> None:
    """Refuse folds of which one has nothing to learn from, or that all leave a row in."""
    if len(folds) < 2:
        raise ValueError(
            f"the rows with weight fall into {len(folds)} folds, at least 2 are needed: give "
            "another cv, or other groups"
        )
    is_out = np.zeros(n, np.bool_)
    for k, fold in enumerate(folds):
        if not fold.learned.size:
            raise ValueError(f"fold {k + 1} of cv has no rows with weight to learn from")
        if np.isin(fold.left_out, fold.learned).any():
            raise ValueError(
                f"fold {k + 1} of cv learns from rows that it leaves out: give a cv whose sides "
                "have no row in common"
            )
        is_out[fold.left_out] = True
    if not is_out.all():
        n_never = int(np.count_nonzero(~is_out))
        raise ValueError(
            f"cv never leaves out {n_never} of {n} rows, of which the networks' quality and "
            "intervals would know nothing: give a cv that leaves out each row, such as KFold"
        )
