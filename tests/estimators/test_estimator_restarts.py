"""`n_restarts`: each start as it would be alone, the best kept, and what does not go with it."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest

import shallownet_native as sn
from campaigns.common import breaking_off
from mlp_pairs import quiet, weights_of
from shallownet_native._extras.scikit_learn import ConvergenceWarning

RNG = np.random.default_rng(0)
X = RNG.standard_normal((90, 3))
LABELS = (X[:, 0] * X[:, 1] > 0).astype(int)
NUMBERS = np.sin(X[:, 0]) + X[:, 1] * X[:, 2]
N = 4
WAYS: dict[str, dict[str, Any]] = {
    "lm": {"solver": "lm", "alpha": 0.1},
    "lbfgs": {"solver": "lbfgs", "alpha": 0.1},
    "adam": {"solver": "adam", "max_iter": 4},
    "early": {"solver": "lm", "early_stopping": True, "n_iter_no_change": 3},
    "early adam": {"early_stopping": True, "max_iter": 9, "learning_rate_init": 0.03},
    "standardized": {"solver": "lm", "standardize": True, "alpha": 0.1},
}
ways = pytest.mark.parametrize("way", WAYS)
classes = pytest.mark.parametrize("kind", ["Classifier", "Regressor"])


def model(kind: str, **parameters: Any) -> Any:
    usual = {"hidden_layer_sizes": 3, "activation": "tanh", "random_state": 0}
    return getattr(sn, f"ShallowNet{kind}")(**{**usual, **parameters})


def targets(kind: str) -> Any:
    return LABELS if kind == "Classifier" else NUMBERS


def score(one: Any) -> float:
    return -one.loss_ if one.best_validation_score_ is None else one.best_validation_score_


@quiet
@ways
@classes
def test_restarts_give_what_the_best_seed_gives_alone(kind: str, way: str) -> None:
    y = targets(kind)
    fitted = model(kind, **WAYS[way], n_restarts=N).fit(X, y)
    seeds = [0, *fitted.restart_seeds_.tolist()]
    assert len(set(seeds)) == N and fitted.restart_seeds_.dtype == np.int64
    alone = [model(kind, **WAYS[way], random_state=seed).fit(X, y) for seed in seeds]
    scores = [score(one) for one in alone]
    assert fitted.restart_scores_.tolist() == scores and len(set(scores)) > 1
    best = alone[int(np.argmax(scores))]
    assert fitted.best_restart_ == int(np.argmax(scores))
    assert np.array_equal(weights_of(fitted), weights_of(best))
    for name in ("loss_", "loss_curve_", "n_iter_", "t_", "validation_scores_", "best_loss_"):
        assert getattr(fitted, name) == getattr(best, name), name
    assert fitted.random_state == 0 and fitted.get_params()["n_restarts"] == N


def test_restarts_of_one_say_nothing_and_more_begin_as_fewer() -> None:
    one = model("Regressor", **WAYS["lm"]).fit(X, NUMBERS)
    assert not [name for name in vars(one) if "restart_" in name.removeprefix("n_")]
    two, three = (model("Regressor", **WAYS["lm"], n_restarts=n).fit(X, NUMBERS) for n in (2, 3))
    assert three.restart_seeds_[:1] == two.restart_seeds_
    assert np.array_equal(three.restart_scores_[:2], two.restart_scores_)
    again = three.set_params(n_restarts=1).fit(X, NUMBERS)
    assert not hasattr(again, "restart_seeds_") and np.array_equal(again.coefs_[0], one.coefs_[0])


@pytest.mark.parametrize("state", [np.random.RandomState(5), None], ids=["RandomState", "None"])
def test_restarts_begin_with_random_state_itself(state: Any) -> None:
    np.random.seed(5)
    many = model("Regressor", **WAYS["lm"], random_state=state, n_restarts=2).fit(X, NUMBERS)
    if state is None:
        np.random.seed(5)
    else:
        state = np.random.RandomState(5)
    one = model("Regressor", **WAYS["lm"], random_state=state).fit(X, NUMBERS)
    assert many.restart_scores_[0] == -one.loss_
    seed = int(many.restart_seeds_[0])
    other = model("Regressor", **WAYS["lm"], random_state=seed).fit(X, NUMBERS)
    assert many.restart_scores_[1] == -other.loss_


def test_restarts_pass_over_those_that_diverge(monkeypatch: pytest.MonkeyPatch) -> None:
    steep = {"solver": "gd", "learning_rate_init": 1e300, "activation": "identity"}
    hopeless = model("Regressor", **steep, n_restarts=3)
    with pytest.raises(sn.DivergenceError, match="all 3 starts have diverged, the first so: Sol"):
        hopeless.fit(X, NUMBERS)
    assert np.isnan(hopeless.restart_scores_).all() and hopeless.best_restart_ == 0
    first = model("Regressor", **steep)
    with pytest.raises(sn.DivergenceError):
        first.fit(X, NUMBERS)
    assert np.array_equal(hopeless.coefs_[0], first.coefs_[0])
    # one start of three lies where nothing is finite
    from shallownet_native.estimators.fitting import beginning

    drawn: list[Any] = []
    draw = beginning.draw_parameters

    def far(*arguments: Any) -> Any:
        parameters = draw(*arguments)
        drawn.append(parameters)
        if len(drawn) == 1:
            parameters.flat[:] = 1e200
        return parameters

    monkeypatch.setattr(beginning, "draw_parameters", far)
    fitted = model("Regressor", **WAYS["lm"], n_restarts=3)
    with pytest.warns(ConvergenceWarning, match="1 of 3 starts have diverged and were passed over"):
        fitted.fit(X, NUMBERS)
    assert np.isnan(fitted.restart_scores_[0]) and fitted.best_restart_ > 0
    assert -fitted.loss_ == np.nanmax(fitted.restart_scores_)


def test_restarts_warn_of_the_one_kept_alone() -> None:
    short = {**WAYS["lbfgs"], "max_iter": 3, "tol": 0.0}
    with pytest.warns(ConvergenceWarning, match="lbfgs failed to converge") as caught:
        model("Regressor", **short, n_restarts=4).fit(X, NUMBERS)
    assert len(caught) == 1


@quiet
def test_restarts_warn_once_of_what_they_have_in_common() -> None:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        model("Regressor", max_iter=2, batch_size=1000, n_restarts=3).fit(X, NUMBERS)
    assert [str(one.message)[:24] for one in caught].count("Got `batch_size` less th") == 1


# What is broken off. One iteration of lm is a round: starts go on side by side, and end one by one.


def iterations(n: int, **parameters: Any) -> list[int]:
    """Return how many iterations each of n starts takes."""
    one = model("Regressor", **WAYS["lm"], **parameters, n_restarts=n).fit(X, NUMBERS)
    seeds = [0, *one.restart_seeds_.tolist()]
    fits = [model("Regressor", **WAYS["lm"], **parameters, random_state=seed) for seed in seeds]
    return [fit.fit(X, NUMBERS).n_iter_ for fit in fits]


@pytest.mark.parametrize("refit", [False, True])
@pytest.mark.parametrize("error", [KeyboardInterrupt, RuntimeError])
def test_restarts_broken_off_keep_the_best_that_is_complete(
    refit: bool, error: type[BaseException]
) -> None:
    whole = model("Regressor", **WAYS["lm"], n_restarts=N).fit(X, NUMBERS)
    n = iterations(N)
    assert len(set(n)) > 1
    fitted = model("Regressor", **WAYS["lm"], n_restarts=N)
    if refit:
        fitted.fit(X, -NUMBERS)
    last = max(n) - 1  # of the longest
    fitted.set_params(callbacks=breaking_off(last, error("mine")))
    raised = sn.TrainingInterrupted if error is KeyboardInterrupt else error
    complete = np.array(n) < max(n)
    text = f"with {complete.sum()} of 4 starts complete" if error is KeyboardInterrupt else "mine"
    with pytest.raises(raised, match=text) as caught:
        fitted.fit(X, NUMBERS)
    assert (~np.isnan(fitted.restart_scores_)).tolist() == complete.tolist()
    scores = np.where(complete, whole.restart_scores_, np.nan)
    assert np.array_equal(fitted.restart_scores_, scores, equal_nan=True)
    best = fitted.best_restart_
    assert best == np.nanargmax(scores)
    seed = [0, *whole.restart_seeds_.tolist()][best]
    alone = model("Regressor", **WAYS["lm"], random_state=seed).fit(X, NUMBERS)
    assert np.array_equal(fitted.coefs_[0], alone.coefs_[0])
    if isinstance(caught.value, sn.TrainingInterrupted):
        assert np.array_equal(caught.value.result.parameters.W1, alone.coefs_[0].T)


@quiet
@pytest.mark.parametrize("refit", [False, True])
def test_restarts_broken_off_before_any_is_complete_keep_the_one_that_stands_best(
    refit: bool,
) -> None:
    fitted = model("Regressor", **WAYS["lm"], n_restarts=N)
    if refit:
        fitted.fit(X, -NUMBERS)
    fitted.set_params(callbacks=breaking_off(2))
    with pytest.raises(sn.TrainingInterrupted, match=r"after [23] complete epochs"):
        fitted.fit(X, NUMBERS)
    assert np.isnan(fitted.restart_scores_).all() and fitted.n_iter_ in (2, 3)
    # the first start has had its third iteration, the others two
    seeds = [0, *fitted.restart_seeds_.tolist()]
    short = [
        model("Regressor", **WAYS["lm"], random_state=seed, max_iter=3 if k == 0 else 2)
        for k, seed in enumerate(seeds)
    ]
    losses = [one.fit(X, NUMBERS).loss_ for one in short]
    assert fitted.best_restart_ == np.argmin(losses) and fitted.loss_ == min(losses)
    assert np.array_equal(fitted.coefs_[0], short[fitted.best_restart_].coefs_[0])


def test_restarts_are_refused_where_there_is_one_start() -> None:
    with pytest.raises(ValueError, match="partial_fit goes on from where it is: set n_restarts=1"):
        model("Regressor", n_restarts=2).partial_fit(X, NUMBERS)
    with pytest.raises(ValueError, match="a checkpoint keeps one training: set n_restarts=1"):
        model("Regressor", n_restarts=2, checkpoint="x.snet").fit(X, NUMBERS)
    warm = model("Regressor", **WAYS["lm"], n_restarts=2, warm_start=True)
    kept = warm.fit(X, NUMBERS).coefs_
    with pytest.raises(ValueError, match="warm_start=True goes on from the last fit: set n_rest"):
        warm.fit(X, NUMBERS)
    assert warm.coefs_ is kept
    for wrong in (0, 1.5, "2", None):
        with pytest.raises(ValueError, match="The 'n_restarts' parameter"):
            model("Regressor", n_restarts=wrong).fit(X, NUMBERS)


def test_restarts_leave_an_estimator_as_it_was_that_cannot_be_fitted() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        fitted = model("Regressor", **WAYS["lm"], n_restarts=2).fit(X, NUMBERS)
        before = dict(vars(fitted))
        with pytest.raises(ValueError, match="NaN"):
            fitted.fit(X, np.full(90, np.nan))
    assert all(vars(fitted)[name] is value for name, value in before.items())
