"""`importance`: numbers by hand, loops over units, differences, and what it looks through."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.decomposition import PCA
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import shallownet_native as sn
from shallownet_native import ShallowNetClassifier, ShallowNetRegressor, TableEncoder

EPS = np.finfo(np.float64).eps
METHODS = ("olden", "garson", "gradient")

# two inputs, two units, one output; b is far from what the methods may look at
PAPER = sn.Parameters(
    [[1.0, -3.0], [2.0, 6.0]], [[0.0], [0.0]], [[4.0, -0.5]], [[9.0]],
    hidden="identity", output="identity",
)  # fmt: skip


def network(n_y: int = 3, n_h: int = 6, n_x: int = 4, **units: Any) -> sn.Parameters:
    """A network of normal numbers, untrained."""
    rng = np.random.default_rng(5)
    if not n_h:
        W2, b2 = rng.normal(size=(n_y, n_x)), rng.normal(size=(n_y, 1))
        return sn.Parameters(None, None, W2, b2, **units)
    shapes = ((n_h, n_x), (n_h, 1), (n_y, n_h), (n_y, 1))
    return sn.Parameters(*(rng.normal(size=shape) for shape in shapes), **units)


def inputs(n_x: int = 4, m: int = 50) -> Any:
    return np.random.default_rng(2).normal(size=(n_x, m))


def fitted(model: Any, X: Any, y: Any) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # three epochs are not the end
        return model.fit(X, y)


# The numbers


def test_importance_by_hand() -> None:
    """4 * 1 - 0.5 * 2 = 3 and 4 * -3 - 0.5 * 6 = -15; (1/4 + 2/8) / 2 and (3/4 + 6/8) / 2."""
    assert sn.importance(PAPER).tolist() == [[3.0, -15.0]]
    assert sn.importance(PAPER, "garson").tolist() == [[0.25, 0.75]]
    slopes = sn.importance(PAPER, "gradient", [[0.0, 1.0], [2.0, 7.0]])
    assert slopes.tolist() == [[3.0, 15.0]]  # a linear network: the sizes of olden, anywhere


def test_importance_with_a_bend_by_hand() -> None:
    """Of tanh(2x) times 3: the slopes 6 at 0, and 6 / cosh(2)^2 at 1 and at -1."""
    bent = sn.Parameters([[2.0]], [[0.0]], [[-3.0]], [[0.0]], output="identity")
    scores = sn.importance(bent, "gradient", [[0.0, 1.0, -1.0]])
    assert scores[0, 0] == pytest.approx((6 + 12 / np.cosh(2) ** 2) / 3, rel=20 * EPS)


def by_unit(parameters: sn.Parameters, method: str) -> Any:
    """The two formulas as their authors tell them: way by way, output by output."""
    W1, W2 = parameters.W1.tolist(), parameters.W2.tolist()
    scores = []
    for v in W2:
        row = [0.0] * len(W1[0])
        for w, out in zip(W1, v, strict=True):
            through = sum(abs(weight) * abs(out) for weight in w)
            for i, weight in enumerate(w):
                one = weight * out if method == "olden" else abs(weight) * abs(out) / through
                row[i] += one
        whole = 1.0 if method == "olden" else sum(row)
        scores.append([score / whole for score in row])
    return np.array(scores)


@pytest.mark.parametrize("shape", [(1, 1, 1), (1, 7, 3), (3, 6, 4), (2, 40, 9)])
@pytest.mark.parametrize("method", ["olden", "garson"])
def test_importance_is_that_of_a_loop_over_units(method: str, shape: Any) -> None:
    parameters = network(*shape)
    scores = sn.importance(parameters, method)
    assert scores.shape == (shape[0], shape[2]) and scores.dtype == np.float64
    size = np.abs(parameters.W2) @ np.abs(parameters.W1)  # of what is added up
    limit = 4 * shape[1] * EPS * (size.max() if method == "olden" else 1)
    assert np.abs(scores - by_unit(parameters, method)).max() <= limit


@pytest.mark.parametrize("output", ["sigmoid", "softmax", "identity", "exp"])
@pytest.mark.parametrize("n_h", [0, 6])
def test_importance_by_gradient_is_that_of_central_differences(output: str, n_h: int) -> None:
    """Errors are h^2 times a third derivative, and rounding / h: below 1e-8 for h = 1e-5."""
    known = {"hidden": "silu"} if n_h else {}
    parameters, X, h = network(3, n_h, output=output, **known), inputs(), 1e-5
    differences = np.empty((3, 4))
    for i in range(4):
        step = np.zeros((4, 1))
        step[i] = h
        up, down = (sn.forward(parameters, X + sign * step).A2 for sign in (1, -1))
        differences[:, i] = np.abs((up - down) / (2 * h)).mean(axis=1)
    scores = sn.importance(parameters, "gradient", X)
    assert scores == pytest.approx(
        differences, rel=1e-8 * (100 if output == "exp" else 1), abs=1e-8
    )


def test_importance_by_gradient_of_many_examples_is_added_up_in_blocks(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    parameters, X = network(), inputs(m=53)
    whole = sn.importance(parameters, "gradient", X)
    monkeypatch.setattr("shallownet_native.diagnosis.influence.BLOCK", 10 * 12)  # ten examples
    rows = 53 * EPS * whole.max()  # sums of 53, in another order
    assert np.abs(sn.importance(parameters, "gradient", X) - whole).max() <= rows
    assert np.abs(np.abs(sn.jacobian(parameters, X, wrt="inputs")).mean(0) - whole).max() <= rows


# What must hold


@pytest.mark.parametrize("method", METHODS)
def test_importance_does_not_depend_on_the_order_of_units(method: str) -> None:
    parameters, X = network(), inputs()
    order = [3, 1, 5, 0, 2, 4]
    W1, b1, W2, b2 = parameters
    shuffled = sn.Parameters(W1[order], b1[order], W2[:, order], b2)
    before, after = (sn.importance(P, method, X) for P in (parameters, shuffled))
    assert np.abs(before - after).max() <= 50 * EPS * np.abs(before).max()


def test_importance_of_garson_is_a_share_that_forgets_the_output() -> None:
    parameters = network()
    scores = sn.importance(parameters, "garson")
    assert (scores >= 0).all() and np.abs(scores.sum(axis=1) - 1).max() <= 10 * EPS
    assert (scores == scores[0]).all()
    other = parameters.copy()
    other.W2 = np.ones((3, 6))
    assert np.array_equal(sn.importance(other, "garson"), scores)


def test_importance_of_garson_leaves_out_units_that_lead_nowhere() -> None:
    P = sn.Parameters([[1.0, 3.0], [5.0, 5.0], [0.0, 0.0]], np.zeros((3, 1)),
                      [[1.0, 0.0, 1.0], [0.0, 2.0, 0.0], [0.0, 0.0, 7.0]],
                      np.zeros((3, 1)))  # fmt: skip
    assert sn.importance(P, "garson").tolist() == [[0.25, 0.75], [0.5, 0.5], [0.0, 0.0]]


@pytest.mark.parametrize("n_h", [0, 3])
@pytest.mark.parametrize("method", METHODS)
def test_importance_of_zeros_is_zero(method: str, n_h: int) -> None:
    zeros = sn.initialize(2, n_h, 2, "zeros") if n_h else network(2, 0, 2)
    zeros.flat[:] = 0
    assert sn.importance(zeros, method, inputs(2)).tolist() == [[0.0, 0.0], [0.0, 0.0]]


def test_importance_without_hidden_layer_is_that_of_the_weights() -> None:
    parameters, X = network(2, 0, output="identity"), inputs()
    W2 = parameters.W2
    olden = sn.importance(parameters)
    assert np.array_equal(olden, W2) and not np.shares_memory(olden, W2)
    shares = np.abs(W2) / np.abs(W2).sum(axis=1, keepdims=True)
    assert sn.importance(parameters, "garson") == pytest.approx(shares, rel=8 * EPS)
    assert sn.importance(parameters, "gradient", X) == pytest.approx(np.abs(W2), rel=60 * EPS)


def test_importance_of_units_of_measurement_is_undone_by_deviations() -> None:
    """An input in other units has another weight; times its deviation the old number is back."""
    parameters, X, scale = network(), inputs(), np.array([1.0, 1000.0, 0.01, 1.0])
    other = parameters.copy()
    other.W1 = parameters.W1 / scale
    for method in ("olden", "gradient"):
        old = sn.importance(parameters, method, X) * X.std(axis=1)
        scaled = X * scale[:, np.newaxis]
        new = sn.importance(other, method, scaled) * scaled.std(axis=1)
        assert new == pytest.approx(old, rel=1e-12)
        assert sn.importance(other, method, scaled) != pytest.approx(old, rel=0.1)


def test_importance_of_float32_is_computed_in_float64() -> None:
    single = network(output="softmax").astype(np.float32)
    X = inputs().astype(np.float32)
    for method in METHODS:
        scores = sn.importance(single, method, X)
        double = sn.importance(single.astype(np.float64), method, X.astype(np.float64))
        assert scores.dtype == np.float64 and np.array_equal(scores, double)


def test_importance_of_extreme_weights_is_a_number_or_an_error() -> None:
    huge = network(1, 2, 2)
    huge.W1 = np.full((2, 2), 1.5e308)
    huge.W2 = np.array([[1e200, -1e200]])
    assert sn.importance(huge, "garson").tolist() == [[0.5, 0.5]]
    with pytest.raises(ValueError, match="W2 @ W1 must be finite"):
        sn.importance(huge)
    tiny = network(1, 1, 2)
    tiny.W1 = np.array([[5e-324, 5e-324]])
    assert sn.importance(tiny, "garson").tolist() == [[0.5, 0.5]]


# Models of other kinds


@pytest.mark.parametrize("method", METHODS)
def test_importance_of_a_result_is_that_of_its_parameters(method: str) -> None:
    X, Y = sn.datasets.flower()
    result = sn.train(sn.initialize(2, 4, 1, seed=0), X, Y, n_iterations=30)
    scores = sn.importance(result, method, X)
    assert np.array_equal(scores, sn.importance(result.parameters, method, X))


@pytest.mark.parametrize("kind", [ShallowNetClassifier, MLPClassifier, ShallowNetRegressor])
def test_importance_of_estimators_is_that_of_their_weights(kind: Any) -> None:
    X = inputs(4, 60).T
    y = X[:, 0] > 0 if kind is not ShallowNetRegressor else X[:, :2]
    model = fitted(kind(hidden_layer_sizes=(5,), max_iter=3, random_state=0), X, y)
    W1, W2 = (W.T for W in model.coefs_)
    assert np.abs(sn.importance(model) - W2 @ W1).max() <= 20 * EPS
    assert sn.importance(model, "garson").shape == (1 if y.ndim == 1 else 2, 4)
    output = "identity" if kind is ShallowNetRegressor else "sigmoid"
    b1, b2 = (b[:, np.newaxis] for b in model.intercepts_)
    P = sn.Parameters(W1, b1, W2, b2, hidden="relu", output=output)
    slopes = sn.importance(P, "gradient", X.T)
    assert sn.importance(model, "gradient", X) == pytest.approx(slopes, rel=1e-13)


def test_importance_of_pipelines_is_that_of_what_goes_into_the_network() -> None:
    X = inputs(4, 60).T * [1, 10, 100, 1000] + 5
    y = X[:, 1] > 5
    network_ = ShallowNetClassifier((5,), max_iter=3, random_state=0)
    pipeline = fitted(make_pipeline(StandardScaler(), PCA(3), network_), X, y)
    before = pipeline[:-1].transform(X)
    for method in METHODS:
        scores = sn.importance(pipeline, method, X)
        assert scores.shape == (1, 3)
        assert np.array_equal(scores, sn.importance(pipeline[-1], method, before))
    search = GridSearchCV(pipeline, {"shallownetclassifier__alpha": [1e-3]}, cv=2)
    best = fitted(search, X, y)
    assert np.array_equal(sn.importance(best), sn.importance(best.best_estimator_[-1]))


def test_importance_of_tables_with_words_goes_through_the_encoder() -> None:
    frame = pd.DataFrame({"size": np.arange(40.0), "colour": ["red", "blue"] * 20})
    network_ = ShallowNetClassifier((4,), max_iter=3, random_state=0)
    pipeline = fitted(make_pipeline(TableEncoder(), network_), frame, frame["size"] > 20)
    encoded = np.asarray(pipeline[:-1].transform(frame))
    scores = sn.importance(pipeline, "gradient", frame)
    assert scores.shape == (1, encoded.shape[1])
    assert np.array_equal(scores, sn.importance(pipeline[-1], "gradient", encoded))


# What is refused


def test_importance_by_gradient_asks_for_examples() -> None:
    with pytest.raises(ValueError, match=r'method="gradient" needs examples .* pass X'):
        sn.importance(PAPER, "gradient")


def test_importance_by_weights_does_not_look_at_examples() -> None:
    for method in ("olden", "garson"):
        assert np.array_equal(sn.importance(PAPER, method, "?"), sn.importance(PAPER, method))


@pytest.mark.parametrize(
    ("call", "kind", "words"),
    [
        ((PAPER, "Olden"), ValueError, "'garson', 'gradient', got 'Olden': did you mean 'olden'?"),
        ((PAPER, "gradients"), ValueError, "did you mean 'gradient'?"),
        ((PAPER, inputs(2)), TypeError, "method must be a string, one of 'olden', 'garson'"),
        (({"W1": 1},), TypeError, r"got dict: sn.Parameters(**model)"),
        ((None,), TypeError, "a fitted estimator, got NoneType"),
        ((ShallowNetClassifier(),), ValueError, "is not fitted yet"),
        ((PAPER, "gradient", inputs(2).T), ValueError, "(2, m), one column per example, got (50,"),
        ((PAPER, "gradient", [[np.nan], [0.0]]), ValueError, "X must be finite"),
        ((PAPER, "gradient", np.ones((2, 0))), ValueError, "at least one example"),
        ((PAPER, "gradient", [["a"], ["b"]]), TypeError, "X must hold real numbers"),
    ],
)  # fmt: skip
def test_importance_refuses_what_it_cannot_tell(call: Any, kind: Any, words: str) -> None:
    with pytest.raises(kind) as caught:
        sn.importance(*call)
    assert words in str(caught.value) and "\n" not in str(caught.value)


def test_importance_refuses_networks_of_other_kinds() -> None:
    X = inputs(2).T
    for model in (MLPClassifier((3, 3), max_iter=2), LogisticRegression()):
        with pytest.raises(ValueError, match="no network with one hidden layer"):
            sn.importance(fitted(model, X, X[:, 0] > 0))
    broken = PAPER.copy()
    broken.W1 = np.array([[1.0, np.inf], [0.0, 0.0]])
    with pytest.raises(ValueError, match="must be finite"):
        sn.importance(broken)
