"""`shallownet predict`: predict the rows of a table with a saved model, pipeline or estimator.

A line out for each row in, whatever is missing in it.
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Sequence
from typing import Any

from .._messages.output import csv_bytes, naming, say_rows
from .._messages.wording import quoted
from ..files import in_chunks, in_use, replace_file, table_file
from ..tables import Inputs
from ..tables.reading import Table, read_table
from .arguments import (
    add_model_and_data,
    add_quiet,
    check_output,
    check_packages,
    encoding,
    note,
    number_in,
    reading,
    said_format,
)
from .model import LoadedModel, load_model

Columns = dict[str, Sequence[Any]]  # cells by name
Column = tuple[str, list[Any]]

HELP = "predict the rows of a table with a saved model"
DESCRIPTION = (
    "Write a CSV file with the prediction for each row of a table. The columns are found by their "
    "names; those that the model does not read are ignored. What is missing in a row is treated "
    "as the model was told in training."
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    add_model_and_data(parser)
    parser.add_argument("--out", metavar="FILE", help="file to write (standard output)")
    parser.add_argument(
        "--keep",
        action="append",
        default=[],
        metavar="COLUMN",
        help="write its cells, too, before the prediction; may be repeated",
    )
    parser.add_argument(
        "--probabilities", action="store_true", help="add a column for each class's probability"
    )
    parser.add_argument(
        "--interval",
        type=number_in(lambda value: 0 < value < 1, "a number between 0 and 1"),
        action="append",
        metavar="LEVEL",
        help="add two columns: between which bounds this part of the quantities is, such as 0.9",
    )
    add_quiet(parser)


def run(given: argparse.Namespace) -> None:
    """Predict the rows of a table with a saved model."""
    check_packages()
    with reading(given.data, is_quiet=given.quiet) as told:
        model = load_model(given.model, given.threads)
        model.check_unknown(given.unknown)
        level = checked_level(model, given.interval)
        if given.probabilities and not model.has_probabilities:
            what = f"{quoted(model.target)}, a quantity" if model.target else "a quantity"
            raise ValueError(
                f"{given.model}: --probabilities needs a model of classes, this predicts {what}"
            )
        said = said_format(given)
        if given.out is not None:
            likely = said.over(model.format).separator(given.data)
            check_output(given.out, table_file(likely), in_use([given.model, given.data]))
        table = read_table(given.data, said, otherwise=model.format, told=told)
    kept = kept_columns(table, given.keep)
    inputs = model.inputs(table, given.unknown)
    passed_over, point, delimiter = table.notes, table.format.point, table.delimiter
    del table  # and the file's bytes with it
    with encoding(is_quiet=given.quiet):
        found = predictions(model, inputs, given.probabilities, level)
    columns, notes = with_predictions(kept, found, inputs, point)
    notes += unbounded(found, level)
    note([*passed_over, *inputs.notes, *notes], is_quiet=given.quiet)
    rows = [[*columns], *zip(*columns.values(), strict=True)]
    if given.out is None:
        say_rows(rows, delimiter)
    else:
        with naming(given.out):
            content = csv_bytes(rows, delimiter)
            replace_file(given.out, in_chunks(content), table_file(delimiter))


def kept_columns(table: Table, names: Sequence[str]) -> Columns:
    """Return the cells of the columns to keep, as the file has them."""
    table.check_names(names, "--keep")
    for name in names:
        if names.count(name) > 1:
            raise ValueError(f"--keep names the column {quoted(name)} twice: say it once")
    table.read_texts(names)
    return {name: table.verbatim(name).tolist() for name in names}


def checked_level(model: LoadedModel, levels: list[float] | None) -> float | None:
    """Return the level of the intervals that are asked for, if any."""
    if levels is None:
        return None
    if len(levels) > 1:
        raise ValueError(
            f"--interval is given {len(levels)} times: one level at a time, such as --interval 0.9"
        )
    if not model.has_intervals:
        what = ", this predicts classes" if model.has_probabilities else ""
        raise ValueError(
            f"{model.path}: --interval needs a model of a quantity as shallownet train --model "
            f"table writes it{what}"
        )
    return levels[0]


def with_predictions(
    kept: Columns, found: list[Column], inputs: Inputs, point: str
) -> tuple[Columns, list[str]]:
    """Return the columns to write, and a note for each that had to take another name.

    Parameters
    ----------
    kept : dict of str to sequence
        Columns of the table, which come first.
    found : list of (str, list)
        What is predicted for the rows that can be.
    inputs : Inputs
        Empty cells stand in the rows that it leaves out.
    point : str
        The decimal point.
    """
    columns, notes = dict(kept), []
    for wanted, cells in found:
        name = wanted
        while name in columns:
            name = f"predicted_{name}"
        if name != wanted:
            notes.append(f"what is predicted is called {quoted(name)}: {quoted(wanted)} is kept")
        spelled = (_spelled(cell, point) for cell in cells)
        columns[name] = [next(spelled) if is_kept else "" for is_kept in inputs.kept]
    return columns, notes


def predictions(
    model: LoadedModel, inputs: Inputs, has_probabilities: bool, level: float | None
) -> list[Column]:
    """Return the names and the cells of all that is predicted for the rows that can be."""
    header = model.target or "prediction"
    with_ends = [header, f"{header}_low", f"{header}_high"]
    if not len(inputs.rows):
        names = [f"probability_{label}" for label in model.labels if has_probabilities]
        return [(name, []) for name in ([header, *names] if level is None else with_ends)]
    if level is not None:
        answer = model.intervals(inputs.rows, level)
        return list(zip(with_ends, answer.tolist(), strict=True))
    probabilities: Any = None
    if model.labels or has_probabilities:
        probabilities = model.probabilities(inputs.rows)
    parts: list[Column] = []
    if model.labels:
        parts.append((header, [model.labels[k] for k in probabilities.argmax(axis=1)]))
    else:
        predicted = model.predict(inputs.rows)
        if predicted.ndim == 1:
            parts.append((header, predicted.tolist()))
        else:
            parts += [(f"{header}_{k}", column.tolist()) for k, column in enumerate(predicted.T)]
    if has_probabilities:
        labels = model.labels or range(probabilities.shape[1])
        for label, column in zip(labels, probabilities.T, strict=True):
            parts.append((f"probability_{label}", column.tolist()))
    return parts


def unbounded(found: list[Column], level: float | None) -> list[str]:
    """Return a note if intervals have no ends."""
    if level is None or not any(math.isinf(cell) for cell in found[-1][1]):
        return []
    return [f"training had too few rows for intervals of level {level:g}: their ends are infinite"]


def _spelled(cell: Any, point: str) -> Any:
    """Return a number with this decimal point, and other cells as they are."""
    return repr(cell).replace(".", point) if point != "." and type(cell) is float else cell
