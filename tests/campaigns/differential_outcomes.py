"""What a call does to an estimator, and how two outcomes are compared: for `differential.py`.

Everything a caller can see is in an `Outcome`: the exception, warnings, printed lines, the answer,
the fitted attributes, and what the random generators would draw next.
"""

from __future__ import annotations

import contextlib
import copy
import io
import re
import warnings
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple
from unittest.mock import patch

import numpy as np
from scipy import sparse
from sklearn.neural_network import _multilayer_perceptron as mlp

from campaigns.differential_sequences import Call

# max|difference| allowed, over the largest |number| that scikit-learn has in that array, at least 1
LIMITS = {"float64": 1e-9, "float32": 2e-4, "lbfgs": 1e-5}
FAR_LIMITS = 100  # times as much
AFTER_ERROR = "left after an error"
ADDED = ("validation_loss_curve_",)  # attributes that only ours have
PRIVATE = ("_no_improvement_count",)  # scikit-learn's own tests read it
ASPECTS = ("raised", "warned", "printed", "answer", "next draw", AFTER_ERROR)
NUMBER = re.compile(r"-?(\d+\.?\d*(e[-+]?\d+)?|inf|nan)")


@dataclass
class Outcome:
    """What one call has done, and the estimator that is there afterwards."""

    estimator: Any
    error: Exception | None
    answer: Any
    warned: list[tuple[type[Warning], str]]
    printed: str
    attributes: dict[str, Any]
    draws: dict[str, int | None]
    smallest: float  # prediction of a truth that scikit-learn's loss was given

    @property
    def dtype(self) -> Any:
        """float32, or float64 if the network is, or there is none."""
        return np.result_type(*(self.attributes.get("coefs_") or [np.float64]))


class Difference(NamedTuple):
    """One thing that is not alike: `what` has no numbers in it, so that like ones are counted."""

    aspect: str  # "raised", "warned", "printed", "answer", "names", "next draw", or an attribute
    what: str
    ours: Any
    theirs: Any

    @property
    def is_attribute(self) -> bool:
        return self.aspect not in ASPECTS


def outcome_of(estimator: Any, act: Any) -> Outcome:
    """Do it, and return all that can be seen of it; an estimator as answer is the next subject."""
    np.random.seed(11)  # what random_state=None draws from
    error = answer = None
    printed = io.StringIO()
    with (
        warnings.catch_warnings(record=True) as caught,
        contextlib.redirect_stdout(printed),
        losses_watched() as smallest,
    ):
        warnings.simplefilter("always")
        try:
            answer = act(estimator)
        except Exception as raised:  # noqa: BLE001  whatever it is, it is compared
            error = raised
    subject = answer if isinstance(answer, type(estimator)) else estimator
    if answer is subject:
        answer = "self" if subject is estimator else "another"
    return Outcome(
        subject,
        error,
        answer,
        [(w.category, str(w.message)) for w in caught],
        printed.getvalue(),
        attributes_of(subject),
        next_draws(subject),
        min(smallest, default=1.0),
    )


def attributes_of(estimator: Any) -> dict[str, Any]:
    """Return copies of the fitted attributes, and the optimizer's rate among them."""
    found = {
        name: copy.deepcopy(value)
        for name, value in vars(estimator).items()
        if (name.endswith("_") and not name.startswith("_") and name not in ADDED)
        or name in PRIVATE
    }
    for name in ("coefs_", "intercepts_"):  # the network itself may be a view of something larger
        if name in found:
            found[name] = [np.array(array) for array in found[name]]
    optimizer = vars(estimator).get("_optimizer")
    if optimizer is not None:
        found["_optimizer.learning_rate"] = float(optimizer.learning_rate)
    return found


def next_draws(estimator: Any) -> dict[str, int | None]:
    """Return what NumPy's global generator and the estimator's own would draw next."""
    own = estimator.random_state
    is_stream = isinstance(own, np.random.RandomState)
    return {
        "global": np.random.randint(2**31),
        "own": copy.deepcopy(own).randint(2**31) if is_stream else None,
    }


