"""What a model tells of its training: costs, rate, solver; of results and estimators alike."""

from __future__ import annotations

import math
from collections.abc import Sequence
from numbers import Real
from typing import Any, NamedTuple

import numpy as np

from ..._native.arrays import Doubles
from ...models import innermost
from ...network import Parameters
from ...training import MINIMIZERS, TrainingResult, TrainingResults

NONE = np.empty(0)
ENDS = ("early_stopping", "tol")


class TrainingRun(NamedTuple):
    """A training, as far as the model remembers it.

    Attributes
    ----------
    costs, validation : ndarray
        The curves, with gaps left out; empty where there are none.
    optimizer : str or None
        Its name, None if it is not known.
    rate, momentum, l2, alpha : float
        The learning rate, NaN without one; the momentum of sgd; the decay in the core's terms, or
        in scikit-learn's, which is shared by all examples.
    has_diverged : bool
        Whether it was broken off because numbers were no longer finite.
    best : int or None
        The place in `validation` of the parameters kept, if they are those that were best there.
    start_costs : ndarray
        What several starts came to, less is better; empty of one start.
    sums_starts : bool
        Whether these are sums over all examples, as the evidence is.
    scales_inputs, scales_target, weighs_classes : bool
        Of an estimator that does.
    rate_name : str
        What the learning rate is called where it was given.
    ended_by : str
        What ended it before its last iteration: "early_stopping", "tol", or "" if nothing did.
    n_epochs, patience : int
        After how many epochs it ended, and how many without progress it bore; 0 is not known.
    is_sklearn : bool
        Of an estimator that is not ours.
    """

    costs: Doubles = NONE
    validation: Doubles = NONE
    optimizer: str | None = None
    rate: float = math.nan
    momentum: float = 0.0
    l2: float = 0.0
    alpha: float = 0.0
    has_diverged: bool = False
    best: int | None = None
    start_costs: Doubles = NONE
    sums_starts: bool = False
    scales_inputs: bool = False
    scales_target: bool = False
    weighs_classes: bool = False
    rate_name: str = "learning_rate"
    ended_by: str = ""
    n_epochs: int = 0
    patience: int = 0
    is_sklearn: bool = False

    @property
    def is_minimized(self) -> bool:
        """Whether a solver did it that finds its steps by itself."""
        return self.optimizer in MINIMIZERS

    @property
    def is_function(self) -> bool:
        """Whether a function did it, `train` or another, not an estimator."""
        return self.rate_name == "learning_rate"

    @property
    def lbfgs(self) -> str:
        """How it is told to take lbfgs."""
        return f"{'optimizer' if self.is_function else 'solver'}='lbfgs'"

    @property
    def longer(self) -> str:
        """What makes it train longer, as the begin of a sentence."""
        after = f"after {self.n_epochs} epochs"
        now = f" (now {self.patience})" if self.patience else ""
        if self.ended_by == "early_stopping":
            return f"Early stopping ended it {after}: raise n_iter_no_change{now}"
        if self.ended_by == "tol" and self.is_minimized:
            return "It has come to rest: begin elsewhere"
        if self.ended_by == "tol":
            return f"It ended by tol {after}: lower tol, or raise n_iter_no_change{now}"
        return "Train longer"

    @property
    def decay(self) -> str:
        """The decay as it was given."""
        return f"l2 = {self.l2:g}" if self.l2 or not self.alpha else f"alpha = {self.alpha:g}"


def model_and_run(model: Any) -> tuple[Any, TrainingRun]:
    """Return the one model to look at, and its training.

    Of the error of a training its result is taken, of many results that with the lowest cost.
    """
    if isinstance(model, BaseException):
        model = getattr(model, "result", model)
    if isinstance(model, TrainingResults):
        results = [model[k] for k in range(len(model))]
        ends = np.array([r.costs[-1] if r.costs.size else math.nan for r in results])
        best = results[int(np.argmin(np.where(np.isfinite(ends), ends, np.inf)))]
        starts = ends if len(ends) > 1 and _are_restarts(model, results) else NONE
        return best, run_of_result(best)._replace(start_costs=starts)
    if isinstance(model, TrainingResult):
        return model, run_of_result(model)
    if isinstance(model, Parameters):
        return model, TrainingRun()
    return model, run_of_estimator(innermost(model)[1])


def run_of_result(result: TrainingResult) -> TrainingRun:
    """Return what a TrainingResult knows."""
    is_whole = result.stopped_by not in ("divergence", "interrupt")
    optimizer = result.optimizer
    if optimizer is None and math.isnan(result.learning_rate):
        optimizer = MINIMIZERS[0]  # of an older version
    return TrainingRun(
        costs=_known(result.costs),
        validation=_known(result.validation_costs),
        optimizer=optimizer,
        rate=result.learning_rate,
        momentum=result.momentum or 0.0,
        l2=result.l2 if isinstance(result.l2, float) else 0.0,
        has_diverged=result.stopped_by == "divergence",
        best=result.best_epoch if is_whole else None,
        start_costs=_known(result.start_costs),
        sums_starts=result.log_evidence is not None,
        ended_by=result.stopped_by if result.stopped_by in ENDS else "",
        n_epochs=result.n_epochs,
    )


def run_of_estimator(estimator: Any) -> TrainingRun:
    """Return what an estimator of ours or scikit-learn's knows, by public attributes alone."""

    def told(name: str, other: Any = None) -> Any:
        return getattr(estimator, name, other)

    solver, alpha = told("solver"), told("alpha", 0.0)
    has_rate = solver not in MINIMIZERS and told("learning_rate", "constant") == "constant"
    stops_early = bool(told("early_stopping", False))
    validation = _known(told("validation_loss_curve_"))
    scores = _known(told("restart_scores_"))
    n_epochs = int(told("n_iter_", 0) or 0)
    has_ended = 0 < n_epochs < (told("max_iter") or 0)
    return TrainingRun(
        costs=_known(told("loss_curve_")),
        validation=validation,
        optimizer=solver,
        rate=float(told("learning_rate_init", math.nan)) if has_rate else math.nan,
        momentum=float(told("momentum", 0.0)) if solver == "sgd" else 0.0,
        alpha=float(alpha) if isinstance(alpha, Real) else 0.0,
        best=int(validation.argmin()) if stops_early and validation.size else None,
        start_costs=-scores if scores.size > 1 else NONE,
        sums_starts=alpha == "evidence",
        scales_inputs=bool(told("standardize", False)),
        scales_target=bool(told("standardize_target", False)),
        weighs_classes=told("class_weight") is not None,
        rate_name="learning_rate_init",
        ended_by=ENDS[not stops_early] if has_ended else "",
        n_epochs=n_epochs,
        patience=int(told("n_iter_no_change", 0) or 0),
        is_sklearn=type(estimator).__module__.startswith("sklearn."),
    )


def _known(values: Any) -> Doubles:
    """Return a curve as an array, empty where there is none."""
    return NONE if values is None else np.asarray(values, np.float64).ravel()


def _are_restarts(results: TrainingResults, each: Sequence[TrainingResult]) -> bool:
    """Tell whether many networks differ in their starts alone, as far as they know."""
    kinds = {(r.parameters.shape, str(r.l2), str(r.learning_rate), r.optimizer) for r in each}
    return len(kinds) == 1 and results.held_out_outputs is None
