"""What the posterior of the parameters says of predictions: moderated probabilities, deviations.

A fit with alpha="evidence" leaves it: the covariance of the parameters. To first order the logits
of an example are then normally distributed around those of the network.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from .._native.arrays import Floats
from .._native.backend import resolve_threads
from .._native.sparse import SparseRows
from ..network import logit_covariance
from .targets import labels
from .targets.labels import Doubles


class Probabilities:
    """The probabilities of a classifier."""

    def predict_proba(self: Any, X: Any, moderated: bool = False) -> Floats:
        """Predict the probability of each class, or of each label.

        Parameters
        ----------
        X : array-like or sparse matrix, shape (n_samples, n_features)
        moderated : bool, default False
            Average over the networks that the data leave open, not only the likeliest: where
            there were few rows like this one, probabilities are less extreme. For fits with
            ``alpha="evidence"``. `predict` goes by the likeliest network.

        Returns
        -------
        ndarray, shape (n_samples, n_classes)
            In the order of `classes_`.

        Raises
        ------
        ValueError
            If they are to be moderated, and the fit was without evidence.

        Notes
        -----
        With the variance v of a logit z: sigmoid(z / sqrt(1 + pi v / 8)) (MacKay 1992). Of several
        classes the difference of each two logits is moderated so (Lu, Ie and Sha 2020): t_kl;
        class k has 1 / (1 + sum_l exp(-t_kl)), divided by the sum over classes.
        """
        if not moderated:
            return labels.probabilities(self._outputs(X), len(self.classes_))
        Z2, spread = logits_and_covariance(self, X, "moderated=True")
        if self.out_activation_ == "softmax":
            A2 = labels.softmax(moderate_classes(Z2, spread))
        else:
            A2 = labels.sigmoid(moderate(Z2, np.diagonal(spread, axis1=1, axis2=2)))
        return labels.probabilities(A2.astype(self._network().dtype), len(self.classes_))


def deviations(estimator: Any, X: Any) -> Doubles:
    """Return the standard deviation of each prediction (m, n_y), the targets' noise included."""
    Z2, spread = logits_and_covariance(estimator, X, "return_std=True")
    variance = np.diagonal(spread, axis1=1, axis2=2)
    if estimator.out_activation_ == "exp":
        mean = np.exp(Z2)
        variance = mean + mean * mean * variance
    else:
        variance = variance + estimator.noise_variance_
    found: Doubles = np.sqrt(variance)
    return found


def logits_and_covariance(estimator: Any, X: Any, what: str) -> tuple[Doubles, Doubles]:
    """Return the logits (m, n_y) of rows, and their covariance (m, n_y, n_y), in float64."""
    parameters, x = estimator._network_and_rows(X)
    covariance = vars(estimator).get("covariance_")
    p = parameters.flat.size
    if covariance is None or covariance.shape != (p, p):
        raise ValueError(
            f"{what} needs to know how sure the parameters are: fit with solver='lm', "
            "alpha='evidence'"
        )
    rows = np.asarray(x.csr.toarray() if isinstance(x, SparseRows) else x, np.float64)
    theta, shape = parameters.flat.astype(np.float64), parameters.shape
    units = estimator._units(parameters)
    n_threads = resolve_threads(estimator.n_threads, shape, len(rows))
    spread = logit_covariance(theta, shape, rows, units, covariance, n_threads)
    return estimator._outputs(X, "identity").astype(np.float64), spread


def moderate(Z2: Doubles, variance: Doubles) -> Doubles:
    """Return logits drawn to 0, the more the less sure they are."""
    return Z2 / np.sqrt(1 + math.pi / 8 * variance)


def moderate_classes(Z2: Doubles, spread: Doubles) -> Doubles:
    """Return logits (m, n_y) of softmax whose differences, which alone count, are moderated."""
    variance = np.diagonal(spread, axis1=1, axis2=2)
    of_difference = variance[:, :, None] + variance[:, None, :] - 2 * spread
    behind = -moderate(Z2[:, :, None] - Z2[:, None, :], np.maximum(of_difference, 0))
    most = behind.max(axis=2)  # 0 at least: of k and k itself
    moderated: Doubles = -most - np.log(np.exp(behind - most[:, :, None]).sum(axis=2))
    return moderated
