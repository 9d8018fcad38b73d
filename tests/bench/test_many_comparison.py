"""What benchmarks/many.py compares: the same networks on both sides, or the run ends."""

from __future__ import annotations

import subprocess
import sys
from argparse import Namespace
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

import shallownet_native as sn

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"
MODULES = ("solver_clock", "wall_clock", "narrow_steps", "many_grid", "many")


@pytest.fixture(scope="module")
def programs() -> Any:
    """Import the files of benchmarks/ as its programs do, and forget them afterwards."""
    sys.path.insert(0, str(BENCHMARKS))
    try:
        yield {name: __import__(name) for name in MODULES}
    finally:
        sys.path.remove(str(BENCHMARKS))
        for name in MODULES:
            sys.modules.pop(name, None)


def test_many_comparison_prints_a_table_for_each_part() -> None:
    command = [sys.executable, str(BENCHMARKS / "many.py"), "--quick", "--networks", "7"]
    done = subprocess.run(
        [*command, "--parts", "loop", "narrow"], capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    loop, narrow = done.stdout.split("\n### ")[1:]
    assert loop.startswith("7 networks 2-4-1, float32") and loop.count("**") == 2 * 4
    assert narrow.startswith("4-10-3, 150 examples") and "| here |" in narrow


def test_many_comparison_ends_at_a_wrong_answer(
    programs: dict[str, ModuleType], monkeypatch: pytest.MonkeyPatch
) -> None:
    right = sn.train_many
    given = Namespace(networks=3, threads=1, rounds=1)

    def wrong(starts: Any, *data: Any, **options: Any) -> Any:
        results = list(right(starts, *data, **options))
        results[0].parameters.flat[0] = np.nextafter(results[0].parameters.flat[0], np.float32(9))
        return results

    programs["many"].beside_a_loop(given)
    monkeypatch.setattr(sn, "train_many", wrong)
    with pytest.raises(SystemExit, match="not what train gives"):
        programs["many"].beside_a_loop(given)
