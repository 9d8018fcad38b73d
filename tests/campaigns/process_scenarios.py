"""The scenarios of `processes.py`, one a call: forks, spawned processes, threads, exits.

`python process_scenarios.py <name>` runs one of the functions below and prints what it returns: for
each result a line with the digests of all its bits, to be compared with those of one thread alone.
"""

from __future__ import annotations

import atexit
import multiprocessing
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))  # in spawned processes, too
import shallownet_native as sn
from campaigns.common import digest

SHAPE = (50, 128, 1)
M = 4000  # so that a full-batch step is long enough to be always shared out among the threads


def data(dtype: Any = np.float64) -> tuple[Any, Any]:
    X = np.random.default_rng(0).standard_normal((SHAPE[0], M)).astype(dtype)
    return X, (X[:1] + X[1:2] > 0).astype(dtype)


def work(n_threads: int = 4, seed: int = 0) -> str:
    """Return the digest of trainings, gradients and predictions; it depends on the seed alone."""
    X, Y = data()
    start = sn.initialize(*SHAPE, seed=seed)
    full = sn.train(start, X, Y, n_iterations=2, n_threads=n_threads)
    length: dict[str, Any] = {"n_epochs": 1, "batch_size": 250, "seed": seed}
    few = X[:, :1000], Y[:, :1000]
    batches = sn.train(start, *few, optimizer="adam", n_threads=n_threads, **length)
    J, gradients = sn.gradients(full.parameters, X, Y, n_threads=n_threads, want_dX=True)
    A2 = sn.forward(batches.parameters, X, n_threads=n_threads).A2
    one = sn.predict_one(batches.parameters, np.ascontiguousarray(X[:, 0]))
    return digest(full.parameters.flat, full.costs, batches.parameters.flat, J, *gradients, A2, one)


def fit(n_threads: int = 4) -> str:
    """Return the digest of an estimator's fit and of what it predicts."""
    X, Y = data()
    model = sn.ShallowNetClassifier((32,), random_state=0, max_iter=2, n_threads=n_threads)
    model.fit(X.T, Y[0])
    return digest(*model.coefs_, *model.intercepts_, model.predict_proba(X.T))


def both(_: Any = None) -> str:
    """Return the digests of both, or, to be quick, of the first: scikit-learn is long to import."""
    return work() if "SHALLOWNET_QUICK_SCENARIOS" in os.environ else f"{work()} {fit()}"


def in_children(method: str, n: int = 3, target: Callable[[Any], str] = both) -> list[str]:
    with ProcessPoolExecutor(n, multiprocessing.get_context(method)) as pool:
        return list(pool.map(target, range(n)))


