"""Random calls on our estimators and on scikit-learn's: a short run of `campaigns/differential.py`.

And that the campaign sees what is wrong, and that what it lets pass stands in docs/sklearn.md.
"""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("sklearn")
pytest.importorskip("pandas")

import shallownet_native as sn
from campaigns import differential, differential_data, differential_outcomes
from campaigns.differential_listed import LISTED, OLDER
from campaigns.differential_sequences import Call, Sequence, draw

PAGE = Path(__file__).parents[2] / "docs" / "sklearn.md"
DATA = differential_data.Data("binary", seed=1)
FIT = Sequence("Classifier", {"max_iter": 2, "random_state": 0}, (Call("fit", DATA),))


def test_differential_sequences_differ_only_where_the_page_says_so() -> None:
    tally = differential.campaign(range(80))
    assert not tally.unlisted, "\n".join(map(differential.describe, tally.unlisted.values()))
    assert tally.n_calls > 400 and tally.n_errors < 0.4 * tally.n_calls


@pytest.mark.parametrize("row", sorted({row for row, _ in LISTED + OLDER}))
def test_differential_rows_stand_on_the_page(row: str) -> None:
    tables = re.findall(r"^\| (.*?) \|", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    assert [cell for cell in tables if cell.startswith(row)]


def test_differential_sequences_are_those_of_their_number() -> None:
    assert all(repr(draw(seed)) == repr(draw(seed)) for seed in range(20))
    assert len({repr(draw(seed)) for seed in range(20)}) == 20


def finds(sequence: Sequence) -> list[tuple[str, ...]]:
    found = differential.play(sequence, 0, differential.Tally())
    return [find.kind for find in found if find.row is None]


@pytest.mark.parametrize(
    ("change", "kinds"),
    [
        ({"loss_": 0.25}, {("loss_", "type float / float64")}),
        ({"n_iter_": 3}, {("n_iter_", "value")}),
        ({"more_": 1}, {("more_", "only here")}),
        ({"best_loss_": None}, {("best_loss_", "type NoneType / float64")}),
        ({"classes_": np.array([3, 7], np.int32)}, {("classes_", "dtype int32 / int64")}),
        ({"classes_": np.array([[3, 7]])}, {("classes_", "shape")}),
        ({"loss_curve_": [np.float64(1)] * 3}, {("loss_curve_", "length")}),
        ({"validation_scores_": [1.0]}, {("validation_scores_", "type list / NoneType")}),
    ],
    ids=str,
)
def test_differential_sees_other_attributes(
    monkeypatch: pytest.MonkeyPatch, change: dict[str, Any], kinds: set[tuple[str, ...]]
) -> None:
    fit = sn.ShallowNetClassifier.fit

    def other(self: Any, *arguments: Any) -> Any:
        fit(self, *arguments)
        vars(self).update(change)
        return self

    assert finds(FIT) == []
    monkeypatch.setattr(sn.ShallowNetClassifier, "fit", other)
    assert set(finds(FIT)) == kinds


def test_differential_sees_other_weights_answers_draws_and_errors(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    predict = Call("predict_proba", DATA)
    sequence = replace(FIT, calls=(*FIT.calls, predict, Call("predict_proba")))

    def other(self: Any, X: Any) -> Any:
        np.random.rand()
        if X is None:
            raise TypeError("X is None")
        return np.full((len(X), 2), 0.5)

    monkeypatch.setattr(sn.ShallowNetClassifier, "predict_proba", other)
    monkeypatch.setattr(differential_data, "rows", lambda data: None if data is None else x)
    x = np.random.default_rng(0).standard_normal((20, 3))
    assert finds(sequence) == [
        ("predict_proba", "answer", "value"),
        ("predict_proba", "next draw", "global"),
        ("predict_proba", "raised", "TypeError / ValueError"),
    ]


def test_differential_shrinks_a_sequence_to_what_shows_the_difference(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sn.ShallowNetClassifier, "score", lambda self, X, y: 7.0)
    calls = (*FIT.calls, Call("predict", DATA), Call("repr"), Call("score", DATA))
    sequence = replace(FIT, parameters={**FIT.parameters, "alpha": 0.1}, calls=calls)
    find = next(differential.play(sequence, 0, differential.Tally()))
    assert find.kind == ("score", "answer", "value")
    assert differential.shrink(sequence, find) == ([0, 3], [])


@pytest.mark.parametrize(
    ("one", "other", "what"),
    [
        ([1.0], [1.0 + 1e-12], ""),
        ([1.0], [1.0 + 1e-8], "element: value"),
        (np.array([np.nan, np.inf]), np.array([np.nan, np.inf]), ""),
        (np.array([np.nan]), np.array([1.0]), "value"),
        (np.float64(2), np.float32(2), "type float64 / float32"),
        ({"a": 1.0}, {"a": 2.0}, "of a"),
        (np.array(["a"]), np.array(["b"]), "value"),
        (True, True, ""),
    ],
)
def test_differential_compares_values_to_the_limit(one: Any, other: Any, what: str) -> None:
    assert differential_outcomes.unlike(one, other, 1e-9) == what
