"""Progress: who sees it, what stands beside the bar, and that training is the same without."""

from __future__ import annotations

import importlib.util
import io
import subprocess
import sys
import types
import warnings
from typing import Any

import numpy as np
import pytest

import shallownet_native as sn
from fake_bars import Terminal, sit_before_bars
from shallownet_native._extras import progress as room
from shallownet_native.training.many import showing

X, Y = sn.datasets.flower()
START = sn.initialize(2, 4, 1, seed=0)
WAYS: dict[str, dict[str, Any]] = {
    "full batch": {"learning_rate": 1.2, "n_iterations": 300},
    "costs seldom": {"learning_rate": 1.2, "n_iterations": 301, "cost_every": 100},
    "no costs": {"n_iterations": 50, "cost_every": 0},
    "mini-batches": {"optimizer": "adam", "n_epochs": 30, "batch_size": 32, "seed": 0},
    "tol": {"learning_rate": 1.2, "n_iterations": 3000, "tol": 1e-3},
    "adaptive": {"n_iterations": 3000, "learning_rate": 1.2, "tol": 1e-3, "schedule": "adaptive"},
    "invscaling": {"n_iterations": 90, "learning_rate": 1.2, "schedule": "invscaling"},
    "cosine": {"n_iterations": 90, "learning_rate": 1.2, "schedule": "cosine", "average": 0.9},
    "validation": {"n_iterations": 200, "validation": 0.2, "seed": 0, "learning_rate": 1.2},
    "lbfgs": {"optimizer": "lbfgs", "n_iterations": 60},
    "lbfgs, single": {"optimizer": "lbfgs", "n_iterations": 200},
    "lm": {"optimizer": "lm", "n_iterations": 30},
    "evidence": {"optimizer": "lm", "l2": "evidence", "n_iterations": 60},
    "starts": {"n_iterations": 50, "starts": [sn.initialize(2, 4, 1, seed=k) for k in (1, 2)]},
}
of_every_way = pytest.mark.parametrize("way", WAYS)


def train(way: str, **more: Any) -> Any:
    """Return the result of one of the ways, its time aside."""
    dtype = "float32" if way.endswith("single") else "float64"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", sn.ConvergenceWarning)
        return sn.train(START.astype(dtype), X.astype(dtype), Y, **{**WAYS[way], **more})


def assert_same(one: Any, other: Any) -> None:
    """Check that two results have the same bits, their time aside."""
    assert np.array_equal(one.parameters.flat, other.parameters.flat)
    for name, value in vars(one).items():
        if name not in ("parameters", "seconds"):
            assert repr(value) == repr(vars(other)[name]), name
            if isinstance(value, np.ndarray):
                assert value.tobytes() == vars(other)[name].tobytes(), name


