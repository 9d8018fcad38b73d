"""One warning of each kind for many networks, whatever their number."""

from __future__ import annotations

from ..._messages.caller import warn_caller
from ..outcome import rise_of, stuck_at
from ..results import ConvergenceWarning
from ..solvers import Minimizer
from .runs import Run


def warn_of_ends(run: Run) -> None:
    """Warn of networks that have ended where they should not have."""
    n = len(run.networks)
    diverged = [k for k, reason in enumerate(run.reasons) if reason == "divergence"]
    if diverged:
        warn_caller(
            f"{some(diverged, n)} diverged: cost or parameters are no longer finite, and the "
            "results have the last that were. Lower the learning_rate or scale the inputs",
            ConvergenceWarning,
        )
    if not run.networks[0].asked.has_rate:
        warn_of_stuck(run)
        return
    risen = [k for k, reason in enumerate(run.reasons) if reason not in SEEN and has_risen(run, k)]
    if risen:
        warn_caller(
            f"{some(risen, n)} ended above the first cost: lower the learning_rate or scale the "
            "inputs",
            ConvergenceWarning,
        )


SEEN = ("divergence", "callback", "interrupt")  # ends that somebody has been told of


def has_risen(run: Run, k: int) -> bool:
    """Whether the parameters of network k cost more than those it began with."""
    costs, asked = run.costs(k), run.networks[k].asked
    has_last = run.networks[k].data.held_out is None
    if costs.size < 2 or (has_last and costs[-1] <= costs[0]):  # most, without making a result
        return False
    return rise_of(run.result(k), asked.cost_every) is not None


def warn_of_stuck(run: Run) -> None:
    """Warn of lbfgs and lm where they have found no step, but the gradient is not small."""
    stuck = {}
    for k in range(len(run.networks)):
        loop = run.loop(k)
        assert isinstance(loop.solver, Minimizer)
        largest = loop.solver.gradient_where_stuck(loop.state)
        if largest is not None:
            stuck[k] = stuck_at(loop.solver.name, largest)
    if stuck:
        first = next(iter(stuck.values()))
        warn_caller(
            f"{some(list(stuck), len(run.networks))} ended too early: {first}scale the inputs or "
            "targets, or begin elsewhere",
            ConvergenceWarning,
        )


def some(which: list[int], n: int) -> str:
    """Return how many networks, and the first of them."""
    first = f"the first is number {which[0]}" if len(which) > 1 else f"number {which[0]}"
    return f"{len(which)} of {n} networks ({first}) have"
