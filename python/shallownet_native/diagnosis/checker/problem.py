"""What a learner's functions are tried on: a network, examples, and the right answers.

Right is what the oracle computes; a complex step in each parameter says that it is.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from ..._native.arrays import MAX_UNITS, Floats, check_columns, check_integer, check_name
from ..._native.arrays import check_targets as checked_targets
from ..._native.backend import core
from ..._native.streams import Seed, random_stream
from ...network import Parameters

GRADIENTS = ("dW2", "db2", "dW1", "db1")  # in the order in which they are computed
AS_RETURNED = ("dW1", "db1", "dW2", "db2")  # in that of a tuple, and of the parameters
STAGES = ("Z1", "A1", "Z2", "A2")
M = 7  # examples that are made up: no other size is 7, so that no wrong shape fits by chance
TOLERANCE = 1e-5  # relative to an array's largest entry: what a difference quotient reaches
STEP = 1e-30  # of the complex step, which loses nothing however small it is
MOST_STEPS, FEWEST_STEPS = 100, 4  # entries of an array in which it is taken
WORK = 3e7  # numbers that its passes forward may take


class Exercise(NamedTuple):
    """A network with examples: columns, all float64.

    Attributes
    ----------
    parameters : Parameters
        They know their activations.
    X, Y : ndarray of shapes (n_x, m) and (n_y, m)
    stages : dict
        Z1, A1 (n_h, m), Z2, A2 (n_y, m), by the oracle.
    gradients : dict
        dW2, db2, dW1, db1, by the oracle.
    by_step : float
        The largest difference of these from a complex step, relative to each array's largest.
    """

    parameters: Parameters
    X: Floats
    Y: Floats
    stages: dict[str, Floats]
    gradients: dict[str, Floats]
    by_step: float

    @property
    def hidden(self) -> str:
        """Name of the hidden activation."""
        assert self.parameters.hidden is not None
        return self.parameters.hidden

    @property
    def output(self) -> str:
        """Name of the output unit."""
        assert self.parameters.output is not None
        return self.parameters.output

    @property
    def weights(self) -> tuple[Floats, Floats, Floats, Floats]:
        """W1, b1, W2, b2, which are all there."""
        W1, b1, W2, b2 = self.parameters
        assert W1 is not None and b1 is not None and W2 is not None and b2 is not None
        return W1, b1, W2, b2

    @property
    def arrays(self) -> dict[str, Floats]:
        """Copies of the four parameters, as the course's functions take them."""
        named = self.parameters.as_dict().items()
        return {name: array.copy() for name, array in named if array is not None}


def make_exercise(X: Any, Y: Any, n_h: Any, hidden: Any, output: Any, seed: Seed) -> Exercise:
    """Return the checked problem; X and Y are made up where they are None."""
    n_h = check_integer(n_h, "n_h", 1, MAX_UNITS)
    hidden = check_name(hidden, "hidden", core.activations)
    output = check_name(output, "output", core.outputs)
    random = random_stream(seed)
    _check_orientation(X, Y)
    x, y = _inputs(X, Y, n_h, output, random), None
    if Y is not None:
        n_y = len(np.asarray(Y)) if np.ndim(Y) == 2 else 1
        y = checked_targets(Y, output, (n_y, x.shape[1]), np.float64).T
    else:
        y = _made_up_targets(output, x.shape[1], random)
    parameters = _parameters(x, n_h, len(y), hidden, output, random)
    return solved(parameters, x, y)


def solved(parameters: Parameters, x: Floats, y: Floats) -> Exercise:
    """Return a problem with its answers."""
    from ... import reference

    names: Any = (parameters.hidden, parameters.output)
    W1, b1, W2, b2 = parameters
    assert W2 is not None and b2 is not None
    stages: Any = reference.forward(W1, b1, W2, b2, x, *names)
    _, dW1, db1, dW2, db2, _ = reference.gradients(W1, b1, W2, b2, x, y, *names)
    gradients: Any = dict(zip(GRADIENTS, (dW2, db2, dW1, db1), strict=True))
    exercise = Exercise(parameters, x, y, dict(zip(STAGES, stages, strict=True)), gradients, 0.0)
    return exercise._replace(by_step=_largest_difference(exercise))


