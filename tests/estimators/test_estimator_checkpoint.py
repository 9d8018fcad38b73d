"""Checkpoints of fits: what they share with warm starts and pickles, and whose they are.

`test_checkpoint.py` breaks fits off, with all other trainings.
"""

from __future__ import annotations

import contextlib
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.base import clone

import shallownet_native as sn
from campaigns.common import breaking_off
from checkpoint_subjects import N, left
from mlp_pairs import data, ours

pytestmark = pytest.mark.filterwarnings("ignore:Stochastic Optimizer")


def model(kind: str, **parameters: Any) -> Any:
    return ours(kind, **{"max_iter": N, "n_iter_no_change": 99, "batch_size": 32, **parameters})


def test_estimator_checkpoint_does_not_change_what_follows(path: Path) -> None:
    x, y = data("regression")
    plain = model("regression").fit(x, y)
    kept = model("regression", checkpoint=path, max_iter=3).fit(x, y)
    kept = clone(kept).set_params(max_iter=N).fit(x, y).set_params(checkpoint=None)
    for _ in range(3):
        assert left(kept.partial_fit(x, y)) == left(plain.partial_fit(x, y))
    again = pickle.loads(pickle.dumps(model("regression", checkpoint=path).fit(x, y)))
    assert again.checkpoint == path
    assert np.array_equal(again.coefs_[0], model("regression").fit(x, y).coefs_[0])


def test_estimator_checkpoint_of_a_warm_start_is_its_own(path: Path) -> None:
    x, y = data("binary")
    for early_stopping in (False, True):
        options = {"warm_start": True, "early_stopping": early_stopping}
        plain = model("binary", **options).fit(x, y).fit(x, y)
        for n, callback in ((1, None), (5, None), (N, None), (N, breaking_off(N + 4))):
            path.unlink(missing_ok=True)
            warm = model("binary", **options).fit(x, y).set_params(checkpoint=path)
            before = pickle.dumps(warm)
            with contextlib.suppress(sn.TrainingInterrupted):
                warm.set_params(max_iter=n, callbacks=callback).fit(x, y)
            warm = pickle.loads(before).fit(x, y)
            assert left(warm) == left(plain) and len(warm.loss_curve_) == 2 * N
        with pytest.raises(ValueError, match="differs in its start"):
            warm.fit(x, y)


# whose it is, and what is refused

OTHERS: list[tuple[str, dict[str, Any]]] = [
    ("network", {"hidden_layer_sizes": (7,)}),
    ("network", {"activation": "tanh"}),
    ("network", {"negative_slope": 0.5}),
    ("options", {"solver": "sgd"}),
    ("options", {"solver": "lbfgs"}),
    ("options", {"alpha": 0.1}),
    ("options", {"learning_rate_init": 0.1}),
    ("options", {"batch_size": 31}),
    ("options", {"tol": 0.1}),
    ("options", {"n_iter_no_change": 98}),
    ("options", {"shuffle": False}),
    ("options", {"early_stopping": True}),
    ("options", {"random_state": 1}),
    ("options", {"standardize": True}),
    ("options", {"scoring": "f1"}),
    ("data", {"class_weight": {3: 2.0, 7: 1.0}}),
]


def test_estimator_checkpoint_says_how_another_fit_differs(path: Path) -> None:
    x, y = data("binary")
    model("binary", checkpoint=path).fit(x, y)
    content = path.read_bytes()
    for group, other in OTHERS:
        with pytest.raises(ValueError, match=f"differs in its {group}"):
            model("binary", checkpoint=path, **other).fit(x, y)
        assert path.read_bytes() == content
    for arguments in ((-x, y), (x, y[::-1]), (x, y, np.arange(len(y)))):
        with pytest.raises(ValueError, match="differs in its data"):
            model("binary", checkpoint=path).fit(*arguments)
    with pytest.raises(ValueError, match="differs in its data"):
        model("binary", checkpoint=path).fit(x, y, X_val=x, y_val=y)
    with pytest.raises(ValueError, match="only 5 are asked for"):
        model("binary", checkpoint=path, max_iter=5).fit(x, y)
    with pytest.raises(ValueError, match="differs in its"):
        ours("regression", max_iter=N, checkpoint=path).fit(x, y)
    scaled = model("regression", checkpoint=path.with_suffix(".b"), standardize_target=True)
    with pytest.raises(ValueError, match="differs in its data"):
        scaled.fit(x, y).set_params(standardize_target=False).fit(x, y)


def test_estimator_checkpoint_does_not_depend_on_what_changes_no_bit(path: Path) -> None:
    x, y = data("binary")
    whole = model("binary", checkpoint=path).fit(x, y)
    for same in ({"n_threads": 3}, {"callbacks": [print]}, {"verbose": True}, {"alpha": 1e-4},
                 {"progress": True}, {"checkpoint_every": 1}, {"warm_start": True}):  # fmt: skip
        again = model("binary", checkpoint=path, **same).fit(np.asfortranarray(x), y)
        assert np.array_equal(again.coefs_[0], whole.coefs_[0])


def test_estimator_checkpoint_refuses_what_it_cannot_keep(path: Path) -> None:
    x, y = data("binary")
    cases: list[tuple[dict[str, Any], str]] = [
        ({"random_state": None}, "random_state must be an int"),
        ({"random_state": np.random.RandomState(0)}, "random_state must be an int"),
        ({"checkpoint_every": 0}, "The 'checkpoint_every' parameter"),
        ({"checkpoint": 3}, "The 'checkpoint' parameter"),
    ]
    for parameters, message in cases:
        with pytest.raises(ValueError, match=message):
            model("binary", **{"checkpoint": path, **parameters}).fit(x, y)
    with pytest.raises(ValueError, match="partial_fit writes no checkpoints"):
        model("binary", checkpoint=path).partial_fit(x, y, classes=np.unique(y))
    assert not path.exists()
    sn.save(sn.initialize(2, 3, 1, seed=0), path)
    content = path.read_bytes()
    with pytest.raises(sn.ModelFormatError, match="holds a 'parameters', no checkpoint"):
        model("binary", checkpoint=path).fit(x, y)
    assert path.read_bytes() == content
