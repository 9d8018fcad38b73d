"""The default model: bags of networks that take the table as it is, measured on rows left out."""

from __future__ import annotations

import argparse
from typing import Any

from ... import files
from ...files import Record
from ...tables import Lesson
from ...tables.reading import CATEGORY
from ..report import facts_of_part, measured, measured_answers


def learn(given: argparse.Namespace, lesson: Lesson, facts: dict[str, Any]) -> Any:
    """Return the fitted estimator, with what is known of the table as `table_`."""
    frame, y = lesson.parts["training"]
    if len(y) < 2:
        raise ValueError(
            "1 row to train on is too few for networks each of which leaves some out: hold fewer "
            "rows out, or use --model network"
        )
    estimator = _estimator(given, lesson)
    _check_room(estimator, lesson, facts)
    _fit(given, estimator, frame, y)
    estimator.encoder_.ignored_features_ = lesson.ignored
    learnt = {
        "seed": given.seed,
        "learning_rate": given.learning_rate,
        "max_epochs": given.epochs,
        "training_rows": len(y),
        **facts_of_part("left_out", len(y), _of_left_out(estimator, lesson.task, y)),
    }
    held_out, truth = lesson.parts["held_out"]
    found = measured(estimator, lesson.task, held_out, truth) if len(truth) else {}
    learnt |= facts_of_part("held_out", len(truth), found)
    estimator.table_ = {**facts, "training": learnt}
    return estimator


def _estimator(given: argparse.Namespace, lesson: Lesson) -> Any:
    from ...estimators import TabularShallowNetClassifier, TabularShallowNetRegressor

    columns = lesson.kinds.columns
    is_quantity = lesson.task == "regression"
    class_ = TabularShallowNetRegressor if is_quantity else TabularShallowNetClassifier
    return class_(
        n_networks=given.networks,
        n_hidden=given.hidden_units,
        categorical_features=[name for name in columns if columns[name] == CATEGORY],
        learning_rate_init=given.learning_rate,
        max_epochs=given.epochs,
        n_threads=given.threads,
        random_state=given.seed,
    )


def _check_room(estimator: Any, lesson: Lesson, facts: dict[str, Any]) -> None:
    """Find out before the work that a file has no room for so many names and categories."""
    from ...tables import TableEncoder

    encoder = TableEncoder(categorical_features=estimator.categorical_features)
    encoder.fit(lesson.parts["training"][0])
    encoder.ignored_features_ = lesson.ignored
    parts = {"estimator": estimator, "encoder": encoder}
    fields = {name: files.record_of(part).fields for name, part in parts.items()}
    files.check_encodable(Record("table", {**fields, "table": facts}))


def _fit(given: argparse.Namespace, estimator: Any, frame: Any, y: Any) -> None:
    """Fit the estimator, with a bar for each view of the table where somebody sees it."""
    estimator.set_params(progress=not given.quiet)
    estimator.fit(frame, y)
    estimator.set_params(progress=False, n_threads=None)


def _of_left_out(estimator: Any, task: str, y: Any) -> dict[str, float | None]:
    """Measure the rows learned from, each as those networks see it that left it out."""
    name = "oob_prediction_" if task == "regression" else "oob_decision_function_"
    return measured_answers(estimator, task, getattr(estimator, name), y)
