"""What the classifier and the regressor share: the way from users' data to a fit and to outputs."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from .._extras.scikit_learn import (
    BaseEstimator,
    CallbackSupportMixin,
    ClassNamePrefixFeaturesOutMixin,
    TransformerMixin,
    _fit_context,
    check_is_fitted,
    validate_data,
)
from .._native.arrays import Floats
from .._native.backend import core, resolve_threads
from .._native.sparse import Rows, check_foreign
from ..network import Parameters, Units
from .ensembles.restarts import starts_of
from .fitting.beginning import prepare
from .fitting.callbacks import listening
from .fitting.coefs import check_stored, in_one_dtype, stored
from .fitting.data import check
from .fitting.fit import Fit
from .fitting.fit_warnings import warn_of_fit
from .fitting.publishing import Draft
from .parameters import STOCHASTIC, check_callbacks, units
from .saving.copies import Copied
from .targets.checks import check_classes, check_gaps, check_labels, one_column
from .targets.rows import explaining

FLOATS = (np.float64, np.float32)


class ShallowNet(
    Copied,
    ClassNamePrefixFeaturesOutMixin,  # type: ignore[misc]  # scikit-learn has no types
    TransformerMixin,  # type: ignore[misc]
    CallbackSupportMixin,  # type: ignore[misc]
    BaseEstimator,  # type: ignore[misc]
):
    """Base of the estimators; not to be used directly."""

    _parameter_constraints: ClassVar[dict[str, Any]]
    _kind: ClassVar[str]  # what records are called
    standardize_target = False  # of classifiers, and of regressors in older pickles
    quantile = 0.5  # the same
    n_restarts = 1  # of older pickles

    @_fit_context(prefer_skip_nested_validation=True)  # type: ignore[untyped-decorator]
    def fit(
        self,
        X: Any,
        y: Any,
        sample_weight: Any = None,
        *,
        X_val: Any = None,
        y_val: Any = None,
        sample_weight_val: Any = None,
    ) -> Any:
        """Fit the network.

        Parameters
        ----------
        X : array-like or sparse matrix (CSR, CSC), shape (n_samples, n_features)
            float32 stays float32; everything else but float64 becomes float64.
        y : array-like, shape (n_samples,) or (n_samples, n_outputs)
            Class labels, or numbers to predict.
        sample_weight : array-like, shape (n_samples,), optional
            How much each row counts, >= 0, not all 0.
        X_val, y_val : optional
            Rows and targets to validate on after each epoch, instead of rows split off from X when
            `early_stopping` is set. In a Pipeline, ``transform_input=["X_val"]`` transforms them.
        sample_weight_val : array-like, shape (n_val,), optional
            How much each row of X_val counts, in loss and score.

        Returns
        -------
        self : estimator

        Raises
        ------
        ValueError
            If a parameter or the data cannot be used.
        DivergenceError
            If training leaves the finite numbers; the estimator keeps the last finite model.
        TrainingInterrupted
            On Ctrl-C; the estimator keeps the model of the last complete epoch. Before the first
            one it stays as it was if it was fitted, and otherwise has the network drawn.
        """
        check_callbacks(self.callbacks)
        draft, run = Draft(self), starts_of(self)
        given = {"X_val": X_val, "y_val": y_val, "sample_weight_val": sample_weight_val}
        checked = check(draft.estimator, X, y, sample_weight, **given)
        n_epochs = self.max_iter * self.n_restarts
        with listening(self, n_epochs, X, y, sample_weight) as listeners:
            run(draft, checked, listeners)
        return self

    def _partial_fit(self, X: Any, y: Any, sample_weight: Any) -> Any:
        callbacks = check_callbacks(self.callbacks)
        draft = Draft(self)
        checked = check(draft.estimator, X, y, sample_weight, is_partial=True)
        prepared = prepare(draft.estimator, checked)
        fit = Fit(draft, prepared, is_partial=True, callbacks=callbacks)
        fit.run()
        warn_of_fit(fit)
        return self

    def _can_fit_partially(self) -> bool:
        if self.solver in STOCHASTIC:
            return True
        raise AttributeError(
            "partial_fit is only available for stochastic optimizers. "
            f"{self.solver} is not stochastic."
        )

    def _check_rows_and_targets(
        self, X: Any, y: Any, *, reset: bool, y_numeric: bool = False
    ) -> tuple[Any, Any]:
        """Return rows (m, n_x) and targets (m,) or (m, several), as scikit-learn's MLP checks."""
        check_foreign(X, "X")
        check_foreign(y, "y")
        check_gaps(y, "number") if y_numeric else check_labels(y)
        with explaining(X):
            X, y = validate_data(
                self,
                X,
                y,
                reset=reset,
                accept_sparse=["csr", "csc"],
                dtype=FLOATS,
                multi_output=True,
                y_numeric=y_numeric,
            )
        if not y_numeric:
            check_classes(y)
        return X, one_column(y)

    def transform(self, X: Any) -> Floats:
        """Return what the hidden units make of each row.

        Parameters
        ----------
        X : array-like or sparse matrix, shape (n_samples, n_features)

        Returns
        -------
        A1 : ndarray, shape (n_samples, n_hidden)
            The activations of the hidden layer.

        Raises
        ------
        ValueError
            If there is no hidden layer.
        """
        parameters, x = self._network_and_rows(X)
        check_stored(self, parameters)
        if not parameters.n_h:
            raise ValueError(
                f"this {type(self).__name__} has no hidden layer to transform by: it was fitted "
                "with hidden_layer_sizes=()"
            )
        A1: Floats = self._in_core(core.forward, parameters, x, None)[1]
        return A1

    @property
    def _n_features_out(self) -> int:
        return stored(self).n_h

    def _outputs(self, X: Any, output: str | None = None) -> Floats:
        """Return A2 (m, n_y), or what another output unit would make of the same logits."""
        A2: Floats
        if type(X) is np.ndarray and X.shape[:1] == (1,):
            parameters = self._network()
            if self._is_plain(X, parameters.dtype):
                hidden, own, slope = self._units(parameters).of_passes
                names = (hidden or "identity", own if output is None else output)
                try:
                    A2 = core.predict_one(parameters, X[0], *names, negative_slope=slope)
                except ValueError:  # something is not finite: it fares as among many rows
                    pass
                else:
                    return A2[None, :]
        A2 = self._of_rows(core.predict, X, output)
        return A2

    def _of_rows(self, function: Any, X: Any, output: str | None = None) -> Any:
        """Return what `core.predict` or `core.classes` makes of rows."""
        parameters = self._network()
        if self._is_plain(X, parameters.dtype):
            answer = self._in_core(function, parameters, X, output, True)
            if answer is not None:
                return answer
        parameters, x = self._network_and_rows(X)
        check_stored(self, parameters)
        return self._in_core(function, parameters, x, output)

    def _in_core(
        self, function: Any, parameters: Parameters, x: Rows, output: str | None, *more: Any
    ) -> Any:
        """Call one of the core's functions of a network and rows."""
        shape = parameters.shape
        hidden, own, slope = self._units(parameters).of_passes
        names = (hidden, own if output is None else output)
        threads = resolve_threads(self.n_threads, shape, len(x))
        return function(parameters.flat, shape, x, *names, slope, threads, *more)

    def _units(self, parameters: Parameters) -> Units:
        return units(self.activation, self.out_activation_, self.negative_slope, parameters.n_h)

    def _network(self) -> Parameters:
        if "coefs_" not in vars(self):  # quicker than scikit-learn's own look
            check_is_fitted(self, "coefs_")
        return stored(self)

    def _network_and_rows(self, X: Any) -> tuple[Parameters, Rows]:
        """Return the fitted network and the checked rows, in one dtype: the wider of both."""
        parameters = self._network()
        if self._is_plain(X, parameters.dtype) and core.all_finite(X):
            return parameters, X
        check_foreign(X, "X")
        with explaining(X):
            X = validate_data(self, X, accept_sparse=["csr", "csc"], reset=False)
            return in_one_dtype(parameters, X)

    def _is_plain(self, X: Any, dtype: Any) -> bool:
        """Tell whether scikit-learn's validation would convert nothing, and only object to NaN."""
        if type(X) is not np.ndarray or X.dtype != dtype or X.ndim != 2:
            return False
        flags, (m, n_x) = X.flags, X.shape
        return (
            flags.c_contiguous
            and flags.aligned
            and n_x == self.n_features_in_
            and m > 0
            and "feature_names_in_" not in vars(self)
        )

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        tags.transformer_tags.preserves_dtype = ["float64", "float32"]
        return tags
