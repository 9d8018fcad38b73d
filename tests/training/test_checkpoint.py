"""Checkpoints of trainings and fits: broken off anywhere and gone on with, to the bits of no break.

Every scenario runs for every subject of `checkpoint_subjects`.
"""

from __future__ import annotations

import math
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

import shallownet_native as sn
from campaigns import checkpoint_kills
from campaigns.common import MEMORY, breaking_off
from checkpoint_subjects import SUBJECTS, N, epochs_seen, exact, fit, left, n_epochs, train, whole
from shallownet_native.files.snet import decode
from shallownet_native.training import FirstOrder
from shallownet_native.training.checkpoints import CheckpointFile

every_subject = pytest.mark.parametrize("name", SUBJECTS)


@pytest.fixture
def path() -> Iterator[Path]:
    """Where a file may be saved: in memory, for a disk is asked at each replacement."""
    with tempfile.TemporaryDirectory(dir=MEMORY) as folder:
        yield Path(folder) / "model.snet"


def fields_in(path: Path) -> dict[str, Any]:
    return decode(path.read_bytes()).fields


@every_subject
def test_checkpoint_a_longer_training_goes_on_from_an_earlier_one(path: Path, name: str) -> None:
    assert whole(name)[1] > 5
    for n in (0, 1, 2, 4, 7, N)[name.startswith("fit") :]:  # a fit has no 0 epochs
        path.unlink(missing_ok=True)
        train = partial(SUBJECTS[name], path=path, every=1 + n % 4)
        assert left(train(n)) == whole(name, n)[0]
        assert left(train(N, n_threads=2)) == whole(name)[0]


@every_subject
def test_checkpoint_a_training_goes_on_again_and_again(path: Path, name: str) -> None:
    for n in (0, 1, 2, 5, N - 1, N)[name.startswith("fit") :]:
        assert left(SUBJECTS[name](n, path=path, every=3)) == whole(name, n)[0]


