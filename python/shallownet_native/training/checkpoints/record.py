"""A checkpoint, and as the record of a `.snet` file: of `train` and of the estimators alike.

Imports `files`, for the network's part of a record, and `_positions`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from ..._native.arrays import Floats, check_flag, check_integer, check_name, check_real
from ..._native.streams import Position
from ...files import ModelFormatError, Record, require_keys
from ...network import Parameters
from .fingerprint import GROUPS, Fingerprint
from .stream_state import pack_position, read_position

KIND = "checkpoint"
FOR_GOOD = ("early_stopping", "learning_rate", "tol")  # ends that no greater length takes back
REASONS = (*FOR_GOOD, "max_iter", "n_epochs", "n_iterations")
MAX_COUNT = 2**53
MAX_WORD = 100
COUNTS = ("n_steps", "n_seen", "n_epochs", "n_stalled")
CURVES = ("costs", "validation_costs", "scores")
FIELDS = {
    "network", "level", "fingerprint", "seconds", "stopped_by", "is_open", "learning_rate",
    "last_rate", "best", "early_stopping", "stream", *COUNTS,
}  # fmt: skip

Curve = npt.NDArray[np.float64]
Arrays = dict[str, npt.NDArray[Any]]


class Memory(NamedTuple):
    """What early stopping on a cost remembers besides the parameters."""

    n_stalled: int
    best_cost: float
    best_epoch: int | None


@dataclass(frozen=True)
class Checkpoint:
    """Where a training stood after a complete epoch.

    Attributes
    ----------
    shape, theta, state
        The network's sizes, its parameters, and what the optimizer remembers (n_slots, size).
    learning_rate, last_rate : float, float or None
        The one to go on with, and the one used last.
    n_steps, n_seen, n_epochs, n_stalled : int
        Steps, examples and epochs so far, and epochs without gain; of a fit that goes on where
        another ended, `n_epochs` counts its own.
    best : float
        What the tolerance rule compares with, maybe infinite.
    costs, validation_costs, scores : ndarray of float64, or None where there are none
    best_theta : ndarray or None
        The parameters that were best on the validation data.
    early_stopping : Memory or None
        Of `train`, if it stops early.
    position : Position or None
        Where orders stand; None without such.
    is_open : bool
        Whether the end of the last epoch is still to come: to look, to call back, to decide.
    stopped_by : str or None
        Why training ended; None while it was under way.
    seconds : float
        Time taken so far.
    """

    shape: tuple[int, int, int]
    theta: Floats
    state: Floats
    learning_rate: float
    last_rate: float | None
    n_steps: int
    n_seen: int
    n_epochs: int
    n_stalled: int
    best: float
    costs: Curve
    validation_costs: Curve | None
    scores: Curve | None
    best_theta: Floats | None
    early_stopping: Memory | None
    position: Position | None
    is_open: bool
    stopped_by: str | None
    seconds: float


class Stored(NamedTuple):
    """A checkpoint as it lies in a file: whose it is, and what CPU level wrote it."""

    checkpoint: Checkpoint
    fingerprint: Fingerprint
    level: str


def pack_stored(stored: Stored) -> Record:
    """Return what a file holds of a checkpoint."""
    point, memory = stored.checkpoint, stored.checkpoint.early_stopping
    network = Parameters.adopt(point.theta, point.shape).to_record()
    arrays = dict(network.arrays)
    optional = ("best_theta", *CURVES)
    arrays["state"] = point.state
    arrays.update({k: getattr(point, k) for k in optional if getattr(point, k) is not None})
    position = point.position
    fields = {
        "network": network.fields,
        "level": stored.level,
        "fingerprint": stored.fingerprint,
        "seconds": point.seconds,
        "stopped_by": point.stopped_by,
        "is_open": point.is_open,
        "learning_rate": point.learning_rate,
        "last_rate": point.last_rate,
        "best": _pack_number(point.best),
        "early_stopping": None if memory is None else _pack_memory(memory),
        "stream": None if position is None else pack_position(position, arrays),
        **{name: int(getattr(point, name)) for name in COUNTS},
    }
    return Record(KIND, fields, arrays)


def read_stored(record: Record) -> Stored:
    """Return the checkpoint that `pack_stored` packed, or raise ModelFormatError."""
    try:
        return _read(record)
    except ModelFormatError:
        raise
    except (TypeError, ValueError) as error:
        raise ModelFormatError(f"the checkpoint's parts do not fit: {error}") from error


def _read(record: Record) -> Stored:
    fields = require_keys(record.fields, FIELDS, "the checkpoint")
    arrays = dict(record.arrays)
    held = {"theta": arrays.pop("theta")} if "theta" in arrays else {}
    network = require_keys(fields["network"], {"n_x", "n_h", "n_y"}, "the network")
    parameters = Parameters.from_record(Record("parameters", network, held))
    theta, last, stopped_by = parameters.flat, fields["last_rate"], fields["stopped_by"]
    stream, n_epochs = fields["stream"], check_integer(fields["n_epochs"], "n_epochs", 0, MAX_COUNT)
    costs = _read_curve(arrays, "costs")
    if costs is None:
        raise ModelFormatError("the checkpoint has no costs")
    checkpoint = Checkpoint(
        shape=parameters.shape,
        theta=theta,
        state=_read_state(arrays, theta),
        learning_rate=check_real(fields["learning_rate"], "learning_rate", "[0, inf)"),
        last_rate=None if last is None else check_real(last, "last_rate", "[0, inf)"),
        n_steps=check_integer(fields["n_steps"], "n_steps", 0, MAX_COUNT),
        n_seen=check_integer(fields["n_seen"], "n_seen", 0, MAX_COUNT),
        n_epochs=n_epochs,
        n_stalled=check_integer(fields["n_stalled"], "n_stalled", 0, MAX_COUNT),
        best=_read_number(fields["best"], "best"),
        costs=costs,
        validation_costs=_read_curve(arrays, "validation_costs"),
        scores=_read_curve(arrays, "scores"),
        best_theta=_read_best(arrays, theta),
        early_stopping=_read_memory(fields["early_stopping"], n_epochs),
        position=None if stream is None else read_position(stream, arrays),
        is_open=check_flag(fields["is_open"], "is_open"),
        stopped_by=None if stopped_by is None else check_name(stopped_by, "stopped_by", REASONS),
        seconds=check_real(fields["seconds"], "seconds", "[0, inf)"),
    )
    _check_parts(checkpoint, fields, arrays)
    return Stored(checkpoint, fields["fingerprint"], fields["level"])


def _check_parts(checkpoint: Checkpoint, fields: dict[str, Any], rest: Arrays) -> None:
    """Raise ModelFormatError if parts contradict each other, or arrays have been left over."""
    if rest:
        raise ModelFormatError(f"the checkpoint has unknown arrays {sorted(rest)}")
    if (checkpoint.last_rate is None) != (checkpoint.n_epochs == 0):
        raise ModelFormatError("the checkpoint has epochs without a rate used, or vice versa")
    if checkpoint.is_open and (checkpoint.stopped_by is not None or not checkpoint.n_epochs):
        raise ModelFormatError("the checkpoint has an open end where nothing is to come")
    digests = require_keys(fields["fingerprint"], set(GROUPS), "the fingerprint")
    if not all(isinstance(digest, str) and len(digest) == 64 for digest in digests.values()):
        raise ModelFormatError("the fingerprint does not hold digests")
    if not isinstance(fields["level"], str) or len(fields["level"]) > MAX_WORD:
        raise ModelFormatError("the level is no name")


def _read_state(arrays: Arrays, theta: Floats) -> Floats:
    state = arrays.pop("state", None)
    if state is None or state.ndim != 2 or state.shape[1] != theta.size:
        raise ModelFormatError("the optimizer's state does not fit the parameters")
    # it may be infinite where they are not: the square of a gradient in float32
    if state.dtype != theta.dtype or np.isnan(state).any():
        raise ModelFormatError("the optimizer's state has another dtype, or NaN")
    return state


def _read_best(arrays: Arrays, theta: Floats) -> Floats | None:
    best = arrays.pop("best_theta", None)
    if best is not None and (best.shape != theta.shape or best.dtype != theta.dtype):
        raise ModelFormatError("best_theta does not fit the parameters")
    if best is not None and not np.isfinite(best).all():
        raise ModelFormatError("best_theta is not finite")
    return best


def _read_curve(arrays: Arrays, name: str) -> Curve | None:
    """Return a curve, whose numbers may be anything."""
    curve = arrays.pop(name, None)
    if curve is None:
        return None
    if curve.ndim != 1 or curve.dtype != np.float64:
        raise ModelFormatError(f"{name} must be one row of float64")
    return curve


def _pack_memory(memory: Memory) -> dict[str, Any]:
    return {**memory._asdict(), "best_cost": _pack_number(memory.best_cost)}


def _read_memory(fields: Any, n_epochs: int) -> Memory | None:
    if fields is None:
        return None
    require_keys(fields, set(Memory._fields), "the early stopping")
    n_stalled = check_integer(fields["n_stalled"], "n_stalled", 0, n_epochs)
    best, epoch = _read_number(fields["best_cost"], "best_cost"), fields["best_epoch"]
    if epoch is not None:
        epoch = check_integer(epoch, "best_epoch", 0, n_epochs - 1)
    if (epoch is None) != (best == math.inf):
        raise ModelFormatError("best_cost and best_epoch do not fit")
    return Memory(n_stalled, best, epoch)


def _pack_number(number: float) -> float | str:
    return float(number) if math.isfinite(number) else repr(float(number))


def _read_number(value: Any, name: str) -> float:
    if value in ("inf", "-inf"):
        return float(value)
    return check_real(value, name, "(-inf, inf)")
