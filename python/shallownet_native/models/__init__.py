"""The kinds of model as one: data as rows, outputs in columns, the network inside.

`view` says what a picture or a diagnosis may ask; `columns` answers for Parameters and results of a
training, `estimators` for whatever fits and predicts, Pipelines among them, by public attributes
alone. `targets` makes numbers of labels. Imports `network`, `_native`, `_messages`.
"""

from __future__ import annotations

from typing import Any

from .._messages.remedies import as_parameters, kind_of
from .columns import ColumnsView
from .estimators import EstimatorView, innermost
from .targets import Targets, dense
from .view import (
    BINARY,
    CLASSES,
    LABELS,
    NUMBERS,
    NetworkOnData,
    View,
    check_few_inputs,
    check_hidden_layer,
)

__all__ = ["Targets", "View", "view_of"]
__dir__ = sorted(__all__).copy


def view_of(model: Any, X: Any = None) -> View:
    """Return the view of Parameters, of a TrainingResult, or of a fitted estimator or Pipeline.

    Parameters
    ----------
    model : Parameters, TrainingResult or estimator
    X : optional
        Data such as it will be asked about: an estimator may be fitted to a frame's names.

    Raises
    ------
    TypeError
        If it is something else.
    ValueError
        If the estimator is not fitted, or parameters are not finite.
    """
    view = ColumnsView.of(model) or EstimatorView.of(model, X)
    if view is None:
        hint = ""
        if isinstance(model, dict):
            hint = f": {as_parameters(model, 'model', 'sn.Parameters')} makes Parameters of it"
        kind = f"the class {model.__name__}" if isinstance(model, type) else kind_of(model)
        raise TypeError(
            f"model must be Parameters, a TrainingResult or a fitted estimator, got {kind}{hint}"
        )
    return view
