"""torch with a whole step, from the batch to the new parameters, compiled as one function."""

from __future__ import annotations

from importlib.metadata import version
from typing import Any

import numpy as np

from shallownet_native.bench.problems import Floats, Problem, Run, Sample
from shallownet_native.bench.rivals import serve
from shallownet_native.network import split


def versions() -> str:
    return f"torch {version('torch')}"


def make(problem: Problem, data: Sample, threads: int) -> Run:
    import torch

    torch.set_num_threads(threads)
    binary = problem.n_y == 1
    x = torch.from_numpy(data.x)
    y = torch.from_numpy(data.y if binary else data.y.argmax(axis=1))
    orders = None if data.orders is None else torch.from_numpy(data.orders)

    def loss(P: Any, inputs: Any, targets: Any) -> Any:
        W1, b1, W2, b2 = P
        logits = torch.tanh(inputs @ W1.T + b1) @ W2.T + b2
        if binary:
            return torch.nn.functional.binary_cross_entropy_with_logits(logits, targets)
        return torch.nn.functional.cross_entropy(logits, targets)

    def gd(P: Any, state: Any, rate: Any, inputs: Any, targets: Any) -> Any:
        derivatives = torch.func.grad(loss)(P, inputs, targets)
        return [p - rate * d for p, d in zip(P, derivatives, strict=True)], state

    def adam(P: Any, state: Any, rate: Any, inputs: Any, targets: Any) -> Any:
        derivatives = torch.func.grad(loss)(P, inputs, targets)
        means = [0.9 * v + 0.1 * d for v, d in zip(state[0], derivatives, strict=True)]
        squares = [0.999 * v + 0.001 * d * d for v, d in zip(state[1], derivatives, strict=True)]
        moved = zip(P, means, squares, strict=True)
        return [p - rate * v / (w.sqrt() + 1e-8) for p, v, w in moved], (means, squares)

    step = torch.compile(adam if problem.batch_size else gd, dynamic=False)

    def run(n_epochs: int) -> Floats:
        flat = zip(split(data.theta, problem.shape), parameter_shapes(problem), strict=True)
        P = [torch.from_numpy(v.copy()).reshape(shape) for v, shape in flat]
        state = tuple([torch.zeros_like(p) for p in P] for _ in range(2))
        t = 0
        for epoch in range(n_epochs):
            batches = [slice(None)] if orders is None else orders[epoch].split(problem.batch_size)
            for batch in batches:
                t += 1
                correction = (1 - 0.999**t) ** 0.5 / (1 - 0.9**t) if problem.batch_size else 1.0
                rate = torch.tensor(problem.learning_rate * correction, dtype=x.dtype)
                P, state = step(P, state, rate, x[batch], y[batch])
        return np.concatenate([p.numpy().ravel() for p in P])

    return run


def parameter_shapes(problem: Problem) -> list[tuple[int, ...]]:
    """Return the shapes of W1, b1, W2, b2 with biases of rank one."""
    n_x, n_h, n_y = problem.shape
    return [(n_h, n_x), (n_h,), (n_y, n_h), (n_y,)]


if __name__ == "__main__":
    serve(make)
