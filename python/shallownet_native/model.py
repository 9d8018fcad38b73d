"""A trained model of a table: parameters, the columns they read, and what they predict.

The command line trains, saves and reads these. Imports `training` to predict, `files` for its
records and `_backend` for the names that the core knows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from . import training
from ._backend import core
from ._columns import Column, FloatArray, Where, check_labels, row, shortened
from ._snet import ModelFormatError, Record, require_keys
from .files import pack_parameters, unpack_parameters
from .network import Parameters

__all__ = ["Column", "Model"]

Label = bool | int | float | str
@dataclass(frozen=True)
class Model:
    """A trained network with the columns it reads and the target it predicts.

    Parameters
    ----------
    parameters : Parameters
        The weights; their inputs are those of `columns`, one after another.
    hidden, output : str
        Names of the hidden activation (without a meaning if there is no hidden layer) and of the
        output unit.
    columns : tuple of Column
    target : str
        Name of the column that the model predicts.
    classes : tuple of str, int, float or bool
        The labels: two for a sigmoid output, one per output for softmax, none otherwise.
    negative_slope : float, default 0.01
        Of leaky_relu.
    training : dict of str to str, int, float or None
        What is known about the training, for `info`.

    Raises
    ------
    ValueError
        If a part does not fit the others.
    """

    parameters: Parameters
    hidden: str
    output: str
    columns: tuple[Column, ...]
    target: str
    classes: tuple[Label, ...] = ()
    negative_slope: float = 0.01
    training: Mapping[str, str | int | float | None] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name, known in ((self.hidden, core.activations), (self.output, core.outputs)):
            if name not in known:
                raise ValueError(f"unknown name {name!r}, known are {', '.join(known)}")
        if not (np.isfinite(self.negative_slope) and self.negative_slope >= 0):
            raise ValueError(f"negative_slope must be finite and >= 0, got {self.negative_slope}")
        names = [column.name for column in self.columns] + [self.target]
        check_labels(names, "the names of columns and target", (str,))
        if self.classes:
            check_labels(self.classes, "the classes", (bool, int, float, str))
        if not all(type(v) in (str, int, float, type(None)) for v in self.training.values()):
            raise ValueError("the training's facts must be strings, numbers or None")
        n_inputs = sum(column.n_inputs for column in self.columns)
        n_classes = len(self.classes)
        n_outputs, n_labels = {
            "sigmoid": (1, 2), "softmax": (max(n_classes, 2), max(n_classes, 2))
        }.get(self.output, (1, 0))  # fmt: skip
        is_right = (self.parameters.n_x, self.parameters.n_y) == (n_inputs, n_outputs)
        if not is_right or n_classes != n_labels:
            raise ValueError(
                f"parameters of shape {self.parameters.shape} do not fit {n_inputs} inputs, "
                f"{len(self.classes)} classes and the output {self.output!r}"
            )

    def encode(self, table: Mapping[str, Sequence[Any]], where: Where = row) -> FloatArray:
        """Return the network's inputs (m, n_x), a row for each row of a table.

        Parameters
        ----------
        table : mapping of str to sequence
            Values by column name: a dict of lists, a pandas DataFrame. Further columns are ignored.
        where : callable, optional
            From the index of a row to what the error's text calls it.

        Raises
        ------
        ValueError
            If a column is missing or a value cannot be read.
        """
        missing = [column.name for column in self.columns if column.name not in table]
        if missing:
            raise ValueError(
                f"the column {shortened(missing)} is missing: "
                f"this model reads {shortened([column.name for column in self.columns])}"
            )
        return np.hstack([c.encode(list(table[c.name]), where) for c in self.columns])

    def outputs(self, rows: FloatArray, *, n_threads: int | None = None) -> FloatArray:
        """Return the network's outputs A2 (m, n_y) for encoded rows (m, n_x)."""
        X = rows.astype(self.parameters.dtype).T
        passed = training.forward(
            self.parameters,
            X,
            self.hidden,
            self.output,
            negative_slope=self.negative_slope,
            n_threads=n_threads,
        )
        return passed.A2.T.astype(np.float64)

    def labels(self, outputs: FloatArray) -> list[Label]:
        """Return the prediction for each row of outputs: a class, or the number itself."""
        if not self.classes:
            return [float(value) for value in outputs[:, 0]]
        return [self.classes[k] for k in self.probabilities(outputs).argmax(axis=1)]

    def probabilities(self, outputs: FloatArray) -> FloatArray:
        """Return the probability of each class (m, n_classes) from the outputs."""
        return np.hstack((1.0 - outputs, outputs)) if self.output == "sigmoid" else outputs

    def predict(self, table: Mapping[str, Sequence[Any]]) -> list[Label]:
        """Return the prediction for each row of a table: a class label or a number.

        Parameters
        ----------
        table : mapping of str to sequence
            Values by column name: a dict of lists, a pandas DataFrame.

        Raises
        ------
        ValueError
            If a column is missing or a value cannot be read.
        """
        return self.labels(self.outputs(self.encode(table)))

    def to_record(self) -> Record:
        """Return what a `.snet` file holds of this model."""
        network, arrays = pack_parameters(self.parameters)
        numbers = {
            "centre": np.array([column.centre for column in self.columns]),
            "scale": np.array([column.scale for column in self.columns]),
        }
        columns = [{"name": c.name, "categories": c.categories} for c in self.columns]
        fields = {name: getattr(self, name) for name in _PLAIN_FIELDS}
        return Record(
            "model", {"network": network, "columns": columns, **fields}, {**arrays, **numbers}
        )

    @classmethod
    def from_record(cls, record: Record) -> Model:
        """Return the model that a file holds, or raise ModelFormatError."""
        fields = require_keys(record.fields, {"network", "columns", *_PLAIN_FIELDS}, "the model")
        arrays = require_keys(record.arrays, {"theta", "centre", "scale"}, "the arrays")
        parameters = unpack_parameters(fields["network"], {"theta": arrays["theta"]})
        try:
            plain = {name: fields[name] for name in _PLAIN_FIELDS}
            plain["classes"] = _tuple(plain["classes"])
            columns = _columns(fields["columns"], arrays["centre"], arrays["scale"])
            return cls(parameters, columns=columns, **plain)
        except (TypeError, ValueError) as error:
            raise ModelFormatError(f"the model's parts do not fit: {error}") from error


_PLAIN_FIELDS = ("hidden", "output", "target", "classes", "negative_slope", "training")


def _columns(listed: Any, centre: FloatArray, scale: FloatArray) -> tuple[Column, ...]:
    """Put the columns together from a record's names, categories and numbers."""
    if not centre.shape == scale.shape == (len(_tuple(listed)),):
        raise ValueError("the columns are not as many as their numbers")
    columns = []
    for entry, one_centre, one_scale in zip(listed, centre.tolist(), scale.tolist(), strict=True):
        require_keys(entry, {"name", "categories"}, "a column")
        categories = None if entry["categories"] is None else _tuple(entry["categories"])
        columns.append(Column(entry["name"], categories, one_centre, one_scale))
    return tuple(columns)


def _tuple(value: object) -> tuple[Any, ...]:
    """Return a JSON array as a tuple; a string, which also has a length, is none."""
    if not isinstance(value, list):
        raise TypeError(f"a list is needed, not {type(value).__name__}")
    return tuple(value)
