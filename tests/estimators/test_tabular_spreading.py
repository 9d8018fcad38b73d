"""Networks of tables trained by joblib's workers: the bits that they have here."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from shallownet_native.estimators.tabular.bags import afar
from tabular_data import assert_same_fit, classifier, fitted, numbers_of, table

joblib = pytest.importorskip("joblib")  # which comes with scikit-learn


@pytest.fixture
def tasks(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Return the name of what each call has sent to the workers, and how many of it."""
    sent: list[Any] = []
    spread = afar.spread

    def counted(some: Any) -> Any:
        sent.append((some[0].func.__name__, len(some)))
        return spread(some)

    monkeypatch.setattr(afar, "spread", counted)
    return sent


def weighted() -> Any:
    weight = np.linspace(0, 2, 120)
    return fitted("classifier", table(), weight, n_networks=5, max_epochs=20)


WAYS: dict[str, Any] = {
    "numbers": lambda: fitted("regressor", max_epochs=20),
    "classes": weighted,
    "one view": lambda: fitted("regressor", encoding="plain", n_networks=9, max_epochs=3),
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("n_jobs", [2, 3])
def test_tabular_spreading_gives_the_same_bits(way: str, n_jobs: int, tasks: list[Any]) -> None:
    here = WAYS[way]()
    assert tasks == []
    with joblib.parallel_config("loky", n_jobs=n_jobs):
        there = WAYS[way]()
    assert_same_fit(here, there)
    n_views = 1 if way == "one view" else 2
    assert [name for name, _ in tasks].count("run_until") == n_views
    assert {n for _, n in tasks} == {n_jobs} and len(tasks) <= 5 * n_views


def test_tabular_spreading_finds_best_epochs_in_early_cycles(tasks: list[Any]) -> None:
    def fit() -> Any:  # too fast to get better for long
        return fitted("regressor", max_epochs=40, learning_rate_init=0.5, n_hidden=64)

    here = fit()
    assert min(here.best_epoch_.values()) < 18  # before the third cycle's end
    with joblib.parallel_config("loky", n_jobs=2):
        assert_same_fit(here, fit())


def test_tabular_spreading_goes_only_where_somebody_has_set_it_up(tasks: list[Any]) -> None:
    seen: list[Any] = []
    with joblib.parallel_config("threading", n_jobs=2):
        fitted("regressor", max_epochs=1)
    with joblib.parallel_config("loky", n_jobs=1):
        fitted("regressor", max_epochs=1)
    with joblib.parallel_config("loky", n_jobs=2):
        fitted("regressor", max_epochs=1, callbacks=seen.append)  # who looks gets every epoch
    assert tasks == [] and len(seen) == 2


@pytest.mark.filterwarnings("ignore::shallownet_native.DivergenceWarning")
def test_tabular_spreading_knows_divergence_as_here() -> None:
    X = table()

    def fit() -> Any:
        return classifier(learning_rate_init=1e30, max_epochs=5).fit(X, numbers_of(X) > 10)

    here = fit()
    with joblib.parallel_config("loky", n_jobs=2):
        assert_same_fit(here, fit())
