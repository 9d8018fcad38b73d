"""One call of `fit` or `partial_fit`, from checked data to fitted attributes.

The data become tasks, a solver runs, epoch by epoch, and what it leaves is written down: also after
Ctrl-C and divergence, when it is the last complete epoch.
"""

from __future__ import annotations

import copy
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from ..._extras.scikit_learn import ConvergenceWarning
from ..._messages.caller import warn_caller
from ..._native.arrays import Floats
from ..._native.backend import resolve_threads
from ..._native.signals import finish_whole
from ..._native.sparse import is_sparse, sparse_rows
from ...network import Examples, Parameters, Task
from ...training import DivergenceError, TrainingInterrupted, TrainingResult
from ...training.checkpoints import CheckpointFile, check_path
from ..parameters import units
from ..solvers import (
    Epochs,
    HeldOut,
    History,
    Lbfgs,
    Listener,
    Optimizer,
    Patience,
    Stochastic,
    attributes_after,
    fit_fingerprint,
    result_of,
)
from .coefs import store, stored
from .data import Data, scaling_of
from .draft import Draft
from .fit_warnings import warn_of_end
from .held_out import chosen_score, native_score
from .standardization import fold, unfold

DIVERGED = (
    "Solver produced non-finite parameter weights. The input data may contain large values and "
    "need to be preprocessed."
)
AUTO_BATCH = 200


class DivergenceWarning(ConvergenceWarning):  # type: ignore[misc]
    """Training left the finite numbers; early stopping has kept the best weights until then."""


