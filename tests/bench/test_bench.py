"""The comparison with rivals: both sides train the same thing, wrong answers end it. No clock."""

from __future__ import annotations

import importlib.util
import json
import sys
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from shallownet_native.bench import timing
from shallownet_native.bench.numpy_rival import numpy_in_place
from shallownet_native.bench.problems import PROBLEMS, Problem, adam, descent, draw
from shallownet_native.bench.rivals import LocalRival, RemoteRival, native

BENCHMARKS = Path(__file__).resolve().parents[2] / "benchmarks"
RIVALS = sorted((BENCHMARKS / "rivals").glob("*.py"))
TWO_RIVALS = ("--rivals", "shallownet", "numpy_in_place", "--quick")
SMALL = [descent(3, 5, 40), descent(4, 20, 130), adam(4, 20, 3, 50, 16), adam(3, 5, 1, 48, 16)]


def load(path: Path) -> Any:
    """Return a file of the benchmarks as a module."""
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("problem", SMALL, ids=lambda problem: problem.name)
@pytest.mark.parametrize("make", [native, numpy_in_place])
def test_bench_both_sides_train_what_the_oracle_trains(
    make: Any, problem: Problem, dtype: Any
) -> None:
    expected = timing.oracle_answer(problem, dtype.name)
    rival = LocalRival(make, 1)
    rival.prepare(problem, dtype.name)
    assert rival.answer(1).dtype == dtype
    limit = {4: 1e-2, 8: 1e-12}[dtype.itemsize]  # float32 Adam: sign-like where gradients vanish
    assert timing.check(rival, problem, dtype.name, expected) <= limit
    assert (rival.answer(3) == rival.answer(3)).all()  # always from the same start


def test_bench_a_wrong_answer_is_refused() -> None:
    problem = SMALL[0]
    rival = LocalRival(native, 1)
    rival.prepare(problem, "float64")
    right = rival.run
    rival.run = lambda n_epochs: right(n_epochs) * (1 + 1e-5)
    with pytest.raises(RuntimeError, match=r"\(3, 5, 40\), float64: a rival is .* off the oracle"):
        timing.check(rival, problem, "float64", timing.oracle_answer(problem, "float64"))


def test_bench_run_returns_a_row_for_each_case() -> None:
    seen = []
    rows = timing.run(
        SMALL[::2], ("float64",), (1,), seconds=0.01, progress=lambda *state: seen.append(state)
    )
    assert [(row.problem, row.dtype, row.threads) for row in rows] == [
        (problem.name, "float64", 1) for problem in SMALL[::2]
    ]
    assert [state[:2] for state in seen] == [(1, 2), (2, 2)] and seen[1][2] == rows[1]
    for row in rows:
        assert row.native_us > 0 and row.ratio == row.numpy_us / row.native_us
        assert row.max_difference <= 1e-12
    head, *lines = timing.format_table(rows).splitlines()
    assert head.split()[-3:] == ["NumPy", "native", "ratio"]
    for line, row in zip(lines, rows, strict=True):
        assert line.startswith(row.problem) and line.endswith(f"{row.ratio:.1f}")
        assert len(line) == len(head)


def test_bench_takes_problems_by_name() -> None:
    assert timing.chosen(None, quick=False) == list(PROBLEMS)
    assert timing.chosen([PROBLEMS[1].name], quick=False) == [PROBLEMS[1]]
    assert 0 < len(timing.chosen(None, quick=True)) < len(PROBLEMS)
    with pytest.raises(ValueError, match=r"'tiny'.*choose from \(2, 4, 400\)"):
        timing.run(["tiny"])


def test_bench_a_problem_may_bring_its_data() -> None:
    rng = np.random.default_rng(0)
    x, y = rng.standard_normal((30, 4)), (rng.random((30, 1)) < 0.5).astype(float)
    (row,) = timing.run(
        [Problem("mine", 4, 6, 1, 30, data=(x, y))], ("float32",), (1,), seconds=0.01
    )
    assert row.problem == "mine" and row.max_difference <= 1e-3


def test_bench_orders_are_permutations() -> None:
    orders = draw(adam(4, 5, 3, 20, 16), "float64").orders
    assert orders is not None
    assert (np.sort(orders, axis=1) == np.arange(20)).all()
    assert len(np.unique(orders, axis=0)) == len(orders)


