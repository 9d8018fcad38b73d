"""The largest curvature; what the derivatives refuse, and how; and that Ctrl-C ends them."""

from __future__ import annotations

import time
from functools import partial
from typing import Any

import numpy as np
import pytest

import shallownet_native as sn
from shallownet_native import reference
from shallownet_native._native.backend import core
from shallownet_native.network.derivatives import curvature, memory

X = np.random.default_rng(0).standard_normal((3, 20))
Y = (X[:1] > 0).astype(float)
START = sn.initialize(3, 4, 1, "glorot_normal", seed=0)
V = np.ones(START.flat.size)

CALLS = {
    "example_gradients": lambda p, x, y, **o: sn.example_gradients(p, x, y, **o),
    "gauss_newton": lambda p, x, y, **o: sn.gauss_newton(p, x, y, **o),
    "hessian": lambda p, x, y, **o: sn.hessian(p, x, y, **o),
    "hessian_vector_product": lambda p, x, y, **o: sn.hessian_vector_product(p, x, y, V, **o),
    "jacobian": lambda p, x, y, **o: sn.jacobian(p, x, **o),
    "largest_curvature": lambda p, x, y, **o: sn.largest_curvature(p, x, y, **o),
}
WITH_TARGETS = [name for name in CALLS if name != "jacobian"]
WITH_COSTS = [name for name in WITH_TARGETS if name != "example_gradients"]


# The largest curvature


@pytest.mark.parametrize("shape", [(3, 5, 2), (2, 20, 1), (4, 0, 2)], ids=str)
def test_derivatives_largest_curvature_is_the_largest_eigenvalue(
    make_problem: Any, hidden: str, smooth_output: str, dtype: Any, shape: tuple[int, int, int]
) -> None:
    problem = make_problem(shape, 80, hidden, smooth_output, dtype, l2=0.05, weighted=True)
    kind = (problem.hidden or "identity", problem.output, problem.negative_slope)
    data = (*problem.parameters, problem.X, problem.Y)
    expected = reference.largest_curvature(
        *data, *kind, l2=problem.l2, example_weights=problem.example_weights
    )
    found = sn.largest_curvature(
        problem.start, problem.X.astype(dtype), problem.Y.astype(dtype), problem.hidden or None,
        problem.output, l2=problem.l2, example_weights=problem.example_weights,
    )  # fmt: skip
    assert type(found) is float
    # A residual of tol bounds the error by tol, in float32 with the product's own rounding.
    assert abs(found - expected) <= {4: 2e-5, 8: 1e-6}[dtype.itemsize] * abs(expected)


def test_derivatives_largest_curvature_has_the_same_bits_for_any_threads(make_problem: Any) -> None:
    problem = make_problem((6, 20, 2), 2000, "tanh", "sigmoid")
    data = (problem.start, problem.X, problem.Y)
    assert len({sn.largest_curvature(*data, n_threads=n) for n in (1, 2, 5)}) == 1


