"""Models that the command line of version 0.1.0 wrote: they load, predict, and are saved again.

Such a file holds the network and, of each column it reads, a centre and a scale or the categories.
Nothing makes new ones: the command line writes a Pipeline.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from .._messages.wording import quoted, shortened
from .._native.arrays import Doubles, check_name, check_real
from .._native.backend import core
from ..files import ModelFormatError, Record, require_keys
from ..network import KnownUnits, Parameters, chosen_units, outputs
from .values import value_text

Table = Mapping[str, Sequence[Any]]  # values by column name: a dict of lists, a pandas DataFrame
Where = Callable[[int], str]  # index of a row -> what the error's text calls it

KEYS = {"network", "columns", "categories", "target", "classes", "hidden", "output",
        "negative_slope", "training"}  # fmt: skip
MISSING = frozenset({"", "na", "<na>", "n/a", "nan", "null", "?"})  # in lower case


class Model:
    """A network with the columns of a table that it reads and the target it predicts.

    Attributes
    ----------
    columns : tuple of str
        Names of the columns that it reads.
    categories : dict of str to list of str
        Of each categorical column; all others are numbers.
    target, hidden, output : str
        Name of the column that it predicts, and of the activations.
    classes : tuple of bool, int, float or str
        The labels; empty for a quantity.
    training : dict of str to str, int, float or None
        What is known about the training.
    """

    def __init__(self, record: Record) -> None:
        fields = require_keys(record.fields, KEYS, "the model")
        arrays = require_keys(record.arrays, {"theta", "centre", "scale"}, "the arrays")
        self._record = record
        self.columns = tuple(_distinct(fields["columns"], "the columns", (str,)))
        self.categories: Any = fields["categories"]
        self.classes = tuple(_distinct(fields["classes"], "the classes", (bool, int, float, str)))
        self.target, self.training = fields["target"], fields["training"]
        self.hidden, self.output = fields["hidden"], fields["output"]
        self._centre, self._scale = arrays["centre"], arrays["scale"]
        self._check_columns()
        theta = {"theta": arrays["theta"]}
        parameters = Parameters.from_record(Record("parameters", fields["network"], theta))
        self.parameters = self._knowing_units(parameters, fields["negative_slope"])

    def __repr__(self) -> str:
        return f"<Model of {self.target!r} by {len(self.columns)} columns, {self.parameters!r}>"

    @classmethod
    def from_record(cls, record: Record) -> Model:
        """Return the model that a file holds, or raise ModelFormatError."""
        try:
            return cls(record)
        except (TypeError, ValueError) as error:
            raise ModelFormatError(f"the model's parts do not fit: {error}") from error

    def to_record(self) -> Record:
        """Return what a `.snet` file holds of this model: what it was loaded from."""
        return self._record

    def predict(self, table: Table) -> list[Any]:
        """Return the prediction for each row of a table: a class label or a number."""
        outputs = self.outputs(self.encode(table))
        if not self.classes:
            return [float(value) for value in outputs[:, 0]]
        return [self.classes[k] for k in self.probabilities(outputs).argmax(axis=1)]

    def probabilities(self, outputs: Doubles) -> Doubles:
        """Return the probability of each class (m, n_classes) from the outputs."""
        return np.hstack((1.0 - outputs, outputs)) if self.output == "sigmoid" else outputs

    def outputs(self, rows: Doubles, *, n_threads: int | None = None) -> Doubles:
        """Return the network's outputs A2 (m, n_y) for encoded rows (m, n_x)."""
        A2 = outputs(self.parameters, rows.astype(self.parameters.dtype).T, n_threads)
        return np.asarray(A2.T, np.float64)

    def encode(self, table: Table, where: Where = "row {}".format) -> Doubles:
        """Return the network's inputs (m, n_x), a row for each row of a table.

        Raises
        ------
        ValueError
            If a column is missing or a value cannot be read. Further columns are ignored.
        """
        if missing := [name for name in self.columns if name not in table]:
            read = shortened(self.columns)
            raise ValueError(f"the column {shortened(missing)} is missing: this model reads {read}")
        return np.hstack([self._inputs(k, table[n], where) for k, n in enumerate(self.columns)])

    def _inputs(self, column: int, values: Sequence[Any], where: Where) -> Doubles:
        """Return the inputs (m, n) that a column's values become."""
        name = self.columns[column]
        texts = ["" if value is None else str(value).strip() for value in list(values)]
        for index, text in enumerate(texts):
            if text.lower() in MISSING:
                raise ValueError(
                    f"{where(index)}: column {quoted(name)} has no value (it reads "
                    f"{quoted(text)}): fill it in or leave out this row"
                )
        if name in self.categories:
            return _one_hot(name, self.categories[name], texts, where)
        numbers = np.array([_number(name, text, index, where) for index, text in enumerate(texts)])
        with np.errstate(over="ignore"):
            inputs: Doubles = (numbers - self._centre[column]) / self._scale[column]
        for index in np.flatnonzero(~np.isfinite(inputs))[:1]:
            raise ValueError(f"{where(index)}: column {quoted(name)} is out of range")
        return inputs[:, np.newaxis]

    def _check_columns(self) -> None:
        n, centre, scale = len(self.columns), self._centre, self._scale
        if not n or not centre.shape == scale.shape == (n,):
            raise ValueError("the columns are not as many as their numbers")
        if not (np.isfinite(centre).all() and np.isfinite(scale).all() and (scale > 0).all()):
            raise ValueError("centre and scale must be finite, scale > 0")
        if type(self.target) is not str or self.target in self.columns:
            raise ValueError("the target must be a name, and not that of a column")
        if not isinstance(self.categories, dict) or not self.categories.keys() <= {*self.columns}:
            raise ValueError("there are categories of no column")
        for name, categories in self.categories.items():
            if not _distinct(categories, f"the categories of column {quoted(name)}", (str,)):
                raise ValueError(f"column {quoted(name)} has no category")
        if not isinstance(self.training, dict) or any(
            type(fact) not in (str, int, float, type(None)) for fact in self.training.values()
        ):
            raise TypeError("training must map names to strings, numbers or null")

    def _knowing_units(self, parameters: Parameters, slope: Any) -> Parameters:
        """Return the parameters with the activations that the file names beside them."""
        check_name(self.hidden, "hidden", core.activations)
        check_name(self.output, "output", core.outputs)
        check_real(slope, "negative_slope", "[0, inf)")
        (n_x, n_h, n_y), n = parameters.shape, len(self.classes)
        n_inputs = sum(len(self.categories.get(name, "1")) for name in self.columns)
        sizes = {"sigmoid": (1, 2), "softmax": (max(n, 2), max(n, 2))}.get(self.output, (1, 0))
        if (n_x, n_y, n) != (n_inputs, *sizes):
            raise ValueError(
                f"parameters of shape {parameters.shape} do not fit {n_inputs} inputs, {n} classes "
                f"and the output {self.output!r}"
            )
        units = chosen_units(
            parameters.known_units, KnownUnits(self.hidden, self.output, slope), n_h
        )
        return Parameters.adopt(parameters.flat, parameters.shape, units.known())


