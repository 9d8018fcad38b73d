"""The options of `train`: their defaults, and their checks, from the user's words to the core's."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from .._native.arrays import check_flag, check_integer, check_name, check_real
from .._native.backend import core

SCHEDULES = tuple(sorted({"adaptive", "invscaling", *core.schedules}))
MINIMIZERS = ("lbfgs", "lm")  # they have no rate, and take all examples at once
OPTIMIZERS = tuple(sorted((*core.optimizers, *MINIMIZERS)))
EVIDENCE = "evidence"
LEAST_DECAY = 1e-4  # of lm where nothing else keeps the weights from running away
DEFAULT_RATES = {"adam": 0.001, "adamw": 0.001, "gd": 0.1, "sgd": 0.01}
WEIGHT_DECAY = 0.01  # by default, of those that have one
DECOUPLED = ("adamw",)  # optimizers that have one, besides l2
BEGINNING = {"first_epoch": 0, "steps_done": 0, "seen": 0, "best_cost": math.inf, "stalled": 0}


def equal_rates(_: tuple[int, int, int]) -> dict[str, Any]:
    """Return what lets every parameter have the one rate."""
    return {"weight_units": (1.0, 1.0), "bias_rate": 1.0, "scale_rate": 1.0}


def ntk_rates(shape: tuple[int, int, int]) -> dict[str, Any]:
    """Return the neural tangent kernel's: a layer's weights are W / sqrt(its inputs), W moves."""
    n_x, n_h, _ = shape
    units = (n_x**-0.5, n_h**-0.5 if n_h else 1.0)
    return {"weight_units": units, "bias_rate": 0.1, "scale_rate": 6.0}


# from a network's shape to the core's options by which rates differ
RATES: dict[str, Callable[[tuple[int, int, int]], dict[str, Any]]] = {
    "equal": equal_rates,
    "ntk": ntk_rates,
}


class TrainOptions(NamedTuple):
    """What every native call of a training takes besides where it stands, in the core's words.

    Attributes
    ----------
    hidden, output, negative_slope, quantile
        The network's units.
    optimizer, learning_rate, momentum, nesterov, beta_1, beta_2, epsilon
        Of a step; the rate is the one that the schedule begins with.
    power_t : float
        The rate falls as learning_rate / (examples seen + 1)^power_t.
    l2 : float
    as_scikit_learn : bool
        Costs as scikit-learn's losses: a batch shares l2 by the sum of its weights, squared errors
        are averaged over outputs, and batches count by their examples, not by their weights.
    batch_size, n_threads : int
    cost_every : int
        One epoch of so many has a cost; 0 if none has.
    tol, patience : float or None, int
        When the core is to stop by itself, if it is to.
    keeps_state : bool
        Whether the optimizer's state is wanted of a training that was broken off.
    weight_decay : float
        Of a step of adamw.
    schedule, all_epochs : str, int
        The core's schedule of the rate, over so many epochs, whatever the call's.
    average : float
        The most that the moving average of the parameters keeps of itself in a step; 0: none.
    weight_units, bias_rate, scale_rate : (float, float), float, float
        W1 and W2 are these multiples of what steps move; factors of the rate of biases, and of the
        inputs' scales, of which there are none if that is 0.
    """

    hidden: str
    output: str
    negative_slope: float
    optimizer: str
    learning_rate: float
    momentum: float
    nesterov: bool
    beta_1: float
    beta_2: float
    epsilon: float
    batch_size: int
    n_threads: int
    power_t: float = 0.0
    l2: float = 0.0
    as_scikit_learn: bool = False
    cost_every: int = 1
    tol: float | None = None
    patience: int = 0
    keeps_state: bool = True
    weight_decay: float = 0.0
    schedule: str = "constant"
    all_epochs: int = 1
    average: float = 0.0
    weight_units: tuple[float, float] = (1.0, 1.0)
    bias_rate: float = 1.0
    scale_rate: float = 0.0
    quantile: float = 0.5

    @property
    def n_more_rows(self) -> int:
        """How many vectors a training has besides what the optimizer remembers.

        What steps move and its average, if the parameters that the world sees are neither.
        """
        return 2 if self.average else int(self.scale_rate > 0)

    def for_call(self, n_epochs: int, **where: Any) -> dict[str, Any]:
        """Return all that one native call takes: these options, or others, and where it begins."""
        return {**self._asdict(), **BEGINNING, "n_epochs": n_epochs, **where}


def check_step(optimizer: str, given: dict[str, Any]) -> dict[str, Any]:
    """Return the core's options for one step of the optimizer, as `given` to `train`."""
    rate = given["learning_rate"]
    rate = DEFAULT_RATES[optimizer] if rate is None else rate
    return {
        "optimizer": optimizer,
        "learning_rate": check_real(rate, "learning_rate", "(0, inf)"),
        "momentum": check_real(given["momentum"], "momentum", "[0, 1]"),
        "nesterov": check_flag(given["nesterov"], "nesterov"),
        "beta_1": check_real(given["beta_1"], "beta_1", "[0, 1)"),
        "beta_2": check_real(given["beta_2"], "beta_2", "[0, 1)"),
        "epsilon": check_real(given["epsilon"], "epsilon", "(0, inf)"),
    }


