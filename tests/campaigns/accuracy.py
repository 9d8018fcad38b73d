"""Count the errors of the vector functions: float32 on all 2^32 inputs, float64 on 10^8 points.

Every CPU level that this machine runs is measured, in the compiled modules as they are installed.
float32 is compared with NumPy's float64 functions, float64 with long double. An error is counted
in units in the last place (ulp) of the exact result's binade, subnormal results in units of the
smallest one; infinity counts as the next power of two. Besides the largest error the program counts
what must not be at all (`Tally.wrong`), and, going from each number to its larger neighbour,
how often a result goes down where the function grows, or up where it falls.

Run it as `python tests/campaigns/accuracy.py [--quick]`; it fails unless every promise holds.
"""

from __future__ import annotations

import argparse
import importlib
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[1]))

from campaigns.accuracy_functions import FUNCTIONS, INF, MAX_ULP, Function, softplus
from shallownet_native._native import backend

BLOCK = 2**14  # numbers at a time: what is made of them stays in the second-level cache


@dataclass(frozen=True)
class Format:
    """A floating type, the integers of its size, and the wider type that judges it."""

    scalar: Any
    unsigned: Any
    signed: Any
    wide: Any

    @property
    def info(self) -> Any:
        return np.finfo(self.scalar)

    @property
    def infinity(self) -> int:
        """Return the bits of infinity: larger ones, without the sign, are NaNs."""
        return int(np.array(INF, self.scalar).view(self.unsigned))

    @property
    def sign(self) -> int:
        return 1 << (self.info.bits - 1)


FLOAT32 = Format(np.float32, np.uint32, np.int32, np.float64)
FLOAT64 = Format(np.float64, np.uint64, np.int64, np.longdouble)


@dataclass
class Tally:
    """What was counted for one function on one level."""

    n_inputs: int = 0
    worst: float = 0.0  # error in ulp
    at: float = 0.0  # its argument
    decreases: int = 0  # of no more than is allowed
    wrong: Counter[str] = field(default_factory=Counter)
    max_ulp: float = MAX_ULP

    def holds(self) -> bool:
        return self.n_inputs > 0 and self.worst <= self.max_ulp and not self.wrong.total()


@cache
def cores() -> dict[str, Any]:
    """Return the compiled module of every level that this processor runs."""
    names = {level: level.replace("-", "_") for level in backend.available_levels()}
    return {
        level: importlib.import_module(f"shallownet_native._core_{name}")
        for level, name in names.items()
    }


def all_blocks(form: Format, size: int = BLOCK, every: int = 1) -> Iterator[Any]:
    """Yield the numbers as runs of neighbours, magnitudes growing; of them each `every`-th run.

    A run's last number is the next run's first, so that no pair of neighbours is missed. NaNs come
    in runs of their own, and infinity ends the numbers' last one.
    """
    steps = np.arange(size + 1, dtype=form.unsigned)
    for sign in (0, form.sign):
        for begin, end in ((0, form.infinity), (form.infinity + 1, form.sign - 1)):
            last = (end - begin) // size * size
            for offset in sorted({*range(0, end - begin + 1, size * every), last}):
                first = begin + offset
                yield (steps[: end - first + 1] + form.unsigned(sign + first)).view(form.scalar)


def drawn_blocks(form: Format, n_blocks: int, size: int = BLOCK) -> Iterator[Any]:
    """Yield blocks of numbers of one sign in growing magnitude, drawn where the functions bend.

    In turn: any bits at all; evenly over where exp is neither 0 nor inf; every power of two alike;
    neighbours.
    """
    rng = np.random.default_rng(0)
    far = -float(np.log(form.info.smallest_subnormal.astype(np.longdouble))) + 5
    for i in range(n_blocks):
        if i % 8 < 2:
            x = rng.integers(form.sign, size=size, dtype=form.unsigned).view(form.scalar)
        elif i % 8 < 4:
            x = rng.uniform(0, rng.choice([0.1, 1, 20, far]), size).astype(form.scalar)
        elif i % 8 < 6:
            x = np.exp2(rng.uniform(-form.info.nmant - 8, 10, size)).astype(form.scalar)
        else:
            start = np.exp2(rng.uniform(-form.info.nmant - 8, 10)).astype(form.scalar)
            x = (start.view(form.unsigned) + np.arange(size, dtype=form.unsigned)).view(form.scalar)
        bits = np.sort(x.view(form.unsigned) & form.unsigned(form.sign - 1))
        yield (bits | form.unsigned(form.sign * (i % 2))).view(form.scalar)


