"""What the pictures are compared with: the oracle's outputs; and that errors leave no figure."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import matplotlib

matplotlib.use("Agg")

import numpy as np
import pytest
from matplotlib import pyplot

import shallownet_native as sn
from shallownet_native import reference


@pytest.fixture
def refused() -> Callable[..., str]:
    """A function that returns a call's error, which must be one line and leave no figure."""

    def call(kind: Any, function: Callable[..., Any], *given: Any, **options: Any) -> str:
        before = pyplot.get_fignums()
        with pytest.raises(kind) as caught:
            function(*given, **options)
        assert pyplot.get_fignums() == before
        message = str(caught.value)
        assert "\n" not in message
        return message

    return call


@pytest.fixture
def render() -> Callable[[Any], Any]:
    """A function that draws Axes' figure and returns its pixels (height, width, 3)."""

    def pixels(ax: Any) -> Any:
        ax.figure.canvas.draw()
        return np.asarray(ax.figure.canvas.buffer_rgba())[..., :3].astype(int)

    return pixels


@pytest.fixture
def outputs_of() -> Callable[..., Any]:
    """The oracle's A2 (m, n_y) of Parameters, for rows (m, n_x)."""

    def outputs(parameters: sn.Parameters, rows: Any) -> Any:
        arrays = [None if P is None else P.astype(np.float64) for P in parameters]
        hidden = parameters.hidden or ("identity" if arrays[0] is None else "tanh")
        kind = (hidden, parameters.output or "sigmoid", parameters.negative_slope or 0.01)
        return reference.forward(*arrays, np.asarray(rows, np.float64).T, *kind)[-1].T

    return outputs


@pytest.fixture
def hidden_of() -> Callable[..., Any]:
    """The oracle's A1 (m, n_h) of Parameters, for rows (m, n_x)."""

    def hidden(parameters: sn.Parameters, rows: Any) -> Any:
        kind = (parameters.hidden or "tanh", parameters.output or "sigmoid")
        return reference.forward(*parameters, np.asarray(rows).T, *kind)[1].T

    return hidden


def network(n_y: int = 1, n_h: int = 5, n_x: int = 2, *, seed: int = 3, **units: Any) -> Any:
    """A network whose outputs vary over the plane, untrained."""
    rng = np.random.default_rng(seed)
    if not n_h:
        return sn.Parameters(None, None, rng.normal(size=(n_y, n_x)), np.zeros((n_y, 1)), **units)
    arrays = [rng.normal(size=s) for s in ((n_h, n_x), (n_h, 1), (n_y, n_h), (n_y, 1))]
    return sn.Parameters(*arrays, **units)


@pytest.fixture
def make_network() -> Callable[..., Any]:
    """The function `network`."""
    return network


@pytest.fixture
def plane() -> Any:
    """Inputs (2, 60)."""
    return np.random.default_rng(1).uniform(-2, 3, (2, 60))


@pytest.fixture
def fitted() -> Callable[..., Any]:
    """A function that fits an estimator, however far it comes."""

    def fit(model: Any, X: Any, y: Any, **more: Any) -> Any:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return model.fit(X, y, **more)

    return fit
