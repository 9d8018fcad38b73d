"""`shallownet predict`: predict the rows of a CSV file with a saved model or estimator.

Loads no scikit-learn: the estimator brings it.
"""

from __future__ import annotations

import argparse
import itertools
import sys
from typing import Any

import numpy as np

from .. import files
from .._messages.output import csv_bytes, say_rows
from .._native.sparse import is_sparse
from ..files import in_chunks, in_use, replace_file, table_file
from ..network import Parameters
from ..tables import Model, Table, read_table, to_numbers
from .arguments import add_delimiter, add_threads, check_output

Predicted = tuple[list[str], list[list[Any]]]  # header and rows

HELP = "predict the rows of a CSV file with a saved model"
DESCRIPTION = (
    "Write a CSV file with the prediction for each row of another. The columns are found by their "
    "names; those that the model does not read are ignored."
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.add_argument("model", help="a .snet file written by shallownet train")
    parser.add_argument("data", help="CSV file in UTF-8 with a header; - is standard input")
    parser.add_argument("--out", metavar="FILE", help="file to write (standard output)")
    parser.add_argument(
        "--probabilities", action="store_true", help="add a column for each class's probability"
    )
    add_delimiter(parser)
    add_threads(parser)


def run(given: argparse.Namespace) -> None:
    """Predict the rows of a CSV file with a saved model."""
    kind = table_file(given.delimiter)
    if given.out is not None:
        check_output(given.out, kind, in_use([given.model, given.data]))
    model = files.load(given.model, max_bytes=sys.maxsize)
    if isinstance(model, Parameters):
        raise ValueError(
            f"{given.model}: this file holds parameters without the columns they read: "
            "use it from Python, or write one with shallownet train"
        )
    data = read_table(given.data, given.delimiter)
    predict = predict_by_model if isinstance(model, Model) else predict_by_estimator
    header, rows = predict(model, data, given)
    if given.out is None:
        say_rows([header, *rows], given.delimiter)
    else:
        content = csv_bytes([header, *rows], given.delimiter)
        replace_file(given.out, in_chunks(content), kind)


def predict_by_model(model: Model, table: Table, given: argparse.Namespace) -> Predicted:
    """Return what a model predicts for the rows of a table."""
    table.check_names([column.name for column in model.columns], "the model")
    outputs = model.outputs(model.encode(table.columns, table.where), n_threads=given.threads)
    header = [model.target]
    rows: list[list[Any]] = [[label] for label in model.labels(outputs)]
    if given.probabilities:
        if not model.classes:
            raise ValueError(f"{given.model}: --probabilities needs a model of classes")
        header += [f"probability_{label}" for label in model.classes]
        rows = [[*a, *b] for a, b in zip(rows, model.probabilities(outputs).tolist(), strict=True)]
    return header, rows


def predict_by_estimator(model: Any, table: Table, given: argparse.Namespace) -> Predicted:
    """Return what an estimator predicts for the rows of a table.

    Raises
    ------
    ValueError
        If it is not fitted, does not know its columns by name or does not find them; if it is
        asked for probabilities and has none.
    """
    names = _names(model)
    table.check_names(names, "the estimator")
    if given.probabilities and not hasattr(model, "predict_proba"):
        raise ValueError("--probabilities needs a model of classes")
    columns = [to_numbers(name, table.columns[name], table.where) for name in names]
    del model.feature_names_in_  # the rows are in that order now, but carry no names
    model.set_params(n_threads=given.threads)
    X = np.column_stack(columns)
    predicted = model.predict(X)
    if is_sparse(predicted):  # of labels that came so
        predicted = predicted.toarray()
    if predicted.ndim == 1:
        header, parts = ["prediction"], [predicted[:, np.newaxis]]
    else:
        header, parts = _numbered("prediction", range(predicted.shape[1])), [predicted]
    if given.probabilities:
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
