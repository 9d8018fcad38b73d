"""`shallownet train`: learn a column of a table from the others, and save the model.

The model is scikit-learn's Pipeline of a TableEncoder and one of our estimators.
"""

from __future__ import annotations

import argparse
import math
import sys
import warnings
from typing import Any

from .. import files
from .._extras.progress import progress
from .._messages.output import say
from .._native.arrays import MAX_UNITS, check_integer, check_name, check_real
from .._native.backend import core
from ..files import in_use, snet_file
from ..tables import Lesson, read_lesson
from ..tables.reading import CATEGORY, MISSING_RULES, TASKS, Table, read_table
from ..training import DEFAULT_RATES, MINIMIZERS
from .arguments import (
    DATA,
    add_format,
    add_json,
    add_quiet,
    add_threads,
    check_output,
    check_packages,
    fraction,
    penalty,
    reading,
    said_format,
    whole_from,
)
from .info import card, facts_of
from .report import measured, say_json

HELP = "learn a column of a table from the others, and save the model"
DESCRIPTION = (
    "Train on a table with a header. Each column is a number, a category, or left out (dates, "
    "names, keys), which is said; a part of the rows is held out to measure the model."
)
BATCH_SIZE = 32
FULL_BATCH = ("gd", *MINIMIZERS)
OPTIMIZERS = sorted((*core.optimizers, *MINIMIZERS))
RATES = ", ".join(f"{optimizer} {rate}" for optimizer, rate in DEFAULT_RATES.items())
PATIENCE = 10  # epochs without a better held-out score, of early stopping
VALIDATION_FRACTION = 0.1


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.add_argument("data", help=DATA)
    parser.add_argument("--target", required=True, metavar="COLUMN", help="column to predict")
    parser.add_argument("--out", required=True, metavar="FILE.snet", help="model to write")
    parser.add_argument(
        "--task",
        default="auto",
        choices=("auto", *TASKS),
        help="auto: words and few whole numbers are classes, other numbers a regression",
    )
    for name, what in (("categorical", "take its numbers for names"), ("drop", "leave it out")):
        several: dict[str, Any] = {"action": "append", "default": [], "metavar": "COLUMN"}
        parser.add_argument(f"--{name}", **several, help=f"{what}; may be repeated")
    parser.add_argument(
        "--missing",
        default="fill",
        choices=MISSING_RULES,
        help="cells without a value: mean or none of the categories, leave the row out, or end "
        "(%(default)s)",
    )
    add_format(parser)
    _add_network_options(parser)
    add_threads(parser)
    add_json(parser)
    add_quiet(parser, "print nothing, show no progress")


def _add_network_options(parser: argparse.ArgumentParser) -> None:
    rows: list[tuple[str, Any, Any, str, str]] = [
        ("held-out", fraction, 0.2, "FRACTION", "of the rows, to measure the model on; 0: none"),
        ("hidden-units", whole_from(0), 32, "N", "0: no hidden layer"),
        ("hidden", str, None, "NAME", f"one of {', '.join(core.activations)} (tanh)"),
        ("negative-slope", float, None, "SLOPE", "of leaky_relu (0.01)"),
        ("optimizer", str, "adam", "NAME", f"one of {', '.join(OPTIMIZERS)}"),
        ("learning-rate", float, None, "RATE", RATES),
        ("epochs", whole_from(1), 200, "N", "passes over the rows"),
        ("batch-size", whole_from(0), None, "N", f"0: all rows, as gd does ({BATCH_SIZE})"),
        ("l2", penalty, 1e-4, "PENALTY", "on squared weights; with lm also: evidence"),
        ("seed", whole_from(0, 2**32 - 1), 0, "N", "of everything that is drawn at random"),
        (
            "validation-fraction", fraction, None, "FRACTION",
            f"of the training rows, to stop early by ({VALIDATION_FRACTION})",
        ),
    ]  # fmt: skip
    for name, kind, default, metavar, what in rows:
        what += "" if default is None else " (%(default)s)"
        parser.add_argument(f"--{name}", type=kind, default=default, metavar=metavar, help=what)
    parser.add_argument(
        "--early-stopping",
        action="store_true",
        help=f"end after {PATIENCE} epochs without a better score on held-back training rows",
    )


