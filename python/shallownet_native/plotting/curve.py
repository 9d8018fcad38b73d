"""`learning_curve`: what training cost, iteration by iteration, and what validation cost."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from .._native.arrays import Doubles, check_flag
from ..models import innermost
from .canvas import BLUE, ORANGE, axes_on, check_axes

# Where the first loss of an estimator stands, by its solver, and what is counted; else epochs.
FIRST_LOSS = {"gd": (0.0, "iteration"), "lbfgs": (1.0, "iteration"), "lm": (1.0, "iteration")}


class Curves(NamedTuple):
    """Costs in training and, if there are any, on validation data, and where they were taken."""

    x: Doubles
    costs: Doubles
    validation_x: Doubles
    validation_costs: Doubles
    unit: str  # of x
    best: int | None  # in the second curve


def learning_curve(model: Any, *, ax: Any = None, log: bool = False) -> Any:
    """Draw the costs of a training, and those on validation data, on one axis of iterations.

    Parameters
    ----------
    model : TrainingResult, or fitted estimator or Pipeline
        Also the `result` of a DivergenceError or TrainingInterrupted.
    ax : matplotlib Axes, optional
        Where to draw; by default in a new figure.
    log : bool, default False
        Draw costs on a logarithmic axis, on which those that are not above 0 are left out.

    Returns
    -------
    matplotlib Axes
        With early stopping a dotted line is where the cost on the validation data was lowest.

    Raises
    ------
    TypeError
        If `model` or `ax` is something else.
    ValueError
        If there are no costs: the estimator is not fitted, or the training recorded none.
    MissingPackageError
        If matplotlib is not installed (extra "plot").

    Notes
    -----
    Of a TrainingResult the axis counts steps of the optimizer, in mini-batches, too, and each cost
    stands where it was taken. Of an estimator it counts epochs, of gd, lbfgs and lm iterations:
    an epoch's loss, an average, stands at its middle, gd's before the iteration, that of lbfgs and
    lm after it; the one on the validation data always after it.

    Examples
    --------
    >>> import shallownet_native as sn
    >>> X, Y = sn.datasets.flower()
    >>> result = sn.train(sn.initialize(2, 4, 1, seed=0), X, Y, validation=0.2, seed=0)
    >>> ax = sn.plotting.learning_curve(result)
    >>> [line.get_label() for line in ax.lines][:2], ax.get_xlabel()
    (['training', 'validation'], 'iteration')
    """
    check_axes(ax)
    is_log = check_flag(log, "log")
    curves = _curves_of(model)
    ax = axes_on(ax)
    for x, costs, label, colour, style in (
        (curves.x, curves.costs, "training", BLUE, "-"),
        (curves.validation_x, curves.validation_costs, "validation", ORANGE, "--"),
    ):
        if costs.size:
            marker = "o" if costs.size == 1 else None  # a line through one point shows nothing
            ax.plot(x, costs, label=label, color=colour, linestyle=style, marker=marker)
    if curves.best is not None:
        best = curves.validation_x[curves.best]
        ax.axvline(best, color="0.4", linestyle=":", label=f"best: {curves.unit} {best:g}")
    if is_log:
        ax.set_yscale("log", nonpositive="mask")
    ax.set(xlabel=curves.unit, ylabel="cost", title="learning curve")
    ax.legend()
    return ax


def _curves_of(model: Any) -> Curves:
    if hasattr(model, "cost_iterations"):
        curves = _curves_of_result(model)
    elif hasattr(model, "fit") and not isinstance(model, type):
        curves = _curves_of_estimator(innermost(model)[1])
    else:
        hint = ": the costs are in the TrainingResult, whose parameters these are"
        raise TypeError(
            f"model must be a TrainingResult or a fitted estimator, got {type(model).__name__}"
            + (hint if hasattr(model, "flat") else "")
        )
    if not curves.costs.size and not curves.validation_costs.size:
        raise ValueError(
            "this training has recorded no costs: it ran for no iteration, or with cost_every=0"
        )
    return curves


def _curves_of_result(result: Any) -> Curves:
    best = None
    if result.best_epoch is not None and np.isfinite(result.validation_costs).any():
        best = int(np.nanargmin(result.validation_costs))
    return Curves(
        result.cost_iterations.astype(np.float64),
        result.costs,
        result.validation_iterations.astype(np.float64),
        result.validation_costs,
        "iteration",
        best,
    )


def _curves_of_estimator(model: Any) -> Curves:
    if not hasattr(model, "loss_curve_"):
        raise ValueError(f"this {type(model).__name__} has no loss_curve_: is it fitted?")
    costs = np.asarray(model.loss_curve_, np.float64)
    after = getattr(model, "validation_loss_curve_", None)
    validation_costs = np.asarray([] if after is None else after, np.float64)
    first, unit = FIRST_LOSS.get(getattr(model, "solver", ""), (0.5, "epoch"))
    x = np.arange(costs.size, dtype=np.float64) + first
    validation_x = np.arange(1, validation_costs.size + 1, dtype=np.float64)
    return Curves(x, costs, validation_x, validation_costs, unit, None)
