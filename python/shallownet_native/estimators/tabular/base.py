"""What both estimators for tables share: the way from users' data to a fit, and to predictions."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from functools import partial
from numbers import Integral, Real
from typing import Any, ClassVar

import numpy as np

from ..._extras.progress import progress as progress_bar
from ..._extras.scikit_learn import (
    BaseEstimator,
    Interval,
    StrOptions,
    _fit_context,
    check_is_fitted,
)
from ..._native.backend import allowed_threads, core
from ...files import Record
from ...network import Parameters
from ...tables.encoding import (
    Lookups,
    NamedColumns,
    columns_known,
    columns_shown,
    fit_encoder,
    look_up,
    some_rows,
)
from ..ensembles.spreading import n_workers
from ..parameters import COUNT, NOT_NEGATIVE, POSITIVE, check_callbacks, store_arguments
from .bags import (
    HIDDEN,
    VIEWS,
    Afar,
    BestEpoch,
    Here,
    ViewProblem,
    listen,
    options_of,
    train,
    warn_of_divergence,
)
from .given import Given, check
from .intervals import LeftOut, patterns_of, root_mean_square
from .mixing import left_out_values, mixed, view_weights
from .outputs import Doubles, Outputs
from .saving import networks, pack, unpack

LABELS = {"plain": "training", "piecewise": "training with codes"}
VALUES_AT_ONCE = 2**21  # of all networks, in predictions
FITTED = (
    "encoder_", "n_features_in_", "feature_names_in_", "classes_", "best_epoch_",
    "encoding_weights_", "oob_score_", "oob_prediction_", "oob_decision_function_", "_members",
    "_outputs", "_left_out", "_n_hidden", "table_",
)  # fmt: skip


class TabularShallowNet(BaseEstimator):  # type: ignore[misc]  # scikit-learn has no types
    """Base of the estimators, which add `_target`, `_outputs_of`, `_scored` and `_judged`."""

    _kind: ClassVar[str]  # what records are called
    _parameter_constraints: ClassVar[dict[str, Any]] = {
        "n_networks": [StrOptions({"auto"}), Interval(Integral, 2, None, closed="left")],
        "n_hidden": [COUNT],
        "encoding": [StrOptions({"auto", *VIEWS})],
        "categorical_features": [StrOptions({"from_dtype"}), "array-like"],
        "n_bins": [StrOptions({"auto"}), Interval(Integral, 4, None, closed="left")],
        "cv": ["cv_object"],
        "learning_rate_init": POSITIVE,
        "max_epochs": [COUNT],
        "batch_size": [StrOptions({"auto"}), COUNT],
        "weight_decay": [StrOptions({"auto"}), *NOT_NEGATIVE],
        "average": [Interval(Real, 0, 1, closed="left")],
        "n_threads": [COUNT, None],
        "random_state": ["random_state"],
        "verbose": ["verbose"],
        "callbacks": [callable, list, tuple, None],
        "progress": ["boolean"],
    }

    def __init__(
        self,
        n_networks: Any = "auto",
        *,
        n_hidden: int = 256,
        encoding: str = "auto",
        categorical_features: Any = "from_dtype",
        n_bins: Any = "auto",
        cv: Any = None,
        learning_rate_init: float = 0.04,
        max_epochs: int = 128,
        batch_size: Any = "auto",
        weight_decay: Any = "auto",
        average: float = 0.998,
        n_threads: int | None = None,
        random_state: Any = None,
        verbose: Any = False,
        callbacks: Any = None,
        progress: bool = False,
    ) -> None:
        store_arguments(self, locals())

    @_fit_context(prefer_skip_nested_validation=True)  # type: ignore[untyped-decorator]
    def fit(self, X: Any, y: Any, sample_weight: Any = None, groups: Any = None) -> Any:
        """Fit the networks.

        Parameters
        ----------
        X : DataFrame of pandas or polars, pyarrow.Table, array-like, shape (n, n_features)
            Numbers and categories as they are; missing are None, NaN, pandas.NA and blank texts.
        y : array-like, shape (n,)
            Class labels, or numbers to predict.
        sample_weight : array-like, shape (n,), optional
            How much each row counts, >= 0. Rows of weight 0 are as if they were not there.
        groups : array-like, shape (n,), optional
            Rows of one group are left out together.

        Returns
        -------
        self : estimator

        Raises
        ------
        ValueError
            If a parameter or the data cannot be used.
        TypeError
            If X is sparse, or a column holds dates, or objects that are no text and no number.
        DivergenceError
            If training leaves the finite numbers before its first epoch ends.

        Notes
        -----
        After an error or Ctrl-C the estimator is as it was.
        """
        callbacks = check_callbacks(self.callbacks)
        given = check(self, X, y, sample_weight, groups)
        attributes = self._learned(given, callbacks)
        others = {name: value for name, value in vars(self).items() if name not in FITTED}
        self.__dict__ = {**others, **attributes}
        return self

    def _learned(self, given: Given, callbacks: list[Any]) -> dict[str, Any]:
        """Return the fitted attributes."""
        table, kept = given.table, given.kept
        is_whole = len(kept) == table.n_rows
        rows = table if is_whole else some_rows(table, kept)
        n_bins = None if self.encoding == "plain" else self.n_bins
        with columns_shown(self.progress):
            encoder = fit_encoder(rows, self.categorical_features, n_bins)
            lookups = look_up(encoder, rows, range(table.n_columns))
        outputs = self._outputs_of(given)
        best = self._trained(given, lookups, outputs, callbacks)
        y, weights = given.target.y[kept], given.weights.astype(np.float64)
        weights /= weights.sum()
        parts = np.stack(
            [left_out_values(one.outputs, given.folds, len(kept), outputs) for one in best.values()]
        )
        shares = view_weights(outputs, parts, y, weights)
        values = mixed(parts, shares)
        scores, places = self._scored(y, values)
        patterns, pattern = patterns_of(given.folds, len(kept))
        deviation = root_mean_square(scores, weights)
        attributes = {
            "encoder_": encoder,
            "n_features_in_": table.n_columns,
            **given.target.attributes,
            "best_epoch_": {view: one.epoch for view, one in best.items()},
            "encoding_weights_": dict(zip(best, shares.tolist(), strict=True)),
            "_members": {view: one.parameters for view, one in best.items()},
            "_outputs": outputs,
            "_left_out": LeftOut(patterns, pattern, scores, places, deviation),
            "_n_hidden": int(self.n_hidden),
        }
        if table.names is not None:
            attributes["feature_names_in_"] = np.array(table.names, object)
        of_all = values
        if not is_whole:  # no network has seen the others: all leave them out
            twin = copy.copy(self)
            twin.__dict__ |= attributes
            of_all = twin._mean_values(table, range(table.n_columns))
            of_all[kept] = values
        return {**attributes, **self._judged(given, of_all)}

    def _trained(
        self, given: Given, lookups: Lookups, outputs: Outputs, callbacks: list[Any]
    ) -> dict[str, BestEpoch]:
        """Return the best networks of each view."""
        views = VIEWS if self.encoding == "auto" else (self.encoding,)
        if self.encoding == "auto" and not lookups.has_codes:
            views = ("plain",)
        y = outputs.code(given.target.y[given.kept])
        is_watched = bool(self.verbose or callbacks)
        n_afar = 1 if is_watched else n_workers(len(given.folds))
        best = {}
        for view in views:
            inputs = lookups if view == "piecewise" else lookups.without_codes()
            options = options_of(self, view, outputs, len(given.kept))
            problem = ViewProblem(
                inputs, y, given.weights, int(self.n_hidden), options, self.n_threads
            )
            seeds = [
                np.random.SeedSequence(given.seeds[1:].tolist(), spawn_key=(VIEWS.index(view), m))
                for m in range(len(given.folds))
            ]
            crew = (Here if n_afar == 1 else partial(Afar, n_workers=n_afar))(
                problem, given.folds, seeds
            )
            n_epochs, is_shown = int(self.max_epochs), self.progress and n_afar == 1
            with progress_bar(n_epochs, LABELS[view], is_shown=is_shown) as advance:
                is_seen = is_watched or advance is not None
                look = partial(listen, view, self, callbacks, advance) if is_seen else None
                best[view], is_diverged = train(crew, n_epochs, look)
            if is_diverged:
                warn_of_divergence(view, best[view])
        return best

    def _known(self, X: Any) -> tuple[NamedColumns, list[int]]:
        """Return a table to predict, and where it has each column of the one fitted to."""
        check_is_fitted(self, "encoder_")
        return columns_known(X, self, self.encoder_.ignored_features_)

    def _member_values(self, table: NamedColumns, order: Any) -> Iterator[Doubles]:
        """Yield what each network, its views mixed, makes of some rows: (M, rows, n_values)."""
        lookups = look_up(self.encoder_, table, order)
        outputs, shares = self._outputs, np.array(list(self.encoding_weights_.values()))
        n_members = len(self._left_out.patterns.T)
        width = max(outputs.n_outputs, 2) * n_members
        at_once = max(64, VALUES_AT_ONCE // width)
        sizes = HIDDEN, self._n_hidden, outputs.n_outputs, allowed_threads(self.n_threads)
        for start in range(0, table.n_rows, at_once):
            block = lookups.rows(slice(start, start + at_once))
            parts = []
            for view, members in self._members.items():
                inputs = block if view == "piecewise" else block.without_codes()
                parts.append(outputs.values(core.table_outputs(tuple(inputs), members, *sizes)))
            yield mixed(np.stack(parts), shares)

    def _mean_values(self, table: NamedColumns, order: Any) -> Doubles:
        """Return the mean over the networks of what each makes of the rows, (n, n_values)."""
        return np.concatenate([part.mean(axis=0) for part in self._member_values(table, order)])

    @property
    def networks_(self) -> dict[str, list[Parameters]]:
        """The networks of each view, with all scalings folded in."""
        check_is_fitted(self, "encoder_")
        return networks(self)

    def to_record(self) -> Record:
        """Return what a `.snet` file holds of this estimator; see `save`."""
        return pack(self)

    @classmethod
    def from_record(cls, record: Record) -> Any:
        """Return the estimator that a file holds, or raise ModelFormatError."""
        return unpack(cls, record)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        tags.input_tags.categorical = True
        return tags