@pytest.mark.parametrize("shape", [(3, 9, 2), (5, 0, 3)], ids=str)
def test_derivatives_largest_curvature_is_the_same_whatever_is_kept(
    make_problem: Any, dtype: Any, shape: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of 5003 examples, of some tiles, or of none."""
    problem = make_problem(shape, 5003, "tanh", "sigmoid", dtype, weighted=True, l2=0.1)
    data = (problem.start, problem.X.astype(dtype), problem.Y.astype(dtype))
    found = set()
    for kept in (curvature.KEPT, 200_000, 0):
        monkeypatch.setattr(curvature, "KEPT", kept)
        for n_threads in (1, 2):
            found.add(sn.largest_curvature(*data, l2=0.1, n_threads=n_threads))
    assert len(found) == 1


@pytest.mark.parametrize("most_kept", [0, 200_000, 2**28])
def test_derivatives_products_one_after_another_are_those_of_one(
    make_problem: Any, most_kept: int
) -> None:
    problem = make_problem((3, 9, 2), 3000, "sigmoid", "softmax", weighted=True)
    rows = [np.ascontiguousarray(A.T) for A in (problem.X, problem.Y)]
    units = (problem.hidden, problem.output, problem.negative_slope)
    s = problem.example_weights
    arguments = (problem.theta, (3, 9, 2), *rows, s, *units, 0.1, 2)
    vectors = np.random.default_rng(0).standard_normal((4, problem.theta.size))
    products: list[Any] = []

    def follower(product: Any) -> Any:
        products.append(product)
        return vectors[len(products)] if len(products) < 4 else None

    core.hessian_products(*arguments, most_kept, vectors[0], follower)
    for v, product in zip(vectors, products, strict=True):
        assert (product == core.hessian_vector_product(*arguments, v)).all()
    for wrong in (vectors[0, 1:], vectors[:1], vectors[0].astype(np.float32), "v"):
        with pytest.raises((ValueError, TypeError, RuntimeError)):
            core.hessian_products(*arguments, most_kept, vectors[0], lambda _, w=wrong: w)
    with pytest.raises(ZeroDivisionError):
        core.hessian_products(*arguments, most_kept, vectors[0], lambda _: 1 / 0)


def test_derivatives_largest_curvature_limits_the_learning_rate() -> None:
    rng = np.random.default_rng(0)
    X = rng.standard_normal((4, 60))
    Y = rng.standard_normal((1, 60))
    start = sn.initialize(4, 0, 1, seed=0)
    limit = 2 / sn.largest_curvature(start, X, Y, output="identity")
    options = {"output": "identity", "n_iterations": 2000}
    below = sn.train(start, X, Y, learning_rate=0.98 * limit, **options)
    assert np.abs(np.diff(below.costs[-100:])).max() < 1e-12
    with pytest.warns(sn.ConvergenceWarning, match="above its first"):
        above = sn.train(start, X, Y, learning_rate=1.02 * limit, **options)
    assert above.costs[-1] > 100 * above.costs[0]


def test_derivatives_largest_curvature_says_when_it_is_not_found() -> None:
    with pytest.warns(RuntimeWarning, match="after max_iter=2 products: it is at least"):
        low = sn.largest_curvature(START, X, Y, max_iter=2)
    assert low < sn.largest_curvature(START, X, Y)


@pytest.mark.parametrize("size", [1, 2, 3, 7, 60])
def test_derivatives_lanczos_finds_the_largest_eigenvalue_of_any_matrix(size: int) -> None:
    rng = np.random.default_rng(size)
    for A in (rng.standard_normal((size, size)), -np.eye(size), np.zeros((size, size))):
        A = A + A.T
        lanczos = curvature.Lanczos(size, 1e-7, 300)
        v: Any = lanczos.v
        while v is not None:
            v = lanczos.follower(A @ v)
        assert lanczos.is_close
        scale = np.abs(A).max() + 1e-300
        assert abs(lanczos.largest - np.linalg.eigvalsh(A)[-1]) <= 1e-9 * size * scale


def test_derivatives_largest_curvature_refuses_what_overflows() -> None:
    steep = sn.Parameters(None, None, [[1000.0]], [[0.0]])
    with pytest.raises(OverflowError, match="not finite"):
        sn.largest_curvature(steep, [[1.0]], [[1.0]], output="exp")


def repeat(call: Any) -> None:
    """Call until a minute is over, for a signal to come in between."""
    end = time.monotonic() + 60
    while time.monotonic() < end:
        call()


# What is refused


@pytest.mark.parametrize("name", CALLS)
def test_derivatives_refuse_awkward_input(name: str) -> None:
    call = CALLS[name]
    for error, match, arguments, options in (
        (TypeError, "must be Parameters", (V, X, Y), {}),
        (ValueError, "X must have", (START, X[:2], Y), {}),
        (ValueError, "NaN|finite", (START, np.full((3, 2), np.nan), Y[:, :2]), {}),
        (TypeError, "float64 but the parameters", (START.astype(np.float32), X, Y), {}),
        (TypeError, "X", (START, X.astype(complex), Y), {}),
        (ValueError, "tahn", (START, X, Y), {"hidden": "tahn"}),
        (ValueError, "n_threads", (START, X, Y), {"n_threads": 0}),
    ):
        with pytest.raises(error, match=match):
            call(*arguments, **options)


@pytest.mark.parametrize("name", WITH_TARGETS)
def test_derivatives_refuse_awkward_targets(name: str) -> None:
    for wrong in (Y[:, :5], 2 * Y, np.full_like(Y, np.nan)):
        with pytest.raises(ValueError, match="Y"):
            CALLS[name](START, X, wrong)


@pytest.mark.parametrize("name", WITH_COSTS)
def test_derivatives_refuse_awkward_costs(name: str) -> None:
    for option, value in (
        ("l2", -1.0),
        ("l2", np.inf),
        ("example_weights", np.zeros(20)),
        ("example_weights", -np.ones(20)),
        ("example_weights", np.ones(3)),
    ):
        with pytest.raises(ValueError, match=option):
            CALLS[name](START, X, Y, **{option: value})


def test_derivatives_refuse_awkward_vectors() -> None:
    for error, match, vector in (
        (ValueError, r"vector must have shape \(21,\)", V[:3]),
        (ValueError, "ravel", V[:, None]),
        (ValueError, "vector", np.full(21, np.inf)),
        (TypeError, "vector", V.astype(complex)),
    ):
        with pytest.raises(error, match=match):
            sn.hessian_vector_product(START, X, Y, vector)
    data = (START.astype(np.float32), X.astype(np.float32), Y)
    with pytest.raises(TypeError, match="vector is float64 but the parameters are float32"):
        sn.hessian_vector_product(*data, V)
    strided = np.repeat(V, 2)[::2]
    expected = sn.hessian_vector_product(START, X, Y, V)
    assert (sn.hessian_vector_product(START, X, Y, strided) == expected).all()


def test_derivatives_refuse_unknown_kinds() -> None:
    with pytest.raises(ValueError, match="wrt"):
        sn.jacobian(START, X, wrt="weights")
    with pytest.raises(ValueError, match="of"):
        sn.jacobian(START, X, of="output")
    for options in ({"tol": 0.0}, {"max_iter": 0}, {"max_iter": 1.5}):
        with pytest.raises((ValueError, TypeError), match=next(iter(options))):
            sn.largest_curvature(START, X, Y, **options)


def test_derivatives_refuse_more_memory_than_is_meant(monkeypatch: pytest.MonkeyPatch) -> None:
    large = sn.initialize(99, 1000, 1, seed=0)  # p = 101,001
    one = (np.zeros((99, 1)), np.zeros((1, 1)))
    for function in (sn.hessian, sn.gauss_newton):
        with pytest.raises(ValueError, match=r"p \* p \* 8 = 81609616008 bytes.*hessian_vector"):
            function(large, *one)
    assert sn.hessian_vector_product(large, *one, np.ones(101_001)).shape == (101_001,)
    monkeypatch.setattr(memory, "LIMIT", 21 * 21 * 8 - 1)
    with pytest.raises(ValueError, match=r"shape \(21, 21\) and take p \* p \* 8 = 3528 bytes"):
        sn.hessian(START, X, Y)
    monkeypatch.setattr(memory, "LIMIT", 21 * 20 * 8 - 1)
    with pytest.raises(ValueError, match=r"m \* p \* 8 = 3360 bytes.*fewer examples"):
        sn.example_gradients(START, X, Y)
    with pytest.raises(ValueError, match=r"m \* n_y \* p \* 8 = 3360 bytes.*fewer examples"):
        sn.jacobian(START, X)
    assert sn.jacobian(START, X, wrt="inputs").shape == (20, 1, 3)


def test_derivatives_know_what_the_parameters_know() -> None:
    known = sn.Parameters(*START, hidden="relu", output="identity")
    given = {"hidden": "relu", "output": "identity"}
    for call in CALLS.values():
        assert np.array_equal(call(known, X, Y), call(START, X, Y, **given))
        with pytest.raises(ValueError, match="known"):
            call(known, X, Y, hidden="tanh")


@pytest.mark.parametrize("name", ["hessian", "jacobian", "hessian_vector_product"])
@pytest.mark.parametrize("n_threads", [1, 2])
def test_derivatives_end_on_ctrl_c(name: str, n_threads: int, interrupted: Any) -> None:
    n_x, n_h, m = {"hessian": (60, 60, 20_000), "jacobian": (100, 100, 30_000)}.get(
        name, (1000, 1000, 20_000)
    )
    start = sn.initialize(n_x, n_h, 1, seed=0)
    x = np.random.default_rng(0).standard_normal((m, n_x)).T
    y = np.zeros((1, m))
    vector = np.ones(start.flat.size)
    whole = {
        "hessian": lambda: sn.hessian(start, x, y, n_threads=n_threads),
        "jacobian": lambda: sn.jacobian(start, x, n_threads=n_threads),
        "hessian_vector_product": lambda: sn.hessian_vector_product(
            start, x, y, vector, n_threads=n_threads
        ),
    }
    assert isinstance(interrupted(partial(repeat, whole[name]), 0.15), KeyboardInterrupt)


def test_derivatives_take_no_parameters_for_a_vector() -> None:
    network = sn.initialize(2, 3, 1, seed=0)
    with pytest.raises(TypeError, match=r"got Parameters: use their \.flat"):
        sn.hessian_vector_product(network, np.ones((2, 4)), np.ones((1, 4)), network)
