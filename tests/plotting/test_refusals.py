"""What pictures refuse: every error names what was wrong in one line, and leaves no figure."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import LinearSVC

import shallownet_native as sn
from absent import without
from shallownet_native import ShallowNetClassifier

boundary = sn.plotting.decision_boundary
OVER_INPUTS = (boundary, sn.plotting.hidden_units)
CLASSIFIER = ShallowNetClassifier((4,), max_iter=2, random_state=0)


@pytest.mark.parametrize("draw", OVER_INPUTS)
def test_refusals_of_many_inputs_point_to_permutation_importance(
    draw: Any, make_network: Any, refused: Any, fitted: Any
) -> None:
    X = np.random.default_rng(0).normal(size=(3, 30))
    message = refused(ValueError, draw, make_network(n_x=3), X)
    assert "this network has 3" in message
    assert "sklearn.inspection.permutation_importance" in message
    model = fitted(CLASSIFIER, X.T, X[0] > 0)
    assert "this ShallowNetClassifier has 3" in refused(ValueError, draw, model, X.T)


@pytest.mark.parametrize(
    ("model", "words"),
    [
        (None, "got NoneType"), (3, "got int"), (ShallowNetClassifier, "the class ShallowNet"),
        ({"W1": 1}, r"got dict: sn.Parameters(**model)"), (StandardScaler(), "got StandardScaler"),
    ],
)  # fmt: skip
def test_refusals_of_what_is_no_model(model: Any, words: str, plane: Any, refused: Any) -> None:
    for draw in (*OVER_INPUTS, sn.plotting.network_diagram):
        data = () if draw is sn.plotting.network_diagram else (plane,)
        message = refused(TypeError, draw, model, *data)
        assert message.startswith("model must be Parameters, a TrainingResult or a fitted")
        assert words in message


@pytest.mark.parametrize(
    "model",
    [
        ShallowNetClassifier(), make_pipeline(StandardScaler(), ShallowNetClassifier()),
        GridSearchCV(ShallowNetClassifier(), {"alpha": [1.0]}),
    ],
    ids=["estimator", "pipeline", "search"],
)  # fmt: skip
def test_refusals_of_what_is_not_fitted(model: Any, plane: Any, refused: Any) -> None:
    for draw in (boundary, sn.plotting.hidden_units, sn.plotting.cost_surface):
        data = (plane.T, plane[0] > 0)
        assert "is not fitted yet: call its method fit" in refused(ValueError, draw, model, *data)
    assert "fitted" in refused(ValueError, sn.plotting.network_diagram, model)
    assert "fitted" in refused(ValueError, sn.plotting.learning_curve, model)


def test_refusals_of_estimators_without_what_is_drawn(
    plane: Any, refused: Any, fitted: Any
) -> None:
    X, y = plane.T, plane[0] > 0
    deep = fitted(MLPClassifier((3, 3), max_iter=2), X, y)
    for other in (deep, fitted(LogisticRegression(), X, y)):
        for draw in (sn.plotting.hidden_units, sn.plotting.cost_surface):
            assert "no network with one hidden layer" in refused(ValueError, draw, other, X, y)
    assert boundary(deep, X, y)
    pyplot.close("all")
    svm = fitted(LinearSVC(), X, y)
    assert "gives no probabilities" in refused(TypeError, boundary, svm, X, y)
    none = sn.Parameters(None, None, [[1.0, 2.0]], [[0.0]])
    message = refused(ValueError, sn.plotting.hidden_units, none, plane)
    assert message == "hidden_units draws hidden units, and this network has no hidden layer"


COLUMNS: dict[str, tuple[Any, Any, str]] = {
    "rows": (np.ones((9, 2)), None, "one column per example, got (9, 2): use X.T"),
    "one example": (np.ones(2), None, "X.reshape(-1, 1)"),
    "too wide": (np.ones((3, 9)), None, "(2, m)"),
    "no examples": (np.ones((2, 0)), None, "at least one example"),
    "NaN": ([[1.0, np.nan], [1.0, 1.0]], None, "X must be finite, got nan at"),
    "infinity": ([[1.0, np.inf], [1.0, 1.0]], None, "X must be finite"),
    "words": ([["a", "b"], ["c", "d"]], None, "X must hold real numbers"),
    "Y too short": (np.ones((2, 9)), np.ones((1, 8)), "Y must have shape (1, 9)"),
    "Y upright": (np.ones((2, 9)), np.ones((9, 2)), "Y must have shape (1, 9)"),
    "Y empty": (np.ones((2, 9)), [], "Y must have shape (1, 9), one column per example, got (0,)"),
    "three classes": (np.ones((2, 9)), list("abcabcabc"), "3 different labels, 'a', 'b', 'c'"),
    "mixed labels": (np.ones((2, 3)), np.array(["a", 1, None], object), "labels of one type"),
    "Y of words": (np.ones((2, 2)), [["a", "b"], ["c", "d"]], "Y must have shape (1, 2)"),
}


@pytest.mark.parametrize("case", COLUMNS)
def test_refusals_of_columns_say_what_was_wanted(
    case: str, make_network: Any, refused: Any
) -> None:
    X, Y, words = COLUMNS[case]
    for draw in OVER_INPUTS:
        assert words in refused((ValueError, TypeError), draw, make_network(), X, Y)


def test_refusals_of_class_numbers_count_the_classes(make_network: Any, refused: Any) -> None:
    softmax, X = make_network(3, output="softmax"), np.ones((2, 4))
    message = refused(ValueError, boundary, softmax, X, [0, 1, 2, 3])
    assert "4 different labels" in message and "tells 3 classes apart" in message


ROWS: dict[str, tuple[Any, Any, str]] = {
    "columns": (np.ones((2, 9)), None, "one row per example, got (2, 9): use X.T"),
    "flat": (np.ones(9), None, "X must have shape (m, 2)"),
    "no rows": (np.ones((0, 2)), None, "got (0, 2)"),
    "NaN": ([[1.0, np.nan]], None, "X must be finite, got nan at [0, 1]"),
    "words": ([["a", "b"]], None, "X must hold real numbers"),
    "y too short": (np.ones((9, 2)), ["no"] * 8, "one label per example of X, 9, got 8"),
    "y empty": (np.ones((9, 2)), [], "one label per example of X, 9, got 0"),
    "unknown": (np.ones((2, 2)), ["no", "perhaps"], "does not know: 'perhaps'"),
    "y of two columns": (np.ones((2, 2)), [["no", "no"]] * 2, "y must have shape (2,)"),
}


@pytest.mark.parametrize("case", ROWS)
def test_refusals_of_rows_say_what_was_wanted(
    case: str, plane: Any, refused: Any, fitted: Any
) -> None:
    model = fitted(CLASSIFIER, plane.T, np.where(plane[0] > 0, "yes", "no"))
    X, y, words = ROWS[case]
    for draw in OVER_INPUTS:
        assert words in refused((ValueError, TypeError), draw, model, X, y)


def test_refusals_of_a_frame_with_other_columns(plane: Any, refused: Any, fitted: Any) -> None:
    X = pd.DataFrame(plane.T, columns=["age", "income"])
    model = fitted(make_pipeline(StandardScaler(), CLASSIFIER), X, plane[0] > 0)
    message = refused(ValueError, boundary, model, X[["income", "age"]])
    assert message == "X must have the columns age, income, as in the fit, got income, age"


def test_refusals_of_numbers_that_are_none(plane: Any, refused: Any, fitted: Any) -> None:
    model = fitted(sn.ShallowNetRegressor(hidden_layer_sizes=(3,), max_iter=2), plane.T, plane[0])
    for y, words in ((np.full(60, np.nan), "y must be finite"), (["a"] * 60, "y must hold real"),
                     (np.ones((60, 2)), "y must have shape (60, 1)")):  # fmt: skip
        assert words in refused((ValueError, TypeError), boundary, model, plane.T, y)


@pytest.mark.parametrize("what", ["array of axes", "figure", "pyplot", "text"])
def test_refusals_of_what_are_no_axes(what: str, make_network: Any, plane: Any) -> None:
    figure, axes = pyplot.subplots(1, 2)
    ax = {"array of axes": axes, "figure": figure, "pyplot": pyplot, "text": "ax"}[what]
    calls = [(draw, (make_network(), plane)) for draw in OVER_INPUTS]
    calls += [(sn.plotting.network_diagram, (make_network(),)), (sn.plotting.learning_curve, (3,)),
              (sn.plotting.cost_surface, (make_network(), plane, plane[:1] > 0)),
              (sn.plotting.hidden_size_sweep, (plane, plane[:1] > 0))]  # fmt: skip
    for draw, given in calls:
        with pytest.raises(TypeError, match="ax must be one Axes of matplotlib"):
            draw(*given, ax=ax)
    assert pyplot.get_fignums() == [figure.number]


@pytest.mark.parametrize("value", [0, 1, 10**9, 2.5, True])
def test_refusals_of_resolutions(value: Any, make_network: Any, plane: Any, refused: Any) -> None:
    for draw in (*OVER_INPUTS, sn.plotting.cost_surface):
        data = (make_network(), plane, plane[:1] > 0)
        message = refused((ValueError, TypeError), draw, *data, resolution=value)
        assert message.startswith("resolution must be")


def printed_by(program: str) -> str:
    """Return what a program prints in a process of its own."""
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


CALLS = """
import numpy as np, shallownet_native as sn
p, X, Y = sn.initialize(2, 3, 1, seed=0), np.ones((2, 4)), np.ones((1, 4))
for call in ({calls}):
    try:
        call()
    except ModuleNotFoundError as error:
        print(error)
