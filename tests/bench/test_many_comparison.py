"""What benchmarks/many.py compares: the same networks on both sides, or the run ends."""

from __future__ import annotations

from argparse import Namespace
from typing import Any

import numpy as np
import pytest

import shallownet_native as sn

MODULES = ("solver_clock", "wall_clock", "narrow_steps", "many_grid", "many")


def test_many_comparison_prints_a_table_for_each_part(run_benchmark: Any) -> None:
    given = ("--quick", "--networks", 7, "--parts", "loop", "narrow")
    loop, narrow = run_benchmark("many.py", *given).split("\n### ")[1:]
    assert loop.startswith("7 networks 2-4-1, float32") and loop.count("**") == 2 * 4
    assert narrow.startswith("4-10-3, 150 examples") and "| here |" in narrow


def test_many_comparison_ends_at_a_wrong_answer(
    programs: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    right = sn.train_many
    given = Namespace(networks=3, threads=1, rounds=1)

    def wrong(starts: Any, *data: Any, **options: Any) -> Any:
        results = list(right(starts, *data, **options))
        results[0].parameters.flat[0] = np.nextafter(results[0].parameters.flat[0], np.float32(9))
        return results

    programs.many.beside_a_loop(given)
    monkeypatch.setattr(sn, "train_many", wrong)
    with pytest.raises(SystemExit, match="not what train gives"):
        programs.many.beside_a_loop(given)
