"""Fits that do not reach their end: Ctrl-C and divergence."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import numpy as np
import pytest
from sklearn.exceptions import ConvergenceWarning

import shallownet_native as sn
from campaigns.common import breaking_off
from mlp_pairs import M, data, every_solver, ours, weights_of

SENTENCE = (
    "Solver produced non-finite parameter weights. The input data may"
    " contain large values and need to be preprocessed."
)


# Ctrl-C


@every_solver
def test_estimator_interruption_interrupt_keeps_the_complete_ones(solver: str) -> None:
    x, y = data("binary")
    model = ours("binary", solver=solver, callbacks=breaking_off(6))
    with pytest.raises(sn.TrainingInterrupted) as caught:
        model.fit(x, y)
    assert isinstance(caught.value, KeyboardInterrupt)
    assert model.n_iter_ == len(model.loss_curve_) == 7
    with pytest.warns(ConvergenceWarning):
        shorter = ours("binary", solver=solver, max_iter=7).fit(x, y)
    assert np.array_equal(weights_of(model), weights_of(shorter))
    assert np.array_equal(model.predict(x), shorter.predict(x))


INTERRUPTED = """
import os, signal, threading, warnings
import numpy as np
import shallownet_native as sn

warnings.simplefilter("ignore")
rng = np.random.default_rng(0)
x = rng.standard_normal((20_000, 20))  # so many that no solver comes to an end by itself
y = rng.integers(2, size=20_000)
for solver in ("adam", "gd", "lbfgs", "sgd"):
    def model(n_epochs):
        return sn.ShallowNetClassifier((64,), solver=solver, random_state=0, tol=0,
                                       n_iter_no_change=np.inf, max_iter=n_epochs, max_fun=10**9)
    model(1).fit(x, y)  # everything is imported and ready
    stopped = model(10**6)
    threading.Timer(0.4, os.kill, (os.getpid(), signal.SIGINT)).start()
    try:
        stopped.fit(x, y)
    except sn.TrainingInterrupted as error:
        assert error.__cause__ is None or isinstance(error.__cause__, KeyboardInterrupt)
    else:
        raise SystemExit(solver + " was not interrupted")
    assert stopped.n_iter_ == len(stopped.loss_curve_) > 0
    again = model(stopped.n_iter_).fit(x, y)
    for mine, theirs in zip(stopped.coefs_ + stopped.intercepts_, again.coefs_ + again.intercepts_):
        assert np.array_equal(mine, theirs), solver + ": not the last complete epoch"
    assert stopped.predict(x).shape == (20_000,)
    print(solver, "epochs:", stopped.n_iter_)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGINT to oneself there")
def test_estimator_interruption_ctrl_c_raises_and_keeps_the_model() -> None:
    done = subprocess.run([sys.executable, "-c", INTERRUPTED], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("epochs: ") == 4


# divergence


def wild(**parameters: Any) -> Any:
    return ours("regression", activation="identity", learning_rate_init=1e3, **parameters)


@pytest.mark.parametrize("solver", ["gd", "sgd"])
def test_estimator_interruption_divergence_is_an_error(solver: str) -> None:
    model = wild(solver=solver)
    with pytest.raises(sn.DivergenceError) as caught:
        model.fit(*data("regression"))
    assert str(caught.value).startswith(SENTENCE)
    assert isinstance(caught.value, ValueError) and isinstance(caught.value, ArithmeticError)
    with pytest.raises(sn.DivergenceError, match=r"^Solver produced non-finite"):
        wild(solver=solver).fit(1e200 * np.ones((M, 4)), np.ones(M))


def test_estimator_interruption_divergence_in_a_partial_fit_is_an_error() -> None:
    x, y = data("regression")
    model = wild(solver="sgd").partial_fit(x, y)
    with pytest.raises(sn.DivergenceError, match=r"^Solver produced non-finite"):
        model.partial_fit(1e200 * x, y)


@pytest.mark.parametrize("solver", ["gd", "sgd"])
def test_estimator_interruption_divergence_under_early_stopping_keeps_the_best(solver: str) -> None:
    x, y = data("regression")
    model = wild(solver=solver, early_stopping=True, max_iter=500, n_iter_no_change=400)
    with pytest.warns(ConvergenceWarning) as caught:
        assert model.fit(x, y) is model
    assert [warning.category.__name__ for warning in caught] == ["DivergenceWarning"]
    assert issubclass(caught[0].category, ConvergenceWarning)
    last = model.validation_scores_[-1]
    assert type(last) is float and np.isnan(last) and model.n_iter_ < 500
    assert len(model.validation_scores_) == model.n_iter_
    assert model.best_validation_score_ == np.nanmax(model.validation_scores_)
    assert np.isfinite(weights_of(model)).all() and np.isfinite(model.predict(x)).all()
