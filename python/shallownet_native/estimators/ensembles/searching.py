"""What the estimators that search have in common: a grid, its search, and the fit of the best."""

from __future__ import annotations

import copy
import math
import time
from collections.abc import Sequence
from numbers import Integral, Real
from typing import Any, ClassVar

import numpy as np

from ..._extras.scikit_learn import (
    ParameterGrid,
    _fit_context,
    available_if,
    check_is_fitted,
    check_scoring,
    indexable,
    is_classifier,
)
from ..._messages.caller import warn_caller
from ..._messages.wording import quoted
from ..._native.signals import INTERRUPTS, Doors, finish_whole
from ...files import Record
from ...training import EVIDENCE, DivergenceError
from ..base import ShallowNet
from ..fitting.callbacks import Listeners, listening
from ..fitting.data import Checked, check, check_evidence
from ..fitting.held_out import takes_weights
from ..fitting.publishing import Draft
from ..parameters import CONSTRAINTS, Settings, check_callbacks, check_hidden_size
from .folds import Folds, split
from .restarts import starts_of
from .search import Search, with_point
from .table import cv_results

NOT_HERE = ("alpha", "warm_start", "checkpoint", "checkpoint_every")
OF_SEARCH: dict[str, Any] = {
    "hidden_layer_sizes": "no_validation",  # but ours, which says how to write it
    "alphas": "no_validation",
    "cv": ["cv_object"],
    "validation_scoring": CONSTRAINTS["scoring"],
}
# attributes that say what a search has found, beside those of the model
FOUND = (
    "best_index_", "best_params_", "best_score_", "cv_results_", "hidden_layer_sizes_",
    "n_splits_", "refit_time_", "scorer_",
)  # fmt: skip


