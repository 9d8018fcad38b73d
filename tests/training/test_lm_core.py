"""What the core's Levenberg-Marquardt is made of: shapes that fill and break its blocks and tiles
against the oracle, the same bits however it is shared out, and its rules by hand.
"""

from __future__ import annotations

import math
from functools import partial
from typing import Any

import numpy as np
import pytest
from scipy.sparse import csr_matrix

import shallownet_native as sn
from shallownet_native import reference
from shallownet_native._native.backend import core
from shallownet_native._native.sparse import SparseRows

DECAYS = (1e-3, 1e-4, 2e-3, 3e-4)  # of W1, b1, W2, b2
# (n_x, n_h, n_y), m: one, and 512 or 256 a tile, 240 products of inputs, 384 columns, and beyond
SHAPES = {
    "one of each": ((1, 1, 1), 1),
    "two tiles": ((2, 4, 1), 700),
    "many units, three tiles": ((2, 33, 1), 520),
    "many pairs of inputs": ((22, 3, 1), 130),
    "many pairs, many outputs": ((22, 5, 2), 140),
    "many units and outputs": ((6, 17, 4), 130),
    "many parameters": ((9, 40, 1), 60),
    "a vector filled": ((4, 1, 2), 64),
    "less than a vector": ((4, 9, 3), 7),
    "no hidden layer": ((5, 0, 1), 33),
    "no hidden layer, outputs, tiles": ((3, 0, 9), 700),
    "no hidden layer, many inputs": ((60, 0, 3), 40),
}
KINDS = {
    "tanh, sigmoid": ("tanh", "sigmoid"),
    "sigmoid, softmax": ("sigmoid", "softmax"),
    "identity, exp": ("identity", "exp"),
    "tanh, identity": ("tanh", "identity"),
    "relu, identity": ("relu", "identity"),
    "leaky_relu, softmax": ("leaky_relu", "softmax"),
}
shapes = pytest.mark.parametrize(("shape", "m"), SHAPES.values(), ids=list(SHAPES))
kinds = pytest.mark.parametrize(("hidden", "output"), KINDS.values(), ids=list(KINDS))
N_ITERATIONS = 4


class Case:
    """A network with data, some of whose inputs and weights are 0."""

    def __init__(self, shape: Any, m: int, hidden: str = "tanh", output: str = "sigmoid") -> None:
        n_x, n_h, n_y = self.shape = shape
        n_y = max(n_y, 2) if output == "softmax" else n_y
        self.shape = (n_x, n_h, n_y)
        self.rng = np.random.default_rng([m, *shape])
        self.kind = (hidden, output, 0.01)
        self.p = sn.initialize(n_x, n_h, n_y, "glorot_uniform", seed=m)
        self.X = self.rng.standard_normal((n_x, m)) * self.rng.choice([0, 1, 1, 3], (n_x, m))
        shares = {
            "sigmoid": lambda: self.rng.random((n_y, m)) < 0.4,
            "softmax": lambda: np.eye(n_y)[self.rng.integers(n_y, size=m)].T,
            "identity": lambda: self.rng.standard_normal((n_y, m)),
            "exp": lambda: self.rng.poisson(2, (n_y, m)),
        }
        self.Y = shares[output]().astype(float)
        self.weights: Any = self.rng.choice([0, 0.5, 1, 2], m) + np.eye(1, m)[0]

    def fit(self, memory: Any = (), *, x: Any = None, **changes: Any) -> dict[str, Any]:
        """Run the core."""
        hidden, output, slope = self.kind
        options = {
            "hidden": hidden, "output": output, "negative_slope": slope, "decays": DECAYS,
            "loss_scale": 1.0, "n_iterations": N_ITERATIONS, "tol": 1e-6, "flat": 1e-8,
            "unit": 0.0, "patience": 3.0, "max_solves": math.inf, "n_threads": 1, **changes,
        }  # fmt: skip
        x = np.ascontiguousarray(self.X.T) if x is None else x
        data = (self.p.shape, x, np.ascontiguousarray(self.Y.T), self.weights)
        found: dict[str, Any] = core.fit_lm(self.p.flat, np.array(memory, float), *data, options)
        return found

    def oracle(self, **changes: Any) -> reference.Minimum:
        """Run the oracle."""
        p, options = self.p, {"decays": DECAYS, "n_iterations": N_ITERATIONS, **changes}
        start = (p.W1, p.b1, p.W2, p.b2, self.X, self.Y)
        return reference.levenberg_marquardt(
            *start, *self.kind, example_weights=self.weights, **options
        )

    def agrees(self, rel: float = 1e-9, **changes: Any) -> dict[str, Any]:
        """Compare the two; return what the core has found."""
        found, judge = self.fit(**changes), self.oracle(**changes)
        assert [found["first_cost"], *found["costs"]] == pytest.approx(judge.costs, rel=rel)
        assert found["status"] == judge.status
        numbers = found["memory"][-8:]
        assert (numbers[4], numbers[6]) == (judge.n_solves, judge.n_exact)
        return found


