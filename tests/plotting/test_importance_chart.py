"""`sn.plotting.importance`: bars as long as the numbers, in their order, with their names."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot
from matplotlib.colors import to_hex
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import shallownet_native as sn
from drawings import legend_of
from shallownet_native import ShallowNetClassifier

chart = sn.plotting.importance
METHODS = ("olden", "garson", "gradient")


def names(ax: Any) -> list[str]:
    """The names from the top down."""
    low, high = ax.get_ylim()
    assert low > high, "the first one is on top"
    return [tick.get_text() for tick in ax.get_yticklabels()]


def widths(bars: Any) -> Any:
    return np.array([bar.get_width() for bar in bars])


def places(bars: Any) -> Any:
    return np.array([bar.get_y() + bar.get_height() / 2 for bar in bars])


@pytest.mark.parametrize("n_h", [0, 5])
@pytest.mark.parametrize("method", METHODS)
def test_importance_chart_has_each_number_as_a_bar_the_longest_on_top(
    method: str, n_h: int, make_network: Any
) -> None:
    parameters = make_network(1, n_h, 7)
    X = np.random.default_rng(0).normal(size=(7, 30))
    ax = chart(parameters, method, X)
    [scores] = sn.importance(parameters, method, X)
    order = np.argsort(-np.abs(scores))
    [bars] = ax.containers
    assert np.array_equal(widths(bars), scores[order])
    assert np.allclose(places(bars), np.arange(7)) and list(ax.get_yticks()) == list(range(7))
    assert names(ax) == [f"x{i + 1}" for i in order]
    assert ax.get_title() == "y" and f"({method})" in ax.get_xlabel()


def test_importance_chart_has_the_colour_of_the_sign_where_there_is_one(make_network: Any) -> None:
    parameters = make_network(1, 5, 9)
    for bar in chart(parameters).patches:
        assert to_hex(bar.get_facecolor()) == ("#d55e00" if bar.get_width() > 0 else "#0072b2")
    [colour] = {to_hex(bar.get_facecolor()) for bar in chart(parameters, "garson").patches}
    assert colour not in ("#d55e00", "#0072b2")


def test_importance_chart_of_several_outputs_has_groups_and_a_legend(make_network: Any) -> None:
    parameters = make_network(3, 5, 4, output="softmax")
    ax, scores = chart(parameters), sn.importance(parameters)
    order = np.argsort(-np.abs(scores).max(axis=0))
    assert len(ax.containers) == 3 and ax.get_title() == "3 outputs"
    for k, bars in enumerate(ax.containers):
        assert np.array_equal(widths(bars), scores[k, order])
        assert np.allclose(places(bars) - np.arange(4), (k - 1) * 0.8 / 3)
        assert len({bar.get_facecolor() for bar in bars}) == 1
    assert len({bars[0].get_facecolor() for bars in ax.containers}) == 3
    assert legend_of(ax) == ["y1", "y2", "y3"]
    assert names(ax) == [f"x{i + 1}" for i in order]


@pytest.mark.parametrize("output", [1, "y2", np.int64(1)])
def test_importance_chart_of_one_output_among_several(output: Any, make_network: Any) -> None:
    parameters = make_network(3, 5, 4)
    ax = chart(parameters, output=output)
    scores = sn.importance(parameters)[1]
    assert np.array_equal(widths(ax.patches), scores[np.argsort(-np.abs(scores))])
    assert ax.get_title() == "y2" and ax.get_legend() is None


@pytest.mark.parametrize(("n_y", "n_shown"), [(1, 25), (3, 25), (8, 12), (10, 10)])
def test_importance_chart_of_many_inputs_has_the_largest_and_says_so(
    n_y: int, n_shown: int, make_network: Any
) -> None:
    parameters = make_network(n_y, 5, 1200)
    ax = chart(parameters)
    largest = np.abs(sn.importance(parameters)).max(axis=0)
    assert names(ax) == [f"x{i + 1}" for i in np.argsort(-largest)[:n_shown]]
    assert len(ax.patches) == n_y * n_shown
    assert ax.get_title().endswith(f": the {n_shown} largest of 1,200 inputs")


def test_importance_chart_of_estimators_has_the_names_of_the_fit(fitted: Any) -> None:
    X = np.random.default_rng(0).normal(size=(60, 3))
    frame = pd.DataFrame(X, columns=["a", "b", "c"])
    y = np.where(X[:, 0] > 0, "yes", "no")
    model = ShallowNetClassifier((3,), max_iter=3, random_state=0)
    pipeline = fitted(make_pipeline(StandardScaler(), model), frame, y)
    for method in METHODS:
        ax = chart(pipeline, method, frame)
        [scores] = sn.importance(pipeline, method, frame)
        assert names(ax) == [["a", "b", "c"][i] for i in np.argsort(-np.abs(scores))]
        assert ax.get_title() == "yes", "what the output is the probability of"
    [scores] = sn.importance(pipeline)
    given = ["$_$", "l" * 100, "c"]
    shown = names(chart(pipeline, feature_names=given))
    assert shown == [["$_$", "l" * 37 + "...", "c"][i] for i in np.argsort(-np.abs(scores))]


def test_importance_chart_draws_where_it_is_told_and_leaves_nothing_behind(
    make_network: Any, render: Any
) -> None:
    pyplot.close("all")
    figure, axes = pyplot.subplots(1, 2)
    assert chart(make_network(), ax=axes[0]) is axes[0]
    assert pyplot.get_fignums() == [figure.number] and not axes[1].patches
    ax = chart(make_network(1, 4, 3), feature_names=["$_$", "$a^$", "b"])
    assert len(pyplot.get_fignums()) == 2
    assert len(np.unique(render(ax).reshape(-1, 3), axis=0)) > 10
    tall = chart(make_network(2, 4, 20)).figure.get_figheight()
    assert tall > ax.figure.get_figheight()
    pyplot.close("all")


def test_importance_chart_of_zeros_is_drawn(render: Any) -> None:
    ax = chart(sn.initialize(3, 2, 1, "zeros"))
    assert widths(ax.patches).tolist() == [0, 0, 0] and names(ax) == ["x1", "x2", "x3"]
    render(ax)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"method": "olde"}, "did you mean 'olden'?"),
        ({"method": "gradient"}, "needs examples at which to take slopes: pass X"),
        ({"output": "Y1"}, "of this network, got 'Y1': did you mean 'y1'?"),
        ({"output": "benign"}, "got 'benign': they are called y1, y2"),
        ({"output": 2}, "output must be <= 1, got 2"), ({"output": -1}, "output must be >= 0"),
        ({"output": 0.0}, "output must be an integer"), ({"output": True}, "truth value"),
        ({"ax": 3}, "ax must be one Axes of matplotlib"),
        ({"feature_names": ["a"]}, "feature_names must be one for each of the 2 inputs"),
        ({"feature_names": "ab"}, "feature_names must be a list of names"),
    ],
)  # fmt: skip
def test_importance_chart_refuses_in_one_line(
    options: Any, words: str, make_network: Any, refused: Any
) -> None:
    assert words in refused((ValueError, TypeError), chart, make_network(2), **options)


def test_importance_chart_of_many_outputs_asks_for_one(make_network: Any, refused: Any) -> None:
    parameters = make_network(11)
    message = refused(ValueError, chart, parameters)
    assert message.endswith("at most 10 are drawn together: choose one, such as output='y1'")
    assert chart(parameters, output="y11").get_title() == "y11"
    assert "got NoneType" in refused(TypeError, chart, None)
