"""`shallownet demo`: train on real data, time the same descent in NumPy, draw what was learnt.

Loads `datasets`, `bench` and `plotting` when it is run.
"""

from __future__ import annotations

import argparse
import os
import time
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from .. import training
from .._extras.importing import import_optional
from .._messages.output import say
from .._native.backend import get_num_threads
from .._native.spread import deviations
from ..files import in_use, picture_file
from ..network import initialize
from .arguments import check_output
from .bench import time_problems

if TYPE_CHECKING:
    from ..bench import Row

HELP = "train on real data, time it against NumPy, draw a picture"
DESCRIPTION = (
    "Train on the breast-cancer and digits sets with a held-out part, time the same descent in "
    "NumPy, and draw learning curves and the flower's decision boundary. Needs the extra 'demo'."
)

HELD_OUT = 0.25
SEED = 2  # of the split: over seeds 0 to 7 the accuracies are 0.96 to 0.99, here about the mean


@dataclass(frozen=True)
class Exhibit:
    """A real set, and how many hidden units learn it in how many epochs."""

    title: str
    loader: str  # in `datasets`
    n_h: int
    n_epochs: int

    def load(self, **orientation: bool) -> Any:
        """Return the set as `datasets` does."""
        from .. import datasets

        return getattr(datasets, self.loader)(**orientation)


EXHIBITS = (
    Exhibit("breast cancer", "load_breast_cancer", 16, 60),
    Exhibit("digits", "load_digits", 64, 60),
)
FLOWER = Exhibit("flower", "flower", 4, 5000)


@dataclass(frozen=True)
class Learnt:
    """What came of an exhibit: the classifier and the share of right labels in both parts."""

    title: str
    model: Any
    accuracy: float
    held_out_accuracy: float
    n_held_out: int
    seconds: float


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.add_argument("--out", default="shallownet-demo.png", help="picture (%(default)s)")
    parser.add_argument("--quick", action="store_true", help="shorter timing")


def run(given: argparse.Namespace) -> None:
    """Run the whole demonstration, print what comes of it, and write a picture."""
    from ..bench import format_table
    from ..plotting import check_format, draw

    check_output(given.out, picture_file(given.out), in_use([]))
    import_optional("sklearn.datasets", extra="demo", purpose="the demo")
    check_format(given.out)
    learnt = [learn(exhibit) for exhibit in EXHIBITS]
    for one in learnt:
        print(
            f"{one.title:14} held-out accuracy {one.held_out_accuracy:.3f} on {one.n_held_out} "
            f"examples, {one.accuracy:.3f} in training: {one.model.n_iter_} epochs in "
            f"{one.seconds:.2f} s"
        )
    X, Y = FLOWER.load()
    start = initialize(2, FLOWER.n_h, 1, seed=np.random.RandomState(3))
    flower = training.train(start, X, Y, learning_rate=1.2, n_iterations=FLOWER.n_epochs)
    accuracy = float((training.predict(flower.parameters, X) == Y).mean())
    print(
        f"{'flower':14} accuracy {accuracy:.3f} in training: {flower.n_iterations} iterations in "
        f"{flower.seconds:.3f} s"
    )
    rows = time_descents(given.quick)
    print(
        "full-batch gradient descent, timed in turns with the NumPy oracle and with NumPy in place "
        "(ratio: to the latter);\ncompared with the oracle first, ours was at most "
        f"{max(row.max_difference for row in rows):.0e} off"
    )
    print(format_table(rows))
    trained = [(one.title, one.model) for one in learnt]
    draw(given.out, trained, (flower.parameters, X, Y))
    say(f"the picture is in {os.path.abspath(given.out)}")


def learn(exhibit: Exhibit) -> Learnt:
    """Fit to one part of a set, watch the loss on the other, and count the right labels."""
    from .._extras.scikit_learn import ConvergenceWarning, train_test_split
    from ..estimators import ShallowNetClassifier

    X, y = exhibit.load(return_rows=True)
    X, X_val, y, y_val = train_test_split(X, y, test_size=HELD_OUT, random_state=SEED, stratify=y)
    model = ShallowNetClassifier(
        exhibit.n_h,
        activation="tanh",
        alpha=0.03,
        batch_size=32,
        max_iter=exhibit.n_epochs,
        n_iter_no_change=exhibit.n_epochs,
        random_state=0,
        progress=True,
        standardize=True,
    )
    start = time.perf_counter()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # so many epochs are enough
        model.fit(X, y, X_val=X_val, y_val=y_val)
    seconds = time.perf_counter() - start
    accuracies = model.score(X, y), model.score(X_val, y_val)
    return Learnt(exhibit.title, model, *accuracies, len(y_val), seconds)


def time_descents(quick: bool) -> list[Row]:
    """Time full-batch gradient descent on real sets, natively, in NumPy and in the oracle.

    They take turns, and all answers are first compared with the oracle's.
    """
    from ..bench import Problem

    problems = []
    for exhibit in (*EXHIBITS, FLOWER):
        X, Y = exhibit.load()
        x, y = X.T, Y.T
        mean, variance = x.mean(axis=0), x.var(axis=0)
        x = (x - mean) / deviations(mean, variance, len(x))  # 1 for pixels that are never inked
        sizes = (x.shape[1], exhibit.n_h, y.shape[1], len(x))
        problems.append(Problem(exhibit.title, *sizes, data=(x, y)))
    threads = sorted({1, min(2, get_num_threads())})
    return time_problems(problems, threads, seconds=0.1 if quick else 0.4, with_oracle=True)
