"""What a training is asked for, all of it checked, and the parts of a loop made from that.

They are made anew for every start: a loop and its solver are used once.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from .._native.arrays import Floats, check_flag, check_integer, check_name
from .._native.backend import core, resolve_threads
from .._native.blocks import copied
from .._native.streams import Stream
from ..network import Examples, Parameters, Units
from .loop import TrainingLoop
from .options import (
    OPTIMIZERS,
    TrainOptions,
    check_l2,
    check_lengths,
    check_moved,
    check_schedule,
    check_step,
    check_steps_by_itself,
    check_weight_decay,
)
from .results import EpochState
from .solvers import (
    FLAT,
    Evidence,
    FirstOrder,
    LevenbergMarquardt,
    Minimizer,
    QuasiNewton,
    StoppingRule,
    slots_for,
    start_slots,
)
from .state import History, TrainingState
from .stopping import OutputRange, Patience, Validation, check_output_range

Shape = tuple[int, int, int]
GRADIENT = 1e-6  # its largest component at which lbfgs and lm stop, by default


class TrainingData(NamedTuple):
    """The network and its data: `everything`, of which `held_out` may have been split off."""

    shape: Shape
    units: Units
    everything: Examples
    examples: Examples
    held_out: Examples | None


class Asked(NamedTuple):
    """What a training is asked for, but its data and where it starts.

    Attributes
    ----------
    optimizer : str
    counted, length, batch_size
        The word for what `length` counts, and of how many examples a batch is.
    cost_every : int
    stops_early, is_adaptive, shuffles, keeps : bool
        Whether validation decides, the rate adapts, orders are drawn, checkpoints are written.
    tol, rules, step : float or None, dict, dict
        As given, and the core's words for the schedule and for a step.
    l2 : float or None
        None: found by evidence.
    n_threads : int
    threads : int or None
        The same as given.
    callback : callable or None
    output_range : OutputRange or None
    """

    optimizer: str
    counted: str
    length: int
    batch_size: int
    cost_every: int
    stops_early: bool
    is_adaptive: bool
    shuffles: bool
    keeps: bool
    tol: float | None
    rules: dict[str, Any]
    step: dict[str, Any]
    l2: float | None
    n_threads: int
    threads: int | None
    callback: Callable[[EpochState], Any] | None
    output_range: OutputRange | None

    @property
    def has_rate(self) -> bool:
        """Whether the optimizer is one of first order."""
        return self.optimizer in core.optimizers

    @property
    def derives(self) -> bool:
        """Whether the parameters that the world sees are made of others, which stand in slots."""
        return self.has_rate and bool(self.step["average"] or self.step["scale_rate"])


def check_asked(data: TrainingData, given: dict[str, Any]) -> Asked:
    """Return what `train` is asked for by its arguments, which are `given` by their names."""
    optimizer = check_name(given["optimizer"], "optimizer", OPTIMIZERS)
    has_rate, m = optimizer in core.optimizers, len(data.examples.x)
    if not has_rate:
        check_steps_by_itself(optimizer, given)
    decay = check_weight_decay(given["weight_decay"], optimizer)
    counted, length, size = check_lengths(given, m)
    stops_early = check_flag(given["early_stopping"], "early_stopping")
    stops_early = stops_early and data.held_out is not None
    rules = check_schedule(given)
    every_cost = check_integer(given["cost_every"], "cost_every", 0)
    l2 = check_l2(given["l2"], optimizer, stops_early, given["checkpoint"])
    n_threads = resolve_threads(given["n_threads"], data.shape, size)
    callback = given["callback"]
    if callback is not None and not callable(callback):
        raise TypeError(f"callback must be callable, got {type(callback).__name__}")
    is_judged = data.held_out is not None or given.get("held_out") is not None
    shuffles = check_flag(given["shuffle"], "shuffle") and size < m
    return Asked(
        optimizer=optimizer,
        counted=counted,
        length=length,
        batch_size=size,
        cost_every=min(every_cost, 1) if counted == "n_epochs" else every_cost,
        stops_early=stops_early,
        is_adaptive=given["schedule"] == "adaptive",
        shuffles=shuffles,
        keeps=given["checkpoint"] is not None,
        tol=given["tol"],
        rules=rules,
        step={
            **check_step(optimizer, given),
            **check_moved(data.shape, given),
            "weight_decay": decay,
        }
        if has_rate
        else {},
        l2=l2,
        n_threads=n_threads,
        threads=given["n_threads"],
        callback=callback,
        output_range=check_output_range(
            given["output_range"], data.units.output, data.examples.y, is_judged
        ),
    )


def make_loop(
    data: TrainingData, asked: Asked, theta: Floats, stream: Stream | None
) -> TrainingLoop:
    """Return the loop that trains from `theta`, drawing orders from `stream`."""
    solver: FirstOrder | Minimizer
    if asked.has_rate:
        solver = first_order(data, asked, stream)
        slots = slots_for(theta, solver.options, data.shape[0])
        state = TrainingState(copied(theta), slots, rate=solver.options.learning_rate)
    else:
        solver = minimizer(data, asked)
        state = TrainingState(copied(theta), start_slots())
    return TrainingLoop(
        solver,
        state,
        History((), None if data.held_out is None else ()),
        n_epochs=asked.length,
        counted=asked.counted,
        cost_every=asked.cost_every,
        patience=patience_of(asked),
        validation=validation_of(data, asked),
        callbacks=() if asked.callback is None else (asked.callback,),
        network=lambda theta: Parameters.adopt(theta, data.shape, data.units.known()),
    )


def first_order(data: TrainingData, asked: Asked, stream: Stream | None) -> FirstOrder:
    """Return the solver of gd, sgd, adam or adamw."""
    assert asked.l2 is not None
    rules = {**asked.rules, "tol": None if asked.stops_early else asked.rules["tol"]}  # one decides
    if rules["schedule"] != "constant":
        rules["all_epochs"] = asked.length
    options = TrainOptions(
        **data.units._asdict(), **asked.step, **rules, l2=asked.l2, n_threads=asked.n_threads,
        batch_size=asked.batch_size, cost_every=asked.cost_every, keeps_state=asked.keeps,
    )  # fmt: skip
    return FirstOrder(
        data.shape,
        data.examples,
        options,
        is_adaptive=asked.is_adaptive,
        stream=stream if asked.shuffles else None,
        marks_positions=asked.keeps,
    )


def minimizer(data: TrainingData, asked: Asked) -> Minimizer:
    """Return the solver of lbfgs or lm."""
    rule = StoppingRule(GRADIENT if asked.tol is None else asked.rules["tol"])
    where = (data.shape, data.units, data.examples)
    n = asked.n_threads
    if asked.optimizer == "lbfgs":
        assert asked.l2 is not None
        return QuasiNewton(*where, l2=asked.l2, n_threads=n, rule=rule, keeps_memory=asked.keeps)
    rule = rule._replace(flat=FLAT)
    if asked.l2 is None:
        return Evidence(*where, n_threads=n, rule=rule)
    return LevenbergMarquardt(*where, l2=asked.l2, n_threads=n, rule=rule)


def patience_of(asked: Asked) -> Patience | None:
    """Return when to stop by what does not fall any more."""
    rules = asked.rules
    if asked.stops_early:
        reason = "learning_rate" if asked.is_adaptive else "early_stopping"
        return Patience(asked.tol or 0.0, rules["patience"], False, reason, "scores")
    if rules["tol"] is None or not asked.has_rate:
        return None
    reason = "learning_rate" if asked.is_adaptive else "tol"
    return Patience(rules["tol"], rules["patience"], True, reason, "core")


def validation_of(data: TrainingData, asked: Asked) -> Validation | None:
    """Return what is taken of the data held out."""
    held_out, shape, units = data.held_out, data.shape, data.units
    if held_out is None:
        return None
    n_threads = resolve_threads(asked.threads, shape, len(held_out.x))
    output_range = asked.output_range

    def cost(theta: Floats) -> float:
        if output_range is not None:
            outputs = core.predict(theta, shape, held_out.x, *units.of_passes, n_threads)
            return output_range.cost(outputs, held_out)
        given = (*units.of_passes, 0.0, n_threads, units.quantile)
        J: float = core.cost(theta, shape, *held_out, *given)
        return J

    score = (lambda _, cost: -cost) if asked.stops_early else None
    return Validation(cost, score, output_range)
