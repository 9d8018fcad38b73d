"""What the assignment's helper file provides: data, sigmoid and picture; and a whole notebook."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pytest

import shallownet_native as sn
from absent import without
from shallownet_native import course

X, Y = sn.datasets.flower()
PARAMETERS = course.nn_model(X, Y, 4, num_iterations=3000)


@pytest.fixture(autouse=True)
def axes() -> Iterator[Any]:
    mpl.use("Agg")
    axes = plt.figure().add_subplot()
    yield axes
    plt.close("all")


def test_planar_flower_is_that_of_the_data_sets() -> None:
    x, y = course.load_planar_dataset()
    assert np.array_equal(x, X) and np.array_equal(y, Y)


def test_planar_extra_sets_have_the_notebooks_shapes_and_order() -> None:
    np.random.seed(3)
    sets = course.load_extra_datasets()
    assert len(sets) == 5
    for x, y in sets:
        assert (x.shape, y.shape, y.dtype) == ((200, 2), (200,), np.int64)
    circles, moons, blobs, quantiles, nothing = sets
    radii = np.hypot(*circles[0].T)
    # noise of 0.3 on 100 points each: means are known to 0.03; 5 of those
    assert abs(radii[circles[1] == 0].mean() - 1.04) < 0.15
    assert abs(radii[circles[1] == 1].mean() - 0.59) < 0.15
    assert np.allclose(moons[0].mean(axis=0), [0.5, 0.25], atol=0.2)
    counts = np.bincount(blobs[1])
    assert counts.size == 6 and counts.min() >= 30 and (np.diff(blobs[1]) < 0).any()
    within = [blobs[0][blobs[1] == k].std(axis=0) for k in range(6)]
    assert 0.35 < np.min(within) and np.max(within) < 0.65
    shells = np.hypot(*quantiles[0].T)
    assert shells[quantiles[1] == 0].max() < shells[quantiles[1] == 1].min()
    assert nothing[0].min() >= 0 and nothing[0].max() < 1 and nothing[1].sum() == 100


def test_planar_extra_sets_are_drawn_from_the_global_stream() -> None:
    np.random.seed(3)
    first, second = course.load_extra_datasets(), course.load_extra_datasets()
    np.random.seed(3)
    again = course.load_extra_datasets()
    for (x, y), (other, _), (same, same_y) in zip(first, second, again, strict=True):
        assert np.array_equal(x, same) and np.array_equal(y, same_y)
        assert not np.array_equal(x, other)


def test_planar_sigmoid_is_that_of_any_number() -> None:
    assert course.sigmoid(0) == 0.5 and type(course.sigmoid(np.float64(1))) is float
    z = np.array([[-1e300, -745.0, -1.0], [0.0, 40.0, 1e300]])
    known = [[0.0, 5e-324, 1 / (1 + np.e)], [0.5, 1.0, 1.0]]
    assert np.allclose(course.sigmoid(z), known, rtol=1e-15, atol=0)
    assert np.array_equal(course.sigmoid([[1, 2]]), course.sigmoid(np.array([[1.0, 2.0]])))


@pytest.mark.parametrize(
    ("model", "labels"),
    [
        (lambda x: course.predict(PARAMETERS, x.T), Y),
        (lambda x: course.predict(PARAMETERS, x.T)[0], Y[0]),
        (lambda x: np.where(x[:, 0] > 0, "right", "left"), np.where(X[0] > 0, "right", "left")),
        (lambda x: (x > 0) @ [1, 2], ((X > 0).T @ [1, 2])[np.newaxis]),
    ],
    ids=["predict", "of rank 1", "words", "four classes"],
)
def test_planar_boundary_is_drawn_on_the_current_axes(model: Any, labels: Any, axes: Any) -> None:
    course.plot_decision_boundary(model, X, labels)
    assert plt.gca() is axes and axes.get_xlabel() == "x1"
    *areas, points = axes.collections
    assert np.array_equal(points.get_offsets(), X.T)
    classes = np.unique(np.ravel(labels))
    assert len(areas) == classes.size
    for area, name in zip(areas, classes, strict=True):
        # each kind of label has its area, which holds what the model calls so, and its colour
        inside = area.get_paths()[0].contains_points(X.T)
        assert (np.ravel(model(X.T))[inside] == name).mean() > 0.97 and inside.any()
        colours = points.get_facecolors()[np.ravel(labels) == name]
        assert np.array_equal(colours[:, :3], [area.get_facecolors()[0, :3]] * len(colours))


def test_planar_boundary_reaches_further_than_the_points(axes: Any) -> None:
    seen = []
    course.plot_decision_boundary(lambda x: (seen.append(x), x[:, 0] > 0)[1], X, Y)
    course.plot_decision_boundary(lambda x: (seen.append(x), x[:, 0] > 0)[1], X[:, :1], Y[:, :1])
    for grid, points in zip(seen, (X, X[:, :1]), strict=True):
        assert grid.shape[1] == 2
        assert (grid.min(axis=0) < points.min(axis=1)).all()
        assert (grid.max(axis=0) > points.max(axis=1)).all()


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        ((PARAMETERS, X, Y), TypeError, r"got dict: lambda x: predict\(parameters, x.T\)"),
        ((lambda x: x, X, Y), ValueError, r"label for each of the \d+ points"),
        (
            (lambda x: course.forward_propagation(x.T, PARAMETERS), X, Y),
            TypeError,
            r"a tuple of 2.*lambda x: forward_propagation\(x.T, parameters\)\[0\] > 0.5",
        ),
        ((lambda x: x[:, 0], (X, Y), Y), TypeError, "X is a tuple of 2.* write X, Y = "),
        ((lambda x: x[:, 0], X, Y), ValueError, r"two classes A2 > 0\.5"),
        ((lambda x: x[:, 0] > 0, X.T, Y), ValueError, r"got \(400, 2\): use X\.T"),
        ((lambda x: x[:, 0] > 0, X[0], Y), ValueError, r"got \(400,\)$"),
        ((lambda x: x[:, 0] > 0, X, Y[:, 1:]), ValueError, r"each of the 400 examples, got \(1, 3"),
        ((lambda x: x[:, 0] > 0, X + np.nan, Y), ValueError, "X must be finite"),
    ],
)
def test_planar_boundary_says_what_it_takes(arguments: Any, error: Any, words: str) -> None:
    with pytest.raises(error, match=words):
        course.plot_decision_boundary(*arguments)
    assert not plt.gca().collections


def test_planar_picture_alone_needs_matplotlib() -> None:
    code = (
        without("matplotlib", "sklearn")
        + """
