"""The oracle's second derivatives against complex steps of its gradients, and numbers by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from shallownet_native import reference

SHAPES = [(3, 4, 2), (2, 3, 1), (3, 0, 2)]


def oracle_network(problem: Any) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
    """Return what the oracle's functions take before the data's end, and after it."""
    kind = (problem.hidden or "identity", problem.output, problem.negative_slope)
    return (*problem.parameters, problem.X), kind


def stepped(problem: Any, f: Any) -> Any:
    """Return the derivative of ``f(parameters, X)`` by every parameter, the last axis (p,).

    f(P + ih) = f + ih f' - ...: no difference of close numbers, so h = 1e-20 is exact to rounding.
    """
    columns = []
    for index in range(problem.theta.size):
        arrays = [None if P is None else P.astype(complex) for P in problem.parameters]
        left = index
        for P in arrays:
            if P is not None and 0 <= left < P.size:
                P.flat[left] += 1e-20j
            left -= 0 if P is None else P.size
        columns.append(np.imag(f(arrays, problem.X)) / 1e-20)
    return np.stack(columns, axis=-1)


def assert_close(got: Any, expected: Any) -> None:
    # Both sides round sums of some ten terms: a few eps (2e-16), far below 1e-12.
    assert got.shape == expected.shape
    assert np.abs(got - expected).max() <= 1e-12 * np.abs(expected).max()


def flat_gradient(problem: Any, arrays: Any, X: Any, Y: Any, *rest: Any) -> Any:
    _, kind = oracle_network(problem)
    parts = reference.gradients(*arrays, X, Y, *kind, *rest)[1:5]
    return np.concatenate([dP.ravel() for dP in parts if dP is not None])


@pytest.mark.parametrize("weighted", [False, True], ids=["equal", "weighted"])
@pytest.mark.parametrize("l2", [0.0, 0.3])
@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_derivatives_oracle_hessian_is_the_complex_step_of_its_gradient(
    make_problem: Any, hidden: str, smooth_output: str, shape: Any, l2: float, weighted: bool
) -> None:
    problem = make_problem(shape, 6, hidden, smooth_output, l2=l2, weighted=weighted, seed=1)
    rest = (problem.l2, problem.example_weights)
    expected = stepped(problem, lambda P, X: flat_gradient(problem, P, X, problem.Y, *rest))
    network, kind = oracle_network(problem)
    H = reference.hessian(*network, problem.Y, *kind, *rest)
    assert_close(H, expected)
    v = np.random.default_rng(0).standard_normal(len(H))
    product = reference.hessian_vector_product(*network, problem.Y, v, *kind, *rest)
    assert_close(product, expected @ v)


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_derivatives_oracle_jacobians_are_complex_steps_of_its_passes(
    make_problem: Any, hidden: str, output: str, shape: Any
) -> None:
    problem = make_problem(shape, 5, hidden, output, seed=2)
    network, kind = oracle_network(problem)
    for of, stage in (("logits", 2), ("outputs", 3)):
        expected = stepped(problem, lambda P, X, s=stage: reference.forward(*P, X, *kind)[s].T)
        assert_close(reference.jacobian(*network, *kind, of=of), expected)
        by_inputs = []
        for k in range(shape[0]):
            X = problem.X.astype(complex)
            X[k] += 1e-20j
            by_inputs.append(np.imag(reference.forward(*problem.parameters, X, *kind)[stage]).T)
        got = reference.jacobian(*network, *kind, wrt="inputs", of=of)
        assert_close(got, np.stack(by_inputs, axis=-1) / 1e-20)


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_derivatives_oracle_example_gradients_are_those_of_single_examples(
    make_problem: Any, hidden: str, output: str, shape: Any
) -> None:
    problem = make_problem(shape, 5, hidden, output, seed=3)
    network, kind = oracle_network(problem)
    rows = reference.example_gradients(*network, problem.Y, *kind)
    for i, row in enumerate(rows):
        one = (problem.X[:, [i]], problem.Y[:, [i]])
        expected = flat_gradient(problem, problem.parameters, *one)
        np.testing.assert_allclose(row, expected, atol=1e-13)


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_derivatives_oracle_gauss_newton_is_the_hessian_of_linear_logits(
    make_problem: Any, hidden: str, output: str, shape: Any
) -> None:
    problem = make_problem(shape, 6, hidden, output, l2=0.2, weighted=True, seed=4)
    network, kind = oracle_network(problem)
    m, n_y = problem.m, shape[2]
    Z = reference.forward(*network, *kind)[2]
    J = reference.jacobian(*network, *kind, of="logits")
    s = problem.example_weights / problem.example_weights.sum()
    A2 = reference.OUTPUTS[problem.output][0]
    expected = np.zeros((J.shape[2],) * 2)
    for i in range(m):
        for k in range(n_y):
            z = Z[:, [i]].astype(complex)
            z[k] += 1e-20j
            column = np.imag(A2(z))[:, 0] / 1e-20  # of the loss's Hessian: dL/dz is a - y
            expected += s[i] * np.outer(J[i].T @ column, J[i, k])
    sizes = [0 if P is None else P.size for P in problem.parameters]
    expected += np.diag(np.repeat([0.2, 0, 0.2, 0], sizes))
    G = reference.gauss_newton(*network, problem.Y, *kind, 0.2, problem.example_weights)
    assert_close(G, expected)


def test_derivatives_oracle_has_the_numbers_of_a_calculation_by_hand() -> None:
    # One unit, z2 = 2 tanh(x) with x = 0.5 and b = 0, squared error, y = 1. With t = tanh(0.5):
    # J = (2 t(w x + b) - 1)^2 / 2, so d2J/dw2^2 = t^2, d2J/dw1^2 = x^2 (4 s^2 + 2 r (-2 t s)),
    # d2J/dw1dw2 = x s (2 t + r), where s = 1 - t^2 is the slope and r = 2 t - 1 the residual.
    one = np.ones((1, 1))
    network = (one, 0 * one, 2 * one, 0 * one, one / 2, one, "tanh", "identity")
    H = reference.hessian(*network)
    t = np.tanh(0.5)
    s, r = 1 - t * t, 2 * t - 1
    np.testing.assert_allclose(H[0, 0], (4 * s * s - 4 * r * t * s) / 4, rtol=1e-14)
    np.testing.assert_allclose(H[0, 2], (2 * t + r) * s / 2, rtol=1e-14)
    np.testing.assert_allclose(H[2], [(2 * t + r) * s / 2, (2 * t + r) * s, t * t, t], rtol=1e-14)
    G = reference.gauss_newton(*network)
    np.testing.assert_allclose(G[0], [s * s, 2 * s * s, s * t, s], rtol=1e-14)
    np.testing.assert_allclose(reference.jacobian(*network[:5], *network[6:]), [[[s, 2 * s, t, 1]]])
    row = reference.example_gradients(*network)
    np.testing.assert_allclose(row, [[r * s, 2 * r * s, r * t, r]], rtol=1e-14)


def test_derivatives_oracle_largest_curvature_of_a_parabola() -> None:
    # J = mean((w x + b - y)^2) / 2 has the Hessian [[mean x^2, mean x], [mean x, 1]].
    X = np.array([[1.0, 3.0]])
    network = (None, None, np.zeros((1, 1)), np.zeros((1, 1)), X, X, "tanh", "identity")
    largest = reference.largest_curvature(*network)
    np.testing.assert_allclose(largest, 3 + np.sqrt(8))  # of [[5, 2], [2, 1]]


def test_derivatives_oracle_curvatures_are_the_complex_step(hidden: str) -> None:
    z = np.array([-20.0, -3.0, -0.5, 0.25, 1.0, 7.0]) + 1e-20j
    value, slope = reference.ACTIVATIONS[hidden]
    source = z if hidden in reference.OF_INPUT else value(z, 0.2)
    curvature = np.real(reference.CURVATURES[hidden](source, 0.2))
    expected = np.imag(slope(source, 0.2)) / 1e-20
    np.testing.assert_allclose(curvature, expected, rtol=0, atol=2e-15)  # slopes of up to 1, twice
