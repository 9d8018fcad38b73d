"""One view of every saved file that predicts: what it reads of a table, and what it answers.

Models that `train` wrote, estimators and pipelines saved from Python, and models of version 0.1.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from .. import files
from .._native.sparse import is_sparse
from ..network import Parameters
from ..tables import Inputs, read_inputs
from ..tables.reading import CATEGORY, NUMBER, Format, Table
from .bags import is_bag


@dataclass(frozen=True)
class LoadedModel:
    """A saved file that predicts.

    Attributes
    ----------
    path : str
    model
        The pipeline, the estimator, or the model of version 0.1.
    columns : dict of str to {"number", "category"}
        What it reads, in order.
    task : {"classification", "regression", "count", "several outputs"}
    target : str or None
        The column that it predicts, if the file says so.
    labels : list
        Of the classes, as they are printed.
    format : Format
        How the table was written that it learned from.
    missing : {"fill", "drop", "error"}
        What becomes of rows with missing cells.
    encoder : TableEncoder or None
        Which passes over categories that it does not know.
    is_old : bool
        Whether this is a model of version 0.1.
    n_threads : int or None
        That such a model predicts with; all others know it themselves.
    """

    path: str
    model: Any
    columns: dict[str, str]
    task: str
    target: str | None = None
    labels: list[Any] = field(default_factory=list)
    format: Format = field(default_factory=Format)
    missing: str = "error"
    encoder: Any = None
    is_old: bool = False
    n_threads: int | None = None

    @property
    def has_probabilities(self) -> bool:
        """Whether it knows how likely its answers are."""
        return bool(self.labels) or hasattr(last_step(self.model), "predict_proba")

    @property
    def has_intervals(self) -> bool:
        """Whether it knows between which bounds its answers are."""
        return hasattr(last_step(self.model), "predict_interval")

    def check_unknown(self, unknown: str | None) -> None:
        """Raise ValueError if --unknown says nothing about this model, or what it cannot do."""
        if unknown is None:
            return
        if CATEGORY not in self.columns.values():
            raise ValueError(f"{self.path}: this model reads no categories: leave --unknown out")
        if self.is_old:
            raise ValueError(
                f"{self.path}: a model of version 0.1 refuses unknown categories, whatever "
                "--unknown says: leave it out, or train anew"
            )

    def inputs(self, table: Table, unknown: str | None) -> Inputs:
        """Return the rows of a table that it can predict, as it takes them: see `read_inputs`."""
        if self.is_old:  # it has rules of its own, and refuses all that is missing or unknown
            frame = table.frame(self.columns)
            rows = self.model.encode(frame, table.where)
            return Inputs(rows, np.ones(table.n_rows, bool), [])
        return read_inputs(
            table,
            self.columns,
            missing=self.missing,
            encoder=self.encoder,
            unknown=unknown,
            is_ours=self.target is not None,
        )

    def predict(self, rows: Any) -> npt.NDArray[Any]:
        """Return the quantity of each row of `Inputs`, (m,), or (m, n) of several outputs."""
        if self.is_old:
            return self._old_outputs(rows)[:, 0]
        answer: npt.NDArray[Any] = self.model.predict(rows)
        return answer.toarray() if is_sparse(answer) else answer  # type: ignore[attr-defined]

    def probabilities(self, rows: Any) -> npt.NDArray[Any]:
        """Return the probability of each class (m, n_classes), or of each of several labels."""
        if self.is_old:
            answer: npt.NDArray[Any] = self.model.probabilities(self._old_outputs(rows))
        else:
            answer = self.model.predict_proba(rows)
        if self.labels and answer.shape[1] != len(self.labels):
            raise ValueError(
                f"{self.path}: {answer.shape[1]} probabilities for {len(self.labels)} labels"
            )
        return answer

    def intervals(self, rows: Any, level: float) -> npt.NDArray[Any]:
        """Return the quantity of each row and the ends of its interval, (3, m)."""
        for step in getattr(self.model, "steps", [])[:-1]:
            rows = step[1].transform(rows) if hasattr(step[1], "transform") else rows
        predicted, ends = last_step(self.model).predict_interval(rows, level)
        return np.stack([predicted, ends[:, 0, 0], ends[:, 1, 0]])

    def _old_outputs(self, rows: Any) -> npt.NDArray[Any]:
        outputs: npt.NDArray[Any] = self.model.outputs(rows, n_threads=self.n_threads)
        return outputs


def load_model(path: str, n_threads: int | None) -> LoadedModel:
    """Load a file that predicts.

    Parameters
    ----------
    path : str
    n_threads : int or None
        To predict with; the result does not depend on it.

    Raises
    ------
    ValueError
        If the file holds something else, or what it holds is not fitted or has no names of columns.
    OSError
        If it cannot be read.
    """
    model = files.load(path, max_bytes=sys.maxsize)
    if isinstance(model, Parameters):
        raise ValueError(
            f"{path}: this file holds parameters without the columns they read: "
            "use it from Python, or write one with shallownet train"
        )
    if hasattr(model, "encode"):
        return _of_old(path, model, n_threads)
    network = last_step(model)
    if not hasattr(network, "predict"):
        raise ValueError(
            f"{path}: a {type(model).__name__} that predicts nothing: use it in Python"
        )
    if not hasattr(network, "coefs_") and not is_bag(network):
        raise ValueError(f"{path}: this estimator is not fitted")
    network.set_params(n_threads=n_threads)
    facts = getattr(model, "table_", None)
    return _of_python(path, model, network) if facts is None else _of_table(path, model, facts)


def last_step(model: Any) -> Any:
    """Return a pipeline's last step, or the estimator itself."""
    return model.steps[-1][1] if hasattr(model, "steps") else model


