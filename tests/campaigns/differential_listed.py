"""What docs/sklearn.md lists as different, told from what it does not: for `differential.py`.

Each predicate names the row of a table there that it belongs to, by the words that the row begins
with; a test looks them up on the page. A predicate is as narrow as the row.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from campaigns import differential_data as made
from campaigns.differential_outcomes import AFTER_ERROR, Difference, Outcome
from campaigns.differential_sequences import THEIRS_WEIGHS, Call

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


def parts_ways(difference: Difference) -> bool:
    """Tell whether the two sides are in different states from now on."""
    return (
        difference.aspect in ("raised", "next draw", AFTER_ERROR)
        or difference.what in ("length", "shape")
        or "value" in difference.what
        or "dtype" in difference.what
    )


def row_of(difference: Difference, moment: Moment) -> str | None:
    """Return the row that lists a difference, or None."""
    return next((row for row, holds in LISTED if holds(difference, moment)), None)


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


def failed_with(words: str) -> Callable[[Difference, Moment], bool]:
    """Return a predicate: scikit-learn's side has raised an error of these words."""
    return lambda d, m: d.aspect == "raised" and words in str(m.theirs.error)


# The page's second table: what scikit-learn has mended or brought since 1.6.
OLDER: tuple[tuple[str, Callable[[Difference, Moment], Any]], ...] = (
    (
        "`sample_weight`, `loss`",
        lambda d, m: (
            failed_with("'set_fit_request'")(d, m) or failed_with("Invalid parameter 'loss'")(d, m)
        ),
    ),
    ("early stopping with labels that are text", failed_with("'isnan' not supported")),
    (
        "fewer than two rows to validate on",
        lambda d, m: d.aspect == "raised" and "validation set is too small" in m.raised,
    ),
    (
        "SciPy's warnings that options of lbfgs are deprecated",
        lambda d, m: d.what == "DeprecationWarning only there",
    ),
)
LISTED: tuple[tuple[str, Callable[[Difference, Moment], Any]], ...] = (
    *(() if THEIRS_WEIGHS else OLDER),
    (
        "lbfgs and the attributes of earlier fits",
        lambda d, m: (
            (is_lbfgs(m) and d.aspect in (*CURVES, RATE) and d.what != "only here")
            or (m.is_fit and "has no attribute 'loss_curve_'" in str(m.theirs.error))
        ),
    ),
    (
        "lbfgs and gd like the others",
        lambda d, m: (
            is_lbfgs(m) and (d.aspect in (*CURVES, RATE) or m.call.options.get("name") in CURVES)
        ),
    ),
    (
        "a call that raised",
        lambda d, m: (
            d.aspect == AFTER_ERROR
            or (d.aspect == "next draw" and m.ours.error is not None)
            or (d.aspect == "raised" and has_half_a_binarizer(m.theirs.error))
        ),
    ),
    (
        "two or more hidden layers",
        lambda d, m: d.aspect == "raised" and "at most one hidden layer" in m.raised,
    ),
    (
        "`hidden_layer_sizes` that are no whole numbers",
        lambda d, m: d.aspect == "raised" and "must be whole numbers" in m.raised,
    ),
    (
        "the loss of a prediction that is sure and wrong",
        lambda d, m: is_sure(m) and (d.is_attribute or d.aspect in ("printed", "warned")),
    ),
    (
        "`predict_log_proba`",
        lambda d, m: (
            m.call.method == "predict_log_proba"
            and d.aspect == "answer"
            and d.what == "value"
            and np.min(m.theirs.answer) < -15
        ),
    ),
    (
        "lbfgs and float32",
        lambda d, m: (
            is_lbfgs(m)
            and (
                "dtype float32 / float64" in d.what or (m.is_fit and m.call.data.dtype == "float32")
            )
        ),
    ),
    (
        "a Poisson mean that becomes 0",
        lambda d, m: underflows(m) and (d.is_attribute or d.aspect in ("printed", "warned")),
    ),
    (
        "a loss that overflows",
        lambda d, m: overflows(m),
    ),
    ("lbfgs and `verbose`", lambda d, m: is_lbfgs(m) and d.aspect == "printed"),
    (
        "lbfgs and `partial_fit`",
        lambda d, m: (
            m.setting["solver"] not in ("adam", "sgd")
            and d.aspect == "raised"
            and "partial_fit" in m.raised
        ),
    ),
    (
        "lbfgs and `early_stopping`",
        lambda d, m: is_lbfgs(m) and m.setting["early_stopping"] and m.is_fit,
    ),
    (
        "negative sample weights",
        lambda d, m: d.aspect == "raised" and m.call.weights == "negative",
    ),
    ("a batch whose weights are all 0", lambda d, m: weight_is_0(m)),
    (
        'negative targets with `loss="poisson"`',
        lambda d, m: d.aspect == "raised" and "y must be >= 0" in m.raised,
    ),
    (
        "`warm_start` or `partial_fit` with another shape or `loss`",
        lambda d, m: d.aspect == "raised" and "fit anew with warm_start=False" in m.raised,
    ),
    (
        "`early_stopping` changed between fits that go on",
        lambda d, m: m.is_fit and "'NoneType'" in str(m.theirs.error),
    ),
    (
        "new arrays put into `coefs_`",
        lambda d, m: d.aspect in ("coefs_", "intercepts_") and has_gone_back(m),
    ),
    (
        "`partial_fit` with `early_stopping=True`",
        lambda d, m: d.aspect == "raised" and "does not support early_stopping" in m.raised,
    ),
    (
        "parameters made invalid after `fit`",
        lambda d, m: d.aspect in ("raised", "answer") and m.call.data and is_invalid(m),
    ),
    (
        "early stopping that ends below the score of a constant",
        lambda d, m: d.what == "ConvergenceWarning only here" and has_bad_end(m),
    ),
    (
        "labels of a single class",
        lambda d, m: (
            d.aspect == "answer" and d.what == "shape" and len(m.theirs.estimator.classes_) == 1
        ),
    ),
    (
        "dates, durations and text as a regressor's `y`",
        lambda d, m: d.aspect == "raised" and "must hold real numbers" in m.raised,
    ),
    (
        "dates and durations in X",
        lambda d, m: d.aspect == "raised" and "dates or durations (" in m.raised,
    ),
    (
        "labels that are missing, or of several types",
        lambda d, m: (
            d.aspect == "raised" and ("y has no label in row" in m.raised or "y mixes" in m.raised)
        ),
    ),
    (
        "None among a regressor's targets",
        lambda d, m: d.aspect == "raised" and "y has no number in row" in m.raised,
    ),
    (
        "sample weights with a sum beyond what can be divided by",
        lambda d, m: d.aspect == "raised" and "must have a positive, finite sum" in m.raised,
    ),
    (
        "NumPy's warnings of overflow and invalid values",
        lambda d, m: d.aspect == "warned" and d.what == "RuntimeWarning only there",
    ),
    (
        "the type of `loss_` where X is float32",
        lambda d, m: (
            "float64 / float32" in d.what
            and (d.aspect in LOSSES or m.call.options.get("name") in LOSSES)
        ),
    ),
)
