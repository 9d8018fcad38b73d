"""Checkpoint files with a right checksum that lie about anything: each is a ModelFormatError."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import shallownet_native as sn
from campaigns.forgery import ABSENT, changed, damaged
from shallownet_native.files.snet import decode

M = 40
N = 6

RNG = np.random.default_rng(0)
X = RNG.standard_normal((3, M))
START = sn.initialize(3, 5, 2, "glorot_uniform", seed=0)


def train(path: Path) -> sn.TrainingResult:
    """Train so that the checkpoint has every part that it can have, and every stream PCG64's."""
    options: dict[str, Any] = {"n_epochs": N, "batch_size": 13, "seed": 3, "validation": 0.3}
    return sn.train(
        START, X, X[:2] > 0, optimizer="adam", tol=0.1, n_iter_no_change=99, checkpoint=path,
        **options,
    )  # fmt: skip


def fit(path: Path) -> Any:
    """Likewise, with a RandomState and scores."""
    model = sn.ShallowNetClassifier(
        5, max_iter=N, early_stopping=True, validation_fraction=0.3, random_state=0, tol=-0.0,
        n_iter_no_change=99, batch_size=13, checkpoint=str(path),
    )  # fmt: skip
    return model.fit(X.T, X[0] > 0)


def refused(attempt: Callable[[Path], Any], path: Path) -> bool:
    """Tell whether the file is refused, and named in the error."""
    try:
        attempt(path)
    except sn.ModelFormatError as error:
        return f"checkpoint {path}: " in str(error)
    return False


LIES: dict[str, list[Any]] = {
    "network": [None, {}, {"n_x": 3, "n_h": 5, "n_y": 3}, {"n_x": -3, "n_h": 5, "n_y": 2}],
    "level": [None, 3, "x" * 101],
    "seconds": [-1, None, "1"],
    "stopped_by": [3, "divergence", "callback", "because"],
    "is_open": [1, None, True],
    "learning_rate": [-1, None, "fast"],
    "last_rate": [None, -1, "fast"],
    "best": [None, "nan", "-infinity", True],
    "n_steps": [-1, 1.5, None, 2**53 + 1],
    "n_seen": [-1, 1.5, None, 2**53 + 1],
    "n_epochs": [-1, 0, 1.5, 5, 2**53 + 1],
    "n_stalled": [-1, 1.5, 2**53 + 1],
    "early_stopping": [None, {}, []],
    "early_stopping/n_stalled": [-1, 7, None],
    "early_stopping/best_cost": [None, "inf", "nan"],
    "early_stopping/best_epoch": [None, -1, 6],
    "early_stopping/surplus": [1],
    "stream": [None, {}, [], {"bit_generator": "MT19937"}, {"bit_generator": "Philox"}],
    "stream/bit_generator": ["MT19937", "PCG65", None],
    "stream/state": [3, "", "g", "f" * 33, "-1"],
    "stream/inc": ["2", None],
    "stream/has_uint32": [2, -1, 0.5],
    "stream/uinteger": [-1, 2**32],
    "stream/surplus": [1],
    "fingerprint": [None, {}, {"network": "0"}],
    "fingerprint/network": ["short", 3],
    "fingerprint/surplus": ["0" * 64],
}


def with_value(array: Any, value: float, index: Any = 0) -> Any:
    other = array.copy()
    other[index] = value
    return other


def arrays_that_lie(arrays: dict[str, Any]) -> dict[str, list[Any]]:
    theta, state, costs = arrays["theta"], arrays["state"], arrays["costs"]
    looks, best = arrays["validation_costs"], arrays["best_theta"]
    return {
        "theta": [ABSENT, theta[:-1], theta.astype("<f4"), with_value(theta, np.nan)],
        "state": [ABSENT, state[:, :-1], state[:1], state[0], state.astype("<f4"),
                  with_value(state, np.nan), with_value(state, -1.0, (1, 0))],
        "costs": [ABSENT, costs[:-1], costs[None], costs.astype("<f4"), with_value(costs, np.inf)],
        "validation_costs": [ABSENT, np.r_[looks, looks], looks.astype("<i8")],
        "best_theta": [ABSENT, best[:-1], best.astype("<f4"), with_value(best, np.inf)],
        "scores": [costs],
        "order": [np.arange(M)],
        "surplus": [costs],
    }  # fmt: skip


def pairs(table: dict[str, list[Any]], within: str = "") -> list[tuple[str, Any]]:
    return [(within + name, value) for name, values in table.items() for value in values]


def assert_refused(attempt: Callable[[Path], Any], path: Path, lies: list[tuple[str, Any]]) -> None:
    """Write a file that differs from that at `path` in one thing, for each; leave it as it was."""
    whole = path.read_bytes()
    for where, value in lies:
        path.write_bytes(changed(decode(whole), where, value))
        assert refused(attempt, path), (where, value)
    path.write_bytes(whole)


def test_checkpoint_hostile_files_of_a_training_are_refused(path: Path) -> None:
    train(path)
    record = decode(path.read_bytes())
    hostile = pairs(LIES) + pairs(arrays_that_lie(record.arrays), "arrays/")
    hostile += [(name, ABSENT) for name in record.fields]
    assert len(hostile) > 110
    assert_refused(train, path, hostile)
    assert train(path).n_epochs == N


@pytest.mark.filterwarnings("ignore:Stochastic Optimizer")
def test_checkpoint_hostile_files_of_a_fit_are_refused(path: Path) -> None:
    fit(path)
    arrays = decode(path.read_bytes()).arrays
    order, key, scores = (arrays[name] for name in ("order", "stream", "scores"))
    of_arrays = {
        "order": [
            ABSENT, order[:-1], np.zeros_like(order), order - 1, order + 1,
            np.arange(len(order) + 1), order[None], order.astype(float),
        ],
        "stream": [
            ABSENT, key[:-1], np.zeros_like(key), key - 2**32, key + 2**32, key.astype(float),
        ],
        "scores": [ABSENT, scores[1:], np.r_[scores, 0.0]],
        "validation_costs": [ABSENT],
        "best_theta": [arrays["theta"][1:]],
    }  # fmt: skip
    wrong = {"pos": [-1, 625, 1.5, None], "has_gauss": [2, None], "gauss": [None, "0"], "more": [1]}
    memory = {"n_stalled": 0, "best_cost": 1.0, "best_epoch": 0}
    hostile = [*pairs(of_arrays, "arrays/"), *pairs(wrong, "stream/"), ("early_stopping", memory)]
    assert_refused(fit, path, hostile)
    assert fit(path).n_iter_ == N


def test_checkpoint_hostile_bits_and_truncations_are_refused(path: Path) -> None:
    train(path)
    for content in damaged(path.read_bytes(), 61):
        path.write_bytes(content)
        assert refused(train, path)