def _of_table(path: str, model: Any, facts: dict[str, Any]) -> LoadedModel:
    """Return what the command line wrote."""
    encoder = model.encoder_ if is_bag(model) else model.steps[0][1]
    if not hasattr(encoder, "n_features_in_"):
        raise ValueError(f"{path}: this encoder is not fitted")
    columns, labels = dict(facts["columns"]), [*facts["labels"]]
    plain = facts["task"], facts["target"], labels, Format(**facts["format"]), facts["missing"]
    return LoadedModel(path, model, columns, *plain, encoder)


def _of_python(path: str, model: Any, network: Any) -> LoadedModel:
    """Return an estimator, or a pipeline that ends in one, as Python saved it."""
    steps = [step for _, step in getattr(model, "steps", [("", model)])]
    first = next(step for step in steps if hasattr(step, "n_features_in_"))
    if not hasattr(first, "feature_names_in_"):
        raise ValueError(
            f"{path}: this estimator was fitted on an array, so that its columns have no names to "
            "be found by: fit it on a DataFrame, or use it from Python"
        )
    columns = _columns(first)
    if len(columns) < first.n_features_in_:
        raise ValueError(
            f"{path}: this estimator was fitted on columns of which some have the same name"
        )
    encoder = _encoder(first)
    missing = "error" if encoder is None else "fill"
    task, labels = _task(network), []
    if task == "classification":
        labels = network.classes_.tolist()
    return LoadedModel(path, model, columns, task, None, labels, Format(), missing, encoder)


def _task(network: Any) -> str:
    is_classifier = hasattr(network, "classes_")
    if is_bag(network):
        return "classification" if is_classifier else "regression"
    if network.n_outputs_ > 1 and not (is_classifier and network.out_activation_ == "softmax"):
        return "several outputs"
    if is_classifier:
        return "classification"
    return "count" if getattr(network, "loss", None) == "poisson" else "regression"


def _encoder(step: Any) -> Any:
    """Return what knows the categories of the columns that a fitted step reads, or None."""
    return step if hasattr(step, "categories_") else getattr(step, "encoder_", None)


def _columns(step: Any) -> dict[str, str]:
    """Return what a fitted step reads, and of which kind it is."""
    names = [str(name) for name in step.feature_names_in_]
    are_categories = getattr(_encoder(step), "is_categorical_", np.zeros(len(names), bool))
    kinds = [CATEGORY if is_category else NUMBER for is_category in are_categories]
    return dict(zip(names, kinds, strict=True))


def _of_old(path: str, model: Any, n_threads: int | None) -> LoadedModel:
    """Return a model of version 0.1."""
    columns = {n: CATEGORY if n in model.categories else NUMBER for n in model.columns}
    labels = [*model.classes]
    task = "classification" if labels else "count" if model.output == "exp" else "regression"
    return LoadedModel(
        path, model, columns, task, model.target, labels, is_old=True, n_threads=n_threads
    )