class Fit:
    """A fit under way.

    Parameters
    ----------
    draft : Draft
        Of a ShallowNetClassifier or ShallowNetRegressor, its copy with a network drawn for the
        data, or from earlier fits.
    data, held_out : Data
        To learn from; to validate on, or None.
    is_new : bool
        Whether the network was just drawn: then it is one for scaled data, if they are scaled.
    is_partial : bool
        One epoch, by the optimizer of earlier ones.
    listeners, on_begin
        To be called as epochs end, and begin.
    """

    def __init__(
        self,
        draft: Draft,
        data: Data,
        held_out: Data | None,
        *,
        is_new: bool,
        is_partial: bool = False,
        listeners: list[Listener],
        on_begin: Callable[[], None] | None = None,
    ) -> None:
        self.started = time.perf_counter()
        self.draft = draft
        self.estimator = estimator = draft.estimator
        self.is_partial = is_partial
        self.max_iter = 1 if is_partial else estimator.max_iter
        self.ended_by = "error"
        self.scaling = scaling_of(estimator)
        self.start = stored(estimator)
        self.batch_size = batch_size(estimator, data.X.shape[0])
        self.task = self.make_task(data, float(estimator.alpha), self.batch_size)
        start = self.start if is_new else unfold(self.start, *self.scaling)
        validation = None if held_out is None else self.make_validation(held_out)
        self.epochs = Epochs(
            start.flat,
            begin_record(estimator, validation),
            begin_patience(estimator),
            validation=validation,
            listeners=listeners,
            snapshot=self.snapshot,
            verbose=bool(estimator.verbose),
            on_begin=on_begin,
        )
        self.solver = self.make_solver()
        if estimator.checkpoint is not None:
            self.keep_checkpoints()

    def make_task(self, data: Data, alpha: float, batch_size: int) -> Task:
        """Return the task of these data, in the model's dtype (lbfgs: float64)."""
        estimator, shape = self.estimator, self.start.shape
        dtype = np.float64 if estimator.solver == "lbfgs" else self.start.dtype
        inputs, targets = self.scaling
        X = data.X if inputs is None else inputs.apply(data.X, dtype)
        y = data.y if targets is None else targets.apply(data.y, dtype)
        # in C order once, instead of by the core at every call: a DataFrame's array is in F order
        x = sparse_rows(X, dtype) if is_sparse(X) else np.ascontiguousarray(X, dtype)
        weights = None if data.weights is None else data.weights.astype(dtype, copy=False)
        examples = Examples(x, np.ascontiguousarray(y, dtype), weights)
        n_threads = resolve_threads(estimator.n_threads, shape, batch_size)
        return Task(shape, units(estimator, shape), examples, alpha, n_threads)

    def make_validation(self, held_out: Data) -> HeldOut:
        """Return what is looked at after each epoch, and with early stopping its score."""
        estimator = self.estimator
        task = self.make_task(held_out, 0.0, held_out.X.shape[0])
        if not estimator.early_stopping:
            return HeldOut(task, None)
        if estimator.scoring is None:
            return HeldOut(task, native_score(task, estimator._metric))
        if estimator.scoring == "loss":
            return HeldOut(task, lambda theta: -task.loss(theta))
        model = copy.copy(estimator)
        vars(model).pop("feature_names_in_", None)  # the rows held out have none
        score = chosen_score(
            estimator.scoring,
            model,
            lambda theta: store(model, self.snapshot(theta)),
            X=held_out.X,
            y=estimator._labels_of(held_out.y),
            weights=held_out.weights,
        )
        return HeldOut(task, score)

    def outcome(self, theta: Floats) -> Parameters:
        """Return the network for X and y as they are given, on `theta` itself: at the end."""
        network = Parameters.adopt(theta, self.start.shape, self.task.units.known())
        network, dtype = fold(network, *self.scaling), self.start.dtype
        return network if network.dtype == dtype else network.astype(dtype)

    def snapshot(self, theta: Floats) -> Parameters:
        """Return the same on a copy."""
        return self.outcome(theta.copy())

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
        finish_whole(self.solver.doors, self.train, self.finish)
        if self.ended_by == "divergence":
            message = f"{DIVERGED} Early stopping keeps the best weights before that."
            warn_caller(message, DivergenceWarning)
        is_stochastic = isinstance(self.solver, Stochastic)
        if self.ended_by == "max_iter" and is_stochastic and not self.is_partial:
            warn_caller(
                f"Stochastic Optimizer: Maximum iterations ({self.max_iter}) reached and the "
                "optimization hasn't converged yet.",
                ConvergenceWarning,
            )
        if self.ended_by in ("max_iter", "tol") and not self.is_partial:
            warn_of_end(self.estimator, self.epochs, self.task)

    def train(self) -> None:
        """Let the solver run to its end."""
        ended_by = self.solver.run(self.max_iter)
        if ended_by == "divergence" and self.epochs.stops_early:
            self.solver.end_in_divergence()
        self.ended_by = ended_by

    def finish(self, error: BaseException | None) -> tuple[None, BaseException | None]:
        """Publish the last moment, and return what is to be raised, if anything.

        `error` has broken off the training; it may also come after it, or in here, before.
        """
        n_epochs = self.solver.whole.n_epochs
        raised = error
        if isinstance(error, KeyboardInterrupt):
            raised = TrainingInterrupted(
                f"fit was interrupted after {n_epochs} complete epochs",
                self.result("interrupt"),
                ".result of this exception holds the model as it was then, and so does the "
                "estimator, unless there were none and it was fitted before",
            )
        elif self.ended_by == "divergence" and not self.epochs.stops_early:
            raised = DivergenceError(
                f"{DIVERGED} This was in epoch {n_epochs + 1}: scale the inputs, or lower "
                "learning_rate_init",
                self.result("divergence"),
                "the estimator, and .result of this exception, hold the last finite model.",
            )
        if n_epochs > 0 or error is None or not self.draft.was_fitted:
            attributes = attributes_after(
                self.solver, self.epochs, self.outcome, is_whole=error is None
            )
            self.draft.publish(attributes)
        return None, raised

    def make_solver(self) -> Stochastic | Lbfgs:
        """Return the solver, ready to go on from where the estimator stands."""
        estimator, epochs = self.estimator, self.epochs
        if estimator.solver == "lbfgs":
            return Lbfgs(self.task, epochs, tol=estimator.tol, max_fun=estimator.max_fun)
        optimizer = vars(estimator).get("_optimizer") if self.is_partial else None
        if optimizer is None:
            optimizer = Optimizer(estimator, epochs.theta.size, epochs.theta.dtype)
        optimizer = copy.copy(optimizer)  # the estimator's own stays with the estimator's weights
        # the user may have put arrays of another dtype into coefs_
        optimizer.state = optimizer.state.astype(epochs.theta.dtype, copy=False)
        shuffles = estimator.shuffle and estimator.solver != "gd"
        return Stochastic(
            self.task,
            optimizer,
            epochs,
            n_seen=getattr(estimator, "t_", 0),
            batch_size=self.batch_size,
            stream=estimator._random_state if shuffles else None,
        )

    def keep_checkpoints(self) -> None:
        """Go on from the checkpoint if there is one, and write others."""
        estimator, solver = self.estimator, self.solver
        assert isinstance(solver, Stochastic)
        mine = fit_fingerprint(
            estimator, self.task, self.epochs, n_seen=solver.n_seen, batch_size=self.batch_size
        )
        path = check_path(estimator.checkpoint)
        keeper = CheckpointFile(path, int(estimator.checkpoint_every), mine)
        self.started -= solver.keep(keeper, estimator.max_iter)

    def result(self, stopped_by: str) -> TrainingResult:
        """Return what the exceptions carry."""
        seconds = time.perf_counter() - self.started
        return result_of(
            self.solver, self.epochs, self.outcome, stopped_by=stopped_by, seconds=seconds
        )


def batch_size(estimator: Any, m: int) -> int:
    """Return how many of m examples a batch has: at most all of them."""
    if estimator.solver not in ("adam", "sgd"):
        return m
    if estimator.batch_size == "auto":
        return min(AUTO_BATCH, m)
    if estimator.batch_size > m:
        warn_caller(
            "Got `batch_size` less than 1 or larger than sample size. It is going to be clipped",
            UserWarning,
        )
    return min(int(estimator.batch_size), m)


def begin_record(estimator: Any, validation: HeldOut | None) -> History:
    """Return the lists that this fit appends to: copies of those that it goes on with."""
    has_score = validation is not None and validation.score is not None
    return History(
        _kept(estimator, "loss_curve_"),
        _kept(estimator, "validation_scores_") if has_score else None,
        _kept(estimator, "validation_loss_curve_") if validation is not None else None,
    )


def begin_patience(estimator: Any) -> Patience:
    """Return the count of epochs without gain, going on from where the estimator stands."""
    name, sign = ("best_validation_score_", 1) if estimator.early_stopping else ("best_loss_", -1)
    best = getattr(estimator, name, None)
    return Patience(
        float(estimator.tol),
        estimator.n_iter_no_change,
        -np.inf if best is None else sign * best,
        getattr(estimator, "_no_improvement_count", 0),
    )


def _kept(estimator: Any, name: str) -> list[float]:
    values = getattr(estimator, name, None)
    return [] if values is None else list(values)
