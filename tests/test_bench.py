"""The comparison with rivals: both sides train the same thing, wrong answers end it. No clock."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from shallownet_native import _bench
from shallownet_native._numpy_rival import numpy_in_place
from shallownet_native._problems import PROBLEMS, Problem, adam, descent, shuffled
from shallownet_native._rivals import LocalRival, RemoteRival, native

BENCHMARKS = Path(__file__).resolve().parents[1] / "benchmarks"
RIVALS = sorted((BENCHMARKS / "rivals").glob("*.py"))
SMALL = [descent(3, 5, 40), descent(4, 20, 130), adam(4, 20, 3, 50, 16), adam(3, 5, 1, 48, 16)]


@pytest.mark.parametrize("problem", SMALL, ids=lambda problem: problem.name)
@pytest.mark.parametrize("make", [native, numpy_in_place])
def test_bench_both_sides_train_what_the_oracle_trains(
    make: Any, problem: Problem, dtype: Any
) -> None:
    expected = _bench.oracle_answer(problem, dtype.name)
    rival = LocalRival(make, 1)
    rival.prepare(problem, dtype.name)
    assert rival.answer(1).dtype == dtype
    limit = {4: 1e-2, 8: 1e-12}[dtype.itemsize]  # float32 Adam: sign-like where gradients vanish
    assert _bench.check(rival, problem, dtype.name, expected) <= limit
    assert (rival.answer(3) == rival.answer(3)).all()  # always from the same start


def test_bench_a_wrong_answer_is_refused() -> None:
    problem = SMALL[0]
    rival = LocalRival(native, 1)
    rival.prepare(problem, "float64")
    right = rival.run
    rival.run = lambda n_epochs: right(n_epochs) * (1 + 1e-5)
    with pytest.raises(RuntimeError, match=r"\(3, 5, 40\), float64: a rival is .* off the oracle"):
        _bench.check(rival, problem, "float64", _bench.oracle_answer(problem, "float64"))


def test_bench_run_returns_a_row_for_each_case() -> None:
    seen = []
    rows = _bench.run(
        SMALL[::2], ("float64",), (1,), seconds=0.01, progress=lambda *state: seen.append(state)
    )
    assert [(row.problem, row.dtype, row.threads) for row in rows] == [
        (problem.name, "float64", 1) for problem in SMALL[::2]
    ]
    assert [state[:2] for state in seen] == [(1, 2), (2, 2)] and seen[1][2] == rows[1]
    for row in rows:
        assert row.native_us > 0 and row.ratio == row.numpy_us / row.native_us
        assert row.max_difference <= 1e-12
    head, *lines = _bench.format_table(rows).splitlines()
    assert head.split()[-3:] == ["NumPy", "native", "ratio"]
    for line, row in zip(lines, rows, strict=True):
        assert line.startswith(row.problem) and line.endswith(f"{row.ratio:.1f}")
        assert len(line) == len(head)


def test_bench_takes_problems_by_name() -> None:
    assert _bench.chosen(None, quick=False) == list(PROBLEMS)
    assert _bench.chosen([PROBLEMS[1].name], quick=False) == [PROBLEMS[1]]
    assert 0 < len(_bench.chosen(None, quick=True)) < len(PROBLEMS)
    with pytest.raises(ValueError, match=r"'tiny'.*choose from \(2, 4, 400\)"):
        _bench.run(["tiny"])


def test_bench_a_problem_may_bring_its_data() -> None:
    rng = np.random.default_rng(0)
    x, y = rng.standard_normal((30, 4)), (rng.random((30, 1)) < 0.5).astype(float)
    (row,) = _bench.run(
        [Problem("mine", 4, 6, 1, 30, data=(x, y))], ("float32",), (1,), seconds=0.01
    )
    assert row.problem == "mine" and row.max_difference <= 1e-3


def test_bench_orders_are_permutations() -> None:
    orders = shuffled(20, np.random.RandomState(0))
    assert (np.sort(orders, axis=1) == np.arange(20)).all()
    assert len(np.unique(orders, axis=0)) == len(orders)


def test_bench_numpy_is_held_to_the_number_of_threads() -> None:
    program = (
        "import os; from shallownet_native._rivals import serve;"
        "names = ('OPENBLAS_NUM_THREADS', 'OMP_NUM_THREADS', 'MKL_NUM_THREADS');"
        "serve(lambda problem, data, threads: lambda n: [threads, *map(os.environ.get, names)])"
    )
    for n in (1, 2):
        rival = RemoteRival([sys.executable, "-c", program], n)
        rival.prepare(SMALL[0], "float64")
        assert rival.answer(1).tolist() == [str(n)] * 4
        rival.close()


def test_bench_a_dead_rival_is_an_error() -> None:
    rival = RemoteRival([sys.executable, "-c", "raise SystemExit(3)"], 1)
    with pytest.raises(RuntimeError, match="ended with code 3"):
        rival.prepare(SMALL[0], "float64")


@pytest.mark.parametrize("path", RIVALS, ids=lambda path: path.stem)
def test_bench_every_rival_keeps_the_contract(path: Path, request: pytest.FixtureRequest) -> None:
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)  # cheap: heavy imports wait in `make`
    if path.stem.startswith(("torch", "jax")) and not request.config.getoption("--rivals"):
        pytest.skip("torch and JAX are only run with --rivals")
    assert any(character.isdigit() for character in module.versions())
    rival = RemoteRival([sys.executable, str(path)], 1)
    limit = getattr(module, "ADAM_LIMIT", None)
    for problem in SMALL[::2]:
        rival.prepare(problem, "float64")
        _bench.check(rival, problem, "float64", _bench.oracle_answer(problem, "float64"), limit)
    rival.close()


def test_bench_measure_writes_a_table_and_a_file(tmp_path: Path) -> None:
    report = tmp_path / "report.json"
    command = [
        sys.executable, str(BENCHMARKS / "measure.py"), "--problem", "(2, 4, 400)", "breast cancer",
        "--rivals", "numpy_in_place", "shallownet", "--dtype", "float64", "--threads", "1",
        "--seconds", "0.01", "--json", str(report),
    ]  # fmt: skip
    table = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    for title in ("(2, 4, 400), float64, 1 thread", "breast cancer, float64, 1 thread"):
        assert title in table
    figures = json.loads(report.read_text(encoding="utf-8"))
    assert "measure.py" in figures["machine"]["command"]
    rivals = {row["rival"] for row in figures["rows"]}
    assert "numpy_in_place" in rivals and any(name.startswith("shallownet ") for name in rivals)
    assert all(row["us_per_step"] > 0 and row["distance"] <= 1e-9 for row in figures["rows"])
