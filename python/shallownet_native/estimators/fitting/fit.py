"""One call of `fit` or `partial_fit`, from checked data to fitted attributes.

The data become objectives, the training loop runs with the parts that are built here, and what it
leaves is written down: also after Ctrl-C and divergence, when it is the last complete epoch.
"""

from __future__ import annotations

import copy
import math
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from ..._native.arrays import Floats
from ..._native.signals import finish_whole
from ...network import Objective, Parameters
from ...training import (
    EVIDENCE,
    DivergenceError,
    FirstOrder,
    Minimizer,
    Patience,
    TrainingInterrupted,
    TrainingLoop,
    TrainingResult,
    TrainOptions,
    Validation,
    result_of,
)
from ..parameters import STOCHASTIC
from ..solvers import Optimizer, minimizer
from .beginning import Prepared, batch_size, begin_history, begin_state, make_objective
from .callbacks import EpochPrinter
from .data import Data
from .held_out import Score, chosen_score, native_score
from .publishing import Draft, attributes_after
from .resuming import keep_fit
from .standardization import fold, unfold

if TYPE_CHECKING:
    from ...training import Callback

DIVERGED = (
    "Solver produced non-finite parameter weights. The input data may contain large values and "
    "need to be preprocessed."
)


class Fit:
    """A fit under way.

    Parameters
    ----------
    draft : Draft
        Of a ShallowNetClassifier or ShallowNetRegressor, its copy with a network drawn for the
        data, or from earlier fits.
    prepared : Prepared
    is_partial : bool
        One epoch, by the optimizer of earlier ones.
    callbacks, on_begin
        To be called as epochs end, and begin.
    warns : bool
        Whether to say that a batch has fewer rows than it was asked for.
    """

    def __init__(
        self,
        draft: Draft,
        prepared: Prepared,
        *,
        is_partial: bool = False,
        callbacks: list[Callback],
        on_begin: Callable[[], None] | None = None,
        warns: bool = True,
    ) -> None:
        self.started = time.perf_counter()
        self.draft = draft
        self.earlier = vars(draft.estimator)  # what fits have left
        self.settings = settings = prepared.settings
        self.prepared = prepared
        self.is_partial = is_partial
        self.max_iter = 1 if is_partial else settings.max_iter
        self.ended_by = "error"
        self.batch_size = batch_size(settings, prepared.data.X.shape[0], warns)
        alpha = 0.0 if settings.alpha == EVIDENCE else float(settings.alpha)
        self.objective = make_objective(prepared, "data", alpha, self.batch_size)
        self.held_out = None
        validation = None
        if prepared.held_out is not None:
            rows = prepared.held_out
            self.held_out = make_objective(prepared, "held_out", 0.0, rows.X.shape[0])
            validation = Validation(self.held_out.loss, self.make_score(rows, self.held_out))
        network = prepared.start
        start = (network if prepared.is_new else unfold(network, *prepared.scaling)).flat
        self.optimizer = self.make_optimizer(start) if settings.solver in STOCHASTIC else None
        self.loop = self.make_loop(start, validation, callbacks, on_begin)
        if settings.checkpoint is not None:
            kind, objectives = type(draft.owner).__name__, (self.objective, self.held_out)
            self.started = keep_fit(kind, settings, self.loop, *objectives, self.started)

    def make_score(self, held_out: Data, objective: Objective) -> Score | None:
        """Return the score that stops early; None without such."""
        settings, targets = self.settings, self.prepared.targets
        if not settings.early_stopping:
            return None
        if settings.scoring == "loss":
            return lambda theta, cost: -cost
        if settings.scoring is None:
            return native_score(objective, targets.score)
        model = copy.copy(self.draft.estimator)
        vars(model).pop("feature_names_in_", None)  # the rows held out have none
        given = held_out._replace(y=targets.decode(held_out.y))
        return chosen_score(settings.scoring, model, self.network, given)

    def make_optimizer(self, theta: Floats) -> Optimizer:
        """Return the optimizer to begin with: a new one, or that of earlier epochs."""
        kept = self.earlier.get("_optimizer") if self.is_partial else None
        if kept is None:
            return Optimizer(self.settings, theta.size, theta.dtype)
        optimizer: Optimizer = copy.copy(kept)  # the estimator's own stays with its weights
        # the user may have put arrays of another dtype into coefs_
        optimizer.state = optimizer.state.astype(theta.dtype, copy=False)
        return optimizer

    def make_loop(
        self,
        theta: Floats,
        validation: Validation | None,
        callbacks: list[Callback],
        on_begin: Callable[[], None] | None,
    ) -> TrainingLoop:
        """Return the loop, ready to go on from where the estimator stands."""
        settings, optimizer = self.settings, self.optimizer
        stops_early = validation is not None and validation.score is not None
        solver = self.make_solver(on_begin)
        limit = settings.n_iter_no_change if optimizer or stops_early else math.inf
        watches = "scores" if stops_early else "costs"
        patience = Patience(float(settings.tol), limit, True, "tol", watches)
        history = begin_history(self.earlier, validation is not None, stops_early)
        stall = None
        if settings.verbose:
            is_adaptive = isinstance(solver, FirstOrder) and solver.is_adaptive
            n_earlier = len(history.earlier)
            printer = EpochPrinter(patience, is_adaptive, n_earlier, self.draft.label)
            callbacks, stall = [printer.end_epoch, *callbacks], printer.stall
        return TrainingLoop(
            solver,
            begin_state(self.earlier, theta, optimizer, stops_early),
            history,
            n_epochs=self.max_iter,
            counted="max_iter",
            patience=patience,
            validation=validation,
            callbacks=callbacks,
            network=self.network,
            on_stalled=stall,
        )

    def make_solver(self, on_begin: Callable[[], None] | None) -> FirstOrder | Minimizer:
        """Return the solver of the objective."""
        settings, objective, optimizer = self.settings, self.objective, self.optimizer
        if optimizer is None:
            return minimizer(objective, settings, on_begin)
        options = TrainOptions(
            **objective.units._asdict(),
            **optimizer.options,
            learning_rate=optimizer.learning_rate_init,
            power_t=optimizer.power_t if optimizer.schedule == "invscaling" else 0.0,
            l2=objective.alpha,
            as_scikit_learn=True,
            batch_size=self.batch_size,
            n_threads=objective.n_threads,
        )
        shuffles = settings.shuffle and settings.solver != "gd"
        return FirstOrder(
            objective.shape,
            objective.examples,
            options,
            is_adaptive=optimizer.schedule == "adaptive",
            stream=self.prepared.random_state if shuffles else None,
            marks_positions=settings.checkpoint is not None,
            constant=objective.constant_of_batches(self.batch_size),
            on_begin=on_begin,
        )

    def network(self, theta: Floats) -> Parameters:
        """Return the network for X and y as they are given, on `theta` itself if it can be."""
        start = self.prepared.start
        network = Parameters.adopt(theta, start.shape, self.objective.units.known())
        network, dtype = fold(network, *self.prepared.scaling), start.dtype
        return network if network.dtype == dtype else network.astype(dtype)

    def run(self) -> None:
        """Train, and give the estimator what came of it.

        However many interrupts come, that is the last complete epoch, whole; before the first one
        it is the start, unless the estimator was fitted before: then it stays as it was.

        Raises
        ------
        DivergenceError
            If the numbers are no longer finite, unless early stopping has better weights to keep.
        TrainingInterrupted
            On Ctrl-C.
        """
        loop = self.loop
        finish_whole(loop.solver.doors, lambda: self.end(loop.run()), self.finish)

    def end(self, ended_by: str) -> None:
        """Take in why the loop has ended."""
        if ended_by == "divergence" and self.loop.stops_early:
            self.loop.end_in_divergence()
        self.ended_by = ended_by

    def finish(self, error: BaseException | None) -> tuple[None, BaseException | None]:
        """Publish the last state, and return what is to be raised, if anything.

        `error` has broken off the training; it may also come after it, or in here, before.
        """
        n_epochs, raised = self.loop.state.n_epochs, error
        if isinstance(error, KeyboardInterrupt):
            raised = TrainingInterrupted(
                f"fit was interrupted after {n_epochs} complete epochs",
                self.result("interrupt"),
                ".result of this exception holds the model as it was then, and so does the "
                "estimator, unless there were none and it was fitted before",
            )
        elif self.ended_by == "divergence" and not self.loop.stops_early:
            raised = DivergenceError(
                divergence_of(self.loop),
                self.result("divergence"),
                "the estimator, and .result of this exception, hold the last finite model.",
            )
        if n_epochs > 0 or error is None or not self.draft.was_fitted:
            attributes = attributes_after(
                self.loop,
                optimizer=self.optimizer,
                is_whole=error is None,
                total=self.objective.total,
                scaling=self.prepared.scaling,
            )
            self.draft.publish(attributes)
        return None, raised

    def result(self, stopped_by: str) -> TrainingResult:
        """Return what the exceptions carry."""
        seconds = time.perf_counter() - self.started
        return result_of(self.loop, stopped_by, seconds)


def divergence_of(loop: TrainingLoop) -> str:
    """Return the words on a fit that has left the finite numbers, with what to do."""
    if not loop.solver.has_rate:  # it takes no step to where the loss is not finite
        return (
            f"{DIVERGED} This was where training began: scale the inputs, as standardize=True "
            "does, or the targets"
        )
    where = f"in epoch {loop.state.n_epochs + 1}"
    return f"{DIVERGED} This was {where}: scale the inputs, or lower learning_rate_init"
