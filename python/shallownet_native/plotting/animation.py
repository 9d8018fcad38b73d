"""`animate`: a training as a moving picture, a GIF written by Pillow."""

from __future__ import annotations

import io
import os
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np

from .._extras.importing import import_optional
from .._native.arrays import check_integer, check_real
from ..files import check_replaceable, in_chunks, picture_file, replace_file
from ..models import check_few_inputs, view_of
from ..network import Parameters
from ..training import EpochState, TrainingResult, train
from .boundary import decision_boundary
from .canvas import check_axes, part
from .curve import learning_curve
from .trainings import rhythm

SIZE, DPI = (8.6, 3.9), 80  # inches, dots per inch
HOLD = 1.5  # seconds that the last frame stays longer


class Moment(NamedTuple):
    """A model on its way."""

    n_epochs: int
    parameters: Parameters


def animate(
    parameters: Parameters,
    X: Any,
    Y: Any,
    path: str | os.PathLike[str],
    *,
    n_frames: int = 40,
    frames_per_second: float = 10.0,
    resolution: int = 120,
    **training: Any,
) -> str:
    """Train a network and write a GIF of how its decision boundary and its costs go.

    Parameters
    ----------
    parameters : Parameters
        Where to start, of one or two inputs.
    X, Y : array_like, shapes (n_x, m), (n_y, m)
        As `train` takes them.
    path : str or os.PathLike
        File to write, ending in .gif; an older GIF is replaced, and nothing else is.
    n_frames : int, default 40
        Moments to draw besides the start, spread evenly over the training; fewer if it is shorter.
    frames_per_second : float, default 10.0
        The last frame stays for 1.5 seconds more, and then it begins again.
    resolution : int, default 120
        Points along each side of a map.
    **training
        Options of `train`: learning_rate, n_iterations and so on; not callback, and cost_every
        follows from the number of frames.

    Returns
    -------
    str
        The path.

    Raises
    ------
    TypeError, ValueError
        As `train` and `decision_boundary`, or if the path does not end in .gif.
    FileExistsError
        If there is a file that is no GIF: it is left as it is, before anything is trained.
    DivergenceError, TrainingInterrupted
        As `train`; nothing is written then.
    OSError
        If the file cannot be written.
    MissingPackageError
        If matplotlib or Pillow is not installed (extra "plot").

    Examples
    --------
    >>> import os, tempfile
    >>> import shallownet_native as sn
    >>> X, Y = sn.datasets.noisy_circles(seed=0)
    >>> start = sn.initialize(2, 4, 1, seed=0)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = sn.plotting.animate(
    ...         start, X, Y, os.path.join(folder, "circles.gif"), n_frames=3, n_iterations=300
    ...     )
    ...     os.path.basename(path), os.path.getsize(path) > 1000
    ('circles.gif', True)
    """
    import_optional("PIL", extra="plot", purpose="sn.plotting")
    check_axes(None)
    path = _check_path(path)
    seconds = 1 / check_real(frames_per_second, "frames_per_second", "(0, 50]")
    check_integer(resolution, "resolution", 2, 1000)
    check_few_inputs(view_of(parameters), "animate")
    moments, result = _train(parameters, X, Y, check_integer(n_frames, "n_frames"), training)
    frames = [_frame(moment, result, (X, Y), resolution) for moment in moments]
    replace_file(path, in_chunks(_gif(frames, seconds)), picture_file(path))
    return path


def _check_path(path: str | os.PathLike[str]) -> str:
    """Return the path as a str if a GIF may be written there."""
    name = os.fspath(path)
    if not str(name).lower().endswith(".gif"):
        raise ValueError(f"path must end in .gif, got {name!r}")
    check_replaceable(name, picture_file(name))
    return name


def _train(
    parameters: Parameters, X: Any, Y: Any, n_frames: int, training: dict[str, Any]
) -> tuple[list[Moment], TrainingResult]:
    """Train, and return the moments to draw, the start and the end among them."""
    if "callback" in training:
        raise TypeError("animate takes no callback: it has one of its own")
    length = training.get("n_epochs" if training.get("batch_size") else "n_iterations")
    n_epochs = length if isinstance(length, int) else 200 if training.get("batch_size") else 1000
    kept: list[Moment] = []

    def keep(state: EpochState) -> None:
        n_done = state.epoch + 1
        if n_done * n_frames >= (len(kept) + 1) * n_epochs:
            kept.append(Moment(n_done, state.parameters))

    options = {**rhythm(training, n_frames), **training}
    result = train(parameters, X, Y, **options, callback=keep)
    units = result.parameters.known_units._asdict()
    start = Moment(0, Parameters(*parameters, **units))
    end = Moment(result.n_epochs, result.parameters)
    between = [moment for moment in kept if moment.n_epochs < result.n_epochs]
    return [start, *between, *([end] if result.n_epochs else [])], result


def _frame(moment: Moment, result: TrainingResult, data: tuple[Any, Any], resolution: int) -> Any:
    """Draw the model of a moment, and the costs until then."""
    figure = part("figure").Figure(figsize=SIZE, dpi=DPI)
    canvas = part("backends.backend_agg").FigureCanvasAgg(figure)
    left, right = figure.subplots(1, 2, width_ratios=(1.15, 1))
    figure.subplots_adjust(left=0.08, right=0.98, bottom=0.14, top=0.9, wspace=0.28)
    decision_boundary(moment.parameters, *data, ax=left, resolution=resolution)
    n_steps = moment.n_epochs * result.n_iterations // max(result.n_epochs, 1)
    left.set_title(f"after {n_steps} iterations")
    _draw_costs(right, result, n_steps)
    canvas.draw()
    return np.asarray(canvas.buffer_rgba())[..., :3].copy()


def _draw_costs(ax: Any, result: TrainingResult, n_steps: int) -> None:
    """Draw the costs up to a step, on axes that all of them fit into."""
    seen = result.cost_iterations <= n_steps
    looked = result.validation_iterations <= n_steps
    until = replace(
        result,
        costs=result.costs[seen],
        cost_iterations=result.cost_iterations[seen],
        validation_costs=result.validation_costs[looked],
        validation_iterations=result.validation_iterations[looked],
        best_epoch=None,
    )
    if seen.any() or looked.any():
        learning_curve(until, ax=ax)
    every = np.concatenate((result.costs, result.validation_costs))
    every = every[np.isfinite(every)]
    if every.size:
        margin = 0.05 * float(np.ptp(every)) or 0.5
        ax.set_ylim(float(every.min()) - margin, float(every.max()) + margin)
    ax.set_xlim(0, max(result.n_iterations, 1))


def _gif(frames: list[Any], seconds: float) -> bytes:
    """Return frames (height, width, 3) as the bytes of a GIF that runs for ever."""
    pillow = import_optional("PIL.Image", extra="plot", purpose="sn.plotting")
    images = [pillow.fromarray(frame).quantize(128) for frame in frames]
    lengths = [round(1000 * seconds)] * (len(images) - 1) + [round(1000 * (seconds + HOLD))]
    written = io.BytesIO()
    first, *others = images
    first.save(
        written, "GIF", save_all=True, append_images=others, duration=lengths, loop=0, disposal=1
    )
    return written.getvalue()
