"""`hidden_units`: one map for each unit, all in one image, which the oracle computes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from matplotlib import pyplot

import shallownet_native as sn
from drawings import collections_of, limits_around, middles, texts_of, tiles
from shallownet_native.plotting.canvas import check_columns_of, class_colours

draw = sn.plotting.hidden_units
N = 25


@pytest.mark.parametrize("n_h", [1, 2, 5, 200])
def test_hidden_units_are_the_activations_over_the_plane(
    n_h: int, make_network: Any, plane: Any, hidden_of: Any
) -> None:
    parameters = make_network(n_h=n_h, hidden="relu")
    ax = draw(parameters, plane, resolution=N)
    drawn = tiles(ax, n_h, check_columns_of(None, n_h), N)
    expected = hidden_of(parameters, middles(limits_around(plane), N)).T.reshape(n_h, N, N)
    assert np.allclose(drawn, expected)
    assert texts_of(ax) == [str(k + 1) for k in range(n_h)]
    assert len(ax.images) == 1 and ax.get_title().startswith(f"{n_h} hidden unit")
    most = np.abs(expected).max()
    assert (ax.images[0].norm.vmin, ax.images[0].norm.vmax) == pytest.approx((-most, most))


@pytest.mark.parametrize(("hidden", "ends"), [("tanh", (-1, 1)), ("sigmoid", (0, 1))])
def test_hidden_units_have_the_scale_of_their_activation(
    hidden: str, ends: Any, make_network: Any, plane: Any
) -> None:
    ax = draw(make_network(hidden=hidden), plane)
    assert (ax.images[0].norm.vmin, ax.images[0].norm.vmax) == ends
    assert ax.get_title() == f"5 hidden units, {hidden}"
    assert ax.figure.axes[1].get_ylabel() == "activation"


def test_hidden_units_show_the_examples_in_every_map(make_network: Any, plane: Any) -> None:
    codes = (plane[0] > 0.3).astype(int)
    ax = draw(make_network(), plane, codes, n_columns=2, resolution=N)
    [points] = collections_of(ax, "PathCollection")
    offsets = points.get_offsets().reshape(5, -1, 2)
    low, high = middles(limits_around(plane), N)[[0, -1]]
    inside = (plane.T - low) / (high - low) * (N - 1) + 0.5  # in pixels of a tile
    corner = 2 * (N + round(0.22 * N))  # of the first, two rows up
    assert np.allclose(offsets[0], inside + np.array([0, corner]))
    assert np.allclose(offsets[1] - offsets[0], [N + round(0.08 * N), 0])
    assert np.allclose(offsets[2] - offsets[0], [0, -N - round(0.22 * N)])
    colours = points.get_facecolor()[:, :3].reshape(5, -1, 3)
    assert np.allclose(colours, class_colours(2)[codes])


def test_hidden_units_thin_out_very_many_examples(make_network: Any) -> None:
    X = np.random.default_rng(0).normal(size=(2, 50_000))
    ax = draw(make_network(), X, X[0] > 0)
    [points] = collections_of(ax, "PathCollection")
    places = points.get_offsets().reshape(5, -1, 2)
    assert places.shape[1] == 50_000 // 3 + 1, "250,000 are at most 120,000"


def test_hidden_units_of_one_input_are_curves(make_network: Any, hidden_of: Any) -> None:
    parameters = make_network(n_x=1, n_h=3)
    X = np.linspace(-2, 2, 9)[np.newaxis]
    ax = draw(parameters, X, n_columns=3, resolution=N)
    [lines] = collections_of(ax, "LineCollection")
    curves = np.stack(lines.get_segments())  # (3, 4 N, 2)
    x = np.linspace(-2.32, 2.32, 4 * N)[:, np.newaxis]
    A1 = hidden_of(parameters, x)
    margin = 0.08 * np.ptp(A1)
    heights = (A1 - A1.min() + margin) / (np.ptp(A1) + 2 * margin) * N
    assert np.allclose(curves[..., 1], heights.T)
    assert np.allclose(curves[0, :, 0], np.linspace(0, N, 4 * N))
    assert not ax.images and (ax.get_xlabel(), ax.get_ylabel()) == ("x", "activation")


def test_hidden_units_fill_rows_where_they_can() -> None:
    expected = {1: 1, 2: 2, 3: 3, 4: 2, 6: 3, 7: 4, 12: 4, 20: 5, 50: 10, 200: 20}
    assert {n: check_columns_of(None, n) for n in expected} == expected
    assert check_columns_of(99, 5) == 5 and check_columns_of(2, 5) == 2


def test_hidden_units_words_are_in_proportion_to_the_axes(make_network: Any, plane: Any) -> None:
    """In a small subplot of a large figure the words are small, too."""
    _, axes = pyplot.subplots(1, 8, figsize=(12, 2))
    sizes = [
        draw(make_network(n_h=9), plane, ax=ax).texts[0].get_fontsize() for ax in (axes[0], None)
    ]
    assert sizes[0] < sizes[1] <= 9 and axes[0].images


@pytest.mark.parametrize("value", [0, 2.5, "3"])
def test_hidden_units_refuse_numbers_of_columns(
    value: Any, make_network: Any, plane: Any, refused: Any
) -> None:
    message = refused((TypeError, ValueError), draw, make_network(), plane, n_columns=value)
    assert message.startswith("n_columns must be")


def test_hidden_units_come_out_in_their_colours(make_network: Any, plane: Any, render: Any) -> None:
    """Rendered, the middle of each map has the colour of its value, and gaps are white."""
    ax = draw(make_network(n_h=4), plane, n_columns=2, resolution=N)
    pixels, image = render(ax), ax.images[0]
    drawn = tiles(ax, 4, 2, N)
    gap, title = round(0.08 * N), round(0.22 * N)
    for k, tile in enumerate(drawn):
        corner = np.array([k % 2 * (N + gap), (1 - k // 2) * (N + title)])
        x, y = ax.transData.transform(corner + N // 2 + 0.5).round().astype(int)
        expected = 255 * np.array(image.cmap(image.norm(tile[N // 2, N // 2]))[:3])
        assert np.abs(pixels[len(pixels) - y, x] - expected).max() < 40
    x, y = ax.transData.transform((N + gap / 2, N / 2)).round().astype(int)
    assert pixels[len(pixels) - y, x].tolist() == [255, 255, 255]
