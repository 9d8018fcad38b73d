"""Pickles of estimators: plain attributes, and the network as one vector.

That copies go on exactly is tested in `test_estimator_house.py` and, from files,
`test_estimator_files.py`.
"""

from __future__ import annotations

import copy
import io
import multiprocessing
import pickle
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn import config_context
from sklearn.model_selection import cross_validate

import shallownet_native as sn
from campaigns.common import breaking_off
from mlp_pairs import KINDS, data, kinds, neural_network, ours, weights_of
from test_estimator_files import assert_same

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


def again(model: Any) -> Any:
    return pickle.loads(pickle.dumps(model))


def fitted(kind: str = "multiclass", **options: Any) -> Any:
    return ours(kind, max_iter=5, **options).fit(*data(kind))


class Named(sn.ShallowNetClassifier):
    """A subclass with a parameter and an attribute of its own."""

    def __init__(self, name: str = "", *, max_iter: int = 200) -> None:
        super().__init__(max_iter=max_iter)
        self.name = name

    def fit(self, X: Any, y: Any) -> Any:
        super().fit(X, y)
        self.n_rows_ = len(X)
        return self


def classes_in(content: bytes) -> set[str]:
    """Return the modules and names that a pickle asks for."""
    found = set()

    class Reader(pickle.Unpickler):
        def find_class(self, module: str, name: str) -> Any:
            found.add(f"{module.split('.')[0]}.{name}")
            return super().find_class(module, name)

    Reader(io.BytesIO(content)).load()
    return found


@kinds(*KINDS)
def test_estimator_pickles_are_plain(kind: str) -> None:
    """Of ours the estimator's class alone, of scikit-learn nothing that depends on its version."""
    model = fitted(kind, standardize=True, early_stopping=True)
    names = {name for name in classes_in(pickle.dumps(model)) if not name.startswith("numpy.")}
    assert names == {f"shallownet_native.{type(model).__name__}"}
    state = model.__getstate__()
    vector, shape = state["_network"]
    assert vector.ndim == 1 and len(shape) == 3 and not {"coefs_", "_stored"} & state.keys()
    unfitted = sn.ShallowNetClassifier(3)
    assert unfitted.__getstate__() == unfitted.get_params() == again(unfitted).get_params()


def test_estimator_pickles_are_little_more_than_their_numbers() -> None:
    """2.6 kB of weights take 3.9 kB, with adam's memory 9.3 kB; 17.6 kB in scikit-learn's."""
    x, y = data("regression", m=1000)
    options: dict[str, Any] = {"hidden_layer_sizes": 54, "max_iter": 10, "random_state": 0}
    sizes = {}
    for solver, n_vectors in (("lbfgs", 1), ("sgd", 2), ("adam", 3)):
        model = sn.ShallowNetRegressor(solver=solver, **options).fit(x, y)
        n_bytes = 8 * weights_of(model).size
        assert n_bytes == 2600
        sizes[solver] = len(pickle.dumps(model))
        assert sizes[solver] < n_vectors * n_bytes + 2200
    theirs = neural_network.MLPRegressor(solver="adam", **options).fit(x, y)
    assert sizes["adam"] < 0.6 * len(pickle.dumps(theirs))


def test_estimator_pickles_take_any_object_as_a_parameter() -> None:
    stream = np.random.RandomState(3)
    model = fitted(random_state=stream, callbacks=[print_nothing], scoring=score)
    other = again(model)
    assert other.callbacks == [print_nothing] and other.scoring is score
    x, y = data("multiclass")
    for each in (model, other):
        each.partial_fit(x, y)
    assert weights_of(model).tobytes() == weights_of(other).tobytes()
    assert (other.random_state.get_state()[1] == stream.get_state()[1]).all()


def print_nothing(state: Any) -> None:
    pass


def score(model: Any, x: Any, y: Any) -> float:
    return 0.5


def test_estimator_pickles_keep_what_others_have_put_into_the_estimator() -> None:
    model = fitted().set_output(transform="default")
    with config_context(enable_metadata_routing=True):
        model.set_fit_request(sample_weight=True)
    model.remark = {"of": "the user"}
    del model.loss_curve_
    other = again(model)
    assert_same(other, model)
    assert other.remark == {"of": "the user"} and not hasattr(other, "loss_curve_")
    assert other._metadata_request.fit.requests == model._metadata_request.fit.requests


