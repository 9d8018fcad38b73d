"""torch as its tutorials write it: modules, autograd, and its own optimizers (Adam fused)."""

from __future__ import annotations

from importlib.metadata import version

import numpy as np

from shallownet_native.bench.problems import Floats, Problem, Run, Sample
from shallownet_native.bench.rivals import serve
from shallownet_native.network import split

ADAM_LIMIT = 0.05  # torch adds epsilon inside the bias correction, which small gradients notice


def versions() -> str:
    return f"torch {version('torch')}"


def make(problem: Problem, data: Sample, threads: int) -> Run:
    import torch

    torch.set_num_threads(threads)
    x = torch.from_numpy(data.x)
    binary = problem.n_y == 1
    y = torch.from_numpy(data.y if binary else data.y.argmax(axis=1))
    loss = torch.nn.BCEWithLogitsLoss() if binary else torch.nn.CrossEntropyLoss()
    orders = None if data.orders is None else torch.from_numpy(data.orders)

    def run(n_epochs: int) -> Floats:
        model = torch.nn.Sequential(
            torch.nn.Linear(problem.n_x, problem.n_h),
            torch.nn.Tanh(),
            torch.nn.Linear(problem.n_h, problem.n_y),
        ).to(x.dtype)
        parameters = list(model.parameters())
        with torch.no_grad():
            for P, start in zip(parameters, split(data.theta, problem.shape), strict=True):
                P.copy_(torch.from_numpy(start.copy()).reshape(P.shape))
        rate = problem.learning_rate
        if problem.batch_size:
            optimizer: torch.optim.Optimizer = torch.optim.Adam(parameters, lr=rate, fused=True)
        else:
            optimizer = torch.optim.SGD(parameters, lr=rate)
        for epoch in range(n_epochs):
            if orders is None:
                batches = [(x, y)]
            else:
                cut = orders[epoch].split(problem.batch_size)
                batches = ((x[batch], y[batch]) for batch in cut)
            for inputs, targets in batches:
                optimizer.zero_grad()
                loss(model(inputs), targets).backward()
                optimizer.step()
        return np.concatenate([P.detach().numpy().ravel() for P in parameters])

    return run


if __name__ == "__main__":
    serve(make)
