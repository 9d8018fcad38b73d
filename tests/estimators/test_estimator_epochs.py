"""What happens between epochs: callbacks, printed lines, a progress bar."""

from __future__ import annotations

import os
import struct
import subprocess
import sys
from typing import Any

import numpy as np
import pytest
from sklearn.exceptions import ConvergenceWarning

from campaigns.common import breaking_off
from mlp_pairs import data, every_solver, kinds, ours, pair, quiet, weights_of

# callbacks


@quiet
def test_estimator_epochs_a_score_of_best_and_tol_is_progress() -> None:
    x, y = data("binary")
    still = {"early_stopping": True, "tol": 0.0, "n_iter_no_change": 2, "max_iter": 12}
    fitted = [m.fit(x, y) for m in pair("binary", learning_rate_init=1e-12, **still)]
    assert len(set(fitted[0].validation_scores_)) == 1
    assert [model.n_iter_ for model in fitted] == [12, 12]


@quiet
@every_solver
@pytest.mark.parametrize("early", [False, True])
def test_estimator_epochs_callback_sees_every_one(solver: str, early: bool) -> None:
    x, y = data("multiclass")
    seen: list[Any] = []
    parameters = {"solver": solver, "max_iter": 9, "early_stopping": early}
    model = ours("multiclass", callbacks=seen.append, **parameters).fit(x, y)
    assert [state.epoch for state in seen] == list(range(9))
    assert [state.cost for state in seen] == model.loss_curve_
    curve = model.validation_loss_curve_ or [None] * 9
    assert [state.validation_cost for state in seen] == curve
    scores = model.validation_scores_ or [None] * 9
    assert [state.validation_score for state in seen] == scores
    alone = ours("multiclass", **parameters).fit(x, y)
    assert np.array_equal(weights_of(model), weights_of(alone))
    if not early:
        W1, b1, W2, b2 = seen[-1].parameters
        for mine, theirs in zip(
            (W1.T, W2.T, b1.ravel(), b2.ravel()), model.coefs_ + model.intercepts_, strict=True
        ):
            np.testing.assert_allclose(mine, theirs, rtol=1e-15)
    assert not np.array_equal(seen[0].parameters.flat, seen[-1].parameters.flat)


@quiet
def test_estimator_epochs_callback_sees_the_learning_rate() -> None:
    seen: list[Any] = []
    parameters = {"solver": "sgd", "learning_rate": "invscaling", "max_iter": 3}
    ours("binary", callbacks=[seen.append], **parameters).fit(*data("binary"))
    rates = [state.learning_rate for state in seen]
    assert rates == sorted(rates, reverse=True) and rates[0] > rates[-1] > 0


@every_solver
def test_estimator_epochs_callback_may_stop_with_true_only(solver: str) -> None:
    x, y = data("regression")
    for answer in (True, np.True_):
        model = ours("regression", solver=solver, callbacks=lambda s, a=answer: s.epoch == 3 and a)
        assert model.fit(x, y).n_iter_ == len(model.loss_curve_) == 4  # and nothing is warned of
    for answer in (None, False, 1, "go on", np.ones(3)):
        model = ours("regression", solver=solver, max_iter=5, callbacks=lambda s, a=answer: a)
        with pytest.warns(ConvergenceWarning):
            assert model.fit(x, y).n_iter_ == 5


@quiet
def test_estimator_epochs_callbacks_are_all_called() -> None:
    first: list[int] = []
    second: list[int] = []
    callbacks = [
        lambda state: first.append(state.epoch) or state.epoch == 2,
        lambda state: second.append(state.epoch),
    ]
    ours("binary", callbacks=callbacks).fit(*data("binary"))
    assert first == second == [0, 1, 2]


@quiet
@every_solver
def test_estimator_epochs_callback_cannot_change_the_fit(solver: str) -> None:
    def spoil(state: Any) -> None:
        state.parameters.flat[:] = np.nan

    x, y = data("binary")
    model = ours("binary", solver=solver, callbacks=spoil, max_iter=5).fit(x, y)
    alone = ours("binary", solver=solver, max_iter=5).fit(x, y)
    assert np.array_equal(weights_of(model), weights_of(alone))


