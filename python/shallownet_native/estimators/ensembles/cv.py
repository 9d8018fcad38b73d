"""The estimators that search: sizes of the hidden layer and penalties, over folds."""

from __future__ import annotations

from typing import Any, ClassVar

from ..classifier import ShallowNetClassifier
from ..parameters import store_arguments
from ..regressor import ShallowNetRegressor
from .searching import SearchedShallowNet, search_constraints


class ShallowNetClassifierCV(SearchedShallowNet, ShallowNetClassifier):
    """A `ShallowNetClassifier` whose hidden layer and penalty are chosen by cross-validation.

    All points of the grid are fitted on all folds side by side, one network on each thread, and the
    best on all rows. Scores and model are those of scikit-learn's GridSearchCV over a
    `ShallowNetClassifier` of the same parameters, to the last bit.

    Parameters
    ----------
    hidden_layer_sizes : list of int or of tuple of one int, default ((8,), (32,), (128,))
        The numbers of hidden units to try; () is no hidden layer.
    alphas : list of float, default (0.001, 0.1, 1.0, 10.0)
        The penalties to try. With solver "lm" there may be "evidence" among them.
    cv : int, splitter or iterable, default 5
        The folds, as everywhere in scikit-learn: of a number they are stratified.
    scoring : str, callable or None
        What points are compared by. None: accuracy.
    validation_scoring : str, callable or None
        What early stopping goes by: the `scoring` of a `ShallowNetClassifier`.
    standardize : bool, default True
        Each fit learns its own scaling, from the rows that it learns from.
    activation, solver, batch_size, learning_rate, learning_rate_init, power_t, max_iter, \
    shuffle, random_state, tol, verbose, momentum, nesterovs_momentum, early_stopping, \
    validation_fraction, beta_1, beta_2, epsilon, n_iter_no_change, max_fun, negative_slope, \
    class_weight, callbacks, progress, stratify_validation, n_threads, n_restarts
        As of `ShallowNetClassifier`. Callbacks see the epochs of all fits. Without a
        `random_state` each fit has a seed of its own.

    Attributes
    ----------
    hidden_layer_sizes_, alpha_
        The best size and penalty. With "evidence", `alpha_` is what was found.
    best_params_, best_index_, best_score_
        The best point, its place in the grid and its mean score.
    best_estimator_ : ShallowNetClassifier
        What was fitted on all rows, made anew each time it is asked for. `save` writes it.
    cv_results_ : dict
        As of GridSearchCV, without times: all fits run at once.
    n_splits_, scorer_, refit_time_
        As of GridSearchCV.
    coefs_, intercepts_, classes_, loss_curve_ and all others
        As of `ShallowNetClassifier`: those of the fit on all rows.

    See Also
    --------
    ShallowNetClassifier

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> X, y = load_iris(return_X_y=True)
    >>> model = ShallowNetClassifierCV([4, 16], alphas=[0.1, 1.0], solver="lbfgs", random_state=0)
    >>> bool(model.fit(X, y).best_score_ > 0.95)
    True
    >>> sorted(model.best_params_)
    ['alpha', 'hidden_layer_sizes']
    """

    __module__ = "shallownet_native"

    _parameter_constraints: ClassVar[dict[str, Any]] = search_constraints(ShallowNetClassifier)
    _alone = ShallowNetClassifier

    def __init__(
        self,
        hidden_layer_sizes: Any = ((8,), (32,), (128,)),
        activation: str = "relu",
        *,
        solver: str = "adam",
        alphas: Any = (0.001, 0.1, 1.0, 10.0),
        cv: Any = 5,
        batch_size: Any = "auto",
        learning_rate: str = "constant",
        learning_rate_init: float = 0.001,
        power_t: float = 0.5,
        max_iter: int = 200,
        shuffle: bool = True,
        random_state: Any = None,
        tol: float = 1e-4,
        verbose: Any = False,
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
        class_weight: Any = None,
        scoring: Any = None,
        validation_scoring: Any = None,
        callbacks: Any = None,
        progress: bool = False,
        standardize: bool = True,
        stratify_validation: bool | None = None,
        n_threads: int | None = None,
        n_restarts: int = 1,
    ) -> None:
        store_arguments(self, locals())


class ShallowNetRegressorCV(SearchedShallowNet, ShallowNetRegressor):
    """A `ShallowNetRegressor` whose hidden layer and penalty are chosen by cross-validation.

    All points of the grid are fitted on all folds side by side, one network on each thread, and the
    best on all rows. Scores and model are those of scikit-learn's GridSearchCV over a
    `ShallowNetRegressor` of the same parameters, to the last bit.

    Parameters
    ----------
    loss : {"squared_error", "poisson", "quantile"}
        As of `ShallowNetRegressor`.
    hidden_layer_sizes, alphas, cv, validation_scoring, standardize
        As of `ShallowNetClassifierCV`; folds of a number are of rows as they come.
    scoring : str, callable or None
        What points are compared by. None: R^2.
    standardize_target : bool or None
        Train on targets of mean 0 and variance 1. None, the default: but with loss "poisson".
    activation, solver, batch_size, learning_rate, learning_rate_init, power_t, max_iter, \
    shuffle, random_state, tol, verbose, momentum, nesterovs_momentum, early_stopping, \
    validation_fraction, beta_1, beta_2, epsilon, n_iter_no_change, max_fun, negative_slope, \
    callbacks, progress, n_threads, n_restarts, quantile
        As of `ShallowNetRegressor`.

    Attributes
    ----------
    hidden_layer_sizes_, alpha_, best_params_, best_index_, best_score_, best_estimator_, \
    cv_results_, n_splits_, scorer_, refit_time_
        As of `ShallowNetClassifierCV`.
    coefs_, intercepts_, loss_curve_ and all others
        As of `ShallowNetRegressor`: those of the fit on all rows.

    See Also
    --------
    ShallowNetRegressor

    Examples
    --------
    >>> from sklearn.datasets import load_diabetes
    >>> X, y = load_diabetes(return_X_y=True)
    >>> model = ShallowNetRegressorCV(
    ...     hidden_layer_sizes=[2, 8], alphas=[1.0, 100.0], solver="lbfgs", random_state=0
    ... )
    >>> bool(model.fit(X, y).best_score_ > 0.4)
    True
    """

    __module__ = "shallownet_native"

    _parameter_constraints: ClassVar[dict[str, Any]] = {
        **search_constraints(ShallowNetRegressor),
        "standardize_target": ["boolean", None],
    }
    _alone = ShallowNetRegressor

    def __init__(
        self,
        loss: str = "squared_error",
        hidden_layer_sizes: Any = ((8,), (32,), (128,)),
        activation: str = "relu",
        *,
        solver: str = "adam",
        alphas: Any = (0.001, 0.1, 1.0, 10.0),
        cv: Any = 5,
        batch_size: Any = "auto",
        learning_rate: str = "constant",
        learning_rate_init: float = 0.001,
        power_t: float = 0.5,
        max_iter: int = 200,
        shuffle: bool = True,
        random_state: Any = None,
        tol: float = 1e-4,
        verbose: Any = False,
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
        validation_scoring: Any = None,
        callbacks: Any = None,
        progress: bool = False,
        standardize: bool = True,
        n_threads: int | None = None,
        standardize_target: bool | None = None,
        n_restarts: int = 1,
        quantile: float = 0.5,
    ) -> None:
        store_arguments(self, locals())
