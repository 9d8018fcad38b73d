"""The state of a training as the record of a `.snet` file, and back: every part checked.

A field is one row of `FIELDS`; what does not go by one value is told by functions. Nothing that a
record holds is trusted, alone or against the rest.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from ..._native.arrays import check_flag, check_integer, check_name
from ..._native.backend import core
from ..._native.streams import Position, position_after
from ...files import ModelFormatError, Record, require_keys
from ...network import Parameters
from ..solvers import FirstOrder, Minimizer
from ..state import Curve, History, TrainingState
from .fingerprint import GROUPS, Fingerprint
from .single_values import Read, count, extended, maybe, not_negative, pack_extended, rate
from .stream_state import pack_position, read_position

KIND = "checkpoint"
FOR_GOOD = ("early_stopping", "learning_rate", "tol")  # ends that no greater length takes back
REASONS = (*FOR_GOOD, "max_fun", "max_iter", "n_epochs", "n_iterations")
MAX_WORD = 100
CURVES = ("costs", "validation_costs", "scores")

Arrays = dict[str, npt.NDArray[Any]]


class CheckpointSpec(NamedTuple):
    """What is known of a training's checkpoints besides its fingerprint.

    Attributes
    ----------
    solver : FirstOrder or Minimizer
    start, history : TrainingState, History
        What training would begin with: dtype and sizes, and which curves there are.
    n_epochs, cost_every : int
    is_fit : bool
        Of an estimator: it looks at every epoch, and `best` is a score.
    stops_early : bool
        Whether training stops by what is looked at.
    """

    solver: FirstOrder | Minimizer
    start: TrainingState
    history: History
    n_epochs: int
    cost_every: int
    is_fit: bool
    stops_early: bool

    @property
    def remembers_cost(self) -> bool:
        """Whether what early stopping remembers stands apart, as a cost."""
        return self.stops_early and not self.is_fit


# in the file -> the attribute of a state, and how it is read
FIELDS: dict[str, tuple[str, Read]] = {
    "learning_rate": ("rate", rate),
    "last_rate": ("last_rate", maybe(not_negative)),
    "n_steps": ("n_steps", count),
    "n_seen": ("n_seen", count),
    "n_epochs": ("n_epochs", count),
    "is_open": ("end_pending", check_flag),
    "stopped_by": ("stopped_by", maybe(lambda value, name: check_name(value, name, REASONS))),
}
OTHERS = (
    "network",
    "level",
    "fingerprint",
    "seconds",
    "best",
    "n_stalled",
    "early_stopping",
    "stream",
)


def pack_checkpoint(
    spec: CheckpointSpec, state: TrainingState, history: History, stopped_by: str | None
) -> Record:
    """Return what a file holds of a state, without whose it is; see `file.CheckpointFile`."""
    network = Parameters.adopt(state.theta, spec.solver.shape).to_record()
    curves = zip(CURVES, (history.costs_until(state), *history.looks_until(state)), strict=True)
    arrays = {**network.arrays, "state": state.slots}
    arrays |= {name: np.array(curve, np.float64) for name, curve in curves if curve is not None}
    if state.best_theta is not None:
        arrays["best_theta"] = state.best_theta
    fields = {name: getattr(state, attribute) for name, (attribute, _) in FIELDS.items()}
    if math.isnan(state.rate):  # of a solver without
        fields["learning_rate"] = None
    if state.end_pending:
        stopped_by = None
    elif state.stopped_by is not None:
        stopped_by = state.stopped_by
    position = state.position
    if position is not None:
        position = position_after(position, state.n_after, len(spec.solver.examples.x))
    fields.update(
        network=network.fields,
        stopped_by=stopped_by,
        stream=None if position is None else pack_position(position, arrays),
        **_pack_patience(spec, state),
    )
    return Record(KIND, fields, arrays)


def _pack_patience(spec: CheckpointSpec, state: TrainingState) -> dict[str, Any]:
    best = pack_extended(state.best if spec.is_fit else -state.best)
    if not spec.remembers_cost:
        return {"best": best, "n_stalled": state.n_stalled, "early_stopping": None}
    memory = {"n_stalled": state.n_stalled, "best_cost": best, "best_epoch": state.best_epoch}
    return {"best": pack_extended(math.inf), "n_stalled": 0, "early_stopping": memory}


def read_owner(record: Record) -> tuple[Fingerprint, str]:
    """Return whose checkpoint it is, and what CPU level wrote it, or raise ModelFormatError."""
    fields = require_keys(record.fields, {*FIELDS, *OTHERS}, "the checkpoint")
    digests = require_keys(fields["fingerprint"], set(GROUPS), "the fingerprint")
    if not all(isinstance(digest, str) and len(digest) == 64 for digest in digests.values()):
        raise ModelFormatError("the fingerprint does not hold digests")
    if not isinstance(fields["level"], str) or len(fields["level"]) > MAX_WORD:
        raise ModelFormatError("the level is no name")
    return digests, fields["level"]


def read_checkpoint(spec: CheckpointSpec, record: Record) -> tuple[TrainingState, History, float]:
    """Return the state and history to go on from, and the seconds that they took.

    Raises
    ------
    ModelFormatError
        If any part of the record is wrong, or it cannot be of the training that `spec` tells of.
    """
    try:
        return _read(spec, record.fields, dict(record.arrays))
    except ModelFormatError:
        raise
    except (TypeError, ValueError) as error:
        raise ModelFormatError(f"the checkpoint's parts do not fit: {error}") from error


def _read(
    spec: CheckpointSpec, fields: dict[str, Any], arrays: Arrays
) -> tuple[TrainingState, History, float]:
    values = {attribute: read(fields[name], name) for name, (attribute, read) in FIELDS.items()}
    seconds = not_negative(fields["seconds"], "seconds")
    state = TrainingState(
        **values, **_read_network(spec, fields, arrays), **_read_patience(spec, fields, arrays)
    )
    state, history = _read_curves(spec, state, arrays)
    state = state._replace(position=_read_position(spec, fields["stream"], arrays))
    if arrays:
        raise ModelFormatError(f"the checkpoint has unknown arrays {sorted(arrays)}")
    if math.isnan(state.rate) != math.isnan(spec.start.rate):
        raise ModelFormatError("the checkpoint's learning rate cannot be of its training")
    has_rate = not math.isnan(state.rate)
    if (state.last_rate is None) != (state.n_epochs == 0 or not has_rate):
        raise ModelFormatError("the checkpoint has epochs without a rate used, or vice versa")
    if state.end_pending and (state.stopped_by is not None or not state.n_epochs):
        raise ModelFormatError("the checkpoint has an open end where nothing is to come")
    stopped_by = state.stopped_by if state.stopped_by in FOR_GOOD else None
    has_loss = state.n_epochs or not (spec.is_fit and spec.solver.costs_follow)
    if not has_loss:  # begin anew
        state, stopped_by = state._replace(slots=spec.start.slots), None
    return state._replace(stopped_by=stopped_by), history, seconds


def _read_network(spec: CheckpointSpec, fields: dict[str, Any], arrays: Arrays) -> dict[str, Any]:
    """Return parameters and slots."""
    held = {"theta": arrays.pop("theta")} if "theta" in arrays else {}
    network = require_keys(fields["network"], {"n_x", "n_h", "n_y"}, "the network")
    parameters = Parameters.from_record(Record("parameters", network, held))
    theta, slots, start = parameters.flat, arrays.pop("state", None), spec.start
    optimizer, fits = spec.solver.told["optimizer"], spec.solver.fits
    if parameters.shape != spec.solver.shape or theta.dtype != start.theta.dtype:
        raise ModelFormatError("the checkpoint's parameters cannot be of its training")
    if slots is None or not (
        slots.shape == start.slots.shape and slots.dtype == theta.dtype
        if fits is None
        else fits(slots, theta.size)
    ):
        raise ModelFormatError("the optimizer's state does not fit the parameters")
    # it may be infinite where they are not: the square of a gradient in float32
    has_squares = optimizer in ("adam", "adamw")
    if np.isnan(slots).any() or (has_squares and (slots[1] < 0).any()):
        raise ModelFormatError("the optimizer's state holds numbers that no training leaves")
    if fits is None and not np.isfinite(slots[core.optimizers[optimizer] :]).all():
        raise ModelFormatError("parameters that steps move are not finite")
    return {"theta": theta, "slots": slots}


def _read_patience(spec: CheckpointSpec, fields: dict[str, Any], arrays: Arrays) -> dict[str, Any]:
    """Return what patience remembers, and the best parameters."""
    best, memory = extended(fields["best"], "best"), fields["early_stopping"]
    n_stalled, n_epochs = count(fields["n_stalled"], "n_stalled"), fields["n_epochs"]
    theta, epoch = arrays.pop("best_theta", None), None
    start = spec.start.theta
    if theta is not None and (theta.shape != start.shape or theta.dtype != start.dtype):
        raise ModelFormatError("best_theta does not fit the parameters")
    if theta is not None and not np.isfinite(theta).all():
        raise ModelFormatError("best_theta is not finite")
    if (memory is not None) != spec.remembers_cost or (theta is not None and not spec.stops_early):
        raise ModelFormatError("the checkpoint's early stopping cannot be of its training")
    if memory is not None:
        require_keys(memory, {"n_stalled", "best_cost", "best_epoch"}, "the early stopping")
        n_stalled = check_integer(memory["n_stalled"], "n_stalled", 0, n_epochs)
        best, epoch = extended(memory["best_cost"], "best_cost"), memory["best_epoch"]
        if epoch is not None:
            epoch = check_integer(epoch, "best_epoch", 0, n_epochs - 1)
        if (epoch is None) != (best == math.inf) or (epoch is None) != (theta is None):
            raise ModelFormatError("best_cost, best_epoch and best_theta do not fit")
    if not spec.is_fit:
        best = -best
    elif not spec.stops_early:
        best = np.float64(best)  # as losses are, and scores are not
    return {"best": best, "n_stalled": n_stalled, "best_theta": theta, "best_epoch": epoch}


def _read_curves(
    spec: CheckpointSpec, state: TrainingState, arrays: Arrays
) -> tuple[TrainingState, History]:
    """Return the curves, whose numbers may be anything, but for the costs of these epochs."""
    n, every = state.n_epochs, spec.cost_every
    first = spec.history
    there = (True, first.validation_costs is not None, first.scores is not None)
    n_costs = len(first.earlier) + (math.ceil(n / every) if every else 0)
    if spec.solver.costs_follow:
        n_costs = len(first.earlier) + n + (not spec.is_fit and state.slots.size > 0)
    least = n - state.end_pending if spec.is_fit else 0
    looks = [(earlier + least, earlier + n) for earlier in first.n_earlier]
    found: list[Curve | None] = []
    for name, is_there, (least, most) in zip(
        CURVES, there, [(n_costs, n_costs), *looks], strict=True
    ):
        curve = arrays.pop(name, None)
        if curve is not None and (curve.ndim != 1 or curve.dtype != np.float64):
            raise ModelFormatError(f"{name} must be one row of float64")
        if (curve is not None) != is_there or not (curve is None or least <= len(curve) <= most):
            raise ModelFormatError(f"the checkpoint's curve of {name} cannot be of its training")
        found.append(curve)
    costs = found[0]
    assert costs is not None
    if not np.isfinite(costs[len(first.earlier) :]).all():
        raise ModelFormatError("the checkpoint's costs are not finite")
    history = first.come_to(costs, *found[1:])
    n_looks = 0 if found[1] is None else len(found[1]) - first.n_earlier[0]
    loss = costs[-1] if n and len(costs) else state.loss
    return state._replace(n_calls=1, n_looks=n_looks, loss=loss), history


def _read_position(spec: CheckpointSpec, fields: Any, arrays: Arrays) -> Position | None:
    position = None if fields is None else read_position(fields, arrays)
    kind = None if position is None else position.state["bit_generator"]
    orders = spec.solver.orders
    if kind != (None if orders is None else orders.kind):
        raise ModelFormatError("the checkpoint's stream cannot be of its training")
    order = None if position is None else position.order
    if order is not None and len(order) != len(spec.solver.examples.x):
        raise ModelFormatError("the checkpoint's order cannot be of its training")
    return position
