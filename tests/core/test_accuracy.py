"""The short form of campaigns/accuracy.py, and that it sees what it is there to see."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from campaigns import accuracy
from campaigns.accuracy import FLOAT32, FLOAT64, FUNCTIONS, Format

needs_wide = pytest.mark.skipif(
    np.finfo(np.longdouble).nmant < 63, reason="no type wider than float64 to compare with"
)
FORMATS = [
    pytest.param(FLOAT32, id="float32"),
    pytest.param(FLOAT64, id="float64", marks=needs_wide),
]


def sample(form: Format) -> Any:
    """Return few but telling blocks: every exponent of float32, all four kinds of float64."""
    if form is FLOAT32:
        return accuracy.all_blocks(form, 256, every=16411)
    return accuracy.drawn_blocks(form, 8)


@cache
def tallies(name: str, form: Format) -> dict[str, accuracy.Tally]:
    return accuracy.count(name, form, sample(form))


@pytest.mark.parametrize("name", FUNCTIONS)
@pytest.mark.parametrize("form", FORMATS)
def test_accuracy_holds_on_a_sample(name: str, form: Format) -> None:
    for level, tally in tallies(name, form).items():
        assert tally.holds(), f"{level}: {tally}"


def test_accuracy_the_blocks_of_float32_are_all_numbers() -> None:
    # Counted in the order of their bits for one half of them: each once but where two runs meet.
    half = 2**31
    seen = expected = 0
    for x in accuracy.all_blocks(FLOAT32, 2**22):
        bits = x.view(np.uint32)
        if bits[0] == half:
            break
        assert int(bits[0]) == expected
        expected = int(bits[-1]) + (x.size <= 2**22)
        seen += min(x.size, 2**22)
    assert seen == expected == half


# What a fault does to right results y of x, and the count that must then rise.
FAULTS: dict[str, tuple[str, Callable[[Any, Any], Any]]] = {
    "flushes subnormals": ("lost subnormal", lambda x, y: np.where(np.abs(y) < 1e-38, 0 * y, y)),
    "overflows early": ("early overflow", lambda x, y: np.where(y > 1e9, np.inf, y)),
    "drops NaN": ("NaN", lambda x, y: np.where(np.isnan(y), 0, y)),
    "loses the sign": ("sign", lambda x, y: -y),
    "leaves the range": ("bounds", lambda x, y: np.where(x < 0, y + 1, y)),
    "steps down": ("large decrease", lambda x, y: y - 16 * (x.view(np.int32) % 2) * np.spacing(y)),
    "is wrong at infinity": ("special value", lambda x, y: np.where(x == np.inf, 1, y)),
}


def places() -> Iterator[Any]:
    """Yield runs over the whole range of exp, neighbours, infinity and NaN."""
    yield np.linspace(0, 100, 4097, dtype=np.float32)
    yield -np.linspace(0, 110, 4097, dtype=np.float32)
    yield np.arange(0x3FC00000, 0x3FC01000, dtype=np.uint32).view(np.float32)  # from 1.5 on
    yield np.array([np.inf, np.nan], np.float32)


@pytest.mark.filterwarnings("ignore:.*encountered in:RuntimeWarning")
@pytest.mark.parametrize("fault", FAULTS)
def test_accuracy_sees_a_fault(fault: str, monkeypatch: pytest.MonkeyPatch) -> None:
    kind, spoil = FAULTS[fault]

    def math(x: Any, name: str) -> Any:
        with np.errstate(all="ignore"):
            right = FUNCTIONS[name].exact(x.astype(np.float64)).astype(np.float32)
            return np.asarray(spoil(x, right), np.float32)

    monkeypatch.setattr(accuracy, "cores", lambda: {"a faulty level": SimpleNamespace(math=math)})
    (tally,) = accuracy.count("exp", FLOAT32, places()).values()
    assert tally.wrong[kind] > 0 and not tally.holds()


@pytest.mark.parametrize("off", [-4, 4])
def test_accuracy_measures_ulp(off: int, monkeypatch: pytest.MonkeyPatch) -> None:
    def math(x: Any, name: str) -> Any:
        with np.errstate(all="ignore"):
            right = np.exp(x.astype(np.float64)).astype(np.float32)
        whole = np.abs(np.frexp(right)[0] - 0.75) < 0.2  # far from a power of two, inf and NaN
        return np.where(whole, right + off * np.spacing(right), right).astype(np.float32)

    monkeypatch.setattr(accuracy, "cores", lambda: {"an inexact level": SimpleNamespace(math=math)})
    (tally,) = accuracy.count("exp", FLOAT32, places()).values()
    assert 4.4 < tally.worst <= 4.5, "4 ulp and the half of rounding"


def stated(form: Format, name: str) -> dict[str, float]:
    """Return the largest error of each level as docs/accuracy.md has it."""
    page = (Path(__file__).parents[2] / "docs" / "accuracy.md").read_text(encoding="utf-8")
    section = page.split(f"## {np.dtype(form.scalar).name}")[1].split("##")[0]
    table = [[cell.strip() for cell in line.split("|")] for line in section.splitlines()]
    header = next(cells for cells in table if "function" in cells)
    values = next(cells for cells in table if cells[1:2] == [name])
    pairs = zip(header, values, strict=True)
    return {level: float(value) for level, value in pairs if level.startswith("x86")}


@pytest.mark.parametrize("name", FUNCTIONS)
@pytest.mark.parametrize("form", FORMATS)
def test_accuracy_the_page_states_the_largest_errors(name: str, form: Format) -> None:
    largest = stated(form, name)
    assert len(largest) == 3 and max(largest.values()) <= FUNCTIONS[name].max_ulp
    for level, tally in tallies(name, form).items():
        # The sample is a part of what was counted there; 0.005 is the rounding of the page.
        assert tally.worst <= largest.get(level, FUNCTIONS[name].max_ulp) + 0.005