def test_estimator_pickles_of_subclasses_come_back() -> None:
    x, y = data("multiclass")
    model = Named("mine", max_iter=3).fit(x, y)
    other = again(model)
    assert type(other) is Named and other.name == "mine" and other.n_rows_ == len(x)
    assert_same(other, model)


@pytest.mark.parametrize("how", ["fork", "new"])
def test_estimator_pickles_go_on_exactly_in_other_processes(how: str, tmp_path: Path) -> None:
    x, y = data("binary")
    model = ours("binary").partial_fit(x, y, classes=[3, 7])
    job = model, x, y
    if how == "new":
        (tmp_path / "in").write_bytes(pickle.dumps(job))
        code = (
            "import pickle, sys\nfrom pathlib import Path\n"
            "model, x, y = pickle.loads(Path(sys.argv[1]).read_bytes())\n"
            "Path(sys.argv[2]).write_bytes(pickle.dumps(model.partial_fit(x, y)))\n"
        )
        command = [sys.executable, "-c", code, tmp_path / "in", tmp_path / "out"]
        subprocess.run(command, check=True)
        other = pickle.loads((tmp_path / "out").read_bytes())
    else:
        with multiprocessing.get_context(how).Pool(1) as pool:
            other = pool.apply_async(go_on, job).get(120)
    assert_same(other, model.partial_fit(x, y))


def go_on(model: Any, x: Any, y: Any) -> Any:
    return model.partial_fit(x, y)


def test_estimator_pickles_have_no_limit_for_names(tmp_path: Path) -> None:
    pd = pytest.importorskip("pandas")
    names = [f"a rather long name of a column, number {k}" for k in range(10_000)]
    x = pd.DataFrame(np.eye(2, len(names)), columns=names)
    model = sn.ShallowNetRegressor(hidden_layer_sizes=(), solver="gd", max_iter=1).fit(x, [1, 2])
    assert again(model).feature_names_in_.tolist() == names
    with pytest.raises(ValueError, match="a file allows"):
        sn.save(model, tmp_path / "never.snet")
    assert not list(tmp_path.iterdir())


# states that fits leave when they do not end well, and states that none leaves


def test_estimator_pickles_of_fits_that_were_stopped() -> None:
    """In the first epoch, when there is no loss yet, and before there is a network."""
    x, y = data("multiclass")
    model = ours("multiclass", learning_rate_init=1e300, solver="gd", alpha=0)
    with pytest.raises(sn.DivergenceError):
        model.fit(1e5 * x, y)
    assert_same(again(model), model)
    assert np.isnan(again(model).loss_) or again(model).loss_curve_
    model = ours("multiclass", batch_size=0.5)
    with pytest.raises(ValueError, match="batch_size"):
        model.fit(x, y)
    assert_same(again(model), model)
    model = ours("multiclass")
    with pytest.raises(ValueError, match="sample_weight"):
        model.fit(x, y, sample_weight=np.ones(3))
    assert not hasattr(model, "classes_")  # a fit that was refused changes nothing
    model.classes_ = np.array([5, 6, 7])  # as releases before 0.2 left and pickled it
    assert again(model).classes_.tolist() == [5, 6, 7]
    model = ours("binary", callbacks=breaking_off(0, RuntimeError))
    with pytest.raises(RuntimeError):
        model.fit(*data("binary"))
    model.callbacks = None
    assert_same(again(model), model)


CHANGES: dict[str, Any] = {
    "n_features_in_": 3, "n_outputs_": 2, "n_layers_": 2, "out_activation_": "logistic",
    "classes_": np.array([5, 6]), "loss_curve_": [[1.0]], "t_": -1, "n_iter_": 1.5,
    "loss_": "0.5", "validation_scores_": 0.5, "feature_names_in_": ["a"],
}  # fmt: skip


@pytest.mark.parametrize("name", CHANGES)
def test_estimator_pickles_take_states_that_no_fit_leaves(name: str) -> None:
    model = fitted()
    setattr(model, name, CHANGES[name])
    assert_same(again(model), model)
    assert_same(copy.deepcopy(model), model)
    with pytest.raises(ValueError, match="fit"):  # files do not
        model.to_record()


