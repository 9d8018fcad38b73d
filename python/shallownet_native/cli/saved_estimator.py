"""An estimator from a file on the command line: what `info` says of it and `predict` writes.

Loads no scikit-learn: the estimator brings it.
"""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np

from .._messages.wording import shortened
from .._native.sparse import is_sparse
from ..tables import Table, to_numbers


def is_estimator(model: object) -> bool:
    """Tell an estimator from the other things that a file may hold."""
    return hasattr(model, "get_params")


def describe_estimator(model: Any) -> list[str]:
    """Return a few lines on an estimator: its parameters, what it reads, its network, its fit."""
    lines = [" ".join(repr(model).split())]
    if not hasattr(model, "coefs_"):
        return [*lines, "not fitted"]
    if hasattr(model, "classes_"):
        lines.append(f"classes   {shortened(model.classes_.tolist())}")
    names = getattr(model, "feature_names_in_", None)
    named = "without names" if names is None else shortened(names)
    lines.append(f"columns   {model.n_features_in_}, {named}")
    hidden = f"{len(model.intercepts_[0])} {model.activation} - " if model.n_layers_ > 2 else ""
    arrays = [*model.coefs_, *model.intercepts_]
    size = f"{sum(array.size for array in arrays)} parameters, {arrays[0].dtype}"
    sizes = f"{model.n_features_in_} - {hidden}{model.n_outputs_} {model.out_activation_}"
    lines.append(f"network   {sizes}, {size}")
    facts = {
        "epochs": getattr(model, "n_iter_", None),
        "loss": getattr(model, "loss_", None),
        "best validation score": getattr(model, "best_validation_score_", None),
    }
    shown = [f"{name} {value:.4g}" for name, value in facts.items() if value is not None]
    return [*lines, f"trained   {', '.join(shown)}"] if shown else lines


def predict_table(
    model: Any, table: Table, *, n_threads: int | None, probabilities: bool
) -> tuple[list[str], list[list[Any]]]:
    """Return the header and the rows of what an estimator predicts for the rows of a table.

    Raises
    ------
    ValueError
        If it is not fitted, does not know its columns by name or does not find them; if it is
        asked for probabilities and has none.
    """
    names = _names(model)
    table.check_names(names, "the estimator")
    if probabilities and not hasattr(model, "predict_proba"):
        raise ValueError("--probabilities needs a model of classes")
    columns = [to_numbers(name, table.columns[name], table.where) for name in names]
    del model.feature_names_in_  # the rows are in that order now, but carry no names
    model.set_params(n_threads=n_threads)
    X = np.column_stack(columns)
    predicted = model.predict(X)
    if is_sparse(predicted):  # of labels that came so
        predicted = predicted.toarray()
    if predicted.ndim == 1:
        header, parts = ["prediction"], [predicted[:, np.newaxis]]
    else:
        header, parts = _numbered("prediction", range(predicted.shape[1])), [predicted]
    if probabilities:
        parts.append(model.predict_proba(X))
        n = parts[1].shape[1]  # of a single class, or of labels named otherwise, not one for each
        header += _numbered("probability", model.classes_ if len(model.classes_) == n else range(n))
    lists = [part.tolist() for part in parts]
    return header, [[*itertools.chain(*cells)] for cells in zip(*lists, strict=True)]


def _names(model: Any) -> list[str]:
    if not hasattr(model, "coefs_"):
        raise ValueError("this estimator is not fitted")
    if not hasattr(model, "feature_names_in_"):
        raise ValueError(
            "this estimator was fitted on an array, so that its columns have no names to be found "
            "by: fit it on a DataFrame, or use it from Python"
        )
    names = [str(name) for name in model.feature_names_in_]
    if len(set(names)) < len(names):
        raise ValueError("this estimator was fitted on columns of which some have the same name")
    return names


def _numbered(word: str, labels: Any) -> list[str]:
    return [f"{word}_{label}" for label in labels]