class SearchedShallowNet(ShallowNet):
    """The part of an estimator that searches a grid; before the estimator that it fits."""

    _alone: ClassVar[type[ShallowNet]]  # that estimator
    warm_start = False  # which a search has not
    loss: str
    n_splits_: int
    best_params_: dict[str, Any]

    @_fit_context(prefer_skip_nested_validation=True)  # type: ignore[untyped-decorator]
    def fit(self, X: Any, y: Any, sample_weight: Any = None, *, groups: Any = None) -> Any:
        """Search the grid, and fit the best point on all rows.

        Parameters
        ----------
        X : array-like or sparse matrix (CSR, CSC), shape (n_samples, n_features)
        y : array-like, shape (n_samples,) or (n_samples, n_outputs)
        sample_weight : array-like, shape (n_samples,), optional
            How much each row counts, >= 0, in fits and in scores.
        groups : array-like, shape (n_samples,), optional
            For a `cv` that keeps groups together.

        Returns
        -------
        self : estimator

        Raises
        ------
        ValueError
            If the grid, the folds, a parameter or the data cannot be used; if no score is left.
        DivergenceError
            If all fits of the search diverge, or that on all rows does.
        TrainingInterrupted
            On Ctrl-C in the fit on all rows; the estimator keeps its last complete epoch. In the
            search that is a KeyboardInterrupt, and the estimator stays as it was.
        """
        check_callbacks(self.callbacks)
        points = self._points()
        model = self._model(points[0])
        draft = Draft(model)
        X, y, groups = indexable(X, y, groups)
        checked = check(draft.estimator, X, y, sample_weight)
        for point in points:
            check_point(model, point)
        splits = split(self.cv, X, y, groups, is_classifier=is_classifier(self))
        folds = Folds(Settings.of(model), checked, sample_weight, splits)
        scorer = check_scoring(self._model(points[0]), self.scoring)
        # scorers get the user's own numbers, as in scikit-learn's searches, if rows can be taken
        has_rows = isinstance(sample_weight, (list, np.ndarray)) or hasattr(sample_weight, "iloc")
        weights = sample_weight if has_rows and np.ndim(sample_weight) else folds.weights
        if weights is not None and not takes_weights(scorer):
            warn_caller(
                f"scoring={self.scoring!r} takes no sample_weight: scores count all rows alike",
                UserWarning,
            )
            weights = None
        # a scorer of the user's may look for the names of columns
        rows = X if callable(self.scoring) else checked.data.X
        search = Search(draft, points, folds, scorer, rows, y, weights)
        n_epochs = (len(points) * len(splits) + 1) * self.n_restarts * self.max_iter
        with listening(self, n_epochs, X, y, sample_weight, "searching") as listeners:
            scores = search.run(listeners)
            found = {"scorer_": scorer, "n_splits_": len(splits), **findings(points, scores)}
            self._refit(with_point(draft, found["best_params_"]), checked, listeners, found)
        return self

    def _refit(
        self, draft: Draft, checked: Checked, listeners: Listeners, found: dict[str, Any]
    ) -> None:
        """Fit the best point on all rows, and take over what came of it."""
        began = time.perf_counter()
        model = draft.owner
        parameters, run = set(model._get_param_names()), starts_of(model)

        def finish(error: BaseException | None) -> tuple[None, BaseException | None]:
            fitted = {k: v for k, v in vars(model).items() if k not in parameters}
            is_begun = error is None or isinstance(error, DivergenceError) or fitted.get("n_iter_")
            if "coefs_" in fitted and (is_begun or "coefs_" not in vars(self)):
                mine = {k: v for k, v in vars(self).items() if not k.endswith("_")}
                mine.pop("_optimizer", None)  # of an earlier network
                more = {"alpha_": found["best_params_"]["alpha"], **found}
                more["refit_time_"] = time.perf_counter() - began
                self.__dict__ = {**mine, **more, **fitted}
            return None, error

        finish_whole(Doors(INTERRUPTS), lambda: run(draft, checked, listeners), finish)

    def _points(self) -> list[dict[str, Any]]:
        """Return the points of the grid, in scikit-learn's order."""
        sizes, alphas = self.hidden_layer_sizes, self.alphas
        for name, values in (("hidden_layer_sizes", sizes), ("alphas", alphas)):
            is_list = isinstance(values, Sequence) and not isinstance(values, str)
            if not is_list and not getattr(values, "shape", ()):
                raise ValueError(
                    f"{name} must be a list of what to try, such as [{quoted(values)}], got "
                    f"{quoted(values)}"
                )
            if len(values) == 0:
                raise ValueError(f"{name} must be a list of at least one value, got {values!r}")
        return list(ParameterGrid({"alpha": list(alphas), "hidden_layer_sizes": list(sizes)}))

    def _model(self, point: dict[str, Any]) -> Any:
        """Return an estimator that is not fitted, with a point's parameters and ours."""
        names = set(self._alone._get_param_names()) - {"scoring", *NOT_HERE}
        given = {name: getattr(self, name) for name in names}
        if not isinstance(self.random_state, Integral):
            given["random_state"] = copy.deepcopy(self.random_state)
        if given.get("standardize_target", False) is None:
            given["standardize_target"] = self.loss != "poisson"
        return self._alone(**{**given, "scoring": self.validation_scoring, **point})

    @property
    def best_estimator_(self) -> Any:
        """The estimator of the best point, fitted on all rows; a new object each time."""
        check_is_fitted(self, "coefs_")
        model = self._model(self.best_params_)
        left_out = {*self._get_param_names(), *FOUND}
        if self.best_params_["alpha"] != EVIDENCE:
            left_out.add("alpha_")
        for name, value in vars(self).items():
            if name not in left_out:
                setattr(model, name, value)
        return model

    def to_record(self) -> Record:
        """Return what a `.snet` file holds of this estimator: its `best_estimator_`."""
        record: Record = self.best_estimator_.to_record()
        return record

    def _can_go_on(self) -> bool:
        raise AttributeError(f"{type(self).__name__} has no partial_fit: best_estimator_ has")

    @available_if(_can_go_on)  # type: ignore[untyped-decorator]
    def partial_fit(self, X: Any, y: Any, sample_weight: Any = None) -> Any:
        """Not there: `best_estimator_` has it."""


def search_constraints(alone: type[ShallowNet]) -> dict[str, Any]:
    """Return which values the parameters of a search may have that fits such estimators."""
    own = alone._parameter_constraints.items()
    return {name: allowed for name, allowed in own if name not in NOT_HERE} | OF_SEARCH


def check_point(model: Any, point: dict[str, Any]) -> None:
    """Refuse a point of the grid that no estimator could be fitted with."""
    alpha = point["alpha"]
    is_real = isinstance(alpha, Real) and not isinstance(alpha, bool)
    if not (is_real and 0 <= float(alpha) < math.inf) and not (
        isinstance(alpha, str) and alpha == EVIDENCE
    ):
        raise ValueError(f"alphas must be numbers >= 0, or {EVIDENCE!r}, got {alpha!r} among them")
    check_hidden_size(point["hidden_layer_sizes"], type(model).__name__)
    settings = Settings.of(model)
    settings.alpha = alpha
    check_evidence(settings)


def findings(points: list[dict[str, Any]], scores: Any) -> dict[str, Any]:
    """Return what a search has found, as attributes."""
    table = cv_results(points, scores)
    best = int(table["rank_test_score"].argmin())
    return {
        "cv_results_": table,
        "best_index_": best,
        "best_params_": points[best],
        "best_score_": table["mean_test_score"][best],
        "hidden_layer_sizes_": points[best]["hidden_layer_sizes"],
    }
