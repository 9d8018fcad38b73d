"""A network on examples, checked: what every stage and the training begin with."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from .._messages.remedies import as_parameters, kind_of
from .._native.arrays import Floats, check_columns, check_finite, check_floats, check_targets
from .._native.sparse import Rows, check_sparse_columns, is_sparse
from .._native.weights import check_weights
from .parameters import Parameters
from .units import UNKNOWN, KnownUnits, Units, check_known, check_smooth, chosen_units


class Examples(NamedTuple):
    """Checked data, rows as examples: x (m, n_x), y (m, n_y), weights (m,) or None."""

    x: Rows
    y: Floats
    weights: Floats | None

    def take(self, rows: npt.NDArray[np.intp], which: str) -> Examples:
        """Return some of the examples; `which` says it in the error if none of them counts."""
        weights = None if self.weights is None else self.weights[rows]
        if weights is not None and weights.sum(dtype=np.float64) < np.finfo(weights.dtype).tiny:
            raise ValueError(f"example_weights are all 0, or nearly, among the examples {which}")
        return Examples(self.x[rows], self.y[rows], weights)


class CheckedProblem(NamedTuple):
    """A network on examples: its parameters (size,) and shape, the data, the activations."""

    theta: Floats
    shape: tuple[int, int, int]
    examples: Examples
    units: Units


def check_problem(
    parameters: object, X: Any, Y: Any, given: KnownUnits, example_weights: Any
) -> CheckedProblem:
    """Return what cost, gradients and training begin with, all of it checked."""
    theta, shape, x, units = check_network(parameters, X, given)
    y = check_targets(Y, units.output, (shape[2], len(x)), x.dtype)
    weights = check_weights(example_weights, len(x), x.dtype)
    return CheckedProblem(theta, shape, Examples(x, y, weights), units)


def check_smooth_problem(*arguments: Any) -> CheckedProblem:
    """Return the same, of a loss that has second derivatives."""
    problem = check_problem(*arguments)
    check_smooth(problem.units.output, "this", "use gradients, example_gradients or jacobian")
    return problem


def check_network(
    parameters: object, X: Any, given: KnownUnits
) -> tuple[Floats, tuple[int, int, int], Rows, Units]:
    """Return theta and shape of checked parameters, the rows x (m, n_x) and the activations."""
    network = check_parameters(parameters)
    theta, shape = network.flat, network.shape
    x = check_rows(X, "X", shape[0], theta.dtype)
    return theta, shape, x, check_units(network, given)


def check_rows(X: Any, argument: str, n_x: int, dtype: npt.DTypeLike) -> Rows:
    """Return inputs (n_x, m), dense or sparse, as rows (m, n_x)."""
    if is_sparse(X):
        return check_sparse_columns(X, argument, n_x, dtype)
    return check_columns(X, argument, (n_x, None), dtype)


def check_predictor(
    parameters: object, hidden: str | None, output: str | None, negative_slope: float | None
) -> Units:
    """Return the units that the core's predict_one is to be prepared for."""
    return check_units(check_parameters(parameters), KnownUnits(hidden, output, negative_slope))


def check_example(parameters: Parameters, x: npt.ArrayLike) -> Floats:
    """Return one example (n_x,) as predict_one takes it."""
    example = check_floats(x, "x", parameters.dtype)
    if example.shape != (parameters.n_x,):
        hint = ": use .ravel()" if example.size == parameters.n_x else ""
        raise ValueError(
            f"x must be one example of shape ({parameters.n_x},), got {example.shape}{hint}"
        )
    check_finite(example, "x")
    return np.ascontiguousarray(example)


def check_units(parameters: Parameters, given: KnownUnits) -> Units:
    """Return the checked names: as given, else as the parameters know them, else the defaults.

    Without a hidden layer its activation is checked all the same.
    """
    names = given if given == UNKNOWN else check_known(*given)  # most give none
    return chosen_units(parameters.known_units, names, parameters.shape[1])


def check_parameters(value: object) -> Parameters:
    """Return `value` if it is finite Parameters, else say how to get there."""
    if isinstance(value, Parameters):
        check_finite(value.flat, "parameters.flat")
        return value
    hint = ""
    if isinstance(value, dict):
        hint = f": use {as_parameters(value, 'parameters')}"
    elif hasattr(value, "parameters"):
        hint = ": use its .parameters"
    raise TypeError(f"parameters must be Parameters, got {kind_of(value)}{hint}")
