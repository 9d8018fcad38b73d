"""How many threads there are: what may be asked for, where, and what is made of it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import shallownet_native as sn
from shallownet_native._native import backend

MOST = max(16, len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 1)
HUGE = [10**6, 2**31, 2**63 - 1, 2**63, 2**64, 10**30, np.uint64(2**64 - 1)]
TOO_FEW = [0, -1, -(2**63), -(10**30), np.int8(-1)]
NO_COUNTS = [1.5, 2.0, "2", True, np.True_, np.array([2]), [2], None.__class__, b"2"]

X = np.random.default_rng(0).standard_normal((20, 3000))
Y = (X[:1] > 0).astype(float)
START = sn.initialize(20, 64, 1, seed=0)


def calls(n_threads: Any) -> dict[str, Any]:
    """Return every function that takes a number of threads."""
    return {
        "forward": lambda: sn.forward(START, X, n_threads=n_threads).A2,
        "cost": lambda: sn.cost(START, X, Y, n_threads=n_threads),
        "gradients": lambda: sn.gradients(START, X, Y, n_threads=n_threads)[1].dW1,
        "predict": lambda: sn.predict(START, X, n_threads=n_threads),
        "train": lambda: sn.train(START, X, Y, n_iterations=2, n_threads=n_threads).parameters.flat,
    }


@pytest.fixture(autouse=True)
def undone() -> Any:
    yield
    sn.set_num_threads(None)


@pytest.mark.parametrize("name", calls(1))
def test_thread_counts_however_high_give_the_same_bits(name: str) -> None:
    expected = np.asarray(calls(1)[name]()).tobytes()
    for huge in HUGE:
        assert np.asarray(calls(huge)[name]()).tobytes() == expected, huge


@pytest.mark.parametrize("huge", HUGE, ids=str)
def test_thread_counts_are_capped_wherever_they_come_from(
    monkeypatch: pytest.MonkeyPatch, huge: Any
) -> None:
    assert backend.resolve_threads(huge, (20, 64, 1), 3000) == MOST
    for name in ("OMP_NUM_THREADS", "SHALLOWNET_NUM_THREADS"):
        monkeypatch.setenv(name, str(huge))
        assert sn.get_num_threads() == MOST
    sn.set_num_threads(huge)
    assert sn.get_num_threads() == MOST


def test_thread_counts_are_capped_by_the_processors_where_these_are_many(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(backend, "_affinity_cpus", lambda: 96)
    assert [backend.resolve_threads(n, (20, 64, 1), 10**6) for n in (64, 96, 97)] == [64, 96, 96]


@pytest.mark.parametrize("n", [1, 2, 16, np.int8(3), np.uint64(5), np.array(7)], ids=repr)
def test_thread_counts_that_make_sense_are_taken(n: Any) -> None:
    sn.set_num_threads(n)
    assert sn.get_num_threads() == int(n) == backend.resolve_threads(n, (20, 64, 1), 3000)


@pytest.mark.parametrize("bad", TOO_FEW, ids=repr)
def test_thread_counts_below_one_are_refused(bad: Any) -> None:
    for call in (*calls(bad).values(), lambda: sn.set_num_threads(bad)):
        with pytest.raises(ValueError, match=rf"n_threads must be >= 1, got {int(bad)}"):
            call()


@pytest.mark.parametrize("bad", NO_COUNTS, ids=repr)
def test_thread_counts_that_are_none_are_refused(bad: Any) -> None:
    for call in (*calls(bad).values(), lambda: sn.set_num_threads(bad)):
        with pytest.raises(TypeError, match=r"n_threads must be an integer, got .*None for the"):
            call()


@pytest.mark.parametrize("name", ["SHALLOWNET_NUM_THREADS", "OMP_NUM_THREADS"])
@pytest.mark.parametrize("text", ["²", "abc", "0", "00", "-1", "1.5", "1e3", "٣", "1_0", "0x2"])
def test_thread_counts_of_the_environment_are_checked(
    monkeypatch: pytest.MonkeyPatch, name: str, text: str
) -> None:
    monkeypatch.delenv("SHALLOWNET_NUM_THREADS", raising=False)
    monkeypatch.setenv(name, text)
    with pytest.raises(ValueError, match=rf"{name} must be a whole number >= 1, got '{text}'"):
        sn.get_num_threads()


@pytest.mark.parametrize(("text", "n"), [(" 3 ", 3), ("4,2", 4), ("0005", 5), ("9" * 5000, MOST)])
def test_thread_counts_of_the_environment_are_read(
    monkeypatch: pytest.MonkeyPatch, text: str, n: int
) -> None:
    monkeypatch.setenv("SHALLOWNET_NUM_THREADS", text)
    assert sn.get_num_threads() == n


# Threads of the process, counted in one that has made none before. NumPy's own do not count.
LOADED = """
import os, sys, time
import numpy as np
import shallownet_native as sn

def n_threads():
    return len(os.listdir("/proc/self/task"))

before = n_threads()
X = np.random.default_rng(0).standard_normal((40_000, 4))
"""


def count(program: str) -> list[int]:
    done = subprocess.run(
        [sys.executable, "-c", LOADED + program], capture_output=True, text=True, timeout=300,
        check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return [int(word) for word in done.stdout.split()]


@pytest.mark.skipif(sys.platform != "linux", reason="counts the threads of /proc")
def test_thread_counts_of_a_file_start_no_thousand_threads(tmp_path: Path) -> None:
    small = sn.ShallowNetClassifier((64,), max_iter=9, random_state=0, tol=10, n_iter_no_change=1)
    small.fit(X[:4].T[:200], Y[0, :200])
    sn.save(small.set_params(n_threads=10**6), tmp_path / "m.snet")
    program = f"""
model = sn.load({str(tmp_path / "m.snet")!r})
before = n_threads()  # scikit-learn has loaded some
model.predict(X)
print(n_threads() - before)
"""
    assert count(program) == [MOST - 1]


@pytest.mark.skipif(sys.platform != "linux", reason="counts the threads of /proc")
def test_thread_counts_of_one_large_call_do_not_stay() -> None:
    program = """
start = sn.initialize(4, 64, 1, seed=0)
sn.predict(start, X.T, n_threads=9)
print(n_threads() - before)
deadline = time.monotonic() + 120  # a second or two, unless the machine is busy
while n_threads() - before > 1 and time.monotonic() < deadline:
    sn.predict(start, X.T, n_threads=2)
    time.sleep(0.05)
print(n_threads() - before)
a = sn.forward(start, X.T, n_threads=9).A2
print(n_threads() - before)
assert np.array_equal(a, sn.forward(start, X.T, n_threads=1).A2)
"""
    assert count(program) == [8, 1, 8]
