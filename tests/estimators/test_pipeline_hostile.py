"""Files of Pipelines, scalers and encoders made on purpose, right checksum, wrong content: refused.

What an encoder's parts may be is in `tests/tables`; `test_files_hostile.py` has the format itself.
"""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.preprocessing import StandardScaler

import shallownet_native as sn
from campaigns.forgery import ABSENT, changed
from pipeline_subjects import FACTS, SUBJECTS, numbers, subject
from refusals import assert_refused_in_little_memory
from shallownet_native import files
from shallownet_native.files import snet

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


def genuine(model: Any) -> snet.Record:
    return snet.decode(snet.encode(files.record_of(model)))


RECORDS = {name: genuine(subject(name)) for name in SUBJECTS}
RECORDS["lean scaler"] = genuine(StandardScaler(with_mean=False, with_std=False).fit(numbers()))
NAN, ONES = np.full(4, np.nan), np.ones(4)


def step(**changes: Any) -> dict[str, Any]:
    return {"name": "more", "kind": "passthrough", "fields": None, **changes}


def unfitted_scaler() -> dict[str, Any]:
    return copy.deepcopy(RECORDS["scaler, not fitted"].fields)


SCALER: dict[str, list[Any]] = {
    "parameters": [None, [], "copy", {"with_mean": True, "code": "import os"}, ABSENT],
    "parameters/copy": [1, None, "true", [True]],
    "parameters/with_mean": [0, {"float": "nan"}],
    "parameters/__class__": ["x"],
    "output": ["cudf", 1, [], {}, ["pandas"], "Pandas", ABSENT],
    "fitted": [[], {}, "x", 1, True],
    "fitted/n_features": [0, -1, 3, 5, 4.0, "4", None, True, 2**53 + 1, 2**63, [4], ABSENT],
    "fitted/feature_names": ["abcd", ["a"], ["a", "b", "c", 4], 4, ABSENT],
    "fitted/code": ["x"],
    "code": ["x"],
    "arrays/mean": [ABSENT, ONES[:3], ONES[None], np.ones(4, np.int64), NAN, NAN * 0 + np.inf],
    "arrays/var": [ABSENT, ONES[:3], -ONES, NAN, ONES * np.inf],
    "arrays/scale": [ABSENT, np.ones(5), 0 * ONES, -ONES, NAN, ONES * np.inf, ONES.astype(int)],
    "arrays/n_samples_seen": [
        ABSENT, ONES[:3], -1, np.nan, np.inf, 2**53 + 1, ONES[:, None], -ONES, np.array([3.0]),
    ],
    "arrays/n_features_in_": [4],
    "arrays/": [ONES],
}  # fmt: skip
PIPELINE: dict[str, list[Any]] = {
    "steps": [
        None, [], {}, "ab", 1, [[]], [None], ["passthrough"], [step()] * 2, [step()] * 33, ABSENT,
        [step(name=f"s{k}") for k in range(5000)],
    ],
    "steps/0": [None, [], "passthrough", {}, step(code="x"), ["scaler", None]],
    "steps/0/name": [None, 1, ["a"], "net", "a__b", "steps", "memory", "verbose", {}, ABSENT],
    "steps/0/kind": [
        None, 1, [], {}, "passthrough", "pipeline", "parameters", "model", "checkpoint",
        "classifier", "table encoder", "os.system", "__reduce__", "sklearn.pipeline", ABSENT,
        "fitted classifier", "StandardScaler", ["standard scaler"],
    ],
    "steps/0/fields": [None, [], {}, "x", 1, {"steps": []}, unfitted_scaler(), ABSENT],
    "steps/0/memory": ["/tmp"],
    "steps/1/fields": [{}, [], "x", {"fitted": None}],
    "steps/1/kind": ["standard scaler", "regressor"],
    "steps/2/fields": [{}, 0],
    "steps/3": [ABSENT],  # whose arrays are then of no step
    "steps/3/kind": ["regressor", "standard scaler", "passthrough", None],
    "steps/3/fields/output": ["cudf", 1, ABSENT],
    "steps/3/fields/parameters": [None, {"checkpoint": "/tmp/x.snet"}, {"callbacks": ["x"]}],
    "steps/3/fields/fitted": [None, {}, []],
    "steps/3/fields/fitted/network": [{"n_x": 3, "n_h": 3, "n_y": 1}, None],
    "transform_input": ["X_val", [1], [["a"]], {}, 1, True, ABSENT],
    "verbose": [None, 1, "x", [], ABSENT],
    "table": [FACTS, [], "x", 1, {}, ABSENT],
    "memory": [None, "/tmp"],
    "code": ["import os"],
    "arrays/mean": [ONES],
    "arrays/1.mean": [ONES],
    "arrays/9.mean": [ONES],
    "arrays/00.mean": [ONES],
    "arrays/-1.mean": [ONES],
    "arrays/0.mean": [ABSENT, ONES[:3], NAN],
    "arrays/0.0.mean": [ONES],
    "arrays/0.": [ONES],
    "arrays/0": [ONES],
    "arrays/3.theta": [ABSENT, ONES],
    "arrays/3.mean": [ONES],
}  # fmt: skip
TABLE: dict[str, list[Any]] = {
    "table": [[], "x", 1, True, {}, {**FACTS, "code": "x"}],
    "table/target": [None, 1, ["kind"], "width", ABSENT],
    "table/task": [None, "regression", "count", "guess", [], {}, 1, ABSENT],
    "table/labels": [None, [], ["no"], ["no", "no"], ["no", 1], "ny", ["a", "b", "c"],
                     ["a", "b"], {}, ABSENT],
    "table/columns": [
        None, [], {}, ["width", "colour", "size"], dict.fromkeys(FACTS["columns"], "number"),
        {"width": "number"}, {**FACTS["columns"], "more": "number"}, ABSENT,
    ],
    "table/columns/width": ["category", "text", None, [], 1, ABSENT],
    "table/left_out": [None, [], "x", {"day": 1}, {"day": None}, ABSENT],
    "table/format": [None, [], {}, "x", {"delimiter": ";"}, ABSENT],
    "table/format/delimiter": [1, [], {}, ";;", True],
    "table/format/decimal": [1, [], ";;"],
    "table/format/encoding": [1, [], "x" * 1000],
    "table/missing": [None, "ignore", [], {}, ABSENT],
    "table/training": [None, [], "x", ABSENT],
    "table/training/epochs": [[], {}, {"n": 1}],
    "steps/0/name": ["encode"],
    "steps/0/kind": ["passthrough", "standard scaler", "classifier"],
    "steps/0/fields": [None, {}, []],
    "steps/1/name": ["net"],
    "steps/1/kind": ["regressor", None],
}  # fmt: skip
CASES = [("scaler", where, value) for where, values in SCALER.items() for value in values]
CASES += [("scaled", where, value) for where, values in PIPELINE.items() for value in values]
CASES += [("of a table", where, value) for where, values in TABLE.items() for value in values]
CASES += [
    ("scaler, not fitted", "arrays/mean", ONES), ("scaler, not fitted", "fitted", {}),
    ("lean scaler", "arrays/var", ONES), ("lean scaler", "arrays/scale", ONES),
    ("lean scaler", "parameters/with_mean", True), ("lean scaler", "parameters/with_std", True),
    ("encoder", "steps", []), ("encoder, not fitted", "arrays/mean", ONES),
    ("pipeline, not fitted", "arrays/0.means", ONES), ("pipeline, not fitted", "table", FACTS),
]  # fmt: skip


