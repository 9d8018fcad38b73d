"""Compare ways to train many networks: one call, a loop, JAX, scikit-learn's grid search.

    python benchmarks/many.py --quick            # a minute; --parts takes some of its comparisons

Unlike the comparisons of solvers this one is of wall time, on as many processors as `--threads`,
because how well these are used is the question: run it on a machine that does nothing else. Every
answer is compared first; then the rivals take turns, and each one's best counts. What is not
installed is left out, and named.
"""

from __future__ import annotations

import argparse
import os
import platform
import shlex
import subprocess
import sys
import warnings
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

import shallownet_native as sn
from many_grid import beside_a_grid_search
from narrow_steps import NETWORK, M
from shallownet_native.bench.problems import Problem, draw
from shallownet_native.network import split
from solver_clock import found_version, print_table, processor
from wall_clock import bind, by_turns, is_here, refuse_unless

HERE = Path(__file__).parent
# Two float32 programs after twenty steps: each step adds some units of rounding, 1.2e-7 each.
CLOSE = 1e-4


# Networks of the flower's shape


def starts_of(problem: Problem, n: int) -> list[sn.Parameters]:
    return [
        sn.initialize(problem.n_x, problem.n_h, problem.n_y, "glorot_uniform", seed=seed,
                      dtype=np.float32)
        for seed in range(n)
    ]  # fmt: skip


def data_of(problem: Problem) -> tuple[Any, Any]:
    """Return X (n_x, m) and Y (n_y, m), float32."""
    data = draw(problem, "float32")
    return data.x.T, data.y.T


