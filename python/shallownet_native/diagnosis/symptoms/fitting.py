"""What is wrong with the fit: too little learned, too much, or by too few starts."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from .descent import decay_holds, is_caused
from .facts import LEARNABLE, SHARE, Facts
from .finding import Told

FEWEST_LOOKS = 5
RISEN, RISEN_OF_ALL = 0.25, 0.1  # above the lowest validation cost; of a constant answer's cost
RISEN_THOUGH_KEPT = 0.15  # the latter where the parameters of the lowest are kept
TIMES, GAP = 3, 0.3  # validation cost over training cost; the difference, as above
BY_HEART, NOTHING = 0.95, 0.05  # a score; what neighbours have above a constant
FEWEST_EXAMPLES = 30  # fewer are often a whole table, and neighbours tell nothing of them
FEW_STARTS, FEW_UNITS = 10, 3
ALONE, ALONE_OF_ALL = 0.1, 0.05  # the second best start above the best, as above


def underfitting(facts: Facts) -> Iterator[Told]:
    """Find a network that explains clearly less than is there."""
    score = facts.score
    if score is None or not np.isfinite(score) or "diverged" in facts.found:
        return
    learnable = facts.neighbours - facts.constant_score
    missing = facts.neighbours - score
    if learnable < LEARNABLE or missing < LEARNABLE or facts.explains(SHARE):
        return
    told = facts.measure.told
    standard = f"each example's neighbours would have {told(facts.neighbours)}"
    if facts.is_table:
        standard = f"no two of these {facts.m} examples contradict each other"
    yield Told(
        score,
        f"The network comes to {told(score)}, where one answer for all has "
        f"{told(facts.constant_score)} and {standard}: there is more to learn. {_more(facts)}",
    )


def _more(facts: Facts) -> str:
    """Return how to learn more."""
    run, n_h = facts.run, facts.network.n_h
    held = decay_holds(facts)
    then = f"; then try more hidden units (now {n_h})" if n_h and not held else ""
    if is_caused(facts) and not held:
        return f"Mend what is named above first{then if n_h < FEW_UNITS else ''}."
    if "plateau" in facts.found:
        return f"Leave the plateau first{then}."
    if held:
        return held
    ways = [f"more hidden units (now {n_h})" if n_h else "a hidden layer"]
    if run.is_minimized:
        ways.append("several starts")
    elif run.rate > 0:
        ways.append(run.lbfgs)
    if facts.l2 > 0:
        ways.append(f"less decay than {run.decay}")
    return f"{run.longer}, or take {', '.join(ways[:-1])}{' or ' * (len(ways) > 1)}{ways[-1]}."


def overfitting(facts: Facts) -> Iterator[Told]:
    """Find costs that rise on data held out, or are far above those of training."""
    run, costs = facts.run, facts.run.validation
    if not costs.size:
        yield from _learned_by_heart(facts)
    if costs.size < FEWEST_LOOKS or not np.isfinite(costs).all() or run.has_diverged:
        return
    scale, best = facts.scale, int(costs.argmin())
    is_kept = run.best is not None and run.best < costs.size
    kept, least = float(costs[run.best if is_kept else -1]), float(costs[best])
    lately = float(np.median(costs[-(costs.size // 4 + 1) :]))  # not one look that is high
    rise = lately - least if is_kept else min(kept, lately) - least
    much = RISEN_THOUGH_KEPT if is_kept else RISEN_OF_ALL
    if rise > max(RISEN * least, much * scale) and best < 0.9 * costs.size:
        end = lately if is_kept else kept
        whose = (
            "those of the lowest are kept, and more training only learns what does not hold "
            "elsewhere: take a larger decay, fewer hidden units or more examples."
            if is_kept
            else "these parameters are the last ones: stop early (early_stopping=True), or take a "
            "larger decay or fewer hidden units."
        )
        yield Told(
            end / least if least > 0 else np.inf,
            f"The validation cost was lowest, {least:.4g}, at look {best + 1} of {costs.size}, "
            f"and has risen to {end:.4g} since; {whose}",
        )
        return
    trained = facts.J if facts.Y is not None else float(run.costs[-1]) if run.costs.size else np.nan
    if kept > TIMES * trained and kept - trained > GAP * scale:
        yield Told(
            kept / trained if trained > 0 else np.inf,
            f"The validation cost, {kept:.4g}, is {kept / max(trained, 1e-300):.3g} times that of "
            f"training, {trained:.4g}: take a larger decay, fewer hidden units or more examples.",
        )


def _learned_by_heart(facts: Facts) -> Iterator[Told]:
    """Find a network that is right everywhere, where neighbours say that there is nothing to know.

    Without data held out this is all that can be told, and only where a network has as many
    parameters as there are examples.
    """
    score = facts.score
    if score is None or score < BY_HEART or not FEWEST_EXAMPLES <= facts.m <= facts.network.size:
        return
    if facts.neighbours - facts.constant_score >= NOTHING or facts.constant_score > 1 - LEARNABLE:
        return
    told = facts.measure.told
    hold = "validation=0.2" if facts.run.is_function else "early_stopping=True"
    yield Told(
        score,
        f"The network comes to {told(score)} with {facts.network.size} parameters for {facts.m} "
        f"examples, where each example's neighbours would have {told(facts.neighbours)}, no more "
        f"than one answer for all: it may have learned them by heart. Hold examples out "
        f"({hold}), and take a larger decay or fewer hidden units.",
    )


def few_restarts(facts: Facts) -> Iterator[Told]:
    """Find a best start that no other start has come near."""
    costs = np.sort(facts.run.start_costs[np.isfinite(facts.run.start_costs)])
    n = facts.run.start_costs.size
    if n < 2 or not costs.size or not np.isfinite(facts.scale):
        return
    scale = facts.scale * (facts.m if facts.run.sums_starts else 1)
    behind = costs[1] - costs[0] if costs.size > 1 else np.inf
    # what estimators keep are scores, of which more is better: minus a loss, or a share
    word, sign = ("a score", -1) if costs[0] < 0 else ("a loss", 1)
    word = "a cost" if facts.run.is_function else word
    best = f"{word} of {sign * costs[0]:.4g}"
    if behind <= max(ALONE * abs(costs[0]) * (not facts.run.sums_starts), ALONE_OF_ALL * scale):
        if n < FEW_STARTS and "underfitting" in facts.found and not is_caused(facts):
            yield Told(
                n,
                f"The best of {n} starts reached {best}, and the fit is poor: all may have ended "
                f"in a place that others leave. Try {4 * n} or so.",
            )
        return
    second = f"the next {sign * costs[1]:.4g}" if costs.size > 1 else "all others diverged"
    yield Told(
        n,
        f"Only one of {n} starts reached {best}, {second}: another may well be better still. Try "
        f"{4 * n} or so, until several come to the same.",
    )
