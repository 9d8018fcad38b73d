"""ShallowNetRegressor(loss="quantile"): beside scikit-learn's losses, scores and regressors."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import QuantileRegressor
from sklearn.metrics import d2_pinball_score, mean_pinball_loss
from sklearn.utils import estimator_checks

import shallownet_native as sn
from mlp_pairs import every_solver

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
LEVELS = [0.1, 0.5, 0.9]


def draw(m: int = 500) -> tuple[Any, Any]:
    """Return rows and targets whose spread grows with the first column."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(m, 2))
    return X, X[:, 0] * X[:, 1] + np.exp(X[:, 0] / 2) * rng.gumbel(size=m)


def regressor(level: float = 0.9, **changes: Any) -> Any:
    given = {"hidden_layer_sizes": (10,), "activation": "silu", "max_iter": 300, "random_state": 0,
             "learning_rate_init": 0.01, **changes}  # fmt: skip
    return sn.ShallowNetRegressor("quantile", quantile=level, **given)


@pytest.mark.parametrize("scaled", [False, True], ids=["as they are", "standardize_target"])
@pytest.mark.parametrize("solver", ["adam", "lbfgs", "sgd"])
@pytest.mark.parametrize("level", LEVELS)
def test_estimator_quantiles_have_their_share_below(
    level: float, solver: str, scaled: bool
) -> None:
    X, y = draw()
    X, y = X * 3 - 1, (y * 5 + 20 if scaled else y)
    model = regressor(level, solver=solver, standardize=True, standardize_target=scaled)
    model.fit(X, y)
    assert abs(np.mean(y < model.predict(X)) - level) <= 0.04  # 41 weights, of 500 rows
    assert model.out_activation_ == "identity"
    best = mean_pinball_loss(y, np.full(len(y), np.quantile(y, level)), alpha=level)
    assert mean_pinball_loss(y, model.predict(X), alpha=level) < 0.95 * best


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("weighted", [False, True], ids=["equal", "weighted"])
def test_estimator_quantiles_loss_is_the_mean_pinball_loss(level: float, weighted: bool) -> None:
    X, y = draw()
    Y = np.column_stack([y, -y])  # of several outputs the mean, as there
    weights = np.random.default_rng(1).uniform(0.5, 2, len(y)) if weighted else None
    # a step so small that the loss, which is taken before it, is that of the answer, too
    model = regressor(level, solver="gd", learning_rate_init=1e-300, alpha=0.0, max_iter=1)
    model.fit(X, Y, weights)
    expected = mean_pinball_loss(Y, model.predict(X), alpha=level, sample_weight=weights)
    assert model.loss_ == pytest.approx(expected, rel=1e-13)
    model.set_params(solver="lbfgs", max_iter=5).fit(X, Y, weights)
    expected = mean_pinball_loss(Y, model.predict(X), alpha=level, sample_weight=weights)
    assert model.loss_ == pytest.approx(expected, rel=1e-13)


@pytest.mark.parametrize("level", LEVELS)
def test_estimator_quantiles_without_hidden_layer_are_scikit_learns(level: float) -> None:
    X, y = draw()
    theirs = QuantileRegressor(quantile=level, alpha=0.0).fit(X, y)  # a linear program
    least = mean_pinball_loss(y, theirs.predict(X), alpha=level)
    model = regressor(level, hidden_layer_sizes=(), solver="adam", alpha=0.0, max_iter=2000,
                      learning_rate_init=0.003, tol=1e-7, n_iter_no_change=30)  # fmt: skip
    found = mean_pinball_loss(y, model.fit(X, y).predict(X), alpha=level)
    assert least <= found <= 1.005 * least


def test_estimator_quantiles_score_and_stop_as_they_say() -> None:
    X, y = draw()
    held_out = X[:200], y[:200]
    model = regressor(early_stopping=True, max_iter=60)
    model.fit(X[200:], y[200:], X_val=held_out[0], y_val=held_out[1])
    z = model.predict(held_out[0])
    # theirs is beside an interpolated quantile, a little worse than the best there is
    assert model.best_validation_score_ == pytest.approx(
        d2_pinball_score(held_out[1], z, alpha=0.9), abs=2e-3
    )
    assert model.score(*held_out) < model.best_validation_score_  # R^2: far from the mean
    assert model.score(*held_out) == pytest.approx(
        1 - np.mean((held_out[1] - z) ** 2) / np.var(held_out[1]), rel=1e-12
    )


