"""Checkpoints of `train`: broken off anywhere and gone on with, the bits are those of no break."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import shallownet_native as sn
from campaigns import checkpoint_kills
from shallownet_native.files.snet import decode
from shallownet_native.training import FirstOrder
from shallownet_native.training.checkpoints import CheckpointFile

SHAPE = (3, 5, 2)
M = 60
N = 8  # epochs

RNG = np.random.default_rng(0)
X = RNG.standard_normal((3, M))
Y = np.asarray(X[:2] > 0, float)
WEIGHTS = RNG.random(M)
LENGTHS: dict[str, dict[str, Any]] = {
    "full": {"n_iterations": N},
    "rare costs": {"n_iterations": N, "cost_every": 3},
    "no costs": {"n_iterations": N, "cost_every": 0},
    "batches": {"n_epochs": N, "batch_size": 13},
    "in order": {"n_epochs": N, "batch_size": 13, "shuffle": False},
}


@pytest.fixture(autouse=True)
def without_syncs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Spare the disk: these tests write hundreds of files, and pull no plug."""
    monkeypatch.setattr(os, "fsync", lambda descriptor: None)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "training.snet"


def run(dtype: Any = np.float64, *, sparse: bool = False, **options: Any) -> sn.TrainingResult:
    start = sn.initialize(*SHAPE, "glorot_uniform", seed=0, dtype=dtype)
    inputs = X.astype(dtype)
    if sparse:
        csr_matrix = pytest.importorskip("scipy.sparse").csr_matrix
        inputs = csr_matrix(np.where(np.abs(inputs) > 0.5, inputs, 0))
    usual = {"learning_rate": 0.05, "n_iter_no_change": 2, "seed": 3, "l2": 1e-3}
    weights = WEIGHTS.astype(dtype)
    return sn.train(start, inputs, Y, **{**usual, "example_weights": weights, **options})


def shortened(length: dict[str, Any], n: int) -> dict[str, Any]:
    return {k: n if k in ("n_iterations", "n_epochs") else v for k, v in length.items()}


def assert_same(one: sn.TrainingResult, other: sn.TrainingResult) -> None:
    assert one.parameters.flat.tobytes() == other.parameters.flat.tobytes()
    assert one.costs.tobytes() == other.costs.tobytes()
    assert one.validation_costs.tobytes() == other.validation_costs.tobytes()
    for name in ("stopped_by", "n_iterations", "n_epochs", "learning_rate", "best_epoch"):
        assert getattr(one, name) == getattr(other, name), name


@pytest.mark.parametrize("length", LENGTHS.values(), ids=LENGTHS)
@pytest.mark.parametrize("schedule", ["adaptive", "constant", "invscaling"])
@pytest.mark.parametrize("validation", [None, 0.3])
def test_checkpoint_a_longer_training_goes_on_from_any_epoch(
    path: Path, optimizer: str, length: Any, schedule: str, validation: Any
) -> None:
    # a tol that only large progress meets: the adaptive rate is lowered twice within the epochs
    tol = 0.2 if schedule == "adaptive" else None
    options = {"optimizer": optimizer, "schedule": schedule, "validation": validation, "tol": tol}
    whole = run(**length, **options)
    assert whole.n_epochs > 5
    for n in range(N + 1):
        path.unlink(missing_ok=True)
        kept = {**options, "checkpoint": path, "every": 1 + n % 4}
        shorter = shortened(length, n)
        assert_same(run(**shorter, **kept), run(**shorter, **options))
        assert_same(run(**length, **kept), whole)


@pytest.mark.parametrize(
    "kind", [{}, {"dtype": np.float32}, {"sparse": True}, {"n_threads": 3}, {"validation": None}]
)
@pytest.mark.parametrize("length", [LENGTHS["full"], LENGTHS["batches"]], ids=["full", "batches"])
def test_checkpoint_of_a_killed_training_goes_on_from_each_epoch_written(
    path: Path, monkeypatch: pytest.MonkeyPatch, kind: Any, length: Any
) -> None:
    """What lies on the disk after each write is what a kill until the next one would leave."""
    options = {"validation": 0.3, "optimizer": "adam", "early_stopping": False, **kind, **length}
    written = []
    write = CheckpointFile.write

    def write_and_copy(self: Any, *what: Any) -> None:
        write(self, *what)
        written.append(shutil.copy(path, path.with_suffix(f".{len(written)}")))

    with monkeypatch.context() as patched:
        patched.setattr(CheckpointFile, "write", write_and_copy)
        whole = run(**options, checkpoint=path, every=2)
    assert_same(whole, run(**options))
    assert len(written) == 1 + N / 2
    for left, n_threads in zip(written, (1, 2, 3, 5, 1), strict=True):
        again = run(**{**options, "n_threads": n_threads}, checkpoint=left, every=5)
        assert_same(again, whole)


@pytest.mark.parametrize("length", LENGTHS.values(), ids=LENGTHS)
def test_checkpoint_a_training_goes_on_again_and_again(path: Path, length: Any) -> None:
    for options in ({}, {"validation": 0.3}):
        path.unlink(missing_ok=True)
        for n in (0, 1, 2, 5, N - 1, N):
            shorter = {**shortened(length, n), **options}
            assert_same(run(**shorter, checkpoint=path, every=3), run(**shorter))


