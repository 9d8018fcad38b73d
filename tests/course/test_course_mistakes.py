"""What the course says of forgotten unpacking, orders, orientations, labels and targets."""

from __future__ import annotations

import re
import warnings

import numpy as np
import pandas as pd
import pytest

import shallownet_native as sn
from shallownet_native import course as c

X, Y = sn.datasets.flower()
P = c.initialize_parameters(2, 4, 1, seed=2)
A2, CACHE = c.forward_propagation(X, P)
GRADS = c.backward_propagation(P, CACHE, X, Y)
NETWORK = sn.Parameters(**P)
NAMES = {"c": c, "np": np, "pd": pd, "sn": sn, "X": X, "Y": Y, "P": P, "A2": A2, "cache": CACHE,
         "grads": GRADS, "network": NETWORK, "narrow": sn.initialize(1, 4, 1, seed=0)}  # fmt: skip

FORWARD = "write A2, cache = forward_propagation(X, parameters)"
ORDERS = {
    name: f"the order of the arguments is {name}({arguments})"
    for name, arguments in {
        "layer_sizes": "X, Y", "forward_propagation": "X, parameters", "compute_cost": "A2, Y",
        "backward_propagation": "parameters, cache, X, Y", "predict": "parameters, X",
        "update_parameters": "parameters, grads", "nn_model": "X, Y, n_h",
    }.items()
}  # fmt: skip
BOTH = "use X.T and Y.T"
FLAT = "use X.T and Y.reshape(1, -1)"
# calls, and the kind and words of their errors
ERRORS = {
    # not unpacked, or nothing
    "c.backward_propagation(P, (A2, cache), X, Y)": (TypeError, "cache is a tuple of 2"),
    "c.backward_propagation(P, c.forward_propagation(X, P), X, Y)": (TypeError, FORWARD),
    "c.compute_cost(c.forward_propagation(X, P), Y)": (TypeError, f"A2 is a tuple of 2.*{FORWARD}"),
    "c.compute_cost(A2, c.forward_propagation(X, P))": (TypeError, FORWARD),
    "c.update_parameters(P, sn.gradients(network, X, Y))": (
        TypeError, "grads is a tuple of 2.*write J, grads = sn.gradients("),
    "c.compute_cost(cache, Y)": (TypeError, 'it is cache["A2"]'),
    "c.compute_cost(sn.forward(network, X), Y)": (TypeError, "a Forward: it is cache.A2"),
    "c.nn_model((X.T, Y[0]), 4, 10)": (TypeError, "X is a tuple of 2.*write X, Y = ..."),
    "c.predict(P, (X, Y))": (TypeError, "X is a tuple of 2.*write X, Y = ..."),
    "c.layer_sizes((X, Y), Y)": (TypeError, "X is a tuple of 2.*write X, Y = ..."),
    "c.compute_cost([A2, cache], Y)": (TypeError, f"A2 is a list of 2.*{FORWARD}"),
    "c.predict((P, [1.0, 2.0]), X)": (TypeError, "is a tuple of 2.*write parameters, costs = ..."),
    "c.update_parameters(P, [1, 2])": (TypeError, 'a dict of "dW1", .*, got list'),
    "c.update_parameters(P, None)": (TypeError, "got None: .* end with return"),
    "c.backward_propagation(P, None, X, Y)": (TypeError, "got None: .* end with return"),
    "c.backward_propagation(P, [1, 2], X, Y)": (TypeError, 'a dict of "A1", "A2", got list'),
    "c.backward_propagation(P, tuple(sn.forward(network, X)), X, Y)": (TypeError, "got tuple"),
    "c.backward_propagation(P, {}, X, Y)": (ValueError, "hold A1 and A2, got nothing"),
    "c.backward_propagation(P, {'A2': A2}, X, Y)": (ValueError, "hold A1 and A2, got A2"),
    "c.update_parameters(P, {'dW1': grads['dW1']})": (ValueError, "grads must hold db1, got dW1"),
    "c.predict({'W1': P['W1']}, X)": (
        ValueError, "parameters must hold W1, b1, W2, b2: add b1, W2, b2"),
    "c.predict([1, 2], X)": (TypeError, "parameters must be a dict .*got list"),
    "c.backward_propagation(None, cache, X, Y)": (TypeError, "got None: .* end with return"),
    "c.compute_cost(None, Y)": (TypeError, "A2 must be an array, got None: .* end with return"),
    "c.nn_model(X, None, 4)": (TypeError, "Y must be an array, got None"),
    "c.predict(sn.initialize(2, 0, 1), X)": (ValueError, "no hidden layer.* sn.predict"),
    "c.backward_propagation(P, {**cache, 'A1': cache['A1'] + np.nan}, X, Y)": (
        ValueError, 'cache["A1"] must be finite'),
    # orders
    "c.backward_propagation(cache, P, X, Y)": (TypeError, ORDERS["backward_propagation"]),
    "c.backward_propagation(P, cache, Y, X)": (ValueError, ORDERS["backward_propagation"]),
    "c.backward_propagation(X, Y, P, cache)": (TypeError, ORDERS["backward_propagation"]),
    "c.backward_propagation(P, X, cache, Y)": (TypeError, ORDERS["backward_propagation"]),
    "c.backward_propagation(P, cache, X, cache)": (TypeError, ORDERS["backward_propagation"]),
    "c.update_parameters(grads, P)": (TypeError, ORDERS["update_parameters"]),
    "c.update_parameters(P, cache)": (TypeError, ORDERS["update_parameters"]),
    "c.nn_model(Y, X, 4)": (ValueError, ORDERS["nn_model"]),
    "c.layer_sizes(Y, X)": (ValueError, ORDERS["layer_sizes"]),
    "c.layer_sizes(Y > 0, X)": (ValueError, ORDERS["layer_sizes"]),
    "c.layer_sizes(P, Y)": (TypeError, f"X is a dict: {ORDERS['layer_sizes']}"),
    "c.forward_propagation(network, X)": (TypeError, "X is a Parameters: the order"),
    "c.forward_propagation(P, X)": (TypeError, f"X is a dict: {ORDERS['forward_propagation']}"),
    "c.predict(X, P)": (TypeError, ORDERS["predict"]),
    "c.predict(X, network)": (TypeError, ORDERS["predict"]),
    "c.predict(cache, X)": (TypeError, "parameters holds Z1, A1, Z2, A2, as cache would"),
    "c.compute_cost(Y > 0, A2)": (ValueError, f"A2 holds labels.*{ORDERS['compute_cost']}"),
    "c.nn_model(X, 4, Y)": (TypeError, f"Y must be .* number 4: {ORDERS['nn_model']}"),
    "c.nn_model(4, X, Y)": (TypeError, f"X must be .* number 4: {ORDERS['nn_model']}"),
    "c.predict(P, Y)": (ValueError, f"as Y does, .*n_x=2: {ORDERS['predict']}"),
    "c.forward_propagation(Y, P)": (ValueError, f"n_x=2: {ORDERS['forward_propagation']}"),
    "c.update_parameters(P, grads, P)": (
        TypeError, "learning_rate is a dict: the order of .*(parameters, grads, learning_rate)"),
    "c.update_parameters(P, grads, network)": (TypeError, "learning_rate is a Parameters: the or"),
    "c.update_parameters(1.2, P, grads)": (TypeError, ORDERS["update_parameters"]),
    "c.update_parameters(P, 1.2)": (TypeError, ORDERS["update_parameters"]),
    "c.compute_cost(3 * Y, A2)": (ValueError, f"from 0 to 1: {ORDERS['compute_cost']}"),
    # orientations
    "c.layer_sizes(X.T, Y.T)": (ValueError, f"{BOTH}$"),
    "c.layer_sizes(X.T, Y[0])": (ValueError, FLAT),
    "c.nn_model(X.T, Y.T, 4)": (ValueError, f"{BOTH}$"),
    "c.nn_model(X.T, Y[0], 4)": (ValueError, FLAT),
    "c.nn_model(X, Y[0], 4)": (
        ValueError, "Y must have two dimensions, .*got (400,): use Y.reshape(1, -1)"),
    "c.nn_model(X, Y.T, 4)": (
        ValueError, "X is (2, 400) and Y is (400, 1): .*one column per example: use Y.T"),
    "c.layer_sizes(X.T, Y)": (ValueError, "use X.T"),
    "c.compute_cost(A2, Y[0])": (
        ValueError, "Y must have two dimensions, .*use Y.reshape(1, -1)"),
    "c.compute_cost(A2, Y.T)": (ValueError, "A2 is (1, 400) and Y is (400, 1): .*use Y.T"),
    "c.backward_propagation(P, cache, X.T, Y.T)": (ValueError, BOTH),
    "c.backward_propagation(P, cache, X.T, Y[0])": (ValueError, FLAT),
    "c.backward_propagation(narrow, cache, X[:1].T, Y.T)": (ValueError, BOTH),
    "c.nn_model(X.tolist(), Y[0].tolist(), 4)": (ValueError, "use np.array(Y).reshape(1, -1)$"),
    "c.nn_model(X.T.tolist(), Y[0].tolist(), 4)": (
        ValueError, "use np.array(X).T and np.array(Y).reshape(1, -1)"),
    "c.nn_model(X, pd.Series(Y[0]), 4)": (ValueError, "use np.array(Y).reshape(1, -1)"),
    "c.nn_model(X.T.tolist(), Y.T.tolist(), 4)": (
        ValueError, "use np.array(X).T and np.array(Y).T$"),
    "c.compute_cost(A2, Y.T.tolist())": (ValueError, "use np.array(Y).T$"),
    "c.compute_cost(A2.T.tolist(), Y)": (ValueError, "use np.array(A2).T$"),
    "c.backward_propagation(P, cache, X.T.tolist(), Y.T.tolist())": (
        ValueError, "use np.array(X).T and np.array(Y).T, which"),
    "c.predict({**P, 'b2': 0.0}, X)": (ValueError, "got (): use np.array(b2).reshape(-1, 1)$"),
    "c.predict({**P, 'b1': [0] * 4}, X)": (ValueError, "use np.array(b1).reshape(-1, 1)$"),
    "c.predict({**P, 'b1': np.zeros(4)}, X)": (
        ValueError, "b1 must have shape (4, 1), got (4,): use b1.reshape(-1, 1)"),
    "c.update_parameters(P, {**grads, 'db1': grads['db1'][:, 0]})": (
        ValueError, "db1 must have shape (4, 1) like b1, got (4,): np.sum(.*keepdims=True) / m"),
    "c.update_parameters(P, {**grads, 'dW1': grads['dW1'].T})": (
        ValueError, "dW1 must have shape (4, 2) like W1, got (2, 4): np.dot(dZ1, X.T) / m"),
    "c.backward_propagation(P, cache, X[:, 1:], Y[:, 1:])": (
        ValueError, 'cache["A1"] must have shape (4, 399), got (4, 400)'),
    "c.compute_cost(cache['A1'], Y)": (
        ValueError, 'A2 has 4 rows and Y 1: it is cache["A2"] that goes here'),
    "c.compute_cost(A2, Y[:, 1:])": (ValueError, "one column per example$"),
    "c.backward_propagation(P, cache, X.T, Y)": (ValueError, "use X.T$"),
    "c.backward_propagation(P, cache, X, Y.T)": (ValueError, "use Y.T$"),
    "c.forward_propagation(X.T, P)": (ValueError, "use X.T$"),
    "c.predict(P, X.T)": (ValueError, "use X.T$"),
    # labels and targets
    "c.compute_cost(A2 > 0.5, Y)": (ValueError, "A2 holds labels.* before > 0.5"),
    "c.compute_cost((A2 > 0.5) * 1, Y)": (ValueError, "A2 holds labels"),
    "c.compute_cost(10 * cache['Z2'] + 5, Y)": (ValueError, "it is sigmoid(Z2), not Z2"),
    "c.compute_cost(A2, 2 * Y - 1)": (ValueError, "by (Y + 1) / 2, or by Y > 0"),
    "c.backward_propagation(P, cache, X, 2 * Y - 1)": (ValueError, "by (Y + 1) / 2, or by Y > 0"),
    "c.nn_model(X, 2 * Y - 1, 4)": (
        ValueError, "code two classes by (Y + 1) / 2, or by Y > 0"),
    "c.nn_model(X, np.where(Y > 0, 'a', 'b'), 4)": (TypeError, "labels in words"),
    "c.compute_cost(A2, np.where(Y > 0, 'a', 'b'))": (TypeError, "words: for .* (np.array(Y) =="),
    "c.compute_cost(A2, np.where(Y[0] > 0, 'a', 'b'))": (TypeError, "words: for .* (np.array(Y)"),
    "c.compute_cost(A2 + np.nan, Y)": (ValueError, "A2 must be finite, got nan"),
    "c.compute_cost(A2 + np.inf, Y)": (ValueError, "A2 must be finite, got inf"),
    "c.compute_cost(A2[:, :0], Y[:, :0])": (ValueError, "A2 has shape (1, 0): give at least one"),
    "c.nn_model(X, Y + np.nan, 4)": (ValueError, "Y must be finite"),
    "c.nn_model(X[:, :0], Y[:, :0], 4)": (ValueError, "give at least one example"),
    "c.layer_sizes(X, [[1], [1, 2]])": (ValueError, "Y is not one array of numbers"),
    "c.nn_model(X + np.inf, Y, 4)": (ValueError, "X must be finite"),
    # numbers
    "c.nn_model(X, Y, 4, num_iterations=1e4)": (
        TypeError, "num_iterations must be an integer, got 10000.0: write 10000$"),
    "c.nn_model(X, Y, 4, num_iterations=-1)": (ValueError, "num_iterations must be >= 0"),
    "c.nn_model(X, Y, 4, num_iterations='9')": (TypeError, "num_iterations must be an int"),
    "c.nn_model(X, Y, np.float32(4))": (TypeError, "n_h must be an .* got 4.0: write 4$"),
    "c.nn_model(X, Y, 4, num_iterations=-1e4)": (ValueError, "must be >= 0, got -10000$"),
    "c.nn_model(X, Y, 4, num_iterations=1e30)": (ValueError, "num_iterations must be <= "),
    "c.nn_model(X, Y, 4, seed=1e30)": (ValueError, "seed must be <= 4294967295"),
    "c.nn_model(X, Y, 1e9)": (ValueError, "n_h must be a number of units that fit into memory"),
    "c.nn_model(X, Y, 4, print_cost='no')": (TypeError, "print_cost must be True or False"),
    "c.nn_model(X, Y, 4, 3, 1000)": (TypeError, "print_cost must be True or False, got 1000"),
    "c.nn_model(X, Y, 4.5)": (TypeError, "n_h must be an integer, got 4.5 (float)"),
    "c.nn_model(X, Y, 4, seed=3.0)": (TypeError, "seed must be an .* got 3.0: write 3$"),
    "c.nn_model(X, Y, 4, learning_rate='1.2')": (TypeError, "learning_rate must be a real"),
    "c.nn_model(X, Y, 4, learning_rate=-1.0)": (ValueError, "learning_rate must be in"),
    "c.update_parameters(P, grads, 0.0)": (ValueError, "learning_rate must be in"),
    "c.nn_model(X, Y, 0)": (ValueError, "n_h must be >= 1, got 0"),
    "c.initialize_parameters(2.0, 4, 1)": (TypeError, "n_x must be an .* got 2.0: write 2$"),
}  # fmt: skip


