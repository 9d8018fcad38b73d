"""Parameters, and what a training hands back: columns are examples."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from .._messages.remedies import labels_in, reshaped
from .._native.arrays import Floats, check_columns, check_finite
from ..network import Parameters, outputs
from .targets import Targets, code_by_order, dense, numbered, numbers, of_classes
from .view import BINARY, CLASSES, LABELS, NUMBERS, NetworkOnData, hidden_outputs


class ColumnsView:
    """A network seen by itself; see `View`."""

    def __init__(self, parameters: Parameters) -> None:
        check_finite(parameters.flat, "parameters.flat")
        self.network = parameters
        self.name = "this network"
        self.n_x, n_y = parameters.n_x, parameters.n_y
        self.kind = _kind(parameters)
        self.input_names = numbered("x", self.n_x)
        names = {BINARY: ["0", "1"], CLASSES: [str(k) for k in range(n_y)]}
        self.output_names = names.get(self.kind, numbered("y", n_y))

    @classmethod
    def of(cls, model: Any) -> ColumnsView | None:
        """Return the view of a model, or None if it is none of these."""
        parameters = model if isinstance(model, Parameters) else getattr(model, "parameters", None)
        return cls(parameters) if isinstance(parameters, Parameters) else None

    @cached_property
    def network_names(self) -> tuple[list[str], list[str]]:
        """See `View`."""
        return self.input_names, numbered("y", self.network.n_y)

    def rows(self, X: Any) -> Floats:
        """See `View`."""
        return check_columns(
            dense(X) if hasattr(X, "toarray") else X, "X", (self.n_x, None), np.float64
        )

    def targets(self, y: Any, m: int) -> Targets:
        """See `View`; two classes are coded by which is likelier, several by the likeliest."""
        given, n_y = dense(y), self.network.n_y
        is_one_row = given.ndim == 1 or given.shape[:1] == (1,)
        if self.kind in (BINARY, CLASSES) and is_one_row and given.size == m:
            labels = given.ravel()
            if self.kind == CLASSES or not _are_shares(labels):
                n_classes = 2 if self.kind == BINARY else n_y
                return of_classes(*code_by_order(labels, n_classes, "Y"))
        values = numbers(self._columns(y, m).T, "Y")
        if self.kind == BINARY:
            return of_classes(values[:, 0] > 0.5, self.output_names)
        if self.kind == CLASSES:
            return of_classes(values.argmax(axis=1), self.output_names)
        return Targets(values, self.output_names)

    def outputs(self, rows: Floats) -> Floats:
        """See `View`."""
        A2: Floats = outputs(self.network, self._typed(rows).T).T
        return A2

    def hidden(self, rows: Floats) -> Floats:
        """See `View`."""
        return hidden_outputs(self.network, self._typed(rows).T)

    def columns(self, X: Any) -> Floats:
        """See `View`."""
        columns: Floats = self._typed(self.rows(X)).T
        return columns

    def problem(self, X: Any, y: Any) -> NetworkOnData:
        """See `View`; whether Y suits the output is left to whom it is handed to."""
        rows = self._typed(self.rows(X))
        Y = y if labels_in(dense(y)) is not None else self._columns(y, len(rows))
        return NetworkOnData(self.network, rows.T, Y)

    def _columns(self, y: Any, m: int) -> npt.NDArray[Any]:
        """Return targets as (n_y, m), the one row of one output also where it came as (m,)."""
        Y, n_y = dense(y), self.network.n_y
        Y = Y[np.newaxis] if Y.ndim == 1 and n_y == 1 else Y
        if Y.shape != (n_y, m):
            raise ValueError(
                f"Y must have shape ({n_y}, {m}), one column per example, got {np.shape(y)}"
                + reshaped(y, np.shape(y), "Y", n_y, m)
            )
        return Y

    def _typed(self, rows: Floats) -> Floats:
        """Return rows in the network's precision: a picture shows no more digits."""
        return rows.astype(self.network.dtype, copy=False)


def _kind(parameters: Parameters) -> str:
    output = parameters.output or "sigmoid"
    if output == "sigmoid":
        return BINARY if parameters.n_y == 1 else LABELS
    return CLASSES if output == "softmax" else NUMBERS


def _are_shares(labels: npt.NDArray[Any]) -> bool:
    """Tell whether these are probabilities, certain or not, of the second class."""
    return labels.dtype.kind in "biuf" and bool(((labels >= 0) & (labels <= 1)).all())
