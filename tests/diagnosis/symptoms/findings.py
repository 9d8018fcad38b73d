"""What symptoms are looked for in: the flower's second draw, trainings, and what is found."""

from __future__ import annotations

from typing import Any

import pytest

import shallownet_native as sn

X, Y = sn.datasets.flower(seed=1)
ROWS, LABELS = X.T, Y.ravel().astype(int)

# sick runs do not converge
NO_WARNING = pytest.mark.filterwarnings(
    "ignore::shallownet_native.ConvergenceWarning",
    "ignore::sklearn.exceptions.ConvergenceWarning",
)


def report_of(start: sn.Parameters, inputs: Any = X, targets: Any = Y, **options: Any) -> Any:
    """Train, by gd if not told otherwise, and diagnose; of a divergence its error."""
    try:
        result: Any = sn.train(start, inputs, targets, **options)
    except sn.DivergenceError as error:
        result = error
    return sn.diagnose(result, inputs, targets)


def finding(report: sn.Diagnosis, name: str) -> sn.Finding:
    return report.findings[report.names.index(name)]


def sentence(report: sn.Diagnosis, name: str) -> str:
    return finding(report, name).sentence
