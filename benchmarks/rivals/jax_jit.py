"""JAX at its best: the whole training, all epochs and batches, as loops inside one `jax.jit`."""

from __future__ import annotations

import os
from importlib.metadata import version
from typing import Any

import numpy as np

from shallownet_native.bench.problems import Floats, Problem, Run, Sample
from shallownet_native.bench.rivals import serve
from shallownet_native.network import split


def versions() -> str:
    return f"jax {version('jax')}"


def make(problem: Problem, data: Sample, threads: int) -> Run:
    if hasattr(os, "sched_setaffinity"):  # XLA makes as many threads as it may use processors
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:threads])
    import jax

    jax.config.update("jax_enable_x64", True)
    x, y = jax.numpy.asarray(data.x), jax.numpy.asarray(data.y)
    W1, b1, W2, b2 = split(data.theta, problem.shape)
    start = [jax.numpy.asarray(P) for P in (W1, b1[:, 0], W2, b2[:, 0])]
    orders = None if data.orders is None else jax.numpy.asarray(data.orders)
    epochs = jax.jit(
        adam_epochs(problem, x, y, orders) if problem.batch_size else gd(problem, x, y)
    )

    def run(n_epochs: int) -> Floats:
        return np.concatenate([np.ravel(P) for P in epochs(start, n_epochs)])

    return run


def loss_of(problem: Problem) -> Any:
    """Return the mean loss as a function of parameters, inputs and targets."""
    import jax
    import jax.numpy as jnp

    def loss(P: Any, x: Any, y: Any) -> Any:
        W1, b1, W2, b2 = P
        z = jnp.tanh(x @ W1.T + b1) @ W2.T + b2
        if problem.n_y == 1:
            return (jnp.logaddexp(z, 0) - y * z).mean()
        return (jax.nn.logsumexp(z, axis=1) - (y * z).sum(axis=1)).mean()

    return loss


def gd(problem: Problem, x: Any, y: Any) -> Any:
    """Return a function of the start and the number of iterations."""
    import jax

    derivative = jax.grad(loss_of(problem))

    def step(_: Any, P: Any) -> Any:
        return [p - problem.learning_rate * d for p, d in zip(P, derivative(P, x, y), strict=True)]

    return lambda start, n: jax.lax.fori_loop(0, n, step, start)


def adam_epochs(problem: Problem, x: Any, y: Any, orders: Any) -> Any:
    """Return a function of the start and the number of epochs."""
    import jax
    import jax.numpy as jnp

    derivative, size = jax.grad(loss_of(problem)), problem.batch_size or problem.m
    n_whole, rest = divmod(problem.m, size)

    def step(state: Any, batch: Any) -> Any:
        P, means, squares, t = state
        d = derivative(P, x[batch], y[batch])
        means = [0.9 * v + 0.1 * g for v, g in zip(means, d, strict=True)]
        squares = [0.999 * v + 0.001 * g * g for v, g in zip(squares, d, strict=True)]
        t = t + 1
        rate = problem.learning_rate * jnp.sqrt(1 - 0.999**t) / (1 - 0.9**t)
        moved = zip(P, means, squares, strict=True)
        P = [p - rate.astype(p.dtype) * v / (jnp.sqrt(w) + 1e-8) for p, v, w in moved]
        return P, means, squares, t

    def epoch(k: Any, state: Any) -> Any:
        def whole_batch(i: Any, state: Any) -> Any:
            return step(state, jax.lax.dynamic_slice(orders[k], (i * size,), (size,)))

        state = jax.lax.fori_loop(0, n_whole, whole_batch, state)
        return step(state, orders[k, n_whole * size :]) if rest else state

    def train(start: Any, n_epochs: Any) -> Any:
        zeros = [jnp.zeros_like(P) for P in start]
        return jax.lax.fori_loop(0, n_epochs, epoch, (start, zeros, zeros, jnp.float64(0)))[0]

    return train


if __name__ == "__main__":
    serve(make)
