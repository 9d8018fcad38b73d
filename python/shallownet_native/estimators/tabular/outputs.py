"""What logits of a network of tables stand for: probabilities of classes, or numbers."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from ...network import Parameters
from ..targets.labels import Doubles, sigmoid, softmax

LEAST = 1e-7  # that a probability counts for in a loss


class ClassOutputs(NamedTuple):
    """Classes: one output for two of them, else one for each."""

    n_classes: int

    @property
    def unit(self) -> str:
        """The output unit, by the core's name."""
        return "sigmoid" if self.n_outputs == 1 else "softmax"

    @property
    def n_outputs(self) -> int:
        """How many logits a row has."""
        return 1 if self.n_classes <= 2 else self.n_classes

    @property
    def n_values(self) -> int:
        """How many values a row has."""
        return self.n_classes

    @property
    def range(self) -> None:
        """Logits are not clipped."""
        return None

    def code(self, places: npt.NDArray[Any]) -> npt.NDArray[np.float32]:
        """Return what networks learn of the numbers of classes (n,), as (n, n_outputs)."""
        wanted = np.arange(self.n_classes) if self.n_outputs > 1 else np.array([1])
        coded: npt.NDArray[np.float32] = (places[:, None] == wanted).astype(np.float32)
        return coded

    def values(self, logits: npt.NDArray[Any]) -> Doubles:
        """Return the probability of each class, (..., n_classes), of logits (..., n_outputs)."""
        z = logits.astype(np.float64)
        if self.n_outputs > 1:
            return softmax(z)
        if self.n_classes == 1:
            return np.ones_like(z)
        of_one = sigmoid(z)
        return np.concatenate([1 - of_one, of_one], axis=-1)

    def loss(
        self, mixed: Doubles, parts: Doubles, truth: npt.NDArray[Any], weights: Doubles
    ) -> tuple[float, Doubles]:
        """Return the weighted mean of log-losses, and its slope by the weight of each view.

        Parameters
        ----------
        mixed : ndarray, shape (n, n_classes)
        parts : ndarray, shape (n_views, n, n_classes)
            What `mixed` is mixed of.
        truth : ndarray of int, shape (n,)
        weights : ndarray, shape (n,)
            Of sum 1.
        """
        rows = np.arange(len(truth))
        p = mixed[rows, truth]
        slope = np.where(p > LEAST, -weights / np.maximum(p, LEAST), 0.0)
        value = -(weights * np.log(np.clip(p, LEAST, 1.0))).sum()
        return float(value), (parts[:, rows, truth] * slope).sum(axis=1)


class NumberOutputs(NamedTuple):
    """Numbers, learned as (y - mean) / scale, and none beyond those learned from."""

    mean: float
    scale: float
    low: float  # of y
    high: float

    @property
    def unit(self) -> str:
        """The output unit, by the core's name."""
        return "identity"

    @property
    def n_outputs(self) -> int:
        """How many logits a row has."""
        return 1

    @property
    def n_values(self) -> int:
        """How many values a row has."""
        return 1

    @property
    def range(self) -> tuple[float, float]:
        """Between which logits are clipped: those of the lowest and the highest y."""
        low, high = self.code(np.array([self.low, self.high]))[:, 0].tolist()
        return low, high

    @classmethod
    def of(cls, y: Doubles, weights: Doubles) -> NumberOutputs:
        """Return those of targets y (n,), whose weights (n,) have a sum of 1."""
        low, high = float(y.min()), float(y.max())
        power = float(np.ldexp(1.0, min(int(np.frexp(max(abs(low), abs(high)))[1]), 1023)))
        near = y / power  # so that squares neither overflow nor vanish
        mean = float((weights * near).sum())
        spread = float(np.sqrt((weights * np.square(near - mean)).sum()))
        scale = spread * power
        if low == high or not scale > 0:
            return cls(low, 1.0, low, high)
        return cls(mean * power, scale, low, high)

    def code(self, y: npt.NDArray[Any]) -> npt.NDArray[np.float32]:
        """Return what networks learn of numbers (n,), as (n, 1)."""
        coded = y / self.scale - self.mean / self.scale
        return coded.astype(np.float32)[:, None]

    def values(self, logits: npt.NDArray[Any]) -> Doubles:
        """Return the numbers (..., 1) that logits (..., 1) stand for."""
        with np.errstate(over="ignore"):  # of numbers near the largest
            numbers = logits.astype(np.float64) * self.scale + self.mean
        return np.clip(numbers, self.low, self.high)

    def loss(
        self, mixed: Doubles, parts: Doubles, truth: Doubles, weights: Doubles
    ) -> tuple[float, Doubles]:
        """Return the root of the mean squared error, in deviations of y, and its slope.

        As that of `ClassOutputs`, with mixed (n, 1), parts (n_views, n, 1) and truth (n,).
        """
        errors = (mixed[:, 0] - truth) / self.scale
        value = float(np.sqrt((weights * np.square(errors)).sum()))
        slope = weights * errors / (value or 1.0) / self.scale
        return value, (parts[:, :, 0] * slope).sum(axis=1)


Outputs = ClassOutputs | NumberOutputs


def folded(
    outputs: Outputs, parameters: npt.NDArray[np.float32], n_hidden: int, places: Any, n_x: int
) -> Parameters:
    """Return an ordinary network of n_x inputs that does what one of ours does.

    Parameters
    ----------
    outputs : Outputs
    parameters : ndarray of float32, shape (P,)
        W1 (D, H), b1, W2 (K, H), b2, and the scales of the D inputs.
    n_hidden : int
    places : ndarray of int, shape (D,)
        Which of the n_x inputs each is; -1 is none of them.
    n_x : int

    Notes
    -----
    W1 diag(s) / sqrt(D) and W2 / sqrt(H) are its weights; of numbers the targets' scale as well.
    """
    D, H, K = len(places), n_hidden, outputs.n_outputs
    W1, b1, W2, b2, s = np.split(parameters, np.cumsum([D * H, H, K * H, K]))
    wide = np.zeros((H, n_x), np.float32)
    is_there = places >= 0
    wide[:, places[is_there]] = (W1.reshape(D, H) * (s / np.sqrt(D, dtype=np.float32))[:, None])[
        is_there
    ].T
    W2 = W2.reshape(K, H) / np.sqrt(H, dtype=np.float32)
    if isinstance(outputs, NumberOutputs):
        W2, b2 = W2 * outputs.scale, b2 * outputs.scale + outputs.mean
    return Parameters(wide, b1[:, None], W2, b2[:, None], hidden="mish", output=outputs.unit)
