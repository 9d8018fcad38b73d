"""One sequence of calls played on both sides, difference by difference: for `differential.py`."""

from __future__ import annotations

import copy
import pickle
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from sklearn import config_context, neural_network
from sklearn.base import clone
from sklearn.utils import get_tags

import shallownet_native as sn
from campaigns import differential_data as made
from campaigns.differential_listed import parts_ways, row_of
from campaigns.differential_moments import Moment
from campaigns.differential_outcomes import (
    Difference,
    Outcome,
    begins_alike,
    differences,
    limit_of,
    outcome_of,
)
from campaigns.differential_sequences import STREAM, THEIRS_WEIGHS, Call, Sequence

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
        limit = max(limit, limit_of(theirs, call))
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


def request_weights(estimator: Any, call: Call) -> Any:
    with config_context(enable_metadata_routing=True):
        return estimator.set_fit_request(sample_weight=True)


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
    "set_fit_request": request_weights,
}


def words_of(estimator: Any) -> str:
    """Return its repr, without line breaks and addresses."""
    words = " ".join(repr(estimator).replace("ShallowNet", "MLP").split())
    return re.sub("0x[0-9A-F]+", "", words)


def _shown(value: Any) -> Any:
    return "a method" if callable(value) else copy.deepcopy(value)
