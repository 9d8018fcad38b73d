"""The solvers that `solvers.py` compares: ours, and those of scikit-learn, SciPy, torch and JAX.

Each is a function of a problem, a decay, a start and a learning rate (None where it has none) that
returns `run`: n iterations, or epochs, from the start, whose answer is the parameters and, where
the library says it, their cost. All minimise mean loss + l2 / 2 times the squares of the weights.
Heavy imports stand inside the functions.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

import shallownet_native as sn
from solver_problems import Problem

BATCH = 32
Answer = tuple[sn.Parameters, "float | None"]
Run = Callable[[int], Answer]


class Solver(NamedTuple):
    """A row of the tables."""

    name: str
    package: str  # whose version is told, and without which it is left out
    prepare: Callable[[Problem, float, sn.Parameters, float | None], Run]
    rates: tuple[float, ...] = ()  # the best of these on a pilot start is taken
    is_whole: bool = False  # whether it decides alone when it ends, so that n has no meaning
    only_fits: bool = False  # whether it needs squared error and one output
    has_own_decay: bool = False


# Ours


def ours(optimizer: str, **options: Any) -> Callable[..., Run]:
    """Return the solver of this name, on one thread."""
    batches = optimizer in ("sgd", "adam")
    cost_every = 0 if optimizer in ("gd", "sgd", "adam") else 1  # the others know it anyway

    def prepare(problem: Problem, l2: float, start: sn.Parameters, rate: float | None) -> Run:
        given: dict[str, Any] = {"l2": l2, **problem.units, **options, "cost_every": cost_every}
        if batches:
            given.update(batch_size=BATCH, seed=0)
        if rate is not None:
            given["learning_rate"] = rate

        def run(n: int) -> Answer:
            length: dict[str, Any] = {"n_epochs": n} if batches else {"n_iterations": n}
            if given["l2"] == "evidence":  # a search that decides alone how long it is
                length = {}
            result = sn.train(
                start, problem.X, problem.Y, optimizer=optimizer, n_threads=1, **given, **length
            )
            claimed = cost_every and result.l2 == l2
            return result.parameters, float(result.costs[-1]) if claimed else None

        return run

    return prepare


# scikit-learn


def scikit_learn(solver: str) -> Callable[..., Run]:
    """Return a solver of MLPClassifier and MLPRegressor; a warm start brings the parameters in."""

    def prepare(problem: Problem, l2: float, start: sn.Parameters, rate: float | None) -> Run:
        from sklearn.neural_network import MLPClassifier, MLPRegressor

        X, Y = problem.X.T, problem.Y
        y = Y[0] if len(Y) == 1 else Y.argmax(axis=0)
        kind = MLPRegressor if problem.output == "identity" else MLPClassifier
        size = len(X) if solver == "lbfgs" else BATCH  # what the penalty is divided by
        settings = {"learning_rate_init": rate, "batch_size": BATCH} if rate else {"tol": 1e-6}
        model = kind(
            hidden_layer_sizes=(problem.n_h,), activation="tanh", solver=solver, alpha=l2 * size,
            warm_start=True, max_iter=1, max_fun=10**9, random_state=0, n_iter_no_change=10**9,
            **settings,
        )  # fmt: skip
        model.fit(X, y)
        W1, b1, W2, b2 = start

        def run(n: int) -> Answer:
            model.coefs_ = [W1.T.copy(), W2.T.copy()]
            model.intercepts_ = [b1[:, 0].copy(), b2[:, 0].copy()]
            model.set_params(max_iter=n).fit(X, y)
            (V1, V2), (c1, c2) = model.coefs_, model.intercepts_
            parameters = sn.Parameters(V1.T, c1[:, None], V2.T, c2[:, None])
            return parameters, float(model.loss_) if solver == "lbfgs" else None

        return run

    return prepare


# SciPy


def least_squares(
    problem: Problem, l2: float, start: sn.Parameters, rate: float | None = None
) -> Callable[[int], tuple[sn.Parameters, float]]:
    """Return SciPy's trust region (trf) with the analytic Jacobian; n counts evaluations."""
    from scipy import optimize

    X, Y = problem.X.T, problem.Y[0]
    (m, n_x), n_h = X.shape, problem.n_h
    parts = np.cumsum([n_h * n_x, n_h, n_h])
    decayed = np.concatenate([np.ones(parts[0]), np.zeros(n_h), np.ones(n_h), [0.0]])
    pull = np.sqrt(l2) * np.diag(decayed)  # rows that make the penalty a sum of squares

    def layers(theta: Any) -> tuple[Any, Any, Any]:
        W1, b1, W2, b2 = np.split(theta, parts)
        return np.tanh(X @ W1.reshape(n_h, n_x).T + b1), W2, b2

    def residuals(theta: Any) -> Any:
        A1, W2, b2 = layers(theta)
        return np.concatenate([(A1 @ W2 + b2 - Y) / np.sqrt(m), pull @ theta])

    def jacobian(theta: Any) -> Any:
        A1, W2, _ = layers(theta)
        slopes = (1 - A1 * A1) * W2
        by_W1 = (slopes[:, :, None] * X[:, None, :]).reshape(m, -1)
        rows = np.concatenate([by_W1, slopes, A1, np.ones((m, 1))], axis=1)
        return np.concatenate([rows / np.sqrt(m), pull])

    theta, limits = start.flat.copy(), {"xtol": 1e-10, "ftol": 1e-10, "gtol": 1e-10}

    def run(n: int) -> tuple[sn.Parameters, float]:
        found = optimize.least_squares(
            residuals, theta, jacobian, method="trf", max_nfev=n, **limits
        )
        run.n_solves = found.nfev  # type: ignore[attr-defined]
        return sn.Parameters.from_flat(found.x, problem.shape), float(found.cost)

    return run


