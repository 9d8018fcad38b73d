"""What the tests share: names read from the core, random problems, and how results are compared.

The parametrised fixtures (`hidden`, `output`, `optimizer`, `dtype`) list what the loaded core
reports, never a typed list, so that a newly enrolled name is tested without an edit here.
"""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import shallownet_native as sn
from shallownet_native import reference
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


def pytest_report_header(config: pytest.Config) -> str:
    rivals = "compared" if config.getoption("--rivals") else "not compared (--rivals does)"
    site = config.getoption("--site") or "not opened (--site FOLDER does)"
    level = backend.core.level
    return f"shallownet core: {level}; torch and JAX: {rivals}; site in a browser: {site}"


@pytest.fixture(autouse=True)
def _close_figures() -> Iterator[None]:
    """Close what a test, or a page that it ran, has opened and left to pyplot."""
    yield
    if pyplot := sys.modules.get("matplotlib.pyplot"):
        pyplot.close("all")


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


@dataclass(frozen=True)
class Problem:
    """A network with its data: float64 columns for the oracle, rows of `dtype` for the core.

    Every value is representable in `dtype`, so that both sides see the same numbers.
    """

    shape: tuple[int, int, int]
    hidden: str
    output: str
    dtype: np.dtype[Any]
    parameters: tuple[Any, Any, Any, Any]  # W1, b1, W2, b2 in float64
    X: Any  # (n_x, m)
    Y: Any  # (n_y, m)
    example_weights: Any = None  # (m,)
    l2: float = 0.0
    negative_slope: float = 0.01

    @property
    def m(self) -> int:
        return int(self.X.shape[1])

    def changed(self, **changes: Any) -> Problem:
        return replace(self, **changes)

    @property
    def theta(self) -> Any:
        return flatten(self.parameters).astype(self.dtype)

    def rows(self, columns: Any) -> Any:
        return np.ascontiguousarray(columns.T, dtype=self.dtype)

    @property
    def weights(self) -> Any:
        return None if self.example_weights is None else self.rows(self.example_weights)

    @property
    def start(self) -> sn.Parameters:
        return sn.Parameters.from_flat(self.theta, self.shape)

    def train(self, **options: Any) -> sn.TrainingResult:
        """Train from the start on X and Y, in `dtype`."""
        X, Y = self.X.astype(self.dtype), self.Y.astype(self.dtype)
        kind = {"hidden": self.hidden or "tanh", "output": self.output}
        return sn.train(self.start, X, Y, **{**kind, **options})

    @property
    def kind(self) -> tuple[str, str, float]:
        return self.hidden, self.output, self.negative_slope

    def core_data(self) -> tuple[Any, ...]:
        """The first arguments of the core's cost and gradients, up to l2."""
        rows = (self.rows(self.X), self.rows(self.Y), self.weights)
        return (self.theta, self.shape, *rows, *self.kind, self.l2)

    def core_gradients(self, n_threads: int = 1) -> tuple[Any, ...]:
        """Return the core's cost, dW1, db1, dW2, db2, dX in the oracle's shapes."""
        cost, theta, dx = backend.core.gradients(*self.core_data(), n_threads, True)
        return (cost, *unflatten(theta, self.shape), dx.T)

    def core_forward(self, n_threads: int = 1) -> tuple[Any, ...]:
        x = self.rows(self.X)
        rows = backend.core.forward(self.theta, self.shape, x, *self.kind, n_threads)
        return tuple(None if a is None else a.T for a in rows)

    def oracle_forward(self) -> tuple[Any, ...]:
        kind = (self.hidden or "identity", self.output, self.negative_slope)
        return reference.forward(*self.parameters, self.X, *kind)

    def oracle_gradients(self) -> tuple[Any, ...]:
        kind = (self.hidden or "identity", self.output, self.negative_slope)
        data = (self.X, self.Y)
        return reference.gradients(*self.parameters, *data, *kind, self.l2, self.example_weights)


def flatten(parameters: Any) -> Any:
    """Return W1, b1, W2, b2 as the core's one vector."""
    return np.concatenate([np.ravel(P) for P in parameters if P is not None])


def unflatten(theta: Any, shape: tuple[int, int, int]) -> tuple[Any, Any, Any, Any]:
    """Return the core's one vector as W1, b1, W2, b2 (None, None without a hidden layer)."""
    n_x, n_h, n_y = shape
    if n_h == 0:
        W2, b2 = np.split(theta, [n_y * n_x])
        return None, None, W2.reshape(n_y, n_x), b2.reshape(n_y, 1)
    W1, b1, W2, b2 = np.split(theta, np.cumsum([n_h * n_x, n_h, n_y * n_h]))
    return W1.reshape(n_h, n_x), b1.reshape(n_h, 1), W2.reshape(n_y, n_h), b2.reshape(n_y, 1)


def draw_targets(output: str, n_y: int, m: int, rng: np.random.Generator) -> Any:
    """Return targets (n_y, m) far from the outputs on average, so that no bias's sum cancels.

    A cancelling sum has no relative accuracy in any program. Soft labels are multiples of 1/4: each
    column of softmax targets then sums to exactly 1 in both floating types.
    """
    if output == "softmax":
        likely = np.where(rng.random((2, m)) < 0.6, 0, rng.integers(n_y, size=(2, m)))
        share = rng.choice([1.0, 1.0, 0.75], size=m)
        eye = np.eye(n_y)
        return eye[likely[0]].T * share + eye[likely[1]].T * (1 - share)
    if output == "sigmoid":
        return rng.choice([0.0, 0.25, 1.0], p=[0.8, 0.1, 0.1], size=(n_y, m))
    if output == "exp":
        return rng.poisson(9.0, size=(n_y, m)).astype(float)
    sides = rng.choice([-3.0, 3.0], p=[0.2, 0.8], size=(n_y, m)) if output == "quantile" else 3.0
    return rng.standard_normal((n_y, m)) + sides


def draw_problem(
    shape: tuple[int, int, int], m: int, hidden: str, output: str, dtype: Any = np.float64,
    *, weighted: bool = False, l2: float = 0.0, negative_slope: float = 0.01, seed: int = 0,
) -> Problem:  # fmt: skip
    """Return a random problem; ``n_h = 0`` is without a hidden layer.

    No hidden unit is within 1e-4 of its kink at 0, where rounding decides between two slopes.
    """
    rng, dtype = np.random.default_rng([seed, m, *shape]), np.dtype(dtype)
    n_x, n_h, n_y = shape

    def draw(*size: int, scale: float = 1.0) -> Any:
        return (scale * rng.standard_normal(size)).astype(dtype).astype(np.float64)

    W1, b1 = (draw(n_h, n_x, scale=n_x**-0.5), draw(n_h, 1, scale=0.5)) if n_h else (None, None)
    W2, b2 = draw(n_y, n_h or n_x, scale=(n_h or n_x) ** -0.5), draw(n_y, 1, scale=0.1)
    X = draw(n_x, m)
    while n_h and (near := (np.abs(W1 @ X + b1) < 1e-4).any(axis=0)).any():
        X[:, near] = draw(n_x, near.sum())
    Y = draw_targets(output, n_y, m, rng).astype(dtype).astype(np.float64)
    s = rng.choice([0.5, 1.0, 2.0, 3.0], size=m) if weighted else None
    kind = (hidden if n_h else "", output, dtype)
    return Problem(shape, *kind, (W1, b1, W2, b2), X, Y, s, l2, negative_slope)


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
