"""Time the second-order solvers and derivatives: `python benchmarks/second_order.py --help`.

Five comparisons, each a function here: lm with descent on the flower, lm's convergence, lm with
SciPy's least_squares, lbfgs with scikit-learn's, products of the Hessian with gradients. Every
answer is checked before the clock runs. Prints Markdown tables and what the ratios come to.
"""

from __future__ import annotations

import argparse
import warnings
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

import shallownet_native as sn
from solver_clock import alternately, median, milliseconds, print_table, take_one_core, versions
from solver_problems import EIGHT, FITS, Problem, make, scaled
from solver_rivals import least_squares

DECAYS = (1e-5, 1e-4, 1e-3)
DESCENT_STEPS = 10_000
LBFGS_FITS = (("iris", 10, 0.01), ("breast cancer", 100, 0.1), ("digits", 100, 0.1))  # units, alpha
LBFGS_TOL = 1e-5
SOLVES = 100  # of SciPy's and of lm's
PRODUCTS = ((30, 16, 569), (64, 64, 1797))


def train(problem: Problem, start: sn.Parameters, **options: Any) -> sn.TrainingResult:
    """Train on one thread."""
    given: dict[str, Any] = {"n_threads": 1, **problem.units, **options}
    return sn.train(start, problem.X, problem.Y, **given)


def first_at(costs: Any, target: float) -> int | None:
    """Return the first index at which a curve is as low as the target."""
    below = np.flatnonzero(np.asarray(costs) <= target)
    return int(below[0]) if len(below) else None


def check(problem: Problem, result: sn.TrainingResult, l2: float) -> None:
    """End the run if the oracle disagrees about the cost of what a training returned."""
    known = sn.reference.cost(
        *result.parameters, problem.X, problem.Y, "tanh", problem.output, l2=l2
    )
    if not np.isclose(problem.cost(result.parameters, l2), known, rtol=1e-12):
        raise SystemExit(f"{problem.title}: the oracle has another cost")
    if result.costs[-1] > result.costs[0]:
        raise SystemExit(f"{problem.title}: the cost has risen")


class Race(NamedTuple):
    """One start: the costs that both reach, and seconds; None where lm does not get there."""

    descent: float
    lm: float
    n_solves: int | None
    seconds: tuple[float, float] | None


def race(problem: Problem, seed: int, rounds: int) -> Race:
    start = problem.start(seed, "small_normal")
    descent = {"learning_rate": 1.2, "n_iterations": DESCENT_STEPS}
    target = float(train(problem, start, **descent).costs.min())
    whole = train(problem, start, optimizer="lm", l2=0.0, n_iterations=400)
    check(problem, whole, 0.0)
    needed = first_at(whole.costs, target)
    if needed is None:
        return Race(target, float(whole.costs[-1]), None, None)
    part = {"optimizer": "lm", "l2": 0.0, "n_iterations": needed}
    short = train(problem, start, **part)
    if short.costs[-1] != whole.costs[needed]:
        raise SystemExit("lm does not walk the same way twice")
    calls: list[Callable[[], Any]] = [
        lambda: train(problem, start, **descent, cost_every=0),
        lambda: train(problem, start, **part),
    ]
    slow, fast = alternately(calls[:1], rounds)[0], alternately(calls[1:], 20 * rounds)[0]
    return Race(target, float(whole.costs[-1]), short.n_solves, (slow, fast))


def flower(quick: bool) -> None:
    """Race lm against descent from 24 starts, and the best of four starts against the best."""
    rows = []
    for n_h in (4, 5, 20):
        problem, n_starts = make("flower, 4 units", n_h=n_h), 8 if quick else 24
        races = [race(problem, seed, 1 if quick else 3) for seed in range(n_starts)]
        times = [r.seconds for r in races if r.seconds]
        slow, fast = (median(t[k] for t in times) for k in (0, 1))
        fours = [[races[(k + j) % n_starts] for j in range(4)] for k in range(n_starts)]
        reached = sum(min(r.lm for r in f) <= min(r.descent for r in f) for f in fours)
        n_solves = median(r.n_solves for r in races if r.n_solves is not None)
        ratio = f"{slow / fast:.0f}"
        rows.append(
            (n_h, milliseconds(slow), milliseconds(fast), f"{n_solves:g}", f"**{ratio}**",
             f"{len(times)} of {n_starts}", f"{reached} of {n_starts}")
        )  # fmt: skip
    head = ("n_h", "10,000 steps, ms", "lm to their best cost, ms", "solves", "ratio",
            "starts that reach it", "best of 4 against best of 4")  # fmt: skip
    print_table("The flower, l2 = 0, medians", head, rows)


