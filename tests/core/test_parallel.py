"""The short form of campaigns/parallel.py: everything at once from many threads."""

from __future__ import annotations

import os
from typing import Any

import pytest

from campaigns import parallel


@pytest.mark.filterwarnings("ignore")  # in all threads: the fits are short and say so
def test_parallel_calls_give_the_bits_of_calls_alone() -> None:
    counts, _ = parallel.run(n_threads=6, n_rounds=2)
    assert counts.total() >= 6 * 2 * 8 and set(counts) == {"same"}


@pytest.mark.filterwarnings("ignore")
def test_parallel_other_bits_and_errors_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    def random_bits(_: Any) -> str:
        return os.urandom(8).hex()

    def error(_: Any) -> str:
        if parallel.threading.current_thread() is parallel.threading.main_thread():
            return "alone"
        raise RuntimeError("only in threads")

    monkeypatch.setattr(parallel.Work, "train", random_bits)
    monkeypatch.setattr(parallel.Work, "files", error)
    counts, _ = parallel.run(n_threads=2, n_rounds=1)
    assert counts["train: other bits"] == 2
    assert counts["files: RuntimeError('only in threads')"] == 2
