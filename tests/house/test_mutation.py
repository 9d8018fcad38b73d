"""The table of campaigns/mutation.py fits the sources, and its machinery kills and lets live."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from campaigns import mutation
from campaigns.mutants import Mutant

ROOT = Path(__file__).resolve().parents[2]
TESTS = {path.stem.removeprefix("test_") for path in (ROOT / "tests").rglob("test_*.py")}


@pytest.mark.parametrize("mutant", mutation.MUTANTS, ids=lambda m: f"{m.file}: {m.what}")
def test_mutation_every_fault_has_its_one_place(mutant: Mutant) -> None:
    source = (ROOT / mutant.path).read_text(encoding="utf-8")
    planted = mutant.applied(source, 1)
    assert planted != source
    if mutant.is_python:
        ast.parse(planted)
    assert set(mutation.subjects(mutant)) <= TESTS


def test_mutation_faults_are_many_and_all_different() -> None:
    assert len(mutation.MUTANTS) >= 30
    assert len({(m.file, m.what) for m in mutation.MUTANTS}) == len(mutation.MUTANTS)
    assert len({(m.file, m.text) for m in mutation.MUTANTS}) == len(mutation.MUTANTS)
    assert all(any(word in m.what for m in mutation.MUTANTS) for word in mutation.QUICK)


def test_mutation_table_refuses_what_is_not_there_once() -> None:
    for text in ("«five ==> six»", "«1 ==> 2»", "1 + 1"):
        with pytest.raises(ValueError, match=r"places, not one|1 \+ 1"):
            Mutant("a.py", "", text).applied("1 + 1")
    assert Mutant("a.py", "", "«1 ==> 2» + 1").applied("1 + 1") == "2 + 1"
    switched = Mutant("a.hpp", "", "«1 ==> 2» + «1 ==> 3»").applied("1 + 1", 7)
    assert switched == "(fault_is(7) ? (2) : (1)) + (fault_is(7) ? (3) : (1))"


def test_mutation_kills_a_fault_and_takes_it_out_again(tmp_path: Path) -> None:
    copy = mutation.Copy(tmp_path)
    copy.borrow()
    place = ("training/loop.py", "patience")
    [fault] = [m for m in mutation.MUTANTS if (m.file, m.what[:8]) == place]
    assert copy.killer(fault).startswith("training/test_stopping.py::")
    swap = "math.sqrt(2 / «(n_in + n_out) ==> (n_out + n_in)»)"
    harmless = Mutant("network/initialization.py", "", swap)
    assert copy.killer(harmless) == ""
    changed = (copy.root / fault.path).read_text(encoding="utf-8")
    assert changed == (ROOT / fault.path).read_text(encoding="utf-8")
