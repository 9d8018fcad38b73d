"""`train_many` broken off: every network keeps its last complete epoch, the finished ones all."""

from __future__ import annotations

import pickle
import subprocess
import sys
from typing import Any

import pytest

import shallownet_native as sn
from campaigns.common import breaking_off
from many_cases import RATES, SEEDS, N, differing, draw, draw_masks, draw_starts, same

LENGTHS: dict[str, dict[str, Any]] = {
    "full": {"n_iterations": 50, "learning_rate": RATES},
    "batches": {"n_epochs": 50, "batch_size": 13, "seeds": SEEDS},
    "lbfgs": {"optimizer": "lbfgs", "n_iterations": 50},
    "lm": {"optimizer": "lm", "n_iterations": 50, "l2": 1e-3},
}


def break_off(epoch: int, error: Any = KeyboardInterrupt) -> Any:
    """Return a callback that raises as any network comes to the end of that epoch."""
    one = breaking_off(epoch, error)
    return lambda states: [one(state) for state in states if state is not None] and None


@pytest.mark.parametrize("length", LENGTHS)
@pytest.mark.parametrize("best", [None, "own"])
def test_train_many_interruption_keeps_complete_epochs(length: str, best: str | None) -> None:
    X, Y = draw()
    given = {**LENGTHS[length], "held_out": draw_masks(), "best": best}
    with pytest.raises(sn.TrainingInterrupted, match="interrupted") as caught:
        sn.train_many(draw_starts(), X, Y, **given, callback=break_off(6), n_threads=2)
    assert isinstance(caught.value, KeyboardInterrupt)
    results = caught.value.result
    assert isinstance(results, sn.TrainingResults) and len(results) == N
    assert results.stopped_by.tolist() == ["interrupt"] * N
    name = "n_epochs" if length == "batches" else "n_iterations"
    shorter = sn.train_many(draw_starts(), X, Y, **{**given, name: 7, "best": None})
    for result, expected in zip(results, shorter, strict=True):
        assert (result.n_epochs, same(result.parameters, expected.parameters)) == (7, True)
        assert same(result.costs, expected.costs)


def test_train_many_interruption_keeps_finished_networks() -> None:
    X, Y = draw()
    rates = (1e-300, 0.05, 1e-300, 0.1, 0.2)  # where nothing falls, patience ends soon
    given = {"learning_rate": rates, "tol": 1e-12, "n_iter_no_change": 3, "n_iterations": 200}
    with pytest.raises(sn.TrainingInterrupted) as caught:
        sn.train_many(draw_starts(), X, Y, **given, callback=break_off(20))
    results = caught.value.result
    assert results.stopped_by.tolist() == ["tol", "interrupt", "tol", "interrupt", "interrupt"]
    whole = sn.train_many(draw_starts(), X, Y, **given)
    assert [differing(results[k], whole[k]) for k in (0, 2)] == [[], []]
    assert [results[k].n_epochs for k in (1, 3, 4)] == [21] * 3


def test_train_many_interruption_survives_pickling() -> None:
    X, Y = draw()
    with pytest.raises(sn.TrainingInterrupted) as caught:
        sn.train_many(draw_starts(), X, Y, callback=break_off(2))
    again = pickle.loads(pickle.dumps(caught.value))
    assert type(again) is sn.TrainingInterrupted and str(again) == str(caught.value)
    pairs = zip(again.result, caught.value.result, strict=True)
    assert all(differing(*pair) == [] for pair in pairs)


INTERRUPTED = """
import os, signal, sys, threading
import numpy as np
import shallownet_native as sn

random = np.random.default_rng(0)
X = random.standard_normal((20, 500))
Y = (X[:1] > 0).astype(float)
starts = [sn.initialize(20, 3 + k, 1, "glorot_uniform", seed=k) for k in range(9)]
def train(starts, **length):
    return sn.train_many(starts, X, Y, {options} n_threads=2, cost_every=1, **length)

threading.Timer(0.5, os.kill, (os.getpid(), signal.SIGINT)).start()
try:
    train(starts, {name}=10**9)
except sn.TrainingInterrupted as error:
    results = error.result
    assert isinstance(error.__cause__, KeyboardInterrupt)
else:
    sys.exit("not interrupted")
assert len(results) == 9
n_complete = 0
for k, result in enumerate(results):
    n_complete += result.n_epochs
    assert result.stopped_by in ("interrupt", "tol") and result.n_epochs == result.costs.size
    if result.n_epochs == 0:
        assert result.parameters == starts[k]
        continue
    # the seeds are alike, so that a network may come first
    again = train(starts[k : k + 1], {name}=result.n_epochs)[0]
    assert again.parameters == result.parameters, "not the last complete epoch"
    assert np.array_equal(again.costs, result.costs)
print("epochs:", n_complete)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGINT to oneself there")
@pytest.mark.parametrize(
    ("options", "name"),
    [("", "n_iterations"), ("optimizer='adam', batch_size=10, shuffle=False,", "n_epochs")],
)
def test_train_many_interruption_by_ctrl_c(options: str, name: str) -> None:
    program = INTERRUPTED.format(options=options, name=name)
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("epochs: ") and int(done.stdout.split()[1]) > 0
