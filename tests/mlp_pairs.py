"""Our estimators beside scikit-learn's: data, pairs with equal parameters, how fits are compared.

MLPClassifier and MLPRegressor of the installed scikit-learn are the judges. What an old one lacks
(sample weights and the Poisson loss came in 1.7) is skipped there.
"""

from __future__ import annotations

import inspect
from typing import Any

import numpy as np
import pytest

neural_network = pytest.importorskip("sklearn.neural_network")

import shallownet_native as sn  # noqa: E402  (loads the estimators, which need scikit-learn)

THEIRS_WEIGHS = "sample_weight" in inspect.signature(neural_network.MLPRegressor.fit).parameters
needs_weights = pytest.mark.skipif(not THEIRS_WEIGHS, reason="scikit-learn < 1.7 has no weights")
needs_poisson = pytest.mark.skipif(not THEIRS_WEIGHS, reason="scikit-learn < 1.7 has no Poisson")

M, N_X = 120, 4
LIMIT = 1e-9  # promised: max|difference| / max|theirs| per array, after 20 epochs in float64

CLASSIFICATIONS = ("binary", "multiclass", "multilabel")
KINDS = (*CLASSIFICATIONS, "regression", "multioutput", "poisson")
SOLVERS: dict[str, dict[str, Any]] = {
    "adam": {"learning_rate_init": 0.01},
    "adam, other constants": {"beta_1": 0.7, "beta_2": 0.9, "epsilon": 1e-3},
    "sgd": {"solver": "sgd", "learning_rate_init": 0.02},
    "sgd, no Nesterov": {"solver": "sgd", "nesterovs_momentum": False, "momentum": 0.6},
    "sgd, no momentum": {"solver": "sgd", "learning_rate_init": 0.05, "momentum": 0},
    "sgd, invscaling": {"solver": "sgd", "learning_rate": "invscaling", "power_t": 0.25},
    "sgd, adaptive": {  # a tol that no epoch meets: the rate falls within 20 epochs
        "solver": "sgd", "learning_rate": "adaptive", "tol": 1.0, "n_iter_no_change": 3,
    },
}  # fmt: skip


every_solver = pytest.mark.parametrize("solver", ["adam", "gd", "lbfgs", "sgd"])
quiet = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


def kinds(*names: str) -> Any:
    """Parametrise a test over kinds of targets."""
    return pytest.mark.parametrize("kind", names)


def judged_kinds(*names: str) -> Any:
    """Do the same where scikit-learn's estimator is fitted too."""
    marks = {"poisson": needs_poisson}
    cases = [pytest.param(name, marks=marks.get(name, ())) for name in names]
    return pytest.mark.parametrize("kind", cases)


def data(kind: str, m: int = M, seed: int = 0) -> tuple[Any, Any]:
    """Return rows and targets that depend on the rows, with noise enough never to saturate."""
    rng = np.random.default_rng(seed)
    x = rng.standard_normal((m, N_X))
    z = x @ rng.standard_normal((N_X, 3)) + rng.standard_normal((m, 3))
    targets = {
        "binary": np.where(z[:, 0] > 0, 7, 3),
        "multiclass": z.argmax(axis=1) + 5,
        "multilabel": (z > 0).astype(int),
        "regression": z[:, 0],
        "multioutput": z,
        "poisson": rng.poisson(np.exp(0.5 * np.tanh(z[:, 0]))).astype(float),
    }
    return x, targets[kind]


def small(name: str) -> tuple[Any, Any]:
    """Return data for a Classifier, or a Regressor."""
    return data("binary" if name == "Classifier" else "regression")


def estimator(library: Any, prefix: str, kind: str, parameters: dict[str, Any]) -> Any:
    name = "Classifier" if kind in CLASSIFICATIONS else "Regressor"
    defaults = {"hidden_layer_sizes": (6,), "max_iter": 20, "batch_size": 32, "random_state": 0}
    if kind == "poisson":
        defaults["loss"] = "poisson"
    return getattr(library, prefix + name)(**{**defaults, **parameters})


def pair(kind: str, **parameters: Any) -> tuple[Any, Any]:
    """Return our estimator and scikit-learn's with the same parameters."""
    ours = estimator(sn, "ShallowNet", kind, parameters)
    return ours, estimator(neural_network, "MLP", kind, parameters)


def ours(kind: str, **parameters: Any) -> Any:
    """Return our estimator alone; unless told otherwise, M examples are one batch."""
    return estimator(sn, "ShallowNet", kind, {"batch_size": "auto", **parameters})


def weights_of(model: Any) -> Any:
    """Return all coefficients in one vector."""
    return np.concatenate([a.ravel() for a in model.coefs_ + model.intercepts_])


def assert_same_path(ours: Any, theirs: Any, limit: float = LIMIT) -> None:
    """Compare everything that a fit leaves behind."""
    for name in ("n_iter_", "t_", "n_layers_", "n_outputs_", "out_activation_", "n_features_in_"):
        assert getattr(ours, name, None) == getattr(theirs, name, None), name
    for name in ("coefs_", "intercepts_"):
        mine, judges = getattr(ours, name), getattr(theirs, name)
        assert isinstance(mine, list) and len(mine) == len(judges)
        for got, expected in zip(mine, judges, strict=True):
            assert got.shape == expected.shape and got.dtype == expected.dtype
            assert np.abs(got - expected).max() <= limit * np.abs(expected).max(), name
    for name in ("loss_", "best_loss_", "loss_curve_", "best_validation_score_"):
        assert_close(getattr(ours, name), getattr(theirs, name), limit, name)
    assert_close(ours.validation_scores_, theirs.validation_scores_, limit, "validation_scores_")
    if hasattr(theirs, "_optimizer"):  # not after lbfgs
        rates = [model._optimizer.learning_rate for model in (ours, theirs)]
        np.testing.assert_allclose(*rates, rtol=1e-12)


def assert_close(mine: Any, judges: Any, limit: float, name: str) -> None:
    assert (mine is None) == (judges is None), name
    if mine is not None:
        assert type(mine) is type(judges) or isinstance(mine, type(judges)), name
        # a loss or a score is of order 1; near a minimum that is 0 it has no relative accuracy
        np.testing.assert_allclose(mine, judges, rtol=limit, atol=limit, err_msg=name)


def fit_both(kind: str, x: Any, y: Any, weights: Any = None, **parameters: Any) -> tuple[Any, Any]:
    ours, theirs = pair(kind, **parameters)
    arguments = (x, y) if weights is None else (x, y, weights)
    return ours.fit(*arguments), theirs.fit(*arguments)
