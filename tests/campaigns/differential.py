"""Random sequences of calls on our estimators and on scikit-learn's: whatever differs is listed.

Both sides get the same parameters, calls and data of their own; after each call everything that can
be seen is compared (`differential_outcomes.py`). What docs/sklearn.md says differs is counted by
its rows (`differential_listed.py`); anything else is printed once for each kind, with the fewest
parts of the sequence that show it, and makes the exit code 1.

`python tests/campaigns/differential.py [--seed N] [--count K] [--quick]`; one sequence, or parts of
it: `--only SEED [--calls 0,2] [--parameters solver,alpha] [--show]`.
"""

from __future__ import annotations

import argparse
import copy
import pickle
import re
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from sklearn import neural_network
from sklearn.base import clone
from sklearn.utils import get_tags

sys.path.insert(0, str(Path(__file__).parents[1]))
import shallownet_native as sn
from campaigns import differential_data as made
from campaigns.differential_listed import Moment, parts_ways, row_of
from campaigns.differential_outcomes import (
    Difference,
    Outcome,
    begins_alike,
    differences,
    limit_of,
    outcome_of,
)
from campaigns.differential_sequences import STREAM, THEIRS_WEIGHS, Call, Sequence, draw

LIBRARIES = {"ours": (sn, "ShallowNet"), "theirs": (neural_network, "MLP")}


@dataclass
class Find:
    """A difference, where it was met, and the row of docs/sklearn.md that lists it, if any."""

    difference: Difference
    method: str
    seed: int
    row: str | None

    @property
    def kind(self) -> tuple[str, ...]:
        what = (self.difference.aspect, self.difference.what)
        return what if self.difference.is_attribute else (self.method, *what)


@dataclass
class Tally:
    """What a campaign has counted."""

    n_sequences: int = 0
    n_calls: int = 0
    n_errors: int = 0  # raised on both sides
    n_other_words: int = 0  # of these, with messages that begin otherwise
    listed: Counter[str] = field(default_factory=Counter)
    unlisted: dict[tuple[str, ...], list[Find]] = field(default_factory=dict)

    def count(self, ours: Outcome, theirs: Outcome) -> None:
        self.n_calls += 1
        if ours.error is not None and theirs.error is not None:
            self.n_errors += 1
            self.n_other_words += not begins_alike(ours, theirs)


def play(sequence: Sequence, seed: int, tally: Tally) -> Iterator[Find]:
    """Do the calls on both sides and yield what differs.

    A call after which the two are in different states is undone: all others are done again.
    """
    pair, alike = [begin(side, sequence, seed) for side in LIBRARIES], list[Call]()
    before, limit, told = None, 0.0, set[tuple[str, str]]()
    for call in sequence.calls:
        ours, theirs = (outcome_of(side, lambda e, c=call: act(e, c)) for side in pair)
        tally.count(ours, theirs)
        limit = max(limit, limit_of(theirs, call.weights))
        now = differences(ours, theirs, limit)
        found = [d for d in now if (d.aspect, d.what) not in told]  # attributes stay different
        moment = Moment(call, ours, theirs, before, found)
        for difference in found:
            yield Find(difference, call.method, seed, row_of(difference, moment))
        if any(map(parts_ways, found)):
            pair = [again(side, sequence, seed, alike) for side in LIBRARIES]
        else:
            alike.append(call)
            pair, before = [ours.estimator, theirs.estimator], theirs
            told = {(d.aspect, d.what) for d in now if d.is_attribute}


def again(side: str, sequence: Sequence, seed: int, calls: list[Call]) -> Any:
    """Return an estimator of this side after these calls."""
    estimator = begin(side, sequence, seed)
    for call in calls:
        estimator = outcome_of(estimator, lambda e, c=call: act(e, c)).estimator
    return estimator


def begin(side: str, sequence: Sequence, seed: int) -> Any:
    """Return a new estimator of this side."""
    library, prefix = LIBRARIES[side]
    parameters = {n: stream_or(value, seed) for n, value in sequence.parameters.items()}
    return getattr(library, prefix + sequence.estimator)(**copy.deepcopy(parameters))


