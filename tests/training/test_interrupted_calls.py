"""Interrupts anywhere in a fit, a training, a save: in short; the campaign has all places.

Also what the campaign cannot send: signals at any microsecond, several kinds, other handlers.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import shallownet_native as sn
from campaigns import interrupted_calls
from shallownet_native._native.signals import AJAR, OPEN, SHUT, Door, Doors

POSIX = pytest.mark.skipif(os.name != "posix", reason="these signals are POSIX")
OLD, NEW = (sn.initialize(3, n_h, 1, seed=0) for n_h in (4, 5))
DATA = np.random.default_rng(0).standard_normal((40, 3))


@pytest.fixture
def ctrl_c() -> Any:
    """Python's own handler, whatever runs the tests, and the same afterwards."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    signal.signal(signal.SIGINT, before)


@pytest.mark.parametrize("name", interrupted_calls.SUBJECTS)
def test_interrupted_calls_leave_nothing_half_new(name: str) -> None:
    found = interrupted_calls.count(interrupted_calls.SUBJECTS[name](), 23, (1, 3))
    assert not [end for end in found if "WRONG" in end]
    assert found.total() > 20 and len(found) > 1


@pytest.mark.parametrize("where", ["finish", "result_of", "attributes_after", "publish", "network"])
def test_interrupted_calls_of_a_fit_keep_the_last_epoch(where: str, ctrl_c: Any) -> None:
    """The second one falls into the hand-over."""

    def callback(state: sn.EpochState) -> None:
        if state.epoch == 6:
            sys.setprofile(enter)
            raise KeyboardInterrupt

    def enter(frame: Any, event: str, _: Any) -> None:
        if event == "call" and frame.f_code.co_name == where:
            raise KeyboardInterrupt

    net = sn.ShallowNetClassifier((4,), random_state=0, callbacks=callback)
    with pytest.raises(sn.TrainingInterrupted, match="after 7 complete epochs") as caught:
        net.fit(DATA, DATA[:, 0] > 0)
    sys.setprofile(None)
    assert net.n_iter_ == len(net.loss_curve_) == caught.value.result.n_epochs == 7
    assert np.array_equal(net.coefs_[0].T, caught.value.result.parameters.W1)


def test_interrupted_calls_before_the_first_epoch_change_nothing(ctrl_c: Any) -> None:
    def interrupt(_: Any) -> None:
        raise KeyboardInterrupt

    net = sn.ShallowNetClassifier((4,), max_iter=300, random_state=0, tol=1e-2)
    net.fit(DATA[:, :2], DATA[:, 0] > 0)
    before = dict(vars(net))
    net.scoring, net.early_stopping = lambda *_: interrupt(None), True  # in the first epoch
    with pytest.raises(sn.TrainingInterrupted, match="after 0 complete epochs"):
        net.fit(DATA, np.arange(40) % 3)
    vars(net).update(scoring=None, early_stopping=False)
    assert vars(net).keys() == before.keys()
    assert all(vars(net)[name] is value for name, value in before.items())
    with pytest.raises(ValueError, match="sample_weight"):
        net.fit(DATA, np.arange(40) % 3, sample_weight=np.ones(3))
    assert all(vars(net)[name] is value for name, value in before.items())


