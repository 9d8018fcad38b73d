"""The lines of code that errors about data advise are run here, and mend what was refused."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest

import shallownet_native as sn

M = 12
X = np.random.default_rng(0).normal(size=(2, M))
WORDS = np.array(["red", "blue", "red", "green"] * 3)
TWO = np.array(["red", "blue"] * 6)
SOFTMAX = {"output": "softmax"}


def network(n_y: int) -> sn.Parameters:
    return sn.initialize(2, 3, n_y, seed=0)


def advised(message: str, name: str, value: Any) -> Any:
    """Run the advised line on the value, as its reader would, and return what comes of it."""
    names = {"np": np, name: value, "parameters": network(1)}
    where = re.search(r"where labels = (.*)$", message)
    if where:
        names["labels"] = eval(where[1], names)
        [line] = re.findall(r"with (np\.eye\(\d+\)\[labels\]\.T)", message)
    else:
        [line] = re.findall(r"(?:use|example is) (.+?)(?: if |, or|, days|$)", message)
    return eval(line, names)


def refused(Y: Any, n_y: int, **options: Any) -> str:
    with pytest.raises((TypeError, ValueError)) as caught:
        sn.cost(network(n_y), X, Y, **options)
    return str(caught.value)


TARGETS: dict[str, tuple[Any, int, Any]] = {
    "two words": (TWO, 1, {}),
    "two words in a row": (TWO[np.newaxis], 1, {}),
    "two words in a list": (TWO.tolist(), 1, {}),
    "two words as objects": (TWO.astype(object), 1, {}),
    "two words as bytes": (TWO.astype("S"), 1, {}),
    "one word": (TWO[:1].repeat(M), 1, {}),
    "three words": (WORDS, 3, SOFTMAX),
    "three words in a column": (WORDS[:, np.newaxis], 3, SOFTMAX),
    "three words in a list": (WORDS.tolist(), 3, SOFTMAX),
    "numbers in words": ((TWO == "red")[np.newaxis].astype(int).astype(str), 1, {}),
    "class numbers": (np.arange(M) % 3, 3, SOFTMAX),
    "class numbers, one class absent": (np.arange(M) % 2 * 2, 3, SOFTMAX),
    "class numbers in a list": ((np.arange(M) % 3).tolist(), 3, SOFTMAX),
    "class numbers from 1": (np.arange(M) % 3 + 1, 3, SOFTMAX),
    "class numbers as floats": (np.arange(M) % 3 * 1.0, 3, SOFTMAX),
    "class numbers in a row": ((np.arange(M) % 3)[np.newaxis], 3, SOFTMAX),
    "truths": (TWO == "red", 1, {}),
    "truths in a list": ((TWO == "red").tolist(), 1, {}),
    "transposed list": ((TWO == "red")[:, np.newaxis].tolist(), 1, {}),
    "objects": ((TWO == "red")[np.newaxis].astype(object), 1, {}),
    "longer than float64": ((TWO == "red")[np.newaxis].astype(np.longdouble), 1, {}),
}


@pytest.mark.parametrize(("Y", "n_y", "options"), TARGETS.values(), ids=TARGETS)
def test_remedies_for_targets_run(Y: Any, n_y: int, options: Any) -> None:
    mended = advised(refused(Y, n_y, **options), "Y", Y)
    assert mended.shape == (n_y, M)
    assert np.isfinite(sn.cost(network(n_y), X, mended, **options))


def test_remedies_keep_class_numbers_as_they_are() -> None:
    numbers = np.arange(M) % 2 * 2  # nobody is of class 1
    mended = advised(refused(numbers, 3, **SOFTMAX), "Y", numbers)
    assert np.array_equal(mended.argmax(axis=0), numbers)


@pytest.mark.parametrize("n_y", [2, 3, 4])
def test_remedies_for_another_number_of_classes_name_the_network_for_them(n_y: int) -> None:
    labels = np.array(list("abcde" * 3))[:M]
    message = refused(labels, n_y, **SOFTMAX)
    assert f"there are 5 different labels, and outputs of the network: {n_y}" in message
    assert "Start one with n_y=5" in message
    assert np.isfinite(sn.cost(network(5), X, advised(message, "Y", labels), **SOFTMAX))


def test_remedies_for_a_softmax_of_one_output() -> None:
    Y = np.arange(M)[np.newaxis] % 2
    message = refused(Y, 1, **SOFTMAX)
    assert "is always 1" in message and "output='sigmoid'" in message and "np.eye" not in message
    assert np.isfinite(sn.cost(network(1), X, Y, output="sigmoid"))


def test_remedies_for_labels_that_cannot_be_compared() -> None:
    Y = np.array([["red", None] * 6], object)
    assert "a label of one type" in refused(Y, 1)


INPUTS: dict[str, Any] = {
    "complex": X + 0j,
    "complex in lists": (X + 0j).tolist(),
    "words of numbers": X.astype(str),
    "lists of words": X.astype(str).tolist(),
    "objects": X.astype(object),
    "dates": np.arange(2 * M).reshape(2, M).astype("M8[D]"),
    "dates in lists": list(np.arange(2 * M).reshape(2, M).astype("M8[D]")),
    "times": np.arange(2 * M).reshape(2, M).astype("m8[h]"),
    "transposed": X.T,
    "transposed, in lists": X.T.tolist(),
    "one example": X[:, 0],
    "one example, in a list": X[:, 0].tolist(),
}


@pytest.mark.parametrize("given", INPUTS.values(), ids=INPUTS)
def test_remedies_for_inputs_run(given: Any) -> None:
    with pytest.raises((TypeError, ValueError)) as caught:
        sn.predict(network(1), given)
    mended = advised(str(caught.value), "X", given)
    assert sn.predict(network(1), mended).shape == (1, mended.shape[1])


def test_remedies_for_float64_on_float32() -> None:
    parameters = network(1).astype(np.float32)
    with pytest.raises(TypeError) as caught:
        sn.predict(parameters, X)
    assert sn.predict(parameters, advised(str(caught.value), "X", X)).shape == (1, M)


def test_remedies_for_validation_data_name_its_y() -> None:
    with pytest.raises(ValueError, match="validation Y must have shape") as caught:
        sn.train(network(1), X, X[:1] > 0, validation=(X, (X[:1] > 0).T))
    assert str(caught.value).endswith("use Y.T")


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (np.array([["red", "1"] * 6] * 2), "code words, such as 'red', as numbers"),
        (np.array([[1.0, None] * 6] * 2, object), "convert it to an array of numbers"),
        (None, "convert it to an array of numbers"),
        ({"a": 1}, "convert it to an array of numbers"),
    ],
)
def test_remedies_that_would_not_run_are_not_given(given: Any, words: str) -> None:
    with pytest.raises(TypeError, match=words) as caught:
        sn.predict(network(1), given)
    assert "np." not in str(caught.value)
