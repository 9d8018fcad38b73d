"""`shallownet evaluate`: measure a saved model on a table whose target is known."""

from __future__ import annotations

import argparse
from typing import Any

import numpy as np
import numpy.typing as npt

from .._messages.output import say
from .._messages.wording import cut, printable, quoted
from ..tables.reading import Table, known_classes, read_table
from .arguments import (
    add_json,
    add_model_and_data,
    add_quiet,
    check_packages,
    encoding,
    note,
    reading,
    said_format,
)
from .model import LoadedModel, load_model
from .report import WORDS, measures, number, say_json

Mask = npt.NDArray[np.bool_]
MAX_SHOWN = 20  # classes of the confusion table in print
MAX_LABEL = 16  # letters of a label in it
LEFT_OUT = {
    "no_target": "without a target left out",
    "missing_cells": "with missing cells left out",
}

HELP = "measure a saved model on a table whose target is known"
DESCRIPTION = (
    "Predict the rows of a table and compare with its target: accuracy, log-loss, AUC and the "
    "confusion table of classes; R2, RMSE and MAE of quantities; of counts the deviance, too. Rows "
    "without a target are left out."
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    add_model_and_data(parser)
    parser.add_argument(
        "--target", metavar="COLUMN", help="column with the truth (the one in training)"
    )
    add_json(parser)
    add_quiet(parser)


def run(given: argparse.Namespace) -> None:
    """Measure a saved model on a table whose target is known."""
    check_packages()
    with reading(given.data, is_quiet=given.quiet) as told:
        model = load_model(given.model, given.threads)
        model.check_unknown(given.unknown)
        target = _target(model, given.target)
        table = read_table(given.data, said_format(given), otherwise=model.format, told=told)
    table.check_names([target], "--target")
    y, is_known = read_truth(model, table, target)
    inputs = model.inputs(table, given.unknown)
    rows = is_known & inputs.kept
    if not rows.any():
        raise ValueError(f"{table.source}: no row has a target and can be predicted")
    note([*table.notes, *inputs.notes], is_quiet=given.quiet)
    with encoding(is_quiet=given.quiet):
        found = measure(model, inputs.rows[is_known[inputs.kept]], y[rows])
    left_out = {"no_target": int((~is_known).sum()), "missing_cells": int((~inputs.kept).sum())}
    facts = {
        "model": given.model,
        "data": table.source,
        "target": target,
        "task": model.task,
        "rows": int(rows.sum()),
        "left_out": left_out,
        **found,
    }
    if given.json:
        say_json(facts)
    else:
        say(*lines(facts))


def _target(model: LoadedModel, said: str | None) -> str:
    """Return the name of the column with the truth."""
    if model.task == "several outputs":
        raise ValueError(f"{model.path}: this model has several outputs: measure it in Python")
    target = said or model.target
    if target is None:
        raise ValueError(
            f"{model.path}: this model was saved in Python and does not say what it predicts: name "
            "the column with --target"
        )
    if target in model.columns:
        raise ValueError(f"--target {quoted(target)}: this is a column that the model reads")
    return target


def read_truth(model: LoadedModel, table: Table, target: str) -> tuple[npt.NDArray[Any], Mask]:
    """Return the target of each row, and which rows have one.

    Returns
    -------
    y : ndarray of int or float, shape (n_rows,)
        The number of the class, or the quantity.
    is_known : ndarray of bool, shape (n_rows,)

    Raises
    ------
    ValueError
        If a class is none that training saw, a quantity no finite number or a count below 0,
        naming the line.
    """
    if model.task == "classification":
        classes = known_classes(table, target, [str(label) for label in model.labels])
        return classes, classes >= 0
    y = table.numbers(target)
    is_wrong = np.isinf(y) if model.task == "regression" else np.isinf(y) | (y < 0)
    for row in np.flatnonzero(is_wrong)[:1]:
        needed = "a finite number" if np.isinf(y[row]) else "a count, which is >= 0,"
        raise ValueError(
            f"{table.where(int(row))}: target {quoted(target)} is {y[row]:g}, {needed} is needed: "
            "mend or leave out this row"
        )
    return y, ~np.isnan(y)


def measure(model: LoadedModel, rows: Any, y: npt.NDArray[Any]) -> dict[str, Any]:
    """Return the measures of a model on rows of which the truth is known, by name."""
    if model.task != "classification":
        return {"measures": measures(model.task, y, model.predict(rows))}
    probabilities = model.probabilities(rows)
    predicted = probabilities.argmax(axis=1)
    n = len(model.labels)
    confusion = np.bincount(y * n + predicted, minlength=n * n).reshape(n, n)
    return {
        "measures": measures(model.task, y, predicted, probabilities),
        "labels": [str(label) for label in model.labels],
        "confusion": confusion.tolist(),
    }


def lines(facts: dict[str, Any]) -> list[str]:
    """Return what has been measured as lines to print."""
    left_out = [f"{n} {LEFT_OUT[why]}" for why, n in facts["left_out"].items() if n]
    rows = "; ".join([f"{facts['rows']} of {facts['data']}", *left_out])
    printed = [
        f"target    {quoted(facts['target'])}, {facts['task']}",
        f"rows      {rows}",
        *(f"{WORDS[name]:<9} {number(name, value)}" for name, value in facts["measures"].items()),
    ]
    if "confusion" in facts:
        printed += confusion_lines(facts["labels"], facts["confusion"])
    return printed


def confusion_lines(labels: list[str], confusion: list[list[int]]) -> list[str]:
    """Return the confusion table: a row for each true class, a column for each predicted one."""
    if len(labels) > MAX_SHOWN:
        return [f"confusion of {len(labels)} classes: see --json"]
    names = [cut(printable(label), MAX_LABEL) for label in labels]
    first = max(len("true"), *map(len, names))
    widths = [
        max(len(name), *(len(str(row[k])) for row in confusion)) for k, name in enumerate(names)
    ]
    table = [["true", *names]] + [
        [name, *map(str, row)] for name, row in zip(names, confusion, strict=True)
    ]
    return [
        "confusion: rows are true classes, columns predicted ones",
        *(
            "  ".join([head.ljust(first), *(c.rjust(w) for c, w in zip(rest, widths, strict=True))])
            for head, *rest in table
        ),
    ]
