"""Warnings name the line of the user's that led to them, through scikit-learn's lines as well."""

from __future__ import annotations

import inspect
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.exceptions import ConvergenceWarning, DataConversionWarning
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import shallownet_native as sn
from shallownet_native import ShallowNetClassifier, ShallowNetRegressor

X = np.random.default_rng(0).normal(size=(60, 3))
Y = (X[:, 0] > 0).astype(int)
SHORT: dict[str, Any] = {"hidden_layer_sizes": (3,), "max_iter": 2, "random_state": 0}


def pipeline() -> Any:
    return make_pipeline(StandardScaler(), ShallowNetClassifier(**SHORT))


def diverging() -> ShallowNetRegressor:
    return ShallowNetRegressor(
        solver="sgd", learning_rate_init=1.0, early_stopping=True, random_state=0
    )


CALLS: dict[str, tuple[type[Warning], Callable[[], Any]]] = {
    "fit": (ConvergenceWarning, lambda: ShallowNetClassifier(**SHORT).fit(X, Y)),
    "lbfgs": (
        ConvergenceWarning, lambda: ShallowNetClassifier(**SHORT, solver="lbfgs").fit(X, Y)
    ),
    "a pipeline": (ConvergenceWarning, lambda: pipeline().fit(X, Y)),
    "fit_transform": (ConvergenceWarning, lambda: pipeline().fit_transform(X, Y)),
    "a search": (ConvergenceWarning, lambda: GridSearchCV(pipeline(), {}, cv=2).fit(X, Y)),
    "cross-validation": (ConvergenceWarning, lambda: cross_val_score(pipeline(), X, Y, cv=2)),
    "a column of labels": (
        DataConversionWarning, lambda: ShallowNetClassifier(**SHORT).fit(X, Y[:, None])
    ),
    "batches clipped": (
        UserWarning, lambda: ShallowNetClassifier(**SHORT, batch_size=99).fit(X, Y)
    ),
    "divergence": (sn.DivergenceWarning, lambda: diverging().fit(1e3 * X, 1e6 * X[:, 0])),
    "a class of one": (
        UserWarning,
        lambda: ShallowNetClassifier(
            **SHORT, early_stopping=True, stratify_validation=True
        ).fit(X, np.r_[Y[1:], 2]),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CALLS)
def test_caller_is_the_line_that_a_warning_names(name: str) -> None:
    category, call = CALLS[name]
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        call()
    ours = [warning for warning in caught if issubclass(warning.category, category)]
    assert ours
    lines, first = inspect.getsourcelines(call)
    for warning in ours:
        assert Path(warning.filename) == Path(__file__)
        assert first <= warning.lineno < first + len(lines)


def test_caller_of_a_checkpoint_of_another_level(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    inputs, targets = sn.datasets.flower(20)

    def train() -> None:
        start = sn.initialize(2, 2, 1, seed=0)
        sn.train(start, inputs, targets, n_iterations=2, checkpoint=tmp_path / "c.snet")

    train()
    monkeypatch.setattr("shallownet_native.training.checkpoints.file.level", "another")
    with pytest.warns(UserWarning, match="another") as caught:
        train()
    assert [Path(warning.filename) for warning in caught] == [Path(__file__)]


def test_caller_errors_keep_a_warning_that_is_made_one() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(ConvergenceWarning, match="hasn't converged"):
            ShallowNetClassifier(**SHORT).fit(X, Y)
