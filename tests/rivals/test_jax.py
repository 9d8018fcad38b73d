"""The same losses, gradients and trajectories as JAX's automatic differentiation, in float64."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

DECAY = 0.3  # of the weights, by adamw
LIMIT = 1e-11  # as for torch


@pytest.fixture(autouse=True, scope="module")
def float64() -> Any:
    jax.config.update("jax_enable_x64", True)


def activate(z: Any, name: str, negative_slope: float) -> Any:
    return {
        "identity": lambda: z,
        "leaky_relu": lambda: jax.nn.leaky_relu(z, negative_slope),
        "mish": lambda: jax.nn.mish(z),
        "relu": lambda: jax.nn.relu(z),
        "sigmoid": lambda: jax.nn.sigmoid(z),
        "silu": lambda: jax.nn.silu(z),
        "tanh": lambda: jnp.tanh(z),
    }[name]()


def losses(z: Any, y: Any, output: str) -> Any:
    """Return each example's loss (m,); examples are columns."""
    return {
        "exp": lambda: (jnp.exp(z) - y * z).sum(0),
        "identity": lambda: ((z - y) ** 2).sum(0) / 2,
        "quantile": lambda: jnp.abs(z - y).sum(0) / 2,
        "sigmoid": lambda: (jnp.logaddexp(z, 0) - y * z).sum(0),
        "softmax": lambda: jax.nn.logsumexp(z, axis=0) - (y * z).sum(0),
    }[output]()


def cost_function(problem: Any) -> Any:
    s = np.ones(problem.m) if problem.example_weights is None else problem.example_weights

    def cost(parameters: Any, X: Any) -> Any:
        W1, b1, W2, b2 = parameters
        A1 = X if W1 is None else activate(W1 @ X + b1, problem.hidden, problem.negative_slope)
        data_term = (s * losses(W2 @ A1 + b2, problem.Y, problem.output)).sum() / s.sum()
        squares = (W2**2).sum() + (0 if W1 is None else (W1**2).sum())
        return data_term + problem.l2 / 2 * squares

    return cost


@pytest.mark.parametrize("n_h", [4, 20, 0])
def test_jax_has_the_same_gradients(
    make_problem: Any, assert_agree: Any, hidden: str, output: str, n_h: int
) -> None:
    problem = make_problem((3, n_h, 3), 50, hidden, output, weighted=True, l2=0.1)
    both = jax.value_and_grad(cost_function(problem), argnums=(0, 1))
    J, (derivatives, dX) = both(problem.parameters, problem.X)
    assert_agree(problem.core_gradients(), (J, *derivatives, dX), limit=LIMIT)


def jax_trajectory(problem: Any, optimizer: str, n_steps: int) -> Any:
    """Return the parameters after n steps at the rate 0.1, by one compiled loop."""
    derivative = jax.grad(cost_function(problem))
    start = [None if P is None else jnp.asarray(P) for P in problem.parameters]

    def gd(_: Any, state: Any) -> Any:
        (P,) = state
        return (jax.tree.map(lambda p, g: p - 0.1 * g, P, derivative(P, problem.X)),)

    def sgd(_: Any, state: Any) -> Any:
        P, v = state
        d = derivative(P, problem.X)
        v = jax.tree.map(lambda v, g: 0.9 * v - 0.1 * g, v, d)
        return jax.tree.map(lambda p, v, g: p + 0.9 * v - 0.1 * g, P, v, d), v

    def adam(k: Any, state: Any) -> Any:
        P, mean, square = state
        d = derivative(P, problem.X)
        mean = jax.tree.map(lambda v, g: 0.9 * v + 0.1 * g, mean, d)
        square = jax.tree.map(lambda v, g: 0.999 * v + 0.001 * g * g, square, d)
        rate = 0.1 * jnp.sqrt(1 - 0.999 ** (k + 1.0)) / (1 - 0.9 ** (k + 1.0))
        move = jax.tree.map(lambda v, w: rate * v / (jnp.sqrt(w) + 1e-8), mean, square)
        return jax.tree.map(jnp.subtract, P, move), mean, square

    def adamw(k: Any, state: Any) -> Any:
        (W1, b1, W2, b2), mean, square = adam(k, state)
        V1, _, V2, _ = (None if p is None else 0.1 * DECAY * p for p in state[0])
        return [None if W1 is None else W1 - V1, b1, W2 - V2, b2], mean, square

    steps = {"adam": (adam, 2), "adamw": (adamw, 2), "gd": (gd, 0), "sgd": (sgd, 1)}
    step, n_slots = steps[optimizer]
    zeros = jax.tree.map(jnp.zeros_like, start)
    P = jax.jit(lambda s: jax.lax.fori_loop(0, n_steps, step, s))((start, *[zeros] * n_slots))[0]
    return np.concatenate([np.ravel(p) for p in P if p is not None])


@pytest.mark.parametrize("n_h", [4, 20, 0])
def test_jax_walks_the_same_way(
    make_problem: Any, train_options: Any, core: Any, optimizer: str, n_h: int
) -> None:
    problem = make_problem((3, n_h, 3), 50, "tanh", "softmax", l2=0.01)
    decay = {"weight_decay": DECAY} if optimizer == "adamw" else {}
    options = train_options(problem, optimizer=optimizer, n_epochs=50, **decay)
    state = np.zeros((core.optimizers[optimizer], problem.theta.size))
    rows = (problem.rows(problem.X), problem.rows(problem.Y), None)
    ours = core.train(problem.theta, state, problem.shape, *rows, None, options)["theta"]
    # 50 smooth steps may amplify rounding some hundredfold.
    np.testing.assert_allclose(ours, jax_trajectory(problem, optimizer, 50), rtol=0, atol=1e-11)
