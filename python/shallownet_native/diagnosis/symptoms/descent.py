"""What is wrong with the way down: a rate that is too high, costs that rise, or stand still."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from ...training import DEFAULT_RATES
from .facts import Facts
from .finding import Told
from .limits import Limit, size_of

ABOVE = 1.05  # at the edge of stability a rate hovers around the limit itself
# mean rise of the cost from one record to the next, beside a constant answer's cost: of gd, and
# where the rate is far above the limit; of others, whose costs go up and down by themselves
JUMPS, JUMPS_FAR_ABOVE, JUMPS_OF_OTHERS = 0.02, 0.01, 0.05
FAR_ABOVE = 1.4
TIMES_DEFAULT = 100  # a rate of adam with which nothing is learned
RISEN = 0.05  # of a constant answer's cost, above the lowest cost, or above the first
STILL, NEAR = 0.01, 0.1
TINY_RATE, FAR_BELOW = 0.001, 0.1  # of the limit, or of the default
FEWEST = 10  # costs, for a plateau
MUCH_DECAY = 0.02  # in the core's terms; the cost's own curvature is 1 or so
UNLIKE = 3.0  # a root mean square that is worth scaling
LOST = 1e6  # times a constant answer's cost, and the target's square
MANY_GONE, SATURATED, AT_END = 0.45, 0.85, 0.995  # shares, as of units; an end is 1
CAUSES = {"diverged", "learning_rate", "unscaled_inputs", "unscaled_target", "symmetric_units"}


def diverged(facts: Facts) -> Iterator[Told]:
    """Find a cost that has ended above its first, or left the finite numbers."""
    rise = rise_of(facts)
    if rise is None:
        return
    first, last = rise
    ratio = last / first if first > 0 and math.isfinite(last) else math.inf
    what = "Training has left the finite numbers"
    if math.isfinite(last):
        what = f"Training has ended at a cost of {last:.4g}"
    if math.isfinite(ratio):
        what += f", {ratio:.3g} times its first, {first:.4g}"
    yield Told(ratio, f"{what}: {_mend_of_rise(facts)}.")


def rise_of(facts: Facts) -> tuple[float, float] | None:
    """Return the first cost and the last, if that is clearly above it."""
    run, costs = facts.run, facts.run.costs
    if run.has_diverged or (costs.size and not np.isfinite(costs).all()):
        return (float(costs[0]) if costs.size else math.nan), math.inf
    if run.rate > 0 and facts.Y is not None:
        size = max(facts.constant_J, size_of(facts.trained.Y) ** 2, 1.0)
        if not facts.J < LOST * size:
            return math.nan, facts.J  # of an estimator that was left by an error
    if costs.size < 2 or run.is_minimized or run.best is not None:
        return None
    first, last = float(costs[0]), float(costs[-1])
    # in mini-batches costs that stand still may end a little above
    return (first, last) if last - first > RISEN * facts.scale else None


def _mend_of_rise(facts: Facts) -> str:
    """Return what to do: a lower rate, and scaling where something is not of size 1."""
    run, ways = facts.run, []
    if facts.l2 * run.rate > 2:
        ways.append(f"take a smaller decay, now {run.decay}, as alone it asks for a rate below "
                    f"{2 / facts.l2:.2g}")  # fmt: skip
    elif run.rate > 0:
        ways.append(f"lower {run.rate_name}, now {run.rate:g}, to a tenth or less")
    unlike = []
    if not run.scales_inputs and size_of(facts.X) > UNLIKE:
        unlike.append("the inputs")
    if facts.Y is not None and not run.scales_target and size_of(facts.Y) > UNLIKE:
        unlike.append("the target")
    if unlike or not ways:
        ways.append(f"scale {' and '.join(unlike or ['the inputs'])}")
    return ", and ".join(ways)


def learning_rate(facts: Facts) -> Iterator[Told]:
    """Find a rate above 2 / lambda that does harm."""
    run = facts.run
    if facts.Y is None or not run.rate > 0:
        return
    jump, is_up = _jump(facts), rise_of(facts) is not None
    is_plain = run.optimizer in ("gd", None)
    is_jumping = is_up or jump >= (JUMPS if is_plain else JUMPS_OF_OTHERS)
    if (is_plain or run.optimizer == "sgd") and facts.output != "quantile":
        limit = Limit(facts)
        if _is_above(facts, limit, jump, is_up=is_up, is_jumping=is_jumping):
            ratio, where = limit.worst(is_away=is_up)
            if ratio > 1:
                yield Told(ratio, limit.sentence(ratio, where))
                return
    if is_plain:
        return
    default = DEFAULT_RATES.get(run.optimizer or "", math.nan)
    is_useless = run.rate >= TIMES_DEFAULT * default and facts.is_poor
    if not is_useless and not (is_jumping and run.rate > default):
        return
    how = f"the cost rises by {jump:.2g} an epoch"
    if is_up:
        how = "the cost has ended above where it began"
    elif not is_jumping:
        how = "little is learned"
    lower = max(min(run.rate / 10, 10 * default), default)
    yield Told(
        run.rate / default,
        f"{run.rate_name} {run.rate:g} is {run.rate / default:.3g} times what {run.optimizer} "
        f"has by default, and {how}: lower it to {lower:g} or less.",
    )


def _is_above(facts: Facts, limit: Limit, jump: float, *, is_up: bool, is_jumping: bool) -> bool:
    """Tell whether the rate is above the limit somewhere, and does harm."""
    is_plain = facts.run.optimizer in ("gd", None)
    if is_up:
        return True
    if limit.here > ABOVE and (is_jumping or (is_plain and _has_risen(facts))):
        return True
    if limit.here > FAR_ABOVE and jump >= JUMPS_FAR_ABOVE:
        return True
    if is_jumping and max(limit.beginning, limit.steps) > 1:
        return True
    has_costs, are_gone = facts.run.costs.size > 0, _units_are_gone(facts)
    is_lost = (are_gone and facts.is_poor) if has_costs else (are_gone or facts.is_poor)
    # where they are not scaled the rate is not the cause
    return is_lost and limit.is_scaled and max(limit.here, limit.beginning) > ABOVE


def _units_are_gone(facts: Facts) -> bool:
    """Tell whether most units are dead or saturated, as too large steps leave them."""
    if facts.hidden == "relu":
        return bool((facts.A1 <= 0).all(axis=1).mean() >= MANY_GONE)
    if facts.hidden in ("tanh", "sigmoid"):
        A1 = facts.A1 if facts.hidden == "tanh" else 2 * facts.A1 - 1
        return bool((np.abs(A1) > AT_END).mean() >= SATURATED)
    return False


def _has_risen(facts: Facts) -> bool:
    """Tell whether the cost at the parameters is clearly above the lowest one."""
    costs = facts.run.costs
    return bool(costs.size > 2 and facts.J - np.nanmin(costs) > RISEN * facts.scale)


def _jump(facts: Facts) -> float:
    """Return the mean rise of the cost from one record to the next, in the later half."""
    costs = facts.run.costs
    later = costs[len(costs) // 2 :] if costs.size > 6 else costs
    if later.size < 2 or not np.isfinite(later).all():
        return 0.0
    return float(np.maximum(np.diff(later), 0).mean() / facts.scale)


def plateau(facts: Facts) -> Iterator[Told]:
    """Find a cost that stands still where a constant has it, or where a tiny rate left it."""
    costs = facts.run.costs
    if facts.Y is None or costs.size < FEWEST or "diverged" in facts.found:
        return
    learnable = facts.constant_J - facts.perfect_J
    if not learnable > 0:
        return
    ratio = (facts.J - facts.perfect_J) / learnable
    fallen = (costs[len(costs) // 2] - costs[-1]) / abs(costs[0] or 1)
    if abs(fallen) >= STILL or ratio <= 1 - NEAR:
        return
    if ratio >= 1 + NEAR and not (facts.run.rate > 0 and _share_of_limit(facts)[0] < TINY_RATE):
        return
    yield Told(
        ratio,
        f"The cost stands still at {facts.J:.4g}, {_beside(ratio)} {facts.constant_J:.4g}: "
        f"hardly anything has been learned. {_way_off(facts)}",
    )


def _beside(ratio: float) -> str:
    if abs(ratio - 1) < 0.005:
        return "which is what one answer for all examples costs,"
    return f"{100 * ratio:.3g} % of what one answer for all examples costs,"


def _share_of_limit(facts: Facts) -> tuple[float, str]:
    """Return the rate beside the largest one that is sensible, and what that is; NaN: unknown."""
    run = facts.run
    if run.optimizer in ("gd", "sgd", None):
        if facts.output == "quantile":
            return math.nan, ""
        limit = Limit(facts)
        ratio = max(limit.here, limit.beginning)
        if not ratio > 0:
            return math.nan, ""
        top = run.rate / ratio
        return ratio, f"its limit of {top:.2g}: raise it to {top / 5:.2g} or so"
    default = DEFAULT_RATES.get(run.optimizer, math.nan)
    return run.rate / default, f"{run.optimizer}'s default, {default:g}: raise it to that"


def _way_off(facts: Facts) -> str:
    """Return how to leave a plateau."""
    run, held = facts.run, decay_holds(facts)
    if held:
        return held
    if is_caused(facts):
        return "Mend what is named above first."
    if not facts.network.n_h:
        return f"Without a hidden layer there may be no more to learn: add one. {run.longer}."
    if (
        facts.neighbours - facts.constant_score < max(0.02, facts.m**-0.5)
        and facts.codes is not None
    ):
        return "Neighbours do no better, so perhaps these inputs do not tell; else begin elsewhere."
    if run.rate > 0:
        share, what = _share_of_limit(facts)
        if share < FAR_BELOW:
            return (
                f"{run.rate_name} {run.rate:g} is far below {what}. "
                f"{run.longer}, or begin with {_weights(facts)}."
            )
    other = "" if run.is_minimized else f", or take {run.lbfgs}, which leaves flats sooner"
    return f"{run.longer}, begin with {_weights(facts)}{other}."


def _weights(facts: Facts) -> str:
    """Return what weights to begin with, in words that the model has."""
    if not facts.run.is_function:
        return "other weights (random_state)"
    return f"larger random weights (sn.initialize with scheme='{facts.scheme}')"


def is_caused(facts: Facts) -> bool:
    """Tell whether something was found that keeps a network from learning."""
    most = {"dead_units": MANY_GONE * facts.network.n_h, "saturated_units": SATURATED}
    if facts.run.is_minimized:  # these saturate units as they go
        most["saturated_units"] = np.inf
    return any(
        found.name in CAUSES or found.value >= most.get(found.name, np.inf)
        for found in facts.findings
    )


def decay_holds(facts: Facts) -> str:
    """Return a sentence on a decay so large that it may be what holds the weights at 0."""
    if facts.l2 < MUCH_DECAY or {"diverged", "learning_rate", "symmetric_units"} & facts.found:
        return ""
    return f"{facts.run.decay} is a large decay and holds the weights near 0: take a hundredth."
