"""How good predictions are, by scikit-learn's metrics, and how the commands print results.

`train` and `evaluate` share the measures; `--json` of all commands is written here.
"""

from __future__ import annotations

import json
import math
import sys
import warnings
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from .._messages.output import STANDARD_OUTPUT, naming

# the measures of each task, the most telling one first, and the words that print them
MEASURES = {
    "classification": ("accuracy", "log_loss", "auc"),
    "regression": ("r2", "rmse", "mae"),
    "count": ("d2", "mean_poisson_deviance", "r2", "rmse", "mae"),
}
WORDS = {
    "accuracy": "accuracy",
    "log_loss": "log-loss",
    "auc": "AUC",
    "r2": "R2",
    "rmse": "RMSE",
    "mae": "MAE",
    "d2": "D2",
    "mean_poisson_deviance": "mean Poisson deviance",
}
IN_UNITS = ("rmse", "mae")  # of the target: of any size, so that digits count, not decimals


def measures(
    task: str,
    y: npt.NDArray[Any],
    predicted: npt.NDArray[Any],
    probabilities: npt.NDArray[Any] | None = None,
) -> dict[str, float | None]:
    """Measure predictions against what is known.

    Parameters
    ----------
    task : "classification", "regression" or "count"
    y, predicted : ndarray of int or float, shape (n,)
        Numbers of classes, counted from 0 as columns of `probabilities`, or quantities.
    probabilities : ndarray of float, shape (n, n_classes)
        For a classification.

    Returns
    -------
    dict of str to float or None
        A finite number for each name of `MEASURES[task]`, or None where it is not defined: for no
        rows at all, the AUC of a single class, the R2 of a constant.

    Notes
    -----
    AUC of more than two classes is the mean of each class against the rest, over the classes that
    occur. D2 is the share of the Poisson deviance that is explained.
    """
    names = MEASURES[task]
    if not len(y) or not np.isfinite(predicted).all():
        return dict.fromkeys(names)
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")  # of what is undefined, which is None here
        if probabilities is None:
            found = _of_quantities(task, np.asarray(y, float), np.asarray(predicted, float))
        else:
            found = _of_classes(y, predicted, np.asarray(probabilities, float))
    return {name: _finite(found[name]) for name in names}


def measured(network: Any, task: str, X: Any, y: npt.NDArray[Any]) -> dict[str, float | None]:
    """Measure a fitted estimator on inputs X (n, n_x) with the target y (n,) that its fit takes."""
    answers = network.predict_proba(X) if task == "classification" else network.predict(X)
    return measured_answers(network, task, answers, y)


def measured_answers(
    network: Any, task: str, answers: npt.NDArray[Any], y: npt.NDArray[Any]
) -> dict[str, float | None]:
    """Measure a fitted estimator's answers: quantities (n,), or probabilities (n, n_classes)."""
    if task != "classification":
        return measures(task, y, answers)
    return measures(task, np.searchsorted(network.classes_, y), answers.argmax(axis=1), answers)


def facts_of_part(part: str, n_rows: int, found: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a model keeps of measures: how many rows they are of, and each with the part."""
    return {f"{part}_{name}": value for name, value in {"rows": n_rows, **found}.items()}


def _of_classes(
    y: npt.NDArray[Any], predicted: npt.NDArray[Any], probabilities: npt.NDArray[Any]
) -> dict[str, Any]:
    from sklearn.metrics import accuracy_score, log_loss, roc_auc_score

    n_classes = probabilities.shape[1]
    labels = [*range(n_classes)]
    occurring = np.unique(y)
    # of two classes the second alone: the first's is the same but for rounding
    against = occurring[-1:] if n_classes == 2 else occurring
    areas = [roc_auc_score(y == k, probabilities[:, k]) for k in against]
    return {
        "accuracy": accuracy_score(y, predicted),
        "log_loss": log_loss(y, probabilities, labels=labels) if n_classes > 1 else None,
        "auc": np.mean(areas),
    }


def _of_quantities(task: str, y: npt.NDArray[Any], predicted: npt.NDArray[Any]) -> dict[str, Any]:
    from sklearn import metrics

    found = {
        "r2": metrics.r2_score(y, predicted, force_finite=False) if len(y) > 1 else None,
        "rmse": math.sqrt(metrics.mean_squared_error(y, predicted)),
        "mae": metrics.mean_absolute_error(y, predicted),
    }
    if task == "count":
        rates = np.maximum(predicted, np.finfo(float).tiny)  # exp may have come to 0
        found["mean_poisson_deviance"] = metrics.mean_poisson_deviance(y, rates)
        varies = len(y) > 1 and np.ptp(y) > 0
        found["d2"] = metrics.d2_tweedie_score(y, rates, power=1) if varies else None
    return found


def _finite(value: Any) -> float | None:
    return float(value) if value is not None and math.isfinite(value) else None


def shown(found: Mapping[str, Any]) -> list[str]:
    """Return the measures as words, `accuracy 0.9562`, in the order in which they are given."""
    return [f"{WORDS.get(name, name)} {number(name, value)}" for name, value in found.items()]


def number(name: str, value: Any) -> str:
    """Return a measure as text: with four decimals, or five digits if it has a unit."""
    if not isinstance(value, float):
        return "undefined" if value is None else str(value)
    return f"{value:.5g}" if name in IN_UNITS else f"{value:.4f}"


def say_json(facts: Mapping[str, Any]) -> None:
    """Print one JSON object on a line: in ASCII, without NaN or infinity, which become null."""
    text = json.dumps(_plain(facts), allow_nan=False)
    with naming(STANDARD_OUTPUT):
        sys.stdout.write(text + "\n")


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if isinstance(value, np.ndarray | np.generic):
        return _plain(value.tolist())
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    # what JSON has no word for, such as a date among labels, by its text
    return value if value is None or isinstance(value, (bool, int, str)) else str(value)