# torch


def torch_lbfgs(problem: Problem, l2: float, start: sn.Parameters, rate: float | None) -> Run:
    """Return torch's LBFGS with its strong Wolfe search and ten pairs."""
    import torch
    from torch.nn import functional

    torch.set_num_threads(1)
    X, Y = torch.tensor(problem.X.T), torch.tensor(problem.Y.T)
    losses: dict[str, Callable[[Any], Any]] = {
        "identity": lambda Z: ((Z - Y) ** 2).sum() / 2,
        "sigmoid": lambda Z: functional.binary_cross_entropy_with_logits(Z, Y, reduction="sum"),
        "softmax": lambda Z: functional.cross_entropy(Z, Y, reduction="sum"),
    }
    loss = losses[problem.output]

    def run(n: int) -> Answer:
        W1, b1, W2, b2 = P = [torch.tensor(array, requires_grad=True) for array in start]
        optimizer = torch.optim.LBFGS(
            P, max_iter=n, max_eval=25 * n, history_size=10, line_search_fn="strong_wolfe",
            tolerance_grad=1e-6, tolerance_change=0.0,
        )  # fmt: skip

        def cost() -> Any:
            Z2 = torch.tanh(X @ W1.T + b1[:, 0]) @ W2.T + b2[:, 0]
            return loss(Z2) / len(X) + l2 / 2 * ((W1**2).sum() + (W2**2).sum())

        def closure() -> Any:
            optimizer.zero_grad()
            J = cost()
            J.backward()
            return J

        optimizer.step(closure)
        with torch.no_grad():
            return sn.Parameters(*(array.detach().numpy() for array in P)), cost().item()

    return run


# JAX


def jax_cost(problem: Problem, l2: float) -> Callable[..., Any]:
    """Return the cost of a flat vector of parameters on rows X, Y."""
    from jax import nn
    from jax import numpy as jnp

    n_x, n_h, n_y = problem.shape
    parts = np.cumsum([n_h * n_x, n_h, n_y * n_h])
    losses: dict[str, Callable[[Any, Any], Any]] = {
        "identity": lambda Z, Y: (Z - Y) ** 2 / 2,
        "sigmoid": lambda Z, Y: jnp.logaddexp(0, Z) - Y * Z,
        "softmax": lambda Z, Y: nn.logsumexp(Z, axis=1) - (Y * Z).sum(axis=1),
    }
    loss = losses[problem.output]

    def cost(theta: Any, X: Any, Y: Any) -> Any:
        W1, b1, W2, b2 = jnp.split(theta, parts)
        W1, W2 = W1.reshape(n_h, n_x), W2.reshape(n_y, n_h)
        total = loss(jnp.tanh(X @ W1.T + b1) @ W2.T + b2, Y).sum()
        return total / len(X) + l2 / 2 * ((W1**2).sum() + (W2**2).sum())

    return cost


