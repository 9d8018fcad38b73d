"""Where the playground's trainings end, as the library's do: at a minimum, or diverging.

Asked through node, without a browser.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from engine import LEVEL, MINIMIZERS, ask, columns, run_all_lines

ENDING: dict[str, dict[str, Any]] = {
    "flower": {"l2": 1e-3},
    "flower without a hidden layer": {"hidden": 0},
    "blobs": {"data": "blobs", "output": "softmax", "scheme": "glorot_uniform", "l2": 1e-4},
    "curve": {"data": "curve", "output": "identity", "scheme": "glorot_uniform", "l2": 1e-3},
}


@pytest.mark.parametrize("solver", MINIMIZERS)
@pytest.mark.parametrize("name", ENDING)
def test_engine_ends_where_a_minimizer_finds_its_minimum(
    engine_folder: Path, name: str, solver: str
) -> None:
    settings = {**ENDING[name], "solver": solver}
    question = {"what": "train", "settings": settings, "calls": [3, 10_000, 1]}
    [page] = ask(engine_folder, question)
    assert page["status"] == ["done", "ended", "ended"]
    assert page["curve"][-1][0] == page["epochs"] == page["iterations"] < 2000
    now = f"n_iterations={page['epochs']}"
    assert now in page["python"] and "learning_rate" not in page["python"]
    longer = page["python"].replace(now, "n_iterations=10_000")
    for made in run_all_lines([page["python"], longer], LEVEL):
        assert made["n_epochs"] == page["epochs"]
        assert made["W1"] == page["parameters"]["W1"]
        assert made["W2"] == page["parameters"]["W2"]
        assert made["b2"] == columns(page["parameters"]["b2"])
    [anywhere] = run_all_lines([longer], None)
    assert anywhere["costs"][-1] == pytest.approx(page["cost"], rel=1e-6)  # the same minimum


DIVERGENT = {
    "full batch": {"data": "curve", "output": "identity", "activation": "identity", "rate": 30},
    "batches": {"data": "curve", "output": "identity", "activation": "relu", "rate": 9,
                "scheme": "he_normal", "batch": 10, "solver": "sgd"},
}  # fmt: skip


@pytest.mark.parametrize("name", DIVERGENT)
def test_engine_ends_in_the_last_state_before_divergence(engine_folder: Path, name: str) -> None:
    question = {"what": "train", "settings": DIVERGENT[name], "calls": [3, 10_000, 1]}
    [page] = ask(engine_folder, question)
    assert page["status"][-2:] == ["diverged", "diverged"]
    assert "it is a DivergenceError" in page["python"]
    counted = "n_epochs" if "n_epochs" in page["python"] else "n_iterations"
    now = f"{counted}={page['epochs']}"
    assert now in page["python"]
    one_more = page["python"].replace(now, f"{counted}={page['epochs'] + 1}")
    caught = (
        f"import shallownet_native as sn\ntry:\n    exec({one_more!r}, globals())\n"
        "except sn.DivergenceError as error:\n    result = error.result\n"
    )
    for made in run_all_lines([page["python"], caught], LEVEL):
        assert made["n_epochs"] == page["epochs"]
        assert made["W1"] == page["parameters"]["W1"]
        assert made["W2"] == page["parameters"]["W2"]
        assert made["b2"] == columns(page["parameters"]["b2"])
