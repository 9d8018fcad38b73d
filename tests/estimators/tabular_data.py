"""Tables, and estimators that are trained on them in a moment."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

import shallownet_native as sn

KINDS = ["classifier", "regressor"]
SHORT: dict[str, Any] = {"n_networks": 4, "n_hidden": 16, "max_epochs": 8, "random_state": 0}


def table(n: int = 120, seed: int = 0) -> Any:
    """Return numbers with gaps, and categories of two levels and of several."""
    rng = np.random.default_rng(seed)
    numbers = rng.normal(size=(n, 2))
    return pd.DataFrame({
        "size": numbers[:, 0],
        "weight": np.where(rng.random(n) < 0.1, np.nan, numbers[:, 1]),
        "colour": pd.Categorical(rng.choice(["red", "green", "blue"], n)),
        "sort": rng.choice(["a", "b"], n),
    })  # fmt: skip


def numbers_of(X: Any) -> npt.NDArray[np.float64]:
    """Return targets that depend on all columns, and a bit on chance."""
    noise = np.random.default_rng(9).normal(size=len(X))
    weight = X["weight"].fillna(0).to_numpy()
    shown = (X["colour"] == "red").to_numpy() + 0.5 * (X["sort"] == "a").to_numpy()
    return np.asarray(10 + np.sin(2 * X["size"].to_numpy()) + weight + shown + 0.2 * noise)


def labels_of(X: Any) -> npt.NDArray[Any]:
    """Return three classes by the numbers."""
    return np.array(["low", "middle", "top"])[np.digitize(numbers_of(X), [9.7, 10.9])]


def targets_of(kind: str, X: Any) -> npt.NDArray[Any]:
    """Return what a "classifier" or a "regressor" is to learn of a table."""
    return labels_of(X) if kind == "classifier" else numbers_of(X)


def regressor(**parameters: Any) -> Any:
    """Return a small one, not fitted."""
    return sn.TabularShallowNetRegressor(**{**SHORT, **parameters})


def classifier(**parameters: Any) -> Any:
    """Return a small one, not fitted."""
    return sn.TabularShallowNetClassifier(**{**SHORT, **parameters})


def unfitted(kind: str, **parameters: Any) -> Any:
    """Return a small "classifier" or "regressor"."""
    return (classifier if kind == "classifier" else regressor)(**parameters)


def fitted(kind: str, X: Any = None, sample_weight: Any = None, **parameters: Any) -> Any:
    """Return a "classifier" or a "regressor" fitted to `table`."""
    X = table() if X is None else X
    return unfitted(kind, **parameters).fit(X, targets_of(kind, X), sample_weight)


def values(model: Any, X: Any) -> npt.NDArray[np.float64]:
    """Return probabilities, or numbers."""
    return np.asarray(getattr(model, "predict_proba", model.predict)(X))


def same(one: Any, other: Any) -> bool:
    """Tell whether what fits have left is the same to the last bit."""
    if isinstance(one, dict):
        return list(one) == list(other) and all(same(one[key], other[key]) for key in one)
    if isinstance(one, tuple):
        return len(one) == len(other) and all(map(same, one, other))
    if hasattr(one, "get_params"):
        return same(dict(vars(one)), dict(vars(other)))
    return bool(np.array_equal(one, other)) and type(one) is type(other)


def assert_same_fit(one: Any, other: Any) -> None:
    """Compare all fitted attributes, and predictions of other rows."""
    names = {name for name in vars(one) if name.endswith("_") or name.startswith("_")}
    assert names == {name for name in vars(other) if name.endswith("_") or name.startswith("_")}
    for name in names:
        if name != "encoder_":
            assert same(getattr(one, name), getattr(other, name)), name
    X = table(50, seed=1)
    assert same(values(one, X), values(other, X))
