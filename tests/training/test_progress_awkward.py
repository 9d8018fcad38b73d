"""Progress where standard error is closed, hung up or no file: the training is not lost for it."""

from __future__ import annotations

import gc
import io
import re
import sys
import warnings
from typing import Any

import numpy as np
import pytest

import shallownet_native as sn
from fake_bars import Terminal
from shallownet_native._extras import progress as room

X, Y = sn.datasets.flower()
START = sn.initialize(2, 4, 1, seed=0)


class OnlyWrites:
    def write(self, text: str) -> int:
        return len(text)

    def flush(self) -> None:
        pass


class HungUp(Terminal):
    """A terminal that takes so many writes, and then is gone."""

    def __init__(self, n_writes: int, error: Exception) -> None:
        super().__init__()
        self.n_writes, self.error = n_writes, error

    def write(self, text: str) -> int:
        self.n_writes -= 1
        if self.n_writes < 0:
            raise self.error
        return super().write(text)


def without_tqdm(monkeypatch: pytest.MonkeyPatch) -> None:
    find = room.importlib.util.find_spec
    monkeypatch.setattr(
        room.importlib.util, "find_spec", lambda name: None if name == "tqdm" else find(name)
    )


@pytest.fixture(params=["tqdm", "without"], autouse=True)
def has_tqdm(request: Any, monkeypatch: pytest.MonkeyPatch) -> bool:
    if request.param == "without":
        without_tqdm(monkeypatch)
    monkeypatch.setattr(room, "SECONDS_BETWEEN_LINES", 0.0)
    gc.collect()  # bars that a terminal's end has kept from being closed would be counted
    return bool(request.param == "tqdm")


def trained() -> Any:
    return sn.train(START, X, Y, n_iterations=300, progress=True)


def test_progress_is_not_shown_to_what_is_no_open_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    expected = sn.train(START, X, Y, n_iterations=300).parameters
    closed = Terminal()
    closed.close()
    for stream in (closed, OnlyWrites(), None, io.StringIO()):
        monkeypatch.setattr(sys, "stderr", stream)
        assert trained().parameters == expected
        if isinstance(stream, io.StringIO) and not stream.closed:
            assert stream.getvalue() == ""


@pytest.mark.parametrize("n_writes", [0, 1, 2, 5])
@pytest.mark.parametrize("kind", [OSError, ValueError])
def test_progress_ends_where_the_terminal_does_and_training_goes_on(
    n_writes: int, kind: type[Exception], monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = sn.train(START, X, Y, n_iterations=300)
    monkeypatch.setattr(sys, "stderr", HungUp(n_writes, kind("gone")))
    result = trained()
    assert result.parameters == expected.parameters and result.stopped_by == "n_iterations"
    assert np.array_equal(result.costs, expected.costs)


def test_progress_leaves_warnings_lines_of_their_own(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    shown: list[str] = []

    def show(message: Any, *_: Any) -> None:
        terminal.write(f"\nWARNING {message}\n")
        shown.append(str(message))

    with warnings.catch_warnings():
        warnings.simplefilter("always")
        monkeypatch.setattr(warnings, "showwarning", show)
        sn.train(START, X, Y, n_iterations=200, learning_rate=1000.0, progress=True)
        assert warnings.showwarning is show
    assert len(shown) == 1 and "ended at a cost" in shown[0]
    # before it the line is empty: erased, or written over by blanks
    before = terminal.getvalue().split("\nWARNING")[0]
    assert re.search(r"(\r\x1b\[K|\r +\r)$", before)


def test_progress_in_eighty_columns_has_room_for_all_figures() -> None:
    figures = room.worded({"cost": 0.69314, "rate": 0.001, "val": 0.69241})
    line = room._tqdm().format_meter(
        45678, 100000, 75, 80, "training", bar_format=room.BAR_WITH_FIGURES, postfix=figures
    )
    assert len(line) <= 80 and line.endswith("cost=0.6931, rate=0.001, val=0.6924")


def test_progress_with_figures_is_such_a_line(
    has_tqdm: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    sn.train(
        START, X, Y, n_iterations=4000, learning_rate=1.2, validation=0.2, seed=0, progress=True
    )
    lines = re.split(r"[\r\n]", terminal.getvalue())
    whole = [line for line in lines if re.search(r"cost=0\.\d+, rate=1\.2, val=0\.\d+", line)]
    assert whole and not any("it/s" in line for line in whole)
    assert all(re.search(r"\d+%\|.+\| \d+/4000 ", line) for line in whole) == has_tqdm
