"""The networks that a fit for tables offers as ordinary ones do what its own do."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import shallownet_native as sn
from tabular_data import classifier, fitted, labels_of, numbers_of, regressor, table

VIEWS = ["plain", "piecewise"]


def predictions(model: Any, view: str, X: Any) -> Any:
    """Return what each network makes of rows, (M, n, K), by `sn.forward`."""
    outputs = []
    for network in model.networks_[view]:
        inputs = model.encoder_.transform(X)[:, : network.n_x]
        outputs.append(sn.forward(network, inputs.T).A2.T)
    return np.stack(outputs)


@pytest.mark.parametrize("view", VIEWS)
def test_tabular_networks_predict_numbers(view: str) -> None:
    X = table().assign(constant=3.0)
    model = regressor(encoding=view).fit(X, numbers_of(X))
    found = predictions(model, view, X)[:, :, 0].clip(model._outputs.low, model._outputs.high)
    np.testing.assert_allclose(found.mean(axis=0), model.predict(X), rtol=1e-5)
    assert {len(model.networks_[view])} == {4} and list(model.networks_) == [view]


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("n_classes", [2, 3])
def test_tabular_networks_predict_probabilities(view: str, n_classes: int) -> None:
    X = table()
    y = labels_of(X) if n_classes == 3 else numbers_of(X) > 10
    model = classifier(encoding=view).fit(X, y)
    found = predictions(model, view, X).mean(axis=0)
    wanted = model.predict_proba(X)
    # sums over some 100 inputs, taken in another order
    np.testing.assert_allclose(found, wanted if n_classes == 3 else wanted[:, 1:], atol=1e-5)


def test_tabular_networks_of_nothing_are_constant() -> None:
    X = np.ones((20, 2))
    model = regressor().fit(X, np.arange(20.0))
    [*networks] = model.networks_["plain"]
    assert all(not network.W1.any() and network.n_x == 2 for network in networks)
    np.testing.assert_allclose(predictions(model, "plain", X).mean(axis=0)[0], model.predict(X)[0])


def test_tabular_networks_mix_as_the_views_weights_say() -> None:
    X = table()
    model = fitted("regressor", X)
    low, high = model._outputs.low, model._outputs.high
    parts = {
        view: predictions(model, view, X)[:, :, 0].clip(low, high).mean(axis=0) for view in VIEWS
    }
    mixed = sum(model.encoding_weights_[view] * parts[view] for view in VIEWS)
    np.testing.assert_allclose(mixed, model.predict(X), rtol=1e-5)