def same_bits(one: dict[str, Any], other: dict[str, Any]) -> bool:
    return all(one[key].tobytes() == other[key].tobytes() for key in ("memory", "costs"))


# against the oracle


@shapes
@kinds
def test_lm_core_takes_the_oracle_s_steps(shape: Any, m: int, hidden: str, output: str) -> None:
    Case(shape, m, hidden, output).agrees()


@shapes
@kinds
def test_lm_core_gives_the_same_bits(shape: Any, m: int, hidden: str, output: str) -> None:
    """For any number of threads, in one call or one by one, for dense and sparse inputs."""
    case = Case(shape, m, hidden, output)
    whole = case.fit()
    for n_threads in (2, 3, 8):
        assert same_bits(whole, case.fit(n_threads=n_threads))
    assert same_bits(whole, case.fit(x=SparseRows(csr_matrix(case.X.T))))
    memory: Any = ()
    costs: list[float] = []
    for _ in whole["costs"]:
        part = case.fit(memory, n_iterations=1)
        memory = part["memory"]
        costs += part["costs"].tolist()
    assert costs == whole["costs"].tolist()
    assert memory.tobytes() == whole["memory"].tobytes()


@pytest.mark.parametrize("n_y", [1, 2])
def test_lm_core_examples_of_weight_0_may_overflow(n_y: int) -> None:
    case, left_out = (Case((2, 3, n_y), 20, "identity", "exp") for _ in range(2))
    without = case.weights == 0
    case.X[:, without] = 1e4 * np.sign(case.p.W2[:1] @ case.p.W1).T
    left_out.X[:, without] = 0
    assert np.isinf(sn.forward(case.p, case.X[:, without], *case.kind[:2]).A2[0]).all()
    found = case.fit(n_iterations=1)
    assert found["status"] == "done"
    assert same_bits(found, left_out.fit(n_iterations=1))


@pytest.mark.parametrize("hidden", ["tanh", "sigmoid"])
def test_lm_core_goes_to_the_end_as_the_oracle(hidden: str) -> None:
    """Rejected steps, their growing damping, and the end."""
    found = Case((2, 5, 1), 60, hidden).agrees(n_iterations=100, decays=(1e-3,) * 4)
    assert found["status"] == "minimum"
    assert found["memory"][-4] > len(found["costs"]), "some steps were rejected"


def test_lm_core_many_inputs_bend_the_units() -> None:
    found = Case((22, 3, 2), 60, "sigmoid").agrees(decays=(0.3,) * 4)
    assert found["memory"][-2] > 0, "a solve by the Hessian"


def test_lm_core_input_of_zeros_has_a_scale() -> None:
    case = Case((2, 3, 1), 40)
    case.X[0] = 0
    assert len(case.agrees(decays=(0.0, 0.0, 1e-3, 0.0))["costs"]) == N_ITERATIONS


# rules by hand: one bias b with J = exp(b) - 2 b, besides a weight whose input is 0


class Bias(Case):
    """Whose damping, growth and flat iterations are as given."""

    def __init__(self, b: float, output: str = "exp", target: float = 2.0) -> None:
        super().__init__((1, 0, 1), 1, output=output)
        self.p = sn.Parameters(None, None, np.zeros((1, 1)), np.full((1, 1), b))
        self.X, self.Y, self.weights = np.zeros((1, 1)), np.full((1, 1), target), None
        self.b = b

    def step(
        self, damping: float, growth: float = 2.0, n_flat: float = 0.0, **options: Any
    ) -> dict[str, Any]:
        """Run from such a memory."""
        options = {"decays": (0, 0, 0, 0), "n_iterations": 1, **options}
        memory = self.fit(**{**options, "n_iterations": 0})["memory"]
        memory[2:4], memory[7] = (damping, growth), n_flat
        return self.fit(memory, **options)

    def ratio(self, d: float) -> float:
        """Return what a step gains over what is promised, with the damping that leads to it."""
        e, damping = math.exp(self.b), self.damping(d)
        gained = e - 2 * self.b - (math.exp(self.b + d) - 2 * (self.b + d))
        return gained / ((damping * d * d - (e - 2) * d) / 2)

    def damping(self, d: float) -> float:
        return (2 - math.exp(self.b)) / d - math.exp(self.b)

    def step_of(self, ratio: float) -> float:
        """Return the step up that gains so much of what is promised."""
        low, high = 1e-6, 3 - self.b
        for _ in range(200):
            middle = (low + high) / 2
            low, high = (middle, high) if self.ratio(middle) > ratio else (low, middle)
        return low