@contextlib.contextmanager
def losses_watched() -> Iterator[list[float]]:
    """Collect the smallest prediction of a truth that each of scikit-learn's losses is given.

    That is the probability of a class that is true, or the mean of a count.
    """
    smallest: list[float] = []

    def watching(name: str, loss: Any) -> Any:
        def watched(y: Any, predicted: Any, *arguments: Any) -> Any:
            of_truth = predicted if name == "poisson" else predicted[y > 0]
            if name == "binary_log_loss":
                of_truth = np.r_[of_truth, 1 - predicted[y == 0]]
            smallest.append(float(np.nan_to_num(of_truth, nan=0).min(initial=1)))
            return loss(y, predicted, *arguments)

        return watched

    names = mlp.LOSS_FUNCTIONS.keys() - {"squared_error"}
    watched_ones = {name: watching(name, mlp.LOSS_FUNCTIONS[name]) for name in names}
    with patch.dict(mlp.LOSS_FUNCTIONS, watched_ones):
        yield smallest


def limit_of(outcome: Outcome, call: Call) -> float:
    """Return how far numbers may be apart: by rounding, and what a few epochs make of it.

    scikit-learn adds up float32 weights in float32, whatever X is. Where inputs are far from 1,
    units are saturated: their gradients are mostly rounding, of which adam makes steps.
    """
    if outcome.estimator.solver == "lbfgs":
        return LIMITS["lbfgs"]
    limit = LIMITS["float32" if call.weights == "float32" else outcome.dtype.name]
    is_far = call.data is not None and (call.data.scale > 1 or call.data.has_constant)
    return FAR_LIMITS * limit if is_far else limit


def differences(ours: Outcome, theirs: Outcome, limit: float) -> list[Difference]:
    """Return everything that is not alike."""
    found = _raised(ours, theirs)
    if found:
        return found
    found = _attributes(ours.attributes, theirs.attributes, limit)
    if theirs.error is None:
        found = _seen(ours, theirs, limit) + found
    elif found:
        names = {difference.aspect for difference in found}
        found = [Difference(AFTER_ERROR, "attributes", *_of(names, ours, theirs))]
    for name, draw in theirs.draws.items():
        if ours.draws[name] != draw:
            found.append(Difference("next draw", name, ours.draws[name], draw))
    return found


def _of(names: set[str], *outcomes: Outcome) -> list[dict[str, Any]]:
    return [{n: v for n, v in outcome.attributes.items() if n in names} for outcome in outcomes]


def _seen(ours: Outcome, theirs: Outcome, limit: float) -> list[Difference]:
    """Return what differs for who calls: the answer, what is printed, the warnings."""
    found = []
    if what := unlike(ours.answer, theirs.answer, limit):
        found.append(Difference("answer", what, ours.answer, theirs.answer))
    if what := _printed(ours.printed, theirs.printed, limit):
        found.append(Difference("printed", what, ours.printed, theirs.printed))
    return found + _warned(ours, theirs)


def _raised(ours: Outcome, theirs: Outcome) -> list[Difference]:
    one, other = ours.error, theirs.error
    if (one is None) == (other is None) and (other is None or isinstance(one, sort_of(other))):
        return []
    words = " / ".join("nothing" if e is None else type(e).__name__ for e in (one, other))
    return [Difference("raised", words, repr(one), repr(other))]


def sort_of(error: Exception) -> type:
    """Return the public class that an error is of: a name that callers can catch."""
    public = ("builtins", "sklearn.exceptions")
    return next(sort for sort in type(error).__mro__ if sort.__module__ in public)


def begins_alike(ours: Outcome, theirs: Outcome) -> bool:
    """Tell whether the messages of two errors have the same first words; only counted."""
    one, other = ("".join(str(e).split())[:30] for e in (ours.error, theirs.error))
    return one.replace("ShallowNet", "MLP") == other


