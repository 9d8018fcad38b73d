"""A call on both sides and what can be told of it: the words of `differential_listed.py`."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from campaigns import differential_data as made
from campaigns.differential_outcomes import Difference, Outcome
from campaigns.differential_sequences import Call

RATE = "_optimizer.learning_rate"  # of an earlier fit's optimizer, which lbfgs does without
CURVES = (
    "loss_curve_", "best_loss_", "validation_scores_", "best_validation_score_",
    "_no_improvement_count",
)  # fmt: skip
HUGE = {"too large", "huge", "huge for float32"}
RARE = {"float64": 2e-7, "float32": 1e-3}
LOSSES = ("loss_", "best_loss_", "loss_curve_")


class Moment(NamedTuple):
    """A call and all about it; `before` is what scikit-learn's side was left as by the last one."""

    call: Call
    ours: Outcome
    theirs: Outcome
    before: Outcome | None
    found: list[Difference]

    @property
    def setting(self) -> dict[str, Any]:
        """The parameters, of both sides."""
        return self.theirs.estimator.get_params()

    @property
    def raised(self) -> str:
        """What our side has raised, class and message."""
        error = self.ours.error
        return "" if error is None else f"{type(error).__name__}: {error}"

    @property
    def is_fit(self) -> bool:
        return self.call.method in ("fit", "partial_fit")


def is_lbfgs(m: Moment) -> bool:
    return m.setting["solver"] == "lbfgs"


def is_sure(m: Moment) -> bool:
    """Tell whether scikit-learn has met a probability that it clips, or knows to few digits only.

    The logarithm of 1 - p has the rounding of p over 1 - p, which is to be less than the limit.
    """
    is_classifier = "loss" not in m.setting
    return m.is_fit and is_classifier and m.theirs.smallest < RARE[m.theirs.dtype.name]


def underflows(m: Moment) -> bool:
    """Tell whether a Poisson mean has become 0, or nearly."""
    return m.is_fit and m.setting.get("loss") == "poisson" and m.theirs.smallest < 1e-30


def weight_is_0(m: Moment) -> bool:
    """Tell whether some rows weigh nothing, so that a batch may."""
    weights = made.weights(m.call.weights, m.call.data) if m.call.data else None
    return m.is_fit and weights is not None and m.call.weights in ("some zero", "all zero")


def overflows(m: Moment) -> bool:
    """Tell whether ours has met numbers beyond the finite ones, and scikit-learn's are near."""
    warned = {category.__name__ for category, _ in m.ours.warned}
    if "DivergenceError" not in m.raised and "DivergenceWarning" not in warned:
        return False
    data = m.call.data
    is_huge = data is not None and bool({data.bad_rows, data.bad_targets} & HUGE)
    theirs = m.theirs.attributes
    numbers = [*theirs.get("loss_curve_", []), *(np.abs(W).max() for W in theirs["coefs_"])]
    return is_huge or not all(np.abs(number) < 1e15 for number in numbers)  # nan is not


def is_invalid(m: Moment) -> bool:
    """Tell whether scikit-learn would refuse the parameters, if it looked."""
    try:
        m.theirs.estimator._validate_params()
    except ValueError:
        return True
    return False


def has_bad_end(m: Moment) -> bool:
    """Tell whether ours has warned of the place where the fit has ended."""
    heads = ("Early stopping has ended at", "Training has ended at")
    return any(words.startswith(heads) for _, words in m.ours.warned)


def has_gone_back(m: Moment) -> bool:
    """Tell whether scikit-learn has the weights again that `write_weights` halved."""
    if m.before is None or not m.is_fit:
        return False
    halved, found = m.before.attributes.get("coefs_"), m.theirs.attributes["coefs_"]
    return bool(halved) and bool(np.allclose(2 * halved[0], found[0]))


def has_half_a_binarizer(error: Exception | None) -> bool:
    """Tell whether an error is one that an earlier one in `fit` has left behind."""
    words = ("'LabelBinarizer' object has no", "This LabelBinarizer instance", "with multilabel")
    return any(w in str(error) for w in words)
