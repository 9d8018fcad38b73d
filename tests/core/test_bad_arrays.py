"""The short form of campaigns/bad_arrays.py, and that it sees what it is there to see."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from campaigns import bad_arrays
from campaigns.bad_array_kinds import KINDS
from campaigns.bad_array_roles import Role, X

needs_linux = pytest.mark.skipif(not bad_arrays.IS_LINUX, reason="memory is bounded on Linux only")


@needs_linux
@pytest.mark.parametrize("name", ["gradients X", "classifier fit X"])
def test_bad_arrays_give_a_clean_copys_bits_or_a_typed_error(name: str) -> None:
    [role] = [role for role in bad_arrays.all_roles() if role.name == name]
    found = bad_arrays.outcomes(name, len(bad_arrays.cases(role)))
    wrong = [case for case in found if case[1].split(":")[0] not in bad_arrays.FINE]
    assert not wrong and len(found) > 100
    assert sum(outcome == "equal" for _, outcome in found) > 30


@needs_linux
def test_bad_arrays_may_change_while_they_are_read() -> None:
    n_calls, n_crashes = bad_arrays.count_races(0.5)
    assert n_calls >= 10 and n_crashes == 0


def verdicts(run: Any) -> dict[str, str]:
    """Return what becomes of small arrays in a function, by kind."""
    role = Role("careless X", X, run)
    small = [kind for kind in KINDS if " along axis" not in kind.name and "wide" not in kind.name]
    return {kind.name: bad_arrays.verdict(role, kind).split(":")[0] for kind in small}


@pytest.mark.filterwarnings("ignore")  # of matrices, and of numbers that are cast
def test_bad_arrays_sees_wrong_answers_and_wrong_errors() -> None:
    def careless(x: Any) -> bytes:
        array = np.asarray(x)
        if array.shape != X.shape:
            raise ValueError(f"shape {array.shape}")
        return np.frombuffer(array.astype(complex).real.tobytes(), float).tobytes()

    found = verdicts(careless)
    assert found["Fortran order"] == found["byte-swapped"] == "equal"
    assert found["one hidden"] == found["NaN"] == found["dtype D"] == "WRONG"
    assert found["transposed"] == "refused" and found["0-d"] == "refused"

    def changing(x: Any) -> bytes:
        x[0, 0] = 9.0
        return X.tobytes()

    assert verdicts(changing)["Fortran order"] == "WRONG"
    assert verdicts(lambda x: [][0])["Fortran order"] == "WRONG"  # an IndexError says nothing
