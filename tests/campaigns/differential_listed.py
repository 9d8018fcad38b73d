"""What docs/sklearn.md lists as different, told from what it does not: for `differential.py`.

Each predicate names the row of a table there that it belongs to, by the words that the row begins
with; a test looks them up on the page. A predicate is as narrow as the row.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import sklearn

from campaigns.differential_moments import (
    CURVES,
    LOSSES,
    RATE,
    Moment,
    has_bad_end,
    has_gone_back,
    has_half_a_binarizer,
    is_invalid,
    is_lbfgs,
    is_sure,
    overflows,
    underflows,
    weight_is_0,
)
from campaigns.differential_outcomes import AFTER_ERROR, Difference


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


def failed_with(words: str) -> Callable[[Difference, Moment], bool]:
    """Return a predicate: scikit-learn's side has raised an error of these words."""
    return lambda d, m: d.aspect == "raised" and words in str(m.theirs.error)


# The page's second table: what scikit-learn has mended or brought since 1.6, 1.7, 1.8.
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
    *(OLDER if tuple(map(int, sklearn.__version__.split(".")[:2])) < (1, 9) else ()),
    (
        "lbfgs and the attributes of earlier fits",
        lambda d, m: (
            (is_lbfgs(m) and d.aspect in (*CURVES, RATE) and d.what != "only here")
            or (m.is_fit and "has no attribute 'loss_curve_'" in str(m.theirs.error))
        ),
    ),
    (
        "lbfgs, lm and gd like the others",
        lambda d, m: (
            (m.call.options.get("name") in CURVES and m.theirs.error is not None)
            or (is_lbfgs(m) and d.aspect in (*CURVES, RATE))
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
        "lbfgs and several numbers to predict",
        lambda d, m: (
            is_lbfgs(m)
            and getattr(m.ours.estimator, "out_activation_", "") == "identity"
            and m.ours.estimator.n_outputs_ > 1
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
        lambda d, m: m.call.data and is_invalid(m),
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
