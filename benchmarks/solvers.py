"""Compare solvers: time to a given cost, and to the best held-out loss.

    python benchmarks/solvers.py --quick         # a few minutes; --help tells the choices

Every solver starts from the same parameters and has the same seconds, on one thread. First it is
watched: run from the start for more and more iterations, the cost and the held-out loss taken of
each answer by us. Then the number of iterations that a target takes is searched, and runs of that
length are timed, the solvers in turns. Rivals that are not installed are left out, and named.
"""

from __future__ import annotations

import argparse
import json
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

import shallownet_native as sn
from solver_clock import (
    alternately,
    found_version,
    median,
    milliseconds,
    print_table,
    span,
    take_one_core,
    versions,
)
from solver_problems import SOURCES, Problem, make
from solver_rivals import SOLVERS, Run, Solver

GROWTH = 1.4  # of the number of iterations, from one look to the next
SLACK = 1.01  # the first target, in units of the cost that the measure ends with
LARGE = 1e5  # parameters times examples from which on the seconds grow in proportion
NEAR = 1.05  # the second, in units of the lowest cost that any solver came to


class Look(NamedTuple):
    """What a run of n iterations took (s) and gave: cost with penalty, loss on data held out."""

    n: int
    seconds: float
    cost: float
    loss: float


class Course(NamedTuple):
    """A solver from one start: how to run it, and what was seen of it."""

    run: Run
    looks: list[Look]

    @property
    def end(self) -> Look:
        return self.looks[-1]

    @property
    def best(self) -> Look:
        """The look with the lowest held-out loss."""
        return min(self.looks, key=lambda look: look.loss)


# Watching


def look_at(run: Run, n: int, problem: Problem, l2: float, has_own_decay: bool = False) -> Look:
    """Run n iterations; the cost that the solver claims must be the one that we take."""
    begin = time.process_time()
    try:
        parameters, claimed = run(n)
    except (sn.DivergenceError, FloatingPointError):
        return Look(n, time.process_time() - begin, float("inf"), float("inf"))
    seconds = time.process_time() - begin
    cost = problem.cost(parameters, l2)
    if claimed is not None and not np.isclose(claimed, cost, rtol=1e-8, atol=1e-12):
        raise SystemExit(f"{problem.title}: a solver minimises something else")
    return Look(n, seconds, float("inf") if has_own_decay else cost, problem.loss(parameters))


def watch(solver: Solver, run: Run, problem: Problem, l2: float, seconds: float) -> Course:
    """Look at ever longer runs until one takes too long, or nothing changes any more."""
    looks, n, still = [look_at(run, 1, problem, l2, solver.has_own_decay)], 2, 0
    if solver.is_whole:
        return Course(run, looks)
    looks = [look_at(run, 1, problem, l2)]  # the first has warmed up
    while looks[-1].seconds < seconds and still < 3:
        looks.append(look_at(run, n, problem, l2))
        still = still + 1 if looks[-1][2:] == looks[-2][2:] else 0
        n = max(n + 1, round(GROWTH * n))
    return Course(run, looks[: len(looks) - still])


def tuned(solver: Solver, problem: Problem, l2: float, seconds: float) -> float | None:
    """Return the learning rate that comes lowest from a start of its own, the hundredth."""
    start, ends = problem.start(100), []
    for rate in solver.rates:
        run = solver.prepare(problem, l2, start, rate)
        ends.append((watch(solver, run, problem, l2, seconds).end.cost, rate))
    return min(ends)[1] if ends else None


def needed(course: Course, problem: Problem, l2: float, target: float) -> int | None:
    """Return how many iterations reach a cost, to 2 %; None if those that were seen do not."""
    costs = [look.cost for look in course.looks]
    above = next((k for k, cost in enumerate(costs) if cost <= target), None)
    if above is None:
        return None
    low, high = course.looks[above - 1].n if above else 0, course.looks[above].n
    while high - low > max(1, 0.02 * high):
        middle = (low + high) // 2
        if look_at(course.run, middle, problem, l2).cost <= target:
            high = middle
        else:
            low = middle
    return high


# Timing


def seconds_of(runs: dict[str, tuple[Run, int] | None], rounds: int) -> dict[str, float]:
    """Return each run's best time, in turns; nan where there is none."""
    there = {name: pair for name, pair in runs.items() if pair}
    calls: list[Callable[[], Any]] = [lambda r=r, n=n: r(n) for r, n in there.values()]
    times = dict(zip(there, alternately(calls, rounds), strict=True))
    return {name: times.get(name, float("nan")) for name in runs}


def compare(name: str, solvers: list[Solver], given: argparse.Namespace) -> dict[str, Any]:
    """Watch and time all solvers on one problem; return what the tables and pictures need."""
    problem, l2 = make(name), given.l2
    seconds = given.seconds * max(1.0, problem.start(0).size * problem.X.shape[1] / LARGE)
    taking = [s for s in solvers if not s.only_fits or problem.output == "identity"]
    rates = {s.name: tuned(s, problem, l2, seconds) for s in taking}
    starts = [problem.start(seed) for seed in range(given.starts)]
    if not np.isclose(problem.cost(starts[0], l2), oracle(problem, starts[0], l2), rtol=1e-12):
        raise SystemExit(f"{problem.title}: the oracle has another cost")
    courses = {
        s.name: [
            watch(s, s.prepare(problem, l2, start, rates[s.name]), problem, l2, seconds)
            for start in starts
        ]
        for s in taking
    }
    ends = [course.end.cost for found in courses.values() for course in found]
    measure = median(course.end.cost for course in courses[given.measure])
    targets = (SLACK * measure, NEAR * min(ends))
    times = {s.name: ([], [], []) for s in taking}  # type: ignore[var-annotated]
    for k in range(given.starts):
        for which, target in enumerate(targets):
            lengths = {s: needed(found[k], problem, l2, target) for s, found in courses.items()}
            runs = {s: (courses[s][k].run, n) if n else None for s, n in lengths.items()}
            for s, took in seconds_of(runs, given.rounds).items():
                times[s][which].append(took)
        for s, found in courses.items():
            times[s][2].append(found[k].best.seconds)
    return {"problem": problem, "rates": rates, "courses": courses, "targets": targets,
            "times": times}  # fmt: skip