"""


@pytest.mark.parametrize("package", ["matplotlib", "PIL"])
def test_refusals_without_a_package_name_the_extra(package: str, tmp_path: Any) -> None:
    drawn = ["decision_boundary(p, X)", "hidden_units(p, X)", "network_diagram(p)",
             "learning_curve(sn.train(p, X, Y))", "cost_surface(p, X, Y)",
             "hidden_size_sweep(X, Y, [1])"]  # fmt: skip
    gif = f"animate(p, X, Y, {str(tmp_path / 'a.gif')!r})"
    names = [*drawn, gif] if package == "matplotlib" else [gif]
    calls = "".join(f"lambda: sn.plotting.{name}, " for name in names)
    printed = printed_by(without(package) + CALLS.format(calls=calls))
    said = f"sn.plotting needs {package if package == 'matplotlib' else 'pillow'}, which is not "
    said += "installed: pip install 'shallownet-native[plot]'"
    assert printed.splitlines() == [said] * len(names)
    assert not list(tmp_path.iterdir())


def test_refusals_leave_the_package_light() -> None:
    program = (
        "import sys, shallownet_native as sn\n"
        "assert 'plotting' in dir(sn) and 'shallownet_native.plotting' not in sys.modules\n"
        "sn.plotting.decision_boundary\n"
        "print({'matplotlib', 'PIL', 'sklearn'} & set(sys.modules))"
    )
    assert printed_by(program) == "set()\n"


def test_refusals_of_pyplot_where_axes_are_given() -> None:
    """On given Axes nothing touches pyplot, nor chooses a backend for the process."""
    program = (
        "import sys, numpy as np, shallownet_native as sn\n"
        "from matplotlib.figure import Figure\n"
        "X = np.random.default_rng(0).normal(size=(2, 20)); Y = X[:1] > 0\n"
        "result = sn.train(sn.initialize(2, 3, 1, seed=0), X, Y)\n"
        "axes = iter(Figure().subplots(6))\n"
        "sn.plotting.decision_boundary(result, X, Y, ax=next(axes))\n"
        "sn.plotting.hidden_units(result, X, Y, ax=next(axes))\n"
        "sn.plotting.learning_curve(result, ax=next(axes))\n"
        "sn.plotting.network_diagram(result, ax=next(axes))\n"
        "sn.plotting.cost_surface(result, X, Y, ax=next(axes), resolution=5)\n"
        "sn.plotting.hidden_size_sweep(X, Y, [1, 2], ax=next(axes))\n"
        "print('matplotlib.pyplot' in sys.modules)"
    )
    assert printed_by(program) == "False\n"
