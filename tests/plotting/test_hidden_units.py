"""`hidden_units`: one map for each unit, all in one image, which the oracle computes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from matplotlib import pyplot

import shallownet_native as sn
from shallownet_native.plotting.canvas import check_columns_of, class_colours

draw = sn.plotting.hidden_units
N = 25


def tiles(ax: Any, n_tiles: int, n_columns: int, n: int = N) -> Any:
    """Cut the image into its tiles (n_tiles, n, n): its rows count from below."""
    image = np.ma.array(ax.images[0].get_array())
    gap, title = round(0.08 * n), round(0.22 * n)
    n_rows = -(-n_tiles // n_columns)
    assert image.shape == (n_rows * (n + title), n_columns * (n + gap) - gap)
    cut = []
    for k in range(n_tiles):
        up = (n_rows - 1 - k // n_columns) * (n + title)
        across = k % n_columns * (n + gap)
        cut.append(image[up : up + n, across : across + n])
    assert image.count() == n_tiles * n * n, "the rest is left out"
    return np.stack(cut)


def box(plane: Any) -> Any:
    """Return the rows (n * n, 2) that every tile shows."""
    sides = []
    for values in plane:
        margin = 0.08 * np.ptp(values)
        low, high = values.min() - margin, values.max() + margin
        sides.append(low + (high - low) * (np.arange(N) + 0.5) / N)
    return np.stack(np.meshgrid(*sides), axis=-1).reshape(-1, 2)


@pytest.mark.parametrize("n_h", [1, 2, 5, 200])
def test_hidden_units_are_the_activations_over_the_plane(
    n_h: int, make_network: Any, plane: Any, hidden_of: Any
) -> None:
    parameters = make_network(n_h=n_h, hidden="relu")
    ax = draw(parameters, plane, resolution=N)
    drawn = tiles(ax, n_h, check_columns_of(None, n_h))
    expected = hidden_of(parameters, box(plane)).T.reshape(n_h, N, N)
    assert np.allclose(drawn, expected)
    assert [text.get_text() for text in ax.texts] == [str(k + 1) for k in range(n_h)]
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
    [points] = (c for c in ax.collections if type(c).__name__ == "PathCollection")
    offsets = points.get_offsets().reshape(5, -1, 2)
    low, high = box(plane)[0], box(plane)[-1]
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
    [points] = (c for c in ax.collections if type(c).__name__ == "PathCollection")
    places = points.get_offsets().reshape(5, -1, 2)
    assert places.shape[1] == 50_000 // 3 + 1, "250,000 are at most 120,000"


def test_hidden_units_of_one_input_are_curves(make_network: Any, hidden_of: Any) -> None:
    parameters = make_network(n_x=1, n_h=3)
    X = np.linspace(-2, 2, 9)[np.newaxis]
    ax = draw(parameters, X, n_columns=3, resolution=N)
    [lines] = (c for c in ax.collections if type(c).__name__ == "LineCollection")
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
    drawn = tiles(ax, 4, 2)
    gap, title = round(0.08 * N), round(0.22 * N)
    for k, tile in enumerate(drawn):
        corner = np.array([k % 2 * (N + gap), (1 - k // 2) * (N + title)])
        x, y = ax.transData.transform(corner + N // 2 + 0.5).round().astype(int)
        expected = 255 * np.array(image.cmap(image.norm(tile[N // 2, N // 2]))[:3])
        assert np.abs(pixels[len(pixels) - y, x] - expected).max() < 40
    x, y = ax.transData.transform((N + gap / 2, N / 2)).round().astype(int)
    assert pixels[len(pixels) - y, x].tolist() == [255, 255, 255]
