"""`n_restarts`: each start as it would be alone, the best kept, and what does not go with it."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest

import shallownet_native as sn
from shallownet_native._extras.scikit_learn import ConvergenceWarning, has_callback_protocol

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
quiet = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
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
    for mine, theirs in zip(
        fitted.coefs_ + fitted.intercepts_, best.coefs_ + best.intercepts_, strict=True
    ):
        assert np.array_equal(mine, theirs)
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
    # one start of three lies where nothing is finite
    from shallownet_native.estimators.fitting import data

    drawn: list[Any] = []
    draw = data.draw_parameters

    def far(*arguments: Any) -> Any:
        parameters = draw(*arguments)
        drawn.append(parameters)
        if len(drawn) == 1:
            parameters.flat[:] = 1e200
        return parameters

    monkeypatch.setattr(data, "draw_parameters", far)
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


@pytest.mark.parametrize("refit", [False, True])
def test_restarts_interrupted_keep_the_best_until_then(refit: bool) -> None:
    epochs: list[int] = []

    def stop(at: int) -> Any:
        def callback(state: Any) -> None:
            epochs.append(state.epoch)
            if epochs.count(0) == at and state.epoch == 2:
                raise KeyboardInterrupt

        return callback

    alone = model("Regressor", **WAYS["lm"], n_restarts=2).fit(X, NUMBERS)
    fitted = model("Regressor", **WAYS["lm"], n_restarts=4)
    if refit:
        fitted.fit(X, -NUMBERS)
    with pytest.raises(sn.TrainingInterrupted, match="in start 3 of 4") as caught:
        fitted.set_params(callbacks=stop(3)).fit(X, NUMBERS)
    assert np.array_equal(fitted.coefs_[0], alone.coefs_[0])
    assert fitted.best_restart_ == alone.best_restart_
    assert np.isnan(fitted.restart_scores_).tolist() == [False, False, True, True]
    assert np.array_equal(caught.value.result.parameters.W1, alone.coefs_[0].T)
    epochs.clear()
    with pytest.raises(sn.TrainingInterrupted, match="after 3 complete epochs"):
        fitted.set_params(callbacks=stop(1)).fit(X, NUMBERS)
    assert fitted.n_iter_ == 3 and np.isnan(fitted.restart_scores_).all()


def test_restarts_keep_the_best_until_a_callback_raised() -> None:
    epochs: list[int] = []

    def fail(state: Any) -> None:
        epochs.append(state.epoch)
        if epochs.count(0) == 3:
            raise RuntimeError("mine")

    alone = model("Regressor", **WAYS["lm"], n_restarts=2).fit(X, NUMBERS)
    fitted = model("Regressor", **WAYS["lm"], n_restarts=4, callbacks=fail)
    with pytest.raises(RuntimeError, match="mine"):
        fitted.fit(X, NUMBERS)
    assert np.array_equal(fitted.coefs_[0], alone.coefs_[0])
    assert np.isnan(fitted.restart_scores_).tolist() == [False, False, True, True]


@quiet
def test_restarts_take_the_callbacks_of_scikit_learn() -> None:
    if not has_callback_protocol:
        pytest.skip("this scikit-learn has no callbacks of its own")
    seen: list[str] = []

    class Counting:
        def setup(self, estimator: Any, context: Any) -> None:
            seen.append("setup")

        def on_fit_task_begin(self, *_: Any, **__: Any) -> None: ...

        def on_fit_task_end(self, *_: Any, **__: Any) -> bool:
            seen.append("end")
            return False

        def teardown(self, estimator: Any, context: Any) -> None:
            seen.append("teardown")

    fitted = model("Regressor", solver="adam", max_iter=4, n_restarts=3)
    fitted.set_callbacks(Counting()).fit(X, NUMBERS)
    assert seen[0] == "setup" and seen[-1] == "teardown" and seen.count("end") == 3 * 4 + 1


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