def in_fork(target: Callable[[], str] = both) -> str:
    """Fork here and now, from whichever thread this is; return what the child computes."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.write(writer, target().encode())
        finally:
            os._exit(0)
    os.close(writer)
    with os.fdopen(reader) as answer:
        result = answer.read()
    os.waitpid(child, 0)
    return result


def keep_training(ready: threading.Event | None = None, rounds: float = float("inf")) -> None:
    """Train in the pool for ever, or so many times."""
    X, Y = data()
    start = sn.initialize(*SHAPE, seed=0)
    while rounds > 0:
        sn.train(start, X, Y, n_iterations=5, n_threads=4)
        rounds -= 1
        if ready is not None:
            ready.set()


def busy_thread(target: Callable[..., None] = keep_training) -> threading.Thread:
    """Start a daemon that trains, and return it once it is at work."""
    ready = threading.Event()
    thread = threading.Thread(target=target, args=(ready,), daemon=True)
    thread.start()
    ready.wait()
    return thread


# Scenarios: each returns the digests of all that it has computed.


def alone() -> Iterable[str]:
    """What all others are compared with."""
    return [f"{work(1)} {fit(1)}", work(1)]


def fork_before_any_use() -> Iterable[str]:
    return in_children("fork")


def fork_after_use() -> Iterable[str]:
    return [both(), *in_children("fork"), both()]


def fork_while_another_thread_trains() -> Iterable[str]:
    busy_thread()
    return [in_fork() for _ in range(2)]


def fork_from_a_thread() -> Iterable[str]:
    busy_thread()
    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(lambda _: in_fork(), range(4)))


def fork_inside_a_callback() -> Iterable[str]:
    digests: list[str] = []
    X, Y = data()
    sn.train(
        sn.initialize(*SHAPE, seed=0), X, Y, n_iterations=2, n_threads=4,
        callback=lambda _: digests.append(in_fork()),
    )  # fmt: skip
    return [*digests, both()]


def fork_of_a_fork() -> Iterable[str]:
    both()
    return in_fork(lambda: f"{both()}\n{in_fork()}").splitlines()


def fork_and_leave_through_the_interpreter() -> Iterable[str]:
    """The child ends as a program does, not by os._exit."""
    before = both()
    context = multiprocessing.get_context("fork")
    children = [context.Process(target=both) for _ in range(3)]
    for child in children:
        child.start()
    for child in children:
        child.join()
    assert [child.exitcode for child in children] == [0, 0, 0]
    return [before, both()]


def children_by_spawn() -> Iterable[str]:
    both()
    return in_children("spawn", 2)


def children_by_forkserver() -> Iterable[str]:
    both()
    return in_children("forkserver", 2)


def a_child_killed_at_work() -> Iterable[str]:
    context = multiprocessing.get_context("fork")
    child = context.Process(target=keep_training)
    both()
    child.start()
    time.sleep(0.2)
    child.kill()
    child.join()
    assert child.exitcode == -signal.SIGKILL
    return [both()]


def joblib_workers(backend: str) -> Iterable[str]:
    from joblib import Parallel, delayed

    before = both()
    return [before, *Parallel(n_jobs=2, backend=backend)(delayed(both)(k) for k in range(4))]


joblib_loky = partial(joblib_workers, "loky")
joblib_multiprocessing = partial(joblib_workers, "multiprocessing")
joblib_threading = partial(joblib_workers, "threading")


def grid_search_in_processes() -> Iterable[str]:
    from sklearn.model_selection import GridSearchCV

    X, Y = data()
    scores = []
    for n_jobs in (None, 2):
        model = sn.ShallowNetClassifier((8,), random_state=0, max_iter=3)
        search = GridSearchCV(model, {"alpha": [0.0, 0.1]}, cv=2, n_jobs=n_jobs)
        search.fit(X.T, Y[0])
        scores.append(search.cv_results_["mean_test_score"].tobytes())
    assert scores[0] == scores[1], "other scores in processes"
    return [both()]


def threads_at_once() -> Iterable[str]:
    with ThreadPoolExecutor(8) as pool:
        return list(pool.map(both, range(16)))


def threads_with_a_failing_callback() -> Iterable[str]:
    """An error out of a training gives the pool back."""

    def fail(_: Any) -> None:
        raise ZeroDivisionError

    def train(_: Any) -> str:
        X, Y = data()
        try:
            sn.train(sn.initialize(*SHAPE, seed=0), X, Y, callback=fail, n_threads=4)
        except ZeroDivisionError:
            return both()
        raise AssertionError("the callback's error is lost")

    with ThreadPoolExecutor(4) as pool:
        return list(pool.map(train, range(4)))


def leave_to(target: Callable[..., None]) -> Iterable[str]:
    """Leave three daemons at work when the interpreter ends, a moment from now."""
    for _ in range(3):
        busy_thread(target)
    time.sleep(np.random.default_rng().uniform(0, 0.02))
    return []


def fit_forever(ready: threading.Event) -> None:
    while True:
        fit()
        ready.set()


def predict_forever(ready: threading.Event) -> None:
    X, _ = data()
    parameters = sn.initialize(*SHAPE, seed=0)
    one = np.ascontiguousarray(X[:, 0])
    while True:
        sn.predict(parameters, X, n_threads=4)
        sn.predict_one(parameters, one)
        ready.set()


exit_while_daemons_train = partial(leave_to, keep_training)
exit_while_daemons_fit = partial(leave_to, fit_forever)
exit_while_daemons_predict = partial(leave_to, predict_forever)


def exit_waits_for_a_thread_that_trains() -> Iterable[str]:
    threading.Thread(target=lambda: print(both(), flush=True)).start()
    return []


def exit_from_a_callback() -> Iterable[str]:
    X, Y = data()
    leave = partial(sys.exit, 7)
    sn.train(sn.initialize(*SHAPE, seed=0), X, Y, callback=lambda _: leave(), n_threads=4)
    return ["sys.exit is lost"]


def exit_at_once_from_a_callback() -> Iterable[str]:
    X, Y = data()
    sn.train(sn.initialize(*SHAPE, seed=0), X, Y, callback=lambda _: os._exit(8), n_threads=4)
    return ["os._exit is lost"]


def exit_from_a_thread_at_once() -> Iterable[str]:
    busy_thread()
    os._exit(9)


def training_at_exit() -> Iterable[str]:
    atexit.register(lambda: print(both(), flush=True))
    return []


if __name__ == "__main__":
    for result in globals()[sys.argv[1]]():
        print(result, flush=True)
