"""What all symptoms are told by: the network, its data and its training, each computed once."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np

from ..._native.arrays import Doubles, Floats, check_targets
from ...models import BINARY, CLASSES, NUMBERS, NetworkOnData, View, dense
from ...network import Forward, Parameters, cost, forward
from .finding import Finding
from .runs import TrainingRun
from .scaling import is_varied, moments, scaled, standardised
from .scores import Measure, drawn_columns, neighbours_score

LEARNABLE = 0.08  # the least score that neighbours must have above a constant to be a standard
SHARE = 0.7  # of what neighbours explain: a fit with less is poor
EXPLAINED = 0.95  # a score that is good whatever neighbours say
FEW, MAX_BITS = 10, 10  # examples, columns of a table of all combinations
# by which columns are compared: examples, these times columns, and at least so many examples
MAX_EXAMPLES, MAX_CELLS, FEWEST_EXAMPLES = 5000, 2_000_000, 2000  # neighbours ask for all of 2000
BLOCK = 256
TINY = 1e-12  # of probabilities, for their logarithms


class Facts:
    """A network on data; see `diagnose` for the arguments.

    Attributes
    ----------
    X : ndarray, shape (n_x, m)
        What goes into the network.
    Y : ndarray of float64, shape (n_y, m), or None
        What should come out of it.
    findings : list of Finding
        What was found before the symptom that asks.
    """

    def __init__(self, view: View, run: TrainingRun, X: Any, y: Any) -> None:
        self.view, self.run, self.kind = view, run, view.kind
        self.findings: list[Finding] = []
        self.network = _with_units(view.network)
        self.X: Floats = _contiguous(view.columns(X))
        self.m: int = self.X.shape[1]
        self.names = view.network_names[0]
        self.Y: Doubles | None = None
        if y is not None:
            if run.is_function:
                _check_as_in_training(y, self.network, self.m)
            values = view.targets(y, self.m).values
            if self.kind == CLASSES and self.network.n_y > 1:
                values = np.eye(self.network.n_y)[values[:, 0].astype(np.int64)]
            self.Y = np.ascontiguousarray(values.T)

    @property
    def found(self) -> set[str]:
        """The names of the findings so far."""
        return {finding.name for finding in self.findings}

    @property
    def hidden(self) -> str:
        """The hidden activation's name, "" without a hidden layer."""
        return self.network.hidden or ""

    @property
    def scheme(self) -> str:
        """The scheme by which weights are drawn that suit the hidden activation."""
        return "he_normal" if self.hidden in ("relu", "leaky_relu") else "glorot_normal"

    @property
    def output(self) -> str:
        """The output's name."""
        return self.network.output or "sigmoid"

    @property
    def l2(self) -> float:
        """The decay, in the core's terms."""
        return self.run.l2 + self.run.alpha / self.m

    @cached_property
    def A1(self) -> Floats:
        """The hidden units (n_h, m)."""
        return np.empty((0, self.m)) if self._pass.A1 is None else self._pass.A1

    @property
    def A2(self) -> Floats:
        """The outputs (n_y, m)."""
        return self._pass.A2

    @cached_property
    def _pass(self) -> Forward:
        return forward(self.network, self.X)

    @cached_property
    def Z(self) -> Doubles:
        """The inputs with mean 0 and deviation 1 each, (n_x, m), of many examples some."""
        most = min(MAX_EXAMPLES, max(MAX_CELLS // max(len(self.X), 1), FEWEST_EXAMPLES))
        if self.m <= most:
            return standardised(self.X)
        drawn = np.random.default_rng(0).permutation(self.m)[:most]
        return standardised(self.X[:, drawn])

    @cached_property
    def moments(self) -> tuple[Doubles, Doubles]:
        """The means of the inputs, and their deviations, (n_x,) each."""
        return moments(self.X)

    @cached_property
    def varies(self) -> Any:
        """Of each input whether it varies, (n_x,)."""
        return is_varied(self.X, self.moments[1])

    @cached_property
    def codes(self) -> Any:
        """The class of each example (m,); None if there are no classes."""
        if self.Y is None or self.kind not in (BINARY, CLASSES):
            return None
        return self.Y.argmax(axis=0) if len(self.Y) > 1 else self.Y[0].astype(np.int64)

    @cached_property
    def measure(self) -> Measure:
        """How answers are judged."""
        return Measure(self.kind, self.run.weighs_classes)

    @cached_property
    def score(self) -> float | None:
        """How much the network explains, None without targets, or if it aims elsewhere."""
        if self.Y is None or self.output == "quantile" or not np.isfinite(self.A2).all():
            return None
        return self.measure(self.A2.T.astype(np.float64), self.Y.T)

    @cached_property
    def constant_score(self) -> float:
        """How much one answer for all examples explains."""
        assert self.Y is not None
        return self.measure.of_constant(self.Y.T)

    @cached_property
    def neighbours(self) -> float:
        """How much the neighbours of each example explain; of a whole table all can be right."""
        assert self.Y is not None
        if self.is_table:
            return 1.0
        drawn = drawn_columns(*self.X.shape)
        if drawn is None:
            return neighbours_score(self.measure, self.Z.T, self.Y.T)
        return neighbours_score(self.measure, standardised(self.X[:, drawn]).T, self.Y[:, drawn].T)

    @cached_property
    def is_table(self) -> bool:
        """Whether classes follow from inputs, as in a truth table, too few for neighbours to tell.

        Either there are under ten examples, or columns of two values each, most of which
        combinations are there; and none contradicts another.
        """
        n_x, m = self.X.shape
        if self.codes is None or n_x > MAX_BITS or m > 2**MAX_BITS:
            return False
        rows, where = np.unique(self.X, axis=1, return_inverse=True)
        has_two = all(len(np.unique(x)) <= 2 for x in rows)
        if m >= FEW and not (has_two and m == rows.shape[1] > 2 ** (n_x - 1)):
            return False
        kinds = np.unique(np.vstack([where.ravel(), self.codes]), axis=1)
        return bool(kinds.shape[1] == rows.shape[1])

    def explains(self, share: float) -> bool:
        """Tell whether the network explains that share of what neighbours do, or nearly all."""
        if self.score is None:
            return False
        if self.score >= EXPLAINED and self.score > self.constant_score:
            return True
        learnable = self.neighbours - self.constant_score
        return learnable >= LEARNABLE and self.score - self.constant_score >= share * learnable

    @cached_property
    def is_poor(self) -> bool:
        """Whether much is left to be learned, or the answers are worse than a constant one."""
        if self.score is None:
            return False
        if self.kind == NUMBERS and self.score < -LEARNABLE:
            return True
        return self.is_learnable and not self.explains(SHARE)

    @cached_property
    def is_learnable(self) -> bool:
        """Whether neighbours tell clearly more than a constant does."""
        return self.neighbours - self.constant_score >= LEARNABLE

    @cached_property
    def trained(self) -> NetworkOnData:
        """The network and its examples as training saw them: standardised, if it did that."""
        assert self.Y is not None
        given = NetworkOnData(self.network, self.X, self.Y)
        return scaled(given, inputs=self.run.scales_inputs, target=self.run.scales_target)

    @cached_property
    def J(self) -> float:
        """The network's cost, without penalty."""
        return _cost(*self.trained)

    @cached_property
    def constant_J(self) -> float:
        """The cost of the best constant answer: of a network that has a bias alone."""
        Y = self.trained.Y
        bias = _constant_logit(Y, self.network)[:, None]
        units = self.network.known_units._asdict()
        constant = Parameters(None, None, np.zeros_like(bias), bias, **units)
        return _cost(constant, np.zeros((1, self.m)), Y)

    @cached_property
    def perfect_J(self) -> float:
        """The cost of right answers: 0 but for exp, and there far from it."""
        if self.output != "exp":
            return 0.0
        Y = self.trained.Y
        logarithms = np.log(Y, out=np.zeros_like(Y), where=Y > 0)
        return float((Y - Y * logarithms).sum(axis=0).mean())

    @cached_property
    def scale(self) -> float:
        """What a cost of the training's curves is large or small beside: a constant answer's."""
        costs = self.run.costs[np.isfinite(self.run.costs)]
        first = float(abs(costs[0])) if costs.size else np.inf
        if self.Y is None:
            return first
        # scikit-learn's loss is a mean over outputs where the core's is a sum
        is_mean = not self.run.is_function and self.kind == NUMBERS
        learnable = self.constant_J - self.perfect_J
        return min(first, learnable / (len(self.Y) if is_mean else 1)) or 1.0


def _contiguous(X: Floats) -> Floats:
    """Return columns (n_x, m) that lie one behind the other, copied in parts that caches hold."""
    if X.flags.c_contiguous:
        return X
    copy = np.empty(X.shape, X.dtype)
    for begin in range(0, X.shape[1], BLOCK):
        copy[:, begin : begin + BLOCK] = X[:, begin : begin + BLOCK]
    return copy


def _check_as_in_training(y: Any, network: Parameters, m: int) -> None:
    """Raise ValueError if these are targets that no training of the network would have taken."""
    Y = dense(y)
    if Y.dtype.kind in "biuf" and Y.size == network.n_y * m and network.n_y in (1, len(Y)):
        output = network.output or "sigmoid"
        shape = (network.n_y, m)
        if output != "softmax" or network.n_y > 1:
            check_targets(Y.reshape(shape).astype(np.float64), output, shape, np.float64)


def _with_units(network: Parameters) -> Parameters:
    """Return the network with the activations that every function would take it to have."""
    known = network.known_units._asdict()
    known |= {"hidden": network.hidden or "tanh", "output": network.output or "sigmoid"}
    return Parameters.from_flat(network.flat, network.shape, **known)


def _cost(network: Parameters, X: Floats, Y: Floats) -> float:
    with np.errstate(all="ignore"):
        return float(cost(network, X, Y.astype(network.dtype)))


def _constant_logit(Y: Floats, network: Parameters) -> Floats:
    output, mean = network.output, Y.mean(axis=1)
    share = np.clip(mean, TINY, 1 - TINY)
    if output == "sigmoid":
        logits: Floats = np.log(share) - np.log1p(-share)
    elif output == "softmax":
        logits = np.log(share)
    elif output == "exp":
        logits = np.log(np.maximum(mean, TINY))
    elif output == "quantile":
        logits = np.quantile(Y, 0.5 if network.quantile is None else network.quantile, axis=1)
    else:
        logits = mean
    return logits
