"""`TabularShallowNetClassifier`: classes from tables, with probabilities and sets."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from ..._extras.scikit_learn import ClassifierMixin, StrOptions, _check_y, accuracy_score
from ..parameters import store_arguments
from ..targets.checks import check_classes, check_labels, one_column
from ..targets.class_weight import class_factors
from .base import TabularShallowNet
from .given import CheckedTarget, Given, check_given
from .intervals import check_levels, sets
from .outputs import ClassOutputs, Doubles


class TabularShallowNetClassifier(ClassifierMixin, TabularShallowNet):  # type: ignore[misc]
    """Classify the rows of a table: bags of networks that take it as it is, with honest sets.

    Parameters
    ----------
    n_networks : int or "auto"
        How many networks each view has, at least 2. "auto" is 16 up to 2,048 rows and 8 above, or
        with `cv` one for each fold.
    n_hidden : int, default 256
        Hidden units of each network.
    encoding : {"auto", "plain", "piecewise"}, default "auto"
        Which view of the table networks are given: its columns as they are, these and codes of
        numbers by their bins, or, with "auto", some networks the one and as many others the other,
        weighted by their losses on rows left out.
    categorical_features : "from_dtype", or array-like of str, int or bool, default "from_dtype"
        As of `TableEncoder`.
    n_bins : int or "auto"
        Bins for a column of numbers, at least 4. "auto" is one for 32 rows, 16 at least and 64 at
        most. Fewer where there would be more than 2,048 codes, and none at all beyond 512 columns.
    cv : int, splitter, iterable of splits or None
        Which rows networks leave out: network m never sees fold m, and the rest begins anew. None
        makes as many folds as networks, at random, each class or (with `groups`) group in
        proportion; an int so many. Each row must be left out.
    learning_rate_init : float, default 0.04
        Times the schedule's factor.
    max_epochs : int, default 128
        Training ends earlier where a cycle of the schedule has brought nothing.
    batch_size : int or "auto"
        "auto" is 64 up to 1,024 rows, 128 up to 8,192 and 256 above.
    weight_decay : float or "auto"
        Decoupled, not of biases; "auto" is 0.02 of plain and 0.05 of piecewise networks.
    average : float, default 0.998
        The part of the moving average of weights that a step keeps; 0: the weights themselves.
    class_weight : dict, "balanced" or None
        How much the rows of each class count, times `sample_weight`.
    n_threads : int or None
        None: as many as `get_num_threads` says. The results do not depend on it.
    random_state : int, RandomState or None
        Of first weights, orders and folds.
    verbose : bool or int, default False
        Print the loss on rows left out after each epoch.
    callbacks : callable, or list of callables, or None
        Each is called after every epoch with `view`, `epoch`, `n_epochs`, `left_out_loss` and
        `best_epoch` as attributes of one object; if one returns True, that view's training stops.
    progress : bool, default False
        Show on a terminal, or in a notebook, how far `fit` has come in encoding the columns and in
        training each view, with the loss on rows left out.

    Attributes
    ----------
    classes_ : ndarray, shape (n_classes,)
    oob_decision_function_ : ndarray of float64, shape (n, n_classes)
        The probabilities of the rows of `fit` by those networks that left them out.
    oob_score_ : float
        Accuracy on rows left out, weighted by `sample_weight`.
    best_epoch_ : dict of str to int
        For each view the last epoch of least loss on rows left out, which its networks are of.
    encoding_weights_ : dict of str to float
        How much each view counts.
    encoder_ : TableEncoder
        What has learned the columns. Its `transform` is what the networks see.
    networks_ : dict of str to list of Parameters
        The networks of each view as ordinary ones, all scalings folded in, made when asked for.
        Their inputs are the outputs of `encoder_`; of plain networks those without codes.
    n_features_in_ : int
    feature_names_in_ : ndarray of str, shape (n_features_in_,)
        Where the table has names, all of them strings.

    See Also
    --------
    TabularShallowNetRegressor : The same for numbers, with intervals.
    TableEncoder : The rules for columns.

    Notes
    -----
    The networks of a view are trained together, each on all rows but those of its fold. After each
    epoch the rows left out are judged; all networks are of the one epoch in which these had least
    loss. The prediction is the mean over networks, views weighted by softmax(z), where z minimises
    the loss on rows left out plus ``(0.3 / n) |z|^2``. Losses are log-losses.

    With `joblib.parallel_config` set up, as by ``joblib.parallel_config("dask")``, its workers
    train the networks, with the same bits; networks are then trained up to half as long again.

    Examples
    --------
    >>> import pandas as pd
    >>> rows = 30 * [[150, "round", "orange"], [160, "round", "apple"], [120, "long", "banana"]]
    >>> fruit = pd.DataFrame(rows, columns=["weight", "shape", "name"])
    >>> X, y = fruit[["weight", "shape"]], fruit["name"]
    >>> model = TabularShallowNetClassifier(max_epochs=20, random_state=0).fit(X, y)
    >>> new = pd.DataFrame({"weight": [155, 161], "shape": ["long", None]})
    >>> model.predict(X[:3]).tolist()
    ['orange', 'apple', 'banana']
    >>> model.predict_proba(new).shape
    (2, 3)
    >>> model.oob_score_
    1.0
    """

    __module__ = "shallownet_native"

    _kind = "table classifier"
    _parameter_constraints: ClassVar[dict[str, Any]] = {
        **TabularShallowNet._parameter_constraints,
        "class_weight": [StrOptions({"balanced"}), dict, None],
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
        class_weight: Any = None,
        n_threads: int | None = None,
        random_state: Any = None,
        verbose: Any = False,
        callbacks: Any = None,
        progress: bool = False,
    ) -> None:
        store_arguments(self, locals())

    def predict(self, X: Any) -> npt.NDArray[Any]:
        """Predict classes.

        Parameters
        ----------
        X : DataFrame of pandas or polars, pyarrow.Table, array-like, shape (n, n_features)
            Columns are found by name, if both tables have names.

        Returns
        -------
        ndarray, shape (n,)
            Labels as `fit` was given them.
        """
        probabilities = self.predict_proba(X)
        labels: npt.NDArray[Any] = self.classes_.take(probabilities.argmax(axis=1))
        return labels

    def predict_proba(self, X: Any) -> Doubles:
        """Predict the probability of each class.

        Parameters
        ----------
        X : DataFrame of pandas or polars, pyarrow.Table, array-like, shape (n, n_features)

        Returns
        -------
        ndarray of float64, shape (n, n_classes)
            In the order of `classes_`: the mean over the networks.
        """
        return self._mean_values(*self._known(X))

    def predict_set(
        self, X: Any, confidence_level: Any = 0.9, class_conditional: bool = True
    ) -> tuple[npt.NDArray[Any], npt.NDArray[np.bool_]]:
        """Predict classes, and which others may be right as well.

        Parameters
        ----------
        X : DataFrame of pandas or polars, pyarrow.Table, array-like, shape (n, n_features)
        confidence_level : float or array-like of float, default 0.9
            Of which part of rows the set is to hold the right class, between 0 and 1.
        class_conditional : bool, default True
            Hold that for the rows of each class by itself, and not only for all together.

        Returns
        -------
        labels : ndarray, shape (n,)
        sets : ndarray of bool, shape (n, n_classes, n_levels)
            In the order of `classes_`. A class with too few rows for the level is in every set; a
            row unlike all others may have an empty one.

        Raises
        ------
        ValueError, TypeError
            If a level is no number between 0 and 1.

        Notes
        -----
        CV+ (Romano et al. 2020) by one less the probability of the class. As of
        `TabularShallowNetRegressor.predict_interval`, the promise is approximate, for exchangeable
        rows, and on average over them.
        """
        levels = check_levels(confidence_level)
        table, order = self._known(X)
        chosen, probabilities = [], []
        for part in self._member_values(table, order):
            means = self._left_out.means(part)
            chosen.append(sets(means, self._left_out, levels, class_conditional))
            probabilities.append(part.mean(axis=0))
        places = np.concatenate(probabilities).argmax(axis=1)
        return self.classes_.take(places), np.concatenate(chosen)

    def _target(self, y: Any) -> CheckedTarget:
        check_given(self, y)
        check_labels(y)
        y = _check_y(y, multi_output=True, y_numeric=False, estimator=self)
        check_classes(y, regressor="TabularShallowNetRegressor")
        y = one_column(y)
        if y.ndim > 1:
            raise ValueError(
                f"y must have shape (n,), one label for each row, got {y.shape}: several labels of "
                "a row take a classifier each, as with sklearn.multioutput.MultiOutputClassifier"
            )
        classes, places = np.unique(y, return_inverse=True)
        factors = class_factors(self.class_weight, y, classes)
        return CheckedTarget(places.reshape(-1), {"classes_": classes}, factors)

    def _outputs_of(self, given: Given) -> ClassOutputs:
        return ClassOutputs(len(given.target.attributes["classes_"]))

    def _scored(
        self, y: npt.NDArray[Any], values: Doubles
    ) -> tuple[Doubles, npt.NDArray[np.int64]]:
        return 1 - values[np.arange(len(y)), y], y.astype(np.int64)

    def _judged(self, given: Given, values: Doubles) -> dict[str, Any]:
        y, found = given.target.y[given.kept], values[given.kept].argmax(axis=1)
        score = accuracy_score(y, found, sample_weight=given.score_weights)
        return {"oob_decision_function_": values, "oob_score_": float(score)}
