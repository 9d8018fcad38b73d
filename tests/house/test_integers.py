"""Every integer that users may give, at every size and of every kind.

It works, or the error names the argument and says what is wrong; never one of pybind11's or
NumPy's own.
"""

from __future__ import annotations

import inspect
import itertools
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import shallownet_native as sn
from shallownet_native import ShallowNetClassifier, ShallowNetRegressor, course, datasets
from shallownet_native.cli import program

HUGE = [2**31, 2**63 - 1, 2**63, 2**64, 10**30, np.uint64(2**64 - 1), -(2**63), -(10**30)]
KINDS = [np.int8(4), np.uint8(4), np.int64(4), np.uint64(4), np.array(4)]
NONE = [True, np.True_, np.array([4]), 4.0, "4", [4], {}, b"4", 4j]

X = np.random.default_rng(0).standard_normal((3, 40))
Y = (X[:1] > 0).astype(float)
START = sn.initialize(3, 4, 1, seed=0)
Call = Callable[[Any], Any]


def second(state: sn.EpochState) -> bool:
    return state.epoch >= 1


def train(argument: str, **options: Any) -> Call:
    """Return a training whose argument is to be given; short, however long it could be."""
    options = {"callback": second, "seed": 0, **options}
    return lambda value: sn.train(START, X, Y, **{**options, argument: value})


def second_of_all(states: list[sn.EpochState | None]) -> bool:
    return any(state is not None and second(state) for state in states)


def train_many(argument: str, **options: Any) -> Call:
    """Return a training of two networks whose argument is to be given."""
    options = {"callback": second_of_all, "seeds": [0, 1], **options}
    return lambda value: sn.train_many([START, START], X, Y, **{**options, argument: value})


def draw(function: Callable[..., Any], argument: str) -> Call:
    few = {"n_examples": 8} if argument != "n_examples" and function is not datasets.xor else {}
    return lambda value: function(**{**few, argument: value})


FUNCTIONS: dict[str, Call] = {
    "initialize n_x": lambda n: sn.initialize(n, 2, 1),
    "initialize n_h": lambda n: sn.initialize(2, n, 1),
    "initialize n_y": lambda n: sn.initialize(2, 2, n),
    "initialize seed": lambda n: sn.initialize(2, 2, 1, seed=n),
    "train n_iterations": train("n_iterations"),
    "train n_epochs": train("n_epochs", batch_size=10),
    "train batch_size": train("batch_size", n_epochs=2),
    "train cost_every": train("cost_every"),
    "train n_iter_no_change": train("n_iter_no_change", tol=0.1),
    "train n_threads": train("n_threads"),
    "train seed": train("seed", batch_size=10),
    "train every": train("every"),
    "train_many n_iterations": train_many("n_iterations"),
    "train_many n_epochs": train_many("n_epochs", batch_size=10),
    "train_many batch_size": train_many("batch_size", n_epochs=2),
    "train_many cost_every": train_many("cost_every"),
    "train_many n_iter_no_change": train_many("n_iter_no_change", tol=0.1),
    "train_many n_threads": train_many("n_threads"),
    "train_many seeds[1]": lambda n: train_many("seeds", batch_size=10)([0, n]),
    "course n_x": lambda n: course.initialize_parameters(n, 2, 1),
    "course n_h": lambda n: course.initialize_parameters(2, n, 1),
    "course n_y": lambda n: course.initialize_parameters(2, 2, n),
    "course seed": lambda n: course.initialize_parameters(2, 2, 1, seed=n),
    "nn_model n_h": lambda n: course.nn_model(X, Y, n, num_iterations=2),
    "nn_model seed": lambda n: course.nn_model(X, Y, 2, num_iterations=2, seed=n),
    **{
        f"{name} {argument}": draw(getattr(datasets, name), argument)
        for name in ("blobs", "flower", "gaussian_quantiles", "noisy_circles", "noisy_moons",
                     "spirals", "xor")
        for argument in inspect.signature(getattr(datasets, name)).parameters
        if argument in ("n_examples", "n_classes", "n_features", "seed")
    },
}  # fmt: skip


def outcome(call: Call, value: Any) -> str:
    """Return "", or the message of the TypeError or ValueError."""
    try:
        call(value)
    except (TypeError, ValueError) as error:
        return str(error)
    return ""


@pytest.mark.parametrize("name", FUNCTIONS)
def test_integers_however_large_work_or_are_named(name: str) -> None:
    argument = name.split()[1]
    for value in HUGE:
        message = outcome(FUNCTIONS[name], value)
        # of classes there must not be more than examples, either of which may be named
        named = (argument, "n_examples") if argument == "n_classes" else (argument,)
        assert not message or message.startswith(named), value
        assert "must be" in message or not message
        assert message or value > 0


@pytest.mark.parametrize("name", FUNCTIONS)
def test_integers_of_numpy_are_integers(name: str) -> None:
    for value in KINDS:
        assert not outcome(FUNCTIONS[name], value), repr(value)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_integers_are_no_other_things(name: str) -> None:
    argument = name.split()[1]
    for value in NONE:
        message = outcome(FUNCTIONS[name], value)
        assert message.startswith(f"{argument} must be an int"), repr(value)


@pytest.mark.parametrize("n", KINDS, ids=repr)
def test_integers_of_numpy_make_the_same_data_sets(n: Any) -> None:
    for name, arguments in [("blobs", ("n_classes", "n_features")), ("spirals", ("n_classes",)),
                            ("gaussian_quantiles", ("n_classes", "n_features"))]:  # fmt: skip
        make = getattr(datasets, name)
        for argument in arguments:
            expected = make(400, seed=0, **{argument: 4})
            for array, same in zip(make(400, seed=0, **{argument: n}), expected, strict=True):
                assert np.array_equal(array, same) and array.dtype == same.dtype


