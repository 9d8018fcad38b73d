"""What is wrong with the data: scales, columns that tell nothing, classes, labels."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from ..._messages.wording import counted
from ..._native.arrays import Doubles, Floats
from ...models import NUMBERS
from .facts import EXPLAINED, Facts
from .finding import Told, listed
from .scaling import standardised

MUCH = 100  # times another column's deviation, as the estimators' warning has it
LARGE, SMALL = 30.0, 0.01  # of root mean squares and means; of deviations
SMALL_AND_POOR = 0.05  # of the inputs' largest deviation, where the fit is poor
TARGET_AND_POOR = 10.0, 0.1  # root mean square and deviation, where the fit is poor
HUGE = 1e3  # of a target's root mean square, however good the fit is
SAME = 1e-6  # standardised columns that differ by less are one
FEWEST = 5  # examples off the commonest value, for a column to be known by
RARE = 0.2  # of an even share of the examples


def constant_column(facts: Facts) -> Iterator[Told]:
    """Find columns that are one number."""
    names = [name for name, varies in zip(facts.names, facts.varies, strict=True) if not varies]
    if not names or facts.m < 2:
        return
    said = (
        f"Column {names[0]} is the same for every example and can tell nothing: leave it out, or "
        "see why it does not vary."
    )
    if len(names) > 1:
        said = (
            f"{len(names)} columns, {listed(names)}, do not vary and can tell nothing: leave them "
            "out, or see why they do not vary."
        )
    yield Told(len(names), said)


def duplicate_column(facts: Facts) -> Iterator[Told]:
    """Find columns that are an earlier one, in other units at most."""
    twins = [pair for pair in _twin_columns(facts.Z) if _are_known_by_enough(facts.X, *pair)]
    if not twins:
        return
    pairs = [f"{facts.names[j]} ({facts.names[i]} again)" for i, j in twins]
    yield Told(
        len(pairs),
        f"{counted(len(pairs), 'column')} repeat{'s' if len(pairs) == 1 else ''} an earlier one, "
        f"up to units: {listed(pairs)}. Leave out one of the two: it adds nothing, and both share "
        "one weight.",
    )


def _twin_columns(Z: Doubles) -> list[tuple[int, int]]:
    """Return pairs (first, repeated) among standardised columns, by a random mean of each."""
    m = Z.shape[1]
    key = Z @ np.random.default_rng(0).standard_normal(m) / np.sqrt(m)
    order = np.argsort(key, kind="stable")
    pairs: list[tuple[int, int]] = []
    first = -1
    for i, j in pairwise(order.tolist()):
        if not Z[j].any() or not Z[i].any() or np.abs(Z[i] - Z[j]).max() > SAME * np.sqrt(m):
            first = -1
            continue
        first = i if first < 0 else first
        pairs.append((min(first, j), max(first, j)))
    return sorted(pairs, key=lambda pair: pair[1])


def _are_known_by_enough(X: Floats, i: int, j: int) -> bool:
    """Tell whether columns agree on all examples, and not just because both hardly ever vary."""
    m = X.shape[1]
    commonest = int(np.unique(X[i], return_counts=True)[1].max())
    if m - commonest < min(FEWEST, max(m // 4, 1)):
        return False
    one, other = standardised(X[[i, j]])
    return bool(np.abs(one - other).max() <= SAME * np.sqrt(m))


def unscaled_inputs(facts: Facts) -> Iterator[Told]:
    """Find columns of unlike scales, large ones, those far from 0, and tiny ones."""
    if facts.run.scales_inputs or not facts.varies.any():
        return
    found = next(_scales(facts), None)
    if found is not None:
        yield Told(found.value, f"{found.sentence} {_mend_of_inputs(facts)}")


def _scales(facts: Facts) -> Iterator[Told]:
    """Yield what is wrong with the scales of inputs, the worst first, and its figure."""
    varies, names, (mean, deviation) = facts.varies, facts.names, facts.moments
    several = varies & _has_several_values(facts.X[:, :1000])
    if several.sum() > 1:
        scales = np.where(several, deviation, np.nan)
        wide, narrow = int(np.nanargmax(scales)), int(np.nanargmin(scales))
        ratio = float(deviation[wide] / deviation[narrow])
        if ratio > MUCH:
            yield Told(
                ratio,
                f"The inputs differ in scale by {ratio:.3g} times: the standard deviation of "
                f"{names[wide]} is {deviation[wide]:.3g}, that of {names[narrow]} "
                f"{deviation[narrow]:.3g}.",
            )
    size = np.where(varies, np.hypot(mean, deviation), -1)
    large = int(size.argmax())
    if size[large] > LARGE:
        yield Told(
            float(size[large]),
            f"The inputs are large: {names[large]} has a root mean square of {size[large]:.3g}, "
            "where about 1 is wanted.",
        )
    distance = np.where(varies, np.abs(mean) / np.where(varies, deviation, 1), 0)
    far = int(distance.argmax())
    if distance[far] > LARGE:
        yield Told(
            float(distance[far]),
            f"The inputs lie far from 0: the mean of {names[far]} is {distance[far]:.3g} standard "
            "deviations off.",
        )
    wide = int(np.where(varies, deviation, -1).argmax())
    if deviation[wide] < SMALL or (deviation[wide] < SMALL_AND_POOR and facts.is_poor):
        yield Told(
            float(deviation[wide]),
            f"The inputs are small: the largest standard deviation, of {names[wide]}, is "
            f"{deviation[wide]:.3g}, where about 1 is wanted, and gradients are as small.",
        )


def _has_several_values(X: Floats) -> npt.NDArray[np.bool_]:
    """Tell of each column whether it has more than two values."""
    least, most = X.min(axis=1, keepdims=True), X.max(axis=1, keepdims=True)
    several: npt.NDArray[np.bool_] = ((least < X) & (most > X)).any(axis=1)
    return several


def _mend_of_inputs(facts: Facts) -> str:
    if facts.run.is_function:
        return (
            "Standardise them before training: X = (X - X.mean(axis=1, keepdims=True)) / "
            "X.std(axis=1, keepdims=True), or optimizer='adamw' with input_scale=True."
        )
    return "Put a StandardScaler before the network, or give ShallowNet's own standardize=True."


def unscaled_target(facts: Facts) -> Iterator[Told]:
    """Find targets that are far from 1 in size."""
    if facts.Y is None or facts.kind != NUMBERS or facts.output not in ("identity", "quantile"):
        return
    fits = facts.score is not None and facts.score >= EXPLAINED
    if facts.run.is_minimized or facts.run.optimizer is None:
        fits = facts.explains(0.9)
    if facts.run.scales_target or (fits and facts.run.optimizer is None):
        return
    large, small = TARGET_AND_POOR if facts.is_poor else (LARGE, SMALL)
    large, small = (HUGE, 0.0) if fits else (large, small)
    size, deviation = np.sqrt((facts.Y**2).mean(axis=1)), facts.Y.std(axis=1)
    mend = (
        "Train on (Y - Y.mean()) / Y.std(), and take outputs back by the same two numbers"
        if facts.run.is_function
        else "Set standardize_target=True (ShallowNetRegressor), or scale y"
    )
    if size.max() > large:
        yield Told(
            float(size.max()),
            f"The target is large: its root mean square is {size.max():.3g}, where about 1 is "
            f"wanted, and gradients are as large. {mend}.",
        )
    elif 0 < deviation.min() < small:
        yield Told(
            float(deviation.min()),
            f"The target hardly varies: its standard deviation is {deviation.min():.3g}, where "
            f"about 1 is wanted, and so gradients are small. {mend}.",
        )


def imbalance(facts: Facts) -> Iterator[Told]:
    """Find a class that is rare, or alone."""
    if facts.codes is None or facts.m < 2:
        return
    n_classes = max(facts.network.n_y, 2)
    counts = np.bincount(facts.codes, minlength=n_classes)
    names = facts.view.output_names
    names = names if len(names) == n_classes else [str(k) for k in range(n_classes)]
    if counts.max() == facts.m:
        yield Told(
            0.0,
            f"Only one class is there: all {facts.m} examples are of class "
            f"{names[counts.argmax()]}, and so there is nothing to tell apart. Take examples of "
            "other classes, too, or look for labels that were lost.",
        )
        return
    present = np.flatnonzero(counts)
    rarest = present[counts[present].argmin()]
    share = float(counts[rarest] / facts.m)
    if facts.run.weighs_classes or share >= RARE / len(present):
        return
    yield Told(
        share,
        f"Class {names[rarest]} has {counts[rarest]} of the {facts.m} examples, {100 * share:.2g} "
        f"%: a network that never answers it is already right on {100 * (1 - share):.3g} %. Weigh "
        f"it up by {_weights(facts)}, and judge by each class, not by the share that is right.",
    )


def _weights(facts: Facts) -> str:
    if facts.run.is_function:
        return "example_weights"
    return "the sample_weight of fit" if facts.run.is_sklearn else "class_weight='balanced'"


def contradicting_labels(facts: Facts) -> Iterator[Told]:
    """Find examples alike in all inputs and different in class."""
    if facts.codes is None:
        return
    group = _groups(facts.X)
    pairs = group.astype(np.int64) * (int(facts.codes.max()) + 1) + facts.codes
    distinct, counts = np.unique(pairs, return_counts=True)
    owner = distinct // (int(facts.codes.max()) + 1)
    largest = np.zeros(group.max() + 1, np.int64)
    np.maximum.at(largest, owner, counts)
    sizes = np.bincount(group)
    concerned = int(sizes[np.bincount(owner, minlength=len(sizes)) > 1].sum())
    if concerned == 0:
        return
    reachable = largest.sum() / facts.m
    yield Told(
        concerned,
        f"{concerned} of {facts.m} examples have the same inputs as others of another class: no "
        f"network can be right on more than {100 * reachable:.3g} %. Look for labels that are "
        "wrong, or for an input that is missing and would tell them apart.",
    )


def _groups(X: Floats) -> npt.NDArray[np.int64]:
    """Return numbers by which examples, the columns of X, are alike.

    By a random mean of each the few are found that may be; those are compared.
    """
    n_x, m = X.shape
    factors = np.random.default_rng(0).standard_normal(n_x)
    key = np.asarray(factors, X.dtype) @ X
    order = np.argsort(key, kind="stable")
    largest = np.maximum(X.max(axis=1), -X.min(axis=1))
    rounding = 4 * n_x * np.finfo(X.dtype).eps * float(np.abs(factors) @ largest)
    close = np.diff(key[order]) <= rounding
    maybe = order[np.append(close, False) | np.insert(close, 0, False)]
    group = np.arange(m)
    first: dict[bytes, int] = {}
    for k in maybe.tolist():
        group[k] = first.setdefault((X[:, k] + 0.0).tobytes(), k)  # -0 is 0
    return group