def test_interrupted_calls_of_save_at_any_microsecond(
    tmp_path: Path, interrupted: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    # An interrupt in a finalizer cannot be raised: it is told to a hook, which is no Python code.
    told: list[Any] = []
    monkeypatch.setattr(sys, "unraisablehook", told.append)
    path, rng = tmp_path / "m.snet", np.random.default_rng(0)
    n_descriptors, n_interrupts = interrupted_calls.n_descriptors(), 0
    for trial in range(300):
        save = partial(sn.save, (OLD, NEW)[trial % 2], path)
        found = interrupted(save, rng.uniform(1e-6, 1e-3), again=1e-4)
        n_interrupts += isinstance(found, KeyboardInterrupt)
        assert not path.exists() or sn.load(path) in (OLD, NEW)
        assert set(os.listdir(tmp_path)) <= {path.name}
    # A ResourceWarning, an error here: Ctrl-C between `open` and `with`; Python closes such a file.
    assert {unraisable.exc_type for unraisable in told} <= {KeyboardInterrupt, ResourceWarning}
    told.clear()  # with it what the finalizers were of
    assert n_interrupts > 0 and interrupted_calls.n_descriptors() == n_descriptors


@POSIX
def test_interrupted_calls_other_handlers_run_and_let_the_save_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[int] = []
    before = signal.signal(signal.SIGUSR1, lambda number, _: calls.append(number))
    fsync = os.fsync

    def disturbed(descriptor: int) -> None:
        signal.raise_signal(signal.SIGUSR1)
        signal.raise_signal(signal.SIGUSR1)
        fsync(descriptor)

    try:
        monkeypatch.setattr(os, "fsync", disturbed)
        sn.save(NEW, tmp_path / "m.snet")
    finally:
        signal.signal(signal.SIGUSR1, before)
    assert sn.load(tmp_path / "m.snet") == NEW
    assert calls == [signal.SIGUSR1] * 2  # once for each sync: such signals are not counted


def test_interrupted_calls_a_save_waits_for_one_piece_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ctrl_c: Any
) -> None:
    path, written = tmp_path / "m.snet", 0
    sn.save(OLD, path)
    write = os.write

    def interrupted(descriptor: int, content: Any) -> int:
        nonlocal written
        signal.raise_signal(signal.SIGINT)
        written += write(descriptor, content)
        return len(content)

    monkeypatch.setattr(os, "write", interrupted)
    with pytest.raises(KeyboardInterrupt):
        sn.save(sn.initialize(1000, 4000, 1, seed=0), path)  # 32 MB
    assert 0 < written <= 2**24
    assert sn.load(path) == OLD and os.listdir(tmp_path) == [path.name]


def test_interrupted_calls_a_callback_may_swallow_one(ctrl_c: Any) -> None:
    """The next one comes through again."""

    def swallow(state: sn.EpochState) -> None:
        if state.epoch == 2:
            with pytest.raises(KeyboardInterrupt):
                signal.raise_signal(signal.SIGINT)
        if state.epoch == 5:
            signal.raise_signal(signal.SIGINT)

    with pytest.raises(sn.TrainingInterrupted, match="after 6 complete epochs"):
        sn.train(OLD, DATA.T, DATA[:, :1].T > 0, n_iterations=20, callback=swallow)
    net = sn.ShallowNetClassifier((4,), random_state=0, callbacks=swallow)
    with pytest.raises(sn.TrainingInterrupted, match="after 6 complete epochs"):
        net.fit(DATA, DATA[:, 0] > 0)


def test_interrupted_calls_in_another_thread_are_as_ever() -> None:
    results: list[Any] = []

    def work() -> None:
        results.append(sn.train(OLD, DATA.T, DATA[:, :1].T > 0, n_iterations=5))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert results[0].n_epochs == 5


def test_interrupted_calls_doors_within_doors(ctrl_c: Any) -> None:
    outer, inner = Doors((signal.SIGINT,)), Doors((signal.SIGINT,))
    outer.hang(AJAR)
    inner.hang(SHUT)
    signal.raise_signal(signal.SIGINT)
    with pytest.raises(KeyboardInterrupt):
        inner.let_in()
    assert outer.state == SHUT
    inner.take_down()
    handler = signal.getsignal(signal.SIGINT)
    assert isinstance(handler, Door) and handler.doors is outer
    signal.raise_signal(signal.SIGINT)  # waits
    with pytest.raises(KeyboardInterrupt):
        outer.take_down()
    left = Doors((signal.SIGINT,))
    left.hang(OPEN)  # and cannot be taken down
    inner.hang(SHUT)
    inner.take_down()


@POSIX
def test_interrupted_calls_of_a_fit_by_several_signals(ctrl_c: Any) -> None:
    """A time limit and a Ctrl-C at once: the first breaks the fit off, the other follows it."""

    class LateError(Exception):
        pass

    def late(*_: Any) -> None:
        sys.setprofile(interrupt)  # from here on: an error in a hook takes the hook away
        raise LateError

    def both(state: sn.EpochState) -> None:
        if state.epoch == 3:
            signal.raise_signal(signal.SIGALRM)

    def interrupt(frame: Any, event: str, _: Any) -> None:
        if event == "call" and frame.f_code.co_name == "finish":
            signal.raise_signal(signal.SIGINT)  # waits

    before = signal.signal(signal.SIGALRM, late)
    net = sn.ShallowNetClassifier((4,), random_state=0, callbacks=both)
    try:
        with pytest.raises(sn.TrainingInterrupted) as caught:
            net.fit(DATA, DATA[:, 0] > 0)
    finally:
        sys.setprofile(None)
        signal.signal(signal.SIGALRM, before)
    assert net.n_iter_ == len(net.loss_curve_) == caught.value.result.n_epochs == 4
