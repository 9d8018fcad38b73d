"""scikit-learn's checks of any estimator: all of them hold, and one is excused.

Of estimators for tables, as of scikit-learn's own bags: a row of weight 2 is in one fold, two rows
may be in two.
"""

from __future__ import annotations

from typing import Any
from unittest import SkipTest

import pytest

neural_network = pytest.importorskip("sklearn.neural_network")

from sklearn.utils.estimator_checks import (  # noqa: E402
    estimator_checks_generator,
    parametrize_with_checks,
)

import shallownet_native as sn  # noqa: E402  (loads the estimators, which need scikit-learn)

# 100 epochs, with which scikit-learn checks its own, or 4 networks: checks fit several times.
ESTIMATORS = [
    sn.ShallowNetClassifier(max_iter=100),
    sn.ShallowNetRegressor(max_iter=100),
    sn.ShallowNetClassifierCV(
        [4, 8], alphas=[0.1, 1.0], cv=2, max_iter=100, learning_rate_init=0.01
    ),
    sn.ShallowNetRegressorCV(
        hidden_layer_sizes=[4, 8], alphas=[0.1, 1.0], cv=2, max_iter=100, learning_rate_init=0.01
    ),
    sn.TabularShallowNetClassifier(4),
    sn.TabularShallowNetRegressor(4),
]
TABULAR = (sn.TabularShallowNetClassifier, sn.TabularShallowNetRegressor)
EXCUSED = "check_sample_weight_equivalence_on_dense_data"
# What scikit-learn skips for everybody where the machine lacks something.
SKIPS = ("SCIPY_ARRAY_API is not set", "polars is not installed")

CHECKS = parametrize_with_checks(ESTIMATORS)  # in scikit-learn 1.6 a generator, pytest wants a list
CHECKS = pytest.mark.parametrize(CHECKS.args[0], list(CHECKS.args[1]), **CHECKS.kwargs)


@CHECKS
@pytest.mark.filterwarnings("ignore")  # as scikit-learn runs them: several provoke warnings
def test_estimator_checks_hold(estimator: Any, check: Any) -> None:
    if isinstance(estimator, TABULAR) and check.func.__name__ == EXCUSED:
        with pytest.raises(AssertionError, match="not equivalent to fitting with removed"):
            check(estimator)
        return
    try:
        check(estimator)
    except SkipTest as reason:
        pytest.skip(str(reason)) if str(reason).startswith(SKIPS) else pytest.fail(str(reason))


def names(estimator: Any) -> set[str]:
    """Return the checks that an estimator's tags call for, with their arguments."""
    checks = (check for _, check in estimator_checks_generator(estimator))
    return {f"{check.func.__name__} {check.keywords}" for check in checks}


@pytest.mark.parametrize("name", ["Classifier", "Regressor"])
def test_estimator_checks_are_no_fewer_than_for_scikit_learns_own(name: str) -> None:
    theirs, ours = getattr(neural_network, f"MLP{name}"), getattr(sn, f"ShallowNet{name}")
    assert names(theirs()) < names(ours()), "tags leave checks out, or transform adds none"