@pytest.mark.parametrize("weighted", [False, True], ids=["equal", "weighted"])
def test_estimator_quantiles_scores_are_beside_the_best_constant(weighted: bool) -> None:
    from shallownet_native.estimators.targets.coding import quantile_of

    rng = np.random.default_rng(0)
    y = rng.integers(0, 30, 101).astype(float)
    weights = rng.integers(0, 4, 101).astype(float) if weighted else None
    for level in (0.01, 0.3, 0.5, 0.77, 0.99):
        losses = [
            mean_pinball_loss(y, np.full(101, c), alpha=level, sample_weight=weights)
            for c in np.unique(y)
        ]
        best = np.full(101, quantile_of(y, level, weights))
        found = mean_pinball_loss(y, best, alpha=level, sample_weight=weights)
        assert found == pytest.approx(min(losses), rel=1e-12)


def test_estimator_quantiles_warn_of_a_score_below_the_quantiles() -> None:
    X, y = draw()
    model = regressor(early_stopping=True, n_iter_no_change=2, learning_rate_init=1e-6)
    with pytest.warns(ConvergenceWarning, match=r"\(D\^2\).*the quantile of all"):
        model.fit(X, y + 50)


def test_estimator_quantiles_go_on_from_other_losses_of_linear_outputs() -> None:
    X, y = draw()
    model = regressor(0.5, warm_start=True, n_iter_no_change=100).fit(X, y)
    middle = np.mean(y < model.predict(X))
    model.set_params(quantile=0.9).fit(X, y)
    assert np.mean(y < model.predict(X)) > middle + 0.3
    model.set_params(loss="squared_error").fit(X, y)
    assert model.score(X, y) > 0
    with pytest.raises(ValueError, match="'identity' outputs, loss='poisson' needs 'exp'"):
        model.set_params(loss="poisson").fit(X, np.abs(y))


@every_solver
def test_estimator_quantiles_have_the_same_bits_on_any_threads(solver: str) -> None:
    X, y = draw()
    fits = [regressor(solver=solver, n_threads=n, max_iter=20, tol=0.0) for n in (1, 2, 5)]
    answers = [model.fit(X, y).predict(X) for model in fits]
    assert all((answer == answers[0]).all() for answer in answers)


def test_estimator_quantiles_are_kept(tmp_path: Path) -> None:
    X, y = draw()
    model = regressor().fit(X, y)
    sn.save(model, tmp_path / "m.snet")
    for again in (sn.load(tmp_path / "m.snet"), pickle.loads(pickle.dumps(model)), clone(model)):
        assert again.get_params() == model.get_params() and again.quantile == 0.9
        if hasattr(again, "coefs_"):
            assert (again.predict(X) == model.predict(X)).all()
            assert again.fit(X, y).loss_ == model.loss_


def test_estimator_quantiles_leave_files_without_them_as_they_were() -> None:
    parameters = sn.ShallowNetRegressor().to_record().fields["parameters"]
    assert "quantile" not in parameters
    assert regressor(0.5).to_record().fields["parameters"]["loss"] == "quantile"


def test_estimator_quantiles_go_on_from_a_checkpoint(tmp_path: Path) -> None:
    X, y = draw()
    same = {"checkpoint": tmp_path / "c.snet", "checkpoint_every": 2, "tol": 0.0}
    whole = regressor(max_iter=8, tol=0.0).fit(X, y)
    for n in (4, 8):
        model = regressor(max_iter=n, **same).fit(X, y)
    assert (model.predict(X) == whole.predict(X)).all()
    with pytest.raises(ValueError, match="differs in its network"):
        regressor(0.8, max_iter=9, **same).fit(X, y)


def test_estimator_quantiles_search_over_sizes() -> None:
    X, y = draw(200)
    search = sn.ShallowNetRegressorCV(
        "quantile", [3, 8], quantile=0.9, alphas=[0.01], cv=3, solver="lbfgs", random_state=0,
        scoring="neg_mean_absolute_error",
    )  # fmt: skip
    model = search.fit(X, y).best_estimator_
    assert model.quantile == 0.9 and model.standardize_target
    assert abs(np.mean(y < search.predict(X)) - 0.9) <= 0.05


@pytest.mark.parametrize("level", [0.0, 1.0, -0.5, 1.5, "0.5", None])
def test_estimator_quantiles_lie_between_0_and_1(level: Any) -> None:
    X, y = draw(30)
    with pytest.raises(ValueError, match="'quantile' parameter"):
        regressor(level).fit(X, y)


@pytest.mark.parametrize("alpha", [0.01, "evidence"])
def test_estimator_quantiles_have_no_second_derivatives(alpha: Any) -> None:
    X, y = draw(30)
    with pytest.raises(ValueError, match=r"solver='lm' needs second.*kink.*use solver='adam'"):
        regressor(solver="lm", alpha=alpha).fit(X, y)


def test_estimator_quantiles_pass_the_checks() -> None:
    model = regressor(0.5, max_iter=2)
    estimator_checks.check_regressors_train("ShallowNetRegressor", regressor(0.5, max_iter=400))
    estimator_checks.check_fit_idempotent("ShallowNetRegressor", model)
