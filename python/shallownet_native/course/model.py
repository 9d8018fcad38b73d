"""`nn_model`: the whole of the assignment in one call, by the core."""

from __future__ import annotations

import sys
from typing import Any, Literal, overload

import numpy as np
import numpy.typing as npt

from .._native.arrays import check_flag, check_name
from .._native.backend import core
from ..training import EpochState, TrainingResult, train
from .activated import to_dict, to_parameters
from .checks import Arrays, check_rate
from .examples import check_sets, check_targets
from .formulas import descend
from .functions import check_count, initialize_parameters

PRINTED = 1000  # iterations from one printed cost to the next


@overload
def nn_model(
    X: npt.ArrayLike,
    Y: npt.ArrayLike,
    n_h: int,
    num_iterations: int = ...,
    print_cost: bool = ...,
    *,
    learning_rate: float = ...,
    seed: int | None = ...,
    hidden: str = ...,
    history: Literal[False] = ...,
) -> Arrays: ...


@overload
def nn_model(
    X: npt.ArrayLike,
    Y: npt.ArrayLike,
    n_h: int,
    num_iterations: int = ...,
    print_cost: bool = ...,
    *,
    learning_rate: float = ...,
    seed: int | None = ...,
    hidden: str = ...,
    history: Literal[True],
) -> TrainingResult: ...


def nn_model(
    X: npt.ArrayLike,
    Y: npt.ArrayLike,
    n_h: int,
    num_iterations: int = 10000,
    print_cost: bool = False,
    *,
    learning_rate: float = 1.2,
    seed: int | None = 3,
    hidden: str = "tanh",
    history: bool = False,
) -> Arrays | TrainingResult:
    """Build and train the network.

    Parameters
    ----------
    X, Y : array_like, shapes (n_x, m) and (n_y, m)
    n_h, num_iterations : int
        Number of hidden units, and of steps.
    print_cost : bool, default False
        Print the cost every 1000 iterations.
    learning_rate : float, default 1.2
    seed : int or None, default 3, as in `initialize_parameters`
    hidden : str, default "tanh"
        The hidden activation: a name that `activate` knows.
    history : bool, default False
        Return the TrainingResult, which has the cost of every iteration: `sn.plotting` draws it,
        and the functions here take it as parameters.

    Returns
    -------
    dict or TrainingResult
        The trained parameters. With another activation than tanh the dictionary knows it as its
        attribute `hidden`, and the functions here go by it; `dict(parameters)` forgets it.

    Raises
    ------
    TypeError, ValueError
        As the module `functions` says; otherwise as `train`.

    Warns
    -----
    UserWarning
        If Y leaves [0, 1]: the formulas are then followed as they stand, in NumPy.

    Examples
    --------
    >>> from shallownet_native.datasets import flower
    >>> X, Y = flower()
    >>> parameters = nn_model(X, Y, n_h=4, num_iterations=2001, print_cost=True)
    Cost after iteration 0: 0.693162
    Cost after iteration 1000: 0.258625
    Cost after iteration 2000: 0.239334
    >>> nn_model(X, Y, n_h=4, num_iterations=2001, history=True).costs[::1000].round(6)
    array([0.693162, 0.258625, 0.239334])
    """
    signature = "nn_model(X, Y, n_h)"
    (n_x, _), y = check_sets(X, Y, signature)
    n_h = check_count(n_h, "n_h")
    n_iterations = check_count(num_iterations, "num_iterations", 0, sys.maxsize)
    rate = check_rate(learning_rate)
    check_name(hidden, "hidden", core.activations)
    is_whole = check_flag(history, "history")
    is_loud = _is_loud(print_cost)
    targets, is_fit = check_targets(Y, y)
    start = to_parameters(initialize_parameters(n_x, n_h, y[0], seed), signature, hidden)
    if is_fit:
        result = train(
            start,
            X,
            targets,
            learning_rate=rate,
            n_iterations=n_iterations,
            cost_every=1 if is_whole else PRINTED if is_loud else 0,
            callback=_print_state if is_loud else None,
        )
    else:
        result = descend(start, X, targets, n_iterations, rate, _print_cost if is_loud else None)
    return result if is_whole else to_dict(result.parameters)


def _is_loud(print_cost: Any) -> bool:
    """Return whether costs are printed; 0 and 1 say it, too."""
    if isinstance(print_cost, (int, np.integer)) and print_cost in (0, 1):
        return bool(print_cost)
    return check_flag(print_cost, "print_cost")


def _print_state(state: EpochState) -> None:
    if state.cost is not None:
        _print_cost(state.epoch, state.cost)


def _print_cost(iteration: int, cost: float) -> None:
    if iteration % PRINTED == 0:
        print(f"Cost after iteration {iteration}: {cost:f}")
