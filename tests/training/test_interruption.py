"""Trainings that do not reach their end: divergence, Ctrl-C, other signals."""

from __future__ import annotations

import os
import pickle
import signal
import subprocess
import sys
from typing import Any

import numpy as np
import pytest

import shallownet_native as sn
from campaigns import interruption, large_networks
from campaigns.common import breaking_off

SHAPE = (3, 5, 2)
M = 60


pytestmark = pytest.mark.usefixtures("no_callbacks_of_the_collector")


@pytest.mark.parametrize("length", [{"n_iterations": 50}, {"n_epochs": 50, "batch_size": 13}])
@pytest.mark.parametrize("cost_every", [0, 1])
def test_interruption_divergence_keeps_the_last_finite_parameters(
    make_problem: Any, optimizer: str, dtype: Any, length: Any, cost_every: int
) -> None:
    problem = make_problem(SHAPE, M, "identity", "identity", dtype)
    huge = float(np.finfo(dtype).max) / 16
    with pytest.raises(sn.DivergenceError, match=r"no longer finite\. Lower") as e:
        problem.train(
            seed=0,
            optimizer=optimizer,
            learning_rate=huge,
            cost_every=cost_every,
            **length,
        )
    result = e.value.result
    assert isinstance(e.value, ValueError) and isinstance(e.value, ArithmeticError)
    assert result.stopped_by == "divergence" and result.n_epochs < 50
    assert np.isfinite(result.parameters.flat).all() and np.isfinite(result.costs).all()
    if result.n_epochs == 0:
        assert result.parameters == problem.start


def test_interruption_divergence_is_found_within_an_epoch(make_problem: Any) -> None:
    problem = make_problem(SHAPE, M, "relu", "identity")
    huge = problem.changed(X=problem.X * 1e300)
    for length in ({"n_iterations": 50}, {"n_epochs": 50, "batch_size": 13, "seed": 0}):
        with pytest.raises(sn.DivergenceError) as caught:
            huge.train(**length)
        assert caught.value.result.n_epochs == 0
        assert caught.value.result.parameters == problem.start


def test_interruption_errors_survive_pickling(problem: Any) -> None:
    with pytest.raises(sn.DivergenceError) as caught:
        problem.train(output="identity", learning_rate=1e300)
    again = pickle.loads(pickle.dumps(caught.value))
    assert type(again) is sn.DivergenceError and str(again) == str(caught.value)
    assert again.result.parameters == caught.value.result.parameters
    interrupted = sn.TrainingInterrupted("stop", caught.value.result)
    assert pickle.loads(pickle.dumps(interrupted)).result.stopped_by == "divergence"


def test_interruption_interrupt_between_native_calls_keeps_complete_epochs(problem: Any) -> None:
    for length in ({"n_iterations": 50}, {"n_epochs": 50, "batch_size": 13, "seed": 0}):
        with pytest.raises(sn.TrainingInterrupted, match="after 7 complete epochs") as caught:
            problem.train(callback=breaking_off(6), **length)
        result = caught.value.result
        assert isinstance(caught.value, KeyboardInterrupt)
        assert (result.stopped_by, result.n_epochs, result.costs.size) == ("interrupt", 7, 7)
        shorter = {**length, **{name: 7 for name in length if name.startswith("n_")}}
        assert result.parameters == problem.train(**shorter).parameters


def run_program(program: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", program]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)


INTERRUPTED = """
import os, signal, sys, threading
import numpy as np
import shallownet_native as sn

rng = np.random.default_rng(0)
X = rng.standard_normal((20, 3000))
Y = (X[:1] > 0).astype(float)
start = sn.initialize(20, {n_h}, 1, seed=0)
def train(**length):
    return sn.train(start, X, Y, **{more}, seed=0, n_threads=2, **length)

batch = {{"batch_size": {batch_size}}} if {batch_size} else {{}}
name = "n_epochs" if batch else "n_iterations"
threading.Timer({delay}, os.kill, (os.getpid(), signal.SIGINT)).start()
try:
    train(**{{name: 10**9}}, **batch)
except sn.TrainingInterrupted as error:
    result = error.result
    assert isinstance(error.__cause__, KeyboardInterrupt)
else:
    sys.exit("not interrupted")
assert result.stopped_by == "interrupt" and result.n_epochs == result.costs.size
if result.n_epochs == 0:  # of a large network, on a busy machine
    assert result.parameters == start and not np.shares_memory(result.parameters.flat, start.flat)
    print("epochs: none")
    sys.exit()
again = train(**{{name: result.n_epochs}}, **batch)
assert again.parameters == result.parameters, "not the last complete epoch"
assert again.n_iterations == result.n_iterations
assert np.array_equal(again.costs, result.costs)
print("epochs:", result.n_epochs)
"""


ADAM = {"optimizer": "adam"}
MOVED = {"optimizer": "adamw", "average": 0.9, "input_scale": True, "rates": "ntk"}


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGINT to oneself there")
@pytest.mark.parametrize("more", [ADAM, MOVED], ids=lambda more: more["optimizer"])
@pytest.mark.parametrize(
    ("batch_size", "n_h", "delay"),
    [(0, 64, 0.3), (1, 64, 0.3), (32, 64, 0.3), (3000, 64, 0.3), (0, 13_000, 1), (100, 13_000, 1)],
)
def test_interruption_ctrl_c_leaves_the_last_complete_epoch(
    batch_size: int, n_h: int, delay: float, more: dict[str, Any]
) -> None:
    program = INTERRUPTED.format(batch_size=batch_size, n_h=n_h, delay=delay, more=more)
    done = run_program(program)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("epochs: ")


HANDLER = """
import signal
import numpy as np
import shallownet_native as sn

def stop(number, frame):
    raise TimeoutError("too long")

signal.signal(signal.SIGALRM, stop)
X = np.random.default_rng(0).standard_normal((20, 3000))
start = sn.initialize(20, 64, 1, seed=0)
try:
    signal.setitimer(signal.ITIMER_REAL, 0.2)
    sn.{call}, X, (X[:1] > 0), n_iterations=10**9)
except TimeoutError as error:
    print(error)
"""


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="no interval timers")
@pytest.mark.parametrize("call", ["train(start", "train_many(4 * [start]"])
def test_interruption_other_signals_raise_what_their_handler_raises(call: str) -> None:
    done = run_program(HANDLER.format(call=call))
    assert done.stdout == "too long\n", done.stderr


@pytest.fixture(scope="module")
def long_calls() -> Any:
    return {**interruption.network_calls(scale=0.3), **interruption.estimator_calls()}


@pytest.mark.skipif(not hasattr(os, "fork"), reason="a fork sends the signal")
@pytest.mark.filterwarnings("ignore:Stochastic Optimizer")
@pytest.mark.parametrize(
    "name",
    [
        *(f"{name}, 2 threads" for name in ("forward", "predict", "cost", "gradients", "columns")),
        "validated",
        "callback",
        "predict of an estimator",
    ],
)
def test_interruption_ctrl_c_ends_any_long_call(name: str, long_calls: Any) -> None:
    # how soon is for campaigns/interruption.py to say
    assert interruption.latency(long_calls[name], 0.1)[0] > 0


@pytest.mark.skipif(not hasattr(os, "fork"), reason="a fork sends the signal")
@pytest.mark.parametrize("kind", large_networks.KINDS)
def test_interruption_ctrl_c_ends_calls_on_large_networks(kind: str) -> None:
    for number, call in enumerate(large_networks.KINDS[kind](3, 2).values()):
        assert interruption.latency(call, 0.05 + 0.1 * (number % 3))[0] > 0
