"""What the bars of fits show: figures, networks that have ended, columns; and that bits stay."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
import pytest

import shallownet_native as sn
from campaigns.common import breaking_off
from fake_bars import sit_before_bars
from mlp_pairs import data, ours, weights_of
from shallownet_native.tables.encoding import columns_shown
from tabular_data import assert_same_fit, fitted, table

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
WAYS: dict[str, dict[str, Any]] = {
    "adam": {"solver": "adam", "max_iter": 30},
    "tol": {"solver": "sgd", "tol": 0.1, "n_iter_no_change": 3, "max_iter": 200},
    "adaptive": {"solver": "sgd", "tol": 0.1, "learning_rate": "adaptive", "max_iter": 90},
    "early": {"solver": "adam", "early_stopping": True, "max_iter": 30},
    "gd": {"solver": "gd", "max_iter": 60},
    "lbfgs": {"solver": "lbfgs", "max_iter": 60},
    "restarts": {"solver": "adam", "max_iter": 20, "n_restarts": 3},
}


@pytest.mark.parametrize("way", WAYS)
def test_estimator_progress_changes_no_bit(way: str, monkeypatch: pytest.MonkeyPatch) -> None:
    x, y = data("multiclass")
    given = {"random_state": 0, **WAYS[way]}
    alone = ours("multiclass", **given).fit(x, y)
    bars = sit_before_bars(monkeypatch)
    model = ours("multiclass", progress=True, **given).fit(x, y)
    assert np.array_equal(weights_of(model), weights_of(alone))
    assert model.loss_curve_ == alone.loss_curve_ and model.n_iter_ == alone.n_iter_
    assert model.validation_scores_ == alone.validation_scores_
    (bar,) = bars
    assert bar.label == "training" and not bar.is_open
    assert bar.n == bar.asked == given["max_iter"] * given.get("n_restarts", 1)
    assert not sys.stderr.getvalue()  # type: ignore[attr-defined]


def test_estimator_progress_has_its_figures_beside_it(monkeypatch: pytest.MonkeyPatch) -> None:
    x, y = data("multiclass")
    bars = sit_before_bars(monkeypatch)
    model = ours("multiclass", progress=True, **WAYS["adam"]).fit(x, y)
    rate = model.learning_rate_init
    assert bars[0].beside[-1] == f"cost={model.loss_:.4g}, rate={rate:.4g}"
    model = ours("multiclass", progress=True, **WAYS["early"]).fit(x, y)
    assert f"rate={rate:.4g}, val=" in bars[1].beside[-1]
    model = ours("multiclass", progress=True, **WAYS["lbfgs"]).fit(x, y)
    assert "cost=" in bars[2].beside[-1] and "rate" not in bars[2].beside[-1]
    ours("multiclass", progress=True, **WAYS["restarts"]).fit(x, y)
    assert bars[3].beside[-1].startswith("ended=3, least_cost=")


@pytest.mark.parametrize("waves", [False, True])
def test_estimator_progress_of_a_search_counts_networks(
    waves: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    from shallownet_native.estimators.ensembles import together

    if waves:
        monkeypatch.setattr(together, "ROOM", 0)
    x, y = data("multiclass")
    given: dict[str, Any] = {"hidden_layer_sizes": [3, 4], "alphas": [0.1, 1.0], "cv": 3}
    given |= {"max_iter": 10, "random_state": 0, "n_threads": 2}
    alone = sn.ShallowNetClassifierCV(**given).fit(x, y)
    bars = sit_before_bars(monkeypatch)
    found = sn.ShallowNetClassifierCV(**given, progress=True).fit(x, y)
    assert np.array_equal(weights_of(found), weights_of(alone))
    (bar,) = bars
    assert bar.label == "searching" and bar.n == bar.asked == (4 * 3 + 1) * 10
    ended = [int(one[6:].partition(",")[0]) for one in bar.beside if one.startswith("ended=")]
    assert ended == sorted(ended) and ended[-1] == 12 and (2 in ended) == waves
    assert bar.beside[-1].startswith("cost=")  # of the best, on all rows


@pytest.mark.parametrize("raised", [KeyboardInterrupt, LookupError])
@pytest.mark.parametrize("way", ["adam", "restarts"])
def test_estimator_progress_is_closed_whatever_ends_it(
    raised: Any, way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    x, y = data("multiclass")
    bars = sit_before_bars(monkeypatch)
    stop = breaking_off(5, raised)
    with pytest.raises(raised):
        ours("multiclass", callbacks=stop, progress=True, **WAYS[way]).fit(x, y)
    assert len(bars) == 1 and not bars[0].is_open


def test_estimator_progress_of_tables_shows_columns_and_views(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    alone = fitted("regressor")
    bars = sit_before_bars(monkeypatch)
    assert_same_fit(fitted("regressor", progress=True), alone)
    labels = [bar.label for bar in bars]
    assert labels == ["encoding", "encoding", "training", "training with codes"]
    assert all(bar.n == bar.asked == 4 for bar in bars[:2])
    assert all(bar.beside[0].startswith("left_out_loss=") for bar in bars[2:])
    assert not any(bar.is_open for bar in bars)


def test_estimator_progress_of_tables_is_a_flag() -> None:
    with pytest.raises(ValueError, match="progress"):
        fitted("regressor", progress="yes")


@pytest.mark.parametrize("encoding", ["plain", "piecewise"])
def test_estimator_progress_of_encoding_is_for_those_who_ask(
    encoding: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    X = table()
    bars = sit_before_bars(monkeypatch)
    silent = sn.TableEncoder(encoding=encoding).fit_transform(X)
    assert not bars
    with columns_shown():
        shown = sn.TableEncoder(encoding=encoding).fit_transform(X)
    assert np.array_equal(silent, shown)
    assert [(bar.label, bar.asked, bar.n, bar.is_open) for bar in bars] == [
        ("encoding", 4, 4, False)
    ] * 2
    with columns_shown(), pytest.raises(ValueError, match="text"):
        sn.TableEncoder(categorical_features=[]).fit(X)
    assert len(bars) == 3 and not bars[2].is_open
    sn.TableEncoder().fit(X)
    assert len(bars) == 3
