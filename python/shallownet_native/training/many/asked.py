"""What many networks are asked for: checked once for all, and what each has of its own.

Networks of one shape that are shown the same examples share everything but their starts.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from ..._messages.wording import quoted
from ..._native.arrays import Floats, check_integer, check_name, check_real
from ..._native.streams import Stream, random_stream
from ...network import (
    CheckedProblem,
    Examples,
    KnownUnits,
    Units,
    check_parameters,
    check_problem,
    check_units,
)
from ..building import Asked, TrainingData, check_asked, make_loop
from ..loop import TrainingLoop
from .memory import check_memory
from .starts import check_sequence

ENDLESS = 2**62  # epochs
Mask = npt.NDArray[np.bool_]


class Network(NamedTuple):
    """One of many: its data, what it is asked for, where it starts, what it draws from.

    And which examples (m,) it is not shown, if any.
    """

    data: TrainingData
    asked: Asked
    theta: Floats
    stream: Stream | None
    out: Mask | None

    def loop(self) -> TrainingLoop:
        """Return its loop, before the first epoch."""
        return make_loop(self.data, self.asked, self.theta, self.stream)


def check_networks(starts: Any, X: Any, Y: Any, given: dict[str, Any]) -> list[Network]:
    """Return the networks that `train_many` is asked for; `given` are its arguments."""
    networks = check_sequence(starts)
    n = len(networks)
    if not n:
        raise ValueError("starts must hold at least one network, got none")
    known = KnownUnits(*(given[name] for name in KnownUnits._fields))
    with naming("starts[0]"):
        check_parameters(networks[0])
    problem = check_problem(networks[0], X, Y, known, given["example_weights"])
    units = check_fitting(networks, problem, known)
    best = given["best"]
    if best is not None:
        check_name(best, "best", ("own", "pooled"))
    masks = check_held_out(given["held_out"], n, len(problem.examples.x), best)
    rates, l2s = per_network(given, "learning_rate", n), per_network(given, "l2", n)
    streams = check_seeds(given["seeds"], n, given["batch_size"] is not None)
    n_more_rows = 2 if given["average"] else int(bool(given["input_scale"]))
    flats = [network.flat for network in networks]
    check_memory(flats, given["optimizer"], n_more_rows, problem, masks)
    check_counts(masks, best, given["batch_size"])
    masks = None if masks is None else masks.copy()  # the user may go on with theirs
    shared = Shared(problem, masks, given)
    made = []
    for k, network in enumerate(networks):
        data, asked = shared.of(network.shape, units[k], k, rates[k], l2s[k])
        out = None if masks is None else masks[k]
        made.append(Network(data, asked, network.flat, streams[k], out))
    return made


def check_fitting(networks: list[Any], problem: CheckedProblem, given: KnownUnits) -> list[Units]:
    """Return the starts' activations; refuse one that differs in more than its hidden units.

    Without a hidden layer it has no activation there to differ by.
    """
    (n_x, n_h, n_y), of_first = problem.shape, problem.units
    hidden = of_first if n_h else None
    found = []
    for k, network in enumerate(networks):
        with naming(f"starts[{k}]"):
            one = check_parameters(network)
            units = check_units(one, given)
        hidden = units if hidden is None and one.n_h else hidden
        for what, before, now in (
            ("n_x", n_x, one.n_x),
            ("n_y", n_y, one.n_y),
            ("dtype", problem.theta.dtype, one.dtype),
            ("output", of_first.output, units.output),
            ("activation", hidden, units if one.n_h else hidden),
        ):
            if before != now:
                raise ValueError(
                    f"all starts must be of one {what}: starts[{k}] has {now}, the first {before}"
                )
        found.append(units)
    return found


def check_held_out(held_out: Any, n: int, m: int, best: str | None) -> Mask | None:
    """Return which examples (n_networks, m) each network is not shown, if any."""
    if held_out is None:
        if best is not None:
            raise ValueError(
                f"best={best!r} is judged by examples that networks are not shown: give held_out"
            )
        return None
    try:
        masks = np.asarray(held_out)
    except ValueError as error:
        raise ValueError(f"held_out must have the shape (n_networks, m) = {(n, m)}") from error
    if np.ma.isMaskedArray(held_out):
        raise TypeError("held_out must be an array of bool, not a masked one: numpy.ma.filled it")
    if masks.dtype != np.bool_:  # numbers would be taken for indices by some
        raise TypeError(
            f"held_out must be of dtype bool, True where an example is left out, got {masks.dtype}"
        )
    if masks.shape != (n, m):
        raise ValueError(
            f"held_out must have the shape (n_networks, m) = {(n, m)}, got {masks.shape}"
        )
    return masks


def check_counts(masks: Mask | None, best: str | None, batch_size: Any) -> None:
    """Refuse masks that leave a network nothing to be judged by, or less than a batch."""
    if masks is None:
        return
    counts, m = masks.sum(axis=1), masks.shape[1]
    for wrong, what in ((counts == m, "nothing to train on"), (counts == 0, "nothing to judge by")):
        if wrong.any() and (best is not None or what == "nothing to train on"):
            raise ValueError(
                f"held_out[{int(wrong.argmax())}] leaves network {int(wrong.argmax())} {what}"
            )
    k, least = int(counts.argmax()), m - int(counts.max())
    if isinstance(batch_size, (int, np.integer)) and batch_size > least:
        raise ValueError(
            f"batch_size must be <= {least}, the number of examples that held_out[{k}] leaves "
            f"network {k}, got {batch_size}"
        )


def per_network(given: dict[str, Any], name: str, n: int) -> list[Any]:
    """Return an argument's value for each network, of one for all or one for each, checked."""
    value = as_list(given[name])
    if value is None or isinstance(value, str):
        return [value] * n
    allowed = "(0, inf)" if name == "learning_rate" else "[0, inf)"
    if not isinstance(value, (Sequence, np.ndarray)):
        return [check_real(value, name, allowed)] * n
    check_length(value, name, n)
    return [check_real(one, f"{name}[{k}]", allowed) for k, one in enumerate(value)]


