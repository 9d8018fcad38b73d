"""The comparison with NumPy that runs on any machine, and the fair timing of any two rivals.

NumPy runs in a process of its own, because the number of its threads is settled when it starts.
Each answer is checked against the oracle before the clock runs; then the sides take turns, and the
best time of each counts. `shallownet bench`, `shallownet demo` and `benchmarks/` use this file.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from ..network import split
from .problems import LARGE, MAX_EPOCHS, PROBLEMS, Floats, Problem, Run, Sample, draw
from .rivals import LocalRival, RemoteRival, Rival, native

# Largest accepted distance from the oracle, relative to how far training went. Adam's first steps
# are sign-like, so that in float32 single parameters go another way where a gradient is near 0.
LIMITS = {("gd", "float32"): 1e-3, ("adam", "float32"): 0.2}
FLOAT64_LIMIT = 1e-7
CHECKED_STEPS = 2  # of gradient descent; of Adam, one epoch
N_ROUNDS = 10
LEAST_STEPS = 8  # of a turn: a descent has more than one step, and begins but once


@dataclass(frozen=True)
class Row:
    """One line of the table: microseconds per step of each side, and how many times faster ours is.

    `max_difference` is ours from the oracle's parameters, relative to how far training went.
    `oracle_us` is the time of the oracle itself, where it was asked for.
    """

    problem: str
    dtype: str
    threads: int
    numpy_us: float
    native_us: float
    ratio: float
    max_difference: float
    oracle_us: float | None = None


def oracle_answer(problem: Problem, dtype: str) -> tuple[Floats, float]:
    """Return the oracle's parameters in float64, and how far they are from the start."""
    data = draw(problem, dtype)
    x, y, theta = (array.astype(float) for array in data[:3])
    flat = oracle(problem, Sample(x, y, theta, data.orders), 1)(checked_epochs(problem))
    return flat, float(np.abs(flat - theta).max())


def oracle(problem: Problem, data: Sample, threads: int) -> Run:
    """Return the training by the oracle, written to be read, with a new array for every term."""
    from .. import reference

    X, Y = np.ascontiguousarray(data.x.T), np.ascontiguousarray(data.y.T)
    W1, b1, W2, b2 = split(data.theta, problem.shape)

    def run(n_epochs: int) -> Floats:
        parameters, _ = reference.train(
            W1, b1, W2, b2, X, Y, "tanh", problem.output,
            optimizer=problem.optimizer, learning_rate=problem.learning_rate, n_epochs=n_epochs,
            batch_size=problem.batch_size, orders=data.orders,
        )  # fmt: skip
        return np.concatenate([np.ravel(P) for P in parameters if P is not None])

    return run


def checked_epochs(problem: Problem) -> int:
    """Return after how many epochs answers are compared."""
    return 1 if problem.batch_size else CHECKED_STEPS


def check(
    rival: Rival, problem: Problem, dtype: str, expected: tuple[Floats, float],
    limit: float | None = None,
) -> float:  # fmt: skip
    """Return the rival's distance from the oracle, or raise if it trains something else."""
    oracle, travelled = expected
    answer = rival.answer(checked_epochs(problem))
    distance = float(np.abs(answer.astype(float) - oracle).max()) / travelled
    limits = (LIMITS.get((problem.optimizer, dtype), FLOAT64_LIMIT), limit or 0.0)
    if not distance <= max(limits):
        raise RuntimeError(f"{problem.name}, {dtype}: a rival is {distance:.1e} off the oracle")
    return distance


def time_alternately(rivals: Sequence[Rival], problem: Problem, seconds: float) -> list[float]:
    """Return each rival's best time of a step, in microseconds, after rounds of all of them."""
    share = seconds / N_ROUNDS / len(rivals)
    epochs = [enough_epochs(rival, problem, share) for rival in rivals]
    best = [float("inf")] * len(rivals)
    start = time.perf_counter()
    for n_done in range(N_ROUNDS):
        if n_done >= 3 and time.perf_counter() - start > 2 * seconds:
            break  # steps so long that three rounds will do
        for k, rival in enumerate(rivals):
            best[k] = min(best[k], rival.seconds(epochs[k]) / epochs[k])
            if rival.threads > 1:
                time.sleep(0.15)  # idle threads of BLAS and OpenMP still spin after 0.05
    return [1e6 * time_of_epoch / problem.steps_per_epoch for time_of_epoch in best]