def per_unit(exact: Any, form: Format) -> Any:
    """Return the reciprocal distance of neighbouring numbers of the format near each value."""
    info = form.info
    exponent = exact.astype(np.float64, copy=False).view(np.int64) & (0x7FF << 52)
    lowest, highest = np.array([info.tiny, np.exp2(info.maxexp - 1.0)], np.float64).view(np.int64)
    np.clip(exponent, lowest, highest, out=exponent)
    # The bits of 2^-k are those of 2^k mirrored; the largest, 2^1022, is still a float64.
    reciprocal = (np.int64(2046 << 52) - exponent).view(np.float64)
    return reciprocal.astype(form.wide, copy=False) * (1 / form.wide(info.eps))


def compare(tally: Tally, x: Any, got: Any, exact: Any, per: Any) -> None:
    """Add the errors, early overflows and lost subnormal results of a block without NaN."""
    info = np.finfo(got.dtype)
    error = got.astype(exact.dtype)
    if got.max() > info.max or got.min() < -info.max:
        tally.wrong["early overflow"] += int((np.isinf(got) & (np.abs(exact) <= info.max)).sum())
        top = np.exp2(exact.dtype.type(info.maxexp))
        error = np.clip(error, -top, top)
    if got[0] == 0 or got[-1] == 0 or not got.all():
        lost = (got == 0) & (np.abs(exact) >= exact.dtype.type(info.smallest_subnormal))
        tally.wrong["lost subnormal"] += int(lost.sum())
    error -= exact
    error *= per
    np.abs(error, out=error)
    worst = error.max()  # NaN, if there is one
    if not worst <= tally.worst:
        tally.worst = float(worst) if worst == worst else INF
        tally.at = float(x[int(error.argmax())])


def check_shape(tally: Tally, function: Function, x: Any, got: Any, form: Format) -> None:
    """Add what is wrong with signs and bounds, and the steps down, of a block of one sign."""
    negative = bool(np.signbit(x[0]))
    bits = got.view(form.signed)
    if (bits.max() >= 0) if negative and function.is_odd else (bits.min() < 0):
        expected = np.signbit(x) & function.is_odd
        tally.wrong["sign"] += int((np.signbit(got) != expected).sum())
    magnitude = bits & form.signed(form.sign - 1) if bits[0] < 0 else bits
    ends = np.array(function.bounds[negative], form.scalar).view(form.signed)
    if magnitude.min() < ends[0] or magnitude.max() > ends[1]:
        tally.wrong["bounds"] += int(((magnitude < ends[0]) | (magnitude > ends[1])).sum())
    if function.exact is softplus and not negative and (got < x).any():
        tally.wrong["bounds"] += int((got < x).sum())
    step = magnitude[1:] - magnitude[:-1]
    if negative and not function.is_odd:  # larger magnitudes of x are smaller x
        step = -step
    if negative and function.falls_below > -INF:  # there magnitudes fall, too
        low = x < function.falls_below
        step = np.where(low[1:] == low[:-1], np.where(low[1:], -step, step), 0)
    if step.size and step.min() < 0:
        large = int((step < -function.max_decrease).sum())
        tally.wrong["large decrease"] += large
        tally.decreases += int((step < 0).sum()) - large


