"""What the tests share: names read from the core, random problems, and how results are compared.

The parametrised fixtures (`hidden`, `output`, `optimizer`, `dtype`) list what the loaded core
reports, never a typed list, so that a newly enrolled name is tested without an edit here.
"""

from __future__ import annotations

import contextlib
import gc
import os
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from random_problems import Problem, draw_problem, unflatten
from shallownet_native._native import backend
from shallownet_native.training import TrainOptions

# What the project promises of native against oracle, as max|difference| / max|oracle| per array.
# float64: 1e-12 is 4500 eps, room for sums over a few hundred examples; float32: 2e-6 is 17 eps.
LIMITS = {np.dtype(np.float32): 2e-6, np.dtype(np.float64): 1e-12}


def pytest_configure(config: pytest.Config) -> None:
    site = config.getoption("--site")
    if site and not (site / "index.html").is_file():
        raise pytest.UsageError(f"--site {site}: no index.html; python docs/build.py makes it")
    # A shell starts background jobs with Ctrl-C ignored, and ignored it would be for our children.
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--rivals", action="store_true", help="also compare with torch and JAX (extra: rivals)"
    )
    folder: dict[str, Any] = {"type": Path, "metavar": "FOLDER"}
    site = "also open the site in FOLDER, which docs/build.py makes, in a browser (extra: docs)"
    parser.addoption("--site", help=site, **folder)
    parser.addoption("--screenshots", help="with --site: keep what the browser showed", **folder)


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    first = collection_path.relative_to(Path(__file__).parent).parts[:1]
    is_asked_for = {("rivals",): "--rivals", ("site",): "--site"}.get(first)
    return True if is_asked_for and not config.getoption(is_asked_for) else None


def pytest_collection_finish() -> None:
    """Prepare for thousands of small tests, now that what they use is imported."""
    # They stay to the end: to look at them in each full collection takes long.
    gc.collect()
    gc.freeze()
    with contextlib.suppress(ImportError):  # it comes with scikit-learn
        from threadpoolctl import threadpool_limits

        # Arrays are small: the threads of NumPy's BLAS would wait for each other, and for ours.
        threadpool_limits(1, "blas")


def pytest_report_header(config: pytest.Config) -> str:
    rivals = "compared" if config.getoption("--rivals") else "not compared (--rivals does)"
    site = config.getoption("--site") or "not opened (--site FOLDER does)"
    level = backend.core.level
    return f"shallownet core: {level}; torch and JAX: {rivals}; site in a browser: {site}"


@pytest.fixture(scope="session", autouse=True)
def _without_syncs() -> Iterator[None]:
    """Spare the disk: the tests write thousands of files, and pull no plug."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(os, "fsync", lambda descriptor: None)
        yield


@pytest.fixture(autouse=True)
def _close_figures() -> Iterator[None]:
    """Close what a test, or a page that it ran, has opened and left to pyplot."""
    yield
    if pyplot := sys.modules.get("matplotlib.pyplot"):
        pyplot.close("all")


@pytest.fixture
def no_callbacks_of_the_collector() -> Iterator[None]:
    """Keep away Hypothesis's: an interrupt that arrives in one of them is lost there."""
    callbacks = gc.callbacks[:]
    gc.callbacks.clear()
    yield
    gc.callbacks[:] = callbacks


