"""solver="lm": the minimum of the same loss, its ends, and what goes together with it."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest
from scipy.sparse import csr_matrix
from sklearn.exceptions import ConvergenceWarning

import shallownet_native as sn
from mlp_pairs import KINDS, data, kinds, ours, quiet

LM: dict[str, Any] = {"solver": "lm", "alpha": 0.1, "activation": "tanh", "tol": 1e-7}


@kinds(*KINDS)
def test_estimator_lm_finds_the_only_minimum(kind: str) -> None:
    x, y = data(kind)
    weights = np.random.default_rng(1).choice([0.0, 1.0, 3.0], size=len(x))
    for sample_weight in (None, weights):
        flat = {"hidden_layer_sizes": (), "max_iter": 3000, "max_fun": 10**6}
        mine = ours(kind, **{**LM, **flat}).fit(x, y, sample_weight=sample_weight)
        other = ours(kind, **{**LM, **flat, "solver": "lbfgs"})
        other.fit(x, y, sample_weight=sample_weight)
        assert mine.loss_ == pytest.approx(other.loss_, rel=1e-7) and mine.n_iter_ < 30
        for one, two in zip(mine.coefs_, other.coefs_, strict=True):
            np.testing.assert_allclose(one, two, rtol=1e-3, atol=1e-4)


@kinds(*KINDS)
def test_estimator_lm_ends_where_lbfgs_goes_no_further(kind: str) -> None:
    x, y = data(kind)
    model = ours(kind, **LM, hidden_layer_sizes=(3,), max_iter=2000).fit(x, y)
    assert model.n_solves_ >= model.n_iter_ == len(model.loss_curve_) < 2000
    if kind != "multioutput":  # whose loss, unlike what is minimised, is a mean over outputs
        assert np.all(np.diff(model.loss_curve_) < 0)
    assert model.loss_ == model.loss_curve_[-1]
    assert model.best_loss_ == min(model.loss_curve_) and model.t_ == 0
    before = model.loss_
    model.set_params(solver="lbfgs", warm_start=True, max_fun=10**6).fit(x, y)
    assert before <= model.loss_ * (1 + 1e-5)
    assert not hasattr(model, "n_solves_"), "it belongs to another fit"


@quiet
@kinds("multiclass", "regression")
def test_estimator_lm_keeps_float32_and_takes_sparse_rows(kind: str) -> None:
    x, y = data(kind)
    x = np.where(np.abs(x) > 0.5, x, 0).astype(np.float32)
    models = [ours(kind, **LM, hidden_layer_sizes=(3,)).fit(rows, y) for rows in (x, csr_matrix(x))]
    assert {array.dtype for array in models[0].coefs_} == {np.dtype("f4")}
    double = ours(kind, **LM, hidden_layer_sizes=(3,)).fit(x.astype(np.float64), y)
    for model in models:
        assert model.loss_ == pytest.approx(double.loss_, rel=1e-4)


@pytest.mark.parametrize("limit", [{"max_iter": 3}, {"max_fun": 3}], ids=str)
def test_estimator_lm_warns_of_its_limits(limit: Any) -> None:
    x, y = data("regression")
    words = {"max_iter": "ITERATIONS REACHED LIMIT", "max_fun": "SOLVES EXCEEDS LIMIT"}
    with pytest.warns(ConvergenceWarning, match="^lm failed to converge after") as caught:
        model = ours("regression", **{**LM, **limit}, hidden_layer_sizes=(3,)).fit(x, y)
    assert len(caught) == 1 and words[next(iter(limit))] in str(caught[0].message)
    assert model.n_iter_ <= 3 and (model.n_iter_ == 3 or model.n_solves_ >= 3)


@kinds("binary", "regression")
def test_estimator_lm_stops_early_and_asks_callbacks(kind: str) -> None:
    rng = np.random.default_rng(0)
    x = rng.standard_normal((80, 10))
    y = rng.integers(2, size=80) if kind == "binary" else rng.standard_normal(80)
    parameters: dict[str, Any] = {**LM, "early_stopping": True, "n_iter_no_change": 4, "alpha": 0}
    model = ours(kind, hidden_layer_sizes=(12,), max_iter=300, **parameters)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Early stopping has ended at a validation score")
        model.fit(x, y)
    scores = model.validation_scores_
    assert len(scores) == model.n_iter_ == len(model.loss_curve_) < 300
    assert model.best_validation_score_ == max(scores) and model.best_loss_ is None
    seen: list[Any] = []
    stopped = ours(kind, hidden_layer_sizes=(12,), max_iter=300, **LM)
    stopped.set_params(callbacks=lambda state: seen.append(state) or state.epoch == 3)
    assert stopped.fit(x, y).n_iter_ == 4
    assert [state.cost for state in seen] == stopped.loss_curve_


@quiet
@kinds("multiclass", "regression")
def test_estimator_lm_goes_on_with_warm_start(kind: str) -> None:
    x, y = data(kind)
    model = ours(kind, **LM, hidden_layer_sizes=(3,), max_iter=4, warm_start=True)
    first = model.fit(x, y).loss_
    assert model.fit(x, y).loss_ < first and len(model.loss_curve_) == 8
    assert model.n_iter_ == 4 and model.n_solves_ >= 4


@quiet
def test_estimator_lm_takes_alpha_as_it_is_given() -> None:
    """As of every solver: a penalty of the sum, where `train` has one of the mean."""
    x, y = data("regression")
    model = ours("regression", **LM, hidden_layer_sizes=(3,)).fit(x, y)
    p = sn.Parameters(
        model.coefs_[0].T, model.intercepts_[0][:, None],
        model.coefs_[1].T, model.intercepts_[1][:, None],
        hidden="tanh", output="identity",
    )  # fmt: skip
    assert model.loss_ == pytest.approx(sn.cost(p, x.T, y[None], l2=0.1 / len(x)), rel=1e-12)


def test_estimator_lm_has_no_room_for_large_networks() -> None:
    x, y = data("regression")
    large = ours("regression", **LM, hidden_layer_sizes=(1000,))
    with pytest.raises(ValueError, match=r"at most 2,000 parameters, .* Use lbfgs"):
        large.fit(x, y)
    assert not hasattr(large, "coefs_")


@quiet
def test_estimator_lm_survives_files(tmp_path: Any) -> None:
    x, y = data("multiclass")
    model = ours("multiclass", **LM, hidden_layer_sizes=(3,), n_restarts=2).fit(x, y)
    sn.save(model, tmp_path / "model.snet")
    again = sn.load(tmp_path / "model.snet")
    for name in ("n_solves_", "best_restart_", "loss_", "n_iter_"):
        assert getattr(again, name) == getattr(model, name)
    for name in ("restart_seeds_", "restart_scores_"):
        one, two = getattr(again, name), getattr(model, name)
        assert np.array_equal(one, two) and one.dtype == two.dtype
    assert again.get_params() == model.get_params()


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"alpha": "evidence", "solver": "adam"}, "alpha='evidence' needs solver='lm', got 'adam'"),
        ({"alpha": "evidence", "early_stopping": True}, "needs early_stopping=False, got True"),
        ({"alpha": "evidence", "checkpoint": "x", "random_state": 0}, "needs checkpoint=None"),
        ({"alpha": "much"}, "The 'alpha' parameter"),
    ],
)
def test_estimator_lm_refuses_what_does_not_go_together(parameters: Any, message: str) -> None:
    x, y = data("regression")
    with pytest.raises(ValueError, match=message):
        sn.ShallowNetRegressor(hidden_layer_sizes=2, **{**LM, **parameters}).fit(x, y)


@pytest.mark.parametrize("solver", ["lbfgs", "lm"])
def test_estimator_lm_and_lbfgs_have_a_loss_where_there_is_nothing_to_gain(
    solver: str, tmp_path: Any
) -> None:
    x, y = data("regression")
    parameters = {**LM, "solver": solver, "tol": 1e3, "checkpoint": tmp_path / "fit.snet"}
    for _ in range(2):  # the second goes on from the first one's checkpoint
        model = ours("regression", **parameters, hidden_layer_sizes=(3,)).fit(x, y)
        assert model.n_iter_ == 0 and model.loss_curve_ == []
        p = model.predict(x)
        squares = sum(float((W**2).sum()) for W in model.coefs_)
        loss = ((p - y) ** 2).mean() / 2 + 0.1 * squares / (2 * len(x))
        assert model.loss_ == pytest.approx(loss, rel=1e-12) == model.best_loss_
