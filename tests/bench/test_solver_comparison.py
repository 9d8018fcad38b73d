"""What benchmarks/ says of solvers: all minimise one cost, and what is searched is found."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("sklearn")
MODULES = ("solver_problems", "solver_clock", "solver_rivals", "solver_pictures", "solvers")
NAMES = (
    "gd", "sgd", "adam", "lbfgs", "lm", "lm, evidence", "scikit-learn adam", "scikit-learn lbfgs",
    "SciPy trf", "torch LBFGS", "JAX adam", "JAX BFGS",
)  # fmt: skip


def test_solver_comparison_has_the_solvers_that_are_tested(programs: Any) -> None:
    solvers = programs.solver_rivals.SOLVERS
    assert tuple(solver.name for solver in solvers) == NAMES
    assert set(programs.solver_pictures.STYLES) == set(NAMES)


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize(
    ("problem_name", "name"),
    [
        (problem, name)
        for problem in ("sine", "iris", "flower, 4 units")
        for name in NAMES
        if name != "SciPy trf" or problem == "sine"  # which only fits
    ],
)
def test_solver_comparison_is_of_one_cost(programs: Any, name: str, problem_name: str) -> None:
    solver = next(s for s in programs.solver_rivals.SOLVERS if s.name == name)
    problem, l2 = programs.solver_problems.make(problem_name), 0.01
    if programs.solver_clock.found_version(solver.package) is None:
        pytest.skip(f"{solver.package} is not installed")
    assert problem.output == "identity" or not solver.only_fits
    start = problem.start(0)
    run = solver.prepare(problem, l2, start, solver.rates[1] if solver.rates else None)
    parameters, claimed = run(30)
    judged_by = 0.0 if solver.has_own_decay else l2
    assert problem.cost(parameters, judged_by) < problem.cost(start, judged_by)
    assert (claimed is None) == (solver.has_own_decay or (bool(solver.rates) and "JAX" not in name))
    if claimed is not None:
        # float64 sums of some hundred terms, in another order
        assert claimed == pytest.approx(problem.cost(parameters, l2), rel=1e-12)
    assert run(30)[0] == parameters, "the next run begins at the start, too"


def test_solver_comparison_finds_how_many_iterations_a_cost_takes(
    programs: Any,
) -> None:
    solvers, problem = programs.solvers, programs.solver_problems.make("sine")
    lm = next(s for s in solvers.SOLVERS if s.name == "lm")
    run = lm.prepare(problem, 1e-3, problem.start(0), None)
    course = solvers.watch(lm, run, problem, 1e-3, 10.0)
    costs = [problem.cost(run(n)[0], 1e-3) for n in range(40)]
    assert course.end.cost == min(look.cost for look in course.looks)
    assert course.best.loss == min(look.loss for look in course.looks)
    for target in (costs[3], costs[20], (costs[10] + costs[11]) / 2):
        first = next(n for n, cost in enumerate(costs) if cost <= target)
        assert solvers.needed(course, problem, 1e-3, target) == first
    assert solvers.needed(course, problem, 1e-3, 0.0) is None


def test_solver_comparison_draws_medians_that_never_go_back_in_time(
    programs: Any,
) -> None:
    looks = [[[1, 3.0, 9.0], [2, 2.0, 5.0]], [[1, 1.0, 7.0]], [[1, 2.0, 8.0], [2, 1.0, 4.0]]]
    assert programs.solver_pictures.curve(looks, 2) == [(2.0, 8.0), (2.0, 5.0)]


def test_solver_comparison_prints_tables_and_writes_figures(
    run_benchmark: Any, tmp_path: Path
) -> None:
    pytest.importorskip("matplotlib")
    printed = run_benchmark(
        "solvers.py", "--problems", "sine", "--solvers", "gd", "lm", "--starts", 2,
        "--seconds", 0.01, "--rounds", 1, "--folder", tmp_path,
    )  # fmt: skip
    rows = [line for line in printed.splitlines() if line.startswith(("| gd", "| lm"))]
    assert len(rows) == 2 * 4  # one table of the problem, three of all
    [found] = json.loads((tmp_path / "solvers.json").read_text())
    assert found["rates"]["lm"] is None and found["rates"]["gd"] > 0
    assert {len(courses) for courses in found["looks"].values()} == {2}
    assert np.isfinite(found["targets"]).all()
    for picture in ("cost.svg", "held_out.svg"):
        assert (tmp_path / picture).read_text(encoding="utf-8").count("sine 1-10-1") == 1
