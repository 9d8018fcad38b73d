"""`animate`: the frames of the GIF, its last picture, and what it never overwrites."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import shallownet_native as sn
from shallownet_native.plotting import animation as room

animate = sn.plotting.animate


@pytest.fixture
def given() -> tuple[Any, Any, Any]:
    X, Y = sn.datasets.noisy_circles(60, seed=0)
    return sn.initialize(2, 3, 1, "glorot_uniform", seed=0), X, Y


@pytest.fixture
def moments(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What is drawn: the moments of each animation, quickly."""
    seen: list[Any] = []

    def frame(moment: Any, *_: Any) -> Any:
        seen.append(moment)
        return np.full((4, 4, 3), len(seen) % 256, np.uint8)

    monkeypatch.setattr(room, "_frame", frame)
    return seen


def test_animation_is_a_gif_of_the_training(given: Any, tmp_path: Path) -> None:
    from PIL import Image

    path = animate(*given, tmp_path / "a.gif", n_frames=4, n_iterations=200, learning_rate=1.0)
    assert path == str(tmp_path / "a.gif") and os.listdir(tmp_path) == ["a.gif"]
    with Image.open(path) as gif:
        assert gif.format == "GIF" and gif.n_frames == 5 and gif.info["loop"] == 0
        assert gif.info["duration"] == 100
        first = np.asarray(gif.convert("RGB")).astype(int)
        gif.seek(4)
        assert gif.info["duration"] == 1600
        last = np.asarray(gif.convert("RGB")).astype(int)
    assert np.abs(first - last).max(axis=2).mean() > 20, "the map has changed"
    result = sn.train(*given, n_iterations=200, learning_rate=1.0, cost_every=50)
    end = room._frame(room.Moment(200, result.parameters), result, given[1:], 120)
    assert np.abs(end.astype(int) - last).mean() < 3, "but for the colours that a GIF has"


def test_animation_frames_are_the_parameters_on_their_way(
    given: Any, moments: list[Any], tmp_path: Path
) -> None:
    start = given[0]
    animate(*given, tmp_path / "a.gif", n_frames=5, n_iterations=100, learning_rate=0.7)
    assert [moment.n_epochs for moment in moments] == [0, 21, 41, 61, 81, 100]
    assert np.array_equal(moments[0].parameters.flat, start.flat)
    for moment in moments[1:]:
        result = sn.train(*given, n_iterations=moment.n_epochs, learning_rate=0.7)
        assert moment.parameters == result.parameters


@pytest.mark.parametrize(
    ("options", "epochs"),
    [
        ({"n_epochs": 7, "batch_size": 20, "n_frames": 3}, [0, 3, 5, 7]),
        ({"n_iterations": 2, "n_frames": 9}, [0, 1, 2]),
        ({"n_iterations": 0}, [0]),
        ({"n_iterations": 40, "cost_every": 0, "n_frames": 2}, [0, 20, 40]),
        ({"n_iterations": 9, "validation": 0.2, "n_frames": 1}, [0, 9]),
    ],
)
def test_animation_has_as_many_frames_as_fit(
    options: Any, epochs: list[int], given: Any, moments: list[Any], tmp_path: Path
) -> None:
    animate(*given, tmp_path / "a.gif", seed=0, **options)
    assert [moment.n_epochs for moment in moments] == epochs


def test_animation_ends_with_what_early_stopping_kept(
    given: Any, moments: list[Any], tmp_path: Path
) -> None:
    options = {"validation": 0.3, "n_iter_no_change": 3, "learning_rate": 4.0, "seed": 0}
    result = sn.train(*given, n_iterations=400, **options)
    assert result.stopped_by == "early_stopping"
    animate(*given, tmp_path / "a.gif", n_iterations=400, **options)
    assert moments[-1].parameters == result.parameters
    assert moments[-1].n_epochs == result.n_epochs