from shallownet_native.course import *
X, Y = load_planar_dataset()
load_extra_datasets(), sigmoid(1.0), nn_model(X, Y, 4, num_iterations=1)
plot_decision_boundary(lambda x: x[:, 0] > 0, X, Y)
"""
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert "pip install 'shallownet-native[plot]'" in run.stderr.splitlines()[-1]
    assert "course.plot_decision_boundary needs matplotlib" in run.stderr.splitlines()[-1]


# Such as a learner has it, in other words: {} is where the functions come from
NOTEBOOK = """
import copy
import numpy as np
import matplotlib.pyplot as plt
from {} import *

X, Y = load_planar_dataset()
plt.scatter(X[0, :], X[1, :], c=Y, s=40, cmap=plt.cm.Spectral)
print(X.shape, Y.shape, X.shape[1])

np.random.seed(3)
n_x, n_h, n_y = layer_sizes(X, Y)
parameters = initialize_parameters(n_x, n_h, n_y)
for i in range(2001):
    A2, cache = forward_propagation(X, parameters)
    cost = compute_cost(A2, Y)
    grads = backward_propagation(parameters, cache, X, Y)
    parameters = update_parameters(copy.deepcopy(parameters), grads, 1.2)
    if i % 1000 == 0:
        print("by hand %i: %f" % (i, cost))

parameters = nn_model(X, Y, n_h=4, num_iterations=6001, print_cost=True)
plot_decision_boundary(lambda x: predict(parameters, x.T), X, Y)
plt.title("decision boundary for hidden layer size " + str(4))
predictions = predict(parameters, X)
right = float((np.dot(Y, predictions.T) + np.dot(1 - Y, 1 - predictions.T)).item())
print("right: %d %%" % (right / Y.size * 100))

plt.figure(figsize=(16, 32))
for k, n_h in enumerate([1, 2, 3, 4]):
    plt.subplot(2, 2, k + 1)
    swept = nn_model(X, Y, n_h, num_iterations=300)
    plot_decision_boundary(lambda x: predict(swept, x.T), X, Y)

noisy_circles, noisy_moons, blobs, gaussian_quantiles, no_structure = load_extra_datasets()
for name, (X, Y) in dict(circles=noisy_circles, moons=noisy_moons, blobs=blobs,
                         quantiles=gaussian_quantiles, nothing=no_structure).items():
    X, Y = X.T, Y.reshape(1, Y.shape[0])
    if name == "blobs":
        Y = Y % 2
    found = predict(nn_model(X, Y, n_h=5, num_iterations=2000, learning_rate=0.5), X)
    print(name, X.shape, Y.shape, "learned" if np.mean(found == Y) > 0.75 else "not learned")
print(sigmoid(np.array([0.0])))
"""
PRINTED = """(2, 400) (1, 400) 400
by hand 0: 0.693162
by hand 1000: 0.258625
by hand 2000: 0.239334
Cost after iteration 0: 0.693162
Cost after iteration 1000: 0.258625
Cost after iteration 2000: 0.239334
Cost after iteration 3000: 0.230802
Cost after iteration 4000: 0.225528
Cost after iteration 5000: 0.221845
Cost after iteration 6000: 0.219094
right: 90 %
circles (2, 200) (1, 200) learned
moons (2, 200) (1, 200) learned
blobs (2, 200) (1, 200) learned
quantiles (2, 200) (1, 200) learned
nothing (2, 200) (1, 200) not learned
[0.5]
"""


def test_planar_notebook_runs_with_one_import_changed(capsys: Any, axes: Any) -> None:
    exec(NOTEBOOK.format("shallownet_native.course"), {})
    assert capsys.readouterr().out == PRINTED
    assert axes.get_title() == "decision boundary for hidden layer size 4"
    assert [len(ax.collections) for ax in plt.gcf().axes] == [3, 3, 3, 3]


def test_planar_page_has_a_head_for_each_table() -> None:
    page = (Path(__file__).parents[2] / "docs/course.md").read_text(encoding="utf-8")
    tables = [part for part in page.split("\n\n") if part.startswith("|")]
    assert len(tables) == 3
    assert all(re.fullmatch(r"[|-]+", table.splitlines()[1]) for table in tables)
