"""check_gradients: no name that fits by chance, and words for whatever else comes back."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import shallownet_native as sn
from learners import BACKWARD, SUM1, SUM2, backward, forward, written

# what is wrong and no slip
UNNAMED = {
    "a little of db2": {"db2": f"{SUM2} / m * 1.1"},
    "less of db2": {"db2": f"{SUM2} / m * 0.8"},
    "a little of all": {"m": "X.shape[1] / 1.2"},
    "hardly": {"db2": f"{SUM2} / m * 1.00003"},
    "an example lost": {"dZ2": "(A2 - Y) * (np.arange(7) < 6)"},
    "a cube": {"dZ2": "(Y - A2)**3"},
    "ones": {"db1": "np.ones((4, 1))"},
    "dW1 of zeros": {"dW1": "0 * W1"},
    "None": {"db1": "None"},
    "a word": {"dW1": '"dW1"'},
    "ragged": {"dW1": "[[1, 2], [3]]"},
    "complex": {"dW1": "np.dot(dZ1, X.T) / m + 1j"},
    "rounded": {"dW1": "(np.dot(dZ1, X.T) / m).round(3)"},
}


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("changes", UNNAMED.values(), ids=UNNAMED)
def test_check_gradients_gives_no_name_that_fits_by_chance(
    changes: dict[str, str], seed: int
) -> None:
    report = sn.check_gradients(backward(**changes), forward(), seed=seed)
    assert not report.ok and report.slips == ()
    assert "WRONG" in report.text and "No slip that is known explains this" in report.text
    assert "The backward pass is right" not in report.text


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"dW1": "np.dot(dZ1, X.T) / m + 0.01 * np.sin(W1)"}, "look at the product with X.T"),
        ({"db1": f"{SUM1} / m + 0.01"}, "dW1 is right, and so is dZ1: look at the sum"),
        ({"db1": "None"}, "db1 is None, and should be an array of shape (4, 1)"),
        ({"dW1": "[[1, 2], [3]]"}, "several lengths"),
    ],
)
def test_check_gradients_says_where_to_look(changes: dict[str, str], words: str) -> None:
    report = sn.check_gradients(backward(**changes))
    assert words in report.text
    assert ("look at" in report.text) == ("look at" in words)


def test_check_gradients_says_which_names_have_come() -> None:
    report = sn.check_gradients(backward(grads='{"dw1": dW1, "db1": db1, "dW2": dW2, "db2": db2}'))
    assert report.slips == ("missing_array",)
    assert "It has returned 'dw1', 'db1', 'dW2', 'db2', and not 'dW1'." in report.text


def test_check_gradients_says_for_which_activation_all_is_right() -> None:
    relu = backward(dZ1="(W2.T @ dZ2) * (Z1 > 0)"), forward(A1="np.maximum(0, Z1)")
    report = sn.check_gradients(*relu)
    assert report.slips == ("wrong_activation", "slope_of_wrong_activation")
    assert report.text.endswith('All is right with hidden="relu": write that if your units are so.')
    assert "All is right" not in sn.check_gradients(relu[0], forward()).text


def test_check_gradients_says_that_one_example_hides_a_mean(capsys: Any) -> None:
    report = sn.check_gradients(backward(m="2 - 1"), X=np.ones((2, 1)), Y=[[1.0]])
    assert report.ok and "With one example a missing 1/m" in report.text
    assert capsys.readouterr().out == f"{report.text}\n"


def test_check_gradients_takes_a_forward_that_returns_A2_alone() -> None:
    assert sn.check_gradients(backward(), lambda X, P: forward()(X, P)[0]).ok
    report = sn.check_gradients(backward(), lambda X, P: (forward()(X, P)[0].round(), None))
    assert report.slips == ("labels_for_probabilities",)
    assert max(report.errors.values()) <= 1e-14, "the backward pass gets a right cache all the same"


def test_check_gradients_looks_at_the_A2_that_is_returned_and_at_the_one_that_is_kept() -> None:
    def keeping(A2: Any, in_cache: Any) -> Any:
        def of(X: Any, parameters: Any) -> Any:
            right, cache = forward()(X, parameters)
            return A2(right), {**cache, "A2": in_cache(right)}

        return of

    def same(A2: Any) -> Any:
        return A2

    assert sn.check_gradients(backward(), keeping(same, same)).ok
    assert not sn.check_gradients(backward(), keeping(np.round, same)).ok
    assert not sn.check_gradients(backward(), keeping(same, np.round)).ok


@pytest.mark.parametrize("A1", ["np.tanh(Z1); W1 *= 2", "np.tanh(Z1); b1 -= 1"])
def test_check_gradients_sees_parameters_changed_on_the_way_forward(A1: str) -> None:
    report = sn.check_gradients(backward(), forward(A1=A1))
    assert "updated_too_early" in report.slips and "The forward pass has changed" in report.text


def test_check_gradients_takes_parameters_that_were_moved_and_moved_back() -> None:
    def by_differences(parameters: Any, X: Any, Y: Any) -> Any:
        grads = {}
        for name in ("W1", "b1", "W2", "b2"):
            grads["d" + name] = np.zeros_like(parameters[name])
            for place in np.ndindex(*parameters[name].shape):
                costs = []
                for step in (1e-5, -2e-5):
                    parameters[name][place] += step
                    A2, _ = forward()(X, parameters)
                    costs.append(-np.mean(Y * np.log(A2) + (1 - Y) * np.log(1 - A2)))
                parameters[name][place] += 1e-5
                grads["d" + name][place] = (costs[0] - costs[1]) / 2e-5
        return grads

    assert sn.check_gradients(by_differences).ok


def test_check_gradients_lets_parameters_be_taken_out() -> None:
    source = BACKWARD.replace("    return grads", "    parameters.pop('W1')\n    return grads")
    report = sn.check_gradients(written(source))
    assert report.slips == ("updated_too_early",) and "has changed W1" in report.text
    assert hash(report) and report != sn.check_gradients(backward())


def test_check_gradients_lets_other_errors_through() -> None:
    def asks(parameters: Any, cache: Any, X: Any, Y: Any) -> Any:
        return cache["a1"]

    with pytest.raises(
        KeyError, match=r"a1 is not among Z1, A1, Z2, A2, .*: give your own forward"
    ):
        sn.check_gradients(asks)
    with pytest.raises(KeyError, match=r"^'w1 is not among W1, b1, W2, b2'$"):
        sn.check_gradients(lambda parameters, cache, X, Y: parameters["w1"])

    def unpacks(parameters: Any, cache: Any, X: Any, Y: Any) -> Any:
        _Z1, _A1, _W1, _b1, _Z2, _A2, _W2, _b2 = cache

    with pytest.raises(ValueError, match=r"does not read its cache as a dict .*: give your own"):
        sn.check_gradients(unpacks)
    with pytest.raises(ZeroDivisionError):
        sn.check_gradients(lambda parameters, cache, X, Y: 1 / 0)
    with pytest.raises(ValueError, match="mine"):
        sn.check_gradients(backward(m="int('mine')"))
