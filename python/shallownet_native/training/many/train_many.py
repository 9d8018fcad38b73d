"""Training many networks: `train_many`, from what it is given to its results."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from ..._extras.progress import Advance
from ..._extras.progress import progress as progress_bar
from ..._native.arrays import check_flag
from ..._native.backend import allowed_threads
from ..._native.signals import INTERRUPTS, Doors, finish_whole
from ...network import Parameters
from ..results import EpochState, TrainingInterrupted
from ..stopping import Patience
from .asked import Network, check_networks
from .epochs import Epochs, Pool
from .results import TrainingResults
from .runs import CallPerNetwork, Run, SideBySide, is_one_call
from .warnings import warn_of_ends


def train_many(
    starts: Iterable[Parameters],
    X: npt.ArrayLike,
    Y: npt.ArrayLike,
    *,
    hidden: str | None = None,
    output: str | None = None,
    negative_slope: float | None = None,
    quantile: float | None = None,
    optimizer: str = "gd",
    learning_rate: float | Sequence[float] | None = None,
    n_iterations: int | None = None,
    n_epochs: int | None = None,
    batch_size: int | None = None,
    shuffle: bool = True,
    seeds: Sequence[int] | None = None,
    l2: float | str | Sequence[float] | None = None,
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
    held_out: npt.ArrayLike | None = None,
    best: str | None = None,
    output_range: tuple[float, float] | str | None = None,
    callback: Callable[[list[EpochState | None]], Any] | None = None,
    cost_every: int = 1,
    progress: bool = False,
    n_threads: int | None = None,
) -> TrainingResults:
    """Train many networks that do not know of each other, each on a thread of its own.

    Parameters
    ----------
    starts : iterable of Parameters
        Where each begins. Their hidden units may differ in number; n_x, n_y, dtype and activations
        may not.
    X, Y : array_like, shapes (n_x, m) and (n_y, m)
        Inputs and targets, as in `train`; all networks share them.
    hidden, output, negative_slope, quantile, optimizer, n_iterations, n_epochs, batch_size, \
    shuffle
        As in `train`, for all.
    learning_rate : float or sequence of float, shape (n_networks,), optional
        One for all, or one for each.
    seeds : sequence of int >= 0, shape (n_networks,), optional
        The seed of each network's orders; without it fresh ones.
    l2 : float, "evidence", None, or sequence of float, shape (n_networks,)
        One for all, or one for each.
    example_weights : array_like, shape (m,), optional
        As in `train`. Examples left out count alike.
    schedule, power_t, momentum, nesterov, beta_1, beta_2, epsilon
        As in `train`, for all.
    weight_decay, rates, input_scale, average
        As in `train`, for all.
    tol, n_iter_no_change : float, optional, and int
        As in `train`; with `best`, what must not stall is the cost of the examples left out, with
        "pooled" its mean over all of them. None: all epochs are run.
    held_out : array_like of bool, shape (n_networks, m), optional
        True where a network is not shown an example, so that it costs no time either. Rows of
        several networks may be equal, as in cross-validation.
    best : {None, "own", "pooled"}
        Of which epoch a network has the parameters: of the last one; of the one after which its
        own cost on the examples left out was lowest; or, all networks, of the one after which the
        mean of these losses over all networks was lowest. A network that has ended, by lbfgs or lm,
        counts with its last epoch; if one diverges, the others begin anew to choose.
    output_range : (low, high), "targets" or None
        As in `train`: to what outputs for examples left out are clipped, in their costs and in
        `held_out_outputs`. "targets" is the range of those that a network is shown.
    callback : callable, optional
        Called after each epoch with a list: for each network an `EpochState`, or None if it has
        ended. Returning True ends all.
    cost_every : int, default 1
        As in `train`.
    progress : bool, default False
        Show on a terminal, or in a notebook, how far they have come, and the least cost.
    n_threads : int or None
        None: as many as `set_num_threads` allows. Results do not depend on it.

    Returns
    -------
    TrainingResults
        For each network what `train` would have returned, bit for bit but for `seconds`, had it
        been given the examples not left out; and the outputs for those that were.

    Raises
    ------
    TypeError, ValueError
        As in `train`; the message says which network is meant. If there is no start, or a network
        is left without examples.
    MemoryError
        Before the work, if the machine has less memory than the networks will need.
    TrainingInterrupted
        On Ctrl-C; its `.result` has all networks, those that have ended whole, and of the others
        the last complete epoch.

    Warns
    -----
    ConvergenceWarning
        If some diverge, whose results are `stopped_by` "divergence" and have the last finite
        parameters; if some end above their first cost.

    Examples
    --------
    >>> import shallownet_native as sn
    >>> X, Y = sn.datasets.flower()
    >>> starts = [sn.initialize(2, n_h, 1, seed=0) for n_h in (1, 4, 20)]
    >>> results = sn.train_many(starts, X, Y, learning_rate=1.2, n_iterations=2000)
    >>> [float(result.costs[-1].round(2)) for result in results]
    [0.63, 0.27, 0.2]
    """
    given = locals()
    networks = check_networks(starts, X, Y, given)
    if callback is not None and not callable(callback):
        raise TypeError(f"callback must be callable, got {type(callback).__name__}")
    n = allowed_threads(n_threads)
    shows, doors = check_flag(progress, "progress"), Doors(INTERRUPTS)
    total = sum(one.asked.length for one in networks)
    with progress_bar(total, "train_many", is_shown=shows) as advance:
        run, pool = run_of(networks, given, doors, advance)

        def finish(error: BaseException | None) -> tuple[Any, BaseException | None]:
            run.end()
            if error is not None and not isinstance(error, KeyboardInterrupt):
                return None, error
            if pool is not None:
                pool.hand_over()
            results = results_of(run, pool, best)
            if networks[0].out is not None:
                results.held_out_outputs = run.held_out_outputs(results, n)
            if error is not None:
                n_whole = len(run.reasons) - run.reasons.count("interrupt")
                return results, TrainingInterrupted(
                    f"training was interrupted when {n_whole} of {len(networks)} networks had "
                    "ended",
                    results,
                    ".result of this exception holds all as they were then",
                )
            warn_of_ends(run)
            return results, None

        results: TrainingResults = finish_whole(doors, lambda: run.run(n), finish)
        return results


def run_of(
    networks: list[Network], given: dict[str, Any], doors: Doors, advance: Advance | None
) -> tuple[Run, Pool | None]:
    """Return how the networks are to be run, and the pool by which they end together."""
    asked, best, callback = networks[0].asked, given["best"], given["callback"]
    if best is None and callback is None and all(is_one_call(one.asked) for one in networks):
        return CallPerNetwork(networks, doors, advance), None
    run = SideBySide(networks, doors, advance)
    pool = None
    if best == "pooled":
        patience = None
        if given["tol"] is not None:
            limit = asked.rules["patience"]
            patience = Patience(float(given["tol"]), limit, False, "early_stopping", "scores")
        pool = Pool(networks, run.loops, patience)
    if pool is not None or callback is not None:
        run.epochs = Epochs(run.loops, callback, pool).end
    return run, pool


def results_of(run: Run, pool: Pool | None, best: str | None) -> TrainingResults:
    """Return what has come of a run."""
    results = TrainingResults(
        run.result,
        run.reasons,
        best_epoch=None if pool is None else pool.best_epoch,
        seconds=run.seconds,
    )
    if best == "own":
        epochs = [result.best_epoch for result in results]
        results.best_epoch = np.array([-1 if one is None else one for one in epochs], np.int64)
    return results
