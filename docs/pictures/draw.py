"""Draw the pictures of README.md again: python docs/pictures/draw.py (with the extra docs).

`flower.png` is drawn by `sn.plotting`; `playground.png` is what Chromium shows of the playground
once it has trained, and needs `python docs/build.py` first.
"""

from __future__ import annotations

import functools
import http.server
import shutil
import sys
import threading
from pathlib import Path

import matplotlib
import numpy as np
from matplotlib.figure import Figure
from PIL import Image

import shallownet_native as sn

HERE = Path(__file__).resolve().parent
SITE = HERE.parents[1] / "build" / "site"


def draw_flower(path: Path) -> None:
    """Draw the well-known run: decision boundary, hidden units, cost."""
    X, Y = sn.datasets.flower()
    start = sn.initialize(2, 4, 1, seed=np.random.RandomState(3))
    result = sn.train(start, X, Y, learning_rate=1.2, n_iterations=5000)
    with matplotlib.rc_context({"font.size": 17, "axes.titlesize": 21}):  # read on phones, too
        figure = Figure(figsize=(12.4, 4.6), layout="constrained")
        decision, units, cost = figure.subplots(1, 3, width_ratios=[10, 12, 10])
        sn.plotting.decision_boundary(result, X, Y, ax=decision)
        sn.plotting.hidden_units(result, X, Y, ax=units)
        sn.plotting.learning_curve(result, ax=cost)
        decision.set(title="its decision", xticks=[], yticks=[], xlabel="", ylabel="")
        units.set(title="its hidden units", xlabel="", ylabel="")
        cost.set(title="its cost", xticks=[0, 5000], yticks=[0.2, 0.4, 0.6], ylabel="")
        cost.get_legend().remove()
        figure.axes[-1].set(ylabel="", yticks=[-1, 0, 1])  # the units' colour bar
        figure.savefig(path, dpi=100)


class Quiet(http.server.SimpleHTTPRequestHandler):
    """Serves without a word."""

    def log_message(self, *arguments: object) -> None:
        """Say nothing."""


def show_playground(path: Path) -> None:
    """Take a picture of the playground after 4000 iterations of the flower."""
    from playwright.sync_api import sync_playwright

    folder = functools.partial(Quiet, directory=str(SITE))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), folder)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=shutil.which("chromium"))
        page = chromium.new_page(viewport={"width": 1280, "height": 860})
        page.goto(f"http://127.0.0.1:{server.server_port}/playground/")
        page.wait_for_function("window.playground?.run")
        page.fill("#steps", "4000")
        page.click("#step")
        page.wait_for_function("window.playground.run.iterations >= 4000")
        page.wait_for_timeout(500)  # the pictures follow in the next frames
        page.screenshot(path=path)
    server.shutdown()


def make_small(path: Path) -> None:
    """Keep 128 colours: these pictures have few, and a README is read on phones."""
    Image.open(path).convert("RGB").quantize(128).save(path, optimize=True)


def main() -> int:
    """Draw both."""
    draw_flower(HERE / "flower.png")
    show_playground(HERE / "playground.png")
    for name in ("flower.png", "playground.png"):
        make_small(HERE / name)
    return 0


if __name__ == "__main__":
    sys.exit(main())
