"""`hidden_size_sweep` where something goes wrong: divergence, errors, Ctrl-C, what it refuses."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
import time
import warnings
from typing import Any

import numpy as np
import pytest

import shallownet_native as sn
from drawings import texts_of
from shallownet_native.plotting import trainings

sweep = sn.plotting.hidden_size_sweep


@pytest.fixture
def data() -> Any:
    return sn.datasets.noisy_circles(seed=0)


def test_sweep_draws_what_diverged_and_says_which(data: Any, monkeypatch: Any) -> None:
    X, Y = data
    train = trainings.train

    def diverging(start: Any, *given: Any, **options: Any) -> Any:
        result = train(start, *given, **options)
        if start.n_h in (2, 4):
            raise sn.DivergenceError("training diverged", result)
        return result

    monkeypatch.setattr(trainings, "train", diverging)
    with pytest.warns(sn.ConvergenceWarning, match="with 2, 4 hidden units it diverged") as told:
        ax = sweep(X, Y, [1, 2, 3, 4], n_iterations=10, resolution=16)
    assert len(told) == 1 and told[0].filename == __file__
    outcomes = [text.split(": ")[1] for text in texts_of(ax)]
    assert [outcome == "diverged" for outcome in outcomes] == [False, True, False, True]
    assert ax.images[0].get_array().count() == 4 * 16 * 16, "the others are drawn, and these"


def test_sweep_survives_a_real_divergence() -> None:
    X = np.random.default_rng(0).normal(size=(2, 30))
    options = {"output": "identity", "learning_rate": 1e30, "n_iterations": 30}
    with pytest.warns(sn.ConvergenceWarning, match="with 1, 2 hidden units it diverged"):
        assert texts_of(sweep(X, X[:1], [1, 2], **options)) == ["1: diverged", "2: diverged"]


def test_sweep_warns_once_of_costs_that_rose(data: Any) -> None:
    X, Y = data
    options = {"learning_rate": 300.0, "n_iterations": 60, "hidden": "relu", "cost_every": 1}
    with pytest.warns(sn.ConvergenceWarning, match="ended above its first cost") as told:
        sweep(X, Y, [3, 5], scheme="he_normal", **options)
    assert len(told) == 1 and "Lower the learning_rate" in str(told[0].message)


def test_sweep_repeats_other_warnings(data: Any, monkeypatch: Any) -> None:
    train = trainings.train

    def warning(*given: Any, **options: Any) -> Any:
        warnings.warn("look here", RuntimeWarning, stacklevel=1)
        return train(*given, **options)

    monkeypatch.setattr(trainings, "train", warning)
    with pytest.warns(RuntimeWarning, match="look here"):
        sweep(*data, [1], n_iterations=2)


def test_sweep_ends_all_trainings_with_the_first_error(data: Any, monkeypatch: Any) -> None:
    train, begun, ended = trainings.train, [], []

    def failing(start: Any, *given: Any, **options: Any) -> Any:
        begun.append(start.n_h)
        if start.n_h == 9:
            raise RuntimeError("broken")
        options["n_iterations"] = 2 * 10**6  # until it is told to end
        result = train(start, *given, **options)
        ended.append(result.stopped_by)
        return result

    monkeypatch.setattr(trainings, "train", failing)
    with pytest.raises(RuntimeError, match="broken"):
        sweep(*data, range(1, 11), n_iterations=100_000, n_threads=2)
    assert begun == [10, 9], "the longest first, and none any more"
    assert ended == ["callback"]
    assert not [t for t in threading.enumerate() if t.name.startswith("shallownet-sweep")]


@pytest.mark.parametrize(
    ("n", "between"), [(1000, {20}), (10**7, {10**8 // (200 * size) for size in (9, 29)})]
)
def test_sweep_trainings_look_often_whether_they_are_to_end(
    n: int, between: set[int], data: Any, monkeypatch: Any
) -> None:
    """50 times and, where iterations are many, after 100 million products of weights."""
    train, rhythms = trainings.train, set()

    def short(*given: Any, **options: Any) -> Any:
        assert options["n_iterations"] == n
        rhythms.add(options["cost_every"])
        return train(*given, **{**options, "n_iterations": 3})

    monkeypatch.setattr(trainings, "train", short)
    sweep(*data, [2, 7], n_iterations=n)  # of 9 and 29 parameters, and 200 examples
    assert rhythms == between


INTERRUPTED = """
import threading, time, numpy as np, shallownet_native as sn
X, Y = sn.datasets.flower()
import matplotlib; matplotlib.use("Agg")
from matplotlib import pyplot
print("begins", flush=True)
try:
    sn.plotting.hidden_size_sweep(X, Y, range(1, 51), n_iterations=10_000_000, n_threads=2)