def pattern(words: str) -> str:
    """Return the words as a pattern in which only `.*` and a last `$` mean anything."""
    escaped = re.escape(words).replace(r"\.\*", ".*")
    return escaped.removesuffix(r"\$") + "$" if words.endswith("$") else escaped


@pytest.mark.parametrize("call", ERRORS)
def test_course_mistakes_name_the_line_to_write(call: str) -> None:
    error, words = ERRORS[call]
    with pytest.raises(error, match=pattern(words)):
        eval(call, NAMES)


OUTSIDE = {
    "Y + 1": "from 1 to 2.*write Y == 2",
    "Y * 3 + (X[:1] > 0)": "from 0 to 4.*write, for example, Y == 4",
    "X[:1]": "write Y > 0",
    "Y * 3 - 1": "from -1 to 2.*write Y == 2",
}


@pytest.mark.parametrize("targets", OUTSIDE)
@pytest.mark.parametrize(
    "call",
    ["c.compute_cost(A2, {})", "c.backward_propagation(P, cache, X, {})",
     "c.nn_model(X, {}, 4, num_iterations=3)"],
)  # fmt: skip
def test_course_targets_outside_are_computed_with_a_word(targets: str, call: str) -> None:
    with pytest.warns(UserWarning, match=pattern(OUTSIDE[targets])) as caught:
        eval(call.format(targets), NAMES)
    assert len(caught) == 1 and caught[0].filename == "<string>"  # the caller's own line


