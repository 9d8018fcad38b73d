"""Training: `train` checks what it is given, plans a descent, runs it and hands back the result.

The stages (`forward`, `cost`, `gradients`, `predict`, `activate`) are in `passes`, the loop over
native calls in `descent`.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from .._messages.caller import warn_caller
from .._native.arrays import check_flag, check_integer, check_real
from .._native.backend import resolve_threads
from .._native.blocks import copied
from .._native.signals import finish_whole
from .._native.streams import Seed, random_stream
from ..network import (
    Examples,
    Parameters,
    check_examples,
    check_inputs,
    check_units,
)
from .loop import Descent
from .options import (
    check_drawing,
    check_lengths,
    check_schedule,
    check_step,
)
from .results import (
    ConvergenceWarning,
    DivergenceError,
    EpochState,
    TrainingInterrupted,
    TrainingResult,
)
from .state import Plan
from .stopping import EarlyStopping, Validation, hold_out

# the method's own costs, in the core's options
COSTS = {"l2_is_shared": False, "loss_scale": 1.0, "counts_examples": False}


def train(
    parameters: Parameters,
    X: npt.ArrayLike,
    Y: npt.ArrayLike,
    *,
    hidden: str | None = None,
    output: str | None = None,
    negative_slope: float | None = None,
    optimizer: str = "gd",
    learning_rate: float | None = None,
    n_iterations: int | None = None,
    n_epochs: int | None = None,
    batch_size: int | None = None,
    shuffle: bool = True,
    seed: Seed = None,
    l2: float = 0.0,
    example_weights: npt.ArrayLike | None = None,
    schedule: str = "constant",
    power_t: float = 0.5,
    momentum: float = 0.9,
    nesterov: bool = True,
    beta_1: float = 0.9,
    beta_2: float = 0.999,
    epsilon: float = 1e-8,
    tol: float | None = None,
    n_iter_no_change: int = 10,
    validation: tuple[npt.ArrayLike, npt.ArrayLike] | float | None = None,
    early_stopping: bool = True,
    callback: Callable[[EpochState], Any] | None = None,
    cost_every: int = 1,
    checkpoint: str | os.PathLike[str] | None = None,
    every: int = 100,
    n_threads: int | None = None,
) -> TrainingResult:
    """Train a network by gradient descent, full-batch or in mini-batches.

    Parameters
    ----------
    parameters : Parameters
        Where to start; left as they are.
    X : array_like, shape (n_x, m)
        Inputs, one column per example, computed in the dtype of `parameters`.
    Y : array_like, shape (n_y, m)
        Targets, as `cost` describes them.
    hidden, output, negative_slope : optional
        The network's activations, as in `forward`; the result's parameters know them.
    optimizer : {"gd", "sgd", "adam"}
        Plain descent, momentum, or Adam.
    learning_rate : float, optional
        > 0; by default 0.1 for gd, 0.01 for sgd, 0.001 for adam.
    n_iterations : int, default 1000
        Steps in full batch, where an epoch is one iteration.
    n_epochs : int, default 200
        Passes over the data in mini-batches.
    batch_size : int, optional
        Examples per mini-batch, at most m; without it training is full-batch.
    shuffle : bool, default True
        Take the examples of each epoch in a new random order; else always in the order given.
    seed : int, numpy.random.Generator, numpy.random.RandomState or None
        Source of the split and the orders. The same int gives the same result.
    l2 : float, default 0.0
        Penalty on the squares of the weights, >= 0.
    example_weights : array_like, shape (m,), optional
        How much each example counts, >= 0. A mini-batch whose weights are all 0 is skipped.
    schedule : {"constant", "invscaling", "adaptive"}
        "invscaling" divides the rate by (examples seen + 1)^power_t, once per epoch; "adaptive"
        divides it by 5 whenever the cost has stalled, and stops when it would fall below 1e-6.
    power_t, momentum, nesterov, beta_1, beta_2, epsilon
        Of invscaling; of sgd (momentum in [0, 1]); of adam (betas in [0, 1), epsilon > 0).
    tol : float, optional
        Stop when the cost has stalled: not fallen below the best by `tol` for more than
        `n_iter_no_change` epochs in a row. None: do not stop (and 0 where a number is needed).
    n_iter_no_change : int, default 10
    validation : (X, Y), or a fraction of the examples, in (0, 1), to split off at random
        Data on which the cost is taken after each epoch.
    early_stopping : bool, default True
        Let the cost on the validation data, not that on the training data, decide about stalling
        (always: `tol` = None is 0), and return the parameters that were best on them. Without
        validation data this has no meaning.
    callback : callable, optional
        Called with an `EpochState` after each epoch; returning True stops the training.
    cost_every : int, default 1
        Record the cost at every so many iterations, 0 for never; in mini-batches any other number
        means every epoch. In full batch, validation and callback keep to this rhythm, too (0:
        every iteration), and come once more at the end.
    checkpoint : str or os.PathLike, optional
        File to keep the training's state in. If it is there already, training goes on from it, and
        gives the bits that it would have given without a break. With it `seed` must be an int if
        anything is drawn. docs/functions.md, "Checkpoints", says more.
    every : int, default 100
        Epochs (iterations) between two checkpoints; another one is written at the end, and on
        Ctrl-C. Each takes some milliseconds: with short iterations, choose more.
    n_threads : int or None
        None: see `set_num_threads`. The result does not depend on it.

    Returns
    -------
    TrainingResult

    Raises
    ------
    TypeError
        If an argument has the wrong type, as in `forward`.
    ValueError
        If one has an impossible value or shape, or the checkpoint is that of another training
        (a ModelFormatError, if it is no whole checkpoint).
    OSError
        If a checkpoint cannot be written or read.
    DivergenceError
        If cost or parameters are no longer finite; `.result` holds the last finite ones.
    TrainingInterrupted
        On Ctrl-C: a KeyboardInterrupt whose `.result` holds the last complete epoch (iteration).

    Warns
    -----
    ConvergenceWarning
        If training ends, not by the callback, where the cost is above the first one.

    Notes
    -----
    P = P - learning_rate dP for all four arrays at once, in the dtype of `parameters`. sgd:
    v = momentum v - learning_rate dP; P = P + v, or with Nesterov's momentum
    P + momentum v - learning_rate dP. adam: Kingma and Ba 2015, the bias correction folded into the
    rate and epsilon added outside the root. docs/method.md has all equations.

    Examples
    --------
    >>> from shallownet_native import initialize, predict
    >>> X = [[0.0, 0.0, 1.0, 1.0], [0.0, 1.0, 0.0, 1.0]]
    >>> xor = train(initialize(2, 4, 1, "glorot_uniform", seed=0), X, [[0, 1, 1, 0]],
    ...             learning_rate=1.0, n_iterations=500)
    >>> predict(xor.parameters, X).tolist()
    [[False, True, True, False]]
    """
    started = time.perf_counter()
    theta, shape, x = check_inputs(parameters, X)
    units = check_units(parameters, hidden, output, negative_slope)
    stream = random_stream(seed)
    everything = check_examples(x, Y, example_weights, shape, units.output)
    examples, held_out = hold_out(validation, everything, units.output, stream)
    counted, length, size = check_lengths(n_iterations, n_epochs, batch_size, len(examples.x))
    options: dict[str, Any] = {
        **units._asdict(),
        **check_step(optimizer, learning_rate, momentum, nesterov, beta_1, beta_2, epsilon),
        **check_schedule(schedule, power_t, tol, n_iter_no_change),
        "l2": check_real(l2, "l2", "[0, inf)"),
        **COSTS,
        "batch_size": size,
        "cost_every": check_integer(cost_every, "cost_every", 0),
        "keeps_state": checkpoint is not None,
        "n_threads": resolve_threads(n_threads, shape, size),
    }
    if counted == "n_epochs":
        options["cost_every"] = min(options["cost_every"], 1)
    look = None
    stops_early = check_flag(early_stopping, "early_stopping")
    if held_out is not None:
        stopping = EarlyStopping(tol or 0.0, options["patience"]) if stops_early else None
        look = Validation(held_out, resolve_threads(n_threads, shape, len(held_out.x)), stopping)
        options["tol"] = None if stops_early else options["tol"]  # one of both decides
    if callback is not None and not callable(callback):
        raise TypeError(f"callback must be callable, got {type(callback).__name__}")
    shuffles = check_flag(shuffle, "shuffle") and size < len(examples.x)
    plan = Plan(
        shape=shape,
        examples=examples,
        units=units,
        options=options,
        n_epochs=length,
        counted=counted,
        adaptive=schedule == "adaptive",
        stream=stream if shuffles else None,
        validation=look,
        callback=callback,
    )
    descent = Descent(plan, copied(theta), started)
    every = check_integer(every, "every")
    if checkpoint is not None:
        _keep(descent, checkpoint, every, everything, validation=validation, seed=seed)
    return _run(descent)


def _keep(
    descent: Descent, path: Any, every: int, everything: Examples, *, validation: Any, seed: Seed
) -> None:
    """Let the descent go on from its checkpoint, if there is one, and write it as it goes."""
    from .checkpoints.resuming import checkpoint_file  # 20 ms that most trainings can spare

    plan, theta = descent.plan, descent.point.theta
    is_given = validation is None or isinstance(validation, (tuple, list))
    held_out = plan.validation.examples if is_given and plan.validation is not None else None
    draws = None
    if plan.stream is not None or not is_given:
        draws = (str(check_drawing(seed, "seed")), None if is_given else validation)
    data = (everything, held_out)
    descent.keep(checkpoint_file(path, every, plan, theta, data=data, draws=draws))


def _run(descent: Descent) -> TrainingResult:
    ends: list[str] = []

    def finish(error: BaseException | None) -> tuple[TrainingResult, BaseException | None]:
        is_interrupted = isinstance(error, KeyboardInterrupt)
        result = descent.result("interrupt" if is_interrupted else ends[0] if ends else "error")
        if is_interrupted:
            return result, TrainingInterrupted(
                f"training was interrupted after {result.n_epochs} complete epochs",
                result,
                ".result of this exception holds the model as it was then",
            )
        if error is None and result.stopped_by == "divergence":
            return result, DivergenceError(
                f"training diverged in epoch {result.n_epochs} (learning_rate "
                f"{result.learning_rate:g}): cost or parameters are no longer finite. Lower the "
                "learning_rate or scale the inputs",
                result,
                ".result of this exception holds the last finite model",
            )
        if error is None and result.stopped_by != "callback":
            _warn_of_rise(result, descent.plan.options["cost_every"])
        return result, error

    return finish_whole(descent.doors, lambda: ends.append(descent.run()), finish)


def _warn_of_rise(result: TrainingResult, cost_every: int) -> None:
    """Warn if the parameters handed back cost more than those training began with."""
    costs, best = result.costs, result.best_epoch
    if costs.size < 2:
        return
    reached = -1 if best is None else min(best // cost_every + 1, costs.size - 1)
    first, last = costs[0], costs[reached]
    rounding = np.sqrt(np.finfo(result.parameters.dtype).eps) * abs(first)
    if last > first + rounding:
        warn_caller(
            f"training has ended at a cost of {last:.4g}, above its first, {first:.4g}: lower the "
            f"learning_rate ({result.learning_rate:g}) or scale the inputs",
            ConvergenceWarning,
        )
