"""The core walks scikit-learn's way: same start, same shuffles, same weights after some epochs."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest

neural_network = pytest.importorskip("sklearn.neural_network")
SOLVERS: dict[str, dict[str, Any]] = {
    "adam": {"solver": "adam", "learning_rate_init": 0.01},
    "sgd": {"solver": "sgd", "learning_rate_init": 0.1},
    "sgd, plain": {"solver": "sgd", "learning_rate_init": 0.1, "momentum": 0.0},
    "sgd, momentum": {"solver": "sgd", "learning_rate_init": 0.1, "nesterovs_momentum": False},
    "sgd, invscaling": {"solver": "sgd", "learning_rate_init": 0.5, "learning_rate": "invscaling"},
}


def fit(model: Any, x: Any, y: Any) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that the maximum of iterations was reached
        return model.fit(x, y)


def orders(m: int, n_epochs: int) -> Any:
    """Return the shuffles that a fit with `random_state=0` draws once it has weights."""
    rng, order, rows = np.random.RandomState(0), np.arange(m), []
    for _ in range(n_epochs):
        order = order[rng.permutation(m)]
        rows.append(order)
    return np.array(rows, np.int64)


@pytest.mark.parametrize("classes", [2, 3])
@pytest.mark.parametrize("name", SOLVERS)
def test_sklearn_trajectory_is_ours(
    core: Any, make_problem: Any, train_options: Any, name: str, classes: int
) -> None:
    settings = {"learning_rate": "constant", "momentum": 0.9, "nesterovs_momentum": True}
    settings.update(SOLVERS[name])
    n_y, m, n_epochs, batch_size = (1 if classes == 2 else classes), 90, 8, 32
    problem = make_problem((4, 7, n_y), m, "tanh", "sigmoid" if n_y == 1 else "softmax", seed=2)
    labels = np.random.default_rng(1).integers(classes, size=m)
    x = problem.rows(problem.X)
    model = neural_network.MLPClassifier(
        (7,), activation="tanh", alpha=0.0, batch_size=batch_size, max_iter=1, warm_start=True,
        random_state=0, tol=0.0, n_iter_no_change=1000, **settings,
    )  # fmt: skip
    fit(model, x, labels)
    W1, b1, W2, b2 = problem.parameters
    model.coefs_, model.intercepts_ = [W1.T.copy(), W2.T.copy()], [b1.flatten(), b2.flatten()]
    model.t_, model.loss_curve_ = 0, []  # the first fit has counted examples
    fit(model.set_params(max_iter=n_epochs), x, labels)

    Y = labels[:, None].astype(float) if n_y == 1 else np.eye(classes)[labels]
    solver = settings["solver"]
    options = train_options(
        problem, optimizer=solver, n_epochs=n_epochs, batch_size=batch_size,
        learning_rate=settings["learning_rate_init"], momentum=settings["momentum"],
        nesterov=settings["nesterovs_momentum"],
        power_t=0.5 if settings["learning_rate"] == "invscaling" else 0.0,
    )  # fmt: skip
    state = np.zeros((core.optimizers[solver], problem.theta.size))
    given = (problem.theta, state, problem.shape, x, Y, None, orders(m, n_epochs), options)
    result = core.train(*given)
    (V1, V2), (c1, c2) = model.coefs_, model.intercepts_
    theirs = np.concatenate([V1.T.ravel(), c1, V2.T.ravel(), c2])
    # 24 steps in another order of summation.
    np.testing.assert_allclose(result["theta"], theirs, rtol=0, atol=1e-11)
    np.testing.assert_allclose(result["costs"], model.loss_curve_, rtol=1e-11)
