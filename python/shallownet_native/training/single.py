"""Training one network: `train` checks what it is given, and builds the parts of a loop."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from typing import Any

import numpy.typing as npt

from .._native.arrays import Floats, check_flag, check_integer, check_name, check_real
from .._native.backend import core, resolve_threads
from .._native.blocks import copied
from .._native.streams import Seed, Stream, random_stream
from ..network import Examples, KnownUnits, Parameters, Units, check_problem
from .first_order import FirstOrder, slots_for
from .loop import TrainingLoop
from .options import (
    OPTIMIZERS,
    TrainOptions,
    check_drawing,
    check_lengths,
    check_schedule,
    check_step,
    check_steps_by_itself,
)
from .outcome import result_of_run
from .quasi_newton import QuasiNewton, StoppingRule, start_slots
from .results import EpochState, TrainingResult
from .state import History, TrainingState
from .stopping import Patience, Validation, hold_out

Shape = tuple[int, int, int]
GRADIENT = 1e-6  # its largest component at which lbfgs stops, by default


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
    """Train a network by gradient descent, full-batch or in mini-batches, or by L-BFGS.

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
    optimizer : {"gd", "sgd", "adam", "lbfgs"}
        Plain descent, momentum, or Adam; or the quasi-Newton method L-BFGS, which takes all
        examples at once, has no learning rate, and ends where the gradient is as good as 0.
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
        With lbfgs, the largest component of the gradient to stop at, by default 1e-6.
    n_iter_no_change : int, default 10
        How patient `tol` is.
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
        every iteration), and come once more at the end. lbfgs has the costs of all iterations.
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
    given = KnownUnits(hidden, output, negative_slope)
    problem = check_problem(parameters, X, Y, given, example_weights)
    theta, shape, everything, units = problem
    stream = random_stream(seed)
    examples, held_out = hold_out(validation, everything, units.output, stream)
    has_rate = check_name(optimizer, "optimizer", OPTIMIZERS) in core.optimizers
    if not has_rate:
        check_steps_by_itself(optimizer, batch_size, learning_rate, schedule)
    counted, length, size = check_lengths(n_iterations, n_epochs, batch_size, len(examples.x))
    stops_early = check_flag(early_stopping, "early_stopping") and held_out is not None
    rules = check_schedule(schedule, power_t, tol, n_iter_no_change)
    every_cost = check_integer(cost_every, "cost_every", 0)
    cost_every = min(every_cost, 1) if counted == "n_epochs" else every_cost
    penalty, n = check_real(l2, "l2", "[0, inf)"), resolve_threads(n_threads, shape, size)
    callbacks = _callbacks(callback)
    is_adaptive, keeps = schedule == "adaptive", checkpoint is not None
    shuffles = check_flag(shuffle, "shuffle") and size < len(examples.x)
    solver: FirstOrder | QuasiNewton
    state = TrainingState(copied(theta), start_slots())
    if has_rate:
        step = check_step(optimizer, learning_rate, momentum, nesterov, beta_1, beta_2, epsilon)
        rules_of_core = {**rules, "tol": None if stops_early else rules["tol"]}  # one decides
        options = TrainOptions(
            **units._asdict(), **step, **rules_of_core, l2=penalty, n_threads=n,
            batch_size=size, cost_every=cost_every, keeps_state=keeps,
        )  # fmt: skip
        solver = _first_order(shape, examples, options, is_adaptive, stream if shuffles else None)
        state = state._replace(slots=slots_for(theta, optimizer), rate=options.learning_rate)
    else:
        rule = StoppingRule(GRADIENT if tol is None else rules["tol"])
        solver = QuasiNewton(
            shape, units, examples, l2=penalty, n_threads=n, rule=rule, keeps_memory=keeps
        )
    loop = TrainingLoop(
        solver,
        state,
        History((), None if held_out is None else ()),
        n_epochs=length,
        counted=counted,
        cost_every=cost_every,
        patience=_patience(rules, is_adaptive, tol or 0.0, stops_early, has_rate),
        validation=_validation(held_out, shape, units, n_threads, stops_early),
        callbacks=callbacks,
        network=lambda theta: Parameters.adopt(theta, shape, units.known()),
    )
    where, data = (checkpoint, check_integer(every, "every")), (everything, held_out)
    if keeps:
        started = _keep(loop, solver, where, seed, validation, data, started)
    return result_of_run(loop, started)


def _first_order(
    shape: Shape,
    examples: Examples,
    options: TrainOptions,
    is_adaptive: bool,
    stream: Stream | None,
) -> FirstOrder:
    return FirstOrder(
        shape,
        examples,
        options,
        is_adaptive=is_adaptive,
        stream=stream,
        marks_positions=options.keeps_state,
    )


def _callbacks(callback: Any) -> tuple[Callable[[EpochState], Any], ...]:
    if callback is not None and not callable(callback):
        raise TypeError(f"callback must be callable, got {type(callback).__name__}")
    return () if callback is None else (callback,)


def _patience(
    rules: dict[str, Any], is_adaptive: bool, tol: float, stops_early: bool, has_rate: bool
) -> Patience | None:
    reason = "learning_rate" if is_adaptive else "early_stopping" if stops_early else "tol"
    if stops_early:
        return Patience(tol, rules["patience"], False, reason, "scores")
    if rules["tol"] is None or not has_rate:
        return None
    return Patience(rules["tol"], rules["patience"], True, reason, "core")


def _validation(
    held_out: Examples | None, shape: Shape, units: Units, n_threads: int | None, stops_early: bool
) -> Validation | None:
    if held_out is None:
        return None
    n_threads = resolve_threads(n_threads, shape, len(held_out.x))

    def cost(theta: Floats) -> float:
        J: float = core.cost(theta, shape, *held_out, *units, 0.0, n_threads)
        return J

    return Validation(cost, (lambda _, cost: -cost) if stops_early else None)


def _keep(
    loop: TrainingLoop,
    solver: FirstOrder | QuasiNewton,
    where: tuple[Any, int],
    seed: Seed,
    validation: Any,
    data: tuple[Examples, Examples | None],
    started: float,
) -> float:
    """Let the loop go on from its checkpoint, if there is one; return when it began, then."""
    from .checkpoints import keep_train  # 20 ms that most trainings can spare

    is_given = validation is None or isinstance(validation, (tuple, list))
    draws = None
    if solver.draws_orders or not is_given:
        draws = (str(check_drawing(seed, "seed")), None if is_given else validation)
    everything, held_out = data
    given = (everything, held_out if is_given else None)
    return keep_train(loop, solver, *where, draws=draws, data=given, started=started)
