"""NumPy as one reads it: the oracle itself, which also computes the cost of every step."""

from __future__ import annotations

import numpy as np

from shallownet_native import reference
from shallownet_native._problems import Data, Floats, Problem, Run, views
from shallownet_native._rivals import serve


def versions() -> str:
    return f"NumPy {np.__version__}"


def make(problem: Problem, data: Data, threads: int) -> Run:
    X, Y = np.ascontiguousarray(data.x.T), np.ascontiguousarray(data.y.T)

    def run(n_epochs: int) -> Floats:
        parameters, _ = reference.train(
            *views(data.theta, problem.shape), X, Y, "tanh", problem.output,
            optimizer=problem.optimizer, learning_rate=problem.learning_rate, n_epochs=n_epochs,
            batch_size=problem.batch_size, orders=data.orders,
        )  # fmt: skip
        return np.concatenate([np.ravel(P) for P in parameters])

    return run


if __name__ == "__main__":
    serve(make)