@pytest.mark.parametrize("ratio", [0.02, 0.25, 0.5, 0.7, 0.9])
def test_lm_core_damping_follows_the_ratio(ratio: float) -> None:
    one = Bias(-3.0)
    damping = one.damping(one.step_of(ratio))
    found = one.step(damping, 16.0)
    factor = max(1 / 3, 1 - (2 * ratio - 1) ** 3)
    assert found["memory"][2:4] == pytest.approx([damping * factor, 2.0], rel=1e-9)


@pytest.mark.parametrize(("ratio", "is_accepted"), [(5e-5, False), (2e-4, True)])
def test_lm_core_step_must_gain_a_little_of_what_is_promised(
    ratio: float, is_accepted: bool
) -> None:
    one = Bias(-3.0)
    damping = one.damping(one.step_of(ratio))
    found = one.step(damping, 4.0, max_solves=1)
    assert found["status"] == ("done" if is_accepted else "solves")
    assert len(found["costs"]) == is_accepted and found["memory"][-4] == 1
    if not is_accepted:
        assert found["memory"][1:4].tolist() == [one.b, damping * 4, 8.0]


def test_lm_core_damping_has_a_least_and_a_most() -> None:
    line = Bias(5.0, "identity")
    assert line.step(2e-18, flat=1e9)["memory"][2] == 1e-18
    low = Bias(math.log(2) + 1e-10)  # by such a damping it does not move: 5e8 * (2 * 4 * 8 * ...)
    found = low.step(5e8, tol=0.0)
    assert (found["status"], found["memory"][-4]) == ("stuck", 5)
    assert found["memory"][2] == 5e8 * 2**15


def test_lm_core_damping_begins_above_0() -> None:
    """Saturated: the matrix is 0 and the gradient is 1."""
    case = Bias(800.0, "sigmoid", 0.0)
    found = case.fit(n_iterations=3, decays=(0, 0, 0, 0), max_solves=200)
    judge = case.oracle(n_iterations=3, decays=(0, 0, 0, 0), max_solves=200)
    assert (found["status"], found["memory"][-4]) == (judge.status, judge.n_solves)
    assert found["costs"] == pytest.approx(judge.costs[1:], rel=1e-9)


def test_lm_core_flat_iterations_in_a_row() -> None:
    one = Bias(0.0)
    gained = -np.diff([one.fit()["first_cost"], *one.step(1.0)["costs"]]).item()
    larger = one.fit()["first_cost"]
    assert larger == 1.0 and 0.01 < gained < 0.5  # the cost after it is smaller
    for flat, unit, before, after in (
        (gained * 1.01, 0.0, 1.0, 2.0), (gained * 0.99, 0.0, 1.0, 0.0),
        (gained * 0.51, 2.0, 0.0, 1.0), (gained * 0.49, 2.0, 2.0, 0.0),
    ):  # fmt: skip
        found = one.step(1.0, n_flat=before, flat=flat, unit=unit)
        assert (found["status"], found["memory"][-3]) == ("done", after)
    last = one.step(1.0, n_flat=2.0, flat=1.0)
    assert (last["status"], len(last["costs"])) == ("flat", 1)
    again = one.step(1.0, n_flat=3.0, flat=1.0)
    assert (again["status"], len(again["costs"])) == ("flat", 0)


def test_lm_core_gradient_of_either_sign_ends_it() -> None:
    for b in (0.5, 1.0):
        one, g = Bias(b), abs(math.exp(b) - 2)
        assert one.step(1.0, tol=g * 1.01)["status"] == "minimum"
        assert one.step(1.0, tol=g * 0.99)["status"] == "done"


def test_lm_core_starts_that_are_not_finite() -> None:
    far = Bias(1e160, "identity")  # the cost is infinite, the gradient is not
    assert far.fit()["status"] == "diverged" and far.fit()["memory"].size == 0
    wide = Bias(1.0, "identity")
    wide.X[:] = 1e160  # the cost is finite, the matrix is not
    assert wide.fit()["status"] == "diverged" and wide.fit()["memory"].size == 0


def test_lm_core_interrupted_remembers_the_last_iteration(interrupted: Any) -> None:
    case = Case((30, 40, 1), 40)  # the most is Cholesky's
    options = {"n_iterations": 60, "tol": 0.0, "flat": 0.0}
    whole = case.fit(**options)
    delay, n = 0.05, 0
    while not n:
        found, delay = interrupted(partial(case.fit, **options), delay), delay * 1.4
        if isinstance(found, KeyboardInterrupt):
            continue  # it came before the core was asked
        assert isinstance(found["error"], KeyboardInterrupt)
        n = len(found["costs"])
        assert found["status"] == "interrupted" and n < len(whole["costs"])
        assert found["costs"].tolist() == whole["costs"][:n].tolist()
        assert found["memory"].size or n == 0
    assert same_bits(found, case.fit(**{**options, "n_iterations": n}))