def oracle(problem: Problem, parameters: sn.Parameters, l2: float) -> float:
    """Return the oracle's cost."""
    given = (*parameters, problem.X, problem.Y, "tanh", problem.output)
    return float(sn.reference.cost(*given, l2=l2))


# Telling


def reached(times: list[float]) -> str:
    """Write the median time of those that got there, and how many did."""
    there = [t for t in times if t == t]
    return f"{milliseconds(median(there))} ({len(there)} of {len(times)})" if there else "-"


def tell(found: dict[str, Any], given: argparse.Namespace) -> None:
    """Print one problem's table."""
    rows = []
    for name, courses in found["courses"].items():
        to_first, to_second, to_best = found["times"][name]
        rate = found["rates"][name]
        costs = [course.end.cost for course in courses]
        rows.append(
            (name if rate is None else f"{name}, rate {rate:g}",
             reached(to_first), reached(to_second),
             span(costs) if np.isfinite(costs).all() else "-",
             span([course.best.loss for course in courses]), milliseconds(median(to_best)),
             span([course.end.loss for course in courses]))
        )  # fmt: skip
    first, second = found["targets"]
    head = ("solver", f"ms to {SLACK:g} of {given.measure}'s cost, {first:.4g} (starts)",
            f"ms to {NEAR:g} of the lowest, {second:.4g} (starts)", "cost at the end",
            "best held-out loss", "ms to that", "held-out loss at the end")  # fmt: skip
    print_table(f"{found['problem'].title}, l2 = {given.l2:g}", head, rows)


def summary(all_found: list[dict[str, Any]], given: argparse.Namespace) -> None:
    """Print two tables of all problems: milliseconds to the first target, best held-out loss."""
    head = ("solver", *(found["problem"].title for found in all_found))
    names = [s.name for s in SOLVERS if any(s.name in found["times"] for found in all_found)]

    def rows(cell: Callable[[dict[str, Any], str], str]) -> list[tuple[str, ...]]:
        return [(n, *(cell(f, n) if n in f["times"] else "-" for f in all_found)) for n in names]

    title = (
        f"Milliseconds to {SLACK:g} of {given.measure}'s cost, median of the starts that reach it"
    )
    print_table(title, head, rows(lambda f, n: reached(f["times"][n][0])))
    title = "Best held-out loss on the way, median (quartiles) over starts"
    losses = rows(lambda f, n: span([course.best.loss for course in f["courses"][n]]))
    print_table(title, head, losses)
    title = "Held-out loss at the end, median (quartiles) over starts"
    losses = rows(lambda f, n: span([course.end.loss for course in f["courses"][n]]))
    print_table(title, head, losses)


def record(found: dict[str, Any]) -> dict[str, Any]:
    """Return what is kept of a problem as JSON."""
    looks = {name: [c.looks for c in courses] for name, courses in found["courses"].items()}
    return {"problem": found["problem"].title, "rates": found["rates"], "looks": looks,
            "targets": found["targets"], "times": found["times"]}  # fmt: skip


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    names = [solver.name for solver in SOLVERS]
    several: dict[str, Any] = {"nargs": "+", "metavar": "NAME"}
    parser.add_argument("--problems", choices=SOURCES, **several, help="\n".join(SOURCES))
    parser.add_argument("--solvers", choices=names, **several, help="\n".join(names))
    parser.add_argument("--starts", type=int, default=6)
    parser.add_argument("--seconds", type=float, default=0.1,
                        help="for each run (0.1); more for large problems")  # fmt: skip
    parser.add_argument("--rounds", type=int, default=3, help="of the timed runs (3)")
    parser.add_argument("--l2", type=float, default=1e-3, help="the decay that all have (1e-3)")
    parser.add_argument("--measure", default="gd", choices=names,
                        help="whose median cost at the end is the first target (gd)")  # fmt: skip
    parser.add_argument("--quick", action="store_true", help="three starts, 0.05 s")
    parser.add_argument("--folder", type=Path, default=Path("build/solvers"),
                        help="for pictures and figures")  # fmt: skip
    given = parser.parse_args()
    if given.quick:
        given.starts, given.seconds = 3, 0.05
    return given


def main() -> None:
    given = parse()
    take_one_core()
    warnings.simplefilter("ignore")  # that a limit of iterations was reached
    wanted = [s for s in SOLVERS if not given.solvers or s.name in given.solvers]
    print(versions(*dict.fromkeys(s.package for s in wanted)))
    solvers = [s for s in wanted if found_version(s.package)]
    all_found = []
    for name in given.problems or SOURCES:
        all_found.append(compare(name, solvers, given))
        tell(all_found[-1], given)
    summary(all_found, given)
    given.folder.mkdir(parents=True, exist_ok=True)
    figures = [record(found) for found in all_found]
    (given.folder / "solvers.json").write_text(json.dumps(figures) + "\n", encoding="utf-8")
    if found_version("matplotlib"):
        from solver_pictures import draw

        draw(figures, given.folder)
    print(f"\nwritten to {given.folder}")


if __name__ == "__main__":
    main()
