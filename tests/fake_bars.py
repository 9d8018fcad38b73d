"""Somebody who sits before a terminal or a notebook, and bars that keep what they are told."""

from __future__ import annotations

import contextlib
import io
import sys
import types
from typing import Any

import pytest

from shallownet_native._extras import progress


class Terminal(io.StringIO):
    """What standard error is to somebody who sits before it."""

    def isatty(self) -> bool:
        return True


class FakeBar:
    """What `tqdm.auto.tqdm` is asked for."""

    def __init__(self, *, total: int | None, desc: str, file: Any, **how: Any) -> None:
        self.total, self.asked, self.label = total, total, desc
        self.file, self.how = file, how
        self.n = 0
        self.beside: list[str] = []
        self.is_open = True

    def close(self) -> None:
        self.is_open = False

    def set_postfix_str(self, text: str, refresh: bool = True) -> None:
        assert not refresh  # the update that follows writes
        self.beside.append(text)

    def update(self, n: int) -> None:
        assert self.is_open and n >= 0
        self.n += n


def sit_before_bars(monkeypatch: pytest.MonkeyPatch, *, all_told: bool = True) -> list[FakeBar]:
    """Make standard error a terminal and tqdm a fake; return the bars, which come to be there.

    `all_told`: bars are told of every advance, and not only ten times a second.
    """
    bars: list[FakeBar] = []

    def bar(**given: Any) -> FakeBar:
        bars.append(FakeBar(**given))
        return bars[-1]

    fake = types.ModuleType("tqdm.auto")
    fake.tqdm = bar  # type: ignore[attr-defined]
    bar.external_write_mode = lambda file: contextlib.nullcontext()  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "tqdm", types.ModuleType("tqdm"))
    sys.modules["tqdm"].__spec__ = types.SimpleNamespace()  # type: ignore[assignment]
    monkeypatch.setitem(sys.modules, "tqdm.auto", fake)
    monkeypatch.setattr(sys, "stderr", Terminal())
    if all_told:
        monkeypatch.setattr(progress, "SECONDS_BETWEEN_LINES", 0.0)
    return bars
