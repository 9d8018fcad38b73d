"""The networks of one view: what they learn, where they stand, and epochs that all run together.

A network's state is plain arrays and a Generator of its own, from which it goes on with the same
bits wherever that is. Where all stand is a `Standing`; the core knows no more.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from ...._native.backend import allowed_threads, core
from ....tables.encoding import Lookups
from ..folds import Fold
from ..outputs import Doubles

Singles = npt.NDArray[np.float32]

ARRAYS = ("parameters", "moments", "averages", "n_steps")
ORDER_BYTES = 2**26  # of orders drawn at once


class ViewProblem(NamedTuple):
    """What the networks of a view learn, the same for all.

    Attributes
    ----------
    inputs : Lookups
        Of n rows.
    y : ndarray of float32, shape (n, K)
    weights : ndarray of float32, shape (n,)
        Positive.
    n_hidden : int
    options : dict
        Of all calls of the core.
    n_threads : int or None
        None: as many as may be used, wherever that is.
    """

    inputs: Lookups
    y: Singles
    weights: Singles
    n_hidden: int
    options: dict[str, Any]
    n_threads: int | None

    @property
    def sizes(self) -> tuple[int, int, int]:
        """D inputs, H hidden units, K outputs."""
        return self.inputs.n_inputs, self.n_hidden, self.y.shape[1]


class Standing(NamedTuple):
    """Where M networks of P parameters stand after some epochs.

    Attributes
    ----------
    parameters, averages : ndarray of float32, shape (M, P)
        The raw ones, and their moving average.
    moments : ndarray of float32, shape (M, 2, P)
    n_steps : ndarray of int64, shape (M,)
    generators : list of Generator
        What draws each network's orders.
    """

    parameters: Singles
    moments: Singles
    averages: Singles
    n_steps: npt.NDArray[np.int64]
    generators: list[np.random.Generator]

    def only(self, members: Sequence[int]) -> Standing:
        """Return where some of the networks stand, a copy that goes on by itself."""
        chosen = list(members)
        generators = [copy.deepcopy(self.generators[m]) for m in chosen]
        return Standing.of({n: getattr(self, n)[chosen] for n in ARRAYS}, generators)

    @classmethod
    def of(cls, arrays: Mapping[str, Any], generators: list[np.random.Generator]) -> Standing:
        """Return what these arrays say, by their names."""
        return cls(**{name: arrays[name] for name in ARRAYS}, generators=generators)


class BestEpoch(NamedTuple):
    """The last epoch of least loss, and the networks then: averages, and logits left out."""

    loss: float = math.inf
    epoch: int = -1
    parameters: Any = None
    outputs: Any = ()


class Ran(NamedTuple):
    """What some epochs have done: where all stand, each epoch's losses (E, M), and the best."""

    standing: Standing
    losses: Doubles
    best: BestEpoch
    is_diverged: bool


def run_epochs(
    problem: ViewProblem,
    folds: Sequence[Fold],
    standing: Standing,
    first: int,
    last: int,
    best: BestEpoch,
) -> Ran:
    """Run epochs first to last - 1, all networks keeping step; the generators draw their orders.

    Raises
    ------
    KeyboardInterrupt
        On Ctrl-C, or whatever else the handler of a signal raises.
    """
    losses, is_diverged = np.empty((0, len(folds))), False
    n_drawn = 4 * sum(len(fold.learned) for fold in folds)
    at_once = max(1, ORDER_BYTES // n_drawn)
    while first < last and not is_diverged:
        n = min(at_once, last - first)
        done = _call(problem, folds, standing, first, n, best.loss)
        if done["error"] is not None:
            raise done["error"]
        standing = Standing.of(done, standing.generators)
        losses = np.concatenate([losses, done["losses"][: done["n_epochs"]]])
        if done["best_epoch"] >= 0:
            k = int(done["best_epoch"])
            loss = float(done["curve"][k])
            best = BestEpoch(loss, first + k, done["best_parameters"], list(done["best_outputs"]))
        is_diverged = done["status"] == "diverged"
        first += n
    return Ran(standing, losses, best, is_diverged)


def _call(
    problem: ViewProblem,
    folds: Sequence[Fold],
    standing: Standing,
    first: int,
    n: int,
    best_loss: float,
) -> dict[str, Any]:
    """Make one call of the core, of n epochs."""
    members = [
        (draw_orders(generator, fold.learned, n), fold.left_out)
        for fold, generator in zip(folds, standing.generators, strict=True)
    ]
    options = {**problem.options, "first_epoch": first, "best_loss": best_loss}
    done: dict[str, Any] = core.train_bag(
        tuple(problem.inputs),
        problem.y,
        problem.weights,
        members,
        *(getattr(standing, name) for name in ARRAYS),
        options,
        allowed_threads(problem.n_threads),
    )
    return done


def draw_orders(
    generator: np.random.Generator, rows: npt.NDArray[np.int32], n: int
) -> npt.NDArray[np.int32]:
    """Return rows in n orders, (n, n_rows): the same however many are drawn at once."""
    orders = np.tile(rows.astype(np.int64), (n, 1))  # which NumPy permutes twice as fast
    return generator.permuted(orders, axis=1, out=orders).astype(np.int32)


def pooled(problem: ViewProblem, folds: Sequence[Fold], losses: Doubles) -> Doubles:
    """Return the mean loss of all rows left out, (E,), of each network's sums (E, M)."""
    total = sum(float(problem.weights[fold.left_out].sum(dtype=np.float64)) for fold in folds)
    curve = np.zeros(len(losses))
    for of_one in losses.T:  # in the core's order
        curve += of_one
    return curve / total
