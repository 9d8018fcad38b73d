"""What a picture or a diagnosis may ask of a model, whatever its kind, and what it needs of one."""

from __future__ import annotations

from typing import Any, NamedTuple, Protocol

from .._native.arrays import Floats
from ..network import Parameters, forward
from .targets import Targets

BINARY, CLASSES, LABELS, NUMBERS = "binary", "classes", "labels", "numbers"


class NetworkOnData(NamedTuple):
    """A network and the examples that it is to fit, all as columns."""

    parameters: Parameters
    X: Floats  # (n_x, m)
    Y: Floats  # (n_y, m)


class View(Protocol):
    """A model, seen so that its data are rows.

    Attributes
    ----------
    name : str
        What errors call it.
    kind : {"binary", "classes", "labels", "numbers"}
        What its outputs are: the probability of the second of two classes, that of each of
        several, that of each of several labels, or numbers.
    n_x : int
        Number of inputs.
    input_names, output_names : list of str
        Of the inputs; of the classes (two if kind is "binary"), the labels or the numbers.
    """

    name: str
    kind: str
    n_x: int
    input_names: list[str]
    output_names: list[str]

    @property
    def network(self) -> Parameters:
        """The network, which knows its activations; ValueError if there is not one."""

    @property
    def network_names(self) -> tuple[list[str], list[str]]:
        """Names of what goes into the network and of what comes out of it."""

    def rows(self, X: Any) -> Floats:
        """Return inputs, in the model's own orientation, as finite rows (m, n_x)."""

    def targets(self, y: Any, m: int) -> Targets:
        """Return what the model was, or could be, fitted to, in numbers."""

    def outputs(self, rows: Floats) -> Floats:
        """Return the outputs for rows (m, n_x): (m, 1), or a column of each class or output."""

    def hidden(self, rows: Floats) -> Floats:
        """Return the activations (m, n_h) of the hidden units for rows (m, n_x)."""

    def columns(self, X: Any) -> Floats:
        """Return what X, in the model's own orientation, is to the network: columns (n_x, m)."""

    def problem(self, X: Any, y: Any) -> NetworkOnData:
        """Return the network and its examples, X and y being in the model's own orientation."""


def hidden_outputs(network: Parameters, X: Floats) -> Floats:
    """Return the activations (m, n_h) of hidden units for columns X (n_x, m)."""
    A1 = forward(network, X).A1
    assert A1 is not None
    rows: Floats = A1.T
    return rows


def check_few_inputs(view: View, what: str) -> None:
    """Raise ValueError if no plane holds a model's inputs."""
    if view.n_x > 2:
        raise ValueError(
            f"{what} draws models of one or two inputs, and {view.name} has {view.n_x}: "
            "sklearn.inspection.permutation_importance tells how much each of many inputs matters"
        )


def check_hidden_layer(view: View, what: str) -> None:
    """Raise ValueError if there are no hidden units."""
    if not view.network.n_h:
        raise ValueError(f"{what} draws hidden units, and {view.name} has no hidden layer")
