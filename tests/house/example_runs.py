"""What the scripts of examples/ print: for the tests, which say what it has to be.

A folder's examples are run by one process, one after the other, in an empty folder; the folders'
processes run side by side as soon as an example is asked for.
"""

from __future__ import annotations

import functools
import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from at_once import at_once

FOLDER = Path(__file__).parents[2] / "examples"
SCRIPTS = sorted(path.relative_to(FOLDER).as_posix() for path in FOLDER.glob("*/*.py"))
NUMBER = r"-?\d+(?:\.\d+)?(?:e[-+]?\d+)?"

RUNNER = """
import contextlib, io, json, runpy, sys, traceback
import matplotlib.pyplot as plt
said, paths = {}, sys.argv[1:]
for path in paths:
    sys.argv = [path]
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            runpy.run_path(path, run_name="__main__")
            for number in plt.get_fignums():
                plt.figure(number).canvas.draw()
        except BaseException:
            traceback.print_exc()
    said[path] = out.getvalue().splitlines(), err.getvalue(), len(plt.get_fignums())
    plt.close("all")
print(json.dumps(said))
"""
# plt.show() of a backend without windows says so where there is a display
WITHOUT_DISPLAY = {"MPLBACKEND": "Agg", "PYTHONWARNINGS": "ignore:FigureCanvasAgg is non-inter"}


def python(*arguments: str | Path) -> str:
    """Run Python in an empty folder, which has to stay so, and return what it says."""
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(
            [sys.executable, *arguments], cwd=folder, env={**os.environ, **WITHOUT_DISPLAY},
            capture_output=True, text=True, timeout=300,
        )  # fmt: skip
        assert (done.returncode, done.stderr) == (0, "")
        assert not list(Path(folder).iterdir())
    return done.stdout


def said_in(folder: str) -> dict[str, tuple[list[str], str, int]]:
    """Run all examples of a folder; return their lines, complaints and numbers of figures."""
    scripts = [FOLDER / name for name in SCRIPTS if name.startswith(f"{folder}/")]
    before = set(FOLDER.rglob("*"))
    said = json.loads(python("-c", RUNNER, *scripts))
    assert set(FOLDER.rglob("*")) == before
    return {Path(path).name: tuple(found) for path, found in said.items()}


@functools.cache
def said_everywhere() -> dict[str, dict[str, tuple[list[str], str, int]]]:
    """Return by folder what its examples say."""
    folders = dict.fromkeys(name.partition("/")[0] for name in SCRIPTS)
    return dict(zip(folders, at_once(said_in, *folders), strict=True))


def run(name: str) -> list[str]:
    """Return the lines of an example, which has drawn a picture and complained of nothing."""
    folder, script = name.split("/")
    lines, complaints, n_figures = said_everywhere()[folder][script]
    assert complaints == ""
    assert n_figures > 0
    return lines


def numbers(line: str) -> list[float]:
    return [float(text) for text in re.findall(NUMBER, line)]


def found(pattern: str, lines: list[str]) -> list[float]:
    """Return the number that the pattern's group finds, in each line that has one."""
    return [float(match[1]) for line in lines if (match := re.search(pattern, line))]