def check_some(starts: Any, X: Any, Y: Any, results: Any, **options: Any) -> None:
    """Compare some networks with `train` alone, bit for bit, and one with the oracle."""
    for k in range(0, len(starts), max(len(starts) // 7, 1)):
        alone = sn.train(starts[k], X, Y, **options)
        refuse_unless(alone.parameters == results[k].parameters, "not what train gives")
    wide = (np.asarray(a, np.float64) for a in (*starts[0], X, Y))
    expected, _ = sn.reference.train(
        *wide, "tanh", "sigmoid", n_epochs=options["n_iterations"], learning_rate=0.1
    )
    for mine, theirs in zip(results[0].parameters, expected, strict=True):
        refuse_unless(np.abs(mine - theirs).max() <= CLOSE * np.abs(theirs).max(), "of the oracle")


def beside_jax(given: argparse.Namespace) -> None:
    """Time all networks at once against `jax.vmap` of the loop, under one jit."""
    if not is_here("jax"):
        return
    per_step, rows = 1e6 / (given.steps * given.networks), []
    for m in (400, 40):
        ours, theirs = on_both_sides(Problem("many", 2, 4, 1, m), given)
        calls = [partial(ours, given.steps), partial(theirs, given.steps)]
        fast, slow = by_turns(calls, given.rounds)
        times = (f"{slow * per_step:.3f}", f"{fast * per_step:.3f}")
        rows.append((m, *times, f"**{slow / fast:.2f}**"))
    title = (
        f"{given.networks} networks 2-4-1, float32, {given.steps} steps, {given.threads} threads"
    )
    head = ("examples", "jax.vmap, us per step of one", "train_many", "ratio")
    print_table(title, head, rows)


def on_both_sides(problem: Problem, given: argparse.Namespace) -> list[Callable[[int], Any]]:
    """Return two functions that train all networks for n steps, and agree after twenty."""
    import jax

    sys.path.insert(0, str(HERE / "rivals"))
    from jax_jit import gd

    X, Y = data_of(problem)
    starts = starts_of(problem, given.networks)
    arrays = zip(*(split(start.flat, start.shape) for start in starts), strict=True)
    W1, b1, W2, b2 = (jax.numpy.asarray(np.stack(P)) for P in arrays)
    stacked = [W1, b1[..., 0], W2, b2[..., 0]]
    one = gd(problem, jax.numpy.asarray(X.T), jax.numpy.asarray(Y.T))
    trained = jax.jit(jax.vmap(one, in_axes=(0, None)))
    same: dict[str, Any] = {"learning_rate": problem.learning_rate, "cost_every": 0}

    def ours(n: int) -> Any:
        return sn.train_many(starts, X, Y, n_iterations=n, n_threads=given.threads, **same)

    def theirs(n: int) -> Any:
        return jax.block_until_ready(trained(stacked, n))

    results, answers = ours(20), theirs(20)
    check_some(starts, X, Y, results, n_iterations=20, **same)
    mine = [np.stack(arrays) for arrays in zip(*(r.parameters for r in results), strict=True)]
    for array, other in zip(mine, answers, strict=True):
        off = np.abs(array.reshape(other.shape) - other).max()
        refuse_unless(off <= CLOSE * np.abs(array).max(), "JAX has other parameters")
    return [ours, theirs]


def beside_a_loop(given: argparse.Namespace) -> None:
    """Time all networks at once against a Python loop over `train`, 20 iterations each."""
    rows = []
    for m in (400, 40):
        problem = Problem("many", 2, 4, 1, m)
        starts, data = starts_of(problem, given.networks), data_of(problem)
        for cost_every in (0, 1):
            same = {"learning_rate": 0.1, "n_iterations": 20, "cost_every": cost_every}
            ours = partial(sn.train_many, starts, *data, n_threads=given.threads, **same)
            check_some(starts, *data, ours(), **same)
            fast, slow = by_turns([ours, partial(loop, starts, *data, **same)], given.rounds)
            costs = "every" if cost_every else "none"
            times = (f"{1e6 * took / len(starts):.1f}" for took in (slow, fast))
            rows.append((m, costs, *times, f"**{slow / fast:.2f}**"))
    title = f"{given.networks} networks 2-4-1, float32, 20 iterations each, {given.threads} threads"
    head = ("examples", "costs", "a loop over train, us per network", "train_many", "ratio")
    print_table(title, head, rows)


def loop(starts: list[sn.Parameters], X: Any, Y: Any, **options: Any) -> list[sn.TrainingResult]:
    """Train one network after the other."""
    return [sn.train(start, X, Y, **options) for start in starts]


# Narrow networks with several outputs


def narrow(given: argparse.Namespace) -> None:
    """Time a step of a narrow network with several outputs, if need be beside an older build."""
    folders = [None, *([given.before] if given.before else [])]
    running = [start_steps(folder) for folder in folders]
    n = 2_000 if given.quick else 20_000

    def ask(process: subprocess.Popen[str]) -> float:
        assert process.stdin is not None and process.stdout is not None
        process.stdin.write(f"{n}\n")
        process.stdin.flush()
        answer = process.stdout.readline()
        refuse_unless(answer, "of narrow networks")
        return float(answer)

    best = [float("inf")] * len(running)
    for _ in range(given.rounds):
        for k, process in enumerate(running):
            best[k] = min(best[k], ask(process))
    for process in running:
        process.communicate()
    now, *before = (1e6 * took / n for took in best)
    rows = [("here", f"{now:.3f}", "1")]
    rows += [("before", f"{took:.3f}", f"**{took / now:.2f}**") for took in before]
    shape = "-".join(map(str, NETWORK))
    print_table(f"{shape}, {M} examples, float32, softmax, gd, one thread",
                ("", "us per step", "ratio"), rows)  # fmt: skip


def start_steps(folder: Path | None) -> subprocess.Popen[str]:
    """Start a process that times steps with the package here, or with the one in a folder."""
    path = {} if folder is None else {"PYTHONPATH": str(folder.resolve())}
    return subprocess.Popen(
        [sys.executable, str(HERE / "narrow_steps.py")], env={**os.environ, **path}, text=True,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    )  # fmt: skip


# in this order: Python calls are slower in a process that JAX is loaded into
PARTS: dict[str, Callable[[argparse.Namespace], None]] = {
    "loop": beside_a_loop, "cv": beside_a_grid_search, "narrow": narrow, "jax": beside_jax,
}  # fmt: skip


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help="fewer rounds, networks and epochs")
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=list(PARTS))
    parser.add_argument("--networks", type=int, default=1000)
    parser.add_argument("--steps", type=int, default=1000, help="of each network beside JAX (1000)")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--threads", type=int, default=2)
    older = "where an older build of the package lies, for the part narrow"
    parser.add_argument("--before", type=Path, metavar="FOLDER", help=older)
    given = parser.parse_args()
    if given.quick:
        given.networks, given.steps, given.rounds = min(given.networks, 200), 100, 2
    return given


def main() -> None:
    given = parse()
    bind(given.threads)
    warnings.simplefilter("ignore")  # that a limit of epochs was reached
    told = [f"{p} {found_version(p) or 'is not here'}"
            for p in ("shallownet-native", "numpy", "scikit-learn", "jax")]  # fmt: skip
    where = f"{processor()}, {given.threads} threads, Python {platform.python_version()}"
    print(f"{where}; {', '.join(told)}\n{shlex.join(['python', *sys.argv])}")
    for name, run in PARTS.items():
        if name in given.parts:
            run(given)


if __name__ == "__main__":
    main()
