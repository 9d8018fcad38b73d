"""No byte outside the user's arrays is read: they end, or begin, where memory ends."""

from __future__ import annotations

import ctypes
import mmap
from typing import Any

import numpy as np
import pytest

import shallownet_native as sn
from shallownet_native._native.backend import core
from table_bags import LAYOUTS, draw_bag

libc = ctypes.CDLL(None) if hasattr(mmap, "PROT_READ") else None
needs_guard_pages = pytest.mark.skipif(libc is None, reason="no mprotect on this system")
KEPT: list[mmap.mmap] = []  # mappings live as long as the process


def at_page_end(array: Any, *, begin: bool = False) -> Any:
    """Return a copy whose last byte (or first) borders on memory that nobody may touch."""
    assert libc is not None
    page = mmap.PAGESIZE
    size = -(-array.nbytes // page) * page
    memory = mmap.mmap(-1, size + 2 * page)
    KEPT.append(memory)
    address = ctypes.addressof(ctypes.c_char.from_buffer(memory))
    libc.mprotect.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int]
    for guard in (address, address + page + size):
        assert libc.mprotect(guard, page, 0) == 0
    offset = page if begin else page + size - array.nbytes
    copy = np.frombuffer(memory, array.dtype, array.size, offset).reshape(array.shape)
    copy[...] = array
    return copy


@needs_guard_pages
@pytest.mark.filterwarnings("ignore::shallownet_native.ConvergenceWarning")  # after two steps
@pytest.mark.parametrize("m", [1, 2, 15, 17, 31, 33, 97, 130, 261])
@pytest.mark.parametrize(
    "shape", [(2, 4, 1), (17, 5, 2), (30, 16, 1), (5, 37, 3), (1, 0, 1)], ids=str
)
@pytest.mark.parametrize("begin", [False, True], ids=["end", "begin"])
def test_page_ends_are_not_crossed(
    m: int, shape: tuple[int, int, int], begin: bool, dtype: Any
) -> None:
    rng = np.random.default_rng(0)
    parameters = sn.initialize(*shape, "glorot_uniform", seed=0, dtype=dtype)
    rows = [rng.normal(size=(m, shape[0])), rng.integers(0, 2, size=(m, shape[2]))]
    weights = rng.uniform(0.5, 2, size=m).astype(dtype)
    plain = [a.astype(dtype) for a in rows]
    guarded = [at_page_end(a, begin=begin) for a in plain]
    columns = [at_page_end(np.ascontiguousarray(a.T), begin=begin) for a in plain]
    edge = at_page_end(weights, begin=begin)
    for X, Y in ((guarded[0].T, guarded[1].T), (columns[0], columns[1])):
        for batch_size in (None, max(1, m // 2)):
            length = {"n_iterations": 2} if batch_size is None else {"n_epochs": 2}
            options: dict[str, Any] = {"batch_size": batch_size, "seed": 0, **length}
            got = sn.train(parameters, X, Y, example_weights=edge, **options)
            want = sn.train(parameters, plain[0].T, plain[1].T, example_weights=weights, **options)
            assert got.parameters == want.parameters
        assert (sn.forward(parameters, X).A2 == sn.forward(parameters, plain[0].T).A2).all()
        sn.gradients(parameters, X, Y, want_dX=True)
    one = at_page_end(plain[0][0].copy(), begin=begin)
    assert (sn.predict_one(parameters, one) == sn.predict_one(parameters, plain[0][0])).all()


@needs_guard_pages
@pytest.mark.parametrize("n", [8, 17, 31, 97])
@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("begin", [False, True], ids=["end", "begin"])
def test_page_ends_are_not_crossed_by_table_networks(
    n: int, layout: str, begin: bool, dtype: Any
) -> None:
    bag = draw_bag(layout, "softmax", 3, n=n, n_hidden=17, batch_size=5, dtype=dtype)

    def guarded(part: Any) -> Any:
        if isinstance(part, np.ndarray) and part.size:
            return at_page_end(part, begin=begin)
        return type(part)(map(guarded, part)) if isinstance(part, (list, tuple)) else part

    plain = bag.arguments()
    edge = [guarded(part) for part in plain]
    got, want = core.train_bag(*edge, 2), core.train_bag(*plain, 2)
    assert got["parameters"].tobytes() == want["parameters"].tobytes()
    logits = core.table_outputs(edge[0], edge[4], "mish", 17, 3, 2)
    assert logits.tobytes() == core.table_outputs(plain[0], plain[4], "mish", 17, 3, 2).tobytes()
    core.table_hidden(edge[0], guarded(plain[4][:1]), 17, 3)
