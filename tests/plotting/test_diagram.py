"""`network_diagram`: every unit, every weight, in the order, widths and colours of the network."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.decomposition import PCA
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, PolynomialFeatures, StandardScaler

import shallownet_native as sn
from drawings import collections_of, texts_of
from shallownet_native import ShallowNetClassifier

diagram = sn.plotting.network_diagram


def lines_of(ax: Any) -> dict[tuple[int, int, int], tuple[float, Any]]:
    """Return width and colour of each line, by layer, input and unit, found by where it ends."""
    circles = [c.get_offsets() for c in collections_of(ax, "PathCollection")]
    [lines] = collections_of(ax, "LineCollection")
    found = {}
    drawn = (lines.get_segments(), lines.get_linewidths(), lines.get_colors())
    for segment, width, colour in zip(*drawn, strict=True):
        layer = round(segment[0, 0])
        i, j = (int(np.abs(circles[layer + k] - segment[k]).sum(axis=1).argmin()) for k in (0, 1))
        assert np.allclose(circles[layer + 1][j], segment[1])
        found[layer, i, j] = (float(width), colour)
    return found


@pytest.mark.parametrize("n_h", [0, 1, 6])
def test_diagram_has_every_weight_as_wide_as_it_is_large(n_h: int, make_network: Any) -> None:
    parameters = make_network(2, n_h, 3)
    lines = lines_of(diagram(parameters))
    layers = [W for W in (parameters.W1, parameters.W2) if W is not None]
    assert len(lines) == sum(W.size for W in layers)
    for (layer, i, j), (width, colour) in lines.items():
        part = layers[layer][j, i] / np.abs(layers[layer]).max()
        assert width == pytest.approx(max(5 * abs(part), 0.2))
        if abs(part) > 0.2:  # orange has more red than blue, and blue less
            assert (colour[0] > colour[2]) == (part > 0)


def test_diagram_fills_units_by_their_biases(make_network: Any) -> None:
    parameters = make_network(2, 4)
    circles = collections_of(diagram(parameters), "PathCollection")
    assert np.allclose(circles[0].get_facecolor(), 1.0)
    for layer, b in ((1, parameters.b1), (2, parameters.b2)):
        red_above_blue = circles[layer].get_facecolor()[:, 0] - circles[layer].get_facecolor()[:, 2]
        assert np.array_equal(np.sign(red_above_blue), np.sign(b[:, 0]))
        assert np.abs(red_above_blue).argmax() == np.abs(b).argmax()
    assert [len(c.get_offsets()) for c in circles] == [2, 4, 2]
    heights = circles[1].get_offsets()[:, 1]
    assert (np.diff(heights) < 0).all(), "the first one is on top"


def test_diagram_names_units_and_largest_weights(make_network: Any) -> None:
    parameters = make_network(2, 3)
    texts = texts_of(diagram(parameters))
    largest = [f"up to {np.abs(W).max():.3g}" for W in (parameters.W1, parameters.W2)]
    assert texts == ["x1", "x2", "1", "2", "3", "y1", "y2", *largest]
    named = diagram(parameters, feature_names=("age", "income")).texts
    assert [text.get_text() for text in named[:2]] == ["age", "income"]
    assert diagram(parameters).get_title() == "2 - 3 - 2"
    assert diagram(make_network(1, 0)).get_title() == "2 - 1"


def test_diagram_of_estimators_has_the_names_of_the_fit(fitted: Any) -> None:
    X = pd.DataFrame(np.random.default_rng(0).normal(size=(60, 3)), columns=["a", "b", "c"])
    y = np.where(X["a"] > 0, "yes", "no")
    model = ShallowNetClassifier((3,), max_iter=3, random_state=0)

    def names(model: Any, X: Any, y: Any) -> list[str]:
        texts = texts_of(diagram(fitted(model, X, y)))
        return [text for text in texts if not text.startswith("up to") and not text.isdigit()]

    assert names(model, X, y) == ["a", "b", "c", "yes"]
    assert names(model, X.to_numpy(), y) == ["x1", "x2", "x3", "yes"]
    assert names(make_pipeline(StandardScaler(), model), X, y) == ["a", "b", "c", "yes"]
    assert names(make_pipeline(PCA(2), model), X, y) == ["pca0", "pca1", "yes"]
    assert names(make_pipeline(PCA(2), model), X.to_numpy(), y) == ["x1", "x2", "yes"]
    framed = make_pipeline(StandardScaler().set_output(transform="pandas"), model)
    assert names(framed, X, y) == ["a", "b", "c", "yes"]
    scaled = make_pipeline(StandardScaler(), make_pipeline(PolynomialFeatures(2), model))
    assert names(scaled, X[["a", "b"]], y) == ["a", "b", "a^2", "a b", "b^2", "yes"]
    blind = make_pipeline(FunctionTransformer(np.asarray), model)
    assert names(blind, X, y) == ["x1", "x2", "x3", "yes"]
    three = np.array(["p", "q", "r"])[np.arange(60) % 3]
    assert names(model, X, three) == ["a", "b", "c", "p", "q", "r"]


def test_diagram_of_large_networks_leaves_out_what_does_not_fit(make_network: Any) -> None:
    wide = make_network(1, 60, 41)
    names = texts_of(diagram(wide))
    assert names[0] == "y" and len(names) == 3
    huge = diagram(make_network(1, 300, 200))
    [lines] = collections_of(huge, "LineCollection")
    assert len(lines.get_segments()) == 50_000
    assert huge.get_title() == "200 - 300 - 1: the 50,000 strongest weights"
    assert lines.get_linewidths()[-1] == 5.0 and (np.diff(lines.get_linewidths()) >= 0).all()


def test_diagram_of_zeros_is_drawn() -> None:
    lines = lines_of(diagram(sn.initialize(2, 3, 1, "zeros")))
    assert {width for width, _ in lines.values()} == {0.2}


@pytest.mark.parametrize(
    ("names", "words"),
    [
        (["a"], "for each of the 2 inputs of the network, got 1"),
        ("ab", "a list of names, got 'ab'"),
        (3, "a list of names, got 3"), (["a", "b", "c"], "got 3"),
    ],
)  # fmt: skip
def test_diagram_refuses_other_names(
    names: Any, words: str, make_network: Any, refused: Any
) -> None:
    message = refused((ValueError, TypeError), diagram, make_network(), feature_names=names)
    assert message.startswith("feature_names must be") and words in message
