"""What the package costs besides time of training: `python benchmarks/footprint.py --help`.

Time to import, installed size, memory of a training (`memory.py`), time of one example
(`latency.py`), the wheel and its building, each beside the rivals that are installed. Figures go to
a JSON file as those of `measure.py` do.
"""

from __future__ import annotations

import argparse
import importlib.metadata as metadata
import json
import os
import subprocess
import sys
import tempfile
import time
import zipfile
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

from measure import installed, machine
from memory import LARGE, SMALLER, can_be_measured, data_kilobytes, measure_memory
from shallownet_native.bench.rivals import thread_settings

HERE = Path(__file__).resolve().parent
PARTS = ("import", "size", "memory", "latency")


class Package(NamedTuple):
    """A distribution, and the module that its users import to train such a network."""

    distribution: str
    module: str


PACKAGES = {  # the rival's name in `rivals/`
    "shallownet": Package("shallownet-native", "shallownet_native"),
    "numpy_in_place": Package("numpy", "numpy"),
    "scikit_learn": Package("scikit-learn", "sklearn.neural_network"),
    "torch_eager": Package("torch", "torch"),
    "jax_jit": Package("jax", "jax"),
}

# Time to import


def seconds_to_import(module: str) -> float:
    """Return how long a fresh process imports a module, once it has imported NumPy."""
    first = "" if module == "numpy" else "import numpy; "
    program = f"import time; {first}start = time.perf_counter(); import {module}; "
    program += "print(time.perf_counter() - start)"
    command = [sys.executable, "-c", program]
    return float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def measure_imports(names: list[str], n_rounds: int) -> list[dict[str, Any]]:
    """Return each import's best time in milliseconds, after rounds of all of them."""
    modules = [PACKAGES[name].module for name in names]
    rounds = [[seconds_to_import(module) for module in modules] for _ in range(n_rounds)]
    best = [1e3 * min(times) for times in zip(*rounds, strict=True)]
    return [{"module": module, "ms": ms} for module, ms in zip(modules, best, strict=True)]


# Installed size


def with_dependencies(distribution: str) -> set[str]:
    """Return the normalized names of a distribution and of all that it needs here."""
    try:
        from packaging.requirements import Requirement
        from packaging.utils import canonicalize_name
    except ModuleNotFoundError as missing:
        raise SystemExit("the installed size needs packaging: pip install it first") from missing
    seen: set[tuple[str, frozenset[str]]] = set()
    waiting = [(distribution, frozenset({""}))]
    while waiting:
        name, extras = waiting.pop()
        if (canonicalize_name(name), extras) in seen:
            continue
        seen.add((canonicalize_name(name), extras))
        for line in metadata.requires(name) or []:
            needed = Requirement(line)
            marker = needed.marker
            if marker is None or any(marker.evaluate({"extra": extra}) for extra in extras):
                waiting.append((needed.name, frozenset({"", *needed.extras})))
    return {name for name, _ in seen}


def bytes_of(distribution: str) -> int:
    """Return the size of the files that a distribution's record names, byte code included."""
    paths = {Path(str(file.locate())) for file in metadata.files(distribution) or []}
    return sum(path.stat().st_size for path in paths if path.exists())


def is_editable(distribution: str) -> bool:
    """Return whether the sources stand elsewhere, so that the record's size is not a wheel's."""
    origin = metadata.distribution(distribution).read_text("direct_url.json")
    return origin is not None and bool(json.loads(origin).get("dir_info", {}).get("editable"))


def measure_sizes(names: list[str]) -> list[dict[str, Any]]:
    """Return the megabytes of each distribution, alone and with what it needs."""
    rows = []
    for distribution in (PACKAGES[name].distribution for name in names):
        needed = with_dependencies(distribution)
        rows.append({
            "distribution": distribution,
            "mb": bytes_of(distribution) / 1e6,
            "mb_with_dependencies": sum(map(bytes_of, needed)) / 1e6,
            "n_dependencies": len(needed) - 1,
            "editable": is_editable(distribution),
        })  # fmt: skip
    return rows


# The wheel


def wheel_facts(wheel: Path) -> dict[str, Any]:
    """Return the megabytes of a wheel, packed and unpacked."""
    with zipfile.ZipFile(wheel) as packed:
        unpacked = sum(entry.file_size for entry in packed.infolist())
    return {"wheel": wheel.name, "mb": wheel.stat().st_size / 1e6, "mb_unpacked": unpacked / 1e6}


