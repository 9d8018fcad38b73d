"""The files of benchmarks/, run as programs, or imported as these import one another."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"


@pytest.fixture(scope="module")
def programs(request: pytest.FixtureRequest) -> Iterator[SimpleNamespace]:
    """The files that the test's MODULES name, by their names; they are forgotten afterwards."""
    names = request.module.MODULES
    sys.path.insert(0, str(BENCHMARKS))
    try:
        yield SimpleNamespace(**{name: __import__(name) for name in names})
    finally:
        sys.path.remove(str(BENCHMARKS))
        for name in names:
            sys.modules.pop(name, None)


@pytest.fixture
def run_benchmark() -> Callable[..., str]:
    """A function that returns what a program of the benchmarks prints, if all goes well."""

    def run(name: str, *arguments: object) -> str:
        command = [sys.executable, str(BENCHMARKS / name), *map(str, arguments)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
        assert (done.returncode, done.stderr) == (0, "")
        return done.stdout

    return run