def _check_orientation(X: Any, Y: Any) -> None:
    """Say which transpose is missing where the shapes tell."""
    x: tuple[int, ...] = () if X is None else np.shape(X)
    y: tuple[int, ...] = () if Y is None else np.shape(Y)
    if X is None and len(y) == 2 and y[1] == 1 < y[0]:
        raise ValueError(f"Y is {y}, which is one example of {y[0]} outputs: use Y.T")
    if len(x) == 2 and y and x[1] != y[-1]:
        both = y == (x[0],) or (len(y) == 2 and x[0] == y[0])
        hint = ""
        if both:
            hint = ": use X.T" + ("" if len(y) == 1 else " and Y.T")
        elif x[1] == y[0] or x[0] == y[-1]:
            hint = ": use Y.T" if x[1] == y[0] else ": use X.T"
        raise ValueError(f"X is {x} and Y is {y}: both must have a column per example{hint}")


def _inputs(X: Any, Y: Any, n_h: int, output: str, random: Any) -> Floats:
    """Return X as columns, or drawn ones, as many as Y has."""
    if X is not None:
        n_x = np.shape(X)[0] if np.ndim(X) == 2 else 1
        return np.ascontiguousarray(check_columns(X, "X", (n_x, None), np.float64).T)
    m = np.shape(Y)[-1] if Y is not None and np.ndim(Y) else M
    taken = {n_h, 1 if Y is None or np.ndim(Y) < 2 else np.shape(Y)[0], 3 * (output == "softmax")}
    n_x = next(n for n in (3, 2, 5, 6) if n not in taken)
    drawn: Floats = random.standard_normal((n_x, m))
    return drawn


def _made_up_targets(output: str, m: int, random: Any) -> Floats:
    """Return targets (n_y, m) such as this output is for: n_y is 3 for softmax, else 1."""
    drawn = random.standard_normal((1, m))
    if output == "softmax":
        classes: Floats = np.eye(3)[:, random.permutation(m) % 3]
        return classes
    if output == "sigmoid":
        return np.asarray((random.permutation(m) % 2)[np.newaxis], np.float64)
    numbers: Floats = np.floor(3 * np.abs(drawn)) if output == "exp" else drawn
    return numbers


def _parameters(x: Floats, n_h: int, n_y: int, hidden: str, output: str, random: Any) -> Parameters:
    """Draw parameters at which every slip shows: biases are not 0, no unit is saturated."""
    scale = np.sqrt(np.square(x).mean()) or 1.0
    return Parameters(
        random.standard_normal((n_h, len(x))) / (scale * np.sqrt(len(x))),
        0.5 * random.standard_normal((n_h, 1)),
        random.standard_normal((n_y, n_h)) / np.sqrt(n_h),
        0.5 * random.standard_normal((n_y, 1)),
        hidden=hidden,
        output=output,
    )


def _largest_difference(exercise: Exercise) -> float:
    """Return how far the oracle's gradients are from a complex step of its cost.

    Of a large array it is taken in entries that lie evenly.
    """
    from ... import reference

    worst = 0.0
    n_x, n_h, n_y = exercise.parameters.shape
    n_steps = int(WORK / (n_h * (n_x + n_y) * exercise.X.shape[1]))
    n_steps = min(max(n_steps, FEWEST_STEPS), MOST_STEPS)
    X, names = exercise.X.astype(np.complex128), (exercise.hidden, exercise.output)
    for place, name in enumerate(AS_RETURNED):
        right = exercise.gradients[name]
        largest = np.abs(right).max() or 1.0
        places = np.unique(np.linspace(0, right.size - 1, min(right.size, n_steps)).astype(int))
        for entry in zip(*np.unravel_index(places, right.shape), strict=True):
            moved = [array.astype(np.complex128) for array in exercise.weights]
            moved[place][entry] += 1j * STEP
            W1, b1, W2, b2 = moved
            J = reference.cost(W1, b1, W2, b2, X, exercise.Y, *names)
            worst = max(worst, float(abs(np.imag(J) / STEP - right[entry]) / largest))
    return worst


def as_numbers(given: Any) -> Floats | None:
    """Return finite real numbers as an array, None if it is anything else."""
    try:
        array = np.asarray(given)
        if array.dtype.kind == "O" and given is not None:
            array = array.astype(np.float64)
        if array.dtype.kind == "c" and not np.any(np.imag(array)):
            array = np.real(array)
        numbers: Floats = array.astype(np.float64) if array.dtype.kind in "biuf" else array
    except (TypeError, ValueError):  # lists of several lengths
        return None
    return numbers if numbers.dtype.kind == "f" and np.isfinite(numbers).all() else None


def relative_difference(given: Any, right: Floats) -> float:
    """Return the largest difference, relative to the largest entry; inf if shapes differ."""
    array = as_numbers(given)
    if array is None or array.shape != right.shape:
        return float("inf")
    largest = np.abs(right).max()
    with np.errstate(over="ignore"):
        return float(np.abs(array - right).max() / (largest or 1.0))