def as_list(value: Any) -> Any:
    """Return what holds values for several networks, such as a Series, as an array."""
    if isinstance(value, (Sequence, str)) or np.ndim(getattr(value, "shape", 0)) == 0:
        return value
    array = np.asarray(value)
    return array if array.ndim else array[()]


def check_length(values: Any, name: str, n: int) -> None:
    """Refuse anything but one value for each of n networks."""
    is_flat = not isinstance(values, np.ndarray) or values.ndim == 1
    if len(values) != n or not is_flat:
        got = f"{len(values)}" if is_flat else f"the shape {values.shape}"
        raise ValueError(f"{name} must hold one for each of the {n} networks, got {got}")


def check_seeds(seeds: Any, n: int, draws: bool) -> Sequence[Stream | None]:
    """Return the streams that networks draw from, None where nothing is drawn."""
    if seeds is None:
        return [random_stream(None) for _ in range(n)] if draws else [None] * n
    seeds = as_list(seeds)
    if isinstance(seeds, (str, bytes)) or not isinstance(seeds, (Sequence, np.ndarray)):
        raise TypeError(
            f"seeds must hold one seed for each network, such as range({n}), got {quoted(seeds)}"
        )
    check_length(seeds, "seeds", n)
    # ints alone: a generator that several share would be drawn from in the order of their rounds
    numbers = [check_integer(seed, f"seeds[{k}]", 0, 2**128) for k, seed in enumerate(seeds)]
    return [random_stream(number) for number in numbers]


@contextmanager
def naming(which: str) -> Iterator[None]:
    """Say in errors which network is meant."""
    try:
        yield
    except (TypeError, ValueError) as error:
        raise type(error)(f"{which}: {error}") from error


class Shared:
    """Data and settings that are the same for several networks, each made once."""

    def __init__(self, problem: CheckedProblem, masks: Mask | None, given: dict[str, Any]) -> None:
        self.problem = problem
        self.masks = masks
        self.given = given
        self.parts: dict[bytes, tuple[Examples, Examples | None]] = {}
        self.found: dict[Any, tuple[TrainingData, Asked]] = {}

    def of(
        self, shape: tuple[int, int, int], units: Units, k: int, rate: Any, l2: Any
    ) -> tuple[TrainingData, Asked]:
        """Return the data of network k and what it is asked for."""
        mask = b"" if self.masks is None else self.masks[k].tobytes()
        key = (shape, units, mask, rate, l2)
        if key not in self.found:
            if mask not in self.parts:
                self.parts[mask] = self.split(k)
            data = TrainingData(shape, units, self.problem.examples, *self.parts[mask])
            self.found[key] = data, self.ask(data, rate, l2)
        return self.found[key]

    def split(self, k: int) -> tuple[Examples, Examples | None]:
        """Return the examples that network k is shown, and those that it is judged by, if any."""
        examples, best = self.problem.examples, self.given["best"]
        if self.masks is None:
            return examples, None
        out, which = self.masks[k], f"that network {k} is shown: leave out others"
        kept = examples.take(np.flatnonzero(~out), which)
        if best is None:
            return kept, None
        return kept, examples._replace(weights=None).take(np.flatnonzero(out), which)

    def ask(self, data: TrainingData, rate: Any, l2: Any) -> Asked:
        """Return what a network with these data is asked for, checked."""
        given = self.given
        own = {"learning_rate": rate, "l2": l2, "early_stopping": True}
        asked = check_asked(data, {**given, **own, "checkpoint": None, "callback": None})
        if given["best"] is None:
            return asked
        if given["best"] == "pooled":  # all decide together; lbfgs and lm still by the gradient
            if asked.is_adaptive:
                raise ValueError(
                    "schedule='adaptive' goes by one network's cost: with best='pooled' take "
                    "another schedule"
                )
            rules = {**asked.rules, "tol": None} if asked.has_rate else asked.rules
            return asked._replace(stops_early=False, rules=rules)
        if given["tol"] is None and not asked.is_adaptive:
            return asked._replace(rules={**asked.rules, "patience": ENDLESS})
        return asked
