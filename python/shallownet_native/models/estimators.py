"""Estimators, and Pipelines that end in one: rows are examples. Knows public attributes only."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np

from .._native.arrays import Floats, check_finite, check_floats
from ..network import Parameters
from .targets import Targets, check_count, code_by_name, dense, numbered, numbers, of_classes
from .view import BINARY, CLASSES, LABELS, NUMBERS, NetworkOnData, hidden_outputs


def innermost(model: Any) -> tuple[list[Any], Any]:
    """Return what transforms the data, in order, and the estimator at the end.

    Of a finished search the best estimator is taken, of a Pipeline the last step.
    """
    before: list[Any] = []
    while True:
        if hasattr(model, "best_estimator_"):
            model = model.best_estimator_
        elif hasattr(model, "steps"):
            before += [model[:-1]] if len(model.steps) > 1 else []
            model = model[-1]
        else:
            return before, model


QUANTILE = "quantile"  # the loss of linear outputs, and their name with it


class EstimatorView:
    """A fitted estimator seen by itself; see `View`.

    Parameters
    ----------
    model : estimator
    X : optional
        Data such as it will be asked about: rows are framed as these are, because an estimator
        that was fitted to names asks for them.
    """

    def __init__(self, model: Any, X: Any = None) -> None:
        self.model = model
        self.before, self.last = innermost(model)
        self.name = f"this {type(self.last).__name__}"
        steps = (self.model, *(step for part in self.before for _, step in part.steps), self.last)
        widths = (getattr(step, "n_features_in_", None) for step in steps)
        n_x = next((width for width in widths if width is not None), None)
        if n_x is None:
            raise ValueError(f"{self.name} is not fitted yet: call its method fit first")
        self.n_x = int(n_x)
        names = getattr(self.model, "feature_names_in_", None)
        self.frame_names = None if names is None else [str(name) for name in names]
        self.input_names = self.frame_names or numbered("x", self.n_x)
        self.frame = type(X) if self.frame_names and hasattr(X, "columns") else None
        self.kind, self.output_names = self._outputs()

    @classmethod
    def of(cls, model: Any, X: Any = None) -> EstimatorView | None:
        """Return the view of a model, or None if it is no estimator."""
        is_one = hasattr(model, "fit") and hasattr(model, "predict")
        return cls(model, X) if is_one and not isinstance(model, type) else None

    def _outputs(self) -> tuple[str, list[str]]:
        """Return what the outputs are, and their names."""
        classes = getattr(self.model, "classes_", None)
        if classes is None:
            return NUMBERS, numbered("y", int(getattr(self.last, "n_outputs_", 1)))
        if isinstance(classes, list) or not hasattr(self.model, "predict_proba"):
            raise TypeError(f"{self.name} gives no probabilities of one set of classes to draw")
        names = [str(name) for name in np.asarray(classes).tolist()]
        is_logistic = getattr(self.last, "out_activation_", None) == "logistic"
        if is_logistic and self.last.n_outputs_ > 1:
            return LABELS, names
        return (BINARY if len(names) == 2 else CLASSES), names

    @cached_property
    def network(self) -> Parameters:
        """See `View`."""
        coefs, intercepts = (getattr(self.last, a, ()) for a in ("coefs_", "intercepts_"))
        if not isinstance(coefs, list) or len(coefs) not in (1, 2):
            raise ValueError(f"{self.name} is no network with one hidden layer, or with none")
        arrays: list[Any] = [] if len(coefs) == 2 else [None, None]  # no hidden layer
        for W, b in zip(coefs, intercepts, strict=True):
            arrays += [np.asarray(W).T, np.reshape(b, (-1, 1))]
        is_quantile = getattr(self.last, "loss", None) == QUANTILE
        return Parameters(
            *arrays,
            hidden=_in_our_words(self.last.activation),
            output=QUANTILE if is_quantile else _in_our_words(self.last.out_activation_),
            negative_slope=getattr(self.last, "negative_slope", None),
            quantile=self.last.quantile if is_quantile else None,
        )

    @cached_property
    def network_names(self) -> tuple[list[str], list[str]]:
        """See `View`."""
        n_x, _, n_y = self.network.shape
        names: Any = self.frame_names
        try:
            for part in self.before if names else ():  # each goes on with the names before it
                names = part.get_feature_names_out(names)
        except AttributeError:  # of a step that gives what it makes no names
            names = None
        inputs = numbered("x", n_x) if names is None else [str(name) for name in names]
        return inputs, self.output_names[-n_y:]

    def rows(self, X: Any) -> Floats:
        """See `View`; of a frame the columns must be those of the fit."""
        if self.frame_names and hasattr(X, "columns"):
            given = [str(name) for name in getattr(X, "column_names", X.columns)]
            if given != self.frame_names:
                raise ValueError(
                    f"X must have the columns {', '.join(self.frame_names)}, as in the fit, got "
                    f"{', '.join(given)}"
                )
        rows = dense(X)
        if rows.ndim != 2 or rows.shape[1] != self.n_x or len(rows) == 0:
            hint = ": use X.T" if rows.ndim == 2 and rows.shape[0] == self.n_x else ""
            raise ValueError(
                f"X must have shape (m, {self.n_x}), one row per example, got {rows.shape}{hint}"
            )
        rows = check_floats(rows, "X")
        check_finite(rows, "X")
        return rows

    def targets(self, y: Any, m: int) -> Targets:
        """See `View`."""
        given = dense(y)
        if self.kind in (BINARY, CLASSES):
            labels = given.ravel() if given.shape[1:] == (1,) else given
            if labels.ndim != 1:
                raise ValueError(f"y must have shape ({m},), got {given.shape}")
            check_count(labels, m, "y", "label")
            codes = code_by_name(labels, np.asarray(self.model.classes_), "y")
            return of_classes(codes, self.output_names)
        n = len(self.output_names)
        values = given[:, np.newaxis] if given.ndim == 1 else given
        check_count(values, m, "y", "row")
        if values.ndim != 2 or values.shape[1] != n:
            raise ValueError(f"y must have shape ({m}, {n}), got {given.shape}")
        return Targets(numbers(values, "y"), self.output_names)

    def outputs(self, rows: Floats) -> Floats:
        """See `View`."""
        frame = self._framed(rows)
        if self.kind == NUMBERS:
            predicted: Floats = np.asarray(self.model.predict(frame), np.float64)
            return predicted.reshape(len(rows), -1)
        probabilities: Floats = np.asarray(self.model.predict_proba(frame))
        return probabilities[:, 1:] if self.kind == BINARY else probabilities

    def hidden(self, rows: Floats) -> Floats:
        """See `View`."""
        return hidden_outputs(self.network, self._columns(self._framed(rows)))

    def problem(self, X: Any, y: Any) -> NetworkOnData:
        """See `View`; labels are coded as in the fit."""
        rows = self.rows(X)
        Y = self.targets(y, len(rows)).values.T
        if self.kind == CLASSES and self.network.n_y > 1:
            Y = np.eye(self.network.n_y)[Y[0].astype(np.int64)].T
        return NetworkOnData(self.network, self._columns(X), Y)

    def columns(self, X: Any) -> Floats:
        """See `View`; what stands before the network judges X itself, which may hold words."""
        columns = self._columns(X if self.before else self.rows(X))
        check_finite(columns, "X")
        return columns

    def _columns(self, X: Any) -> Floats:
        """Return what goes into the network, as columns in its precision."""
        for part in self.before:
            X = part.transform(X)
        columns: Floats = np.asarray(dense(X), self.network.dtype).T
        return columns

    def _framed(self, rows: Floats) -> Any:
        """Return rows as X came."""
        if self.frame is None or self.frame_names is None:
            return rows
        columns = dict(zip(self.frame_names, rows.T.copy(), strict=True))
        return getattr(self.frame, "from_pydict", self.frame)(columns)  # the first is pyarrow's


def _in_our_words(activation: str) -> str:
    return "sigmoid" if activation == "logistic" else activation
