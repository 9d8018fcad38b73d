"""solver="lbfgs": scikit-learn's start and optimum, and what scikit-learn's has not."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import Any

import numpy as np
import pytest
from sklearn.exceptions import ConvergenceWarning

import shallownet_native as sn
from at_once import at_once
from mlp_pairs import KINDS, N_X, M, data, judged_kinds, kinds, needs_weights, ours, pair, quiet
from shallownet_native._extras.scikit_learn import has_callback_protocol

LIMIT = 1e-6  # promised: of the loss, relative, where the minimum is reached
CONVERGING = {"solver": "lbfgs", "max_iter": 2000, "max_fun": 10**6, "tol": 1e-8}


@judged_kinds(*KINDS)
def test_estimator_lbfgs_finds_scikit_learns_only_minimum(kind: str) -> None:
    x, y = data(kind)
    models = pair(kind, hidden_layer_sizes=(), alpha=0.1, **CONVERGING)
    ours, theirs = (model.fit(x, y) for model in models)
    assert ours.loss_ == pytest.approx(theirs.loss_, rel=LIMIT)
    assert isinstance(ours.loss_, float) and ours.n_iter_ < 2000
    for mine, judges in zip(ours.coefs_, theirs.coefs_, strict=True):
        np.testing.assert_allclose(mine, judges, rtol=1e-3, atol=1e-4)


# Not "multioutput": scikit-learn's loss is a mean over outputs and its gradient a sum, so that its
# line search may give up far from any minimum.
@judged_kinds("binary", "multiclass", "multilabel", "regression", "poisson")
@pytest.mark.parametrize("activation", ["tanh", "logistic", "identity"])
def test_estimator_lbfgs_finds_scikit_learns_minimum(kind: str, activation: str) -> None:
    x, y = data(kind)
    parameters = {"hidden_layer_sizes": (2,), "alpha": 3.0, "activation": activation}
    ours, theirs = (model.fit(x, y) for model in pair(kind, **CONVERGING, **parameters))
    assert ours.loss_ == pytest.approx(theirs.loss_, rel=LIMIT)


@needs_weights
@judged_kinds("binary", "multiclass", "multioutput", "poisson")
def test_estimator_lbfgs_weighs_examples(kind: str) -> None:
    x, y = data(kind)
    weights = np.random.default_rng(1).choice([0.0, 1.0, 3.0], size=M)
    models = pair(kind, hidden_layer_sizes=(), alpha=0.1, **CONVERGING)
    ours, theirs = (model.fit(x, y, sample_weight=weights) for model in models)
    assert ours.loss_ == pytest.approx(theirs.loss_, rel=LIMIT)
    repeated = np.repeat(np.arange(M), weights.astype(int))
    again = pair(kind, hidden_layer_sizes=(), alpha=0.1, **CONVERGING)[0]
    again.fit(x[repeated], y[repeated])
    assert again.loss_ == pytest.approx(ours.loss_, rel=LIMIT)


# of several numbers scikit-learn's gradient is not that of its loss, and ours is
@quiet
@judged_kinds(*(kind for kind in KINDS if kind != "multioutput"))
def test_estimator_lbfgs_starts_and_steps_as_scikit_learns(kind: str) -> None:
    """A few iterations amplify rounding little: the weights themselves agree."""
    x, y = data(kind)
    ours, theirs = (model.fit(x, y) for model in pair(kind, solver="lbfgs", max_iter=5))
    assert ours.n_iter_ == theirs.n_iter_ == 5 and ours.t_ == theirs.t_ == 0
    for mine, judges in zip(
        ours.coefs_ + ours.intercepts_, theirs.coefs_ + theirs.intercepts_, strict=True
    ):
        np.testing.assert_allclose(mine, judges, rtol=1e-7, atol=1e-7)
    assert not ours.coefs_[0].flags.owndata or ours.coefs_[0].flags.writeable


@quiet
@pytest.mark.parametrize("limit", [{"max_iter": 4}, {"max_fun": 4}], ids=str)
def test_estimator_lbfgs_warns_as_scikit_learns(limit: Any) -> None:
    x, y = data("regression")
    texts = []
    for model in pair("regression", solver="lbfgs", **limit):
        with pytest.warns(ConvergenceWarning) as caught:
            model.fit(x, y)
        texts.append([str(warning.message) for warning in caught])
        assert model.n_iter_ <= 4
    assert len(texts[0]) == 1
    if has_callback_protocol:  # since 1.9; before, it said less
        assert texts[0] == texts[1]


@quiet
@kinds(*KINDS)
def test_estimator_lbfgs_keeps_float32(kind: str) -> None:
    x, y = data(kind)
    single = ours(kind, hidden_layer_sizes=(), alpha=0.1, **CONVERGING)
    double = ours(kind, hidden_layer_sizes=(), alpha=0.1, **CONVERGING).fit(x, y)
    single.fit(x.astype(np.float32), y)
    assert {array.dtype for array in single.coefs_ + single.intercepts_} == {np.dtype("f4")}
    if not hasattr(single, "classes_"):
        assert single.predict(x.astype(np.float32)).dtype == np.float32
    # finished in float64, from data rounded at 6e-8
    assert single.loss_ == pytest.approx(double.loss_, rel=1e-5)


@quiet
@kinds("multiclass", "regression")
def test_estimator_lbfgs_has_a_loss_curve(kind: str, capsys: Any) -> None:
    model = ours(kind, solver="lbfgs", max_iter=30, verbose=True).fit(*data(kind))
    printed = capsys.readouterr().out.splitlines()
    assert len(model.loss_curve_) == model.n_iter_
    assert np.all(np.diff(model.loss_curve_) <= 0), "its line search never goes up"
    assert model.loss_ == pytest.approx(model.loss_curve_[-1], rel=1e-12)
    assert model.best_loss_ == min(model.loss_curve_) and model.validation_scores_ is None
    lines = [line for line in printed if line.startswith("Iteration")]
    assert lines == [
        f"Iteration {k}, loss = {loss:.8f}" for k, loss in enumerate(model.loss_curve_, 1)
    ]


@quiet
@kinds("binary", "regression")
def test_estimator_lbfgs_stops_early(kind: str) -> None:
    rng = np.random.default_rng(0)
    x = rng.standard_normal((80, 20))
    y = rng.integers(2, size=80) if kind == "binary" else rng.standard_normal(80)
    parameters = {"solver": "lbfgs", "early_stopping": True, "n_iter_no_change": 4, "alpha": 0}
    model = ours(kind, hidden_layer_sizes=(30,), max_iter=500, **parameters).fit(x, y)
    scores = model.validation_scores_
    assert len(scores) == model.n_iter_ == len(model.loss_curve_) < 500
    assert model.best_validation_score_ == max(scores) and model.best_loss_ is None
    assert max(scores[-5:]) < max(scores[:-5]) + model.tol, "4 epochs in vain and one more"
    # the best weights are back: on the same rows they give the best score
    seen: dict[str, Any] = {}

    def scoring(estimator: Any, x_val: Any, y_val: Any) -> float:
        seen["rows"] = x_val, y_val
        return float(estimator.score(x_val, y_val))

    again = ours(kind, hidden_layer_sizes=(30,), max_iter=500, scoring=scoring, **parameters)
    again.fit(x, y)
    assert again.validation_scores_ == pytest.approx(scores)
    assert again.score(*seen["rows"]) == again.best_validation_score_ >= scores[-1]
    assert kind == "binary" or max(scores) > scores[-1], "this case shows nothing"


@quiet
@judged_kinds("multiclass", "regression")
def test_estimator_lbfgs_goes_on_with_warm_start(kind: str) -> None:
    x, y = data(kind)
    ours, theirs = pair(kind, solver="lbfgs", max_iter=3, warm_start=True)
    for _ in range(3):
        ours.fit(x, y)
        theirs.fit(x, y)
        assert ours.n_iter_ == theirs.n_iter_ == 3
        assert ours.loss_ == pytest.approx(theirs.loss_, rel=1e-6)
    assert len(ours.loss_curve_) == 9


@pytest.mark.parametrize("solver", ["lbfgs", "lm"])
def test_estimator_lbfgs_and_lm_have_no_partial_fit(solver: str) -> None:
    for name in ("Classifier", "Regressor"):
        model = getattr(sn, f"ShallowNet{name}")(solver=solver)
        assert not hasattr(model, "partial_fit")
        with pytest.raises(AttributeError, match="partial_fit"):
            model.partial_fit(np.zeros((3, N_X)), [0, 1, 0])


# bits

FITTED = """
import hashlib, sys, warnings
import numpy as np
import shallownet_native as sn
warnings.simplefilter("ignore")
rng = np.random.default_rng(0)
X = rng.normal(size=(60, 4))
y = np.sin(X[:, 0]) + X[:, 1] ** 2
model = sn.ShallowNetRegressor(hidden_layer_sizes=2500, solver="lbfgs", max_iter=60, random_state=1)
model.fit(X, y)
X = rng.normal(size=(60, 40))
scaled = sn.ShallowNetRegressor(hidden_layer_sizes=5, solver="lbfgs", max_iter=5, random_state=1)
scaled.set_params(standardize=True).fit(X, y)
arrays = model.coefs_ + scaled.coefs_ + scaled.intercepts_
print(hashlib.sha256(b"".join(a.tobytes() for a in arrays)).hexdigest(), model.n_iter_)
"""


def test_estimator_lbfgs_gives_the_same_bits_for_any_threads_and_blas() -> None:
    """15,001 parameters: vectors long enough for a BLAS to share them out."""

    def fitted(way: tuple[str, str]) -> str:
        n, core = way
        threads = {"OMP_NUM_THREADS": n, "OPENBLAS_NUM_THREADS": n, "MKL_NUM_THREADS": n}
        threads |= {"SHALLOWNET_NUM_THREADS": n, **({"OPENBLAS_CORETYPE": core} if core else {})}
        return subprocess.check_output(
            [sys.executable, "-c", FITTED], env={**os.environ, **threads}, text=True
        )

    assert len(set(at_once(fitted, ("1", ""), ("2", "Haswell"), ("3", "Nehalem")))) == 1