def test_pipeline_hostile_the_forger_can_forge_good_files(path: Path) -> None:
    """Else the files below would be refused for another reason than theirs."""
    good = [
        ("scaler", "parameters/copy", False), ("scaler", "parameters", {}),
        ("scaler", "output", "polars"), ("scaler", "fitted/feature_names", list("abcd")),
        ("scaler", "arrays/n_samples_seen", 24.0 * ONES), ("lean scaler", "arrays/mean", ONES),
        ("scaler", "arrays/mean", ONES.astype(np.float32)), ("scaler", "arrays/scale", 2 * ONES),
        ("scaled", "steps/1", step(kind=None)), ("scaled", "transform_input", ["X_val"]),
        ("scaled", "verbose", True), ("scaled", "steps/3/fields/output", "pandas"),
        ("of a table", "table", None), ("of a table", "table/target", "other"),
        ("of a table", "table/training", {}), ("of a table", "table/left_out", {}),
    ]  # fmt: skip
    for name, where, value in good:
        path.write_bytes(changed(RECORDS[name], where, value))
        assert repr(sn.load(path))
    assert len(CASES) >= 200


@pytest.mark.parametrize("index", range(len(CASES)))
def test_pipeline_hostile_files_are_refused_and_take_little_memory(index: int, path: Path) -> None:
    name, where, value = CASES[index]
    assert_refused_in_little_memory(changed(RECORDS[name], where, value), path)


@pytest.mark.parametrize(
    "kind", ["pipeline", "standard scaler", "table encoder", "classifier", "model", "parameters"]
)
def test_pipeline_hostile_kinds_do_not_pass_for_each_other(kind: str, path: Path) -> None:
    for record in RECORDS.values():
        if record.kind != kind:
            other = snet.Record(kind, record.fields, record.arrays)
            path.write_bytes(snet.encode(other))
            with pytest.raises(sn.ModelFormatError):
                sn.load(path)


@pytest.mark.parametrize("name", RECORDS)
def test_pipeline_hostile_newer_versions_are_refused(name: str, path: Path) -> None:
    record = RECORDS[name]
    path.write_bytes(snet.encode(snet.Record(record.kind, record.fields, record.arrays, 2)))
    with pytest.raises(sn.ModelFormatError, match="version 2"):
        sn.load(path)
