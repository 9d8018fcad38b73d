"""scikit-learn's own tests of its MLP, as installed, hold for our two classes in their place.

The whole file runs in a process of its own, with the names `MLPClassifier` and `MLPRegressor`
replaced before it is imported. All cases are run, those that cannot hold too: each of these is in
LEFT_OUT with its reason, and must still fail for that reason, so that the list cannot grow stale.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

neural_network = pytest.importorskip("sklearn.neural_network")

UPSTREAM = Path(neural_network.__file__).parent / "tests" / "test_mlp.py"
TWO_LAYERS = "exactly one hidden layer|one hidden layer"
LEFT_OUT = {  # case: what its failure says
    "test_gradient": "no attribute '_loss_grad_lbfgs'",  # a private function of scikit-learn's
    # wants log(predict_proba): ours tells labels apart whose probability is rounded to 1
    "test_predict_proba_multilabel": "Arrays are not equal",
    "test_mlp_classifier_dtypes_casting": TWO_LAYERS,
    "test_mlp_regressor_dtypes_casting": TWO_LAYERS,
    "test_mlp_param_dtypes[ShallowNetClassifier-float32]": TWO_LAYERS,
    "test_mlp_param_dtypes[ShallowNetClassifier-float64]": TWO_LAYERS,
    "test_mlp_param_dtypes[ShallowNetRegressor-float32]": TWO_LAYERS,
    "test_mlp_param_dtypes[ShallowNetRegressor-float64]": TWO_LAYERS,
}
SWAP = """
import shallownet_native as sn
from sklearn import neural_network

OURS = {"MLPClassifier": sn.ShallowNetClassifier, "MLPRegressor": sn.ShallowNetRegressor}
for name, ours in OURS.items():
    setattr(neural_network, name, ours)


def pytest_collection_finish(session):
    modules = {item.module for item in session.items}
    assert [module.__name__.split(".")[-1] for module in modules] == ["test_mlp"]
    assert all(getattr(module, name) is ours for module in modules for name, ours in OURS.items())
"""


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: Any) -> dict[str, str | None]:
    """Run the file once and return, for each case, None or the text of its failure."""
    folder = tmp_path_factory.mktemp("upstream")
    (folder / "swap.py").write_text(SWAP, encoding="utf-8")
    (folder / "pytest.ini").write_text("[pytest]\n", encoding="utf-8")
    report = folder / "report.xml"
    run = subprocess.run(
        [
            sys.executable, "-m", "pytest", "-p", "swap", "-p", "no:cacheprovider", "-q",
            f"--junitxml={report}", "-c", folder / "pytest.ini", UPSTREAM,
        ],
        cwd=folder, capture_output=True, text=True, timeout=300,
    )  # fmt: skip
    assert run.returncode in (0, 1), run.stdout + run.stderr  # 1: some failed
    found: dict[str, str | None] = {}
    for case in ElementTree.parse(report).iter("testcase"):
        faults = [case.find(kind) for kind in ("failure", "error", "skipped")]
        texts = [f"{fault.get('message')}\n{fault.text}" for fault in faults if fault is not None]
        found[str(case.get("name"))] = "\n".join(texts) if texts else None
    return found


def test_upstream_cases_hold(outcomes: dict[str, str | None]) -> None:
    """Every case passes, and none is skipped, but for those that are left out."""
    failed = {name: text for name, text in outcomes.items() if text and name not in LEFT_OUT}
    assert not failed, "\n\n".join(f"{name}: {text}" for name, text in failed.items())
    assert len(outcomes) - len(LEFT_OUT) >= 48  # scikit-learn 1.6 has 48, later ones more


@pytest.mark.parametrize("case", LEFT_OUT)
def test_upstream_cases_left_out_cannot_hold(outcomes: dict[str, str | None], case: str) -> None:
    text = outcomes[case]
    assert text is not None, "it passes: take it off the list"
    assert re.search(LEFT_OUT[case], text), text
