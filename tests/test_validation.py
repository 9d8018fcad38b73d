"""What users pass: every bad value is a typed error that says what to do, every awkward array
gives the bits of a clean copy."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import shallownet_native as sn
from shallownet_native import _backend
from shallownet_native._validation import TARGETS, check_real

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
    "weights all 0": ({"example_weights": np.zeros(M)}, ValueError, "a positive, finite sum, got 0"),
    "weights too big": ({"example_weights": np.full(M, 1e308)}, ValueError, "sum, got inf"),
    "weights NaN": ({"example_weights": np.full(M, np.nan)}, ValueError, "must be finite"),
    "parameters dict": ({"parameters": START.as_dict()}, TypeError, r"Parameters\(\*\*parameters\)"),
    "parameters result": ({"parameters": fit()}, TypeError, "use its .parameters"),
    "parameters None": ({"parameters": None}, TypeError, "must be Parameters, got NoneType$"),
    "hidden near": ({"hidden": "tahn"}, ValueError, r"got 'tahn': did you mean 'tanh'\?"),
    "hidden far": ({"hidden": "qqq"}, ValueError, "hidden must be one of .*'tanh', got 'qqq'$"),
    "hidden None": ({"hidden": None}, TypeError, "hidden must be a string, one of"),
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
    "iterations 1.5": ({"n_iterations": 1.5}, TypeError, "n_iterations must be an integer, got 1.5"),
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
    "validation labels": ({"validation": (X, 2 * Y)}, ValueError, r"validation Y must be in \[0, 1"),
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


def packed(array: Any) -> Any:
    """A field of packed records: at odd addresses."""
    records = np.zeros(array.shape, np.dtype([("odd", "i1"), ("value", array.dtype)]))
    records["value"] = array
    return records["value"]


def strided(array: Any) -> Any:
    wide = np.full(tuple(3 * n for n in array.shape), array.flat[0] if array.size else 0)
    wide = wide.astype(array.dtype)
    wide[tuple(slice(None, None, 3) for _ in array.shape)] = array
    return wide[tuple(slice(None, None, 3) for _ in array.shape)]


def reversed_twice(array: Any) -> Any:
    flip = tuple(slice(None, None, -1) for _ in array.shape)
    return array[flip].copy()[flip]


def read_only(array: Any) -> Any:
    array = array.copy()
    array.flags.writeable = False
    return array


def shifted(array: Any) -> Any:
    """The same numbers one byte off any boundary."""
    raw = np.empty(array.nbytes + 1, np.uint8)[1:]
    raw[:] = np.frombuffer(array.tobytes(), np.uint8)
    return raw.view(array.dtype).reshape(array.shape)


LAYOUTS: dict[str, Callable[[Any], Any]] = {
    "C": np.ascontiguousarray,
    "F": np.asfortranarray,
    "strided": strided,
    "reversed": reversed_twice,
    "read-only": read_only,
    "misaligned": shifted,
    "packed": packed,
    "byte-swapped": lambda a: a.astype(a.dtype.newbyteorder()),
}
DTYPES = [*"?bBhHiIqQefdgFDO", "U4", "S4", "M8[s]", "m8[s]", [("a", "f8")]]
# what stands at the places of the numbers: all values are exact in every dtype that holds numbers
SMALL = np.arange(2 * M).reshape(2, M) % 2


def answers(parameters: Any, X: Any, Y: Any, weights: Any) -> list[bytes]:
    """Return the bits of what every stage makes of the data."""
    J, gradients = sn.gradients(parameters, X, Y, example_weights=weights, want_dX=True)
    forward = sn.forward(parameters, X)
    result = sn.train(parameters, X, Y, example_weights=weights, n_iterations=5)
    batches = sn.train(parameters, X, Y, n_epochs=2, batch_size=7, seed=0, optimizer="adam")
    arrays = [*forward, *gradients, result.parameters.flat, result.costs, batches.parameters.flat]
    return [np.float64(J).tobytes(), *(array.tobytes() for array in arrays)]


@pytest.mark.parametrize("layout", LAYOUTS)
def test_validation_awkward_layouts_give_the_bits_of_a_clean_copy(layout: str, dtype: Any) -> None:
    parameters = START.astype(dtype)
    x, y, s = X.astype(dtype), Y.astype(dtype), np.linspace(0, 2, M).astype(dtype)
    arrange = LAYOUTS[layout]
    awkward = [arrange(array) for array in (x, y, s)]
    before = [array.copy() for array in awkward]
    assert answers(parameters, *awkward) == answers(parameters, x, y, s)
    assert all(np.array_equal(a, b) for a, b in zip(awkward, before, strict=True))  # untouched


@pytest.mark.parametrize("kind", DTYPES, ids=str)
def test_validation_every_dtype_layout_and_rank_is_equal_or_refused(kind: Any) -> None:
    wanted = START.dtype
    n_equal = 0
    for shape in [(2, M), (M, 2), (2, 1), (2, 0), (0, M), (0, 0), (2,), (M,), (), (1, 2, M)]:
        numbers = np.resize(SMALL, shape)
        array = np.zeros(shape, kind) if isinstance(kind, list) else numbers.astype(kind)
        for arrange in LAYOUTS.values():
            awkward = array if array.dtype.kind == "O" else arrange(array)
            try:
                got = sn.predict(START, awkward, output="identity")
            except (TypeError, ValueError) as error:
                assert str(error).startswith("X "), (kind, shape)
                continue
            clean = np.ascontiguousarray(numbers).astype(wanted)
            assert np.array_equal(got, sn.predict(START, clean, output="identity")), (kind, shape)
            n_equal += 1
    is_number = array.dtype.kind in "biuf" and array.dtype.itemsize <= 8
    assert n_equal == (2 * len(LAYOUTS) if is_number else 0)  # of shapes (2, M) and (2, 1)


@pytest.mark.parametrize("kind", "?bBhHiIqQe")
def test_validation_numbers_of_other_types_are_converted(kind: str, dtype: Any) -> None:
    parameters = START.astype(dtype)
    clean = SMALL.astype(dtype)
    other = SMALL.astype(kind)
    expected = answers(parameters, clean, clean[:1], clean[1])
    assert answers(parameters, other, other[:1], other[1]) == expected


def test_validation_lists_are_taken_in_the_dtype_of_the_parameters(dtype: Any) -> None:
    parameters = START.astype(dtype)
    x, y = X.astype(dtype), Y.astype(dtype)
    expected = answers(parameters, x, y, None)
    assert answers(parameters, x.tolist(), y.tolist(), None) == expected
    assert answers(parameters, tuple(map(tuple, x.tolist())), y, None) == expected


def test_validation_data_frames_are_taken() -> None:
    pandas = pytest.importorskip("pandas")
    expected = answers(START, X, Y, None)
    assert answers(START, pandas.DataFrame(X), pandas.DataFrame(Y), None) == expected


def test_validation_targets_and_weights_are_rounded_to_float32() -> None:
    parameters = START.astype(np.float32)
    x, y, s = X.astype(np.float32), np.clip(RNG.random((1, M)), 0, 1), RNG.random(M)
    rounded = answers(parameters, x, y.astype(np.float32), s.astype(np.float32))
    assert answers(parameters, x, y, s) == rounded
    with pytest.raises(ValueError, match="Y must be finite, got inf"):
        sn.cost(parameters, x, np.full((1, M), 1e300), output="identity")


def test_validation_rows_as_examples_are_not_copied(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = np.ascontiguousarray(X.T)
    seen = []

    class Spy:
        def __getattr__(self, name: str) -> Any:
            return getattr(_backend.core, name)

        def predict(self, theta: Any, shape: Any, x: Any, *rest: Any) -> Any:
            seen.append(x)
            return _backend.core.predict(theta, shape, x, *rest)

    monkeypatch.setattr("shallownet_native.passes.core", Spy())
    sn.predict(START, rows.T)
    assert seen[0].flags.c_contiguous and np.shares_memory(seen[0], rows)


def test_validation_repeated_memory_counts_at_its_full_size() -> None:
    constant = np.broadcast_to(np.float64(0.5), (2, M))
    assert np.array_equal(sn.predict(START, constant), sn.predict(START, constant.copy()))
    giant = np.broadcast_to(np.float64(0.5), (2, 10**15))
    with pytest.raises(MemoryError):
        sn.predict(START, giant)


@settings(max_examples=50, deadline=None)
@given(
    data=st.data(),
    kind=st.sampled_from(["f4", ">f4", "f8", ">f8"]),
    steps=st.tuples(*[st.sampled_from([-3, -2, -1, 1, 2, 3])] * 2),
    swap=st.booleans(),
)
def test_validation_any_view_gives_the_bits_of_its_copy(
    data: Any, kind: str, steps: tuple[int, int], swap: bool
) -> None:
    elements = st.floats(-8, 8, width=32)
    base = data.draw(hnp.arrays(kind, (6, 6) if swap else (6, 30), elements=elements))
    view = (base.T if swap else base)[:: steps[0], :: steps[1]][:2]
    native = np.dtype(kind).newbyteorder("=")
    parameters = START.astype(native)
    clean = np.ascontiguousarray(view, native)
    for a, b in zip(sn.forward(parameters, view), sn.forward(parameters, clean), strict=True):
        assert np.array_equal(a, b)
