"""Checkpoint files with a right checksum that lie about anything: each is a ModelFormatError."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import shallownet_native as sn
from shallownet_native.files.snet import Record, decode, encode

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


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "training.snet"


def fields_that_lie() -> dict[str, dict[str, Any]]:
    wrong_types: dict[str, list[Any]] = {
        "network": [None, {}, {"n_x": 3, "n_h": 5, "n_y": 3}, {"n_x": -3, "n_h": 5, "n_y": 2}],
        "level": [None, 3, "x" * 101],
        "seconds": [-1, None, "1", 1e999],
        "stopped_by": [3, "divergence", "callback", "because"],
        "is_open": [1, None],
        "learning_rate": [-1, None, "fast"],
        "last_rate": [None, -1, "fast"],
        "best": [None, "nan", "-infinity", True],
        "n_steps": [-1, 1.5, None, 2**53 + 1],
        "n_seen": [-1, 1.5, None, 2**53 + 1],
        "n_epochs": [-1, 0, 1.5, 5, 2**53 + 1],
        "n_stalled": [-1, 1.5, 2**53 + 1],
        "early_stopping": [None, {}, []],
        "stream": [None, {}, [], {"bit_generator": "MT19937"}, {"bit_generator": "Philox"}],
        "fingerprint": [None, {}, {"network": "0"}],
    }
    return {
        f"{name}={value!r}"[:60]: {name: value}
        for name, values in wrong_types.items()
        for value in values
        if value != float("inf")
    }


def nested(record: Record, name: str, key: str, value: Any) -> Record:
    inner = {**record.fields[name], key: value}
    return replace(record, fields={**record.fields, name: inner})


NESTED = {
    "early_stopping": {
        "n_stalled": [-1, 7, None], "best_cost": [None, "inf", "nan"], "best_epoch": [None, -1, 6],
        "surplus": [1],
    },
    "stream": {
        "bit_generator": ["MT19937", "PCG65", None], "state": [3, "", "g", "f" * 33, "-1"],
        "inc": ["2", None], "has_uint32": [2, -1, 0.5], "uinteger": [-1, 2**32], "surplus": [1],
    },
    "fingerprint": {"network": ["short", 3], "surplus": ["0" * 64]},
}  # fmt: skip


def arrays_that_lie(arrays: dict[str, Any]) -> dict[str, dict[str, Any]]:
    theta, state, costs = arrays["theta"], arrays["state"], arrays["costs"]
    looks, best = arrays["validation_costs"], arrays["best_theta"]

    def with_value(array: Any, value: float, index: Any = 0) -> Any:
        other = array.copy()
        other[index] = value
        return other

    changes = {
        "theta": [None, theta[:-1], theta.astype("<f4"), with_value(theta, np.nan)],
        "state": [None, state[:, :-1], state[:1], state[0], state.astype("<f4"),
                  with_value(state, np.nan), with_value(state, -1.0, (1, 0))],
        "costs": [None, costs[:-1], costs[None], costs.astype("<f4"), with_value(costs, np.inf)],
        "validation_costs": [None, np.r_[looks, looks], looks.astype("<i8")],
        "best_theta": [None, best[:-1], best.astype("<f4"), with_value(best, np.inf)],
        "scores": [costs],
        "order": [np.arange(M)],
        "surplus": [costs],
    }  # fmt: skip
    return {f"{n} {i}": {n: v} for n, values in changes.items() for i, v in enumerate(values)}


def lies(record: Record) -> dict[str, Record]:
    """Return records each of which differs in one thing from one that is right."""
    found = {
        name: replace(record, fields={**record.fields, **change})
        for name, change in fields_that_lie().items()
    }
    for field, keys in NESTED.items():
        for key, values in keys.items():
            for value in values:
                found[f"{field}.{key}={value!r}"] = nested(record, field, key, value)
    for name, change in arrays_that_lie(record.arrays).items():
        arrays = {k: v for k, v in {**record.arrays, **change}.items() if v is not None}
        found[name] = replace(record, arrays=arrays)
    for name in record.fields:
        fields = {k: v for k, v in record.fields.items() if k != name}
        found[f"no {name}"] = replace(record, fields=fields)
    found["open"] = replace(record, fields={**record.fields, "is_open": True})
    return found


def test_checkpoint_hostile_files_of_a_training_are_refused(path: Path) -> None:
    train(path)
    record = decode(path.read_bytes())
    hostile = lies(record)
    assert len(hostile) > 110
    for name, lie in hostile.items():
        path.write_bytes(encode(lie))
        assert refused(train, path), name
    path.write_bytes(encode(record))
    assert train(path).n_epochs == N


@pytest.mark.filterwarnings("ignore:Stochastic Optimizer")
def test_checkpoint_hostile_files_of_a_fit_are_refused(path: Path) -> None:
    fit(path)
    record = decode(path.read_bytes())
    arrays, stream = record.arrays, record.fields["stream"]
    order, key, scores = (arrays[name] for name in ("order", "stream", "scores"))
    changes: list[dict[str, Any]] = [
        {"order": None}, {"order": order[:-1]}, {"order": np.zeros_like(order)},
        {"order": order - 1}, {"order": order + 1}, {"order": np.arange(len(order) + 1)},
        {"order": order[None]}, {"order": order.astype(float)},
        {"stream": None}, {"stream": key[:-1]}, {"stream": np.zeros_like(key)},
        {"stream": key - 2**32}, {"stream": key + 2**32}, {"stream": key.astype(float)},
        {"scores": None}, {"scores": scores[1:]}, {"scores": np.r_[scores, 0.0]},
        {"validation_costs": None}, {"best_theta": arrays["theta"][1:]},
    ]  # fmt: skip
    hostile = [
        replace(record, arrays={k: v for k, v in {**arrays, **c}.items() if v is not None})
        for c in changes
    ]
    wrong = {"pos": [-1, 625, 1.5, None], "has_gauss": [2, None], "gauss": [None, "0"], "more": [1]}
    for name, values in wrong.items():
        for value in values:
            fields = {**record.fields, "stream": {**stream, name: value}}
            hostile.append(replace(record, fields=fields))
    memory = {"n_stalled": 0, "best_cost": 1.0, "best_epoch": 0}
    hostile.append(replace(record, fields={**record.fields, "early_stopping": memory}))
    for lie in hostile:
        path.write_bytes(encode(lie))
        assert refused(fit, path), lie.fields["stream"]
    path.write_bytes(encode(record))
    assert fit(path).n_iter_ == N


def test_checkpoint_hostile_bits_and_truncations_are_refused(path: Path) -> None:
    train(path)
    content = path.read_bytes()
    rng = np.random.default_rng(0)
    for n in rng.integers(len(content), size=50):
        flipped = bytearray(content)
        flipped[n] ^= 1 << int(rng.integers(8))
        for damaged in (bytes(flipped), content[:n]):
            path.write_bytes(damaged)
            assert refused(train, path), n
