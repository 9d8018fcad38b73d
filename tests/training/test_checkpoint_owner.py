"""A checkpoint's file is its training's own: what somebody else has written there stays."""

from __future__ import annotations

import errno
import os
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import shallownet_native as sn
from shallownet_native.files.snet import decode

RNG = np.random.default_rng(0)
X = RNG.standard_normal((3, 40))
Y = np.asarray(X[:2] > 0, float)
START, OTHER = (sn.initialize(3, 5, 2, "glorot_uniform", seed=seed) for seed in (0, 1))
NOT_OWN = "not the checkpoint that this training wrote last"


def run(path: Path, start: sn.Parameters = START, **options: Any) -> sn.TrainingResult:
    return sn.train(start, X, Y, **{"n_iterations": 20, "checkpoint": path, "every": 5, **options})


@pytest.mark.parametrize("epoch", [0, 7])
def test_checkpoint_owner_a_model_saved_there_stays(path: Path, epoch: int) -> None:
    def save(state: sn.EpochState) -> None:
        if state.epoch == epoch:
            sn.save(state.parameters, path)

    with pytest.raises(FileExistsError, match=NOT_OWN):
        run(path, callback=save)
    kept = sn.load(path)
    assert kept == sn.train(START, X, Y, n_iterations=epoch + 1).parameters
    assert os.listdir(path.parent) == [path.name]


def test_checkpoint_owner_an_estimator_keeps_what_it_has_learnt(path: Path) -> None:
    def save(state: sn.EpochState) -> None:
        if state.epoch == 2:
            sn.save(state.parameters, path)

    net = sn.ShallowNetRegressor(
        hidden_layer_sizes=(4,), checkpoint=path, checkpoint_every=5, random_state=0
    )
    net.set_params(callbacks=save, tol=0)
    with pytest.raises(FileExistsError, match=NOT_OWN):
        net.fit(X.T, Y.T)
    assert net.n_iter_ == len(net.loss_curve_) == 5
    assert isinstance(sn.load(path), sn.Parameters)


def test_checkpoint_owner_a_file_that_was_taken_away_is_written_anew(path: Path) -> None:
    def remove(state: sn.EpochState) -> None:
        if state.epoch == 7:
            path.unlink()

    assert run(path, callback=remove).n_epochs == 20
    assert decode(path.read_bytes()).fields["n_epochs"] == 20


def test_checkpoint_owner_another_copy_of_the_same_training_is_another(path: Path) -> None:
    """Both go on from the same file; the first that writes has it for itself."""
    run(path, n_iterations=5)

    def twice(state: sn.EpochState) -> None:
        if state.epoch == 11:
            run(path)

    with pytest.raises(FileExistsError, match=NOT_OWN):
        run(path, callback=twice)
    assert decode(path.read_bytes()).fields["n_epochs"] == 20


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on this system")
def test_checkpoint_owner_of_trainings_that_start_at_once_is_one(path: Path) -> None:
    def train_in_child(start: sn.Parameters, at: float) -> int:
        child = os.fork()
        if child == 0:
            code = 2
            try:
                time.sleep(max(0.0, at - time.monotonic()))
                run(path, start, every=1)
                code = 0
            except (FileExistsError, ValueError):
                code = 1
            finally:
                os._exit(code)
        return child

    for _ in range(5):
        path.unlink(missing_ok=True)
        at = time.monotonic() + 0.05
        children = [train_in_child(start, at) for start in (START, OTHER)]
        codes = [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]
        assert sorted(codes) == [0, 1]
        own, other = (START, OTHER) if codes[0] == 0 else (OTHER, START)
        assert run(path, own).n_epochs == 20
        with pytest.raises(ValueError, match="belongs to another training"):
            run(path, other)


def test_checkpoint_owner_needs_no_links(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Some file systems have none."""

    def refuse(*_: Any) -> None:
        raise OSError(errno.EPERM, os.strerror(errno.EPERM))

    monkeypatch.setattr(os, "link", refuse)
    assert run(path).n_epochs == 20
    assert os.listdir(path.parent) == [path.name]


def test_checkpoint_owner_of_a_file_that_appears_is_somebody_else(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the last look and the rename."""
    link = os.link

    def appear(source: str, target: str) -> None:
        sn.save(START, path)
        link(source, target)

    monkeypatch.setattr(os, "link", appear)
    with pytest.raises(FileExistsError, match=NOT_OWN):
        run(path)
    assert sn.load(path) == START and os.listdir(path.parent) == [path.name]


@pytest.mark.skipif(os.name != "posix", reason="modes are POSIX")
def test_checkpoint_owner_may_make_it_read_only(path: Path) -> None:
    run(path)
    path.chmod(0o444)
    assert run(path).n_epochs == 20  # there is nothing to write

    def never(state: sn.EpochState) -> None:
        raise AssertionError

    with pytest.raises(PermissionError, match="read-only"):
        run(path, n_iterations=40, callback=never)
