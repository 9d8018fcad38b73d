"""The target column of a table: as numbers for the network, and as what they stand for.

A task says which output unit learns it: classes by sigmoid or softmax, a quantity by identity,
a count by exp.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from .._messages.wording import quoted
from .columns import FloatArray, centre_and_scale, parse_number, spellings, to_numbers, to_texts
from .table import Table

Indices = npt.NDArray[np.intp]

MEASURES = {"classification": "accuracy", "regression": "r2", "count": "d2"}  # by task
MAX_CLASSES = 1000
MAX_INTEGER_CLASSES = 10  # a target of more different whole numbers counts as a quantity


@dataclass(frozen=True)
class Target:
    """The target column as numbers: rows Y (m, n_y) for the network, and what they stand for."""

    name: str
    task: str
    output: str
    rows: FloatArray  # (m, n_y)
    classes: tuple[str, ...] = ()

    @property
    def groups(self) -> Indices | None:
        """Class number of each row (m,), None where there are no classes."""
        if not self.classes:
            return None
        return self.rows[:, 0].astype(np.intp) if self.output == "sigmoid" else self.rows.argmax(1)

    @property
    def units(self) -> tuple[float, float]:
        """Centre and scale by which the network's target is standardised: only a quantity's is."""
        if self.output != "identity":
            return 0.0, 1.0
        return centre_and_scale(self.name, self.rows)

    def only(self, rows: Indices) -> Target:
        """Return the target of these rows."""
        return replace(self, rows=self.rows[rows])


def read_target(table: Table, name: str, task: str) -> Target:
    """Return the target column as numbers, for the task or, if it is "auto", for a likely one."""
    texts = to_texts(name, table.columns[name], table.where)
    kept = spellings({*texts})
    labels = {*kept.values()}
    if len(labels) < 2:
        always = quoted(kept[texts[0]])
        raise ValueError(f"target {quoted(name)} is always {always}: there is nothing to learn")
    if task == "auto":
        task = _likely_task(labels)
    if task == "classification":
        return _classes(name, [kept[text] for text in texts])
    numbers = to_numbers(name, texts, table.where)
    if task == "count":
        for index in np.flatnonzero(numbers < 0)[:1]:
            raise ValueError(
                f"{table.where(int(index))}: target {quoted(name)} is {texts[index]}, a count is "
                ">= 0: use --task regression"
            )
    return Target(name, task, "exp" if task == "count" else "identity", numbers[:, np.newaxis])


def _likely_task(labels: Iterable[str]) -> str:
    """Take few different whole numbers, or words, for classes; other numbers for quantities."""
    numbers = {parse_number(label) for label in labels}
    if None in numbers or len(numbers) <= 2:
        return "classification"
    whole = all(number is not None and number.is_integer() for number in numbers)
    return "classification" if whole and len(numbers) <= MAX_INTEGER_CLASSES else "regression"


def _classes(name: str, texts: Sequence[str]) -> Target:
    classes = tuple(sorted(set(texts), key=_class_order))
    if len(classes) > MAX_CLASSES:
        raise ValueError(
            f"target {quoted(name)} has {len(classes)} different values, {MAX_CLASSES} classes are "
            "allowed: use --task regression for numbers"
        )
    position = {label: k for k, label in enumerate(classes)}
    numbers = np.array([position[text] for text in texts])
    if len(classes) == 2:
        return Target(name, "classification", "sigmoid", numbers[:, np.newaxis] * 1.0, classes)
    return Target(name, "classification", "softmax", np.eye(len(classes))[numbers], classes)


def _class_order(text: str) -> tuple[float, str]:
    """Sort numbers by value, 10 after 9, and words after all of them by spelling."""
    number = parse_number(text)
    return (np.inf if number is None else number, text)


def measure(outputs: FloatArray, target: Target) -> float | None:
    """Return the accuracy, or the share of the variance or deviance explained; None if undefined.

    Parameters
    ----------
    outputs : ndarray, shape (m, n_y)
        The network's outputs A2 as rows.
    target : Target
        With as many rows.
    """
    y = target.rows
    if target.groups is not None:
        guesses = outputs[:, 0] > 0.5 if target.output == "sigmoid" else outputs.argmax(axis=1)
        return float(np.mean(guesses == target.groups))
    deviance = _poisson_deviance if target.output == "exp" else _squares
    total = deviance(y, np.full_like(y, y.mean()))
    return 1.0 - deviance(y, outputs) / total if total > 0 else None


def _squares(y: FloatArray, predicted: FloatArray) -> float:
    return float(np.square(y - predicted).sum())


def _poisson_deviance(y: FloatArray, predicted: FloatArray) -> float:
    """Return 2 sum(y log(y / a) - y + a), where 0 log 0 is 0."""
    logarithms = np.log(np.where(y > 0, y, 1.0) / np.where(y > 0, predicted, 1.0))
    return float(2.0 * (y * logarithms - y + predicted).sum())