def run(given: argparse.Namespace) -> None:
    """Learn a column of a table from the others, and save the model."""
    check_packages()
    _check_options(given)
    check_output(given.out, snet_file(), in_use([given.data]))
    model, notes = _trained(given)
    files.save(model, given.out)
    if given.json:
        say_json({"model": given.out, **model.table_, "notes": notes})
    elif not given.quiet:
        facts = {**facts_of(model), "left_out": {}}  # which is among the notes, all of it
        say(*notes, *card(facts), f"wrote {given.out}")


def _check_options(given: argparse.Namespace) -> None:
    """Refuse values that no network takes, and options that would have no effect."""
    check_integer(given.hidden_units, "n_h", 0, MAX_UNITS)
    check_name(given.optimizer, "optimizer", OPTIMIZERS)
    if given.hidden is not None:
        check_name(given.hidden, "hidden", core.activations)
    if given.l2 != "evidence":
        check_real(given.l2, "l2", "[0, inf)")
    elif given.optimizer != "lm":
        raise ValueError(f"--l2 evidence needs --optimizer lm, not {given.optimizer}")
    elif given.early_stopping or given.validation_fraction:
        raise ValueError("--l2 evidence holds no rows back: leave early stopping out")
    if given.negative_slope is not None:
        check_real(given.negative_slope, "negative_slope", "[0, inf)")
    if given.learning_rate is not None:
        check_real(given.learning_rate, "learning_rate", "(0, inf)")
    is_stochastic = given.optimizer not in FULL_BATCH
    useless = [
        ("negative-slope", given.negative_slope is not None and given.hidden != "leaky_relu",
         "--hidden leaky_relu alone has a slope"),
        ("hidden", given.hidden is not None and given.hidden_units == 0,
         "with --hidden-units 0 there are none"),
        ("batch-size", given.batch_size is not None and not is_stochastic,
         f"--optimizer {given.optimizer} takes all rows at once"),
        ("learning-rate", given.learning_rate is not None and given.optimizer in MINIMIZERS,
         f"--optimizer {given.optimizer} finds its steps by itself"),
        ("early-stopping", given.early_stopping and given.validation_fraction == 0,
         "--validation-fraction 0 holds no rows back"),
    ]  # fmt: skip
    for option, is_useless, why in useless:
        if is_useless:
            raise ValueError(f"--{option} would have no effect: {why}: leave it out")


def _trained(given: argparse.Namespace) -> tuple[Any, list[str]]:
    """Return the fitted Pipeline with its facts, and what has been passed over."""
    from .._extras.scikit_learn import Pipeline
    from ..tables import TableEncoder

    lesson = _read(given)
    frame, y = lesson.parts["training"]
    columns = lesson.kinds.columns
    encoder = TableEncoder(categorical_features=[n for n in columns if columns[n] == CATEGORY])
    inputs = encoder.fit_transform(frame)
    encoder.ignored_features_ = lesson.ignored
    network = _network(given, lesson.task, len(y))
    model = Pipeline([("encoder", encoder), ("network", network)])
    model.table_ = {**_facts(given, lesson), "training": _widest()}
    files.check_encodable(files.record_of(model))
    _fit(given, network, inputs, y)
    learnt = _learnt(given, network)
    for part, (frame, y) in lesson.parts.items():
        learnt[f"{part}_rows"] = len(y)
        if len(y):
            X = inputs if part == "training" else encoder.transform(frame)
            found = measured(network, lesson.task, X, y)
            learnt |= {f"{part}_{name}": value for name, value in found.items()}
    model.table_["training"] = learnt
    return model, lesson.notes


def _read(given: argparse.Namespace) -> Lesson:
    """Return what there is to learn in the file."""
    return read_lesson(
        _table(given),  # of which nobody else keeps hold: its bytes can be let go
        given.target,
        task=given.task,
        categorical=given.categorical,
        drop=given.drop,
        missing=given.missing,
        held_out=given.held_out,
        seed=given.seed,
    )


def _table(given: argparse.Namespace) -> Table:
    with reading(given.data, is_quiet=given.quiet) as told:
        return read_table(given.data, said_format(given), told=told)


