"""The same Hessians, products, Jacobians and gradients of examples as JAX's, in float64."""

from __future__ import annotations

from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import shallownet_native as sn
from test_jax import activate, cost_function, float64, losses

__all__ = ["float64"]  # the fixture, which pytest takes from here


def parts_of(theta: Any, shape: tuple[int, int, int]) -> Any:
    """Return W1, b1, W2, b2 of one vector."""
    n_x, n_h, n_y = shape
    if n_h == 0:
        return None, None, theta[: n_y * n_x].reshape(n_y, n_x), theta[n_y * n_x :, None]
    W1, b1, W2, b2 = jnp.split(theta, np.cumsum([n_h * n_x, n_h, n_y * n_h]))
    return W1.reshape(n_h, n_x), b1[:, None], W2.reshape(n_y, n_h), b2[:, None]


def logits(problem: Any, theta: Any, X: Any) -> Any:
    W1, b1, W2, b2 = parts_of(theta, problem.shape)
    A1 = X if W1 is None else activate(W1 @ X + b1, problem.hidden, problem.negative_slope)
    return W2 @ A1 + b2


def gauss_newton(problem: Any) -> Any:
    """Return the sum of s_i J_i^T H_i J_i, and l2 at the weights."""
    theta, X, Y = jnp.asarray(problem.theta), problem.X, problem.Y
    J = jax.jacobian(lambda t: logits(problem, t, X))(theta)  # (n_y, m, p)

    def loss(z: Any, y: Any) -> Any:
        return losses(z[:, None], y[:, None], problem.output)[0]

    H = jax.vmap(jax.hessian(loss), in_axes=1)(logits(problem, theta, X), Y)  # (m, n_y, n_y)
    s = np.ones(len(H)) if problem.example_weights is None else problem.example_weights
    G = jnp.einsum("kip,ikl,liq,i->pq", J, H, J, s / s.sum())
    sizes = [0 if P is None else P.size for P in problem.parameters]
    return G + np.diag(np.repeat([problem.l2, 0, problem.l2, 0], sizes))


@pytest.mark.parametrize("weighted", [False, True], ids=["equal", "weighted"])
@pytest.mark.parametrize("l2", [0.0, 0.1])
@pytest.mark.parametrize("n_h", [5, 0])
def test_jax_has_the_same_second_derivatives(
    make_problem: Any, assert_agree: Any, hidden: str, smooth_output: str, n_h: int, l2: float,
    weighted: bool,
) -> None:  # fmt: skip
    problem = make_problem((4, n_h, 3), 50, hidden, smooth_output, weighted=weighted, l2=l2)
    cost = cost_function(problem)
    theta = jnp.asarray(problem.theta)
    expected = jax.hessian(lambda t: cost(parts_of(t, problem.shape), problem.X))(theta)
    v = np.random.default_rng(0).standard_normal(theta.size)
    data = (problem.start, problem.X, problem.Y)
    whole = {
        "hidden": problem.hidden or None, "output": smooth_output, "l2": l2,
        "example_weights": problem.example_weights,
    }  # fmt: skip
    found = (
        sn.hessian(*data, **whole),
        sn.hessian_vector_product(*data, v, **whole),
        sn.gauss_newton(*data, **whole),
    )
    assert_agree(found, (expected, expected @ v, gauss_newton(problem)), limit=1e-12)
    eigenvalue = np.linalg.eigvalsh(expected)[-1]
    assert sn.largest_curvature(*data, **whole) == pytest.approx(eigenvalue, rel=1e-6)


@pytest.mark.parametrize("n_h", [5, 0])
def test_jax_has_the_same_derivatives_of_examples(
    make_problem: Any, assert_agree: Any, hidden: str, output: str, n_h: int
) -> None:
    problem = make_problem((4, n_h, 3), 40, hidden, output)
    theta, X, Y = jnp.asarray(problem.theta), problem.X, problem.Y
    values = {"exp": jnp.exp, "sigmoid": jax.nn.sigmoid, "softmax": partial(jax.nn.softmax, axis=0)}
    value = values.get(output, lambda z: z)
    kind = {"hidden": problem.hidden or None, "output": output}
    for of, f in (("logits", lambda z: z), ("outputs", value)):
        by_theta = jax.jacobian(lambda t, f=f: f(logits(problem, t, X)).T)(theta)
        one = jax.vmap(jax.jacobian(lambda x, f=f: f(logits(problem, theta, x[:, None]))[:, 0]))
        found = (
            sn.jacobian(problem.start, X, of=of, **kind),
            sn.jacobian(problem.start, X, of=of, wrt="inputs", **kind),
        )
        assert_agree(found, (by_theta, one(X.T)), limit=1e-12)
    rows = jax.jacobian(lambda t: losses(logits(problem, t, X), Y, output))(theta)
    assert_agree([sn.example_gradients(problem.start, X, Y, **kind)], [rows], limit=1e-12)
