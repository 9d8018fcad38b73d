"""What is timed: the package's own problems, and the same networks on real data.

The first ones are random numbers of the shapes in the README's table; the real sets come with
scikit-learn. A problem's name is how `measure.py --problem` finds it.
"""

from __future__ import annotations

from importlib.util import find_spec

import numpy as np

import shallownet_native as sn
from shallownet_native.bench.problems import PROBLEMS, Problem


def standardized(X: np.ndarray) -> np.ndarray:
    """Return features (rows) of mean 0 and spread 1; constant ones become 0."""
    spread = X.std(axis=1, keepdims=True)
    return (X - X.mean(axis=1, keepdims=True)) / np.where(spread == 0, 1, spread)


def real_problems() -> tuple[Problem, ...]:
    """Return the breast-cancer set by gradient descent and the digits by Adam."""
    X, Y = sn.datasets.load_breast_cancer()
    cancer = (np.ascontiguousarray(standardized(X).T), np.ascontiguousarray(Y.T, float))
    X, Y = sn.datasets.load_digits()  # Y is one-hot
    digits = (np.ascontiguousarray(standardized(X).T), np.ascontiguousarray(Y.T, float))
    return (
        Problem("breast cancer", 30, 16, 1, 569, data=cancer),
        Problem("digits, Adam, batch 200", 64, 100, 10, 1797, 200, data=digits),
    )


def problems() -> dict[str, Problem]:
    """Return every problem by its name; those on real data where scikit-learn is installed."""
    real = real_problems() if find_spec("sklearn") else ()
    return {problem.name: problem for problem in (*PROBLEMS, *real)}
