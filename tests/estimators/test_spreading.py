"""Fits spread over joblib's workers: the same bits as in this process, in a few large tasks."""

from __future__ import annotations

import subprocess
import sys
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from sklearn.exceptions import ConvergenceWarning

import shallownet_native as sn
from mlp_pairs import quiet
from shallownet_native._extras.scikit_learn import active_workers
from shallownet_native.estimators.ensembles import restarts, search, spreading

joblib = pytest.importorskip("joblib")  # which comes with scikit-learn

RNG = np.random.default_rng(3)
X = RNG.standard_normal((80, 3))
LABELS = np.array(["no", "yes"])[(X[:, 0] * X[:, 1] > 0).astype(int)]
NUMBERS = np.sin(X[:, 0]) + X[:, 1] * X[:, 2]
SHORT: dict[str, Any] = {"random_state": 5, "max_iter": 6, "learning_rate_init": 0.02}


def by_columns(model: Any, rows: Any, y: Any) -> float:
    """Score a model by its mistakes."""
    return -float((model.predict(rows) != y).mean())


def classes(**parameters: Any) -> Any:
    grid: dict[str, Any] = {"hidden_layer_sizes": [2, 5], "alphas": [0.1, 1.0], "cv": 3}
    return sn.ShallowNetClassifierCV(**{**grid, **SHORT, **parameters}).fit(X, LABELS)


def weighed() -> Any:
    grid: dict[str, Any] = {"hidden_layer_sizes": [2, 5], "alphas": [0.1, 1.0], "cv": 3}
    model = sn.ShallowNetRegressorCV(**grid, **SHORT, n_restarts=2)
    return model.fit(X, NUMBERS, sample_weight=np.linspace(1, 2, 80))


def starts(kind: str = "Regressor", **parameters: Any) -> Any:
    usual = {"hidden_layer_sizes": 3, "standardize": True, "n_restarts": 5, **SHORT}
    model = getattr(sn, f"ShallowNet{kind}")(**{**usual, **parameters})
    return model.fit(X, LABELS if kind == "Classifier" else NUMBERS)


def from_stream() -> Any:
    return starts(random_state=np.random.RandomState(8))


def from_no_seed() -> Any:
    np.random.seed(9)
    return starts(random_state=None)


def evidence() -> Any:
    return starts(solver="lm", alpha="evidence", activation="tanh", max_iter=60)


WAYS: dict[str, Callable[[], Any]] = {
    "classes": classes,
    "early stopping": lambda: classes(early_stopping=True),
    "a scorer": lambda: classes(scoring=by_columns),
    "no seed": lambda: np.random.seed(1) or classes(random_state=None),  # type: ignore[func-returns-value]
    "weighed": weighed,
    "starts": starts,
    "labels": lambda: starts("Classifier", early_stopping=True),
    "lbfgs": lambda: starts(solver="lbfgs", standardize_target=True),
    "evidence": evidence,
    "a stream": from_stream,
    "no seed for starts": from_no_seed,
}