@pytest.mark.parametrize("length", LENGTHS.values(), ids=LENGTHS)
@pytest.mark.parametrize("looks", [{}, {"validation": 0.3}])
def test_checkpoint_of_a_training_that_was_stopped_or_interrupted(
    path: Path, length: Any, looks: Any
) -> None:
    whole = run(**length, **looks, callback=lambda state: None)

    seen: list[int] = []
    last = 0

    def stop(state: sn.EpochState) -> bool:
        return state.epoch == last

    def interrupt(state: sn.EpochState) -> None:
        if state.epoch == last:
            raise KeyboardInterrupt

    for last in range(0, N - 1, length.get("cost_every") or 1):
        path.unlink(missing_ok=True)
        kept = {"checkpoint": path, "every": 4, **looks}
        result = run(**length, **kept, callback=stop)
        assert (result.stopped_by, result.n_epochs) == ("callback", last + 1)
        assert_same(run(**length, **kept, callback=lambda state: None), whole)
        path.unlink()
        with pytest.raises(sn.TrainingInterrupted) as caught:
            run(**length, **kept, callback=interrupt)
        assert caught.value.result.n_epochs == last + 1
        seen.clear()
        again = run(**length, **kept, callback=lambda state: seen.append(state.epoch))
        assert_same(again, whole)
        assert seen[0] == last  # that one was not seen to the end


def test_checkpoint_of_a_finished_training_gives_its_result_at_once(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for length in LENGTHS.values():
        for options in ({}, {"validation": 0.3, "tol": 10.0}, {"tol": 10.0}):
            path.unlink(missing_ok=True)
            first = run(**length, **options, checkpoint=path)
            with monkeypatch.context() as patched:
                patched.setattr(FirstOrder, "advance", None)
                patched.setattr(os, "replace", None)
                again = run(**length, **options, checkpoint=path)
                assert_same(again, first)
                assert again.seconds > fields_in(path)["seconds"] > 0  # all of it together
                if first.n_epochs < N:  # stopped for good
                    assert_same(run(**shortened(length, 99), **options, checkpoint=path), first)


@pytest.mark.filterwarnings("ignore::shallownet_native.ConvergenceWarning")
def test_checkpoint_of_a_training_that_diverges_is_the_last_regular_one(path: Path) -> None:
    options = {"output": "identity", "tol": None, "n_iterations": 1000, "learning_rate": 2.0}
    with pytest.raises(sn.DivergenceError) as caught:
        run(**options)
    with pytest.raises(sn.DivergenceError) as kept:
        run(**options, checkpoint=path, every=10)
    with pytest.raises(sn.DivergenceError) as again:
        run(**options, checkpoint=path)
    n_epochs = caught.value.result.n_epochs
    assert n_epochs > 20
    assert_same(kept.value.result, caught.value.result)
    assert_same(again.value.result, caught.value.result)
    result = run(**{**options, "n_iterations": n_epochs}, checkpoint=path, every=10)
    assert_same(result, run(**{**options, "n_iterations": n_epochs}))


def test_checkpoint_of_a_callback_that_fails_is_the_last_regular_one(path: Path) -> None:
    def fail(state: sn.EpochState) -> None:
        if state.epoch == 7:
            raise LookupError("mine")

    with pytest.raises(LookupError):
        run(n_iterations=N, checkpoint=path, every=3, callback=fail)
    seen: list[int] = []
    again = run(n_iterations=N, checkpoint=path, callback=lambda state: seen.append(state.epoch))
    assert seen[0] == 6 and again.n_epochs == seen[-1] + 1
    assert_same(again, run(n_iterations=N))


INTERRUPTED = """
import os, signal, sys, threading
import numpy as np
import shallownet_native as sn

path, batch_size, kill = sys.argv[1], int(sys.argv[2]), sys.argv[3]
rng = np.random.default_rng(0)
X = rng.standard_normal((20, 3000))
start = sn.initialize(20, 64, 1, seed=0)
def train(n, **how):
    length = {"n_epochs": n, "batch_size": batch_size} if batch_size else {"n_iterations": n}
    return sn.train(start, X, X[:1] > 0, optimizer="adam", seed=0, **length, **how)
if kill == "no":
    n = int(sys.argv[4])
    result = train(n + 9, checkpoint=path, n_threads=1)
    assert result.n_epochs == n + 9
    other = train(n + 9, n_threads=2)
    assert result.parameters == other.parameters and np.array_equal(result.costs, other.costs)
    print("same")
else:
    threading.Timer(0.4, os.kill, (os.getpid(), getattr(signal, kill))).start()
    try:
        train(10**9, checkpoint=path, every=7, n_threads=2)
    except sn.TrainingInterrupted as error:
        print(error.result.n_epochs)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="no such signals there")
@pytest.mark.parametrize(("batch_size", "kill"), [(0, "SIGKILL"), (64, "SIGINT")])
def test_checkpoint_goes_on_in_a_new_process(path: Path, batch_size: int, kill: str) -> None:
    def python(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-c", INTERRUPTED, str(path), str(batch_size), *arguments]
        return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)

    first = python(kill)
    if kill == "SIGINT":
        assert first.returncode == 0, first.stderr
        n_epochs = int(first.stdout)  # Ctrl-C keeps every complete epoch, a kill every 7th
        assert fields_in(path)["n_epochs"] == n_epochs
    else:
        assert first.returncode == -signal.SIGKILL
        n_epochs = fields_in(path)["n_epochs"]
        assert n_epochs % 7 == 0
    assert python("no", str(n_epochs)).stdout == "same\n"


def fields_in(path: Path) -> dict[str, Any]:
    return decode(path.read_bytes()).fields


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on this system")
@pytest.mark.parametrize("name", checkpoint_kills.SUBJECTS)
def test_checkpoint_killed_at_random_moments(tmp_path: Path, name: str) -> None:
    counts = checkpoint_kills.run(checkpoint_kills.SUBJECTS[name], tmp_path, n_kills=4, seed=0)
    assert counts["kills"] == 4 and counts["same"] >= 1 and counts["resumed"] >= 1
