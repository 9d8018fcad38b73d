"""What a search has found, in the form that scikit-learn's searches have: `cv_results_`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from ..._extras.scikit_learn import rankdata
from ..._native.arrays import Doubles


def cv_results(points: Sequence[dict[str, Any]], scores: Doubles) -> dict[str, Any]:
    """Return the table of a search.

    Parameters
    ----------
    points : sequence of dict
        The parameters of each point.
    scores : ndarray, shape (n_points, n_folds)

    Returns
    -------
    dict
        "params" and "param_..." of every point, "split0_test_score" and so on, their mean and
        deviation over the folds, and the rank of the mean: 1 is best, NaN as low as the lowest.
    """
    table: dict[str, Any] = {f"param_{name}": masked(points, name) for name in points[0]}
    table["params"] = list(points)
    for k in range(scores.shape[1]):
        table[f"split{k}_test_score"] = scores[:, k].copy()
    means = np.average(scores, axis=1)
    table["mean_test_score"] = means
    with np.errstate(invalid="ignore"):  # of infinite scores
        table["std_test_score"] = np.sqrt(np.average((scores - means[:, None]) ** 2, axis=1))
    table["rank_test_score"] = ranks(means)
    return table


def ranks(means: Doubles) -> npt.NDArray[np.int32]:
    """Return the rank of each mean: one more than there are better ones."""
    if np.isnan(means).all():
        return np.ones(len(means), np.int32)
    filled = np.nan_to_num(means, nan=np.nanmin(means) - 1)  # below -inf, too
    ranked: npt.NDArray[np.int32] = rankdata(-filled, method="min").astype(np.int32)
    return ranked


def masked(points: Sequence[dict[str, Any]], name: str) -> Any:
    """Return a parameter of all points as a masked array, of objects if they are no numbers."""
    values = [point[name] for point in points]
    dtype: Any = object
    try:
        array = np.array(values)
    except ValueError:  # sequences of different lengths
        pass
    else:
        if array.ndim == 1 and array.dtype.kind != "U":
            dtype = array.dtype
    column = np.ma.MaskedArray(np.empty(len(values), dtype), mask=True)
    for k, value in enumerate(values):
        column[k] = value
    return column
