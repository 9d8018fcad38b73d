"""A grid over folds: ShallowNetClassifierCV beside scikit-learn's search, for `many.py`."""

from __future__ import annotations

import argparse
from typing import Any

import numpy as np

import shallownet_native as sn
from solver_clock import print_table
from wall_clock import by_turns, is_here, refuse_unless

GRID = {"hidden_layer_sizes": [(8,), (16,), (32,)], "alpha": [1e-4, 1e-2, 0.1, 1.0]}


def estimators(max_iter: int) -> tuple[Any, Any, Any]:
    """Return scikit-learn's search, the same search over ours, and the settings of all."""
    from sklearn.model_selection import GridSearchCV
    from sklearn.neural_network import MLPClassifier
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    settings: dict[str, Any] = {
        "solver": "adam", "max_iter": max_iter, "tol": 0.0, "n_iter_no_change": max_iter,
        "random_state": 0,
    }  # fmt: skip
    steps = make_pipeline(StandardScaler(), MLPClassifier(**settings))
    grid = {f"mlpclassifier__{name}": values for name, values in GRID.items()}
    theirs = GridSearchCV(steps, grid, cv=5, n_jobs=2)
    ours = sn.ShallowNetClassifier(standardize=True, **settings)
    return theirs, GridSearchCV(ours, GRID, cv=5), settings


def same_scores(one: dict[str, Any], other: dict[str, Any]) -> bool:
    names = [name for name in one if "test_score" in name]
    return all(np.array_equal(one[name], other[name]) for name in names)


def beside_a_grid_search(given: argparse.Namespace) -> None:
    """Time twelve points in five folds against GridSearchCV over MLPClassifier, n_jobs=2."""
    if not is_here("scikit-learn"):
        return
    from sklearn.datasets import load_breast_cancer

    X, y = load_breast_cancer(return_X_y=True)
    theirs, slowly, settings = estimators(20 if given.quick else 200)
    ours = sn.ShallowNetClassifierCV(
        GRID["hidden_layer_sizes"], alphas=GRID["alpha"], cv=5, n_threads=given.threads, **settings
    )
    for model in (ours, slowly, theirs):
        model.fit(X, y)
    refuse_unless(same_scores(ours.cv_results_, slowly.cv_results_), "GridSearchCV over ours")
    chosen = {**settings, "hidden_layer_sizes": ours.hidden_layer_sizes_, "alpha": ours.alpha_}
    alone = sn.ShallowNetClassifier(standardize=True, **chosen).fit(X, y)
    mine, others = (model.coefs_ + model.intercepts_ for model in (ours, alone))
    is_same = all(np.array_equal(*pair) for pair in zip(mine, others, strict=True))
    refuse_unless(is_same, "the refit is not ShallowNetClassifier's")
    mean, expected = (m.cv_results_["mean_test_score"] for m in (ours, theirs))
    off = np.abs(mean - expected).max()
    refuse_unless(off <= 0.01, "MLPClassifier's scores")  # one row in a hundred, by rounding
    calls = [lambda: ours.fit(X, y), lambda: theirs.fit(X, y), lambda: slowly.fit(X, y)]
    fast, slow, own = by_turns(calls, 2 if given.quick else min(given.rounds, 5))
    rows = [("GridSearchCV(MLPClassifier), n_jobs=2", f"{slow:.2f}", f"**{slow / fast:.1f}**"),
            ("GridSearchCV(ShallowNetClassifier)", f"{own:.3f}", f"{own / fast:.1f}"),
            ("ShallowNetClassifierCV", f"{fast:.3f}", "1")]  # fmt: skip
    epochs = settings["max_iter"]
    title = f"Breast cancer, 12 points x 5 folds, adam, {epochs} epochs; scores off by {off:.4f}"
    print_table(title, ("", "s", "times ShallowNetClassifierCV"), rows)
