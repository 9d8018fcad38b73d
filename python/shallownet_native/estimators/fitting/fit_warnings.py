"""What is wrong with where a fit has ended, said in warnings: the weights do not show it."""

from __future__ import annotations

import numpy as np

from ..._extras.scikit_learn import ConvergenceWarning
from ..._messages.caller import warn_caller
from ..._native.sparse import is_sparse
from ...network import Objective
from ...training import Minimizer, TrainingLoop, TrainingState, stuck_at
from ..parameters import Settings
from .beginning import Prepared
from .fit import DIVERGED, Fit
from .standardization import ratio_of_scales

FAR = 10  # deviations of y between its mean and that of y_val
LIMITS = {"max_fun": "F,G EVALUATIONS EXCEEDS", "max_iter": "ITERATIONS REACHED"}
STOCHASTIC_LIMIT = (
    "Stochastic Optimizer: Maximum iterations ({}) reached and the optimization hasn't converged "
    "yet."
)
MUCH = 100  # times another column's deviation
SCALING = "https://scikit-learn.org/stable/modules/preprocessing.html"
UNLIKE = 30  # times the one's deviation is the other's


class DivergenceWarning(ConvergenceWarning):  # type: ignore[misc]
    """Training left the finite numbers; early stopping has kept the best weights until then."""

    __module__ = "shallownet_native"


def warn_of_fit(fit: Fit) -> None:
    """Say what is wrong with where a fit has ended; of its epochs in scikit-learn's words first."""
    loop, settings, ended_by = fit.loop, fit.settings, fit.ended_by
    if ended_by == "divergence":
        warn_caller(f"{DIVERGED} Early stopping keeps the best weights.", DivergenceWarning)
    if ended_by == "max_iter" and loop.solver.has_rate and not fit.is_partial:
        said = [STOCHASTIC_LIMIT.format(fit.max_iter), *on_scales(fit.prepared)]
        warn_caller(" ".join(said), ConvergenceWarning)
    if isinstance(loop.solver, Minimizer):
        warn_of_minimizer(loop.solver, loop.state, ended_by, fit.prepared)
    if ended_by not in ("max_iter", "max_fun", "tol") or fit.is_partial:
        return
    # class_weight is there to answer otherwise than most rows would have it
    if loop.stops_early and settings.scoring is None and settings.class_weight is None:
        _warn_of_score(fit)
    if loop.solver.has_rate:  # else no step goes up
        _warn_of_rise(settings, loop)


def on_scales(prepared: Prepared) -> list[str]:
    """Return a sentence on inputs whose scales differ much, and none where they do not."""
    if prepared.scaling[0] is not None:
        return []
    (X, y, weights), targets = prepared.data, prepared.targets
    ratio = ratio_of_scales(X, weights)
    if ratio <= MUCH:
        return []
    kind = "Classifier" if targets.classes is not None else "Regressor"
    is_one = y.shape[1] == 1 or targets.output == "softmax"
    # that takes dense tables, and labels or quantities of one kind
    fits = is_one and targets.output != "exp" and not is_sparse(X)
    other = f", or TabularShallowNet{kind}" if fits else ""
    what = f"The columns of X differ in scale by {ratio:.3g} times (standard deviations)"
    return [f"{what}: take standardize=True{other}"]


def warn_of_minimizer(
    solver: Minimizer, state: TrainingState, ended_by: str, prepared: Prepared
) -> None:
    """Warn if lbfgs or lm has ended by a limit, or where no step went down but one should have."""
    if ended_by in LIMITS:
        said = [not_converged(solver.name, state, ended_by), *on_scales(prepared)]
        warn_caller("\n".join(said), ConvergenceWarning)
    largest = solver.gradient_where_stuck(state)
    if largest is not None:
        mend = "scale the data, as standardize=True does, or try another random_state"
        warn_caller(stuck_at(solver.name, largest) + mend, ConvergenceWarning)


def not_converged(name: str, state: TrainingState, ended_by: str) -> str:
    """Return scikit-learn's words on an end of lbfgs that is none of the tolerance's."""
    n = state.n_epochs
    limit = "SOLVES EXCEEDS" if (name, ended_by) == ("lm", "max_fun") else LIMITS[ended_by]
    advice = "Increase the number of iterations to improve the convergence"
    return (
        f"{name} failed to converge after {n} iteration(s) (status=1):\n"
        f"STOP: TOTAL NO. OF {limit} LIMIT\n"
        + (f"\n{advice} (max_iter={n})." if ended_by == "max_iter" else "")
        + f"\nYou might also want to scale the data as shown in:\n    {SCALING}"
    )


def _warn_of_score(fit: Fit) -> None:
    """Warn if the network kept scores less than a constant would."""
    settings, score, held_out = fit.settings, fit.loop.state.best, fit.held_out
    assert held_out is not None
    constant = fit.prepared.targets.of_constant(held_out)
    if not np.isfinite(score) or score >= constant.score - constant.chance:
        return
    other = "learning_rate_init" if fit.loop.solver.has_rate else "try another random_state"
    mend = f"raise n_iter_no_change, now {settings.n_iter_no_change}, or {other}"
    if fit.objective.units.output in ("identity", "quantile"):
        distance = _distance(fit.objective, held_out)
        if distance is not None:
            mend = f"y_val is not of y's scale, {distance}: give both in the same units"
        elif not settings.standardize_target:
            mend = f"set standardize_target=True, or {mend}"
    warn_caller(
        f"Early stopping has ended at a validation score ({constant.measure}) of {score:.4g}, "
        f"below the {constant.score:.4g} of {constant.answer}: {mend}",
        ConvergenceWarning,
    )


def _distance(objective: Objective, held_out: Objective) -> str | None:
    """Return how far the targets held out are from those learned from, or None if they are near."""
    y, y_val = objective.examples.y.astype(np.float64), held_out.examples.y.astype(np.float64)
    spread, spread_val = y.std(axis=0), y_val.std(axis=0)
    varies = spread > 0
    if not varies.any():
        return None
    means = (np.abs(y_val.mean(axis=0) - y.mean(axis=0))[varies] / spread[varies]).max()
    if means > FAR:
        return f"its mean lies {means:.3g} deviations of y from that of y"
    ratio = (spread_val[varies] / spread[varies]).max()
    if not 1 / UNLIKE < ratio < UNLIKE:
        return f"it varies {ratio:.3g} times as much"
    return None


def _warn_of_rise(settings: Settings, loop: TrainingLoop) -> None:
    """Warn of a loss above the first of the fit's own epochs, by more than `tol`."""
    history, n = loop.history, loop.state.n_epochs
    if n < 2:
        return
    losses = history.costs_until(loop.state)[-n:]
    reached = len(losses) - 1
    if loop.stops_early and history.scores:
        scores = np.nan_to_num(history.scores[-n:], nan=-np.inf)
        reached = min(int(scores.argmax()) + 1, reached)  # a loss is taken before the step
    first, last = losses[0], losses[reached]
    if last > first + max(settings.tol, 1e-4 * abs(first)):
        scaling = "" if settings.standardize else ", or scale the inputs, as standardize=True does"
        warn_caller(
            f"Training has ended at a loss of {last:.4g}, above the {first:.4g} of its first "
            f"epoch: lower learning_rate_init, now {settings.learning_rate_init:g}{scaling}",
            ConvergenceWarning,
        )
