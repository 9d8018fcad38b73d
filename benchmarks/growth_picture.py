"""The picture of `growth.py`'s figures: three panels, one curve for each rival, on log scales.

Labels stand beside the curves' ends, moved apart where these are close. The colours are Okabe and
Ito's, which colour-blind people can tell apart; markers differ as well. The background is white,
not transparent, so that dark pages show the same picture.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

AXES = ("m", "n_x", "n_h")
TITLES = {"m": "examples m", "n_x": "inputs n_x", "n_h": "hidden units n_h"}
OURS = "shallownet"
INK, GRID = "#222222", "#e3e3e3"
SIZE, PIXELS_PER_INCH = (9.0, 3.9), 120  # a PNG below 150 kB; an SVG is sharp at any size
LABEL_GAP = 0.062  # of the panel's height: a line of text

Curves = dict[tuple[str, int], list[tuple[int, float]]]  # (rival, threads) -> (size, us per step)


class Style(NamedTuple):
    """How a rival's curve looks, and what it is called."""

    name: str
    colour: str
    marker: str


STYLES = {
    "shallownet": Style("shallownet", "#0072b2", "o"),
    "jax_jit": Style("JAX under jit", "#d55e00", "s"),
    "numpy_in_place": Style("NumPy in place", "#009e73", "^"),
    "torch_eager": Style("torch eager", "#cc79a7", "D"),
    "scikit_learn": Style("scikit-learn", "#e69f00", "v"),
}


def curves_along(report: dict[str, Any], dtype: str, axis: str) -> Curves:
    """Return the curves of one panel: the rows whose other two sizes are the middle's."""
    middle = report["middle"]
    others = [other for other in AXES if other != axis]
    found: Curves = {}
    for row in report["rows"]:
        if row["dtype"] == dtype and all(row[other] == middle[other] for other in others):
            point = (row[axis], row["us_per_step"])
            found.setdefault((row["rival"], row["threads"]), []).append(point)
    return {key: sorted(points) for key, points in found.items()}


def spread(wanted: list[float], gap: float) -> list[float]:
    """Return positions at least `gap` apart, in the same order, and near those wanted.

    Labels that would touch become a block of labels around the mean of what they wanted.
    """
    blocks: list[tuple[float, list[int]]] = []  # the lowest position of each, and its labels
    for k in sorted(range(len(wanted)), key=wanted.__getitem__):
        low, members = wanted[k], [k]
        while blocks and low < blocks[-1][0] + gap * len(blocks[-1][1]):
            members = blocks.pop()[1] + members
            low = sum(wanted[j] - gap * i for i, j in enumerate(members)) / len(members)
        blocks.append((low, members))
    positions = [0.0] * len(wanted)
    for low, members in blocks:
        for i, j in enumerate(members):
            positions[j] = low + gap * i
    return positions


def draw_growth(report: dict[str, Any], dtype: str, path: Path) -> None:
    """Write the picture of a report's curves in one dtype; the file's ending says which format."""
    import matplotlib
    from matplotlib.figure import Figure

    figure = Figure(figsize=SIZE, facecolor="white")
    panels = figure.subplots(1, len(AXES), sharey=True)
    figure.subplots_adjust(left=0.055, right=0.805, top=0.82, bottom=0.19, wspace=0.07)
    for axes, axis in zip(panels, AXES, strict=True):
        draw_panel(axes, axis, curves_along(report, dtype, axis), report["middle"])
    label_curves(panels[-1], curves_along(report, dtype, AXES[-1]))
    figure.text(0.012, 0.93, headline(report, dtype), fontsize=11.5, fontweight="bold", color=INK)
    figure.text(0.012, 0.025, footnote(report), fontsize=7, color="#666666")
    metadata = {"Date": None} if path.suffix == ".svg" else None
    with matplotlib.rc_context({"svg.hashsalt": "growth"}):
        figure.savefig(path, dpi=PIXELS_PER_INCH, metadata=metadata)


def draw_panel(axes: Any, axis: str, curves: Curves, middle: dict[str, int]) -> None:
    """Draw one panel's curves; ours lie on top, dashed where they have fewer threads."""
    most = max(threads for _, threads in curves)
    for (rival, threads), points in curves.items():
        style, ours = STYLES[rival], rival == OURS
        axes.loglog(
            *zip(*points, strict=True), color=style.colour, marker=style.marker, markersize=3.6,
            linewidth=2.2 if ours else 1.4, linestyle="-" if threads == most else "--",
            zorder=4 if ours else 3,
        )  # fmt: skip
    others = ", ".join(f"{other} = {middle[other]}" for other in AXES if other != axis)
    axes.set_title(others, fontsize=8.5, color="#666666", pad=4)
    axes.set_xlabel(TITLES[axis], color=INK)
    axes.grid(which="major", color=GRID, linewidth=0.8)
    axes.minorticks_off()
    for scale in (axes.xaxis, axes.yaxis):
        scale.set_major_formatter(lambda x, _: f"{x:g}" if x < 1e4 else f"{x / 1e3:g}k")
    axes.tick_params(colors=INK, labelsize=8.5, length=0)
    for side in ("top", "right", "left", "bottom"):
        axes.spines[side].set_visible(False)


def label_curves(axes: Any, curves: Curves) -> None:
    """Write each curve's name to the right of its end, with a line in its colour between them."""
    ends = {key: points[-1] for key, points in curves.items()}
    axes.autoscale_view()  # else the panel does not yet know its limits
    to_panel = axes.transData + axes.transAxes.inverted()
    at = {key: to_panel.transform(end) for key, end in ends.items()}
    heights = spread([float(y) for _, y in at.values()], LABEL_GAP)
    for (key, (x, y)), height in zip(at.items(), heights, strict=True):
        rival, threads = key
        style = STYLES[rival]
        line = {"color": style.colour, "linewidth": 1.0, "clip_on": False}
        axes.plot([x + 0.02, 1.06], [y, height], transform=axes.transAxes, **line)
        plural = "" if threads == 1 else "s"
        name = f"{style.name}, {threads} thread{plural}" if rival == OURS else style.name
        weight = "bold" if rival == OURS else "normal"
        axes.text(
            1.08, height, name, transform=axes.transAxes, fontsize=8.5, fontweight=weight,
            color=INK, verticalalignment="center",
        )  # fmt: skip


def headline(report: dict[str, Any], dtype: str) -> str:
    threads = max(row["threads"] for row in report["rows"])
    return f"Microseconds for one step of gradient descent, {dtype}, at most {threads} threads"


def footnote(report: dict[str, Any]) -> str:
    versions = ", ".join(report["versions"].values())
    return f"tanh, one sigmoid output, cross-entropy. {report['machine']['processor']}; {versions}"