def build() -> dict[str, Any]:
    """Build our wheel in a temporary folder; return its facts and how long that took."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps"]
        start, before = time.perf_counter(), os.times()
        subprocess.run([*command, "--wheel-dir", folder, str(HERE.parent)], check=True)
        took, after = time.perf_counter() - start, os.times()
        spent = after.children_user - before.children_user
        spent += after.children_system - before.children_system
        (wheel,) = Path(folder).glob("*.whl")
        return {**wheel_facts(wheel), "build_seconds": took, "build_processor_seconds": spent}


# One example


def latency_of(names: list[str], quick: bool) -> list[dict[str, Any]]:
    """Return what `latency.py` writes, from a process held to one thread."""
    command = [sys.executable, str(HERE / "latency.py"), "--rounds", "2" if quick else "200"]
    environment = {**os.environ, **thread_settings(1)}
    program = subprocess.run(
        [*command, *names], check=True, stdout=subprocess.PIPE, env=environment
    )
    rows: list[dict[str, Any]] = json.loads(program.stdout)
    return rows


# All of it


def print_table(title: str, heads: list[str], rows: list[tuple[Any, ...]]) -> None:
    """Print rows of a label and numbers."""
    print(f"\n{title:44}" + "".join(f"{head:>20}" for head in heads))
    for label, *numbers in rows:
        print(f"  {label:42}" + "".join(f"{number:20.4g}" for number in numbers), flush=True)


def report_imports(names: list[str], given: argparse.Namespace) -> list[dict[str, Any]]:
    rows = measure_imports(names, 1 if given.quick else given.rounds)
    beyond = [(row["module"], row["ms"]) for row in rows if row["module"] != "numpy"]
    numpy = [("(NumPy's own)", row["ms"]) for row in rows if row["module"] == "numpy"]
    print_table("time to import beyond NumPy's own", ["ms"], [*beyond, *numpy])
    return rows


def report_sizes(names: list[str], _: argparse.Namespace) -> list[dict[str, Any]]:
    rows = measure_sizes(names)
    editable = {True: " (editable: not all of it)", False: ""}
    shown = [
        (row["distribution"] + editable[row["editable"]], row["mb"], row["mb_with_dependencies"])
        for row in rows
    ]
    print_table("installed size", ["MB", "with dependencies"], shown)
    return rows


def report_memory(rivals: dict[str, ModuleType], given: argparse.Namespace) -> list[dict[str, Any]]:
    if not can_be_measured():
        print("memory left out: only Linux tells and resets a process's peak", file=sys.stderr)
        return []
    problem, dtype = SMALLER if given.quick else LARGE, "float32"
    rows = measure_memory(rivals, given.threads, problem, dtype)
    title = f"memory of {problem.name}, {dtype}, {given.threads} thread(s)"
    shown = [(row["rival"], row["mb_beyond_data"], row["distance"]) for row in rows]
    print_table(title, ["MB beyond the data", "off oracle"], shown)
    print(f"  (the data: {data_kilobytes(problem, dtype) / 1024:.1f} MB)")
    about = {"problem": problem.name, "dtype": dtype, "threads": given.threads}
    return [{**about, **row} for row in rows]


def report_latency(names: list[str], given: argparse.Namespace) -> list[dict[str, Any]]:
    rows = latency_of(names, given.quick)
    for network, dtype in dict.fromkeys((row["network"], row["dtype"]) for row in rows):
        case = [row for row in rows if (row["network"], row["dtype"]) == (network, dtype)]
        best = min(row["us"] for row in case)
        shown = [(row["call"], row["us"], row["us"] / best, row["distance"]) for row in case]
        heads = ["microseconds", "times the best", "off oracle"]
        print_table(f"one example, {network}, {dtype}", heads, shown)
    return rows


def report_wheel(given: argparse.Namespace) -> dict[str, Any]:
    """Return the facts of the wheel given or built, if any."""
    facts = build() if given.build else wheel_facts(given.wheel) if given.wheel else {}
    if facts:
        numbers = [(name, number) for name, number in facts.items() if name != "wheel"]
        print_table(facts["wheel"], [""], numbers)
    return facts


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=PARTS, metavar="PART",
                        help=", ".join(PARTS))  # fmt: skip
    parser.add_argument("--rivals", nargs="+", choices=PACKAGES, metavar="NAME",
                        help=", ".join(PACKAGES))  # fmt: skip
    parser.add_argument("--threads", type=int, default=2, metavar="N", help="of a training (2)")
    parser.add_argument("--rounds", type=int, default=10, metavar="N", help="of imports (10)")
    parser.add_argument("--quick", action="store_true", help="few rounds, a smaller training")
    parser.add_argument("--build", action="store_true", help="build our wheel: a minute or two")
    parser.add_argument("--wheel", type=Path, metavar="FILE", help="a wheel that is built already")
    parser.add_argument("--json", type=Path, default=Path("build/footprint.json"), metavar="FILE")
    return parser.parse_args()


def main() -> None:
    given = parse()
    found = installed(given.rivals)
    rivals = {name: found[name] for name in PACKAGES if name in found}
    names, facts = list(rivals), machine()
    report: dict[str, Any] = {
        "machine": facts,
        "versions": {name: rival.versions() for name, rival in rivals.items()},
    }
    print(f"{facts['processor']}, {facts['processors']} processors")
    print(", ".join(report["versions"].values()))
    if "import" in given.parts:
        report["import"] = report_imports(names, given)
    if "size" in given.parts:
        report["size"] = report_sizes(names, given)
    if "memory" in given.parts:
        report["memory"] = report_memory(rivals, given)
    if "latency" in given.parts:
        report["latency"] = report_latency(names, given)
    report["wheel"] = report_wheel(given)
    given.json.parent.mkdir(parents=True, exist_ok=True)
    given.json.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
    print(f"\nwritten to {given.json}")


if __name__ == "__main__":
    main()
