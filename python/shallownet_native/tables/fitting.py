"""From a table and options to a trained `Model` and what to say about it.

The work behind `shallownet train`.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from .. import training
from .._messages.wording import quoted
from .._native.streams import random_stream
from ..files import check_encodable
from ..network import Parameters, initialize
from ..training import EpochState, TrainingResult
from .columns import Column, FloatArray, learn_categories, learn_column
from .model import Model
from .table import Table
from .target import MEASURES, Indices, Target, measure, read_target

BATCH_SIZE = 32
PARTS = ("training", "held_out")


@dataclass(frozen=True)
class Options:
    """The options of `shallownet train`, named as they are there."""

    target: str
    task: str = "auto"
    categorical: Sequence[str] = ()
    drop: Sequence[str] = ()
    hidden_units: int = 32
    hidden: str = "tanh"
    negative_slope: float = 0.01
    optimizer: str = "adam"
    learning_rate: float | None = None
    epochs: int = 200
    batch_size: int | None = None
    l2: float = 1e-4
    seed: int = 0
    held_out: float = 0.2
    validation_fraction: float = 0.0
    threads: int | None = None


def fit(
    table: Table, options: Options, callback: Callable[[EpochState], None] | None = None
) -> Model:
    """Train a model on a table and measure it on the rows held out.

    Parameters
    ----------
    table : Table
    options : Options
    callback : callable, optional
        Called after every epoch with its state, as `training.train` does.

    Returns
    -------
    Model
        Trained on the rows that were not held out; its `training` facts hold the measures.

    Raises
    ------
    ValueError
        If the table or an option cannot be used; the message says what to do.
    """
    table.check_names([options.target], "--target")
    table.check_names(options.drop, "--drop")
    table.check_names(options.categorical, "--categorical")
    target = read_target(table, options.target, options.task)
    fitted, held_out = split_rows(table.n_rows, target.groups, options.held_out, options.seed)
    columns = _learn_columns(table, options, fitted)
    inputs = np.hstack([c.encode(table.columns[c.name], table.where) for c in columns])
    start = _start(inputs.shape[1], target.only(fitted), options)
    model = Model(
        start,
        options.hidden,
        target.output,
        columns,
        options.target,
        target.classes,
        options.negative_slope,
    )
    check_encodable(replace(model, training=_widest_facts(target, options)).to_record())
    result = _train(start, inputs[fitted], target.only(fitted), options, callback)
    parameters = _in_units_of(target.only(fitted), result.parameters)
    model = replace(model, parameters=parameters)
    facts = _facts(target, options, result)
    for name, rows in zip(PARTS, (fitted, held_out), strict=True):
        facts[f"{name}_rows"] = len(rows)
        if len(rows):
            score = measure(model.outputs(inputs[rows]), target.only(rows))
            facts[f"{name}_{MEASURES[target.task]}"] = score
    return replace(model, training=facts)


def split_rows(
    n_rows: int, groups: Indices | None, fraction: float, seed: int
) -> tuple[Indices, Indices]:
    """Return the rows to train on and a fraction held out, drawn alike from every class.

    Parameters
    ----------
    n_rows : int
    groups : ndarray of int, shape (n_rows,), or None
        Class number of each row. Of every class at least one row is trained on.
    fraction : float
        Of the rows to hold out, from 0 to below 1.
    seed : int

    Returns
    -------
    fitted, held_out : ndarray of int
        Sorted.
    """
    random = random_stream(seed)
    groups = np.zeros(n_rows, np.intp) if groups is None else groups
    is_held_out = np.zeros(n_rows, dtype=bool)
    for group in np.unique(groups):
        members = random.permutation(np.flatnonzero(groups == group))
        n_held_out = min(round(fraction * len(members)), len(members) - 1)
        is_held_out[members[:n_held_out]] = True
    return np.flatnonzero(~is_held_out), np.flatnonzero(is_held_out)


def _learn_columns(table: Table, options: Options, fitted: Indices) -> tuple[Column, ...]:
    left_out, categorical = {options.target, *options.drop}, {*options.categorical}
    names = [name for name in table.columns if name not in left_out]
    if not names:
        raise ValueError(
            f"{table.source}: no column is left to learn {quoted(options.target)} from"
        )
    return tuple(
        learn_categories(name, table.columns[name], table.where)
        if name in categorical
        else learn_column(name, table.columns[name], fitted, table.where)
        for name in names
    )


def _start(n_inputs: int, target: Target, options: Options) -> Parameters:
    """Return the network that training begins with."""
    scheme = "he_normal" if options.hidden in ("relu", "leaky_relu") else "glorot_uniform"
    n_outputs = target.rows.shape[1]
    start = initialize(n_inputs, options.hidden_units, n_outputs, scheme, options.seed)
    if target.output == "exp":
        start.b2 = np.log([[target.rows.mean()]])
    return start


def _train(
    start: Parameters,
    inputs: FloatArray,
    target: Target,
    options: Options,
    callback: Callable[[EpochState], None] | None,
) -> TrainingResult:
    batch_size = options.batch_size
    if batch_size is None:
        batch_size = 0 if options.optimizer == "gd" else BATCH_SIZE
    length: dict[str, Any] = {"n_iterations": options.epochs}
    if 0 < batch_size <= int(len(inputs) * (1 - options.validation_fraction)):
        length = {"n_epochs": options.epochs, "batch_size": batch_size}
    centre, scale = target.units
    return training.train(
        start,
        inputs.T,
        ((target.rows - centre) / scale).T,
        hidden=options.hidden,
        negative_slope=options.negative_slope,
        output=target.output,
        optimizer=options.optimizer,
        learning_rate=options.learning_rate,
        l2=options.l2,
        seed=options.seed,
        validation=options.validation_fraction or None,
        callback=callback,
        n_threads=options.threads,
        **length,
    )


def _in_units_of(target: Target, parameters: Parameters) -> Parameters:
    """Fold the target's scaling into the output layer: it then predicts the target itself."""
    centre, scale = target.units
    scaled = parameters.copy()
    scaled.W2 = parameters.W2 * scale
    scaled.b2 = parameters.b2 * scale + centre
    return scaled


def _widest_facts(target: Target, options: Options) -> dict[str, str | int | float | None]:
    """Return facts that take no less room in a file than those that training will bring."""
    rows = [f"{part}_rows" for part in PARTS]
    numbers = (
        "learning_rate",
        "seconds",
        "cost",
        *(f"{part}_{MEASURES[target.task]}" for part in PARTS),
    )
    return {
        "task": target.task,
        "optimizer": options.optimizer,
        "l2": options.l2,
        "seed": options.seed,
        "stopped_by": "early_stopping",
        "epochs": options.epochs,
        **dict.fromkeys(rows, sys.maxsize),
        **dict.fromkeys(numbers, -sys.float_info.max),
    }


def _facts(
    target: Target, options: Options, result: TrainingResult
) -> dict[str, str | int | float | None]:
    """Return what `shallownet info` says about a training."""
    return {
        "task": target.task,
        "optimizer": options.optimizer,
        "learning_rate": result.learning_rate,
        "l2": options.l2,
        "seed": options.seed,
        "epochs": result.n_epochs,
        "stopped_by": result.stopped_by,
        "seconds": result.seconds,
        "cost": float(result.costs[-1]),
    }
