"""Estimators in `.snet` files: they come back whole, and go on as if they had never been away.

`test_estimator_pickles.py` is about pickles, `test_estimator_hostile.py` about files made on
purpose.
"""

from __future__ import annotations

import math
import os
import pathlib
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.pipeline import make_pipeline

import shallownet_native as sn
from mlp_pairs import CLASSIFICATIONS, KINDS, data, kinds, ours
from shallownet_native.files import snet

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
GOLDEN = Path(__file__).parents[1] / "golden"
ROWS = np.array([[0.5, -1.0], [2.0, 0.25], [-1.5, 3.0], [0.0, 0.0]])
CUPS = ["cup", "cup", "plate", "cup"]  # of the golden files
PROBABILITIES = [
    [0.07097011088603657, 0.9285456118157088, 0.0004842772982545402],
    [0.37248238646988646, 0.6270996427277502, 0.0004179708023632288],
    [0.00047262081548195945, 0.01868844523440728, 0.9808389339501109],
    [0.0012703867863501103, 0.9984073440840584, 0.00032226912959150195],
]
NUMBERS = [0.5120015740394592, 2.255983091890812, -2.3699024319648743, -0.20847442746162415]
NOT_KEPT = {"_stored", "_random_state", "checkpoint"}  # every fit begins with a generator anyway


def through_a_file(model: Any, path: Path) -> Any:
    sn.save(model, path)
    return sn.load(path)


def simplified(value: Any) -> Any:
    """Return a value that == compares: arrays as dtype, shape and bytes, objects as their parts."""
    if isinstance(value, np.ndarray):
        content = value.tolist() if value.dtype == object else np.ascontiguousarray(value).tobytes()
        return value.dtype, value.shape, content
    if isinstance(value, (list, tuple)):
        return type(value), [simplified(part) for part in value]
    if type(value).__name__ == "MetadataRequest":
        return str(value)
    if type(value).__name__ in ("Optimizer", "LabelBinarizer"):
        return {name: simplified(part) for name, part in vars(value).items()}
    return repr(float(value)) if isinstance(value, float) else value


def assert_same(mine: Any, other: Any) -> None:
    """Compare every attribute."""
    assert type(mine) is type(other)
    left, right = ({k: simplified(v) for k, v in vars(m).items()} for m in (mine, other))
    assert left.keys() - NOT_KEPT == right.keys() - NOT_KEPT
    for name in left.keys() - NOT_KEPT:
        assert left[name] == right[name], name


@kinds(*KINDS)
@pytest.mark.parametrize("solver", ["adam", "gd", "sgd", "lbfgs"])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_estimator_files_come_back_whole(kind: str, solver: str, dtype: Any, path: Path) -> None:
    x, y = data(kind)
    options = {"early_stopping": True, "standardize": True} if solver == "lbfgs" else {}
    model = ours(kind, solver=solver, max_iter=7, **options).fit(x.astype(dtype), y)
    again = through_a_file(model, path)
    assert_same(again, model)
    assert again.predict(x).tobytes() == model.predict(x).tobytes()
    assert path.read_bytes() == snet.encode(again.to_record())


@kinds("binary", "multiclass", "multilabel", "multioutput", "poisson")
@pytest.mark.parametrize("solver", ["adam", "sgd"])
def test_estimator_files_go_on_exactly(kind: str, solver: str, path: Path) -> None:
    """With partial_fit and with warm starts, every epoch from a file again."""
    x, y = data(kind)
    options = {"learning_rate": "invscaling", "standardize": True, "warm_start": True}
    model = ours(kind, solver=solver, max_iter=3, batch_size=25, **options).fit(x, y)
    again = through_a_file(model, path)
    for _ in range(3):
        model.partial_fit(x, y)
        again = through_a_file(again.partial_fit(x, y), path)
        assert_same(again, model)
    assert_same(through_a_file(again, path).fit(x, y), model.fit(x, y))