def count_block(tallies: dict[str, Tally], name: str, x: Any, form: Format) -> None:
    """Judge the results of one function, on every level, for a block of one sign."""
    function = FUNCTIONS[name]
    with np.errstate(all="ignore"):  # overflow, log1p(-1), NaN: all of them belong to the inputs
        exact = function.exact(x.astype(form.wide))
        n = x.size  # of the numbers before NaN and before the end of the domain
        if np.isnan(exact[-1]):
            n -= int(np.isnan(exact).sum())
        exact = exact[:n]
        if n and max(abs(exact[0]), abs(exact[-1])) > form.info.max:
            top = np.exp2(form.wide(form.info.maxexp))
            exact = np.clip(exact, -top, top)
        per = per_unit(exact, form)
    for level, core in cores().items():
        tally = tallies[level]
        got = core.math(x, name)
        tally.n_inputs += min(x.size, BLOCK)  # a run's last number counts in the next run
        tally.wrong["NaN"] += int((~np.isnan(got[n:])).sum())
        if n:
            compare(tally, x[:n], got[:n], exact, per)
            check_shape(tally, function, x[:n], got[:n], form)


def count_special_values(tallies: dict[str, Tally], name: str, form: Format) -> None:
    for level, core in cores().items():
        for argument, expected in FUNCTIONS[name].special.items():
            for x in {argument, -argument} if argument == 0 else {argument}:
                got = core.math(np.full(1, x, form.scalar), name)[0]
                tallies[level].wrong["special value"] += int(got != form.scalar(expected))


def count(name: str, form: Format, blocks: Iterator[Any]) -> dict[str, Tally]:
    """Return each level's tally of a function over the blocks."""
    tallies = {level: Tally(max_ulp=FUNCTIONS[name].max_ulp) for level in cores()}
    count_special_values(tallies, name, form)
    for x in blocks:
        count_block(tallies, name, x, form)
    return tallies


def blocks_for(form: Format, quick: bool) -> Iterator[Any]:
    if form is FLOAT32:
        return all_blocks(form, 2**10, every=997) if quick else all_blocks(form)
    return drawn_blocks(form, 40 if quick else -(-(10**8) // BLOCK))


def row(name: str, level: str, tally: Tally, form: Format) -> str:
    """Return the table's line of one tally."""
    wrong = ", ".join(f"{n} {what}" for what, n in tally.wrong.items() if n) or "0"
    cells = [np.dtype(form.scalar).name, name, level, f"{tally.n_inputs:,}", f"{tally.worst:.2f}",
             f"{tally.at:.9g}", f"{tally.decreases:,}", wrong]  # fmt: skip
    return f"| {' | '.join(cells)} |"


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("--quick", action="store_true", help="a sample, in seconds")
    quick = parser.parse_args().quick
    start = time.perf_counter()
    found = []
    print("| type | function | level | inputs | worst, ulp | at | decreases | wrong |")
    print("|---|---|---|---|---|---|---|---|")
    for form in (FLOAT32, FLOAT64):
        if np.finfo(form.wide).nmant < form.info.nmant + 11:
            print("float64 was not measured: this platform has no wider type", file=sys.stderr)
            continue
        for name in FUNCTIONS:
            for level, tally in count(name, form, blocks_for(form, quick)).items():
                found.append(tally)
                print(row(name, level, tally, form), flush=True)
    bad = sum(not tally.holds() for tally in found)
    others = [f"{f.max_ulp:g} of {k}" for k, f in FUNCTIONS.items() if f.max_ulp > MAX_ULP]
    print(
        f"{len(found)} tables of {sum(t.n_inputs for t in found):,} results: largest error "
        f"{max(t.worst for t in found):.2f} ulp ({MAX_ULP:g} allowed, and "
        f"{', '.join(others)}), "
        f"{sum(t.wrong.total() for t in found)} wrong (special value, NaN, sign, bounds, early "
        f"overflow, lost subnormal, decrease above the limit), "
        f"{sum(t.decreases for t in found):,} decreases within it, "
        f"{bad} tables fail; {time.perf_counter() - start:.0f} s"
    )
    return int(bad > 0)


if __name__ == "__main__":
    sys.exit(main())