@every_solver
def test_estimator_epochs_callback_errors_come_through(solver: str) -> None:
    fail = breaking_off(0, LookupError("mine"))
    with pytest.raises(LookupError, match="mine"):
        ours("binary", solver=solver, callbacks=fail).fit(*data("binary"))


@quiet
def test_estimator_epochs_callback_sees_a_partial_fit() -> None:
    seen: list[Any] = []
    x, y = data("regression")
    model = ours("regression", callbacks=seen.append).partial_fit(x, y).partial_fit(x, y)
    assert [state.cost for state in seen] == model.loss_curve_


# printed lines


@quiet
@kinds("binary", "regression")
@pytest.mark.parametrize(
    "parameters",
    [
        {"solver": "adam", "max_iter": 5},
        {"solver": "adam", "max_iter": 300, "tol": 0.01, "learning_rate_init": 0.02},
        {"solver": "sgd", "early_stopping": True, "tol": 0.5, "n_iter_no_change": 2},
        {"solver": "sgd", "learning_rate": "adaptive", "tol": 1.0, "n_iter_no_change": 1,
         "max_iter": 100},
    ],
    ids=["maximum", "loss", "score", "adaptive"],
)  # fmt: skip
def test_estimator_epochs_print_scikit_learns_lines(
    kind: str, parameters: Any, capsys: Any
) -> None:
    x, y = data(kind)
    printed = []
    for model in pair(kind, verbose=True, **parameters):
        model.fit(x, y)
        printed.append(capsys.readouterr().out.splitlines())
    assert printed[0] == printed[1] and len(printed[0]) >= 5
    if "tol" in parameters:
        assert any(line.endswith("Stopping.") for line in printed[0])


@quiet
@every_solver
def test_estimator_epochs_print_one_line_each(solver: str, capfd: Any) -> None:
    model = ours("binary", solver=solver, verbose=True, max_iter=4).fit(*data("binary"))
    expected = [f"Iteration {k}, loss = {loss:.8f}" for k, loss in enumerate(model.loss_curve_, 1)]
    assert capfd.readouterr().out.splitlines()[:4] == expected
    ours("binary", solver=solver, max_iter=4).fit(*data("binary"))
    assert capfd.readouterr() == ("", "")


@kinds("binary", "regression")
@pytest.mark.parametrize("solver", ["adam", "gd", "sgd"])
def test_estimator_epochs_maximum_is_warned_of(kind: str, solver: str) -> None:
    text = r"Stochastic Optimizer: Maximum iterations \(2\) reached and the optimization hasn't"
    with pytest.warns(ConvergenceWarning, match=text):
        ours(kind, solver=solver, max_iter=2).fit(*data(kind))


PROGRESS = """
import sys, warnings
import numpy as np
import shallownet_native as sn

warnings.simplefilter("ignore")
x = np.random.default_rng(0).standard_normal((500, 10))
for progress in (False, True):
    for solver in ("adam", "gd", "lbfgs"):
        sn.ShallowNetRegressor(progress=progress, solver=solver, max_iter=30).fit(x, x[:, 0])
    print("DONE", file=sys.stderr, flush=True)
"""


@pytest.mark.parametrize("terminal", [False, True])
def test_estimator_epochs_progress_is_for_terminals(terminal: bool) -> None:
    pty = pytest.importorskip("pty")  # absent on Windows
    fcntl, termios = pytest.importorskip("fcntl"), pytest.importorskip("termios")
    leader, follower = pty.openpty()
    fcntl.ioctl(follower, termios.TIOCSWINSZ, struct.pack("4H", 24, 80, 0, 0))  # wide enough
    try:
        run = subprocess.run(
            [sys.executable, "-c", PROGRESS], stdout=subprocess.PIPE,
            stderr=follower if terminal else subprocess.PIPE, text=True, timeout=120,
        )  # fmt: skip
        assert (run.returncode, run.stdout) == (0, "")
        shown = run.stderr or ""
        while shown.count("DONE") < 2:
            shown += os.read(leader, 100_000).decode()
    finally:
        os.close(leader)
        os.close(follower)
    without, with_it, _ = shown.split("DONE")
    assert not without and bool(with_it.strip()) == terminal