@every_subject
def test_checkpoint_of_a_killed_training_goes_on_from_each_epoch_written(
    path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """What lies on the disk after each write is what a kill until the next one would leave."""
    written = []
    write = CheckpointFile.write

    def write_and_copy(self: Any, *what: Any) -> None:
        write(self, *what)
        written.append(shutil.copy(path, path.with_suffix(f".{len(written)}")))

    with monkeypatch.context() as patched:
        patched.setattr(CheckpointFile, "write", write_and_copy)
        assert left(SUBJECTS[name](N, path=path, every=2, n_threads=3)) == whole(name)[0]
    assert len(written) == 1 + math.ceil(whole(name)[1] / 2)
    fields = fields_in(path)
    assert fields["is_open"] or fields["stopped_by"]
    for n_threads, copy in enumerate(written, 1):
        result = SUBJECTS[name](N, path=copy, every=5, n_threads=n_threads)
        assert left(result) == whole(name)[0]


@every_subject
def test_checkpoint_of_a_training_that_was_stopped_or_interrupted(path: Path, name: str) -> None:
    seen: list[sn.EpochState] = []
    epoch = 0

    def stop(state: sn.EpochState) -> bool:
        return state.epoch == epoch

    def go_on() -> list[Any]:
        seen.clear()
        assert left(train(N, callback=seen.append)) == whole(name)[0]
        return [exact(state) for state in seen]

    train = partial(SUBJECTS[name], path=path, every=4)
    there = [exact(state) for state in epochs_seen(name)]
    for k in range(0, len(there) - 1, 3):
        epoch = epochs_seen(name)[k].epoch
        path.unlink(missing_ok=True)
        stopped = left(train(N, callback=stop))
        assert stopped.get("stopped_by", exact("callback")) == exact("callback")
        assert fields_in(path)["n_epochs"] == epoch + 1
        assert go_on() == there[k + 1 :]
        path.unlink()
        with pytest.raises(sn.TrainingInterrupted) as caught:
            train(N, callback=breaking_off(epoch))
        with pytest.raises(sn.TrainingInterrupted) as again:
            train(N, callback=breaking_off(epoch))
        assert left(again.value.result) == left(caught.value.result)
        assert caught.value.result.n_epochs == fields_in(path)["n_epochs"] == epoch + 1
        assert go_on() == there[k:]  # that one was not seen to the end


@every_subject
def test_checkpoint_of_a_callback_that_fails_is_the_last_regular_one(path: Path, name: str) -> None:
    last = epochs_seen(name)[-1].epoch

    with pytest.raises(LookupError):
        SUBJECTS[name](N, path=path, every=3, callback=breaking_off(last, LookupError))
    n_epochs = fields_in(path)["n_epochs"]
    assert n_epochs == last // 3 * 3
    seen: list[sn.EpochState] = []
    assert left(SUBJECTS[name](N, path=path, callback=seen.append)) == whole(name)[0]
    there = [state for state in epochs_seen(name) if state.epoch >= n_epochs]
    assert exact(seen) == exact(there)


@every_subject
def test_checkpoint_of_a_finished_training_gives_its_outcome_at_once(
    path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    train = partial(SUBJECTS[name], path=str(path))
    assert left(train(N)) == whole(name)[0]
    monkeypatch.setattr(FirstOrder, "advance", None)
    monkeypatch.setattr(os, "replace", None)
    assert left(train(N)) == left(train(N)) == whole(name)[0]
    if whole(name)[1] < N:  # stopped for good
        assert left(train(99)) == whole(name)[0]


@pytest.mark.parametrize("validation", [None, 0.3])
def test_checkpoint_of_an_end_out_of_rhythm_shows_its_last_epoch_again(
    path: Path, validation: float | None
) -> None:
    """A longer training would not look at it, so that it is written as not looked at."""
    seen: list[sn.EpochState] = []
    for n in (8, 8, 9, 10, 10):
        train(n, path=path, cost_every=3, validation=validation, callback=seen.append)
    assert [state.epoch for state in seen] == [0, 3, 6, 7, 7, 8, 9]


def test_checkpoint_counts_the_seconds_of_all_trainings_together(path: Path) -> None:
    train(N, path=path)
    assert train(N, path=path).seconds > fields_in(path)["seconds"] > 0


WILD: dict[str, Any] = {
    "train": partial(train, output="identity", tol=None, learning_rate=2.0),
    "fit": partial(fit, kind="regression", activation="identity", solver="sgd", batch_size="auto",
                   learning_rate_init=0.18),
}  # fmt: skip
WILD["fit, early stopping"] = partial(WILD["fit"], early_stopping=True)


@pytest.mark.filterwarnings("ignore::shallownet_native.ConvergenceWarning")
@pytest.mark.filterwarnings("ignore:Solver produced non-finite")
@pytest.mark.parametrize("name", WILD)
def test_checkpoint_of_a_training_that_diverges_is_the_last_regular_one(
    path: Path, name: str
) -> None:
    def end(**how: Any) -> Any:
        try:
            return WILD[name](1000, **how)
        except sn.DivergenceError as error:
            return error.result

    plain = end()
    n = n_epochs(plain) - name.endswith("early stopping")  # which takes in the epoch that diverged
    assert 20 < n < 999
    for every, n_lost in ((10, n % 10), (2, n % 2), (100, n % 2)):  # each goes on from the last
        assert left(end(path=path, every=every)) == left(plain)
        assert fields_in(path)["n_epochs"] == n - n_lost
    assert left(WILD[name](n, path=path, every=10)) == left(WILD[name](n))


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
        train(10**9, checkpoint=path, every=20, n_threads=2)
    except sn.TrainingInterrupted as error:
        print(error.result.n_epochs)
"""


# 20 epochs of batches of 4 are a native call long enough for Ctrl-C to come in its midst
@pytest.mark.skipif(sys.platform == "win32", reason="no such signals there")
@pytest.mark.parametrize(("batch_size", "kill"), [(0, "SIGKILL"), (4, "SIGINT")])
def test_checkpoint_goes_on_in_a_new_process(path: Path, batch_size: int, kill: str) -> None:
    def python(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-c", INTERRUPTED, str(path), str(batch_size), *arguments]
        return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)

    first = python(kill)
    if kill == "SIGINT":
        assert first.returncode == 0, first.stderr
        n_epochs = int(first.stdout)  # Ctrl-C keeps every complete epoch, a kill every 20th
        assert fields_in(path)["n_epochs"] == n_epochs
    else:
        assert first.returncode == -signal.SIGKILL
        n_epochs = fields_in(path)["n_epochs"]
        assert n_epochs % 20 == 0
    assert python("no", str(n_epochs)).stdout == "same\n"


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on this system")
@pytest.mark.parametrize("name", checkpoint_kills.SUBJECTS)
def test_checkpoint_killed_at_random_moments(tmp_path: Path, name: str) -> None:
    counts = checkpoint_kills.run(checkpoint_kills.SUBJECTS[name], tmp_path, n_kills=4, seed=0)
    assert counts["kills"] == 4 and counts["same"] >= 1 and counts["resumed"] >= 1
