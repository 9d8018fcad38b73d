"""Clones: what a search or an ensemble fits. Not fitted, equal, with the same callbacks."""

from __future__ import annotations

import io
import pickle
from pathlib import Path
from typing import Any

import pytest
from sklearn import config_context
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import shallownet_native as sn
from mlp_pairs import data, kinds, ours
from test_estimator_pickles import Named

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
GRID = {"alpha": [1e-4, 1e-2]}


class Log:
    """A callback that holds what cannot be copied, an open file, and counts in itself."""

    def __init__(self, path: Path) -> None:
        self.file = path.open("w")
        self.n_epochs = 0

    def __call__(self, state: Any) -> None:
        self.n_epochs += 1
        print(state.epoch, state.cost, file=self.file)


@kinds("binary", "regression")
def test_estimator_clones_share_callbacks_in_a_search(kind: str, tmp_path: Path) -> None:
    x, y = data(kind)
    log, history = Log(tmp_path / "log.txt"), []
    model = ours(kind, max_iter=3, callbacks=[log, history.append])
    search = GridSearchCV(model, GRID, cv=2, error_score="raise").fit(x, y)
    assert log.n_epochs == len(history) == 3 * (2 * 2 + 1)
    log.file.close()
    assert len((tmp_path / "log.txt").read_text().splitlines()) == 15
    assert search.best_estimator_.callbacks is model.callbacks
    piped = make_pipeline(StandardScaler(), model.set_params(callbacks=history.append))
    GridSearchCV(piped, {f"{piped.steps[1][0]}__alpha": [1.0]}, cv=2).fit(x, y)
    assert len(history) == 15 + 9


def test_estimator_clones_keep_what_scikit_learns_keep() -> None:
    model = ours("binary", max_iter=2, callbacks=print).set_output(transform="default")
    with config_context(enable_metadata_routing=True):
        model.set_fit_request(sample_weight=True)
    twin = clone(model)
    assert twin.get_params() == model.get_params() and model.callbacks is print
    assert twin._metadata_request.fit.requests == model._metadata_request.fit.requests
    assert twin._sklearn_output_config == model._sklearn_output_config
    named = clone(Named("mine", max_iter=7))
    assert type(named) is Named and named.name == "mine" and named.callbacks is None


def test_estimator_clones_go_to_workers_as_pickles(tmp_path: Path) -> None:
    """There each worker has its own: an open file cannot go, and the error says why."""
    model = sn.ShallowNetClassifier(callbacks=Log(tmp_path / "log.txt"))
    with pytest.raises(TypeError, match="TextIOWrapper"):
        pickle.dump(model, io.BytesIO())
    model.callbacks.file.close()
