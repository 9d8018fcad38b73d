"""`decision_boundary`: what is drawn is what the oracle computes, for every kind of output."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from matplotlib import pyplot
from matplotlib.colors import to_rgb

import shallownet_native as sn
from drawings import collections_of, legend_of, limits_of, middles
from shallownet_native.plotting.canvas import BLUE, ORANGE, class_colours

N = 40  # pixels along each side


def lines_of(ax: Any) -> list[Any]:
    """Return the points (k, 2) of every set of contour lines."""
    sets = collections_of(ax, "QuadContourSet")
    return [np.concatenate([p.vertices for p in one.get_paths()]) for one in sets]


@pytest.mark.parametrize("n_h", [0, 1, 5])
@pytest.mark.parametrize("dtype", [np.float32, np.float64], ids=["float32", "float64"])
def test_boundary_of_two_classes_is_the_probability(
    n_h: int, dtype: Any, make_network: Any, plane: Any, outputs_of: Any
) -> None:
    parameters = make_network(n_h=n_h).astype(dtype)
    Y = plane[:1] > 0.5
    ax = sn.plotting.decision_boundary(parameters, plane, Y, resolution=N)
    [image] = ax.images
    expected = outputs_of(parameters, middles(limits_of(ax), N))[:, 0].reshape(N, N)
    assert np.abs(image.get_array() - expected).max() < (1e-5 if dtype == np.float32 else 1e-12)
    assert tuple(image.get_extent()) == (*ax.get_xlim(), *ax.get_ylim())
    assert image.origin == "lower" and (image.norm.vmin, image.norm.vmax) == (0, 1)
    blue, middle, orange = (np.array(image.cmap(p)[:3]) for p in (0.0, 0.5, 1.0))
    assert blue[2] > blue[0] + 0.3 and orange[0] > orange[2] + 0.3 and middle.min() > 0.9
    [line] = lines_of(ax)
    assert (
        np.abs(outputs_of(parameters, line) - 0.5).max() < 0.05
    )  # between pixels: a straight line
    assert len(line) > 10


def test_boundary_has_the_examples_on_top_by_class(make_network: Any, plane: Any) -> None:
    codes = plane[0] > 0.5
    ax = sn.plotting.decision_boundary(make_network(), plane, codes)
    zero, one = collections_of(ax, "PathCollection")
    assert np.array_equal(zero.get_offsets(), plane.T[~codes])
    assert np.array_equal(one.get_offsets(), plane.T[codes])
    assert np.allclose(zero.get_facecolor()[:, :3], to_rgb(BLUE))
    assert np.allclose(one.get_facecolor()[:, :3], to_rgb(ORANGE))
    assert legend_of(ax) == ["0", "1"]
    shapes = [len(c.get_paths()[0].vertices) for c in (zero, one)]
    assert shapes[0] != shapes[1], "shapes tell them apart, too"


def test_boundary_reaches_a_bit_further_than_the_examples(make_network: Any, plane: Any) -> None:
    ax = sn.plotting.decision_boundary(make_network(), plane)
    for limits, values in zip((ax.get_xlim(), ax.get_ylim()), plane, strict=True):
        margin = 0.08 * np.ptp(values)
        assert np.allclose(limits, (values.min() - margin, values.max() + margin))
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("x1", "x2")
    assert not ax.get_legend() and len(ax.figure.axes) == 1


@pytest.mark.parametrize("constant", [0.0, 3.0, -1e6])
def test_boundary_of_a_constant_input_has_a_box(
    constant: float, make_network: Any, plane: Any
) -> None:
    plane[1] = constant
    low, high = sn.plotting.decision_boundary(make_network(), plane).get_ylim()
    assert low < constant < high
    assert sn.plotting.decision_boundary(make_network(), plane[:, :1]).get_xlim()[0] < plane[0, 0]


def test_boundary_of_several_classes_has_the_likeliest_ones_colour(
    make_network: Any, plane: Any, outputs_of: Any
) -> None:
    parameters = make_network(4, output="softmax")
    codes = np.arange(plane.shape[1]) % 4
    ax = sn.plotting.decision_boundary(parameters, plane, np.eye(4)[codes].T, resolution=N)
    probabilities = outputs_of(parameters, middles(limits_of(ax), N))
    likeliest, lead = probabilities.argmax(axis=1), probabilities.max(axis=1)
    colours = np.asarray(ax.images[0].get_array()).reshape(-1, 3)
    for c, colour in enumerate(class_colours(4)):
        mine = likeliest == c
        shares = (1 - colours[mine]) / (1 - colour)  # how thick the colour is laid on white
        assert np.allclose(shares, shares[:, :1])
        assert np.allclose(shares[:, 0], 0.55 * (0.3 + 0.7 * (lead[mine] * 4 - 1) / 3))
    margins = [np.sort(outputs_of(parameters, line), axis=1) for line in lines_of(ax)]
    assert margins and all((one[:, -1] - one[:, -2]).max() < 0.1 for one in margins)
    again = sn.plotting.decision_boundary(parameters, plane, codes, resolution=N)
    drawn = [[c.get_offsets().data for c in axes.collections[-4:]] for axes in (ax, again)]
    assert all(np.array_equal(a, b) for a, b in zip(*drawn, strict=True))


def test_boundary_of_labels_gives_each_its_colour_and_line(
    make_network: Any, plane: Any, outputs_of: Any
) -> None:
    parameters = make_network(2, output="sigmoid")
    Y = np.stack([plane[0] > 0, plane[1] > 0])
    ax = sn.plotting.decision_boundary(parameters, plane, Y, resolution=N)
    shares = outputs_of(parameters, middles(limits_of(ax), N))
    first, second = class_colours(2)
    expected = (1 - 0.55 * shares[:, :1] * (1 - first)) * (1 - 0.55 * shares[:, 1:] * (1 - second))
    assert np.allclose(np.asarray(ax.images[0].get_array()).reshape(-1, 3), expected)
    for k, line in enumerate(lines_of(ax)):
        assert np.abs(outputs_of(parameters, line)[:, k] - 0.5).max() < 0.05
    assert len(lines_of(ax)) == 2
    assert set(legend_of(ax)) == {"none", "y1", "y2", "y1 + y2"}


@pytest.mark.parametrize("output", ["identity", "exp"])
def test_boundary_of_one_number_is_a_map_with_its_bar(
    output: str, make_network: Any, plane: Any, outputs_of: Any
) -> None:
    parameters = make_network(1, output=output)
    Y = np.linspace(0, 50, plane.shape[1])[np.newaxis]
    ax = sn.plotting.decision_boundary(parameters, plane, Y, resolution=N)
    [image] = ax.images
    expected = outputs_of(parameters, middles(limits_of(ax), N)).reshape(N, N)
    assert np.allclose(image.get_array(), expected, rtol=1e-10)
    assert image.norm.vmin == pytest.approx(min(0.0, expected.min())) and image.norm.vmax == 50.0
    [points] = collections_of(ax, "PathCollection")
    assert np.allclose(points.get_facecolor(), image.cmap(image.norm(Y[0])))
    assert [one.get_ylabel() for one in ax.figure.axes] == ["x2", "y"] and not lines_of(ax)


def test_boundary_leaves_out_what_is_not_finite(plane: Any) -> None:
    steep = sn.Parameters(None, None, [[900.0, 0.0]], [[0.0]], output="exp")
    image = sn.plotting.decision_boundary(steep, plane, resolution=N).images[0]
    masked = np.ma.getmaskarray(image.get_array())
    assert masked.any() and not masked.all()
    assert 1e200 < image.norm.vmax == image.get_array().max(), "the largest that is finite"


def test_boundary_of_several_numbers_has_lines_of_each(
    make_network: Any, plane: Any, outputs_of: Any
) -> None:
    parameters = make_network(2, output="identity")
    ax = sn.plotting.decision_boundary(parameters, plane, plane, resolution=120)
    sets = collections_of(ax, "QuadContourSet")
    assert len(sets) == 2
    for k, (lines, colour) in enumerate(zip(sets, class_colours(2), strict=True)):
        for level, path in zip(lines.levels, lines.get_paths(), strict=True):
            if len(path.vertices):
                values = outputs_of(parameters, path.vertices)[:, k]
                assert np.abs(values - level).max() < 0.05
        assert np.allclose(lines.get_edgecolor()[:, :3], colour)
    assert legend_of(ax) == ["y1", "y2"]


@pytest.mark.parametrize("n_y", [1, 2])
def test_boundary_of_one_input_and_numbers_is_a_curve(
    n_y: int, make_network: Any, outputs_of: Any
) -> None:
    parameters = make_network(n_y, n_x=1, output="identity")
    X = np.linspace(-2, 2, 30)[np.newaxis]
    Y = np.vstack([np.sin(X), np.cos(X)])[:n_y]
    ax = sn.plotting.decision_boundary(parameters, X, Y)
    for k, line in enumerate(ax.lines):
        x, y = line.get_data()
        assert np.allclose(y, outputs_of(parameters, x[:, np.newaxis])[:, k])
        assert x[0] < -2 and x[-1] > 2
    assert len(ax.lines) == n_y == len(ax.collections)
    for points, values in zip(ax.collections, Y, strict=True):
        assert np.array_equal(points.get_offsets(), np.column_stack((X[0], values)))
    assert ax.get_xlabel() == "x" and (n_y > 1) == bool(ax.get_legend())


@pytest.mark.parametrize(("n_y", "output"), [(1, "sigmoid"), (3, "softmax"), (2, "sigmoid")])
def test_boundary_of_one_input_and_classes_are_probabilities(
    n_y: int, output: str, make_network: Any, outputs_of: Any
) -> None:
    parameters = make_network(n_y, n_x=1, output=output)
    X = np.linspace(-2, 2, 30)[np.newaxis]
    codes = np.arange(30) % max(n_y, 2)
    Y = np.eye(n_y)[codes].T if n_y > 1 else codes
    ax = sn.plotting.decision_boundary(parameters, X, Y)
    curves = ax.lines[:n_y]
    for k, line in enumerate(curves):
        x, y = line.get_data()
        assert np.allclose(y, outputs_of(parameters, x[:, np.newaxis])[:, k])
    heights = [points.get_offsets()[:, 1] for points in ax.collections]
    expected = {"sigmoid": np.atleast_2d(Y), "softmax": np.ones((1, 30))}[output]
    assert np.array_equal(heights, expected)
    colours = ax.collections[0].get_facecolor()[:, :3]
    if output == "softmax" or n_y == 1:
        assert np.allclose(colours, class_colours(max(n_y, 2))[codes])


def test_boundary_draws_where_it_is_told(make_network: Any, plane: Any) -> None:
    figure, axes = pyplot.subplots(1, 2)
    before = [one.get_position().bounds for one in axes]
    ax = sn.plotting.decision_boundary(make_network(), plane, ax=axes[1])
    assert ax is axes[1] and not axes[0].has_data() and pyplot.get_fignums() == [figure.number]
    assert [one.get_position().bounds for one in axes] == before


def test_boundary_comes_out_in_its_colours(make_network: Any, plane: Any, render: Any) -> None:
    """Rendered pixels, far from words, have the colours that the probability stands for."""
    ax = sn.plotting.decision_boundary(make_network(), plane, resolution=200)
    pixels, image = render(ax), ax.images[0]
    values = np.asarray(image.get_array())
    n_right = 0
    for row, column in [(20, 20), (20, 180), (100, 60), (180, 20), (180, 180)]:
        where = middles(limits_of(ax), 200)[row * 200 + column]
        x, y = ax.transData.transform(where).round().astype(int)
        expected = 255 * np.array(image.cmap(values[row, column])[:3])
        n_right += np.abs(pixels[len(pixels) - y, x] - expected).max() < 12
    assert n_right >= 4  # one may lie on the line


def test_boundary_of_many_classes_tells_colours_apart(make_network: Any, plane: Any) -> None:
    parameters = make_network(12, output="softmax")
    ax = sn.plotting.decision_boundary(parameters, plane, np.arange(60) % 12)
    assert len(np.unique(class_colours(12), axis=0)) == 12 and ax.get_legend() is None
