"""Arrays in memory: every layout and dtype gives the bits of a clean copy, or a typed error."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import shallownet_native as sn
from campaigns import bad_array_kinds as kinds
from campaigns.common import bits
from shallownet_native import reference
from shallownet_native._native import backend

RNG = np.random.default_rng(0)
M = 40
X = RNG.standard_normal((2, M))
Y = (X[:1] * X[1:] > 0).astype(float)
START = sn.initialize(2, 4, 1, "glorot_uniform", seed=0)
LAYOUTS: dict[str, Callable[[Any], Any]] = {
    "C": np.ascontiguousarray,
    "F": np.asfortranarray,
    "strided": kinds.every_third,
    "reversed": kinds.backwards,
    "read-only": kinds.read_only,
    "misaligned": kinds.misaligned,
    "packed": kinds.packed,
    "byte-swapped": kinds.swapped,
}
DTYPES = [*"?bBhHiIqQefdgFDO", "U4", "S4", "M8[s]", "m8[s]", [("a", "f8")]]
# what stands at the places of the numbers: all values are exact in every dtype that holds numbers
SMALL = np.arange(2 * M).reshape(2, M) % 2


def answers(parameters: Any, X: Any, Y: Any, weights: Any) -> bytes:
    """Return the bits of what every stage makes of the data."""
    J, gradients = sn.gradients(parameters, X, Y, example_weights=weights, want_dX=True)
    forward = sn.forward(parameters, X)
    result = sn.train(parameters, X, Y, example_weights=weights, n_iterations=5)
    batches = sn.train(parameters, X, Y, n_epochs=2, batch_size=7, seed=0, optimizer="adam")
    trained = (result.parameters.flat, result.costs, batches.parameters.flat)
    return bits(J, *forward, *gradients, *trained)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_layouts_awkward_layouts_give_the_bits_of_a_clean_copy(layout: str, dtype: Any) -> None:
    parameters = START.astype(dtype)
    x, y, s = X.astype(dtype), Y.astype(dtype), np.linspace(0, 2, M).astype(dtype)
    arrange = LAYOUTS[layout]
    awkward = [arrange(array) for array in (x, y, s)]
    before = [array.copy() for array in awkward]
    assert answers(parameters, *awkward) == answers(parameters, x, y, s)
    assert all(np.array_equal(a, b) for a, b in zip(awkward, before, strict=True))  # untouched


@pytest.mark.parametrize("n_h", [3, 40])
@pytest.mark.parametrize("m", [9, 16, 17, 131])
def test_layouts_rows_are_turned_to_columns_at_every_size(
    n_h: int, m: int, dtype: Any, assert_agree: Any
) -> None:
    """Around whole vectors, and past a tile: by squares of vectors, the last of which overlap."""
    for n_x, n_y in ((2, 1), (7, 2), (8, 9), (16, 17), (33, 1)):
        start = sn.initialize(n_x, n_h, n_y, seed=0, dtype=dtype)
        x, s = RNG.standard_normal((n_x, m)).astype(dtype), np.ones(m, dtype)
        y = RNG.random((n_y, m)).astype(dtype)
        expected = answers(start, x, y, s)
        assert answers(start, np.asfortranarray(x), np.asfortranarray(y), s) == expected
        exact = reference.forward(*start.astype(np.float64), x.astype(np.float64))
        assert_agree(sn.forward(start, np.asfortranarray(x)), exact, dtype)


def result_or_refusal(array: Any) -> Any:
    try:
        return sn.predict(START, array, output="identity")
    except (TypeError, ValueError) as error:
        return str(error)


@pytest.mark.parametrize("kind", DTYPES, ids=str)
def test_layouts_every_dtype_layout_and_rank_is_equal_or_refused(kind: Any) -> None:
    is_number = np.dtype(kind).kind in "biuf" and np.dtype(kind).itemsize <= 8
    for shape in [(2, M), (2, 1), (M, 2), (2, 0), (0, M), (0, 0), (2,), (M,), (), (1, 2, M)]:
        numbers = np.resize(SMALL, shape)
        array = np.zeros(shape, kind)
        if not isinstance(kind, list):
            array[...] = numbers
        for layout, arrange in LAYOUTS.items():
            got = result_or_refusal(array if array.dtype.kind == "O" else arrange(array))
            if is_number and shape in [(2, M), (2, 1)]:
                clean = np.ascontiguousarray(numbers).astype(START.dtype)
                expected = sn.predict(START, clean, output="identity")
                assert np.array_equal(got, expected), (shape, layout)
            else:
                assert isinstance(got, str) and got.startswith("X "), (shape, layout)


@pytest.mark.parametrize("kind", "?bBhHiIqQe")
def test_layouts_numbers_of_other_types_are_converted(kind: str, dtype: Any) -> None:
    parameters = START.astype(dtype)
    clean = SMALL.astype(dtype)
    other = SMALL.astype(kind)
    expected = answers(parameters, clean, clean[:1], clean[1])
    assert answers(parameters, other, other[:1], other[1]) == expected


def test_layouts_lists_are_taken_in_the_dtype_of_the_parameters(dtype: Any) -> None:
    parameters = START.astype(dtype)
    x, y = X.astype(dtype), Y.astype(dtype)
    expected = answers(parameters, x, y, None)
    assert answers(parameters, x.tolist(), y.tolist(), None) == expected
    assert answers(parameters, tuple(map(tuple, x.tolist())), y, None) == expected


def test_layouts_data_frames_are_taken() -> None:
    pandas = pytest.importorskip("pandas")
    expected = answers(START, X, Y, None)
    assert answers(START, pandas.DataFrame(X), pandas.DataFrame(Y), None) == expected


def test_layouts_targets_and_weights_are_rounded_to_float32() -> None:
    parameters = START.astype(np.float32)
    x, y, s = X.astype(np.float32), np.clip(RNG.random((1, M)), 0, 1), RNG.random(M)
    rounded = answers(parameters, x, y.astype(np.float32), s.astype(np.float32))
    assert answers(parameters, x, y, s) == rounded
    with pytest.raises(ValueError, match="Y must be finite, got inf"):
        sn.cost(parameters, x, np.full((1, M), 1e300), output="identity")


def test_layouts_rows_as_examples_are_not_copied(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = np.ascontiguousarray(X.T)
    seen = []

    class Spy:
        def __getattr__(self, name: str) -> Any:
            return getattr(backend.core, name)

        def predict(self, theta: Any, shape: Any, x: Any, *rest: Any) -> Any:
            seen.append(x)
            return backend.core.predict(theta, shape, x, *rest)

    monkeypatch.setattr("shallownet_native.network.passes.core", Spy())
    sn.predict(START, rows.T)
    assert seen[0].flags.c_contiguous and np.shares_memory(seen[0], rows)


def test_layouts_repeated_memory_counts_at_its_full_size() -> None:
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
def test_layouts_any_view_gives_the_bits_of_its_copy(
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
