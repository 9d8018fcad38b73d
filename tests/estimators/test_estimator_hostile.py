"""Estimators' files made on purpose, right checksum, wrong content: refused before they cost much.

`test_files_hostile.py` has the cases of the format itself, and of the other kinds.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import shallownet_native as sn
from campaigns.forgery import ABSENT, changed
from mlp_pairs import data, ours
from refusals import assert_refused_in_little_memory
from shallownet_native.files import snet

N_X, N_Y = 4, 3
SIZE = 2 * (N_X + 1) + N_Y * 3


def genuine(kind: str = "multiclass", labels: int = N_Y, **options: Any) -> snet.Record:
    """Return the record of an estimator that has one of everything."""
    x, y = data(kind)
    y = y[:, :labels] if kind == "multilabel" else y
    names = [f"x{k}" for k in range(x.shape[1])]
    stops = {"tol": 9.0, "n_iter_no_change": 1}
    options = {"hidden_layer_sizes": 2, "standardize": True, **stops, **options}
    model = ours(kind, **options).fit(x, y)
    model.feature_names_in_ = np.array(names, object)
    return snet.decode(snet.encode(model.to_record()))


RECORDS = {
    "": genuine(),
    "binary": genuine("binary", solver="sgd"),
    "multilabel": genuine("multilabel"),
    "two labels": genuine("multilabel", 2),
    "regression": genuine("regression", early_stopping=True),
    "unfitted": sn.ShallowNetClassifier().to_record(),
}


def labels(dtype: str, *values: Any) -> dict[str, Any]:
    return {"dtype": dtype, "labels": list(values)}


def state(value: float, row: int = 1) -> Any:
    array = np.ones((2, SIZE))
    array[row, 0] = value
    return array


F, P = "fitted/", "parameters/"
BAD: dict[str, list[Any]] = {
    "parameters": [None, [], "adam", {"code": "import os"}, {"callbacks": "os.system", "x": 1}],
    f"{P}checkpoint": ["/tmp/x.snet"],
    f"{P}__class__": ["x"],
    f"{P}self": [None],
    f"{P}alpha": [
        -1.0, "0.1", None, [0.1], {"float": "nan"}, {"float": "inf"}, {"float": "0.1"},
        {"float": 1.0}, {"real": "inf"}, {"float": "inf", "tuple": []}, {},
    ],
    f"{P}hidden_layer_sizes": [
        0, -3, 2.0, True, "2", None, {"tuple": [2, 2]}, {"tuple": 2}, {"tuple": {"tuple": []}},
        [[2], 3], [None], [1] * 20_000,
    ],
    f"{P}activation": ["tahn", None, 1, ["tanh"], "a" * 10_000, "x\ny"],
    f"{P}solver": ["newton", None, {"dict": []}],
    f"{P}random_state": [-1, 2**32, 0.5, "0", {"tuple": [1]}],
    f"{P}scoring": [1, ["accuracy"], False],
    f"{P}callbacks": ["print", 1, {"dict": []}, [1], ["print"]],
    f"{P}class_weight": [
        "heavy", 1.0, [1.0] * 20_000, {"tuple": []}, {"0": 1.0}, {"dict": {}},
        {"dict": [[0]]}, {"dict": [0]},
        {"dict": [[0, 1.0], [0, 2.0]]}, {"dict": [[1, 1.0], [True, 2.0]]}, {"dict": [[[], 1.0]]},
        {"dict": [[{"tuple": []}, 1.0]]}, {"dict": [[{"dict": []}, 1.0]]},
    ],
    f"{P}max_iter": [0, 1.5, "9", 2.0**70],
    f"{P}negative_slope": [-0.5, "0", None],
    f"{P}n_threads": [0, -1, "2", 1.5],
    f"{P}n_restarts": [0, "2", 1.5],
    f"{P}tol": [-1e-9, "small"],
    "fitted": [None, [], "x", {}, 1],
    f"{F}code": ["x"],
    f"{F}network": [None, [], {"n_x": N_X}, {"n_x": N_X, "n_h": 2, "n_y": 2},
                    {"n_x": 2**62, "n_h": 2**62, "n_y": 2**62}],
    f"{F}out_activation": [None, 1, [], "identity", "exp", "logistic", "sigmoid", ABSENT],
    f"{F}feature_names": ["abcd", ["a", "b", "c"], ["a", "b", "c", 4], [["a"], "b", "c", "d"], 4,
                          {"a": 1}, ABSENT],
    f"{F}classes": [
        None, [], [5, 6, 7], {"labels": [5, 6, 7]}, labels("<i8"), labels("<i8", 5, 6),
        labels("<i8", 5, 6, 7, 8), labels("<i8", 5, 7, 6), labels("<i8", 5, 6, 6),
        labels("<i8", 5, 6, "7"), labels("<i8", 5, 6, 7.0), labels("<i8", 0, 1, True),
        labels("<i8", 5, 6, 2**63), labels("|i1", 5, 6, 128), labels("|u1", -1, 6, 7),
        labels("|b1", False, True, True), labels("|b1", 0, 1, 2), labels("<f8", 5, 6, 7),
        labels("<f8", 5.0, 6.0, 7.5), labels("<f2", 1.0, 2.0, 4097.0), labels("<f4", 0.0, 1e99),
        labels("<f16", 5.0, 6.0, 7.0), labels("|O", 5, 6, 7), labels("|O", "a", "b", None),
        labels("|O", "a", "b", ["c"]), labels("<U1", "a", "b", "cc"),
        labels("<U2", "a", "b", "c\0"),
        labels("<U0", "a", "b", "c"), labels("<U9999999", "a", "b", "c"),
        labels("<U99999999999999", "a", "b", "c"), labels("<U1", "a", "c", "b"), labels("S1", "a"),
        labels("<M8[D]", 5, 6, 7), labels(">i8", 5, 6, 7), labels("i8", 5, 6, 7),
        labels("<c16", 5.0, 6.0, 7.0), labels("|V8", 1, 2, 3), labels("<i8,<i8", 1, 2, 3),
        {"dtype": ["<i8"], "labels": [5, 6, 7]}, {"dtype": "<i8", "labels": {"5": 6}},
        {"dtype": "<i8", "labels": "567"}, labels("<i8", {"float": "nan"}, 6, 7),
        {**labels("<i8", 5, 6, 7), "sparse": True}, {**labels("<i8", 5, 6, 7), "sparse": False},
    ],
    f"{F}progress": [None, [], {"loss": 1.0}, {"coefs_": []}, {"__class__": 1}],
    f"{F}progress/t_": [-1, 1.0, "1", None, True, 2**53 + 1, [1]],
    f"{F}progress/n_iter_": [-1, 0.5, {"float": "inf"}],
    f"{F}progress/_no_improvement_count": [-1, None],
    f"{F}progress/loss_": ["0.5", True, [], {"tuple": []}, {"dict": []}],
    f"{F}progress/loss_curve_": [[1.0], None, 0.5],  # and there is an array
    f"{F}progress/validation_scores_": [[], 1.0, "x"],
    f"{F}optimizer": [None, [], {}, "adam"],
    f"{F}optimizer/optimizer": ["sgd", "lbfgs", "Adam", None, 1, ["adam"]],
    f"{F}optimizer/schedule": ["linear", None, ABSENT],
    f"{F}optimizer/nesterov": [1, None, "true"],
    f"{F}optimizer/momentum": [-0.1, 1.1, None, "0.9"],
    f"{F}optimizer/beta_1": [1.0, -0.1, True],
    f"{F}optimizer/beta_2": [1.0, {"float": "nan"}],
    f"{F}optimizer/epsilon": [0.0, -1.0, None],
    f"{F}optimizer/power_t": [-1.0, "x"],
    f"{F}optimizer/learning_rate_init": [0.0, {"float": "inf"}],
    f"{F}optimizer/rate": [-1.0, None, "0.001"],
    f"{F}optimizer/t": [-1, 1.5, None, True, 2**53 + 1, 2**63],
    f"{F}optimizer/state": [[0.0]],
    "arrays/theta": [ABSENT, np.ones(SIZE - 1), np.ones((1, SIZE)), np.ones(SIZE, np.int64),
                     np.full(SIZE, np.nan), np.full(SIZE, np.inf), np.ones(SIZE, np.float32)],
    "arrays/optimizer_state": [
        ABSENT, np.ones((1, SIZE)), np.ones((2, SIZE + 1)), np.ones(2 * SIZE), state(np.nan),
        np.ones((2, SIZE), np.float32), np.ones((2, SIZE), np.int64), state(-1.0), state(np.nan, 0),
    ],
    "arrays/centre": [ABSENT, np.ones(3), np.ones((4, 1)), np.full(4, np.inf),
                      np.ones(4, np.float32), np.ones(4, np.int64)],
    "arrays/scale": [ABSENT, np.zeros(4), -np.ones(4), np.full(4, np.nan), np.ones(5)],
    "arrays/loss_curve_": [np.ones((2, 1)), np.ones(2, np.float32), np.ones(2, np.int64), 1.0],
    "arrays/validation_scores_": [np.ones(2)],  # and the fields say that there are none
    "arrays/coefs_": [np.ones(2)],
    "arrays/": [np.ones(2)],
}  # fmt: skip
OTHERS = {  # of other records: a place and what is wrong there
    "binary": [
        ("fitted/classes", labels("<i8", 3, 7, 9)), ("fitted/classes", labels("<i8")),
        ("fitted/out_activation", "softmax"), ("arrays/optimizer_state", np.ones((2, 13))),
        ("fitted/optimizer/optimizer", "gd"),
    ],
    "multilabel": [
        ("fitted/classes", labels("<i8", 0, 1)), ("fitted/classes", labels("<i8", 1, 2, 3)),
        ("fitted/classes", labels("<U1", "0", "1", "2")),
        ("fitted/classes/sparse", False), ("fitted/classes/sparse", 1),
    ],
    "two labels": [("fitted/out_activation", "softmax")],
    "regression": [
        ("fitted/classes", labels("<i8", 3, 7)), ("fitted/out_activation", "logistic"),
        ("parameters/loss", "log_loss"), ("parameters/class_weight", None),
        ("parameters/stratify_validation", None), ("arrays/validation_scores_", np.ones((1, 2))),
    ],
    "unfitted": [
        ("arrays/theta", np.ones(3)), ("fitted", {}), ("fitted", ABSENT), ("parameters", ABSENT),
        ("more", 1),
    ],
}  # fmt: skip
CASES = [("", where, value) for where, values in BAD.items() for value in values]
CASES += [(name, where, value) for name, cases in OTHERS.items() for where, value in cases]


@pytest.mark.filterwarnings("ignore:X does not have valid feature names")
def test_estimator_hostile_the_forger_can_forge_good_files(tmp_path: Path) -> None:
    """Else the files below would be refused for another reason than theirs."""
    for record in RECORDS.values():
        tree = {**record.fields["parameters"], "alpha": 0.25}
        (tmp_path / "good.snet").write_bytes(changed(record, "parameters", tree))
        assert sn.load(tmp_path / "good.snet").alpha == 0.25
    good = [
        ("fitted/progress/loss_", {"float": "nan"}), ("fitted/progress/t_", ABSENT),
        ("fitted/feature_names", None), ("parameters/verbose", ABSENT),
        ("fitted/classes", labels("<U3", "a", "b", "c")), ("parameters/class_weight", {"dict": []}),
        ("arrays/optimizer_state", state(np.inf)), ("fitted/classes", labels("<f2", 1.0, 2.0, 3.0)),
    ]  # fmt: skip
    for where, value in good:
        (tmp_path / "good.snet").write_bytes(changed(RECORDS[""], where, value))
        assert sn.load(tmp_path / "good.snet").predict(np.ones((3, N_X))).shape == (3,)
    assert len(CASES) >= 200


@pytest.mark.parametrize("index", range(len(CASES)))
def test_estimator_hostile_files_are_refused_and_take_little_memory(index: int, path: Path) -> None:
    name, where, value = CASES[index]
    assert_refused_in_little_memory(changed(RECORDS[name], where, value), path)


@pytest.mark.parametrize("kind", ["classifier", "regressor", "model", "parameters", "fitted"])
def test_estimator_hostile_kinds_do_not_pass_for_each_other(kind: str, tmp_path: Path) -> None:
    for record in RECORDS.values():
        if record.kind != kind:
            (tmp_path / "x.snet").write_bytes(
                snet.encode(snet.Record(kind, record.fields, record.arrays))
            )
            with pytest.raises(sn.ModelFormatError):
                sn.load(tmp_path / "x.snet")