@pytest.mark.parametrize(
    ("call", "words"),
    [
        ("c.compute_cost((A2 > 0.5) * 1.0, Y)", "or rounding$"),
        ("c.compute_cost(Y, A2)", f"as labels are.*{ORDERS['compute_cost']}"),
        ("c.compute_cost(A2.T.tolist(), Y.T)", "use np.array(A2).T and Y.T"),
        ("c.compute_cost(A2.T, Y.T)", "one example with 400 outputs.*use A2.T and Y.T"),
        ("c.layer_sizes(X[:1].T, Y.T)", "one example with 400 outputs.*use X.T and Y.T"),
    ],
)
def test_course_doubts_are_warnings(call: str, words: str) -> None:
    with pytest.warns(UserWarning, match=pattern(words)):
        eval(call, NAMES)


@pytest.mark.parametrize(
    "call",
    [
        "c.compute_cost((A2 > 0.5)[:, :9] * 1.0, Y[:, :9])",
        "c.compute_cost([[0.5, 0.25]], [[0.5, 0.25]])",
        "c.compute_cost(A2[:, :1], Y[:, :1])",
        "c.backward_propagation(c.update_parameters(P, grads), cache, X, Y)",
        "c.backward_propagation(P, {**cache, 'A1': -cache['A1']}, X, Y)",
        "c.layer_sizes(X > 0, Y)",
        "c.layer_sizes(Y, Y)",
        "c.layer_sizes(Y, np.vstack([A2, Y, Y]))",
        "c.layer_sizes(X[:1], X)",
        "c.layer_sizes(np.zeros((1, 400)), X)",
        "c.layer_sizes(np.ones((1, 400)), X)",
        "c.compute_cost([[1.0, 0.0]], [[0.9, 0.1]])",
        "c.compute_cost([[1 + 4e-16, -4e-16]], [[1 + 4e-16, 0]])",
        "c.backward_propagation(P, cache, X, Y * (1 + 4e-16))",
        "c.nn_model(X, Y * (1 + 4e-16), 4, num_iterations=2)",
        "c.nn_model(X, Y, 4, 1, 0)",
        "c.update_parameters(P, grads, np.float64(1.2))",
        "c.predict(P, np.ones((2, 400)))",
        "c.predict(narrow, Y)",
        "c.layer_sizes(Y, X[:1])",
        "c.layer_sizes((X > 0) * 1, X[:1])",
        "c.layer_sizes([[0, 0, 1, 1], [0, 1, 0, 1]], [[0, 1, 1, 0]])",
        "c.layer_sizes(X[:, :1], Y[:, :1])",
        "c.nn_model(X[:, :1], Y[:, :1], 4, num_iterations=2)",
        "c.nn_model(X, Y * 0.5, 4, num_iterations=2)",
        "c.nn_model(X, Y > 0, 4, num_iterations=np.int64(2))",
        "c.nn_model(X.tolist(), Y.tolist(), 4, num_iterations=0)",
    ],
)
def test_course_says_nothing_where_nothing_is_wrong(call: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        eval(call, NAMES)
