"""The flags of `shallownet train`: which there are, whose they are, and values that nobody takes.

What has no value here was not given: so options of the other model can be told from defaults.
"""

from __future__ import annotations

import argparse
from typing import Any

from ..._native.arrays import MAX_UNITS, check_integer, check_name, check_real
from ..._native.backend import core
from ...tables.reading import MISSING_RULES, TASKS
from ...training import DECOUPLED, DEFAULT_RATES, MINIMIZERS
from ..arguments import (
    DATA,
    add_format,
    add_json,
    add_quiet,
    add_threads,
    fraction,
    penalty,
    whole_from,
)

TABLE, NETWORK = MODELS = ("table", "network")
BATCH_SIZE = 32
FULL_BATCH = ("gd", *MINIMIZERS)
OPTIMIZERS = sorted({*core.optimizers, *MINIMIZERS}.difference(DECOUPLED))  # the estimators'
RATES = ", ".join(f"{name} {rate}" for name, rate in DEFAULT_RATES.items() if name in OPTIMIZERS)
PATIENCE = 10  # epochs without a better held-out score, of early stopping
VALIDATION_FRACTION = 0.1
# of each model, where nothing is said; what is not here belongs to the other one
DEFAULTS: dict[str, dict[str, Any]] = {
    TABLE: {
        "networks": "auto", "hidden_units": 256, "epochs": 128, "learning_rate": 0.04,
        "held_out": 0.0,
    },
    NETWORK: {
        "hidden_units": 32, "epochs": 200, "held_out": 0.2, "learning_rate": None, "hidden": None,
        "negative_slope": None, "optimizer": "adam", "batch_size": None, "l2": 1e-4,
        "validation_fraction": None, "early_stopping": False,
    },
}  # fmt: skip


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.add_argument("data", help=DATA)
    parser.add_argument("--target", required=True, metavar="COLUMN", help="column to predict")
    parser.add_argument("--out", required=True, metavar="FILE.snet", help="model to write")
    parser.add_argument(
        "--model",
        default=TABLE,
        choices=MODELS,
        help="bags of networks that need no tuning, or one plain network (%(default)s)",
    )
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
    parser.add_argument(
        "--seed",
        type=whole_from(0, 2**32 - 1),
        default=0,
        metavar="N",
        help="of everything that is drawn at random (%(default)s)",
    )
    add_threads(parser)
    add_json(parser)
    add_quiet(parser, "print nothing, show no progress")
    add_format(parser)
    _add_shared(parser)
    _add_network_options(parser)


def _add_shared(parser: argparse.ArgumentParser) -> None:
    """Add what the networks of both models have, and how many of them the default has."""
    table, network = DEFAULTS[TABLE], DEFAULTS[NETWORK]

    def by_model(name: str) -> str:
        return f"({table[name]:g}; with --model network {network[name]:g})"

    rows: list[tuple[str, Any, str, str]] = [
        ("networks", whole_from(2), "N", "in a bag of --model table alone (16, above 2048 rows 8)"),
        (
            "held-out", fraction, "FRACTION",
            f"of the rows, to measure the model on; 0: none {by_model('held_out')}",
        ),
        ("hidden-units", whole_from(0), "N", f"of each network {by_model('hidden_units')}"),
        ("epochs", whole_from(1), "N", f"passes over the rows, at most {by_model('epochs')}"),
        (
            "learning-rate", float, "RATE",
            f"({table['learning_rate']}; with --model network {RATES})",
        ),
    ]  # fmt: skip
    group = parser.add_argument_group("what is trained", "The defaults are good for most tables.")
    for name, kind, metavar, what in rows:
        group.add_argument(f"--{name}", type=kind, metavar=metavar, help=what)


def _add_network_options(parser: argparse.ArgumentParser) -> None:
    rows: list[tuple[str, Any, str, str]] = [
        ("hidden", str, "NAME", f"one of {', '.join(core.activations)} (tanh)"),
        ("negative-slope", float, "SLOPE", "of leaky_relu (0.01)"),
        ("optimizer", str, "NAME", f"one of {', '.join(OPTIMIZERS)} (adam)"),
        ("batch-size", whole_from(0), "N", f"0: all rows, as gd does ({BATCH_SIZE})"),
        ("l2", penalty, "PENALTY", "on squared weights; with lm also: evidence (0.0001)"),
        (
            "validation-fraction", fraction, "FRACTION",
            f"of the training rows, to stop early by ({VALIDATION_FRACTION})",
        ),
    ]  # fmt: skip
    group = parser.add_argument_group("with --model network alone")
    for name, kind, metavar, what in rows:
        group.add_argument(f"--{name}", type=kind, metavar=metavar, help=what)
    group.add_argument(
        "--early-stopping",
        action="store_true",
        default=None,
        help=f"end after {PATIENCE} epochs without a better score on held-back training rows",
    )


def checked(given: argparse.Namespace) -> argparse.Namespace:
    """Return what is given with the model's own defaults.

    Raises
    ------
    ValueError
        If an option is the other model's, would have no effect, or has a value that none takes.
    """
    own = DEFAULTS[given.model]
    other = NETWORK if given.model == TABLE else TABLE
    for name in DEFAULTS[other]:
        if name not in own and getattr(given, name) is not None:
            _refuse(f"--{name.replace('_', '-')}", other, "leave it out")
    said = {name: value for name, value in vars(given).items() if value is not None}
    given = argparse.Namespace(**{**vars(given), **own, **said})
    if given.model == TABLE:
        _check_table(given)
    else:
        _check_network(given)
    return given


def _refuse(option: str, model: str, way_out: str) -> None:
    raise ValueError(f"{option} belongs to --model {model}: add that, or {way_out}")


def _check_table(given: argparse.Namespace) -> None:
    if given.task == "count":
        _refuse("--task count", NETWORK, "say --task regression")
    if given.hidden_units == 0:
        _refuse("--hidden-units 0", NETWORK, "give 1 or more")
    check_integer(given.hidden_units, "n_h", 1, MAX_UNITS)
    check_real(given.learning_rate, "learning_rate", "(0, inf)")


def _check_network(given: argparse.Namespace) -> None:
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