@pytest.fixture
def tasks(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Return how many tasks each call has sent to the workers."""
    sent: list[int] = []

    def counted(some: Any) -> Any:
        sent.append(len(some))
        return spreading.spread(some)

    for module in (restarts, search):
        monkeypatch.setattr(module, "spread", counted)
    return sent


def equal(a: Any, b: Any) -> bool:
    """Tell whether two attributes hold the same, of the same types."""
    if isinstance(a, np.random.RandomState):
        return str(a.get_state()) == str(b.get_state())
    if isinstance(a, (list, tuple)):
        return len(a) == len(b) and all(equal(*both) for both in zip(a, b, strict=True))
    if isinstance(a, dict):
        return a.keys() == b.keys() and all(equal(a[key], b[key]) for key in a)
    if isinstance(a, np.ndarray):
        is_float = a.dtype.kind == "f"
        return a.dtype == b.dtype and np.array_equal(a, b, equal_nan=is_float)
    if hasattr(a, "__dict__"):
        return type(a) is type(b) and equal(vars(a), vars(b))
    return type(a) is type(b) and (a == b or (a != a and b != b))


def assert_same(here: Any, afar: Any) -> None:
    assert vars(here).keys() == vars(afar).keys()
    for name, value in vars(here).items():
        if name not in ("_stored", "refit_time_", "scorer_"):
            assert equal(value, vars(afar)[name]), name
    assert np.array_equal(here.predict(X), afar.predict(X))


@quiet
@pytest.mark.parametrize("way", WAYS)
def test_spreading_gives_the_same_bits(way: str, tasks: list[int]) -> None:
    here = WAYS[way]()
    assert tasks == []
    with joblib.parallel_config("loky", n_jobs=2):
        afar = WAYS[way]()
    assert tasks == ([2, 2] if way == "weighed" else [2])  # its last fit has two starts
    assert_same(here, afar)


@quiet
def test_spreading_goes_only_where_somebody_has_set_it_up(tasks: list[int]) -> None:
    with joblib.parallel_config("threading", n_jobs=2):
        starts()
    with joblib.parallel_config("loky", n_jobs=1):
        starts()
    with joblib.parallel_config("loky", n_jobs=2):
        seen: list[Any] = []
        starts(callbacks=seen.append)  # who looks at epochs gets them all
        assert len(seen) == 5 * 6
        starts(n_restarts=1)
        there = joblib.Parallel()(joblib.delayed(active_workers)() for _ in range(2))
        assert there == [1, 1] and active_workers() == 2  # a worker sends nothing on
    assert tasks == []
    with joblib.parallel_config("loky", n_jobs=4):
        starts(n_restarts=3)
    assert tasks == [3]


@quiet
def test_spreading_prints_in_this_process(capsys: pytest.CaptureFixture[str]) -> None:
    with joblib.parallel_config("loky", n_jobs=2):
        starts(verbose=True, n_restarts=2, max_iter=2)
    lines = capsys.readouterr().out.splitlines()
    assert [line.partition(":")[0] for line in lines] == ["Start 1", "Start 2"] * 2


def diverging(n: int) -> Any:
    steep = {"solver": "gd", "activation": "identity", "learning_rate_init": 1e300}
    return sn.ShallowNetRegressor(hidden_layer_sizes=3, random_state=0, n_restarts=n, **steep)


def test_spreading_raises_as_here_if_all_diverge() -> None:
    here, afar = diverging(4), diverging(4)
    with pytest.raises(sn.DivergenceError) as caught:
        here.fit(X, NUMBERS)
    with joblib.parallel_config("loky", n_jobs=2), pytest.raises(sn.DivergenceError) as other:
        afar.fit(X, NUMBERS)
    assert str(caught.value) == str(other.value)
    assert np.array_equal(caught.value.result.parameters.flat, other.value.result.parameters.flat)
    assert_same(here, afar)


def caught_of(**parameters: Any) -> tuple[list[str], int]:
    """Return what a fit warns of, and which start it keeps."""
    with warnings.catch_warnings(record=True) as some:
        warnings.simplefilter("always")
        model = starts(**parameters)
    assert all(one.category is ConvergenceWarning for one in some)
    assert all(one.filename == __file__ for one in some)
    return [str(one.message) for one in some], model.best_restart_


def test_spreading_warns_in_this_process_of_the_best() -> None:
    # some starts come to their end in time, others do not
    usual = {"solver": "lbfgs", "max_iter": 100, "n_restarts": 4}
    ways = [{**usual, "random_state": seed} for seed in range(10)]  # of 9 the other one converges
    here = [caught_of(**way) for way in ways]
    assert {len(messages) for messages, _ in here} == {0, 1}
    assert {best % 2 for _, best in here} == {0, 1}  # which is the worker
    with joblib.parallel_config("loky", n_jobs=2):
        assert [caught_of(**way) for way in ways] == here


@quiet
def test_spreading_leaves_nothing_of_earlier_fits() -> None:
    model = evidence()
    assert model.log_evidence_ > -np.inf
    with joblib.parallel_config("loky", n_jobs=2):
        model.set_params(alpha=0.1).fit(X, NUMBERS)
    assert not hasattr(model, "log_evidence_") and not hasattr(model, "covariance_")
    assert_same(starts(solver="lm", alpha=0.1, activation="tanh", max_iter=60), model)


def test_spreading_shares_are_about_equal_and_in_order() -> None:
    costs = [9.0, 1.0, 1.0, 1.0, 5.0, 1.0]
    parts = spreading.shares("abcdef", costs, 2)
    assert sorted(letter for part in parts for letter in part) == list("abcdef")
    assert all(part == sorted(part) for part in parts)
    loads = [sum(costs["abcdef".index(letter)] for letter in part) for part in parts]
    assert loads == [9.0, 9.0]
    assert spreading.shares("ab", [1.0, 1.0], 5) == [["a"], ["b"]]


PROGRAM = """
import os, signal, sys, threading, warnings
import joblib, numpy as np
from distributed import Client, LocalCluster
import shallownet_native as sn

HAS_SIGKILL = sys.platform != "win32"

def fit():
    sizes, rows = [(64,), (128,)], np.random.default_rng(0).standard_normal((500, 30))
    model = sn.ShallowNetClassifierCV(
        sizes, alphas=[0.1, 1.0], cv=5, random_state=0, max_iter=300, n_iter_no_change=10**6
    )
    return model.fit(rows, (rows[:, 0] * rows[:, 1] > 0).astype(int))

def fit_table():
    X = np.random.default_rng(0).normal(size=(200, 3))
    model = sn.TabularShallowNetRegressor(4, n_hidden=16, max_epochs=20, random_state=0)
    return model.fit(X, X[:, 0] * X[:, 1])

def main():
    warnings.simplefilter("ignore")
    here, table = fit(), fit_table()
    options = {"n_workers": 2, "threads_per_worker": 1, "dashboard_address": None}
    with LocalCluster(**options) as cluster, Client(cluster) as client:
        with joblib.parallel_config("dask"):
            if HAS_SIGKILL:
                victim = min(client.run(os.getpid).values())
                threading.Timer(0.5, os.kill, (victim, signal.SIGKILL)).start()
            afar = fit()
            if HAS_SIGKILL:
                client.wait_for_workers(2)
                assert victim not in client.run(os.getpid).values(), "came to its end too early"
            table_afar = fit_table()
    assert np.array_equal(here.coefs_[0], afar.coefs_[0])
    for view, members in table._members.items():
        assert np.array_equal(members, table_afar._members[view])
    assert np.array_equal(table.oob_prediction_, table_afar.oob_prediction_)
    for name in ("mean_test_score", "std_test_score"):
        assert np.array_equal(here.cv_results_[name], afar.cv_results_[name])
    print("same")

if __name__ == "__main__":
    main()
"""


def test_spreading_over_dask_gives_the_same_bits_with_a_worker_killed(tmp_path: Any) -> None:
    pytest.importorskip("distributed")
    path = tmp_path / "program.py"
    path.write_text(PROGRAM, encoding="utf-8")
    command = [sys.executable, str(path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.endswith("same\n")