def _distinct(values: Any, what: str, types: tuple[type, ...]) -> list[Any]:
    """Return a list of values of these types, each only once."""
    if not isinstance(values, list) or any(type(value) not in types for value in values):
        raise TypeError(f"{what} must be a list of {' or '.join(t.__name__ for t in types)}")
    if len(set(values)) < len(values):
        raise ValueError(f"{what} must all differ")
    return values


def _number(name: str, text: str, index: int, where: Where) -> float:
    try:
        number = float("" if "_" in text else text)
    except ValueError:
        number = np.nan
    if not np.isfinite(number):
        raise ValueError(
            f"{where(index)}: column {quoted(name)} has {quoted(text)}, a finite number is needed"
        )
    return number


def _one_hot(name: str, categories: list[str], texts: list[str], where: Where) -> Doubles:
    """Return an input for each category, 1 where a text is that or has the same value."""
    position: dict[str | None, int] = {value_text(text): k for k, text in enumerate(categories)}
    position |= {text: k for k, text in enumerate(categories)}  # there may be both 1 and 1.0
    inputs = np.zeros((len(texts), len(categories)))
    for index, text in enumerate(texts):
        number = position.get(text, position.get(value_text(text)))
        if number is None:
            raise ValueError(
                f"{where(index)}: column {quoted(name)} has {quoted(text)}, which training did not "
                f"see; it saw {shortened(categories)}: mend or leave out this row"
            )
        inputs[index, number] = 1.0
    return inputs
