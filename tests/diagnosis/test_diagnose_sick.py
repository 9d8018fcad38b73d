"""Sick runs are named for what is wrong with them, and near misses are not."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

import shallownet_native as sn
from shallownet_native.diagnosis.symptoms import SYMPTOMS
from sick_runs import NEAR_MISSES, SICK, Run

# in the order of reports: what may be the cause of others first
WORDS = [
    "diverged", "learning_rate", "unscaled_inputs", "unscaled_target", "symmetric_units",
    "dead_units", "saturated_units", "plateau", "underfitting", "overfitting", "few_restarts",
    "imbalance", "contradicting_labels", "constant_column", "duplicate_column",
]  # fmt: skip

pytestmark = pytest.mark.filterwarnings("ignore::shallownet_native.ConvergenceWarning")


@pytest.mark.parametrize(
    ("name", "make", "value"), SICK, ids=[f"{k}-{s[0]}" for k, s in enumerate(SICK)]
)
def test_diagnose_names_what_is_wrong(
    name: str, make: Callable[[], Run], value: float | None
) -> None:
    report = sn.diagnose(*make())
    found = {finding.name: finding for finding in report.findings}
    assert name in found
    assert len(found) == len(report.findings)
    assert found[name].sentence in str(report)
    assert not np.isnan(found[name].value)
    if name == "learning_rate":
        assert found[name].value > 1
    if value is not None:
        assert found[name].value == pytest.approx(value, rel=1e-3)


@pytest.mark.parametrize(
    ("name", "make"), NEAR_MISSES, ids=[f"{k}-{s[0]}" for k, s in enumerate(NEAR_MISSES)]
)
def test_diagnose_lets_near_misses_pass(name: str, make: Callable[[], Run]) -> None:
    assert name not in sn.diagnose(*make()).names


def test_diagnose_has_one_vocabulary() -> None:
    assert [symptom.__name__ for symptom in SYMPTOMS] == WORDS
    assert set(WORDS) == {name for name, *_ in SICK} == {name for name, _ in NEAR_MISSES}
