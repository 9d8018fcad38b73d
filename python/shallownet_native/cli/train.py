"""`shallownet train`: train on a CSV file and save the model."""

from __future__ import annotations

import argparse
from typing import Any

from .. import files
from .._extras.progress import progress
from .._messages.output import say
from .._native.backend import core
from ..files import in_use, snet_file
from ..tables import BATCH_SIZE, MEASURES, Options, fit, read_table
from ..training import DEFAULT_RATES
from .arguments import add_delimiter, add_threads, check_output, fraction, whole_from
from .info import describe_model

HELP = "train on a CSV file and save the model"
DESCRIPTION = (
    "Train on a CSV file with a header. Numeric columns are standardised, others become an input "
    "for each category; a part of the rows is held out to measure the model."
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.add_argument("data", help="CSV file in UTF-8 with a header; - is standard input")
    parser.add_argument("--target", required=True, metavar="COLUMN", help="column to predict")
    parser.add_argument("--out", required=True, metavar="FILE.snet", help="model to write")
    parser.add_argument(
        "--task",
        default=Options.task,
        choices=("auto", *MEASURES),
        help="auto: words and few whole numbers are classes, other numbers a regression",
    )
    for name, what in (("categorical", "take its numbers for names"), ("drop", "leave it out")):
        several: dict[str, Any] = {"action": "append", "default": [], "metavar": "COLUMN"}
        parser.add_argument(f"--{name}", **several, help=f"{what}; may be repeated")
    add_delimiter(parser)
    _add_network_options(parser)
    add_threads(parser)


def _add_network_options(parser: argparse.ArgumentParser) -> None:
    """Add the options whose defaults are those of `Options`."""
    rows: list[tuple[str, Any, str, str]] = [
        ("held_out", fraction, "FRACTION", "of the rows, to measure the model on; 0: none"),
        ("hidden_units", whole_from(0), "N", "0: no hidden layer"),
        ("hidden", str, "NAME", f"one of {', '.join(core.activations)}"),
        ("negative_slope", float, "SLOPE", "of leaky_relu"),
        ("optimizer", str, "NAME", f"one of {', '.join(sorted(core.optimizers))}"),
        ("learning_rate", float, "RATE", f"by optimizer: {DEFAULT_RATES}"),
        ("epochs", whole_from(1), "N", "passes over the rows"),
        ("batch_size", whole_from(0), "N", f"0: all rows, as gd does; else {BATCH_SIZE}"),
        ("l2", float, "PENALTY", "on squared weights"),
        ("seed", whole_from(0, 2**128), "N", "of everything that is drawn at random"),
        ("validation_fraction", fraction, "FRACTION", "of the training rows, to stop early by"),
    ]
    for name, kind, metavar, what in rows:
        default = getattr(Options, name)
        shown: Any = {"default": default, "metavar": metavar}
        what += "" if default is None else " (%(default)s)"
        parser.add_argument(f"--{name.replace('_', '-')}", type=kind, **shown, help=what)


def run(given: argparse.Namespace) -> None:
    """Train on a CSV file and save the model."""
    check_output(given.out, snet_file(), in_use([given.data]))
    options = Options(**{name: getattr(given, name) for name in Options.__dataclass_fields__})
    table = read_table(given.data, given.delimiter)
    with progress(options.epochs, "training") as advance:
        model = fit(table, options, None if advance is None else lambda _: advance(1))
    files.save(model, given.out)
    say(*describe_model(model), f"wrote {given.out}")
