"""The estimators walk scikit-learn's way: same draws, same weights, same epochs, same curves."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlp_pairs import (
    KINDS,
    SOLVERS,
    THEIRS_WEIGHS,
    M,
    assert_same_path,
    data,
    fit_both,
    judged_kinds,
    needs_weights,
    pair,
)  # fmt: skip

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
VARIATIONS: dict[str, dict[str, Any]] = {
    "in order": {"shuffle": False},
    "no penalty": {"alpha": 0},
    "large penalty": {"alpha": 2.0},
    "single examples": {"batch_size": 1},
    "short last batch": {"batch_size": 40},
    "full batch": {"batch_size": M},
    "early stopping": {"early_stopping": True, "validation_fraction": 0.2},
    "one number": {"hidden_layer_sizes": 6},
    "an array": {"hidden_layer_sizes": np.array([6])},
    "no hidden layer": {"hidden_layer_sizes": ()},
}


@judged_kinds(*KINDS)
@pytest.mark.parametrize("solver", SOLVERS)
def test_estimator_trajectory_is_scikit_learns(kind: str, solver: str) -> None:
    ours, theirs = fit_both(kind, *data(kind), **SOLVERS[solver])
    assert_same_path(ours, theirs)
    if "adaptive" in solver:
        assert ours._optimizer.learning_rate == theirs._optimizer.learning_rate < 1e-4
    x, _ = data(kind, seed=1)
    mine, judges = ours.predict(x), theirs.predict(x)
    assert mine.shape == judges.shape and mine.dtype == judges.dtype
    if mine.dtype.kind == "f":
        np.testing.assert_allclose(mine, judges, rtol=1e-8, atol=1e-8)
    else:
        assert np.array_equal(mine, judges)
        np.testing.assert_allclose(ours.predict_proba(x), theirs.predict_proba(x), rtol=1e-8)


@judged_kinds(*KINDS)
@pytest.mark.parametrize("solver", ["adam", "sgd"])
@pytest.mark.parametrize("variation", VARIATIONS)
def test_estimator_trajectory_in_every_variation(kind: str, solver: str, variation: str) -> None:
    parameters = {**SOLVERS[solver], **VARIATIONS[variation]}
    if variation == "single examples":
        parameters |= {"learning_rate_init": 0.001, "max_iter": 5}  # 600 steps, each short
    assert_same_path(*fit_both(kind, *data(kind), **parameters))


@judged_kinds("binary", "multiclass", "regression")
@pytest.mark.parametrize("activation", ["identity", "logistic", "tanh", "relu"])
def test_estimator_trajectory_with_every_activation(kind: str, activation: str) -> None:
    assert_same_path(*fit_both(kind, *data(kind), activation=activation))


@needs_weights
@judged_kinds(*KINDS)
@pytest.mark.parametrize("solver", ["adam", "sgd"])
@pytest.mark.parametrize("early", [False, True])
def test_estimator_trajectory_with_sample_weights(kind: str, solver: str, early: bool) -> None:
    weights = np.random.default_rng(1).choice([0.25, 1.0, 3.0], size=M)
    if solver == "sgd":
        weights[:10] = 0  # fewer than any batch has: scikit-learn cannot divide by 0
    parameters = {**SOLVERS[solver], "alpha": 0.1, "early_stopping": early}
    assert_same_path(*fit_both(kind, *data(kind), weights=weights, **parameters))


@judged_kinds("binary", "multiclass", "regression")
@pytest.mark.parametrize("stopping", ["loss", "score", "adaptive", "never"])
def test_estimator_trajectory_ends_at_the_same_epoch(kind: str, stopping: str) -> None:
    parameters: dict[str, Any] = {"max_iter": 400, "tol": 1e-3, "n_iter_no_change": 5}
    parameters |= {"learning_rate_init": 0.02, "early_stopping": stopping == "score"}
    if stopping == "adaptive":
        parameters |= {"solver": "sgd", "learning_rate": "adaptive"}
    if stopping == "never":
        parameters |= {"max_iter": 30, "tol": 1e9, "n_iter_no_change": np.inf}
    ours, theirs = fit_both(kind, *data(kind), **parameters)
    assert ours.n_iter_ == theirs.n_iter_
    assert (ours.n_iter_ < 400) == (stopping != "never") or ours.n_iter_ == 30
    assert ours._no_improvement_count == theirs._no_improvement_count
    # some hundred epochs amplify rounding
    assert_same_path(ours, theirs, limit=1e-6)


@judged_kinds("binary", "regression")
@pytest.mark.parametrize(
    "parameters",
    [
        {},
        {"shuffle": False},
        {"max_iter": 300, "tol": 1e-3, "n_iter_no_change": 2, "learning_rate_init": 0.02},
        {"early_stopping": True, "max_iter": 300, "n_iter_no_change": 2},
        {"solver": "lbfgs"},
        {"solver": "sgd", "learning_rate": "adaptive", "tol": 1.0, "max_iter": 300},
    ],
    ids=str,
)
def test_estimator_trajectory_draws_as_many_numbers(kind: str, parameters: Any) -> None:
    x, y = data(kind)
    streams = np.random.RandomState(3), np.random.RandomState(3)
    for model, stream in zip(pair(kind, **parameters), streams, strict=True):
        model.set_params(random_state=stream).fit(x, y)
    assert streams[0].random_sample() == streams[1].random_sample()


@judged_kinds("multiclass", "regression")
@pytest.mark.parametrize("solver", ["adam", "sgd", "sgd, invscaling"])
@pytest.mark.parametrize("early", [False, True])
def test_estimator_trajectory_goes_on_with_warm_start(kind: str, solver: str, early: bool) -> None:
    x, y = data(kind)
    parameters = {**SOLVERS[solver], "early_stopping": early}
    ours, theirs = pair(kind, warm_start=True, max_iter=4, **parameters)
    for length in (4, 7, 4):
        for model in (ours, theirs):
            model.set_params(max_iter=length).fit(x, y)
        assert_same_path(ours, theirs)
    assert len(ours.loss_curve_) == 15
    for model in (ours, theirs):
        model.set_params(solver="adam" if solver == "sgd" else "sgd").fit(x, y)
    assert_same_path(ours, theirs)


@judged_kinds("binary", "multiclass", "multilabel", "regression", "poisson")
@pytest.mark.parametrize("solver", ["adam", "sgd", "sgd, invscaling"])
@pytest.mark.parametrize("shared", [False, True], ids=["int", "RandomState"])
def test_estimator_trajectory_of_partial_fits(kind: str, solver: str, shared: bool) -> None:
    x, y = data(kind, m=200)
    ours, theirs = pair(kind, **SOLVERS[solver])
    for model in (ours, theirs):
        model.set_params(random_state=np.random.RandomState(0) if shared else 0)
        first = {"classes": np.unique(y)} if kind in ("binary", "multiclass") else {}
        if kind == "multilabel":
            first = {"classes": [0, 1, 2]}
        for start in (0, 50, 120, 0):
            rows = slice(start, start + 70)
            model.partial_fit(x[rows], y[rows], **first)
            first = {}
    assert ours.n_iter_ == 1 and len(ours.loss_curve_) == 4
    assert_same_path(ours, theirs)
    for model in (ours, theirs):
        model.set_params(max_iter=3).fit(x, y).partial_fit(x, y)
    assert_same_path(ours, theirs)


@needs_weights
@judged_kinds("binary", "multioutput", "poisson")
@pytest.mark.parametrize("solver", ["adam", "sgd"])
def test_estimator_trajectory_goes_on_with_sample_weights(kind: str, solver: str) -> None:
    x, y = data(kind)
    weights = np.random.default_rng(1).choice([0.25, 1.0, 3.0], size=M)
    first = {"classes": [3, 7]} if kind == "binary" else {}
    ours, theirs = pair(kind, **SOLVERS[solver])
    for model in (ours, theirs):
        model.partial_fit(x, y, sample_weight=weights, **first)
        model.partial_fit(x, y).partial_fit(x, y, sample_weight=weights[::-1].tolist())
        model.set_params(warm_start=True, max_iter=3).fit(x, y, weights)
    assert_same_path(ours, theirs)


@judged_kinds("binary", "multioutput")
@pytest.mark.parametrize("layout", ["csr", "csc"])
@pytest.mark.parametrize("early", [False, True])
def test_estimator_trajectory_on_sparse_rows(kind: str, layout: str, early: bool) -> None:
    sparse = pytest.importorskip("scipy.sparse")
    x, y = data(kind)
    x[np.abs(x) < 0.7] = 0
    ours, theirs = fit_both(kind, sparse.csr_array(x).asformat(layout), y, early_stopping=early)
    assert_same_path(ours, theirs)
    ours, theirs = fit_both(kind, sparse.csr_matrix(x).asformat(layout), y, early_stopping=early)
    assert_same_path(ours, theirs)


@judged_kinds(*KINDS)
def test_estimator_trajectory_in_float32(kind: str) -> None:
    x, y = data(kind)
    y = y.astype(np.float32) if y.dtype.kind == "f" else y
    ours, theirs = fit_both(kind, x.astype(np.float32), y, **SOLVERS["sgd"])
    # 100 steps, each rounding at 6e-8 what it adds up
    assert_same_path(ours, theirs, limit=1e-4)


def random_parameters() -> Any:
    return st.fixed_dictionaries(
        {
            "hidden_layer_sizes": st.sampled_from([(), 1, (3,), (17,), [33]]),
            "activation": st.sampled_from(["identity", "logistic", "tanh", "relu"]),
            "solver": st.sampled_from(["sgd", "adam"]),
            "alpha": st.sampled_from([0.0, 1e-4, 0.3]),
            "batch_size": st.sampled_from(["auto", 1, 16, 37, 64]),
            "learning_rate": st.sampled_from(["constant", "invscaling", "adaptive"]),
            "learning_rate_init": st.sampled_from([1e-4, 1e-3]),
            "power_t": st.sampled_from([0.0, 0.5]),
            "max_iter": st.integers(1, 20),
            "shuffle": st.booleans(),
            "random_state": st.integers(0, 2**32 - 1),
            "tol": st.sampled_from([0.0, 1e-4, 0.5]),
            "momentum": st.sampled_from([0.0, 0.5, 0.9]),
            "nesterovs_momentum": st.booleans(),
            "early_stopping": st.booleans(),
            "validation_fraction": st.sampled_from([0.1, 0.4]),
            "beta_1": st.sampled_from([0.0, 0.9]),
            "beta_2": st.sampled_from([0.5, 0.999]),
            "n_iter_no_change": st.sampled_from([1, 3, np.inf]),
        }
    )


@settings(max_examples=60, deadline=None, derandomize=True)
@given(
    kind=st.sampled_from([k for k in KINDS if k != "poisson" or THEIRS_WEIGHS]),
    m=st.integers(40, 90),
    seed=st.integers(0, 3),
    parameters=random_parameters(),
)
@pytest.mark.filterwarnings("ignore:Got `batch_size`:UserWarning")
def test_estimator_trajectory_with_any_parameters(
    kind: str, m: int, seed: int, parameters: Any
) -> None:
    assert_same_path(*fit_both(kind, *data(kind, m, seed), **parameters))


@pytest.mark.parametrize("max_iter", range(1, 8))
def test_estimator_trajectory_keeps_the_rate_that_its_last_epoch_has_led_to(max_iter: int) -> None:
    """A lower adaptive rate, decided after the epoch: partial_fit goes on with it."""
    x, y = data("binary")
    options = {"solver": "sgd", "learning_rate": "adaptive", "tol": 10.0, "n_iter_no_change": 1}
    mine, other = fit_both("binary", x, y, max_iter=max_iter, **options)
    assert mine._optimizer.rate == pytest.approx(other._optimizer.learning_rate, rel=1e-15)
    assert mine._no_improvement_count == other._no_improvement_count