def stream_or(value: Any, seed: int) -> Any:
    return np.random.RandomState(seed) if isinstance(value, str) and value == STREAM else value


def act(estimator: Any, call: Call) -> Any:
    """Do one call, with data made for it alone."""
    return ACTIONS.get(call.method, predict)(estimator, call)


def predict(estimator: Any, call: Call) -> Any:
    return getattr(estimator, call.method)(made.rows(call.data))


def learn(estimator: Any, call: Call) -> Any:
    arguments: dict[str, Any] = {}
    if call.weights is not None and THEIRS_WEIGHS:
        arguments["sample_weight"] = made.weights(call.weights, call.data)
    if call.options.get("classes") is not None:
        arguments["classes"] = classes(call.options["classes"], call.data)
    return getattr(estimator, call.method)(
        made.rows(call.data), made.targets(call.data), **arguments
    )


def classes(which: str, data: Any) -> Any:
    """Return the classes that partial_fit is told of."""
    if data.target == "multilabel":
        return [0, 1, 2]
    n = {"binary": 2, "multiclass": 3}.get(data.target, 1)
    names = made.named(data.labels, {"more": 4, "fewer": max(n - 1, 1), "none": 0}.get(which, n))
    return np.r_[names, names] if which == "twice" else names


def write_weights(estimator: Any, call: Call) -> None:
    estimator.coefs_ = [0.5 * coefficients for coefficients in estimator.coefs_]
    estimator.intercepts_[-1][:] += 0.25


def get_params(estimator: Any, call: Call) -> Any:
    shared = getattr(neural_network, type(estimator).__name__.replace("ShallowNet", "MLP"))
    found = estimator.get_params()
    return {name: found[name] for name in shared().get_params()}


def tags(estimator: Any, call: Call) -> Any:
    found = get_tags(estimator)
    parts = (found.input_tags, found.target_tags, found.classifier_tags, found.regressor_tags)
    return [found.estimator_type, found.requires_fit, *map(repr, parts)]


ACTIONS: dict[str, Any] = {
    "fit": learn,
    "partial_fit": learn,
    "score": learn,
    "set_params": lambda e, call: e.set_params(**copy.deepcopy(call.options)),
    "clone": lambda e, call: clone(e),
    "pickle": lambda e, call: pickle.loads(pickle.dumps(e)),
    "copy": lambda e, call: copy.deepcopy(e),
    "get_params": get_params,
    "read": lambda e, call: _shown(getattr(e, call.options["name"])),
    "write_weights": write_weights,
    "repr": lambda e, call: words_of(e),
    "tags": tags,
    "set_fit_request": lambda e, call: e.set_fit_request(sample_weight=True),
}


def words_of(estimator: Any) -> str:
    """Return its repr, without line breaks and addresses."""
    words = " ".join(repr(estimator).replace("ShallowNet", "MLP").split())
    return re.sub("0x[0-9A-F]+", "", words)


def _shown(value: Any) -> Any:
    return "a method" if callable(value) else copy.deepcopy(value)


def shrink(sequence: Sequence, find: Find) -> tuple[list[int], list[str]]:
    """Return the calls and the parameters that are enough for a difference of the same kind."""
    calls, names = [*range(len(sequence.calls))], [*sequence.parameters]

    def shows(calls: list[int], names: list[str]) -> bool:
        found = play(part(sequence, calls, names), find.seed, Tally())
        return any(f.kind == find.kind and f.row is None for f in found)

    for kept in (calls, names):
        for one in kept[::-1]:
            kept.remove(one)
            if not shows(sorted(calls), names):
                kept.append(one)
    return sorted(calls), sorted(names)


def part(sequence: Sequence, calls: list[int], names: list[str]) -> Sequence:
    """Return a sequence of only these calls and parameters; fits stay short."""
    parameters = {name: sequence.parameters[name] for name in names}
    if "max_iter" not in names:
        parameters["max_iter"] = 3
    parameters.setdefault("random_state", 0)
    return replace(sequence, parameters=parameters, calls=tuple(sequence.calls[i] for i in calls))


