"""Fits that end badly say so: below the score of a constant, above the first loss."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pandas as pd
import pytest
import scipy.sparse
from sklearn.base import clone
from sklearn.compose import TransformedTargetRegressor
from sklearn.exceptions import ConvergenceWarning
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import shallownet_native as sn
from mlp_pairs import KINDS, data, kinds, ours
from shallownet_native.estimators.fitting import standardization

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
    assert said.endswith(f"now {rates[solver]:g}, or scale the inputs, as standardize=True does")
    (said,) = ends(lambda: clone(model).set_params(standardize=True).fit(x, y))
    assert said.endswith(f"lower learning_rate_init, now {rates[solver]:g}")
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


SIGNS = np.array([[1.0, 1, 1, 1], [1, -1, 1, 1], [-1, 1, 1, 1], [-1, -1, 1, 1]] * 25)
HINT = "The columns of X differ in scale by"
FEW: dict[str, Any] = {"max_iter": 2, "random_state": 0, "hidden_layer_sizes": (3,)}


def scaled(*scales: float) -> Any:
    """Return rows (100, 4): two columns of +-1, two constant ones, each times its scale."""
    return SIGNS * np.array([*scales, 1e9, 0.0])


def limits(model: Any, X: Any, y: Any = None, **fitting: Any) -> list[str]:
    """Return what is said of the end of the iterations."""
    y = SIGNS[:, 0] if y is None else y
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        model.fit(X, y, **fitting)
    texts = [str(w.message) for w in caught if w.filename == __file__]
    return [text for text in texts if "REACHED LIMIT" in text or "Maximum iterations" in text]


@pytest.mark.parametrize("solver", ["adam", "sgd", "gd", "lbfgs", "lm"])
@pytest.mark.parametrize(("scale", "is_said"), [(100, False), (101, True), (1 / 99, False)])
def test_estimator_warnings_of_scales(solver: str, scale: float, is_said: bool) -> None:
    """Constant columns have no scale."""
    y = np.where(SIGNS[:, 0] * SIGNS[:, 1] > 0, "a", "b")
    for kind, target in ((sn.ShallowNetClassifier, y), (sn.ShallowNetRegressor, SIGNS[:, 1])):
        model = kind(solver=solver, tol=0.0, **FEW)
        (said,) = limits(model, scaled(1, scale), target)
        beginning = "lm failed" if solver == "lm" else ("lbfgs" if solver == "lbfgs" else "Stoch")
        assert said.startswith(beginning) and (HINT in said) == is_said
        if is_said:
            other = kind.__name__.replace("ShallowNet", "TabularShallowNet")
            assert said.endswith(
                f"{HINT} 101 times (standard deviations): take standardize=True, or {other}"
            )
        (said,) = limits(model.set_params(standardize=True), scaled(1, scale), target)
        assert HINT not in said


def test_estimator_warnings_of_scales_in_tables_of_every_kind() -> None:
    X = scaled(1, 1000)
    model = sn.ShallowNetRegressor(**FEW)
    frame = pd.DataFrame(X, columns=list("abcd"))
    for table in (frame, X.astype(np.float32), np.asfortranarray(X), scaled(5, 5000).astype(int)):
        (said,) = limits(model, table)
        assert f"{HINT} 1e+03 times" in said and "TabularShallowNetRegressor" in said
    for kind in (scipy.sparse.csr_array, scipy.sparse.csc_matrix):
        (said,) = limits(model, kind(X))
        assert said.endswith("take standardize=True"), "tables there are dense"


@pytest.mark.parametrize("is_sparse", [False, True])
def test_estimator_warnings_of_scales_look_at_some_rows_of_many(
    is_sparse: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = []
    X = np.tile(scaled(1, 1000), (6000, 1))  # every other row would have a constant column

    def watching(rows: Any, weights: Any) -> Any:
        seen.append(rows.shape[0])
        return moments(rows, weights)

    moments = standardization._moments
    monkeypatch.setattr(standardization, "_moments", watching)
    monkeypatch.setattr(standardization, "LOOKED_AT", 8000)
    table = scipy.sparse.csr_array(X) if is_sparse else X
    for weights in (None, np.ones(len(X))):
        assert standardization.ratio_of_scales(table, weights) == pytest.approx(1000, rel=0.02)
    wide = np.tile(X[:200], (1, 1000))
    assert standardization.ratio_of_scales(wide, None) == pytest.approx(1000, rel=0.1)
    assert seen == [2666 if is_sparse else 2000] * 2 + [100], "zeros of sparse rows do not count"


def test_estimator_warnings_of_scales_are_none_without_the_other() -> None:
    X, y = scaled(1, 1000), SIGNS[:, 0]
    model = sn.ShallowNetRegressor(**{**FEW, "max_iter": 3000}, solver="lbfgs")
    assert limits(model, X) == [], "it has converged"
    labels = (SIGNS[:, :2] > 0).astype(int)
    (said,) = limits(sn.ShallowNetClassifier(**FEW), X, labels)
    assert said.endswith("take standardize=True"), "there are several labels"
    (said,) = limits(sn.ShallowNetRegressor(**FEW), X * 0 + 3)
    assert HINT not in said, "nothing varies"
    (said,) = limits(sn.ShallowNetRegressor(**FEW), X, sample_weight=np.ones(100))
    assert HINT in said
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        sn.ShallowNetRegressor(**FEW).partial_fit(X, y)