def jax_answer(problem: Problem, cost: Callable[..., Any], steps: Callable[..., Any]) -> Run:
    """Return the run of compiled steps from a start; the number of them is no constant of it."""
    import jax

    X, Y = jax.numpy.asarray(problem.X.T), jax.numpy.asarray(problem.Y.T)
    compiled = jax.jit(lambda n: (theta := steps(n, X, Y), cost(theta, X, Y)))

    def run(n: int) -> Answer:
        theta, J = compiled(n)
        return sn.Parameters.from_flat(np.array(theta), problem.shape), float(J)

    run(1)  # compiles
    return run


def jax_bfgs(problem: Problem, l2: float, start: sn.Parameters, rate: float | None) -> Run:
    """Return jax.scipy's BFGS under one jit."""
    import jax
    from jax.scipy.optimize import minimize

    jax.config.update("jax_enable_x64", True)
    cost = jax_cost(problem, l2)
    theta = jax.numpy.asarray(start.flat)

    def steps(n: Any, X: Any, Y: Any) -> Any:
        options = {"maxiter": n, "gtol": 1e-6}
        return minimize(cost, theta, args=(X, Y), method="BFGS", options=options).x

    return jax_answer(problem, cost, steps)


def jax_adam(problem: Problem, l2: float, start: sn.Parameters, rate: float | None) -> Run:
    """Return Adam on shuffled batches, all epochs under one jit."""
    import jax

    jax.config.update("jax_enable_x64", True)
    cost, m = jax_cost(problem, l2), problem.X.shape[1]
    slope, n_batches = jax.grad(cost), m // BATCH  # what is left over of an epoch is not seen
    theta = jax.numpy.asarray(start.flat)

    def epoch(t: Any, kept: Any, X: Any, Y: Any) -> Any:
        order = jax.random.permutation(jax.random.fold_in(jax.random.key(0), t), m)

        def step(k: Any, kept: Any) -> Any:
            theta, u, s = kept
            batch = jax.lax.dynamic_slice(order, (k * BATCH,), (BATCH,))
            g = slope(theta, X[batch], Y[batch])
            u, s = 0.9 * u + 0.1 * g, 0.999 * s + 0.001 * g * g
            count = t * n_batches + k + 1
            fitting = rate * jax.numpy.sqrt(1 - 0.999**count) / (1 - 0.9**count)
            return theta - fitting * u / (jax.numpy.sqrt(s) + 1e-8), u, s

        return jax.lax.fori_loop(0, n_batches, step, kept)

    def steps(n: Any, X: Any, Y: Any) -> Any:
        begin = (theta, theta * 0, theta * 0)
        return jax.lax.fori_loop(0, n, lambda t, kept: epoch(t, kept, X, Y), begin)[0]

    return jax_answer(problem, cost, steps)


ADAM = (0.001, 0.003, 0.01, 0.03)
SOLVERS = (
    Solver("gd", "shallownet-native", ours("gd"), (0.1, 0.3, 1.0, 3.0)),
    Solver("sgd", "shallownet-native", ours("sgd"), (0.003, 0.01, 0.03, 0.1)),
    Solver("adam", "shallownet-native", ours("adam"), ADAM),
    Solver("lbfgs", "shallownet-native", ours("lbfgs")),
    Solver("lm", "shallownet-native", ours("lm")),
    Solver("lm, evidence", "shallownet-native", ours("lm", l2="evidence"), is_whole=True,
           has_own_decay=True),
    Solver("scikit-learn adam", "scikit-learn", scikit_learn("adam"), ADAM),
    Solver("scikit-learn lbfgs", "scikit-learn", scikit_learn("lbfgs")),
    Solver("SciPy trf", "scipy", least_squares, only_fits=True),
    Solver("torch LBFGS", "torch", torch_lbfgs),
    Solver("JAX adam", "jax", jax_adam, ADAM),
    Solver("JAX BFGS", "jax", jax_bfgs),
)  # fmt: skip
