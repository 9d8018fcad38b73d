"""`check_gradients`: a learner's own passes, held against the oracle, and the slip named."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from ..._native.backend import core
from ..._native.streams import Seed
from ...network import Parameters
from .judging import judged_backward, judged_forward
from .problem import AS_RETURNED, Exercise, make_exercise, solved
from .report import GradientReport


def check_gradients(
    backward: Callable[..., Any],
    forward: Callable[..., Any] | None = None,
    *,
    X: Any = None,
    Y: Any = None,
    n_h: int = 4,
    hidden: str = "tanh",
    output: str = "sigmoid",
    seed: Seed = 0,
) -> GradientReport:
    """Check your own backward pass, entry by entry, name the likely slip, and print a table.

    Parameters
    ----------
    backward : callable
        `backward(parameters, cache, X, Y)` as in the course, on dictionaries of arrays, or
        `backward(parameters, X, Y)` or `backward(parameters)`, on Parameters (or on a dictionary,
        if that is what it reads). Its arguments are recognised by their names. It returns a
        dictionary of dW1, db1, dW2, db2, or Gradients, or these four in a tuple.
    forward : callable, optional
        `forward(X, parameters)`, which returns A2 and the cache. It is checked first, and the
        backward pass gets its cache if it is right, else a right one.
    X, Y : array_like, shapes (n_x, m) and (n_y, m), optional
        Columns are examples. Made up where they are not given: 7 examples, of sizes all different,
        so that no wrong shape fits by chance.
    n_h : int, default 4
    hidden, output : str
        The activations that your functions are meant to have, by the names of `forward`.
    seed : int, numpy.random.Generator or numpy.random.RandomState, default 0
        Of the parameters, and of X and Y.

    Returns
    -------
    GradientReport
        `.ok`, `.slip`, `.errors` and more; its text has been printed.

    Raises
    ------
    TypeError, ValueError
        If an argument is wrong, a function takes or returns something else, or as your functions
        raise: only errors of shapes that do not fit are explained here.

    Notes
    -----
    Right is what `sn.reference` computes, which agrees with a complex step of its cost in every
    parameter. A difference above 1e-5 of an array's largest entry counts. The words for slips:
    wrong_sign, missing_1_over_m, wrong_m, mean_taken_twice, factor_2, missing_slope,
    slope_at_Z, slope_at_A, slope_of_wrong_activation, slope_taken_twice, missing_square,
    missing_output_slope, extra_output_slope, labels_for_probabilities, Z_for_A,
    missing_factor, updated_too_early, transposed_factor, elementwise_product,
    missing_keepdims, sum_over_wrong_axis, missing_bias, wrong_activation, missing_activation,
    missing_array, swapped_arrays, matrix_product, slope_of_wrong_layer, activation_for_slope,
    extra_penalty.

    Examples
    --------
    >>> import numpy as np
    >>> def backward(parameters, cache, X, Y):
    ...     m = X.shape[1]
    ...     A1, A2 = cache["A1"], cache["A2"]
    ...     dZ2 = A2 - Y
    ...     dZ1 = np.dot(parameters["W2"].T, dZ2)  # here something is missing
    ...     return {
    ...         "dW1": np.dot(dZ1, X.T) / m, "db1": np.sum(dZ1, axis=1, keepdims=True) / m,
    ...         "dW2": np.dot(dZ2, A1.T) / m, "db2": np.sum(dZ2, axis=1, keepdims=True) / m,
    ...     }
    >>> report = check_gradients(backward)  # doctest: +ELLIPSIS
    array  shape      difference
    dW2    (1, 4)        ...  ok
    db2    (1, 1)        ...  ok
    dW1    (4, 3)        7.8e-01  WRONG
    db1    (4, 1)        3.4e-01  WRONG
    Likely slip: missing_slope, in dW1, db1. The slope of the hidden activation is missing: ...
    >>> report.ok, report.slip
    (False, 'missing_slope')
    """
    exercise = make_exercise(X, Y, n_h, hidden, output, seed)
    report = _report(backward, forward, exercise)
    lines = [report.text]
    if {"wrong_activation", "slope_of_wrong_activation", "missing_slope"} & set(report.slips):
        lines += _meant(backward, forward, exercise)
    if exercise.X.shape[1] == 1:
        lines.append("With one example a missing 1/m, or a wrong m, cannot show: leave X, Y out.")
    report = replace(report, text="\n".join(lines))
    print(report)
    return report


def _report(
    backward: Callable[..., Any], forward: Callable[..., Any] | None, exercise: Exercise
) -> GradientReport:
    """Return what has come out about both passes."""
    first, cache = judged_forward(forward, exercise)
    second = judged_backward(backward, exercise, cache)
    slips = (*first.slips, *(slip for slip in second.slips if slip not in first.slips))
    return GradientReport(
        ok=first.is_right and second.is_right,
        slip=slips[0] if slips else None,
        slips=slips,
        errors={name: second.errors[name] for name in AS_RETURNED},
        forward_errors=first.errors,
        text="\n".join([*first.lines, *second.lines]),
    )


def _meant(
    backward: Callable[..., Any], forward: Callable[..., Any] | None, exercise: Exercise
) -> list[str]:
    """Return what to write if all is right for another activation, which may be what is meant."""
    for other in core.activations:
        if other != exercise.hidden:
            network = Parameters(*exercise.parameters, hidden=other, output=exercise.output)
            with contextlib.redirect_stdout(io.StringIO()):  # what the learner's functions print
                is_right = _report(backward, forward, solved(network, exercise.X, exercise.Y)).ok
            if is_right:
                return [f'All is right with hidden="{other}": write that if your units are so.']
    return []
