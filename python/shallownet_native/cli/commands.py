"""What the commands `train`, `predict`, `info`, `bench` and `demo` do, given their options.

Results go to standard output, progress to a terminal. Imports `_fitting`, `model`, `files`; the
demo and the benchmark only when they are asked for.
"""

from __future__ import annotations

import argparse
import os
import sys
from typing import Any

from .. import files
from .._extras.progress import progress
from .._messages.output import csv_bytes, say, say_rows
from .._messages.wording import quoted, shortened
from .._native.backend import config_text
from ..files import (
    Kind,
    check_replaceable,
    in_chunks,
    in_use,
    picture_file,
    replace_file,
    snet_file,
    table_file,
)
from ..network import Parameters
from ..tables import MEASURES, Model, Options, Table, fit, read_table
from ..training import EpochState
from .saved_estimator import describe_estimator, is_estimator, predict_table

DTYPES = ("float32", "float64")


def run_demo(given: argparse.Namespace) -> None:
    """Train on real data, time it against NumPy, draw a picture."""
    from .demo import demonstrate

    check_output(given.out, picture_file(given.out), in_use([]))
    demonstrate(given.out, quick=given.quick)


def run_train(given: argparse.Namespace) -> None:
    """Train on a CSV file and save the model."""
    check_output(given.out, snet_file(), in_use([given.data]))
    options = Options(**{name: getattr(given, name) for name in Options.__dataclass_fields__})
    table = read_table(given.data, given.delimiter)
    with progress(options.epochs, "training") as advance:

        def callback(_: EpochState) -> None:
            if advance is not None:
                advance(1)

        model = fit(table, options, None if advance is None else callback)
    files.save(model, given.out)
    say(*describe(model), f"wrote {given.out}")


def run_predict(given: argparse.Namespace) -> None:
    """Predict the rows of a CSV file with a saved model."""
    kind = table_file(given.delimiter)
    if given.out is not None:
        check_output(given.out, kind, in_use([given.model, given.data]))
    model = files.load(given.model, max_bytes=sys.maxsize)
    if not isinstance(model, Model) and not is_estimator(model):
        raise ValueError(
            f"{given.model}: this file holds parameters without the columns they read: "
            "use it from Python, or write one with shallownet train"
        )
    data = read_table(given.data, given.delimiter)
    if isinstance(model, Model):
        header, rows = predict_by_model(model, data, given)
    else:
        options = {"n_threads": given.threads, "probabilities": given.probabilities}
        header, rows = predict_table(model, data, **options)
    if given.out is None:
        say_rows([header, *rows], given.delimiter)
    else:
        content = csv_bytes([header, *rows], given.delimiter)
        replace_file(given.out, in_chunks(content), kind)


def predict_by_model(
    model: Model, data: Table, given: argparse.Namespace
) -> tuple[list[str], list[list[Any]]]:
    """Return the header and the rows of what a model predicts for the rows of a table."""
    data.check_names([column.name for column in model.columns], "the model")
    outputs = model.outputs(model.encode(data.columns, data.where), n_threads=given.threads)
    header = [model.target]
    rows: list[list[Any]] = [[label] for label in model.labels(outputs)]
    if given.probabilities:
        if not model.classes:
            raise ValueError(f"{given.model}: --probabilities needs a model of classes")
        header += [f"probability_{label}" for label in model.classes]
        rows = [[*a, *b] for a, b in zip(rows, model.probabilities(outputs).tolist(), strict=True)]
    return header, rows


def run_info(given: argparse.Namespace) -> None:
    """Describe this installation, or a saved model."""
    if given.model is None:
        say(*config_text().splitlines())
        return
    model = files.load(given.model, max_bytes=sys.maxsize)
    if is_estimator(model):
        say(*describe_estimator(model))
    elif isinstance(model, Parameters):
        say(f"{given.model}: {model!r}")
    else:
        say(*describe(model))


def run_bench(given: argparse.Namespace) -> None:
    """Time training against NumPy on this machine, and print the ratios."""
    from ..bench import chosen, format_table, run

    threads = given.threads or (1, 2)
    n_rows = len(chosen(None, given.quick)) * len(DTYPES) * len(threads)
    with progress(n_rows, "timing") as advance:
        rows = run(
            None,
            DTYPES,
            threads,
            seconds=given.seconds,
            quick=given.quick,
            progress=None if advance is None else lambda *_: advance(1),
        )
    say(*format_table(rows).splitlines())


def describe(model: Model) -> list[str]:
    """Return a few lines on a model: what it predicts, from what, and how well."""
    n_x, n_h, n_y = model.parameters.shape
    hidden = f"{n_h} {model.hidden} - " if n_h else ""
    facts = dict(model.training)
    task = facts.pop("task", "model")
    classes = f", classes {shortened(model.classes)}" if model.classes else ""
    names = shortened(column.name for column in model.columns)
    n_categorical = sum(column.categories is not None for column in model.columns)
    size = f"{model.parameters.size} parameters, {model.parameters.dtype}"
    lines = [
        f"target    {quoted(model.target)}, {task}{classes}",
        f"columns   {len(model.columns)}, of which {n_categorical} categorical: {names}",
        f"network   {n_x} - {hidden}{n_y} {model.output}, {size}",
    ]
    measure = MEASURES.get(str(task), "")
    for part, label in (("training", "training"), ("held_out", "held-out")):
        n_rows, score = facts.pop(f"{part}_rows", 0), facts.pop(f"{part}_{measure}", None)
        if isinstance(score, float):
            lines.append(f"{label}  {measure} {score:.4f} on {n_rows} rows")
    if facts:
        lines.append("trained   " + ", ".join(f"{k} {_shown(v)}" for k, v in facts.items()))
    return lines


def _shown(value: object) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def check_output(path: str, kind: Kind, others: list[os.stat_result]) -> None:
    """Find out before the work, not after it, that a result cannot be written there.

    Parameters
    ----------
    path : str
    kind : Kind
        Of the result, and the only one that it replaces.
    others : list of os.stat_result
        Files that are in use, and not to be replaced in any case.
    """
    folder = os.path.dirname(path) or "."
    if not os.path.isdir(folder):
        raise ValueError(f"{path}: there is no folder {quoted(folder)}: make it first")
    if os.path.isdir(path):
        raise ValueError(f"{path}: this is a folder: name a file in it")
    check_replaceable(path, kind, others)