except KeyboardInterrupt as error:
    print(type(error).__name__, threading.active_count(), pyplot.get_fignums(), flush=True)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGINT to another process there")
def test_sweep_ends_soon_on_an_interrupt() -> None:
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    process = subprocess.Popen([sys.executable, "-c", INTERRUPTED], text=True, **pipes)
    assert process.stdout is not None and process.stdout.readline() == "begins\n"
    time.sleep(1.5)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)  # left alone, it would take an hour
    assert (process.returncode, out, err) == (0, "KeyboardInterrupt 1 []\n", "")


ERRORS: dict[str, tuple[tuple[Any, ...], dict[str, Any], str]] = {
    "no sizes": (([],), {}, "sizes must be from 1 to 1000 integers, got 0"),
    "too many sizes": ((range(2000),), {}, "got 2000"),
    "one number": ((5,), {}, "sizes must be several integers, such as range(1, 51), got 5"),
    "a word": (("12",), {}, "sizes must be several integers"),
    "half a unit": (([1.5],), {}, "sizes must be an integer"),
    "below 0": (([-1],), {}, "sizes must be >= 0"),
    "callback": (([1],), {"callback": print}, "hidden_size_sweep takes no callback"),
    "checkpoint": (([1],), {"checkpoint": "a"}, "takes no checkpoint"),
    "every": (([1],), {"every": 3}, "takes no every"),
    "no option": (([1, 2],), {"speed": 3}, "unexpected keyword argument 'speed'"),
    "rate": (([1, 2],), {"learning_rate": -1}, "learning_rate must be in (0, inf)"),
    "iterations": (([1],), {"n_iterations": "9"}, "n_iterations must be an integer"),
    "scheme": (([1],), {"scheme": "glorot"}, "scheme must be one of"),
    "dtype": (([1],), {"dtype": "int8"}, "dtype must be float32 or float64"),
    "threads": (([1],), {"n_threads": 0}, "n_threads must be"),
    "resolution": (([1],), {"resolution": 1}, "resolution must be >= 8"),
    "seed": (([1],), {"seed": "three"}, "seed must be an int"),
}


@pytest.mark.parametrize("case", ERRORS)
def test_sweep_refuses(case: str, data: Any, refused: Any) -> None:
    given, options, text = ERRORS[case]
    assert text in refused((TypeError, ValueError), sweep, *data, *given, **options)


def test_sweep_refuses_data_that_no_plane_holds(data: Any, refused: Any) -> None:
    X, Y = data
    assert "got (200, 2): use X.T" in refused(ValueError, sweep, X.T, Y, [1])
    assert "X must have shape (1, m) or (2, m), got (200,)" in refused(ValueError, sweep, X[0], Y)
    many = refused(ValueError, sweep, np.ones((3, 9)), np.ones((1, 9)), [1])
    assert "this network has 3" in many and "permutation_importance" in many
    assert "Y must have shape (1, 200)" in refused(ValueError, sweep, X, Y[0, :5], [1])
    assert "labels in words" in refused(TypeError, sweep, X, np.where(Y > 0, "a", "b"), [1])
    X[0, 3] = np.nan
    assert "X must be finite, got nan" in refused(ValueError, sweep, X, Y, [1])
