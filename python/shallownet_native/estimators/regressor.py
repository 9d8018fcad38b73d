"""`ShallowNetRegressor`: scikit-learn's MLPRegressor with one hidden layer, trained natively."""

from __future__ import annotations

from numbers import Real
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from .._extras.scikit_learn import Interval, RegressorMixin, StrOptions, _fit_context, available_if
from .base import ShallowNet
from .evidence import deviations
from .parameters import CONSTRAINTS, store_arguments
from .targets import QuantityTargets
from .targets.checks import check_numbers


class ShallowNetRegressor(RegressorMixin, ShallowNet):  # type: ignore[misc]
    """A regressor with one hidden layer, or none: a drop-in for scikit-learn's MLPRegressor.

    The same `random_state` draws the same network, batches and validation rows as there, so that
    the weights after every epoch are the same but for rounding.

    Parameters
    ----------
    loss : {"squared_error", "poisson", "quantile"}
        Half the squared error, of linear outputs (the default), or half the Poisson deviance, of
        outputs that are exponentials, for y >= 0; or the pinball loss, of linear outputs that a
        part `quantile` of the targets lies below. That has kinks, and so no solver "lm".
    hidden_layer_sizes, activation, solver, alpha, batch_size, learning_rate, learning_rate_init, \
    power_t, max_iter, shuffle, random_state, tol, verbose, warm_start, momentum, \
    nesterovs_momentum, early_stopping, validation_fraction, beta_1, beta_2, epsilon, \
    n_iter_no_change, max_fun, negative_slope, callbacks, progress, standardize, n_threads, \
    checkpoint, checkpoint_every, n_restarts
        As of `ShallowNetClassifier`.
    scoring : str, callable or None
        What early stopping goes by: as elsewhere in scikit-learn, or "loss". None: R^2, with
        quantiles D^2, 1 less the share of the best constant's loss (as ``d2_pinball_score``).
    standardize_target : bool, default False
        Train on targets (and those of y_val) scaled to mean 0 and variance 1, each output by
        itself, and fold that scaling into the last layer's weights. Learned by the first fit or
        partial_fit. Losses are then those of scaled targets; scores are the same. Not for counts.
    quantile : float, default 0.5
        Of ``loss="quantile"``, between 0 and 1.

    Attributes
    ----------
    coefs_, intercepts_, loss_, best_loss_, loss_curve_, validation_scores_, \
    best_validation_score_, validation_loss_curve_, n_iter_, t_, n_features_in_, \
    feature_names_in_, n_layers_, n_outputs_, out_activation_, n_solves_, alpha_, \
    n_effective_parameters_, log_evidence_, restart_seeds_, restart_scores_, best_restart_
        As of `ShallowNetClassifier`.

    See Also
    --------
    ShallowNetClassifier

    Notes
    -----
    `loss_` is scikit-learn's: of several outputs the mean of the squared errors, although the
    gradients are those of their sum. `score` is R^2 with every loss, as in scikit-learn.

    Examples
    --------
    >>> import numpy as np
    >>> X = np.linspace(-3, 3, 100).reshape(-1, 1)
    >>> model = ShallowNetRegressor(
    ...     hidden_layer_sizes=10, activation="tanh", solver="lbfgs", random_state=0
    ... )
    >>> model.fit(X, np.sin(X).ravel()).score(X, np.sin(X)) > 0.99
    True
    """

    __module__ = "shallownet_native"

    _parameter_constraints: ClassVar[dict[str, Any]] = {
        **CONSTRAINTS,
        "loss": [StrOptions({"squared_error", "poisson", "quantile"})],
        "standardize_target": ["boolean"],
        "quantile": [Interval(Real, 0, 1, closed="neither")],
    }
    _kind = "regressor"

    def __init__(
        self,
        loss: str = "squared_error",
        hidden_layer_sizes: Any = (100,),
        activation: str = "relu",
        *,
        solver: str = "adam",
        alpha: Any = 0.0001,
        batch_size: Any = "auto",
        learning_rate: str = "constant",
        learning_rate_init: float = 0.001,
        power_t: float = 0.5,
        max_iter: int = 200,
        shuffle: bool = True,
        random_state: Any = None,
        tol: float = 1e-4,
        verbose: Any = False,
        warm_start: bool = False,
        momentum: float = 0.9,
        nesterovs_momentum: bool = True,
        early_stopping: bool = False,
        validation_fraction: float = 0.1,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-8,
        n_iter_no_change: Any = 10,
        max_fun: int = 15000,
        negative_slope: float = 0.01,
        scoring: Any = None,
        callbacks: Any = None,
        progress: bool = False,
        standardize: bool = False,
        n_threads: int | None = None,
        checkpoint: Any = None,
        checkpoint_every: int = 10,
        standardize_target: bool = False,
        n_restarts: int = 1,
        quantile: float = 0.5,
    ) -> None:
        store_arguments(self, locals())

    def _validate_params(self) -> None:
        """Check all parameters, and say what stands first where older versions had another."""
        try:
            super()._validate_params()
        except ValueError as error:
            if not isinstance(self.loss, (int, list, tuple)):
                raise
            raise type(error)(
                f"{error} The first argument is loss, as from scikit-learn 1.7 on: write "
                f"hidden_layer_sizes={self.loss!r}."
            ) from error

    def predict(self, X: Any, return_std: bool = False) -> Any:
        """Predict numbers.

        Parameters
        ----------
        X : array-like or sparse matrix, shape (n_samples, n_features)
        return_std : bool, default False
            Return how far a target may be from its prediction, too: for fits with
            ``alpha="evidence"``.

        Returns
        -------
        prediction : ndarray, shape (n_samples,) or (n_samples, n_outputs)
            Of the dtype of X or of the model, whichever is wider.
        std : ndarray of float64, of the same shape, if `return_std`
            The standard deviation of a target: its noise, and what the data leave open of the
            network.

        Raises
        ------
        ValueError
            If deviations are asked for, and the fit was without evidence.
        """
        A2 = self._outputs(X)
        prediction = A2[:, 0] if A2.shape[1] == 1 else A2
        if not return_std:
            return prediction
        return prediction, deviations(self, X).reshape(prediction.shape)

    @available_if(ShallowNet._can_fit_partially)  # type: ignore[untyped-decorator]
    @_fit_context(prefer_skip_nested_validation=True)  # type: ignore[untyped-decorator]
    def partial_fit(self, X: Any, y: Any, sample_weight: Any = None) -> Any:
        """Go on by one epoch over the given rows. Not with solvers "lbfgs" and "lm".

        Parameters
        ----------
        X, y, sample_weight
            As in `fit`.

        Returns
        -------
        self : ShallowNetRegressor

        Raises
        ------
        ValueError
            As in `fit`; if `early_stopping` is set.
        """
        return self._partial_fit(X, y, sample_weight)

    def _validate_input(
        self, X: Any, y: Any, *, is_partial: bool, reset: bool, argument: str = "y"
    ) -> tuple[Any, npt.NDArray[Any], None]:
        """Return checked rows and numbers (m,) or (m, n_y); there are no weights of classes."""
        check_numbers(y, argument)
        X, y = self._check_rows_and_targets(X, y, reset=reset, y_numeric=True)
        if self.loss == "poisson" and np.any(y < 0):
            raise ValueError(f"{argument} must be >= 0 with loss='poisson', got {np.min(y)}")
        return X, self._targets.code(y), None

    def _validate_held_out(self, X_val: Any, y_val: Any) -> tuple[Any, npt.NDArray[Any]]:
        X, y, _ = self._validate_input(
            X_val, y_val, is_partial=False, reset=False, argument="y_val"
        )
        return X, y

    @property
    def _targets(self) -> QuantityTargets:
        return QuantityTargets(self.loss)
