"""Fits of the estimators for tables: what is the same whatever the way, and what they say of it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.metrics import accuracy_score, r2_score

import shallownet_native as sn
from campaigns.common import breaking_off
from shallownet_native.estimators.tabular.bags import problem
from tabular_data import (
    KINDS,
    SHORT,
    assert_same_fit,
    classifier,
    fitted,
    labels_of,
    numbers_of,
    regressor,
    same,
    table,
    targets_of,
    unfitted,
    values,
)  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_tabular_fit_learns(kind: str) -> None:
    X, new = table(400), table(300, seed=1)
    model = fitted(kind, X, n_hidden=64, max_epochs=64)
    truth = targets_of(kind, new)
    least = 0.75 if kind == "classifier" else 0.85
    assert model.score(new, truth) > least
    assert abs(model.oob_score_ - model.score(new, truth)) < 0.1


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("other", [
    {"n_threads": 3}, {"n_threads": 8}, {"callbacks": [print]}, {"random_state": np.int64(0)},
])  # fmt: skip
def test_tabular_fit_has_the_same_bits_whatever_the_way(
    kind: str, other: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    assert_same_fit(fitted(kind, n_threads=1), fitted(kind, **{"n_threads": 1, **other}))


def test_tabular_fit_has_the_same_bits_however_many_epochs_a_call_has(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    one = fitted("regressor")
    monkeypatch.setattr(problem, "ORDER_BYTES", 3000)  # of two epochs
    assert_same_fit(one, fitted("regressor"))


def test_tabular_fit_draws_from_its_random_state_alone() -> None:
    np.random.seed(3)
    one = fitted("regressor", random_state=None)
    assert not same(one.oob_prediction_, fitted("regressor", random_state=None).oob_prediction_)
    np.random.seed(3)
    assert_same_fit(one, fitted("regressor", random_state=None))
    stream = np.random.RandomState(4)
    assert_same_fit(fitted("regressor", random_state=stream), fitted("regressor", random_state=4))


@pytest.mark.parametrize("kind", KINDS)
def test_tabular_fit_of_one_view_is_that_part_of_both(kind: str) -> None:
    both = fitted(kind)
    for view in ("plain", "piecewise"):
        alone = fitted(kind, encoding=view)
        assert list(alone.encoding_weights_.items()) == [(view, 1.0)]
        assert alone.best_epoch_ == {view: both.best_epoch_[view]}
        assert same(alone._members[view], both._members[view])
    assert sum(both.encoding_weights_.values()) == pytest.approx(1)
    assert min(both.encoding_weights_.values()) > 0


def test_tabular_fit_of_many_columns_has_no_codes() -> None:
    rng = np.random.default_rng(0)
    X = rng.normal(size=(60, 513))
    model = regressor(n_hidden=4).fit(X, X[:, 0])
    assert list(model.encoding_weights_) == ["plain"]


@pytest.mark.parametrize("kind", KINDS)
def test_tabular_fit_leaves_rows_to_networks_that_never_saw_them(kind: str) -> None:
    X = table()
    splits = [(np.arange(40, 120), np.arange(40)), (np.arange(80), np.arange(80, 120)),
              (np.r_[:40, 80:120], np.arange(40, 80))]  # fmt: skip
    model = fitted(kind, X, cv=splits, n_networks="auto")
    oob = model.oob_decision_function_ if kind == "classifier" else model.oob_prediction_
    for m, (_, left_out) in enumerate(splits):
        [part] = model._member_values(*model._known(X.iloc[left_out]))
        wanted = part[m] if kind == "classifier" else part[m, :, 0]
        # the core's passes take other rows beside each of these
        np.testing.assert_allclose(oob[left_out], wanted, rtol=1e-5)
    found = model.classes_[oob.argmax(axis=1)] if kind == "classifier" else oob
    score = accuracy_score if kind == "classifier" else r2_score
    assert model.oob_score_ == pytest.approx(score(targets_of(kind, X), found))


@pytest.mark.parametrize("kind", KINDS)
def test_tabular_fit_takes_rows_of_weight_0_for_absent(kind: str) -> None:
    X = table()
    weight = np.ones(len(X))
    weight[::5] = 0
    X.loc[weight == 0, "size"] = 1e6
    X["sort"] = np.where(weight == 0, "never", X["sort"])
    few = X[weight > 0]
    model = fitted(kind, X, weight)
    alone = unfitted(kind).fit(few, targets_of(kind, X)[weight > 0])
    new = table(30, seed=2)
    assert same(values(model, new), values(alone, new))
    name = "oob_decision_function_" if kind == "classifier" else "oob_prediction_"
    assert same(getattr(model, name)[weight > 0], getattr(alone, name))
    np.testing.assert_allclose(getattr(model, name)[weight == 0], values(model, X[weight == 0]))


def test_tabular_fit_knows_weights_but_not_their_scale() -> None:
    X, weight = table(), np.linspace(0.5, 2, 120)
    one = fitted("classifier", X, weight)
    assert_same_fit(one, fitted("classifier", X, weight * 2.0**40))
    assert_same_fit(fitted("classifier"), fitted("classifier", X, np.full(120, 8.0)))
    assert not same(values(one, X), values(fitted("classifier"), X))


def test_tabular_fit_takes_weights_of_classes_for_weights_of_rows() -> None:
    X = table()
    y = labels_of(X)
    by_class = classifier(class_weight={"top": 3.0, "low": 2.0}).fit(X, y)
    by_row = classifier().fit(X, y, np.select([y == "top", y == "low"], [3.0, 2.0], 1.0))
    assert same(values(by_class, X), values(by_row, X))
    balanced = classifier(class_weight="balanced").fit(X, y)
    assert not same(values(balanced, X), values(classifier().fit(X, y), X))


def test_tabular_fit_tells_callbacks_of_every_epoch() -> None:
    seen: list[Any] = []
    model = fitted("regressor", callbacks=seen.append)
    assert [(one.view, one.epoch) for one in seen] == [
        (view, e) for view in ("plain", "piecewise") for e in range(8)
    ]
    for view in ("plain", "piecewise"):
        losses = [one.left_out_loss for one in seen if one.view == view]
        assert model.best_epoch_[view] == np.flatnonzero(losses == np.min(losses))[-1]
        assert [one.best_epoch for one in seen if one.view == view][-1] == model.best_epoch_[view]


def test_tabular_fit_stops_where_a_callback_says_so() -> None:
    seen: list[Any] = []
    first = fitted("regressor", callbacks=[seen.append, lambda state: state.epoch == 2])
    assert [one.epoch for one in seen] == [0, 1, 2, 0, 1, 2]
    assert max(first.best_epoch_.values()) <= 2


def test_tabular_fit_prints_if_verbose(capsys: pytest.CaptureFixture[str]) -> None:
    fitted("classifier", verbose=True, max_epochs=2)
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 4 and lines[0].startswith("plain: epoch 0, left-out loss ")


def test_tabular_fit_is_broken_off_as_if_it_had_not_begun() -> None:
    X = table()
    model = fitted("regressor")
    before = dict(vars(model))
    interrupt = breaking_off(0)
    with pytest.raises(KeyboardInterrupt):
        model.set_params(callbacks=interrupt, n_networks=5).fit(X, numbers_of(X))
    assert all(
        vars(model)[n] is v for n, v in before.items() if n not in SHORT and n != "callbacks"
    )
    new = regressor(callbacks=interrupt)
    with pytest.raises(KeyboardInterrupt):
        new.fit(X, numbers_of(X))
    assert vars(new).keys() == vars(regressor()).keys()


def test_tabular_fit_forgets_the_last_one() -> None:
    model = fitted("regressor")
    model.fit(np.arange(40.0).reshape(20, 2), np.arange(20.0))
    assert not hasattr(model, "feature_names_in_") and model.n_features_in_ == 2
    assert len(model.oob_prediction_) == 20


def test_tabular_fit_clones_share_callbacks() -> None:
    seen: list[Any] = []
    model = clone(regressor(callbacks=seen.append))
    model.fit(table(), numbers_of(table()))
    assert seen and not hasattr(clone(model), "encoder_")


def test_tabular_fit_of_two_classes_says_both_probabilities() -> None:
    X = table()
    y = numbers_of(X) > 10
    model = classifier().fit(X, y)
    p = model.predict_proba(X)
    np.testing.assert_allclose(p.sum(axis=1), 1)
    assert model.classes_.dtype == bool and model.predict(X).dtype == bool
    assert same(model.predict(X), p[:, 1] > 0.5) and model.oob_decision_function_.shape == (120, 2)


def test_tabular_fit_that_diverges_says_so_and_keeps_what_there_is() -> None:
    with pytest.warns(sn.DivergenceWarning, match="after epoch 0.*: lower learning_rate_init"):
        model = fitted("regressor", learning_rate_init=1e30, encoding="plain")  # at first rate 0
    assert model.best_epoch_ == {"plain": 0}
    new = regressor(learning_rate_init=1e30, batch_size=8)
    with pytest.raises(sn.DivergenceError, match=r"first epoch.*: lower learning_rate_init"):
        new.fit(table(), numbers_of(table()))
    assert not hasattr(new, "encoder_")