def test_bench_numpy_is_held_to_the_number_of_threads() -> None:
    program = (
        "import os; from shallownet_native.bench.rivals import serve;"
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
    module = load(path)  # cheap: heavy imports wait in `make`
    if path.stem.startswith(("torch", "jax")) and not request.config.getoption("--rivals"):
        pytest.skip("torch and JAX are only run with --rivals")
    assert any(character.isdigit() for character in module.versions())
    rival = RemoteRival([sys.executable, str(path)], 1)
    limit = getattr(module, "ADAM_LIMIT", None)
    for problem in SMALL[::2]:
        rival.prepare(problem, "float64")
        timing.check(rival, problem, "float64", timing.oracle_answer(problem, "float64"), limit)
    rival.close()


def test_bench_measure_writes_a_table_and_a_file(run_benchmark: Any, tmp_path: Path) -> None:
    report = tmp_path / "report.json"
    table = run_benchmark(
        "measure.py", "--problem", "(2, 4, 400)", "breast cancer",
        "--rivals", "numpy_in_place", "shallownet", "--dtype", "float64", "--threads", "1",
        "--seconds", "0.01", "--json", report,
    )  # fmt: skip
    for title in ("(2, 4, 400), float64, 1 thread", "breast cancer, float64, 1 thread"):
        assert title in table
    figures = json.loads(report.read_text(encoding="utf-8"))
    assert "measure.py" in figures["machine"]["command"]
    rivals = {row["rival"] for row in figures["rows"]}
    assert "numpy_in_place" in rivals and any(name.startswith("shallownet ") for name in rivals)
    assert all(row["us_per_step"] > 0 and row["distance"] <= 1e-9 for row in figures["rows"])


def test_bench_footprint_writes_tables_and_a_file(run_benchmark: Any, tmp_path: Path) -> None:
    report = tmp_path / "report.json"
    wheel = tmp_path / "some.whl"
    with zipfile.ZipFile(wheel, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("zeros", bytes(100_000))
    printed = run_benchmark("footprint.py", *TWO_RIVALS, "--wheel", wheel, "--json", report)
    for title in ("time to import", "installed size", "one example, 64-100-10", "some.whl"):
        assert f"\n{title}" in printed
    figures = json.loads(report.read_text(encoding="utf-8"))
    assert figures["wheel"]["mb_unpacked"] == 0.1 > 10 * figures["wheel"]["mb"]
    assert [row["module"] for row in figures["import"]] == ["shallownet_native", "numpy"]
    ours, numpy = figures["size"]
    assert numpy["n_dependencies"] == 0 and numpy["mb"] == numpy["mb_with_dependencies"]
    assert ours["n_dependencies"] == 1  # NumPy; what extras bring does not count
    assert ours["mb_with_dependencies"] == pytest.approx(ours["mb"] + numpy["mb"])
    calls = [row["call"] for row in figures["latency"] if row["network"] == "30-16-1"]
    assert "NumPy expression" in calls and "predict_one, frozen" in calls
    assert all(row["us"] > 0 and row["distance"] <= 1e-5 for row in figures["latency"])


@pytest.mark.skipif(sys.platform != "linux", reason="the peak is read from /proc")
def test_bench_memory_is_what_a_rival_holds_beyond_the_data() -> None:
    memory = load(BENCHMARKS / "memory.py")
    program = (
        "import numpy as np;"
        "from shallownet_native.bench.numpy_rival import numpy_in_place as make;"
        "from shallownet_native.bench.rivals import serve;"
        "hold = lambda data, run: lambda n: (np.ones(len(data.x) * 100), run(n))[1];"
        "serve(lambda problem, data, threads: hold(data, make(problem, data, threads)))"
    )
    problem = descent(500, 3, 5000)
    rival = RemoteRival([sys.executable, "-c", program], 1, **memory.RETURN_AT_ONCE)
    found = memory.beyond_data(rival, problem, "float32")
    rival.close()
    held, copied = 5000 * 100 * 8 / 2**20, 5000 * 500 * 4 / 2**20  # megabytes
    assert held + copied - 1 <= found["mb_beyond_data"] <= held + copied + 2


def test_bench_growth_writes_tables_a_file_and_a_picture(
    run_benchmark: Any, tmp_path: Path
) -> None:
    report, picture = tmp_path / "report.json", tmp_path / "growth.svg"
    given = (*TWO_RIVALS, "--threads", 1, "--json", report)
    printed = run_benchmark("growth.py", *given, "--picture", picture)
    assert "(30, 30, 1000), float32" in printed and str(picture) in printed
    figures = json.loads(report.read_text(encoding="utf-8"))
    assert all(row["us_per_step"] > 0 and row["distance"] <= 1e-3 for row in figures["rows"])
    again = tmp_path / "again.svg"
    run_benchmark("growth.py", "--from", report, "--picture", again)
    assert again.read_bytes() == picture.read_bytes() and len(picture.read_bytes()) < 150_000

    curves = load(BENCHMARKS / "growth_picture.py").curves_along(figures, "float32", "n_h")
    assert set(curves) == {("shallownet", 1), ("numpy_in_place", 1)}
    assert all([size for size, _ in points] == [3, 10, 30] for points in curves.values())


@pytest.mark.parametrize("wanted", [[0.5], [0.1, 0.9], [0.5, 0.5, 0.52], [0.9, 0.3, 0.31, 0.36]])
def test_bench_labels_of_a_picture_stand_apart_in_order(wanted: list[float]) -> None:
    gap = 0.05
    found = np.array(load(BENCHMARKS / "growth_picture.py").spread(wanted, gap))
    order = np.argsort(wanted, kind="stable")
    assert (np.diff(found[order]) >= gap * (1 - 1e-9)).all()
    assert np.sum(found) == pytest.approx(np.sum(wanted))  # blocks stay where their labels want
    assert np.abs(found - wanted).max() <= gap * len(wanted) / 2