@pytest.mark.parametrize(("n_x", "output"), [(1, "identity"), (2, "identity"), (2, "softmax")])
def test_animation_draws_every_kind(n_x: int, output: str, plane: Any, tmp_path: Path) -> None:
    X = plane[:n_x]
    Y = np.vstack([X[0] > 0, X[0] <= 0]) if output == "softmax" else X[:1] ** 2
    start = sn.initialize(n_x, 3, len(Y), "glorot_uniform", seed=0)
    options = {"output": output, "n_iterations": 20, "n_frames": 2, "validation": 0.2, "seed": 0}
    assert animate(start, X, Y, tmp_path / "a.gif", **options)


def test_animation_costs_grow_on_axes_of_one_size(given: Any, monkeypatch: Any) -> None:
    result = sn.train(*given, n_iterations=50, validation=0.2, early_stopping=False, seed=0)
    drawn = []
    draw = room._draw_costs

    def keep(ax: Any, *more: Any) -> None:
        draw(ax, *more)
        drawn.append(([len(line.get_xdata()) for line in ax.lines], ax.get_xlim(), ax.get_ylim()))

    monkeypatch.setattr(room, "_draw_costs", keep)
    for n in (0, 10, 50):
        room._frame(room.Moment(n, result.parameters), result, given[1:], 20)
    assert [lengths for lengths, *_ in drawn] == [[1], [11, 10], [50, 50]]
    assert len({limits for _, *limits in map(tuple, drawn) for limits in [tuple(limits)]}) == 1


PNG = b"\x89PNG\r\n\x1a\n" + bytes(99)


@pytest.mark.parametrize("content", [PNG, b"a diary", b"%PDF-1.4"], ids=["png", "text", "pdf"])
def test_animation_never_overwrites_another_file(
    content: bytes, given: Any, moments: list[Any], tmp_path: Path, refused: Any
) -> None:
    path = tmp_path / "a.gif"
    path.write_bytes(content)
    message = refused(FileExistsError, animate, *given, path, n_iterations=5)
    assert "not a picture of the kind gif" in message
    assert path.read_bytes() == content and not moments, "said before anything is trained"


def test_animation_replaces_a_gif(given: Any, moments: list[Any], tmp_path: Path) -> None:
    path = tmp_path / "a.gif"
    path.write_bytes(b"GIF89a, an older one")
    animate(*given, path, n_iterations=5)
    assert b"older" not in path.read_bytes()


def test_animation_of_a_divergence_writes_nothing(given: Any, tmp_path: Path) -> None:
    start, X, _ = given
    with pytest.raises(sn.DivergenceError) as caught:
        animate(start, X, X[:1], tmp_path / "a.gif", output="identity", learning_rate=1e200)
    assert caught.value.result.parameters.n_h == 3 and not list(tmp_path.iterdir())


def test_animation_refuses(given: Any, moments: list[Any], tmp_path: Path, refused: Any) -> None:
    both = (ValueError, TypeError)
    path = tmp_path / "a.gif"
    for wrong in ("a.png", "gif", tmp_path / "a.gif.txt"):
        assert "path must end in .gif" in refused(ValueError, animate, *given, wrong)
    for options, words in (
        ({"callback": print}, "animate takes no callback"),
        ({"n_frames": 0}, "n_frames must be >= 1"),
        ({"frames_per_second": 0}, "frames_per_second must be in (0, 50]"),
        ({"resolution": 1}, "resolution must be >= 2"),
        ({"speed": 1}, "unexpected keyword argument 'speed'"),
    ):
        assert words in refused(both, animate, *given, path, **options)
    wide = sn.initialize(3, 2, 1, seed=0)
    assert "animate draws models of one or two" in refused(both, animate, wide, *given[1:], path)
    assert "use X.T" in refused(both, animate, given[0], given[1].T, given[2], path)
    missing = tmp_path / "nowhere" / "a.gif"
    with pytest.raises(OSError, match="nowhere"):
        animate(*given, missing, n_iterations=2)
    assert not list(tmp_path.iterdir())
