"""Fits that end badly say so: below the score of a constant, above the first loss."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest
from sklearn.compose import TransformedTargetRegressor
from sklearn.exceptions import ConvergenceWarning
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import shallownet_native as sn
from mlp_pairs import KINDS, data, kinds, ours

RNG = np.random.default_rng(0)
Z, Z_VAL = RNG.uniform(0, 10, (300, 3)), RNG.uniform(0, 10, (80, 3))
P, P_VAL = (200_000 + 30_000 * z[:, 0] - 12_000 * z[:, 1] for z in (Z, Z_VAL))
EARLY: dict[str, Any] = {
    "standardize": True, "early_stopping": True, "max_iter": 500, "random_state": 0
}  # fmt: skip


def ends(action: Any) -> list[str]:
    """Return what is warned of about the end of a fit, with this file as the place."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        action()
    found = [w for w in caught if "ended at" in str(w.message)]
    assert all(w.category is ConvergenceWarning and w.filename == __file__ for w in found)
    return [str(w.message) for w in found]


def test_estimator_warnings_of_targets_far_from_1() -> None:
    net = sn.ShallowNetRegressor(**EARLY)
    (said,) = ends(lambda: net.fit(Z, P))
    assert "(R^2) of -" in said and "below the 0 of predicting the mean" in said
    assert "set standardize_target=True" in said
    assert ends(lambda: net.set_params(standardize_target=True).fit(Z, P)) == []
    assert net.score(Z, P) > 0.99, "the advice is right"


def test_estimator_warnings_of_validation_targets_in_other_units() -> None:
    """A wrapper scales y, and cannot know of y_val."""
    net = sn.ShallowNetRegressor(**EARLY)
    wrapped = TransformedTargetRegressor(net, transformer=StandardScaler())
    (said,) = ends(lambda: wrapped.fit(Z, P, X_val=Z_VAL, y_val=P_VAL))
    assert "y_val is not of y's scale" in said and "deviations of y" in said
    net = sn.ShallowNetRegressor(standardize_target=True, **EARLY)
    for y_val, words in (
        (P_VAL - 2e6, "deviations of y"),
        ((P_VAL - P.mean()) / P.std(), "varies"),
    ):
        (said,) = ends(lambda: net.fit(Z, P, X_val=Z_VAL, y_val=y_val))  # noqa: B023
        assert "y_val is not of y's scale" in said and words in said
    assert ends(lambda: wrapped.fit(Z, P)) == []
    assert ends(lambda: net.fit(Z, P, X_val=Z_VAL, y_val=P_VAL)) == []


def test_estimator_warnings_of_a_classifier_below_the_commonest_class() -> None:
    x, y = RNG.normal(size=(400, 2)), np.repeat(["a", "b"], [380, 20])
    hopeless = sn.ShallowNetClassifier(
        (3,), solver="sgd", learning_rate_init=1e-9, early_stopping=True, tol=0.1, random_state=1
    )
    (said,) = ends(lambda: hopeless.fit(x, y))
    assert "(accuracy) of" in said and "the 0.95 of always predicting the commonest class" in said
    assert ends(lambda: hopeless.set_params(class_weight={"b": 20}).fit(x, y)) == []
    hopeless.set_params(class_weight=None, scoring="balanced_accuracy")
    assert ends(lambda: hopeless.fit(x, y)) == []
    weights = np.where(y == "a", 0.01, 1.0)
    (said,) = ends(lambda: hopeless.set_params(scoring=None).fit(x, y, weights)) or [""]
    assert "0.95" not in said, "shares are weighed"


@kinds(*KINDS)
def test_estimator_warnings_are_none_where_training_works(kind: str) -> None:
    x, y = data(kind, m=400)
    for options in ({}, {"early_stopping": True}, {"solver": "lbfgs"}, {"solver": "gd"}):
        settings: dict[str, Any] = {"learning_rate_init": 0.02, "max_iter": 200, **options}
        model = ours(kind, warm_start=True, **settings)
        for _ in range(3):  # and where it is at its end
            assert ends(lambda: model.fit(x, y)) == []  # noqa: B023


@pytest.mark.parametrize("solver", ["adam", "gd", "sgd"])
def test_estimator_warnings_of_a_rising_loss(solver: str) -> None:
    x, y = data("binary")
    rates = {"adam": 100.0, "gd": 1000.0, "sgd": 100.0}
    settings: dict[str, Any] = {"solver": solver, "learning_rate_init": rates[solver]}
    model = ours("binary", max_iter=4, activation="tanh", **settings)
    (said,) = ends(lambda: model.fit(x, y))
    assert f"loss of {model.loss_:.4g}, above the {model.loss_curve_[0]:.4g} of its first" in said
    assert "lower learning_rate_init" in said
    assert ends(lambda: model.set_params(max_iter=1).fit(x, y)) == []
    piped = make_pipeline(StandardScaler(), model.set_params(max_iter=4))
    assert len(ends(lambda: piped.fit(x, y))) == 1
    stopped = model.set_params(callbacks=lambda state: state.epoch == 3)
    assert ends(lambda: stopped.fit(x, y)) == [], "the user has seen it"


def test_estimator_warnings_go_by_the_epoch_that_is_kept() -> None:
    """Early stopping keeps the best weights: what came after them is no matter."""
    x, y = data("regression")
    scores = iter([0.0, 1.0, 0.9, 0.8, 0.7, 0.6])
    model = ours(
        "regression", solver="gd", learning_rate_init=0.7, early_stopping=True, max_iter=6,
        scoring=lambda *_: next(scores),
    )  # fmt: skip
    said = ends(lambda: model.fit(x, y))
    kept = model.loss_curve_[2]
    assert bool(said) == (kept > model.loss_curve_[0] + 1e-4)


@pytest.mark.parametrize("solver", ["lbfgs", "lm"])
def test_estimator_warnings_name_no_learning_rate_where_there_is_none(solver: str) -> None:
    x, y = data("regression")
    settings: dict[str, Any] = {"solver": solver, "activation": "relu", "random_state": 0}
    model = ours("regression", **settings, hidden_layer_sizes=(3,))
    with pytest.raises(sn.DivergenceError, match="training began: scale the inputs, as standar"):
        model.fit(x, y * 1e200)
    model.set_params(early_stopping=True, max_iter=1)
    said = ends(lambda: model.fit(x, y + 1000))
    (score,) = [line for line in said if "Early stopping" in line]
    assert "try another random_state" in score and "learning_rate" not in score
