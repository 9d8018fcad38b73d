"""Large arrays in blocks: the same results as in one go, in whatever order they lie."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pytest

import shallownet_native as sn
from shallownet_native._native import blocks as _blocks
from shallownet_native.network.initialization import INITIALIZERS

SHAPES = [(), (0,), (1,), (7,), (100,), (5, 0), (3, 4), (1, 100), (100, 1), (13, 9), (3, 5, 7)]


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_blocks, "BLOCK", 10)
    monkeypatch.setattr("shallownet_native.network.initialization.BLOCK", 10)


def numbers(shape: tuple[int, ...]) -> Any:
    return np.random.default_rng(0).standard_normal(shape)


@pytest.mark.parametrize("shape", SHAPES)
def test_blocks_lie_in_order_and_cover_all(shape: tuple[int, ...]) -> None:
    array = np.arange(int(np.prod(shape))).reshape(shape)
    blocks = [array[place] for place in _blocks.places(shape)]
    assert all(block.size <= 10 for block in blocks)
    flat = np.concatenate([np.ravel(block) for block in blocks]) if blocks else array.ravel()
    assert np.array_equal(flat, array.ravel())


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("turn", [np.ascontiguousarray, np.asfortranarray, np.flip, np.transpose])
def test_blocks_copies_are_numpys(shape: tuple[int, ...], turn: Any) -> None:
    array = np.asarray(turn(numbers(shape)))
    for dtype in (None, np.float32):
        for order in "KC":
            right = array.astype(dtype or array.dtype, order)
            copy = _blocks.copied(array, dtype, order)
            assert copy.dtype == right.dtype and copy.strides == right.strides
            assert np.array_equal(copy, right) and not np.may_share_memory(copy, array)
            again = _blocks.converted(copy, copy.dtype, order)
            assert again is copy or not copy.flags.c_contiguous
    assert _blocks.same_bytes(array, array.copy())
    if array.size:
        other = array.copy()
        other.flat[-1] = np.nextafter(other.flat[-1], 9)
        assert not _blocks.same_bytes(array, other)


def test_blocks_same_bytes_tells_zeros_apart() -> None:
    assert not _blocks.same_bytes(np.zeros(30), -np.zeros(30))


def test_blocks_copy_to_heeds_overlap() -> None:
    array = numbers((30,))
    right = array[::-1].copy()
    _blocks.copy_to(array, array[::-1])
    assert np.array_equal(array, right)


@pytest.mark.parametrize("scheme", INITIALIZERS)
@pytest.mark.parametrize("make", [np.random.default_rng, np.random.RandomState])
@pytest.mark.parametrize("shape", [(3, 5, 2), (25, 4, 1), (2, None, 13), (1, 30, 1)])
def test_blocks_initial_values_come_from_one_stream(
    scheme: str, make: Any, shape: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_blocks = sn.initialize(*shape, scheme, make(3))
    monkeypatch.undo()
    assert in_blocks == sn.initialize(*shape, scheme, make(3))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("n_hidden", [(), (7,), (30,)])
def test_blocks_estimators_draw_as_scikit_learn(dtype: Any, n_hidden: Any) -> None:
    from shallownet_native.estimators.parameters import draw_parameters

    shape = (12, *(n_hidden or (0,)), 3)
    drawn = draw_parameters(shape, "relu", np.random.RandomState(5), dtype)
    stream = np.random.RandomState(5)
    sizes = (12, *n_hidden, 3)
    right = []
    for fan_in, fan_out in pairwise(sizes):
        bound = np.sqrt(6 / (fan_in + fan_out))
        right += [stream.uniform(-bound, bound, (fan_in, fan_out)).T]
        right += [stream.uniform(-bound, bound, fan_out)]
    assert np.array_equal(drawn.flat, np.concatenate([a.ravel() for a in right]).astype(dtype))


def test_blocks_parameters_are_the_same() -> None:
    W1, b1, W2, b2 = (numbers(size) for size in ((5, 7), (5, 1), (3, 5), (3, 1)))
    right = np.concatenate([W1.ravel(), b1.ravel(), W2.ravel(), b2.ravel()])
    parameters = sn.Parameters(np.asfortranarray(W1), b1, W2[::-1][::-1], b2.tolist())
    assert np.array_equal(parameters.flat, right)
    assert np.array_equal(parameters.astype(np.float32).flat, right.astype(np.float32))
    assert parameters == sn.Parameters.from_flat(right[::-1][::-1], parameters.shape)
    parameters.W1 = parameters.W1[::-1]
    assert np.array_equal(parameters.W1, W1[::-1])
    Z = np.asfortranarray(W1)
    assert np.array_equal(sn.activate(Z, "relu"), np.maximum(W1, 0))
