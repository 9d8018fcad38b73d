"""Fits that go on with a network, and what they cannot go on with: another shape, loss or name."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import shallownet_native as sn
from mlp_pairs import data, pair

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
LOSSES = ("squared_error", "poisson")


def test_estimator_going_on_names_changed_sizes() -> None:
    x, y = data("regression")
    model = pair("regression", warm_start=True, max_iter=2)[0].fit(x, y)
    with pytest.raises(ValueError, match="hidden_layer_sizes"):
        model.set_params(hidden_layer_sizes=(9,)).fit(x, y)
    model.set_params(hidden_layer_sizes=(6,))
    with pytest.raises(ValueError, match=r"output|y"):
        model.fit(x, np.column_stack([y, y]))


@pytest.mark.parametrize("method", ["fit", "partial_fit"])
@pytest.mark.parametrize(("loss", "changed"), [LOSSES, LOSSES[::-1]])
def test_estimator_going_on_refuses_another_loss(method: str, loss: str, changed: str) -> None:
    """The outputs are those of the first fit: exponentials, or not. Nothing would tell."""
    x, y = data("poisson")
    model = pair("regression", loss=loss, warm_start=True, max_iter=2)[0].fit(x, y)
    before = model.predict(x)
    with pytest.raises(ValueError, match=f"loss='{changed}' needs .* fit anew"):
        getattr(model.set_params(loss=changed), method)(x, y)
    assert np.array_equal(model.predict(x), before)
    getattr(model.set_params(loss=loss), method)(x, y)
    assert not np.array_equal(model.predict(x), before)


@pytest.mark.parametrize("sizes", [(), (4,)])
@pytest.mark.parametrize("activation", ["ReLU", None, ["relu"]])
def test_estimator_going_on_names_an_activation_that_does_not_exist(
    sizes: Any, activation: Any
) -> None:
    """scikit-learn does not look at parameters before `predict`, nor do we: this one is needed."""
    x, y = data("binary")
    model = pair("binary", hidden_layer_sizes=sizes, max_iter=2)[0].fit(x, y)
    model.set_params(activation=activation)
    for rows in (x, x[:1]):
        with pytest.raises(ValueError, match="activation must be one of identity"):
            model.predict_proba(rows)
    with pytest.raises(ValueError, match="activation must be one of identity"):
        model.partial_fit(x, y)


def test_estimator_going_on_asks_for_classes_again_after_a_first_call_that_failed() -> None:
    x, y = data("binary")
    for bad in ({"classes": []}, {"classes": ["a", None]}, {"classes": [0.5, 3.7, 7]}):
        model = sn.ShallowNetClassifier()
        with pytest.raises((TypeError, ValueError)):
            model.partial_fit(x, y, **bad)
        with pytest.raises(ValueError, match="classes must be passed on the first call"):
            model.partial_fit(x, y)
        assert model.partial_fit(x, y, classes=[3, 7]).classes_.tolist() == [3, 7]
