"""`shallownet bench`: time training against NumPy on this machine. Loads `bench` when it is run."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from .._extras.progress import progress
from .._messages.output import say
from .arguments import positive, whole_from

if TYPE_CHECKING:
    from ..bench import Problem, Row

DTYPES = ("float32", "float64")

HELP = "time training against NumPy on this machine"
DESCRIPTION = (
    "Time training against NumPy in turns, after checking that both give the same answer, and "
    "print the ratios."
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.add_argument("--quick", action="store_true", help="a few small problems only")
    parser.add_argument("--seconds", type=positive, metavar="S", help="to spend on each row")
    parser.add_argument(
        "--threads",
        type=whole_from(1),
        nargs="+",
        metavar="N",
        help="numbers of threads, each held to by both sides (1 2)",
    )


def run(given: argparse.Namespace) -> None:
    """Time training against NumPy on this machine, and print the ratios."""
    from ..bench import chosen, format_table

    problems = chosen(None, given.quick)
    how = {"seconds": given.seconds, "quick": given.quick}
    say(*format_table(time_problems(problems, given.threads or (1, 2), **how)).splitlines())


def time_problems(problems: list[Problem], threads: Sequence[int], **how: Any) -> list[Row]:
    """Time problems in both dtypes, as `bench.run` does, and show how far it is."""
    from ..bench import run

    with progress(len(problems) * len(DTYPES) * len(threads), "timing") as advance:
        told = None if advance is None else lambda *_: advance(1)
        return run(problems, DTYPES, threads, **how, progress=told)
