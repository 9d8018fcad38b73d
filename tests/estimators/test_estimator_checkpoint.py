"""Checkpoints of fits: broken off anywhere, gone on with, and the same to the last attribute."""

from __future__ import annotations

import os
import pickle
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.base import clone

import shallownet_native as sn
from mlp_pairs import KINDS, data, kinds, ours
from shallownet_native.training import FirstOrder
from shallownet_native.training.checkpoints import CheckpointFile

N = 8  # epochs
RULES = {
    "adam": {"learning_rate_init": 0.01},
    "gd": {"solver": "gd", "batch_size": "auto", "learning_rate_init": 0.1},
    "sgd": {"solver": "sgd", "learning_rate_init": 0.02},
    "in order": {"solver": "sgd", "shuffle": False},
    "invscaling": {"solver": "sgd", "learning_rate": "invscaling"},
    # a tol that no epoch meets: the rate falls within the epochs
    "adaptive": {"solver": "sgd", "learning_rate": "adaptive", "tol": 1.0, "n_iter_no_change": 2},
    "stalled": {"tol": 1.0, "n_iter_no_change": 4},
}

pytestmark = pytest.mark.filterwarnings(
    "ignore:Stochastic Optimizer", "ignore:Early stopping has ended", "ignore:Training has ended"
)


