"""How a training and its checkpoints come together: what must be the same, and where it begins."""

from __future__ import annotations

from typing import Any

from ..._native.streams import Seed
from ..building import TrainingData
from ..loop import TrainingLoop
from ..options import TrainOptions, check_drawing
from ..solvers import FirstOrder, Minimizer
from .file import CheckpointFile, check_path
from .fingerprint import fingerprint_of
from .record import CheckpointSpec

# options that change no bit of an epoch, and the one that `COSTS` tells in older words
FREE = ("n_threads", "keeps_state", "keeps_memory", "max_evaluations", "as_scikit_learn")
# options that came later: where they change nothing, a training is that of an earlier version
LATER = (
    "weight_decay", "schedule", "all_epochs", "average", "weight_units", "bias_rate", "scale_rate",
    "quantile",
)  # fmt: skip
UNITS = ("hidden", "output", "negative_slope")
# the options of costs as the first version told them, and what they are in `train`
COSTS = {"l2_is_shared": False, "loss_scale": 1.0, "counts_examples": False}


def keep_train(
    loop: TrainingLoop,
    path: Any,
    every: int,
    *,
    seed: Seed,
    validation: Any,
    data: TrainingData,
    started: float,
) -> float:
    """Let `train` go on from its checkpoint, if there is one, and write it as it goes.

    Parameters
    ----------
    loop : TrainingLoop
        As it would begin.
    path, every, seed, validation
        As the user has given them.
    data : TrainingData
    started : float
        When it began; returned is when it began less the time that it had taken until then.

    Raises
    ------
    TypeError, FileNotFoundError
        As `check_path` does.
    OSError, ValueError
        As `go_on` does; ValueError also if anything is drawn, and `seed` is no int.
    """
    solver = loop.solver
    assert isinstance(solver, (FirstOrder, Minimizer))
    is_given = validation is None or isinstance(validation, (tuple, list))
    draws = None
    if solver.draws_orders or not is_given:
        draws = (str(check_drawing(seed, "seed")), None if is_given else validation)
    early = loop.patience if loop.patience is not None and loop.stops_early else None
    options = {"cost_every": loop.cost_every, **solver.told}
    defaults = TrainOptions._field_defaults
    told = {
        name: value
        for name, value in options.items()
        if name not in FREE and not (name in LATER and value == defaults[name])
    }
    how: tuple[Any, ...] = (
        loop.counted,
        {**told, **COSTS},
        solver.is_adaptive,
        solver.draws_orders,
        loop.validation is not None,
        None if early is None else (early.tol, early.limit),
        draws,
    )
    if loop.validation is not None and loop.validation.output_range is not None:
        how = (*how, *loop.validation.output_range)
    mine = fingerprint_of(
        network=(solver.shape, loop.state.theta.dtype.str, [options[name] for name in UNITS]),
        options=("train", *how),
        data=(data.everything, data.held_out if is_given else None),
        start=loop.state.theta,
    )
    file = CheckpointFile(
        check_path(path), every, mine, spec_of(loop, solver, is_fit=False), started
    )
    go_on(loop, solver, file)
    return file.started


def spec_of(loop: TrainingLoop, solver: FirstOrder | Minimizer, *, is_fit: bool) -> CheckpointSpec:
    """Return what the checkpoints of a training look like, which is still to begin."""
    return CheckpointSpec(
        solver=solver,
        start=loop.state,
        history=loop.history,
        n_epochs=loop.n_epochs,
        cost_every=loop.cost_every,
        is_fit=is_fit,
        stops_early=loop.stops_early,
    )


def go_on(loop: TrainingLoop, solver: FirstOrder | Minimizer, file: CheckpointFile) -> None:
    """Let the loop begin where the file's training stands, if there is one, and write to it.

    Raises
    ------
    OSError, ValueError
        As `CheckpointFile.read` and `write` do: before any training.
    """
    found, orders = file.read(), solver.orders
    if found is None:
        if orders is not None:
            loop.state = loop.state._replace(position=orders.position())
        file.write(loop.state, loop.history)  # a file that cannot be written is found out now
    else:
        loop.state, loop.history = found
        if orders is not None and loop.state.position is not None:
            orders.go_to(loop.state.position)
    loop.written, loop.checkpoints = loop.state, file
