"""How a step's time grows with the examples and the network: `python benchmarks/growth.py --help`.

One of m, n_x and n_h takes a wide range of values while the other two stay at a middle shape; none
is a multiple of a vector's length. Checked and timed as in `measure.py`, whose functions these are:
ours with each number of threads, every rival with the largest of them. `--picture` draws the curves
(`growth_picture.py`); with `--from`, those of an earlier run, where matplotlib may be installed but
the rivals are not.
"""

from __future__ import annotations

import argparse
import json
import sys
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import Any

from growth_picture import AXES, STYLES, draw_growth
from measure import OURS, installed, machine, measure, print_table
from shallownet_native.bench.problems import Problem, descent
from shallownet_native.bench.rivals import RemoteRival

MIDDLE = {"n_x": 30, "n_h": 30, "m": 1000}
VALUES = {
    "m": (10, 30, 100, 300, 1000, 3000, 10_000, 30_000, 100_000),
    "n_x": (3, 10, 30, 100, 300, 1000, 3000),
    "n_h": (3, 10, 30, 100, 300, 1000, 3000),
}
PICTURES = (".png", ".svg")


def problems(quick: bool) -> list[Problem]:
    """Return the problems of all curves, each once; if quick, only up to the middle's."""
    shapes = [
        {**MIDDLE, axis: value}
        for axis in AXES
        for value in VALUES[axis]
        if not (quick and value > MIDDLE[axis])
    ]
    return list({problem.name: problem for problem in (descent(**s) for s in shapes)}.values())


def start(
    rivals: dict[str, ModuleType], threads: list[int]
) -> dict[str, tuple[RemoteRival, ModuleType]]:
    """Start a process for each rival with the most threads, and for ours with each number."""
    running = {}
    for name, rival in rivals.items():
        for n in threads if name == OURS else [max(threads)]:
            command = [sys.executable, str(rival.__file__)]
            running[f"{name} ({n} thread{'s' * (n > 1)})"] = (RemoteRival(command, n), rival)
    return running


def measure_growth(given: argparse.Namespace, rivals: dict[str, ModuleType]) -> list[Any]:
    """Return a row for each rival, problem and dtype, and print the tables."""
    rows: list[dict[str, Any]] = []
    running = start(rivals, given.threads)
    try:
        for dtype in given.dtype:
            for problem in problems(given.quick):
                results = measure(running, problem, dtype, given.seconds)
                print_table(f"{problem.name}, {dtype}", results)
                where = {axis: getattr(problem, axis) for axis in AXES}
                for label, result in results.items():
                    who = {"rival": label.split()[0], "threads": running[label][0].threads}
                    rows.append({**where, "dtype": dtype, **who, **result})
    finally:
        for rival, _ in running.values():
            rival.close()
    return rows


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--dtype", nargs="+", choices=("float32", "float64"), default=["float32"])
    parser.add_argument("--threads", type=int, nargs="+", default=[1, 2], metavar="N")
    parser.add_argument("--rivals", nargs="+", choices=STYLES, metavar="NAME",
                        help=", ".join(STYLES))  # fmt: skip
    parser.add_argument("--seconds", type=float, default=0.4, help="for each rival and shape (0.4)")
    parser.add_argument("--quick", action="store_true", help="0.05 s each, no large shapes")
    parser.add_argument("--json", type=Path, default=Path("build/growth.json"), metavar="FILE")
    parser.add_argument("--picture", type=Path, metavar="FILE", help=" or ".join(PICTURES))
    parser.add_argument("--from", type=Path, dest="source", metavar="FILE",
                        help="draw the figures of this JSON file, measure nothing")  # fmt: skip
    given = parser.parse_args()
    if given.source and not given.picture:
        parser.error("--from only draws: name the file to draw with --picture")
    if given.picture and given.picture.suffix not in PICTURES:
        parser.error(f"{given.picture}: end it in {' or '.join(PICTURES)}")
    if given.picture and not find_spec("matplotlib"):
        parser.error("--picture needs matplotlib: pip install it, or draw elsewhere with --from")
    given.seconds = 0.05 if given.quick else given.seconds
    return given


def report_growth(given: argparse.Namespace) -> dict[str, Any]:
    """Measure, write the figures and return them."""
    found = installed(given.rivals)
    rivals = {name: found[name] for name in STYLES if name in found}
    versions = {name: rival.versions() for name, rival in rivals.items()}
    facts = machine()
    print(f"{facts['processor']}, {facts['processors']} processors; {', '.join(versions.values())}")
    rows = measure_growth(given, rivals)
    report = {"machine": facts, "versions": versions, "middle": MIDDLE, "rows": rows}
    given.json.parent.mkdir(parents=True, exist_ok=True)
    given.json.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
    print(f"\nwritten to {given.json}")
    return report


def main() -> None:
    given = parse()
    if given.source:
        report = json.loads(given.source.read_text(encoding="utf-8"))
    else:
        report = report_growth(given)
    if given.picture:
        dtype = given.dtype[0]
        if not any(row["dtype"] == dtype for row in report["rows"]):
            raise SystemExit(f"nothing was measured in {dtype}: choose another with --dtype")
        draw_growth(report, dtype, given.picture)
        print(f"the picture is in {given.picture}")


if __name__ == "__main__":
    main()
