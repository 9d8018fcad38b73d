"""What users pass: every bad value is a typed error that names it and says what to do."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import shallownet_native as sn
from shallownet_native._native.arrays import TARGETS, check_real

RNG = np.random.default_rng(0)
M = 40
X = RNG.standard_normal((2, M))
Y = (X[:1] * X[1:] > 0).astype(float)
START = sn.initialize(2, 4, 1, "glorot_uniform", seed=0)
SOFTMAX = {"output": "softmax", "parameters": sn.initialize(2, 4, 3, seed=0)}
ONE_HOT = np.eye(3)[np.arange(M) % 3].T


def fit(**changes: Any) -> Any:
    arguments = {"parameters": START, "X": X, "Y": Y, "n_iterations": 3, **changes}
    return sn.train(**arguments)


def with_value(array: Any, value: float) -> Any:
    changed = array.copy()
    changed[0, 3] = value
    return changed


class Text:
    """An object that NumPy can only wrap."""


# arguments of `train`, the error, and what its message says
BAD: dict[str, tuple[dict[str, Any], type[Exception], str]] = {
    "X of rank 1": ({"X": X[0]}, ValueError, r"X must have shape \(2, m\), one column per exam"),
    "one example flat": ({"X": X[:, 0]}, ValueError, r"got \(2,\): .*X\.reshape\(-1, 1\)"),
    "X of rank 0": ({"X": 1.0}, ValueError, r"X must have shape \(2, m\), .*got \(\)"),
    "X of rank 3": ({"X": X[None]}, ValueError, r"got \(1, 2, 40\)"),
    "X transposed": ({"X": X.T}, ValueError, r"got \(40, 2\): use X\.T"),
    "X too wide": ({"X": np.ones((3, M))}, ValueError, r"got \(3, 40\)$"),
    "X empty": ({"X": np.ones((2, 0))}, ValueError, "give at least one example"),
    "X NaN": ({"X": with_value(X, np.nan)}, ValueError, r"X must be finite, got nan at \[0, 3\]"),
    "X inf": ({"X": with_value(X, -np.inf)}, ValueError, r"X must be finite, got -inf at \[0, 3\]"),
    "X complex": ({"X": X + 0j}, TypeError, "X must hold real numbers .*complex128"),
    "X object": ({"X": X.astype(object)}, TypeError, "X must hold real numbers .*object"),
    "X any object": ({"X": Text()}, TypeError, r"object \(Text\)"),
    "X None": ({"X": None}, TypeError, r"object \(NoneType\)"),
    "X text": ({"X": X.astype(str)}, TypeError, "X must hold real numbers .*<U"),
    "X dates": ({"X": X.astype("M8[s]")}, TypeError, "X must hold real numbers .*datetime64"),
    "X ragged": ({"X": [[1.0, 2.0], [3.0]]}, ValueError, "X is not one array of numbers"),
    "X masked": ({"X": np.ma.masked_less(X, 0)}, TypeError, r"X is a masked array.*filled\(0\)"),
    "X set": ({"X": {1.0, 2.0}}, TypeError, r"object \(set\)"),
    "X float64 on float32": (
        {"parameters": START.astype(np.float32)},
        TypeError,
        r"X is float64 but the parameters are float32: use X\.astype\(np\.float32\)",
    ),
    "Y of rank 1": ({"Y": Y[0]}, ValueError, r"Y must have shape \(1, 40\).*Y\.reshape\(1, -1\)"),
    "Y transposed": ({"Y": Y.T}, ValueError, r"got \(40, 1\): use Y\.T"),
    "Y of other m": ({"Y": Y[:, 1:]}, ValueError, r"Y must have shape \(1, 40\).*got \(1, 39\)"),
    "Y NaN": ({"Y": with_value(Y, np.nan)}, ValueError, "Y must be finite, got nan"),
    "Y text": ({"Y": Y.astype(str)}, TypeError, "Y must hold real numbers"),
    "Y of -1 and 1": ({"Y": 2 * Y - 1}, ValueError, r"Y must be in \[0, 1\] .*from -1 to 1: code"),
    "Y of 1 and 2": ({"Y": Y + 1}, ValueError, "from 1 to 2: code two classes as 0 and 1"),
    "counts < 0": ({"Y": Y - 1, "output": "exp"}, ValueError, r"Y must be in \[0, inf\)"),
    "class numbers": ({"Y": Y[0], **SOFTMAX}, ValueError, r"one-hot .*np\.eye\(3\)\[labels\]\.T"),
    "class number row": ({"Y": Y, **SOFTMAX}, ValueError, r"one-hot .*np\.eye\(3\)\[labels\]\.T"),
    "columns over 1": ({"Y": np.ones((3, M)), **SOFTMAX}, ValueError, "column 0 sums to 3"),
    "columns of 0": ({"Y": 0 * ONE_HOT, **SOFTMAX}, ValueError, "must sum to 1 for .*sums to 0"),
    "column < 0": ({"Y": 2 * ONE_HOT - 1 / 3, **SOFTMAX}, ValueError, r"Y must be in \[0, 1\]"),
    "weights of rank 2": (
        {"example_weights": np.ones((1, M))},
        ValueError,
        r"example_weights must have shape \(40,\), .*got \(1, 40\): use \.ravel\(\)",
    ),
    "weights of other m": ({"example_weights": np.ones(3)}, ValueError, r"got \(3,\)$"),
    "weights < 0": ({"example_weights": -np.ones(M)}, ValueError, "must be >= 0, got -1"),
    "weights all 0": (
        {"example_weights": np.zeros(M)},
        ValueError,
        "a positive, finite sum, got 0",
    ),
    "weights too big": ({"example_weights": np.full(M, 1e308)}, ValueError, "sum, got inf"),
    "weights NaN": ({"example_weights": np.full(M, np.nan)}, ValueError, "must be finite"),
    "parameters dict": (
        {"parameters": START.as_dict()},
        TypeError,
        r"Parameters\(\*\*parameters\)",
    ),
    "parameters result": ({"parameters": fit()}, TypeError, "use its .parameters"),
    "parameters None": ({"parameters": None}, TypeError, "must be Parameters, got NoneType$"),
    "hidden near": ({"hidden": "tahn"}, ValueError, r"got 'tahn': did you mean 'tanh'\?"),
    "hidden far": ({"hidden": "qqq"}, ValueError, "hidden must be one of .*'tanh', got 'qqq'$"),
    "hidden no string": ({"hidden": 3}, TypeError, "hidden must be a string, one of"),
    "output": ({"output": "sofmax"}, ValueError, "did you mean 'softmax'"),
    "optimizer": ({"optimizer": "adma"}, ValueError, "did you mean 'adam'"),
    "schedule": ({"schedule": "adaptiv"}, ValueError, "did you mean 'adaptive'"),
    "rate 0": ({"learning_rate": 0}, ValueError, r"learning_rate must be in \(0, inf\), got 0"),
    "rate < 0": ({"learning_rate": -0.1}, ValueError, r"in \(0, inf\), got -0\.1"),
    "rate NaN": ({"learning_rate": np.nan}, ValueError, "got nan"),
    "rate inf": ({"learning_rate": np.inf}, ValueError, "got inf"),
    "rate 10^400": ({"learning_rate": 10**400}, ValueError, r"in \(0, inf\)"),
    "rate text": ({"learning_rate": "1"}, TypeError, r"a real number, got '1' \(str\)"),
    "rate truth": ({"learning_rate": True}, TypeError, "learning_rate must be a real number"),
    "rate array": ({"learning_rate": np.ones(2)}, TypeError, "learning_rate must be a real number"),
    "l2": ({"l2": -1e-9}, ValueError, r"l2 must be in \[0, inf\), got -1e-09"),
    "slope": ({"negative_slope": -0.1}, ValueError, r"negative_slope must be in \[0, inf\)"),
    "power_t": ({"power_t": -1}, ValueError, r"power_t must be in \[0, inf\)"),
    "momentum": ({"momentum": 1.1}, ValueError, r"momentum must be in \[0, 1\], got 1\.1"),
    "beta_1": ({"beta_1": 1.0}, ValueError, r"beta_1 must be in \[0, 1\), got 1\.0"),
    "beta_2": ({"beta_2": -0.1}, ValueError, r"beta_2 must be in \[0, 1\)"),
    "epsilon": ({"epsilon": 0.0}, ValueError, r"epsilon must be in \(0, inf\)"),
    "tol": ({"tol": -1.0}, ValueError, r"tol must be in \[0, inf\)"),
    "nesterov": ({"nesterov": 1}, TypeError, "nesterov must be True or False, got 1"),
    "shuffle": ({"shuffle": "no"}, TypeError, "shuffle must be True or False"),
    "early_stopping": ({"early_stopping": None}, TypeError, "early_stopping must be True or False"),
    "iterations < 0": ({"n_iterations": -1}, ValueError, "n_iterations must be >= 0, got -1"),
    "iterations 1.5": (
        {"n_iterations": 1.5},
        TypeError,
        "n_iterations must be an integer, got 1.5",
    ),
    "iterations 2^63": ({"n_iterations": 2**63}, ValueError, "n_iterations must be <="),
    "iterations of batches": ({"batch_size": 8}, ValueError, "with batch_size give n_epochs"),
    "epochs in full batch": (
        {"n_iterations": None, "n_epochs": 2},
        ValueError,
        "n_epochs counts passes in mini-batches: give batch_size",
    ),
    "batch 0": ({"n_iterations": None, "batch_size": 0}, ValueError, "batch_size must be >= 1"),
    "batch > m": ({"n_iterations": None, "batch_size": 41}, ValueError, "batch_size must be <= 40"),
    "epochs < 0": (
        {"n_iterations": None, "batch_size": 8, "n_epochs": -1},
        ValueError,
        "n_epochs must be >= 0",
    ),
    "patience": ({"n_iter_no_change": 0}, ValueError, "n_iter_no_change must be >= 1"),
    "cost_every": ({"cost_every": -1}, ValueError, "cost_every must be >= 0"),
    "threads 0": ({"n_threads": 0}, ValueError, "n_threads must be >= 1, got 0"),
    "threads 1.5": ({"n_threads": 1.5}, TypeError, "n_threads must be an integer"),
    "seed": ({"seed": "1"}, TypeError, "seed must be an int"),
    "callback": ({"callback": 3}, TypeError, "callback must be callable, got int"),
    "validation 0": ({"validation": 0.0}, ValueError, r"validation must be in \(0, 1\), got 0\.0"),
    "validation 1": ({"validation": 1.0}, ValueError, r"validation must be in \(0, 1\), got 1\.0"),
    "validation all": ({"validation": 0.99}, ValueError, "of 40 examples leaves none to train on"),
    "validation text": ({"validation": "x"}, TypeError, "validation must be a real number"),
    "validation X": ({"validation": (X,)}, ValueError, r"must be \(X, Y\) or a fraction, got 1"),
    "validation of rank": ({"validation": (X[0], Y)}, ValueError, "validation X must have shape"),
    "validation of m": ({"validation": (X, Y[:, 1:])}, ValueError, "validation Y must have shape"),
    "validation labels": (
        {"validation": (X, 2 * Y)},
        ValueError,
        r"validation Y must be in \[0, 1",
    ),
}


@pytest.mark.parametrize("case", BAD.values(), ids=BAD)
def test_validation_bad_input_is_explained(case: Any) -> None:
    changes, error, words = case
    with pytest.raises(error, match=words) as caught:
        fit(**changes)
    assert "\n" not in str(caught.value).partition("arrays")[0]  # NumPy's own words may follow


def test_validation_weights_of_a_split_must_count_on_both_sides() -> None:
    weights = np.zeros(M)
    weights[7] = 1
    with pytest.raises(ValueError, match="held out for validation"):
        fit(example_weights=weights, validation=0.5, seed=0)


STAGES: dict[str, Callable[..., Any]] = {
    "forward": lambda parameters, X, Y, **kind: sn.forward(parameters, X, **kind),
    "predict": lambda parameters, X, Y, **kind: sn.predict(parameters, X, **kind),
    "cost": sn.cost,
    "gradients": sn.gradients,
    "train": sn.train,
}


@pytest.mark.parametrize("stage", STAGES.values(), ids=STAGES)
@pytest.mark.parametrize(
    "name", ["X transposed", "X NaN", "X object", "X masked", "hidden near", "threads 0", "slope"]
)
def test_validation_is_the_same_in_every_stage(stage: Any, name: str) -> None:
    changes, error, words = BAD[name]
    with pytest.raises(error, match=words):
        stage(**{"parameters": START, "X": X, "Y": Y, **changes})


def test_validation_finds_parameters_that_went_bad() -> None:
    parameters = START.copy()
    parameters.W1[0, 0] = np.nan
    with pytest.raises(ValueError, match=r"parameters\.flat must be finite, got nan at \[0\]"):
        sn.predict(parameters, X)


def test_validation_activate_takes_any_real_array() -> None:
    with pytest.raises(TypeError, match="Z must hold real numbers"):
        sn.activate([1j], "tanh")
    with pytest.raises(ValueError, match=r"name must be one of .*did you mean 'relu'"):
        sn.activate([1.0], "rleu")
    assert np.array_equal(sn.activate([np.inf, -np.inf, np.nan], "tanh"), [1, -1, np.nan], True)
    assert sn.activate(np.float16(0.5), "identity").dtype == np.float64


def test_validation_targets_have_rules_for_outputs_that_exist(core: Any) -> None:
    assert set(TARGETS) <= set(core.outputs)


@pytest.mark.parametrize(
    ("interval", "inside", "outside"),
    [
        ("[0, 1]", (0, 1, 0.5), (-1e-300, 1 + 1e-15, np.nan)),
        ("(0, 1)", (1e-300, 0.5), (0, 1)),
        ("[0, inf)", (0, 1e308), (-1, np.inf, np.nan)),
    ],
)
def test_validation_intervals_mean_what_they_say(interval: str, inside: Any, outside: Any) -> None:
    for value in inside:
        assert check_real(value, "number", interval) == value
        assert isinstance(check_real(np.float32(0.5), "number", interval), float)
    for value in outside:
        with pytest.raises(ValueError, match=re.escape(interval)):
            check_real(value, "number", interval)