DAYS = np.array(["2020-01-01", "2021-01-01"], "M8[D]")


def test_estimator_pickles_take_any_label_and_any_weight() -> None:
    x, _ = data("binary")
    sides = (x[:, 0] > 0).astype(int)
    for labels in (DAYS, DAYS.astype("M8[ns]"), DAYS - DAYS[0]):
        model = sn.ShallowNetClassifier(max_iter=1).fit(x, labels[sides])
        for other in (again(model), copy.deepcopy(model)):
            assert other.classes_.dtype == labels.dtype
            assert (other.predict(x) == model.predict(x)).all()
        with pytest.raises(TypeError, match="Use pickle"):
            model.to_record()
    model = fitted()
    model.coefs_[0][0, 0] = np.nan
    assert np.isnan(again(model).coefs_[0][0, 0])
    model.coefs_[1] = np.zeros((2, 2, 2))
    assert again(model).coefs_[1].shape == (2, 2, 2), "no network, but the user's own"


def test_estimator_pickles_of_dates_as_labels_come_from_workers() -> None:
    x, _ = data("binary")
    model = sn.ShallowNetClassifier(max_iter=2, random_state=0)
    days = DAYS[(x[:, 0] > 0).astype(int)]
    found = cross_validate(model, x, days, cv=2, return_estimator=True, n_jobs=2)
    assert all((each.classes_ == DAYS).all() for each in found["estimator"])


@pytest.mark.parametrize("solver", ["adam", "sgd"])
def test_estimator_pickles_mapped_from_a_file_go_on(solver: str, tmp_path: Path) -> None:
    """joblib gives its workers large arrays as maps of a file, which cannot be written to."""
    joblib = pytest.importorskip("joblib")
    x, y = data("regression")
    model = ours("regression", solver=solver).partial_fit(x, y)
    joblib.dump(model, tmp_path / "model.joblib")
    other = joblib.load(tmp_path / "model.joblib", mmap_mode="r")
    other.coefs_[0] *= 1.0
    assert_same(other.partial_fit(x, y), model.partial_fit(x, y))


def test_estimator_pickles_shallow_copies_share_arrays() -> None:
    model = fitted()
    twin = copy.copy(model)
    assert all(a is b for a, b in zip(model.coefs_, twin.coefs_, strict=True))
    assert type(twin) is type(model) and vars(twin) is not vars(model)
    deep = copy.deepcopy(model)
    deep.coefs_[0][...] = 0
    assert model.coefs_[0].all() and not deep._stored.parameters.flat[:8].any()


# what a partial_fit goes on with, after other hands or another solver


@kinds("binary", "regression")
def test_estimator_pickles_a_new_network_has_no_old_optimizer(kind: str) -> None:
    """One that lbfgs fitted has none, even if adam fitted another one before."""
    x, y = data(kind)
    model = fitted(kind).set_params(solver="lbfgs", hidden_layer_sizes=(3,)).fit(x, y)
    assert not hasattr(model, "_optimizer")
    other = again(model).set_params(solver="adam").partial_fit(x, y)
    assert_same(other, model.set_params(solver="adam").partial_fit(x, y))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_estimator_pickles_of_weights_in_another_dtype_go_on(dtype: Any) -> None:
    x, y = data("binary")
    model = ours("binary", max_iter=5).fit(
        x.astype(np.float64 if dtype == np.float32 else np.float32), y
    )
    model.coefs_ = [array.astype(dtype) for array in model.coefs_]
    model.intercepts_ = [array.astype(dtype) for array in model.intercepts_]
    other = again(model)
    assert other.coefs_[0].dtype == dtype
    assert_same(other.partial_fit(x, y), model.partial_fit(x, y))


@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
def test_estimator_pickles_keep_the_types_of_losses(solver: str) -> None:
    model = fitted(solver=solver)
    for twin in (again(model), copy.deepcopy(model)):
        for name in ("loss_", "best_loss_"):
            assert type(getattr(twin, name)) is type(getattr(model, name)) is np.float64
        assert {type(loss) for loss in twin.loss_curve_ + model.loss_curve_} == {np.float64}