@of_every_way
@pytest.mark.parametrize("slow", [False, True])
def test_progress_changes_no_bit(way: str, slow: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither with calls of one epoch each, as of slow machines, nor with ever longer ones."""
    alone = train(way)
    bars = sit_before_bars(monkeypatch)
    monkeypatch.setattr(showing, "SECONDS_PER_CALL", 0.0 if slow else 1e9)
    assert_same(train(way, progress=True), alone)
    (bar,) = bars
    length = next(value for name, value in WAYS[way].items() if name.startswith("n_"))
    assert bar.asked == length * (3 if way == "starts" else 1) and 0 < bar.n <= bar.asked
    assert bar.label == "training" and not bar.is_open
    least = alone.n_epochs if slow and way != "starts" else 2
    assert len(bar.beside) >= min(least, 2) and (not slow or len(bar.beside) >= least - 1)


def test_progress_takes_few_calls(monkeypatch: pytest.MonkeyPatch) -> None:
    """Twice as many epochs in each as long as they are quick."""
    bars = sit_before_bars(monkeypatch)
    monkeypatch.setattr(showing, "SECONDS_PER_CALL", 1e9)
    train("full batch", progress=True)
    assert len(bars[0].beside) == 9  # 1 + 2 + 4 + ... + 128 + what is left of 300


def test_progress_has_cost_and_rate_beside_it(monkeypatch: pytest.MonkeyPatch) -> None:
    bars = sit_before_bars(monkeypatch)
    result = train("full batch", progress=True)
    assert bars[0].beside[0] == f"cost={result.costs[0]:.4g}, rate=1.2"
    assert bars[0].beside[-1] == f"cost={result.costs[-1]:.4g}, rate=1.2"
    result = train("validation", progress=True)
    ends = f"cost={result.costs[-1]:.4g}, rate=1.2, val={result.validation_costs[-1]:.4g}"
    assert bars[1].beside[-1] == ends
    result = train("lbfgs", progress=True)
    assert bars[2].beside[-1] == f"cost={result.costs[-1]:.4g}"  # which has no rate
    train("no costs", progress=True)
    assert set(bars[3].beside) == {"rate=0.1"}
    train("starts", progress=True)
    assert bars[4].beside[-1].startswith("ended=3, least_cost=0.")


def test_progress_is_the_same_to_callbacks(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[Any] = []
    train("full batch", callback=lambda state: seen.append((state.epoch, state.cost)))
    before, bars = list(seen), sit_before_bars(monkeypatch)
    seen.clear()
    train(
        "full batch", callback=lambda state: seen.append((state.epoch, state.cost)), progress=True
    )
    assert seen == before and len(seen) == 300 and bars[0].n == 300


def test_progress_of_a_checkpoint_begins_where_that_is(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    given: dict[str, Any] = {"checkpoint": tmp_path / "run.snet", "learning_rate": 1.2}
    train("full batch", **given, n_iterations=200)
    bars = sit_before_bars(monkeypatch)
    assert_same(train("full batch", **given, progress=True), train("full batch"))
    assert (bars[0].asked, bars[0].n) == (300, 300) and bars[0].beside[0] == ""


@pytest.mark.parametrize("raised", [KeyboardInterrupt, LookupError])
@pytest.mark.parametrize("way", ["full batch", "starts"])
def test_progress_is_closed_whatever_ends_it(
    raised: Any, way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    bars = sit_before_bars(monkeypatch)

    def stop(state: Any) -> None:
        if state.epoch == 20:
            raise raised

    with pytest.raises(raised):
        train(way, callback=stop, progress=True)
    assert not bars[0].is_open and 0 < bars[0].n
    assert bars[0].total == bars[0].asked  # what a notebook leaves, in red


def test_progress_of_a_training_that_diverges(monkeypatch: pytest.MonkeyPatch) -> None:
    bars, results = sit_before_bars(monkeypatch), []
    for shows in (False, True):
        with pytest.raises(sn.DivergenceError) as caught:
            sn.train(START, X, Y, output="identity", learning_rate=1e300, progress=shows)
        results.append(caught.value.result)
    assert_same(*results)
    assert len(bars) == 1 and not bars[0].is_open


def test_progress_that_ends_early_is_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    """A widget that falls short of its total would be left, in red."""
    bars = sit_before_bars(monkeypatch, all_told=False)  # what was last is not told any more
    for way in ("tol", "full batch"):
        train(way, progress=True)
    assert all(0 < bar.n == bar.total for bar in bars)


def test_progress_is_nothing_where_nobody_sees_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """In a pipe, without standard error, and where it is not asked for."""
    bars = sit_before_bars(monkeypatch)
    train("full batch")
    assert not sys.stderr.getvalue()  # type: ignore[attr-defined]
    pipe = io.StringIO()
    for stream in (pipe, None):
        monkeypatch.setattr(sys, "stderr", stream)
        train("full batch", progress=True)
        sn.train_many([START], X, Y, n_iterations=5, progress=True)
    assert not bars and not pipe.getvalue()


@pytest.mark.parametrize("flag", [1, None, "yes"])
def test_progress_is_a_flag(flag: Any) -> None:
    with pytest.raises(TypeError, match=r"progress.*\bbool\b|progress.*True"):
        train("full batch", progress=flag)


def test_progress_of_many_counts_those_that_have_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    bars = sit_before_bars(monkeypatch)
    starts = [sn.initialize(2, 4, 1, seed=k) for k in range(60)]
    given: dict[str, Any] = {"n_iterations": 10, "n_threads": 1}
    results = sn.train_many(starts, X, Y, **given, progress=True)
    least = min(float(result.costs[-1]) for result in results)
    assert (bars[0].label, bars[0].n) == ("train_many", 600)
    assert bars[0].beside[-1] == f"ended=60, least_cost={least:.4g}" and len(bars[0].beside) == 30
    sn.train_many(starts, X, Y, **given, best="pooled", progress=True,
                  held_out=np.arange(400) % 60 == np.arange(60)[:, None])  # fmt: skip
    assert bars[1].n == 600 and bars[1].beside[-1].startswith("ended=60, least_cost=0.")


def test_progress_without_tqdm_has_the_figures_too(monkeypatch: pytest.MonkeyPatch) -> None:
    found = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name: None if name == "tqdm" else found(name)
    )
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    result = train("full batch", progress=True)
    shown = terminal.getvalue()
    assert f"\rtraining: 1/300, cost={result.costs[0]:.4g}, rate=1.2" in shown
    assert shown.endswith("\r\x1b[K") and "\n" not in shown


def test_progress_is_written_ten_times_a_second_at_most(monkeypatch: pytest.MonkeyPatch) -> None:
    now, written = [100.0], []
    monkeypatch.setattr(room.time, "monotonic", lambda: now[0])
    advance = room.Advance(lambda *line: written.append(line))
    for step in range(1024):
        now[0] = 100.0 + step / 1024
        advance(1, cost=float(step))
    assert len(written) == 10 and written[:2] == [(1, "cost=0"), (103, "cost=103")]


def test_progress_in_a_notebook_is_seen_though_it_has_no_terminal(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    bars = sit_before_bars(monkeypatch)
    monkeypatch.setattr(sys, "stderr", io.StringIO())
    ipython = types.ModuleType("IPython")
    kernel = types.SimpleNamespace(config={"IPKernelApp": {}})
    ipython.get_ipython = lambda: kernel  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "IPython", ipython)
    train("full batch", progress=True)
    assert bars[0].n == 300 and bars[0].file is sys.stderr
    kernel.config = {"TerminalIPythonApp": {}}
    train("full batch", progress=True)
    assert len(bars) == 1


NOTEBOOK = """
import sys, types
kernel = types.SimpleNamespace(config={"IPKernelApp": {}})
sys.modules["IPython"] = types.ModuleType("IPython")
sys.modules["IPython"].get_ipython = lambda: kernel
sys.modules["ipykernel.zmqshell"] = types.ModuleType("ipykernel.zmqshell")
sys.modules["ipywidgets"] = None
import shallownet_native as sn
assert "tqdm" not in sys.modules
X, Y = sn.datasets.flower()
sn.train(sn.initialize(2, 4, 1, seed=0), X, Y, n_iterations=20, progress=True)
assert "tqdm.auto" in sys.modules
"""


@pytest.mark.parametrize("warnings_are", ["error", "always"])
def test_progress_in_a_notebook_without_widgets_is_text(warnings_are: str) -> None:
    """And what tqdm warns of then is neither an error nor noise."""
    pytest.importorskip("tqdm")
    command = [sys.executable, "-W", warnings_are, "-c", NOTEBOOK]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "training:" in done.stderr and "cost=0." in done.stderr and "rate=0.1" in done.stderr
    assert "Warning" not in done.stderr
