"""`TabularShallowNetRegressor`: numbers from tables, with intervals."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from ..._extras.scikit_learn import RegressorMixin, _check_y, r2_score
from ..._native.arrays import Doubles
from ..targets.checks import check_gaps, check_numbers, one_column
from .base import TabularShallowNet
from .given import CheckedTarget, Given, check_given
from .intervals import bounds, check_levels
from .outputs import NumberOutputs


class TabularShallowNetRegressor(RegressorMixin, TabularShallowNet):  # type: ignore[misc]
    """Predict numbers from tables: bags of networks that take these as they are, with intervals.

    Parameters
    ----------
    n_networks, n_hidden, encoding, categorical_features, n_bins, cv, learning_rate_init, \
    max_epochs, batch_size, weight_decay, average, n_threads, random_state, verbose, callbacks, \
    progress
        As of `TabularShallowNetClassifier`.

    Attributes
    ----------
    oob_prediction_ : ndarray of float64, shape (n,)
        Predictions of the rows of `fit` by those networks that left them out.
    oob_score_ : float
        R^2 on rows left out, weighted by `sample_weight`.
    best_epoch_, encoding_weights_, encoder_, networks_, n_features_in_, feature_names_in_
        As of `TabularShallowNetClassifier`.

    See Also
    --------
    TabularShallowNetClassifier : The same for classes, with sets.
    TableEncoder : The rules for columns.

    Notes
    -----
    Trained and mixed as `TabularShallowNetClassifier`, also by joblib's workers. Losses are mean
    squared errors of the standardised target, and roots of them where views are weighted. No
    prediction is beyond the targets of `fit`.

    Examples
    --------
    >>> import numpy as np
    >>> X = np.linspace(-3, 3, 200)[:, None]
    >>> y = np.sin(X[:, 0])
    >>> model = TabularShallowNetRegressor(random_state=0).fit(X, y)
    >>> model.oob_score_ > 0.99
    True
    >>> points, intervals = model.predict_interval(X, confidence_level=0.9)
    >>> intervals.shape
    (200, 2, 1)
    """

    __module__ = "shallownet_native"

    _kind = "table regressor"

    def predict(self, X: Any, return_std: bool = False) -> Any:
        """Predict numbers.

        Parameters
        ----------
        X : DataFrame of pandas or polars, pyarrow.Table, array-like, shape (n, n_features)
            Columns are found by name, if both tables have names.
        return_std : bool, default False
            Return how far a target may be from its prediction, too.

        Returns
        -------
        prediction : ndarray of float64, shape (n,)
            None is beyond the targets of `fit`.
        std : ndarray of float64, shape (n,), if `return_std`
            The root of the networks' variance at the row and the mean squared error of rows left
            out. No interval follows from it: see `predict_interval`.
        """
        values = [part[:, :, 0] for part in self._member_values(*self._known(X))]
        prediction = np.concatenate([part.mean(axis=0) for part in values])
        if not return_std:
            return prediction
        scale = self._outputs.scale  # whose squares neither overflow nor vanish
        spread = np.concatenate([(part / scale).std(axis=0) * scale for part in values])
        return prediction, np.hypot(spread, self._left_out.deviation)

    def predict_interval(self, X: Any, confidence_level: Any = 0.9) -> tuple[Doubles, Doubles]:
        """Predict numbers, and between which bounds they are.

        Parameters
        ----------
        X : DataFrame of pandas or polars, pyarrow.Table, array-like, shape (n, n_features)
        confidence_level : float or array-like of float, default 0.9
            Which part of targets is to lie within, between 0 and 1.

        Returns
        -------
        prediction : ndarray of float64, shape (n,)
        intervals : ndarray of float64, shape (n, 2, n_levels)
            Lower and upper bounds; infinite where there are too few rows for the level.

        Raises
        ------
        ValueError, TypeError
            If a level is no number between 0 and 1.

        Notes
        -----
        CV+ (Barber et al. 2021). Where rows are exchangeable, as many targets as the level says lie
        within, approximately; what theory guarantees is 1 - 2 (1 - level) of them, with few folds
        of n rows up to sqrt(2 / n) less, and that of networks whose epoch is not chosen on the same
        rows. This is a promise on average over rows, not of each.
        """
        levels = check_levels(confidence_level)
        table, order = self._known(X)
        left_out = self._left_out
        scores = left_out.sorted_scores()
        predictions, intervals = [], []
        for part in self._member_values(table, order):
            values = part[:, :, 0]
            means = left_out.means(values).T
            ends = [np.stack(bounds(means, scores, level), axis=1) for level in levels.tolist()]
            predictions.append(values.mean(axis=0))
            intervals.append(np.stack(ends, axis=2))
        return np.concatenate(predictions), np.concatenate(intervals)

    def _target(self, y: Any) -> CheckedTarget:
        check_given(self, y)
        check_numbers(y, "y")
        check_gaps(y, "number")
        y = one_column(_check_y(y, multi_output=True, y_numeric=True, estimator=self))
        if y.ndim > 1:
            raise ValueError(
                f"y must have shape (n,), one number for each row, got {y.shape}: fit a regressor "
                "to each column, as with sklearn.multioutput.MultiOutputRegressor"
            )
        return CheckedTarget(y.astype(np.float64), {}, None)

    def _outputs_of(self, given: Given) -> NumberOutputs:
        weights = given.weights.astype(np.float64)
        return NumberOutputs.of(given.target.y[given.kept], weights / weights.sum())

    def _scored(self, y: Doubles, values: Doubles) -> tuple[Doubles, npt.NDArray[np.int64]]:
        return np.abs(y - values[:, 0]), np.zeros(len(y), np.int64)

    def _judged(self, given: Given, values: Doubles) -> dict[str, Any]:
        prediction, kept = values[:, 0], given.kept
        y = given.target.y[kept]
        unit = float(np.abs(y).max()) or 1.0
        score = r2_score(y / unit, prediction[kept] / unit, sample_weight=given.score_weights)
        return {"oob_prediction_": prediction, "oob_score_": float(score)}
