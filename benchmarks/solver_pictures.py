"""The pictures of `solvers.py`'s figures: how far from the lowest cost, and the held-out loss.

One panel for each problem, time across on a log scale. A curve is a solver's median over starts, at
each number of iterations that was looked at. Colours are Okabe and Ito's, which colour-blind people
can tell apart; ours are drawn solid, rivals dashed. The background is white on dark pages, too.
"""

from __future__ import annotations

import math
import statistics
from pathlib import Path
from typing import Any

INK, GRID = "#222222", "#e3e3e3"
COLUMNS = 3
STYLES = {  # colour, dashes
    "gd": ("#999999", "-"),
    "sgd": ("#e69f00", "-"),
    "adam": ("#cc79a7", "-"),
    "lbfgs": ("#009e73", "-"),
    "lm": ("#0072b2", "-"),
    "lm, evidence": ("#d55e00", "-"),
    "scikit-learn adam": ("#cc79a7", "--"),
    "scikit-learn lbfgs": ("#009e73", "--"),
    "SciPy trf": ("#0072b2", "--"),
    "torch LBFGS": ("#009e73", ":"),
    "JAX adam": ("#cc79a7", ":"),
    "JAX BFGS": ("#56b4e9", ":"),
}
COST, LOSS = 2, 3  # where they stand in a look: n, seconds, cost, held-out loss
Points = list[tuple[float, float]]


def curve(courses: list[list[list[float]]], which: int) -> Points:
    """Return (seconds, median over starts), while half of the starts or more are still looked at.

    A start that has ended keeps its last value.
    """
    points, longest, seconds = [], sorted(map(len, courses))[len(courses) // 2], 0.0
    for k in range(longest):
        looks = [course[min(k, len(course) - 1)] for course in courses]
        seconds = max(seconds, statistics.median(look[1] for look in looks))  # short runs vary
        points.append((seconds, statistics.median(look[which] for look in looks)))
    return [(x, y) for x, y in points if math.isfinite(y)]


def draw(figures: list[dict[str, Any]], folder: Path) -> None:
    """Write cost.svg and held_out.svg of what `solvers.py` found."""
    draw_panels(figures, folder / "cost.svg", COST)
    draw_panels(figures, folder / "held_out.svg", LOSS)


def draw_panels(figures: list[dict[str, Any]], path: Path, which: int) -> None:
    """Draw a panel for each problem, and one legend for all."""
    import matplotlib
    from matplotlib.figure import Figure

    n_columns = min(COLUMNS, len(figures))
    n_rows = -(-len(figures) // n_columns)
    figure = Figure(figsize=(3.4 * n_columns, 2.7 * n_rows + 0.9), facecolor="white")
    panels = figure.subplots(n_rows, n_columns, squeeze=False).ravel()
    for axes, found in zip(panels, figures, strict=False):
        draw_panel(axes, found, which)
    for axes in panels[len(figures) :]:
        axes.set_axis_off()
    handles = {h.get_label(): h for axes in panels for h in axes.get_lines()}
    lines = [handles[name] for name in STYLES if name in handles]
    bottom = 0.9 / (2.7 * n_rows + 0.9)
    figure.subplots_adjust(
        left=0.2 / n_columns, right=0.985, top=1 - 0.3 / n_rows / 2.7, bottom=bottom,
        hspace=0.42, wspace=0.3,
    )  # fmt: skip
    what = "cost above the lowest that was seen" if which == COST else "held-out loss"
    figure.text(0.5, bottom * 0.52, f"seconds, across; {what}, up", ha="center", fontsize=8.5)
    figure.legend(handles=lines, ncols=6, loc="lower center", fontsize=7.5, frameon=False)
    with matplotlib.rc_context({"svg.hashsalt": "solvers", "svg.fonttype": "none"}):
        figure.savefig(path, metadata={"Date": None})


def draw_panel(axes: Any, found: dict[str, Any], which: int) -> None:
    """Draw the curves of one problem."""
    ends = [look[COST] for courses in found["looks"].values() for c in courses for look in c]
    lowest = min(ends)
    for name, courses in found["looks"].items():
        points = curve(courses, which)
        if which == COST:
            points = [(x, max(y - lowest, 1e-6)) for x, y in points]
        colour, dashes = STYLES[name]
        mark = {"marker": "o", "markersize": 4} if len(points) == 1 else {}
        if points:
            axes.plot(*zip(*points, strict=True), dashes, color=colour, label=name, lw=1.3, **mark)
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.set_title(found["problem"], fontsize=9, color=INK)
    axes.grid(which="major", color=GRID, linewidth=0.7)
    axes.tick_params(which="both", colors=INK, labelsize=7, length=0)
    for spine in axes.spines.values():
        spine.set_visible(False)
