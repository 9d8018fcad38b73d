"""The NumPy side of the comparison: the same training as a well-written loop, all in place.

It is fast NumPy, where `reference` is readable NumPy.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from ..network import split
from .problems import Floats, Problem, Run, Sample


class NumPyPasses:
    """Forward and backward for batches of `m` examples, in buffers made once; columns are examples.

    Everything is done in place. Sums over examples are products with ones, which BLAS does faster
    than `sum`, and the outer product of a single output is a broadcast.
    """

    def __init__(self, problem: Problem, m: int, dtype: Any) -> None:
        self.sigmoid = problem.output == "sigmoid"
        self.A1 = np.empty((problem.n_h, m), dtype)
        self.dZ1 = np.empty_like(self.A1)
        self.A2 = np.empty((problem.n_y, m), dtype)
        self.ones = np.ones((m, 1), dtype)
        self.scale = dtype.type(1 / m)

    def gradient(self, P: Sequence[Any], dP: Sequence[Any], X: Floats, Y: Floats) -> None:
        """Write the derivatives by W1, b1, W2, b2 at `P` into `dP`."""
        (W1, b1, W2, b2), (dW1, db1, dW2, db2) = P, dP
        A1, dZ1, dZ2 = self.A1, self.dZ1, self.A2
        np.matmul(W1, X, out=A1)
        A1 += b1
        np.tanh(A1, out=A1)
        np.matmul(W2, A1, out=dZ2)
        dZ2 += b2
        self.output(dZ2)
        dZ2 -= Y
        dZ2 *= self.scale
        np.matmul(dZ2, A1.T, out=dW2)
        np.matmul(dZ2, self.ones, out=db2)
        (np.multiply if len(W2) == 1 else np.matmul)(W2.T, dZ2, out=dZ1)
        np.multiply(A1, A1, out=A1)
        np.subtract(1, A1, out=A1)
        dZ1 *= A1
        np.matmul(dZ1, X.T, out=dW1)
        np.matmul(dZ1, self.ones, out=db1)

    def output(self, Z2: Floats) -> None:
        """Turn logits into outputs, in place."""
        if self.sigmoid:
            np.negative(Z2, out=Z2)
            np.exp(Z2, out=Z2)
            Z2 += 1
            np.reciprocal(Z2, out=Z2)
        else:
            Z2 -= Z2.max(axis=0)
            np.exp(Z2, out=Z2)
            Z2 /= Z2.sum(axis=0)


def numpy_in_place(problem: Problem, data: Sample, threads: int) -> Run:
    """Return the same training as a NumPy loop; its process has settled the number of threads."""
    dtype = data.x.dtype
    X, Y = np.ascontiguousarray(data.x.T), np.ascontiguousarray(data.y.T)
    sizes = {min(problem.step_size, problem.m), problem.m % problem.step_size}
    passes = {size: NumPyPasses(problem, size, dtype) for size in sizes if size}

    def run(n_epochs: int) -> Floats:
        theta: Floats = data.theta.copy()
        gradient = np.empty_like(theta)
        step = (numpy_adam if data.orders is not None else numpy_gd)(problem, theta, gradient)
        P, dP = split(theta, problem.shape), split(gradient, problem.shape)
        for epoch in range(n_epochs):
            if data.orders is None:
                batches: Iterator[tuple[Floats, Floats]] = iter([(X, Y)])
            else:
                batches = numpy_batches(problem, data, data.orders[epoch])
            for x, y in batches:
                passes[x.shape[1]].gradient(P, dP, x, y)
                step()
        return theta

    return run


def numpy_batches(
    problem: Problem, data: Sample, order: npt.NDArray[np.int64]
) -> Iterator[tuple[Floats, Floats]]:
    """Yield the columns of each batch, gathered as rows, which lie together in memory."""
    for start in range(0, problem.m, problem.step_size):
        batch = order[start : start + problem.step_size]
        yield data.x.take(batch, axis=0).T, data.y.take(batch, axis=0).T


def numpy_gd(problem: Problem, theta: Floats, gradient: Floats) -> Callable[[], None]:
    """Return a step of gradient descent, in place."""
    rate = theta.dtype.type(problem.learning_rate)

    def step() -> None:
        np.multiply(gradient, rate, out=gradient)
        np.subtract(theta, gradient, out=theta)

    return step


def numpy_adam(problem: Problem, theta: Floats, gradient: Floats) -> Callable[[], None]:
    """Return a step of Adam, in place."""
    mean, square, work = (np.zeros_like(theta) for _ in range(3))
    t = 0

    def step() -> None:
        nonlocal t, mean, square
        t += 1
        np.multiply(gradient, gradient, out=work)
        for average, new, beta in ((mean, gradient, 0.9), (square, work, 0.999)):
            new *= 1 - beta
            average *= beta
            average += new
        np.sqrt(square, out=work)
        np.add(work, 1e-8, out=work)
        np.divide(mean, work, out=work)
        np.multiply(work, problem.learning_rate * (1 - 0.999**t) ** 0.5 / (1 - 0.9**t), out=work)
        np.subtract(theta, work, out=theta)

    return step