@pytest.mark.parametrize(
    "labels",
    [
        np.array([True, False, True]), np.array([False] * 3), np.array([3, 1, 2], np.uint8),
        np.array([2**63 - 1, -(2**63), 0]), np.array([2**64 - 1, 0, 1], np.uint64),
        np.array([1, 2, 1], np.float32), np.array([1, 2, 3], np.float16),
        np.array(["", "größe", '"\\\n']), np.array(["b", "a", "b"], "U40"),
        np.array(["x" * 500, "y", "z"], object), np.array([3, 2, 1], ">i4"),
    ],
    ids=lambda labels: f"{labels.dtype} {labels[0]!s:.5}",
)  # fmt: skip
def test_estimator_files_keep_labels_of_every_kind(labels: Any, path: Path) -> None:
    model = sn.ShallowNetClassifier((2,), max_iter=2, random_state=0).fit(ROWS[:3], labels)
    again = through_a_file(model, path)
    predicted = again.predict(ROWS)
    assert predicted.dtype == model.predict(ROWS).dtype.newbyteorder("=")
    assert np.array_equal(predicted, model.predict(ROWS)) and set(predicted) <= set(labels)
    assert again.classes_.tolist() == np.unique(labels).tolist()


@kinds(*CLASSIFICATIONS)
def test_estimator_files_make_the_binarizer_that_fitting_makes(kind: str, path: Path) -> None:
    x, y = data(kind)
    model = ours(kind, max_iter=1).fit(x, y)
    assert_same_binarizer(model, path)


def test_estimator_files_keep_that_labels_came_sparse(path: Path) -> None:
    sparse = pytest.importorskip("scipy.sparse")
    x, y = data("multilabel")
    model = ours("multilabel", max_iter=1).fit(x, sparse.csr_array(y))
    assert_same_binarizer(model, path)
    assert type(through_a_file(model, path).predict(x)) is type(model.predict(x))


def assert_same_binarizer(model: Any, path: Path) -> None:
    fitted, made = (vars(m._label_binarizer) for m in (model, through_a_file(model, path)))
    assert {k: str(v) for k, v in fitted.items()} == {k: str(v) for k, v in made.items()}


PARAMETERS: dict[str, Any] = {
    "hidden_layer_sizes": [(), [], 7, (7,), [7], np.array([7]), np.int32(7)],
    "alpha": [0, 0.1, 1e-300, np.float32(0.1), np.float64(0.1)],
    "n_iter_no_change": [3, math.inf, np.float64(math.inf)],
    "random_state": [None, 0, 2**32 - 1, np.uint32(5)],
    "scoring": [None, "loss", "accuracy", np.str_("accuracy")],
    "verbose": [True, np.False_, 3],
    "class_weight": [
        None, "balanced", {0: 1.0, 1: 2}, {"a": 0.5, "": np.float64(2)}, {True: 1, False: 2},
        {np.int64(3): 1.5}, {0.0: 1}, [{0: 1, 1: 2}, {0: 3.5, 1: 1}],
    ],
    "callbacks": [None, [], ()],
}  # fmt: skip
CASES = [(name, value) for name, values in PARAMETERS.items() for value in values]


@pytest.mark.parametrize(("name", "value"), CASES, ids=repr)
def test_estimator_files_keep_parameters(name: str, value: Any, path: Path) -> None:
    """Of an estimator that is not fitted; NumPy's become Python's, arrays lists."""
    again = through_a_file(sn.ShallowNetClassifier(**{name: value}), path)
    got = again.get_params()
    plain = value.tolist() if isinstance(value, (np.ndarray, np.generic)) else value
    assert got[name] == plain and type(got[name]) is type(plain)
    assert got == sn.ShallowNetClassifier(**{name: plain}).get_params()
    assert not hasattr(again, "coefs_")


REFUSED: dict[str, Any] = {
    "callbacks": [print, [lambda state: None]],
    "scoring": [max],
    "random_state": [np.random.RandomState(0)],
    "class_weight": [
        {(0, 1): 1.0}, {0: object()}, {b"a": 1}, {0: np.longdouble(1)}, {0: 1j}, {None: {1}},
    ],
    "hidden_layer_sizes": [np.array([3], object) * np.float128(1) if os.name == "posix" else [1j]],
}  # fmt: skip
REFUSED_CASES = [(name, value) for name, values in REFUSED.items() for value in values]