def test_integers_batch_size_has_one_limit() -> None:
    for value in (41, 2**31, 2**63, 10**30):
        with pytest.raises(ValueError, match=f"batch_size must be <= 40, .* got {value}"):
            sn.train(START, X, Y, n_epochs=1, batch_size=value)


# Estimators: scikit-learn looks at their parameters' kinds


def fit(estimator: type, **parameters: Any) -> Any:
    given = {"hidden_layer_sizes": (4,), "random_state": 0, "tol": 10.0, "n_iter_no_change": 2}
    return estimator(**{**given, **parameters}).fit(X.T, Y[0])


@pytest.mark.parametrize("estimator", [ShallowNetClassifier, ShallowNetRegressor])
@pytest.mark.parametrize(("solver", "parameter"), [
    *itertools.product(["adam", "gd", "sgd", "lbfgs", "lm"], ["max_iter", "n_threads"]),
    *itertools.product(["adam", "sgd"], ["batch_size", "checkpoint_every"]),
    ("lbfgs", "max_fun"),
    ("lm", "max_fun"),
])  # fmt: skip
def test_integers_of_estimators_however_large_work(
    estimator: type, solver: str, parameter: str
) -> None:
    expected = None
    for value in [10**6, *(n for n in HUGE if n > 0)]:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "Got `batch_size`")
            weights = fit(estimator, solver=solver, **{parameter: value}).coefs_[0]
        expected = weights if expected is None else expected
        assert np.array_equal(weights, expected), value


@pytest.mark.parametrize("shuffle", [True, False])
@pytest.mark.parametrize("solver", ["adam", "gd", "sgd"])
def test_integers_of_estimators_refuse_a_fit_that_nothing_ends(solver: str, shuffle: bool) -> None:
    endless = {"solver": solver, "shuffle": shuffle, "n_iter_no_change": np.inf}
    for value in (2**53 + 1, 2**63, 10**30):
        with pytest.raises(ValueError, match=f"max_iter={value} with n_iter_no_change=inf"):
            fit(ShallowNetRegressor, max_iter=value, **endless)
        # a callback ends it
        model = fit(ShallowNetRegressor, max_iter=value, callbacks=lambda _: True, **endless)
        assert model.n_iter_ == 1
    with pytest.raises(sn.DivergenceError):  # the longest that is taken, ended by its numbers
        fit(
            ShallowNetRegressor, max_iter=2**53, learning_rate_init=1e200, activation="identity",
            **endless,
        )  # fmt: skip


FIVE = [5, (5,), [5], np.array(5), np.array([5]), np.int8(5), range(5, 6), (np.uint64(5),)]


@pytest.mark.parametrize("sizes", FIVE, ids=repr)
def test_integers_of_hidden_units_in_any_form(sizes: Any) -> None:
    assert fit(ShallowNetClassifier, hidden_layer_sizes=sizes).coefs_[0].shape == (3, 5)


@pytest.mark.parametrize(
    "sizes", [{5: 1}, {5}, {}, set(), "5", True, (True,), 5.0, (5.0,), (None,), 0, -1, (0,), 2**31,
              2**63, 10**30, (2**64,), np.array(5.0), {"a": 5}.values(), ((5,),), b"5"], ids=repr,
)  # fmt: skip
def test_integers_that_are_no_hidden_units_are_refused(sizes: Any) -> None:
    with pytest.raises((ValueError, TypeError), match="hidden_layer_sizes"):
        fit(ShallowNetClassifier, hidden_layer_sizes=sizes)


@pytest.mark.parametrize("value", [10**30, 2**63, np.int64(10**6), 1e9, float("inf")], ids=repr)
def test_integers_of_bytes_are_limits(tmp_path: Path, value: Any) -> None:
    sn.save(START, tmp_path / "m.snet")
    assert sn.load(tmp_path / "m.snet", max_bytes=value) == START


@pytest.mark.parametrize("value", [None, "9", [9], True, {}, -1, float("nan")], ids=repr)
def test_integers_that_are_no_bytes_are_refused(tmp_path: Path, value: Any) -> None:
    sn.save(START, tmp_path / "m.snet")
    with pytest.raises((TypeError, ValueError), match="max_bytes must be"):
        sn.load(tmp_path / "m.snet", max_bytes=value)


# The command line


@pytest.mark.parametrize(
    "option", ["--epochs", "--hidden-units", "--batch-size", "--seed", "--threads"]
)
@pytest.mark.parametrize("text", ["²", "-1", "1.5", "x", "", str(10**45), "9" * 5000, "1_0"],
                         ids=lambda text: text[:9])  # fmt: skip
def test_integers_of_the_command_line_are_checked(
    capsys: pytest.CaptureFixture[str], option: str, text: str
) -> None:
    with pytest.raises(SystemExit) as stopped:
        program.main(["train", "t.csv", "--target", "y", "--out", "m.snet", f"{option}={text}"])
    assert stopped.value.code == 2
    message = capsys.readouterr().err
    assert f"argument {option}: must be a whole number" in message
    assert message.count("\n") == 1 and len(message) < 250


def test_integers_of_the_command_line_are_read() -> None:
    given = ["--seed", str(2**32 - 1), "--epochs", "0" * 99 + "7", "--hidden-units", "0"]
    options = program._parser().parse_args(
        ["train", "t.csv", "--target", "y", "--out", "m", *given]
    )
    assert (options.seed, options.epochs, options.hidden_units) == (2**32 - 1, 7, 0)
