"""Pickles of earlier versions, which held the fitted state as the bytes of a record: they load."""

from __future__ import annotations

import pickle
from typing import Any

import numpy as np
import pytest

import shallownet_native as sn
from mlp_pairs import KINDS, data, kinds
from shallownet_native.estimators.saving.record import pack_fitted
from shallownet_native.files.snet import Record, encode
from test_estimator_files import GOLDEN, assert_same
from test_estimator_pickles import again, fitted

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
ROWS = np.random.default_rng(0).normal(size=(60, 3))


def old_state(model: Any) -> dict[str, Any]:
    """Return the state that earlier versions pickled."""
    fields, arrays = pack_fitted(model)
    content = encode(Record(f"fitted {model._kind}", fields, arrays))
    return {**model.get_params(), "_fitted": content}


@kinds(*KINDS)
def test_estimator_old_pickles_go_on(kind: str) -> None:
    x, y = data(kind)
    model = fitted(kind, standardize=True)
    other = type(model)()
    other.__setstate__(old_state(model))
    assert_same(other, model)
    assert_same(other.partial_fit(x, y), model.partial_fit(x, y))


def test_estimator_old_pickles_are_read() -> None:
    pd = pytest.importorskip("pandas")

    def old(name: str) -> Any:
        return pickle.loads((GOLDEN / f"{name}-1.pickle").read_bytes())

    binary = old("classifier-binary")
    assert binary.predict(pd.DataFrame(ROWS[:2], columns=["a", "b", "c"])).tolist() == ["yes"] * 2
    assert binary.loss_ == 0.8286176131399248 and binary.t_ == 162 and binary.standardize
    several = old("classifier-multilabel")
    assert several.predict(ROWS[:4]).toarray().tolist() == [[1, 1]] * 4
    regressor = old("regressor-float32")
    assert regressor.predict(ROWS[:2].astype(np.float32)) == pytest.approx([0.4521536, 0.49825245])
    assert regressor.partial_fit(ROWS, ROWS[:, 0]).t_ == 240
    assert old("regressor-unfitted").activation == "tanh"
    for model in (binary, several, regressor):
        assert_same(again(model), model)


def test_estimator_old_pickles_are_refused_if_damaged() -> None:
    state = old_state(fitted())
    content = state["_fitted"]
    empty = sn.ShallowNetClassifier()
    for position in range(0, len(content), 7):
        damaged = content[:position] + bytes([content[position] ^ 1]) + content[position + 1 :]
        for bad in (damaged, content[:position]):
            with pytest.raises(sn.ModelFormatError):
                empty.__setstate__({**state, "_fitted": bad})
    for bad in (bytearray(content), [content], old_state(fitted("regression"))["_fitted"]):
        with pytest.raises(sn.ModelFormatError, match="pickled state"):
            empty.__setstate__({**state, "_fitted": bad})
    assert "coefs_" not in vars(empty)
