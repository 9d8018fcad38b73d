"""What solvers are compared on: small networks, and data to fit and to be judged by.

Columns are examples. Inputs have mean 0 and deviation 1, except where the plane itself is the
input. Points that are held out come fresh from the same source, or are a third of a real table.
`second_order.py` and `solvers.py` take their problems here, so that both speak of the same ones.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

import shallownet_native as sn

Array = np.ndarray[Any, np.dtype[np.float64]]
Rows = tuple[Array, Array]  # X (m, n_x), Y (m, n_y)
Parts = tuple[Rows, Rows]  # to fit, held out


@dataclass(frozen=True)
class Problem:
    """A tanh network to fit: X (n_x, m), Y (n_y, m), and the same held out."""

    name: str
    n_h: int
    output: str
    X: Array
    Y: Array
    X_new: Array
    Y_new: Array

    @property
    def shape(self) -> tuple[int, int, int]:
        return len(self.X), self.n_h, len(self.Y)

    @property
    def title(self) -> str:
        return f"{self.name} {'-'.join(map(str, self.shape))}"

    @property
    def units(self) -> dict[str, Any]:
        return {"hidden": "tanh", "output": self.output}

    def start(self, seed: int, scheme: str = "glorot_uniform") -> sn.Parameters:
        """Return the start of this number."""
        return sn.initialize(*self.shape, scheme, seed=np.random.RandomState(seed))

    def cost(self, parameters: sn.Parameters, l2: float) -> float:
        """Return the cost on the data to fit, the penalty included."""
        return sn.cost(parameters, self.X, self.Y, **self.units, l2=l2)

    def loss(self, parameters: sn.Parameters) -> float:
        """Return the mean loss on the data held out."""
        return sn.cost(parameters, self.X_new, self.Y_new, **self.units)


# Sources: each returns rows to fit and rows held out


def scaled(fit: Array, new: Array) -> tuple[Array, Array]:
    """Scale columns to mean 0 and deviation 1 on the rows to fit; constant ones become 0."""
    mean, spread = fit.mean(axis=0), fit.std(axis=0)
    spread = np.where(spread > 0, spread, 1.0)
    return (fit - mean) / spread, (new - mean) / spread


def flower() -> Parts:
    """Return the petals, 400 points, and 4,000 fresh ones."""
    fit, new = (sn.datasets.flower(m, seed=seed) for m, seed in ((400, 1), (4000, 77)))
    return (fit[0].T, fit[1].T.astype(float)), (new[0].T, new[1].T.astype(float))


def sine() -> Parts:
    """Return one period with noise of deviation 0.1, and 1,000 points with other noise."""
    random = np.random.default_rng(5)

    def noisy(m: int) -> Rows:
        x = np.linspace(-1, 1, m)[:, np.newaxis]
        return x, np.sin(2 * np.pi * x) + 0.1 * random.standard_normal(x.shape)

    return noisy(200), noisy(1000)


def peaks() -> Parts:
    """Return the hills of two variables on a grid, without noise, and on a finer one."""

    def on_grid(n: int) -> Rows:
        x, y = np.meshgrid(*2 * [np.linspace(-3, 3, n)])
        z = 3 * (1 - x) ** 2 * np.exp(-(x**2) - (y + 1) ** 2)
        z -= 10 * (x / 5 - x**3 - y**5) * np.exp(-(x**2) - y**2)
        z -= np.exp(-((x + 1) ** 2) - y**2) / 3
        return np.column_stack([x.ravel(), y.ravel()]) / 3, z.reshape(-1, 1)

    (x, y), (x_new, y_new) = on_grid(30), on_grid(61)
    y, y_new = scaled(y, y_new)
    return (x, y), (x_new, y_new)


def friedman() -> Parts:
    """Return 500 points of Friedman's first function with noise of deviation 1, and 5,000."""
    from sklearn.datasets import make_friedman1

    (x, y), (x_new, y_new) = (
        make_friedman1(m, n_features=5, noise=1.0, random_state=seed)
        for m, seed in ((500, 0), (5000, 1))
    )
    both_x, both_y = scaled(x, x_new), scaled(y[:, np.newaxis], y_new[:, np.newaxis])
    return (both_x[0], both_y[0]), (both_x[1], both_y[1])


def table(name: str, all_rows: bool = False) -> Parts:
    """Return two thirds of a table that comes with scikit-learn, and the last third."""
    X, Y = getattr(sn.datasets, f"load_{name}")()  # columns are examples; classes one-hot
    x, y = np.asarray(X.T, float), np.asarray(Y.T, float)
    order = np.random.default_rng(0).permutation(len(x))
    n_new = len(x) // 3
    fit, new = (order, order[:n_new]) if all_rows else (order[n_new:], order[:n_new])
    both_x, both_y = scaled(x[fit], x[new]), (y[fit], y[new])
    if name == "diabetes":
        both_y = scaled(*both_y)
    return (both_x[0], both_y[0]), (both_x[1], both_y[1])


SOURCES: dict[str, tuple[Callable[..., Parts], int, str]] = {
    "flower, 4 units": (flower, 4, "sigmoid"),
    "flower, 20 units": (flower, 20, "sigmoid"),
    "sine": (sine, 10, "identity"),
    "peaks": (peaks, 20, "identity"),
    "diabetes": (table, 10, "identity"),
    "friedman": (friedman, 30, "identity"),
    "breast cancer": (table, 16, "sigmoid"),
    "iris": (table, 10, "softmax"),
    "digits": (table, 8, "softmax"),
}
EIGHT = tuple(name for name in SOURCES if name != "digits")
FITS = ("sine", "peaks", "diabetes", "friedman")  # squared error


def make(name: str, all_rows: bool = False, n_h: int | None = None) -> Problem:
    """Return a problem by its name.

    With `all_rows`, real tables are fitted whole, and what is "held out" of them is not new.
    `n_h` puts another number of hidden units in the place of the problem's own.
    """
    source, own, output = SOURCES[name]
    if source is table:
        fit, new = table(name.replace(" ", "_"), all_rows)
    else:
        fit, new = source()
    arrays = (np.ascontiguousarray(rows).T for rows in (*fit, *new))  # F order: read in place
    return Problem(name.split(",")[0], n_h or own, output, *arrays)
