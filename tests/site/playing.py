"""The playground as a person uses it: controls are set, buttons pressed, numbers read.

What `window.playground` offers is only read, never called to change anything, so that whatever
these functions achieve can be achieved by hand. `run_lines` runs the page's Python lines.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

from playwright.sync_api import Locator

from checks import Visitor

PATH = "playground/index.html"
CONTROLS = (
    "data", "noise", "hidden", "activation", "output", "solver", "rate", "l2", "batch", "seed",
    "scheme",
)  # fmt: skip
BUTTONS = ("run", "step", "reset", "theme", "copy")
# Of the numbers' ids the part after "number-", and what of the run each repeats.
NUMBERS = {
    "cost": "run.cost()",
    "test-cost": "run.testCost()",
    "accuracy": "run.accuracy()",
    "test-accuracy": "run.testAccuracy()",
    "iterations": "run.iterations",
    "epochs": "run.epochs",
}

# Run as a program of its own: the lines in a namespace of their own, what they print kept.
RUNNER = """
import contextlib, io, json, sys
import numpy as np
names, printed = {"__name__": "__main__"}, io.StringIO()
with contextlib.redirect_stdout(printed):
    exec(compile(sys.stdin.read(), "page.py", "exec"), names)
p = names["result"].parameters
arrays = {k: getattr(p, k) for k in ("W1", "b1", "W2", "b2")}
arrays = {k: [float(v).hex() for v in np.ravel(a)] for k, a in arrays.items() if a is not None}
json.dump({"weights": arrays, "printed": printed.getvalue(), "n_x": len(names["X"])}, sys.stdout)
"""


def parse(text: str) -> float | None:
    """Return the number that a page shows: "10,000", "98.5 %", "0.693162"; None for a dash."""
    digits = text.strip().replace(",", "").replace("\u2009", "").replace("\u202f", "")
    digits = digits.replace("\u2212", "-").replace("\u00a0", " ")
    if digits.endswith("%"):
        return float(digits[:-1]) / 100
    return float(digits) if any(c.isdigit() for c in digits) else None


def run_lines(lines: str, level: str | None, warnings: str = "error") -> dict[str, Any]:
    """Run Python lines in a process of their own, by this interpreter, at a level of the core.

    Warnings are errors there, unless told otherwise. Returns the weights as texts of `float.hex`,
    and what was printed.
    """
    environment = {k: v for k, v in os.environ.items() if k != "SHALLOWNET_LEVEL"}
    if level:
        environment["SHALLOWNET_LEVEL"] = level
    done = subprocess.run(
        [sys.executable, "-W", warnings, "-c", RUNNER],
        input=lines, text=True, capture_output=True, env=environment, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 0, f"{done.stderr}\n--- the page's lines:\n{lines}"
    return dict(json.loads(done.stdout))


class Playground:
    """The playground in a tab."""

    def __init__(self, tab: Visitor) -> None:
        self.tab, self.page = tab, tab.page

    def open(self, state: str = "") -> None:
        """Open the page anew, at an address that ends in `state`, and wait for the first run."""
        self.page.goto("about:blank")  # else only what follows # would change
        self.page.goto(f"{self.tab.origin}/{PATH}{state}")
        self.wait()

    def wait(self) -> None:
        """Wait until the page has shown its state, and trained as long as its address asks."""
        self.page.wait_for_function(
            "() => window.playground && (!playground.run || "
            "playground.run.epochs >= Number(/trained=(\\d+)/.exec(location.hash)?.[1] ?? 0))"
        )
        self.page.evaluate("() => new Promise(r => requestAnimationFrame(() => setTimeout(r)))")

    def find(self, name: str) -> Locator:
        return self.page.locator(f"#{name}")

    def set(self, **values: Any) -> None:
        """Set controls by their ids, one after the other."""
        for name, value in values.items():
            control = self.find(name)
            if control.evaluate("e => e.localName") == "select":
                control.select_option(str(value))
            else:
                control.fill(str(value))
                control.blur()
            self.wait()

    def step(self, n: int | None = None) -> None:
        """Train by the button: n iterations, or epochs of batches; or as many as it says."""
        if n is not None:
            self.set(steps=n)
        goal = self.read("run.epochs") + int(self.find("steps").input_value())
        self.find("step").click()
        self.page.wait_for_function(
            f"() => playground.run.epochs >= {goal} || "
            "/^(Diverged|Finished)/.test(document.querySelector('#status').innerText)"
        )
        self.wait()

    def read(self, program: str) -> Any:
        """Return a value of the page's own objects, as "run.cost()"."""
        return self.page.evaluate(f"() => {{ const {{run, settings, engine}} = playground; "
                                  f"return {program} }}")  # fmt: skip

    @property
    def settings(self) -> dict[str, Any]:
        return dict(self.read("settings"))

    def text(self, number: str) -> str:
        return self.find(f"number-{number}").inner_text()

    def number(self, number: str) -> float | None:
        return parse(self.text(number))

    @property
    def lines(self) -> str:
        """The Python lines that the page shows."""
        return self.find("python").text_content() or ""

    @property
    def weights(self) -> dict[str, list[str]]:
        """The run's weights as texts of `float.hex`; without a hidden layer only W2 and b2."""
        found = self.read("run.parameters()")
        arrays = {name: flat(array) for name, array in found.items() if array}
        return {name: [float(value).hex() for value in array] for name, array in arrays.items()}


def flat(array: list[Any]) -> list[float]:
    return [v for row in array for v in (row if isinstance(row, list) else [row])]
