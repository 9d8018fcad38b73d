"""How much a network explains, beside a constant and beside the neighbours of each example."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from ..._native.arrays import Doubles
from ...models import BINARY, CLASSES, LABELS

N_NEIGHBOURS = (5, 15)
MAX_ROWS = 2000  # so many examples are asked about their neighbours, drawn if there are more
MAX_WORK = 2e9  # examples squared times columns: fewer are drawn of very many columns
BLOCK = 500


class Measure(NamedTuple):
    """How answers are judged: by shares of examples that are right, or by R^2.

    Attributes
    ----------
    kind : str
        Of the view.
    is_balanced : bool
        Whether each class counts the same, however rare it is.
    """

    kind: str
    is_balanced: bool = False

    def __call__(self, answers: Doubles, Y: Doubles) -> float:
        """Return the score of answers (m, k): probabilities, or numbers, as Y (m, k) has them."""
        if self.kind == LABELS:
            return float(((answers > 0.5) == (Y > 0.5)).mean())
        if self.kind not in (BINARY, CLASSES):
            residue = ((answers - Y) ** 2).sum(axis=0)
            total = ((Y - Y.mean(axis=0)) ** 2).sum(axis=0)
            varies = total > 0
            return float((1 - residue[varies] / total[varies]).mean()) if varies.any() else 0.0
        right = _classes(answers) == _classes(Y)
        if not self.is_balanced:
            return float(right.mean())
        return float(np.mean([right[_classes(Y) == k].mean() for k in np.unique(_classes(Y))]))

    def of_constant(self, Y: Doubles) -> float:
        """Return the best score that one answer for all examples has."""
        if self.kind == LABELS:
            share = (Y > 0.5).mean(axis=0)
            return float(np.maximum(share, 1 - share).mean())
        if self.kind not in (BINARY, CLASSES):
            return 0.0
        counts = np.unique(_classes(Y), return_counts=True)[1]
        return float(1 / len(counts) if self.is_balanced else counts.max() / counts.sum())

    def told(self, score: float) -> str:
        """Return the score in words."""
        if not np.isfinite(score):
            return "no R^2 that is finite"
        if self.kind in (BINARY, CLASSES, LABELS):
            return f"{100 * score:.3g} % right" + (" (mean of classes)" if self.is_balanced else "")
        return f"R^2 = {score:.2f}" if score > -100 else f"R^2 = {score:.1e}"


def _classes(Y: Doubles) -> npt.NDArray[np.int64]:
    is_second = Y > 0.5
    return Y.argmax(axis=1) if Y.shape[1] > 1 else is_second[:, 0].astype(np.int64)


def drawn_columns(n_x: int, m: int) -> npt.NDArray[np.int64] | None:
    """Return which examples are asked about their neighbours; None: all."""
    most = int(min(MAX_ROWS, np.sqrt(MAX_WORK / max(n_x, 1))))
    return np.random.default_rng(0).permutation(m)[:most] if m > most else None


def neighbours_score(measure: Measure, rows: Doubles, Y: Doubles) -> float:
    """Return the score of the mean of each example's neighbours, itself left out.

    Of a few numbers of neighbours the best counts. Rows (m, n_x) are standardised ones.
    """
    m = len(rows)
    sizes = [k for k in N_NEIGHBOURS if k < m]
    if not sizes:
        return measure.of_constant(Y)
    answers = {k: np.empty(Y.shape) for k in sizes}
    lengths = (rows**2).sum(axis=1)
    for begin in range(0, m, BLOCK):
        here = slice(begin, min(begin + BLOCK, m))
        distances = lengths[here, None] + lengths - 2 * rows[here] @ rows.T
        each = np.arange(here.stop - begin)
        distances[each, begin + each] = np.inf
        nearest = np.argsort(distances, axis=1, kind="stable")[:, : sizes[-1]]
        for k in sizes:
            answers[k][here] = Y[nearest[:, :k]].mean(axis=1)
    return max(measure(answers[k], Y) for k in sizes)
