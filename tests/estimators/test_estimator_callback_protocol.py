"""scikit-learn's own callbacks, where the installed version has them (1.9)."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sklearn.metrics import get_scorer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from mlp_pairs import data, every_solver, kinds, ours, weights_of

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
callback = pytest.importorskip("sklearn.callback", reason="scikit-learn < 1.9 has no callbacks")


class Recorder:
    """A callback of the protocol that keeps what it sees, and stops where it is told to."""

    def __init__(self, stop_at: int | None = None, fail_at: int | None = None) -> None:
        self.events: list[str] = []
        self.fitted: list[Any] = []
        self.stop_at, self.fail_at = stop_at, fail_at

    def setup(self, estimator: Any, context: Any) -> None:
        self.events.append("setup")

    def teardown(self, estimator: Any, context: Any) -> None:
        self.events.append("teardown")

    def on_fit_task_begin(self, estimator: Any, context: Any) -> None:
        self.events.append("begin fit" if context.parent is None else "begin epoch")

    def on_fit_task_end(
        self, estimator: Any, context: Any, *, X: Any, y: Any, fitted_estimator: Any
    ) -> bool:
        if context.parent is None:
            self.events.append("end fit")
            return False
        self.events.append("end epoch")
        self.fitted.append((X, y, fitted_estimator))
        if context.task_id == self.fail_at:
            raise LookupError("mine")
        return context.task_id == self.stop_at


@kinds("binary", "regression")
@every_solver
def test_estimator_callback_protocol_is_followed(kind: str, solver: str) -> None:
    x, y = data(kind)
    recorder = Recorder()
    model = ours(kind, solver=solver, max_iter=4).set_callbacks(recorder).fit(x, y)
    epochs = ["begin epoch", "end epoch"] * 4
    assert recorder.events == ["setup", "begin fit", *epochs, "end fit", "teardown"]
    alone = ours(kind, solver=solver, max_iter=4).fit(x, y)
    assert np.array_equal(weights_of(model), weights_of(alone))
    for n_epochs, (rows, targets, fitted) in enumerate(recorder.fitted, 1):
        same = ours(kind, solver=solver, max_iter=n_epochs).fit(x, y)
        assert np.array_equal(fitted.predict(x), same.predict(x))
        assert np.array_equal(rows, x) and len(targets) == len(y)


def test_estimator_callback_protocol_has_the_epochs_of_all_starts() -> None:
    recorder = Recorder()
    ours("regression", max_iter=4, n_restarts=3).set_callbacks(recorder).fit(*data("regression"))
    assert recorder.events[0] == "setup" and recorder.events[-2:] == ["end fit", "teardown"]
    assert recorder.events.count("end epoch") == 3 * 4 and recorder.events.count("end fit") == 1


@every_solver
def test_estimator_callback_protocol_may_stop(solver: str) -> None:
    x, y = data("regression")
    recorder = Recorder(stop_at=2)
    model = ours("regression", solver=solver).set_callbacks(recorder).fit(x, y)
    assert model.n_iter_ == len(model.loss_curve_) == 3
    assert recorder.events[-2:] == ["end fit", "teardown"]


def test_estimator_callback_protocol_tears_down_after_errors() -> None:
    recorder = Recorder(fail_at=1)
    with pytest.raises(LookupError, match="mine"):
        ours("regression").set_callbacks(recorder).fit(*data("regression"))
    assert recorder.events[-2:] == ["end epoch", "teardown"]


@kinds("binary", "regression")
def test_estimator_callback_protocol_monitors_scores(kind: str) -> None:
    x, y = data(kind)
    scoring = "neg_log_loss" if kind == "binary" else "r2"
    monitor = callback.ScoringMonitor(scoring=scoring)
    model = ours(kind, max_iter=6).set_callbacks(monitor).fit(x, y)
    logs = monitor.get_logs()
    log = logs[0] if isinstance(logs, list) else logs
    scores = [row[scoring] for row in log.data if row["task_name"] != "fit"]
    assert len(scores) == model.n_iter_ == 6
    shorter = ours(kind, max_iter=3).fit(x, y)
    assert scores[2] == pytest.approx(get_scorer(scoring)(shorter, x, y))


class Propagated(Recorder):
    """A callback that a pipeline hands on to its steps."""

    max_propagation_depth = None

    def on_fit_task_end(self, estimator: Any, context: Any) -> bool:  # type: ignore[override]
        self.events.append(f"{context.estimator_name} {context.task_id}")
        return False


def test_estimator_callback_protocol_is_passed_on_by_a_pipeline() -> None:
    x, y = data("regression")
    recorder = Propagated()
    pipeline = make_pipeline(StandardScaler(), ours("regression", max_iter=3))
    pipeline.set_callbacks(recorder).fit(x, y)
    ours_alone = [event for event in recorder.events if event.startswith("ShallowNet")]
    # its epochs, and its fit, which is the pipeline's task 1
    assert ours_alone == [f"ShallowNetRegressor {k}" for k in (0, 1, 2, 1)]
    assert recorder.events.count("teardown") == 1


def test_estimator_callback_protocol_refuses_other_things() -> None:
    with pytest.raises(TypeError, match="FitCallback"):
        ours("regression").set_callbacks(print)
