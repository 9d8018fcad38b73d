"""`network_diagram`: units as circles, weights as lines, their sizes as widths and colours."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from .._native.arrays import Doubles
from ..models import View, view_of
from ..network import layers_of
from .canvas import axes_on, check_axes, diverging, part, shaded

MOST_LINES = 50_000  # of more weights, the strongest are drawn
MOST_NAMED = 40  # units of a layer with a name beside each
WIDEST = 5.0  # points, of the strongest weight


def network_diagram(
    model: Any, *, ax: Any = None, feature_names: Iterable[str] | None = None
) -> Any:
    """Draw a network: its units in layers, and every weight as a line between two of them.

    The larger a weight, the wider its line; blue is negative, orange positive. Biases fill their
    units likewise. Each layer has its own scale, to its largest weight, which stands below, and to
    its largest bias: weights of different inputs and layers have different units.

    Parameters
    ----------
    model : Parameters, TrainingResult, or fitted estimator or Pipeline
        Of a Pipeline the network at its end; its inputs are what the steps before it hand over.
    ax : matplotlib Axes, optional
        Where to draw; by default in a new figure.
    feature_names : iterable of str, optional
        Names of the inputs of the network. By default those that an estimator was fitted to, else
        x1, x2 and so on.

    Returns
    -------
    matplotlib Axes
        Names are left out where they would not fit, and in layers of more than 40 units; of more
        than 50,000 weights the strongest are drawn, and the title says so.

    Raises
    ------
    TypeError
        If `model`, `ax` or `feature_names` is something else.
    ValueError
        If there are more or fewer names than inputs, or the model is no fitted network.
    MissingPackageError
        If matplotlib is not installed (extra "plot").

    Examples
    --------
    >>> import shallownet_native as sn
    >>> start = sn.initialize(2, 3, 1, "glorot_uniform", seed=0)
    >>> ax = sn.plotting.network_diagram(start, feature_names=["age", "income"])
    >>> [text.get_text() for text in ax.texts]
    ['age', 'income', '1', '2', '3', 'y', 'up to 1.06', 'up to 0.562']
    """
    check_axes(ax)
    view = view_of(model)
    layers = _names(view, feature_names)
    matrices = [W.astype(np.float64) for W, _ in layers_of(view.network)]
    biases = [b[:, 0].astype(np.float64) for _, b in layers_of(view.network)]
    ax = axes_on(ax, (6.4, 4.8))
    norm = part("colors").Normalize(-1, 1)
    places = [_places(len(names), depth) for depth, names in enumerate(layers)]
    is_whole = _draw_lines(ax, places, matrices, norm)
    points_high = ax.get_window_extent().height / ax.figure.dpi * 72
    for depth, (names, middles) in enumerate(zip(layers, places, strict=True)):
        colours: Any = "white" if depth == 0 else shaded()(norm(_scaled(biases[depth - 1])))
        width = float(np.clip(0.7 * points_high / len(names), 2, 20))
        ax.scatter(*middles.T, s=width**2, c=colours, edgecolors="black", linewidths=0.6, zorder=3)
        is_end = depth in (0, len(layers) - 1)
        if len(names) <= MOST_NAMED and (is_end or width >= 10):
            side = "center" if not is_end else "right" if depth == 0 else "left"
            _write_names(ax, names, middles, side, width / 2 + 3)
    for depth, W in enumerate(matrices):
        words = f"up to {np.abs(W).max():.3g}"
        ax.text(depth + 0.5, -0.6, words, ha="center", va="center", fontsize=8, color="0.3")
    scale = part("cm").ScalarMappable(norm, diverging())
    label = "part of the layer's largest"
    ax.figure.colorbar(scale, ax=ax, label=label, fraction=0.04, pad=0.02)
    sizes = " - ".join(str(len(names)) for names in layers)
    ax.set(title=sizes if is_whole else f"{sizes}: the {MOST_LINES:,} strongest weights")
    ax.set(xlim=(-0.45, len(layers) - 0.55), ylim=(-0.66, 0.58))
    ax.set_axis_off()
    return ax


def input_names(view: View, feature_names: Iterable[str] | None) -> list[str]:
    """Return the given names of the inputs of a network, or those it has."""
    known, _ = view.network_names
    if feature_names is None:
        return known
    if isinstance(feature_names, str) or not isinstance(feature_names, Iterable):
        raise TypeError(f"feature_names must be a list of names, got {feature_names!r}")
    given = [str(name) for name in feature_names]
    if len(given) != len(known):
        raise ValueError(
            f"feature_names must be one for each of the {len(known)} inputs of the network, "
            f"got {len(given)}"
        )
    return given


def _names(view: View, feature_names: Iterable[str] | None) -> list[list[str]]:
    """Return the names of the units, layer by layer."""
    inputs, outputs = input_names(view, feature_names), view.network_names[1]
    hidden = [str(unit + 1) for unit in range(view.network.n_h)]
    return [inputs, *([hidden] if hidden else []), outputs]


def _scaled(values: Doubles) -> Doubles:
    """Return values as parts of the largest, whatever its sign."""
    return values / (np.abs(values).max() or 1.0)


def _places(n: int, depth: int) -> Doubles:
    """Return the middles (n, 2) of a layer's units, the first one on top."""
    heights = np.array([0.0]) if n == 1 else np.linspace(0.5, -0.5, n) * min(1.0, n / 4)
    return np.column_stack((np.full(n, float(depth)), heights))


def _draw_lines(ax: Any, places: list[Doubles], matrices: list[Doubles], norm: Any) -> bool:
    """Draw weights as lines, the strongest on top; return whether all of them are there."""
    segments, weights = [], []
    for depth, W in enumerate(matrices):
        units, inputs = np.indices(W.shape).reshape(2, -1)
        segments.append(np.stack((places[depth][inputs], places[depth + 1][units]), axis=1))
        weights.append(_scaled(W).ravel())
    every, lines = np.concatenate(weights), np.concatenate(segments)
    order = np.argsort(np.abs(every), kind="stable")[-MOST_LINES:]
    widths = WIDEST * np.abs(every[order])
    colours = diverging()(norm(every[order]))
    colours[:, 3] = 0.25 + 0.75 * np.abs(every[order])
    kind = part("collections").LineCollection
    ax.add_collection(kind(lines[order], linewidths=np.maximum(widths, 0.2), colors=colours))
    return every.size <= MOST_LINES


def _write_names(ax: Any, names: list[str], middles: Doubles, side: str, points: float) -> None:
    """Write names: of inputs so far on their left, of outputs on their right, of others inside."""
    aside = ({"right": -points, "left": points, "center": 0.0}[side], 0.0)
    size = float(np.clip(220 / len(names), 5, 10))
    for (x, y), name in zip(middles, names, strict=True):
        ax.annotate(
            name,
            (x, y),
            aside,
            textcoords="offset points",
            ha=side,
            va="center",
            fontsize=size,
            zorder=4,
        )
