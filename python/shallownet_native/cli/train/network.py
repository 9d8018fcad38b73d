"""One plain network: scikit-learn's Pipeline of a TableEncoder and one of our estimators."""

from __future__ import annotations

import argparse
import math
import warnings
from typing import Any

from ... import files
from ...tables import Lesson
from ...tables.reading import CATEGORY
from ...training import DEFAULT_RATES, MINIMIZERS
from ..report import facts_of_part, measured
from .options import BATCH_SIZE, FULL_BATCH, PATIENCE, VALIDATION_FRACTION


def learn(given: argparse.Namespace, lesson: Lesson, facts: dict[str, Any]) -> Any:
    """Return the fitted Pipeline, with what is known of the table as `table_`."""
    from ..._extras.scikit_learn import Pipeline
    from ...tables import TableEncoder

    frame, y = lesson.parts["training"]
    columns = lesson.kinds.columns
    encoder = TableEncoder(categorical_features=[n for n in columns if columns[n] == CATEGORY])
    inputs = encoder.fit_transform(frame)
    encoder.ignored_features_ = lesson.ignored
    network = _network(given, lesson.task, len(y))
    model = Pipeline([("encoder", encoder), ("network", network)])
    model.table_ = facts
    files.check_encodable(files.record_of(model))
    _fit(given, network, inputs, y)
    learnt = _learnt(given, network)
    for part, (frame, y) in lesson.parts.items():
        found: dict[str, float | None] = {}
        if len(y):
            X = inputs if part == "training" else encoder.transform(frame)
            found = measured(network, lesson.task, X, y)
        learnt |= facts_of_part(part, len(y), found)
    model.table_ = {**facts, "training": learnt}
    return model


def _network(given: argparse.Namespace, task: str, n_rows: int) -> Any:
    """Return the estimator, in whose terms the penalty is that of a batch's sum."""
    from ...estimators import ShallowNetClassifier, ShallowNetRegressor

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
    from ..._extras.scikit_learn import ConvergenceWarning

    network.set_params(progress=not given.quiet)
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
    network.set_params(progress=False, n_threads=None)


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
