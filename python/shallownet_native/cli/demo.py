"""`shallownet demo`: train on real data, time the same descent in NumPy, draw what was learnt.

Loads `datasets`, `bench` and `plotting` when it is run.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from .. import training
from .._extras.importing import import_optional
from .._extras.progress import progress
from .._messages.output import say
from .._native.backend import get_num_threads
from .._native.spread import deviations
from ..files import in_use, picture_file
from ..network import Parameters, initialize
from ..tables import Indices, split_rows
from ..training import TrainingResult
from .arguments import check_output
from .bench import time_problems

if TYPE_CHECKING:
    from ..bench import Row

FloatArray = npt.NDArray[np.float64]

HELD_OUT = 0.25
SEED = 4  # of the split: over seeds 0 to 7 the accuracies are 0.96 to 0.99, here about the mean


@dataclass(frozen=True)
class Lesson:
    """A real set and how it is learnt."""

    title: str
    loader: str  # in `datasets`
    n_h: int
    output: str
    n_epochs: int

    def load(self) -> tuple[FloatArray, Any]:
        """Return X (n_x, m) and Y (n_y, m)."""
        from .. import datasets

        examples: tuple[FloatArray, Any] = getattr(datasets, self.loader)()
        return examples


LESSONS = (
    Lesson("breast cancer", "load_breast_cancer", 16, "sigmoid", 60),
    Lesson("digits", "load_digits", 64, "softmax", 60),
)
FLOWER = Lesson("flower", "flower", 4, "sigmoid", 5000)


@dataclass(frozen=True)
class Learnt:
    """What came of a lesson: its result and the share of right labels in both parts."""

    title: str
    result: TrainingResult
    accuracy: float
    held_out_accuracy: float
    n_held_out: int


HELP = "train on real data, time it against NumPy, draw a picture"
DESCRIPTION = (
    "Train on the breast-cancer and digits sets with a held-out part, time the same descent in "
    "NumPy, and draw learning curves and the flower's decision boundary. Needs the extra 'demo'."
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.add_argument("--out", default="shallownet-demo.png", help="picture (%(default)s)")
    parser.add_argument("--quick", action="store_true", help="shorter timing")


def run(given: argparse.Namespace) -> None:
    """Run the whole demonstration, print what comes of it, and write a picture.

    Raises
    ------
    MissingPackageError
        If scikit-learn, which brings the data, or matplotlib is not installed.
    ValueError
        If the picture's ending is none of a format that matplotlib writes.
    """
    from ..bench import format_table
    from ..plotting import check_format, draw

    check_output(given.out, picture_file(given.out), in_use([]))
    import_optional("sklearn.datasets", extra="demo", purpose="the demo")
    check_format(given.out)
    learnt = [learn(lesson) for lesson in LESSONS]
    for one in learnt:
        print(
            f"{one.title:14} held-out accuracy {one.held_out_accuracy:.3f} on {one.n_held_out} "
            f"examples, {one.accuracy:.3f} in training: {one.result.n_epochs} epochs in "
            f"{one.result.seconds:.2f} s"
        )
    X, Y = FLOWER.load()
    flower = learn_flower(X, Y)
    accuracy = float((training.predict(flower.parameters, X) == Y).mean())
    print(
        f"{'flower':14} accuracy {accuracy:.3f} in training: {flower.n_iterations} iterations in "
        f"{flower.seconds:.3f} s"
    )
    rows = time_descents([*LESSONS, FLOWER], given.quick)
    print(
        "full-batch gradient descent, timed in turns with the NumPy oracle and with NumPy in place "
        "(ratio: to the latter);\ncompared with the oracle first, ours was at most "
        f"{max(row.max_difference for row in rows):.0e} off"
    )
    print(format_table(rows))
    draw(given.out, [(one.title, one.result) for one in learnt], (flower.parameters, X, Y))
    say(f"the picture is in {os.path.abspath(given.out)}")


def learn(lesson: Lesson) -> Learnt:
    """Train on one part of a set, watch the cost on the other, and count the right labels."""
    X, Y = lesson.load()
    classes = Y.argmax(axis=0) if len(Y) > 1 else Y[0].astype(np.intp)
    fitted, held_out = split_rows(len(classes), classes, HELD_OUT, SEED)
    X = standardised(X, fitted)
    start = initialize(X.shape[0], lesson.n_h, Y.shape[0], "glorot_uniform", seed=0)
    with progress(lesson.n_epochs, lesson.title) as advance:
        result = training.train(
            start,
            X[:, fitted],
            Y[:, fitted],
            output=lesson.output,
            optimizer="adam",
            n_epochs=lesson.n_epochs,
            batch_size=32,
            l2=1e-3,
            seed=0,
            validation=(X[:, held_out], Y[:, held_out]),
            early_stopping=False,  # the held-out part decides nothing, it is only looked at
            callback=None if advance is None else lambda _: advance(1),
        )
    accuracies = [
        share_of_right_labels(result.parameters, X[:, part], Y[:, part], lesson.output)
        for part in (fitted, held_out)
    ]
    return Learnt(lesson.title, result, accuracies[0], accuracies[1], len(held_out))


def learn_flower(X: FloatArray, Y: FloatArray) -> TrainingResult:
    """Run the well-known training on the flower."""
    start = initialize(2, 4, 1, seed=np.random.RandomState(3))
    return training.train(start, X, Y, learning_rate=1.2, n_iterations=FLOWER.n_epochs)


def time_descents(lessons: Sequence[Lesson], quick: bool) -> list[Row]:
    """Time full-batch gradient descent on real sets, natively, in NumPy and in the oracle.

    They take turns, and all answers are first compared with the oracle's.
    """
    from ..bench import Problem

    problems = []
    for lesson in lessons:
        X, Y = lesson.load()
        X = standardised(X, np.arange(X.shape[1]))
        sizes = (X.shape[0], lesson.n_h, Y.shape[0], X.shape[1])
        problems.append(Problem(lesson.title, *sizes, data=(X.T, Y.T)))
    threads = sorted({1, min(2, get_num_threads())})
    return time_problems(problems, threads, seconds=0.1 if quick else 0.4, with_oracle=True)


def standardised(X: FloatArray, fitted: Indices) -> FloatArray:
    """Return inputs (n_x, m) less the mean and over the deviation of some examples."""
    centre, variance = X[:, fitted].mean(axis=1), X[:, fitted].var(axis=1)
    scale = deviations(centre, variance, len(fitted))  # 1 for pixels that are never inked
    scaled: FloatArray = (X - centre[:, np.newaxis]) / scale[:, np.newaxis]
    return scaled


def share_of_right_labels(
    parameters: Parameters, X: FloatArray, Y: FloatArray, output: str
) -> float:
    """Return the accuracy of a network on examples."""
    labels = training.predict(parameters, X, output=output)
    return float((labels == (Y.argmax(axis=0) if output == "softmax" else Y)).mean())