def _warned(ours: Outcome, theirs: Outcome) -> list[Difference]:
    found = []
    one, other = (Counter(c.__name__ for c, _ in o.warned) for o in (ours, theirs))
    for side, extra in (("only here", one - other), ("only there", other - one)):
        found += [Difference("warned", f"{n} {side}", ours.warned, theirs.warned) for n in extra]
    if not found and not alike_words(ours, theirs):
        found.append(Difference("warned", "in other words", ours.warned, theirs.warned))
    return found


def alike_words(ours: Outcome, theirs: Outcome) -> bool:
    """Tell whether the warnings begin with the same words."""
    heads = (
        sorted(NUMBER.sub("#", words.replace("ShallowNet", "MLP"))[:40] for _, words in o.warned)
        for o in (ours, theirs)
    )
    return next(heads) == next(heads)


def _printed(ours: str, theirs: str, limit: float) -> str:
    if NUMBER.sub("#", ours) != NUMBER.sub("#", theirs):
        return "other lines"
    one, other = ([float(m[0]) for m in NUMBER.finditer(text)] for text in (ours, theirs))
    return "other numbers" if not close(np.array(one), np.array(other), limit + 2e-6) else ""


def _attributes(ours: dict[str, Any], theirs: dict[str, Any], limit: float) -> list[Difference]:
    found = []
    for name in sorted(ours.keys() ^ theirs.keys()):
        side = "only here" if name in ours else "only there"
        found.append(Difference(name, side, ours.get(name), theirs.get(name)))
    shared = sorted(ours.keys() & theirs.keys())
    whats = {name: unlike(ours[name], theirs[name], limit) for name in shared}
    return found + [Difference(n, what, ours[n], theirs[n]) for n, what in whats.items() if what]


def unlike(ours: Any, theirs: Any, limit: float) -> str:
    """Return in what two values differ, or ""."""
    if isinstance(ours, list) and isinstance(theirs, list):
        return _unlike_lists(ours, theirs, limit)
    if sparse.issparse(ours) and sparse.issparse(theirs):
        if ours.format != theirs.format:
            return f"{ours.format} / {theirs.format}"
        return unlike(ours.toarray(), theirs.toarray(), limit)
    if type(ours) is not type(theirs):
        return f"type {type(ours).__name__} / {type(theirs).__name__}"
    if isinstance(theirs, np.ndarray):
        if ours.dtype != theirs.dtype:
            return f"dtype {ours.dtype} / {theirs.dtype}"
        if ours.shape != theirs.shape:
            return "shape"
    if isinstance(theirs, float) or getattr(getattr(theirs, "dtype", None), "kind", "") == "f":
        return "" if close(ours, theirs, limit) else "value"
    if isinstance(theirs, dict):
        keys = [k for k in theirs if k not in ours or unlike(ours[k], theirs[k], limit)]
        return f"of {', '.join(keys)}" if keys else ""
    return "" if _equal(ours, theirs) else "value"


def _unlike_lists(ours: list[Any], theirs: list[Any], limit: float) -> str:
    if len(ours) != len(theirs):
        return "length"
    whats = (unlike(a, b, limit) for a, b in zip(ours, theirs, strict=True))
    return next((f"element: {what}" for what in whats if what), "")


def _equal(ours: Any, theirs: Any) -> bool:
    if isinstance(theirs, np.ndarray):
        return bool(np.array_equal(ours, theirs))
    if isinstance(theirs, np.random.RandomState):
        return True  # what it draws next is compared
    return bool(ours == theirs)


def close(ours: Any, theirs: Any, limit: float) -> bool:
    """Tell whether numbers agree: NaN with NaN, inf with inf, finite ones to the limit."""
    one, other = np.asarray(ours, np.float64), np.asarray(theirs, np.float64)
    finite = np.isfinite(other)
    if not (np.isfinite(one) == finite).all():
        return False
    if not np.array_equal(one[~finite], other[~finite], equal_nan=True):
        return False
    scale = max(1.0, np.abs(other[finite]).max(initial=0.0))
    return bool((np.abs(one[finite] - other[finite]) <= limit * scale).all())
