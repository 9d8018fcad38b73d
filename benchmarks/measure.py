"""Time every rival on every problem: `python benchmarks/measure.py --help`.

Each rival is a file in `rivals/`, run in a process of its own that is kept alive, so that its
thread settings hold and compiled code stays compiled. Every answer is compared with the oracle's
before the clock runs; then the rivals take turns, round after round, and each one's best counts.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import platform
import shlex
import sys
import time
from importlib.metadata import PackageNotFoundError
from pathlib import Path
from types import ModuleType
from typing import Any

from problems import problems
from shallownet_native._native import backend
from shallownet_native.bench.problems import LARGE, Problem
from shallownet_native.bench.rivals import RemoteRival
from shallownet_native.bench.timing import check, oracle_answer, time_alternately

HERE = Path(__file__).resolve().parent
RIVALS = sorted(path.stem for path in (HERE / "rivals").glob("*.py"))
OURS = "shallownet"


def load_rival(name: str) -> ModuleType:
    """Import a rival's file; its heavy imports wait until it is run."""
    spec = importlib.util.spec_from_file_location(name, HERE / "rivals" / f"{name}.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def installed(names: list[str] | None) -> dict[str, ModuleType]:
    """Return the rivals asked for; without names, all those whose packages are here."""
    found = {}
    for name in names or RIVALS:
        rival = load_rival(name)
        try:
            rival.versions()
        except PackageNotFoundError as missing:
            if names:
                raise SystemExit(f"{name} needs {missing.name}: pip install it first") from missing
            print(f"{name} left out: {missing.name} is not installed", file=sys.stderr)
        else:
            found[name] = rival
    return found


def start(rivals: dict[str, ModuleType], threads: int) -> dict[str, tuple[RemoteRival, ModuleType]]:
    """Start a process for each rival and each of its variants."""
    running = {}
    for name, rival in rivals.items():
        command = [sys.executable, str(HERE / "rivals" / f"{name}.py")]
        for variant, settings in getattr(rival, "VARIANTS", {"": {}}).items():
            label = f"{name} {variant}".strip()
            running[label] = (RemoteRival(command, threads, **settings), rival)
    return running


def measure(
    running: dict[str, tuple[RemoteRival, ModuleType]], problem: Problem, dtype: str,
    seconds: float,
) -> dict[str, dict[str, float]]:  # fmt: skip
    """Return each rival's microseconds per step and its distance from the oracle."""
    expected = oracle_answer(problem, dtype)
    distances = {}
    for label, (rival, module) in running.items():
        rival.prepare(problem, dtype)
        limit = getattr(module, "ADAM_LIMIT", None) if problem.batch_size else None
        distances[label] = check(rival, problem, dtype, expected, limit)
    times = time_alternately(
        [rival for rival, _ in running.values()], problem, seconds * len(running)
    )
    return {
        label: {"us_per_step": best, "distance": distances[label]}
        for label, best in zip(running, times, strict=True)
    }


def print_table(title: str, results: dict[str, dict[str, float]]) -> None:
    """Print microseconds per step and how many times slower than our best each rival is."""
    ours = [r["us_per_step"] for label, r in results.items() if label.split()[0] == OURS]
    best = min(ours, default=float("nan"))
    print(f"\n{title:50}{'us per step':>14}{'times ours':>12}{'off oracle':>12}")
    for label, result in sorted(results.items(), key=lambda item: item[1]["us_per_step"]):
        took = result["us_per_step"]
        print(f"  {label:48}{took:14.2f}{took / best:12.2f}{result['distance']:12.1e}", flush=True)


def machine() -> dict[str, Any]:
    """Return what the figures depend on."""
    model = platform.processor()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        lines = cpuinfo.read_text(encoding="utf-8", errors="replace").splitlines()
        model = next((line.split(":")[1].strip() for line in lines if "model name" in line), model)
    return {
        "processor": model,
        "processors": os.cpu_count(),
        "load": os.getloadavg(),
        "system": platform.platform(),
        "python": platform.python_version(),
        "core": [backend.core.version, backend.core.compiler, backend.core.flags],
        "time": time.strftime("%Y-%m-%d %H:%M:%S %z"),
        "command": shlex.join(["python", *sys.argv]),
    }


def parse() -> argparse.Namespace:
    formatter = argparse.RawTextHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=formatter)
    known = problems()
    several: dict[str, Any] = {"nargs": "+", "metavar": "NAME"}
    parser.add_argument("--problem", choices=known, **several, help="\n".join(known))
    parser.add_argument("--dtype", choices=("float32", "float64"), **several,
                        default=["float32", "float64"])  # fmt: skip
    parser.add_argument("--threads", type=int, nargs="+", default=[1, 2], metavar="N")
    parser.add_argument("--rivals", choices=RIVALS, **several, help=", ".join(RIVALS))
    parser.add_argument("--seconds", type=float, default=1.0, help="for each rival and problem (1)")
    parser.add_argument("--quick", action="store_true", help="0.2 s each, no large problems")
    parser.add_argument("--json", type=Path, default=Path("build/benchmarks.json"), metavar="FILE")
    given = parser.parse_args()
    small = [name for name, p in known.items() if not (given.quick and p in LARGE)]
    given.problems = [known[name] for name in given.problem or small]
    given.seconds = 0.2 if given.quick else given.seconds
    return given


def main() -> None:
    given = parse()
    rivals = installed(given.rivals)
    versions = {name: rival.versions() for name, rival in rivals.items()}
    facts = machine()
    libraries = ", ".join(sorted(set(versions.values())))
    print(f"{facts['processor']}, {facts['processors']} processors; {libraries}")
    rows: list[dict[str, Any]] = []
    for threads in given.threads:
        running = start(rivals, threads)
        try:
            for problem in given.problems:
                for dtype in given.dtype:
                    results = measure(running, problem, dtype, given.seconds)
                    print_table(f"{problem.name}, {dtype}, {threads} thread(s)", results)
                    where = {"problem": problem.name, "dtype": dtype, "threads": threads}
                    rows += [{**where, "rival": label, **r} for label, r in results.items()]
        finally:
            for rival, _ in running.values():
                rival.close()
    given.json.parent.mkdir(parents=True, exist_ok=True)
    report = {"machine": facts, "versions": versions, "rows": rows}
    given.json.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
    print(f"\nwritten to {given.json}")


if __name__ == "__main__":
    main()
