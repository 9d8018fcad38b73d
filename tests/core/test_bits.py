"""What campaigns/bits.py prints depends on no number of threads, and on all that it digests."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from campaigns import bits

RUNS = dict(itertools.chain(bits.of_functions(), bits.of_estimators()))


@pytest.mark.filterwarnings("ignore")  # that so short a training has not converged
@pytest.mark.parametrize("name", RUNS)
def test_bits_of_a_training_depend_on_no_number_of_threads(name: str) -> None:
    assert bits.digest(RUNS[name](1)) == bits.digest(RUNS[name](2))


def test_bits_are_all_digested() -> None:
    values = [[np.arange(4.0), None, [1.0]], [np.arange(4.0), [None, 1.0]], [np.arange(4), None, 1]]
    values += [[np.arange(4.0, dtype=np.float32), None], [np.arange(4.0)[::-1], None]]
    assert len({bits.digest(value) for value in values}) == len(values)
    assert bits.digest(values[0]) == bits.digest([np.arange(8.0)[:4], None, [1.0]])
