"""The problems that training is timed on, and their data."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from .._native.streams import Orders

Floats = npt.NDArray[np.floating[Any]]
Run = Callable[[int], Floats]  # train for n epochs from the start, return the parameters
MAX_EPOCHS = 256  # as many orders of the examples are drawn


@dataclass(frozen=True)
class Problem:
    """A network to train: tanh, then sigmoid or softmax; gradient descent, or Adam on batches.

    `data` may hold real rows x (m, n_x) and y (m, n_y); otherwise they are drawn.
    """

    name: str
    n_x: int
    n_h: int
    n_y: int
    m: int
    batch_size: int | None = None
    data: tuple[Floats, Floats] | None = None

    @property
    def shape(self) -> tuple[int, int, int]:
        return self.n_x, self.n_h, self.n_y

    @property
    def output(self) -> str:
        return "sigmoid" if self.n_y == 1 else "softmax"

    @property
    def optimizer(self) -> str:
        return "adam" if self.batch_size else "gd"

    @property
    def learning_rate(self) -> float:
        return 0.001 if self.batch_size else 0.1

    @property
    def step_size(self) -> int:
        """Return of how many examples a step is, the last of an epoch perhaps of fewer."""
        return self.batch_size or self.m

    @property
    def steps_per_epoch(self) -> int:
        return -(-self.m // self.step_size)


def descent(n_x: int, n_h: int, m: int) -> Problem:
    """Return a full-batch gradient descent with one output."""
    return Problem(f"({n_x}, {n_h}, {m})", n_x, n_h, 1, m)


def adam(n_x: int, n_h: int, n_y: int, m: int, batch_size: int) -> Problem:
    """Return a training by Adam on shuffled batches."""
    return Problem(f"Adam {n_x}-{n_h}-{n_y}, batch {batch_size}", n_x, n_h, n_y, m, batch_size)


LARGE = (descent(28, 300, 50000), descent(784, 128, 10000))
PROBLEMS = (
    descent(2, 4, 400),
    descent(30, 16, 569),
    descent(64, 64, 1797),
    descent(100, 100, 200),
    *LARGE,
    adam(64, 100, 10, 1797, 32),
    adam(64, 100, 10, 1797, 200),
    adam(30, 16, 1, 569, 32),
)


class Sample(NamedTuple):
    """What a problem is trained on: rows x (m, n_x) and y (m, n_y), the start, the orders."""

    x: Floats
    y: Floats
    theta: Floats  # W1, b1, W2, b2 one after the other, each in C order
    orders: npt.NDArray[np.int64] | None  # (MAX_EPOCHS, m), None for full batches


def draw(problem: Problem, dtype: str) -> Sample:
    """Return the problem's data, the same numbers in every process."""
    rng = np.random.RandomState(7)
    n_x, n_h, n_y = problem.shape
    W1, W2 = rng.randn(n_h, n_x) / n_x**0.5, rng.randn(n_y, n_h) / n_h**0.5
    theta = np.concatenate([W1.ravel(), np.zeros(n_h), W2.ravel(), np.zeros(n_y)])
    x: Any
    y: Any
    if problem.data is None:
        x = rng.randn(problem.m, n_x)
        score = x @ rng.randn(n_x, n_y) + rng.randn(problem.m, n_y)
        y = score > 0.5 if n_y == 1 else np.eye(n_y)[score.argmax(axis=1)]
    else:
        x, y = problem.data
    orders = None
    if problem.batch_size:  # as scikit-learn draws them
        orders = np.stack([*islice(Orders(np.random.RandomState(0), problem.m), MAX_EPOCHS)])
    x, y, theta = (np.ascontiguousarray(a, dtype) for a in (x, y, theta))
    return Sample(x, y, theta, orders)