def campaign(seeds: range) -> Tally:
    """Play these sequences and return what was counted."""
    tally = Tally()
    for seed in seeds:
        tally.n_sequences += 1
        for find in play(draw(seed), seed, tally):
            if find.row is None:
                tally.unlisted.setdefault(find.kind, []).append(find)
            else:
                tally.listed[find.row] += 1
    return tally


def describe(finds: list[Find]) -> str:
    """Return what is printed of a kind of difference that is not listed."""
    find = finds[0]
    sequence = draw(find.seed)
    calls, names = shrink(sequence, find)
    small, named = part(sequence, calls, names), ",".join(names) or "none"
    lines = [
        f"{' / '.join(find.kind)}, {len(finds)} times, first in {find.seed}",
        f"  --only {find.seed} --calls {','.join(map(str, calls))} --parameters {named}",
        f"  {small.estimator}({small.parameters})",
        *(f"  .{call.method} {_words(call)}" for call in small.calls),
    ]
    for again in play(small, find.seed, Tally()):
        if again.kind == find.kind and again.row is None:
            sides = (again.difference.ours, again.difference.theirs)
            lines += [f"  ours   {sides[0]!r:.300}", f"  theirs {sides[1]!r:.300}"]
            break
    return "\n".join(lines)


def _words(call: Call) -> str:
    words = [] if call.data is None else [changed(call.data)]
    words += [] if call.weights is None else [f"weights: {call.weights}"]
    return " ".join([*words, *(f"{n}={v!r}" for n, v in call.options.items())])


def changed(data: Any) -> str:
    """Return what is not as usual about data."""
    usual = type(data)(data.target, data.seed)
    fields = {n: v for n, v in vars(data).items() if v != getattr(usual, n)}
    return ", ".join([data.target, *(f"{name}={value!r}" for name, value in fields.items())])


def play_one(options: argparse.Namespace) -> int:
    """Play one sequence, or parts of it, and print what differs."""
    sequence = draw(options.only)
    calls, names = [*range(len(sequence.calls))], [*sequence.parameters]
    if options.calls is not None:
        calls = [int(i) for i in options.calls.split(",")]
    if options.parameters is not None:
        names = [n for n in options.parameters.split(",") if n != "none"]
    if options.calls is not None or options.parameters is not None:
        sequence = part(sequence, calls, names)
    print(f"{sequence.estimator}({sequence.parameters})")
    for i, call in enumerate(sequence.calls):
        print(f"{i}: {call.method} {_words(call)}")
    n_unlisted = 0
    for find in play(sequence, options.only, Tally()):
        ours, theirs = find.difference.ours, find.difference.theirs
        print(f"{' / '.join(find.kind)}  [{find.row or 'not listed'}]")
        print(f"   ours   {ours!r:.500}\n   theirs {theirs!r:.500}")
        n_unlisted += find.row is None
    return int(n_unlisted > 0)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=0, help="number of the first sequence")
    parser.add_argument("--count", type=int, default=2500)
    parser.add_argument("--quick", action="store_true", help="100 sequences")
    parser.add_argument("--only", type=int, help="one sequence, in full")
    parser.add_argument("--calls", help="of that, only these calls")
    parser.add_argument("--parameters", help="of that, only these parameters, or none")
    options = parser.parse_args()
    if options.only is not None:
        return play_one(options)
    started = time.perf_counter()
    count = 100 if options.quick else options.count
    tally = campaign(range(options.seed, options.seed + count))
    for finds in sorted(tally.unlisted.values(), key=len, reverse=True):
        print(describe(finds))
    for row, n in sorted(tally.listed.items()):
        print(f"listed, {n} times: {row}")
    print(
        f"{tally.n_sequences} sequences from {options.seed}, {tally.n_calls} calls, "
        f"{tally.n_errors} errors on both sides ({tally.n_other_words} in other words), "
        f"{tally.listed.total()} differences in {len(tally.listed)} rows of docs/sklearn.md, "
        f"{len(tally.unlisted)} kinds not listed ({time.perf_counter() - started:.0f} s)"
    )
    return int(bool(tally.unlisted))


if __name__ == "__main__":
    sys.exit(main())