def enough_epochs(rival: Rival, problem: Problem, seconds: float) -> int:
    """Return how many epochs take about that long; trying warms the rival up."""
    most = MAX_EPOCHS if problem.batch_size else 1_000_000
    n_epochs = 1
    while (taken := rival.seconds(n_epochs)) < seconds / 4 and n_epochs < most:
        n_epochs = min(2 * n_epochs, most)
    return min(
        max(int(n_epochs * seconds / taken), LEAST_STEPS // problem.steps_per_epoch, 1), most
    )


def run(
    shapes: Iterable[Problem | str] | None = None,
    dtypes: Sequence[str] = ("float32", "float64"),
    threads: Sequence[int] = (1, 2),
    *,
    seconds: float | None = None,
    quick: bool = False,
    with_oracle: bool = False,
    progress: Callable[[int, int, Row], None] | None = None,
) -> list[Row]:
    """Time our training against NumPy's on this machine.

    Parameters
    ----------
    shapes : problems or their names; None takes all of `PROBLEMS`, but the two largest if quick.
    dtypes : names of floating types.
    threads : numbers of threads; each holds for both sides.
    seconds : time to spend on each row, 0.8, or 0.2 if quick.
    with_oracle : time the oracle, too.
    progress : called after each row with the number of rows done, of all rows, and the row.

    Returns
    -------
    list of Row

    Raises
    ------
    ValueError
        If a name is not one of `PROBLEMS`.
    RuntimeError
        If one side's answer is not the oracle's.
    """
    problems = chosen(shapes, quick)
    seconds = seconds or (0.2 if quick else 0.8)
    answers = {(p.name, dtype): oracle_answer(p, dtype) for p in problems for dtype in dtypes}
    rows: list[Row] = []
    served = ["from shallownet_native.bench.numpy_rival import numpy_in_place as make"]
    if with_oracle:
        served.append("from shallownet_native.bench.timing import oracle as make")
    for n in threads:
        rivals: list[Rival] = [LocalRival(native, n)]
        for make in served:
            program = f"{make}; from shallownet_native.bench.rivals import serve; serve(make)"
            rivals.append(RemoteRival([sys.executable, "-c", program], n))
        try:
            for problem in problems:
                for dtype in dtypes:
                    for rival in rivals:
                        rival.prepare(problem, dtype)
                    expected = answers[problem.name, dtype]
                    distance, *_ = [check(rival, problem, dtype, expected) for rival in rivals]
                    ours, theirs, *rest = time_alternately(rivals, problem, seconds)
                    figures = (theirs, ours, theirs / ours, distance, *rest)
                    rows.append(Row(problem.name, dtype, n, *figures))
                    if progress is not None:
                        progress(len(rows), len(threads) * len(answers), rows[-1])
        finally:
            for rival in rivals:
                rival.close()
    return rows


def chosen(shapes: Iterable[Problem | str] | None, quick: bool) -> list[Problem]:
    """Return the problems of these names."""
    if shapes is None:
        return [p for p in PROBLEMS if not (quick and p in LARGE)]
    named = {problem.name: problem for problem in PROBLEMS}
    problems = []
    for shape in shapes:
        if isinstance(shape, str) and shape not in named:
            raise ValueError(f"no problem is called {shape!r}: choose from {', '.join(named)}")
        problems.append(named[shape] if isinstance(shape, str) else shape)
    return problems


def format_table(rows: Iterable[Row]) -> str:
    """Return the rows as a text table, with the oracle's column where it was timed."""
    rows = list(rows)
    asked = any(row.oracle_us is not None for row in rows)
    first = f"{'oracle':>11}" if asked else ""
    heads = f"{first}{'NumPy':>11}{'native':>11}{'ratio':>8}"
    lines = [f"{'microseconds per step':36}{'threads':>7}{heads}"]
    for row in rows:
        label = f"{row.problem}, {row.dtype}"
        first = "" if row.oracle_us is None else f"{row.oracle_us:11.2f}"
        times = f"{first}{row.numpy_us:11.2f}{row.native_us:11.2f}{row.ratio:8.1f}"
        lines.append(f"{label:36}{row.threads:7}{times}")
    return "\n".join(lines)
