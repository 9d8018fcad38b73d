"""scikit-learn's MLPClassifier, started from the same weights, with the same shuffles.

A step includes what its `fit` always does: the cost, and the bookkeeping of an epoch.
"""

from __future__ import annotations

import warnings
from importlib.metadata import version
from typing import Any

import numpy as np

from shallownet_native.bench.problems import Floats, Problem, Run, Sample
from shallownet_native.bench.rivals import serve
from shallownet_native.network import split


def versions() -> str:
    return f"scikit-learn {version('scikit-learn')}"


def make(problem: Problem, data: Sample, threads: int) -> Run:
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.neural_network import MLPClassifier

    warnings.simplefilter("ignore", ConvergenceWarning)
    labels = data.y[:, 0].astype(int) if problem.n_y == 1 else data.y.argmax(axis=1)
    settings: dict[str, Any] = {
        "solver": "adam" if problem.batch_size else "sgd",
        "batch_size": problem.batch_size or problem.m,
        "learning_rate_init": problem.learning_rate,
        "shuffle": problem.batch_size is not None,
    }
    model = MLPClassifier(
        (problem.n_h,), activation="tanh", alpha=0.0, momentum=0.0, nesterovs_momentum=False,
        tol=0.0, n_iter_no_change=10**9, warm_start=True, random_state=0, max_iter=1, **settings,
    )  # fmt: skip
    model.fit(data.x, labels)  # makes the attributes, whose values are replaced below

    def run(n_epochs: int) -> Floats:
        W1, b1, W2, b2 = (P.copy() for P in split(data.theta, problem.shape))
        model.coefs_, model.intercepts_ = [W1.T, W2.T], [b1.ravel(), b2.ravel()]
        model.set_params(max_iter=n_epochs)
        model.fit(data.x, labels)
        (V1, V2), (c1, c2) = model.coefs_, model.intercepts_
        return np.concatenate([V1.T.ravel(), c1, V2.T.ravel(), c2])

    return run


if __name__ == "__main__":
    serve(make)
