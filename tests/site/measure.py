"""What the playground weighs and how fast it is, printed as Markdown.

    python tests/site/measure.py [build/site]

Sizes are of the playground's files, as they are and as a web server sends them (gzip, level 9). The
first picture: from the request of the page to the first pixel of the decision map, each time in a
browser context that has stored nothing. A step: the same training in the page and natively, one
after the other in turns, at x86-64-v2, which computes the same bits (that is checked before the
clock); in float64, on one thread, with the cost of every step, which tells whether it diverges.
In the page a step is timed late, where the curve records one of a hundred or fewer; beside it
stands what a step takes from the beginning, where the recording of training and test costs is
dearest. Medians of all turns.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import platform
import statistics
import subprocess
import sys
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser

from browsing import opened_browser, served
from checks import DESKTOP, PHONE, Visitor
from playing import PATH, Playground, run_lines

N_TURNS = 5
LEVEL = "x86-64-v2"
# Of each training its settings, and the iterations or epochs from the beginning and of one turn.
STEPS: dict[str, tuple[dict[str, Any], int]] = {
    "flower, 4 tanh, gd": ({}, 8_192),
    "flower, 50 tanh, gd": ({"hidden": 50}, 8_192),
    "flower, 16 relu, adam": ({"hidden": 16, "activation": "relu", "solver": "adam"}, 8_192),
    "flower, 16 tanh, adam, batches of 32": ({"hidden": 16, "solver": "adam", "batch": 32}, 512),
    "three classes, 8 tanh, gd": ({"data": "blobs", "output": "softmax", "hidden": 8}, 8_192),
}

# When the decision map first has a pixel, in milliseconds since the page was asked for.
FIRST_PICTURE = """
const look = () => {
  const map = document.querySelector("canvas#map"), small = new OffscreenCanvas(4, 4)
  if (map?.width > 0) {
    const pen = small.getContext("2d")
    pen.drawImage(map, 0, 0, 4, 4)
    if (pen.getImageData(0, 0, 4, 4).data.some(v => v)) { window.firstPicture = performance.now(); return }
  }
  requestAnimationFrame(look)
}
requestAnimationFrame(look)
"""  # noqa: E501

# The same settings anew, n iterations (or epochs, of batches), and the milliseconds they took; then
# n more. Steps of the first are those that the lines take.
IN_PAGE = """([n, wanted]) => {
  const {engine, settings} = playground, run = engine.start({...settings, ...wanted})
  const timed = () => {
    const start = performance.now()
    run.advance(n)
    return performance.now() - start
  }
  const recorded = timed()
  const found = {recorded, iterations: run.iterations, lines: run.python(), cost: run.cost()}
  found.late = timed()
  run.free()
  return found
}"""

# The lines in a process: how long their training took, and whether its weights are the page's.
NATIVELY = """
import contextlib, io, json, sys, time
import shallownet_native as sn
sn.set_num_threads(1)
train, spent = sn.train, []
def timed(*args, **options):
    start = time.perf_counter()
    result = train(*args, **options)
    spent.append(time.perf_counter() - start)
    return result
sn.train = timed
with contextlib.redirect_stdout(io.StringIO()):
    for turn in range(2):  # the first warms up
        names = {"__name__": "__main__"}
        exec(compile(sys.argv[1], "page.py", "exec"), names)
json.dump(1e3 * spent[-1], sys.stdout)
"""


def table(head: list[str], rows: list[list[str]]) -> None:
    for row in (head, ["---"] * len(head), *rows):
        print(f"| {' | '.join(row)} |")
    print()


def print_sizes(site: Path) -> None:
    files = sorted(path for path in (site / "playground").rglob("*") if path.is_file())
    sizes = [(path, path.read_bytes()) for path in files]
    packed = [(path, len(data), len(gzip.compress(data, 9))) for path, data in sizes]
    rows = [
        [str(path.relative_to(site)), f"{raw / 1e3:.1f}", f"{small / 1e3:.1f}"]
        for path, raw, small in sorted(packed, key=lambda found: -found[2])
    ]
    raw, small = (sum(found[k] for found in packed) / 1e3 for k in (1, 2))
    rows.append(["**the playground**", f"**{raw:.1f}**", f"**{small:.1f}**"])
    table(["file", "kB", "kB compressed"], rows)
    whole = [path.stat().st_size for path in site.rglob("*") if path.is_file()]
    pages = len(list(site.rglob("*.html")))
    print(f"The whole site: {pages} pages, {len(whole)} files, {sum(whole) / 1e6:.1f} MB\n")


def first_picture(browser: Browser, origin: str, size: tuple[int, int]) -> float:
    with Visitor(browser, origin, size) as visitor:
        visitor.page.add_init_script(FIRST_PICTURE)
        visitor.page.goto(f"{origin}/{PATH}")
        visitor.page.wait_for_function("() => window.firstPicture")
        return float(visitor.page.evaluate("() => firstPicture"))


def print_first_picture(browser: Browser, origin: str) -> None:
    rows = []
    for name, size in (("desktop", DESKTOP), ("phone", PHONE)):
        times = [first_picture(browser, origin, size) for _ in range(N_TURNS)]
        rows.append([name, f"{statistics.median(times):.0f}", f"{max(times):.0f}"])
    table(["to the first picture", "median ms", "longest ms"], rows)


def natively(lines: str) -> float:
    environment = {**os.environ, "SHALLOWNET_LEVEL": LEVEL, "SHALLOWNET_NUM_THREADS": "1"}
    command = [sys.executable, "-c", NATIVELY, lines]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    return float(json.loads(done.stdout))


def time_steps(playground: Playground, settings: dict[str, Any], n: int) -> list[str]:
    """Return microseconds a step in the page and natively, their ratio, and with the recording."""
    late, recorded, native, iterations = [], [], [], 0
    for _ in range(N_TURNS):
        found = playground.page.evaluate(IN_PAGE, [n, settings])
        iterations = found["iterations"]
        if not native:
            printed = run_lines(found["lines"], LEVEL)["printed"]
            if f"{found['cost']:.6f}" not in printed:
                raise RuntimeError(f"page and lines disagree: {found['cost']} and {printed!r}")
        late.append(found["late"])
        recorded.append(found["recorded"])
        native.append(natively(found["lines"]))
    ours, first, theirs = (
        1e3 * statistics.median(times) / iterations for times in (late, recorded, native)
    )
    return [f"{ours:.2f}", f"{theirs:.2f}", f"{ours / theirs:.2f}", f"{first:.2f}"]


def print_steps(browser: Browser, origin: str) -> None:
    with Visitor(browser, origin) as visitor:
        playground = Playground(visitor)
        playground.open()
        rows = [[name, *time_steps(playground, *case)] for name, case in STEPS.items()]
    head = ["microseconds a step", "page", f"native {LEVEL}", "ratio", "page, from the beginning"]
    table(head, rows)


def processor() -> str:
    found = Path("/proc/cpuinfo")
    lines = found.read_text(encoding="utf-8").splitlines() if found.is_file() else []
    models = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return models[0] if models else platform.processor()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("site", nargs="?", type=Path, default=Path("build/site"))
    site = parser.parse_args().site.resolve()
    if not (site / PATH).is_file():
        parser.error(f"no {PATH} in {site}: python docs/build.py makes it")
    with served(site) as origin, opened_browser() as browser:
        print(f"{processor()}, {os.cpu_count()} cores; Chromium {browser.version}; ", end="")
        print(f"Python {platform.python_version()}\n")
        print_sizes(site)
        print_first_picture(browser, origin)
        print_steps(browser, origin)


if __name__ == "__main__":
    main()
