"""`ShallowNetClassifier`: scikit-learn's MLPClassifier with one hidden layer, trained natively."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from .._extras.scikit_learn import (
    ClassifierMixin,
    LabelBinarizer,
    StrOptions,
    _check_partial_fit_first_call,
    _fit_context,
    available_if,
    unique_labels,
)
from .._native.arrays import Floats
from .._native.backend import core
from .base import ShallowNet
from .evidence import Probabilities
from .parameters import CONSTRAINTS, store_arguments
from .targets import ClassTargets
from .targets import labels as _labels
from .targets.class_weight import class_factors


class ShallowNetClassifier(Probabilities, ClassifierMixin, ShallowNet):  # type: ignore[misc]
    """A classifier with one hidden layer, or none: a drop-in for scikit-learn's MLPClassifier.

    The same `random_state` draws the same network, batches and validation rows as there, so that
    the weights after every epoch are the same but for rounding.

    Parameters
    ----------
    hidden_layer_sizes : int or array-like of one int, default (100,)
        Number of hidden units; () for no hidden layer.
    activation : {"identity", "leaky_relu", "logistic", "mish", "relu", "sigmoid", "silu", "tanh"}
        Of the hidden units, default "relu"; "sigmoid" is "logistic".
    solver : {"adam", "gd", "lbfgs", "lm", "sgd"}
        Default "adam". "sgd" has momentum; "gd" is plain descent that takes all rows at every step.
        "lm" is Levenberg and Marquardt's, of second order, for at most 2,000 weights and biases.
    alpha : float or "evidence", default 0.0001
        Penalty alpha/2 times the sum of the squared weights, divided by the weight of the batch.
        For lm 0.0001 is little. "evidence", with lm, finds one for each layer from the data.
    batch_size : int, default "auto"
        Of adam and sgd; "auto" is min(200, n_samples).
    learning_rate : {"constant", "invscaling", "adaptive"}
        Schedule of sgd and gd: "invscaling" divides the rate by (samples seen + 1)^power_t,
        "adaptive" by 5 whenever nothing improves, down to 1e-6.
    learning_rate_init : float, default 0.001
        The rate at the beginning; not for lbfgs and lm.
    power_t : float, default 0.5
        Of "invscaling".
    max_iter : int, default 200
        Epochs, or iterations of lbfgs and lm.
    shuffle : bool, default True
        Take the rows of each epoch of adam and sgd in a new order.
    random_state : int, RandomState or None
        Source of network, validation rows and orders.
    tol : float, default 1e-4
        What counts as improvement, of loss or score; with lbfgs and lm, the largest gradient.
    verbose : bool, default False
        Print a line per epoch, with every solver.
    warm_start : bool, default False
        Begin `fit` with the network of the last one.
    momentum, nesterovs_momentum, beta_1, beta_2, epsilon
        Of sgd (0.9, True); of adam (0.9, 0.999, 1e-8).
    early_stopping : bool, default False
        Stop when the score on rows that are not learned from does not improve any more, and keep
        the weights that had the best; with every solver.
    validation_fraction : float, default 0.1
        Of the rows that early stopping validates on, unless `fit` is given X_val and y_val.
    n_iter_no_change : int or inf, default 10
        Stop after more epochs than this without improvement.
    max_fun : int, default 15000
        Evaluations that lbfgs may take, or linear systems that lm may solve.
    negative_slope : float, default 0.01
        Of leaky_relu left of 0.
    class_weight : dict, list of dict, "balanced" or None
        Weights of the classes, multiplied with `sample_weight`; what is not named weighs 1.
    scoring : str, callable or None
        What early stopping goes by: as elsewhere in scikit-learn, or "loss". None: accuracy.
    callbacks : callable, list of callables or None
        Each called with an `EpochState` after every epoch; one that returns True ends the fit.
    progress : bool, default False
        Show on a terminal, or in a notebook, how far it has come, with cost and rate; of several
        networks how many have ended, and the least cost.
    standardize : bool, default False
        Train on inputs scaled to mean 0 and variance 1 (sparse ones are only divided), and fold
        that scaling into the first layer's weights. Learned by the first fit or partial_fit.
    stratify_validation : bool or None
        Keep the classes in proportion when rows are split off. None: of two classes only.
    n_threads : int or None
        None: see `set_num_threads`. The result does not depend on it.
    checkpoint, checkpoint_every
        File to keep the fit's state in, every 10 (or so many) epochs and at its end, and to go on
        from if it is there; `random_state` must be an int. Not for partial_fit.
    n_restarts : int, default 1
        Fit so many times, from other starts, and keep the best: by evidence, else the best
        validation score, else the loss. A callback's True ends one of them, not all.

    Attributes
    ----------
    classes_ : ndarray
        The labels, sorted.
    coefs_, intercepts_ : list of ndarray
        Weights (inputs, units) and biases (units,) of each layer.
    loss_, best_loss_, loss_curve_
        The last epoch's loss, the lowest (None with early stopping), and all.
    validation_scores_, best_validation_score_, validation_loss_curve_
        Scores after each epoch, the best, and losses; None where there is no such thing.
    n_iter_, t_ : int
        Epochs of the last fit; rows seen in all.
    n_solves_ : int
        With lm: linear systems solved.
    alpha_, n_effective_parameters_, log_evidence_ : ndarray of shape (2,), float, float
        With alpha="evidence": that of each layer, and how much the data determine.
    restart_seeds_, restart_scores_, best_restart_
        Of several starts: the `random_state` of all but the first, what each is judged by (more is
        better: minus a loss), and which is kept, counted from 0.
    n_features_in_, feature_names_in_, n_layers_, n_outputs_, out_activation_
        As everywhere in scikit-learn, and as in MLPClassifier.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> X, y = load_iris(return_X_y=True)
    >>> model = ShallowNetClassifier((10,), solver="lbfgs", standardize=True, random_state=0)
    >>> model.fit(X, y).score(X, y) > 0.97
    True
    >>> model.predict(X[:3])
    array([0, 0, 0])
    """

    __module__ = "shallownet_native"

    _parameter_constraints: ClassVar[dict[str, Any]] = {
        **CONSTRAINTS,
        "class_weight": [dict, list, StrOptions({"balanced"}), None],
        "stratify_validation": ["boolean", None],
    }
    _kind = "classifier"
    loss = "log_loss"

    def __init__(
        self,
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
        class_weight: Any = None,
        scoring: Any = None,
        callbacks: Any = None,
        progress: bool = False,
        standardize: bool = False,
        stratify_validation: bool | None = None,
        n_threads: int | None = None,
        checkpoint: Any = None,
        checkpoint_every: int = 10,
        n_restarts: int = 1,
    ) -> None:
        store_arguments(self, locals())

    def predict(self, X: Any) -> Any:
        """Predict labels.

        Parameters
        ----------
        X : array-like or sparse matrix, shape (n_samples, n_features)

        Returns
        -------
        ndarray, shape (n_samples,) or (n_samples, n_labels)
            Of the dtype of `classes_`; 0 or 1 for each of several labels, sparse if they came so.
        """
        self._network()  # that it is fitted
        if self.out_activation_ == "logistic" and self.n_outputs_ > 1:
            return self._label_binarizer.inverse_transform(self._outputs(X))
        if getattr(X, "shape", ())[:1] == (1,):  # one row has a faster way
            return _labels.decide(self._outputs(X), self.classes_, self.out_activation_)
        # if there is but one class, always that
        return self.classes_.take(self._of_rows(core.classes, X), mode="clip")

    def predict_log_proba(self, X: Any) -> Floats:
        """Predict the logarithm of each probability, finite even where that is rounded to 0.

        Parameters
        ----------
        X : array-like or sparse matrix, shape (n_samples, n_features)

        Returns
        -------
        ndarray, shape (n_samples, n_classes)
        """
        Z2 = self._outputs(X, "identity")
        return _labels.log_probabilities(Z2, len(self.classes_), self.out_activation_)

    def decision_function(self, X: Any) -> Floats:
        """Return the logits: what sigmoid or softmax make probabilities of.

        Parameters
        ----------
        X : array-like or sparse matrix, shape (n_samples, n_features)

        Returns
        -------
        ndarray, shape (n_samples,) for two classes or one, else (n_samples, n_classes)
        """
        Z2 = self._outputs(X, "identity")
        return Z2[:, 0] if self.n_outputs_ == 1 else Z2

    @available_if(ShallowNet._can_fit_partially)  # type: ignore[untyped-decorator]
    @_fit_context(prefer_skip_nested_validation=True)  # type: ignore[untyped-decorator]
    def partial_fit(self, X: Any, y: Any, sample_weight: Any = None, classes: Any = None) -> Any:
        """Go on by one epoch over the given rows. Not with solvers "lbfgs" and "lm".

        Parameters
        ----------
        X, y, sample_weight
            As in `fit`.
        classes : array-like, shape (n_classes,)
            All labels that will ever come: needed at the first call, and then may be left out.

        Returns
        -------
        self : ShallowNetClassifier

        Raises
        ------
        ValueError
            As in `fit`; if `early_stopping` is set or class_weight is "balanced".
        """
        _labels.check_not_balanced(self.class_weight)
        coder: Any = None if hasattr(self, "classes_") else _labels.first_binarizer(y, classes)
        if _check_partial_fit_first_call(self, classes):
            self._label_binarizer = coder
        return self._partial_fit(X, y, sample_weight)

    def _validate_input(
        self, X: Any, y: Any, *, is_partial: bool, reset: bool
    ) -> tuple[Any, npt.NDArray[np.bool_], Floats | None]:
        """Return checked rows, coded labels (m, n_y), and what class_weight makes of them."""
        X, y = self._check_rows_and_targets(X, y, reset=reset)
        if not hasattr(self, "classes_") or not (self.warm_start or is_partial):
            self._label_binarizer = LabelBinarizer().fit(y)
            self.classes_ = self._label_binarizer.classes_
        else:
            _labels.check_same_classes(unique_labels(y), self.classes_, self.warm_start)
        return X, self._targets.code(y), class_factors(self.class_weight, y, self.classes_)

    def _validate_held_out(self, X_val: Any, y_val: Any) -> tuple[Any, npt.NDArray[np.bool_]]:
        X, y = self._check_rows_and_targets(X_val, y_val, reset=False)
        _labels.check_known_classes(unique_labels(y), self.classes_)
        return X, self._targets.code(y)

    @property
    def _targets(self) -> ClassTargets:
        return ClassTargets(self._label_binarizer, self.stratify_validation)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_label = True
        return tags
