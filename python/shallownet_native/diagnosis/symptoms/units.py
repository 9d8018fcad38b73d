"""What is wrong with hidden units: twins, dead ones, saturated ones."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from ..._messages.wording import counted
from .facts import Facts
from .finding import Told

SAME = 1e-6  # relative to the larger of two units' weights
NO_SLOPE = 0.01  # of an activation's largest slope
# shares of units times examples: flower, after 10,000 iterations of gd, comes to 0.82; the second
# where the network does not explain what neighbours do
SATURATED, SATURATED_AND_POOR = 0.95, 0.7
# shares of the units; the second where the network explains all the same: trainings of relu leave
# many units behind, but hardly below 0; what lies this much of a live unit's size below was put so
DEAD, MANY_DEAD, FAR = 0.2, 0.7, 2.5
LARGE = 3.0  # a root mean square of an input that is worth scaling
# of what neighbours explain; the second of dead units, and of lbfgs and lm, which saturate more
MOSTLY = 0.9, 0.7


def symmetric_units(facts: Facts) -> Iterator[Told]:
    """Find units that compute the same, and learn the same."""
    n_h = facts.network.n_h
    # units that ran away together are no twins from the start
    if n_h < 2 or "diverged" in facts.found:
        return
    sizes = _groups_of_twins(facts)
    n_twins = sum(size for size in sizes if size > 1)
    if not n_twins:
        return
    # a decay lets needless units of a good minimum run together: they are no harm
    if (len(sizes) > 1 or facts.run.is_minimized) and _is_settled(facts):
        return
    alike = "All" if len(sizes) == 1 else f"{n_twins} of"
    begin = "Begin with random weights, as sn.initialize draws them"
    if not facts.run.is_function:
        begin = "Fit it again from random weights, by another random_state"
    yield Told(
        n_twins,
        f"{alike} {n_h} hidden units have a twin with the same weights: such units get the same "
        f"gradient for ever and are worth {counted(len(sizes), 'unit')} together. {begin}, "
        "not with zeros or one constant.",
    )


def _groups_of_twins(facts: Facts) -> list[int]:
    """Return the sizes of groups of units with the same weights in and out."""
    network = facts.network
    assert network.W1 is not None and network.b1 is not None
    units = np.hstack([network.W1, network.b1, network.W2.T]).astype(np.float64)
    size = np.abs(units).max(axis=1)
    sizes: list[int] = []
    left = np.ones(len(units), bool)
    for k, unit in enumerate(units):
        if not left[k]:
            continue
        distance = np.abs(units - unit).max(axis=1)
        same = left & (distance <= SAME * np.maximum(size, size[k]))
        sizes.append(int(same.sum()))
        left &= ~same
    return sizes


def dead_units(facts: Facts) -> Iterator[Told]:
    """Find units of relu that are 0 for every example."""
    n_h = facts.network.n_h
    if facts.hidden != "relu" or not n_h or facts.m < 2:
        return
    n_dead = int((facts.A1 <= 0).all(axis=1).sum())
    if n_dead == 0 or n_dead < DEAD * n_h:
        return
    are_few = facts.run.is_minimized or n_dead < MANY_DEAD * n_h
    if are_few and facts.explains(MOSTLY[1]) and _n_far_below(facts) < DEAD * n_h:
        return
    yield Told(
        n_dead,
        f"{n_dead} of {n_h} relu units are 0 for every example, and so have no gradient to come "
        f"back by: use {_mend_of_dead(facts)}.",
    )


def _n_far_below(facts: Facts) -> int:
    """Return how many units of relu stay far below 0, beside the size of those that live."""
    W1, b1 = facts.network.W1, facts.network.b1
    assert W1 is not None and b1 is not None
    is_dead = (facts.A1 <= 0).all(axis=1)
    live = facts.A1[~is_dead].astype(np.float64)
    size = float(np.sqrt((live**2).sum() / max((live > 0).sum(), 1)))
    highest = (W1[is_dead] @ facts.X + b1[is_dead]).max(axis=1, initial=-np.inf)
    return int((highest < -FAR * size).sum())


def _mend_of_dead(facts: Facts) -> str:
    """Return what such a model can do against dead units."""
    run, ways = facts.run, ["activation='tanh'" if facts.run.is_sklearn else "'leaky_relu'"]
    if run.rate > 0:
        ways.append("a lower rate")
    if "unscaled_inputs" in facts.found:
        ways.append("scaled inputs")
    begin = "sn.initialize(scheme='he_normal')" if run.is_function else "another random_state"
    return f"{', '.join(ways)}{',' if len(ways) > 1 else ''} or {begin}"


def saturated_units(facts: Facts) -> Iterator[Told]:
    """Find units of tanh or sigmoid at their ends."""
    slopes = _slopes(facts)
    if slopes is None or facts.m < 2:
        return
    share = float((slopes < NO_SLOPE).mean())
    if share < SATURATED_AND_POOR or _is_settled(facts):
        return
    if share < SATURATED and (facts.score is None or facts.explains(MOSTLY[0])):
        return
    if share < SATURATED and not facts.is_learnable:
        return
    yield Told(
        share,
        f"The {facts.hidden} units have less than 1 % of their largest slope in "
        f"{100 * share:.3g} % of all cases, so that hardly any gradient reaches W1: "
        f"{_mend_of_saturated(facts)}.",
    )


def _mend_of_saturated(facts: Facts) -> str:
    """Return what such a model can do against saturated units."""
    run, ways = facts.run, []
    mean, deviation = facts.moments
    if not run.scales_inputs and np.hypot(mean, deviation).max() > LARGE:
        ways.append("scale the inputs")
    if run.is_function:
        ways.append("begin with small weights, as sn.initialize draws them")
    else:
        ways.append("take a larger alpha")
    if run.rate > 0:
        ways.append(f"lower {run.rate_name}, now {run.rate:g}")
    return ", or ".join(ways)


def _is_settled(facts: Facts) -> bool:
    """Tell whether such units are where a good training has come to."""
    may_be_minimum = facts.run.is_minimized or facts.run.optimizer is None
    return may_be_minimum and _explains_enough(facts)


def _explains_enough(facts: Facts) -> bool:
    """Tell whether the network explains most of what is there; True without targets, for lbfgs."""
    if facts.run.is_minimized:
        # of labels that nothing tells, it learns some by heart with steep units
        return facts.score is None or not facts.is_learnable or facts.explains(MOSTLY[1])
    return facts.explains(MOSTLY[0])


def _slopes(facts: Facts) -> npt.NDArray[np.floating] | None:
    """Return slopes (n_h, m) over the largest there is; None for activations without ends."""
    A1 = facts.A1
    if not A1.size or facts.hidden not in ("tanh", "sigmoid"):
        return None
    return 1 - A1**2 if facts.hidden == "tanh" else 4 * A1 * (1 - A1)
