"""Forks, spawned processes, threads and exits at bad moments: no hang, no crash, the same bits.

Each scenario of `process_scenarios.py` runs in a process of its own, so that a crash or a hang is
counted and not suffered. What it computes is compared, as a digest of all bits, with what one
thread computes alone. `python tests/campaigns/processes.py [--quick] [--repeats N]`.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

PROGRAM = Path(__file__).with_name("process_scenarios.py")
PATIENCE = 180  # seconds until a scenario counts as hanging: each takes one to five

# name -> exit code and number of results
SCENARIOS = {
    "fork_before_any_use": (0, 3),
    "fork_after_use": (0, 5),
    "fork_while_another_thread_trains": (0, 2),
    "fork_from_a_thread": (0, 4),
    "fork_inside_a_callback": (0, 3),
    "fork_of_a_fork": (0, 2),
    "fork_and_leave_through_the_interpreter": (0, 2),
    "children_by_spawn": (0, 2),
    "children_by_forkserver": (0, 2),
    "a_child_killed_at_work": (0, 1),
    "joblib_loky": (0, 5),
    "joblib_multiprocessing": (0, 5),
    "joblib_threading": (0, 5),
    "grid_search_in_processes": (0, 1),
    "threads_at_once": (0, 16),
    "threads_with_a_failing_callback": (0, 4),
    "exit_while_daemons_train": (0, 0),
    "exit_while_daemons_fit": (0, 0),
    "exit_while_daemons_predict": (0, 0),
    "exit_waits_for_a_thread_that_trains": (0, 1),
    "exit_from_a_callback": (7, 0),
    "exit_at_once_from_a_callback": (8, 0),
    "exit_from_a_thread_at_once": (9, 0),
    "training_at_exit": (0, 1),
}
# one of each kind: what the test suite has the time for
QUICK = (
    "fork_after_use",
    "fork_while_another_thread_trains",
    "children_by_spawn",
    "joblib_loky",
    "threads_at_once",
    "exit_while_daemons_train",
    "training_at_exit",
)


def wait(child: subprocess.Popen[bytes]) -> int | None:
    """Return the exit code of a child, or None if it does not end in PATIENCE.

    Waits second by second, so that time in which all of us are stopped does not count.
    """
    for _ in range(PATIENCE):
        with contextlib.suppress(subprocess.TimeoutExpired):
            return child.wait(1.0)
    return None


def run(name: str, *, quick: bool = False) -> tuple[int | None, list[str], str]:
    """Run a scenario; return its exit code, None for a hang, the digests and what it complained."""
    # into files: a forgotten child that holds a pipe would look like a hang of its parent
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        child = subprocess.Popen(
            [sys.executable, PROGRAM, name], stdout=out, stderr=err, start_new_session=True,
            env={
                **os.environ, **({"SHALLOWNET_QUICK_SCENARIOS": "1"} if quick else {}),
                "PYTHONWARNINGS": "ignore",  # that two epochs are few
            },
        )  # fmt: skip
        code = wait(child)
        if code is None:
            subprocess.run(["kill", "-9", "--", f"-{child.pid}"], check=False)
            child.wait()
        out.seek(0)
        err.seek(0)
        lines = out.read().decode().splitlines()
        return code, lines, err.read().decode()


def judge(name: str, alone: set[str], *, quick: bool = False) -> str:
    """Run a scenario and say "ok", or what is wrong with it."""
    expected_code, n_results = SCENARIOS[name]
    code, lines, complaint = run(name, quick=quick)
    if code is None:
        return "hang"
    if code != expected_code:
        last = complaint.strip().splitlines()[-1:] or [""]
        return f"exit code {code}: {last[0]}"
    if complaint:
        return f"complaint: {complaint[-300:]}"
    if len(lines) != n_results:
        return f"{len(lines)} results, not {n_results}"
    return "ok" if set(lines) <= alone else "other bits"


def count(names: tuple[str, ...], repeats: int, *, quick: bool = False) -> Counter[str]:
    """Run each scenario so many times; return how many runs had which outcome."""
    code, alone, complaint = run("alone")
    if code != 0:
        raise SystemExit(complaint)
    outcomes: Counter[str] = Counter()
    for _ in range(repeats):
        for name in names:
            outcome = judge(name, set(alone), quick=quick)
            outcomes[outcome] += 1
            if outcome != "ok":
                print(f"{name}: {outcome}", flush=True)
    return outcomes


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="seven scenarios, once each")
    parser.add_argument("--repeats", type=int, default=10, help="runs of each scenario")
    options = parser.parse_args()
    names = QUICK if options.quick else tuple(SCENARIOS)
    started = time.perf_counter()
    outcomes = count(names, 1 if options.quick else options.repeats, quick=options.quick)
    n, ok = outcomes.total(), outcomes["ok"]
    hangs, bits = outcomes["hang"], outcomes["other bits"]
    print(
        f"{len(names)} scenarios of fork, spawn, threads and exit, {n} runs: {ok} as they should "
        f"be, {hangs} hangs, {bits} with other bits, {n - ok - hangs - bits} crashes or errors "
        f"({time.perf_counter() - started:.0f} s)"
    )
    return int(ok != n)


if __name__ == "__main__":
    sys.exit(main())