@pytest.fixture
def interrupted(no_callbacks_of_the_collector: None) -> Iterator[Callable[..., Any]]:
    """A function (call, seconds, again=0) that raises a KeyboardInterrupt in the call, so late.

    With `again`, one after each further so many seconds. It returns what the call returned, or the
    interrupt that ended it. How far the call came is the machine's affair: ask again with a longer
    delay. None is raised outside the call: one that came too late would end the whole test run.
    """
    if not hasattr(signal, "setitimer"):
        pytest.skip("no timers on this system")

    def within(call: Callable[[], Any]) -> Any:
        return call()

    def interrupt(number: int, frame: Any) -> None:
        while frame and frame.f_code is not within.__code__:
            frame = frame.f_back
        if frame:
            raise KeyboardInterrupt

    def interrupting(call: Callable[[], Any], seconds: float, again: float = 0) -> Any:
        signal.setitimer(signal.ITIMER_REAL, seconds, again)
        try:
            return within(call)
        except KeyboardInterrupt as error:
            return error
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)

    before = signal.signal(signal.SIGALRM, interrupt)
    yield interrupting
    signal.signal(signal.SIGALRM, before)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where a file may be saved."""
    return tmp_path / "model.snet"


@pytest.fixture(scope="session")
def core() -> Any:
    """The compiled module that this process chose."""
    return backend.core


@pytest.fixture(scope="session", params=backend.core.activations)
def hidden(request: pytest.FixtureRequest) -> str:
    """Every hidden activation of the core."""
    return str(request.param)


@pytest.fixture(scope="session", params=backend.core.outputs)
def output(request: pytest.FixtureRequest) -> str:
    """Every output unit of the core."""
    return str(request.param)


@pytest.fixture(scope="session", params=backend.core.smooth_outputs)
def smooth_output(request: pytest.FixtureRequest) -> str:
    """Every output unit whose loss has second derivatives."""
    return str(request.param)


@pytest.fixture(scope="session", params=sorted(backend.core.optimizers))
def optimizer(request: pytest.FixtureRequest) -> str:
    """Every optimizer of the core."""
    return str(request.param)


@pytest.fixture(scope="session", params=LIMITS, ids=str)
def dtype(request: pytest.FixtureRequest) -> np.dtype[Any]:
    """Both floating types."""
    return np.dtype(request.param)


@pytest.fixture(scope="session")
def make_problem() -> Any:
    """The function `draw_problem`."""
    return draw_problem


@pytest.fixture
def problem() -> Problem:
    """A small network with 60 examples."""
    return draw_problem((3, 5, 2), 60, "tanh", "sigmoid")


@pytest.fixture(scope="session")
def parameters_of() -> Any:
    """The function `unflatten`."""
    return unflatten


def relative_difference(got: Any, expected: Any) -> float:
    """Return max|got - expected| / max|expected|; where `expected` is all 0, `got` must be too.

    A single number is a cost, whose terms may cancel (Poisson): it is measured against at least 1.
    """
    got, expected = np.asarray(got, np.float64), np.asarray(expected, np.float64)
    assert got.shape == expected.shape
    difference = float(np.abs(got - expected).max(initial=0.0))
    scale = float(np.abs(expected).max(initial=1.0 if expected.ndim == 0 else 0.0))
    return 0.0 if difference == 0.0 else difference / scale if scale else float("inf")


@pytest.fixture(scope="session")
def assert_agree() -> Any:
    """A function that compares each of some arrays, by default to the project's own limits."""

    def check(got: Any, expected: Any, dtype: Any = np.float64, limit: float | None = None) -> None:
        limit = LIMITS[np.dtype(dtype)] if limit is None else limit
        for k, (mine, oracle) in enumerate(zip(got, expected, strict=True)):
            assert (mine is None) == (oracle is None), f"array {k}"
            if oracle is not None:
                assert relative_difference(mine, oracle) <= limit, f"array {k}"

    return check


@pytest.fixture(scope="session")
def train_options() -> Any:
    """A function giving all of the core's training options, some of them changed."""
    options = TrainOptions("tanh", "sigmoid", 0.01, "gd", 0.1, 0.9, True, 0.9, 0.999, 1e-8, 1, 1)
    defaults = {**options._replace(patience=10).for_call(1), "always_together": False}

    def options(problem: Problem, **changes: Any) -> dict[str, Any]:
        assert set(changes) <= set(defaults), "not an option of the core"
        of_problem = {k: getattr(problem, k) for k in ("hidden", "output", "negative_slope", "l2")}
        return {**defaults, **of_problem, "batch_size": problem.m, **changes}

    return options
