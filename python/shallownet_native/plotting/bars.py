"""`importance`: a bar for each input of a network, the longest on top."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from .._messages.wording import cut, did_you_mean, quoted
from .._native.arrays import Doubles, check_integer
from ..diagnosis import importance as importance_of
from ..models import View, view_of
from .canvas import BLUE, ORANGE, axes_on, check_axes, class_colours
from .diagram import input_names

MOST_INPUTS, MOST_BARS = 25, 100  # of more, the largest are drawn
MOST_OUTPUTS = 10
LONGEST = 40  # letters of a name
LABELS = {
    "olden": "sum of products of weights (olden)",
    "garson": "share of the units' weights (garson)",
    "gradient": "mean size of the output's slope (gradient)",
}


def importance(
    model: Any,
    method: str = "olden",
    X: Any = None,
    *,
    output: int | str | None = None,
    ax: Any = None,
    feature_names: Iterable[str] | None = None,
) -> Any:
    """Draw how much each input matters to a network: bars, the longest on top.

    The numbers are those of `shallownet_native.importance`, which says what they mean and when they
    mislead. Of one output, bars of "olden" are orange where a larger input raises it and blue
    where it lowers it, by the weights; several outputs have a colour each.

    Parameters
    ----------
    model : Parameters, TrainingResult, or fitted estimator or Pipeline
        Of a Pipeline the network at its end; its inputs are what the steps before it hand over.
    method : {"olden", "garson", "gradient"}, default "olden"
    X : array_like, optional
        Examples in the model's own orientation, for "gradient".
    output : int or str, optional
        The number, from 0, or the name of the output to draw; by default all, which must not be
        more than 10.
    ax : matplotlib Axes, optional
        Where to draw; by default in a new figure that is as high as the bars are many.
    feature_names : iterable of str, optional
        Names of the inputs of the network. By default those that an estimator was fitted to, else
        x1, x2 and so on.

    Returns
    -------
    matplotlib Axes
        At most 25 inputs, and 100 bars, are drawn; of more the largest, and the title says so.
        Several outputs' bars are sorted by the longest of each input.

    Raises
    ------
    TypeError, ValueError
        As `shallownet_native.importance`; also if `ax`, `feature_names` or `output` is something
        else, or `output` is missing and there are more than 10.
    MissingPackageError
        If matplotlib is not installed (extra "plot").

    Examples
    --------
    >>> import shallownet_native as sn
    >>> P = sn.Parameters([[1.0, -2.0], [3.0, 1.0]], [[0.0]] * 2, [[2.0, -1.0]], [[0.0]])
    >>> ax = sn.plotting.importance(P, feature_names=["age", "income"])
    >>> [float(bar.get_width()) for bar in ax.patches]
    [-5.0, -1.0]
    >>> [tick.get_text() for tick in ax.get_yticklabels()]
    ['income', 'age']
    """
    check_axes(ax)
    scores = importance_of(model, method, X)
    view = view_of(model, X)
    inputs = input_names(view, feature_names)
    scores, outputs = _chosen(scores, view, output)
    n_shown = min(len(inputs), MOST_INPUTS, MOST_BARS // len(outputs))
    order = np.argsort(-np.abs(scores).max(axis=0), kind="stable")[:n_shown]
    height = 0.8 + n_shown * max(0.24, 0.11 * len(outputs))
    ax = axes_on(ax, (6.4, max(2.4, height)))
    _draw_bars(ax, scores[:, order], outputs, is_signed=method == "olden")
    names = [cut(inputs[i], LONGEST) for i in order]
    ax.set_yticks(np.arange(n_shown), names, parse_math=False)
    ax.set(ylim=(n_shown - 0.5, -0.5), xlabel=LABELS[method])
    words = outputs if len(outputs) == 1 else [f"{len(outputs)} outputs"]
    if n_shown < len(inputs):
        words = [*words, f"the {n_shown} largest of {len(inputs):,} inputs"]
    ax.set_title(": ".join(words), parse_math=False)
    return ax


def _chosen(scores: Doubles, view: View, output: int | str | None) -> tuple[Doubles, list[str]]:
    """Return the rows of the outputs to draw, and what these are called."""
    _, names = view.network_names
    if output is None:
        if len(names) > MOST_OUTPUTS:
            raise ValueError(
                f"{view.name} has {len(names)} outputs, and at most {MOST_OUTPUTS} are drawn "
                f"together: choose one, such as output={names[0]!r}"
            )
        return scores, [cut(name, LONGEST) for name in names]
    if isinstance(output, str):
        if output not in names:
            hint = did_you_mean(output, names)
            raise ValueError(
                f"output must be a name or number of an output of {view.name}, got "
                f"{quoted(output)}: {hint or 'they are called ' + cut(', '.join(names), 200)}"
            )
        k = names.index(output)
    else:
        k = check_integer(output, "output", 0, len(names) - 1)
    return scores[k : k + 1], [cut(names[k], LONGEST)]


def _draw_bars(ax: Any, scores: Doubles, outputs: list[str], *, is_signed: bool) -> None:
    """Draw scores (n_y, n), the first of each group on top."""
    n_y, n = scores.shape
    thickness = 0.8 / n_y
    for k, (row, name, colour) in enumerate(zip(scores, outputs, _colours(n_y), strict=True)):
        places = np.arange(n) + (k - (n_y - 1) / 2) * thickness
        colours: Any = colour
        if n_y == 1 and is_signed:
            colours = [ORANGE if score > 0 else BLUE for score in row]
        ax.barh(places, row, thickness, color=colours, label=name)
    ax.axvline(0, color="0.3", linewidth=0.8)
    if n_y > 1:
        legend = ax.legend(fontsize=8, framealpha=0.85, loc="lower right")
        for text in legend.get_texts():
            text.set_parse_math(False)


def _colours(n_y: int) -> Any:
    """Return a colour for each output; that of one has nothing to do with a sign."""
    return class_colours(n_y) if n_y > 1 else class_colours(3)[2:]