def _network(given: argparse.Namespace, task: str, n_rows: int) -> Any:
    """Return the estimator, in whose terms the penalty is that of a batch's sum."""
    from ..estimators import ShallowNetClassifier, ShallowNetRegressor

    fraction = given.validation_fraction
    stops_early = given.early_stopping or bool(fraction)
    is_stochastic = given.optimizer not in FULL_BATCH
    wanted = BATCH_SIZE if given.batch_size is None else given.batch_size
    n_fitted = n_rows - (
        math.ceil(n_rows * (fraction or VALIDATION_FRACTION)) if stops_early else 0
    )
    batch_size = min(wanted or n_fitted, n_fitted) if is_stochastic else n_fitted
    settings: dict[str, Any] = {
        "hidden_layer_sizes": (given.hidden_units,) if given.hidden_units else (),
        "activation": given.hidden or "tanh",
        "solver": given.optimizer,
        "alpha": given.l2 if given.l2 == "evidence" else given.l2 * batch_size,
        "batch_size": batch_size if is_stochastic else "auto",
        "learning_rate_init": given.learning_rate or DEFAULT_RATES.get(given.optimizer, 0.001),
        "max_iter": given.epochs,
        "random_state": given.seed,
        "early_stopping": stops_early,
        "validation_fraction": fraction or VALIDATION_FRACTION,
        "n_iter_no_change": PATIENCE if stops_early else given.epochs,
        "negative_slope": 0.01 if given.negative_slope is None else given.negative_slope,
        "n_threads": given.threads,
    }
    if given.optimizer in MINIMIZERS:
        settings["max_fun"] = 50 * given.epochs
    if task == "classification":
        return ShallowNetClassifier(**settings)
    if task == "count":
        return ShallowNetRegressor(**settings, loss="poisson")
    return ShallowNetRegressor(**settings, standardize_target=True)


def _fit(given: argparse.Namespace, network: Any, inputs: Any, y: Any) -> None:
    """Fit the estimator, with a bar where somebody sees it."""
    from .._extras.scikit_learn import ConvergenceWarning

    with progress(given.epochs, "training", is_shown=not given.quiet) as advance:
        # None, which goes on: what a bar returns would stop the fit
        count = None if advance is None else lambda _: (advance(1), None)[1]
        network.set_params(callbacks=count)
        with warnings.catch_warnings():
            for limit in (".*Maximum iterations", "(?s)l(bfgs|m) .*ITERATIONS REACHED"):
                warnings.filterwarnings("ignore", limit, ConvergenceWarning)
            try:
                network.fit(inputs, y)
            except ValueError as error:
                if "X_val" not in str(error):
                    raise
                raise ValueError(
                    f"the {len(y)} rows to train on are too few to hold "
                    f"{network.validation_fraction:g} of them back: give another "
                    "--validation-fraction, or leave --early-stopping out"
                ) from error
    network.set_params(callbacks=None, n_threads=None)


def _facts(given: argparse.Namespace, lesson: Lesson) -> dict[str, Any]:
    """Return what the model keeps of its table, but for how training went."""
    return {
        "target": lesson.target,
        "task": lesson.task,
        "labels": lesson.labels,
        "columns": lesson.kinds.columns,
        "left_out": lesson.kinds.left_out,
        "format": {name: said or None for name, said in said_format(given).to_dict().items()},
        "missing": given.missing,
    }


def _learnt(given: argparse.Namespace, network: Any) -> dict[str, Any]:
    """Return what `shallownet info` says of how training went."""
    return {
        "optimizer": given.optimizer,
        "learning_rate": None if given.optimizer in MINIMIZERS else network.learning_rate_init,
        "l2": given.l2,
        "seed": given.seed,
        "epochs": network.n_iter_,
        "stopped_by": _reason(given, network),
        "cost": float(network.loss_),
    }


def _reason(given: argparse.Namespace, network: Any) -> str:
    if network.n_iter_ == given.epochs:
        return "n_epochs"
    return "convergence" if given.optimizer in MINIMIZERS else "early_stopping"


def _widest() -> dict[str, Any]:
    """Return facts that take no less room in a file than those that training will bring."""
    return {f"{k:040}": -sys.float_info.max for k in range(30)}
