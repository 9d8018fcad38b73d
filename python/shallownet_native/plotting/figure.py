"""The demo's picture: learning curves of real sets, and the flower's decision boundary.

Uses matplotlib's figures without its state: no backend is chosen for the rest of the process.
"""

from __future__ import annotations

import io
import os
from collections.abc import Sequence
from typing import Any

from .._extras.importing import import_optional
from .._native.arrays import Doubles
from ..files import in_chunks, picture_file, replace_file
from ..network import Parameters
from .boundary import decision_boundary
from .curve import learning_curve


def check_format(path: str) -> None:
    """Raise ValueError, before there is anything to draw, if the ending is no picture's.

    Also MissingPackageError if matplotlib is not installed.
    """
    known = _new_figure(1).canvas.get_supported_filetypes()
    if os.path.splitext(path)[1].removeprefix(".").lower() not in known:
        raise ValueError(f"{path}: end it in .png or another of {', '.join(sorted(known))}")


def draw(
    path: str,
    trained: Sequence[tuple[str, Any]],
    flower: tuple[Parameters, Doubles, Doubles],
) -> None:
    """Write a picture with one panel per learning curve and one with the flower.

    Parameters
    ----------
    path : str
        File to write, in place of a picture of its kind or of none; its ending says in which
        format.
    trained : sequence of (str, TrainingResult or fitted estimator)
        Titles, and whose learning curves to draw.
    flower : (Parameters, X, Y)
        A trained network of two inputs, and the points (2, m) and classes (1, m) to draw.
    """
    figure = _new_figure(len(trained) + 1)
    *for_curves, for_flower = figure.subplots(1, len(trained) + 1, squeeze=False)[0]
    for axes, (title, model) in zip(for_curves, trained, strict=True):
        learning_curve(model, ax=axes, log=True).set_title(title)
    decision_boundary(*flower, ax=for_flower)
    for_flower.set(title="flower: probability and decision boundary", aspect="equal")
    drawn = io.BytesIO()
    figure.savefig(drawn, dpi=110, format=os.path.splitext(path)[1].removeprefix(".").lower())
    replace_file(path, in_chunks(drawn.getvalue()), picture_file(path))


def _new_figure(n_panels: int) -> Any:
    figures = import_optional("matplotlib.figure", extra="demo", purpose="the demo's picture")
    return figures.Figure(figsize=(5.0 * n_panels, 4.4), layout="constrained")
