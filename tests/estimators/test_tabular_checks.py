"""scikit-learn's checks of any estimator hold for those of tables.

One is excused, as for scikit-learn's own bags: a row of weight 2 is in one fold, two rows may be in
two.
"""

from __future__ import annotations

from typing import Any
from unittest import SkipTest

import pytest

pytest.importorskip("sklearn")

from sklearn.utils.estimator_checks import estimator_checks_generator

import shallownet_native as sn

EXCUSED = "check_sample_weight_equivalence_on_dense_data"
SKIPS = ("SCIPY_ARRAY_API is not set", "polars is not installed")
ESTIMATORS = [sn.TabularShallowNetClassifier(), sn.TabularShallowNetRegressor()]
CHECKS = [pair for estimator in ESTIMATORS for pair in estimator_checks_generator(estimator)]


def name_of(value: Any) -> str:
    return getattr(getattr(value, "func", value), "__name__", type(value).__name__)


@pytest.mark.parametrize(("estimator", "check"), CHECKS, ids=name_of)
@pytest.mark.filterwarnings("ignore")  # as scikit-learn runs them: several provoke warnings
def test_tabular_checks_hold(estimator: Any, check: Any) -> None:
    if name_of(check) == EXCUSED:
        with pytest.raises(AssertionError, match="not equivalent to fitting with removed"):
            check(estimator)
        return
    try:
        check(estimator)
    except SkipTest as reason:
        pytest.skip(str(reason)) if str(reason).startswith(SKIPS) else pytest.fail(str(reason))
