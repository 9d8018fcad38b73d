"""The logarithms of probabilities, from logits: right and finite, however near to 0 or 1."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy.special import log_expit, log_softmax

import shallownet_native as sn
from shallownet_native.estimators.targets import labels as _labels

SIZES = np.concatenate([np.linspace(0, 50, 2001), np.geomspace(1e-300, 1e300, 2001)])


def logits(dtype: Any) -> Any:
    largest = np.finfo(dtype).max
    sizes = np.sort(np.append(SIZES[SIZES < largest], largest)).astype(dtype)
    return np.concatenate([-sizes[::-1], sizes])[:, np.newaxis]


def test_log_probabilities_of_a_sigmoid_are_log_expit(dtype: Any) -> None:
    Z2 = logits(dtype)
    logarithm = _labels.log_sigmoid(Z2)
    exact = log_expit(Z2.astype(np.float64))
    assert logarithm.dtype == dtype and np.isfinite(logarithm).all()
    # a rounding each of exp, log1p and the sum; where e^-z underflows, of the smallest number
    limit = 4 * np.finfo(dtype).eps * np.abs(exact) + np.finfo(dtype).smallest_normal
    assert (np.abs(logarithm - exact) <= limit).all()
    assert (np.diff(logarithm[:, 0]) >= 0).all()
    assert (logarithm[(Z2 > 37) & (Z2 < 80)] < 0).all()


def test_log_probabilities_of_a_softmax_are_finite(dtype: Any) -> None:
    Z2 = np.hstack((logits(dtype) / 4, np.zeros_like(logits(dtype))))
    logarithm = _labels.log_softmax(Z2)
    exact = log_softmax(Z2.astype(np.float64), axis=1)
    assert logarithm.dtype == dtype and np.isfinite(logarithm).all()
    assert np.allclose(logarithm, exact, rtol=4 * np.finfo(dtype).eps, atol=np.finfo(dtype).eps)


@pytest.mark.parametrize("labels", [2, 3], ids=["two classes", "several labels"])
def test_log_probabilities_of_a_classifier_near_certainty(labels: int) -> None:
    X = np.array([[-1.0], [1.0]] * 10)
    y = (X > 0).astype(int)
    model = sn.ShallowNetClassifier((), solver="lbfgs", random_state=0)
    model.fit(X, y[:, 0] if labels == 2 else np.hstack([y] * 3))
    model.coefs_[0][:] = 30.0
    model.intercepts_[0][:] = 0.0
    got = model.predict_log_proba([[1.0], [2.0], [-25.0]])
    assert np.allclose(
        got[:, -1], [-9.357622968839e-14, -8.75651076269652e-27, -750.0], rtol=1e-12, atol=0
    )
    assert np.isfinite(got).all()
