"""A trained model of a table: parameters, the columns they read, and what they predict.

The command line trains, saves and reads these.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from .._messages.wording import shortened
from .._native.arrays import check_name, check_real
from .._native.backend import core
from ..files import ModelFormatError, Record, require_keys
from ..network import KnownUnits, Parameters, chosen_units, outputs
from .columns import Column, FloatArray, Where, check_labels, row

Label = bool | int | float | str


@dataclass(frozen=True, repr=False)
class Model:
    """A trained network with the columns it reads and the target it predicts.

    Parameters
    ----------
    parameters : Parameters
        The weights; their inputs are those of `columns`, one after another. What they know of
        their activations is completed from the model's.
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
    TypeError
        If a part is of another type.
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
        check_name(self.hidden, "hidden", core.activations)
        check_name(self.output, "output", core.outputs)
        check_real(self.negative_slope, "negative_slope", "[0, inf)")
        known = KnownUnits(self.hidden, self.output, self.negative_slope)
        units = chosen_units(self.parameters.known_units, known, self.parameters.n_h)
        knowing = Parameters.adopt(self.parameters.flat, self.parameters.shape, units.known())
        object.__setattr__(self, "parameters", knowing)
        names = [column.name for column in self.columns] + [self.target]
        check_labels(names, "the names of columns and target", (str,))
        if self.classes:
            check_labels(self.classes, "the classes", (bool, int, float, str))
        facts: Any = self.training
        if not isinstance(facts, Mapping) or not all(
            type(fact) in (str, int, float, type(None)) for fact in facts.values()
        ):
            raise TypeError("training must map names to strings, numbers or None")
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

    def __repr__(self) -> str:
        sizes = f"{len(self.columns)} columns, {len(self.classes)} classes"
        return f"<Model of {self.target!r}: {sizes}, {self.parameters!r}>"

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
        A2 = outputs(self.parameters, rows.astype(self.parameters.dtype).T, n_threads)
        answer: FloatArray = A2.T.astype(np.float64)
        return answer

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
        network = Parameters.adopt(self.parameters.flat, self.parameters.shape).to_record()
        numbers = {
            "centre": np.array([column.centre for column in self.columns]),
            "scale": np.array([column.scale for column in self.columns]),
        }
        fields = {
            "network": network.fields,
            "columns": [column.name for column in self.columns],
            "categories": {c.name: c.categories for c in self.columns if c.categories is not None},
            **{name: getattr(self, name) for name in _PLAIN_FIELDS},
        }
        return Record("model", fields, {**network.arrays, **numbers})

    @classmethod
    def from_record(cls, record: Record) -> Model:
        """Return the model that a file holds, or raise ModelFormatError."""
        names = {"network", "columns", "categories", *_PLAIN_FIELDS}
        fields = require_keys(record.fields, names, "the model")
        arrays = require_keys(record.arrays, {"theta", "centre", "scale"}, "the arrays")
        parameters = Parameters.from_record(
            Record("parameters", fields["network"], {"theta": arrays["theta"]})
        )
        try:
            plain = {name: fields[name] for name in _PLAIN_FIELDS}
            plain["classes"] = _tuple(plain["classes"])
            columns = _columns(fields, arrays["centre"], arrays["scale"])
            return cls(parameters, columns=columns, **plain)
        except (TypeError, ValueError) as error:
            raise ModelFormatError(f"the model's parts do not fit: {error}") from error


_PLAIN_FIELDS = ("hidden", "output", "target", "classes", "negative_slope", "training")


def _columns(
    fields: Mapping[str, Any], centre: FloatArray, scale: FloatArray
) -> tuple[Column, ...]:
    """Put the columns together from a record's names, categories and numbers."""
    names, categories = _tuple(fields["columns"]), fields["categories"]
    if not isinstance(categories, dict) or not categories.keys() <= set(names):
        raise ValueError("there are categories of no column")
    if not centre.shape == scale.shape == (len(names),):
        raise ValueError("the columns are not as many as their numbers")
    return tuple(
        Column(name, _tuple(categories[name]) if name in categories else None, *numbers)
        for name, *numbers in zip(names, centre.tolist(), scale.tolist(), strict=True)
    )


def _tuple(value: object) -> tuple[Any, ...]:
    """Return a JSON array as a tuple; a string, which also has a length, is none."""
    if not isinstance(value, list):
        raise TypeError(f"a list is needed, not {type(value).__name__}")
    return tuple(value)