@pytest.fixture(autouse=True)
def without_syncs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Spare the disk: these tests write hundreds of files, and pull no plug."""
    monkeypatch.setattr(os, "fsync", lambda descriptor: None)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "fit.snet"


def model(kind: str, **parameters: Any) -> Any:
    return ours(kind, **{"max_iter": N, "n_iter_no_change": 99, "batch_size": 32, **parameters})


def fitted(one: Any) -> dict[str, Any]:
    """Return all that a fit leaves, as values that compare to the last bit."""
    state = {k: v for k, v in vars(one).items() if k.endswith("_") or k.startswith("_")}
    state.pop("_stored", None)
    optimizer = state.pop("_optimizer")
    state["optimizer"] = {**vars(optimizer), "state": optimizer.state.tobytes()}
    kind, key, *rest = state.pop("_random_state").get_state()
    state["stream"] = (kind, key.tobytes(), *rest)
    state["weights"] = [array.tobytes() for array in (*state.pop("coefs_"), *state["intercepts_"])]
    for name in ("intercepts_", "_label_binarizer", "_skl_callbacks"):
        state.pop(name, None)
    state["types"] = {k: type(v) for k, v in state.items()}
    for name in ("loss_curve_", "validation_scores_", "validation_loss_curve_"):
        state[f"types of {name}"] = {type(value) for value in state[name] or []}
    return {k: v.tolist() if isinstance(v, np.ndarray) else v for k, v in state.items()}


def assert_same(one: Any, other: Any) -> None:
    mine, others = fitted(one), fitted(other)
    assert mine.keys() == others.keys()
    for name in mine:
        assert str(mine[name]) == str(others[name]), name  # NaN, too


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
@pytest.mark.parametrize("stopping", [{}, {"early_stopping": True, "validation_fraction": 0.2}])
def test_estimator_checkpoint_a_longer_fit_goes_on_from_any_epoch(
    path: Path, rule: Any, stopping: Any
) -> None:
    x, y = data("binary")
    whole = model("binary", **rule, **stopping).fit(x, y)
    assert whole.n_iter_ > 4
    for n in range(1, N + 1):
        path.unlink(missing_ok=True)
        kept = {**rule, **stopping, "checkpoint": path, "checkpoint_every": 1 + n % 4}
        short = model("binary", **{**kept, "max_iter": n}).fit(x, y)
        assert_same(short, model("binary", **{**rule, **stopping, "max_iter": n}).fit(x, y))
        assert_same(model("binary", **{**kept, "n_threads": 2}).fit(x, y), whole)


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
def test_estimator_checkpoint_a_fit_goes_on_again_and_again(path: Path, rule: Any) -> None:
    x, y = data("binary")
    for n in (1, 2, 5, N - 1, N):
        kept = model("binary", **{**rule, "max_iter": n}, checkpoint=path, checkpoint_every=3)
        assert_same(kept.fit(x, y), model("binary", **{**rule, "max_iter": n}).fit(x, y))


@kinds(*KINDS)
@pytest.mark.parametrize("more", [
    {"standardize": True}, {"early_stopping": True, "scoring": "loss"}, {"dtype": np.float32},
    {"activation": "leaky_relu", "hidden_layer_sizes": ()}, {"sparse": True},
], ids=str)  # fmt: skip
def test_estimator_checkpoint_of_a_killed_fit_goes_on_from_each_epoch_written(
    path: Path, monkeypatch: pytest.MonkeyPatch, kind: str, more: Any
) -> None:
    """What lies on the disk after each write is what a kill until the next one would leave."""
    options = dict(more)
    x, y = data(kind)
    x = x.astype(options.pop("dtype", np.float64))
    if options.pop("sparse", False):
        x = pytest.importorskip("scipy.sparse").csr_matrix(np.where(np.abs(x) > 0.5, x, 0))
    written = []
    write = CheckpointFile.write

    def write_and_copy(self: Any, *what: Any) -> None:
        write(self, *what)
        written.append(shutil.copy(path, path.with_suffix(f".{len(written)}")))

    with monkeypatch.context() as patched:
        patched.setattr(CheckpointFile, "write", write_and_copy)
        whole = model(kind, **options, checkpoint=path, checkpoint_every=3).fit(x, y)
    assert_same(whole, model(kind, **options).fit(x, y))
    assert len(written) == 4  # at epochs 0, 3, 6 and 8
    for left in written:
        assert_same(model(kind, **options, checkpoint=left).fit(x, y), whole)


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
@pytest.mark.parametrize("early_stopping", [False, True])
def test_estimator_checkpoint_of_a_fit_that_was_stopped_or_interrupted(
    path: Path, rule: Any, early_stopping: bool
) -> None:
    last = 0

    def stop(state: sn.EpochState) -> bool:
        return state.epoch == last

    def interrupt(state: sn.EpochState) -> None:
        if state.epoch == last:
            raise KeyboardInterrupt

    x, y = data("multiclass")
    options = {**rule, "early_stopping": early_stopping}
    whole = model("multiclass", **options).fit(x, y)
    for last in range(whole.n_iter_ - 1):
        path.unlink(missing_ok=True)
        kept = {**options, "checkpoint": path, "checkpoint_every": 3}
        assert model("multiclass", **kept, callbacks=stop).fit(x, y).n_iter_ == last + 1
        assert_same(model("multiclass", **kept).fit(x, y), whole)
        path.unlink()
        with pytest.raises(sn.TrainingInterrupted):
            model("multiclass", **kept, callbacks=interrupt).fit(x, y)
        seen: list[sn.EpochState] = []
        assert_same(model("multiclass", **kept, callbacks=seen.append).fit(x, y), whole)
        assert seen[0].epoch == last  # that one was not seen to the end
        assert [state.cost for state in seen] == whole.loss_curve_[last:]


def test_estimator_checkpoint_of_a_finished_fit_gives_its_attributes_at_once(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    x, y = data("binary")
    for rule in RULES.values():
        for more in ({}, {"early_stopping": True}):
            path.unlink(missing_ok=True)
            options = {**rule, **more, "checkpoint": str(path)}
            first = model("binary", **options).fit(x, y)
            with monkeypatch.context() as patched:
                patched.setattr(FirstOrder, "advance", None)
                patched.setattr(os, "replace", None)
                assert_same(model("binary", **options).fit(x, y), first)
                assert_same(model("binary", **options).fit(x, y), first)
                if first.n_iter_ < N:  # stopped for good
                    longer = model("binary", **{**options, "max_iter": 99})
                    assert_same(longer.fit(x, y), first)


def test_estimator_checkpoint_does_not_change_what_follows(path: Path) -> None:
    x, y = data("regression")
    plain = model("regression").fit(x, y)
    kept = model("regression", checkpoint=path, max_iter=3).fit(x, y)
    kept = clone(kept).set_params(max_iter=N).fit(x, y).set_params(checkpoint=None)
    for _ in range(3):
        assert_same(kept.partial_fit(x, y), plain.partial_fit(x, y))
    again = pickle.loads(pickle.dumps(model("regression", checkpoint=path).fit(x, y)))
    assert again.checkpoint == path
    assert np.array_equal(again.coefs_[0], model("regression").fit(x, y).coefs_[0])


def test_estimator_checkpoint_of_a_warm_start_is_its_own(path: Path) -> None:
    x, y = data("binary")
    for early_stopping in (False, True):
        options = {"warm_start": True, "early_stopping": early_stopping}
        plain = model("binary", **options).fit(x, y).fit(x, y)
        for n in (1, 5, N):
            path.unlink(missing_ok=True)
            warm = model("binary", **options).fit(x, y)
            left = pickle.dumps(warm.set_params(checkpoint=path, max_iter=n))
            warm.fit(x, y)
            warm = pickle.loads(left).set_params(max_iter=N).fit(x, y)
            assert np.array_equal(warm.coefs_[0], plain.coefs_[0])
            assert warm.loss_curve_ == plain.loss_curve_ and len(warm.loss_curve_) == 2 * N
            assert warm.validation_scores_ == plain.validation_scores_
            assert (warm.t_, warm.n_iter_) == (plain.t_, plain.n_iter_)
        with pytest.raises(ValueError, match="differs in its start"):
            warm.fit(x, y)


@pytest.mark.filterwarnings("ignore:Solver produced non-finite")
def test_estimator_checkpoint_of_a_fit_that_diverges_is_the_last_regular_one(path: Path) -> None:
    x, y = data("regression")
    wild = {"activation": "identity", "learning_rate_init": 1e3, "solver": "sgd", "max_iter": 500}
    with pytest.raises(sn.DivergenceError):
        model("regression", **wild, checkpoint=path).fit(x, y)
    path.unlink()
    plain = model("regression", **wild, early_stopping=True).fit(x, y)
    for every in (2, 5):  # the second goes on from what the first has left
        kept = {"checkpoint": path, "checkpoint_every": every}
        assert_same(model("regression", **wild, early_stopping=True, **kept).fit(x, y), plain)


# whose it is, and what is refused

OTHERS: list[tuple[str, dict[str, Any]]] = [
    ("network", {"hidden_layer_sizes": (7,)}),
    ("network", {"activation": "tanh"}),
    ("network", {"negative_slope": 0.5}),
    ("options", {"solver": "sgd"}),
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
        ({"solver": "lbfgs"}, "solver='lbfgs' cannot go on from a checkpoint"),
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