@pytest.mark.parametrize(("name", "value"), REFUSED_CASES, ids=lambda v: repr(v)[:20])
def test_estimator_files_refuse_other_objects_by_name(name: str, value: Any, path: Path) -> None:
    with pytest.raises((TypeError, ValueError), match=name) as caught:
        sn.save(sn.ShallowNetClassifier(**{name: value}), path)
    assert isinstance(caught.value, TypeError) or name == "hidden_layer_sizes"
    assert not path.exists()


def test_estimator_files_refuse_what_fit_would_refuse(path: Path) -> None:
    nested: list[Any] = []
    nested.append(nested)
    for bad in (
        {"alpha": -1}, {"activation": "tahn"}, {"hidden_layer_sizes": (3, 3)},
        {"class_weight": nested}, {"random_state": 2**40},
    ):  # fmt: skip
        with pytest.raises(ValueError, match=next(iter(bad))):
            sn.save(sn.ShallowNetClassifier(**bad), path)
    with pytest.raises(ValueError, match="digits"):
        sn.save(sn.ShallowNetClassifier(class_weight={10**32: 1}), path)


def test_estimator_files_hold_no_class_but_ours(path: Path) -> None:
    class Mine(sn.ShallowNetRegressor):
        pass

    with pytest.raises(TypeError, match="Mine is a subclass"):
        sn.save(Mine(), path)
    with pytest.raises(TypeError, match="got type"):
        sn.save(sn.ShallowNetRegressor, path)
    with pytest.raises(TypeError, match="step 'mine' of the Pipeline: Mine is a subclass"):
        sn.save(make_pipeline(Mine()), path)


def test_estimator_files_choose_nothing_that_a_fit_writes_to(path: Path) -> None:
    """A path in somebody's file would be one that `fit` overwrites on my machine."""
    if "checkpoint" in sn.ShallowNetClassifier().get_params():
        for place in ("/tmp/x.snet", pathlib.Path("x.snet")):
            model = sn.ShallowNetClassifier(checkpoint=place)
            assert through_a_file(model, path).checkpoint is None
    record = sn.ShallowNetClassifier().to_record()
    record.fields["parameters"]["checkpoint"] = "/tmp/x.snet"
    path.write_bytes(snet.encode(record))
    with pytest.raises(sn.ModelFormatError, match="unknown"):
        sn.load(path)


# golden files


def test_estimator_files_of_version_1_keep_loading() -> None:
    """The files were written by release 0.1.0 and stay as they are."""
    model = sn.load(GOLDEN / "classifier-1.snet")
    assert model.feature_names_in_.tolist() == ["width", "größe"]
    assert model.class_weight == {"cup": 2.0, "plate": 1} and model.hidden_layer_sizes == (2,)
    del model.feature_names_in_
    assert model.predict(ROWS).tolist() == CUPS
    np.testing.assert_allclose(model.predict_proba(ROWS), PROBABILITIES, rtol=1e-12)
    model.partial_fit(ROWS, ["cup", "bowl", "plate", "cup"])
    assert model.t_ == 68 and model._optimizer.t == 17 and len(model.loss_curve_) == 17
    other = sn.load(GOLDEN / "regressor-1.snet")
    assert other.coefs_[0].dtype == np.float32 and other.n_iter_no_change == math.inf
    np.testing.assert_allclose(other.predict(ROWS), NUMBERS, rtol=1e-6)
    assert other.validation_scores_ is None and len(other.validation_loss_curve_) == 3


# without scikit-learn, and on the command line


def test_estimator_files_say_when_scikit_learn_is_missing(path: Path) -> None:
    """And parameters and models neither need nor load it."""
    sn.save(sn.ShallowNetRegressor(), path)
    code = (
        "import sys, shallownet_native as sn\n"
        "sn.load(sys.argv[2]), sn.load(sys.argv[3])\n"
        "assert 'sklearn' not in sys.modules and 'scipy' not in sys.modules\n"
        "sys.modules['sklearn'] = None\n"
        "sn.load(sys.argv[1])\n"
    )
    files = [path, GOLDEN / "model-1.snet", GOLDEN / "parameters-1.snet"]
    run = subprocess.run([sys.executable, "-c", code, *files], capture_output=True, text=True)
    assert "MissingPackageError: shallownet_native.estimators needs scikit-learn" in run.stderr
