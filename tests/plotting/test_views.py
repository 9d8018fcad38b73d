"""Every kind of model that pictures take, every form of data, and every error about them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from scipy import sparse
from sklearn.ensemble import RandomForestClassifier
from sklearn.model_selection import GridSearchCV
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

import shallownet_native as sn
from drawings import legend_of, limits_of, middles
from shallownet_native import ShallowNetClassifier, ShallowNetRegressor, TableEncoder
from shallownet_native.models import view_of

boundary = sn.plotting.decision_boundary


@pytest.fixture
def rows() -> Any:
    return np.random.default_rng(0).normal(size=(80, 2)) * [1.0, 50.0]


@pytest.fixture
def y(rows: Any) -> Any:
    return np.where(rows[:, 0] > 0, "yes", "no")


def small(**options: Any) -> Any:
    return ShallowNetClassifier((6,), max_iter=30, random_state=0, **options)


def drawn_probabilities(ax: Any, n: int = 20) -> tuple[Any, Any]:
    """Return the grid (n * n, 2) and the values that were drawn for it."""
    return middles(limits_of(ax), n), np.ravel(ax.images[0].get_array())


# kinds of estimator


@pytest.mark.parametrize("label", [str, object, int, bool])
def test_views_of_two_classes_name_them_and_draw_the_second(
    label: Any, rows: Any, y: Any, fitted: Any
) -> None:
    y = y.astype(object) if label is object else y if label is str else (y == "yes").astype(label)
    model = fitted(small(), rows, y)
    ax = boundary(model, rows, y, resolution=20)
    grid, values = drawn_probabilities(ax)
    assert np.allclose(values, model.predict_proba(grid)[:, 1])
    assert legend_of(ax) == [str(name) for name in model.classes_]


@pytest.mark.parametrize("frame", [pd.DataFrame, pl.DataFrame, pa.table])
def test_views_frame_the_grid_as_the_data(frame: Any, rows: Any, y: Any, fitted: Any) -> None:
    X = frame({"age": rows[:, 0], "income": rows[:, 1]})
    if frame is pa.table:
        model = fitted(make_pipeline(TableEncoder(), small()), X, y)
    else:
        model = fitted(make_pipeline(StandardScaler(), small()), X, y)
    ax = boundary(model, X, y, resolution=20)  # that names are missing would be a warning
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("age", "income")
    grid, values = drawn_probabilities(ax)
    framed = frame({"age": grid[:, 0], "income": grid[:, 1]})
    assert np.allclose(values, model.predict_proba(framed)[:, 1])


def test_views_of_pipelines_go_through_every_step(rows: Any, y: Any, fitted: Any) -> None:
    model = make_pipeline(StandardScaler(), make_pipeline(StandardScaler(), small()))
    fitted(model, rows, y)
    view = view_of(model, rows)
    inner = model[-1]
    scaled = inner[0].transform(model[0].transform(rows))
    assert np.allclose(view.hidden(view.rows(rows)), inner[-1].transform(scaled))
    parameters, X, Y = view.problem(rows, y)
    assert np.allclose(X.T, scaled) and np.array_equal(Y[0], y == "yes")
    penalty = inner[-1].alpha / 2 / len(rows) * sum((W**2).sum() for W in inner[-1].coefs_)
    probabilities = model.predict_proba(rows)[np.arange(80), (y == "yes").astype(int)]
    assert sn.cost(parameters, X, Y) == pytest.approx(-np.log(probabilities).mean())
    assert penalty > 0
    alone = fitted(Pipeline([("net", small())]), rows, y)
    assert np.allclose(view_of(alone).outputs(rows)[:, 0], alone.predict_proba(rows)[:, 1])


def test_views_of_a_search_are_its_best_estimator(rows: Any, y: Any, fitted: Any) -> None:
    pipeline = make_pipeline(StandardScaler(), small())
    search = GridSearchCV(pipeline, {"shallownetclassifier__alpha": [1e-4, 1.0]}, cv=2)
    fitted(search, rows, y)
    grid, values = drawn_probabilities(boundary(search, rows, y, resolution=20))
    assert np.allclose(values, search.predict_proba(grid)[:, 1])
    assert sn.plotting.hidden_units(search, rows, y).get_title() == "6 hidden units, relu"
    assert sn.plotting.learning_curve(search).lines


def test_views_of_several_classes_and_of_labels(rows: Any, fitted: Any) -> None:
    three = np.array(["a", "b", "c"])[np.digitize(rows[:, 0], [-0.5, 0.5])]
    model = fitted(small(), rows, three)
    ax = boundary(model, rows, three)
    assert legend_of(ax) == ["a", "b", "c"]
    view = view_of(model)
    assert np.allclose(view.outputs(rows), model.predict_proba(rows))
    parameters, X, Y = view.problem(rows, three)
    right = model.predict_proba(rows)[np.arange(80), np.digitize(rows[:, 0], [-0.5, 0.5])]
    assert sn.cost(parameters, X, Y) == pytest.approx(-np.log(right).mean())

    labels = np.column_stack((rows[:, 0] > 0, rows[:, 1] > 0)).astype(int)
    model = fitted(small(), rows, labels)
    for given in (labels, sparse.csr_matrix(labels)):
        ax = boundary(model, rows, given)
        assert set(legend_of(ax)) == {"none", "0", "1", "0 + 1"}
    view = view_of(model)
    assert view.kind == "labels" and np.allclose(view.outputs(rows), model.predict_proba(rows))
    assert np.array_equal(view.problem(rows, labels).Y, labels.T)


@pytest.mark.parametrize("loss", ["squared_error", "poisson"])
@pytest.mark.parametrize("n_y", [1, 2])
def test_views_of_regressors_are_what_they_predict(
    loss: str, n_y: int, rows: Any, fitted: Any
) -> None:
    y = np.abs(rows[:, :n_y] + [0.0, 1.0][:n_y])
    y = y[:, 0] if n_y == 1 else y
    options = {"standardize_target": True} if loss == "squared_error" else {}
    model = ShallowNetRegressor(
        loss, (5,), max_iter=20, standardize=True, random_state=0, **options
    )
    fitted(model, rows, y)
    view = view_of(model)
    expected = model.predict(rows).reshape(80, n_y)
    assert view.kind == "numbers" and np.allclose(view.outputs(rows), expected)
    parameters, X, _ = view.problem(rows, y)
    assert np.allclose(sn.forward(parameters, X).A2.T, expected), "scaling is in the weights"
    assert np.allclose(view.hidden(rows), model.transform(rows))
    boundary(model, rows, y)


def test_views_of_others_estimators_work_by_the_same_attributes(
    rows: Any, y: Any, fitted: Any
) -> None:
    X = rows / [1.0, 50.0]
    theirs = fitted(MLPClassifier((4,), "logistic", max_iter=20, random_state=0), X, y)
    view = view_of(theirs)
    assert np.allclose(sn.forward(view.network, X.T).A2[0], theirs.predict_proba(X)[:, 1])
    regressor = fitted(MLPRegressor(hidden_layer_sizes=(4,), max_iter=20), X, X[:, 0])
    assert np.allclose(view_of(regressor).outputs(X)[:, 0], regressor.predict(X))
    forest = fitted(RandomForestClassifier(5, random_state=0), X, y)
    grid, values = drawn_probabilities(boundary(forest, X, y, resolution=20))
    assert np.allclose(values, forest.predict_proba(grid)[:, 1])


def test_views_of_one_class_and_of_no_hidden_layer(rows: Any, y: Any, fitted: Any) -> None:
    only = fitted(small(), rows, np.full(80, "only"))
    assert not view_of(only).problem(rows, ["only"] * 80).Y.any(), "as in the fit"
    assert boundary(only, rows).images and sn.plotting.cost_surface(only, rows, ["only"] * 80)
    none = fitted(ShallowNetClassifier((), max_iter=20, random_state=0), rows, y)
    parameters = view_of(none).network
    assert parameters.n_h == 0 and parameters.output == "sigmoid"
    assert np.allclose(sn.forward(parameters, rows.T).A2[0], none.predict_proba(rows)[:, 1])


def test_views_of_results_are_their_parameters(plane: Any) -> None:
    result = sn.train(sn.initialize(2, 3, 1, seed=0), plane, plane[:1] > 0, n_iterations=5)
    assert view_of(result).network is result.parameters
    start = sn.initialize(2, 3, 1, seed=0)
    with pytest.raises(sn.DivergenceError) as caught:
        sn.train(start, plane, plane[:1], output="identity", learning_rate=1e300)
    assert boundary(caught.value.result, plane).images


def test_views_leave_models_and_data_as_they_are(make_network: Any, plane: Any) -> None:
    parameters, Y = make_network(), plane[:1] > 0.3
    before = (parameters.copy(), plane.copy(), Y.copy())
    boundary(parameters, plane, Y)
    sn.plotting.hidden_units(parameters, plane, Y)
    sn.plotting.cost_surface(parameters, plane, Y, resolution=3)
    sn.plotting.network_diagram(parameters)
    sn.plotting.hidden_size_sweep(plane, Y, [2], n_iterations=2)
    assert parameters == before[0]
    assert np.array_equal(plane, before[1]) and np.array_equal(Y, before[2])


# forms of Y


SIGMOID = {
    "columns": lambda b: b[np.newaxis].astype(float), "flat": lambda b: b, "list": list,
    "words": lambda b: np.where(b, "yes", "no"), "one and two": lambda b: b + 1,
    "objects": lambda b: np.where(b, "yes", "no").astype(object), "soft": lambda b: b * 0.4 + 0.3,
    "minus one": lambda b: 2 * b.astype(int) - 1,
}  # fmt: skip


@pytest.mark.parametrize("form", SIGMOID)
def test_views_of_two_classes_take_targets_in_every_form(
    form: str, make_network: Any, plane: Any
) -> None:
    truth = plane[0] > 0.3
    targets = view_of(make_network()).targets(SIGMOID[form](truth), plane.shape[1])
    assert np.array_equal(targets.codes, truth)
    names = {"words": ["no", "yes"], "objects": ["no", "yes"], "one and two": ["1", "2"]}
    assert targets.names == names.get(form, ["-1", "1"] if form == "minus one" else ["0", "1"])


@pytest.mark.parametrize("form", ["one-hot", "soft", "numbers", "floats", "row", "words", "from 1"])
def test_views_of_several_classes_take_targets_in_every_form(
    form: str, make_network: Any, plane: Any
) -> None:
    codes = np.arange(plane.shape[1]) % 3
    Y = {
        "one-hot": np.eye(3)[codes].T, "soft": 0.1 + 0.7 * np.eye(3)[codes].T, "numbers": codes,
        "floats": codes * 1.0, "row": codes[np.newaxis], "words": np.array(list("abc"))[codes],
        "from 1": codes + 1,
    }[form]  # fmt: skip
    targets = view_of(make_network(3, output="softmax")).targets(Y, len(codes))
    assert np.array_equal(targets.codes, codes)
    expected = {"words": ["a", "b", "c"], "from 1": ["1", "2", "3"]}
    assert targets.names == expected.get(form, ["0", "1", "2"])


def test_views_take_sparse_and_float32_inputs(make_network: Any, plane: Any) -> None:
    view = view_of(make_network())
    assert np.array_equal(view.rows(sparse.csc_matrix(plane)), plane.T)
    narrow = view_of(make_network().astype(np.float32))
    assert np.allclose(narrow.outputs(plane.T), view.outputs(plane.T), atol=1e-6)
    assert narrow.problem(plane, plane[0] > 0).X.dtype == np.float32