def convergence(quick: bool) -> None:
    """Count the runs in which lm brings the gradient below 1e-6, with its default tolerances."""
    rows, done, n_runs = [], 0, 0
    for name in EIGHT:
        problem, limit = make(name, all_rows=True), 120 if name == "breast cancer" else 300
        for l2 in DECAYS:
            runs = [
                train(problem, problem.start(seed), optimizer="lm", l2=l2, n_iterations=limit)
                for seed in range(2 if quick else 8)
            ]
            for run in runs:
                check(problem, run, l2)
            slopes = [steepest(problem, run.parameters, l2) for run in runs]
            good = [
                slope <= 1e-6 and run.n_solves <= limit
                for slope, run in zip(slopes, runs, strict=True)
            ]
            costs = [float(run.costs[-1]) for run in runs]
            done, n_runs = done + sum(good), n_runs + len(good)
            rows.append(
                (problem.title, f"{l2:g}", f"{sum(good)} of {len(good)}",
                 f"{median(run.n_solves for run in runs):g}", f"{median(costs):.5g}",
                 f"{min(costs):.5g}", f"{max(slopes):.1e}")
            )  # fmt: skip
    head = ("problem", "l2", "converged", "median solves", "median cost", "lowest",
            "steepest at the end")  # fmt: skip
    print_table("lm: largest component of the gradient at most 1e-6", head, rows)
    print(f"\nconverged: {done} of {n_runs}")


def steepest(problem: Problem, parameters: sn.Parameters, l2: float) -> float:
    """Return the largest component of the gradient."""
    given: dict[str, Any] = {**problem.units, "l2": l2}
    gradients = sn.gradients(parameters, problem.X, problem.Y, **given)[1]
    return max(float(np.abs(array).max()) for array in gradients if array is not None)


def same_work(problem: Problem, start: sn.Parameters, l2: float, solves: int) -> int:
    """Return the most iterations of lm that take no more solves than that."""
    n = solves
    while train(problem, start, optimizer="lm", l2=l2, n_iterations=n).n_solves > solves:
        n -= 1
    return n


class Fit(NamedTuple):
    """One start: seconds per solve and costs at the end, SciPy's and ours."""

    slow: float
    fast: float
    theirs: float
    ours: float


def fit(problem: Problem, l2: float, start: sn.Parameters, rounds: int) -> Fit:
    """Fit by SOLVES solves of either from the same start."""
    trf = least_squares(problem, l2, start)
    parameters, theirs = trf(SOLVES)
    if not np.isclose(theirs, problem.cost(parameters, l2), rtol=1e-10):
        raise SystemExit(f"{problem.title}: SciPy minimises something else")
    n_iterations = same_work(problem, start, l2, SOLVES)
    options = {"optimizer": "lm", "l2": l2, "n_iterations": n_iterations}
    ours = train(problem, start, **options)
    check(problem, ours, l2)
    slow, fast = alternately(
        [lambda: trf(SOLVES), lambda: train(problem, start, **options)], rounds
    )
    n_theirs = trf.n_solves  # type: ignore[attr-defined]
    return Fit(slow / n_theirs, fast / ours.n_solves, theirs, float(ours.costs[-1]))


def fitting(quick: bool) -> None:
    """Time as many solves from the same starts, and compare the costs that they reach."""
    rows = []
    for name in FITS:
        problem = make(name, all_rows=True)
        starts = [problem.start(seed) for seed in range(2 if quick else 6)]
        fits = [fit(problem, 1e-6, start, 1 if quick else 3) for start in starts]
        slow, fast, theirs, ours = (median(f[k] for f in fits) for k in range(4))
        no_worse = sum(f.ours <= 1.01 * f.theirs for f in fits)
        rows.append(
            (problem.title, f"{1e6 * slow:.0f}", f"{1e6 * fast:.1f}", f"**{slow / fast:.0f}**",
             f"{theirs:.4g}", f"{ours:.4g}", f"**{ours / theirs:.3f}**",
             f"{no_worse} of {len(fits)}")
        )  # fmt: skip
    head = ("problem", "trf, us per solve", "lm, us per solve", "ratio", "trf's cost", "lm's",
            "ratio of the costs", "lm at most 1 % worse")  # fmt: skip
    print_table(f"Fits by {SOLVES} solves, l2 = 1e-6, medians", head, rows)


