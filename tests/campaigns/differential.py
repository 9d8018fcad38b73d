"""Random sequences of calls on our estimators and on scikit-learn's: whatever differs is listed.

Both sides get the same parameters, calls and data of their own; after each call everything that can
be seen is compared (`differential_play.py`, `differential_outcomes.py`). What docs/sklearn.md says
differs is counted by its rows (`differential_listed.py`); anything else is printed once for each
kind, with the fewest parts of the sequence that show it, and makes the exit code 1.

`python tests/campaigns/differential.py [--seed N] [--count K] [--quick]`; one sequence, or parts of
it: `--only SEED [--calls 0,2] [--parameters solver,alpha]`.
"""

from __future__ import annotations

import argparse
import sys
import time
from dataclasses import replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))
from campaigns.differential_data import Data
from campaigns.differential_play import Find, Tally, play
from campaigns.differential_sequences import Call, Sequence, draw


def shrink(sequence: Sequence, find: Find) -> tuple[list[int], list[str]]:
    """Return the calls and the parameters that are enough for a difference of the same kind."""
    calls, names = [*range(len(sequence.calls))], [*sequence.parameters]

    def shows(calls: list[int], names: list[str]) -> bool:
        found = play(part(sequence, calls, names), find.seed, Tally())
        return any(f.kind == find.kind and f.row is None for f in found)

    for kept in (calls, names):
        for one in kept[::-1]:
            kept.remove(one)
            if not shows(sorted(calls), names):
                kept.append(one)
    return sorted(calls), sorted(names)


def part(sequence: Sequence, calls: list[int], names: list[str]) -> Sequence:
    """Return a sequence of only these calls and parameters; fits stay short."""
    parameters = {name: sequence.parameters[name] for name in names}
    if "max_iter" not in names:
        parameters["max_iter"] = 3
    parameters.setdefault("random_state", 0)
    return replace(sequence, parameters=parameters, calls=tuple(sequence.calls[i] for i in calls))


def campaign(seeds: range) -> Tally:
    """Play these sequences and return what was counted."""
    tally = Tally()
    for seed in seeds:
        tally.n_sequences += 1
        for find in play(draw(seed), seed, tally):
            if find.row is None:
                tally.unlisted.setdefault(find.kind, []).append(find)
            else:
                tally.listed[find.row] += 1
    return tally


def describe(finds: list[Find]) -> str:
    """Return what is printed of a kind of difference that is not listed."""
    find = finds[0]
    sequence = draw(find.seed)
    calls, names = shrink(sequence, find)
    small, named = part(sequence, calls, names), ",".join(names) or "none"
    lines = [
        f"{' / '.join(find.kind)}, {len(finds)} times, first in {find.seed}",
        f"  --only {find.seed} --calls {','.join(map(str, calls))} --parameters {named}",
        f"  {small.estimator}({small.parameters})",
        *(f"  .{call.method} {_words(call)}" for call in small.calls),
    ]
    for again in play(small, find.seed, Tally()):
        if again.kind == find.kind and again.row is None:
            sides = (again.difference.ours, again.difference.theirs)
            lines += [f"  ours   {sides[0]!r:.300}", f"  theirs {sides[1]!r:.300}"]
            break
    return "\n".join(lines)


def _words(call: Call) -> str:
    words = [] if call.data is None else [changed(call.data)]
    words += [] if call.weights is None else [f"weights: {call.weights}"]
    return " ".join([*words, *(f"{n}={v!r}" for n, v in call.options.items())])


def changed(data: Data) -> str:
    """Return what is not as usual about data."""
    usual = type(data)(data.target, data.seed)
    fields = {n: v for n, v in vars(data).items() if v != getattr(usual, n)}
    return ", ".join([data.target, *(f"{name}={value!r}" for name, value in fields.items())])


def play_one(options: argparse.Namespace) -> int:
    """Play one sequence, or parts of it, and print what differs."""
    sequence = draw(options.only)
    calls, names = [*range(len(sequence.calls))], [*sequence.parameters]
    if options.calls is not None:
        calls = [int(i) for i in options.calls.split(",")]
    if options.parameters is not None:
        names = [n for n in options.parameters.split(",") if n != "none"]
    if options.calls is not None or options.parameters is not None:
        sequence = part(sequence, calls, names)
    print(f"{sequence.estimator}({sequence.parameters})")
    for i, call in enumerate(sequence.calls):
        print(f"{i}: {call.method} {_words(call)}")
    n_unlisted = 0
    for find in play(sequence, options.only, Tally()):
        ours, theirs = find.difference.ours, find.difference.theirs
        print(f"{' / '.join(find.kind)}  [{find.row or 'not listed'}]")
        print(f"   ours   {ours!r:.500}\n   theirs {theirs!r:.500}")
        n_unlisted += find.row is None
    return int(n_unlisted > 0)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=0, help="number of the first sequence")
    parser.add_argument("--count", type=int, default=2500)
    parser.add_argument("--quick", action="store_true", help="100 sequences")
    parser.add_argument("--only", type=int, help="one sequence, in full")
    parser.add_argument("--calls", help="of that, only these calls")
    parser.add_argument("--parameters", help="of that, only these parameters, or none")
    options = parser.parse_args()
    if options.only is not None:
        return play_one(options)
    started = time.perf_counter()
    count = 100 if options.quick else options.count
    tally = campaign(range(options.seed, options.seed + count))
    for finds in sorted(tally.unlisted.values(), key=len, reverse=True):
        print(describe(finds))
    for row, n in sorted(tally.listed.items()):
        print(f"listed, {n} times: {row}")
    print(
        f"{tally.n_sequences} sequences from {options.seed}, {tally.n_calls} calls, "
        f"{tally.n_errors} errors on both sides ({tally.n_other_words} in other words), "
        f"{tally.listed.total()} differences in {len(tally.listed)} rows of docs/sklearn.md, "
        f"{len(tally.unlisted)} kinds not listed ({time.perf_counter() - started:.0f} s)"
    )
    return int(bool(tally.unlisted))


if __name__ == "__main__":
    sys.exit(main())
