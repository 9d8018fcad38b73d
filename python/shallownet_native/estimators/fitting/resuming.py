"""A fit and its checkpoints: what must be the same for it to go on."""

from __future__ import annotations

import numpy as np

from ...network import Objective
from ...training import FirstOrder, Minimizer, TrainingLoop
from ...training.checkpoints import CheckpointFile, check_path, fingerprint_of, go_on, spec_of
from ..parameters import Settings

# constructor's parameters that change no bit of an epoch, or stand elsewhere in the fingerprint
FREE = {
    "activation", "callbacks", "checkpoint", "checkpoint_every", "class_weight",
    "hidden_layer_sizes", "max_fun", "max_iter", "n_restarts", "n_threads", "negative_slope",
    "progress", "quantile", "standardize_target", "verbose", "warm_start",
}  # fmt: skip


def keep_fit(
    kind: str,
    settings: Settings,
    loop: TrainingLoop,
    objective: Objective,
    held_out: Objective | None,
    started: float,
) -> float:
    """Go on from the checkpoint if there is one, and write others.

    Returns
    -------
    started : float
        When it began, less the time that it had taken until then.
    """
    solver = loop.solver
    assert isinstance(solver, (FirstOrder, Minimizer))
    options = {
        name: value.__name__ if hasattr(value, "__name__") else value
        for name, value in vars(settings).items()
        if name not in FREE
    }
    options["batch_size"] = solver.told.get("batch_size", len(objective))
    units = objective.units
    told = units if units.output == "quantile" else units.of_passes
    state, history = loop.state, loop.history
    curves = (history.earlier, history.validation_costs, history.scores)
    mine = fingerprint_of(
        network=(objective.shape, state.theta.dtype.str, told),
        options=(kind, options),
        data=(objective.examples, None if held_out is None else held_out.examples),
        start=(
            state.theta,
            state.n_seen,
            state.best,
            state.n_stalled,
            [None if curve is None else np.array(curve, np.float64) for curve in curves],
        ),
    )
    path, every = check_path(settings.checkpoint), int(settings.checkpoint_every)
    file = CheckpointFile(path, every, mine, spec_of(loop, solver, is_fit=True), started)
    go_on(loop, solver, file)
    return file.started
