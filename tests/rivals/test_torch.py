"""The same losses, gradients and trajectories as torch's autograd and optimizers, in float64."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

F = torch.nn.functional
# 1e-11: two programs that both round sums of up to 50 terms, through two products and a loss.
LIMIT = 1e-11


def activate(z: Any, name: str, negative_slope: float) -> Any:
    return {
        "identity": lambda: z,
        "leaky_relu": lambda: F.leaky_relu(z, negative_slope),
        "mish": lambda: F.mish(z),
        "relu": lambda: torch.relu(z),
        "sigmoid": lambda: torch.sigmoid(z),
        "silu": lambda: F.silu(z),
        "tanh": lambda: torch.tanh(z),
    }[name]()


def losses(z: Any, y: Any, output: str) -> Any:
    """Return each example's loss (m,); examples are rows."""
    return {
        "exp": lambda: F.poisson_nll_loss(z, y, log_input=True, reduction="none").sum(1),
        "identity": lambda: F.mse_loss(z, y, reduction="none").sum(1) / 2,
        "quantile": lambda: (z - y).abs().sum(1) / 2,
        "sigmoid": lambda: F.binary_cross_entropy_with_logits(z, y, reduction="none").sum(1),
        "softmax": lambda: F.cross_entropy(z, y, reduction="none"),
    }[output]()


def leaves(problem: Any) -> list[Any]:
    """Return W1, b1, W2, b2 as tensors that collect gradients."""
    return [None if P is None else torch.tensor(P, requires_grad=True) for P in problem.parameters]


def torch_cost(problem: Any, parameters: list[Any], X: Any) -> Any:
    W1, b1, W2, b2 = parameters
    A1 = X if W1 is None else activate(W1 @ X + b1, problem.hidden, problem.negative_slope)
    Y = torch.tensor(problem.Y)
    s = torch.ones(problem.m, dtype=torch.float64)
    if problem.example_weights is not None:
        s = torch.tensor(problem.example_weights)
    squares = (W2**2).sum() + (0 if W1 is None else (W1**2).sum())
    data_term = (s * losses((W2 @ A1 + b2).T, Y.T, problem.output)).sum() / s.sum()
    return data_term + problem.l2 / 2 * squares


@pytest.mark.parametrize("n_h", [4, 20, 0])
def test_torch_has_the_same_gradients(
    make_problem: Any, assert_agree: Any, hidden: str, output: str, n_h: int
) -> None:
    problem = make_problem((3, n_h, 3), 50, hidden, output, weighted=True, l2=0.1)
    parameters, X = leaves(problem), torch.tensor(problem.X, requires_grad=True)
    J = torch_cost(problem, parameters, X)
    J.backward()
    expected = [None if P is None else P.grad.numpy() for P in [*parameters, X]]
    assert_agree(problem.core_gradients(), [J.item(), *expected], limit=LIMIT)


def torch_trajectory(problem: Any, optimizer: Any, n_steps: int, before_step: Any) -> Any:
    parameters = leaves(problem)
    X = torch.tensor(problem.X)
    optimize = optimizer([P for P in parameters if P is not None])
    for t in range(1, n_steps + 1):
        optimize.zero_grad()
        torch_cost(problem, parameters, X).backward()
        before_step(optimize, t)
        optimize.step()
    return np.concatenate([P.detach().numpy().ravel() for P in parameters if P is not None])


def exact_epsilon(optimize: Any, t: int) -> None:
    """Give torch's Adam our epsilon: it divides the root by sqrt(1 - beta_2^t) before adding it."""
    for group in optimize.param_groups:
        group["eps"] = 1e-8 / (1 - group["betas"][1] ** t) ** 0.5


def decaying_weights(p: Any) -> Any:
    """Return torch's AdamW, by which biases do not decay."""
    groups = [{"params": p[k::2], "weight_decay": decay} for k, decay in ((0, 0.3), (1, 0.0))]
    return torch.optim.AdamW(groups, lr=0.1)


def unchanged(optimize: Any, t: int) -> None:
    pass


# torch scales its velocity when stepping, ours when collecting: equal at a constant rate.
OPTIMIZERS: dict[str, Any] = {
    "adam": ({}, lambda p: torch.optim.Adam(p, lr=0.1), exact_epsilon),
    "adamw": ({"weight_decay": 0.3}, decaying_weights, exact_epsilon),
    "gd": ({}, lambda p: torch.optim.SGD(p, lr=0.1), unchanged),
    "sgd": ({}, lambda p: torch.optim.SGD(p, lr=0.1, momentum=0.9, nesterov=True), unchanged),
}


@pytest.mark.parametrize("n_h", [4, 20, 0])
def test_torch_walks_the_same_way(
    make_problem: Any, train_options: Any, core: Any, optimizer: str, n_h: int
) -> None:
    problem = make_problem((3, n_h, 3), 50, "tanh", "softmax", l2=0.01)
    changes, torch_optimizer, before_step = OPTIMIZERS[optimizer]
    options = train_options(problem, optimizer=optimizer, n_epochs=50, **changes)
    state = np.zeros((core.optimizers[optimizer], problem.theta.size))
    rows = (problem.rows(problem.X), problem.rows(problem.Y), None)
    ours = core.train(problem.theta, state, problem.shape, *rows, None, options)["theta"]
    theirs = torch_trajectory(problem, torch_optimizer, 50, before_step)
    # 50 smooth steps may amplify rounding some hundredfold.
    np.testing.assert_allclose(ours, theirs, rtol=0, atol=1e-11)
