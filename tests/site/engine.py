"""The playground's engine outside a browser: asked through node, and compared through Python.

Imports the standard library.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

LEVEL = "x86-64-v2"  # computes as WebAssembly does: vectors of 16 bytes, no FMA
MINIMIZERS = ("lbfgs", "lm")  # the solvers without a rate
ANSWER = Path(__file__).parent / "node" / "answer.mjs"
# Runs each text of lines, and prints as JSON what came of it.
RUN_LINES = """
import contextlib, io, json, sys, warnings
import shallownet_native as sn
from shallownet_native._native.backend import core
warnings.simplefilter("ignore", sn.ConvergenceWarning)
answers = []
for text in json.load(sys.stdin):
    made, printed = {}, io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(text, made)
    result = made["result"]
    P = result.parameters
    arrays = {name: getattr(P, name) for name in ("W1", "b1", "W2", "b2")}
    arrays = {name: [] if a is None else a.tolist() for name, a in arrays.items()}
    answers.append({
        **arrays, "printed": printed.getvalue(), "n_epochs": result.n_epochs,
        "n_iterations": result.n_iterations, "costs": result.costs.tolist(),
        "X": made["X"].tolist(), "Y": made["Y"].tolist(), "level": core.level,
    })
json.dump(answers, sys.stdout)
"""


def columns(column: list[float]) -> list[list[float]]:
    """Return a bias as the library has it, (n, 1)."""
    return [[x] for x in column]


def module_folder(site: Path, target: Path) -> Path:
    """Copy the playground to `target`, where node takes its .js files for the modules they are."""
    folder = Path(shutil.copytree(site / "playground", target))
    (folder / "package.json").write_text('{"type": "module"}', encoding="utf-8")
    return folder


def ask(folder: Path, *questions: dict[str, Any]) -> list[Any]:
    """Return the engine's answers to questions, which node/answer.mjs lists."""
    node = shutil.which("node")
    assert node, "node is missing: install nodejs"
    done = subprocess.run(
        [node, str(ANSWER), str(folder)],
        input=json.dumps(questions), capture_output=True, text=True, check=False, timeout=300,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    answers: list[Any] = json.loads(done.stdout)
    return answers


def run_all_lines(texts: list[str], level: str | None) -> list[dict[str, Any]]:
    """Run texts of Python in one process, at a level or at the best one."""
    environment = {key: value for key, value in os.environ.items() if key != "SHALLOWNET_LEVEL"}
    if level is not None:
        environment["SHALLOWNET_LEVEL"] = level
    done = subprocess.run(
        [sys.executable, "-c", RUN_LINES],
        input=json.dumps(texts), capture_output=True, text=True, check=False, timeout=300,
        env=environment,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    answers: list[dict[str, Any]] = json.loads(done.stdout)
    return answers