def lbfgs_fit(X: Any, y: Any, n_h: int, alpha: float, seed: int) -> tuple[float, ...]:
    """Return seconds and iterations of both, how far ours is above its loss, converged likewise.

    Ours takes the iterations that its loss needs, or all where it never comes there. A tolerance
    of the gradient leaves losses that differ; converged are those of a hundredth of it.
    """
    from sklearn.neural_network import MLPClassifier

    given: dict[str, Any] = {
        "hidden_layer_sizes": (n_h,), "activation": "tanh", "solver": "lbfgs", "alpha": alpha,
        "random_state": seed,
    }  # fmt: skip
    to_the_end = {**given, "tol": LBFGS_TOL / 100, "max_iter": 20_000, "max_fun": 1_000_000}
    theirs = MLPClassifier(**given, tol=LBFGS_TOL, max_iter=200).fit(X, y)
    ours = sn.ShallowNetClassifier(**to_the_end, n_threads=1).fit(X, y)
    converged = ours.loss_ / MLPClassifier(**to_the_end).fit(X, y).loss_
    needed = first_at(ours.loss_curve_, theirs.loss_)
    if needed is not None:
        ours.set_params(max_iter=needed + 1).fit(X, y)
    if needed is not None and not ours.loss_ <= theirs.loss_:
        raise SystemExit("the shorter fit has not reached the loss")
    slow, fast = alternately([lambda: theirs.fit(X, y), lambda: ours.fit(X, y)], 3)
    return slow, fast, theirs.n_iter_, ours.n_iter_, ours.loss_ / theirs.loss_, converged


def lbfgs_fits(quick: bool) -> None:
    """Time whole fits of both estimators to the loss that scikit-learn's ends with."""
    from sklearn import datasets

    rows, n_seeds = [], 2 if quick else 6
    for name, n_h, alpha in LBFGS_FITS:
        X, y = getattr(datasets, f"load_{name.replace(' ', '_')}")(return_X_y=True)
        X = X / 16 if name == "digits" else scaled(X, X)[0]
        fits = [lbfgs_fit(X, y, n_h, alpha, seed) for seed in range(n_seeds)]
        slow, fast, n_theirs, n_ours = (median(f[k] for f in fits) for k in range(4))
        rows.append(
            (f"{name} {X.shape[1]}-{n_h}", milliseconds(slow), milliseconds(fast),
             f"**{median(f[0] / f[1] for f in fits):.2f}**", f"{n_theirs:g}", f"{n_ours:g}",
             f"{sum(f[4] <= 1 for f in fits)} of {n_seeds}", f"{max(f[5] for f in fits):.5f}")
        )  # fmt: skip
    head = ("fit", "scikit-learn, ms", "here, ms", "ratio", "its iterations", "ours",
            "seeds that reach its loss", "highest converged loss over its")  # fmt: skip
    print_table("lbfgs to scikit-learn's loss, float64, medians", head, rows)


def product_times(n_x: int, n_h: int, m: int, rounds: int) -> tuple[float, float, float]:
    """Return seconds of a gradient, of a product alone, and of one of many in a row.

    The last is the difference of six of `largest_curvature` and two, divided by four.
    """
    random = np.random.default_rng(0)
    X, Y = random.standard_normal((m, n_x)).T, random.random((m, 1)).T
    P = sn.initialize(n_x, n_h, 1, "glorot_uniform", seed=0)
    vector = random.standard_normal(P.size)
    given: Any = {"hidden": "tanh", "output": "sigmoid", "n_threads": 1}
    exact = sn.reference.hessian_vector_product(*P, X, Y, vector, "tanh", "sigmoid")
    found = sn.hessian_vector_product(P, X, Y, vector, **given)
    if not np.allclose(found, exact, rtol=1e-9, atol=1e-12 * np.abs(exact).max()):
        raise SystemExit("the oracle has another product")
    calls: list[Callable[[], Any]] = [
        lambda: sn.gradients(P, X, Y, **given),
        lambda: sn.hessian_vector_product(P, X, Y, vector, **given),
        lambda: sn.largest_curvature(P, X, Y, tol=1e-7, max_iter=2, **given),
        lambda: sn.largest_curvature(P, X, Y, tol=1e-7, max_iter=6, **given),
    ]
    gradient, alone, two, six = alternately(calls, rounds)
    return gradient, alone, (six - two) / 4


def products(quick: bool) -> None:
    """Time a Hessian-vector product in gradients, alone and in a row at the same parameters."""
    rows = []
    for shape in PRODUCTS:
        gradient, alone, in_a_row = product_times(*shape, 50 if quick else 1000)
        rows.append(
            (str(shape), f"{1e6 * gradient:.1f}", f"**{alone / gradient:.2f}**",
             f"**{in_a_row / gradient:.2f}**")
        )  # fmt: skip
    head = ("network", "a gradient, us", "a product alone, in gradients", "one of many")
    print_table("Hessian-vector products, float64", head, rows)


PARTS: dict[str, Callable[[bool], None]] = {
    "flower": flower, "convergence": convergence, "fits": fitting, "lbfgs": lbfgs_fits,
    "products": products,
}  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help="fewer starts, one or two minutes")
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=list(PARTS))
    given = parser.parse_args()
    take_one_core()
    warnings.simplefilter("ignore")  # that a limit of iterations was reached
    print(versions("shallownet-native", "numpy", "scipy", "scikit-learn"))
    for name in given.parts:
        PARTS[name](given.quick)


if __name__ == "__main__":
    main()