def check_schedule(given: dict[str, Any]) -> dict[str, Any]:
    """Return the core's options for what happens to the rate, and when the cost has stalled."""
    schedule, tol = check_name(given["schedule"], "schedule", SCHEDULES), given["tol"]
    power = check_real(given["power_t"], "power_t", "[0, inf)")
    tolerance = check_real(0.0 if tol is None else tol, "tol", "[0, inf)")
    return {
        "power_t": power if schedule == "invscaling" else 0.0,
        "tol": None if tol is None and schedule != "adaptive" else tolerance,
        "patience": check_integer(given["n_iter_no_change"], "n_iter_no_change"),
        "schedule": schedule if schedule in core.schedules else "constant",
    }


def check_moved(shape: tuple[int, int, int], given: dict[str, Any]) -> dict[str, Any]:
    """Return the core's options for what steps move, and what becomes of it."""
    parts = RATES[check_name(given["rates"], "rates", RATES)](shape)
    if not check_flag(given["input_scale"], "input_scale"):
        parts["scale_rate"] = 0.0
    return {**parts, "average": check_real(given["average"], "average", "[0, 1)")}


def check_weight_decay(weight_decay: float | None, optimizer: str) -> float:
    """Return the part by which weights shrink, over the rate; 0.0 of optimizers without."""
    if weight_decay is None:
        return WEIGHT_DECAY if optimizer in DECOUPLED else 0.0
    if optimizer not in DECOUPLED:
        raise ValueError(
            f"weight_decay needs optimizer={' or '.join(map(repr, DECOUPLED))}, got optimizer="
            f"{optimizer!r}: with others, l2 keeps weights small"
        )
    return check_real(weight_decay, "weight_decay", "[0, inf)")


def check_steps_by_itself(optimizer: str, given: dict[str, Any]) -> None:
    """Refuse what an optimizer without a rate, on all examples at once, has no use for."""
    others = f"use one of {', '.join(sorted(core.optimizers))}"
    by_itself = f"optimizer={optimizer!r} finds its steps by itself"
    schedule = check_name(given["schedule"], "schedule", SCHEDULES)
    if given["batch_size"] is not None:
        raise ValueError(
            f"optimizer={optimizer!r} takes all examples at once: leave batch_size out, or {others}"
        )
    if given["learning_rate"] is not None or schedule != "constant":
        raise ValueError(f"{by_itself}: leave learning_rate and schedule out")
    check_name(given["rates"], "rates", RATES)
    none = {"rates": "equal", "input_scale": False, "average": 0.0}
    names = [name for name, value in none.items() if given[name] != value]
    if names:
        raise ValueError(f"{by_itself}: leave {' and '.join(names)} out, or {others}")


def check_l2(l2: Any, optimizer: str, stops_early: bool, checkpoint: Any) -> float | None:
    """Return the penalty's strength, None if the evidence is to find it."""
    if l2 is None:
        return LEAST_DECAY if optimizer == "lm" and not stops_early else 0.0
    if not isinstance(l2, str):
        return check_real(l2, "l2", "[0, inf)")
    if l2 != EVIDENCE:
        raise ValueError(f"l2 must be a number >= 0, None or {EVIDENCE!r}, got {l2!r}")
    if optimizer != "lm":
        raise ValueError(f"l2={EVIDENCE!r} needs optimizer='lm', got optimizer={optimizer!r}")
    if stops_early:
        raise ValueError(
            f"l2={EVIDENCE!r} is judged by the examples trained on: leave validation out, or set "
            "early_stopping=False"
        )
    if checkpoint is not None:
        raise ValueError(f"l2={EVIDENCE!r} writes no checkpoints: leave checkpoint out")
    return None


def check_lengths(given: dict[str, Any], m: int) -> tuple[str, int, int]:
    """Return what the user counts, how many of them there are, and the batch size."""
    n_iterations, n_epochs, batch_size = (
        given[name] for name in ("n_iterations", "n_epochs", "batch_size")
    )
    if batch_size is None:
        if n_epochs is not None:
            raise ValueError(
                "n_epochs counts passes in mini-batches: give batch_size, too, or n_iterations"
            )
        n = 1000 if n_iterations is None else n_iterations
        return "n_iterations", check_integer(n, "n_iterations", 0), m
    if n_iterations is not None:
        raise ValueError("n_iterations counts steps in full batch: with batch_size give n_epochs")
    size = check_integer(batch_size, "batch_size", maximum=math.inf)
    if size > m:
        raise ValueError(
            f"batch_size must be <= {m}, the number of examples to train on, got {size}"
        )
    n = 200 if n_epochs is None else n_epochs
    return "n_epochs", check_integer(n, "n_epochs", 0), size


def check_drawing(seed: Any, what: str) -> int:
    """Return the seed of a training with checkpoints in which `what` is drawn: an int only.

    What a training draws before its first epoch is drawn again when it goes on.
    """
    if isinstance(seed, (bool, np.bool_)) or not isinstance(seed, (int, np.integer)):
        raise ValueError(
            f"with a checkpoint, {what} must be an int, not {type(seed).__name__}: what it draws "
            "must be drawn again, in the same way, when the training goes on"
        )
    return int(seed)
