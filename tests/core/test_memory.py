"""Memory after many calls, and many threads at once, in short: `campaigns/leak.py`, `soak.py`."""

import tempfile
from pathlib import Path

import numpy as np
import pytest

from campaigns import leak, soak

pytestmark = pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="no /proc to read")
NATIVE = leak.native_calls()
FILES = ["save model", "load model", "refused file", "no folder"]


@pytest.fixture(autouse=True)
def few_rests(monkeypatch):
    monkeypatch.setattr(soak, "N_RESTS", 4)


@pytest.mark.parametrize("name", NATIVE)
def test_memory_stays_when_a_call_is_repeated(name):
    in_memory, in_blocks = leak.growth(NATIVE[name], 100)
    assert max(in_memory, in_blocks) < leak.LIMIT / 4


@pytest.mark.parametrize("name", FILES)
def test_memory_stays_when_files_are_repeated(name):
    with tempfile.TemporaryDirectory(dir=leak.MEMORY) as folder:  # a disk would take its time
        in_memory, in_blocks = leak.growth(leak.file_calls(Path(folder))[name], 100)
    assert max(in_memory, in_blocks) < leak.LIMIT / 4


def test_memory_that_leaks_is_seen():
    kept = []
    in_memory, in_blocks = leak.growth(lambda: kept.append(np.ones(100_000)), 200)
    # what earlier tests have freed may still be resident, and take in a part of it
    assert in_memory > 2 * leak.LIMIT and in_blocks > 20 * 7000


def test_memory_of_sixteen_threads_at_once_holds_the_same_bits(tmp_path):
    jobs = {
        name: job
        for name, job in soak.all_jobs(str(tmp_path)).items()
        if not name.startswith("fit")
    }
    run = soak.Soak(jobs, seed=0)
    run.run(16, 1.0)
    assert not run.wrong and run.done.total() > 16


def test_memory_of_threads_shows_other_bits_and_errors():
    answers = iter(["right", *["wrong"] * 10**6])
    run = soak.Soak({"changes": lambda: next(answers), "fails": lambda: soak.fail(1)}, seed=0)
    run.jobs["fails"] = lambda: str(1 // 0)
    run.run(2, 0.1)
    assert any("changes: wrong" in wrong for wrong in run.wrong)
    assert any("ZeroDivisionError" in wrong for wrong in run.wrong)
