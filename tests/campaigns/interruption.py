"""Ctrl-C in every long call: KeyboardInterrupt within 100 ms, and everything still works.

A forked process sends SIGINT at a random moment and notes when; latency is from then until the
exception is caught. On a busy machine a part of it is spent waiting for a processor: Linux counts
that (schedstat), and 100 ms are what may be left without it.
`python tests/campaigns/interruption.py [--quick] [--repeats N]`; with `--large [MILLIONS ...]` on
networks of so many parameters, each call new, in the first 4 seconds of it.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import statistics
import struct
import sys
import time
import warnings
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

import shallownet_native as sn

sys.path.insert(0, str(Path(__file__).parents[1]))
from campaigns import large_networks

SECONDS = 0.100
FOREVER = 10**9
LARGE_SPAN = 4.0  # seconds: set-up, some steps, the ends of epochs

Call = partial[Any]


def network_calls(scale: float) -> dict[str, Call]:
    """Return calls that last long: trainings for ever, passes over data of some 100 MB."""
    rng = np.random.default_rng(0)
    X = rng.standard_normal((3000, 20)).T
    Y = (X[:1] > 0).astype(float)
    start = sn.initialize(20, 64, 1, seed=0)
    big = np.broadcast_to(rng.standard_normal(100), (int(30_000 * scale), 100)).copy().T
    targets = (big[:1] > 0).astype(float)
    wide = sn.initialize(100, 300, 1, seed=0)
    passes: dict[str, Call] = {
        "forward": partial(sn.forward, wide, big),
        "predict": partial(sn.predict, wide, big),
        "cost": partial(sn.cost, wide, big, targets),
        "gradients": partial(sn.gradients, wide, big, targets, want_dX=True),
        "one step": partial(sn.train, wide, big, targets, n_iterations=FOREVER),
        "columns": partial(sn.gradients, wide, np.ascontiguousarray(big), targets),
        "large batches": partial(
            sn.train, wide, big, targets, n_epochs=FOREVER, batch_size=5_000, seed=0
        ),
    }
    calls = {}
    for n in (1, 2):
        for name, call in passes.items():
            calls[f"{name}, {n} threads"] = partial(for_ever, partial(call, n_threads=n))
        for optimizer in ("gd", "sgd", "adam"):
            train = partial(sn.train, start, X, Y, optimizer=optimizer, seed=0, n_threads=n)
            calls[f"{optimizer}, {n} threads"] = partial(train, n_iterations=FOREVER)
            for size in (1, 32, 3000):
                batches = {"n_epochs": FOREVER, "batch_size": size}
                calls[f"{optimizer}, batches of {size}, {n} threads"] = partial(train, **batches)
    validated = {"n_epochs": FOREVER, "batch_size": 100, "validation": 0.3, "early_stopping": False}
    calls["validated"] = partial(sn.train, start, X, Y, seed=0, **validated)
    calls["callback"] = partial(sn.train, start, X, Y, n_iterations=FOREVER, callback=str)
    return calls


def for_ever(call: Call) -> None:
    """Make a call again and again, so that the signal always meets it."""
    while True:
        call()


def estimator_calls() -> dict[str, Call]:
    rng = np.random.default_rng(0)
    X = rng.standard_normal((3000, 20))
    y = rng.integers(3, size=3000)
    calls: dict[str, Call] = {}
    for solver in ("gd", "sgd", "adam", "lbfgs"):
        model = sn.ShallowNetClassifier(
            (64,), solver=solver, random_state=0, tol=0, n_iter_no_change=10**9, max_iter=10**6
        )
        calls[f"fit by {solver}"] = partial(model.fit, X, y)
    # of second order: 1,603 parameters, and ends of its own that nothing puts off
    second = sn.ShallowNetClassifier((66,), solver="lm", alpha=1.0, random_state=0, tol=0)
    calls["fit by lm"] = partial(for_ever, partial(second.fit, X, y))
    restarts = sn.ShallowNetClassifier((9,), solver="lm", alpha=1.0, n_restarts=1000)
    calls["fit from many starts"] = partial(restarts.fit, X, y)
    options = {"hidden_layer_sizes": (64,), "max_iter": 10**6, "n_iter_no_change": 10**9}
    calls["fit a regressor"] = partial(sn.ShallowNetRegressor(**options).fit, X, X[:, 0])
    many = np.tile(X, (30, 1))
    fitted = sn.ShallowNetClassifier((64,), max_iter=2, random_state=0).fit(X, y)
    calls["predict of an estimator"] = partial(for_ever, partial(fitted.predict_proba, many))
    return calls


def clocks(process: int) -> tuple[float, float]:
    """Return the time, and how long a process has waited for a processor since it began."""
    try:
        with open(f"/proc/{process}/schedstat", encoding="ascii") as file:
            return time.monotonic(), int(file.read().split()[1]) / 1e9
    except OSError:
        return time.monotonic(), 0.0


def latency(call: Call, delay: float) -> tuple[float, float]:
    """Return the seconds between a SIGINT, sent after the delay, and its KeyboardInterrupt.

    The second number is without the time in which this thread had no processor to run on.
    """
    reader, writer = os.pipe()
    begun, begin = os.pipe()
    child = os.fork()
    if child == 0:
        os.read(begun, 1)
        time.sleep(delay)
        os.write(writer, struct.pack("2d", *clocks(os.getppid())))
        os.kill(os.getppid(), signal.SIGINT)
        os._exit(0)
    try:
        os.write(begin, b"!")  # none comes before it can be caught here
        call()
    except KeyboardInterrupt as error:
        caught, waited = clocks(os.getpid())
        check_usable(call, error)
    else:
        raise AssertionError("ended without a KeyboardInterrupt")
    finally:
        os.waitpid(child, 0)
        sent, waited_before = struct.unpack("2d", os.read(reader, 16))
        for descriptor in (reader, writer, begun, begin):
            os.close(descriptor)
    seconds = caught - sent
    return seconds, seconds - (waited - waited_before)


def check_usable(call: Call, error: KeyboardInterrupt) -> None:
    """Find what an interrupted training hands out, or an estimator keeps, finite and usable."""
    if not isinstance(error, sn.TrainingInterrupted):
        return
    result = error.result
    assert result.stopped_by == "interrupt" and np.isfinite(result.parameters.flat).all()
    sn.forward(result.parameters, np.zeros((result.parameters.n_x, 3)))
    model = getattr(call.func, "__self__", None)
    if model is not None and result.n_epochs > 0:  # else it is as it was before
        assert model.n_iter_ == result.n_epochs
        assert len(model.predict(call.args[0])) == len(call.args[0])


def undisturbed(call: Call, delay: float) -> tuple[float, float]:
    """Return a latency; measure again if meanwhile this process was stopped, as by Ctrl-Z."""
    stops: list[int] = []
    before = signal.signal(signal.SIGCONT, lambda number, _: stops.append(number))
    try:
        while True:
            seconds = latency(call, delay)
            if not stops:
                return seconds
            stops.clear()
    finally:
        signal.signal(signal.SIGCONT, before)


def latencies(
    calls: dict[str, Call], repeats: int, seed: int, span: float, first: float = 0.02
) -> dict[str, list[tuple[float, float]]]:
    rng = random.Random(seed)
    return {
        name: [undisturbed(call, first + rng.uniform(0, span)) for _ in range(repeats)]
        for name, call in calls.items()
    }


def table(sizes: list[int], repeats: int, seed: int, kinds: list[str]) -> float:
    """Print the worst latencies of large networks, and return the worst of all in seconds."""
    worst = 0.0
    print(f"worst of {repeats} in ms, and without waiting for a processor")
    for size in sizes:
        for n_threads in (1, 2):
            for kind in kinds:
                for name, call in large_networks.KINDS[kind](size, n_threads).items():
                    times = latencies({name: call}, repeats, seed, LARGE_SPAN, first=0.0)[name]
                    whole, own = (1000 * max(column) for column in zip(*times, strict=True))
                    worst = max(worst, own / 1000)
                    print(f"{size:3} M  {n_threads} threads  {name:24} {whole:6.0f} {own:6.0f}")
    return worst


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help="each call once, less data")
    parser.add_argument(
        "--large", type=int, nargs="*", choices=large_networks.SHAPES, metavar="MILLIONS",
        help="large networks instead: all of 3, 8, 40, or those named",
    )  # fmt: skip
    parser.add_argument("--kinds", nargs="+", choices=large_networks.KINDS, help="of large ones")
    parser.add_argument("--repeats", type=int, default=20)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    signal.signal(signal.SIGINT, signal.default_int_handler)
    warnings.simplefilter("ignore")
    started = time.perf_counter()
    if options.large is not None:
        sizes = options.large or list(large_networks.SHAPES)
        kinds = options.kinds or list(large_networks.KINDS)
        worst = table(sizes, 1 if options.quick else options.repeats, options.seed, kinds)
        print(f"{1000 * worst:.0f} ms at most ({time.perf_counter() - started:.0f} s)")
        return int(worst > SECONDS)
    repeats, scale = (1, 1) if options.quick else (options.repeats, 5)
    calls = {**network_calls(scale), **estimator_calls()}
    result = latencies(calls, repeats, options.seed, 0.1 if options.quick else 0.4)
    own = {name: max(mine for _, mine in times) for name, times in result.items()}
    slowest = max(own, key=lambda name: own[name])
    for name in sorted(own, key=lambda name: -own[name])[:5]:
        print(f"{name:40} {1000 * own[name]:6.1f} ms at most")
    everything = [times for each in result.values() for times in each]
    whole, mine = zip(*everything, strict=True)
    print(
        f"{len(result)} calls interrupted {len(everything)} times: {len(everything)} "
        "KeyboardInterrupts, all models usable, within "
        f"{1000 * statistics.median(whole):.0f} ms in the median, {1000 * max(whole):.0f} ms at "
        f"most; without waiting for a processor {1000 * own[slowest]:.0f} ms at most ({slowest}) "
        f"({time.perf_counter() - started:.0f} s)"
    )
    return int(max(mine) > SECONDS)


if __name__ == "__main__":
    sys.exit(main())
