"""Training one network: `train`, from what it is given to its result."""

from __future__ import annotations

import copy
import os
import time
from collections.abc import Callable, Iterable
from typing import Any

import numpy.typing as npt

from .._extras.progress import progress as progress_bar
from .._native.arrays import check_flag, check_integer
from .._native.backend import allowed_threads
from .._native.streams import Seed, random_stream
from ..network import KnownUnits, Parameters, check_problem
from .building import TrainingData, check_asked, make_loop
from .many.showing import Showing
from .many.starts import Starts, check_alike, check_starts, judge_of
from .outcome import result_of_run
from .results import EpochState, TrainingResult
from .stopping import hold_out


def train(
    parameters: Parameters | None,
    X: npt.ArrayLike,
    Y: npt.ArrayLike,
    *,
    hidden: str | None = None,
    output: str | None = None,
    negative_slope: float | None = None,
    quantile: float | None = None,
    optimizer: str = "gd",
    learning_rate: float | None = None,
    n_iterations: int | None = None,
    n_epochs: int | None = None,
    batch_size: int | None = None,
    shuffle: bool = True,
    seed: Seed = None,
    l2: float | str | None = None,
    example_weights: npt.ArrayLike | None = None,
    schedule: str = "constant",
    power_t: float = 0.5,
    momentum: float = 0.9,
    nesterov: bool = True,
    beta_1: float = 0.9,
    beta_2: float = 0.999,
    epsilon: float = 1e-8,
    weight_decay: float | None = None,
    rates: str = "equal",
    input_scale: bool = False,
    average: float = 0.0,
    tol: float | None = None,
    n_iter_no_change: int = 10,
    validation: tuple[npt.ArrayLike, npt.ArrayLike] | float | None = None,
    early_stopping: bool = True,
    output_range: tuple[float, float] | str | None = None,
    callback: Callable[[EpochState], Any] | None = None,
    cost_every: int = 1,
    checkpoint: str | os.PathLike[str] | None = None,
    every: int = 100,
    n_threads: int | None = None,
    starts: Iterable[Parameters] | None = None,
    progress: bool = False,
) -> TrainingResult:
    """Train a network by gradient descent, in full batch or mini-batches, L-BFGS or second order.

    Parameters
    ----------
    parameters : Parameters
        Where to start; left as they are. None if `starts` say it.
    X : array_like, shape (n_x, m)
        Inputs, one column per example, computed in the dtype of `parameters`.
    Y : array_like, shape (n_y, m)
        Targets, as `cost` describes them.
    hidden, output, negative_slope, quantile : optional
        The network's activations and loss, as in `cost`; the result's parameters know them.
    optimizer : {"gd", "sgd", "adam", "adamw", "lbfgs", "lm"}
        Plain descent, momentum, Adam, or Adam with `weight_decay`; or L-BFGS, or the second-order
        method of Levenberg and Marquardt for at most 2,000 parameters, which take all examples at
        once, have no learning rate, and end where the gradient is as good as 0.
    learning_rate : float, optional
        > 0; by default 0.1 for gd, 0.01 for sgd, 0.001 for adam and adamw.
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
    l2 : float >= 0, "evidence" or None
        Penalty on the squares of the weights. None is 0.0, but 1e-4 with lm unless validation
        stops it, for its minima without any lie at infinity as often as not. "evidence", with lm,
        finds one for W1 and one for W2 from the data; the result's `l2` says which.
    example_weights : array_like, shape (m,), optional
        How much each example counts, >= 0. A mini-batch whose weights are all 0 is skipped.
    schedule : {"constant", "invscaling", "adaptive", "cosine", "coslog4"}
        "invscaling" divides the rate by (examples seen + 1)^power_t, once per epoch; "adaptive"
        divides it by 5 whenever the cost has stalled, and stops when it would fall below 1e-6.
        The others change it at every step, by which part of the whole training is over: "cosine"
        lets it fall to 0 in half a wave, "coslog4" lets it rise from 0 and fall four times.
    power_t, momentum, nesterov, beta_1, beta_2, epsilon
        Of invscaling; of sgd (momentum in [0, 1]); of adam, adamw (betas in [0, 1), epsilon > 0).
    weight_decay : float >= 0, optional
        Of adamw, by default 0.01: a step takes learning_rate * weight_decay of each weight away, of
        biases nothing.
    rates : {"equal", "ntk"}
        "ntk" has the rate of W1 and W2 as if W1 sqrt(n_x) and W2 sqrt(n_h) were trained, as the
        scheme "ntk" of `initialize` wants it, and a tenth of it for biases.
    input_scale : bool, default False
        Train a factor for each input, too, from 1 on, with rates="ntk" at 6 times the rate; the
        result's W1 has them multiplied in.
    average : float, default 0.0
        In [0, 1): hand out the moving average of the parameters over the steps, which keeps so much
        of itself in each, and in the first ones less. Validation and callbacks see it; `costs` are
        those of the parameters that move.
    tol : float, optional
        Stop when the cost has stalled: not fallen below the best by `tol` for more than
        `n_iter_no_change` epochs in a row. None: do not stop (and 0 where a number is needed).
        With lbfgs and lm, the largest component of the gradient to stop at, by default 1e-6.
    n_iter_no_change : int, default 10
        How patient `tol` is.
    validation : (X, Y), or a fraction of the examples, in (0, 1), to split off at random
        Data on which the cost is taken after each epoch.
    early_stopping : bool, default True
        Let the cost on the validation data, not that on the training data, decide about stalling
        (always: `tol` = None is 0), and return the parameters that were best on them. Without
        validation data this has no meaning.
    output_range : (low, high), "targets" or None
        Clip outputs "identity" for the validation data, to these or to the range of each target in
        training: one wild example then does not decide. The result's outputs are as they are.
    callback : callable, optional
        Called with an `EpochState` after each epoch; returning True stops the training.
    cost_every : int, default 1
        Record the cost at every so many iterations, 0 for never; in mini-batches any other number
        means every epoch. In full batch, validation and callback keep to this rhythm, too (0:
        every iteration), and come once more at the end. lbfgs and lm have all costs.
    checkpoint : str or os.PathLike, optional
        File to keep the training's state in. If it is there already, training goes on from it, and
        gives the bits that it would have given without a break. With it `seed` must be an int if
        anything is drawn. docs/functions.md, "Checkpoints", says more.
    every : int, default 100
        Epochs (iterations) between two checkpoints; another one is written at the end, and on
        Ctrl-C. Each takes some milliseconds: with short iterations, choose more.
    n_threads : int or None
        None: see `set_num_threads`. The result does not depend on it.
    starts : iterable of Parameters, optional
        Further starts, of one shape: training runs from each, side by side, and the result is that
        of the one whose parameters cost least: on the validation data with early stopping, else on
        the examples; with l2="evidence" of the one with the highest. A callback sees each epoch of
        every start, one start after the other; its True ends that one. Not with a checkpoint.
    progress : bool, default False
        Show on a terminal, or in a notebook, how far it has come, with cost and rate. No result
        depends on it, and about ten looks a second take next to no time.

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
        If training ends, not by the callback, where the cost is above the first one; if lbfgs or
        lm finds no step where there should be one; if some starts, but not all, diverge.

    Notes
    -----
    P = P - learning_rate dP for all four arrays at once, in the dtype of `parameters`. sgd:
    v = momentum v - learning_rate dP; P = P + v, or with Nesterov's momentum
    P + momentum v - learning_rate dP. adam: Kingma and Ba 2015, the bias correction folded into the
    rate and epsilon added outside the root. adamw: Loshchilov and Hutter 2019. docs/method.md has
    all equations.

    Examples
    --------
    >>> from shallownet_native import initialize, predict
    >>> X = [[0.0, 0.0, 1.0, 1.0], [0.0, 1.0, 0.0, 1.0]]
    >>> xor = train(initialize(2, 4, 1, "glorot_uniform", seed=0), X, [[0, 1, 1, 0]],
    ...             learning_rate=1.0, n_iterations=500)
    >>> predict(xor.parameters, X).tolist()
    [[False, True, True, False]]
    """
    given = locals()
    started = time.perf_counter()
    networks = check_starts(parameters, starts)
    known = KnownUnits(hidden, output, negative_slope, quantile)
    checked = check_problem(networks[0], X, Y, known, example_weights)
    thetas = check_alike(networks, checked, known)
    # fresh entropy takes its time: only where something may be drawn
    draws = seed is not None or batch_size is not None or validation is not None
    stream = random_stream(seed) if draws else None
    _, shape, everything, units = checked
    data = TrainingData(
        shape, units, everything, *hold_out(validation, everything, units.output, stream)
    )
    asked = check_asked(data, given)
    every, shows = check_integer(every, "every"), check_flag(progress, "progress")
    if starts is not None:
        if checkpoint is not None:
            raise ValueError(
                "a checkpoint keeps one training: leave checkpoint out, or train from each of the "
                "starts by itself"
            )

        # each draws what it would draw alone; the stream given goes on after the last
        copies = [copy.deepcopy(stream) for _ in thetas[:-1]]
        made = zip(thetas, [*copies, stream], strict=True)
        loops = [make_loop(data, asked, theta, own) for theta, own in made]
        n = allowed_threads(asked.threads)
        with progress_bar(len(loops) * asked.length, "training", is_shown=shows) as advance:
            return Starts(loops, judge_of(data, asked), started, advance).run(n)
    loop = make_loop(data, asked, thetas[0], stream)
    if checkpoint is not None:
        from .checkpoints import keep_train  # 20 ms that most trainings can spare

        started = keep_train(
            loop, checkpoint, every, seed=seed, validation=validation, data=data, started=started
        )
    if not shows:
        return result_of_run(loop, started)
    with progress_bar(asked.length, "training") as advance:
        if advance is not None:
            loop.after_call = Showing([loop], advance)
        return result_of_run(loop, started)
