"""`ShallowNetClassifierCV` and `ShallowNetRegressorCV` beside GridSearchCV: the same to the bit."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.sparse import csr_matrix
from sklearn.model_selection import GridSearchCV, GroupKFold, KFold, ShuffleSplit

import shallownet_native as sn

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

RNG = np.random.default_rng(1)
X = RNG.standard_normal((90, 4)) * [1, 10, 0.1, 1] + [0, 5, 0, 0]
TWO = (X[:, 0] * X[:, 3] > 0).astype(int)
THREE = np.array(["a", "b", "c"])[np.digitize(X[:, 0], [-0.4, 0.4])]
NUMBERS = 100 * np.sin(X[:, 0]) + X[:, 1]
WEIGHTS = RNG.uniform(0.5, 2, 90)
GRID: dict[str, Any] = {"alpha": [0.01, 1.0], "hidden_layer_sizes": [(3,), 5]}
USUAL: dict[str, Any] = {"random_state": 3, "max_iter": 8, "learning_rate_init": 0.05}


class Case:
    """A search: targets, parameters of both sides, and what is handed to `fit`."""

    def __init__(self, y: Any, x: Any = X, fit: Any = None, **parameters: Any) -> None:
        self.y, self.x, self.fit = y, x, fit or {}
        self.search = {k: parameters.pop(k) for k in ("cv", "scoring") if k in parameters}
        self.parameters = {**USUAL, **parameters}

    @property
    def kind(self) -> str:
        return "Regressor" if np.asarray(self.y).dtype.kind == "f" else "Classifier"

    def ours(self, **more: Any) -> Any:
        grid = {"alphas": GRID["alpha"], "hidden_layer_sizes": GRID["hidden_layer_sizes"]}
        class_ = getattr(sn, f"ShallowNet{self.kind}CV")
        model = class_(**{**grid, **self.search, **self.parameters, **more})
        return model.fit(self.x, self.y, **self.fit)

    def theirs(self) -> Any:
        scaled = {"standardize": True}
        if self.kind == "Regressor":
            scaled["standardize_target"] = self.parameters.get("loss") != "poisson"
        parameters = {**scaled, **self.parameters}
        if "validation_scoring" in parameters:
            parameters["scoring"] = parameters.pop("validation_scoring")
        alone = getattr(sn, f"ShallowNet{self.kind}")(**parameters)
        return GridSearchCV(alone, GRID, **self.search).fit(self.x, self.y, **self.fit)


def by_names(model: Any, rows: Any, y: Any) -> float:
    """Score only rows of a frame in which one column is positive."""
    some = rows["a"] > 0
    return float((model.predict(rows[some]) == y[some]).mean())


GROUPS = np.repeat(np.arange(9), 10)
FRAME = pd.DataFrame(X, columns=["a", "b", "c", "d"])
CASES = {
    "two classes": Case(TWO),
    "three classes": Case(THREE, solver="sgd", momentum=0.5),
    "numbers": Case(NUMBERS, cv=3),
    "two numbers": Case(np.c_[NUMBERS, X[:, 2]], cv=4),
    "counts": Case(np.floor(abs(NUMBERS)) + 0.0, loss="poisson", max_iter=3),
    "labels of their own": Case(np.c_[TWO, 1 - TWO, X[:, 0] > 0].astype(int), cv=3),
    "lbfgs": Case(TWO, solver="lbfgs", max_iter=15),
    "lm": Case(NUMBERS, solver="lm", activation="tanh", cv=3),
    "gd": Case(THREE, solver="gd", learning_rate="invscaling"),
    "early stopping": Case(TWO, early_stopping=True, n_iter_no_change=2, max_iter=30),
    "held out of unlike folds": Case(
        TWO,
        early_stopping=True,
        cv=KFold(5, shuffle=True, random_state=1),
        batch_size=16,
        scoring="neg_log_loss",
    ),
    "its scoring": Case(TWO, early_stopping=True, validation_scoring="balanced_accuracy"),
    "scoring": Case(TWO, scoring="roc_auc"),
    "scoring of numbers": Case(NUMBERS, scoring="neg_mean_absolute_error"),
    "restarts": Case(NUMBERS, n_restarts=3, cv=3),
    "weights": Case(TWO, fit={"sample_weight": WEIGHTS}),
    "balanced": Case(THREE, class_weight="balanced", fit={"sample_weight": WEIGHTS}),
    "classes' weights": Case(TWO, class_weight={0: 2.0}),
    "groups": Case(TWO, cv=GroupKFold(3), fit={"groups": GROUPS}),
    "splits": Case(NUMBERS, cv=ShuffleSplit(4, random_state=0)),
    "masks": Case(TWO, cv=[(np.arange(90) < n, np.arange(90) >= n) for n in (60, 70)]),
    "rows": Case(TWO, cv=[(np.arange(60), np.arange(60, 90)), (np.arange(45), [60, 70])]),
    "a frame": Case(THREE, x=FRAME),
    "a frame's columns": Case(THREE, x=FRAME, scoring=by_names),
    "sparse": Case(TWO, x=csr_matrix(X * (abs(X) > 0.5))),
    "float32": Case(NUMBERS.astype(np.float32), x=X.astype(np.float32)),
    "unscaled": Case(TWO, standardize=False, shuffle=False, batch_size=16),
    "a stream": Case(TWO, random_state=np.random.RandomState(4)),
    "whole numbers": Case(TWO, x=np.rint(X).astype(int)),
}


@pytest.fixture(params=CASES)
def case(request: pytest.FixtureRequest) -> Case:
    return CASES[request.param]


def test_cv_search_is_that_of_scikit_learn(case: Case) -> None:
    ours, theirs = case.ours(), case.theirs()
    mine, table = ours.cv_results_, theirs.cv_results_
    assert [key for key in table if "_time" not in key] == sorted(mine, key=list(table).index)
    for key, values in mine.items():
        if key == "params":
            assert values == table[key]
        else:
            assert values.dtype == table[key].dtype and np.array_equal(values, table[key]), key
    assert len(set(mine["mean_test_score"])) > 1
    for name in ("best_index_", "best_params_", "best_score_", "n_splits_"):
        assert getattr(ours, name) == getattr(theirs, name), name
    assert ours.alpha_ == theirs.best_params_["alpha"]
    assert ours.hidden_layer_sizes_ == theirs.best_params_["hidden_layer_sizes"]
    best = theirs.best_estimator_
    for a, b in zip(ours.coefs_ + ours.intercepts_, best.coefs_ + best.intercepts_, strict=True):
        assert a.dtype == b.dtype and np.array_equal(a, b)
    fitted = {name for name in vars(best) if name.endswith("_") and name not in ("alpha_",)}
    assert fitted <= vars(ours).keys()
    assert ours.loss_curve_ == best.loss_curve_ and ours.n_iter_ == best.n_iter_
    assert np.array_equal(ours.predict(case.x), theirs.predict(case.x))
    assert ours.score(case.x, case.y) == best.score(case.x, case.y)


@pytest.mark.parametrize("n_threads", [1, 2, 5])
def test_cv_search_does_not_depend_on_threads(n_threads: int) -> None:
    case = CASES["restarts"]
    one, other = case.ours(), case.ours(n_threads=n_threads)
    assert np.array_equal(one.coefs_[0], other.coefs_[0])
    for key in ("mean_test_score", "std_test_score", "split2_test_score"):
        assert np.array_equal(one.cv_results_[key], other.cv_results_[key])


def test_cv_search_does_not_depend_on_waves(monkeypatch: pytest.MonkeyPatch) -> None:
    from shallownet_native.estimators.ensembles import orders, together

    case = CASES["restarts"]
    whole = case.ours()
    waves: list[int] = []
    run_together = together.run_together

    def counted(loops: Any, n_threads: int, **more: Any) -> list[str]:
        waves.append(len(loops))
        return run_together(loops, n_threads, **more)

    monkeypatch.setattr(together, "run_together", counted)
    monkeypatch.setattr(together, "ROOM", 0)
    monkeypatch.setattr(orders, "ROOM", 0)  # those who come later draw their orders again
    parts = case.ours(n_threads=2)
    assert waves == [2] * (4 * 3 * 3 // 2) + [2, 1]  # the last are the restarts on all rows
    assert np.array_equal(whole.coefs_[0], parts.coefs_[0])
    means = [one.cv_results_["mean_test_score"] for one in (whole, parts)]
    assert np.array_equal(*means)


def last_loss(model: Any, *_: Any) -> float:
    return float(model.loss_)


def test_cv_search_without_seed_gives_each_fit_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    from shallownet_native.estimators.ensembles.search import Search

    searches: list[Any] = []
    run = Search.run
    monkeypatch.setattr(Search, "run", lambda one, *a: searches.append(one) or run(one, *a))
    ours = CASES["two classes"].ours(random_state=None, scoring=last_loss)
    seeds = {place: states[0] for place, states in searches[0].states.items()}
    assert len(set(seeds.values())) == len(seeds) == 20
    for place, seed in seeds.items():
        rows = searches[0].folds.splits[place.fold][0]
        point = {**USUAL, **ours.cv_results_["params"][place.point], "random_state": seed}
        alone = sn.ShallowNetClassifier(standardize=True, **point).fit(X[rows], TWO[rows])
        assert ours.cv_results_[f"split{place.fold}_test_score"][place.point] == alone.loss_


def test_cv_search_without_seed_can_be_had_again() -> None:
    def search() -> Any:
        np.random.seed(7)
        return CASES["two classes"].ours(random_state=None)

    one, other = search(), search()
    assert np.array_equal(one.coefs_[0], other.coefs_[0])
    assert one.cv_results_["params"] == other.cv_results_["params"]
    assert one.random_state is None and one.best_estimator_.random_state is None


def test_cv_search_leaves_a_stream_as_it_was() -> None:
    stream = np.random.RandomState(4)
    before = stream.get_state()[1].copy()
    CASES["two classes"].ours(random_state=stream)
    assert np.array_equal(stream.get_state()[1], before)
